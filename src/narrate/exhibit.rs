//! The evidence of one commit as numbered exhibits: what a prompt shows and what a claim is checked against.
//!
//! In: redacted evidence. Out: plain data. Never here: a cut: exhibits are whole, and what a model is shown of them is
//! chosen by `fit`.

use chrono::{DateTime, FixedOffset};

use crate::chat::Assistant;
use crate::git::CommitId;
use crate::journal::{ChangedFile, NoteKind, Roadblock};

/// Everything that a claim about a commit may rest on, redacted.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibits {
    /// What is counted.
    pub facts: Facts,
    /// What was said, run and changed, in the order in which it is shown.
    pub items: Vec<Exhibit>,
}

/// What is counted, not said.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The commit.
    pub commit: CommitId,
    /// When it was made, by its author's clock.
    pub at: DateTime<FixedOffset>,
    /// The author's name.
    pub author: String,
    /// The branch, where it is known.
    pub branch: Option<String>,
    /// Files, all told.
    pub files: u32,
    /// Lines added, all told.
    pub added: u64,
    /// Lines removed, all told.
    pub removed: u64,
    /// Every file that is known by name.
    pub changes: Vec<ChangedFile>,
    /// Other commits that the evidence names: parents, what was merged, picked, reverted or squashed.
    pub commits: Vec<CommitId>,
    /// Prompts, all told.
    pub prompts: u32,
    /// The sessions: assistant, model, first and last sign of life by the author's clock.
    pub sessions: Vec<Session>,
    /// Commands that failed, all of them.
    pub failures: Vec<Roadblock>,
    /// What else is known, a sentence each: what it merges, reverts or repeats, and what could not be read.
    pub remarks: Vec<String>,
}

/// A session, for counting.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Which assistant.
    pub assistant: Assistant,
    /// Its short id.
    pub id: String,
    /// The model, where it is known.
    pub model: Option<String>,
    /// Prompts of it that belong to the commit.
    pub prompts: u32,
    /// First and last sign of life that belongs to the commit.
    pub span: (DateTime<FixedOffset>, DateTime<FixedOffset>),
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibit {
    /// How a claim refers to it: a letter and a number, such as `P1`; unique.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// When it was said or first run, by the author's clock; `None` for what git knows.
    pub at: Option<DateTime<FixedOffset>>,
    /// Its place in [`Facts::sessions`]; `None` for what was not said in one.
    pub session: Option<usize>,
    /// Whether it was said before what led to this commit, and only explains what follows it.
    pub earlier: bool,
    /// The whole text, redacted.
    pub text: String,
}

/// What an exhibit is, with the letter of its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `M`: the commit's message.
    Message,
    /// `P`: words of the human.
    Prompt,
    /// `A`: words of an assistant.
    Reply(Assistant),
    /// `Q`: a question to the human in the first line, the answer (if there was one) below.
    Question {
        /// The human's answer.
        answer: Option<String>,
    },
    /// `L`: a plan of the assistant.
    Plan {
        /// Whether the human approved it; `None` while it is open.
        approved: Option<bool>,
    },
    /// `C`: a command line, below it other lines by which the same was run, and the last failure's output.
    Command {
        /// How often it was run, by all of these lines.
        runs: u32,
        /// How often it failed.
        failures: u32,
        /// Whether what failed has passed since; true where nothing failed.
        passed_in_the_end: bool,
        /// The last failure's exit status.
        exit: Option<i32>,
    },
    /// `F`: a changed file, its path and what happened to it.
    File(ChangedFile),
    /// `D`: changed lines of a file, as a unified diff without a header.
    Diff {
        /// The file.
        path: String,
    },
    /// `N`: a note.
    Note(NoteKind),
}

impl Kind {
    /// The letter of its id.
    #[must_use]
    pub fn letter(&self) -> char {
        match self {
            Self::Message => 'M',
            Self::Prompt => 'P',
            Self::Reply(_) => 'A',
            Self::Question { .. } => 'Q',
            Self::Plan { .. } => 'L',
            Self::Command { .. } => 'C',
            Self::File(_) => 'F',
            Self::Diff { .. } => 'D',
            Self::Note(_) => 'N',
        }
    }
}
