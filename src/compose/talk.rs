//! The talk: slides, one message each. The problem, the turns, the numbers, what to show, how it ended.
//!
//! In: [`Matter`]. Out: an [`Outline`] whose parts are slides. Never here: two messages on a slide, or a demo of something
//! that was never run.

use std::collections::BTreeSet;

use super::commands::{is_trial, trials};
use super::matter::Matter;
use super::outline::{Item, Kind, Outline};
use super::reading::{self, How, times};
use super::subject;
use super::threads::{Thread, by_weight};
use crate::draft::cut;
use crate::journal::Entry;
use crate::markdown::parts::counted;

/// The most threads that get slides, and points of a timeline.
const THREADS: usize = 4;
const TIMELINE: usize = 8;

/// How long quotes on a slide may be: who listens does not read.
const QUOTE: usize = 180;

/// The outline.
pub(super) fn outline(matter: &Matter) -> Outline {
    let mut threads = chosen(matter);
    let first = threads.first().and_then(Thread::heaviest);
    let title = first.map_or_else(|| "Talk".to_owned(), |entry| subject::headline(&entry.subject));
    let mut outline = Outline::new(Kind::Talk, title);
    threads.sort_by_key(|thread| thread.entries.first().map(|entry| entry.at));
    let mut slides: Vec<(String, Vec<Item>)> = Vec::new();
    slides.push(("When it happened".to_owned(), timeline(&threads)));
    for thread in &threads {
        slides.extend(of_thread(thread));
    }
    slides.push(("What it took".to_owned(), numbers(matter)));
    slides.push(("To show live".to_owned(), demos(matter)));
    slides.push((
        "What I wrote down then".to_owned(),
        matter.entries.iter().flat_map(reading::reflections).take(3).collect(),
    ));
    slides.push(("Still open".to_owned(), open(matter)));
    slides.retain(|(_, items)| !items.is_empty());
    for (number, (message, items)) in slides.into_iter().enumerate() {
        outline.add(2, format!("{}. {message}", number + 1), items);
    }
    outline
}

/// The threads that get slides, the one of which most is to tell first.
fn chosen(matter: &Matter) -> Vec<Thread<'_>> {
    let mut threads = by_weight(&matter.entries);
    if threads.iter().any(Thread::has_story) {
        threads.retain(Thread::has_story);
    }
    threads.truncate(THREADS);
    threads
}

/// The entries that the slides are of.
pub(super) fn entries(matter: &Matter) -> Vec<Entry> {
    let mut entries: Vec<Entry> =
        chosen(matter).iter().flat_map(|thread| thread.entries.iter().copied().cloned()).collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn timeline(threads: &[Thread<'_>]) -> Vec<Item> {
    let first = |thread: &Thread<'_>| thread.entries.first().map(|entry| entry.at);
    let item = |thread: &Thread<'_>| {
        let day = first(thread).map(|at| at.format("%-d %B:").to_string()).unwrap_or_default();
        Item::led(day, thread.line(), thread.sources())
    };
    threads.iter().take(TIMELINE).map(item).collect()
}

/// Two or three slides: what was wrong, what failed, what it is now.
fn of_thread(thread: &Thread<'_>) -> Vec<(String, Vec<Item>)> {
    let Some(heaviest) = thread.heaviest() else { return vec![] };
    let mut slides = Vec::new();
    let asked = thread.entries.iter().find_map(|entry| reading::asked(entry, QUOTE));
    let problem = asked.map(|item| (message_of(&item, heaviest), vec![item]));
    let failures = reading::failures(thread.entries.iter().copied());
    let worst = failures.iter().find(|one| one.times > 1);
    slides.extend(problem);
    if let Some(worst) = worst {
        let command = reading::code(&cut::one_line(&cut::prose(&worst.command, 60)));
        let items = [Some(worst.item()), worst.output()].into_iter().flatten().collect();
        slides.push((format!("{command} failed {}", times(worst.times)), items));
    }
    let settled = thread.entries.iter().flat_map(|entry| reading::settled(entry));
    let mut items: Vec<Item> =
        settled.filter(|one| !matches!(one.how, How::Unanswered)).take(3).map(|one| one.item()).collect();
    items.extend(reading::turns(heaviest, QUOTE).into_iter().next().map(|[_, said]| said));
    items.truncate(3);
    let facts = format!(
        "{}, +{} −{}",
        counted(heaviest.changes.files as usize, "file"),
        heaviest.changes.added,
        heaviest.changes.removed
    );
    items.push(Item::point(facts, vec![heaviest.commit.clone()]));
    slides.push((subject::headline(&heaviest.subject), items));
    slides
}

/// A slide's message from what was asked: its first short sentence, else the subject that it led to.
fn message_of(item: &Item, entry: &Entry) -> String {
    if let Item::Quote { words, .. } = item {
        let line = cut::one_line(words);
        let end = line.char_indices().find(|(at, c)| {
            matches!(c, '.' | '?' | '!') && line[at + 1..].starts_with([' ']) || at + c.len_utf8() == line.len()
        });
        if let Some((at, c)) = end.filter(|(at, _)| (12..=80).contains(at)) {
            return format!("“{}”", line[..at + c.len_utf8()].trim_end_matches('.'));
        }
    }
    format!("Before: {}", subject::headline(&entry.subject))
}

fn numbers(matter: &Matter) -> Vec<Item> {
    let entries = &matter.entries;
    let days: BTreeSet<_> = entries.iter().map(|entry| entry.at.date_naive()).collect();
    let prompts: u64 =
        entries.iter().flat_map(|entry| &entry.details.sessions).map(|line| u64::from(line.prompts)).sum();
    let failed: u64 = entries.iter().flat_map(|entry| &entry.roadblocks).map(|one| u64::from(one.failures)).sum();
    let mut items =
        vec![Item::point(format!("{} on {}", counted(entries.len(), "commit"), counted(days.len(), "day")), vec![])];
    items.extend((prompts > 0).then(|| Item::point(counted(prompts, "prompt"), vec![])));
    items.extend((failed > 0).then(|| Item::point(counted(failed, "failed run"), vec![])));
    items
}

/// Commands that ran and passed: those that failed before first, then those that run the program itself.
fn demos(matter: &Matter) -> Vec<Item> {
    let trials = trials(&matter.entries);
    let turned = trials.iter().filter(|trial| trial.passed && trial.failures > 0);
    let turned = turned.map(|trial| {
        let line = reading::code(&cut::one_line(&trial.line));
        Item::point(format!("{line}: red before, green after"), trial.sources.clone())
    });
    let runs = |line: &str| {
        !is_trial(line)
            && [" run", "./", "curl ", "npx ", "python ", "node ", "serve", "http"]
                .iter()
                .any(|word| line.contains(word))
    };
    let shown = matter.entries.iter().flat_map(|entry| {
        let listed = entry.commands.listed.iter().filter(|command| runs(&command.line));
        listed.map(|command| Item::point(reading::code(&cut::one_line(&command.line)), vec![entry.commit.clone()]))
    });
    let mut items: Vec<Item> = turned.take(3).collect();
    items.extend(shown.take(3));
    items
}

fn open(matter: &Matter) -> Vec<Item> {
    let settled = matter.entries.iter().flat_map(reading::settled);
    settled.filter(|one| matches!(one.how, How::Unanswered | How::Discussed)).take(3).map(|one| one.item()).collect()
}
