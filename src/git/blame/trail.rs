//! The way from a commit's tree to one file.
//!
//! In: a tree and a path. Out: the ids of the directories on the way, and of the file. Never here: a directory that is the
//! same as in the commit that was looked at before: below it everything is known.

use std::rc::Rc;

use anyhow::{Context, Result};
use gix::ObjectId;
use gix::objs::tree::EntryKind;
use gix::objs::{FindExt, TreeRefIter};

/// The ids from the top's tree down to the file's content; never empty.
pub(super) type Trail = Rc<[ObjectId]>;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// A file.
    File(Trail),
    /// Something else, for people.
    Other(&'static str),
    /// Nothing.
    Nothing,
}

impl End {
    /// The way to the file, if it is one.
    pub(super) fn file(self) -> Option<Trail> {
        match self {
            Self::File(trail) => Some(trail),
            Self::Other(_) | Self::Nothing => None,
        }
    }
}

/// Follows a path from a tree; `known` is the way to the same path in another commit. The path of the top itself is empty.
pub(super) fn follow(
    objects: &gix::OdbHandle,
    top: ObjectId,
    path: &[u8],
    known: Option<&Trail>,
    buffer: &mut Vec<u8>,
) -> Result<End> {
    let mut way = vec![top];
    let mut names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty());
    let mut at = top;
    loop {
        if let Some(known) = known
            && known.get(way.len() - 1) == Some(&at)
        {
            if way.len() == 1 {
                return Ok(End::File(Rc::clone(known)));
            }
            way.extend(&known[way.len()..]);
            return Ok(End::File(way.into()));
        }
        let Some(name) = names.next() else { return Ok(End::Other("a directory")) };
        let Some((kind, id)) = entry(objects, at, name, buffer)? else { return Ok(End::Nothing) };
        way.push(id);
        match kind {
            EntryKind::Tree => at = id,
            _ if names.next().is_some() => return Ok(End::Nothing),
            EntryKind::Blob | EntryKind::BlobExecutable => return Ok(End::File(way.into())),
            EntryKind::Link => return Ok(End::Other("a symbolic link")),
            EntryKind::Commit => return Ok(End::Other("a submodule")),
        }
    }
}

fn entry(
    objects: &gix::OdbHandle,
    tree: ObjectId,
    name: &[u8],
    buffer: &mut Vec<u8>,
) -> Result<Option<(EntryKind, ObjectId)>> {
    let entries: TreeRefIter<'_> =
        objects.find_tree_iter(&tree, buffer).with_context(|| format!("cannot read the tree {tree}"))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("the tree {tree} is malformed"))?;
        if entry.filename == name {
            return Ok(Some((entry.mode.kind(), entry.oid.to_owned())));
        }
    }
    Ok(None)
}
