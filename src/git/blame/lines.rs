//! What is asked of a file's lines, and the answer, as plain data.
//!
//! In: nothing. Out: [`Question`], [`Blame`] and its parts, [`Unblamed`]. Never here: git objects, or how a line is traced.

use std::ops::RangeInclusive;

use crate::git::commit::CommitId;

/// Which lines are to be traced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The file, relative to the top, `/`-separated.
    pub path: Vec<u8>,
    /// Which of its lines, counted from 1; all of them if it is not said.
    pub lines: Option<RangeInclusive<u32>>,
    /// As it was in this commit; as it is in the work tree if it is not said.
    pub at: Option<CommitId>,
    /// Commits that are looked through, in addition to those that `blame.ignoreRevsFile` lists.
    pub ignored: Vec<CommitId>,
}

/// A file's lines with where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// The file, relative to the top.
    pub path: Vec<u8>,
    /// How many lines it has.
    pub length: u32,
    /// Those that were asked for, in order.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: u32,
    /// Without its line feed; what is not UTF-8 is replaced.
    pub text: String,
    /// Where it comes from; `None` for one that is not committed yet.
    pub origin: Option<Origin>,
}

/// The commit that a line comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The commit.
    pub commit: CommitId,
    /// The file's path there.
    pub path: Vec<u8>,
    /// The line's number there, counted from 1.
    pub line: u32,
}

/// What a commit did to lines that contain a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// The commit.
    pub commit: CommitId,
    /// The file's path there, or the one that it had.
    pub path: Vec<u8>,
    /// The lines that it took away, without their line feeds.
    pub removed: Vec<String>,
    /// The lines that it added.
    pub added: Vec<String>,
}

/// What a commit did to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file was not there before.
    pub new: bool,
    /// It was moved from this path.
    pub from: Option<Vec<u8>>,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}

/// Why lines were not traced: what the caller may mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unblamed {
    /// It leads out of the work tree.
    #[error("{0} is outside the repository")]
    Outside(String),
    /// No such file, here or in the commit.
    #[error("there is no file {path} in {place}")]
    Missing {
        /// The path that was asked for.
        path: String,
        /// Where it was looked for, for people.
        place: String,
        /// Files there whose names are like it, the nearest first.
        near: Vec<String>,
    },
    /// It is there, but git does not know of it.
    #[error("{0} is not tracked by git: no commit has it")]
    Untracked(String),
    /// A directory, a link or a submodule.
    #[error("{path} is {what}, not a file")]
    NoFile {
        /// The path.
        path: String,
        /// What it is instead.
        what: &'static str,
    },
    /// It has no lines.
    #[error("{0} is a binary file: it has no lines")]
    Binary(String),
    /// The lines begin behind its end.
    #[error("{path} has no line {first}: it has {length}")]
    Beyond {
        /// The path.
        path: String,
        /// The first line that was asked for.
        first: u32,
        /// How many lines it has.
        length: u32,
    },
}
