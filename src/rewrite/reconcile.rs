//! The journal and the history brought together.
//!
//! In: the entries that stand in the journal, the commits that the history has. Out: a [`Difference`], which can be shown
//! before it is settled.
//! Never here: a guess. An entry moves to a commit that is known to have taken its commit's place, that has the same
//! author, instant and subject or files, or that holds what was reset; one whose commit is gone is marked and stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};

use super::event::{Change, Event};
use super::follow::{Followed, Follower};
use crate::env::Deadline;
use crate::git::{Commit, CommitId, Rewrite, reflog};
use crate::markdown::{DROPPED, marker};
use crate::missed;
use crate::queue::{Job, Queue};
use crate::record::Recorder;
use crate::store::made;

/// How many commits of a branch are looked through for one event.
const MOST: usize = 5_000;

/// How many resets of a work tree are looked at, the last first, and how many commits after each.
const MOST_RESETS: usize = 50;
const MOST_AFTER_RESET: usize = 200;

/// How many commits without an entry are looked for.
const MOST_MISSING: usize = 500;

/// What keeps the journal and the history apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Entries whose commits others took the place of.
    pub moved: Vec<Rewrite>,
    /// Entries whose commits no branch has any more.
    pub dropped: Vec<CommitId>,
    /// Entries that are marked so, whose commits a branch has again.
    pub returned: Vec<CommitId>,
    /// Commits of one's own that were made here since the journal was set up and have no entry.
    pub missing: Vec<CommitId>,
}

