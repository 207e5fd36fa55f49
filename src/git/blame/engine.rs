//! Lines traced back through history, commit by commit.
//!
//! In: a version of a file, and the lines that are asked about. Out: for each the commit that brought it. Never here: the
//! file's path as a person gives it, or the repository's index.
//!
//! git's own way (`git help blame`): a commit hands every line that a parent has, too, over to that parent; what no parent
//! has is its own. A file that a parent lacks is looked for among those that moved. Commits are taken newest first, so that
//! lines that came down both sides of a merge are mostly handed on together; where each ends does not depend on that.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::rc::Rc;

use anyhow::Result;
use gix::ObjectId;

use super::alike::alike;
use super::pass::{Hunk, changes, pass};
use super::past::{Node, Past, Version};

/// Lines with the commit that they come from, and the file's path in it.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) hunk: Hunk,
    pub(super) commit: ObjectId,
    pub(super) path: Rc<[u8]>,
}

/// A version of the file in a commit, with the lines that may come from there.
#[derive(Debug)]
struct Suspect {
    version: Version,
    hunks: Vec<Hunk>,
}

/// The work.
pub(super) struct Engine<'p> {
    past: &'p mut Past,
    ignored: HashSet<ObjectId>,
    queue: BinaryHeap<(i64, ObjectId)>,
    open: HashMap<ObjectId, Vec<Suspect>>,
    settled: Vec<Settled>,
}

impl<'p> Engine<'p> {
    /// `ignored`: commits that are looked through.
    pub(super) fn new(past: &'p mut Past, ignored: HashSet<ObjectId>) -> Self {
        Self { past, ignored, queue: BinaryHeap::new(), open: HashMap::new(), settled: Vec::new() }
    }

    /// Suspects a commit's version of lines.
    pub(super) fn suspect(&mut self, commit: ObjectId, version: Version, hunks: Vec<Hunk>) -> Result<()> {
        let committed = self.past.node(commit)?.committed;
        let open = self.open.entry(commit).or_default();
        if open.is_empty() {
            self.queue.push((committed, commit));
        }
        // Lines that came by several ways are handed on together.
        match open.iter_mut().find(|there| there.version.path == version.path) {
            Some(there) => there.hunks.extend(hunks),
            None => open.push(Suspect { version, hunks }),
        }
        Ok(())
    }

    /// Begins with a text that is in no commit, whose lines count as those of `nowhere`; `parents` are the commits that it
    /// stands upon, with their versions.
    pub(super) fn begin_with(
        &mut self,
        text: Vec<u8>,
        hunk: Hunk,
        path: Rc<[u8]>,
        nowhere: ObjectId,
        parents: &[(ObjectId, Version)],
    ) -> Result<()> {
        self.past.know(nowhere, Rc::new(text));
        let version = Version { path, trail: Rc::from([nowhere]) };
        self.hand_on(nowhere, Suspect { version, hunks: vec![hunk] }, parents)
    }

    /// Works until every line is settled; those stand in the order of the file.
    pub(super) fn run(mut self) -> Result<Vec<Settled>> {
        while let Some((_, commit)) = self.queue.pop() {
            let node = self.past.node(commit)?;
            for suspect in self.open.remove(&commit).unwrap_or_default() {
                self.break_down(commit, &node, suspect)?;
            }
        }
        self.settled.sort_by_key(|settled| settled.hunk.asked);
        Ok(self.settled)
    }

    /// Finds the version of each parent: under the same path first, then among what moved.
    fn break_down(&mut self, commit: ObjectId, node: &Node, suspect: Suspect) -> Result<()> {
        let mut sources: Vec<Option<Version>> = vec![None; node.parents.len()];
        for moved in [false, true] {
            for (nth, parent) in node.parents.iter().enumerate() {
                if sources[nth].is_some() {
                    continue;
                }
                let found = if moved {
                    self.past.moved(*parent, node, &suspect.version)?
                } else {
                    self.past.same_path(*parent, &suspect.version)?
                };
                let Some(source) = found else { continue };
                if source.content() == suspect.version.content() {
                    return self.suspect(*parent, source, suspect.hunks);
                }
                sources[nth] = Some(source);
            }
        }
        let mut given: Vec<(ObjectId, Version)> = Vec::new();
        for (parent, source) in node.parents.iter().zip(sources) {
            if let Some(source) = source
                && given.iter().all(|(_, other)| other.content() != source.content())
            {
                given.push((*parent, source));
            }
        }
        self.hand_on(commit, suspect, &given)
    }

    /// Hands each parent the lines that it has; those of an ignored commit, then, that are like its own.
    fn hand_on(&mut self, commit: ObjectId, suspect: Suspect, sources: &[(ObjectId, Version)]) -> Result<()> {
        let Suspect { version, mut hunks } = suspect;
        hunks.sort_unstable_by_key(|hunk| hunk.asked);
        let rounds: &[bool] = if self.ignored.contains(&commit) { &[false, true] } else { &[false] };
        for ignoring in rounds {
            for (parent, source) in sources {
                if hunks.is_empty() {
                    return Ok(());
                }
                let (old, new) = (self.past.text(source.content())?, self.past.text(version.content())?);
                let changes = changes(&old, &new);
                let alike = if *ignoring { alike(&old, &new, &changes) } else { vec![] };
                let older = |line: u32| alike[alike.binary_search_by_key(&line, |(line, _)| *line).ok()?].1;
                let passed = pass(&hunks, &changes, &older);
                hunks = passed.kept;
                if !passed.over.is_empty() {
                    self.suspect(*parent, source.clone(), passed.over)?;
                }
            }
        }
        let own = |hunk| Settled { hunk, commit, path: Rc::clone(&version.path) };
        self.settled.extend(hunks.into_iter().map(own));
        Ok(())
    }
}
