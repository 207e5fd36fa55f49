//! Commits whose entry is to be written again, because not everything could be read while the commit waited.
//!
//! In: a commit id. Out: the [`Job`]s that are due.
//! Never here: the work itself. A job is one file, made before the hook returns and removed when the work is done, so a
//! kill or a reboot at any moment loses none.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::fs;
use crate::git::CommitId;

/// After this many tries a job is given up: it stays, visible to `doctor`, and is not tried again by itself.
pub const TRIES: u32 = 5;

/// The most a job file may hold, in bytes.
const LIMIT: u64 = 64 << 10;

/// The queue of one repository.
#[derive(Debug, Clone)]
pub struct Queue {
    dir: PathBuf,
}

/// One commit to be written again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    schema: u32,
    /// The commit.
    pub commit: CommitId,
    /// The work tree it was made in.
    pub worktree: PathBuf,
    /// The session that the hook's environment named, if it did.
    pub named: Option<String>,
    /// The branch at that time: `HEAD` may have moved on.
    pub branch: Option<String>,
    /// How often it was tried.
    pub tries: u32,
    /// Not before this instant.
    pub due: DateTime<Utc>,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

impl Job {
    /// A job that is due at once.
    #[must_use]
    pub fn new(commit: CommitId, worktree: PathBuf, now: DateTime<Utc>) -> Self {
        Self { schema: 1, commit, worktree, named: None, branch: None, tries: 0, due: now, last_error: None }
    }

    /// Whether it is not tried again by itself.
    #[must_use]
    pub fn given_up(&self) -> bool {
        self.tries >= TRIES
    }
}

impl Queue {
    /// The queue in a repository's state directory.
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self { dir: state.join("queue") }
    }

    fn file(&self, commit: &CommitId) -> PathBuf {
        self.dir.join(format!("{commit}.json"))
    }

    /// Adds a job, or replaces the one of the same commit.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn push(&self, job: &Job) -> Result<()> {
        fs::create_private_dir(&self.dir)?;
        fs::replace(&self.file(&job.commit), &serde_json::to_vec(job).context("cannot write the job as JSON")?)
    }

    /// Takes a job out; that there is none is no fault.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn done(&self, commit: &CommitId) -> Result<()> {
        fs::remove(&self.file(commit))
    }

    /// Remembers that a try failed; the next waits twice as long as the one before: 1, 2, 4, 8 minutes.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn failed(&self, mut job: Job, why: &str, now: DateTime<Utc>) -> Result<()> {
        job.due = now + TimeDelta::minutes(1 << job.tries.min(10));
        job.tries += 1;
        job.last_error = Some(why.to_owned());
        self.push(&job)
    }

    /// Every job, in the order of their commits' ids; a file that is none is skipped.
    ///
    /// # Errors
    /// The directory is there and cannot be listed.
    pub fn jobs(&self) -> Result<Vec<Job>> {
        let names = fs::names(&self.dir)?;
        let files = names.iter().map(|name| self.dir.join(name));
        let jobs = files.filter_map(|path| serde_json::from_slice::<Job>(&fs::read(&path, LIMIT).ok()??).ok());
        Ok(jobs.filter(|job| job.schema == 1).collect())
    }

    /// The jobs that are to be tried now.
    ///
    /// # Errors
    /// As [`Queue::jobs`].
    pub fn due(&self, now: DateTime<Utc>) -> Result<Vec<Job>> {
        let mut jobs = self.jobs()?;
        jobs.retain(|job| job.due <= now && !job.given_up());
        Ok(jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_fails_waits_longer_each_time_and_is_given_up_visibly() {
        let dir = tempfile::tempdir().unwrap();
        let queue = Queue::at(dir.path());
        let commit = CommitId::parse(&"a".repeat(40)).unwrap();
        let mut now = DateTime::UNIX_EPOCH;
        queue.push(&Job::new(commit.clone(), "/repo".into(), now)).unwrap();
        for _ in 0..TRIES {
            let due = queue.due(now).unwrap();
            assert_eq!(due.len(), 1);
            queue.failed(due[0].clone(), "no", now).unwrap();
            assert_eq!(queue.due(now).unwrap(), []);
            now += TimeDelta::hours(1);
        }
        assert_eq!(queue.due(now).unwrap(), []);
        assert!(queue.jobs().unwrap()[0].given_up());
        queue.done(&commit).unwrap();
        assert_eq!(queue.jobs().unwrap(), []);
        queue.done(&commit).unwrap();
    }
}
