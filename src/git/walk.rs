//! Which commits there are, and how they stand to each other.
//!
//! In: an open repository, commits. Out: the commits of a range or of all branches, newest first; who wrote one, when.
//! Never here: what a commit changed, or an error because a branch points nowhere.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, Utc};
use gix::ObjectId;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::commit::{CommitId, Signature};
use super::message;
use super::repo::{Repository, commit_id, object_id};
use crate::fs;

/// What the names of branches begin with on which a journal lives.
const OURS: &str = "refs/heads/commit-story/";

/// How many linked work trees are looked at for what their `HEAD` has.
const MOST_WORKTREES: usize = 1_000;

impl Repository {
    /// The commits that `tip` has and `base` has not, newest first, at most so many.
    ///
    /// # Errors
    /// One of them is missing.
    pub fn between(&self, tip: &CommitId, base: &CommitId, most: usize) -> Result<Vec<CommitId>> {
        newest(&self.inner, vec![object_id(tip)?], vec![object_id(base)?], most)?.into_iter().map(commit_id).collect()
    }

    /// Every commit that a branch, a tag or another reference has, or the `HEAD` of a work tree, back to an instant.
    ///
    /// # Errors
    /// The references or a commit cannot be read.
    pub fn history(&self, back_to: Option<DateTime<Utc>>) -> Result<BTreeSet<CommitId>> {
        all(&self.inner, self.heads(), back_to.map(|at| at.timestamp()))?.into_iter().map(commit_id).collect()
    }

    /// The commits that a branch or the `HEAD` of a work tree has and no remote's branch has, newest first, at most so many.
    ///
    /// # Errors
    /// The references or a commit cannot be read.
    pub fn unpublished(&self, most: usize) -> Result<Vec<CommitId>> {
        unpublished(&self.inner, &self.heads(), most)?.into_iter().map(commit_id).collect()
    }

    /// What the work trees are at.
    fn heads(&self) -> Vec<ObjectId> {
        self.git_dirs(MOST_WORKTREES).iter().filter_map(|dir| self.head_of(dir)).collect()
    }

    /// When a commit was committed; `None` where it is missing.
    #[must_use]
    pub fn committed(&self, id: &CommitId) -> Option<DateTime<Utc>> {
        Some(self.header(object_id(id).ok()?).ok()?.committer.when.to_utc())
    }

    /// The parents of a commit, in order; none where it is missing.
    #[must_use]
    pub fn parents(&self, id: &CommitId) -> Vec<CommitId> {
        let header = object_id(id).and_then(|id| self.header(id));
        header
            .map(|header| header.parents.into_iter().filter_map(|id| commit_id(id).ok()).collect())
            .unwrap_or_default()
    }

    /// Whether two commits have the same at a path, and have anything there.
    #[must_use]
    pub fn same_at(&self, one: &CommitId, other: &CommitId, path: &[u8]) -> bool {
        let at = |id: &CommitId| {
            let tree = self.inner.find_tree(self.header(object_id(id).ok()?).ok()?.tree).ok()?;
            let path = std::str::from_utf8(path).ok()?;
            Some(tree.lookup_entry_by_path(path).ok()??.object_id())
        };
        at(one).is_some_and(|found| Some(found) == at(other))
    }

    /// The commit that the `HEAD` of a work tree is at.
    #[must_use]
    pub fn head_in(&self, git_dir: &Path) -> Option<CommitId> {
        commit_id(self.head_of(git_dir)?).ok()
    }

    fn head_of(&self, git_dir: &Path) -> Option<ObjectId> {
        if git_dir == self.git_dir() {
            return self.inner.head_id().ok().map(gix::Id::detach);
        }
        let head = fs::read(&git_dir.join("HEAD"), 1 << 10).ok()??;
        let head = std::str::from_utf8(head.trim_ascii()).ok()?;
        // A branch is the same from every work tree.
        match head.strip_prefix("ref: ") {
            Some(branch) => Some(self.inner.try_find_reference(branch).ok()??.id().detach()),
            None => ObjectId::from_hex(head.as_bytes()).ok(),
        }
    }

