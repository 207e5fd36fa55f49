//! What the journal says of a period: a day, a week, a month, a quarter or a year.
//!
//! In: nothing. Out: plain data. Everything but the prose is counted in entries or quoted from them, so it can be made
//! anew at any time.
//! Never here: I/O, Markdown, or a choice of what is said (that is `summarize`).

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::entry::{Decision, Entry};
use super::narration::Weighed;
use super::page::Problem;
use super::period::Period;
use crate::chat::Assistant;
use crate::git::CommitId;

/// What is said of a period. Empty parts are left out of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The period.
    pub period: Period,
    /// The last day that it tells of, where the period is not over.
    pub until: Option<NaiveDate>,
    /// What it was made from: the periods of the level below that have something; none of a day, which is made of its page.
    pub sources: Vec<Source>,
    /// Another one whenever what it was made from is.
    pub fingerprint: Fingerprint,
    /// The developer's own thoughts, word for word.
    pub reflections: Listed<Reflection>,
    /// What a model tells of the period, after it was checked.
    pub prose: Option<Prose>,
    /// What was settled, and what was turned down.
    pub decisions: Listed<Decided>,
    /// Commands that failed.
    pub roadblocks: Listed<Obstacle>,
    /// What was come back to on several days.
    pub threads: Listed<Thread>,
    /// A few of the requests to assistants, by the developer.
    pub asked: Listed<Asked>,
    /// What can be counted.
    pub numbers: Numbers,
    /// Directories, those with the most changed lines first.
    pub areas: Listed<Churn>,
    /// Files, the same way.
    pub files: Listed<Churn>,
    /// The commits of a day, as they happened; of longer periods none, because those of the level below have them.
    pub commits: Vec<CommitLine>,
}

/// The first of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// Those that are told.
    pub listed: Vec<T>,
    /// How many more there are.
    pub more: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { listed: vec![], more: 0 }
    }
}

/// A period of the level below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The period; the day itself for the page of a day.
    pub period: Period,
    /// Its commits.
    pub commits: usize,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
    /// The subject of the commit that changed most.
    pub headline: String,
    /// Whether it has a summary of its own to be linked to; without, a day is linked to by its page.
    pub has_page: bool,
}

/// What tells one state of sources from another: 16 hexadecimal digits of their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// That of these texts.
    #[must_use]
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for text in texts {
            // With its length: else two texts were the same as one.
            hasher.update(text.len().to_le_bytes());
            hasher.update(text);
        }
        let digest = hasher.finalize();
        let number = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        Self(format!("{number:016x}"))
    }

    /// One with these digits; `None` of what is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 16 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An entry that something was taken from: enough to lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRef {
    /// Its commit.
    pub commit: CommitId,
    /// The author's instant with the author's own offset.
    pub at: DateTime<FixedOffset>,
    /// The day of its page.
    pub day: NaiveDate,
    /// The message's subject.
    pub subject: String,
}

impl EntryRef {
    /// The way to an entry on the page of a day.
    #[must_use]
    pub fn to(entry: &Entry, day: NaiveDate) -> Self {
        Self { commit: entry.commit.clone(), at: entry.at, day, subject: entry.subject.clone() }
    }
}

/// A thought of the developer's.
#[derive(Debug, Clone, PartialEq)]
pub struct Reflection {
    /// When it was written down.
    pub at: DateTime<FixedOffset>,
    /// The words, all of them.
    pub text: String,
    /// The entry that tells it.
    pub of: EntryRef,
}

/// Something that was settled.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// What.
    pub what: Verdict,
    /// The entry that tells it.
    pub of: EntryRef,
}

/// How something was settled.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Between the human and the assistant, in so many words; cut to one line.
    Said(Decision),
    /// As a model weighed it in an entry's prose.
    Weighed(Weighed),
}

