//! Where the work was: the directories that entries changed.
//!
//! In: entries. Out: [`Area`]s, the one with the most changed lines first. Never here: generated files.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::entry::{ChangeGroup, ChangedFile, Entry};

/// What changed in a directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Area {
    /// The directory; empty for files at the top.
    pub path: String,
    /// Entries that changed something in it.
    pub entries: usize,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
}

impl Area {
    /// Lines added and removed.
    #[must_use]
    pub fn churn(&self) -> u64 {
        self.added.saturating_add(self.removed)
    }
}

/// Directories at the top; one level deeper where one of them has more than half of all changed lines.
#[must_use]
pub fn areas(entries: &[Entry]) -> Vec<Area> {
    let shallow = areas_of(entries, 1);
    let all = shallow.iter().map(Area::churn).fold(0, u64::saturating_add);
    if shallow.first().is_some_and(|largest| !largest.path.is_empty() && largest.churn() > all / 2) {
        return areas_of(entries, 2);
    }
    shallow
}

/// The area in which an entry changed most lines.
#[must_use]
pub fn main_area<'a>(entry: &Entry, areas: &'a [Area]) -> Option<&'a Area> {
    let mut churn: BTreeMap<usize, u64> = BTreeMap::new();
    for file in counted(entry) {
        let within = |area: &Area| {
            area.path.is_empty() || file.path.strip_prefix(&area.path).is_some_and(|rest| rest.starts_with('/'))
        };
        let places = (0..areas.len()).filter(|at| within(&areas[*at]));
        if let Some(at) = places.max_by_key(|at| areas[*at].path.len()) {
            let (added, removed) = file.lines.unwrap_or_default();
            *churn.entry(at).or_default() += u64::from(added) + u64::from(removed) + 1;
        }
    }
    let most = churn.into_iter().max_by_key(|(at, churn)| (*churn, std::cmp::Reverse(*at)))?;
    areas.get(most.0)
}

fn counted(entry: &Entry) -> impl Iterator<Item = &ChangedFile> {
    entry.changes.listed.iter().filter(|file| file.group != ChangeGroup::Generated)
}

fn areas_of(entries: &[Entry], depth: usize) -> Vec<Area> {
    let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
    for entry in entries {
        let mut met = BTreeSet::new();
        for file in counted(entry) {
            let end = file.path.match_indices('/').take(depth).last().map_or(0, |(at, _)| at);
            let path = &file.path[..end];
            let empty = || Area { path: path.to_owned(), entries: 0, added: 0, removed: 0 };
            let area = areas.entry(path).or_insert_with(empty);
            let (added, removed) = file.lines.unwrap_or_default();
            area.entries += usize::from(met.insert(path));
            area.added += u64::from(added);
            area.removed += u64::from(removed);
        }
    }
    let mut areas: Vec<Area> = areas.into_values().collect();
    areas.sort_by_key(|area| std::cmp::Reverse(area.churn()));
    areas
}
