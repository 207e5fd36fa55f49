//! A commit's files as a session would name them.
//!
//! In: a commit, and the work trees to look in. Out: which of its files a turn edited, and whether one is named.
//! Never here: which session is chosen (that is `matching`), or a look at the disk.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::place;
use super::turn::Turn;
use crate::git::{Commit, Settled};

/// Where and how far back to look.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The tops of the repository's work trees.
    pub roots: &'a [PathBuf],
    /// Those of them that the commit was not made in. A file edited there is another copy of the commit's.
    pub elsewhere: &'a [PathBuf],
    /// The instant back to which the sessions were read.
    pub floor: DateTime<Utc>,
    /// Until when the changes of the commit's files were committed before it. Asked at most once, and only when a
    /// session edited them before the window.
    pub settled: &'a dyn Fn() -> Settled,
}

/// The commit's files as a session would name them.
pub(super) struct Files<'a> {
    view: View<'a>,
    since: DateTime<Utc>,
    /// The paths for people, each with the path itself.
    relative: BTreeMap<String, Vec<u8>>,
    settled: OnceCell<Settled>,
}

impl<'a> Files<'a> {
    pub(super) fn of(commit: &Commit, since: DateTime<Utc>, view: View<'a>) -> Self {
        let paths = commit.changes.iter().map(|change| (change.path_text().into_owned(), change.path.clone()));
        Self { view, since, relative: paths.collect(), settled: OnceCell::new() }
    }

    /// Whether a turn edited one of the files, and the edit has not been committed before this commit.
    pub(super) fn edited_by(&self, turn: &Turn) -> bool {
        // The last edit of a file decides: where it is committed, so are those before it.
        let last: BTreeMap<&Path, DateTime<Utc>> = turn.edits.iter().map(|(at, path)| (path.as_path(), *at)).collect();
        last.iter().any(|(path, at)| self.find(path).is_some_and(|path| !self.is_settled(path, *at)))
    }

    /// Whether a turn edited one of the files, whatever has become of the edit.
    pub(super) fn ever_edited_by(&self, turn: &Turn) -> bool {
        turn.edits.iter().any(|(_, path)| self.find(path).is_some())
    }

    pub(super) fn number_edited_by(&self, turns: &[Turn]) -> usize {
        let edits = turns.iter().flat_map(|turn| &turn.edits);
        edits.filter_map(|(_, path)| self.find(path)).collect::<BTreeSet<_>>().len()
    }

    /// Since the parent, nothing has been committed.
    fn is_settled(&self, path: &[u8], at: DateTime<Utc>) -> bool {
        at <= self.since && self.settled.get_or_init(self.view.settled).holds(path, at)
    }

    /// The work tree that a path lies in. They may lie within each other: the innermost counts.
    fn root(&self, path: &Path) -> Option<&PathBuf> {
        self.view
            .roots
            .iter()
            .filter(|root| place::below(path, root).is_some())
            .max_by_key(|root| root.as_os_str().len())
    }

    pub(super) fn is_elsewhere(&self, path: &Path) -> bool {
        self.root(path).is_some_and(|root| self.view.elsewhere.contains(root))
    }

    /// The commit's file that an absolute path, as an assistant recorded it, means. Under a root that is not known (a
    /// link, a work tree that is gone, another machine's home) the last two components at least must agree.
    pub(super) fn find(&self, path: &Path) -> Option<&[u8]> {
        if let Some((root, inside)) = self.root(path).and_then(|root| Some((root, place::below(path, root)?))) {
            if self.view.elsewhere.contains(root) {
                return None;
            }
            return self.relative.get(&slashed(&inside)).map(Vec::as_slice);
        }
        let text = slashed(path);
        let suffixes = text.match_indices('/').map(|(at, _)| &text[at + 1..]);
        suffixes.filter(|suffix| suffix.contains('/')).find_map(|suffix| self.relative.get(suffix)).map(Vec::as_slice)
    }

    pub(super) fn named_by(&self, turn: &Turn) -> bool {
        let said = turn.prompt.iter().chain(&turn.replies).map(|said| said.text.as_str());
        let mut texts = said.chain(turn.commands.iter().map(|ran| ran.line.as_str()));
        texts.any(|text| self.relative.keys().take(NAMES_LOOKED_FOR).any(|path| names(text, path)))
    }
}

/// How many of a commit's files are looked for by name; a commit of more is not explained by naming one of them.
const NAMES_LOOKED_FOR: usize = 200;

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Whether a text names a path: whole, or its last component where that can hardly be an ordinary word.
#[must_use]
pub fn names(text: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let stands_alone = |part: &str| {
        let ends = |at: usize| text[at + part.len()..].chars().next().is_none_or(|c| !is_part(c));
        let begins = |at: usize| text[..at].chars().next_back().is_none_or(|c| !is_part(c));
        text.match_indices(part).any(|(at, _)| begins(at) && ends(at))
    };
    stands_alone(path) && path.contains(['/', '.']) || name.len() >= 4 && name.contains('.') && stands_alone(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commits_files_are_found_however_windows_or_linux_spells_them() {
        let roots = ["/mnt/c/Code/app", "/home/me/app", "/home/me/app2"].map(PathBuf::from);
        let settled = || unreachable!("no edit is looked for");
        let view = View { roots: &roots, elsewhere: &roots[2..], floor: DateTime::UNIX_EPOCH, settled: &settled };
        let relative = BTreeMap::from([("src/Main.rs".to_owned(), b"src/Main.rs".to_vec())]);
        let files = Files { view, since: DateTime::UNIX_EPOCH, relative, settled: OnceCell::new() };
        let check = |path: &str, found: bool| assert_eq!(files.find(Path::new(path)).is_some(), found, "{path}");
        check("/home/me/app/src/Main.rs", true);
        check(r"\\wsl.localhost\Ubuntu\home\me\app\src\Main.rs", true);
        check(r"\\wsl.localhost\Ubuntu\home\me\app2\src\Main.rs", false);
        check(r"c:\code\app\src\Main.rs", true);
        check(r"c:\code\app\lib\src\Main.rs", false);
        check("/home/me/app/src/../src/Main.rs", true);
        assert!(files.is_elsewhere(Path::new(r"\\wsl$\Ubuntu\home\me\app2\x")));
    }

    #[test]
    fn a_file_is_named_by_its_path_or_its_name_and_not_by_a_part_of_a_word() {
        for (text, path, expected) in [
            ("look at src/retry.rs please", "src/retry.rs", true),
            ("in `retry.rs`, line 3", "src/retry.rs", true),
            ("in old-retry.rs", "src/retry.rs", false),
            ("the remaining work", "main", false),
            ("run main", "main", false),
            ("the .gitignore", ".gitignore", true),
            ("a.c", "lib/a.c", false),
        ] {
            assert_eq!(names(text, path), expected, "{text}: {path}");
        }
    }
}
