//! The prose that a model added to an entry, after it was checked.
//!
//! In: nothing. Out: plain data; every field can be read back from the page.
//! Never here: the check itself (that is `narrate::check`), I/O or Markdown structure.

use chrono::{DateTime, FixedOffset};

use crate::git::CommitId;

/// Prose about one commit. Each text is one paragraph or list item on one line, its only markup code between backticks.
#[derive(Debug, Clone, PartialEq)]
pub struct Narration {
    /// What happened and why, for a friend.
    pub summary: Vec<String>,
    /// How it was done, for somebody who will change it.
    pub synopsis: Vec<String>,
    /// What was chosen, and what was only talked about.
    pub decisions: Vec<Weighed>,
    /// What fought back.
    pub roadblocks: Vec<String>,
    /// What to remember.
    pub lessons: Vec<String>,
    /// How the human took it, in the human's own words.
    pub mood: Vec<String>,
    /// The model, as the provider names it, or the command.
    pub model: String,
    /// When it was written, to the second.
    pub at: DateTime<FixedOffset>,
    /// How many claims stood the check.
    pub kept: u32,
    /// How many did not and were left out.
    pub dropped: u32,
    /// The commit that it was written of, where another has taken its place since.
    pub of: Option<CommitId>,
}

impl Narration {
    /// One that says nothing yet.
    #[must_use]
    pub fn by(model: String, at: DateTime<FixedOffset>) -> Self {
        Self {
            summary: vec![],
            synopsis: vec![],
            decisions: vec![],
            roadblocks: vec![],
            lessons: vec![],
            mood: vec![],
            model,
            at,
            kept: 0,
            dropped: 0,
            of: None,
        }
    }

    /// Whether it says nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let texts = [&self.summary, &self.synopsis, &self.roadblocks, &self.lessons, &self.mood];
        self.decisions.is_empty() && texts.iter().all(|texts| texts.is_empty())
    }
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// What was decided; one line.
    pub what: String,
    /// Whether the commit does it.
    pub standing: Standing,
    /// Why, and what speaks against it; may be empty.
    pub why: String,
}

/// Whether a decision was carried out in the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// In these files, for people; never empty.
    Implemented(Vec<String>),
    /// It was talked about.
    Discussed,
}

/// The parts of a narration, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// [`Narration::summary`].
    Summary,
    /// [`Narration::synopsis`].
    Synopsis,
    /// [`Narration::decisions`].
    Decisions,
    /// [`Narration::roadblocks`].
    Roadblocks,
    /// [`Narration::lessons`].
    Lessons,
    /// [`Narration::mood`].
    Mood,
}

impl Section {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Summary, Self::Synopsis, Self::Decisions, Self::Roadblocks, Self::Lessons, Self::Mood];

    /// The heading, on the page and in what a model writes.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Synopsis => "Technical synopsis",
            Self::Decisions => "Decisions",
            Self::Roadblocks => "Roadblocks",
            Self::Lessons => "Lessons",
            Self::Mood => "Mood",
        }
    }
}
