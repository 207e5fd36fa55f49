//! All conversations of a repository, each read once, for many commits in the order of time.
//!
//! In: a listener, and how far back to look. Out: for each commit the [`Conversation`] that led to it.
//! Never here: a choice between sessions (that is `chat::matching`), or more of them in memory than `BUDGET`: what is put
//! aside is read again when a commit of its time comes.

use std::cell::RefCell;

use chrono::{DateTime, Utc};

use crate::chat::matching::{LONGEST_GAP, Window};
use crate::chat::{Event, EventKind, Gap, Session, Wanted};
use crate::git::Commit;
use crate::listen::{Conversation, Lead, Listener};

/// How many bytes of conversation are held at a time.
const BUDGET: usize = 48 << 20;

/// What an event holds besides its words, in bytes.
const EVENT: usize = 150;

/// The instants between which something was said.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// When something was said in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Times(Vec<Span>);

impl Times {
    /// Whether something was said that a commit could have come from.
    #[must_use]
    pub fn touch(&self, window: Window) -> bool {
        self.0.iter().any(|(first, last)| *first <= window.until && *last >= window.far())
    }
}

/// What was said in a repository.
#[derive(Debug)]
pub struct Memory<'a> {
    listener: Listener<'a>,
    wanted: Wanted,
    sessions: Vec<Known>,
    prompts: Vec<Session>,
    /// Transcripts that could not be read, each with when it was last written.
    unread: Vec<(DateTime<Utc>, Gap)>,
    /// What else could not be looked at.
    found: Conversation,
    held: RefCell<Held>,
}

/// A session of the repository.
#[derive(Debug)]
struct Known {
    lead: Lead,
    span: Span,
}

/// The sessions in memory, by their place among those known, the one that was used last at the end.
#[derive(Debug, Default)]
struct Held {
    sessions: Vec<(usize, usize, Session)>,
    bytes: usize,
}

impl<'a> Memory<'a> {
    /// Reads what was said since `since`, or shortly before it.
    #[must_use]
    pub fn of(listener: Listener<'a>, roots: Vec<std::path::PathBuf>, since: DateTime<Utc>) -> Self {
        let until = listener.env.now.to_utc();
        let wanted = Wanted { roots, named: Vec::new(), since: since - LONGEST_GAP, until, thorough: true };
        let (leads, found) = listener.find(&wanted);
        let (prompts, gaps) = listener.prompts(&wanted);
        let unread = gaps.into_iter().map(|gap| (until, gap)).collect();
        let mut memory =
            Self { listener, wanted, sessions: Vec::new(), prompts, unread, found, held: RefCell::default() };
        for lead in leads {
            match memory.read(&lead) {
                Ok(Some(session)) => {
                    let Some(span) = span(&session) else { continue };
                    memory.held.get_mut().keep(memory.sessions.len(), session);
                    memory.sessions.push(Known { lead, span });
                }
                Ok(None) => {}
                Err(gap) => memory.unread.push((lead.candidate.modified, gap)),
            }
        }
        memory
    }

    /// When something was said, for whoever cannot wait for an answer.
    #[must_use]
    pub fn times(&self) -> Times {
        let sessions = self.sessions.iter().map(|known| known.span);
        let unread = self.unread.iter().map(|(modified, _)| (*modified - LONGEST_GAP, *modified));
        Times(sessions.chain(self.prompts.iter().filter_map(span)).chain(unread).collect())
    }

    /// What could not be read or looked into.
    pub fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.found.gaps.iter().chain(self.unread.iter().map(|(_, gap)| gap))
    }

    /// The conversations that led to a commit, as [`Listener::listen`] finds them.
    #[must_use]
    pub fn listen(&self, commit: &Commit) -> Conversation {
        let (window, told) = (Window::of(commit), commit.told_here());
        let wanted = Wanted { since: window.far(), until: window.until, ..self.wanted.clone() };
        let near: Vec<usize> = (0..self.sessions.len()).filter(|nth| self.sessions[*nth].is_near(window)).collect();
        let leads: Vec<Lead> = near.iter().map(|nth| self.sessions[*nth].lead.clone()).collect();
        let read = |lead: &Lead, wanted: &Wanted| {
            let nth = near.iter().find(|nth| self.sessions[**nth].lead.candidate == lead.candidate);
            nth.map_or(Ok(None), |nth| self.session(*nth, wanted))
        };
        let unread = self
            .unread
            .iter()
            .filter(|(modified, _)| *modified >= window.far() && *modified - LONGEST_GAP <= window.until);
        let found = Conversation {
            gaps: unread.map(|(_, gap)| gap.clone()).collect(),
            missed: self.found.missed,
            ..Conversation::default()
        };
        let heard = self.listener.hear_out(&told, &wanted, &leads, &found, &read);
        if !heard.matches.is_empty() || !self.listener.may_recall(window) {
            return heard;
        }
        let recalled = self.listener.recall(&told, &wanted.roots, &self.prompts);
        if recalled.matches.is_empty() { heard } else { Conversation { gaps: heard.gaps, ..recalled } }
    }

    /// The part of a session that is wanted; nothing when it says nothing then.
    fn session(&self, nth: usize, wanted: &Wanted) -> Result<Option<Session>, Gap> {
        let known = &self.sessions[nth];
        if known.span.1 < wanted.since || known.span.0 > wanted.until {
            return Ok(None);
        }
        let mut held = self.held.borrow_mut();
        if !held.has(nth) {
            let Some(session) = self.read(&known.lead)? else { return Ok(None) };
            held.keep(nth, session);
        }
        Ok(held.take_up(nth).map(|session| session.between(wanted.since, wanted.until)))
    }

    fn read(&self, lead: &Lead) -> Result<Option<Session>, Gap> {
        (lead.reader.read)(&lead.candidate, &self.wanted, self.listener.deadline)
    }
}

