//! A session while it is put together.
//!
//! In: what a reader meets in a transcript, in order. Out: a [`Session`], cut to the wanted span, or nothing when it is
//! not of this repository.
//! Never here: a format.
//!
//! The span begins with the prompt that opened the turn in progress at `wanted.since` and the exchange before it: the
//! second of two quick commits has its reason there.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::message::{Assistant, Event, EventKind, Session, SessionId, Wanted};
use super::place;
use super::reader::Candidate;

/// The prompt that opened the turn in progress, and the one before.
pub const PROMPTS_BEFORE: usize = 2;

/// What is known of a session so far.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The id that the transcript itself names.
    pub id: Option<SessionId>,
    /// The assistant's version.
    pub version: Option<String>,
    /// The model that answered last.
    pub model: Option<String>,
    /// Whether something of the span could not be read.
    pub cut: bool,
    directories: Vec<PathBuf>,
    events: Vec<Event>,
    ids: HashSet<String>,
}

impl Gathered {
    /// Adds what happened; an id that is taken gets a number.
    pub fn push(&mut self, id: &str, at: DateTime<Utc>, kind: EventKind) {
        let mut unique = id.to_owned();
        let mut nth = 1;
        while !self.ids.insert(unique.clone()) {
            nth += 1;
            unique = format!("{id}~{nth}");
        }
        self.events.push(Event { id: unique, at, kind });
    }

    /// Adds a working directory, the newest so far.
    pub fn directory(&mut self, directory: impl Into<PathBuf>) {
        let directory = directory.into();
        self.directories.retain(|known| *known != directory);
        self.directories.push(directory);
    }

    /// The working directory in which things happen now.
    #[must_use]
    pub fn here(&self) -> Option<&Path> {
        self.directories.last().map(PathBuf::as_path)
    }

    /// The session; `None` when no working directory and no edited file lies in a root, unless it is named.
    #[must_use]
    pub fn session(mut self, assistant: Assistant, candidate: &Candidate, wanted: &Wanted) -> Option<Session> {
        // Stable: what happened in the same instant keeps its order.
        self.events.sort_by_key(|event| event.at);
        let span = span(&self.events, wanted.since, wanted.until);
        self.events.truncate(span.end);
        self.events.drain(..span.start);
        let edits_inside = |event: &Event| match &event.kind {
            EventKind::Edit { path } => place::inside(path, &wanted.roots),
            _ => false,
        };
        let ours = candidate.named
            || self.directories.iter().any(|directory| place::inside(directory, &wanted.roots))
            || self.events.iter().any(edits_inside);
        ours.then(|| Session {
            id: self.id.unwrap_or_else(|| candidate.id.clone()),
            assistant,
            version: self.version,
            model: self.model,
            directories: self.directories,
            events: self.events,
            file: candidate.file.clone(),
            complete: !self.cut,
        })
    }
}

/// Which of a session's events, oldest first, a span of time takes in.
#[must_use]
pub fn span(events: &[Event], since: DateTime<Utc>, until: DateTime<Utc>) -> Range<usize> {
    let end = events.partition_point(|event| event.at <= until);
    let before = events[..end].partition_point(|event| event.at < since);
    let prompts = (0..before).rev().filter(|at| matches!(events[*at].kind, EventKind::Prompt(_)));
    prompts.take(PROMPTS_BEFORE).last().unwrap_or(0)..end
}

impl Session {
    /// The session as it was read for a span of time.
    #[must_use]
    pub fn between(&self, since: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        let events = &self.events[span(&self.events, since, until)];
        // What was not read of a long session lies at its beginning.
        let complete = self.complete || self.events.first().is_some_and(|first| first.at < since);
        Self {
            id: self.id.clone(),
            assistant: self.assistant,
            version: self.version.clone(),
            model: self.model.clone(),
            directories: self.directories.clone(),
            events: events.to_vec(),
            file: self.file.clone(),
            complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn candidate(named: bool) -> Candidate {
        Candidate { id: SessionId("c".to_owned()), file: PathBuf::from("f"), modified: at(0), named, size: 0 }
    }

    fn wanted(since: i64, until: i64) -> Wanted {
        let roots = vec![PathBuf::from("/repo")];
        Wanted { roots, named: Vec::new(), since: at(since), until: at(until), thorough: false }
    }

    #[test]
    fn the_span_begins_with_the_exchange_before_the_turn_in_progress() {
        let mut gathered = Gathered::default();
        gathered.directory("/repo/src");
        for second in (0..10).rev() {
            gathered.push("p", at(second), EventKind::Prompt(second.to_string()));
        }
        let session = gathered.session(Assistant::GeminiCli, &candidate(false), &wanted(5, 7)).unwrap();
        let seconds: Vec<i64> = session.events.iter().map(|event| event.at.timestamp()).collect();
        assert_eq!(seconds, [3, 4, 5, 6, 7]);
        let ids: HashSet<&str> = session.events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids.len(), 5);
    }

    #[test]
    fn a_session_is_ours_by_its_directory_an_edit_or_its_name() {
        let session = |directory: &str, edit: &str, named: bool| {
            let mut gathered = Gathered::default();
            gathered.directory(directory);
            gathered.push("e", at(1), EventKind::Edit { path: PathBuf::from(edit) });
            gathered.session(Assistant::GeminiCli, &candidate(named), &wanted(0, 9)).is_some()
        };
        assert!(session("/repo", "/x", false) && session("/x", "/repo/a", false) && session("/x", "/x", true));
        assert!(!session("/repo-old", "/x", false));
    }

    #[test]
    fn the_newest_directory_is_last_and_each_is_there_once() {
        let mut gathered = Gathered::default();
        for directory in ["/a", "/b", "/a"] {
            gathered.directory(directory);
        }
        assert_eq!(gathered.here(), Some(Path::new("/a")));
        assert_eq!(gathered.directories.len(), 2);
    }
}
