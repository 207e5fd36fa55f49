//! How commits were made: what their surroundings said then and git does not keep.
//!
//! In: a [`Made`], when a commit is first met. Out: the same, when its entry is written again: from another branch, from
//! another work tree, outside the assistant's session.
//! Never here: a rewrite of the file: each commit is one appended line, so that writers need no lock and a kill leaves
//! at most one torn line, which is skipped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::chat::SessionId;
use crate::fs;
use crate::git::CommitId;

/// The most that is read: some 100,000 commits.
const LIMIT: u64 = 16 << 20;

/// The surroundings of one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The commit.
    pub commit: CommitId,
    /// The top of the work tree; `None` where there was none.
    pub worktree: Option<PathBuf>,
    /// The branch.
    pub branch: Option<String>,
    /// The sessions that its environment named.
    #[serde(default)]
    pub sessions: Vec<SessionId>,
    /// The commit that it was cherry-picked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picked: Option<CommitId>,
    /// The commits that a squash merge had brought together for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub squashes: Vec<CommitId>,
}

/// Remembers how a commit was made.
///
/// # Errors
/// The state directory is not writable.
pub fn remember(state: &Path, made: &Made) -> Result<()> {
    fs::create_private_dir(state)?;
    let mut line = serde_json::to_vec(made)?;
    line.push(b'\n');
    fs::append(&file(state), &line)
}

/// Remembers what a squash merge has brought together, for the commit that is to be made on top of `head`.
///
/// # Errors
/// The state directory is not writable.
pub fn squash(state: &Path, head: &CommitId, commits: &[CommitId]) -> Result<()> {
    fs::create_private_dir(state)?;
    fs::jot(&squash_file(state), &serde_json::to_vec(&Squash { head: head.clone(), commits: commits.to_vec() })?)
}

/// What a squash merge has brought together on top of a commit, which is asked for only then; it is forgotten with that.
#[must_use]
pub fn squashed(state: &Path, head: impl Fn() -> Option<CommitId>) -> Vec<CommitId> {
    let file = squash_file(state);
    let Ok(Some(bytes)) = fs::read(&file, LIMIT) else { return Vec::new() };
    // That it is still there does no harm: another commit has another parent.
    let _ = fs::remove(&file);
    let squash = serde_json::from_slice::<Squash>(&bytes).ok();
    squash.filter(|squash| head().as_ref() == Some(&squash.head)).map(|squash| squash.commits).unwrap_or_default()
}

#[derive(Serialize, Deserialize)]
struct Squash {
    head: CommitId,
    commits: Vec<CommitId>,
}

fn squash_file(state: &Path) -> PathBuf {
    state.join("squash.json")
}

/// How a commit was made, as remembered first; `None` when it was not, or the file cannot be read.
#[must_use]
pub fn of(state: &Path, commit: &CommitId) -> Option<Made> {
    let bytes = fs::read(&file(state), LIMIT).ok()??;
    let lines = bytes.split(|byte| *byte == b'\n');
    let named = lines.filter(|line| memchr::memmem::find(line, commit.as_str().as_bytes()).is_some());
    named.filter_map(|line| serde_json::from_slice::<Made>(line).ok()).find(|made| made.commit == *commit)
}

/// How all commits were made that anything is remembered of.
#[must_use]
pub fn all(state: &Path) -> BTreeMap<CommitId, Made> {
    let bytes = fs::read(&file(state), LIMIT).ok().flatten().unwrap_or_default();
    let mut known: BTreeMap<CommitId, Made> = BTreeMap::new();
    for made in bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Made>(line).ok()) {
        known.entry(made.commit.clone()).or_insert(made);
    }
    known
}

/// Remembers of each second commit what is remembered of the first, in whose place it stands.
///
/// # Errors
/// The state directory is not writable.
pub fn hand_on(state: &Path, pairs: &[(CommitId, CommitId)]) -> Result<()> {
    let known = all(state);
    let mut text = Vec::new();
    for (old, new) in pairs.iter().filter(|(_, new)| !known.contains_key(new)) {
        if let Some(made) = known.get(old) {
            serde_json::to_writer(&mut text, &Made { commit: new.clone(), ..made.clone() })?;
            text.push(b'\n');
        }
    }
    if text.is_empty() { Ok(()) } else { fs::append(&file(state), &text) }
}

/// Those of the commits that nothing is remembered of.
#[must_use]
pub fn unknown(state: &Path, commits: &[CommitId]) -> Vec<CommitId> {
    let bytes = fs::read(&file(state), LIMIT).ok().flatten().unwrap_or_default();
    let is_known =
        |commit: &CommitId| memchr::memmem::find(&bytes, format!("\"commit\":\"{commit}\"").as_bytes()).is_some();
    commits.iter().filter(|commit| !is_known(commit)).cloned().collect()
}

fn file(state: &Path) -> PathBuf {
    state.join("commits.jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_first_counts_and_a_torn_line_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let commit = CommitId::parse(&"a".repeat(40)).unwrap();
        let made = |branch: &str| Made {
            commit: commit.clone(),
            worktree: Some("/repo".into()),
            branch: Some(branch.to_owned()),
            sessions: vec![SessionId("488c5296".into())],
            picked: None,
            squashes: vec![commit.clone()],
        };
        assert_eq!(of(&state, &commit), None);
        fs::create_private_dir(&state).unwrap();
        std::fs::write(file(&state), format!("{{\"commit\":\"{commit}\n")).unwrap();
        remember(&state, &made("main")).unwrap();
        remember(&state, &made("other")).unwrap();
        assert_eq!(of(&state, &commit), Some(made("main")));
        let other = CommitId::parse(&"b".repeat(40)).unwrap();
        assert_eq!(of(&state, &other), None);
        assert_eq!(unknown(&state, &[other.clone(), commit.clone()]), [other]);
    }
}
