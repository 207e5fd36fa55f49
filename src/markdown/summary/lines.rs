//! Single lines of a summary.
//!
//! In: one of its parts. Out: Markdown on one line.
//! Never here: a text that passes for markup: whatever was cut is shown as plain text.

use chrono::{Datelike, NaiveDate};

use super::super::render::when;
use super::super::{escape, plain};
use super::link;
use crate::journal::{
    Asked, Churn, Clue, CommitLine, Common, Decided, Decision, EntryRef, Obstacle, Period, Source, Standing, Thread,
    Unit, Verdict, Weighed,
};

/// So many days are named one by one.
const FEW_DAYS: usize = 5;

/// A number with its noun, both forms given.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `6 January`, with the year where it is not that of the period.
fn date(day: NaiveDate, period: Period) -> String {
    let known = day.year() == period.first().year();
    day.format(if known { "%-d %B" } else { "%-d %B %Y" }).to_string()
}

/// A link to an entry: by its day, or on the page of that day by its commit.
pub(super) fn of(entry: &EntryRef, period: Period) -> String {
    if period.unit == Unit::Day {
        link::entry(entry.commit.short(), entry)
    } else {
        link::entry(&date(entry.day, period), entry)
    }
}

pub(super) fn asked(asked: &Asked, period: Period) -> String {
    let time = when(asked.at, asked.of.at);
    let label = if period.unit == Unit::Day {
        format!("{time}, {}", asked.of.commit.short())
    } else {
        date(asked.of.day, period)
    };
    format!("“{}” ({})", plain::within(&asked.text), link::entry(&label, &asked.of))
}

pub(super) fn decision(decided: &Decided, period: Period) -> String {
    let text = match &decided.what {
        Verdict::Said(Decision::Answered { question, answer }) => {
            format!("**{}** {}", plain::within(question), plain::within(answer))
        }
        Verdict::Said(Decision::Approved { plan }) => format!("Plan approved: {}", plain::within(plan)),
        Verdict::Said(Decision::Declined { plan }) => format!("Plan declined: {}", plain::within(plan)),
        Verdict::Weighed(weighed) => self::weighed(weighed),
    };
    format!("{} ({})", text.trim_end(), of(&decided.of, period))
}

fn weighed(weighed: &Weighed) -> String {
    let standing = match weighed.standing {
        Standing::Implemented(_) => "",
        Standing::Discussed => " (discussed, not done)",
    };
    let why = if weighed.why.is_empty() { String::new() } else { format!(": {}", plain::within(&weighed.why)) };
    format!("**{}**{standing}{why}", plain::within(&weighed.what))
}

pub(super) fn obstacle(obstacle: &Obstacle, period: Period) -> String {
    let times = match obstacle.failures {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    let place = match (obstacle.entries, obstacle.days) {
        (1, _) => String::new(),
        (entries, 1) => format!(" before {entries} commits"),
        (entries, days) => format!(" before {entries} commits on {days} days"),
    };
    let end = match obstacle.overcome {
        0 => ", and had not passed by then".to_owned(),
        all if all == obstacle.entries => ", and passed in the end".to_owned(),
        some => format!(", and passed in the end before {some} of them"),
    };
    let output =
        if obstacle.output.is_empty() { String::new() } else { format!(": {}", escape::code(&obstacle.output)) };
    format!("{} failed {times}{place}{end}{output} ({})", escape::code(&obstacle.command), of(&obstacle.of, period))
}

pub(super) fn thread(thread: &Thread, period: Period) -> String {
    let name = thread.clues.first().map(|clue| name(&clue.what)).unwrap_or_default();
    let clues: Vec<String> = thread.clues.iter().map(clue).collect();
    let because = match clues.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{}, and {last}", others.join(", ")),
        None => String::new(),
    };
    format!(
        "**{name}**, {} on {}: from {} to {}. {}.",
        counted(thread.commits, "commit", "commits"),
        days(&thread.days, period),
        subject(&thread.first),
        subject(&thread.last),
        capitalised(&because),
    )
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// A link to an entry by its subject.
pub(super) fn subject(of: &EntryRef) -> String {
    let subject = if of.subject.trim().is_empty() { of.commit.short() } else { of.subject.as_str() };
    link::entry(subject, of)
}

/// `3 days (5, 6 and 9 January)`, or their ends where they are many.
fn days(days: &[NaiveDate], period: Period) -> String {
    let number = counted(days.len(), "day", "days");
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return number };
    if days.len() > FEW_DAYS || (first.year(), first.month()) != (last.year(), last.month()) {
        return format!("{number} ({} to {})", date(*first, period), date(*last, period));
    }
    let numbers: Vec<String> = days[..days.len() - 1].iter().map(|day| day.day().to_string()).collect();
    let before = if numbers.is_empty() { String::new() } else { format!("{} and ", numbers.join(", ")) };
    format!("{number} ({before}{})", date(*last, period))
}

fn name(common: &Common) -> String {
    match common {
        Common::Topic(text) | Common::Issue(text) => plain::within(text),
        Common::Branch(text) | Common::File(text) | Common::Command(text) => escape::code(text),
        Common::Session(assistant, session) => format!("{} {}", assistant.name(), escape::code(session)),
    }
}

/// Why commits belong together, as a part of a sentence.
fn clue(clue: &Clue) -> String {
    let number = clue.commits;
    let subjects = counted(number, "subject names it", "subjects name it");
    let messages = counted(number, "message names", "messages name");
    match &clue.what {
        Common::Topic(_) => format!("{subjects} before the colon"),
        Common::Issue(issue) => format!("{messages} {}", plain::within(issue)),
        Common::Branch(branch) => format!("{number} on the branch {}", escape::code(branch)),
        Common::File(path) => format!("{number} changed {}", escape::code(path)),
        Common::Session(assistant, session) => {
            format!("{number} from one conversation with {}, {}", assistant.name(), escape::code(session))
        }
        Common::Command(line) => format!("{} failed before {number} of them", escape::code(line)),
    }
}

pub(super) fn churn(churn: &Churn, is_area: bool) -> String {
    let path = match (is_area, churn.path.as_str()) {
        (true, "") => "files at the top".to_owned(),
        (true, path) => escape::code(&format!("{path}/")),
        (false, path) => escape::code(path),
    };
    let commits = if churn.commits > 1 { format!(" in {} commits", churn.commits) } else { String::new() };
    format!("{path} +{} −{}{commits}", churn.added, churn.removed)
}

pub(super) fn commit(line: &CommitLine) -> String {
    let files = counted(line.files as usize, "file", "files");
    format!("{} {}, {files}, +{} −{}", line.of.at.format("%H:%M"), subject(&line.of), line.added, line.removed)
}

pub(super) fn source(source: &Source) -> String {
    let period = source.period;
    let label = match period.unit {
        Unit::Day => period.first().format("%A, %-d %B").to_string(),
        _ => period.title(),
    };
    let name = match (source.has_page, period.unit) {
        (true, _) => link::summary(&label, period),
        (false, Unit::Day) => link::day(&label, period.first()),
        (false, _) => label,
    };
    let commits = counted(source.commits, "commit", "commits");
    let most =
        if source.headline.is_empty() { String::new() } else { format!("; {}", plain::within(&source.headline)) };
    format!("{name}: {commits}, +{} −{}{most}", source.added, source.removed)
}
