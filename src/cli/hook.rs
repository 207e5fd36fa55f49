//! `commit-story hook EVENT`: what git runs, and the worker that it may leave behind.
//!
//! In: git's hook environment. Out: an entry, or a line in the log. Always exit code 0, nothing on standard output, at
//! most one line on standard error.
//! Never here: anything that could hold up or fail a commit. Whatever is broken, the commit has been made already.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use crate::awaiting::Awaiting;
use crate::config::{self, Sources};
use crate::env::{Deadline, Env};
use crate::git::{CommitId, Repository, reflog, rewrite};
use crate::hook::{Event, trial};
use crate::listen;
use crate::missed;
use crate::narrate;
use crate::process;
use crate::queue::{Job, Queue};
use crate::record::{Recorded, Recorder};
use crate::rewrite::event::{self, Change};
use crate::safe::printable;
use crate::setup;
use crate::store::log::Log;
use crate::store::made::{self, Made};
use crate::summarize::background;
use crate::update::notice;
use crate::worker::{CAREFUL, Jobs, Share, load, work};

/// A hook that is stuck (a dead network home, a disk that does not answer) ends here. It may be killed at any moment
/// without harm, so it may end itself.
const HARD_STOP: Duration = Duration::from_secs(2);

/// How long a stuck hook tries to say so.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// When a hook that has not said that it is done was killed.
const TAKEN_OVER_AFTER: TimeDelta = TimeDelta::seconds(5);

/// So many commits are followed in the journal before git returns from a rebase.
const AT_ONCE: usize = 10;

/// An assistant's last words are on the disk by then.
const FLUSHED_AFTER: Duration = Duration::from_millis(1_500);

/// How long a second worker waits for the first.
const WORKER_PATIENCE: Duration = Duration::from_secs(90);

