//! Small stories for tests: a commit and conversations, minute by minute.
//!
//! In: what happened. Out: evidence and exhibits. Never here: a file or a clock.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::exhibit::Exhibits;
use crate::chat::matching::Match;
use crate::chat::turn::turns;
use crate::chat::verdict::Reason;
use crate::chat::{Assistant, Event, EventKind, Outcome, Session, SessionId};
use crate::config::RedactConfig;
use crate::evidence::redact::Redactor;
use crate::evidence::{Evidence, Patch, Sources, gather};
use crate::git::{Change, ChangeKind, Commit, CommitId, Lines, Signature};

/// A redactor without words of the developer's own.
pub(crate) fn redactor() -> Redactor {
    Redactor::new(&RedactConfig { emails: false, words: Vec::new() })
}

/// A commit, and what led to it.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) sources: Sources,
    pub(crate) patches: Vec<Patch>,
}

/// So many minutes after 15:00 of 6 January 2026, one hour east of Greenwich.
fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_708_000, 0).expect("a date") + TimeDelta::minutes(minute)
}

impl Story {
    pub(crate) fn new(message: &str) -> Self {
        let zone = FixedOffset::east_opt(3600).expect("an offset");
        let when = at(62).with_timezone(&zone);
        let who = Signature { name: "Ada Example".into(), email: String::new(), when };
        let (subject, body) = message.split_once("\n\n").unwrap_or((message, ""));
        let commit = Commit {
            id: CommitId::parse(&"4a98f724".repeat(5)).expect("an id"),
            parents: vec![CommitId::parse(&"b".repeat(40)).expect("an id")],
            parent_committed: None,
            author: who.clone(),
            committer: who,
            subject: subject.into(),
            body: body.into(),
            trailers: Vec::new(),
            branch: Some("main".into()),
            worktree: None,
            changes: Vec::new(),
            both_sides: BTreeSet::new(),
        };
        Self { sources: Sources::of(commit), patches: Vec::new() }
    }

    /// A session with what happened in it, by the minute.
    pub(crate) fn session(mut self, events: Vec<(i64, EventKind)>) -> Self {
        let nth = self.sources.matches.len();
        let event =
            |(id, (minute, kind)): (usize, (i64, EventKind))| Event { id: id.to_string(), at: at(minute), kind };
        let events: Vec<Event> = events.into_iter().enumerate().map(event).collect();
        let turns = turns(&events);
        let session = Session {
            id: SessionId(format!("{nth}88c5296-b13a")),
            assistant: Assistant::ClaudeCode,
            version: None,
            model: Some("claude-opus-4-5".into()),
            directories: Vec::new(),
            events,
            file: std::path::PathBuf::new(),
            complete: true,
        };
        let reason = Reason::EditedFiles;
        self.sources.matches.push(Match { session, turns, antecedent: None, reason, edited: true, files: 1 });
        self
    }

    /// What was said in the first session before its first turn.
    pub(crate) fn antecedent(mut self, events: Vec<(i64, EventKind)>) -> Self {
        let event = |(minute, kind): (i64, EventKind)| Event { id: String::new(), at: at(minute), kind };
        let events: Vec<Event> = events.into_iter().map(event).collect();
        self.sources.matches[0].antecedent = turns(&events).pop();
        self
    }

    /// A file that was modified.
    pub(crate) fn file(mut self, path: &str, added: u32, removed: u32) -> Self {
        let lines = Lines::Counted { added, removed };
        let change = Change { path: path.into(), kind: ChangeKind::Modified, lines };
        self.sources.commit.changes.push(change);
        self
    }

    pub(crate) fn evidence(&self) -> Evidence {
        gather(self.sources.clone(), &redactor())
    }

    pub(crate) fn exhibits(&self) -> Exhibits {
        Exhibits::of(&self.evidence(), &self.patches)
    }
}

pub(crate) fn prompt(text: &str) -> EventKind {
    EventKind::Prompt(text.into())
}

pub(crate) fn reply(text: &str) -> EventKind {
    EventKind::Reply(text.into())
}

pub(crate) fn passed(line: &str) -> EventKind {
    EventKind::Command { line: line.into(), outcome: Outcome::Passed }
}

pub(crate) fn failed(line: &str, output: &str) -> EventKind {
    EventKind::Command { line: line.into(), outcome: Outcome::Failed { exit: Some(101), output: output.into() } }
}
