//! Commits that are looked through.
//!
//! In: git's configuration (`blame.ignoreRevsFile`). Out: the ids that the files list. Never here: a refusal because a
//! file is not there: many people name one for all their repositories, of which few have it.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Result, bail};
use gix::ObjectId;

use crate::fs;

/// Some 10,000 commits.
const LIMIT: u64 = 1 << 20;

/// What the files list that are named in the configuration; paths are relative to `top`.
///
/// # Errors
/// A file cannot be read, or a line of it is no full commit id.
pub(super) fn listed(repo: &gix::Repository, top: &Path) -> Result<HashSet<ObjectId>> {
    let mut found = HashSet::new();
    let config = repo.config_snapshot();
    let named = config.plumbing().strings("blame.ignoreRevsFile").unwrap_or_default();
    // Of the last one the library says where it is when it begins with `~`; two of them are rare enough.
    let of_last = config.trusted_path("blame.ignoreRevsFile").ok().flatten();
    for (nth, name) in named.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let path = of_last.clone().filter(|_| nth + 1 == named.len()).unwrap_or_else(|| name.to_string().into());
        let path = top.join(path);
        if let Some(bytes) = fs::read(&path, LIMIT)? {
            read(&bytes, &path, &mut found)?;
        }
    }
    Ok(found)
}

fn read(bytes: &[u8], path: &Path, found: &mut HashSet<ObjectId>) -> Result<()> {
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let id = line.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii();
        if id.is_empty() {
            continue;
        }
        match ObjectId::from_hex(id) {
            Ok(id) => found.insert(id),
            Err(_) => bail!("cannot use {}: line {number} is not a full commit id", path.display()),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_id_a_line_with_remarks() {
        let mut found = HashSet::new();
        let text = format!("# reformatted\n\n{} # twice\r\n  {}\n", "a".repeat(40), "b".repeat(40));
        read(text.as_bytes(), Path::new("revs"), &mut found).unwrap();
        assert_eq!(found.len(), 2);
        let error = read(b"\nHEAD\n", Path::new("revs"), &mut found).unwrap_err().to_string();
        assert_eq!(error, "cannot use revs: line 2 is not a full commit id");
    }
}
