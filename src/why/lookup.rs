//! The entries that tell of a commit.
//!
//! In: a commit, the journal, what is known of rewritten history. Out: [`Told`], that of the commit itself first. Never
//! here: a search of all pages: an entry stands on the page of its author's day.

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
    pub(super) fn of(&self, commit: &CommitId, day: NaiveDate, about: &About) -> Vec<Told> {
        let itself = self.entry(commit, day).map(|entry| told(entry, How::Itself, about));
        let Some(first) = itself.or_else(|| self.replaced(commit, day, about)) else { return vec![] };
        let relations = first.entry.details.relations.clone();
        let mut all = vec![first];
        for relation in relations {
            match relation {
                Relation::PickedFrom(other) => all.extend(self.other(&other, How::Picked, about)),
                Relation::Reverts(other) => all.extend(self.other(&other, How::Reverted, about)),
                Relation::Squashes(others) => all.extend(self.squashed(&others, about)),
            }
        }
        all
    }

    /// The entry of the commit that this one took the place of, when nobody has moved it yet.
    fn replaced(&self, commit: &CommitId, day: NaiveDate, about: &About) -> Option<Told> {
        let olds = self.repository.successors().before(commit);
        let entry = |old: &CommitId| self.entry(old, self.day(old).unwrap_or(day));
        olds.iter().take(MOST_REPLACED).find_map(entry).map(|entry| told(entry, How::Replaced, about))
    }

    /// Those that have most to do with the file.
    fn squashed(&self, others: &[CommitId], about: &About) -> Vec<Told> {
        let found = others.iter().take(MOST_SQUASHED).filter_map(|other| self.other(other, How::Squashed, about));
        let files = |told: &Told| {
            let paths: Vec<&str> = told.entry.changes.listed.iter().map(|change| change.path.as_str()).collect();
            paths.join("\n")
        };
        let mut found = about.rank(found.collect(), files);
        found.truncate(BEST_SQUASHED);
        found
    }

    fn other(&self, commit: &CommitId, how: How, about: &About) -> Option<Told> {
        Some(told(self.entry(commit, self.day(commit)?)?, how, about))
    }

    fn day(&self, commit: &CommitId) -> Option<NaiveDate> {
        self.repository.authored(commit).ok().map(|at| at.date_naive())
    }

    /// A page that cannot be read is as one that is not there: git's own word remains.
    fn entry(&self, commit: &CommitId, day: NaiveDate) -> Option<Entry> {
        self.store.find(Some(day), commit.as_str()).ok().flatten()?.entry
    }
}
