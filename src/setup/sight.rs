//! Whether git sees the journal.
//!
//! In: the journal's folder. Out: what git itself says of it, whichever of its many ignore files speaks.
//! Never here: a guess from one of those files.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::process;

/// How long git may take; it reads its index and a few small files.
const LIMIT: Duration = Duration::from_secs(10);

/// How git sees a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It is ignored.
    Hidden,
    /// What is in it can be committed.
    Visible,
    /// Something in it is in the index, so that changes are committed whatever is ignored.
    Tracked,
}

/// Asks git about a folder in a work tree, whether it exists or not.
///
/// # Errors
/// git is not there, or refuses to work in this repository.
pub fn sight(folder: &Path) -> Result<Sight> {
    let Some(dir) = folder.ancestors().skip(1).find(|dir| dir.is_dir()) else {
        bail!("{} is nowhere", folder.display())
    };
    let git = |args: &[&str]| {
        let mut command = process::command("git");
        command.args(args).arg("--").arg(folder.join("entries")).current_dir(dir);
        process::run(&mut command, LIMIT)
    };
    let tracked = git(&["--literal-pathspecs", "ls-files", "--cached"])?;
    let ignored = git(&["check-ignore", "--quiet"])?;
    // 1, without a word, means that it is not ignored; a word that git could not tell.
    if !tracked.success || !ignored.success && !ignored.stderr.is_empty() {
        let words = [tracked.stderr, ignored.stderr].concat();
        bail!("git cannot tell whether it sees {}: {}", folder.display(), String::from_utf8_lossy(&words).trim());
    }
    Ok(match (tracked.stdout.is_empty(), ignored.success) {
        (false, _) => Sight::Tracked,
        (true, true) => Sight::Hidden,
        (true, false) => Sight::Visible,
    })
}
