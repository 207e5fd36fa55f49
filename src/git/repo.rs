//! The repository: where it is, and reading one commit from it.
//!
//! In: the surroundings of the process, a revision. Out: [`Repository`], a [`Commit`].
//! Never here: a trust in git's environment beyond `GIT_DIR` and `GIT_WORK_TREE`; a hook's index, object directory,
//! author and prefix say nothing about the commit that was made.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use chrono::{DateTime, FixedOffset, Utc};
use gix::ObjectId;
use gix::open::{Options, Permissions};
use gix::sec::{Permission, Trust};

use super::change::Change;
use super::commit::{Commit, CommitId};
use super::content::BIG_FILE;
use super::header::{self, Header};
use super::history::{self, Settled};
use super::own_branch::OwnBranch;
use super::successors::Successors;
use super::{diff, given, message, tree};
use crate::env::{Deadline, Env};
use crate::fs;

/// The directory of our own state, in the git directory.
const STATE: &str = "commit-story";

/// Why no repository was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither the directory nor any above it is in a repository.
    #[error("{} is not in a git repository", .0.display())]
    NotFound(PathBuf),
    /// There is one, whose references are kept in a way that cannot be read here.
    #[error("the repository at {} keeps its references as {format}, which cannot be read yet", .place.display())]
    Unreadable {
        /// Where it is.
        place: PathBuf,
        /// The name of the format (`extensions.refStorage`).
        format: String,
    },
    /// There is one, but it cannot be used.
    #[error("cannot open the git repository at {}", .0.display())]
    Broken(PathBuf, #[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An open repository.
#[derive(Debug)]
pub struct Repository {
    pub(super) inner: gix::Repository,
    worktree: Option<PathBuf>,
    common_dir: PathBuf,
    git_dir: PathBuf,
    /// The main work tree's top, which from a linked one takes opening the main repository: once for a commit is enough.
    main: OnceCell<Option<PathBuf>>,
    successors: Successors,
}

impl Repository {
    /// Opens the repository that the working directory, or a hook's `GIT_DIR`, names.
    ///
    /// A repository that belongs to another user is opened too: git has let its owner's hook run, and nothing here
    /// writes or executes what its configuration names.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(env: &Env) -> Result<Self, OpenError> {
        let named = env.var("GIT_DIR").map(|dir| env.cwd.join(dir));
        let place = match &named {
            Some(dir) => dir.clone(),
            None => discover(&env.cwd)?,
        };
        let broken = |error: gix::Error| OpenError::Broken(place.clone(), error.into());
        let exact = named.is_some();
        let given = given::said(env.text("GIT_CONFIG_PARAMETERS").unwrap_or_default());
        let opened = gix::open_opts(&place, options(exact).cli_overrides(given));
        let mut inner = match opened {
            Err(_) if !place.exists() => return Err(OpenError::NotFound(place)),
            opened => opened.map_err(broken)?,
        };
        let format = inner.config_snapshot().string("extensions.refStorage").map(|format| format.to_string());
        if let Some(format) = format.filter(|format| format != "files") {
            return Err(OpenError::Unreadable { place, format });
        }
        inner.clear_namespace();
        if let Some(top) = chosen_worktree(env, &inner) {
            inner.set_workdir(top).map_err(broken)?;
        }
        let git_dir = fs::canonical(inner.git_dir());
        let linked = inner.common_dir() != inner.git_dir();
        let common_dir = if linked { fs::canonical(inner.common_dir()) } else { git_dir.clone() };
        Ok(Self {
            worktree: inner.workdir().map(fs::canonical),
            successors: Successors::at(&common_dir.join(STATE)),
            common_dir,
            git_dir,
            inner,
            main: OnceCell::new(),
        })
    }

    /// The top of the work tree we are in, links resolved; `None` in a bare repository.
    #[must_use]
    pub fn worktree(&self) -> Option<&Path> {
        self.worktree.as_deref()
    }

    /// The same, or the git directory where there is none.
    #[must_use]
    pub fn top(&self) -> &Path {
        self.worktree.as_deref().unwrap_or(&self.common_dir)
    }

    /// The git directory that all work trees share (`.git`), links resolved.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The git directory of this work tree: `.git`, or `.git/worktrees/<name>` in a linked one.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Where commit-story keeps its own state for this repository.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.common_dir.join(STATE)
    }

    /// Which commits took the place of others.
    #[must_use]
    pub fn successors(&self) -> &Successors {
        &self.successors
    }

    /// The tops of the main and all linked work trees, as git has them recorded.
    #[must_use]
    pub fn worktrees(&self) -> Vec<PathBuf> {
        let linked = self.inner.worktrees().unwrap_or_default();
        self.main_worktree().into_iter().chain(linked.into_iter().filter_map(|tree| tree.base().ok())).collect()
    }

    /// The top of the main work tree; `None` if the main repository is bare.
    #[must_use]
    pub fn main_worktree(&self) -> Option<PathBuf> {
        if self.git_dir == self.common_dir {
            return self.worktree.clone();
        }
        self.main.get_or_init(|| self.inner.main_repo().ok()?.workdir().map(fs::canonical)).clone()
    }

    /// The directory git runs hooks from, `core.hooksPath` respected.
    #[must_use]
    pub fn hooks_dir(&self) -> PathBuf {
        match self.inner.config_snapshot().trusted_path("core.hooksPath") {
            // Relative to where hooks run: the top of the work tree, or the git directory of a bare repository.
            Ok(Some(path)) => self.worktree.as_deref().unwrap_or(&self.git_dir).join(path),
            _ => self.common_dir.join("hooks"),
        }
    }

    /// A branch of this repository that only this program writes.
    #[must_use]
    pub fn own_branch(&self, name: &str) -> OwnBranch {
        OwnBranch::new(self.inner.clone(), name)
    }

    /// A value of git's own configuration, such as `core.hooksPath`; the last one where several are set.
    #[must_use]
    pub fn config_string(&self, key: &str) -> Option<String> {
        self.inner.config_snapshot().string(key).map(|value| value.to_string())
    }

    /// The same where the user's own configuration, or the machine's, says it: a program that is run is not for the
    /// repository to name.
    #[must_use]
    pub fn users_config_string(&self, key: &str) -> Option<String> {
        let own = |meta: &gix::config::file::Metadata| meta.source.kind() != gix::config::source::Kind::Repository;
        self.inner.config_snapshot().plumbing().string_filter(key, own).map(|value| value.to_string())
    }

    /// The names of the programs that git's configuration has for merging files.
    #[must_use]
    pub fn merge_drivers(&self) -> BTreeSet<String> {
        let config = self.inner.config_snapshot();
        let sections = config.plumbing().sections_by_name("merge").into_iter().flatten();
        sections.filter_map(|section| Some(section.header().subsection_name()?.to_string())).collect()
    }

    /// Whether git's configuration leaves this repository, or all that do not say otherwise, out of the journal:
    /// `commitstory.enabled` is false.
    #[must_use]
    pub fn opted_out(&self) -> bool {
        self.inner.config_snapshot().boolean(given::ENABLED) == Some(false)
    }

    /// A path in git's own configuration, such as `init.templateDir`.
    #[must_use]
    pub fn config_path(&self, key: &str) -> Option<PathBuf> {
        self.inner.config_snapshot().trusted_path(key).ok().flatten()
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// Nothing is named so, or not a commit.
    pub fn resolve(&self, revision: &str) -> anyhow::Result<CommitId> {
        let find = || -> Result<ObjectId, gix::Error> {
            if revision == "HEAD" {
                return self.inner.head_id().map(gix::Id::detach);
            }
            Ok(self.inner.rev_parse_single(revision)?.object()?.peel_to_kind(gix::objs::Kind::Commit)?.id)
        };
        // The library's reasons name its own parts ("delegate.traverse"); the name that was given says as much.
        commit_id(find().map_err(|_| anyhow!("cannot find the commit `{revision}`"))?)
    }

    /// Reads a commit with its changes. After the deadline, lines are left uncounted and moves unfound.
    ///
    /// # Errors
    /// The commit or one of its trees is missing or broken.
    pub fn commit(&self, id: &CommitId, deadline: Deadline) -> anyhow::Result<Commit> {
        self.read(id, deadline).with_context(|| format!("cannot read the commit {id}"))
    }

    fn read(&self, id: &CommitId, deadline: Deadline) -> anyhow::Result<Commit> {
        let object = object_id(id)?;
        let mut header = self.header(object)?;
        if self.is_shallow(object) {
            header.parents.clear();
        }
        let parent = header.parents.first().map(|parent| self.header(*parent)).transpose()?;
        let changes = diff::changes(&self.inner, parent.as_ref().map(|parent| parent.tree), header.tree, deadline)?;
        let message = message::parse(&header.message);
        let both_sides = self.both_sides(&header, &changes)?;
        Ok(Commit {
            id: id.clone(),
            parents: header.parents.iter().copied().map(commit_id).collect::<anyhow::Result<_>>()?,
            parent_committed: parent.map(|parent: Header| -> DateTime<FixedOffset> { parent.committer.when }),
            author: header.author,
            committer: header.committer,
            subject: message.subject,
            body: message.body,
            trailers: message.trailers,
            branch: self.branch(id),
            worktree: self.worktree.clone(),
            changes,
            both_sides,
        })
    }

    /// Of what differs from the first parent, that which differs from all the others, too.
    fn both_sides(&self, header: &Header, changes: &[Change]) -> anyhow::Result<BTreeSet<Vec<u8>>> {
        let Some((_, others)) = header.parents.split_first().filter(|(_, others)| !others.is_empty()) else {
            return Ok(BTreeSet::new());
        };
        let mut paths: BTreeSet<Vec<u8>> = changes.iter().map(|change| change.path.clone()).collect();
        for other in others {
            let deltas = tree::compare(&self.inner.objects, Some(self.header(*other)?.tree), header.tree)?;
            let differing: BTreeSet<Vec<u8>> = deltas.into_iter().map(|delta| delta.path).collect();
            paths.retain(|path| differing.contains(path));
        }
        Ok(paths)
    }

    /// Until when changes of a commit's files are known to have been committed by its ancestors, back to `since`. Only
    /// first parents are looked at, a bounded number of them; where they cannot be read, everything counts as committed.
    #[must_use]
    pub fn settled(&self, commit: &Commit, since: DateTime<Utc>, deadline: Deadline) -> Settled {
        let first = commit.parents.first().and_then(|id| object_id(id).ok());
        let paths = commit.changes.iter().map(|change| change.path.clone()).collect();
        let header = |id| {
            let mut header = self.header(id)?;
            if self.is_shallow(id) {
                header.parents.clear();
            }
            Ok(header)
        };
        history::settled(&self.inner.objects, header, first, &paths, since, deadline)
            .unwrap_or_else(|_| Settled::before(DateTime::<Utc>::MAX_UTC))
    }

    /// Whether a commit took another's place: as git told us, or as it looks.
    #[must_use]
    pub fn replaces(&self, commit: &Commit, other: &CommitId) -> bool {
        self.amends(commit, other) || self.successors.of(other).as_ref() == Some(&commit.id)
    }

    /// Whether a commit looks as if it amended another: it has the same parents, author and author date.
    fn amends(&self, commit: &Commit, other: &CommitId) -> bool {
        let Ok(id) = object_id(other) else { return false };
        let same = |other: &Header| {
            let parents = other.parents.iter().map(ToString::to_string);
            other.author == commit.author && parents.eq(commit.parents.iter().map(ToString::to_string))
        };
        *other != commit.id && self.header(id).is_ok_and(|other| same(&other))
    }

    /// Whether `HEAD` or a branch has the commit: not one that was amended, rebased or reset away. Only so many commits
    /// that are younger are looked through.
    #[must_use]
    pub fn holds(&self, commit: &CommitId) -> bool {
        let Ok(id) = object_id(commit) else { return false };
        self.header(id).is_ok_and(|header| history::holds(&self.inner, id, header.committer.when.timestamp()))
    }

    /// The git directories of the main and, at most `most`, linked work trees: each has its own `HEAD` and reflog.
    #[must_use]
    pub fn git_dirs(&self, most: usize) -> Vec<PathBuf> {
        let linked = fs::names(&self.common_dir.join("worktrees")).unwrap_or_default();
        let linked = linked.into_iter().take(most).map(|name| self.common_dir.join("worktrees").join(name));
        std::iter::once(self.common_dir.clone()).chain(linked).collect()
    }

    /// The top of the work tree that a git directory belongs to, as git has it recorded; `None` where there is none.
    #[must_use]
    pub fn worktree_of(&self, git_dir: &Path) -> Option<PathBuf> {
        if git_dir == self.git_dir {
            return self.worktree.clone();
        }
        if git_dir == self.common_dir {
            return self.main_worktree();
        }
        let named = git_dir.file_name()?;
        let linked = self.inner.worktrees().ok()?.into_iter().find(|tree| tree.git_dir().file_name() == Some(named))?;
        linked.base().ok()
    }

    pub(super) fn header(&self, id: ObjectId) -> anyhow::Result<Header> {
        let object = self.inner.find_object(id).map_err(|error| anyhow!(error))?;
        if object.kind != gix::objs::Kind::Commit {
            return Err(anyhow!("{id} is a {}, not a commit", object.kind));
        }
        header::parse(&object.data).with_context(|| format!("the commit {id} is malformed"))
    }

    /// Whether history was cut off at this commit (`git clone --depth`): git then takes it for a root.
    fn is_shallow(&self, id: ObjectId) -> bool {
        let cut = self.inner.shallow_commits().ok().flatten();
        cut.is_some_and(|commits| commits.iter().any(|commit| *commit == id))
    }

    /// The branch that `HEAD` is on, if the commit is `HEAD`.
    #[must_use]
    pub fn branch(&self, id: &CommitId) -> Option<String> {
        let (head, id) = (self.inner.head().ok()?, object_id(id).ok()?);
        let name = head.referent_name().filter(|_| head.id().is_some_and(|at| at == id))?;
        Some(name.shorten().to_string())
    }
}

