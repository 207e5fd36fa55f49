//! What a report is made of.
//!
//! In: a journal, and which days of it. Out: a [`Report`].
//! Never here: HTML.

use anyhow::Result;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};

use super::figures::Figures;
use crate::browse::{self, Filter};
use crate::journal::{Days, Entry, Imported};
use crate::store::{Store, joined};

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
    /// What journals of earlier programs told of a day as a whole, oldest first.
    pub imported: Vec<(NaiveDate, Imported)>,
}

impl Report {
    /// The report of these entries; `None` of none.
    #[must_use]
    pub fn of(mut entries: Vec<Entry>, name: &str, asked: Days, made: DateTime<FixedOffset>) -> Option<Self> {
        let day = |entry: &Entry| entry.at.date_naive();
        // By the day that its author's clock showed, then by the instant: pages may have been put together by hand.
        entries.sort_by_key(|entry| (day(entry), entry.at));
        let (oldest, newest) = (entries.iter().map(day).min()?, entries.iter().map(day).max()?);
        // Whoever asks for a year means its empty days, too; whoever asks for everything does not mean the year 1.
        let first = if oldest - asked.first < TimeDelta::days(366) { asked.first } else { oldest };
        let days = Days { first, last: asked.last.min(made.date_naive()).max(newest) };
        let figures = Figures::of(&entries, days);
        Some(Self { name: name.to_owned(), made, days, entries, figures, imported: Vec::new() })
    }
}

/// The days that are meant when nobody says which: the last 90 until today, or all where the journal is younger; where it
/// has none of these days, the last 90 until its newest.
///
/// # Errors
/// The journal cannot be listed.
pub fn usual_days(store: &Store, today: NaiveDate) -> Result<Days> {
    let days = store.days()?;
    let (oldest, newest) = (days.first().copied().unwrap_or(today), days.last().copied().unwrap_or(today));
    let until = |last: NaiveDate| Days { first: (last - TimeDelta::days(USUAL - 1)).max(oldest.min(last)), last };
    Ok(until(if until(today).contains(newest) { today } else { newest }))
}

/// The report of these days; `None` where the journal has no entry of them.
///
/// # Errors
/// The journal cannot be listed, or a page cannot be read.
pub fn gather(store: &Store, name: &str, asked: Days, made: DateTime<FixedOffset>) -> Result<Option<Report>> {
    let entries = browse::entries(store, &Filter { days: Some(asked), ..Filter::default() })?;
    let Some(mut report) = Report::of(entries, name, asked, made) else { return Ok(None) };
    for day in store.days()?.into_iter().filter(|day| asked.contains(*day)) {
        let texts = joined::of_the_day(&store.bytes(day)?.unwrap_or_default());
        report.imported.extend(texts.into_iter().map(|text| (day, text)));
    }
    Ok(Some(report))
}
