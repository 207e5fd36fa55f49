//! Entries move to the commits that took their commits' place.
//!
//! In: [`Rewrite`]s. Out: a journal in which the new commits have the entries, and a count of what was done.
//! Never here: a look for rewrites (that is `reconcile`). The new entry is on its page before the old one is taken off
//! another, and doing it all again changes nothing, so a kill in between loses nothing.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::NaiveDate;

use crate::awaiting::Awaiting;
use crate::git::{CommitId, Rewrite};
use crate::journal::{Entry, Relation, unite};
use crate::markdown::marker;
use crate::queue::{Job, Queue};
use crate::record::Recorder;
use crate::store::splice::Kept;
use crate::store::{Store, Transaction, made};

/// So many commits are followed under one lock: others wait meanwhile.
const TOGETHER: usize = 200;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Followed {
    /// Entries that stand under another commit now.
    pub carried: usize,
    /// Entries that were marked, because no branch has their commit any more.
    pub dropped: usize,
}

/// Moves entries.
pub struct Follower<'a> {
    recorder: &'a Recorder<'a>,
    store: Store,
    /// The page of every commit; made when a commit that git has thrown away is asked for.
    index: OnceCell<BTreeMap<CommitId, NaiveDate>>,
}

/// An entry that is to move.
struct Mover {
    commit: CommitId,
    day: NaiveDate,
    entry: Entry,
    kept: Kept,
}

impl<'a> Follower<'a> {
    /// One that follows in the repository and journal of a recorder.
    #[must_use]
    pub fn new(recorder: &'a Recorder<'a>) -> Self {
        Self { recorder, store: recorder.store(), index: OnceCell::new() }
    }

    /// Moves the entries of commits whose place others took, and marks those of commits that were taken out.
    ///
    /// # Errors
    /// A page or the state directory cannot be written.
    pub fn follow(&self, rewrites: &[Rewrite]) -> Result<Followed> {
        let repository = self.recorder.repository;
        // First of all: who is writing an entry of an old commit just now learns of it.
        repository.successors().remember(rewrites)?;
        self.move_jobs(rewrites)?;
        let mut groups: BTreeMap<&CommitId, Vec<&CommitId>> = BTreeMap::new();
        for Rewrite { old, new } in rewrites {
            if let Some(new) = new {
                groups.entry(new).or_default().push(old);
            }
        }
        let mut followed = Followed::default();
        let groups: Vec<_> = groups.into_iter().collect();
        for together in groups.chunks(TOGETHER) {
            followed.carried += self.carry(together)?;
        }
        let gone = rewrites.iter().filter(|rewrite| rewrite.new.is_none()).map(|rewrite| rewrite.old.clone());
        followed.dropped = self.mark(&gone.collect::<Vec<_>>(), true)?;
        Ok(followed)
    }

    /// Marks the entries of commits that no branch has any more, or that one has again; returns how many were changed.
    ///
    /// # Errors
    /// A page cannot be written.
    pub fn mark(&self, commits: &[CommitId], dropped: bool) -> Result<usize> {
        let mut marked = 0;
        for together in commits.chunks(TOGETHER) {
            let mut journal = self.store.begin(self.recorder.patience())?;
            for commit in together {
                let Some(mut mover) = self.mover(&mut journal, commit)? else { continue };
                if dropped {
                    Awaiting::at(&self.recorder.repository.state_dir()).done(commit)?;
                }
                if mover.entry.details.dropped != dropped {
                    mover.entry.details.dropped = dropped;
                    journal.put(&mover.entry)?;
                    marked += 1;
                }
            }
            journal.finish()?;
        }
        Ok(marked)
    }

