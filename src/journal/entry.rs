//! The entry of one commit.
//!
//! In: nothing. Out: plain data, all of it redacted already; every field can be read back from the page.
//! Never here: I/O or Markdown.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::narration::Narration;
use crate::chat::Assistant;
use crate::git::CommitId;

/// What the journal says of one commit. Empty parts are left out of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The commit.
    pub commit: CommitId,
    /// The author's instant with the author's own offset: its date chooses the page, its time stands in the heading.
    pub at: DateTime<FixedOffset>,
    /// The message's subject; one line.
    pub subject: String,
    /// The message's body; may be empty.
    pub body: String,
    /// The prose of a model; `None` while there is none.
    pub narration: Option<Narration>,
    /// What was said that explains the change, oldest first.
    pub conversation: Vec<Exchange>,
    /// Questions answered and plans approved.
    pub decisions: Vec<Decision>,
    /// Commands that failed.
    pub roadblocks: Vec<Roadblock>,
    /// Commands that were run, without those of [`Entry::roadblocks`].
    pub commands: Commands,
    /// What changed.
    pub changes: ChangeSet,
    /// What was written down since the last commit.
    pub notes: Vec<Note>,
    /// The bookkeeping.
    pub details: Details,
    /// What an earlier program had written about the commit.
    pub imported: Vec<Imported>,
    /// What the developer wrote below the entry's end; kept word for word when the entry is rewritten.
    pub by_hand: String,
}

/// Something the human said, with the answer where it decides something.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The human's words.
    pub prompt: Quote,
    /// The assistant's words; `None` when they decide nothing.
    pub reply: Option<Quote>,
    /// The prompt was typed before the previous commit, or its turn is one that an earlier commit has told in part.
    pub carried_over: bool,
}

/// Words that were said, verbatim except for redactions and cut marks (`[…]`).
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// Who.
    pub speaker: Speaker,
    /// When, in the author's offset, to the minute.
    pub at: DateTime<FixedOffset>,
    /// The words; never empty, never with trailing blanks.
    pub text: String,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The human.
    Developer,
    /// The assistant.
    Assistant(Assistant),
}

/// Something that was settled between the human and the assistant.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// A question that was put to the human.
    Answered {
        /// The question.
        question: String,
        /// The answer.
        answer: String,
    },
    /// A plan that the human approved.
    Approved {
        /// The plan, cut to its beginning.
        plan: String,
    },
    /// A plan that the human turned down.
    Declined {
        /// The plan, cut to its beginning.
        plan: String,
    },
}

/// A command that failed at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roadblock {
    /// The command line; one line.
    pub command: String,
    /// How often it failed; at least 1.
    pub failures: u32,
    /// Whether its last run before the commit passed.
    pub passed_in_the_end: bool,
    /// The last failure's exit status, where it is known.
    pub exit: Option<i32>,
    /// The telling lines of the last failure's output; may be empty.
    pub output: String,
}

/// Commands in the order of their first run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commands {
    /// Those that are listed.
    pub listed: Vec<Command>,
    /// How many more there were.
    pub more: u32,
}

/// A command that passed whenever it was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The command line; one line.
    pub line: String,
    /// How often it was run; at least 1.
    pub times: u32,
}

/// What changed, by churn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeSet {
    /// How many files, all told.
    pub files: u32,
    /// Lines added, all told.
    pub added: u64,
    /// Lines removed, all told.
    pub removed: u64,
    /// The files that are listed: sources first, then tests, docs, config and generated ones, each by churn.
    pub listed: Vec<ChangedFile>,
}

/// One changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// The path for people (see [`crate::git::change::path_text`]).
    pub path: String,
    /// What happened to it.
    pub mark: Mark,
    /// What sort of file it is.
    pub group: ChangeGroup,
    /// Lines added and removed; `None` for binary files and where they were not counted.
    pub lines: Option<(u32, u32)>,
}

impl ChangedFile {
    /// The path that it was moved or copied from.
    #[must_use]
    pub fn former(&self) -> Option<&str> {
        match &self.mark {
            Mark::RenamedFrom(from) | Mark::CopiedFrom(from) => Some(from),
            _ => None,
        }
    }

    /// Its path, and the former one behind it.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.path).chain(self.former())
    }
}

/// What happened to a file, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// New.
    Added,
    /// Edited.
    Modified,
    /// Gone.
    Deleted,
    /// Moved from this path.
    RenamedFrom(String),
    /// Copied from this path.
    CopiedFrom(String),
    /// File, link or submodule became another of these.
    TypeChanged,
    /// The executable bit.
    ModeChanged,
    /// A submodule moved.
    Submodule,
}

/// What sort of file, judged by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeGroup {
    /// Program source, and whatever is none of the others.
    Source,
    /// Tests.
    Tests,
    /// Documentation.
    Docs,
    /// Configuration and build files.
    Config,
    /// Lock files, vendored and generated files.
    Generated,
}

/// Something written down between commits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Whose.
    pub kind: NoteKind,
    /// When.
    pub at: DateTime<FixedOffset>,
    /// The words.
    pub text: String,
}

/// The kinds of note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// `commit-story reflect`: the developer's thought.
    Reflection,
    /// `commit-story capture`: an assistant's working context.
    Capture,
}

/// The bookkeeping at the end of an entry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    /// The branch; `None` when `HEAD` was detached or the commit is not at a branch's tip.
    pub branch: Option<String>,
    /// The author's name.
    pub author: String,
    /// The other parents of a merge.
    pub merged: Vec<CommitId>,
    /// The files of a merge that git could not merge by itself.
    pub conflicts: Vec<String>,
    /// Other commits whose change this one repeats, undoes or holds.
    pub relations: Vec<Relation>,
    /// Whether no branch has the commit any more.
    pub dropped: bool,
    /// The sessions that the entry drew on.
    pub sessions: Vec<SessionLine>,
    /// What could not be read or was left out, a sentence each.
    pub omissions: Vec<String>,
}

/// How a commit stands to others, where its parents do not say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It repeats this commit (`git cherry-pick`).
    PickedFrom(CommitId),
    /// It undoes this commit (`git revert`).
    Reverts(CommitId),
    /// It holds what these changed (`git merge --squash`); never empty.
    Squashes(Vec<CommitId>),
}

/// One session in the bookkeeping.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionLine {
    /// Which assistant.
    pub assistant: Assistant,
    /// The short id of the session (its first eight characters, redaction and Markdown applied as everywhere).
    pub session: String,
    /// The model, where it is known.
    pub model: Option<String>,
    /// How many prompts of the human belong to this commit.
    pub prompts: u32,
    /// The first and the last sign of life that belong to this commit, in the author's offset, to the minute.
    pub span: (DateTime<FixedOffset>, DateTime<FixedOffset>),
}

/// A text that an earlier program wrote, as it stood in that program's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file it stood in, below the journal that was imported; one line.
    pub source: String,
    /// The text, Markdown as a rule; never empty.
    pub text: String,
}