impl Difference {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An entry as it stands.
struct Standing {
    commit: CommitId,
    at: Option<DateTime<FixedOffset>>,
    dropped: bool,
}

/// Finds what keeps the journal and the history apart; with an instant, only among entries and commits since then.
///
/// # Errors
/// A page or the history cannot be read.
pub fn compare(recorder: &Recorder<'_>, back_to: Option<DateTime<Utc>>) -> Result<Difference> {
    let standing = standing(recorder, back_to)?;
    // No commit was made before its change was written; clocks may differ by a day.
    let first = standing.iter().filter_map(|entry| entry.at).min().map(|at| at.to_utc() - TimeDelta::days(1));
    let history = recorder.repository.history(first)?;
    let mut difference = Difference::default();
    let (here, gone): (Vec<&Standing>, Vec<&Standing>) =
        standing.iter().partition(|entry| history.contains(&entry.commit));
    difference.returned = here.iter().filter(|entry| entry.dropped).map(|entry| entry.commit.clone()).collect();
    let search = Search { recorder, gone: &gone };
    let undone = search.resets();
    let alike = search.authors(back_to)?;
    for entry in &gone {
        let successor = recorder.repository.successors().of(&entry.commit).filter(|id| history.contains(id));
        let successor =
            successor.or_else(|| undone.get(&entry.commit).cloned()).or_else(|| search.alike(entry, &alike));
        match successor {
            Some(new) => difference.moved.push(Rewrite { old: entry.commit.clone(), new: Some(new) }),
            // One that was never here may be another machine's, which shares the journal.
            None if entry.dropped || recorder.repository.authorship(&entry.commit).is_none() => {}
            None => difference.dropped.push(entry.commit.clone()),
        }
    }
    difference.missing = missing(recorder, &standing)?;
    Ok(difference)
}

/// Settles it: entries move and are marked; commits without an entry go into the queue.
///
/// # Errors
/// A page or the state directory cannot be written.
pub fn settle(recorder: &Recorder<'_>, difference: &Difference) -> Result<Followed> {
    let follower = Follower::new(recorder);
    let mut done = follower.follow(&difference.moved)?;
    done.dropped += follower.mark(&difference.dropped, true)?;
    follower.mark(&difference.returned, false)?;
    enqueue(recorder, &difference.missing)?;
    Ok(done)
}

/// Follows one event.
///
/// # Errors
/// A page, the state directory or the history cannot be read or written.
pub fn follow_event(recorder: &Recorder<'_>, event: &Event, recent: DateTime<Utc>) -> Result<()> {
    let Change::Rewritten { pairs, rebase, tip } = &event.change else {
        return settle(recorder, &compare(recorder, Some(recent))?).map(drop);
    };
    let mut rewrites: Vec<Rewrite> =
        pairs.iter().map(|(old, new)| Rewrite { old: old.clone(), new: new.clone() }).collect();
    let mut made = Vec::new();
    if let Some((onto, before)) = rebase {
        let repository = recorder.repository;
        let told: BTreeSet<&CommitId> = pairs.iter().map(|(old, _)| old).collect();
        let new: BTreeSet<&CommitId> = pairs.iter().filter_map(|(_, new)| new.as_ref()).collect();
        // What cannot be walked says nothing; the pairs say enough.
        let after = repository.between(tip, onto, MOST).unwrap_or_default();
        made = after.iter().filter(|id| !new.contains(id)).cloned().collect();
        let mut left_out = repository.between(before, tip, MOST).unwrap_or_default();
        left_out.retain(|id| !told.contains(id));
        if let Some(first) = left_out.iter().filter_map(|id| repository.committed(id)).min() {
            let history = repository.history(Some(first))?;
            left_out.retain(|id| !history.contains(id));
        }
        rewrites.extend(left_out.into_iter().map(|old| {
            // Git leaves out what the other branch has already, under another id.
            let new = upstream_of(recorder, &old, onto, before);
            Rewrite { old, new }
        }));
    }
    Follower::new(recorder).follow(&rewrites)?;
    // A commit that was split in two: one part has the entry, the other is new.
    let state = recorder.repository.state_dir();
    let (unknown, since) = (made::unknown(&state, &made), missed::since(&state));
    let is_new = |id: &CommitId| recorder.repository.committed(id).zip(since).is_some_and(|(at, since)| at > since);
    enqueue(recorder, &unknown.into_iter().filter(is_new).collect::<Vec<_>>())
}

/// The commit between where a branch was and what it is put upon that has the same author, instant and subject.
fn upstream_of(recorder: &Recorder<'_>, old: &CommitId, onto: &CommitId, before: &CommitId) -> Option<CommitId> {
    let authorship = recorder.repository.authorship(old)?;
    let upstream = recorder.repository.between(onto, before, MOST).ok()?;
    upstream.into_iter().find(|id| recorder.repository.authorship(id).as_ref() == Some(&authorship))
}

/// Commits whose entry a worker is to write, oldest first.
fn enqueue(recorder: &Recorder<'_>, commits: &[CommitId]) -> Result<()> {
    let repository = recorder.repository;
    let queue = Queue::at(&repository.state_dir());
    let top = repository.top();
    for (nth, commit) in commits.iter().rev().enumerate() {
        let due = recorder.env.now.to_utc() - TimeDelta::milliseconds(i64::try_from(commits.len() - nth)?);
        queue.push(&Job::missed(commit.clone(), repository.git_dir().to_owned(), top.to_owned(), due))?;
    }
    Ok(())
}

/// The entries of the journal; with an instant, those on pages since then.
fn standing(recorder: &Recorder<'_>, back_to: Option<DateTime<Utc>>) -> Result<Vec<Standing>> {
    let store = recorder.store();
    let first = back_to.map_or(NaiveDate::MIN, |at| at.date_naive());
    let mut entries = Vec::new();
    for day in store.days()?.into_iter().filter(|day| *day >= first) {
        let page = store.raw(day)?.unwrap_or_default();
        for span in marker::spans(page.as_bytes()) {
            let text = &page[span.all.clone()];
            let dropped = text.lines().any(|line| line.strip_prefix("- ") == Some(DROPPED));
            if let (Some(commit), Some(_)) = (span.begin.commit, span.below) {
                entries.push(Standing { commit, at: span.begin.at, dropped });
            }
        }
    }
    Ok(entries)
}

/// Own commits that were made here since the journal was set up and have no entry, newest first.
///
/// # Errors
/// A page or the history cannot be read.
pub fn without_entry(recorder: &Recorder<'_>) -> Result<Vec<CommitId>> {
    missing(recorder, &standing(recorder, None)?)
}

/// Own commits that were made here and have no entry, newest first.
fn missing(recorder: &Recorder<'_>, standing: &[Standing]) -> Result<Vec<CommitId>> {
    let repository = recorder.repository;
    let (Some(since), Some(email)) = (missed::since(&repository.state_dir()), repository.config_string("user.email"))
    else {
        return Ok(Vec::new());
    };
    let told: BTreeSet<&CommitId> = standing.iter().map(|entry| &entry.commit).collect();
    let is_own = |id: &CommitId| repository.authorship(id).is_some_and(|(author, _)| author.email == email);
    let is_new = |id: &CommitId| repository.committed(id).is_some_and(|at| at > since);
    let commits = repository.unpublished(MOST_MISSING)?.into_iter();
    let commits: Vec<CommitId> = commits.take_while(is_new).filter(|id| !told.contains(id) && is_own(id)).collect();
    Ok(made::unknown(&repository.state_dir(), &commits))
}

/// What an author is known by: the second, the name.
type Author = (i64, String);

/// A search for the commits that took the place of those that are gone.
struct Search<'a> {
    recorder: &'a Recorder<'a>,
    gone: &'a [&'a Standing],
}

