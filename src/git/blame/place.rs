//! Which file of the repository a path names.
//!
//! In: a path as a person types it, and where they are. Out: the path relative to the top, as git stores it. Never here: a
//! path that leads out of the repository.

use std::path::{Component, Path, PathBuf};

use super::lines::Unblamed;
use crate::fs;

/// The paths that may be meant: seen from the working directory first, then from the top.
///
/// # Errors
/// None of them is inside.
pub(super) fn candidates(top: &Path, cwd: &Path, text: &str) -> Result<Vec<Vec<u8>>, Unblamed> {
    let real = fs::canonical(cwd);
    let mut found: Vec<Vec<u8>> = Vec::new();
    for base in [real.as_path(), top] {
        let full = base.join(text);
        let inside = inside(top, &full).or_else(|| {
            // A directory may be reached by a link, as `/tmp` is on macOS.
            let parent = dunce::canonicalize(full.parent()?).ok()?;
            inside(top, &parent.join(full.file_name()?))
        });
        if let Some(path) = inside.filter(|path| !found.contains(path)) {
            found.push(path);
        }
    }
    if found.is_empty() { Err(Unblamed::Outside(text.to_owned())) } else { Ok(found) }
}

/// The path below the top, without `.` and `..`, empty for the top itself; `None` if it is not below.
fn inside(top: &Path, full: &Path) -> Option<Vec<u8>> {
    let mut plain = PathBuf::new();
    for component in full.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    let below = plain.strip_prefix(top).ok()?;
    Some(gix::path::to_unix_separators_on_windows(gix::path::into_bstr(below).ok()?).into_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_here_first_and_never_leads_out() {
        let dir = tempfile::tempdir().unwrap();
        let top = fs::canonical(dir.path());
        std::fs::create_dir_all(top.join("src/net")).unwrap();
        let check = |cwd: &str, text: &str, expected: &[&str]| {
            let found = candidates(&top, &top.join(cwd), text).unwrap_or_default();
            let found: Vec<String> = found.into_iter().map(|path| String::from_utf8(path).unwrap()).collect();
            assert_eq!(found, expected, "{text} from {cwd}");
        };
        check("", "a.rs", &["a.rs"]);
        check("src", "a.rs", &["src/a.rs", "a.rs"]);
        check("src/net", "../a.rs", &["src/a.rs"]);
        // Before a colon stands a drive on Windows.
        if !cfg!(windows) {
            check("src", "./net/../a:1.rs", &["src/a:1.rs", "a:1.rs"]);
        }
        check("", "../a.rs", &[]);
        check("", "src/../../a.rs", &[]);
        check("", ".", &[""]);
        check("", "/etc/passwd", &[]);
        check("src", top.join("a.rs").to_str().unwrap(), &["a.rs"]);
    }
}
