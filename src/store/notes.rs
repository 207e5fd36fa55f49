//! Notes between commits: written down at once, told by the next commit of the same work tree.
//!
//! In: a text, or a commit. Out: the [`Note`]s that belong to a commit.
//! Never here: a rewrite of what was noted. Notes and the commits that took them are lines appended to one file, so a
//! writer needs no lock, and a kill costs at most the line that was being written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::fs;
use crate::git::CommitId;
use crate::journal::{Note, NoteKind};

/// The most that is read, and written: some thousands of notes. Every commit reads the file, in a few milliseconds.
const LIMIT: u64 = 4 << 20;

/// So many of the last commits that took notes are asked whether the new one replaces them.
const REPLACEABLE: usize = 4;

/// The longest note, in bytes: an assistant may hand over a page, not a file.
pub const LONGEST: usize = 64 << 10;

/// The file of one repository's notes.
#[derive(Debug, Clone)]
pub struct Notes {
    path: PathBuf,
}

/// A note that belongs to a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// Where it stands in the file, in lines from 0. Lines are only ever added, so this names it.
    pub line: usize,
    /// The note.
    pub note: Note,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// Something noted.
    Note { kind: Kind, at: DateTime<FixedOffset>, worktree: String, text: String },
    /// A commit took the notes on these lines of this file, counted from 0.
    Taken { commit: CommitId, lines: Vec<usize> },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Reflection,
    Capture,
}

impl Notes {
    /// The notes kept in a repository's state directory.
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self { path: state.join("notes.jsonl") }
    }

    /// Whether anything was ever noted.
    #[must_use]
    pub fn exist(&self) -> bool {
        self.path.exists()
    }

    /// Writes a note down.
    ///
    /// # Errors
    /// The text is empty or too long, or the state directory is not writable.
    pub fn add(&self, note: &Note, worktree: &Path) -> Result<()> {
        if note.text.trim().is_empty() {
            bail!("cannot note an empty text");
        }
        if note.text.len() > LONGEST {
            bail!("cannot note {} bytes, more than the {LONGEST} allowed", note.text.len());
        }
        if std::fs::metadata(&self.path).is_ok_and(|meta| meta.len() + u64::try_from(LONGEST * 2).unwrap_or(0) > LIMIT)
        {
            bail!("cannot note more: {} is full; move it away to begin a new one", self.path.display());
        }
        let kind = match note.kind {
            NoteKind::Reflection => Kind::Reflection,
            NoteKind::Capture => Kind::Capture,
        };
        self.append(&Line::Note { kind, at: note.at, worktree: name(worktree), text: note.text.clone() })
    }

    /// The notes that belong to a commit: those it has taken, else those of its work tree that no other commit has
    /// taken, up to `until`. What a commit has taken that this one `replaces` (by an amend) is this one's.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn of(
        &self,
        commit: &CommitId,
        worktree: &Path,
        until: DateTime<FixedOffset>,
        replaces: impl Fn(&CommitId) -> bool,
    ) -> Result<Vec<Pending>> {
        let here = name(worktree);
        let (mut own, mut claims) = (None, Vec::new());
        let mut noted = Vec::new();
        for (number, line) in self.lines()? {
            match line {
                Line::Taken { commit: taker, lines } if taker == *commit => own = own.or(Some(lines)),
                Line::Taken { commit: taker, lines } => claims.push((taker, lines)),
                Line::Note { kind, at, worktree, text } => {
                    let pending = worktree == here && at <= until;
                    let kind = match kind {
                        Kind::Reflection => NoteKind::Reflection,
                        Kind::Capture => NoteKind::Capture,
                    };
                    noted.push((pending, Pending { line: number, note: Note { kind, at, text } }));
                }
            }
        }
        let older = claims.len().saturating_sub(REPLACEABLE);
        let kept = claims.iter().enumerate().filter(|(at, (taker, _))| *at < older || !replaces(taker));
        let gone: BTreeSet<usize> = kept.flat_map(|(_, (_, lines))| lines.iter().copied()).collect();
        let belongs = |pending: bool, line: &usize| match &own {
            Some(lines) => lines.contains(line),
            None => pending && !gone.contains(line),
        };
        Ok(noted
            .into_iter()
            .filter(|(pending, found)| belongs(*pending, &found.line))
            .map(|(_, found)| found)
            .collect())
    }

    /// How many notes no commit has taken yet, whatever their work tree.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn untold(&self) -> Result<usize> {
        let (mut noted, mut gone) = (BTreeSet::new(), BTreeSet::new());
        for (number, line) in self.lines()? {
            match line {
                Line::Note { .. } => drop(noted.insert(number)),
                Line::Taken { lines, .. } => gone.extend(lines),
            }
        }
        Ok(noted.difference(&gone).count())
    }

    /// Remembers which notes a commit has taken, so that the next one does not tell them again. Nothing else is taken:
    /// what is noted at this very moment is left for the next.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn take(&self, commit: &CommitId, lines: &[usize]) -> Result<()> {
        let is_own = |line: &Line| matches!(line, Line::Taken { commit: taker, .. } if taker == commit);
        if self.lines()?.iter().any(|(_, line)| is_own(line)) {
            return Ok(());
        }
        self.append(&Line::Taken { commit: commit.clone(), lines: lines.to_vec() })
    }

    fn append(&self, line: &Line) -> Result<()> {
        if let Some(dir) = self.path.parent() {
            fs::create_private_dir(dir)?;
        }
        let mut bytes = serde_json::to_vec(line).context("cannot write the note as JSON")?;
        bytes.push(b'\n');
        fs::append(&self.path, &bytes)
    }

    /// Every line that can be understood, with its number; a torn one is skipped.
    fn lines(&self) -> Result<Vec<(usize, Line)>> {
        let bytes = fs::read(&self.path, LIMIT)?.unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n').enumerate();
        Ok(lines.filter_map(|(number, line)| Some((number, serde_json::from_slice(line).ok()?))).collect())
    }
}

