//! One file takes another's place, whatever the system thinks of replacing a program that runs.
//!
//! In: the new file, the place, and where an old one may be moved aside. Out: the new file in its place, or the old one
//! still or again there; and if even that failed, the word that it did.
//! Never here: a copy over a file that runs: macOS kills what it finds changed, and Linux refuses.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::time::Duration;

use crate::fs::program;

/// What the disk does. Tests have one that refuses, as Windows does.
pub trait Disk {
    /// Renames, replacing what has the name.
    ///
    /// # Errors
    /// As the system says.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;

    /// How often a rename is tried that something is in the way of for a moment.
    fn tries(&self) -> u32 {
        1
    }
}

/// The real one.
#[derive(Debug, Clone, Copy)]
pub struct Real;

impl Disk for Real {
    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        program::shift(from, to)
    }

    fn tries(&self) -> u32 {
        // A virus scanner reads what is new.
        if cfg!(windows) { 5 } else { 1 }
    }
}

/// How a swap failed.
#[derive(Debug)]
pub enum Failed {
    /// The old file is in its place.
    Unchanged(Error),
    /// Neither is: the old one lies aside, and could not be put back.
    Lost {
        /// Why the new one is not there.
        error: Error,
        /// Why the old one is not.
        back: Error,
    },
}

/// The pause before a rename is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// Puts `new` in the place of `old`. Windows does not replace a program that runs, but renames it: there it is moved
/// `aside` first, to be removed when it has ended.
///
/// # Errors
/// See [`Failed`].
pub fn swap(disk: &dyn Disk, new: &Path, old: &Path, aside: Option<&Path>) -> std::result::Result<(), Failed> {
    let error = match patiently(disk, new, old) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    let Some(aside) = aside.filter(|_| is_in_use(&error)) else { return Err(Failed::Unchanged(error)) };
    patiently(disk, old, aside).map_err(Failed::Unchanged)?;
    patiently(disk, new, old).map_err(|error| match patiently(disk, aside, old) {
        Ok(()) => Failed::Unchanged(error),
        Err(back) => Failed::Lost { error, back },
    })
}

/// Windows says "access denied" of a program that runs, and names a sharing violation while a scanner reads it.
fn is_in_use(error: &Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ResourceBusy)
        || error.raw_os_error() == Some(SHARING_VIOLATION)
}

fn patiently(disk: &dyn Disk, from: &Path, to: &Path) -> Result<()> {
    for _ in 1..disk.tries() {
        match disk.rename(from, to) {
            Err(error) if is_in_use(&error) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    disk.rename(from, to)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::PathBuf;

    use super::*;

    /// A disk that does not replace a file that runs, and whose nth rename of all fails if it is told to.
    struct Stubborn {
        runs: PathBuf,
        fails: Vec<usize>,
        renames: RefCell<usize>,
    }

    impl Disk for Stubborn {
        fn rename(&self, from: &Path, to: &Path) -> Result<()> {
            let nth = self.renames.replace_with(|count| *count + 1);
            if self.fails.contains(&nth) || (to == self.runs && to.exists()) {
                return Err(ErrorKind::PermissionDenied.into());
            }
            std::fs::rename(from, to)
        }
    }

    fn tried(fails: &[usize], aside: bool) -> (String, Option<String>) {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("program"), "old").unwrap();
        std::fs::write(path("new"), "new").unwrap();
        let disk = Stubborn { runs: path("program"), fails: fails.to_vec(), renames: RefCell::default() };
        let moved = path("old-1");
        let done = swap(&disk, &path("new"), &path("program"), aside.then_some(&*moved));
        let said = match done {
            Ok(()) => "done",
            Err(Failed::Unchanged(_)) => "unchanged",
            Err(Failed::Lost { .. }) => "lost",
        };
        (said.to_owned(), std::fs::read_to_string(path("program")).ok())
    }

    #[test]
    fn a_program_that_runs_is_moved_aside_and_comes_back_when_the_new_one_cannot_come() {
        let check = |fails: &[usize], aside: bool, said: &str, there: Option<&str>| {
            assert_eq!(tried(fails, aside), (said.to_owned(), there.map(str::to_owned)), "{fails:?} {aside}");
        };
        check(&[], true, "done", Some("new"));
        check(&[], false, "unchanged", Some("old"));
        // The second rename moves aside, the third brings the new one, the fourth brings the old one back.
        check(&[1], true, "unchanged", Some("old"));
        check(&[2], true, "unchanged", Some("old"));
        check(&[2, 3], true, "lost", None);
    }

    #[test]
    fn elsewhere_one_rename_does_it() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (dir.path().join("new"), dir.path().join("old"));
        std::fs::write(&new, "new").unwrap();
        std::fs::write(&old, "old").unwrap();
        swap(&Real, &new, &old, None).unwrap();
        assert_eq!(std::fs::read(&old).unwrap(), b"new");
        assert!(matches!(swap(&Real, &new, &old, None), Err(Failed::Unchanged(_))));
    }
}
