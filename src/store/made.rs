//! How commits were made: what their surroundings said then and git does not keep.
//!
//! In: a [`Made`], when a commit is first met. Out: the same, when its entry is written again: from another branch, from
//! another work tree, outside the assistant's session.
//! Never here: a rewrite of the file: each commit is one appended line, so that writers need no lock and a kill leaves
//! at most one torn line, which is skipped.

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

/// How a commit was made, as remembered first; `None` when it was not, or the file cannot be read.
#[must_use]
pub fn of(state: &Path, commit: &CommitId) -> Option<Made> {
    let bytes = fs::read(&file(state), LIMIT).ok()??;
    let lines = bytes.split(|byte| *byte == b'\n');
    let named = lines.filter(|line| memchr::memmem::find(line, commit.as_str().as_bytes()).is_some());
    named.filter_map(|line| serde_json::from_slice::<Made>(line).ok()).find(|made| made.commit == *commit)
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
