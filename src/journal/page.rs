//! The page of one day.
//!
//! In: nothing. Out: plain data. Never here: I/O or Markdown.

use chrono::NaiveDate;

use super::entry::Entry;

/// How every line begins that structures a page.
pub const MARKER: &str = "<!-- commit-story:";

/// A day's page, or what could be read of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The day, by each author's own clock.
    pub day: NaiveDate,
    /// The entries in the order in which they stand.
    pub entries: Vec<Entry>,
    /// What could not be understood; the text itself is never lost (see `store`).
    pub problems: Vec<Problem>,
}

/// A place on a page that does not follow the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, in a few words.
    pub what: String,
}
