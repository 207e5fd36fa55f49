//! A branch that only this program writes, without ever checking it out.
//!
//! In: file contents by path. Out: commits on that branch, and what stands in them.
//! Never here: a work tree, the index, a hook, a reflog, another branch, or what the files mean.

use std::fmt;

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, FixedOffset};
use gix::ObjectId;
use gix::refs::transaction::{PreviousValue, RefEdit};
use gix::refs::{FullName, Target};

use super::commit::CommitId;
use super::header;
use super::own_tree::{self, Files, Union};
use crate::fs;

/// The branch.
#[derive(Clone)]
pub struct OwnBranch {
    /// Boxed: it has hundreds of bytes, and a store holds either this or a folder.
    inner: Box<gix::Repository>,
    name: String,
}

impl fmt::Debug for OwnBranch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnBranch").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A commit with its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    commit: ObjectId,
    tree: ObjectId,
}

impl Tip {
    /// The commit's id.
    ///
    /// # Panics
    /// Never: an object's id is one of a commit by its form.
    #[must_use]
    pub fn commit(&self) -> CommitId {
        CommitId::parse(&self.commit.to_string()).expect("git writes ids in lower-case hexadecimal digits")
    }

    /// Whether both hold the same files with the same contents.
    #[must_use]
    pub fn has_files_of(&self, other: &Self) -> bool {
        self.tree == other.tree
    }
}

impl OwnBranch {
    pub(super) fn new(mut inner: gix::Repository, name: &str) -> Self {
        // Every entry would add a line that says no more than the commit does.
        inner.refs.write_reflog = gix::refs::store::WriteReflog::Disable;
        Self { inner: Box::new(inner), name: name.to_owned() }
    }

