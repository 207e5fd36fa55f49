//! The pull request: why the branch is there, what it changes, what was decided, how it was tried, what to look at.
//!
//! In: [`Matter`] of the commits that the base has not. Out: an [`Outline`]. Never here: a test that was not run, or a
//! reason that nobody gave.

use super::commands::trials;
use super::matter::{Change, Matter};
use super::outline::{Item, Kind, Outline};
use super::reading::{self, Failure, How, Settled, Touched};
use crate::git::CommitId;
use crate::journal::{ChangeGroup, Entry};
use crate::markdown::parts::counted;
use crate::narrate::several::weight;

/// The most quotes of why, and how long they may be.
const QUOTES: usize = 4;
const QUOTE: usize = 420;

/// The most files that are named, and how many lines make one worth a word.
const FILES: usize = 6;

/// The outline.
pub(super) fn outline(matter: &Matter) -> Outline {
    let titles = titles(matter);
    let (title, others) =
        titles.split_first().map_or_else(|| (String::new(), &[][..]), |(first, rest)| (first.clone(), rest));
    let mut outline = Outline::new(Kind::PullRequest, title);
    outline.add(2, "Why", why(matter));
    outline.add(2, "What changes", changes(matter));
    let (decided, left): (Vec<_>, Vec<_>) = matter
        .entries
        .iter()
        .flat_map(reading::settled)
        .filter(|one| one.how != How::Unanswered)
        .partition(|one| !matches!(one.how, How::Declined | How::Discussed));
    outline.add(2, "Decisions", decided.iter().map(Settled::item));
    outline.add(2, "How it was tested", tested(matter));
    let rejected = left.iter().map(Settled::item);
    outline.add(2, "For who reviews it", rejected.chain(fought(matter)).chain(files(matter)));
    if !others.is_empty() {
        outline.remarks.push(format!("Other titles: {}", others.join("; ")));
    }
    let untold = matter.commits.iter().filter(|commit| !commit.merge && matter.entry(&commit.id).is_none()).count();
    if untold > 0 {
        let without = counted(untold, "commit");
        outline.remarks.push(format!(
            "{without} without an entry in the journal: commit-story backfill writes what is still known"
        ));
    }
    outline
}

/// Titles, the best first: the subject of the commit with most to tell, then those of the other ones that are no mere
/// amendments.
fn titles(matter: &Matter) -> Vec<String> {
    let own = |commit: &&Change| !commit.merge && !is_amendment(&commit.subject);
    let mut commits: Vec<&Change> = matter.commits.iter().filter(own).collect();
    if commits.is_empty() {
        commits = matter.commits.iter().collect();
    }
    let feature = |commit: &Change| {
        u64::from(commit.subject.starts_with("feat")) * 20 + u64::from(commit.subject.starts_with("fix")) * 10
    };
    let churn = |entry: &Entry| entry.changes.added.saturating_add(entry.changes.removed).min(1_000) / 40;
    let telling =
        |commit: &Change| feature(commit) + matter.entry(&commit.id).map_or(0, |entry| weight(entry) + churn(entry));
    commits.sort_by_key(|commit| std::cmp::Reverse(telling(commit)));
    commits.into_iter().map(|commit| commit.subject.clone()).take(4).collect()
}

fn is_amendment(subject: &str) -> bool {
    let lower = subject.to_lowercase();
    ["fixup!", "squash!", "amend!", "wip", "typo", "fmt", "format", "lint", "merge ", "chore: fmt", "style:"]
        .iter()
        .any(|start| lower.starts_with(start))
}

/// What the developer said that led to it, and what the messages say.
fn why(matter: &Matter) -> Vec<Item> {
    let mut quotes: Vec<(u64, Item)> = Vec::new();
    for entry in &matter.entries {
        quotes.extend(reading::asked(entry, QUOTE).map(|item| (weight(entry), item)));
    }
    // The first one says what it is about; of the rest those with most behind them, in the order of time.
    let first = (!quotes.is_empty()).then(|| quotes.remove(0).1);
    let mut by_weight: Vec<usize> = (0..quotes.len()).collect();
    by_weight.sort_by_key(|at| std::cmp::Reverse(quotes[*at].0));
    by_weight.truncate(QUOTES - 1);
    by_weight.sort_unstable();
    let rest = by_weight.into_iter().map(|at| quotes[at].1.clone());
    let notes = matter.entries.iter().flat_map(reading::reflections);
    let bodies = matter.commits.iter().filter(|commit| !commit.merge && !commit.body.trim().is_empty());
    let messages = bodies.map(|commit| {
        let body = crate::draft::cut::one_line(&crate::draft::cut::prose(&commit.body, 360));
        Item::led(format!("{}:", commit.subject), body, vec![commit.id.clone()])
    });
    first.into_iter().chain(rest).chain(notes).chain(messages.take(6)).collect()
}

/// A line for each commit.
fn changes(matter: &Matter) -> Vec<Item> {
    let line = |commit: &Change| {
        let size = matter.entry(&commit.id).map(|entry| {
            let files = counted(entry.changes.files as usize, "file");
            format!(" ({files}, +{} −{})", entry.changes.added, entry.changes.removed)
        });
        Item::point(format!("{}{}", commit.subject, size.unwrap_or_default()), vec![commit.id.clone()])
    };
    matter.commits.iter().filter(|commit| !commit.merge).map(line).collect()
}

/// The commands that tried it, as they ended.
fn tested(matter: &Matter) -> Vec<Item> {
    let trials = trials(&matter.entries);
    if trials.is_empty() && !matter.entries.is_empty() {
        return vec![Item::Advice {
            text: "the journal has no test run of these commits: say how you tried it".to_owned(),
        }];
    }
    let item = |trial: &super::commands::Trial| {
        let line = reading::code(&crate::draft::cut::one_line(&trial.line));
        let text = match (trial.passed, trial.failures) {
            (true, 0) => format!("{line} passed"),
            (true, failures) => format!("{line} passed, after it had failed {}", reading::times(failures)),
            (false, failures) => format!("{line} failed {} and was not seen to pass", reading::times(failures)),
        };
        Item::point(text, trial.sources.clone())
    };
    trials.iter().map(item).collect()
}

/// What failed on the way and is no trial.
fn fought(matter: &Matter) -> Vec<Item> {
    let failures = reading::failures(&matter.entries);
    let other = failures.iter().filter(|failure| !super::commands::is_trial(&failure.command));
    other.take(3).map(Failure::item).collect()
}

/// Where to begin: the files that changed most; and those that need no reading.
fn files(matter: &Matter) -> Vec<Item> {
    let touched = reading::touched(matter.entries.iter());
    let list = |lead: &str, wanted: &dyn Fn(ChangeGroup) -> bool| {
        let files: Vec<&Touched<'_>> = touched.iter().filter(|file| wanted(file.group)).collect();
        let names: Vec<String> = files.iter().take(FILES).map(|file| reading::code(file.path)).collect();
        let more = files.len().saturating_sub(FILES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let mut sources: Vec<CommitId> = Vec::new();
        for source in files.iter().take(FILES).flat_map(|file| &file.sources) {
            if !sources.contains(source) {
                sources.push(source.clone());
            }
        }
        (!names.is_empty()).then(|| Item::led(lead, format!("{}{more}", names.join(", ")), sources))
    };
    let parts = [
        list("Begin with:", &|group| matches!(group, ChangeGroup::Source | ChangeGroup::Config)),
        list("Tests:", &|group| group == ChangeGroup::Tests),
        list("Generated, need no reading:", &|group| group == ChangeGroup::Generated),
    ];
    parts.into_iter().flatten().collect()
}
