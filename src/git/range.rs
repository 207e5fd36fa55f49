//! The commits of a range.
//!
//! In: what `git log` takes for a range (`v1.0..main`, `main`, `a...b`, `HEAD^!`). Out: the ids of its commits.
//! Never here: what the commits say; some 40 bytes are held of each.

use std::collections::BTreeSet;

use anyhow::{Context, anyhow};
use gix::ObjectId;
use gix::objs::Kind;
use gix::revision::plumbing::Spec;

use super::commit::CommitId;

/// The ids of the commits that a range names.
pub(super) fn commits(repository: &gix::Repository, range: &str) -> anyhow::Result<BTreeSet<CommitId>> {
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
