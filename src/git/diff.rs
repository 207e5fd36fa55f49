//! The changes of one commit against its first parent, with line counts equal to `git show --numstat -M --first-parent`.
//!
//! In: two trees. Out: [`Change`]s in git's order. Never here: the index, or more than two files' contents in memory.
//!
//! Where the counts may differ from git's: a file that was rewritten so thoroughly that both programs give up the search
//! for the shortest difference (both then report a correct one, perhaps of another length), `diff.algorithm` set to
//! anything but `myers`, and attribute files that are in the index but not in the work tree.

use gix::ObjectId;
use gix::diff::blob::{Algorithm, Diff, InternedInput};
use gix::objs::tree::EntryKind;

use super::change::{Change, ChangeKind, Lines};
use super::content::{Contents, Loaded, is_time_for};
use super::renames;
use super::tree::{self, Delta, Side};
use crate::env::Deadline;

/// What changed between two trees; `None` is the empty one. The set of files is always whole; after the deadline no
/// further moves are looked for, and lines stay [`Lines::Uncounted`].
pub(super) fn changes(
    repo: &gix::Repository,
    old: Option<ObjectId>,
    new: ObjectId,
    deadline: Deadline,
) -> anyhow::Result<Vec<Change>> {
    let mut deltas = tree::compare(&repo.objects, old, new)?;
    let mut contents = Contents::new(repo);
    renames::join(&mut deltas, &mut contents, rename_limit(repo), deadline);
    let mut counter = Counter {
        contents,
        algorithm: repo.diff_algorithm().unwrap_or(Algorithm::Myers),
        old: Vec::new(),
        new: Vec::new(),
    };
    let change = |delta: Delta| {
        let in_time = !deadline.passed() && is_time_for(counter.size(&delta), deadline);
        let lines = if in_time { counter.count(&delta) } else { Lines::Uncounted };
        Change { kind: kind(&delta), path: delta.path, lines }
    };
    Ok(deltas.into_iter().map(change).collect())
}

/// The number of pairs that `diff.renameLimit` allows, if it is set; 0 means no limit.
pub(super) fn rename_limit(repo: &gix::Repository) -> Option<usize> {
    let limit = usize::try_from(repo.config_snapshot().integer("diff.renameLimit")?).unwrap_or(0);
    Some(if limit == 0 { usize::MAX } else { limit.saturating_mul(limit) })
}

fn kind(delta: &Delta) -> ChangeKind {
    if let Some(from) = &delta.from {
        return ChangeKind::Renamed { from: from.clone() };
    }
    let submodule = |side: Side| side.kind == EntryKind::Commit;
    match (delta.old, delta.new) {
        (Some(old), Some(new)) if submodule(old) && submodule(new) => ChangeKind::Submodule,
        (Some(old), Some(new)) if old.is_file() != new.is_file() || !old.is_file() && old.kind != new.kind => {
            ChangeKind::TypeChanged
        }
        (Some(old), Some(new)) if old.id == new.id => ChangeKind::ModeChanged,
        (Some(_), Some(_)) => ChangeKind::Modified,
        (Some(side), None) | (None, Some(side)) if submodule(side) => ChangeKind::Submodule,
        (Some(_), None) => ChangeKind::Deleted,
        (None, _) => ChangeKind::Added,
    }
}

/// Counts lines, with two buffers that are used again for every file.
struct Counter<'a> {
    contents: Contents<'a>,
    algorithm: Algorithm,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Counter<'_> {
    /// How many bytes would be read.
    fn size(&self, delta: &Delta) -> u64 {
        let sides = [delta.old, delta.new].into_iter().flatten().filter(|side| side.is_file());
        sides.filter_map(|side| self.contents.size(side)).fold(0, u64::saturating_add)
    }

    fn count(&mut self, delta: &Delta) -> Lines {
        self.try_count(delta).map_or_else(|lines| lines, |(added, removed)| Lines::Counted { added, removed })
    }

    /// The lines added and removed, or why they were not counted.
    fn try_count(&mut self, delta: &Delta) -> Result<(u32, u32), Lines> {
        let from = delta.from.as_deref().unwrap_or(&delta.path);
        load(&mut self.contents, delta.old, from, &mut self.old)?;
        match (delta.old, delta.new) {
            // The same content may still be binary under its new name.
            (Some(old), Some(new)) if old.id == new.id => {
                let binary = self.contents.is_binary(new, &delta.path, &self.old);
                return if binary { Err(Lines::Binary) } else { Ok((0, 0)) };
            }
            _ => load(&mut self.contents, delta.new, &delta.path, &mut self.new)?,
        }
        Ok(match (delta.old, delta.new) {
            (None, _) => (count_lines(&self.new), 0),
            (_, None) => (0, count_lines(&self.old)),
            _ => self.compare(),
        })
    }

    /// Lines that only one of the two has. A last line without a line feed differs from the same line with one.
    fn compare(&self) -> (u32, u32) {
        let input = InternedInput::new(self.old.as_slice(), self.new.as_slice());
        let diff = Diff::compute(self.algorithm, &input);
        (diff.count_additions(), diff.count_removals())
    }
}

/// Puts the lines of one side into the buffer; none where there is no such side.
fn load(contents: &mut Contents<'_>, side: Option<Side>, path: &[u8], buffer: &mut Vec<u8>) -> Result<(), Lines> {
    buffer.clear();
    let Some(side) = side else { return Ok(()) };
    match contents.load(side, buffer) {
        Loaded::Whole if contents.is_binary(side, path, buffer) => Err(Lines::Binary),
        Loaded::Whole => Ok(()),
        Loaded::TooBig => Err(Lines::Binary),
        Loaded::Missing => Err(Lines::Uncounted),
    }
}

/// Lines of a file that came or went as a whole, where there is nothing to compare.
fn count_lines(content: &[u8]) -> u32 {
    let ends = memchr::memchr_iter(b'\n', content).count();
    let open = content.last().is_some_and(|last| *last != b'\n');
    u32::try_from(ends + usize::from(open)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_without_a_line_feed_is_a_line() {
        for (content, lines) in [(&b""[..], 0), (b"\n", 1), (b"a", 1), (b"a\nb", 2), (b"a\nb\n", 2)] {
            assert_eq!(count_lines(content), lines, "{content:?}");
        }
    }
}
