//! What git leaves lying about while commits take the place of others.
//!
//! In: a git directory; the lines that git gives to `post-rewrite`, or a map of commits as history rewriters leave one.
//! Out: [`Rewrite`]s; the [`Rebase`] that is going on; the commits that a cherry-pick or a squash merge takes from.
//! Never here: the objects themselves, or an error: a file of another shape says nothing.

use std::path::Path;

use super::commit::CommitId;
use crate::fs;

/// The most that is read of one of these files, in bytes: a map of some 600,000 commits.
pub const LIMIT: u64 = 64 << 20;

/// A commit whose place another one took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// The commit that was.
    pub old: CommitId,
    /// The one in its place; `None` where it was taken out.
    pub new: Option<CommitId>,
}

/// A rebase that is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebase {
    /// What the commits are put upon.
    pub onto: CommitId,
    /// The tip of the branch before.
    pub before: CommitId,
}

/// Lines of `old new` (`git help githooks`, post-rewrite), also with a heading and with zeros for "none", as
/// `git filter-repo` writes them to `commit-map`. What is no such line is passed over.
#[must_use]
pub fn rewrites(text: &str) -> Vec<Rewrite> {
    let rewrite = |line: &str| {
        let mut words = line.split_whitespace();
        let (old, new) = (CommitId::parse(words.next()?)?, CommitId::parse(words.next()?)?);
        let new = Some(new).filter(|new| new.as_str().bytes().any(|digit| digit != b'0'));
        (new.as_ref() != Some(&old)).then_some(Rewrite { old, new })
    };
    text.lines().filter_map(rewrite).collect()
}

/// Whether a rebase is going on in the work tree of this git directory. Git runs hooks for each of its steps.
#[must_use]
pub fn is_rebasing(git_dir: &Path) -> bool {
    git_dir.join("rebase-merge").exists() || git_dir.join("rebase-apply/rebasing").exists()
}

/// The rebase that is going on; git still knows of it while it runs `post-rewrite`.
#[must_use]
pub fn rebase(git_dir: &Path) -> Option<Rebase> {
    ["rebase-merge", "rebase-apply"].iter().find_map(|dir| {
        let dir = git_dir.join(dir);
        Some(Rebase { onto: id_in(&dir.join("onto"))?, before: id_in(&dir.join("orig-head"))? })
    })
}

/// The commit that is being cherry-picked, while the hook of the pick runs.
#[must_use]
pub fn picked(git_dir: &Path) -> Option<CommitId> {
    id_in(&git_dir.join("CHERRY_PICK_HEAD"))
}

/// The commits that `git merge --squash` has brought together, newest first, as its draft of a message lists them.
#[must_use]
pub fn squashed(git_dir: &Path) -> Vec<CommitId> {
    let message = fs::read(&git_dir.join("SQUASH_MSG"), LIMIT).ok().flatten().unwrap_or_default();
    squashed_in(&String::from_utf8_lossy(&message))
}

/// The commits in a message that git drafted for a squash merge: lines of `commit <id>`.
#[must_use]
pub fn squashed_in(message: &str) -> Vec<CommitId> {
    const TITLE: &str = "Squashed commit of the following:";
    let Some((_, listed)) = message.split_once(TITLE) else { return Vec::new() };
    listed.lines().filter_map(|line| CommitId::parse(line.strip_prefix("commit ")?.trim())).collect()
}

/// The commit that a message says it undoes (`git revert`).
#[must_use]
pub fn reverted_in(message: &str) -> Option<CommitId> {
    named(message, "This reverts commit ")
}

/// The commit that a message says it was picked from (`git cherry-pick -x`); the last one, where it was picked twice.
#[must_use]
pub fn picked_in(message: &str) -> Option<CommitId> {
    let at = message.rfind("(cherry picked from commit ")?;
    named(&message[at..], "(cherry picked from commit ")
}

fn named(message: &str, before: &str) -> Option<CommitId> {
    let (_, rest) = message.split_once(before)?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
    CommitId::parse(&rest[..digits])
}

fn id_in(file: &Path) -> Option<CommitId> {
    let bytes = fs::read(file, 1 << 10).ok()??;
    CommitId::parse(std::str::from_utf8(&bytes).ok()?.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).unwrap()
    }

    #[test]
    fn maps_are_read_with_their_headings_and_zeros() {
        let (a, b, c) = (id('a'), id('b'), id('c'));
        let text = format!("old{:40}new\n{a} {b}\n{b} {} extra\n{c} {c}\nnonsense\n{c} short\n", "", id('0'));
        let expected = [Rewrite { old: a, new: Some(b.clone()) }, Rewrite { old: b, new: None }];
        assert_eq!(rewrites(&text), expected);
    }

    #[test]
    fn messages_name_the_commits_they_come_from() {
        let (a, b) = (id('a'), id('b'));
        assert_eq!(
            reverted_in(&format!("Revert \"x\"\n\nThis reverts commit {a}, reversing\nchanges")),
            Some(a.clone())
        );
        assert_eq!(reverted_in("This reverts commit abc."), None);
        let twice = format!("x\n\n(cherry picked from commit {a})\n(cherry picked from commit {b})");
        assert_eq!(picked_in(&twice), Some(b.clone()));
        let squash =
            format!("Squashed commit of the following:\n\ncommit {b}\nAuthor: x\n\n    commit {a}\n\ncommit {a}\n");
        assert_eq!(squashed_in(&squash), [b, a]);
        assert_eq!(squashed_in("commit x"), []);
    }

    #[test]
    fn a_rebase_is_known_by_what_it_leaves_lying_about() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_rebasing(dir.path()) && rebase(dir.path()).is_none() && picked(dir.path()).is_none());
        let state = dir.path().join("rebase-merge");
        std::fs::create_dir(&state).unwrap();
        std::fs::write(state.join("onto"), format!("{}\n", id('a'))).unwrap();
        assert!(is_rebasing(dir.path()) && rebase(dir.path()).is_none());
        std::fs::write(state.join("orig-head"), format!("{}\n", id('b'))).unwrap();
        assert_eq!(rebase(dir.path()), Some(Rebase { onto: id('a'), before: id('b') }));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}", id in "[0-9a-f]{38,42}") {
            for text in [&text, &format!("{text}(cherry picked from commit {id}{text}"), &format!("This reverts commit {id}")] {
                let _ = (rewrites(text), picked_in(text), reverted_in(text), squashed_in(text));
            }
        }
    }
}