/// Looks for a repository from a directory upwards, as git does.
fn discover(cwd: &Path) -> Result<PathBuf, OpenError> {
    use gix::discover::repository::Path as Found;
    let options = gix::discover::upwards::Options { current_dir: Some(cwd), ..Default::default() };
    match gix::discover::upwards_opts(cwd, options) {
        // The work tree rather than its recorded git directory: it may have been moved since.
        Ok((Found::LinkedWorkTree { work_dir, .. } | Found::WorkTree(work_dir), _)) => Ok(work_dir),
        Ok((Found::Repository(git_dir), _)) => Ok(git_dir),
        Err(_) => Err(OpenError::NotFound(cwd.to_owned())),
    }
}

/// `exact`: the path is the git directory itself.
fn options(exact: bool) -> Options {
    let mut permissions = Permissions::all();
    // GIT_OBJECT_DIRECTORY and its like would be those of the command that runs the hook.
    permissions.env.objects = Permission::Deny;
    permissions.env.identity = Permission::Deny;
    Options::default()
        .permissions(permissions)
        .with(Trust::Full)
        .open_path_as_is(exact)
        .config_overrides([format!("gitoxide.objects.allocLimit={BIG_FILE}")])
}

/// The work tree that git would take, where gix, which looks at the repository alone, may take another.
fn chosen_worktree(env: &Env, inner: &gix::Repository) -> Option<PathBuf> {
    env.var("GIT_DIR")?;
    if let Some(top) = env.var("GIT_WORK_TREE") {
        return Some(env.cwd.join(top));
    }
    // `GIT_DIR` alone makes the working directory the top, unless the repository says where its work tree is.
    let says = inner.git_dir() != inner.common_dir() || inner.config_snapshot().string("core.worktree").is_some();
    (!says && !inner.is_bare()).then(|| env.cwd.clone())
}

pub(super) fn object_id(id: &CommitId) -> anyhow::Result<ObjectId> {
    ObjectId::from_hex(id.as_str().as_bytes()).map_err(|error| anyhow!(error))
}

pub(super) fn commit_id(id: ObjectId) -> anyhow::Result<CommitId> {
    CommitId::parse(&id.to_string()).context("git named an id that is none")
}
