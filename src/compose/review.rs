//! The self-review: what somebody did in a period, area by area, what was decided, what was hard, what they wrote down.
//!
//! In: [`Matter`] of a period. Out: an [`Outline`]. Never here: praise, a judgement, or a number that no entry has.

use std::collections::{BTreeMap, BTreeSet};

use super::matter::Matter;
use super::outline::{Item, Kind, Outline};
use super::reading::{self, Failure, How};
use super::subject;
use super::threads::threads;
use crate::git::CommitId;
use crate::journal::{Area, Days, Entry, Period, Unit, areas, main_area};
use crate::markdown::parts::counted;
use crate::narrate::several::weight;

/// The most areas, threads of one, decisions and problems.
const AREAS: usize = 6;
const THREADS: usize = 6;
const DECISIONS: usize = 15;
const PROBLEMS: usize = 8;

/// The most reflections, word for word.
const WORDS: usize = 40;

/// The outline.
pub(super) fn outline(matter: &Matter) -> Outline {
    let mut outline = Outline::new(Kind::Review, format!("Review, {}", span(matter)));
    outline.add(2, "In numbers", numbers(matter));
    outline.add(2, "Month by month", months(matter));
    let all = areas(&matter.entries);
    let mut by_area: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    for entry in &matter.entries {
        if let Some(area) = main_area(entry, &all) {
            by_area.entry(&area.path).or_default().push(entry.clone());
        }
    }
    let mut named: Vec<&Area> = all.iter().filter(|area| by_area.contains_key(area.path.as_str())).collect();
    named.sort_by_key(|area| {
        std::cmp::Reverse(
            by_area.get(area.path.as_str()).into_iter().flatten().map(|entry| weight(entry) + 1).sum::<u64>(),
        )
    });
    // One commit is no theme.
    let (themes, others): (Vec<_>, Vec<_>) = named.into_iter().partition(|area| by_area[area.path.as_str()].len() > 1);
    for area in themes.iter().take(AREAS) {
        let name = if area.path.is_empty() { "the top".to_owned() } else { reading::code(&format!("{}/", area.path)) };
        outline.add(2, format!("Theme: {name}"), theme(&by_area[area.path.as_str()]));
    }
    let rest = themes.iter().skip(AREAS).chain(&others);
    let mut rest: Vec<Entry> = rest.flat_map(|area| by_area[area.path.as_str()].clone()).collect();
    rest.sort_by_key(|entry| entry.at);
    outline.add(2, if themes.is_empty() { "What I did" } else { "Elsewhere" }, theme(&rest));
    outline.add(2, "Decisions", decisions(matter));
    let failures = reading::failures(&matter.entries);
    let hard = failures.iter().filter(|one| one.times > 1).take(PROBLEMS);
    outline.add(2, "Hard problems", hard.flat_map(|one| [Some(one.item()), one.output()]).flatten());
    let mut words: Vec<Item> = matter.entries.iter().flat_map(reading::reflections).collect();
    if words.len() > WORDS {
        outline.remarks.push(format!("{} more are in the journal", counted(words.len() - WORDS, "reflection")));
        // The newest ones: those of long ago have been read before.
        words.drain(..words.len() - WORDS);
    }
    outline.add(2, "In my own words", words);
    outline.add(2, "Left open", open(matter));
    outline
}

/// The days from the first entry to the last, by the name of a period where they are one.
fn span(matter: &Matter) -> String {
    if let Some(period) = Period::parse(&matter.span, matter.today) {
        return period.title();
    }
    let day = |entry: &Entry| entry.at.date_naive();
    let days = matter.entries.iter().map(day);
    match (days.clone().min(), days.max()) {
        (Some(first), Some(last)) => {
            let whole = Days { first, last };
            format!("{} to {}", whole.first.format("%-d %B %Y"), whole.last.format("%-d %B %Y"))
        }
        _ => matter.span.clone(),
    }
}

