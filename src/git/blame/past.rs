//! Commits and versions of a file, read as tracing needs them.
//!
//! In: ids of commits, a path. Out: a commit's parents and date, a file's versions in them, and where it was moved from.
//! Never here: lines.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use anyhow::{Context, Result};
use gix::ObjectId;
use gix::objs::FindExt;

use super::trail::{End, Trail, follow};
use crate::env::Deadline;
use crate::git::content::Contents;
use crate::git::{diff, renames, tree};

/// How much of what was read is kept, in bytes: neighbours share most of their trees, and in a pack an object is the
/// difference to another, which is that to a third.
const OBJECTS: usize = 8 << 20;
const BASES: usize = 64 << 20;

/// How many versions' contents are kept: each is compared with those around it.
const TEXTS: usize = 4;

/// A file in a commit.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) path: Rc<[u8]>,
    pub(super) trail: Trail,
}

impl Version {
    /// The id of its content.
    pub(super) fn content(&self) -> ObjectId {
        // A trail is never empty.
        self.trail[self.trail.len() - 1]
    }
}

/// What of a commit counts here.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) tree: ObjectId,
    pub(super) parents: Rc<[ObjectId]>,
    /// Seconds since 1970.
    pub(super) committed: i64,
}

/// The reader.
pub(super) struct Past {
    repo: gix::Repository,
    graph: Option<gix::commitgraph::Graph>,
    /// Where a shallow clone ends.
    cut: HashSet<ObjectId>,
    nodes: HashMap<ObjectId, Node>,
    texts: VecDeque<(ObjectId, Rc<Vec<u8>>)>,
    buffer: Vec<u8>,
}

impl Past {
    pub(super) fn new(repo: &gix::Repository) -> Self {
        let mut repo = repo.clone();
        repo.object_cache_size_if_unset(OBJECTS);
        repo.objects.set_pack_cache(|| Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(BASES)));
        let cut = repo.shallow_commits().ok().flatten();
        Self {
            // One that cannot be read is not needed either: the commits themselves say the same.
            graph: repo.commit_graph_if_enabled().ok().flatten(),
            cut: cut.map(|commits| commits.iter().copied().collect()).unwrap_or_default(),
            nodes: HashMap::new(),
            texts: VecDeque::new(),
            buffer: Vec::new(),
            repo,
        }
    }

    /// What a path leads to in a commit.
    pub(super) fn look(&mut self, commit: ObjectId, path: &[u8]) -> Result<End> {
        let tree = self.node(commit)?.tree;
        follow(&self.repo.objects, tree, path, None, &mut self.buffer)
    }

    /// The content of a file.
    pub(super) fn text(&mut self, id: ObjectId) -> Result<Rc<Vec<u8>>> {
        if let Some((_, text)) = self.texts.iter().find(|(known, _)| *known == id) {
            return Ok(Rc::clone(text));
        }
        let found = self.repo.objects.find_blob(&id, &mut self.buffer);
        let text = Rc::new(found.with_context(|| format!("cannot read the content {id} of the file"))?.data.to_vec());
        self.know(id, Rc::clone(&text));
        Ok(text)
    }

    /// Takes a text for the content of an id.
    pub(super) fn know(&mut self, id: ObjectId, text: Rc<Vec<u8>>) {
        self.texts.push_front((id, text));
        self.texts.truncate(TEXTS);
    }

    /// The version of the same path in another commit.
    pub(super) fn same_path(&mut self, commit: ObjectId, version: &Version) -> Result<Option<Version>> {
        let tree = self.node(commit)?.tree;
        let end = follow(&self.repo.objects, tree, &version.path, Some(&version.trail), &mut self.buffer)?;
        Ok(end.file().map(|trail| Version { path: Rc::clone(&version.path), trail }))
    }

    /// The file of the parent that became this one by a move, if there is one.
    pub(super) fn moved(&mut self, parent: ObjectId, commit: &Node, version: &Version) -> Result<Option<Version>> {
        let before = self.node(parent)?.tree;
        let mut deltas = tree::compare(&self.repo.objects, Some(before), commit.tree)?;
        let comes = |delta: &tree::Delta| *delta.path == *version.path && delta.old.is_none();
        if !deltas.iter().any(comes) || !deltas.iter().any(|delta| delta.new.is_none()) {
            return Ok(None);
        }
        let mut contents = Contents::new(&self.repo);
        renames::join(&mut deltas, &mut contents, diff::rename_limit(&self.repo), Deadline::NONE);
        let found = deltas.into_iter().find(|delta| *delta.path == *version.path);
        let Some(from) = found.and_then(|delta| delta.from) else { return Ok(None) };
        let end = follow(&self.repo.objects, before, &from, None, &mut self.buffer)?;
        Ok(end.file().map(|trail| Version { path: from.into(), trail }))
    }

    /// A commit's parents, tree and date.
    pub(super) fn node(&mut self, id: ObjectId) -> Result<Node> {
        if let Some(node) = self.nodes.get(&id) {
            return Ok(node.clone());
        }
        let mut node = match self.in_graph(id) {
            Some(node) => node,
            None => self.read(id).with_context(|| format!("cannot read the commit {id}"))?,
        };
        if self.cut.contains(&id) {
            node.parents = Rc::default();
        }
        self.nodes.insert(id, node.clone());
        Ok(node)
    }

    fn in_graph(&self, id: ObjectId) -> Option<Node> {
        let graph = self.graph.as_ref()?;
        let commit = graph.commit_by_id(id)?;
        let parents = commit.iter_parents().map(|parent| Some(graph.id_at(parent.ok()?).to_owned()));
        Some(Node {
            tree: commit.root_tree_id().to_owned(),
            parents: parents.collect::<Option<_>>()?,
            committed: i64::try_from(commit.committer_timestamp()).ok()?,
        })
    }

    fn read(&mut self, id: ObjectId) -> Result<Node> {
        let mut commit = self.repo.objects.find_commit_iter(&id, &mut self.buffer)?;
        let tree = commit.tree_id()?;
        let parents = commit.parent_ids().collect();
        // A date that nobody can read only makes the way longer.
        let committed = commit.committer().map_or(0, |committer| committer.seconds());
        Ok(Node { tree, parents, committed })
    }
}