    fn carry(&self, groups: &[(&CommitId, Vec<&CommitId>)]) -> Result<usize> {
        let mut journal = self.store.begin(self.recorder.patience())?;
        let (mut carried, mut elsewhere, mut met) = (0, Vec::new(), Vec::new());
        for (new, olds) in groups {
            let movers: Vec<Option<Mover>> =
                olds.iter().map(|old| self.mover(&mut journal, old)).collect::<Result<_>>()?;
            let mut movers: Vec<Mover> = movers.into_iter().flatten().collect();
            movers.sort_by_key(|mover| mover.entry.at);
            if movers.is_empty() {
                continue;
            }
            let Some(entry) = self.entry_of(&mut journal, new)? else { continue };
            let earlier: Vec<Entry> = movers.iter().map(|mover| mover.entry.clone()).collect();
            let mut united = unite(entry, &earlier);
            united.details.relations.retain(|relation| !is_to_any(relation, olds));
            let day = united.at.date_naive();
            journal.put(&united)?;
            for mover in &movers {
                journal.give(day, new, &mover.kept)?;
                if mover.day == day {
                    journal.remove(day, &mover.commit)?;
                } else {
                    elsewhere.push((mover.day, mover.commit.clone()));
                }
            }
            carried += movers.len();
            self.await_prose(new, &united, olds)?;
            met.extend(movers.into_iter().map(|mover| (mover.commit, (*new).clone())));
        }
        journal.write()?;
        for (day, commit) in elsewhere {
            journal.remove(day, &commit)?;
        }
        journal.finish()?;
        made::hand_on(&self.recorder.repository.state_dir(), &met)?;
        Ok(carried)
    }

    /// The entry that the new commit has, or what git alone says of it; `None` when it is missing or only the journal's.
    fn entry_of(&self, journal: &mut Transaction<'_>, commit: &CommitId) -> Result<Option<Entry>> {
        let Ok(at) = self.recorder.repository.authored(commit) else { return Ok(None) };
        let there = journal.entry(at.date_naive(), commit)?;
        match there {
            Some((entry, _)) => Ok(Some(entry)),
            None => self.recorder.outline(commit),
        }
    }

    fn mover(&self, journal: &mut Transaction<'_>, commit: &CommitId) -> Result<Option<Mover>> {
        let day = match self.recorder.repository.authored(commit) {
            Ok(at) => Some(at.date_naive()),
            Err(_) => self.index()?.get(commit).copied(),
        };
        let Some(day) = day else { return Ok(None) };
        let found = journal.entry(day, commit)?;
        Ok(found.map(|(entry, kept)| Mover { commit: commit.clone(), day, entry, kept }))
    }

    fn index(&self) -> Result<&BTreeMap<CommitId, NaiveDate>> {
        if self.index.get().is_none() {
            let mut index = BTreeMap::new();
            for day in self.store.days()? {
                let page = self.store.raw(day)?.unwrap_or_default();
                let commits = marker::spans(page.as_bytes()).into_iter().filter_map(|span| span.begin.commit);
                index.extend(commits.map(|commit| (commit, day)));
            }
            let _ = self.index.set(index);
        }
        Ok(self.index.get().expect("set above"))
    }

    /// What waits for prose waits for the new commit now. Prose of an earlier version stands until there is another.
    fn await_prose(&self, new: &CommitId, united: &Entry, olds: &[&CommitId]) -> Result<()> {
        let awaiting = Awaiting::at(&self.recorder.repository.state_dir());
        awaiting.hand_on(olds, new)?;
        match &united.narration {
            // It says and changes the same as before: what was paid for stands.
            Some(prose) if prose.of.is_none() => awaiting.done(new),
            Some(_) if self.recorder.config.narration.is_on() && awaiting.job(new).is_none() => {
                awaiting.save(&self.recorder.prose_job(new))
            }
            _ => Ok(()),
        }
    }

    /// What waits to be written again waits for the new commit now.
    fn move_jobs(&self, rewrites: &[Rewrite]) -> Result<()> {
        let repository = self.recorder.repository;
        let queue = Queue::at(&repository.state_dir());
        let waiting: BTreeSet<CommitId> = queue.jobs()?.into_iter().map(|job| job.commit).collect();
        for Rewrite { old, new } in rewrites.iter().filter(|rewrite| waiting.contains(&rewrite.old)) {
            if let Some(new) = new {
                let top = repository.top();
                let now = self.recorder.env.now.to_utc();
                queue.push(&Job::new(new.clone(), repository.git_dir().to_owned(), top.to_owned(), now))?;
            }
            queue.done(old)?;
        }
        let awaiting = Awaiting::at(&repository.state_dir());
        rewrites.iter().filter(|rewrite| rewrite.new.is_none()).try_for_each(|gone| awaiting.done(&gone.old))
    }
}

/// Whether a relation is to one of the commits whose story the entry tells itself now.
fn is_to_any(relation: &Relation, olds: &[&CommitId]) -> bool {
    match relation {
        Relation::PickedFrom(id) | Relation::Reverts(id) => olds.contains(&id),
        Relation::Squashes(ids) => ids.iter().all(|id| olds.contains(&id)),
    }
}
