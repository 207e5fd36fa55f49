//! Summaries of days, weeks, months, quarters and years, each made from the level below.
//!
//! In: a journal, and a period. Out: its [`Summary`], or the page of it.
//! Never here: a word that no entry has, or a finished period that is written again although nothing has changed.

use std::path::PathBuf;

use anyhow::{Result, bail};
use chrono::NaiveDate;

use crate::journal::{Period, Summary};
use crate::record::Recorder;

/// What summaries are made with.
#[derive(Debug, Clone, Copy)]
pub struct Summarizer<'a> {
    /// The repository, its settings and its journal.
    pub recorder: &'a Recorder<'a>,
}

/// What came of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It has a page now.
    Written(PathBuf),
    /// Its sources have changed, and its page with them.
    Rewritten(PathBuf),
    /// Its page says what there is to say.
    Unchanged(PathBuf),
    /// Somebody has changed what stands on its page, so it was left as it is.
    Edited(PathBuf),
    /// Nothing happened in it.
    Empty,
}

impl Summarizer<'_> {
    /// What there is to say of a period; `None` of one without entries. Nothing is written.
    ///
    /// # Errors
    /// A page of the journal cannot be read.
    pub fn tell(&self, period: Period) -> Result<Option<Summary>> {
        bail!("cannot summarize {period} yet")
    }

    /// Writes the page of a period, and those of the levels below that are missing or out of date. With `again`, also
    /// pages whose sources have not changed. `cancelled` is asked in between; what is written by then stays.
    ///
    /// # Errors
    /// A page cannot be read or written, or it was cancelled.
    pub fn make(&self, period: Period, again: bool, cancelled: &dyn Fn() -> bool) -> Result<Made> {
        let _ = (again, cancelled);
        bail!("cannot summarize {period} yet")
    }

    /// The periods that are over, have entries, and have no page that is up to date; the newest first, shorter ones before
    /// those that are made of them.
    ///
    /// # Errors
    /// The journal cannot be listed.
    pub fn due(&self, today: NaiveDate) -> Result<Vec<Period>> {
        bail!("cannot tell what is due on {today} yet")
    }
}
