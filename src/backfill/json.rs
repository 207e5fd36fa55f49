//! What was done as JSON, for `--json` and for assistants: schema 1.
//!
//! In: a [`Plan`] and what was [`Done`]. Out: a value that serialises to the shape in `docs/backfill.md`, with keys in
//! `snake_case`. Never here: reading it back.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use super::plan::Plan;
use super::run::{Done, Written};

/// The version of the shape; it grows when a key changes its meaning or goes, not when one is added.
pub const SCHEMA: u32 = 1;

/// What was done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DoneJson<'a> {
    schema: u32,
    /// Nothing was written: this is what would be.
    dry_run: bool,
    entries: Vec<WrittenJson<'a>>,
    /// How many commits had an entry.
    present: usize,
    /// How many are others'.
    others: usize,
    /// How many change only the journal.
    only_journal: usize,
    unread: Vec<UnreadJson<'a>>,
    /// Transcripts and places that could not be read.
    gaps: &'a [String],
    /// It was stopped before its end; another run goes on behind it.
    stopped: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WrittenJson<'a> {
    commit: &'a str,
    day: NaiveDate,
    subject: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct UnreadJson<'a> {
    commit: &'a str,
    reason: &'a str,
}

impl<'a> DoneJson<'a> {
    /// What was done of a plan, or would be.
    #[must_use]
    pub fn new(plan: &Plan, done: &'a Done, dry_run: bool) -> Self {
        let written =
            |one: &'a Written| WrittenJson { commit: one.commit.as_str(), day: one.day, subject: &one.subject };
        let unread = done.unread.iter().map(|(commit, reason)| UnreadJson { commit: commit.as_str(), reason });
        Self {
            schema: SCHEMA,
            dry_run,
            entries: done.entries.iter().map(written).collect(),
            present: plan.present,
            others: plan.others,
            only_journal: done.only_journal,
            unread: unread.collect(),
            gaps: &done.gaps,
            stopped: done.stopped,
        }
    }
}
