//! What a branch is compared with: the branch it is to go into, and the last tag.
//!
//! In: an open repository. Out: names and commits. Never here: the network: what a remote's default branch is, git has
//! written down when it was cloned.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use gix::ObjectId;
use gix::refs::TargetRef;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use super::commit::CommitId;
use super::repo::{Repository, commit_id, object_id};

/// Names of default branches where nothing says which it is, the most usual first.
const USUAL: &[&str] = &["main", "master", "trunk", "develop"];

/// A commit by a name that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// `origin/main`, `v1.2.0`.
    pub name: String,
    /// The commit.
    pub commit: CommitId,
}

impl Repository {
    /// The branch that `HEAD` is on.
    #[must_use]
    pub fn current_branch(&self) -> Option<String> {
        Some(self.inner.head_name().ok()??.shorten().to_string())
    }

    /// The branch that the current one is to go into: `branch.<name>.gh-merge-base`, as gh keeps it; the default branch of
    /// the branch's remote, or of `origin`, as it was last seen; else a local branch with a usual name. `None` where there
    /// is none, or the current branch is it and nothing of it is published.
    #[must_use]
    pub fn base(&self) -> Option<Named> {
        let current = self.current_branch();
        let of_branch = |key: &str| self.config_string(&format!("branch.{}.{key}", current.as_deref()?));
        let remote = of_branch("remote").filter(|remote| remote != ".").unwrap_or_else(|| "origin".to_owned());
        let mut names: Vec<String> = Vec::new();
        if let Some(base) = of_branch("gh-merge-base") {
            names.extend([format!("refs/remotes/{remote}/{base}"), format!("refs/heads/{base}")]);
        }
        for remote in [remote.as_str(), "upstream", "origin"] {
            names.extend(self.pointed_to(&format!("refs/remotes/{remote}/HEAD")));
            names.extend(USUAL.iter().map(|name| format!("refs/remotes/{remote}/{name}")));
        }
        names.extend(self.config_string("init.defaultBranch").map(|name| format!("refs/heads/{name}")));
        names.extend(USUAL.iter().map(|name| format!("refs/heads/{name}")));
        let own = current.map(|name| format!("refs/heads/{name}"));
        names.into_iter().filter(|name| Some(name) != own.as_ref()).find_map(|name| self.named(&name))
    }

    /// The tag that is nearest behind a commit, as `git describe --tags` finds it; of several on one commit, the last.
    ///
    /// # Errors
    /// The tags or a commit cannot be read.
    pub fn last_tag(&self, tip: &CommitId) -> Result<Option<Named>> {
        let mut tags: BTreeMap<ObjectId, String> = BTreeMap::new();
        let references = self.inner.references().context("cannot read the references")?;
        for mut tag in references.tags().context("cannot read the tags")?.flatten() {
            let name = tag.name().shorten().to_string();
            if let Ok(commit) = tag.peel_to_commit() {
                tags.insert(commit.id, name);
            }
        }
        if tags.is_empty() {
            return Ok(None);
        }
        let sorting = Sorting::ByCommitTime(CommitTimeOrder::default());
        let walk = self.inner.rev_walk([object_id(tip)?]).sorting(sorting).all().context("cannot walk the history")?;
        for step in walk {
            let id = step.context("cannot walk the history")?.id;
            if let Some(name) = tags.remove(&id) {
                return Ok(Some(Named { name, commit: commit_id(id)? }));
            }
        }
        Ok(None)
    }

    /// The reference that a symbolic one points to.
    fn pointed_to(&self, name: &str) -> Option<String> {
        let reference = self.inner.try_find_reference(name).ok()??;
        match reference.target() {
            TargetRef::Symbolic(name) => Some(name.as_bstr().to_string()),
            TargetRef::Object(_) => None,
        }
    }

    fn named(&self, reference: &str) -> Option<Named> {
        let commit = self.inner.try_find_reference(reference).ok()??.peel_to_commit().ok()?.id;
        let name = reference.trim_start_matches("refs/heads/").trim_start_matches("refs/remotes/").to_owned();
        Some(Named { name, commit: commit_id(commit).ok()? })
    }
}
