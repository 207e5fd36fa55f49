//! `commit-story hook post-commit`: what git runs, and the worker that it may leave behind.
//!
//! In: git's hook environment. Out: an entry, or a line in the log. Always exit code 0, nothing on standard output, at
//! most one line on standard error.
//! Never here: anything that could hold up or fail a commit. Whatever is broken, the commit has been made already.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::chat::SessionId;
use crate::config::{self, Loaded};
use crate::env::{Deadline, Env};
use crate::fs::Lock;
use crate::git::{CommitId, Repository};
use crate::process;
use crate::queue::{Job, Queue};
use crate::record::{Recorded, Recorder};
use crate::store::log::Log;
use crate::ui::safe::printable;

/// A hook that is stuck (a dead network home, a disk that does not answer) ends here. It may be killed at any moment
/// without harm, so it may end itself.
const HARD_STOP: Duration = Duration::from_secs(2);

/// An assistant's last words are on the disk by then.
const FLUSHED_AFTER: Duration = Duration::from_millis(1_500);

/// How long the worker may read for one commit.
const WORKER_DEADLINE: Duration = Duration::from_secs(60);

/// How long a second worker waits for the first.
const WORKER_PATIENCE: Duration = Duration::from_secs(90);

/// Runs what git asks for. An event that is not known is none of our business.
#[must_use]
pub fn main(arguments: &[OsString]) -> ExitCode {
    // A bug must not print a backtrace into somebody's commit.
    std::panic::set_hook(Box::new(|_| {}));
    let ended = std::panic::catch_unwind(|| match arguments {
        [event, ..] if event == "post-commit" => post_commit(),
        [event, top, rest @ ..] if event == "worker" => worker(Path::new(top), rest.first().map(OsString::as_os_str)),
        _ => Ok(()),
    });
    let trouble = match ended {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("{error:#}")),
        Err(_) => Some("a bug: commit-story doctor says how to report it".to_owned()),
    };
    if let Some(trouble) = trouble {
        let line = printable(&trouble.split_whitespace().collect::<Vec<_>>().join(" "));
        let _ = writeln!(std::io::stderr(), "commit-story: the commit is made, but {line}");
    }
    ExitCode::SUCCESS
}

fn post_commit() -> Result<()> {
    std::thread::spawn(|| {
        std::thread::sleep(HARD_STOP);
        std::process::exit(0);
    });
    let env = Env::take().context("the working directory is gone")?;
    let repository = Repository::open(&env)?;
    let loaded = load(&env, &repository);
    if !loaded.config.enabled {
        return Ok(());
    }
    let log = Log::at(&repository.state_dir());
    for warning in &loaded.warnings {
        log.write(env.now, "config", &warning.to_string());
    }
    let id = repository.resolve("HEAD")?;
    let named = env.text("CLAUDE_CODE_SESSION_ID").map(|id| SessionId(id.to_owned()));
    let hook = &loaded.config.hook;
    let recorder = Recorder {
        env: &env,
        config: &loaded.config,
        repository: &repository,
        deadline: Deadline::after(Duration::from_millis(u64::from(hook.deadline_ms))),
        thorough: false,
    };
    let outcome = recorder.record(&id, named.clone(), None);
    if hook.worker
        && let Err(error) = later(&env, &repository, job(&env, &repository, &id, named, &outcome))
    {
        log.write(env.now, "hook", &format!("{error:#}"));
    }
    outcome.map(drop).map_err(|error| {
        log.write(env.now, "hook", &format!("cannot record {id}: {error:#}"));
        let short = id.short();
        error.context(format!("its journal entry ({short}) could not be written; commit-story doctor says more"))
    })
}

/// What is left to do for this commit, if anything.
fn job(
    env: &Env,
    repository: &Repository,
    id: &CommitId,
    named: Option<SessionId>,
    recorded: &Result<Recorded>,
) -> Option<Job> {
    let branch = match recorded {
        Ok(Recorded::Entry { unfinished: true, branch, .. }) => branch.clone(),
        Ok(_) => return None,
        Err(_) => None,
    };
    let mut job = Job::new(id.clone(), top(repository).to_owned(), env.now.to_utc());
    job.named = named.map(|id| id.0);
    job.branch = branch;
    Some(job)
}

fn top(repository: &Repository) -> &Path {
    repository.worktree().unwrap_or_else(|| repository.common_dir())
}

/// Leaves what is unfinished, now or from earlier, to a worker.
fn later(env: &Env, repository: &Repository, job: Option<Job>) -> Result<()> {
    let queue = Queue::at(&repository.state_dir());
    match job {
        Some(job) => queue.push(&job)?,
        None if queue.due(env.now.to_utc())?.is_empty() => return Ok(()),
        None => {}
    }
    let top = top(repository);
    let home = env.home.clone().unwrap_or_else(|| PathBuf::from("/"));
    let delay = FLUSHED_AFTER.as_millis().to_string();
    process::detach(
        &env.executable,
        &[OsStr::new("hook"), OsStr::new("worker"), top.as_os_str(), OsStr::new(&delay)],
        &home,
    )
}

/// Writes again what the hook could not finish. `delay`: milliseconds to wait first, so that assistants have written
/// down what they said.
fn worker(top: &Path, delay: Option<&OsStr>) -> Result<()> {
    process::leave_session();
    let delay = delay.and_then(OsStr::to_str).and_then(|text| text.parse().ok()).unwrap_or(0);
    std::thread::sleep(Duration::from_millis(delay));
    let env = Env::take()?.at(top);
    let repository = Repository::open(&env)?;
    let state = repository.state_dir();
    let (log, queue) = (Log::at(&state), Queue::at(&state));
    // One worker at a time. The second waits: the first may have listed the jobs before the second's was added.
    let lock = Lock::acquire(&state.join("worker.lock"), Deadline::after(WORKER_PATIENCE))?;
    if lock.is_none() {
        return Ok(());
    }
    for job in queue.due(env.now.to_utc())? {
        if let Err(error) = finish(&env.clone().at(&job.worktree), &job) {
            log.write(env.now, "worker", &format!("cannot finish {}: {error:#}", job.commit));
            queue.failed(job, &format!("{error:#}"), env.now.to_utc())?;
        } else {
            queue.done(&job.commit)?;
        }
    }
    Ok(())
}

fn finish(env: &Env, job: &Job) -> Result<()> {
    let repository = Repository::open(env)?;
    let loaded = load(env, &repository);
    let recorder = Recorder {
        env,
        config: &loaded.config,
        repository: &repository,
        deadline: Deadline::after(WORKER_DEADLINE),
        thorough: true,
    };
    recorder.record(&job.commit, job.named.clone().map(SessionId), job.branch.clone()).map(drop)
}

fn load(env: &Env, repository: &Repository) -> Loaded {
    let main = repository.main_worktree();
    config::load(&config::Sources { env, worktree: repository.worktree(), main_worktree: main.as_deref(), flags: &[] })
}
