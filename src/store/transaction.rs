//! Pages that are changed together.
//!
//! In: a site, its lock. Out: changed pages: in a folder each whole or not at all, on a branch all in one commit.
//! Never here: a change that is visible before it is finished, or a neighbour's text changed.

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, FixedOffset, NaiveDate};

use super::branch;
use super::layout::Leaf;
use super::site::Site;
use super::splice::{self, Kept};
use crate::env::Deadline;
use crate::fs::{self, Lock};
use crate::git::{CommitId, Tip};
use crate::journal::Entry;
use crate::markdown::{marker, render_entry, render_header};

/// What came of putting an entry into its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// The page.
    pub path: PathBuf,
    /// What was done to it.
    pub outcome: Outcome,
}

/// What was done to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The entry is new on it.
    Written,
    /// The commit had an entry, which was replaced.
    Replaced,
    /// The entry stood there already; nothing was written.
    Unchanged,
}

/// Pages that are being changed together. What is not finished changes nothing.
#[derive(Debug)]
pub struct Transaction<'a> {
    site: &'a Site,
    now: Option<DateTime<FixedOffset>>,
    /// The pages met, and whether they were changed.
    pages: BTreeMap<Leaf, (Vec<u8>, bool)>,
    /// What the change is about, where that is more than its days.
    about: String,
    /// What the branch had when this was begun.
    tip: Option<Tip>,
    lock: Lock,
}

