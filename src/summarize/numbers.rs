//! What can be counted in a period.
//!
//! In: its entries. Out: [`Numbers`], and the directories and files that changed most.
//! Never here: a line that nobody wrote: generated files are left out of what changed most.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::material::{Material, Told};
use crate::chat::Assistant;
use crate::journal::{ChangeGroup, Churn, Listed, Numbers};

/// So many parts of a path name an area: `src/store` of `src/store/union.rs`.
const DEPTH: usize = 2;

pub(super) fn numbers(material: &Material) -> Numbers {
    let mut numbers = Numbers { commits: material.entries.len(), unread: material.unread, ..Numbers::default() };
    let (mut days, mut files, mut sessions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut authors: BTreeMap<&str, usize> = BTreeMap::new();
    let mut assistants: BTreeMap<Assistant, usize> = BTreeMap::new();
    for Told { day, entry } in &material.entries {
        days.insert(day);
        files.extend(entry.changes.listed.iter().map(|file| file.path.as_str()));
        numbers.added = numbers.added.saturating_add(entry.changes.added);
        numbers.removed = numbers.removed.saturating_add(entry.changes.removed);
        if !entry.details.author.is_empty() {
            *authors.entry(&entry.details.author).or_default() += 1;
        }
        let lines = &entry.details.sessions;
        sessions.extend(lines.iter().map(|line| (line.assistant, line.session.as_str())));
        numbers.prompts += lines.iter().map(|line| u64::from(line.prompts)).sum::<u64>();
        let with: BTreeSet<Assistant> = lines.iter().map(|line| line.assistant).collect();
        for assistant in with {
            *assistants.entry(assistant).or_default() += 1;
        }
    }
    (numbers.days, numbers.files, numbers.sessions) = (days.len(), files.len(), sessions.len());
    numbers.authors = by_count(authors.into_iter().map(|(name, count)| (name.to_owned(), count)));
    numbers.assistants = by_count(assistants.into_iter());
    numbers
}

/// The greatest number first, then by name.
fn by_count<T: Ord + Clone>(all: impl Iterator<Item = (T, usize)>) -> Vec<(T, usize)> {
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(name, count)| (Reverse(*count), name.clone()));
    all
}

/// The directories that changed most, at most so many; none where all is in one.
pub(super) fn areas(material: &Material, most: usize) -> Listed<Churn> {
    let areas = churn(material, |path| {
        let parts: Vec<&str> = path.split('/').collect();
        parts[..parts.len().saturating_sub(1).min(DEPTH)].join("/")
    });
    if areas.listed.len() < 2 { Listed::default() } else { cut(areas, most) }
}

/// The files that changed most, at most so many.
pub(super) fn files(material: &Material, most: usize) -> Listed<Churn> {
    cut(churn(material, str::to_owned), most)
}

fn cut(mut all: Listed<Churn>, most: usize) -> Listed<Churn> {
    all.more = all.listed.len().saturating_sub(most);
    all.listed.truncate(most);
    all
}

fn churn(material: &Material, place: impl Fn(&str) -> String) -> Listed<Churn> {
    let mut places: BTreeMap<String, Churn> = BTreeMap::new();
    for told in material.entries.iter().filter(|told| !told.repeats()) {
        let mut met = BTreeSet::new();
        let files = told.entry.changes.listed.iter().filter(|file| file.group != ChangeGroup::Generated);
        for file in files {
            let path = place(&file.path);
            let first = met.insert(path.clone());
            let empty = || Churn { path: path.clone(), commits: 0, added: 0, removed: 0 };
            let churn = places.entry(path.clone()).or_insert_with(empty);
            let (added, removed) = file.lines.unwrap_or_default();
            churn.commits += usize::from(first);
            churn.added += u64::from(added);
            churn.removed += u64::from(removed);
        }
    }
    let mut listed: Vec<Churn> = places.into_values().collect();
    listed.sort_by_key(|one| (Reverse(one.added + one.removed), Reverse(one.commits), one.path.clone()));
    Listed { listed, more: 0 }
}
