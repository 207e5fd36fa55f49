//! What tells whether a period's sources have changed.
//!
//! In: the pages of days. Out: a [`Fingerprint`] for each period that has entries: of a day that of its entries, of longer
//! periods that of their parts.
//! Never here: what was written by hand below an entry, which no summary tells.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;

use crate::journal::{Days, Fingerprint, Period, Unit};
use crate::markdown::marker;
use crate::store::Store;

/// The days that have entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sources {
    days: BTreeMap<NaiveDate, Fingerprint>,
}

impl Sources {
    /// Those of these days; of all without. Pages are searched for structure lines and not parsed.
    pub(super) fn read(store: &Store, of: Option<Days>) -> Result<Self> {
        let mut days = BTreeMap::new();
        for day in store.days()?.into_iter().filter(|day| of.is_none_or(|days| days.contains(*day))) {
            let Some(page) = store.bytes(day)? else { continue };
            let spans = marker::spans(&page);
            if !spans.is_empty() {
                let entries = spans.iter().map(|span| &page[span.all.start..span.below.unwrap_or(span.all.end)]);
                days.insert(day, Fingerprint::of(entries));
            }
        }
        Ok(Self { days })
    }

    /// What the sources of a period are today; `None` of one without entries. Whether it is over is a part of it: what
    /// was told of a week on Wednesday is not what is told of the whole week.
    pub(super) fn of(&self, period: Period, today: NaiveDate) -> Option<Fingerprint> {
        let Days { first, last } = period.days();
        if period.unit == Unit::Day {
            let day = self.days.get(&first)?;
            let over = if period.is_over(today) { String::new() } else { "until then".to_owned() };
            return Some(Fingerprint::of([day.as_str().as_bytes(), over.as_bytes()]));
        }
        let mut days = self.days.range(first..=last).peekable();
        days.peek()?;
        let over = if period.is_over(today) { String::new() } else { format!("until {today}") };
        let texts: Vec<String> = days.map(|(day, print)| format!("{day} {}", print.as_str())).chain([over]).collect();
        Some(Fingerprint::of(texts.iter().map(String::as_bytes)))
    }

    /// All periods that have entries, the newest first; shorter ones before those that are made of them.
    pub(super) fn periods(&self) -> Vec<Period> {
        let units = Unit::ALL.iter();
        let mut periods: Vec<Period> =
            units.flat_map(|unit| self.days.keys().map(|day| Period::of(*unit, *day))).collect();
        periods.sort_by_key(|period| (std::cmp::Reverse(period.first()), period.unit));
        periods.dedup();
        periods
    }

    /// The days of a period that have entries.
    pub(super) fn days(&self, period: Period) -> impl Iterator<Item = NaiveDate> {
        let Days { first, last } = period.days();
        self.days.range(first..=last).map(|(day, _)| *day)
    }
}
