//! Entries of the journal, chosen: what lists, searches, summaries and reports begin with.
//!
//! In: a journal, and a [`Filter`]. Out: the entries that pass it, one after the other.
//! Never here: more than one day's page in memory, or a failure because of one page that cannot be read as a whole.

use std::ops::ControlFlow;

use anyhow::Result;

use crate::chat::Assistant;
use crate::journal::{ChangedFile, Days, Entry};
use crate::markdown;
use crate::store::Store;

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
