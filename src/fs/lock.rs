//! Locks between processes.
//!
//! In: the path of a lock file. Out: a [`Lock`], or the word that somebody else holds it.
//! Never here: a lock that outlives its process, or a lock file that is removed.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::private;
use crate::env::Deadline;

/// An advisory lock held by the kernel for this process: it is gone the moment the process is, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Waits for the lock until `deadline`; `None` when somebody else still holds it then.
    ///
    /// The lock file stays when the lock is dropped: removing it would let two processes hold "the" lock.
    ///
    /// # Errors
    /// The lock file cannot be created.
    pub fn acquire(path: &Path, deadline: Deadline) -> Result<Option<Self>> {
        let file = private::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot open the lock {}", path.display()))?;
        if deadline.left().is_none() {
            file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
            return Ok(Some(Self { file }));
        }
        let mut pause = Duration::from_micros(200);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { file })),
                Err(TryLockError::WouldBlock) if deadline.passed() => return Ok(None),
                Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }

    /// Whether its last holder died while it was [marked](Self::mark).
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.file.metadata().is_ok_and(|meta| meta.len() > 0)
    }

    /// Marks a part of the work that leaves something behind when its process dies in it; `false`: it is over.
    ///
    /// # Errors
    /// The lock file cannot be written.
    pub fn mark(&self, on: bool) -> Result<()> {
        self.file.set_len(u64::from(on)).context("cannot mark the lock file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_outlives_the_one_who_made_it() {
        let dir = tempfile::tempdir().unwrap();
        let lock = || Lock::acquire(&dir.path().join("lock"), Deadline::NONE).unwrap().unwrap();
        let first = lock();
        assert!(!first.is_marked());
        first.mark(true).unwrap();
        drop(first);
        let second = lock();
        assert!(second.is_marked());
        second.mark(false).unwrap();
        drop(second);
        assert!(!lock().is_marked());
    }

    #[test]
    fn a_lock_that_is_held_is_not_waited_for_beyond_the_deadline() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = Lock::acquire(&path, Deadline::NONE).unwrap();
        assert!(Lock::acquire(&path, Deadline::after(Duration::from_millis(5))).unwrap().is_none());
        drop(held);
        assert!(Lock::acquire(&path, Deadline::after(Duration::from_millis(5))).unwrap().is_some());
    }
}
