//! The entries that a summary is made from.
//!
//! In: a journal and a period. Out: [`Material`]. Never here: what is told of them.

use anyhow::Result;
use chrono::NaiveDate;

use crate::journal::{ChangeGroup, Entry, EntryRef, Period, Relation};
use crate::markdown::{self, marker};
use crate::store::Store;

/// An entry with the day of its page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) day: NaiveDate,
    pub(super) entry: Entry,
}

/// The entries of a period, as they happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Material {
    pub(super) period: Period,
    pub(super) entries: Vec<Told>,
    /// How many entries cannot be read.
    pub(super) unread: usize,
}

impl Told {
    pub(super) fn link(&self) -> EntryRef {
        EntryRef::to(&self.entry, self.day)
    }

    /// Lines added and removed.
    pub(super) fn churn(&self) -> u64 {
        self.entry.changes.added.saturating_add(self.entry.changes.removed)
    }

    /// Lines of source and tests among them, as far as the entry lists the files.
    pub(super) fn work(&self) -> u64 {
        let files = self.entry.changes.listed.iter();
        let files = files.filter(|file| matches!(file.group, ChangeGroup::Source | ChangeGroup::Tests));
        files.filter_map(|file| file.lines).map(|(added, removed)| u64::from(added) + u64::from(removed)).sum()
    }

    /// Whether it brings other commits' work in: what it changes they have changed already.
    pub(super) fn repeats(&self) -> bool {
        let details = &self.entry.details;
        !details.merged.is_empty() || details.relations.iter().any(|one| matches!(one, Relation::Squashes(_)))
    }
}

impl Material {
    /// Reads the pages of these days of a period, one after the other.
    pub(super) fn read(store: &Store, period: Period, days: impl Iterator<Item = NaiveDate>) -> Result<Self> {
        let mut material = Self { period, entries: vec![], unread: 0 };
        for day in days {
            let Some(text) = store.raw(day)? else { continue };
            let mut entries = markdown::parse_page(&text).entries;
            material.unread += marker::spans(text.as_bytes()).len().saturating_sub(entries.len());
            // No branch has it any more: it is told, but it is not what became of the work.
            entries.retain(|entry| !entry.details.dropped);
            entries.sort_by_key(|entry| entry.at);
            material.entries.extend(entries.into_iter().map(|entry| Told { day, entry }));
        }
        Ok(material)
    }

    /// Those of a part of the period.
    pub(super) fn within(&self, part: Period) -> impl Iterator<Item = &Told> {
        let days = part.days();
        self.entries.iter().filter(move |told| days.contains(told.day))
    }
}
