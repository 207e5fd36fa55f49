//! The conversations on this machine, assistant by assistant.
//!
//! In: the places where they may lie, the settings, the repository if there is one. Out: a [`Source`] for each assistant.
//! Never here: what was said; sessions are only counted.

use std::collections::HashMap;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use crate::chat::claude_code::Retention;
use crate::chat::homes::Homes;
use crate::chat::readers::READERS;
use crate::chat::{Assistant, Candidate, Found, Gap, Reader, SessionId, Wanted};
use crate::config::{Loaded, Origin};
use crate::env::{Deadline, Env};
use crate::git::Repository;
use crate::listen;

/// What a look around found.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveyed {
    /// Every assistant in the order of the table.
    pub sources: Vec<Source>,
    /// Other homes that were not looked into, and why not.
    pub unreached: Vec<(PathBuf, String)>,
}

/// What counts as recent.
pub const RECENT: TimeDelta = TimeDelta::days(30);

/// What a look around works with.
#[derive(Debug, Clone, Copy)]
pub struct Survey<'a> {
    /// The surroundings.
    pub env: &'a Env,
    /// Which assistants are read, and where else they lie.
    pub loaded: &'a Loaded,
    /// Whose sessions are counted; outside a repository none are.
    pub repository: Option<&'a Repository>,
    /// When to return with what is counted.
    pub deadline: Deadline,
}

/// One assistant's conversations.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Whose.
    pub assistant: Assistant,
    /// Directories and files where they lie; none when it has left nothing here.
    pub places: Vec<PathBuf>,
    /// What switches the assistant off.
    pub switched_off: Option<Origin>,
    /// Those of the repository; `None` outside one, and where they are not read.
    pub sessions: Option<Sessions>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// When the assistant deletes them, in the order of the places; empty where it is not known to.
    pub retention: Vec<Retention>,
}

/// Sessions of one repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sessions {
    /// With a sign of life in the last 30 days.
    pub recent: usize,
    /// As far back as was looked.
    pub all: usize,
    /// The newest sign of life.
    pub newest: Option<DateTime<Utc>>,
    /// Whether all of them were counted in time.
    pub complete: bool,
}

impl Source {
    /// Whether the assistant has left anything on this machine.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.places.is_empty()
    }

    /// The key that says whether it is read.
    #[must_use]
    pub fn setting(&self) -> String {
        read_key(self.assistant)
    }
}

fn read_key(assistant: Assistant) -> String {
    format!("assistants.{}.read", assistant.slug())
}

impl Survey<'_> {
    /// Every assistant in the order of the table, with all sessions there are.
    #[must_use]
    pub fn all(&self) -> Surveyed {
        self.since(DateTime::UNIX_EPOCH)
    }

    /// The same with the recent sessions only, which takes less time.
    #[must_use]
    pub fn recent(&self) -> Surveyed {
        self.since(self.env.now.to_utc() - RECENT)
    }

    fn since(&self, since: DateTime<Utc>) -> Surveyed {
        let roots = self.repository.map(listen::roots).unwrap_or_default();
        // Without a repository there is nothing to look for in the transcripts, only whether they can be listed.
        let thorough = self.repository.is_some();
        let wanted = Wanted { roots, named: Vec::new(), since, until: self.env.now.to_utc(), thorough };
        let homes = Homes::reach(self.env, &self.loaded.config.assistants.other_homes, self.deadline);
        let sources = READERS.iter().map(|reader| self.source(reader, &homes, &wanted)).collect();
        Surveyed { sources, unreached: homes.unreached }
    }

    fn source(&self, reader: &Reader, homes: &Homes, wanted: &Wanted) -> Source {
        let assistant = reader.assistant;
        let settings = self.loaded.config.assistants.of(assistant.slug());
        let mut places = homes.places(reader, self.env, settings.directory.as_deref());
        let retention = match assistant {
            // Its own places only: what the user has put elsewhere, nobody deletes.
            Assistant::ClaudeCode => {
                homes.places(reader, self.env, None).iter().map(|place| Retention::of(place)).collect()
            }
            _ => Vec::new(),
        };
        if !settings.read {
            let key = read_key(assistant);
            let origin = self.loaded.values.iter().find(|value| value.key == key).map(|value| value.origin.clone());
            let switched_off = Some(origin.unwrap_or(Origin::Default));
            return Source { assistant, places, switched_off, sessions: None, gaps: Vec::new(), retention };
        }
        let found = (reader.find)(&places, wanted, self.deadline);
        if places.is_empty() {
            // A history in the work tree has no other place.
            places = found.candidates.iter().map(|candidate| candidate.file.clone()).collect();
        }
        let Found { candidates, mut gaps, complete } = found;
        let sessions = self.repository.map(|_| {
            let counted = self.count(reader, &candidates, wanted, &mut gaps);
            Sessions { complete: complete && counted.complete, ..counted }
        });
        Source { assistant, places, switched_off: None, sessions, gaps, retention }
    }

    /// Counts the sessions by their own times: those of files say when they were copied.
    fn count(&self, reader: &Reader, candidates: &[Candidate], wanted: &Wanted, gaps: &mut Vec<Gap>) -> Sessions {
        let mut newest: HashMap<SessionId, DateTime<Utc>> = HashMap::new();
        let mut complete = true;
        for candidate in candidates {
            if self.deadline.passed() {
                complete = false;
                break;
            }
            match (reader.read)(candidate, wanted, self.deadline) {
                Ok(Some(session)) => {
                    let last = session.events.last().map(|event| event.at).filter(|at| *at >= wanted.since);
                    if let Some(at) = last {
                        let known = newest.entry(session.id).or_insert(at);
                        *known = at.max(*known);
                    }
                }
                Ok(None) => {}
                Err(gap) => gaps.push(gap),
            }
        }
        let recent = newest.values().filter(|at| **at >= wanted.until - RECENT).count();
        Sessions { recent, all: newest.len(), newest: newest.values().max().copied(), complete }
    }
}
