//! The story behind lines as plain data.
//!
//! In: nothing. Out: [`Story`] and its parts. Never here: I/O, or how it is shown.

use std::ops::RangeInclusive;

use chrono::{DateTime, FixedOffset};

use crate::git::CommitId;
use crate::journal::{Entry, Note, Quote};

/// The story behind some lines, or behind a commit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Story {
    /// The file, relative to the top, for people; `None` where a commit was asked about.
    pub path: Option<String>,
    /// How many lines the file has; `None` where no lines were asked about.
    pub length: Option<u32>,
    /// The lines that were asked about.
    pub lines: Vec<ShownLine>,
    /// How many of them are not committed yet.
    pub uncommitted: u32,
    /// What the commits tell, those that matter most first.
    pub chapters: Vec<Chapter>,
    /// How many more commits there are.
    pub more: usize,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    /// Counted from 1.
    pub number: u32,
    /// The line itself.
    pub text: String,
    /// Its commit; `None` for one that is not committed yet.
    pub commit: Option<CommitId>,
}

/// What one commit tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Chapter {
    /// The commit.
    pub commit: CommitId,
    /// Who wrote it.
    pub author: String,
    /// The author's instant.
    pub at: DateTime<FixedOffset>,
    /// The message's subject.
    pub subject: String,
    /// The message's body; git knows it, whatever the journal says.
    pub body: String,
    /// What it brought to the lines that were asked about.
    pub brought: Brought,
    /// What it did to the file; `None` where no file was asked about, or the file is not in it.
    pub change: Option<Change>,
    /// What the journal says: of the commit itself first, then of those that it repeats, undoes or holds. Empty where it
    /// says nothing.
    pub told: Vec<Told>,
}

/// How a commit comes into the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brought {
    /// These lines of those that were asked about are its own.
    Lines(Vec<RangeInclusive<u32>>),
    /// It added or took away lines with the text that was looked for.
    Touched(Touched),
    /// It was asked about itself.
    Itself,
}

/// Lines that a commit added and took away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The lines taken away.
    pub removed: Vec<String>,
    /// The lines added.
    pub added: Vec<String>,
}

/// What a commit did to the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file's path in the commit, for people.
    pub path: String,
    /// It was not there before.
    pub new: bool,
    /// It was moved from this path.
    pub from: Option<String>,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}

/// What an entry tells of the lines. In every list what has to do with the file comes first.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// How its commit stands to the one of the chapter.
    pub how: How,
    /// What was said to an assistant, and its answers.
    pub asked: Vec<Said>,
    /// What was decided.
    pub decided: Vec<String>,
    /// What was turned down, or only talked about.
    pub rejected: Vec<String>,
    /// What failed.
    pub trouble: Vec<String>,
    /// The prose of a model, if there is any; a paragraph each.
    pub summary: Vec<String>,
    /// What was written down meanwhile.
    pub noted: Vec<Note>,
    /// The whole entry.
    pub entry: Entry,
}

/// A request, with the answer where there was one that decides something.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The request.
    pub prompt: Quote,
    /// The answer.
    pub reply: Option<Quote>,
    /// It was said before the commit that came before.
    pub carried_over: bool,
    /// It has to do with the lines or their file, as far as its words tell.
    pub near: bool,
}

/// How the commit of an entry stands to the commit of a chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is the same.
    Itself,
    /// The chapter's took its place: it was amended or rebased.
    Replaced,
    /// The chapter's repeats it.
    Picked,
    /// The chapter's holds it: they were squashed.
    Squashed,
    /// The chapter's undoes it.
    Reverted,
}
