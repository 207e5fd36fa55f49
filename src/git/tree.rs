//! Two trees compared.
//!
//! In: the ids of two trees. Out: the entries that differ, in git's order, before renames are looked for.
//! Never here: file contents, or a subtree that both sides share: the cost follows the difference, not the repository.

use std::cmp::Ordering;

use anyhow::{Context, Result, bail};
use gix::ObjectId;
use gix::objs::tree::{EntryKind, EntryRef};
use gix::objs::{FindExt, TreeRefIter};

/// git's own limit (`core.maxTreeDepth`).
const MAX_DEPTH: usize = 2048;

/// More differing files than any honest commit has. A few trees that name each other many times over can spell out
/// billions of files in some kilobytes.
const MAX_DELTAS: usize = 2_000_000;

/// One side of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) kind: EntryKind,
    pub(super) id: ObjectId,
}

impl Side {
    /// Whether it is a file with content of its own: no link, no submodule.
    pub(super) fn is_file(self) -> bool {
        matches!(self.kind, EntryKind::Blob | EntryKind::BlobExecutable)
    }
}

/// A path that differs. At least one side is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) path: Vec<u8>,
    pub(super) old: Option<Side>,
    pub(super) new: Option<Side>,
    /// Where it was moved from, once `renames` has found that.
    pub(super) from: Option<Vec<u8>>,
}

/// Compares two trees; `None` is the empty one.
///
/// The directories to look into lie on a list of our own, not on the program's stack: they come from outside, and a
/// stack that overflows ends the process.
pub(super) fn compare(objects: &gix::OdbHandle, old: Option<ObjectId>, new: ObjectId) -> Result<Vec<Delta>> {
    let tree = |id| Side { kind: EntryKind::Tree, id };
    let top = Delta { path: Vec::new(), old: old.map(tree), new: Some(tree(new)), from: None };
    let mut open = vec![(0_usize, top)];
    let mut deltas = Vec::new();
    while let Some((depth, entry)) = open.pop() {
        if entry.old == entry.new {
            continue;
        }
        if entry.old.or(entry.new).is_some_and(|side| side.kind == EntryKind::Tree) {
            if depth >= MAX_DEPTH {
                bail!("its directories are nested more than {MAX_DEPTH} deep");
            }
            let first = open.len();
            compare_entries(objects, new.kind(), &entry, |inner| open.push((depth + 1, inner)))?;
            // The next one to be looked at is the last of the list.
            open[first..].reverse();
        } else {
            if deltas.len() >= MAX_DELTAS {
                bail!("it changes more than {MAX_DELTAS} files");
            }
            deltas.push(entry);
        }
    }
    Ok(deltas)
}

/// Walks the entries of two directories, both sorted, like a merge; those that are equal are left out.
fn compare_entries(
    objects: &gix::OdbHandle,
    hash: gix::hash::Kind,
    directory: &Delta,
    mut differs: impl FnMut(Delta),
) -> Result<()> {
    let (mut old_bytes, mut new_bytes) = (Vec::new(), Vec::new());
    let mut olds = entries(objects, hash, directory.old, &mut old_bytes)?;
    let mut news = entries(objects, hash, directory.new, &mut new_bytes)?;
    let (mut left, mut right) = (olds.next().transpose()?, news.next().transpose()?);
    let side = |entry: EntryRef<'_>| Side { kind: entry.mode.kind(), id: entry.oid.to_owned() };
    loop {
        let order = match (&left, &right) {
            (Some(left), Some(right)) => by_name(left, right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return Ok(()),
        };
        let (mut before, mut after) = (None, None);
        if order.is_le() {
            before = std::mem::replace(&mut left, olds.next().transpose()?);
        }
        if order.is_ge() {
            after = std::mem::replace(&mut right, news.next().transpose()?);
        }
        let Some(any) = before.or(after) else { return Ok(()) };
        let (old, new) = (before.map(side), after.map(side));
        if old != new {
            let mut path = directory.path.clone();
            path.extend_from_slice(any.filename);
            if any.mode.is_tree() {
                path.push(b'/');
            }
            differs(Delta { path, old, new, from: None });
        }
    }
}

fn entries<'a>(
    objects: &gix::OdbHandle,
    hash: gix::hash::Kind,
    tree: Option<Side>,
    bytes: &'a mut Vec<u8>,
) -> Result<TreeRefIter<'a>> {
    match tree {
        None => Ok(TreeRefIter::from_bytes(&[], hash)),
        Some(Side { id, .. }) => {
            objects.find_tree_iter(&id, bytes).with_context(|| format!("cannot read the tree {id}"))
        }
    }
}

/// git's order within a tree: a directory sorts as if its name ended in `/`. So a file and a directory of one name
/// never meet: one goes, the other comes.
fn by_name(left: &EntryRef<'_>, right: &EntryRef<'_>) -> Ordering {
    let key = |entry: &EntryRef<'_>| entry.mode.is_tree().then_some(b'/');
    let shared = left.filename.len().min(right.filename.len());
    let (left_head, left_tail) = left.filename.split_at(shared);
    let (right_head, right_tail) = right.filename.split_at(shared);
    let next = |tail: &[u8], entry: &EntryRef<'_>| tail.first().copied().or_else(|| key(entry));
    left_head.cmp(right_head).then_with(|| next(left_tail, left).cmp(&next(right_tail, right)))
}
