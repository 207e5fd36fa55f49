//! Pages as files in a folder.
//!
//! In: the folder, and the directory that it must not leave. Out: a page's bytes, read, replaced, or removed.
//! Never here: what a page says, or a lock.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};
use chrono::NaiveDate;

use super::layout::{self, ENTRIES, Leaf, SUMMARIES};
use super::vault::Claim;
use crate::fs;
use crate::journal::{Period, Unit};

/// Larger pages are refused: a day's page of this size was not written by us.
pub const PAGE_LIMIT: u64 = 16 << 20;

/// A folder of pages.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    within: Option<PathBuf>,
    claim: Option<Claim>,
}

impl Folder {
    /// With `within`, no page is read or written whose path, links resolved, leaves that directory.
    #[must_use]
    pub fn new(path: PathBuf, within: Option<&Path>) -> Self {
        Self { path, within: within.map(Path::to_owned), claim: None }
    }

    /// The same, to be claimed with the first page that is written.
    #[must_use]
    pub fn claimed_by(self, claim: Option<Claim>) -> Self {
        Self { claim, ..self }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a file of the journal is or would be.
    #[must_use]
    pub fn page(&self, leaf: impl Into<Leaf>) -> PathBuf {
        self.path.join(leaf.into().path())
    }

    /// The bytes of a file; `None` if there is none.
    ///
    /// # Errors
    /// The page cannot be read, is too large, or leads out of its root.
    pub fn read(&self, leaf: impl Into<Leaf>) -> Result<Option<Vec<u8>>> {
        let path = self.page(leaf);
        self.check_root(&path)?;
        let unusable = "cannot use this page; move it away and a new one is begun";
        // What we may not open is no worse a page for that.
        fs::read(&path, PAGE_LIMIT).map_err(|error| if fs::is_denied(&error) { error } else { error.context(unusable) })
    }

    /// Replaces a file.
    ///
    /// # Errors
    /// It cannot be written, or leads out of its root.
    pub fn write(&self, leaf: impl Into<Leaf>, page: &[u8]) -> Result<()> {
        let path = self.page(leaf);
        self.check_root(&path)?;
        if let Some(claim) = &self.claim {
            claim.make()?;
        }
        if let Some(dir) = path.parent() {
            fs::create_private_dir(dir)?;
            fs::sweep(dir);
        }
        fs::replace(&path, page)
    }

    /// Removes a file.
    ///
    /// # Errors
    /// It cannot be removed, or leads out of its root.
    pub fn remove(&self, leaf: impl Into<Leaf>) -> Result<()> {
        let path = self.page(leaf);
        self.check_root(&path)?;
        fs::remove(&path)
    }

    /// Removes the directories of the journal that hold nothing any more, and what killed processes have left in them.
    ///
    /// # Errors
    /// A directory cannot be listed or removed, or leads out of its root.
    pub fn prune(&self) -> Result<()> {
        self.check_root(&self.path)?;
        let (entries, summaries) = (self.path.join(ENTRIES), self.path.join(SUMMARIES));
        let months = fs::names(&entries)?.into_iter().filter(|name| layout::is_month(name));
        let units = Unit::ALL.iter().map(|unit| self.path.join(layout::directory(*unit))).filter(|dir| dir.is_dir());
        let inner = months.map(|name| entries.join(name)).chain(units);
        for dir in inner.chain([entries.clone(), summaries, self.path.clone()]) {
            fs::sweep(&dir);
            fs::remove_empty_dir(&dir)?;
        }
        Ok(())
    }

    /// The days that have a page, newest last.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn days(&self) -> Result<Vec<NaiveDate>> {
        self.check_root(&self.path)?;
        layout::days(&self.path)
    }

    /// The days that have a page, each with what changes whenever its file does: the file is not opened.
    ///
    /// # Errors
    /// As [`Folder::days`].
    pub fn stamps(&self) -> Result<Vec<(NaiveDate, String)>> {
        self.check_root(&self.path)?;
        layout::stamps(&self.path)
    }

    /// The periods that have a summary, in order.
    ///
    /// # Errors
    /// As [`Folder::days`].
    pub fn summaries(&self) -> Result<Vec<Period>> {
        self.check_root(&self.path)?;
        layout::summaries(&self.path)
    }

    /// The same, each with what changes whenever its file does: the file is not opened.
    ///
    /// # Errors
    /// As [`Folder::days`].
    pub fn summary_stamps(&self) -> Result<Vec<(Period, String)>> {
        self.check_root(&self.path)?;
        layout::summary_stamps(&self.path)
    }

    /// Refuses a path that leaves the allowed root: by a link, or by `..` in a part that does not exist yet.
    fn check_root(&self, path: &Path) -> Result<()> {
        let Some(within) = &self.within else { return Ok(()) };
        let existing = path.ancestors().find(|part| part.symlink_metadata().is_ok()).unwrap_or(path);
        let plain = path
            .strip_prefix(existing)
            .is_ok_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_))));
        // A link to nowhere cannot be resolved; where it would lead is not known, so it is refused as well.
        let real = dunce::canonicalize(existing).unwrap_or_default();
        let inside = real.strip_prefix(fs::canonical(within)).ok();
        // Inside the root there is more that a clone's link must not make a page of: what git keeps, and other files.
        let in_git = |path: &Path| path.components().any(|part| part == Component::Normal(".git".as_ref()));
        let renamed = existing == path && path.extension().is_some() && real.file_name() != path.file_name();
        if !plain || renamed || inside.is_none_or(in_git) {
            bail!("{} leads out of {}", path.display(), within.display());
        }
        Ok(())
    }
}