/// Runs what git asks for. An event that is not known is none of our business.
#[must_use]
pub fn main(arguments: &[OsString]) -> ExitCode {
    // A bug must not print a backtrace into somebody's commit.
    std::panic::set_hook(Box::new(|_| {}));
    let ended = std::panic::catch_unwind(|| match arguments {
        [event, top, rest @ ..] if event == "worker" => worker(Path::new(top), rest.first().map(OsString::as_os_str)),
        [first, event, rest @ ..] if first == "everywhere" => named(event, rest, true),
        [event, rest @ ..] => named(event, rest, false),
        [] => Ok(()),
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

/// `everywhere`: git runs us in every repository, also in those that were never set up.
fn named(event: &OsStr, arguments: &[OsString], everywhere: bool) -> Result<()> {
    let Some(event) = event.to_str().and_then(Event::parse) else { return Ok(()) };
    let env = Env::take().context("the working directory is gone")?;
    if env.var(trial::VARIABLE).is_some() {
        let _ = writeln!(std::io::stderr(), "{}{}", trial::ANSWER, event.name());
        return Ok(());
    }
    // Every step of a rebase ends in hooks; when all are done, git tells what became of what. Nothing is opened until then.
    let git_dir = env.cwd.join(env.var("GIT_DIR").unwrap_or_else(|| OsStr::new(".git")));
    let is_step = event == Event::PostCommit || arguments.first().is_some_and(|first| first == "amend");
    if is_step && rewrite::is_rebasing(&git_dir) {
        return Ok(());
    }
    let says = |word: &str| arguments.first().is_some_and(|first| first == word);
    let stuck = watch(&env);
    match event {
        Event::PostCommit => committed(&env, stuck, everywhere),
        Event::PostMerge => merged(&env, stuck, says("1"), everywhere),
        Event::PostRewrite => rewritten(&env, stuck, says("rebase")),
    }
}

/// Records the commit that `HEAD` is at.
fn committed(env: &Env, stuck: Option<Sender<Stuck>>, everywhere: bool) -> Result<()> {
    let repository = Repository::open(env)?;
    // A step of a rebase, in a linked work tree whose git directory git did not name.
    if rewrite::is_rebasing(repository.git_dir()) {
        return Ok(());
    }
    let state = repository.state_dir();
    let loaded = load(env, &repository);
    if !loaded.config.enabled || repository.opted_out() {
        // What is committed in the meantime shall not be written afterwards.
        return if missed::has_begun(&state) { missed::begin(&state, env.now.to_utc()) } else { Ok(()) };
    }
    let log = Log::at(&state);
    for warning in &loaded.warnings {
        log.write(env.now, "config", &warning.to_string());
    }
    let id = repository.resolve("HEAD")?;
    if let Some(stuck) = stuck {
        let _ = stuck.send((log.clone(), env.now, format!("gave {id} up")));
    }
    let hook = &loaded.config.hook;
    let worker = hook.worker.then(|| Later { env, repository: &repository, queue: Queue::at(&state), id: &id });
    let recorder = Recorder {
        env,
        config: &loaded.config,
        repository: &repository,
        deadline: Deadline::after(Duration::from_millis(u64::from(hook.deadline_ms))),
        thorough: false,
    };
    let complain = |error: &anyhow::Error| log.write(env.now, "hook", &format!("{error:#}"));
    if everywhere && !state.is_dir() {
        settle(&recorder)?;
        let _ = background::begin(&state, env.now.date_naive()).inspect_err(complain);
    }
    let _ = worker.as_ref().map(Later::begin).transpose().inspect_err(complain);
    let made = Made {
        picked: rewrite::picked(repository.git_dir()),
        squashes: made::squashed(&state, || repository.parents(&id).into_iter().next()),
        ..recorder.made_here(&id, listen::named(env))
    };
    let _ = made::remember(&state, &made).inspect_err(complain);
    let outcome = recorder.record(&id, Some(made));
    let whole = matches!(outcome, Ok(Recorded::OnlyJournal | Recorded::Entry { unfinished: false, .. }));
    let unfinished = !whole || loaded.careful;
    let _ = worker.as_ref().map(Later::catch_up).transpose().inspect_err(complain);
    let wants = Wants {
        prose: loaded.config.narration.is_on(),
        summaries: loaded.config.summaries.background && !loaded.careful,
        notice: loaded.config.update.notice,
    };
    let _ = worker.as_ref().map(|later| later.end(unfinished, wants)).transpose().inspect_err(complain);
    if loaded.careful && outcome.is_ok() {
        bail!("{CAREFUL}; commit-story doctor says more");
    }
    outcome.map(drop).map_err(|error| {
        log.write(env.now, "hook", &format!("cannot record {id}: {error:#}"));
        let short = id.short();
        error.context(format!("its journal entry ({short}) could not be written; commit-story doctor says more"))
    })
}

/// Does at the first commit in a repository what `init` would have done: git is to ignore a private journal.
fn settle(recorder: &Recorder<'_>) -> Result<()> {
    let Some(folder) = recorder.journal_folder() else { return Ok(()) };
    if folder.exists() && !folder.join("entries").is_dir() {
        let shown = folder.display();
        bail!(
            "{shown} is there already and holds no journal: `commit-story init --folder NAME` chooses another, \
             `git config commitstory.enabled false` leaves this repository out"
        );
    }
    let top = recorder.repository.main_worktree();
    match top.and_then(|top| Some(folder.strip_prefix(top).ok()?.to_owned())) {
        Some(inside) if recorder.config.journal.private => setup::hide(recorder.repository.common_dir(), &inside),
        _ => Ok(()),
    }
}

/// A merge that git made by itself is a commit for which it runs no `post-commit`. A squash merge is none yet: what it
/// brings together is remembered for the commit that is to come.
fn merged(env: &Env, stuck: Option<Sender<Stuck>>, is_squash: bool, everywhere: bool) -> Result<()> {
    let repository = Repository::open(env)?;
    let head = repository.resolve("HEAD")?;
    if is_squash {
        return made::squash(&repository.state_dir(), &head, &rewrite::squashed(repository.git_dir()));
    }
    let forward = reflog::was_fast_forward(&repository.git_dir().join("logs").join("HEAD"));
    if forward == Some(false) && repository.parents(&head).len() > 1 {
        committed(env, stuck, everywhere)
    } else {
        Ok(())
    }
}

/// Commits took the place of others: an amend, or a rebase that is done.
fn rewritten(env: &Env, stuck: Option<Sender<Stuck>>, is_rebase: bool) -> Result<()> {
    let repository = Repository::open(env)?;
    let rebase = rewrite::rebase(repository.git_dir());
    if !is_rebase && rebase.is_some() {
        // A step of a rebase; its end tells of all.
        return Ok(());
    }
    let state = repository.state_dir();
    let config = load(env, &repository).config;
    if !config.enabled || repository.opted_out() || !missed::has_begun(&state) {
        return Ok(());
    }
    let mut text = String::new();
    std::io::stdin().take(rewrite::LIMIT).read_to_string(&mut text).context("cannot read what was rewritten")?;
    let rewrites = rewrite::rewrites(&text);
    let change = Change::rewritten(&rewrites, rebase.filter(|_| is_rebase), repository.resolve("HEAD")?);
    let event = event::Event::new(repository.git_dir().to_owned(), repository.top().to_owned(), change);
    event.keep(&state, env.now.to_utc())?;
    if let Some(stuck) = stuck {
        let _ = stuck.send((Log::at(&state), env.now, "gave up to follow the history".to_owned()));
    }
    // What is quickly done is done at once; a worker that is at work already finds the event itself.
    if rewrites.len() <= AT_ONCE {
        let share = Share { patience: Deadline::after(Duration::ZERO), until: Deadline::NONE, jobs: Jobs::None };
        work(env, &state, share)?;
    }
    let is_needed = config.hook.worker && (is_left(&state, env.now.to_utc())? || is_unattended(&Awaiting::at(&state)));
    if is_needed { start_worker(env, &state, Duration::ZERO) } else { Ok(()) }
}

/// What a stuck hook needs to say so: where, when and what it gave up.
type Stuck = (Log, DateTime<FixedOffset>, String);

/// Ends the hook when it is stuck; `None` where no thread can be started, and under a pretended clock: how busy the
/// machine is must not decide then what is recorded.
fn watch(env: &Env) -> Option<Sender<Stuck>> {
    if env.var("COMMIT_STORY_NOW").is_some() {
        return None;
    }
    let (send, receive) = mpsc::channel::<Stuck>();
    let watching = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(HARD_STOP);
        // On a thread of its own: the disk that does not answer may be the log's.
        let logging = std::thread::Builder::new().spawn(move || {
            if let Ok((log, now, what)) = receive.try_recv() {
                log.write(now, "hook", &format!("{what} after {HARD_STOP:?}; it is tried again at a later commit"));
            }
        });
        let waited = Instant::now();
        while logging.as_ref().is_ok_and(|thread| !thread.is_finished()) && waited.elapsed() < LAST_WORDS {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::process::exit(0);
    });
    watching.is_ok().then_some(send)
}

/// What the settings leave to a worker.
#[derive(Debug, Clone, Copy)]
struct Wants {
    prose: bool,
    summaries: bool,
    notice: bool,
}

/// What is done when the commit has returned.
struct Later<'a> {
    env: &'a Env,
    repository: &'a Repository,
    queue: Queue,
    id: &'a CommitId,
}

impl Later<'_> {
    fn job(&self, due: DateTime<Utc>) -> Job {
        Job::new(self.id.clone(), self.repository.git_dir().to_owned(), self.repository.top().to_owned(), due)
    }

    /// Should this process be killed, a later one takes over; not before this one has had its time.
    fn begin(&self) -> Result<()> {
        self.queue.push(&self.job(self.env.now.to_utc() + TAKEN_OVER_AFTER))
    }

    /// Leaves commits whose hook never ran to a worker.
    fn catch_up(&self) -> Result<()> {
        crate::rewrite::look(self.repository, Some(self.id), self.env.now.to_utc())
    }

    /// Leaves what is unfinished, now or from earlier, to a worker; and so prose, unless one waits for its time already, the
    /// summaries of what has ended since, and the day's look for a newer version.
    fn end(&self, unfinished: bool, wants: Wants) -> Result<()> {
        let now = self.env.now.to_utc();
        let state = self.repository.state_dir();
        if unfinished {
            self.queue.push(&self.job(now))?;
        } else {
            self.queue.done(self.id)?;
            let asks = wants.prose && is_unattended(&Awaiting::at(&state));
            let summarizes = || wants.summaries && background::may_be_due(&state, self.env.now.date_naive());
            let looks = || wants.notice && notice::is_due(self.env);
            if !asks && !summarizes() && !looks() && !is_left(&state, now)? {
                return Ok(());
            }
        }
        start_worker(self.env, &state, FLUSHED_AFTER)
    }
}

