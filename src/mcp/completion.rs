//! What may be meant by the beginning of an argument.
//!
//! In: a template or a prompt, and what was typed. Out: values that exist, the newest first.
//! Never here: the whole journal read: what was not found among the newest entries is not offered.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use anyhow::Result;
use rmcp::model::{CompletionInfo, Reference};

use super::desk::Desk;
use super::prompts;
use crate::browse::{self, Filter, Order};
use crate::journal::{Entry, Period, Unit};

/// So many values, the protocol allows.
const MOST: usize = CompletionInfo::MAX_VALUES;

/// So many of the newest entries are looked at.
const ENTRIES: usize = 2_000;

/// So many weeks back.
const WEEKS: usize = 12;

/// What the values are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Commits that have an entry.
    Commit,
    /// Days that have a page.
    Day,
    /// Periods of the calendar that have entries: weeks, months, quarters and years.
    Period,
    /// Files that entries tell of.
    Path,
    /// Days in words.
    Since,
    /// Weeks.
    Week,
}

/// What an argument of a template or a prompt is; `None` where there is none of that name.
#[must_use]
pub fn kind(reference: &Reference, argument: &str) -> Option<Kind> {
    match reference {
        Reference::Resource(template) => match (template.uri.as_str(), argument) {
            ("journal://entry/{commit}", "commit") => Some(Kind::Commit),
            ("journal://day/{date}", "date") => Some(Kind::Day),
            ("journal://summary/{period}", "period") => Some(Kind::Period),
            _ => None,
        },
        Reference::Prompt(prompt) => {
            let takes = prompts::named(&prompt.name)?.takes();
            match takes.filter(|name| *name == argument)? {
                "path" => Some(Kind::Path),
                "week" => Some(Kind::Week),
                _ => Some(Kind::Since),
            }
        }
        // What later versions of the protocol may refer to.
        _ => None,
    }
}

/// The values that what was typed may become, and whether there are more.
///
/// # Errors
/// The journal cannot be read.
pub fn values(desk: &Desk, kind: Kind, typed: &str) -> Result<(Vec<String>, bool)> {
    let mut values = match kind {
        Kind::Commit => newest(desk, |entry| {
            let id = entry.commit.as_str();
            id.starts_with(typed).then(|| id.to_owned()).into_iter().collect()
        })?,
        Kind::Path => newest(desk, |entry| {
            let paths = entry.changes.listed.iter().map(|change| change.path.clone());
            paths.filter(|path| path.contains(typed)).collect()
        })?,
        Kind::Day => {
            let days = desk.store().days()?.into_iter().rev().map(|day| day.to_string());
            days.filter(|day| day.starts_with(typed)).take(MOST + 1).collect()
        }
        Kind::Since => {
            beginning(["yesterday", "today", "this week", "last week", "7d", "30d"].map(str::to_owned), typed)
        }
        Kind::Period => {
            let days = desk.store().days()?;
            let units = [Unit::Week, Unit::Month, Unit::Quarter, Unit::Year];
            let periods: BTreeSet<Period> =
                units.iter().flat_map(|unit| days.iter().map(|day| Period::of(*unit, *day))).collect();
            let names = periods.into_iter().rev().map(|period| period.to_string());
            names.filter(|name| name.starts_with(typed)).take(MOST + 1).collect()
        }
        Kind::Week => {
            let this = Period::of(Unit::Week, desk.env.now.date_naive());
            let weeks = std::iter::successors(Some(this), Period::previous).take(WEEKS).map(|week| week.to_string());
            beginning(["last week", "this week"].map(str::to_owned).into_iter().chain(weeks), typed)
        }
    };
    let more = values.len() > MOST;
    values.truncate(MOST);
    Ok((values, more))
}

fn beginning(values: impl IntoIterator<Item = String>, typed: &str) -> Vec<String> {
    values.into_iter().filter(|value| value.starts_with(typed)).collect()
}

/// What the newest entries have of something, each once.
fn newest(desk: &Desk, of: impl Fn(&Entry) -> Vec<String>) -> Result<Vec<String>> {
    let (mut seen, mut values, mut known) = (0, Vec::new(), BTreeSet::new());
    browse::visit(&desk.store(), &Filter::default(), Order::NewestFirst, |entry| {
        seen += 1;
        values.extend(of(&entry).into_iter().filter(|value| known.insert(value.clone())));
        let enough = values.len() > MOST || seen >= ENTRIES;
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    values.truncate(MOST + 1);
    Ok(values)
}