impl<'a> Transaction<'a> {
    /// Begins one on the pages of a site, whose changers hold `lock`. `now`: what commits on a branch are dated with, and
    /// entries that take the place of others.
    pub(super) fn begin(
        site: &'a Site,
        lock: &Path,
        now: Option<DateTime<FixedOffset>>,
        wait: Deadline,
    ) -> Result<Transaction<'a>> {
        fs::create_private_dir(lock.parent().unwrap_or(Path::new(".")))?;
        let Some(lock) = Lock::acquire(lock, wait)? else {
            bail!("cannot write in {}: another process is writing the journal", site.shown());
        };
        let tip = match site {
            Site::Folder(_) => None,
            Site::Branch(branch) => {
                if lock.is_marked() {
                    branch.unlock()?;
                    lock.mark(false)?;
                }
                branch::tip(branch)?
            }
        };
        Ok(Transaction { site, now, pages: BTreeMap::new(), about: String::new(), tip, lock })
    }

    /// The bytes of a file of the journal as this transaction leaves them; empty if there is none.
    ///
    /// # Errors
    /// As for [`super::Store::raw`].
    pub fn page(&mut self, leaf: impl Into<Leaf>) -> Result<&[u8]> {
        let leaf = leaf.into();
        let page = match self.pages.entry(leaf) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(place) => {
                let bytes = match self.site {
                    Site::Folder(folder) => folder.read(leaf)?,
                    Site::Branch(branch) => branch::read(branch, self.tip.as_ref(), leaf)?,
                };
                place.insert((bytes.unwrap_or_default(), false))
            }
        };
        Ok(&page.0)
    }

    /// Puts an entry into the page of its day, as [`super::Store::put`] does.
    ///
    /// # Errors
    /// As for [`super::Store::put`], but for the lock.
    pub fn put(&mut self, entry: &Entry) -> Result<Put> {
        let entry = &entry.clone().normalised();
        let day = entry.at.date_naive();
        let path = self.site.page(day.into());
        entry.commit.short().clone_into(&mut self.about);
        let now = self.now.map(|now| now.to_utc());
        let page = self.page(day)?;
        let edit = splice::put(page, entry, &render_entry(entry), &render_header(day), now)
            .with_context(|| format!("cannot change {}", path.display()))?;
        let outcome = match edit {
            splice::Edit::Unchanged => Outcome::Unchanged,
            splice::Edit::Inserted(page) => {
                self.set(day, page);
                Outcome::Written
            }
            splice::Edit::Replaced(page) => {
                self.set(day, page);
                Outcome::Replaced
            }
        };
        Ok(Put { path, outcome })
    }

    /// Puts entries of one day into its page, those whose commits have none there; tells which were put.
    ///
    /// # Errors
    /// As for [`super::Store::raw`].
    pub fn add(&mut self, day: NaiveDate, mut entries: Vec<Entry>) -> Result<Vec<Entry>> {
        let page = self.page(day)?;
        let mut known: BTreeSet<CommitId> =
            marker::spans(page).into_iter().filter_map(|span| span.begin.commit).collect();
        entries.retain(|entry| known.insert(entry.commit.clone()));
        entries.sort_by_key(|entry| entry.at);
        if let Some(last) = entries.last() {
            let page = splice::add(page, &entries, &render_header(day));
            last.commit.short().clone_into(&mut self.about);
            self.set(day, page);
        }
        Ok(entries)
    }

    /// A commit's whole entry on the page of a day, with what of it is not ours to write anew.
    ///
    /// # Errors
    /// As for [`super::Store::raw`].
    pub fn entry(&mut self, day: NaiveDate, commit: &CommitId) -> Result<Option<(Entry, Kept)>> {
        Ok(splice::take_apart(self.page(day)?, commit))
    }

    /// Adds what was kept of other entries to that of a commit.
    ///
    /// # Errors
    /// As for [`super::Store::raw`].
    pub fn give(&mut self, day: NaiveDate, commit: &CommitId, kept: &Kept) -> Result<()> {
        if let Some(page) = splice::give(self.page(day)?, commit, kept) {
            self.set(day, page);
        }
        Ok(())
    }

    /// Takes a commit's whole entry off the page of a day, with all that stands below it. A page on which nothing is left
    /// but the day is removed.
    ///
    /// # Errors
    /// As for [`super::Store::raw`].
    pub fn remove(&mut self, day: NaiveDate, commit: &CommitId) -> Result<()> {
        if let Some(mut page) = splice::without(self.page(day)?, commit) {
            if page.trim_ascii() == render_header(day).as_bytes() {
                page.clear();
            }
            self.set(day, page);
        }
        Ok(())
    }

    /// Makes these the bytes of a file; without any it is removed.
    pub fn set(&mut self, leaf: impl Into<Leaf>, page: Vec<u8>) {
        self.pages.insert(leaf.into(), (page, true));
    }

    /// Moves the branch on which the journal lives to a commit that holds all of what it has; `false` if the branch is
    /// not, or no longer, where it was thought to be.
    ///
    /// # Errors
    /// The journal does not live on a branch, or git cannot write it.
    pub fn move_branch(mut self, from: Option<Tip>, to: Tip) -> Result<bool> {
        let Site::Branch(branch) = self.site else { bail!("the journal does not live on a branch") };
        if self.tip != from {
            return Ok(false);
        }
        self.lock.mark(true)?;
        let moved = branch.advance(from.as_ref(), &to);
        self.lock.mark(false)?;
        self.tip = Some(to);
        moved
    }

    /// Writes the changed pages. In a folder each is written whole or not at all, oldest first; on a branch all are one
    /// commit.
    ///
    /// # Errors
    /// A page cannot be written; in a folder, those before it are.
    pub fn finish(mut self) -> Result<()> {
        self.write()
    }

    /// The same, and goes on keeping other processes from changing pages.
    ///
    /// # Errors
    /// As for [`Transaction::finish`].
    pub fn write(&mut self) -> Result<()> {
        let changed = std::mem::take(&mut self.pages).into_iter().filter(|(_, (_, changed))| *changed);
        let changed: BTreeMap<Leaf, Vec<u8>> = changed.map(|(leaf, (page, _))| (leaf, page)).collect();
        match self.site {
            Site::Folder(folder) => changed.iter().try_for_each(|(leaf, page)| {
                if page.is_empty() { folder.remove(*leaf) } else { folder.write(*leaf, page) }
            }),
            Site::Branch(_) if changed.is_empty() => Ok(()),
            Site::Branch(branch) => {
                let about = match changed.first_key_value() {
                    _ if !self.about.is_empty() => std::mem::take(&mut self.about),
                    Some((Leaf::Day(day), _)) if changed.len() == 1 => day.to_string(),
                    Some((Leaf::Summary(period), _)) if changed.len() == 1 => format!("summary of {period}"),
                    Some((Leaf::Summary(_), _)) => format!("{} summaries", changed.len()),
                    _ => format!("{} pages", changed.len()),
                };
                let now = self.now.context("a journal on a branch needs the present")?;
                // A process that dies while it moves the branch leaves git's lock on it.
                self.lock.mark(true)?;
                let written = branch::write(branch, self.tip, changed, &format!("journal: {about}"), now);
                self.lock.mark(false)?;
                self.tip = written?;
                Ok(())
            }
        }
    }
}
