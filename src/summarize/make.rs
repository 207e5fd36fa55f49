//! Pages of summaries: which are due, and how they are written.
//!
//! In: a journal, and a period. Out: its [`Summary`], or what came of its page.
//! Never here: what is told, or a page written again whose sources and text are the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use chrono::NaiveDate;

use super::material::Material;
use super::sources::Sources;
use super::{prose, tell};
use crate::journal::{Days, Period, Prose, Summary, SummaryPage};
use crate::markdown::summary;
use crate::narrate::tell::Desk;
use crate::record::Recorder;
use crate::store::{Store, Transaction, summaries};

/// So many pages are written while commits wait: few enough that none waits long, and one commit on a journal's branch.
const PORTION: usize = 16;

/// What was over earlier than this gets no prose unasked.
const RECENT: chrono::Days = chrono::Days::new(14);

/// What summaries are made with.
pub struct Summarizer<'a> {
    recorder: &'a Recorder<'a>,
    /// What prose is written with, if it is to be.
    desk: Option<&'a Desk<'a>>,
    /// Who hears why there is no prose.
    remark: &'a dyn Fn(&str),
}

/// Which prose is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prosaic {
    /// That of this period.
    Only(Period),
    /// Those of which this day or a later one is the last: prose about years of history is for whoever asks for it.
    Since(NaiveDate),
    /// None any more: who does not answer now, or costs too much, is not asked about the next.
    None,
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

impl Made {
    /// The page, and what became of it in a word; `None` where there is none.
    #[must_use]
    pub fn page(&self) -> Option<(&Path, &'static str)> {
        match self {
            Self::Written(path) => Some((path, "written")),
            Self::Rewritten(path) => Some((path, "rewritten")),
            Self::Unchanged(path) => Some((path, "unchanged")),
            Self::Edited(path) => Some((path, "edited")),
            Self::Empty => None,
        }
    }
}

/// What of a journal is asked for over and over.
struct Round {
    store: Store,
    sources: Sources,
    /// Periods that have a page, or will have when the round is over.
    pages: BTreeSet<Period>,
    today: NaiveDate,
}

impl<'a> Summarizer<'a> {
    /// One that asks no model.
    #[must_use]
    pub fn new(recorder: &'a Recorder<'a>) -> Self {
        Self { recorder, desk: None, remark: &|_| {} }
    }

    /// The same with prose by the desk's model; `remark` hears why there is none.
    #[must_use]
    pub fn with_prose(self, desk: &'a Desk<'a>, remark: &'a dyn Fn(&str)) -> Self {
        Self { desk: Some(desk), remark, ..self }
    }

    /// What there is to say of a period; `None` of one without entries. Nothing is written.
    ///
    /// # Errors
    /// A page of the journal cannot be read.
    pub fn tell(&self, period: Period) -> Result<Option<Summary>> {
        let round = self.round(Some(period.days()))?;
        let Some((mut summary, _)) = round.tell(period)? else { return Ok(None) };
        summary.prose = round.store.summary(period)?.and_then(|page| page.prose);
        Ok(Some(summary))
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
        periods.retain(|period| round.sources.days(*period).next().is_some());
        if periods.is_empty() {
            return Ok(Made::Empty);
        }
        round.pages.extend(&periods);
        let made = self.write(&round, &periods, Some(period).filter(|_| again), Prosaic::Only(period), cancelled)?;
        Ok(made.into_iter().last().map_or(Made::Empty, |(_, made)| made))
    }

    /// Writes the pages of what is due, at most so many, and says how many were left. Due is what is over, has entries, and
    /// has no page that is up to date; the newest first, shorter periods before those that are made of them. A page that
    /// somebody has changed is none of them. Prose is asked for only about what was over in the last two weeks.
    ///
    /// # Errors
    /// As [`Summarizer::make`].
    pub fn make_due(&self, at_once: usize, cancelled: &dyn Fn() -> bool) -> Result<usize> {
        let mut round = self.round(None)?;
        let mut due = round.due()?;
        let left = due.split_off(due.len().min(at_once)).len();
        round.pages.extend(&due);
        let since = round.today.checked_sub_days(RECENT).unwrap_or(round.today);
        self.write(&round, &due, None, Prosaic::Since(since), cancelled)?;
        Ok(left)
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
        mut prosaic: Prosaic,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<(Period, Made)>> {
        let mut made = Vec::new();
        // What a model was paid for is written before the next is asked for.
        let portion = if self.desk.is_some() { 1 } else { PORTION };
        for portion in periods.chunks(portion) {
            let mut stale = Vec::new();
            for period in portion {
                if cancelled() {
                    bail!("cannot finish the summary of {period}: it was cancelled");
                }
                let page = if round.pages.contains(period) { round.store.summary(*period)? } else { None };
                let is_asked =
                    again == Some(*period) || prosaic == Prosaic::Only(*period) && self.lacks_prose(page.as_ref());
                if page.as_ref().is_some_and(|page| !is_asked && round.is_up_to_date(page)) {
                    made.push((*period, Made::Unchanged(round.store.path(*period))));
                } else if page.is_some_and(|page| page.is_edited && !page.text.trim().is_empty()) {
                    made.push((*period, Made::Edited(round.store.path(*period))));
                } else if let Some((mut summary, material)) = round.tell(*period)? {
                    summary.prose = self.prose(&mut prosaic, &material, &summary)?;
                    stale.push(summary);
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

    /// Whether there is somebody to write prose, and none that says what the entries say now.
    fn lacks_prose(&self, page: Option<&SummaryPage>) -> bool {
        let is_current = |page: &SummaryPage| {
            let made = page.made.as_ref().map(|made| &made.of);
            page.prose.as_ref().is_some_and(|prose| Some(&prose.of) == made)
        };
        self.desk.is_some() && !page.is_some_and(is_current)
    }

    fn prose(&self, prosaic: &mut Prosaic, material: &Material, summary: &Summary) -> Result<Option<Prose>> {
        let is_wanted = match *prosaic {
            Prosaic::Only(period) => period == summary.period,
            Prosaic::Since(day) => summary.period.last() >= day,
            Prosaic::None => false,
        };
        let Some(desk) = self.desk.filter(|_| is_wanted) else { return Ok(None) };
        Ok(match prose::ask(desk, material, &summary.fingerprint)? {
            None => None,
            Some(Ok(prose)) => Some(prose),
            Some(Err(why)) => {
                *prosaic = Prosaic::None;
                (self.remark)(&why);
                None
            }
        })
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
    fn tell(&self, period: Period) -> Result<Option<(Summary, Material)>> {
        let Some(fingerprint) = self.sources.of(period, self.today) else { return Ok(None) };
        let material = Material::read(&self.store, period, self.sources.days(period))?;
        let has_page = |part| self.pages.contains(&part);
        Ok(Some((tell::summary(&material, fingerprint, self.today, has_page), material)))
    }

    fn due(&self) -> Result<Vec<Period>> {
        let mut due = Vec::new();
        for period in self.sources.periods().into_iter().filter(|period| period.is_over(self.today)) {
            let page = if self.pages.contains(&period) { self.store.summary(period)? } else { None };
            if page.is_none_or(|page| !page.is_edited && !self.is_up_to_date(&page)) {
                due.push(period);
            }
        }
        Ok(due)
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
