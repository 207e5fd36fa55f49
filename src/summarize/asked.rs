//! Which summaries are meant, as people write it.
//!
//! In: a level, a time in words, and the days of the journal. Out: the periods.
//! Never here: a period without entries.

use anyhow::Result;
use chrono::NaiveDate;

use crate::advice::{Advice, Usage};
use crate::journal::{Days, Period, Unit};
use crate::store::Store;

/// The periods that are meant, those alone that have entries; the newest if no time is named.
///
/// # Errors
/// The text names no time, there are no entries then, or the journal cannot be listed.
pub fn periods(store: &Store, unit: Unit, text: &str, today: NaiveDate) -> Result<Vec<Period>> {
    let there = store.days()?;
    let Some(newest) = there.last() else {
        return Err(Advice::empty_journal().into());
    };
    if text.is_empty() {
        return Ok(vec![Period::of(unit, *newest)]);
    }
    let days = Days::parse(text, today).ok_or_else(|| Usage {
        message: format!("`{text}` names no time"),
        hint: "write 2026-01-06, 2026-W02, 2026-01, 2026-Q1, 2026, yesterday, 'last week', 7d, or A..B".to_owned(),
    })?;
    let mut periods: Vec<Period> =
        there.iter().filter(|day| days.contains(**day)).map(|day| Period::of(unit, *day)).collect();
    periods.dedup();
    if periods.is_empty() {
        let message = format!("there are no entries of {text}");
        return Err(Advice { message, hint: format!("the newest day is {newest}") }.into());
    }
    Ok(periods)
}
