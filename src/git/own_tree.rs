//! The trees of a branch that only this program writes.
//!
//! In: a tree's id and paths. Out: files and names in it, and the ids of new trees.
//! Never here: commits and references; or a directory that is not on the way to what was asked for.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, anyhow, bail};
use gix::ObjectId;
use gix::objs::tree::{Entry, EntryKind, EntryMode};
use gix::objs::{Tree, TreeRefIter};

/// Files by their path below the top, `/` between the parts; `None` for one that is to go.
pub type Files = BTreeMap<String, Option<Vec<u8>>>;

/// How two versions of a file, and the one that both were made from, become one; `None` is a file that is not there.
pub type Union<'a> = &'a mut dyn FnMut(&str, Option<&[u8]>, Option<&[u8]>, Option<&[u8]>) -> Result<Option<Vec<u8>>>;

/// The journal's directories are two deep; what others put beside them may be deeper.
const DEEPEST: usize = 100;

/// The largest file that two versions are made one of.
const LARGEST: u64 = 16 << 20;

/// What stands at a name.
type Place = (EntryMode, ObjectId);

/// The entries of a tree by name; none of `None`.
fn entries(git: &gix::Repository, tree: Option<ObjectId>) -> Result<BTreeMap<Vec<u8>, Place>> {
    let Some(id) = tree else { return Ok(BTreeMap::new()) };
    let object = git.find_object(id).map_err(|error| anyhow!(error))?;
    if object.kind != gix::objs::Kind::Tree {
        bail!("{id} is a {}, not a directory", object.kind);
    }
    let mut entries = BTreeMap::new();
    for entry in TreeRefIter::from_bytes(&object.data, git.object_hash()) {
        let entry =
            entry.map_err(|error| anyhow!(error)).with_context(|| format!("the directory {id} is malformed"))?;
        entries.insert(entry.filename.to_vec(), (entry.mode, entry.oid.to_owned()));
    }
    Ok(entries)
}

/// What stands at a path.
fn find(git: &gix::Repository, mut tree: ObjectId, path: &str) -> Result<Option<Place>> {
    let mut place = (EntryKind::Tree.into(), tree);
    for name in path.split('/').filter(|name| !name.is_empty()) {
        let object = git.find_object(tree).map_err(|error| anyhow!(error))?;
        if object.kind != gix::objs::Kind::Tree {
            return Ok(None);
        }
        let mut entries = TreeRefIter::from_bytes(&object.data, git.object_hash());
        let found = entries.find_map(|entry| match entry {
            Ok(entry) if entry.filename == name.as_bytes() => Some(Ok((entry.mode, entry.oid.to_owned()))),
            Ok(_) => None,
            Err(error) => Some(Err(anyhow!(error).context(format!("the directory {tree} is malformed")))),
        });
        let Some(found) = found.transpose()? else { return Ok(None) };
        (place, tree) = (found, found.1);
    }
    Ok(Some(place))
}

pub(super) fn file(git: &gix::Repository, tree: ObjectId, path: &str, limit: u64) -> Result<Option<Vec<u8>>> {
    match find(git, tree, path)? {
        Some((mode, id)) if mode.is_blob() => blob(git, id, limit).map(Some),
        Some((mode, _)) => bail!("it is a {}, not a file", mode.as_str()),
        None => Ok(None),
    }
}

fn blob(git: &gix::Repository, id: ObjectId, limit: u64) -> Result<Vec<u8>> {
    let size = git.find_header(id).map_err(|error| anyhow!(error))?.size();
    if size > limit {
        bail!("it has {size} bytes, more than the {limit} allowed");
    }
    let mut object = git.find_object(id).map_err(|error| anyhow!(error))?;
    Ok(std::mem::take(&mut object.data))
}

pub(super) fn names(git: &gix::Repository, tree: ObjectId, directory: &str) -> Result<Vec<(String, bool)>> {
    let Some((mode, id)) = find(git, tree, directory)? else { return Ok(Vec::new()) };
    if !mode.is_tree() {
        return Ok(Vec::new());
    }
    let names = entries(git, Some(id))?.into_iter();
    Ok(names.filter_map(|(name, (mode, _))| Some((String::from_utf8(name).ok()?, mode.is_tree()))).collect())
}

pub(super) fn ids(git: &gix::Repository, tree: ObjectId, directory: &str) -> Result<Vec<(String, String)>> {
    let Some((_, id)) = find(git, tree, directory)?.filter(|(mode, _)| mode.is_tree()) else {
        return Ok(Vec::new());
    };
    let files = entries(git, Some(id))?.into_iter().filter(|(_, (mode, _))| mode.is_blob());
    Ok(files.filter_map(|(name, (_, id))| Some((String::from_utf8(name).ok()?, id.to_string()))).collect())
}