impl Known {
    fn is_near(&self, window: Window) -> bool {
        self.span.0 <= window.until && self.span.1 >= window.far()
    }
}

impl Held {
    fn has(&self, nth: usize) -> bool {
        self.sessions.iter().any(|(held, ..)| *held == nth)
    }

    /// Keeps a session, and puts aside those that were not used for the longest time.
    fn keep(&mut self, nth: usize, session: Session) {
        let bytes = size(&session);
        self.bytes += bytes;
        self.sessions.push((nth, bytes, session));
        while self.bytes > BUDGET && self.sessions.len() > 1 {
            let (_, bytes, _) = self.sessions.remove(0);
            self.bytes -= bytes;
        }
    }

    /// A session that is held, which is now the one used last.
    fn take_up(&mut self, nth: usize) -> Option<&Session> {
        let at = self.sessions.iter().position(|(held, ..)| *held == nth)?;
        self.sessions[at..].rotate_left(1);
        self.sessions.last().map(|(.., session)| session)
    }
}

fn span(session: &Session) -> Option<Span> {
    Some((session.events.first()?.at, session.events.last()?.at))
}

/// About how many bytes a session takes.
fn size(session: &Session) -> usize {
    let words = |event: &Event| match &event.kind {
        EventKind::Prompt(text) | EventKind::Reply(text) | EventKind::Plan { text, .. } => text.len(),
        EventKind::Command { line, outcome } => {
            let output = if let crate::chat::Outcome::Failed { output, .. } = outcome { output.len() } else { 0 };
            line.len() + output
        }
        EventKind::Edit { path } => path.as_os_str().len(),
        EventKind::Question { question, answer } => question.len() + answer.as_deref().map_or(0, str::len),
        EventKind::Interruption => 0,
    };
    session.events.iter().map(|event| EVENT + event.id.len() + words(event)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Assistant, SessionId};

    fn session(id: &str, bytes: usize) -> Session {
        let event = Event { id: id.to_owned(), at: DateTime::UNIX_EPOCH, kind: EventKind::Prompt("x".repeat(bytes)) };
        Session {
            id: SessionId(id.to_owned()),
            assistant: Assistant::ClaudeCode,
            version: None,
            model: None,
            directories: Vec::new(),
            events: vec![event],
            file: std::path::PathBuf::new(),
            complete: true,
        }
    }

    #[test]
    fn no_more_is_held_than_the_budget_and_what_was_used_last_stays() {
        let mut held = Held::default();
        for nth in 0..3 {
            held.keep(nth, session("s", BUDGET / 3));
            held.take_up(0);
        }
        // Three do not fit, with what an event takes besides its words.
        assert_eq!((held.has(0), held.has(1), held.has(2)), (true, false, true));
        assert!(held.bytes <= BUDGET);
        held.keep(3, session("large", BUDGET * 2));
        assert_eq!((held.sessions.len(), held.has(3)), (1, true));
        assert_eq!(held.take_up(3).map(|session| session.id.0.as_str()), Some("large"));
        assert!(held.take_up(0).is_none());
    }

    #[test]
    fn a_commit_is_touched_by_what_was_said_in_its_week() {
        let at = |day: i64| DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day);
        let times = Times(vec![(at(100), at(101))]);
        let window = |day| Window {
            since: at(day) - chrono::TimeDelta::hours(1),
            until: at(day),
            start: crate::chat::matching::Start::PreviousCommit,
        };
        for (day, expected) in [(99, false), (100, true), (108, true), (109, false)] {
            assert_eq!(times.touch(window(day)), expected, "day {day}");
        }
    }
}
