//! `commit-story search`: finds entries by their words.
//!
//! In: a query. Out: the entries that match, a line of each that shows why, for the terminal or as JSON.
//! Never here: the search itself (that is `search`).

use std::ops::{ControlFlow, Range};

use anyhow::{Context, Result};
use chrono::DateTime;
use clap::Args;

use super::failure::{Told, Usage};
use super::paging::Paging;
use super::session::Session;
use crate::journal::Speaker;
use crate::markdown;
use crate::markdown::parts::counted;
use crate::safe::printable;
use crate::search::json::FoundJson;
use crate::search::{self, Field, Found, Hit, Query, Snippet};
use crate::ui::progress::Progress;
use crate::ui::style::{Part, paint};

/// What is looked for, and how it is shown.
#[derive(Debug, Args)]
#[command(after_help = "\
A query is made of:
  retry budget            words: all must occur, in any order
  '\"retry budget\"'        a phrase
  retr*                   words that begin so
  'retry -flaky'          without a word; retry OR backoff: one of two
  author:ada file:src/retry.rs assistant:claude since:2026-01 until:\"last week\"
  in:conversation         in one part: subject, message, prompts, replies,
                          decisions, notes, prose, roadblocks, changes,
                          details, imported

Identifiers are found whole and by their parts: retry_count by count, fooBar by foobar.

Examples:
  commit-story search retry budget
  commit-story search 'in:decisions timeout -test' -n 3
  commit-story search since:30d file:parser --json

Like grep, it ends with 0 when something was found, and with 1 when nothing was.")]
pub struct Options {
    /// What to look for
    #[arg(value_name = "QUERY", required_unless_present = "rebuild")]
    pub query: Vec<String>,
    /// Show so many entries
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub number: usize,
    /// Leave out so many before them
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Make the index anew first; it is never needed, only asked for
    #[arg(long)]
    pub rebuild: bool,
    /// Whether there is a pager.
    #[command(flatten)]
    pub paging: Paging,
}

/// Runs the command.
///
/// # Errors
/// The query cannot be understood, the journal cannot be read, or nothing was found.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let text = options.query.join(" ");
    let query = Query::parse(&text, session.env.now.date_naive())
        .map_err(|unclear| Usage { message: unclear.message, hint: unclear.hint })?;
    let workspace = session.workspace()?;
    session.catch_up(&workspace);
    let store = workspace.recorder(session).store();
    let state = workspace.repository.state_dir();
    let mut bar: Option<Progress<'_>> = None;
    let mut progress = |done, total| {
        bar.get_or_insert_with(|| Progress::of(&session.printer, "pages read for the search index", total)).done(done);
        ControlFlow::Continue(())
    };
    if options.rebuild {
        search::rebuild(&store, &state, &mut progress)?;
    }
    if options.query.is_empty() {
        session.printer.say("the search index was made anew");
        return Ok(());
    }
    if query.is_empty() {
        let message = format!("`{text}` has no word to look for");
        return Err(Usage { message, hint: "words are made of letters and digits".to_owned() }.into());
    }
    let found = search::search_showing(&store, &state, &query, (options.number, options.skip), &mut progress)?;
    drop(bar);
    if options.json {
        let json = serde_json::to_string_pretty(&FoundJson::from(&found));
        session.printer.result(&json.context("cannot write what was found as JSON")?)?;
    } else {
        let mut out = options.paging.output(session, &workspace);
        for (nth, hit) in found.hits.iter().enumerate() {
            let apart = if nth > 0 { "\n" } else { "" };
            out.piece(&format!("{apart}{}", block(hit, session.printer.colour_out)))?;
        }
        out.finish()?;
        session.printer.say(&advice(&found, options));
    }
    if found.unread > 0 {
        let pages = counted(found.unread, "page");
        session.printer.warn(&format!("{pages} could not be read and searched; commit-story doctor says why"));
    }
    if found.total == 0 { Err(Told.into()) } else { Ok(()) }
}

/// One entry: what it is, and why it was found.
fn block(hit: &Hit, colour: bool) -> String {
    let subject = marked(&hit.subject, &hit.subject_marks, colour);
    let mut block = match &hit.commit {
        Some(commit) => {
            let id = paint(Part::Code, printable(commit.get(..8).unwrap_or(commit)), colour);
            format!("{id}  {}  {subject}\n", moment(&hit.at))
        }
        None if hit.is_summary() => format!("{}  {subject}\n", paint(Part::Code, printable(&hit.at), colour)),
        None => format!("{}  imported on this day\n", paint(Part::Code, hit.day, colour)),
    };
    if let Some(snippet) = &hit.snippet {
        let who = paint(Part::Quiet, format!("{}:", label(snippet, &hit.at)), colour);
        block.extend(["    ", &who, " ", &marked(&snippet.text, &snippet.marks, colour), "\n"]);
    }
    block
}

/// `2026-01-06 16:02`
fn moment(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

/// Who said it and when, or where it stands, in an entry of that instant.
fn label(snippet: &Snippet, entry: &str) -> String {
    let name = match (snippet.field, snippet.speaker) {
        (Field::Notes, Some(_)) => "Reflection",
        (Field::Notes, None) if snippet.at.is_some() => "Context",
        (_, Some(Speaker::Developer)) => "Developer",
        (_, Some(Speaker::Assistant(assistant))) => assistant.name(),
        (field, None) => field.name(),
    };
    let entry = DateTime::parse_from_rfc3339(entry).ok();
    let said = snippet.at.map(|at| format!(", {}", markdown::when(at, entry.unwrap_or(at)))).unwrap_or_default();
    format!("{}{said}", capitalised(name))
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A text whose marks are bold, or between `**` where there are no colours.
fn marked(text: &str, marks: &[Range<usize>], colour: bool) -> String {
    let mut shown = String::new();
    let mut at = 0;
    for mark in marks {
        shown.push_str(&printable(&text[at..mark.start]));
        let hit = printable(&text[mark.clone()]);
        if colour {
            shown.push_str(&paint(Part::Warning, hit, true));
        } else {
            shown.extend(["**", &hit, "**"]);
        }
        at = mark.end;
    }
    shown + &printable(&text[at..])
}

/// What to do next.
fn advice(found: &Found, options: &Options) -> String {
    if found.total == 0 {
        let near = |unknown: &search::Unknown| match &unknown.nearest[..] {
            [] => format!("\nno entry has `{}`", printable(&unknown.word)),
            near => {
                format!("\nno entry has `{}`; some have {}", printable(&unknown.word), printable(&near.join(", ")))
            }
        };
        let hints: String = found.unknown.iter().map(near).collect();
        let why = if hints.is_empty() { ": no entry has all that was asked for" } else { "" };
        return format!("nothing was found{why}{hints}");
    }
    let total = found.total;
    let entries = if total == 1 { "entry" } else { "entries" };
    let seen = options.skip + found.hits.len();
    let Some(first) = found.hits.first() else {
        return format!("{total} {entries}, and none after the first {}", options.skip);
    };
    let day = first.day.to_string();
    let summary = format!("--summary {}", first.at);
    let other = if first.is_summary() { &*summary } else { &*day };
    let read = first.commit.as_ref().map_or(other, |commit| commit.get(..8).unwrap_or(commit));
    let more = if seen < total {
        format!(", {} shown; more with -n {}", found.hits.len(), total.min(seen * 2))
    } else {
        String::new()
    };
    format!("\n{total} {entries}{more}; read one with: commit-story show {}", printable(read))
}
