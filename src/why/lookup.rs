//! The entries that tell of a commit.
//!
//! In: a commit, the journal, what is known of rewritten history. Out: [`Told`], that of the commit itself first. Never
//! here: a search of all pages: an entry stands on the page of its author's day.

use anyhow::Result;
use chrono::NaiveDate;

use super::about::About;
use super::story::{How, Told};
use super::telling::told;
use crate::git::{CommitId, Repository};
use crate::journal::{Entry, Relation};
use crate::store::Store;

/// Of a squash merge's commits so many are looked up, and the best of them told.
const MOST_SQUASHED: usize = 50;
const BEST_SQUASHED: usize = 3;

/// So many commits that one took the place of are looked up.
const MOST_REPLACED: usize = 20;

/// Looks entries up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lookup<'a> {
    pub(super) repository: &'a Repository,
    pub(super) store: &'a Store,
}

impl Lookup<'_> {
    /// What the journal says of a commit whose author's day is `day`.
    ///
    /// # Errors
    /// A page cannot be read: that it tells nothing would not be true.
    pub(super) fn of(&self, commit: &CommitId, day: NaiveDate, about: &About) -> Result<Vec<Told>> {
        let itself = self.entry(commit, day)?.map(|entry| told(entry, How::Itself, about));
        let first = match itself {
            Some(told) => Some(told),
            None => self.replaced(commit, day, about)?,
        };
        let Some(first) = first else { return Ok(vec![]) };
        let relations = first.entry.details.relations.clone();
        let mut all = vec![first];
        for relation in relations {
            match relation {
                Relation::PickedFrom(other) => all.extend(self.other(&other, How::Picked, about)?),
                Relation::Reverts(other) => all.extend(self.other(&other, How::Reverted, about)?),
                Relation::Squashes(others) => all.extend(self.squashed(&others, about)?),
            }
        }
        Ok(all)
    }

    /// The entry of the commit that this one took the place of, when nobody has moved it yet.
    fn replaced(&self, commit: &CommitId, day: NaiveDate, about: &About) -> Result<Option<Told>> {
        let olds = self.repository.successors().before(commit);
        for old in olds.iter().take(MOST_REPLACED) {
            if let Some(entry) = self.entry(old, self.day(old).unwrap_or(day))? {
                return Ok(Some(told(entry, How::Replaced, about)));
            }
        }
        Ok(None)
    }

    /// Those that have most to do with the file.
    fn squashed(&self, others: &[CommitId], about: &About) -> Result<Vec<Told>> {
        let found = others.iter().take(MOST_SQUASHED);
        let found = found.filter_map(|other| self.other(other, How::Squashed, about).transpose());
        let files = |told: &Told| {
            let paths: Vec<&str> = told.entry.changes.listed.iter().map(|change| change.path.as_str()).collect();
            paths.join("\n")
        };
        let mut found = about.rank(found.collect::<Result<_>>()?, files);
        found.truncate(BEST_SQUASHED);
        Ok(found)
    }

    fn other(&self, commit: &CommitId, how: How, about: &About) -> Result<Option<Told>> {
        let Some(day) = self.day(commit) else { return Ok(None) };
        Ok(self.entry(commit, day)?.map(|entry| told(entry, how, about)))
    }

    fn day(&self, commit: &CommitId) -> Option<NaiveDate> {
        self.repository.authored(commit).ok().map(|at| at.date_naive())
    }

    fn entry(&self, commit: &CommitId, day: NaiveDate) -> Result<Option<Entry>> {
        Ok(self.store.find(Some(day), commit.as_str())?.and_then(|found| found.entry))
    }
}
