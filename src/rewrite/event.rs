//! What happened to the history and is yet to be followed, kept until that is done.
//!
//! In: the words of a hook. Out: [`Event`]s, oldest first.
//! Never here: the following itself. An event is one file, removed when it was followed, so a kill at any moment loses
//! none.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::fs::{self, rename};
use crate::git::rewrite::{LIMIT, Rebase};
use crate::git::{CommitId, Rewrite};

/// Something that happened to the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    schema: u32,
    /// The git directory of the work tree where it happened.
    pub git_dir: PathBuf,
    /// The work tree where it happened.
    pub worktree: PathBuf,
    /// What it was.
    pub change: Change,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// These commits took the place of those.
    Rewritten {
        /// As git said it.
        pairs: Vec<(CommitId, Option<CommitId>)>,
        /// What a rebase put them upon and what the branch was before; nothing for an amend.
        rebase: Option<(CommitId, CommitId)>,
        /// The tip of the branch afterwards.
        tip: CommitId,
    },
    /// Something that git tells no hook of: a reset, a rebase whose hook did not run, another program's doing.
    Unknown,
}

impl Change {
    /// What git told `post-rewrite`.
    #[must_use]
    pub fn rewritten(rewrites: &[Rewrite], rebase: Option<Rebase>, tip: CommitId) -> Self {
        let pairs = rewrites.iter().map(|one| (one.old.clone(), one.new.clone())).collect();
        Self::Rewritten { pairs, rebase: rebase.map(|rebase| (rebase.onto, rebase.before)), tip }
    }
}

impl Event {
    /// Something that happened in a work tree.
    #[must_use]
    pub fn new(git_dir: PathBuf, worktree: PathBuf, change: Change) -> Self {
        Self { schema: 1, git_dir, worktree, change }
    }

    /// Keeps it until it is followed, and returns its file.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn keep(&self, state: &Path, now: DateTime<Utc>) -> Result<PathBuf> {
        let dir = directory(state);
        fs::create_private_dir(&dir)?;
        // An unknown change says nothing but "look": one is enough.
        let name = match self.change {
            Change::Unknown => "unknown.json".to_owned(),
            Change::Rewritten { .. } => {
                format!("{:020}-{}.json", now.timestamp_nanos_opt().unwrap_or(0), std::process::id())
            }
        };
        let file = dir.join(name);
        fs::jot(&file, &serde_json::to_vec(self).context("cannot write the event as JSON")?)?;
        Ok(file)
    }
}

/// The events that wait, oldest first, each with its file; one that cannot be read is removed.
///
/// # Errors
/// The directory is there and cannot be listed.
pub fn waiting(state: &Path) -> Result<Vec<(PathBuf, Event)>> {
    let dir = directory(state);
    let mut files: Vec<PathBuf> = fs::names(&dir)?.into_iter().map(|name| dir.join(name)).collect();
    files.sort();
    let mut events = Vec::new();
    for file in files {
        let bytes = fs::read(&file, LIMIT).ok().flatten().unwrap_or_default();
        match serde_json::from_slice::<Event>(&bytes) {
            Ok(event) if event.schema == 1 => events.push((file, event)),
            // Torn by a kill: what it told of is found by looking.
            _ => fs::remove(&file)?,
        }
    }
    Ok(events)
}

/// Marks an event's file as the one that is being followed, and returns it: what happens meanwhile gets another, which is
/// not removed with this one.
///
/// # Errors
/// The file is gone, or the directory is not writable.
pub fn begin(file: &Path) -> Result<PathBuf> {
    let begun = file.with_extension("begun");
    rename(file, &begun).map(|()| begun)
}

fn directory(state: &Path) -> PathBuf {
    state.join("rewrites")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_wait_in_the_order_in_which_they_happened_and_torn_ones_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let id = |digit: char| CommitId::parse(&digit.to_string().repeat(40)).unwrap();
        assert!(waiting(dir.path()).unwrap().is_empty());
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        for (second, digit) in [(20, 'b'), (10, 'a')] {
            let change = Change::rewritten(&[Rewrite { old: id(digit), new: None }], None, id('c'));
            Event::new("/r/.git".into(), "/r".into(), change).keep(dir.path(), at(second)).unwrap();
        }
        for _ in 0..2 {
            Event::new("/r/.git".into(), "/r".into(), Change::Unknown).keep(dir.path(), at(5)).unwrap();
        }
        std::fs::write(dir.path().join("rewrites/torn.json"), "{\"schema\":1,").unwrap();
        let found = waiting(dir.path()).unwrap();
        let olds = found.iter().map(|(_, event)| match &event.change {
            Change::Rewritten { pairs, .. } => pairs[0].0.short().to_owned(),
            Change::Unknown => "unknown".to_owned(),
        });
        assert_eq!(olds.collect::<Vec<_>>(), ["aaaaaaaa", "bbbbbbbb", "unknown"]);
        assert_eq!(std::fs::read_dir(dir.path().join("rewrites")).unwrap().count(), 3);
    }

    #[test]
    fn what_happens_while_an_event_is_followed_is_followed_too() {
        let dir = tempfile::tempdir().unwrap();
        let reset = Event::new("/r/.git".into(), "/r".into(), Change::Unknown);
        begin(&reset.keep(dir.path(), DateTime::UNIX_EPOCH).unwrap()).unwrap();
        // Its follower was killed; another one begins.
        let file = begin(&waiting(dir.path()).unwrap()[0].0).unwrap();
        reset.keep(dir.path(), DateTime::UNIX_EPOCH).unwrap();
        fs::remove(&file).unwrap();
        assert_eq!(waiting(dir.path()).unwrap().len(), 1);
    }
}
