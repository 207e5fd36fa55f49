//! The files of a merge that git could not merge by itself.
//!
//! In: a repository and a merge. Out: paths, sorted.
//! Never here: a guess. Git itself merges the parents once more, into objects that are thrown away; a git that cannot
//! (before 2.38), or not in time, says nothing. Not while a commit waits.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::git::{Commit, CommitId, Repository, change::path_text};
use crate::{fs, process};

/// How long git may take.
const LIMIT: Duration = Duration::from_secs(20);

/// The most that is named.
const MOST: usize = 50;

/// The files in which the parents of a merge of two had conflicts; none where that cannot be found out.
#[must_use]
pub fn conflicts(repository: &Repository, commit: &Commit) -> Vec<String> {
    let [ours, theirs] = commit.parents.as_slice() else { return Vec::new() };
    let Ok(scratch) = fs::scratch(&repository.state_dir()) else { return Vec::new() };
    merge_again(repository, scratch.path(), ours, theirs).unwrap_or_default()
}

fn merge_again(repository: &Repository, scratch: &Path, ours: &CommitId, theirs: &CommitId) -> Result<Vec<String>> {
    let mut git = process::command("git");
    git.arg("--git-dir").arg(repository.common_dir());
    git.args(["-c", "core.hooksPath=/dev/null", "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z"]);
    git.args([ours.as_str(), theirs.as_str()]);
    git.env("GIT_OBJECT_DIRECTORY", scratch);
    git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", repository.common_dir().join("objects"));
    let finished = process::run(&mut git, LIMIT)?;
    // The tree's id, then the files, each with a NUL behind it. What failed for another reason prints none.
    let mut names = finished.stdout.split(|byte| *byte == 0).skip(1);
    let names = names.by_ref().take_while(|name| !name.is_empty()).take(MOST);
    Ok(names.map(|name| path_text(name).into_owned()).collect())
}
