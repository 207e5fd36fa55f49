//! The files of a merge that git could not merge by itself.
//!
//! In: a repository and a merge. Out: paths, sorted.
//! Never here: a guess, the network, or a program that merges files: git itself merges the parents once more, into objects
//! that are thrown away. Of a file that it leaves to such a program, as of a git that cannot do this (before 2.38), or not
//! in time, nothing is said. Not while a commit waits.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::fs;
use crate::git::{Commit, CommitId, Repository, change::path_text};
use crate::process::{self, Bounds, Command};

/// How long git may take.
const LIMIT: Duration = Duration::from_secs(20);

/// The most that is named.
const MOST: usize = 50;

/// The files in which the parents of a merge of two had conflicts; none where that cannot be found out.
#[must_use]
pub fn conflicts(repository: &Repository, commit: &Commit) -> Vec<String> {
    let [ours, theirs] = commit.parents.as_slice() else { return Vec::new() };
    // All is as it was on our side: nobody has merged anything (`git merge -s ours`).
    if commit.changes.is_empty() {
        return Vec::new();
    }
    let Ok(scratch) = fs::scratch(&repository.state_dir()) else { return Vec::new() };
    merge_again(repository, scratch.path(), ours, theirs).unwrap_or_default()
}

fn merge_again(repository: &Repository, scratch: &Path, ours: &CommitId, theirs: &CommitId) -> Result<Vec<String>> {
    let mut git = git(repository, ours);
    git.args(["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours.as_str(), theirs.as_str()]);
    git.env("GIT_OBJECT_DIRECTORY", scratch);
    git.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", repository.common_dir().join("objects"));
    let drivers = repository.merge_drivers();
    git.env("GIT_CONFIG_COUNT", drivers.len().to_string());
    for (nth, driver) in drivers.iter().enumerate() {
        git.env(format!("GIT_CONFIG_KEY_{nth}"), format!("merge.{driver}.driver"));
        git.env(format!("GIT_CONFIG_VALUE_{nth}"), "false");
    }
    let merged = process::run(&mut git, LIMIT)?.stdout;
    // The tree's id, then the files, each with a NUL behind it. What failed for another reason prints none.
    let mut names = merged.split(|byte| *byte == 0).skip(1);
    let names: Vec<&[u8]> = names.by_ref().take_while(|name| !name.is_empty()).take(MOST).collect();
    by_lines(repository, ours, &names)
}

/// Those of the files that git merges line by line, as attributes have it.
fn by_lines(repository: &Repository, ours: &CommitId, names: &[&[u8]]) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut git = git(repository, ours);
    git.args(["check-attr", "-z", "--stdin", "merge"]);
    let bounds = Bounds { time: LIMIT, output: 1 << 20 };
    let said = process::run_with_input(&mut git, names.join(&0), bounds)?.stdout;
    // Each file, the attribute's name, and what it says.
    let said: Vec<&[u8]> = said.split(|byte| *byte == 0).collect();
    let plain = |says: &[u8]| [&b"unspecified"[..], b"set", b"unset", b"text", b"binary"].contains(&says);
    let plain = said.chunks_exact(3).filter(|one| plain(one[2]));
    Ok(plain.map(|one| path_text(one[0]).into_owned()).collect())
}

/// A git that asks no remote for what a partial clone has not got. One that is older than 2.41 takes the attributes of
/// today's work tree for those of the commit.
fn git(repository: &Repository, attributes: &CommitId) -> Command {
    let mut git = process::command("git");
    git.arg("--git-dir").arg(repository.common_dir()).arg("--work-tree").arg(repository.top());
    git.args(["-c", "core.hooksPath=/dev/null"]);
    git.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_ATTR_SOURCE", attributes.as_str());
    git
}