/// Whether something that happened to the history is yet to be followed, or a commit to be written again.
fn is_left(state: &Path, now: DateTime<Utc>) -> Result<bool> {
    Ok(!event::waiting(state)?.is_empty() || !Queue::at(state).due(now)?.is_empty())
}

/// Whether commits wait for prose and nobody looks after them. A worker that holds the lock looks again when it has let
/// it go, so what was put into the queue before this is asked is seen.
fn is_unattended(awaiting: &Awaiting) -> bool {
    !awaiting.is_empty() && awaiting.attend().is_ok_and(|lock| lock.is_some())
}

fn start_worker(env: &Env, state: &Path, delay: Duration) -> Result<()> {
    let delay = delay.as_millis().to_string();
    let arguments = [OsStr::new("hook"), OsStr::new("worker"), state.as_os_str(), OsStr::new(&delay)];
    // A directory that nobody removes or unmounts.
    process::detach(&env.executable, &arguments, state.ancestors().last().unwrap_or(state))
}

/// Writes again what the hook could not finish. `state`: where the repository's queue is; `delay`: milliseconds to wait
/// first, so that assistants have written down what they said.
fn worker(state: &Path, delay: Option<&OsStr>) -> Result<()> {
    process::leave_session();
    let delay = delay.and_then(OsStr::to_str).and_then(|text| text.parse().ok()).unwrap_or(0);
    std::thread::sleep(Duration::from_millis(delay));
    // The second waits: the first may have listed the jobs before the second's was added.
    let patience = Deadline::after(WORKER_PATIENCE);
    let env = Env::take()?;
    work(&env, state, Share { patience, until: Deadline::NONE, jobs: Jobs::All })?;
    process::give_way();
    let drained = narrate::drain(&env, state);
    // Behind the prose of entries, which summaries tell of.
    background::catch_up(&env, state)?;
    // Only the user's own settings say so, wherever the commit was made.
    let sources = Sources { env: &env, worktree: None, main_worktree: None, flags: &[] };
    if config::load(&sources).config.update.notice {
        notice::look(&env);
    }
    drained
}
