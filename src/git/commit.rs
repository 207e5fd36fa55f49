//! A commit as plain data.
//!
//! In: nothing. Out: [`Commit`] and its parts. Never here: git objects, or how they are read (that is `repo`).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::change::Change;

/// The full object id of a commit: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitId(String);

impl CommitId {
    /// Takes a full id; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let full = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        full.then(|| Self(text.to_owned()))
    }

    /// The first eight digits, for headings.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..8]
    }

    /// All digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CommitId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not a full commit id"))
    }
}

impl From<CommitId> for String {
    fn from(id: CommitId) -> Self {
        id.0
    }
}

/// Who did something, and when by their own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name, invalid UTF-8 replaced.
    pub name: String,
    /// The address, invalid UTF-8 replaced.
    pub email: String,
    /// The instant with the offset that was recorded.
    pub when: DateTime<FixedOffset>,
}

/// A trailer line of the message, such as `Co-authored-by: …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// Before the colon.
    pub key: String,
    /// After the colon, without surrounding blanks.
    pub value: String,
}

/// One commit with what it changed against its first parent.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// Parents in order; none for a root commit, two or more for a merge.
    pub parents: Vec<CommitId>,
    /// When the first parent was committed; `None` for a root commit or where a shallow clone ends.
    pub parent_committed: Option<DateTime<FixedOffset>>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The first paragraph of the message on one line.
    pub subject: String,
    /// The rest of the message without its trailers; empty if there is none.
    pub body: String,
    /// The trailers at the end of the message.
    pub trailers: Vec<Trailer>,
    /// The branch that `HEAD` is on, when this commit is `HEAD`; `None` also when detached.
    pub branch: Option<String>,
    /// The top of the work tree that the commit was read from; `None` in a bare repository.
    pub worktree: Option<PathBuf>,
    /// What it did to each file, in git's order.
    pub changes: Vec<Change>,
    /// Of a merge, those of these paths that differ from every parent: both sides had a part in them.
    pub both_sides: BTreeSet<Vec<u8>>,
}

impl Commit {
    /// Whether it brings branches together.
    #[must_use]
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }

    /// The commit with those changes only that were made with it: of a merge, those that both sides had a part in.
    #[must_use]
    pub fn told_here(&self) -> Cow<'_, Self> {
        if !self.is_merge() {
            return Cow::Borrowed(self);
        }
        let mut commit = self.clone();
        commit.changes.retain(|change| self.both_sides.contains(&change.path));
        Cow::Owned(commit)
    }
}
