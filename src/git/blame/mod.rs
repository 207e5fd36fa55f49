//! Which commit each line of a file comes from.
//!
//! In: an open repository, and a [`Question`]. Out: a [`Blame`], equal to what `git blame` says.
//! Never here: a `git` child process, or why the commit was made.
//!
//! Where it may differ from git's: a file whose versions differ so thoroughly that both programs give up the search for the
//! shortest difference, and one that goes through a filter, which is taken as `HEAD` has it.

pub mod lines;

mod trail;

mod past;

mod pass;

mod alike;

mod engine;

mod ignored;

mod worktree;

mod near;

mod lost;

mod place;

use std::ops::RangeInclusive;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow};
use gix::ObjectId;

use self::engine::{Engine, Settled};
pub use self::lines::{Blame, FileChange, Line, Origin, Question, Touch, Unblamed};
use self::lost::Search;
use self::pass::Hunk;
use self::past::{Past, Version};
use self::trail::End;
use self::worktree::{Here, Staged};
use super::change::path_text;
use super::commit::CommitId;
use super::repo::{Repository, commit_id, object_id};
use crate::fs;

/// How much of a file git searches for the NUL byte that makes it binary.
const BINARY_SEARCH: usize = 8000;

/// The version that tracing begins with.
enum Begin {
    /// A commit's.
    Commit(ObjectId, Version),
    /// One that is not committed, with what it stands upon.
    Here(Vec<u8>, Vec<(ObjectId, Version)>),
}

impl Repository {
    /// Traces lines of a file to the commits that they come from.
    ///
    /// # Errors
    /// [`Unblamed`], where there are no such lines; an object is missing or broken.
    pub fn blame(&self, question: &Question) -> Result<Blame> {
        let mut past = Past::new(&self.inner);
        let begin = match &question.at {
            Some(at) => self.committed_version(&mut past, object_id(at)?, &question.path, at.short())?,
            None => self.present_version(&mut past, &question.path)?,
        };
        let text = match &begin {
            Begin::Commit(_, version) => past.text(version.content())?,
            Begin::Here(text, _) => Rc::new(text.clone()),
        };
        if memchr::memchr(0, &text[..text.len().min(BINARY_SEARCH)]).is_some() {
            return Err(Unblamed::Binary(shown(&question.path)).into());
        }
        let length = u32::try_from(text.split_inclusive(|byte| *byte == b'\n').count())?;
        let (first, last) = question.lines.clone().map_or((1, length), RangeInclusive::into_inner);
        let (first, last) = (first.max(1), last.min(length));
        if first > length && question.lines.is_some() {
            return Err(Unblamed::Beyond { path: shown(&question.path), first, length }.into());
        }
        let hunk = Hunk { asked: first - 1, here: first - 1, length: (last + 1).saturating_sub(first) };
        let settled = self.trace(past, begin, hunk, question)?;
        Ok(Blame { path: question.path.clone(), length, lines: lines(&text, &settled)? })
    }

