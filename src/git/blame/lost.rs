//! Commits that added or took away lines with a text, in the history of one file.
//!
//! In: a path, also of a file that is gone, and a text. Out: [`Touch`]es, newest first. Never here: a pattern; the text is
//! looked for as it is.
//!
//! The history is the one of `git log --follow`: of a merge only the side is followed that it took the file from, if it took
//! it from one, and a file that moved is followed under its older name. A line that a commit only moves within the file
//! counts for nothing.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::rc::Rc;

use anyhow::Result;
use gix::ObjectId;

use super::lines::Touch;
use super::pass::changes;
use super::past::{Node, Past, Version};
use crate::git::repo::commit_id;

/// A file's path in a commit, and its version there; `None` where the file is gone.
#[derive(Debug, Clone)]
struct Place {
    path: Rc<[u8]>,
    version: Option<Version>,
}

/// The walk.
pub(super) struct Search<'a> {
    pub(super) past: &'a mut Past,
    /// What the lines contain.
    pub(super) text: &'a [u8],
    /// How many commits are enough.
    pub(super) most: usize,
}

impl Search<'_> {
    /// Looks from a commit backwards.
    pub(super) fn run(&mut self, from: ObjectId, path: &[u8]) -> Result<Vec<Touch>> {
        let version = self.past.look(from, path)?.file().map(|trail| Version { path: path.into(), trail });
        let mut open = HashMap::from([(from, Place { path: path.into(), version })]);
        let mut queue = BinaryHeap::from([(self.past.node(from)?.committed, from)]);
        let (mut seen, mut found) = (HashSet::from([from]), Vec::new());
        while let Some((_, commit)) = queue.pop() {
            let Some(place) = open.remove(&commit) else { continue };
            let node = self.past.node(commit)?;
            let (parents, changed) = self.parents(&node, &place)?;
            if changed && let Some(touch) = self.touch(commit, &place, &parents)? {
                found.push(touch);
                if found.len() >= self.most {
                    break;
                }
            }
            for (parent, place) in parents {
                if seen.insert(parent) {
                    queue.push((self.past.node(parent)?.committed, parent));
                    open.insert(parent, place);
                }
            }
        }
        Ok(found)
    }

    /// The parents to go on with, and whether the commit changed the file.
    fn parents(&mut self, node: &Node, place: &Place) -> Result<(Vec<(ObjectId, Place)>, bool)> {
        let mut parents = Vec::new();
        for parent in node.parents.iter() {
            let before = self.before(*parent, node, place)?;
            let content = |place: &Place| place.version.as_ref().map(Version::content);
            if content(&before) == content(place) {
                return Ok((vec![(*parent, before)], false));
            }
            parents.push((*parent, before));
        }
        // Before a file there is nothing to follow; before a gap there may be.
        let changed = place.version.is_some() || !parents.is_empty();
        Ok((parents, changed))
    }

    fn before(&mut self, parent: ObjectId, node: &Node, place: &Place) -> Result<Place> {
        let Some(version) = &place.version else {
            let trail = self.past.look(parent, &place.path)?.file();
            let version = trail.map(|trail| Version { path: Rc::clone(&place.path), trail });
            return Ok(Place { path: Rc::clone(&place.path), version });
        };
        let before = match self.past.same_path(parent, version)? {
            Some(before) => Some(before),
            None => self.past.moved(parent, node, version)?,
        };
        let path = before.as_ref().map_or_else(|| Rc::clone(&place.path), |before| Rc::clone(&before.path));
        Ok(Place { path, version: before })
    }

    /// What a commit did to the lines, if it did anything: of a merge, what it did against all parents.
    fn touch(&mut self, commit: ObjectId, place: &Place, parents: &[(ObjectId, Place)]) -> Result<Option<Touch>> {
        let new = self.content(place)?;
        let mut sides = Vec::new();
        for (_, before) in parents {
            let old = self.content(before)?;
            sides.push(self.differing(&old, &new));
        }
        if parents.is_empty() {
            sides.push(self.differing(&[], &new));
        }
        let mut sides = sides.into_iter();
        let Some((mut removed, mut added)) = sides.next() else { return Ok(None) };
        for (also_removed, also_added) in sides {
            removed.retain(|line| also_removed.contains(line));
            added.retain(|line| also_added.contains(line));
        }
        let moved: Vec<Vec<u8>> = removed.iter().filter(|line| added.contains(line)).cloned().collect();
        removed.retain(|line| !moved.contains(line));
        added.retain(|line| !moved.contains(line));
        if removed.is_empty() && added.is_empty() {
            return Ok(None);
        }
        let texts = |lines: Vec<Vec<u8>>| {
            lines
                .iter()
                .map(|line| String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned())
                .collect()
        };
        let path = place.version.as_ref().map_or(&place.path, |version| &version.path).to_vec();
        Ok(Some(Touch { commit: commit_id(commit)?, path, removed: texts(removed), added: texts(added) }))
    }

    fn content(&mut self, place: &Place) -> Result<Rc<Vec<u8>>> {
        place.version.as_ref().map_or_else(|| Ok(Rc::default()), |version| self.past.text(version.content()))
    }

    /// The lines with the text that only one of two versions has: removed ones, added ones.
    fn differing(&self, old: &[u8], new: &[u8]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let finder = memchr::memmem::Finder::new(self.text);
        if finder.find(old).is_none() && finder.find(new).is_none() {
            return (vec![], vec![]);
        }
        let lines =
            |text: &'_ [u8]| text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let (olds, news) = (lines(old), lines(new));
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        let with_text = |lines: &[Vec<u8>]| -> Vec<Vec<u8>> {
            lines.iter().filter(|line| finder.find(line).is_some()).cloned().collect()
        };
        for change in changes(old, new) {
            removed.extend(with_text(&olds[change.before.start as usize..change.before.end as usize]));
            added.extend(with_text(&news[change.after.start as usize..change.after.end as usize]));
        }
        (removed, added)
    }
}
