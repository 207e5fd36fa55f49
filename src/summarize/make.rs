//! Pages of summaries: which are due, and how they are written.
//!
//! In: a journal, and a period. Out: its [`Summary`], or what came of its page.
//! Never here: what is told, or a page written again whose sources and text are the same.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, bail};
use chrono::NaiveDate;

use super::material::Material;
use super::sources::Sources;
use super::tell;
use crate::journal::{Days, Period, Summary, SummaryPage};
use crate::markdown::summary;
use crate::record::Recorder;
use crate::store::{Store, Transaction, summaries};

/// So many pages are written while commits wait: few enough that none waits long, and one commit on a journal's branch.
const PORTION: usize = 16;

/// What summaries are made with.
#[derive(Debug)]
pub struct Summarizer<'a> {
    /// The repository, its settings and its journal.
    pub recorder: &'a Recorder<'a>,
}

/// What came of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It has a page now.
    Written(PathBuf),
    /// Its page was written again.
    Rewritten(PathBuf),
    /// Its page says what there is to say.
    Unchanged(PathBuf),
    /// Somebody has changed what stands on its page, so it was left as it is.
    Edited(PathBuf),
    /// Nothing happened in it.
    Empty,
}

/// What of a journal is asked for over and over.
struct Round {
    store: Store,
    sources: Sources,
    /// Periods that have a page, or will have when the round is over.
    pages: BTreeSet<Period>,
    today: NaiveDate,
}

impl Summarizer<'_> {
    /// What there is to say of a period; `None` of one without entries. Nothing is written.
    ///
    /// # Errors
    /// A page of the journal cannot be read.
    pub fn tell(&self, period: Period) -> Result<Option<Summary>> {
        let round = self.round(Some(period.days()))?;
        let mut summary = round.tell(period)?;
        if let (Some(summary), Some(page)) = (&mut summary, round.store.summary(period)?) {
            summary.prose = page.prose;
        }
        Ok(summary)
    }

    /// Writes the page of a period, and those of the levels below that are missing or out of date. With `again`, also
    /// its own where its sources have not changed. `cancelled` is asked in between; what is written by then stays.
    ///
    /// # Errors
    /// A page cannot be read or written, or it was cancelled.
    pub fn make(&self, period: Period, again: bool, cancelled: &dyn Fn() -> bool) -> Result<Made> {
        let mut round = self.round(Some(period.days()))?;
        let mut periods = Vec::new();
        below(period, &mut periods);
        periods.retain(|period| round.sources.has(*period));
        if periods.is_empty() {
            return Ok(Made::Empty);
        }
        round.pages.extend(&periods);
        let made = self.write(&round, &periods, Some(period).filter(|_| again), cancelled)?;
        Ok(made.into_iter().last().map_or(Made::Empty, |(_, made)| made))
    }

    /// Writes the pages of periods that are due, as [`Summarizer::due`] names them, and says what came of each.
    ///
    /// # Errors
    /// As [`Summarizer::make`].
    pub fn make_due(&self, due: &[Period], cancelled: &dyn Fn() -> bool) -> Result<Vec<(Period, Made)>> {
        let mut round = self.round(None)?;
        round.pages.extend(due);
        self.write(&round, due, None, cancelled)
    }

    /// The periods that are over, have entries, and have no page that is up to date; the newest first, shorter ones before
    /// those that are made of them. A page that somebody has changed is none of them.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn due(&self, today: NaiveDate) -> Result<Vec<Period>> {
        let round = Round { today, ..self.round(None)? };
        let mut due = Vec::new();
        for period in round.sources.periods().into_iter().filter(|period| period.is_over(today)) {
            let page = if round.pages.contains(&period) { round.store.summary(period)? } else { None };
            if page.is_none_or(|page| !page.is_edited && !round.is_up_to_date(&page)) {
                due.push(period);
            }
        }
        Ok(due)
    }

    fn round(&self, days: Option<Days>) -> Result<Round> {
        let store = self.recorder.store();
        let sources = Sources::read(&store, days)?;
        let pages = store.summaries()?.into_iter().collect();
        Ok(Round { store, sources, pages, today: self.recorder.env.now.date_naive() })
    }

    /// Writes pages, in portions.
    fn write(
        &self,
        round: &Round,
        periods: &[Period],
        again: Option<Period>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<(Period, Made)>> {
        let mut made = Vec::new();
        for portion in periods.chunks(PORTION) {
            let mut stale = Vec::new();
            for period in portion {
                if cancelled() {
                    bail!("cannot finish the summary of {period}: it was cancelled");
                }
                let page = if round.pages.contains(period) { round.store.summary(*period)? } else { None };
                let is_asked = again == Some(*period);
                if page.as_ref().is_some_and(|page| !is_asked && round.is_up_to_date(page)) {
                    made.push((*period, Made::Unchanged(round.store.path(*period))));
                } else {
                    stale.extend(round.tell(*period)?);
                }
            }
            if stale.is_empty() {
                continue;
            }
            let mut transaction = round.store.begin(self.recorder.patience())?;
            for summary in stale {
                made.push((summary.period, self.put(round, &mut transaction, summary)?));
            }
            transaction.finish()?;
        }
        Ok(made)
    }

    fn put(&self, round: &Round, transaction: &mut Transaction<'_>, mut summary: Summary) -> Result<Made> {
        let period = summary.period;
        let path = round.store.path(period);
        let old = transaction.page(period)?;
        let is_new = old.trim_ascii().is_empty();
        let page = summary::parse(&String::from_utf8_lossy(old), period);
        if !is_new && page.is_edited {
            return Ok(Made::Edited(path));
        }
        summary.prose = summary.prose.or(page.prose);
        let block = summary::block(&summary, self.recorder.env.now);
        if page.made.is_some_and(|made| block.contains(&made.tail())) {
            return Ok(Made::Unchanged(path));
        }
        let Some(page) = summaries::placed(old, &block) else { return Ok(Made::Edited(path)) };
        transaction.set(period, page);
        Ok(if is_new { Made::Written(path) } else { Made::Rewritten(path) })
    }
}

impl Round {
    fn tell(&self, period: Period) -> Result<Option<Summary>> {
        let Some(fingerprint) = self.sources.of(period, self.today) else { return Ok(None) };
        let material = Material::read(&self.store, period)?;
        let has_page = |part| self.pages.contains(&part);
        Ok(Some(tell::summary(&material, fingerprint, self.today, has_page)))
    }

    /// Whether a page says what its sources say now.
    fn is_up_to_date(&self, page: &SummaryPage) -> bool {
        let now = self.sources.of(page.period, self.today);
        !page.is_edited && page.made.as_ref().is_some_and(|made| Some(&made.of) == now.as_ref())
    }
}

/// A period behind all that it is made of.
fn below(period: Period, all: &mut Vec<Period>) {
    for part in period.parts() {
        below(part, all);
    }
    all.push(period);
}
