//! The content of one side of a change.
//!
//! In: an entry of a tree. Out: its bytes, and whether git takes them for binary. Never here: what changed in them.

use gix::objs::tree::EntryKind;
use gix::objs::{Find, FindHeader};

use super::attributes::{Attributes, Marked};
use super::tree::Side;
use crate::env::Deadline;

/// A file above this size is binary for git and is never loaded (`core.bigFileThreshold`, its default).
pub(super) const BIG_FILE: u64 = 512 << 20;

/// How much of a file git searches for the NUL byte that makes it binary.
const BINARY_SEARCH: usize = 8000;

/// About how many bytes are read and compared in a millisecond.
const PACE: u64 = 128 << 10;

/// Whether so many bytes can be read and compared before the deadline.
pub(super) fn is_time_for(bytes: u64, deadline: Deadline) -> bool {
    deadline.left().is_none_or(|left| u128::from(bytes) <= left.as_millis() * u128::from(PACE))
}

/// Reads contents, and judges them.
pub(super) struct Contents<'a> {
    objects: &'a gix::OdbHandle,
    attributes: Attributes<'a>,
}

/// What was found where content was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loaded {
    /// It is in the buffer.
    Whole,
    /// It is larger than [`BIG_FILE`].
    TooBig,
    /// It is not in this repository (a partial clone) or is broken.
    Missing,
}

impl<'a> Contents<'a> {
    pub(super) fn new(repo: &'a gix::Repository) -> Self {
        Self { objects: &repo.objects, attributes: Attributes::new(repo) }
    }

    /// Puts the content of an entry into the buffer. A submodule's is the line that git shows for it.
    pub(super) fn load(&self, side: Side, buffer: &mut Vec<u8>) -> Loaded {
        if side.kind == EntryKind::Commit {
            *buffer = format!("Subproject commit {}\n", side.id).into_bytes();
            return Loaded::Whole;
        }
        // The store refuses to load more than `BIG_FILE` (see `repo`), so that the size need not be asked for first.
        match self.objects.try_find(&side.id, buffer) {
            Ok(Some(data)) if data.kind == gix::objs::Kind::Blob => {
                let length = data.data.len();
                buffer.truncate(length);
                Loaded::Whole
            }
            Err(_) if self.size(side).is_some_and(|size| size > BIG_FILE) => Loaded::TooBig,
            _ => Loaded::Missing,
        }
    }

    /// The size of a file without reading it; `None` if it is missing.
    pub(super) fn size(&self, side: Side) -> Option<u64> {
        self.objects.try_header(&side.id).ok().flatten().map(|header| header.size)
    }

    /// Whether git counts no lines in this content.
    pub(super) fn is_binary(&mut self, side: Side, path: &[u8], content: &[u8]) -> bool {
        let marked = if side.is_file() { self.attributes.of(path) } else { Marked::Unspecified };
        match marked {
            Marked::Text => false,
            Marked::Binary => true,
            Marked::Unspecified => memchr::memchr(0, &content[..content.len().min(BINARY_SEARCH)]).is_some(),
        }
    }
}
