//! A report: the journal of some days as one page for a browser, and the numbers behind its charts.
//!
//! In: a journal, and which days of it. Out: [`Report`] as plain data, and [`page()`] that makes one self-contained HTML file.
//! Never here: a request to anywhere. The page's policy forbids them, and every foreign word on it is escaped.

use anyhow::Result;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};

use crate::browse::{self, Filter};
use crate::journal::{Days, Entry};
use crate::store::Store;

pub mod figures;

pub mod html;

pub mod svg;

pub mod calendar;

pub mod overview;

pub mod reading;

pub mod entry;

pub mod page;

pub use self::figures::Figures;
pub use self::page::page;

/// How many days a report has when nobody says which.
pub const USUAL: i64 = 90;

/// What a report is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The repository's name, for the title.
    pub name: String,
    /// When it was made.
    pub made: DateTime<FixedOffset>,
    /// The days that the charts have: those asked for, as far as the journal and the present go.
    pub days: Days,
    /// The entries, oldest first; never empty.
    pub entries: Vec<Entry>,
    /// The numbers.
    pub figures: Figures,
}

/// The days that are meant when nobody says which: the last 90 until today; where the journal has none of these, until its
/// newest.
///
/// # Errors
/// The journal cannot be listed.
pub fn usual_days(store: &Store, today: NaiveDate) -> Result<Days> {
    let until = |last: NaiveDate| Days { first: last - TimeDelta::days(USUAL - 1), last };
    let newest = store.days()?.last().copied();
    Ok(until(newest.filter(|newest| !until(today).contains(*newest)).unwrap_or(today)))
}

/// The report of these days; `None` where the journal has no entry of them.
///
/// # Errors
/// The journal cannot be listed, or a page cannot be read.
pub fn gather(store: &Store, name: &str, asked: Days, made: DateTime<FixedOffset>) -> Result<Option<Report>> {
    let entries = browse::entries(store, &Filter { days: Some(asked), ..Filter::default() })?;
    Ok(of(entries, name, asked, made))
}

fn of(entries: Vec<Entry>, name: &str, asked: Days, made: DateTime<FixedOffset>) -> Option<Report> {
    let day = |entry: &Entry| entry.at.date_naive();
    let (oldest, newest) = (entries.iter().map(day).min()?, entries.iter().map(day).max()?);
    // Whoever asks for a year means its empty days, too; whoever asks for everything does not mean the year 1.
    let first = if oldest - asked.first < TimeDelta::days(366) { asked.first } else { oldest };
    let days = Days { first, last: asked.last.min(made.date_naive()).max(newest) };
    let figures = Figures::of(&entries, days);
    Some(Report { name: name.to_owned(), made, days, entries, figures })
}

#[cfg(test)]
mod tests;
