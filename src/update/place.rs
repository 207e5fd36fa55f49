//! Where this program is installed, and what lies beside it.
//!
//! In: the path of the running program. Out: the paths of one installation. Never here: what is in the files.

use std::path::{Path, PathBuf};

use crate::fs;

/// The hidden directory beside the program: with it and the program everything is gone.
pub const DIRECTORY: &str = ".commit-story";

/// Its directory with the versions that can be returned to.
const VERSIONS: &str = "versions";

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
    /// The place of the running program. A version that is kept belongs to the place that keeps it: should the new one be
    /// broken altogether, the old one can still put itself back. Where another process has replaced its file meanwhile, Linux
    /// says so at the end of the path, and the place is the same.
    #[must_use]
    pub fn of(executable: &Path) -> Self {
        let named = executable.to_str().and_then(|path| path.strip_suffix(" (deleted)"));
        let there = named.map(Path::new).filter(|_| !executable.exists()).unwrap_or(executable);
        let binary = fs::canonical(there);
        let binary = keeper(&binary).unwrap_or(binary);
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
        self.beside.join(VERSIONS)
    }

    /// One of them.
    #[must_use]
    pub fn kept(&self, version: &semver::Version) -> PathBuf {
        let name = self.binary.file_name().unwrap_or(std::ffi::OsStr::new(super::names::PROGRAM));
        self.versions().join(version.to_string()).join(name)
    }
}

/// The program beside which a kept version lies: `DIR/.commit-story/versions/0.1.0/commit-story`.
fn keeper(binary: &Path) -> Option<PathBuf> {
    let versions = binary.parent()?.parent()?;
    let beside = versions.parent().filter(|dir| versions.ends_with(VERSIONS) && dir.ends_with(DIRECTORY))?;
    Some(beside.parent()?.join(binary.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_kept_belongs_to_the_place_that_keeps_it() {
        let check = |path: &str, dir: &str| {
            let place = Place::of(Path::new(path));
            assert_eq!((place.dir, place.binary), (dir.into(), Path::new(dir).join("commit-story")), "{path}");
        };
        check("/no/such/bin/commit-story", "/no/such/bin");
        check("/no/such/bin/commit-story (deleted)", "/no/such/bin");
        check("/no/such/bin/.commit-story/versions/0.1.0/commit-story", "/no/such/bin");
        check("/no/such/versions/0.1.0/commit-story", "/no/such/versions/0.1.0");
    }
}
