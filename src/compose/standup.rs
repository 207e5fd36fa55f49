//! The stand-up: the last working day and today, what fought back, what is open. Ten lines, to be said in a minute.
//!
//! In: [`Matter`] of two days, or of those that were asked for. Out: an [`Outline`].
//! Never here: a plan for today: neither the journal nor git knows one.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::matter::Matter;
use super::outline::{Item, Kind, Outline};
use super::reading::{self, Failure, How};
use super::threads::by_weight;
use crate::journal::Entry;
use crate::markdown::parts::counted;

/// The most days before today, where so many are asked for.
const DAYS: usize = 10;

/// The most lines of a day, of what fought back, and of what is open.
const DAY: usize = 5;
const FAILURES: usize = 2;
const OPEN: usize = 3;

/// The outline.
pub(super) fn outline(matter: &Matter) -> Outline {
    let today = matter.today;
    let mut days: BTreeMap<NaiveDate, Vec<Entry>> = BTreeMap::new();
    for entry in &matter.entries {
        days.entry(entry.at.date_naive()).or_default().push(entry.clone());
    }
    let mut outline = Outline::new(Kind::Standup, format!("Stand-up, {}", today.format("%A, %-d %B %Y")));
    let before: Vec<_> = days.iter().filter(|(day, _)| **day < today).collect();
    let skipped = before.len().saturating_sub(DAYS);
    if skipped > 0 {
        outline.remarks.push(format!("Left out: {}", counted(skipped, "earlier day")));
    }
    for (day, entries) in before.into_iter().skip(skipped) {
        outline.add(2, title(*day, today), done(entries));
    }
    let now = days.get(&today).map(|entries| done(entries)).unwrap_or_default();
    outline.add(2, "Today", now.into_iter().chain(uncommitted(matter)));
    // What fought back and was overcome is news once; what was not stays.
    let failures = reading::failures(&matter.entries);
    outline.add(
        2,
        "What fought back",
        failures.iter().filter(|failure| failure.passed).take(FAILURES).map(Failure::item),
    );
    let open = failures.iter().filter(|failure| !failure.passed).map(Failure::item);
    outline.add(2, "Open", open.chain(questions(matter)).take(OPEN));
    outline
}

fn title(day: NaiveDate, today: NaiveDate) -> String {
    let date = day.format("%A, %-d %B").to_string();
    if day.succ_opt() == Some(today) { format!("Yesterday ({date})") } else { date }
}

/// What was done on a day: a line for each thread, those of which most is to tell, in the order of time.
fn done(entries: &[Entry]) -> Vec<Item> {
    let mut threads = by_weight(entries);
    let rest = threads.split_off(threads.len().min(DAY));
    threads.sort_by_key(|thread| thread.entries.first().map(|entry| entry.at));
    let mut items: Vec<Item> = threads.iter().map(|thread| Item::point(thread.line(), thread.sources())).collect();
    if !rest.is_empty() {
        let commits: Vec<_> = rest.iter().flat_map(super::threads::Thread::sources).collect();
        items.push(Item::point(format!("and {}", counted(commits.len(), "smaller commit")), commits));
    }
    items
}

/// What lies in the work tree.
fn uncommitted(matter: &Matter) -> Option<Item> {
    const NAMED: usize = 3;
    let files = &matter.uncommitted;
    let (first, rest) = files.split_at(files.len().min(NAMED));
    let mut names: Vec<String> = first.iter().map(|path| reading::code(path)).collect();
    names.extend((!rest.is_empty()).then(|| format!("{} more", rest.len())));
    let branch = matter.branch.as_deref().map(|branch| format!(" on {}", reading::code(branch))).unwrap_or_default();
    let text = format!("not committed yet{branch}: {}", names.join(", "));
    (!files.is_empty()).then(|| Item::led("In progress:", text, vec![]))
}

/// Questions that nobody has answered, what was talked about and not done, and what the developer wonders about.
fn questions(matter: &Matter) -> impl Iterator<Item = Item> + '_ {
    let settled = matter.entries.iter().flat_map(reading::settled);
    let open = settled.filter(|one| matches!(one.how, How::Unanswered | How::Discussed)).map(|one| one.item());
    let wondered = matter.entries.iter().flat_map(reading::reflections);
    open.chain(wondered.filter(|item| matches!(item, Item::Quote { words, .. } if words.contains('?'))))
}
