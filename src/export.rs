//! The journal for other programs, and for readers elsewhere.
//!
//! In: the journal, and which days or commits of it. Out: one JSON document (schema 1, `docs/export.schema.json`), or one
//! of Markdown, in pieces.
//! Never here: more than one day's page in memory, or a change to what a page says.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use serde::Serialize;

use crate::git::CommitId;
use crate::journal::{EntryJson, Imported, ImportedJson};
use crate::markdown::{marker, parse_entries, parse_page, render_header};
use crate::store::{Store, joined};

/// The version of the document's shape; it grows when a key changes its meaning or goes, not when one is added.
pub const SCHEMA: u32 = 1;

/// What the document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object, a line for each day.
    Json,
    /// The pages, one after the other.
    Markdown,
}

/// What of the journal is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// No earlier day.
    pub since: Option<NaiveDate>,
    /// No later day.
    pub until: Option<NaiveDate>,
    /// The entries of these commits alone, without what belongs to a day.
    pub commits: Option<BTreeSet<CommitId>>,
}

/// One day in JSON.
#[derive(Debug, Serialize)]
struct DayJson<'a> {
    day: NaiveDate,
    /// Texts of earlier programs that belong to the day.
    imported: Vec<ImportedJson<'a>>,
    /// Everything that stands before the first entry, the page's title and imported texts included, as it is written.
    before: &'a str,
    entries: Vec<EntryJson<'a>>,
    /// Entries that cannot be read, as they are written.
    unread: Vec<&'a str>,
    /// What could not be understood.
    problems: Vec<String>,
}

/// Writes the document piece by piece, and says how many days it has. Every piece is whole lines.
///
/// # Errors
/// A page cannot be read, or `emit` fails.
pub fn export(
    store: &Store,
    selection: &Selection,
    format: Format,
    mut emit: impl FnMut(&str) -> Result<()>,
) -> Result<usize> {
    let mut written = 0;
    if format == Format::Json {
        emit(&format!("{{\"schema\":{SCHEMA},\"days\":[\n"))?;
    }
    for day in store.days()? {
        let outside =
            selection.since.is_some_and(|since| day < since) || selection.until.is_some_and(|until| day > until);
        let Some(text) = (if outside { None } else { store.raw(day)? }) else { continue };
        let text = &text[marker::text_start(text.as_bytes())..];
        let piece = match format {
            Format::Json => json(day, text, selection.commits.as_ref(), written > 0)?,
            Format::Markdown => markdown(day, text, selection.commits.as_ref(), written > 0),
        };
        if let Some(piece) = piece {
            emit(&piece)?;
            written += 1;
        }
    }
    if format == Format::Json {
        emit("]}\n")?;
    }
    Ok(written)
}

/// A day's line of JSON; `None` when it has nothing that is wanted.
fn json(day: NaiveDate, text: &str, wanted: Option<&BTreeSet<CommitId>>, follows: bool) -> Result<Option<String>> {
    let is_wanted = |id: Option<&CommitId>| wanted.is_none_or(|wanted| id.is_some_and(|id| wanted.contains(id)));
    let page = parse_page(text);
    let entries: Vec<EntryJson<'_>> =
        page.entries.iter().filter(|entry| is_wanted(Some(&entry.commit))).map(EntryJson::from).collect();
    let spans = marker::spans(text.as_bytes());
    let unread = spans.iter().filter(|span| is_wanted(span.begin.commit.as_ref()));
    let unread: Vec<&str> =
        unread.map(|span| &text[span.all.clone()]).filter(|span| parse_entries(span).0.is_empty()).collect();
    if wanted.is_some() && entries.is_empty() && unread.is_empty() {
        return Ok(None);
    }
    let (before, imported): (&str, Vec<Imported>) = match wanted {
        Some(_) => ("", vec![]),
        None => (&text[..spans.first().map_or(text.len(), |span| span.all.start)], joined::of_the_day(text.as_bytes())),
    };
    let problems = match wanted {
        Some(_) => vec![],
        None => page.problems.iter().map(|problem| format!("line {}: {}", problem.line, problem.what)).collect(),
    };
    let imported = imported.iter().map(ImportedJson::from).collect();
    let day = DayJson { day, imported, before, entries, unread, problems };
    let line = serde_json::to_string(&day).context("cannot write a day as JSON")?;
    Ok(Some(format!("{}{line}\n", if follows { "," } else { "" })))
}

/// A day's page, or the wanted entries below its title; `None` when it has none.
fn markdown(day: NaiveDate, text: &str, wanted: Option<&BTreeSet<CommitId>>, follows: bool) -> Option<String> {
    let text = match wanted {
        None => text.to_owned(),
        Some(wanted) => {
            let spans = marker::spans(text.as_bytes());
            let spans = spans.iter().filter(|span| span.begin.commit.as_ref().is_some_and(|id| wanted.contains(id)));
            let entries: Vec<&str> = spans.map(|span| text[span.all.clone()].trim_end()).collect();
            if entries.is_empty() {
                return None;
            }
            format!("{}\n\n{}", render_header(day), entries.join("\n\n"))
        }
    };
    let text = text.replace("\r\n", "\n");
    Some(format!("{}{}\n", if follows { "\n" } else { "" }, text.trim_end()))
}