fn numbers(matter: &Matter) -> Vec<Item> {
    let entries = &matter.entries;
    let days: BTreeSet<_> = entries.iter().map(|entry| entry.at.date_naive()).collect();
    let sum = |of: &dyn Fn(&Entry) -> u64| entries.iter().map(of).fold(0, u64::saturating_add);
    let (added, removed) = (sum(&|entry| entry.changes.added), sum(&|entry| entry.changes.removed));
    let mut items = vec![Item::point(
        format!(
            "{} on {}; {added} lines added, {removed} removed",
            counted(entries.len(), "commit"),
            counted(days.len(), "day")
        ),
        vec![],
    )];
    let mut assistants: BTreeMap<&str, (BTreeSet<&str>, u64)> = BTreeMap::new();
    for line in entries.iter().flat_map(|entry| &entry.details.sessions) {
        let one = assistants.entry(line.assistant.name()).or_default();
        one.0.insert(&line.session);
        one.1 += u64::from(line.prompts);
    }
    let mut assistants: Vec<_> = assistants.into_iter().collect();
    assistants.sort_by_key(|(_, (_, prompts))| std::cmp::Reverse(*prompts));
    let told = assistants.iter().map(|(name, (sessions, prompts))| {
        let prompts = counted(*prompts, "prompt");
        format!("{name} ({}, {prompts})", counted(sessions.len(), "session"))
    });
    let told: Vec<String> = told.collect();
    if !told.is_empty() {
        items.push(Item::point(format!("with {}", told.join(", ")), vec![]));
    }
    let decided = entries.iter().flat_map(reading::settled).count();
    let noted = entries.iter().flat_map(reading::reflections).count();
    let failed = sum(&|entry| entry.roadblocks.iter().map(|one| u64::from(one.failures)).sum());
    let parts =
        [(decided, "decision"), (noted, "reflection"), (usize::try_from(failed).unwrap_or(usize::MAX), "failed run")];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| counted(*number, noun)).collect();
    if !parts.is_empty() {
        items.push(Item::point(parts.join(", "), vec![]));
    }
    items
}

/// For each month what it had most of; nothing where there is one alone.
fn months(matter: &Matter) -> Vec<Item> {
    let mut months: BTreeMap<Period, Vec<Entry>> = BTreeMap::new();
    for entry in &matter.entries {
        months.entry(Period::of(Unit::Month, entry.at.date_naive())).or_default().push(entry.clone());
    }
    if months.len() < 2 {
        return Vec::new();
    }
    let item = |(month, entries): (&Period, &Vec<Entry>)| {
        let mut threads = threads(entries);
        threads.sort_by_key(|thread| std::cmp::Reverse(thread.weight));
        let most: Vec<_> = threads.iter().take(2).filter_map(super::threads::Thread::heaviest).collect();
        let subjects: Vec<String> = most.iter().map(|entry| subject::headline(&entry.subject)).collect();
        let sources: Vec<CommitId> = most.iter().map(|entry| entry.commit.clone()).collect();
        Item::led(
            format!("{}:", month.title()),
            format!("{}; {}", counted(entries.len(), "commit"), subjects.join("; ")),
            sources,
        )
    };
    months.iter().map(item).collect()
}

/// The threads of an area, those of which most is to tell, in the order of time.
fn theme(entries: &[Entry]) -> Vec<Item> {
    let mut threads = threads(entries);
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.weight));
    let rest: usize = threads.iter().skip(THREADS).map(|thread| thread.entries.len()).sum();
    threads.truncate(THREADS);
    threads.sort_by_key(|thread| thread.entries.first().map(|entry| entry.at));
    let mut items: Vec<Item> = Vec::new();
    for thread in &threads {
        items.push(Item::point(thread.line(), thread.sources()));
        // The one that was worth most words says why.
        if threads.iter().all(|other| other.weight <= thread.weight) {
            items.extend(thread.heaviest().and_then(|entry| reading::asked(entry, 280)));
        }
    }
    if rest > 0 {
        items.push(Item::point(format!("and {}", counted(rest, "other commit")), vec![]));
    }
    items
}

/// Of the heaviest entries first, in the order of time.
fn decisions(matter: &Matter) -> Vec<Item> {
    let all = matter.entries.iter().flat_map(|entry| reading::settled(entry).into_iter().map(move |one| (entry, one)));
    let mut all: Vec<_> = all.filter(|(_, one)| !matches!(one.how, How::Unanswered | How::Discussed)).collect();
    all.sort_by_key(|(entry, _)| std::cmp::Reverse(weight(entry)));
    all.truncate(DECISIONS);
    all.sort_by_key(|(entry, _)| entry.at);
    all.into_iter().map(|(_, one)| one.item()).collect()
}

fn open(matter: &Matter) -> Vec<Item> {
    let failures = reading::failures(&matter.entries);
    let failing = failures.iter().filter(|one| !one.passed).map(Failure::item);
    let settled = matter.entries.iter().flat_map(reading::settled);
    let open = settled.filter(|one| matches!(one.how, How::Unanswered | How::Discussed)).map(|one| one.item());
    failing.chain(open).take(12).collect()
}