    /// When a commit was written by its author; without a look at what it changes.
    ///
    /// # Errors
    /// The commit is missing or broken.
    pub fn authored(&self, id: &CommitId) -> Result<DateTime<FixedOffset>> {
        Ok(self.header(object_id(id)?).with_context(|| format!("cannot read the commit {id}"))?.author.when)
    }

    /// Who wrote a commit, when and under which subject; `None` where the commit is missing.
    #[must_use]
    pub fn authorship(&self, id: &CommitId) -> Option<(Signature, String)> {
        let header = self.header(object_id(id).ok()?).ok()?;
        Some((header.author, message::parse(&header.message).subject))
    }

    /// The message's body without its trailers; empty where there is none, or no such commit.
    #[must_use]
    pub fn body(&self, id: &CommitId) -> String {
        let header = object_id(id).and_then(|id| self.header(id));
        header.map(|header| message::parse(&header.message).body).unwrap_or_default()
    }
}

/// The commits that tips have and hidden ones have not, newest first, at most so many.
fn newest(
    repository: &gix::Repository,
    tips: Vec<ObjectId>,
    hidden: Vec<ObjectId>,
    most: usize,
) -> Result<Vec<ObjectId>> {
    let order = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let walk = repository.rev_walk(tips).with_hidden(hidden).sorting(order).all().context("cannot walk the history")?;
    walk.take(most).map(|step| Ok(step.context("cannot walk the history")?.id)).collect()
}

/// The commits that a branch or the `HEAD` of a work tree has and no remote's branch has, newest first, at most so many.
fn unpublished(repository: &gix::Repository, heads: &[ObjectId], most: usize) -> Result<Vec<ObjectId>> {
    let references = repository.references().context("cannot read the references")?;
    let commits = |prefix: &str| -> Result<Vec<ObjectId>> {
        let found = references.prefixed(prefix).context("cannot read the references")?.flatten();
        let found = found.filter(|reference| !reference.name().as_bstr().starts_with(OURS.as_bytes()));
        let commits = found.filter_map(|mut reference| Some(reference.peel_to_commit().ok()?.id));
        Ok(commits.filter(|commit| repository.has_object(commit)).collect())
    };
    let mut tips = commits("refs/heads/")?;
    tips.extend(heads.iter().filter(|head| repository.has_object(head)));
    let published = commits("refs/remotes/")?;
    newest(repository, tips, published, most)
}

/// Every commit that a reference, or the `HEAD` of a work tree, has; newest first, back to an instant (in seconds).
fn all(repository: &gix::Repository, heads: Vec<ObjectId>, back_to: Option<i64>) -> Result<Vec<ObjectId>> {
    let references = repository.references().context("cannot read the references")?;
    let mut tips = heads;
    for reference in references.all().context("cannot read the references")?.flatten() {
        // What git keeps for itself (stashes, notes) is no history of ours.
        let name = reference.name().as_bstr().to_string();
        if name.starts_with("refs/notes/") || name == "refs/stash" || name.starts_with(OURS) {
            continue;
        }
        let mut reference = reference;
        tips.extend(reference.peel_to_commit().ok().map(|commit| commit.id));
    }
    tips.retain(|tip| repository.has_object(tip));
    tips.sort_unstable();
    tips.dedup();
    let order = CommitTimeOrder::NewestFirst;
    let sorting = match back_to {
        Some(seconds) => Sorting::ByCommitTimeCutoff { order, seconds },
        None => Sorting::ByCommitTime(order),
    };
    let walk = repository.rev_walk(tips).sorting(sorting).all().context("cannot walk the history")?;
    walk.map(|step| Ok(step.context("cannot walk the history")?.id)).collect()
}
