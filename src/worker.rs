//! Does what waits in the queue.
//!
//! In: a repository's state directory. Out: entries, each written anew from all there is by now.
//! Never here: two at a time, or an end because of one job: what fails is tried again later.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::config::{self, Loaded};
use crate::env::{Deadline, Env};
use crate::fs::Lock;
use crate::git::{OpenError, Repository};
use crate::queue::{Job, Queue};
use crate::record::{Recorded, Recorder};
use crate::store::log::Log;

/// Why an entry waits: a configuration that cannot be understood may forbid what its defaults allow.
pub const CAREFUL: &str = "its entry has no conversation, because a configuration file cannot be understood";

/// How long may be read for one commit.
const DEADLINE: Duration = Duration::from_secs(60);

/// What is done of what is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// How long to wait for another worker.
    pub patience: Deadline,
    /// When no further job is begun. One is always done.
    pub until: Deadline,
    /// Whether only commits whose hook never ran.
    pub only_missed: bool,
}

/// Does the jobs that are due, and returns how many commits whose hook never ran have their entry now.
///
/// # Errors
/// The state directory is not readable or not writable.
pub fn work(env: &Env, state: &Path, share: Share) -> Result<usize> {
    let (log, queue) = (Log::at(state), Queue::at(state));
    let Some(_lock) = Lock::acquire(&state.join("worker.lock"), share.patience)? else { return Ok(0) };
    let mut caught_up = 0;
    let jobs = queue.due(env.now.to_utc())?;
    for (nth, job) in jobs.into_iter().filter(|job| job.missed || !share.only_missed).enumerate() {
        if nth > 0 && share.until.passed() {
            break;
        }
        match finish(env, state, &job) {
            Err(error) => {
                log.write(env.now, "worker", &format!("cannot finish {}: {error:#}", job.commit));
                queue.failed(job, &format!("{error:#}"), env.now.to_utc())?;
            }
            Ok(recorded) => {
                queue.done(&job.commit)?;
                caught_up += usize::from(job.missed && matches!(recorded, Some(Recorded::Entry { .. })));
            }
        }
    }
    Ok(caught_up)
}

/// Writes the entry of one commit; `None` when the commit is gone.
fn finish(env: &Env, state: &Path, job: &Job) -> Result<Option<Recorded>> {
    let mut env = env.clone().in_repository(&job.git_dir, &job.worktree);
    let mut repository = Repository::open(&env);
    // The work tree has been removed, or another repository has taken its place; the commit is where it was.
    let elsewhere = match &repository {
        Ok(found) => found.state_dir() != state,
        Err(error) => matches!(error, OpenError::NotFound(_)),
    };
    if elsewhere {
        env = Env::take()?.at(state.parent().unwrap_or(state));
        repository = Repository::open(&env);
    }
    let repository = repository?;
    if job.missed && !repository.holds(&job.commit) {
        return Ok(None);
    }
    let loaded = load(&env, &repository);
    if !loaded.config.enabled {
        return Ok(None);
    }
    if loaded.careful {
        bail!(CAREFUL);
    }
    let recorder = Recorder {
        env: &env,
        config: &loaded.config,
        repository: &repository,
        deadline: Deadline::after(DEADLINE),
        thorough: true,
    };
    recorder.record(&job.commit, None).map(Some)
}

/// The settings that hold in a repository, without those of a command line.
#[must_use]
pub fn load(env: &Env, repository: &Repository) -> Loaded {
    let main = repository.main_worktree();
    config::load(&config::Sources { env, worktree: repository.worktree(), main_worktree: main.as_deref(), flags: &[] })
}
