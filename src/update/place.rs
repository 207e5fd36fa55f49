//! Where this program is installed, and what lies beside it.
//!
//! In: the path of the running program. Out: the paths of one installation. Never here: what is in the files.

use std::path::{Path, PathBuf};

use crate::fs;

/// The hidden directory beside the program: with it and the program everything is gone.
pub const DIRECTORY: &str = ".commit-story";

/// What begins the name of a directory in which an update is prepared.
pub const STAGE: &str = "stage-";

/// What begins the name of a program that was moved aside, because the system does not replace one that runs.
pub const ASIDE: &str = "old-";

/// One installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The program itself, links resolved.
    pub binary: PathBuf,
    /// The directory around it.
    pub dir: PathBuf,
    /// The hidden directory.
    pub beside: PathBuf,
}

impl Place {
    /// The place of the running program. Where another process has replaced its file meanwhile, Linux says so at the end of
    /// the path, and the place is the same.
    #[must_use]
    pub fn of(executable: &Path) -> Self {
        let named = executable.to_str().and_then(|path| path.strip_suffix(" (deleted)"));
        let there = named.map(Path::new).filter(|_| !executable.exists()).unwrap_or(executable);
        let binary = fs::canonical(there);
        let dir = binary.parent().unwrap_or(Path::new("/")).to_owned();
        let beside = dir.join(DIRECTORY);
        Self { binary, dir, beside }
    }

    /// Who installed it, and what.
    #[must_use]
    pub fn receipt(&self) -> PathBuf {
        self.beside.join("receipt.json")
    }

    /// The kernel's lock.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.beside.join("lock")
    }

    /// What was seen and kept.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.beside.join("state.json")
    }

    /// The versions that can be returned to.
    #[must_use]
    pub fn versions(&self) -> PathBuf {
        self.beside.join("versions")
    }

    /// One of them.
    #[must_use]
    pub fn kept(&self, version: &semver::Version) -> PathBuf {
        let name = self.binary.file_name().unwrap_or(std::ffi::OsStr::new(super::names::PROGRAM));
        self.versions().join(version.to_string()).join(name)
    }
}
