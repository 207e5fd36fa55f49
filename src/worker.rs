//! Does what waits in the queue.
//!
//! In: a repository's state directory. Out: entries, each written anew from all there is by now.
//! Never here: two at a time, or an end because of one job: what fails is tried again later.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use chrono::TimeDelta;

use crate::config::{self, Loaded};
use crate::env::{Deadline, Env};
use crate::fs::{self, Lock};
use crate::git::{CommitId, OpenError, Repository};
use crate::missed;
use crate::queue::{Job, Queue};
use crate::record::{Recorded, Recorder};
use crate::rewrite;
use crate::rewrite::event::{self, Change, Event};
use crate::rewrite::reconcile;
use crate::store::log::Log;

/// Why an entry waits: a configuration that cannot be understood may forbid what its defaults allow.
pub const CAREFUL: &str = "its entry has no conversation, because a configuration file cannot be understood";

/// How far back entries are compared with the history when nobody has told what happened to it.
const RECENT: TimeDelta = TimeDelta::days(30);

/// How long somebody who reads the journal waits for what is missing in it.
const CATCHING_UP: Duration = Duration::from_secs(1);

/// How long may be read for one commit.
const DEADLINE: Duration = Duration::from_secs(60);

/// What is done of what is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// How long to wait for another worker.
    pub patience: Deadline,
    /// When no further job is begun. One is always done.
    pub until: Deadline,
    /// Which of the jobs.
    pub jobs: Jobs,
}

/// Which jobs are done; what happened to the history is always followed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jobs {
    /// All.
    All,
    /// Commits whose hook never ran.
    Missed,
    /// None: git waits. Nor is the whole history compared then, or another writer of the journal waited for.
    None,
}

/// Does the jobs that are due, and returns how many commits whose hook never ran have their entry now.
///
/// # Errors
/// The state directory is not readable or not writable.
pub fn work(env: &Env, state: &Path, share: Share) -> Result<usize> {
    let (log, queue) = (Log::at(state), Queue::at(state));
    let Some(_lock) = Lock::acquire(&state.join("worker.lock"), share.patience)? else { return Ok(0) };
    for (file, event) in event::waiting(state)? {
        if share.jobs == Jobs::None && event.change == Change::Unknown {
            continue;
        }
        let file = event::begin(&file)?;
        match follow(env, state, &event, share.jobs) {
            Ok(()) => fs::remove(&file)?,
            // It stays, and is tried again by the next worker.
            Err(error) => log.write(env.now, "worker", &format!("cannot follow the history: {error:#}")),
        }
    }
    let mut caught_up = 0;
    let mut jobs = queue.due(env.now.to_utc())?;
    jobs.retain(|job| share.jobs == Jobs::All || share.jobs == Jobs::Missed && job.missed);
    for (nth, job) in jobs.into_iter().enumerate() {
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

/// Writes the entries of commits whose hook never ran, as many as a moment allows, for somebody who is about to read the
/// journal; returns how many.
///
/// # Errors
/// The reflogs or the state directory cannot be read or written: no fault of what is asked for.
pub fn catch_up(env: &Env, repository: &Repository, enabled: bool) -> Result<usize> {
    let state = repository.state_dir();
    if !enabled || repository.opted_out() || !missed::has_begun(&state) {
        return Ok(0);
    }
    let share =
        Share { patience: Deadline::after(Duration::ZERO), until: Deadline::after(CATCHING_UP), jobs: Jobs::Missed };
    rewrite::look(repository, None, env.now.to_utc())?;
    work(env, &state, share)
}

/// Writes the entry of a commit, or writes it again, for somebody who asks for it: nothing is left to do for it, even where
/// it had been given up.
///
/// # Errors
/// As [`Recorder::record`].
pub fn record_at_once(recorder: &Recorder<'_>, id: &CommitId) -> Result<Recorded> {
    let done = recorder.record(id, None)?;
    Queue::at(&recorder.repository.state_dir()).done(id)?;
    Ok(done)
}

/// Writes the entry of one commit; `None` when the commit is gone.
fn finish(env: &Env, state: &Path, job: &Job) -> Result<Option<Recorded>> {
    let (env, repository) = open(env, state, &job.git_dir, &job.worktree)?;
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
    recorder(&env, &repository, &loaded, Jobs::All).record(&job.commit, None).map(Some)
}

/// Brings the journal after what happened to the history.
fn follow(env: &Env, state: &Path, event: &Event, jobs: Jobs) -> Result<()> {
    let (env, repository) = open(env, state, &event.git_dir, &event.worktree)?;
    let loaded = load(&env, &repository);
    if !loaded.config.enabled {
        return Ok(());
    }
    reconcile::follow_event(&recorder(&env, &repository, &loaded, jobs), event, env.now.to_utc() - RECENT)
}

/// The repository of a work tree that something happened in.
///
/// # Errors
/// Neither it nor the repository of the state directory can be opened.
pub fn open(env: &Env, state: &Path, git_dir: &Path, worktree: &Path) -> Result<(Env, Repository)> {
    let mut env = env.clone().in_repository(git_dir, worktree);
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
    Ok((env, repository?))
}

fn recorder<'a>(env: &'a Env, repository: &'a Repository, loaded: &'a Loaded, jobs: Jobs) -> Recorder<'a> {
    let deadline = Deadline::after(DEADLINE);
    Recorder { env, config: &loaded.config, repository, deadline, thorough: jobs != Jobs::None }
}

/// The settings that hold in a repository, without those of a command line.
#[must_use]
pub fn load(env: &Env, repository: &Repository) -> Loaded {
    let main = repository.main_worktree();
    config::load(&config::Sources { env, worktree: repository.worktree(), main_worktree: main.as_deref(), flags: &[] })
}
