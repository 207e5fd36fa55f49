//! Evidence that waits on the disk for its prose.
//!
//! In: [`Evidence`]. Out: a private file's bytes, and from them the sources of the same evidence once more.
//! Never here: a way around the redactor. What is read back passes [`gather()`](super::gather()) again, with the settings
//! that hold then. What git knows is not stored: it is read again with the commit.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::gather::{Evidence, SessionEvidence, Sources};
use crate::chat::matching::Match;
use crate::chat::turn::Turn;
use crate::chat::verdict::Reason;
use crate::chat::{Assistant, Gap, Session, SessionId};
use crate::git::Commit;
use crate::journal::{Note, Relation};

/// The shape of the file. A file of another is not read.
const SCHEMA: u32 = 1;

/// The most that is stored of one commit, in bytes; a conversation of more is gathered again when it is needed.
pub const LIMIT: u64 = 8 << 20;

/// What was said about one commit, redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    schema: u32,
    sessions: Vec<StoredSession>,
    notes: Vec<Note>,
    gaps: Vec<Gap>,
    conflicts: Vec<String>,
    relations: Vec<Relation>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StoredSession {
    id: SessionId,
    assistant: Assistant,
    version: Option<String>,
    model: Option<String>,
    reason: Reason,
    turns: Vec<Turn>,
    antecedent: Option<Turn>,
    complete: bool,
}

/// The version alone, which is looked at before anything else.
#[derive(Deserialize)]
struct Version {
    schema: u32,
}

impl Stored {
    /// What is stored of evidence.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        Self {
            schema: SCHEMA,
            sessions: evidence.sessions().iter().map(StoredSession::of).collect(),
            notes: evidence.notes().to_vec(),
            gaps: evidence.gaps().to_vec(),
            conflicts: evidence.conflicts().to_vec(),
            relations: evidence.relations().to_vec(),
        }
    }

    /// The file's bytes; `None` when they were more than [`LIMIT`].
    ///
    /// # Errors
    /// A path in it is not UTF-8.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>> {
        let bytes = serde_json::to_vec(self).context("cannot write the evidence as JSON")?;
        Ok(u64::try_from(bytes.len()).is_ok_and(|length| length <= LIMIT).then_some(bytes))
    }

    /// Reads it back.
    ///
    /// # Errors
    /// The bytes are broken, or another version's.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let Version { schema } = serde_json::from_slice(bytes).context("the stored evidence is broken")?;
        if schema != SCHEMA {
            bail!("the stored evidence has version {schema}, not {SCHEMA}");
        }
        serde_json::from_slice(bytes).context("the stored evidence is broken")
    }

    /// What two commits were made from, for the one that took the place of both.
    #[must_use]
    pub fn joined(mut self, later: Self) -> Self {
        for session in later.sessions {
            let known = self.sessions.iter_mut().find(|known| known.id == session.id);
            match known.filter(|known| known.assistant == session.assistant) {
                Some(known) => {
                    let new = session.turns.into_iter().filter(|turn| !known.turns.contains(turn)).collect::<Vec<_>>();
                    known.turns.extend(new);
                    known.turns.sort_by_key(|turn| turn.span);
                    known.reason = known.reason.max(session.reason);
                    known.complete &= session.complete;
                }
                None => self.sessions.push(session),
            }
        }
        append(&mut self.notes, later.notes);
        append(&mut self.gaps, later.gaps);
        append(&mut self.conflicts, later.conflicts);
        append(&mut self.relations, later.relations);
        self
    }

    /// The sources of the evidence of a commit: the one it was stored for, or one that has taken its place. `journal`: see
    /// [`Sources`].
    #[must_use]
    pub fn sources(self, commit: Commit, journal: Option<String>) -> Sources {
        let matches = self.sessions.into_iter().map(StoredSession::found).collect();
        let Self { notes, gaps, conflicts, relations, .. } = self;
        Sources { commit, journal, matches, notes, gaps, conflicts, relations }
    }
}

impl StoredSession {
    fn of(session: &SessionEvidence) -> Self {
        Self {
            id: session.id.clone(),
            assistant: session.assistant,
            version: session.version.clone(),
            model: session.model.clone(),
            reason: session.reason,
            turns: session.turns.clone(),
            antecedent: session.antecedent.clone(),
            complete: session.complete,
        }
    }

    /// The session as it was matched; the turns stand for its events.
    fn found(self) -> Match {
        let Self { id, assistant, version, model, reason, turns, antecedent, complete } = self;
        let session = Session {
            id,
            assistant,
            version,
            model,
            directories: Vec::new(),
            events: Vec::new(),
            file: std::path::PathBuf::new(),
            complete,
        };
        Match { session, turns, antecedent, reason, edited: reason >= Reason::EditedFiles, files: 0 }
    }
}

fn append<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}
