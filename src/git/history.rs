//! When files were last committed, as far back as is cheap to see.
//!
//! In: a commit, the paths that matter, an instant. Out: [`Settled`]: for each path, until when its changes are known to
//! have been committed.
//! Never here: file contents, or a walk without an end: the number of commits and the time are bounded, and what lies
//! beyond counts as committed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use gix::ObjectId;

use super::header::Header;
use super::tree;
use crate::env::Deadline;

/// How many commits are looked at. A commit's trees are compared, not its files: some 0.1 ms each.
const MOST_COMMITS: usize = 64;

/// How many commits, younger than the one looked for, are walked through.
const MOST_YOUNGER: usize = 10_000;

/// How many branches are walked down from.
const MOST_BRANCHES: usize = 1_000;

/// How far apart the clocks of those who made a commit and its descendants may be, in seconds.
const SKEW: i64 = 86_400;

/// Until when changes of files are known to have been committed before some commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// When each path was last changed by an ancestor.
    paths: BTreeMap<Vec<u8>, DateTime<Utc>>,
    /// Further back nothing is known, so that everything is taken for committed.
    horizon: DateTime<Utc>,
}

impl Settled {
    /// Nothing is committed but what is older than an instant.
    #[must_use]
    pub fn before(horizon: DateTime<Utc>) -> Self {
        Self { paths: BTreeMap::new(), horizon }
    }

    /// Whether a change that was made to a file at an instant has been committed since, as far as can be known.
    #[must_use]
    pub fn holds(&self, path: &[u8], at: DateTime<Utc>) -> bool {
        self.paths.get(path).is_some_and(|last| *last >= at) || at < self.horizon
    }
}

/// Looks through the first parents of a commit, from `first` on, for changes of the paths, back to `since`.
pub(super) fn settled(
    objects: &gix::OdbHandle,
    header: impl Fn(ObjectId) -> anyhow::Result<Header>,
    first: Option<ObjectId>,
    paths: &BTreeSet<Vec<u8>>,
    since: DateTime<Utc>,
    deadline: Deadline,
) -> anyhow::Result<Settled> {
    let mut settled = Settled::before(since);
    let mut next = first.map(&header).transpose()?;
    for _ in 0..MOST_COMMITS {
        let Some(commit) = next.take_if(|commit| commit.committer.when.to_utc() >= since) else { return Ok(settled) };
        // Git keeps whole seconds: the last of them belongs to the commit.
        let at = commit.committer.when.to_utc() + TimeDelta::milliseconds(999);
        if deadline.passed() {
            settled.horizon = at;
            return Ok(settled);
        }
        next = commit.parents.first().map(|parent| header(*parent)).transpose()?;
        for delta in tree::compare(objects, next.as_ref().map(|parent| parent.tree), commit.tree)? {
            if paths.contains(&delta.path) {
                // Clocks may run backwards: the latest counts.
                let last = settled.paths.entry(delta.path).or_insert(at);
                *last = at.max(*last);
            }
        }
    }
    // The bound was reached: what is older than the last commit seen is not known.
    if let Some(commit) = next.filter(|commit| commit.committer.when.to_utc() >= since) {
        settled.horizon = commit.committer.when.to_utc();
    }
    Ok(settled)
}

/// Whether a commit, made at `made` (seconds), is an ancestor of `HEAD` or of a branch, as far as a bounded walk can tell.
pub(super) fn holds(repository: &gix::Repository, commit: ObjectId, made: i64) -> bool {
    use gix::revision::walk::Sorting;
    use gix::traverse::commit::simple::CommitTimeOrder;
    let head = repository.head_id().ok().map(gix::Id::detach);
    let references = repository.references();
    let branches = references.as_ref().ok().and_then(|all| all.local_branches().ok()).into_iter().flatten();
    let branches = branches.filter_map(|branch| Some(branch.ok()?.try_id()?.detach())).take(MOST_BRANCHES);
    // A branch whose commit is missing must not hide the others.
    let tips: Vec<ObjectId> = head.into_iter().chain(branches).filter(|tip| repository.has_object(tip)).collect();
    let order = Sorting::ByCommitTimeCutoff { order: CommitTimeOrder::NewestFirst, seconds: made - SKEW };
    let Ok(walk) = repository.rev_walk(tips).sorting(order).all() else { return false };
    walk.take(MOST_YOUNGER).any(|found| found.is_ok_and(|found| found.id == commit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_committed_later_or_lies_too_far_back_is_settled() {
        let at = |second| DateTime::from_timestamp(second, 0).expect("in range");
        let settled = Settled { paths: BTreeMap::from([(b"a".to_vec(), at(50))]), horizon: at(10) };
        for (path, second, expected) in
            [("a", 40, true), ("a", 50, true), ("a", 51, false), ("b", 11, false), ("b", 9, true)]
        {
            assert_eq!(settled.holds(path.as_bytes(), at(second)), expected, "{path} at {second}");
        }
    }
}
