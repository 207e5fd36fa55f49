//! Both sides of the files that a commit changed.
//!
//! In: a commit that was read, and one of its changes. Out: a [`Version`]: the whole file before and after.
//! Never here: files that the commit did not change, more than one file's contents in memory, or a second search for moves:
//! the change says where its file came from.

use std::collections::HashMap;

use anyhow::Context;

use super::change::{Change, ChangeKind};
use super::commit::Commit;
use super::content::{Contents, Loaded};
use super::repo::{Repository, object_id};
use super::tree::{self, Side};

/// A file before and after a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// Text, empty where there was or is no such file. What is not UTF-8 is replaced.
    Text {
        /// Before.
        old: String,
        /// After.
        new: String,
    },
    /// Git shows no lines of it.
    Binary,
    /// It is larger than was asked for.
    TooBig,
    /// Its content is not in this repository, or it is none of the commit's files.
    Missing,
}

/// Reads the sides of one commit's files.
pub struct Versions<'r> {
    contents: Contents<'r>,
    sides: HashMap<Vec<u8>, (Option<Side>, Option<Side>)>,
}

impl Repository {
    /// The sides of a commit's files, against its first parent.
    ///
    /// # Errors
    /// The commit, its parent or one of their trees is missing or broken.
    pub fn versions(&self, commit: &Commit) -> anyhow::Result<Versions<'_>> {
        self.read_versions(commit).with_context(|| format!("cannot read the files of commit {}", commit.id))
    }

    fn read_versions(&self, commit: &Commit) -> anyhow::Result<Versions<'_>> {
        let tree = |id| Ok::<_, anyhow::Error>(self.header(object_id(id)?)?.tree);
        let old = commit.parents.first().map(tree).transpose()?;
        let deltas = tree::compare(&self.inner.objects, old, tree(&commit.id)?)?;
        let sides = deltas.into_iter().map(|delta| (delta.path, (delta.old, delta.new))).collect();
        Ok(Versions { contents: Contents::new(&self.inner), sides })
    }
}

impl Versions<'_> {
    /// Both sides of one changed file, each of at most `most` bytes.
    #[must_use]
    pub fn of(&mut self, change: &Change, most: u64) -> Version {
        let from = match &change.kind {
            ChangeKind::Renamed { from } | ChangeKind::Copied { from } => Some(from),
            _ => None,
        };
        let Some((old, new)) = self.sides.get(&change.path).copied() else { return Version::Missing };
        let old = from.map_or(old, |from| self.sides.get(from).and_then(|(old, _)| *old));
        let old = self.side(old, from.unwrap_or(&change.path), most);
        let new = self.side(new, &change.path, most);
        match (old, new) {
            (Ok(old), Ok(new)) => Version::Text { old, new },
            (Err(why), _) | (_, Err(why)) => why,
        }
    }

    fn side(&mut self, side: Option<Side>, path: &[u8], most: u64) -> Result<String, Version> {
        let Some(side) = side else { return Ok(String::new()) };
        if self.contents.size(side).is_some_and(|size| size > most) {
            return Err(Version::TooBig);
        }
        let mut bytes = Vec::new();
        match self.contents.load(side, &mut bytes) {
            Loaded::Whole if self.contents.is_binary(side, path, &bytes) => Err(Version::Binary),
            Loaded::Whole => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Loaded::TooBig => Err(Version::TooBig),
            Loaded::Missing => Err(Version::Missing),
        }
    }
}