impl Search<'_> {
    /// The commits of the history by their authors, where one that is gone has the same.
    fn authors(&self, back_to: Option<DateTime<Utc>>) -> Result<BTreeMap<Author, Vec<CommitId>>> {
        let mut found: BTreeMap<Author, Vec<CommitId>> = BTreeMap::new();
        let seconds: BTreeSet<i64> = self.gone.iter().filter_map(|entry| Some(entry.at?.timestamp())).collect();
        let Some(first) = seconds.first() else { return Ok(found) };
        // Rewritten commits are younger than what they replace was written.
        let first = DateTime::from_timestamp(*first, 0).unwrap_or_default() - TimeDelta::days(1);
        for id in self.recorder.repository.history(Some(back_to.map_or(first, |at| at.min(first))))? {
            if let Some((author, _)) = self.recorder.repository.authorship(&id)
                && seconds.contains(&author.when.timestamp())
            {
                found.entry((author.when.timestamp(), author.name)).or_default().push(id);
            }
        }
        Ok(found)
    }

    /// The one commit with the same author, instant, and subject or files.
    fn alike(&self, entry: &Standing, authors: &BTreeMap<Author, Vec<CommitId>>) -> Option<CommitId> {
        let repository = self.recorder.repository;
        let day = entry.at?.date_naive();
        let (name, subject, files) = if let Some((author, subject)) = repository.authorship(&entry.commit) {
            (author.name, subject, paths(&self.commit(&entry.commit)?))
        } else {
            let told = self.recorder.store().find(Some(day), entry.commit.as_str()).ok()??.entry?;
            let files = told.changes.listed.iter().map(|file| file.path.clone().into_bytes()).collect();
            (told.details.author, told.subject, files)
        };
        let candidates = authors.get(&(entry.at?.timestamp(), name))?;
        let only = |is_it: &dyn Fn(&CommitId) -> bool| {
            let mut found = candidates.iter().filter(|id| is_it(id));
            found.next().filter(|_| found.next().is_none()).cloned()
        };
        only(&|id| repository.authorship(id).is_some_and(|(_, other)| other == subject))
            .or_else(|| only(&|id| self.commit(id).is_some_and(|commit| !files.is_empty() && paths(&commit) == files)))
    }

    /// For commits that a reset took out: the commit made afterwards that holds what they had made of a file.
    fn resets(&self) -> BTreeMap<CommitId, CommitId> {
        let repository = self.recorder.repository;
        let mut found = BTreeMap::new();
        let gone: BTreeSet<&CommitId> = self.gone.iter().map(|entry| &entry.commit).collect();
        if gone.is_empty() {
            return found;
        }
        for git_dir in repository.git_dirs(MOST) {
            let resets = reflog::resets(&git_dir.join("logs").join("HEAD"));
            for (from, to) in resets.into_iter().rev().take(MOST_RESETS) {
                let Ok(undone) = repository.between(&from, &to, MOST) else { continue };
                let undone: Vec<CommitId> = undone.into_iter().filter(|id| gone.contains(id)).collect();
                if undone.is_empty() {
                    continue;
                }
                for (after, changed) in self.after(&git_dir, &to) {
                    let same: BTreeSet<Vec<u8>> =
                        changed.into_iter().filter(|path| repository.same_at(&after, &from, path)).collect();
                    for id in undone.iter().filter(|id| !found.contains_key(*id)).cloned().collect::<Vec<_>>() {
                        if self.commit(&id).is_some_and(|commit| !paths(&commit).is_disjoint(&same)) {
                            found.insert(id, after.clone());
                        }
                    }
                }
            }
        }
        found
    }

    /// The commits that the `HEAD` of a work tree has and another commit has not, oldest first, with their files.
    fn after(&self, git_dir: &Path, base: &CommitId) -> Vec<(CommitId, BTreeSet<Vec<u8>>)> {
        let repository = self.recorder.repository;
        let head = repository.head_in(git_dir);
        let after = head.and_then(|head| repository.between(&head, base, MOST_AFTER_RESET).ok()).unwrap_or_default();
        after.into_iter().rev().filter_map(|id| Some((id.clone(), paths(&self.commit(&id)?)))).collect()
    }

    fn commit(&self, id: &CommitId) -> Option<Commit> {
        self.recorder.repository.commit(id, Deadline::NONE).ok()
    }
}

fn paths(commit: &Commit) -> BTreeSet<Vec<u8>> {
    commit.changes.iter().map(|change| change.path.clone()).collect()
}
