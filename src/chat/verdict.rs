//! What was decided about a session, and why.
//!
//! In: nothing. Out: plain data, for the entry and for whoever asks why a conversation is in it or is not.
//! Never here: the decision (that is `matching`), or words for people.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::message::{Assistant, SessionId};
use crate::git::CommitId;

/// Why a session was taken. A greater one outdoes a lesser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It went on in this work tree at the time, and nothing speaks against it.
    Nearby,
    /// It names a file of the commit.
    NamesFiles,
    /// It edited a file of the commit.
    EditedFiles,
    /// The environment of the commit names it.
    RanTheCommit,
}

impl Reason {
    /// The name in JSON.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Nearby => "nearby",
            Self::NamesFiles => "names_files",
            Self::EditedFiles => "edited_files",
            Self::RanTheCommit => "ran_the_commit",
        }
    }
}

/// Why a session was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// Nothing was said or done in it within the span.
    NothingInSpan,
    /// It edited files of the commit, but only before the span.
    EditedBefore,
    /// Commits before this one have told all of it, this one last.
    Told(CommitId),
    /// It edited files, and none of the commit's.
    OtherFiles,
    /// All that it edited lies in another work tree of the repository.
    OtherWorkTree,
    /// Another session has this better reason.
    Outdone(Reason),
    /// What belongs to the commit is a copy of what stands in another session, which was resumed or forked.
    Copy,
}

impl Objection {
    /// The name in JSON.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::NothingInSpan => "nothing_in_span",
            Self::EditedBefore => "edited_before",
            Self::Told(_) => "told",
            Self::OtherFiles => "other_files",
            Self::OtherWorkTree => "other_work_tree",
            Self::Outdone(_) => "outdone",
            Self::Copy => "copy",
        }
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Turns of it belong to the commit.
    Taken {
        /// Why.
        reason: Reason,
        /// How many of the commit's files these turns edited.
        files: usize,
    },
    /// Nothing of it does.
    Left(Objection),
}

/// A session that was looked at for a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub assistant: Assistant,
    /// The transcript.
    pub file: PathBuf,
    /// Whether all of the wanted span was read.
    pub complete: bool,
    /// What was decided.
    pub verdict: Verdict,
}
