//! Where the pages are: in a folder, or on a branch.
//!
//! In: a day or a period. Out: the bytes of its page, and where that is, for people.
//! Never here: a change (that is `transaction`).

use std::path::PathBuf;

use anyhow::Result;
use chrono::NaiveDate;

use super::branch;
use super::folder::Folder;
use super::layout::Leaf;
use crate::git::OwnBranch;
use crate::journal::Period;

/// The place of one journal.
#[derive(Debug, Clone)]
pub(super) enum Site {
    Folder(Folder),
    Branch(OwnBranch),
}

impl Site {
    /// Its name, for people.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Folder(folder) => folder.path().display().to_string(),
            Self::Branch(branch) => format!("the branch {}", branch.name()),
        }
    }

    /// The days that have a page, newest last.
    pub(super) fn days(&self) -> Result<Vec<NaiveDate>> {
        match self {
            Self::Folder(folder) => folder.days(),
            Self::Branch(branch) => branch::days(branch),
        }
    }

    /// The same, each with what changes whenever its page does.
    pub(super) fn stamps(&self) -> Result<Vec<(NaiveDate, String)>> {
        match self {
            Self::Folder(folder) => folder.stamps(),
            Self::Branch(branch) => branch::stamps(branch),
        }
    }

    /// The periods that have a summary, in order.
    pub(super) fn summaries(&self) -> Result<Vec<Period>> {
        match self {
            Self::Folder(folder) => folder.summaries(),
            Self::Branch(_) => Ok(self.summary_stamps()?.into_iter().map(|(period, _)| period).collect()),
        }
    }

    /// The same, each with what changes whenever its file does.
    pub(super) fn summary_stamps(&self) -> Result<Vec<(Period, String)>> {
        match self {
            Self::Folder(folder) => folder.summary_stamps(),
            Self::Branch(branch) => branch::summary_stamps(branch),
        }
    }

    /// Where a file is or would be: a path, or `branch:path`, which git understands, too.
    pub(super) fn page(&self, leaf: Leaf) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.page(leaf),
            Self::Branch(branch) => PathBuf::from(format!("{}:{}", branch.name(), leaf.path())),
        }
    }

    /// The bytes of a file; `None` if there is none.
    pub(super) fn read(&self, leaf: Leaf) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(folder) => folder.read(leaf),
            Self::Branch(branch) => branch::read(branch, branch.tip()?.as_ref(), leaf),
        }
    }
}
