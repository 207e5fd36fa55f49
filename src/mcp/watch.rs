//! Which pages have changed since they were looked at last.
//!
//! In: the pages of the journal with their stamps, again and again. Out: those that are other ones.
//! Never here: a page opened, or a look while nobody is subscribed.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;

use crate::journal::{Days, Period};

/// How often pages are looked at while somebody is subscribed.
pub const INTERVAL: Duration = Duration::from_secs(1);

/// More addresses than these are not watched for one client.
pub const MOST: usize = 100;

/// A page of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// That of a day.
    Day(NaiveDate),
    /// That of a summary.
    Summary(Period),
}

impl Page {
    /// Whether what tells of these days is another one when this page is.
    #[must_use]
    pub fn is_of(self, days: Days) -> bool {
        match self {
            Self::Day(day) => days.contains(day),
            Self::Summary(period) => period.days() == days,
        }
    }
}

/// What was seen last.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Option<BTreeMap<Page, String>>,
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The pages that came, went or changed.
    pub pages: Vec<Page>,
    /// Whether there are other pages than before.
    pub list: bool,
}

impl Watch {
    /// Looks again; the first look finds nothing changed.
    pub fn look(&mut self, stamps: impl IntoIterator<Item = (Page, String)>) -> Changes {
        let now: BTreeMap<Page, String> = stamps.into_iter().collect();
        let Some(before) = self.seen.replace(now.clone()) else { return Changes::default() };
        let came = now.iter().filter(|(page, stamp)| before.get(page) != Some(stamp)).map(|(page, _)| *page);
        let gone = before.keys().filter(|page| !now.contains_key(page)).copied();
        let pages: Vec<Page> = came.chain(gone).collect();
        let list = pages.iter().any(|page| before.contains_key(page) != now.contains_key(page));
        Changes { pages, list }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_went_or_changed_is_noticed_once() {
        let page = |text: &str| match text.parse::<NaiveDate>() {
            Ok(day) => Page::Day(day),
            Err(_) => Page::Summary(Period::parse(text, NaiveDate::default()).unwrap()),
        };
        let name = |page: &Page| match page {
            Page::Day(day) => day.to_string(),
            Page::Summary(period) => period.to_string(),
        };
        let mut watch = Watch::default();
        let mut look = |stamps: &[(&str, &str)]| {
            let changes = watch.look(stamps.iter().map(|(name, stamp)| (page(name), (*stamp).to_owned())));
            (changes.pages.iter().map(name).collect::<Vec<_>>().join(" "), changes.list)
        };
        assert_eq!(look(&[("2026-01-05", "a"), ("2026-01-06", "a")]), (String::new(), false));
        assert_eq!(look(&[("2026-01-05", "a"), ("2026-01-06", "b")]), ("2026-01-06".to_owned(), false));
        assert_eq!(look(&[("2026-01-05", "a"), ("2026-01-06", "b")]), (String::new(), false));
        assert_eq!(look(&[("2026-01-06", "b"), ("2026-01-07", "a")]), ("2026-01-07 2026-01-05".to_owned(), true));
        assert_eq!(look(&[("2026-01-06", "b"), ("2026-W02", "a")]), ("2026-W02 2026-01-07".to_owned(), true));
        assert_eq!(look(&[]), ("2026-01-06 2026-W02".to_owned(), true));
    }
}
