//! Commits whose entry is to be written again, because not everything could be read while the commit waited.
//!
//! In: a commit id. Out: the [`Job`]s that are due.
//! Never here: the work itself. A job is one file, made before the hook begins its work and removed when that is done, so
//! a kill at any moment loses none.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::fs;
use crate::git::CommitId;

/// After this many tries a job is given up: it stays, visible to `doctor`, and is not tried again by itself.
pub const TRIES: u32 = 5;

/// Longer than a job ever waits for its next try.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);

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
    /// The git directory of the work tree it was made in.
    pub git_dir: PathBuf,
    /// The work tree it was made in.
    pub worktree: PathBuf,
    /// How often it was tried.
    pub tries: u32,
    /// Not before this instant.
    pub due: DateTime<Utc>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// Whether no hook ran for the commit: it may have been amended or reset away since, and then gets no entry.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missed: bool,
}

impl Job {
    /// A job that has not been tried.
    #[must_use]
    pub fn new(commit: CommitId, git_dir: PathBuf, worktree: PathBuf, due: DateTime<Utc>) -> Self {
        Self { schema: 1, commit, git_dir, worktree, tries: 0, due, last_error: None, missed: false }
    }

    /// A job of a commit whose hook never ran.
    #[must_use]
    pub fn missed(commit: CommitId, git_dir: PathBuf, worktree: PathBuf, due: DateTime<Utc>) -> Self {
        Self { missed: true, ..Self::new(commit, git_dir, worktree, due) }
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

    /// Adds a job, or replaces the one of the same commit. Cheap, because it is not synced: a commit waits for it.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn push(&self, job: &Job) -> Result<()> {
        fs::create_private_dir(&self.dir)?;
        fs::jot(&self.file(&job.commit), &serde_json::to_vec(job).context("cannot write the job as JSON")?)
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

    /// Whether there is a job of the commit.
    #[must_use]
    pub fn holds(&self, commit: &CommitId) -> bool {
        self.file(commit).exists()
    }

    /// Every job, in the order of their commits' ids; a file that is none is skipped.
    ///
    /// # Errors
    /// The directory is there and cannot be listed.
    pub fn jobs(&self) -> Result<Vec<Job>> {
        let files = fs::names(&self.dir)?.into_iter().map(|name| self.dir.join(name));
        let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        Ok(files.filter_map(|path| read(&path)).filter(|job| job.schema == 1).collect())
    }

    /// The jobs that are to be tried now, those first that were due first: what a commit tells, a later one does not.
    ///
    /// # Errors
    /// As [`Queue::jobs`].
    pub fn due(&self, now: DateTime<Utc>) -> Result<Vec<Job>> {
        let mut jobs = self.jobs()?;
        // Nothing waits longer than the longest pause: a later instant is that of a clock which was wrong.
        let is_due = |job: &Job| job.due <= now || job.due > now + LONGEST_PAUSE;
        jobs.retain(|job| is_due(job) && !job.given_up());
        jobs.sort_by_key(|job| job.due);
        Ok(jobs)
    }
}

/// The job in a file; `None` when it is none.
fn read(path: &Path) -> Option<Job> {
    let bytes = fs::read(path, LIMIT).ok()??;
    // Whole JSON that is no job of ours belongs to another version.
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes) {
        return serde_json::from_value(value).ok();
    }
    // A kill or a power cut came between the name and the content: the name says what is needed.
    let commit = CommitId::parse(path.file_stem()?.to_str()?)?;
    Some(Job::new(commit, PathBuf::new(), PathBuf::new(), DateTime::UNIX_EPOCH))
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
        queue.push(&Job::new(commit.clone(), "/repo/.git".into(), "/repo".into(), now)).unwrap();
        for _ in 0..TRIES {
            let due = queue.due(now).unwrap();
            assert_eq!(due.len(), 1);
            queue.failed(due[0].clone(), "no", now).unwrap();
            assert_eq!(queue.due(now).unwrap(), []);
            now += TimeDelta::hours(1);
        }
        assert_eq!(queue.due(now).unwrap(), []);
        assert!(queue.jobs().unwrap()[0].given_up());
        assert!(queue.holds(&commit));
        queue.done(&commit).unwrap();
        assert!(!queue.holds(&commit));
        assert_eq!(queue.jobs().unwrap(), []);
        queue.done(&commit).unwrap();
    }

    #[test]
    fn a_job_from_a_clock_that_was_wrong_is_due_and_so_is_one_that_a_kill_left_empty() {
        let dir = tempfile::tempdir().unwrap();
        let queue = Queue::at(dir.path());
        let commit = CommitId::parse(&"a".repeat(40)).unwrap();
        let now = DateTime::UNIX_EPOCH;
        let job = |due| Job::new(commit.clone(), "/repo/.git".into(), "/repo".into(), due);
        queue.push(&job(now + TimeDelta::minutes(5))).unwrap();
        assert_eq!(queue.due(now).unwrap(), []);
        queue.push(&job(now + TimeDelta::days(365))).unwrap();
        assert_eq!(queue.due(now).unwrap().len(), 1);
        for nothing in [&b""[..], b"\0\0\0", b"{\"schema\": 1, \"comm"] {
            std::fs::write(queue.file(&commit), nothing).unwrap();
            assert_eq!(queue.due(now).unwrap()[0].commit, commit);
        }
        for other in ["{}", "{\"schema\": 2}"] {
            std::fs::write(queue.file(&commit), other).unwrap();
            assert_eq!(queue.jobs().unwrap(), []);
        }
    }
}
