//! The journal's pages as resources.
//!
//! In: an address such as `journal://day/2026-01-06`. Out: Markdown, as it stands on the page.
//! Never here: a path: an address names a day or a commit, and nothing else can be read with it.

use anyhow::{Context, Result};
use chrono::NaiveDate;
use rmcp::model::{Resource, ResourceTemplate};

use super::bounds;
use super::desk::Desk;
use crate::browse;
use crate::journal::{Days, Period};
use crate::markdown::{self, summary};
use crate::store::Store;
use crate::summarize::Summarizer;

/// What the addresses begin with.
const SCHEME: &str = "journal://";

/// What the pages are.
pub const MARKDOWN: &str = "text/markdown";

/// Days on one page of the list.
pub const LISTED: usize = 100;

/// The fewest and the most digits of a commit's id.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=64;

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// The page of today.
    Today,
    /// The page of a day.
    Day(NaiveDate),
    /// The entry of the commit whose id is this, or begins so.
    Entry(String),
    /// The summary of a period.
    Summary(Period),
}

/// An address, with the repository where the client has several open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What it names.
    pub named: Named,
    /// Of which repository.
    pub repository: Option<String>,
}

impl Address {
    /// Reads an address; `None` where it names nothing.
    #[must_use]
    pub fn parse(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix(SCHEME)?;
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let repository = match query {
            None => None,
            Some(query) => {
                let name = query.strip_prefix("repository=").filter(|name| !name.contains('&'))?;
                Some(percent_encoding::percent_decode_str(name).decode_utf8().ok()?.into_owned())
            }
        };
        let named = match path.split_once('/') {
            None if path == "today" => Named::Today,
            Some(("day", day)) if day.len() == 10 => Named::Day(NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?),
            // By its own name alone: `last week` is another one tomorrow.
            Some(("summary", name)) => {
                let period = Period::parse(name, NaiveDate::default()).filter(|period| period.to_string() == name);
                Named::Summary(period?)
            }
            Some(("entry", id)) => {
                let hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                (hex && DIGITS.contains(&id.len())).then(|| Named::Entry(id.to_owned()))?
            }
            _ => return None,
        };
        Some(Self { named, repository })
    }

    /// The days whose pages it is made of, as far as that is known.
    #[must_use]
    pub fn days(&self, desk: &Desk) -> Option<Days> {
        let day = match &self.named {
            Named::Today => desk.env.now.date_naive(),
            Named::Day(day) => *day,
            Named::Entry(id) => {
                let id = desk.repository.resolve(id).ok()?;
                desk.repository.authored(&id).ok()?.date_naive()
            }
            Named::Summary(period) => return Some(period.days()),
        };
        Some(Days { first: day, last: day })
    }
}

/// The Markdown of what is named; `None` where there is none.
///
/// # Errors
/// A page cannot be read, or leads out of the journal.
pub fn read(desk: &Desk, named: &Named) -> Result<Option<String>> {
    let store = desk.caught_up();
    let text = match named {
        Named::Today => {
            let today = desk.env.now.date_naive();
            let page = store.raw(today)?;
            Some(page.unwrap_or_else(|| format!("There is no entry of {today} yet.\n")))
        }
        Named::Day(day) => store.raw(*day)?,
        Named::Entry(id) => entry(desk, &store, id)?,
        Named::Summary(period) => match store.summary(*period)? {
            Some(page) => Some(page.text),
            // Nothing is written for somebody who reads.
            None => Summarizer::new(&desk.recorder()).tell(*period)?.as_ref().map(summary::text),
        },
    };
    Ok(text.map(|text| {
        let (mut shown, cut) = bounds::cut(&text, bounds::PAGE);
        if cut {
            shown.push_str(
                "\n\n(The rest was left out, because the page is too long: journal_read gives its entries.)\n",
            );
        }
        shown
    }))
}