/// A command that failed, in one or several entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Obstacle {
    /// The command line.
    pub command: String,
    /// How often it failed.
    pub failures: u64,
    /// In how many entries.
    pub entries: usize,
    /// On how many days.
    pub days: usize,
    /// In how many of the entries it passed in the end.
    pub overcome: usize,
    /// One telling line of what it printed; may be empty.
    pub output: String,
    /// The last entry that tells of it.
    pub of: EntryRef,
}

/// Work that was come back to on several days.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    /// Why its commits are taken for one thread, the strongest first; never empty.
    pub clues: Vec<Clue>,
    /// Its days.
    pub days: Vec<NaiveDate>,
    /// How many commits it has.
    pub commits: usize,
    /// The first of them.
    pub first: EntryRef,
    /// The last of them.
    pub last: EntryRef,
}

/// Something that commits of several days have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clue {
    /// What.
    pub what: Common,
    /// How many commits have it.
    pub commits: usize,
}

/// What commits can have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Common {
    /// What their subjects begin with: `uploads` of `uploads: resume` and of `fix(uploads): resume`.
    Topic(String),
    /// The number of an issue that their messages name: `#12`, `ABC-7`.
    Issue(String),
    /// The branch that they were made on.
    Branch(String),
    /// A file that they change.
    File(String),
    /// A conversation that led to them: the assistant and the session's short id.
    Session(Assistant, String),
    /// A command that failed before them.
    Command(String),
}

/// Something that the developer asked an assistant for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// When, by the author's clock.
    pub at: DateTime<FixedOffset>,
    /// The words on one line, cut with `[…]`.
    pub text: String,
    /// The entry that tells it.
    pub of: EntryRef,
}

/// What can be counted in a period.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Numbers {
    /// Entries, one for each commit.
    pub commits: usize,
    /// Days that have any.
    pub days: usize,
    /// Files that entries list, each counted once.
    pub files: usize,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
    /// Authors, the one with the most commits first.
    pub authors: Vec<(String, usize)>,
    /// Conversations, each counted once.
    pub sessions: usize,
    /// Prompts of the developer.
    pub prompts: u64,
    /// Assistants with the commits that they led to, the one with the most first.
    pub assistants: Vec<(Assistant, usize)>,
    /// Entries that cannot be read.
    pub unread: usize,
}

/// How much of a directory or a file changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Churn {
    /// The path; empty for files at the top.
    pub path: String,
    /// Commits that changed something there.
    pub commits: usize,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
}

/// A commit of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitLine {
    /// Its entry.
    pub of: EntryRef,
    /// How many files it changed.
    pub files: u32,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
}

/// What a model tells of a period, checked like the prose of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Prose {
    /// Paragraphs and items of lists, as they stand on the page: every sentence has links to the entries that it rests on.
    pub paragraphs: Vec<String>,
    /// The model, as the provider names it, or the command.
    pub model: String,
    /// When it was written, to the second.
    pub at: DateTime<FixedOffset>,
    /// How many claims stood the check.
    pub kept: u32,
    /// How many did not and were left out.
    pub dropped: u32,
    /// What the sources were when it was written.
    pub of: Fingerprint,
}

/// The page of a summary, or what could be read of it. What it says of entries is not taken apart: that can be made anew.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryPage {
    /// The period.
    pub period: Period,
    /// What its first line says; `None` where that cannot be read.
    pub made: Option<Stamp>,
    /// The whole text, Markdown.
    pub text: String,
    /// Its prose.
    pub prose: Option<Prose>,
    /// Whether somebody has changed what this program wrote.
    pub is_edited: bool,
    /// What was written by hand below its end.
    pub by_hand: String,
    /// What could not be understood.
    pub problems: Vec<Problem>,
}

/// What the first line of a summary says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// When it was made.
    pub at: DateTime<FixedOffset>,
    /// What its sources were then.
    pub of: Fingerprint,
    /// What tells the text that was written from one that somebody has changed.
    pub text: Fingerprint,
}

impl Stamp {
    /// The part of the first line that is the same as long as sources and text are.
    #[must_use]
    pub fn tail(&self) -> String {
        format!("of {} text {}", self.of.as_str(), self.text.as_str())
    }
}
