//! What a search finds, as plain data.
//!
//! In: nothing. Out: [`Found`] and its parts. Never here: how it is found, or how it is shown.

use std::ops::Range;

use chrono::NaiveDate;

use super::snippet::Snippet;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// How many entries match.
    pub total: usize,
    /// Those that were asked for, the best first; the newest first where no word was looked for.
    pub hits: Vec<Hit>,
    /// Where nothing was found: words that were looked for and stand nowhere, each with the nearest that do.
    pub unknown: Vec<Unknown>,
    /// How many pages could not be read, and were not searched.
    pub unread: usize,
}

/// An entry that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The day of its page.
    pub day: NaiveDate,
    /// The author's instant, RFC 3339; the day alone where it is a text that belongs to the day; the name of the period where
    /// it is a summary (`2026-W02`).
    pub at: String,
    /// The commit; `None` where it is a text that belongs to the day, or a summary.
    pub commit: Option<String>,
    /// The message's subject; the title of a summary; empty where it is a text that belongs to the day.
    pub subject: String,
    /// The bytes of what was looked for in the subject.
    pub subject_marks: Vec<Range<usize>>,
    /// The greater, the better it matches; 0 where no word was looked for. Of use within one answer only.
    pub score: f64,
    /// The piece that shows why.
    pub snippet: Option<Snippet>,
}

impl Hit {
    /// Whether it is a summary, which has a title and no commit.
    #[must_use]
    pub fn is_summary(&self) -> bool {
        self.commit.is_none() && !self.subject.is_empty()
    }
}

/// A word that no entry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The word, in its plainest form.
    pub word: String,
    /// Words like it, the likeliest first; perhaps none.
    pub nearest: Vec<String>,
}
