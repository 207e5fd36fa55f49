//! The numbers of rows in the index.
//!
//! In: a day. Out: its rows: an entry each, the first for what belongs to the day itself, the last for summaries of what
//! begins on it; and back.
//! Never here: the database.

use chrono::{Datelike, NaiveDate};

use crate::journal::{Period, Unit};

/// So many rows has a day.
pub const A_DAY: i64 = 1 << 20;

/// The number of a day's first row.
#[must_use]
pub fn first(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce()) * A_DAY
}

/// The number of the row of a summary: the last of the period's first day, one for each length.
#[must_use]
pub fn summary(period: Period) -> i64 {
    let length = Unit::ALL.iter().zip(1..).find(|(unit, _)| **unit == period.unit);
    first(period.first()) + A_DAY - length.map_or(1, |(_, number)| number)
}

/// The day of a row; `None` for a number that no day has.
#[must_use]
pub fn day(row: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(row.div_euclid(A_DAY)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_knows_its_day() {
        for text in ["0001-01-01", "2026-01-06", "9999-12-31"] {
            let of: NaiveDate = text.parse().unwrap();
            assert_eq!((day(first(of)), day(first(of) + A_DAY - 1)), (Some(of), Some(of)));
        }
        for extreme in [NaiveDate::MIN, NaiveDate::MAX] {
            assert_eq!(day(first(extreme)), Some(extreme));
        }
        assert_eq!(day(i64::MAX), None);
    }
}
