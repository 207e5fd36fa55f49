//! The log: what went wrong where nobody was watching.
//!
//! In: an instant, a part of the program and a message. Out: lines appended to `log` in the state directory, and the
//! newest of them for `doctor`.
//! Never here: secrets (messages name files and causes, not contents), or a failure: a log that cannot be written is
//! given up silently, because a commit is waiting.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use crate::fs;

/// The log is moved aside as `log.1` when it has grown to this many bytes.
const ROTATE_AT: u64 = 256 << 10;

/// The log of one repository.
#[derive(Debug, Clone)]
pub struct Log {
    path: PathBuf,
}

impl Log {
    /// The log in a repository's state directory.
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self { path: state.join("log") }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one line: `2026-01-06T16:02:06+01:00 hook: message`.
    pub fn write(&self, now: DateTime<FixedOffset>, part: &str, message: &str) {
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = format!("{} {part}: {message}\n", now.format("%Y-%m-%dT%H:%M:%S%:z"));
        if let Some(dir) = self.path.parent() {
            let _ = fs::create_private_dir(dir);
        }
        let _ = fs::rotate(&self.path, ROTATE_AT);
        let _ = fs::append(&self.path, line.as_bytes());
    }

    /// The newest lines, at most `most`, oldest first; none when there is no log.
    #[must_use]
    pub fn newest(&self, most: usize) -> Vec<String> {
        let bytes = fs::read(&self.path, ROTATE_AT * 4).ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(most)..].iter().map(|line| (*line).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_the_newest_lines_and_is_moved_aside_when_it_grows() {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::at(dir.path());
        let now = DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap();
        log.write(now, "hook", "cannot write\nthe page");
        assert_eq!(log.newest(5), ["2026-01-06T16:02:06+01:00 hook: cannot write the page"]);
        std::fs::write(log.path(), vec![b'x'; usize::try_from(ROTATE_AT).unwrap()]).unwrap();
        log.write(now, "worker", "next");
        assert_eq!(log.newest(5), ["2026-01-06T16:02:06+01:00 worker: next"]);
        assert!(dir.path().join("log.1").exists());
    }
}
