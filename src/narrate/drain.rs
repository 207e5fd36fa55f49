//! Gives the commits of a repository their prose, one after the other.
//!
//! In: a repository's state directory. Out: entries with prose, and jobs that say why they wait.
//! Never here: two at a time, or a commit that waits. What may pass is tried again later, by the whole queue: who cannot be
//! asked about one commit cannot be asked about another.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Days, FixedOffset, NaiveTime, TimeDelta, Utc};

use super::ledger::Ledger;
use super::provider::{self, Asker};
use super::tell::{Desk, Told};
use crate::awaiting::{Awaiting, Job, Pause, job};
use crate::config::NarrationConfig;
use crate::env::{Deadline, Env};
use crate::git::{CommitId, rewrite};
use crate::llm::Failure;
use crate::record::Recorder;
use crate::store::log::Log;
use crate::worker;

/// How long a worker waits for the next job to be due. What is due later is done by a later worker.
const STAYS: TimeDelta = TimeDelta::minutes(10);

/// How long it sleeps at a time: a machine that was asleep has another time when it wakes up.
const NAP: Duration = Duration::from_secs(2);

/// How long to wait for somebody who asks at the same time.
const PATIENCE: Duration = Duration::from_secs(600);

/// Does what is due, and what will be in a moment; returns at once when another worker does.
///
/// # Errors
/// The state directory is not readable or not writable.
pub fn drain(env: &Env, state: &Path) -> Result<()> {
    let queue = Awaiting::at(state);
    let mut round = Round { env, state, queue: &queue, log: Log::at(state), left: BTreeSet::new(), settings: None };
    while !queue.is_empty() {
        let Some(attending) = queue.attend()? else { return Ok(()) };
        round.look_after()?;
        drop(attending);
        // A commit that was made in this instant has seen the lock and has left its job to us.
        if round.next()?.is_none() {
            return Ok(());
        }
    }
    Ok(())
}

/// One worker's round.
struct Round<'a> {
    env: &'a Env,
    state: &'a Path,
    queue: &'a Awaiting,
    log: Log,
    /// What could not be done for a reason of this machine's, and is left to the next worker.
    left: BTreeSet<CommitId>,
    /// The settings by which it was asked last.
    settings: Option<String>,
}

