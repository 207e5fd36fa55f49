//! The blog post: one story. The problem as the developer met it, what was tried, what was decided, what came of it.
//!
//! In: [`Matter`]. Out: an [`Outline`] of the thread of which most is to tell; the others are named.
//! Never here: two stories, or an end that the journal does not have.

use super::commands::trials;
use super::matter::Matter;
use super::outline::{Item, Kind, Outline};
use super::reading::{self, How};
use super::subject;
use super::threads::{Thread, by_weight};
use crate::draft::cut;
use crate::journal::{ChangeGroup, Entry, Speaker};
use crate::markdown::parts::counted;
use crate::narrate::several::weight;

/// The most of each.
const TITLES: usize = 5;
const TRIED: usize = 6;
const QUOTES: usize = 6;
const OTHERS: usize = 5;

/// How long quotes may be.
const LONG: usize = 700;
const SHORT: usize = 360;

/// The outline.
pub(super) fn outline(matter: &Matter) -> Outline {
    let threads = by_weight(&matter.entries);
    let Some(thread) = threads.first() else { return Outline::new(Kind::Blog, "Blog post") };
    let title = thread.heaviest().map(|entry| subject::headline(&entry.subject)).unwrap_or_default();
    let mut outline = Outline::new(Kind::Blog, title);
    outline.add(2, "Titles to choose from", titles(thread));
    outline.add(2, "The problem", problem(thread));
    outline.add(2, "What was tried", tried(thread));
    let decided = decided(thread);
    let quotes = quotes(thread).into_iter().filter(|item| !decided.contains(item)).collect::<Vec<_>>();
    outline.add(2, "What was decided, and why", decided);
    outline.add(2, "How it came out", ending(thread));
    outline.add(2, "In their own words", quotes);
    outline.add(2, "Where in the code", code(thread));
    let others: Vec<String> = threads
        .iter()
        .skip(1)
        .take(OTHERS)
        .map(|other| {
            let ids: Vec<&str> = other.entries.iter().take(3).map(|entry| entry.commit.short()).collect();
            format!("{} ({})", other.line(), ids.join(", "))
        })
        .collect();
    if !others.is_empty() {
        outline.remarks.push(format!("Other stories of these days: {}", others.join("; ")));
    }
    outline
}

/// The entries of the story.
pub(super) fn entries(matter: &Matter) -> Vec<Entry> {
    let threads = by_weight(&matter.entries);
    threads.first().into_iter().flat_map(|thread| thread.entries.iter().copied().cloned()).collect()
}

/// Subjects, and questions that the developer asked in few words.
fn titles(thread: &Thread<'_>) -> Vec<Item> {
    let mut entries = thread.entries.clone();
    entries.sort_by_key(|entry| std::cmp::Reverse(weight(entry)));
    let subjects = entries.iter().take(3).map(|entry| reading::headline(entry));
    let questions = thread.entries.iter().flat_map(|entry| {
        let prompts = entry.conversation.iter().map(|exchange| exchange.prompt.text.as_str());
        prompts.filter_map(question).map(|text| Item::point(format!("“{text}”"), vec![entry.commit.clone()]))
    });
    subjects.chain(questions).take(TITLES).collect()
}

/// A short question that a text has, on one line of it and outside what was pasted between fences.
fn question(text: &str) -> Option<String> {
    let mut fenced = false;
    let mut typed = text.lines().filter(|line| {
        fenced ^= line.trim_start().starts_with("```");
        !fenced
    });
    let (line, end) = typed.find_map(|line| Some((line, line.find('?')?)))?;
    let start = [". ", "! ", ": "].iter().filter_map(|stop| line[..end].rfind(stop)).max().map_or(0, |at| at + 1);
    let found = line[start..=end].trim();
    ((18..=90).contains(&found.chars().count()) && found.split(' ').count() > 3).then(|| found.to_owned())
}

/// How it began, in the developer's own words.
fn problem(thread: &Thread<'_>) -> Vec<Item> {
    let mut items: Vec<Item> = thread.entries.iter().filter_map(|entry| reading::asked(entry, LONG)).take(2).collect();
    if items.is_empty() {
        let bodies = thread.entries.iter().filter(|entry| !entry.body.trim().is_empty());
        items.extend(
            bodies
                .take(1)
                .map(|entry| Item::point(cut::one_line(&cut::prose(&entry.body, LONG)), vec![entry.commit.clone()])),
        );
    }
    items
}

