//! Pages in the trees of a branch that is never checked out.
//!
//! In: the branch. Out: a page's bytes as its newest commit has them; a new commit with changed pages.
//! Never here: what git does with branches, or an object that is not on the way to the page.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use chrono::{DateTime, FixedOffset, NaiveDate};

use super::folder::PAGE_LIMIT;
use super::layout;
use super::union::union;
use crate::git::{OwnBranch, Tip};

/// How often a branch is written anew that somebody else has moved meanwhile. Within this program there is a lock.
const TRIES: usize = 20;

/// The directory that makes a branch a journal.
const ENTRIES: &str = "entries";

/// The newest commit of a branch that holds a journal, or nothing yet.
///
/// # Errors
/// It cannot be read, or holds something else.
pub fn tip(branch: &OwnBranch) -> Result<Option<Tip>> {
    let tip = branch.tip()?;
    if let Some(tip) = &tip {
        check(branch, tip)?;
    }
    Ok(tip)
}

/// Refuses a commit that holds something else than a journal.
///
/// # Errors
/// It does, or cannot be read.
pub fn check(branch: &OwnBranch, tip: &Tip) -> Result<()> {
    let names = branch.names(tip, "")?;
    if !names.is_empty() && !names.iter().any(|(name, directory)| *directory && name == ENTRIES) {
        bail!("the branch {} holds no journal: name another one with journal.branch", branch.name());
    }
    Ok(())
}

/// The bytes of a day's page; `None` if there is none.
///
/// # Errors
/// It cannot be read, or is too large.
pub fn read(branch: &OwnBranch, tip: Option<&Tip>, day: NaiveDate) -> Result<Option<Vec<u8>>> {
    tip.map_or(Ok(None), |tip| branch.file(tip, &layout::page(day), PAGE_LIMIT))
}

/// The days that have a page, newest last.
///
/// # Errors
/// A tree cannot be read.
pub fn days(branch: &OwnBranch) -> Result<Vec<NaiveDate>> {
    let Some(tip) = branch.tip()? else { return Ok(Vec::new()) };
    let mut days = Vec::new();
    for (month, _) in branch.names(&tip, ENTRIES)?.iter().filter(|(name, dir)| *dir && layout::is_month(name)) {
        let directory = format!("{ENTRIES}/{month}");
        let pages = branch.names(&tip, &directory)?;
        days.extend(pages.iter().filter_map(|(name, _)| layout::day(&format!("{directory}/{name}"))));
    }
    days.sort_unstable();
    Ok(days)
}

/// Makes a commit with changed pages on top of `tip`, and returns it. Where the branch has moved on since, the changes are
/// made to what it has now.
///
/// # Errors
/// git's objects or the branch cannot be written.
pub fn write(
    branch: &OwnBranch,
    mut tip: Option<Tip>,
    mut pages: BTreeMap<NaiveDate, Vec<u8>>,
    message: &str,
    now: DateTime<FixedOffset>,
) -> Result<Option<Tip>> {
    for _ in 0..TRIES {
        let files =
            pages.iter().map(|(day, page)| (layout::page(*day), (!page.is_empty()).then(|| page.clone()))).collect();
        let new = branch.commit(tip.as_ref(), files, message, now)?;
        if tip.is_some_and(|tip| tip.has_files_of(&new)) {
            return Ok(tip);
        }
        if branch.advance(tip.as_ref(), &new)? {
            return Ok(Some(new));
        }
        let moved = self::tip(branch)?;
        for (day, page) in &mut pages {
            let (base, theirs) = (read(branch, tip.as_ref(), *day)?, read(branch, moved.as_ref(), *day)?);
            *page = union(Some(base.as_deref().unwrap_or_default()), page, theirs.as_deref().unwrap_or_default());
        }
        tip = moved;
    }
    bail!("cannot write the branch {}: somebody else keeps moving it", branch.name());
}