    /// Its name, without `refs/heads/`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its full name.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("refs/heads/{}", self.name)
    }

    /// Its newest commit; `None` while there is no such branch.
    ///
    /// # Errors
    /// The branch or its commit cannot be read.
    pub fn tip(&self) -> Result<Option<Tip>> {
        self.tip_of(&self.full_name())
    }

    /// The commit that a reference with this full name is at; `None` if there is no such reference.
    ///
    /// # Errors
    /// The reference or its commit cannot be read, or it only points to another reference.
    pub fn tip_of(&self, reference: &str) -> Result<Option<Tip>> {
        let read = || -> Result<Option<Tip>> {
            let Some(found) = self.inner.try_find_reference(reference).map_err(|error| anyhow!(error))? else {
                return Ok(None);
            };
            let Some(id) = found.target().try_id().map(ToOwned::to_owned) else {
                bail!("it points to another reference");
            };
            self.tip_at(id).map(Some)
        };
        read().with_context(|| format!("cannot read {reference}"))
    }

    fn tip_at(&self, commit: ObjectId) -> Result<Tip> {
        let object = self.inner.find_object(commit).map_err(|error| anyhow!(error))?;
        if object.kind != gix::objs::Kind::Commit {
            bail!("{commit} is a {}, not a commit", object.kind);
        }
        let header = header::parse(&object.data).with_context(|| format!("the commit {commit} is malformed"))?;
        Ok(Tip { commit, tree: header.tree })
    }

    /// The content of a file; `None` where there is none.
    ///
    /// # Errors
    /// It, or a directory on the way to it, cannot be read, or it is larger than `limit` bytes.
    pub fn file(&self, tip: &Tip, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        own_tree::file(&self.inner, tip.tree, path, limit).with_context(|| format!("cannot read {}:{path}", self.name))
    }

    /// The names in a directory with whether each is a directory itself; none where there is no such directory.
    ///
    /// # Errors
    /// The directory, or one on the way to it, cannot be read.
    pub fn names(&self, tip: &Tip, directory: &str) -> Result<Vec<(String, bool)>> {
        own_tree::names(&self.inner, tip.tree, directory)
            .with_context(|| format!("cannot read {}:{directory}", self.name))
    }

    /// Writes files into the tree of a commit (or into none) and a commit of that tree, which has these parents. The
    /// branch itself stays where it is.
    ///
    /// # Errors
    /// The object database is not readable or not writable.
    pub fn commit(&self, onto: Option<&Tip>, files: Files, message: &str, now: DateTime<FixedOffset>) -> Result<Tip> {
        let tree =
            own_tree::with(&self.inner, onto.map(|tip| tip.tree), files).context("cannot write to git's objects")?;
        self.write_commit(tree, onto.map(|tip| tip.commit).into_iter().collect(), message, now)
    }

    /// Writes a commit with two parents that holds what both hold. Of what is equal on both sides nothing is read.
    ///
    /// # Errors
    /// The object database is not readable or not writable, or `union` fails.
    pub fn merge(&self, sides: [&Tip; 2], message: &str, now: DateTime<FixedOffset>, union: Union<'_>) -> Result<Tip> {
        let [ours, theirs] = sides;
        let base = self.common(ours, theirs)?;
        let tree = own_tree::merged(&self.inner, base.map(|tip| tip.tree), ours.tree, theirs.tree, union)
            .context("cannot merge the journal's branch")?;
        self.write_commit(tree, vec![ours.commit, theirs.commit], message, now)
    }

    /// The files, by path, that differ between two commits.
    ///
    /// # Errors
    /// A tree cannot be read.
    pub fn differing(&self, old: Option<&Tip>, new: &Tip) -> Result<Vec<String>> {
        let deltas = super::tree::compare(&self.inner.objects, old.map(|tip| tip.tree), new.tree)?;
        Ok(deltas.into_iter().map(|delta| String::from_utf8_lossy(&delta.path).into_owned()).collect())
    }

    /// The newest commit that both have behind them.
    ///
    /// # Errors
    /// A commit on the way to it cannot be read.
    pub fn common(&self, one: &Tip, other: &Tip) -> Result<Option<Tip>> {
        let base = self.inner.merge_base(one.commit, other.commit).map_err(|error| anyhow!(error));
        let base = base.context("cannot find what both sides of the journal have in common")?;
        base.map(|id| self.tip_at(id.detach())).transpose()
    }

    fn write_commit(
        &self,
        tree: ObjectId,
        parents: Vec<ObjectId>,
        message: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<Tip> {
        let who = self.identity(now);
        let commit = gix::objs::Commit {
            tree,
            parents: parents.into(),
            author: who.clone(),
            committer: who,
            encoding: None,
            message: format!("{message}\n").into(),
            extra_headers: Vec::new(),
        };
        let commit = self.inner.write_object(&commit).map_err(|error| anyhow!(error));
        Ok(Tip { commit: commit.context("cannot write to git's objects")?.detach(), tree })
    }

    /// Moves the branch, if it still is where it was thought to be; `false` if somebody else has moved it.
    ///
    /// # Errors
    /// It cannot be written, for example because another program holds its lock.
    pub fn advance(&self, from: Option<&Tip>, to: &Tip) -> Result<bool> {
        let expected = match from {
            Some(tip) => PreviousValue::MustExistAndMatch(Target::Object(tip.commit)),
            None => PreviousValue::MustNotExist,
        };
        let name = FullName::try_from(self.full_name()).map_err(|error| anyhow!(error))?;
        let edit = RefEdit::update(name, to.commit, expected, "");
        match self.inner.edit_references_as(Some(edit), None) {
            Ok(_) => Ok(true),
            Err(_) if self.tip()? != from.copied() => Ok(false),
            Err(error) => Err(anyhow!(error)).with_context(|| format!("cannot write the branch {}", self.name)),
        }
    }

    /// Removes the lock that a killed process of ours has left on the branch. Only for a caller that knows it to be so.
    ///
    /// # Errors
    /// The lock is there and cannot be removed.
    pub fn unlock(&self) -> Result<()> {
        fs::remove(&self.inner.common_dir().join(format!("{}.lock", self.full_name())))
    }

    /// The developer, as git's configuration names them.
    fn identity(&self, now: DateTime<FixedOffset>) -> gix::actor::Signature {
        let config = self.inner.config_snapshot();
        let text = |keys: [&str; 2], otherwise: &str| {
            let set = keys.into_iter().find_map(|key| config.string(key)).map(|text| text.to_string());
            // What git itself leaves out of a name.
            let plain = set.unwrap_or_default().replace(['<', '>', '\n', '\r', '\0'], "");
            if plain.trim().is_empty() { otherwise.to_owned() } else { plain.trim().to_owned() }
        };
        gix::actor::Signature {
            name: text(["committer.name", "user.name"], "commit-story").into(),
            email: text(["committer.email", "user.email"], "commit-story@localhost").into(),
            time: gix::date::Time { seconds: now.timestamp(), offset: now.offset().local_minus_utc() },
        }
    }
}
