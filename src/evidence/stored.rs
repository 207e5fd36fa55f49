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

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::chat::turn::turns;
    use crate::chat::{Event, EventKind, Outcome};
    use crate::config::RedactConfig;
    use crate::evidence::gather;
    use crate::evidence::redact::Redactor;
    use crate::git::{Change, ChangeKind, CommitId, Lines, Signature};
    use crate::journal::NoteKind;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn commit() -> Commit {
        let ada = Signature { name: "Ada".into(), email: "ada@example.org".into(), when: at(60).fixed_offset() };
        let lines = Lines::Counted { added: 1, removed: 2 };
        Commit {
            id: CommitId::parse(&"a".repeat(40)).unwrap(),
            parents: Vec::new(),
            parent_committed: None,
            author: ada.clone(),
            committer: ada,
            subject: "mend a".into(),
            body: String::new(),
            trailers: Vec::new(),
            branch: Some("main".into()),
            worktree: Some("/r".into()),
            changes: vec![Change { path: b"a\xff.rs".to_vec(), kind: ChangeKind::Modified, lines }],
            both_sides: std::collections::BTreeSet::new(),
        }
    }

    fn redactor(words: &[&str]) -> Redactor {
        Redactor::new(&RedactConfig { emails: false, words: words.iter().map(|word| (*word).to_owned()).collect() })
    }

    fn evidence(session: &str, words: &[(i64, &str)]) -> Evidence {
        let events: Vec<Event> = words
            .iter()
            .flat_map(|(minute, text)| {
                let event = |kind| Event { id: minute.to_string(), at: at(*minute), kind };
                let outcome = Outcome::Failed { exit: Some(1), output: format!("{text} failed") };
                [
                    event(EventKind::Prompt((*text).to_owned())),
                    event(EventKind::Edit { path: "/r/a.rs".into() }),
                    event(EventKind::Command { line: format!("run {text}"), outcome }),
                    event(EventKind::Question { question: "Which?".into(), answer: Some((*text).to_owned()) }),
                    event(EventKind::Plan { text: (*text).to_owned(), approved: None }),
                    event(EventKind::Reply(format!("did {text}"))),
                ]
            })
            .collect();
        let turns = turns(&events);
        let found = Match {
            session: Session {
                id: SessionId(session.to_owned()),
                assistant: Assistant::Codex,
                version: None,
                model: Some("m".into()),
                directories: Vec::new(),
                events,
                file: "/t".into(),
                complete: true,
            },
            antecedent: turns.first().cloned(),
            turns,
            reason: Reason::EditedFiles,
            edited: true,
            files: 1,
        };
        let note = Note { kind: NoteKind::Capture, at: at(3).fixed_offset(), text: "a note".into() };
        let gap = Gap { assistant: Assistant::Amp, source: "/t".into(), reason: "broken".into() };
        let sources = Sources { matches: vec![found], notes: vec![note], gaps: vec![gap], ..Sources::of(commit()) };
        gather(sources, &redactor(&[]))
    }

    fn back(stored: &Stored, words: &[&str]) -> Evidence {
        let bytes = stored.bytes().unwrap().unwrap();
        gather(Stored::parse(&bytes).unwrap().sources(commit(), None), &redactor(words))
    }

    #[test]
    fn what_is_read_back_is_what_was_stored_and_is_redacted_by_the_settings_that_hold_then() {
        let evidence = evidence("s", &[(1, "use the token ghp_0123456789012345678901234567890123AB"), (2, "for acme")]);
        let stored = Stored::of(&evidence);
        let bytes = stored.bytes().unwrap().unwrap();
        assert!(!String::from_utf8(bytes).unwrap().contains("ghp_"));
        assert_eq!(back(&stored, &[]), evidence);
        let stricter = format!("{:?}", back(&stored, &["acme"]));
        assert!(!stricter.contains("acme") && stricter.contains("[redacted: word]"), "{stricter}");
    }

    #[test]
    fn of_two_commits_each_turn_is_told_once_and_in_order() {
        let joined = Stored::of(&evidence("s", &[(5, "two"), (9, "three")]))
            .joined(Stored::of(&evidence("s", &[(1, "one"), (5, "two")])))
            .joined(Stored::of(&evidence("other", &[(7, "beside")])));
        let evidence = back(&joined, &[]);
        let prompts = |nth: usize| {
            let turns = evidence.sessions()[nth].turns.iter();
            turns.map(|turn| turn.prompt.clone().unwrap().text).collect::<Vec<_>>()
        };
        assert_eq!((prompts(0), prompts(1)), (vec!["one".into(), "two".into(), "three".into()], vec!["beside".into()]));
        assert_eq!((evidence.notes().len(), evidence.gaps().len()), (1, 1));
    }

    #[test]
    fn a_file_of_another_version_or_a_broken_one_is_an_error() {
        let bytes = Stored::of(&evidence("s", &[(1, "one")])).bytes().unwrap().unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let other = Stored::parse(text.replacen("\"schema\":1", "\"schema\":2", 1).as_bytes()).unwrap_err();
        assert_eq!(other.to_string(), "the stored evidence has version 2, not 1");
        let deep = "[".repeat(100_000);
        for broken in [&bytes[..bytes.len() - 1], b"", b"{}", b"{\"schema\":1}", deep.as_bytes()] {
            assert!(Stored::parse(broken).unwrap_err().to_string().contains("broken"));
        }
    }

    #[test]
    fn no_more_is_stored_than_is_read() {
        let long = "long words ".repeat(200_000);
        assert_eq!(Stored::of(&evidence("s", &[(1, &long)])).bytes().unwrap(), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Stored::parse(&bytes);
            let _ = Stored::parse(&[b"{\"schema\":1,\"sessions\":", bytes.as_slice()].concat());
        }
    }
}
