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
pub(super) fn compare(objects: &gix::OdbHandle, old: Option<ObjectId>, new: ObjectId) -> Result<Vec<Delta>> {
    let mut walk = Walk { objects, hash: new.kind(), path: Vec::new(), depth: 0, deltas: Vec::new() };
    if old != Some(new) {
        walk.pair(old, Some(new))?;
    }
    Ok(walk.deltas)
}

struct Walk<'a> {
    objects: &'a gix::OdbHandle,
    hash: gix::hash::Kind,
    /// The directory being compared, with a closing `/` unless it is the top.
    path: Vec<u8>,
    depth: usize,
    deltas: Vec<Delta>,
}

impl Walk<'_> {
    /// Compares the entries of two trees, both sorted, like a merge.
    fn pair(&mut self, old: Option<ObjectId>, new: Option<ObjectId>) -> Result<()> {
        if self.depth >= MAX_DEPTH {
            bail!("its directories are nested more than {MAX_DEPTH} deep");
        }
        self.depth += 1;
        let (mut old_bytes, mut new_bytes) = (Vec::new(), Vec::new());
        let mut olds = self.entries(old, &mut old_bytes)?;
        let mut news = self.entries(new, &mut new_bytes)?;
        let (mut left, mut right) = (olds.next().transpose()?, news.next().transpose()?);
        while left.is_some() || right.is_some() {
            let order = match (&left, &right) {
                (Some(left), Some(right)) => by_name(left, right),
                (Some(_), None) => Ordering::Less,
                _ => Ordering::Greater,
            };
            let before = if order.is_le() { left.take() } else { None };
            let after = if order.is_ge() { right.take() } else { None };
            if order.is_le() {
                left = olds.next().transpose()?;
            }
            if order.is_ge() {
                right = news.next().transpose()?;
            }
            self.entry(before, after)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Two entries of one name: descends where they are directories, notes a difference otherwise.
    fn entry(&mut self, old: Option<EntryRef<'_>>, new: Option<EntryRef<'_>>) -> Result<()> {
        let Some(any) = old.or(new) else { return Ok(()) };
        let side = |entry: EntryRef<'_>| Side { kind: entry.mode.kind(), id: entry.oid.to_owned() };
        let (old, new) = (old.map(side), new.map(side));
        if old == new {
            return Ok(());
        }
        let parent = self.path.len();
        self.path.extend_from_slice(any.filename);
        if any.mode.is_tree() {
            self.path.push(b'/');
            self.pair(old.map(|side| side.id), new.map(|side| side.id))?;
        } else {
            if self.deltas.len() >= MAX_DELTAS {
                bail!("it changes more than {MAX_DELTAS} files");
            }
            self.deltas.push(Delta { path: self.path.clone(), old, new, from: None });
        }
        self.path.truncate(parent);
        Ok(())
    }

    fn entries<'b>(&self, tree: Option<ObjectId>, bytes: &'b mut Vec<u8>) -> Result<Entries<'b>> {
        let data = match tree {
            Some(id) => {
                self.objects.find_tree_iter(&id, bytes).with_context(|| format!("cannot read the tree {id}"))?
            }
            None => TreeRefIter::from_bytes(&[], self.hash),
        };
        Ok(data)
    }
}

type Entries<'a> = TreeRefIter<'a>;

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
