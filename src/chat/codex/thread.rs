//! One rollout as a session.
//!
//! In: an open rollout, and what its first record says. Out: a [`Session`]. Never here: other threads' rollouts.

use super::history;
use super::packed::Source;
use super::record::{self, Head};
use crate::chat::fields::Fields;
use crate::chat::message::{Assistant, EventKind, Gap, Session, Wanted};
use crate::chat::reader::Candidate;
use crate::chat::transcript::{self, Format};
use crate::env::Deadline;

/// The wanted span of a thread; `note` is shown every record.
pub(super) fn thread(
    source: Box<dyn Source>,
    head: &Head,
    note: &dyn Fn(&Fields<'_>),
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    let format = Format {
        assistant: Assistant::Codex,
        entry: &|fields| {
            note(fields);
            record::entry(fields)
        },
        kept: &|entries| history::kept(entries, head),
    };
    transcript::read(&format, source, Some(&head.entry), candidate, wanted, deadline)
}

/// An agent that another one spawned has no human: only what it did counts.
pub(super) fn without_words(session: &mut Session) {
    session.events.retain(|event| matches!(event.kind, EventKind::Edit { .. } | EventKind::Command { .. }));
}
