//! Which commits took the place of others, as far as we were told.
//!
//! In: the state directory, [`Rewrite`]s. Out: the commit in whose place another one stands now.
//! Never here: a rewrite of the file: each is one appended line, so that writers need no lock and a kill leaves at most
//! one torn line, which is skipped.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::commit::CommitId;
use super::rewrite::Rewrite;
use crate::fs;

/// The most that is read: some 150,000 commits.
const LIMIT: u64 = 16 << 20;

/// A commit that was amended, rebased, amended again has as many successors; more than this is a circle.
const LONGEST_CHAIN: usize = 1_000;

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    old: CommitId,
    new: CommitId,
}

/// The commits of one repository that others took the place of.
#[derive(Debug)]
pub struct Successors {
    file: PathBuf,
    /// Read when it is first asked for.
    known: RefCell<Option<BTreeMap<CommitId, CommitId>>>,
}

impl Successors {
    /// Those noted in a state directory.
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self { file: state.join("rewritten.jsonl"), known: RefCell::default() }
    }

    /// Notes what took the place of what.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn remember(&self, rewrites: &[Rewrite]) -> Result<()> {
        let mut text = Vec::new();
        for Rewrite { old, new } in rewrites {
            let Some(new) = new else { continue };
            serde_json::to_writer(&mut text, &Line { old: old.clone(), new: new.clone() })?;
            text.push(b'\n');
        }
        if text.is_empty() {
            return Ok(());
        }
        fs::create_private_dir(self.file.parent().unwrap_or(Path::new(".")))?;
        self.known.replace(None);
        fs::append(&self.file, &text)
    }

    /// The commit that stands in another one's place now; `None` if none took it.
    #[must_use]
    pub fn of(&self, commit: &CommitId) -> Option<CommitId> {
        let mut known = self.known.borrow_mut();
        let known = known.get_or_insert_with(|| self.read());
        let mut last = known.get(commit)?;
        for _ in 0..LONGEST_CHAIN {
            match known.get(last) {
                Some(next) if next != commit => last = next,
                _ => return (last != commit).then(|| last.clone()),
            }
        }
        None
    }

    /// The commits in whose place a commit stands now, the last of them first; at most a thousand.
    #[must_use]
    pub fn before(&self, commit: &CommitId) -> Vec<CommitId> {
        let mut known = self.known.borrow_mut();
        let known = known.get_or_insert_with(|| self.read());
        let mut found = vec![commit.clone()];
        let mut next = 0;
        while next < found.len() && found.len() <= LONGEST_CHAIN {
            let olds = known.iter().filter(|(_, new)| **new == found[next]).map(|(old, _)| old);
            let olds: Vec<CommitId> = olds.filter(|old| !found.contains(old)).cloned().collect();
            found.extend(olds);
            next += 1;
        }
        found.remove(0);
        found.truncate(LONGEST_CHAIN);
        found
    }

    fn read(&self) -> BTreeMap<CommitId, CommitId> {
        let bytes = fs::read(&self.file, LIMIT).ok().flatten().unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        lines.map(|Line { old, new }| (old, new)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).unwrap()
    }

    #[test]
    fn the_last_of_a_chain_is_the_successor_and_a_circle_has_none() {
        let dir = tempfile::tempdir().unwrap();
        let step = |old, new| Rewrite { old: id(old), new: Some(id(new)) };
        let check = |of: char, expected: Option<char>| {
            assert_eq!(Successors::at(dir.path()).of(&id(of)), expected.map(id), "{of}");
        };
        check('a', None);
        Successors::at(dir.path()).remember(&[step('a', 'b'), Rewrite { old: id('f'), new: None }]).unwrap();
        Successors::at(dir.path()).remember(&[step('b', 'c')]).unwrap();
        fs::append(&dir.path().join("rewritten.jsonl"), b"{\"old\":\"torn\n").unwrap();
        check('a', Some('c'));
        check('c', None);
        check('f', None);
        assert_eq!(Successors::at(dir.path()).before(&id('c')), [id('b'), id('a')]);
        assert_eq!(Successors::at(dir.path()).before(&id('a')), []);
        // Back to what it was: the branch was reset, and amended another way.
        Successors::at(dir.path()).remember(&[step('c', 'a')]).unwrap();
        check('a', Some('c'));
        Successors::at(dir.path()).remember(&[step('d', 'e'), step('e', 'e')]).unwrap();
        check('d', None);
    }
}
