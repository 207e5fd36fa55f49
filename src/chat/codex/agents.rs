//! The agents that a thread spawned: threads of their own, whose edits and commands are their parent's work.
//!
//! In: records that name such threads. Out: their events, in the parent's session.
//! Never here: their words: no human took part in them.

use std::cell::RefCell;
use std::path::PathBuf;

use super::record::Kind;
use super::{find, packed, record, thread};
use crate::chat::fields::Fields;
use crate::chat::message::{Event, Session, SessionId, Wanted};
use crate::chat::reader::Candidate;
use crate::chat::transcript;
use crate::env::Deadline;

/// So many are looked at, the newest first.
const AGENTS: usize = 32;

/// The ids of the threads that were met, each once, the newest first: rollouts are read backwards.
#[derive(Default)]
pub(super) struct Spawned(RefCell<Vec<String>>);

impl Spawned {
    /// Notes the threads that a record names.
    pub(super) fn note(&self, fields: &Fields<'_>) {
        let Some(payload) = fields.fields("payload") else { return };
        let item = payload.fields("item");
        for fields in std::iter::once(&payload).chain(&item) {
            let one = ["agent_thread_id", "new_thread_id"].into_iter().filter_map(|name| fields.text(name));
            for id in one.chain(fields.strings("receiver_thread_ids")) {
                let mut known = self.0.borrow_mut();
                if known.len() < AGENTS && !known.contains(&id) {
                    known.push(id);
                }
            }
        }
    }
}

/// Adds what the spawned threads did in the wanted span. They lie under the day of their start, like their parent.
pub(super) fn add(session: &mut Session, spawned: &Spawned, wanted: &Wanted, deadline: Deadline) {
    for id in spawned.0.take() {
        let Some(file) = find::near(&session.file, &id) else { continue };
        if deadline.passed() {
            session.complete = false;
            break;
        }
        match events(&id, file, wanted, deadline) {
            Some((events, complete)) => {
                session.complete &= complete;
                let id = |event: Event| Event { id: format!("{id}/{}", event.id), ..event };
                session.events.extend(events.into_iter().map(id));
            }
            None => session.complete = false,
        }
    }
    // Stable: what happened in the same instant keeps its order.
    session.events.sort_by_key(|event| event.at);
}

fn events(id: &str, file: PathBuf, wanted: &Wanted, deadline: Deadline) -> Option<(Vec<Event>, bool)> {
    let mut source = packed::open(&file, deadline).ok()?;
    let head = transcript::first_line(&mut source, record::head).ok()??;
    // A thread that only was spoken to has a session, and words, of its own.
    if head.kind != Kind::SubAgent {
        return Some((Vec::new(), true));
    }
    let candidate = Candidate { id: SessionId(id.to_owned()), file, modified: wanted.until, named: true, size: 0 };
    let mut session = thread::thread(source, &head, &|_| {}, &candidate, wanted, deadline).ok()??;
    thread::without_words(&mut session);
    session.events.retain(|event| event.at >= wanted.since);
    Some((session.events, session.complete))
}
