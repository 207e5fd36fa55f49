//! `commit-story show`: prints entries.
//!
//! In: a day, a commit, or nothing. Out: its entries, for the terminal, as they stand on the page, or as JSON.
//! Never here: a change to the journal, but for entries of commits whose hook never ran.

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use super::failure::Advice;
use super::session::{Session, Workspace};
use crate::env::Deadline;
use crate::journal::{Entry, EntryJson, Imported, ImportedJson};
use crate::markdown;
use crate::store::{Store, joined, prose};
use crate::ui::page;

/// What to show, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story show                 the newest day
  commit-story show yesterday
  commit-story show 2026-01-06
  commit-story show HEAD~2          the entry of a commit
  commit-story show v1.2 --json
  commit-story show --evidence      without what a model wrote")]
pub struct Options {
    /// A day (YYYY-MM-DD, today, yesterday) or a commit; the newest day if there is none
    #[arg(value_name = "DAY|REV")]
    pub what: Option<String>,
    /// Print the Markdown as it is
    #[arg(long)]
    pub raw: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "raw")]
    pub json: bool,
    /// Leave out the prose of a model: what stays is what git and the conversations say
    #[arg(long)]
    pub evidence: bool,
}

/// The JSON of `show --json`.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    schema: u32,
    /// Texts of earlier programs that belong to the day; none where a commit was asked for.
    imported: Vec<ImportedJson<'a>>,
    entries: Vec<EntryJson<'a>>,
    /// What could not be understood on the page.
    problems: Vec<String>,
}

/// What was asked for.
enum What {
    Day(NaiveDate),
    Newest,
    Revision(String),
}

/// Runs the command.
///
/// # Errors
/// There is no such day, commit or entry, or the page cannot be read.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    session.catch_up(&workspace);
    let store = workspace.recorder(session).store();
    match what(session, options.what.as_deref()) {
        What::Day(day) => show_day(session, options, &store, day),
        What::Newest => match store.days()?.last() {
            Some(day) => show_day(session, options, &store, *day),
            None => Err(Advice {
                message: "the journal is empty".to_owned(),
                hint: "commit something, or: commit-story record HEAD".to_owned(),
            }
            .into()),
        },
        What::Revision(revision) => show_commit(session, options, &workspace, &store, &revision),
    }
}

fn what(session: &Session, text: Option<&str>) -> What {
    match text.map(|text| (text, session.day(text))) {
        None => What::Newest,
        Some((_, Some(day))) => What::Day(day),
        Some((text, None)) => What::Revision(text.to_owned()),
    }
}

fn show_day(session: &Session, options: &Options, store: &Store, day: NaiveDate) -> Result<()> {
    let text = store.raw(day)?.map(|text| if options.evidence { prose::evidence_only(&text) } else { text });
    let Some(text) = text else {
        let newest = store.days()?.last().map(|day| format!("the newest day is {day}"));
        let hint = newest.unwrap_or_else(|| "the journal is empty".to_owned());
        return Err(Advice { message: format!("there is no entry of {day}"), hint }.into());
    };
    if options.json {
        let page = markdown::parse_page(&text);
        let problems = page.problems.iter().map(|problem| format!("line {}: {}", problem.line, problem.what)).collect();
        return print_json(session, &joined::of_the_day(text.as_bytes()), &page.entries, problems);
    }
    print_text(session, options, &text)
}

fn show_commit(
    session: &Session,
    options: &Options,
    workspace: &Workspace,
    store: &Store,
    revision: &str,
) -> Result<()> {
    let id = workspace.repository.resolve(revision)?;
    let day = workspace.repository.commit(&id, Deadline::NONE)?.author.when.date_naive();
    let found = match store.find(Some(day), id.as_str())? {
        Some(found) => Some(found),
        None => store.find(None, id.as_str())?,
    };
    let Some(found) = found else {
        let message = format!("there is no entry of {}", id.short());
        return Err(Advice { message, hint: format!("write it: commit-story record {revision}") }.into());
    };
    let mut entry = found.entry.with_context(|| format!("cannot understand the entry in {}", found.path.display()))?;
    entry.narration.take_if(|_| options.evidence);
    if options.json {
        let problems = found.problems.iter().map(|problem| problem.what.clone()).collect();
        return print_json(session, &[], &[entry], problems);
    }
    print_text(session, options, &markdown::render_entry(&entry))
}

fn print_json(session: &Session, imported: &[Imported], entries: &[Entry], problems: Vec<String>) -> Result<()> {
    let imported = imported.iter().map(ImportedJson::from).collect();
    let shown = Shown { schema: 1, imported, entries: entries.iter().map(EntryJson::from).collect(), problems };
    let text = serde_json::to_string_pretty(&shown).context("cannot write the entries as JSON")?;
    session.printer.result(&text)?;
    Ok(())
}

fn print_text(session: &Session, options: &Options, text: &str) -> Result<()> {
    let text = if options.raw { text.to_owned() } else { page::render(text, session.printer.colour_out) };
    session.printer.result(&text)?;
    Ok(())
}
