//! The commits of a range.
//!
//! In: what `git log` takes for a range (`v1.0..main`, `main`, `a...b`, `HEAD^!`). Out: the ids of its commits.
//! Never here: what the commits say; some 40 bytes are held of each.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow};
use chrono::NaiveDate;
use gix::ObjectId;
use gix::objs::Kind;
use gix::revision::plumbing::Spec;

use super::commit::CommitId;
use super::repo::{Repository, commit_id, object_id};

/// What an abbreviated id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Abbreviated {
    /// This commit, and no other.
    Commit(CommitId),
    /// Several commits.
    Ambiguous,
    /// None that is here.
    Unknown,
}

impl Repository {
    /// The commit whose id begins with these hexadecimal digits. Names of branches and tags are not looked at.
    #[must_use]
    pub fn abbreviated(&self, digits: &str) -> Abbreviated {
        // By its own means the library takes few digits for SHA-1, and would compare too many past an id's end.
        let width = self.inner.object_hash().len_in_hex();
        let first = ObjectId::from_hex(format!("{digits:0<width$}").as_bytes());
        let first = first.ok().filter(|_| digits.len() <= width);
        let prefix = first.and_then(|first| gix::hash::Prefix::new(&first, digits.len()).ok());
        let Some(prefix) = prefix else { return Abbreviated::Unknown };
        let mut found = std::collections::HashSet::new();
        if self.inner.objects.lookup_prefix(prefix, Some(&mut found)).is_err() {
            return Abbreviated::Unknown;
        }
        let is_commit =
            |id: &ObjectId| self.inner.find_header(*id).is_ok_and(|header| header.kind() == gix::objs::Kind::Commit);
        let mut commits = found.into_iter().filter(is_commit);
        match (commits.next().map(commit_id), commits.next()) {
            (Some(Ok(id)), None) => Abbreviated::Commit(id),
            (Some(_), Some(_)) => Abbreviated::Ambiguous,
            _ => Abbreviated::Unknown,
        }
    }

    /// The commits of a range, as `git log` understands it: `v1.0..main`, or `main` for all that it reaches.
    ///
    /// # Errors
    /// Nothing is named so, or a commit on the way is missing.
    pub fn range(&self, range: &str) -> anyhow::Result<BTreeSet<CommitId>> {
        commits(&self.inner, range)
    }

    /// The first and the last of the days of these commits, by their authors' clocks; `None` of none.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn days(&self, commits: &BTreeSet<CommitId>) -> anyhow::Result<Option<(NaiveDate, NaiveDate)>> {
        let mut span: Option<(NaiveDate, NaiveDate)> = None;
        for commit in commits {
            let day = self.header(object_id(commit)?)?.author.when.date_naive();
            span = Some(span.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        }
        Ok(span)
    }
}

/// The ids of the commits that a range names.
fn commits(repository: &gix::Repository, range: &str) -> anyhow::Result<BTreeSet<CommitId>> {
    // The library's reasons name its own parts; the range that was given says as much.
    let spec = repository.rev_parse(range).map_err(|_| anyhow!("cannot find the commits of `{range}`"))?.detach();
    let parents = |id| -> anyhow::Result<Vec<ObjectId>> {
        let commit = repository.find_commit(peeled(repository, id)?).map_err(|error| anyhow!(error))?;
        Ok(commit.parent_ids().map(gix::Id::detach).collect())
    };
    let read = || match spec {
        Spec::Include(id) => walk(repository, vec![id], vec![]),
        Spec::Range { from, to } => walk(repository, vec![to], vec![from]),
        Spec::Merge { theirs, ours } => {
            let mut commits = walk(repository, vec![ours], vec![theirs])?;
            commits.append(&mut walk(repository, vec![theirs], vec![ours])?);
            Ok(commits)
        }
        Spec::IncludeOnlyParents(id) => walk(repository, parents(id)?, vec![]),
        Spec::ExcludeParents(id) => walk(repository, vec![id], parents(id)?),
        // All but these, and of what else nothing is said.
        Spec::Exclude(_) => Ok(BTreeSet::new()),
    };
    read().with_context(|| format!("cannot list the commits of `{range}`"))
}

fn peeled(repository: &gix::Repository, id: ObjectId) -> anyhow::Result<ObjectId> {
    let object = repository.find_object(id).map_err(|error| anyhow!(error))?;
    Ok(object.peel_to_kind(Kind::Commit).map_err(|error| anyhow!(error))?.id)
}

/// What is reached from the tips and not from the hidden ones.
fn walk(
    repository: &gix::Repository,
    tips: Vec<ObjectId>,
    hidden: Vec<ObjectId>,
) -> anyhow::Result<BTreeSet<CommitId>> {
    let all = |ids: Vec<ObjectId>| ids.into_iter().map(|id| peeled(repository, id)).collect::<anyhow::Result<Vec<_>>>();
    let walk = repository.rev_walk(all(tips)?).with_hidden(all(hidden)?).all().map_err(|error| anyhow!(error))?;
    let id = |found: gix::revision::walk::Info<'_>| CommitId::parse(&found.id.to_string());
    walk.map(|found| id(found.map_err(|error| anyhow!(error))?).context("git named an id that is none")).collect()
}
