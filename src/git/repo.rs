//! The repository: where it is, and reading one commit from it.

use std::path::{Path, PathBuf};

use super::commit::{Commit, CommitId};
use crate::env::Env;

/// Why no repository was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither the directory nor any above it is in a repository.
    #[error("{} is not in a git repository", .0.display())]
    NotFound(PathBuf),
    /// There is one, but it cannot be used.
    #[error("cannot open the git repository at {}", .0.display())]
    Broken(PathBuf, #[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An open repository.
#[derive(Debug)]
pub struct Repository {
    worktree: Option<PathBuf>,
    common_dir: PathBuf,
}

impl Repository {
    /// Opens the repository that the working directory, or a hook's `GIT_DIR`, names.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(_env: &Env) -> Result<Self, OpenError> {
        todo!()
    }

    /// The top of the work tree we are in, links resolved; `None` in a bare repository.
    #[must_use]
    pub fn worktree(&self) -> Option<&Path> {
        self.worktree.as_deref()
    }

    /// The git directory that all work trees share (`.git`).
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The git directory of this work tree: `.git`, or `.git/worktrees/<name>` in a linked one.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        todo!()
    }

    /// The tops of the main and all linked work trees, as git has them recorded.
    #[must_use]
    pub fn worktrees(&self) -> Vec<PathBuf> {
        todo!()
    }

    /// The top of the main work tree; `None` if the main repository is bare.
    #[must_use]
    pub fn main_worktree(&self) -> Option<PathBuf> {
        todo!()
    }

    /// The directory git runs hooks from, `core.hooksPath` respected.
    #[must_use]
    pub fn hooks_dir(&self) -> PathBuf {
        todo!()
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// Nothing is named so, or not a commit.
    pub fn resolve(&self, _revision: &str) -> anyhow::Result<CommitId> {
        todo!()
    }

    /// Reads a commit with its changes.
    ///
    /// # Errors
    /// The commit or one of its trees is missing or broken.
    pub fn commit(&self, _id: &CommitId) -> anyhow::Result<Commit> {
        todo!()
    }
}
