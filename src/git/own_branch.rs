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

    /// The names of the files in a directory with the ids of their contents; none where there is no such directory.
    ///
    /// # Errors
    /// As [`OwnBranch::names`].
    pub fn ids(&self, tip: &Tip, directory: &str) -> Result<Vec<(String, String)>> {
        own_tree::ids(&self.inner, tip.tree, directory)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(dir: &std::path::Path) -> OwnBranch {
        OwnBranch::new(gix::init_bare(dir).unwrap(), "commit-story/journal")
    }

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap()
    }

    fn files(files: &[(&str, Option<&str>)]) -> Files {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.map(|text| text.as_bytes().to_vec()))).collect()
    }

    fn text(branch: &OwnBranch, tip: &Tip, path: &str) -> Option<String> {
        branch.file(tip, path, 100).unwrap().map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn files_are_written_beside_others_and_go_with_their_empty_directories() {
        let dir = tempfile::tempdir().unwrap();
        let branch = branch(dir.path());
        let one = branch.commit(None, files(&[("a/b/c.md", Some("c")), ("a-b", Some("x"))]), "one", now()).unwrap();
        let two = branch.commit(Some(&one), files(&[("a/d.md", Some("d")), ("a/b/c.md", None)]), "two", now()).unwrap();
        assert_eq!(text(&branch, &one, "a/b/c.md").as_deref(), Some("c"));
        assert_eq!(text(&branch, &two, "a/b/c.md"), None);
        assert_eq!(branch.names(&two, "a").unwrap(), [("d.md".to_owned(), false)]);
        assert_eq!(branch.names(&two, "").unwrap(), [("a".to_owned(), true), ("a-b".to_owned(), false)]);
        assert_eq!(branch.differing(Some(&one), &two).unwrap(), ["a/b/c.md", "a/d.md"]);
        assert!(branch.file(&two, "a", 100).is_err() && branch.file(&two, "a/d.md", 0).is_err());
        assert_eq!(branch.tip().unwrap(), None, "a commit moves no branch");
    }

    #[test]
    fn a_branch_moves_only_from_where_it_was_thought_to_be() {
        let dir = tempfile::tempdir().unwrap();
        let branch = branch(dir.path());
        let one = branch.commit(None, files(&[("a", Some("1"))]), "one", now()).unwrap();
        let two = branch.commit(Some(&one), files(&[("a", Some("2"))]), "two", now()).unwrap();
        assert!(!branch.advance(Some(&one), &two).unwrap());
        assert!(branch.advance(None, &one).unwrap() && !branch.advance(None, &two).unwrap());
        assert!(branch.advance(Some(&one), &two).unwrap() && !branch.advance(Some(&one), &two).unwrap());
        assert_eq!(branch.tip().unwrap(), Some(two));
        std::fs::write(dir.path().join("refs/heads/commit-story/journal.lock"), "").unwrap();
        assert!(branch.advance(Some(&two), &one).is_err());
        branch.unlock().unwrap();
        assert!(branch.advance(Some(&two), &one).unwrap());
    }

    #[test]
    fn of_a_merge_only_what_both_have_changed_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let branch = branch(dir.path());
        let all = [
            ("same", Some("s")),
            ("d/ours", Some("o")),
            ("d/theirs", Some("t")),
            ("d/both", Some("b")),
            ("gone", Some("g")),
        ];
        let base = branch.commit(None, files(&all), "base", now()).unwrap();
        let ours = files(&[("d/ours", Some("O")), ("d/both", Some("1")), ("gone", None)]);
        let theirs = files(&[("d/theirs", Some("T")), ("d/both", Some("2")), ("new", Some("n"))]);
        let (ours, theirs) = (
            branch.commit(Some(&base), ours, "ours", now()).unwrap(),
            branch.commit(Some(&base), theirs, "theirs", now()).unwrap(),
        );
        let mut asked = Vec::new();
        let mut union = |path: &str, base: Option<&[u8]>, ours: Option<&[u8]>, theirs: Option<&[u8]>| {
            asked.push(path.to_owned());
            Ok(Some([base.unwrap(), ours.unwrap(), theirs.unwrap()].concat()))
        };
        let merged = branch.merge([&ours, &theirs], "merge", now(), &mut union).unwrap();
        assert_eq!(asked, ["d/both"]);
        let found = ["same", "d/ours", "d/theirs", "d/both", "gone", "new"].map(|path| text(&branch, &merged, path));
        assert_eq!(found.map(Option::unwrap_or_default), ["s", "O", "T", "b12", "", "n"]);
        assert_eq!(branch.common(&merged, &theirs).unwrap(), Some(theirs));
    }

    #[test]
    fn a_name_that_git_would_not_write_is_cleaned_and_one_that_is_missing_is_ours() {
        let dir = tempfile::tempdir().unwrap();
        let mut branch = branch(dir.path());
        let named = |branch: &OwnBranch| {
            let who = branch.identity(now());
            format!("{} <{}> {} {}", who.name, who.email, who.time.seconds, who.time.offset)
        };
        std::fs::write(dir.path().join("config"), "[user]\n\tname = \" A<d>a \"\n[core]\n\tbare = true\n").unwrap();
        let options = gix::open::Options::isolated();
        *branch.inner = gix::open_opts(dir.path(), options).unwrap();
        assert_eq!(named(&branch), "Ada <commit-story@localhost> 1767711726 3600");
    }
}