/// Commits that git no longer knows may have an entry, too.
fn entry(desk: &Desk, store: &Store, id: &str) -> Result<Option<String>> {
    let known = desk.repository.resolve(id).ok();
    let found = match known.map(|id| browse::entry_of(store, &desk.repository, &id)).transpose()?.flatten() {
        Some(found) => Some(found),
        None => store.find(None, id)?,
    };
    let Some(found) = found else { return Ok(None) };
    let entry = found.entry.with_context(|| format!("cannot understand the entry in {}", found.path.display()))?;
    Ok(Some(markdown::render_entry(&entry)))
}

/// Today, and the days that have a page, newest first: so many after the first `skip`, and whether there are more.
///
/// # Errors
/// The journal cannot be listed.
pub fn listed(desk: &Desk, skip: usize, repository: Option<&str>) -> Result<(Vec<Resource>, bool)> {
    let suffix = repository.map(|name| format!("?repository={}", encoded(name))).unwrap_or_default();
    let resource = |path: &str, name: String, title: String| {
        Resource::new(format!("{SCHEME}{path}{suffix}"), name).with_title(title).with_mime_type(MARKDOWN)
    };
    let days = desk.store().days()?;
    let count = days.len();
    let mut resources = Vec::new();
    if skip == 0 {
        let today = resource("today", "today".to_owned(), "The journal of today".to_owned());
        resources.push(today.with_description("What was recorded today, up to now"));
    }
    if skip == 0 {
        let periods = desk.store().summaries()?.into_iter().rev().take(LISTED);
        let named = |period: Period| resource(&format!("summary/{period}"), period.to_string(), period.title());
        resources.extend(periods.map(named));
    }
    let page = days.into_iter().rev().skip(skip).take(LISTED);
    resources.extend(
        page.map(|day| resource(&format!("day/{day}"), day.to_string(), day.format("%A, %-d %B %Y").to_string())),
    );
    Ok((resources, skip.saturating_add(LISTED) < count))
}

fn encoded(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The templates of the addresses.
#[must_use]
pub fn templates() -> Vec<ResourceTemplate> {
    let template = |path: &str, name: &str, title: &str, says: &str| {
        let template = ResourceTemplate::new(format!("{SCHEME}{path}"), name);
        template.with_title(title).with_description(says).with_mime_type(MARKDOWN)
    };
    vec![
        template("entry/{commit}", "entry", "The entry of a commit", "By the commit's id, or the beginning of it"),
        template("day/{date}", "day", "The journal of a day", "By the date, as 2026-01-06"),
        template("summary/{period}", "summary", "The summary of a period", "As 2026-W02, 2026-01, 2026-Q1 or 2026"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_day_or_a_commit_or_nothing() {
        let check = |uri: &str, expected: Option<(Named, Option<&str>)>| {
            let expected =
                expected.map(|(named, repository)| Address { named, repository: repository.map(str::to_owned) });
            assert_eq!(Address::parse(uri), expected, "{uri}");
        };
        let day = NaiveDate::from_ymd_opt(2026, 1, 6).unwrap();
        check("journal://today", Some((Named::Today, None)));
        check("journal://day/2026-01-06", Some((Named::Day(day), None)));
        check("journal://entry/0a1b2c3d", Some((Named::Entry("0a1b2c3d".to_owned()), None)));
        let week = Period::parse("2026-W02", day).unwrap();
        check("journal://summary/2026-W02", Some((Named::Summary(week), None)));
        check("journal://today?repository=a%20b", Some((Named::Today, Some("a b"))));
        for nothing in [
            "journal://",
            "journal://today/",
            "journal://day/2026-13-01",
            "journal://day/2026-1-6",
            "journal://day/../../etc/passwd",
            "journal://entry/HEAD",
            "journal://summary/today",
            "journal://summary/last week",
            "journal://summary/2026-w02",
            "journal://summary/2026-W99",
            "journal://summary/../entries",
            "journal://entry/../../config",
            "journal://entry/abc",
            "journal://entry/%2e%2e",
            "journal://today?repository=a&b",
            "journal://today?path=/etc",
            "file:///etc/passwd",
            "journal:today",
            "",
        ] {
            check(nothing, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_address_makes_it_panic(uri in "(journal://)?(day/|entry/|today)?\\PC{0,20}") {
            let _ = Address::parse(&uri);
        }
    }
}
