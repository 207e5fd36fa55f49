//! `commit-story report`: the journal as a page for the browser.
//!
//! In: which days, and where to. Out: one HTML file that its owner alone may read, and its path; or the numbers as JSON.
//! Never here: what stands on the page (that is `report`), or a browser that nobody asked for.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::failure::{Advice, Usage};
use super::session::{Session, Workspace};
use crate::journal::Days;
use crate::report::{self, Figures, Report};
use crate::store::Store;
use crate::{fs, process};

/// The version of the JSON's shape.
const SCHEMA: u32 = 1;

/// What the page is of, and where it goes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story report --open               the last 90 days, in the browser
  commit-story report 2026-Q1
  commit-story report 'last month' --output month.html
  commit-story report ..                   the whole journal
  commit-story report 30d --json           the numbers alone

The page is one file that needs no network and sends nothing. It holds the journal's words: keep it \
as private as the journal.")]
pub struct Options {
    /// The days: 2026-01-06, 2026-W02, 2026-01, 2026-Q1, 2026, 'last week', 30d, or two of them with .. between; the last
    /// 90 days if there is none
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// Show the page in the browser
    #[arg(long)]
    pub open: bool,
    /// Write to this file, or to standard output (-), instead of git's directory
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print the numbers behind the charts as JSON, and make no page
    #[arg(long, conflicts_with_all = ["open", "output"])]
    pub json: bool,
}

/// The JSON of `report --json`.
#[derive(Debug, Serialize)]
struct FiguresJson<'a> {
    schema: u32,
    #[serde(flatten)]
    figures: &'a Figures,
}

/// Runs the command.
///
/// # Errors
/// The range is none, it has no entries, a page cannot be read, or the file cannot be written or opened.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let to_stdout = options.output.as_deref() == Some(Path::new("-"));
    if to_stdout && options.open {
        let message = "standard output cannot be opened in a browser".to_owned();
        return Err(Usage { message, hint: "leave out --open, or --output -".to_owned() }.into());
    }
    let workspace = session.workspace()?;
    session.catch_up(&workspace);
    let report = gathered(session, &workspace, options.range.as_deref())?;
    if options.json {
        let json = FiguresJson { schema: SCHEMA, figures: &report.figures };
        return Ok(session.printer.result(&serde_json::to_string_pretty(&json).context("cannot write JSON")?)?);
    }
    let page = report::page(&report);
    if to_stdout {
        return Ok(session.printer.result(&page)?);
    }
    let path = match &options.output {
        Some(file) => session.env.cwd.join(file),
        None => place(&workspace)?,
    };
    fs::replace_with_mode(&path, page.as_bytes(), 0o600)?;
    session.printer.result(&path.display().to_string())?;
    session.printer.say(&told(&report));
    if options.open {
        process::open(&path).map_err(|error| {
            let hint = "open the file in a browser yourself".to_owned();
            error.context(Advice { message: "cannot show the report".to_owned(), hint })
        })?;
    }
    Ok(())
}

/// Beside the repository's other state: nobody commits it by mistake, and browsers that may not read hidden directories of
/// the home or the system's temporary one can read it there.
fn place(workspace: &Workspace) -> Result<PathBuf> {
    let dir = workspace.repository.state_dir();
    fs::create_private_dir(&dir)?;
    Ok(dir.join("report.html"))
}

fn gathered(session: &Session, workspace: &Workspace, range: Option<&str>) -> Result<Report> {
    let store = workspace.recorder(session).store();
    let today = session.env.now.date_naive();
    let days = match range {
        Some(text) => Days::parse(text, today).ok_or_else(|| Usage {
            message: format!("`{text}` names no days"),
            hint: "write 2026-01-06, 2026-W02, 2026-01, 2026-Q1, 2026, 'last week', 30d, or A..B".to_owned(),
        })?,
        None => report::usual_days(&store, today)?,
    };
    match report::gather(&store, &name(workspace), days, session.env.now)? {
        Some(report) => Ok(report),
        None => Err(nothing(&store)?.into()),
    }
}

fn nothing(store: &Store) -> Result<Advice> {
    let days = store.days()?;
    Ok(match (days.first(), days.last()) {
        (Some(first), Some(last)) => Advice {
            message: "the journal has no entries of these days".to_owned(),
            hint: format!("it has entries from {first} to {last}: commit-story report .."),
        },
        _ => Advice::empty_journal(),
    })
}

/// The repository's name: that of its main work tree.
fn name(workspace: &Workspace) -> String {
    let repository = &workspace.repository;
    let top = repository.main_worktree().unwrap_or_else(|| repository.common_dir().to_owned());
    top.file_name().unwrap_or(top.as_os_str()).to_string_lossy().into_owned()
}

fn told(report: &Report) -> String {
    let figures = &report.figures;
    let entries = if figures.entries == 1 { "entry" } else { "entries" };
    format!(
        "{} {entries}, {} to {}; the file holds the journal's words: keep it as private as the journal",
        figures.entries, figures.first, figures.last
    )
}