/// What failed, with its output, and what was turned down.
fn tried(thread: &Thread<'_>) -> Vec<Item> {
    let failures = reading::failures(thread.entries.iter().copied());
    let failed = failures.iter().take(TRIED).flat_map(|one| [Some(one.item()), one.output()]).flatten();
    let settled = thread.entries.iter().flat_map(|entry| reading::settled(entry));
    let rejected = settled.filter(|one| matches!(one.how, How::Declined | How::Discussed)).map(|one| one.item());
    failed.chain(rejected.take(TRIED)).collect()
}

/// What was settled, and the words of an assistant that gave a reason, with what it was asked.
fn decided(thread: &Thread<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for entry in &thread.entries {
        let settled = reading::settled(entry).into_iter();
        items.extend(
            settled.filter(|one| matches!(one.how, How::Answered | How::Approved | How::Done)).map(|one| one.item()),
        );
        for (nth, [asked, said]) in reading::turns(entry, SHORT).into_iter().enumerate() {
            // What came first stands above as the problem.
            items.extend((nth > 0).then_some(asked));
            items.push(said);
        }
    }
    items.truncate(14);
    items
}

/// What passed in the end, and how much it took.
fn ending(thread: &Thread<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    if let (Some(first), Some(last)) = (thread.entries.first(), thread.entries.last()) {
        let days = (last.at.date_naive() - first.at.date_naive()).num_days();
        let span = match days {
            0 => format!("on {}", first.at.format("%-d %B %Y")),
            _ => format!("from {} to {}", first.at.format("%-d %B"), last.at.format("%-d %B %Y")),
        };
        let (mut added, mut removed) = (0_u64, 0_u64);
        for entry in &thread.entries {
            added = added.saturating_add(entry.changes.added);
            removed = removed.saturating_add(entry.changes.removed);
        }
        let text = format!("{} {span}, +{added} −{removed} lines", counted(thread.entries.len(), "commit"));
        items.push(Item::point(text, vec![first.commit.clone(), last.commit.clone()]));
        items.push(Item::led("The last step:", subject::headline(&last.subject), vec![last.commit.clone()]));
    }
    let passed = trials(thread.entries.iter().copied());
    items.extend(passed.iter().filter(|trial| trial.passed).take(3).map(|trial| {
        Item::point(format!("{} passed", reading::code(&cut::one_line(&trial.line))), trial.sources.clone())
    }));
    items
}

/// Reflections, and what the developer said besides.
fn quotes(thread: &Thread<'_>) -> Vec<Item> {
    let reflections = thread.entries.iter().flat_map(|entry| reading::reflections(entry));
    let mut said: Vec<(usize, Item)> = Vec::new();
    for entry in &thread.entries {
        let own = entry.conversation.iter().filter(|exchange| !exchange.carried_over).skip(1);
        for exchange in own.filter(|exchange| exchange.prompt.speaker == Speaker::Developer) {
            let length = exchange.prompt.text.chars().count();
            // "yes" and "go on" tell nothing, and what is long was pasted.
            if (40..=600).contains(&length) {
                said.push((length, reading::quote(entry, &exchange.prompt, SHORT)));
            }
        }
    }
    reflections.chain(said.into_iter().map(|(_, item)| item)).take(QUOTES).collect()
}

/// The files that changed most, tests beside them.
fn code(thread: &Thread<'_>) -> Vec<Item> {
    let files = reading::touched(thread.entries.iter().copied());
    let own = files.into_iter().filter(|file| !matches!(file.group, ChangeGroup::Generated | ChangeGroup::Config));
    let item = |file: reading::Touched<'_>| {
        Item::point(format!("{}: {} changed", reading::code(file.path), counted(file.churn, "line")), file.sources)
    };
    own.take(6).map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_question_that_was_typed_and_no_piece_of_a_log() {
        let check =
            |text: &str, expected: Option<&str>| assert_eq!(question(text), expected.map(str::to_owned), "{text}");
        check("Look. Why is the first upload so slow? It was not.", Some("Why is the first upload so slow?"));
        check("the log says\n```\n09:45:04 INFO exit with what is this?\n```\nwhy?", None);
        check("09:45:04 was it really this one? yes", Some("09:45:04 was it really this one?"));
    }
}
