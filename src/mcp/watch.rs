//! Which pages have changed since they were looked at last.
//!
//! In: the days of the journal with their stamps, again and again. Out: the days whose page is another one.
//! Never here: a page opened, or a look while nobody is subscribed.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;

/// How often pages are looked at while somebody is subscribed.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// More addresses than these are not watched for one client.
pub const MOST: usize = 100;

/// What was seen last.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Option<BTreeMap<NaiveDate, String>>,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The days whose page came, went or changed.
    pub days: Vec<NaiveDate>,
    /// Whether there are other days than before.
    pub list: bool,
}

impl Watch {
    /// Looks again; the first look finds nothing changed.
    pub fn look(&mut self, stamps: Vec<(NaiveDate, String)>) -> Changes {
        let now: BTreeMap<NaiveDate, String> = stamps.into_iter().collect();
        let Some(before) = self.seen.replace(now.clone()) else { return Changes::default() };
        let came = now.iter().filter(|(day, stamp)| before.get(day) != Some(stamp)).map(|(day, _)| *day);
        let gone = before.keys().filter(|day| !now.contains_key(day)).copied();
        let days: Vec<NaiveDate> = came.chain(gone).collect();
        let list = days.iter().any(|day| before.contains_key(day) != now.contains_key(day));
        Changes { days, list }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_went_or_changed_is_noticed_once() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut watch = Watch::default();
        let mut look = |stamps: &[(&str, &str)]| {
            let changes = watch.look(stamps.iter().map(|(date, stamp)| (day(date), (*stamp).to_owned())).collect());
            (changes.days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), changes.list)
        };
        assert_eq!(look(&[("2026-01-05", "a"), ("2026-01-06", "a")]), (String::new(), false));
        assert_eq!(look(&[("2026-01-05", "a"), ("2026-01-06", "b")]), ("2026-01-06".to_owned(), false));
        assert_eq!(look(&[("2026-01-05", "a"), ("2026-01-06", "b")]), (String::new(), false));
        assert_eq!(look(&[("2026-01-06", "b"), ("2026-01-07", "a")]), ("2026-01-07 2026-01-05".to_owned(), true));
        assert_eq!(look(&[]), ("2026-01-06 2026-01-07".to_owned(), true));
    }
}