fn name(worktree: &Path) -> String {
    worktree.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn id(digit: char) -> CommitId {
        CommitId::parse(&digit.to_string().repeat(40)).unwrap()
    }

    fn at(second: i64) -> DateTime<FixedOffset> {
        DateTime::from_timestamp(second, 0).unwrap().fixed_offset()
    }

    fn texts(notes: &[Pending]) -> Vec<&str> {
        notes.iter().map(|found| found.note.text.as_str()).collect()
    }

    #[test]
    fn a_note_is_told_once_and_by_its_own_work_tree() {
        let dir = tempfile::tempdir().unwrap();
        let notes = Notes::at(dir.path());
        let (here, there) = (Path::new("/here"), Path::new("/there"));
        let note = |second, text: &str| Note { kind: NoteKind::Reflection, at: at(second), text: text.into() };
        notes.add(&note(1, "one"), here).unwrap();
        notes.add(&note(2, "two\nlines"), there).unwrap();
        assert_eq!(texts(&notes.of(&id('a'), here, at(5), |_| false).unwrap()), ["one"]);
        // Noted in the commit's own second, after it has looked.
        notes.add(&note(5, "late"), here).unwrap();
        notes.take(&id('a'), &[0]).unwrap();
        notes.take(&id('a'), &[2]).unwrap();
        notes.add(&note(6, "three"), here).unwrap();
        assert_eq!(texts(&notes.of(&id('b'), here, at(9), |_| false).unwrap()), ["late", "three"]);
        assert_eq!(texts(&notes.of(&id('a'), here, at(5), |_| false).unwrap()), ["one"], "written again");
        assert_eq!(texts(&notes.of(&id('c'), there, at(9), |_| false).unwrap()), ["two\nlines"]);
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let notes = Notes::at(dir.path());
        let note = |text: String| Note { kind: NoteKind::Capture, at: at(1), text };
        assert!(notes.add(&note("  \n".into()), dir.path()).is_err());
        assert!(notes.add(&note("x".repeat(LONGEST + 1)), dir.path()).is_err());
    }
}
