//! Which past commits are meant, as people write it.
//!
//! In: a date in words, and git's configuration. Out: the instant, and the address of one's own commits.
//! Never here: the history.

use anyhow::Result;
use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, Utc};

use crate::advice::{Advice, Usage};
use crate::git::{Repository, select};

/// The instant that a text names; a day begins at its midnight here.
///
/// # Errors
/// It names none.
pub fn instant(text: &str, now: DateTime<FixedOffset>) -> Result<DateTime<Utc>> {
    let day = match text {
        "today" => Some(now.date_naive()),
        "yesterday" => now.date_naive().checked_sub_days(Days::new(1)),
        text => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
    };
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_local_timezone(*now.offset()).single();
    let at = day.and_then(midnight).map(|at| at.to_utc()).or_else(|| select::instant(text, now));
    at.ok_or_else(|| {
        let message = format!("cannot understand the date `{text}`");
        Usage { message, hint: "write YYYY-MM-DD, today, yesterday, or as git does: '2 weeks ago'".to_owned() }.into()
    })
}

/// The address of one's own commits.
///
/// # Errors
/// Git has none, and not `everyone`'s commits are wanted.
pub fn own(repository: &Repository, everyone: bool) -> Result<Option<String>> {
    let own = repository.config_string("user.email").filter(|email| !email.trim().is_empty());
    if own.is_none() && !everyone {
        return Err(Advice {
            message: "cannot tell which commits are yours: git has no user.email".to_owned(),
            hint: "set it (git config user.email ADDRESS), or give all commits entries with --everyone".to_owned(),
        }
        .into());
    }
    Ok(own)
}
