//! Times and numbers as entries hold them.
//!
//! In: instants, lengths. Out: the author's clock to the minute, numbers of 32 bits.
//! Never here: a number that wraps around.

use chrono::{DateTime, FixedOffset, NaiveTime, Timelike, Utc};

/// An instant as the author's clock showed it, to the minute.
pub(super) fn clock(at: DateTime<Utc>, zone: FixedOffset) -> NaiveTime {
    let time = at.with_timezone(&zone).time();
    NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(NaiveTime::MIN)
}

/// A length as an entry's number; the largest there is where it does not fit.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
