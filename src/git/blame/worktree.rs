//! A file as it is in the work tree, and what git knows of it before it is committed.
//!
//! In: a path relative to the top. Out: its content as a commit would have it; whether it is tracked; where it was moved
//! from. Never here: a program that the configuration names as a filter: a file that goes through one is taken as `HEAD` has
//! it.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Result, anyhow};
use gix::ObjectId;
use gix::attrs::StateRef;
use gix::bstr::ByteSlice;
use gix::index::entry::Stage;
use gix::objs::tree::EntryKind;
use gix::worktree::stack::state::attributes::Source;

use crate::env::Deadline;
use crate::fs;
use crate::git::content::{BIG_FILE, Contents};
use crate::git::tree::{Delta, Side};
use crate::git::{diff, renames, tree};

/// What stands at a path of the work tree.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Here {
    /// A file with this content.
    Text(Vec<u8>),
    /// A file whose content cannot be compared with what is committed: it goes through a filter.
    Filtered,
    /// Nothing.
    Nothing,
    /// Something else, for people.
    Other(&'static str),
    /// A file that a link on the way has led out of the work tree to.
    Outside,
}

/// Whether anything stands at a path of the work tree.
pub(super) fn is_there(top: &Path, path: &[u8]) -> bool {
    gix::path::from_bstr(path.as_bstr()).is_ok_and(|path| top.join(path).symlink_metadata().is_ok())
}

/// Looks at a path of the work tree.
pub(super) fn look(repo: &gix::Repository, top: &Path, path: &[u8]) -> Result<Here> {
    let full = top.join(gix::path::from_bstr(path.as_bstr())?);
    let Ok(meta) = full.symlink_metadata() else { return Ok(Here::Nothing) };
    if meta.is_symlink() {
        return Ok(Here::Other("a symbolic link"));
    }
    if meta.is_dir() {
        return Ok(Here::Other("a directory"));
    }
    if !dunce::canonicalize(&full).is_ok_and(|real| real.starts_with(top)) {
        return Ok(Here::Outside);
    }
    let ends = line_ends(repo, path);
    if ends == Ends::Filtered {
        return Ok(Here::Filtered);
    }
    let Some(mut text) = fs::read(&full, BIG_FILE)? else { return Ok(Here::Nothing) };
    if ends == Ends::Converted && memchr::memchr(0, &text).is_none() {
        text = text.replace(b"\r\n", b"\n");
    }
    Ok(Here::Text(text))
}

/// What git does to a file's line ends when it is committed (`git help gitattributes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Kept,
    Converted,
    /// A program decides.
    Filtered,
}

fn line_ends(repo: &gix::Repository, path: &[u8]) -> Ends {
    let auto = repo.config_snapshot().string("core.autocrlf");
    let auto = auto.is_some_and(|value| {
        ["true", "input", "yes", "on", "1"].iter().any(|yes| value.eq_ignore_ascii_case(yes.as_bytes()))
    });
    let usual = if auto { Ends::Converted } else { Ends::Kept };
    let empty = gix::index::State::new(repo.object_hash());
    let Ok(mut stack) = repo.attributes_only(&empty, Source::WorktreeThenIdMapping) else { return usual };
    let mut outcome = stack.selected_attribute_matches(["text", "eol", "filter"]);
    let Ok(place) = stack.at_entry(path.as_bstr(), None) else { return usual };
    place.matching_attributes(&mut outcome);
    let mut ends = usual;
    for found in outcome.iter_selected() {
        let (name, state) = (found.assignment.name.as_str(), found.assignment.state);
        match (name, state) {
            ("filter", StateRef::Value(_)) => return Ends::Filtered,
            ("text", StateRef::Unset) => return Ends::Kept,
            ("text", StateRef::Set | StateRef::Value(_)) | ("eol", StateRef::Value(_)) => ends = Ends::Converted,
            _ => {}
        }
    }
    ends
}

/// What the index says of a path that `HEAD` has not.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Staged {
    /// Nothing.
    Untracked,
    /// It is to be added.
    Added,
    /// It is to be moved from this path.
    MovedFrom(Vec<u8>),
}

/// Looks a path up in the index, and among the moves that a commit would make now.
pub(super) fn staged(repo: &gix::Repository, head: Option<ObjectId>, path: &[u8]) -> Result<Staged> {
    let index = repo.index_or_empty().map_err(|error| anyhow!(error))?;
    if index.entry_by_path(path.as_bstr()).is_none() {
        return Ok(Staged::Untracked);
    }
    let Some(head) = head else { return Ok(Staged::Added) };
    let committed = tree::compare(&repo.objects, None, head)?;
    let before: HashSet<&[u8]> = committed.iter().map(|delta| delta.path.as_slice()).collect();
    let mut now = HashSet::new();
    let mut deltas = Vec::new();
    for entry in index.entries().iter().filter(|entry| entry.stage() == Stage::Unconflicted) {
        let at: &[u8] = entry.path(&index);
        now.insert(at);
        if !before.contains(at) {
            let kind = entry.mode.to_tree_entry_mode().map_or(EntryKind::Blob, |mode| mode.kind());
            deltas.push(Delta { path: at.to_vec(), old: None, new: Some(Side { kind, id: entry.id }), from: None });
        }
    }
    let gone = committed.iter().filter(|delta| !now.contains(delta.path.as_slice()));
    deltas.extend(gone.map(|delta| Delta { old: delta.new, new: None, ..delta.clone() }));
    deltas.sort_by(|one, other| one.path.cmp(&other.path));
    renames::join(&mut deltas, &mut Contents::new(repo), diff::rename_limit(repo), Deadline::NONE);
    let from = deltas.into_iter().find(|delta| delta.path == path).and_then(|delta| delta.from);
    Ok(from.map_or(Staged::Added, Staged::MovedFrom))
}