    /// The file that a path names, seen from a directory or from the top: the first of these that is there, in the work
    /// tree or in the commit `at` (`HEAD` if it is not said). `None` if neither is.
    ///
    /// # Errors
    /// [`Unblamed::Outside`]; a tree is missing or broken.
    pub fn named_file(&self, cwd: &Path, text: &str, at: Option<&CommitId>) -> Result<Option<Vec<u8>>> {
        let candidates = place::candidates(self.top(), cwd, text)?;
        let here = |path: &&Vec<u8>| self.worktree().is_some_and(|top| worktree::is_there(top, path));
        if let Some(path) = candidates.iter().find(here) {
            return Ok(Some(path.clone()));
        }
        let Some(at) = at.map(object_id).transpose()?.or_else(|| self.inner.head_id().ok().map(gix::Id::detach)) else {
            return Ok(None);
        };
        let mut past = Past::new(&self.inner);
        for path in candidates {
            if past.look(at, &path)? != End::Nothing {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// The same where nothing is there any more: seen from the directory.
    ///
    /// # Errors
    /// [`Unblamed::Outside`].
    pub fn named_path(&self, cwd: &Path, text: &str) -> Result<Vec<u8>> {
        place::candidates(self.top(), cwd, text)?.into_iter().next().context("a path names at least one place")
    }

    /// The commits that added or took away lines of a file that contain a text, newest first, at most so many; from `at`
    /// (`HEAD` if it is not said) backwards.
    ///
    /// # Errors
    /// An object is missing or broken.
    pub fn touches(&self, path: &[u8], text: &str, at: Option<&CommitId>, most: usize) -> Result<Vec<Touch>> {
        let head = || self.inner.head_id().map(gix::Id::detach).map_err(|_| anyhow!("there is no commit yet"));
        let from = at.map_or_else(head, object_id)?;
        let mut past = Past::new(&self.inner);
        Search { past: &mut past, text: text.as_bytes(), most }.run(from, path)
    }

    /// What a commit did to one file, against its first parent; `None` if the file is not in it.
    ///
    /// # Errors
    /// An object is missing or broken.
    pub fn file_change(&self, commit: &CommitId, path: &[u8]) -> Result<Option<FileChange>> {
        let mut past = Past::new(&self.inner);
        let id = object_id(commit)?;
        let Some(trail) = past.look(id, path)?.file() else { return Ok(None) };
        let version = Version { path: path.into(), trail };
        let node = past.node(id)?;
        let before = match node.parents.first() {
            None => None,
            Some(parent) => match past.same_path(*parent, &version)? {
                Some(before) => Some(before),
                None => past.moved(*parent, &node, &version)?,
            },
        };
        let old = before.as_ref().map_or_else(|| Ok(Rc::default()), |before| past.text(before.content()))?;
        let changes = pass::changes(&old, &past.text(version.content())?);
        let from = before.as_ref().filter(|before| before.path != version.path).map(|before| before.path.to_vec());
        Ok(Some(FileChange {
            new: before.is_none(),
            from,
            added: changes.iter().map(|change| change.after.end - change.after.start).sum(),
            removed: changes.iter().map(|change| change.before.end - change.before.start).sum(),
        }))
    }

    fn trace(&self, mut past: Past, begin: Begin, hunk: Hunk, question: &Question) -> Result<Vec<Settled>> {
        let mut ignored = ignored::listed(&self.inner, self.top())?;
        for commit in &question.ignored {
            ignored.insert(object_id(commit)?);
        }
        let mut engine = Engine::new(&mut past, ignored);
        match begin {
            Begin::Commit(commit, version) => engine.suspect(commit, version, vec![hunk])?,
            Begin::Here(text, parents) => {
                let path = Rc::from(question.path.as_slice());
                engine.begin_with(text, hunk, path, self.inner.object_hash().null(), &parents)?;
            }
        }
        engine.run()
    }

    fn committed_version(&self, past: &mut Past, commit: ObjectId, path: &[u8], place: &str) -> Result<Begin> {
        match past.look(commit, path)? {
            End::File(trail) => Ok(Begin::Commit(commit, Version { path: path.into(), trail })),
            End::Other(what) => Err(Unblamed::NoFile { path: shown(path), what }.into()),
            End::Nothing => {
                let near = near::near(&self.inner.objects, past.node(commit)?.tree, path)?;
                Err(Unblamed::Missing { path: path_text(path).into_owned(), place: place.to_owned(), near }.into())
            }
        }
    }

    /// The work tree's version; `HEAD`'s where they are equal, or where the work tree has none that could be compared.
    fn present_version(&self, past: &mut Past, path: &[u8]) -> Result<Begin> {
        let head = self.inner.head_id().ok().map(gix::Id::detach);
        let text = match self.worktree().map(|top| worktree::look(&self.inner, top, path)).transpose()? {
            Some(Here::Text(text)) => text,
            Some(Here::Other(what)) => {
                return Err(Unblamed::NoFile { path: shown(path), what }.into());
            }
            Some(Here::Outside) => return Err(Unblamed::Outside(path_text(path).into_owned()).into()),
            None | Some(Here::Filtered | Here::Nothing) => {
                let head = head.ok_or_else(|| anyhow!("there is no commit yet"))?;
                return self.committed_version(past, head, path, "HEAD");
            }
        };
        let version = |trail| Version { path: path.into(), trail };
        let Some(head) = head else { return self.added(past, None, text, path) };
        let End::File(trail) = past.look(head, path)? else { return self.added(past, Some(head), text, path) };
        if *past.text(version(Rc::clone(&trail)).content())? == text {
            return Ok(Begin::Commit(head, version(trail)));
        }
        let mut parents = vec![(head, version(trail))];
        for merged in self.merge_heads() {
            if let Some(trail) = past.look(merged, path)?.file() {
                parents.push((merged, version(trail)));
            }
        }
        Ok(Begin::Here(text, parents))
    }

    /// A file that `HEAD` has not.
    fn added(&self, past: &mut Past, head: Option<ObjectId>, text: Vec<u8>, path: &[u8]) -> Result<Begin> {
        let tree = head.map(|head| past.node(head)).transpose()?.map(|node| node.tree);
        match (worktree::staged(&self.inner, tree, path)?, head) {
            (Staged::Untracked, _) => Err(Unblamed::Untracked(path_text(path).into_owned()).into()),
            (Staged::MovedFrom(from), Some(head)) => {
                let trail = past.look(head, &from)?.file();
                let parent = trail.map(|trail| (head, Version { path: from.into(), trail }));
                Ok(Begin::Here(text, parent.into_iter().collect()))
            }
            _ => Ok(Begin::Here(text, vec![])),
        }
    }

    /// What a merge brings together that is not committed yet.
    fn merge_heads(&self) -> Vec<ObjectId> {
        let bytes = fs::read(&self.git_dir().join("MERGE_HEAD"), 1 << 16).ok().flatten().unwrap_or_default();
        bytes.split(|byte| *byte == b'\n').filter_map(|line| ObjectId::from_hex(line.trim_ascii()).ok()).collect()
    }
}

/// A path for people.
fn shown(path: &[u8]) -> String {
    if path.is_empty() { ".".to_owned() } else { path_text(path).into_owned() }
}

/// The lines that were asked about, each with its text.
fn lines(text: &[u8], settled: &[Settled]) -> Result<Vec<Line>> {
    let texts: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let mut lines = Vec::new();
    for Settled { hunk, commit, path } in settled {
        let commit = (!commit.is_null()).then(|| commit_id(*commit)).transpose()?;
        for nth in 0..hunk.length {
            let number = hunk.asked + nth + 1;
            let text = texts.get((number - 1) as usize).context("a line was traced that the file has not")?;
            let origin = commit.clone().map(|commit| Origin { commit, path: path.to_vec(), line: hunk.here + nth + 1 });
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            lines.push(Line { number, text: String::from_utf8_lossy(text).into_owned(), origin });
        }
    }
    Ok(lines)
}
