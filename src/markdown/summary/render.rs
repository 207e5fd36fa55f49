//! A summary as Markdown.
//!
//! In: a [`Summary`]. Out: its text, from its first structure line to its end line.
//! Never here: a heading over nothing, or a choice of what to say.

use chrono::{DateTime, FixedOffset};

use super::super::marker;
use super::super::parts::{self, items, paragraph, quoted};
use super::super::plain;
use super::lines::{self, counted};
use super::{page, telling};
use crate::journal::summary::Stamp;
use crate::journal::{Churn, Listed, Numbers, Period, Reflection, Summary, Unit};

/// The generated part of a page that was made at `at`.
#[must_use]
pub fn block(summary: &Summary, at: DateTime<FixedOffset>) -> String {
    let text = text(summary);
    let stamp = Stamp { at, of: summary.fingerprint.clone(), text: page::text_fingerprint(&text) };
    format!("{}\n{text}{}\n", page::begin(summary.period, &stamp), marker::END)
}

/// What people read of it.
#[must_use]
pub fn text(summary: &Summary) -> String {
    let period = summary.period;
    let mut text = format!("# {}\n", title(period));
    if let Some(until) = summary.until {
        paragraph(
            &mut text,
            &format!("*Up to {}: the {} is not over.*", until.format("%A, %-d %B"), period.unit.name()),
        );
    }
    let reflections = summary.reflections.listed.iter().map(|reflection| self::reflection(reflection, period));
    section(&mut text, "Reflections", reflections.chain(more(&summary.reflections, period)));
    section(&mut text, "Summary", summary.prose.iter().map(|prose| telling::render(prose, &summary.fingerprint)));
    list(&mut text, "Decisions", &summary.decisions, period, |one| lines::decision(one, period));
    list(&mut text, "Roadblocks", &summary.roadblocks, period, |one| lines::obstacle(one, period));
    list(&mut text, "Threads", &summary.threads, period, |one| lines::thread(one, period));
    list(&mut text, "Asked for", &summary.asked, period, |one| lines::asked(one, period));
    section(&mut text, "Numbers", items(numbers(&summary.numbers, period).into_iter()));
    churn(&mut text, "Areas", &summary.areas, true);
    churn(&mut text, "Files", &summary.files, false);
    section(&mut text, "Commits", items(summary.commits.iter().map(lines::commit)));
    let below = period.unit.below().map_or("", plural);
    section(&mut text, below, items(summary.sources.iter().map(lines::source)));
    text
}

/// The title of the page: of a day one that tells it from that of its entries.
#[must_use]
pub fn title(period: Period) -> String {
    match period.unit {
        Unit::Day => format!("Summary of {}", period.title()),
        _ => period.title(),
    }
}

fn plural(unit: Unit) -> &'static str {
    match unit {
        Unit::Day => "Days",
        Unit::Week => "Weeks",
        Unit::Month => "Months",
        Unit::Quarter => "Quarters",
        Unit::Year => "Years",
    }
}

/// A section of a summary.
fn section(out: &mut String, name: &str, parts: impl Iterator<Item = String>) {
    parts::section(out, &format!("## {name}"), parts);
}

fn list<T>(out: &mut String, name: &str, all: &Listed<T>, period: Period, line: impl Fn(&T) -> String) {
    section(out, name, items(all.listed.iter().map(line).chain(more(all, period))));
}

/// `and 4 more`, with where they are.
fn more<T>(all: &Listed<T>, period: Period) -> Option<String> {
    let place = match period.unit {
        Unit::Day => "in the entries".to_owned(),
        unit => format!("in the {}", plural(unit.below()?).to_lowercase()),
    };
    (all.more > 0).then(|| format!("and {} more {place}", all.more))
}

fn churn(out: &mut String, name: &str, all: &Listed<Churn>, is_area: bool) {
    let more = (all.more > 0).then(|| format!("and {} more", all.more));
    section(out, name, items(all.listed.iter().map(|one| lines::churn(one, is_area)).chain(more)));
}

/// The words as they are: nothing in them can be told from a heading or an end outside of the quote.
fn reflection(reflection: &Reflection, period: Period) -> String {
    let when = reflection.at.format(if period.unit == Unit::Day { "%H:%M" } else { "%A, %-d %B, %H:%M" });
    format!("**{when}**, with {}:\n\n{}", lines::subject(&reflection.of), quoted(&reflection.text))
}

fn numbers(numbers: &Numbers, period: Period) -> Vec<String> {
    let commits = counted(numbers.commits, "commit", "commits");
    let days = match period.unit {
        Unit::Day => String::new(),
        _ => format!(" on {}", counted(numbers.days, "day", "days")),
    };
    let files = counted(numbers.files, "file", "files");
    let mut lines = vec![format!("{commits}{days}, +{} −{} in {files}", numbers.added, numbers.removed)];
    if numbers.authors.len() > 1 {
        lines.push(format!("By {}", tally(numbers.authors.iter().map(|(name, count)| (name.as_str(), *count)))));
    }
    if numbers.sessions > 0 {
        let sessions = counted(numbers.sessions, "conversation", "conversations");
        let prompts = counted(usize::try_from(numbers.prompts).unwrap_or(usize::MAX), "prompt", "prompts");
        let with = tally(numbers.assistants.iter().map(|(assistant, count)| (assistant.name(), *count)));
        lines.push(format!("{sessions} with {prompts}; commits by assistant: {with}"));
    }
    match numbers.unread {
        0 => {}
        1 => lines.push("1 entry cannot be read and is not counted".to_owned()),
        more => lines.push(format!("{more} entries cannot be read and are not counted")),
    }
    lines
}

/// `Ada (3), Grace (1)`; of many the first.
fn tally<'a>(all: impl Iterator<Item = (&'a str, usize)>) -> String {
    const MOST: usize = 8;
    let all: Vec<String> = all.map(|(name, count)| format!("{} ({count})", plain::within(name))).collect();
    let more = all.len().saturating_sub(MOST);
    let listed = all.into_iter().take(MOST).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{listed} and {more} more") } else { listed }
}