impl Round<'_> {
    fn look_after(&mut self) -> Result<()> {
        if let Some(_lock) = self.queue.lock(Deadline::after(PATIENCE))? {
            self.queue.sweep()?;
        }
        while let Some((due, jobs)) = self.next()? {
            let wait = due - self.env.later().to_utc();
            if let Ok(wait) = wait.to_std()
                && !wait.is_zero()
            {
                std::thread::sleep(wait.min(NAP));
                continue;
            }
            for job in jobs {
                if let Err(error) = self.one(&job) {
                    let why = format!("{error:#}");
                    self.log.write(self.env.later(), "narrate", &format!("cannot tell {}: {why}", job.commit));
                    self.left.insert(job.commit.clone());
                    // A full disk may refuse this, too; the job stays as it was.
                    let _ = self.queue.update(&job.failed(why, None, self.env.later().to_utc()));
                }
                if self.pause(self.env.later().to_utc()).is_some() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The pause that holds for the settings by which it was asked last.
    fn pause(&self, now: DateTime<Utc>) -> Option<Pause> {
        let settings = self.settings.as_ref()?;
        self.queue.pause().filter(|pause| pause.holds(now, settings))
    }

    /// When there is something to be done, and what, in its order; `None` when there is nothing for some time.
    fn next(&self) -> Result<Option<(DateTime<Utc>, Vec<Job>)>> {
        let now = self.env.later().to_utc();
        let resumed = match self.pause(now) {
            None => now,
            Some(pause) => match pause.until {
                None => return Ok(None),
                Some(until) => until,
            },
        };
        let jobs = self.queue.jobs()?.into_iter();
        let jobs = jobs.filter(|job| !job.given_up && !self.left.contains(&job.commit));
        // Its commit is about to be another; the end of the rebase starts a worker.
        let jobs = jobs.filter(|job| !rewrite::is_rebasing(&job.git_dir));
        let due = |job: &Job| if job.is_due(now) { resumed } else { job.due.max(resumed) };
        let mut jobs: Vec<(DateTime<Utc>, Job)> = jobs.map(|job| (due(&job), job)).collect();
        jobs.sort_by_key(|(due, job)| (*due, job.tries, job.since));
        let Some(first) = jobs.first().map(|(due, _)| *due).filter(|due| *due <= now + STAYS) else { return Ok(None) };
        let due = jobs.into_iter().take_while(|(due, _)| *due == first).map(|(_, job)| job);
        Ok(Some((first, due.collect())))
    }

    fn one(&mut self, job: &Job) -> Result<()> {
        let (env, repository) = worker::open(self.env, self.state, &job.git_dir, &job.worktree)?;
        let loaded = worker::load(&env, &repository);
        let config = &loaded.config;
        let now = env.later();
        if job.is_expired(now.to_utc(), config.narration.keep_days) {
            let says = format!("{} has waited for its prose for too long: its evidence was removed", job.commit);
            self.log.write(now, "narrate", &says);
            return self.queue.expire(&job.commit);
        }
        if !config.enabled || loaded.careful || !config.narration.is_on() {
            self.left.insert(job.commit.clone());
            return Ok(());
        }
        let settings = provider::fingerprint(&config.narration);
        let paused = self.queue.pause().is_some_and(|pause| pause.holds(now.to_utc(), &settings));
        self.settings = Some(settings);
        if paused {
            return Ok(());
        }
        let recorder =
            Recorder { env: &env, config, repository: &repository, deadline: Deadline::NONE, thorough: true };
        let Some(_lock) = self.queue.lock(Deadline::after(PATIENCE))? else {
            self.left.insert(job.commit.clone());
            return Ok(());
        };
        // Somebody else may have done it meanwhile.
        let is_due = |known: &Job| known.is_due(env.later().to_utc());
        let Some(job) = self.queue.job(&job.commit).filter(is_due) else { return Ok(()) };
        let told = match Asker::of(&config.narration, &env) {
            Ok(asker) => {
                let ledger = Ledger::of(&env)?;
                let ask = |request: &crate::llm::Request| asker.ask(request);
                let desk = Desk { recorder: &recorder, ask: &ask, price: asker.price(), ledger: &ledger, again: false };
                desk.tell(self.queue, job.clone())?
            }
            Err(failure) => Told::Failed(failure),
        };
        if let Some(says) = settle(self.queue, &job, &told, &config.narration, env.later())? {
            self.log.write(env.later(), "narrate", &says);
        }
        Ok(())
    }
}

/// Makes the queue remember what became of a job; returns what is to be logged.
///
/// # Errors
/// The state directory is not writable.
pub fn settle(
    queue: &Awaiting,
    job: &Job,
    told: &Told,
    config: &NarrationConfig,
    now: DateTime<FixedOffset>,
) -> Result<Option<String>> {
    let settings = provider::fingerprint(config);
    let failures = queue.pause().filter(|pause| pause.settings == settings).map_or(0, |pause| pause.failures);
    let short = job.commit.short();
    match told {
        Told::Written { .. } | Told::Refused(_) => {
            // Who answers is there.
            if queue.pause().is_some() {
                queue.set_pause(None)?;
            }
            let refused = matches!(told, Told::Refused(_));
            Ok(refused.then(|| format!("the reply about {short} was refused twice; commit-story status says why")))
        }
        Told::Needless(_) => Ok(None),
        Told::TooDear(why) => {
            let until = tomorrow(now);
            queue.set_pause(Some(&Pause::new(why.clone(), Some(until), failures, settings)))?;
            Ok(Some(format!("{why}; the rest waits until tomorrow")))
        }
        Told::Failed(failure) => {
            failed(queue, job, failure, &Pause::new(failure.to_string(), None, failures + 1, settings), now.to_utc())?;
            Ok(Some(format!("cannot tell {short}: {failure}")))
        }
    }
}

/// Makes the queue remember a failure; `pause`: the one that follows if there is to be one, without its end.
fn failed(queue: &Awaiting, job: &Job, failure: &Failure, pause: &Pause, now: DateTime<Utc>) -> Result<()> {
    let current = queue.job(&job.commit).unwrap_or_else(|| job.clone());
    let (current, after) = match failure {
        Failure::Passing { why, after } => (current.failed(why.clone(), *after, now), Some(*after)),
        Failure::Unanswered { why } => (current.failed_in_vain(why.clone(), now), Some(None)),
        // Nothing was asked: that is no try.
        Failure::Unreached { why } => (Job { tries: job.tries, ..current.kept_from(why.clone()) }, Some(None)),
        Failure::Lasting { why } => (Job { tries: job.tries, ..current.kept_from(why.clone()) }, None),
        Failure::Declined { why } => return queue.update(&current.given_up(why.clone())).map(drop),
    };
    queue.update(&current)?;
    let until = after.map(|after| now + job::pause(pause.failures, after, job.commit.as_str()));
    queue.set_pause(Some(&Pause { until, ..pause.clone() }))
}

/// The next midnight here.
fn tomorrow(now: DateTime<FixedOffset>) -> DateTime<Utc> {
    let day = now.date_naive().checked_add_days(Days::new(1));
    let midnight = day.and_then(|day| day.and_time(NaiveTime::MIN).and_local_timezone(*now.offset()).single());
    midnight.map_or(now.to_utc() + TimeDelta::days(1), |at| at.to_utc())
}
