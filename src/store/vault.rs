//! A folder outside the repositories that holds the journals of several: one folder in it for each.
//!
//! In: the outer folder, and the repository's name and directories. Out: its own folder there, and how to claim it.
//! Never here: two repositories in one folder, because they are called the same; or a new folder for a repository that was
//! moved.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::fs;

/// The file in a repository's folder that says whose it is.
const OWNER: &str = ".commit-story-repository";

/// The most that is read of either file.
const LIMIT: u64 = 64 << 10;

/// How many repositories of one name are told apart.
const MOST: usize = 1_000;

/// A repository, as far as its place among others goes.
#[derive(Debug, Clone, Copy)]
pub struct Tenant<'a> {
    /// What its folder is called, if no other's is.
    pub name: &'a str,
    /// Its git directory.
    pub common_dir: &'a Path,
    /// Where our own state for it lies.
    pub state: &'a Path,
}

/// What makes a folder a repository's own, written with its first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    common_dir: PathBuf,
    state: PathBuf,
    held: Held,
}

/// The file in the state directory: it goes wherever the repository goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    /// The outer folder.
    within: PathBuf,
    /// The name of ours in it.
    name: String,
}

/// The repository's folder in an outer one, and what is left to be claimed.
#[must_use]
pub fn find(within: &Path, tenant: Tenant<'_>) -> (PathBuf, Option<Claim>) {
    if let Some(held) = held(tenant.state).filter(|held| held.within == within && is_name(&held.name)) {
        return (within.join(held.name), None);
    }
    let numbered = (2..MOST).map(|nth| format!("{}-{nth}", tenant.name));
    let mut names = std::iter::once(tenant.name.to_owned()).chain(numbered);
    let name = names.find(|name| is_free(&within.join(name), tenant.common_dir));
    let name = name.unwrap_or_else(|| tenant.name.to_owned());
    let held = Held { within: within.to_owned(), name: name.clone() };
    let claim = Claim { common_dir: tenant.common_dir.to_owned(), state: tenant.state.to_owned(), held };
    (within.join(name), Some(claim))
}

impl Claim {
    /// Makes the folder the repository's own.
    ///
    /// # Errors
    /// The folder or the state directory cannot be written.
    pub fn make(&self) -> Result<()> {
        let folder = self.held.within.join(&self.held.name);
        fs::create_private_dir(&folder)?;
        fs::replace(&folder.join(OWNER), format!("{}\n", self.common_dir.display()).as_bytes())?;
        fs::create_private_dir(&self.state)?;
        fs::replace(&file(&self.state), &serde_json::to_vec(&self.held).context("cannot write the folder's name")?)
    }
}

/// Whether no journal is there, or this repository's, whose state was lost.
fn is_free(folder: &Path, common_dir: &Path) -> bool {
    match fs::read(&folder.join(OWNER), LIMIT) {
        Ok(Some(owner)) => String::from_utf8_lossy(&owner).trim_end() == common_dir.to_string_lossy(),
        Ok(None) => !folder.join("entries").exists(),
        Err(_) => false,
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\'])
}

fn held(state: &Path) -> Option<Held> {
    serde_json::from_slice(&fs::read(&file(state), LIMIT).ok()??).ok()
}

fn file(state: &Path) -> PathBuf {
    state.join("folder.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_of_one_name_have_folders_of_their_own_and_keep_them_when_moved() {
        let dir = tempfile::tempdir().unwrap();
        let vault = dir.path().join("notes");
        let look = |place: &str| {
            let common_dir = dir.path().join(place).join("api/.git");
            let state = common_dir.join("commit-story");
            let (folder, claim) = find(&vault, Tenant { name: "api", common_dir: &common_dir, state: &state });
            if let Some(claim) = claim {
                claim.make().unwrap();
            }
            folder.strip_prefix(&vault).unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!([look("work"), look("home"), look("work")], ["api", "api-2", "api"]);
        std::fs::rename(dir.path().join("work"), dir.path().join("moved")).unwrap();
        assert_eq!(look("moved"), "api");
        assert_eq!(look("work"), "api", "where the state was lost, the path tells");
        std::fs::create_dir_all(vault.join("lib")).unwrap();
        let state = dir.path().join("state");
        let tenant = |name| Tenant { name, common_dir: dir.path(), state: &state };
        assert_eq!(find(&vault, tenant("lib")).0, vault.join("lib"), "a folder without a journal is taken");
        std::fs::create_dir_all(vault.join("lib/entries")).unwrap();
        assert_eq!(find(&vault, tenant("lib")).0, vault.join("lib-2"));
    }
}
