//! Where the pages are: in a folder, or on a branch.
//!
//! In: a day. Out: the bytes of its page, and where that is, for people.
//! Never here: a change (that is `transaction`).

use std::path::PathBuf;

use anyhow::Result;
use chrono::NaiveDate;

use super::branch;
use super::folder::Folder;
use super::layout;
use crate::git::OwnBranch;

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

    /// Where the page of a day is or would be: a path, or `branch:path`, which git understands, too.
    pub(super) fn page(&self, day: NaiveDate) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.page(day),
            Self::Branch(branch) => PathBuf::from(format!("{}:{}", branch.name(), layout::page(day))),
        }
    }

    /// The bytes of a day's page; `None` if there is none.
    pub(super) fn read(&self, day: NaiveDate) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(folder) => folder.read(day),
            Self::Branch(branch) => branch::read(branch, branch.tip()?.as_ref(), day),
        }
    }
}
