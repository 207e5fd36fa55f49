//! Entries of the journal, chosen: what lists, searches, summaries and reports begin with.
//!
//! In: a journal, and a [`Filter`]. Out: the entries that pass it, one after the other.
//! Never here: more than one day's page in memory, or a failure because of one page that cannot be read as a whole.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use anyhow::Result;
use chrono::NaiveDate;

use crate::chat::Assistant;
use crate::git::{CommitId, Repository};
use crate::journal::{ChangedFile, Days, Entry};
use crate::markdown;
use crate::store::{Found, Store};

/// What an entry must be like; what is not said does not matter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Its day is one of these.
    pub days: Option<Days>,
    /// Its author's name contains this, in any case.
    pub author: Option<String>,
    /// It changes a file whose path is one of these, lies below it, or contains it.
    pub files: Vec<String>,
    /// A session with one of these assistants led to it.
    pub assistants: Vec<Assistant>,
}

/// In which order entries are visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they happened.
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

impl Filter {
    /// Whether an entry passes.
    #[must_use]
    pub fn passes(&self, entry: &Entry) -> bool {
        let within = |whole: &str, part: &str| whole.to_lowercase().contains(&part.to_lowercase());
        let paths = || entry.changes.listed.iter().flat_map(ChangedFile::paths);
        let touches = |file: &String| paths().any(|path| within(path, file));
        let took_part = |one: &Assistant| entry.details.sessions.iter().any(|session| session.assistant == *one);
        self.days.is_none_or(|days| days.contains(entry.at.date_naive()))
            && self.author.as_deref().is_none_or(|author| within(&entry.details.author, author))
            && (self.files.is_empty() || self.files.iter().any(touches))
            && (self.assistants.is_empty() || self.assistants.iter().any(took_part))
    }
}

/// What of the journal somebody wants to read.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The newest day.
    Newest,
    /// Days.
    Days(Days),
    /// The commits of a range.
    Commits(BTreeSet<CommitId>),
    /// One commit, by a name that git may or may not know.
    Revision(String),
}

impl What {
    /// Reads what was typed: days as [`Days::parse`] takes them, else a range of commits, else a commit.
    ///
    /// # Errors
    /// There is no such range.
    pub fn parse(text: &str, today: NaiveDate, repository: &Repository) -> Result<Self> {
        Ok(match Days::parse(text, today) {
            _ if text.is_empty() => Self::Newest,
            Some(days) => Self::Days(days),
            None if text.contains("..") => Self::Commits(repository.range(text)?),
            None => Self::Revision(text.to_owned()),
        })
    }
}

/// The entry of a commit; looked for on its author's day first.
///
/// # Errors
/// The commit, or a page, cannot be read.
pub fn entry_of(store: &Store, repository: &Repository, id: &CommitId) -> Result<Option<Found>> {
    let day = repository.authored(id)?.date_naive();
    match store.find(Some(day), id.as_str())? {
        Some(found) => Ok(Some(found)),
        None => store.find(None, id.as_str()),
    }
}

/// The entries of commits, as they happened; only pages of their days are read.
///
/// # Errors
/// A commit, or a page, cannot be read.
pub fn entries_of(store: &Store, repository: &Repository, commits: &BTreeSet<CommitId>) -> Result<Vec<Entry>> {
    let Some((first, last)) = repository.days(commits)? else { return Ok(Vec::new()) };
    let mut entries = entries(store, &Filter { days: Some(Days { first, last }), ..Filter::default() })?;
    entries.retain(|entry| commits.contains(&entry.commit));
    Ok(entries)
}

/// Shows every entry that passes to `visit`, until that breaks off; returns how many pages hold something that could not
/// be understood.
///
/// # Errors
/// The journal cannot be listed, a page cannot be read, or `visit` fails.
pub fn visit(
    store: &Store,
    filter: &Filter,
    order: Order,
    mut visit: impl FnMut(Entry) -> Result<ControlFlow<()>>,
) -> Result<usize> {
    let mut days = store.days()?;
    days.retain(|day| filter.days.is_none_or(|wanted| wanted.contains(*day)));
    if order == Order::NewestFirst {
        days.reverse();
    }
    let mut faulty = 0;
    for day in days {
        let Some(text) = store.raw(day)? else { continue };
        let mut page = markdown::parse_page(&text);
        faulty += usize::from(!page.problems.is_empty());
        page.entries.sort_by_key(|entry| entry.at);
        if order == Order::NewestFirst {
            page.entries.reverse();
        }
        for entry in page.entries.into_iter().filter(|entry| filter.passes(entry)) {
            if visit(entry)?.is_break() {
                return Ok(faulty);
            }
        }
    }
    Ok(faulty)
}

/// Every entry that passes, as they happened.
///
/// # Errors
/// As [`visit`].
pub fn entries(store: &Store, filter: &Filter) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    visit(store, filter, Order::OldestFirst, |entry| {
        found.push(entry);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}