/// The tree with these files in it, or without those that go; a directory that is empty then goes, too.
pub(super) fn with(git: &gix::Repository, tree: Option<ObjectId>, files: Files) -> Result<ObjectId> {
    let mut entries = entries(git, tree)?;
    let mut below: BTreeMap<String, Files> = BTreeMap::new();
    for (path, content) in files {
        if let Some((directory, rest)) = path.split_once('/') {
            below.entry(directory.to_owned()).or_default().insert(rest.to_owned(), content);
            continue;
        }
        match content {
            Some(bytes) => {
                let id = git.write_blob(&bytes).map_err(|error| anyhow!(error))?.detach();
                entries.insert(path.into_bytes(), (EntryKind::Blob.into(), id));
            }
            None => drop(entries.remove(path.as_bytes())),
        }
    }
    for (directory, files) in below {
        let old = entries.get(directory.as_bytes()).filter(|(mode, _)| mode.is_tree()).map(|(_, id)| *id);
        let new = with(git, old, files)?;
        if new == ObjectId::empty_tree(git.object_hash()) {
            entries.remove(directory.as_bytes());
        } else {
            entries.insert(directory.into_bytes(), (EntryKind::Tree.into(), new));
        }
    }
    write(git, entries)
}

fn write(git: &gix::Repository, entries: BTreeMap<Vec<u8>, Place>) -> Result<ObjectId> {
    let entries = entries.into_iter().map(|(name, (mode, oid))| Entry { mode, filename: name.into(), oid });
    let mut entries: Vec<Entry> = entries.collect();
    // git sorts directories as if their names ended in a slash.
    entries.sort();
    Ok(git.write_object(Tree { entries }).map_err(|error| anyhow!(error))?.detach())
}

/// The tree that holds what both hold.
pub(super) fn merged(
    git: &gix::Repository,
    base: Option<ObjectId>,
    ours: ObjectId,
    theirs: ObjectId,
    union: Union<'_>,
) -> Result<ObjectId> {
    Merge { git, union }.directory("", 0, base, Some(ours), Some(theirs))
}

struct Merge<'a> {
    git: &'a gix::Repository,
    union: Union<'a>,
}

impl Merge<'_> {
    fn directory(
        &mut self,
        path: &str,
        depth: usize,
        base: Option<ObjectId>,
        ours: Option<ObjectId>,
        theirs: Option<ObjectId>,
    ) -> Result<ObjectId> {
        if depth > DEEPEST {
            bail!("its directories are nested more than {DEEPEST} deep");
        }
        let (base, mut ours, theirs) = (entries(self.git, base)?, entries(self.git, ours)?, entries(self.git, theirs)?);
        let names: BTreeSet<Vec<u8>> = ours.keys().chain(theirs.keys()).cloned().collect();
        for name in names {
            let sides = [base.get(&name), ours.get(&name), theirs.get(&name)].map(Option::<&Place>::copied);
            let path = format!("{path}{}", String::from_utf8_lossy(&name));
            match self.place(&path, depth, sides)? {
                Some(place) => drop(ours.insert(name, place)),
                None => drop(ours.remove(&name)),
            }
        }
        write(self.git, ours)
    }

    /// What stands at a path that is there on one side at least.
    fn place(&mut self, path: &str, depth: usize, [base, ours, theirs]: [Option<Place>; 3]) -> Result<Option<Place>> {
        if ours == theirs || base == theirs {
            return Ok(ours);
        }
        if base == ours {
            return Ok(theirs);
        }
        let all = |is: fn(&EntryMode) -> bool| [ours, theirs].into_iter().flatten().all(|(mode, _)| is(&mode));
        if all(EntryMode::is_tree) {
            let id = |place: Option<Place>| place.filter(|(mode, _)| mode.is_tree()).map(|(_, id)| id);
            let new = self.directory(&format!("{path}/"), depth + 1, id(base), id(ours), id(theirs))?;
            let empty = new == ObjectId::empty_tree(self.git.object_hash());
            return Ok((!empty).then_some((EntryKind::Tree.into(), new)));
        }
        if !all(EntryMode::is_blob) {
            // Somebody has put something else into the branch; both stand in the merge's parents.
            return Ok(ours.or(theirs));
        }
        let read = |place: Option<Place>| {
            let id = place.filter(|(mode, _)| mode.is_blob()).map(|(_, id)| id);
            id.map(|id| blob(self.git, id, LARGEST).with_context(|| format!("cannot read {path}"))).transpose()
        };
        let (base, ours, theirs) = (read(base)?, read(ours)?, read(theirs)?);
        let new = (self.union)(path, base.as_deref(), ours.as_deref(), theirs.as_deref())?;
        let Some(bytes) = new else { return Ok(None) };
        let id = self.git.write_blob(bytes).map_err(|error| anyhow!(error))?.detach();
        Ok(Some((EntryKind::Blob.into(), id)))
    }
}
