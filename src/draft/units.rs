//! Times and numbers as entries hold them.
//!
//! In: instants, lengths. Out: the author's clock to the minute, numbers of 32 bits.
//! Never here: a number that wraps around.

use chrono::{DateTime, FixedOffset, Timelike, Utc};

/// An instant as the author's clock showed it, to the minute.
pub(super) fn minute(at: DateTime<Utc>, zone: FixedOffset) -> DateTime<FixedOffset> {
    let at = at.with_timezone(&zone);
    at.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(at)
}

/// A length as an entry's number; the largest there is where it does not fit.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
