//! How things stand: what is recorded, what waits and why, and what today has cost.
//!
//! In: a repository with its settings, and what set-up finds there. Out: a [`Status`], plain data.
//! Never here: a change, a cure (that is `doctor`), or the network.

use anyhow::Result;
use chrono::{DateTime, FixedOffset, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::awaiting::{self, Awaiting, Pause};
use crate::narrate::ledger::{Ledger, Spent};
use crate::narrate::provider::{self, Asker};
use crate::queue::{self, Queue};
use crate::record::Recorder;
use crate::rewrite::reconcile;
use crate::setup::Detected;

/// How things stand in a repository.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Status {
    /// Whether git is made to run us.
    pub hook: bool,
    /// Where the journal is.
    pub journal: String,
    /// The newest entry.
    pub newest: Option<Newest>,
    /// Own commits since the set-up that have no entry.
    pub without_entry: Vec<String>,
    /// Entries that wait for a second look.
    pub entries: Vec<Waiting>,
    /// Commits that wait for their prose.
    pub prose: Vec<Waiting>,
    /// Why nobody is asked at all at present.
    pub pause: Option<Paused>,
    /// Commits whose evidence was kept for as long as it may be and was removed, without prose.
    pub expired: Vec<String>,
    /// Who writes prose; `None` where nobody does.
    pub model: Option<String>,
    /// Why the one that the settings name cannot be asked.
    pub fault: Option<String>,
    /// What was spent today, in all repositories, and how much may be.
    pub budget: Option<Budget>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Newest {
    /// Its commit.
    pub commit: String,
    /// Its author's instant.
    pub at: DateTime<FixedOffset>,
    /// The message's subject.
    pub subject: String,
}

/// A commit that waits.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Waiting {
    /// The commit.
    pub commit: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was tried last.
    pub tried: Option<DateTime<Utc>>,
    /// When it is tried next; `None`: when that is asked for, or when a pause ends.
    pub next: Option<DateTime<Utc>>,
    /// Why it waits.
    pub why: Option<String>,
    /// Whether it is tried only when that is asked for.
    pub given_up: bool,
}

/// A pause of all prose.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Paused {
    /// Why.
    pub why: String,
    /// Until when; `None`: until the settings are others.
    pub until: Option<DateTime<Utc>>,
}

/// The day's budget; a limit of 0 is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Budget {
    /// Tokens sent and received today.
    pub tokens: u64,
    /// How many may be.
    pub most_tokens: u32,
    /// Cents spent today, as far as prices are known.
    pub cents: u64,
    /// How many may be.
    pub most_cents: u32,
}

impl Status {
    /// Looks at everything once.
    ///
    /// # Errors
    /// A page, the history, the queue or the book cannot be read.
    pub fn of(recorder: &Recorder<'_>, detected: Option<&Detected>) -> Result<Self> {
        let state = recorder.repository.state_dir();
        let config = &recorder.config.narration;
        let awaiting = Awaiting::at(&state);
        let now = recorder.env.now;
        let (model, fault) = match config.is_on().then(|| Asker::of(config, recorder.env)) {
            None => (None, None),
            Some(Ok(asker)) => (Some(asker.shown()), None),
            Some(Err(failure)) => (config.provider.clone(), Some(failure.to_string())),
        };
        let pause = awaiting.pause().filter(|pause| pause.holds(now.to_utc(), &provider::fingerprint(config)));
        let spent = Ledger::of(recorder.env).and_then(|ledger| ledger.spent(now.date_naive()));
        let budget = |spent: Spent| Budget {
            tokens: spent.tokens,
            most_tokens: config.day_tokens,
            cents: spent.cents(),
            most_cents: config.day_cents,
        };
        Ok(Self {
            hook: detected.is_some_and(Detected::is_installed),
            journal: recorder.store().shown(),
            newest: newest(recorder)?,
            without_entry: reconcile::without_entry(recorder)?.iter().map(ToString::to_string).collect(),
            entries: Queue::at(&state).jobs()?.iter().map(entry).collect(),
            prose: awaiting.jobs()?.iter().map(|job| prose(job, pause.as_ref())).collect(),
            pause: pause.map(|pause| Paused { why: pause.why, until: pause.until }),
            expired: awaiting.expired().iter().map(ToString::to_string).collect(),
            budget: config.is_on().then(|| spent.map(budget)).transpose()?,
            model,
            fault,
        })
    }
}

fn newest(recorder: &Recorder<'_>) -> Result<Option<Newest>> {
    let store = recorder.store();
    for day in store.days()?.into_iter().rev() {
        let entries = store.page(day)?.map(|page| page.entries).unwrap_or_default();
        if let Some(entry) = entries.into_iter().max_by_key(|entry| entry.at) {
            return Ok(Some(Newest { commit: entry.commit.to_string(), at: entry.at, subject: entry.subject }));
        }
    }
    Ok(None)
}

fn entry(job: &queue::Job) -> Waiting {
    Waiting {
        commit: job.commit.to_string(),
        tries: job.tries,
        tried: None,
        next: (!job.given_up()).then_some(job.due),
        why: job.last_error.clone(),
        given_up: job.given_up(),
    }
}

/// `pause`: one that holds.
fn prose(job: &awaiting::Job, pause: Option<&Pause>) -> Waiting {
    let next = match pause {
        None => Some(job.due),
        Some(pause) => pause.until.map(|until| until.max(job.due)),
    };
    Waiting {
        commit: job.commit.to_string(),
        tries: job.tries,
        tried: job.asked,
        next: next.filter(|_| !job.given_up),
        why: job.last_error.clone(),
        given_up: job.given_up,
    }
}
