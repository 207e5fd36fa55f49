//! What summaries say that no entry does: a model's prose, and what was written by hand below them.
//!
//! In: a journal, and a day. Out: the summaries of periods that begin on it, as [`Passage`]s; and what changes whenever
//! a page or such a summary does.
//! Never here: what a summary has from entries, which are found themselves.

use std::borrow::Cow;
use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;

use super::passages::{Field, Passage};
use crate::journal::{Period, Unit};
use crate::store::Store;

/// Stands before what the stamp of a day has of summaries. No other stamp holds it.
const APART: char = '\n';

/// The stamps of the pages of days, with those of the summaries that begin on them.
///
/// # Errors
/// The journal cannot be listed.
pub fn stamps(store: &Store) -> Result<BTreeMap<NaiveDate, String>> {
    let mut stamps: BTreeMap<NaiveDate, String> = store.stamps()?.into_iter().collect();
    for (period, stamp) in store.summary_stamps()? {
        let of_day = stamps.entry(period.first()).or_default();
        of_day.push(APART);
        of_day.push_str(&period.to_string());
        of_day.push_str(&stamp);
    }
    Ok(stamps)
}

/// The summaries that begin on a day with such a stamp and have words of their own. One that cannot be read is left out.
#[must_use]
pub fn beginning(store: &Store, day: NaiveDate, stamp: &str) -> Vec<(Period, Vec<Passage<'static>>)> {
    if !stamp.contains(APART) {
        return Vec::new();
    }
    let periods = Unit::ALL.iter().map(|unit| Period::of(*unit, day)).filter(|period| period.first() == day);
    periods.map(|period| (period, of(store, period))).filter(|(_, passages)| !passages.is_empty()).collect()
}

/// What a summary has of its own; nothing of one that cannot be read.
#[must_use]
pub fn of(store: &Store, period: Period) -> Vec<Passage<'static>> {
    let Some(page) = store.summary(period).ok().flatten() else { return Vec::new() };
    let passage = |field, text: String| Passage { field, speaker: None, at: None, text: Cow::Owned(text) };
    let prose =
        page.prose.into_iter().flat_map(|prose| prose.paragraphs).map(|text| passage(Field::Prose, words(&text)));
    let by_hand = Some(page.by_hand).filter(|text| !text.is_empty()).map(|text| passage(Field::Notes, text));
    prose.chain(by_hand).collect()
}

/// Markdown without where its links lead to: nobody looks for that.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](../") {
        out.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
        out.push(']');
    }
    out + rest
}
