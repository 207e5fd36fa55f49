//! `commit-story import`: brings in the journal of an earlier program.
//!
//! In: its folder or one of its files. Out: its texts in this journal, and what could not be placed.
//! Never here: how such a journal is read (that is `import`).

use std::path::PathBuf;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use super::failure::Advice;
use super::session::Session;
use crate::fs;
use crate::import::{self, Importer, LeftOut, Report};
use crate::record::Recorder;
use crate::safe::printable;

/// How many places are listed on a terminal.
const LISTED: usize = 20;

/// What is imported.
#[derive(Debug, Args)]
#[command(after_help = "\
Texts of a commit join its entry, in a section of their own; the others stand on the page of \
their day. Nothing that is in the journal is replaced, and importing again changes nothing. \
Secrets are taken out, as everywhere.

Examples:
  commit-story import old-journal --dry-run
  commit-story import old-journal
  commit-story import old-journal/entries/2025-10/2025-10-30.md --json")]
pub struct Options {
    /// The earlier journal: its folder, a part of it, or a file
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Say what would be imported, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The JSON of `import --json`.
#[derive(Debug, Serialize)]
struct ReportJson<'a> {
    schema: u32,
    dry_run: bool,
    files: usize,
    in_entries: usize,
    on_days: usize,
    already_there: usize,
    entries_written: usize,
    left_out: Vec<LeftOutJson<'a>>,
}

#[derive(Debug, Serialize)]
struct LeftOutJson<'a> {
    /// `FILE` or `FILE:LINE`, below the imported folder.
    place: &'a str,
    why: &'a str,
    /// The day on whose page it is kept instead; `null` when it was not imported.
    kept_on: Option<NaiveDate>,
}

/// Runs the command.
///
/// # Errors
/// There is no such folder, nothing in it is a journal, it is this journal itself, or the journal cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let config = import::without_conversations(&workspace.loaded.config);
    let recorder = Recorder { config: &config, ..workspace.recorder(session) };
    let found = import::find(&session.env.cwd.join(&options.path))?;
    let own = recorder.journal_folder().map(|folder| fs::canonical(&folder));
    if own.is_some_and(|own| found.files.iter().any(|file| fs::canonical(&file.path).starts_with(&own))) {
        return Err(Advice {
            message: format!("cannot import {}: this journal lives there itself", options.path.display()),
            hint: "move the earlier journal to a folder of its own, and import that".to_owned(),
        }
        .into());
    }
    let report = Importer { recorder, dry_run: options.dry_run }.import(&found)?;
    if options.json {
        let text = serde_json::to_string_pretty(&json(&report, options.dry_run));
        session.printer.result(&text.context("cannot write the report as JSON")?)?;
    } else {
        session.printer.result(&text(&report, options.dry_run))?;
    }
    if report.files == 0 {
        return Err(Advice {
            message: format!("nothing in {} is a journal of a known program", options.path.display()),
            hint: "docs/import.md lists the folders and files that are known".to_owned(),
        }
        .into());
    }
    Ok(())
}

fn json(report: &Report, dry_run: bool) -> ReportJson<'_> {
    ReportJson {
        schema: 1,
        dry_run,
        files: report.files,
        in_entries: report.in_entries,
        on_days: report.on_days,
        already_there: report.there,
        entries_written: report.entries_written,
        left_out: report.left_out.iter().map(left_out_json).collect(),
    }
}

fn left_out_json(LeftOut { place, why, kept_on }: &LeftOut) -> LeftOutJson<'_> {
    LeftOutJson { place, why, kept_on: *kept_on }
}

fn text(report: &Report, dry_run: bool) -> String {
    let counted = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let (import, write) = if dry_run { ("would import", "would write") } else { ("imported", "wrote") };
    let texts = counted(report.in_entries + report.on_days, "text", "texts");
    let mut lines = vec![format!("{import} {texts} from {}", counted(report.files, "file", "files"))];
    let counts = [
        (report.in_entries, "in the entries of their commits"),
        (report.on_days, "on the pages of their days"),
        (report.there, "stood there already"),
    ];
    lines.extend(counts.iter().filter(|(number, _)| *number > 0).map(|(number, words)| format!("  {number} {words}")));
    if report.entries_written > 0 {
        let entries = counted(report.entries_written, "entry", "entries");
        lines.push(format!("{write} {entries} from git first, for commits that had none"));
    }
    if !report.left_out.is_empty() {
        lines.push(format!("{}:", counted(report.left_out.len(), "place needs a look", "places need a look")));
    }
    lines.extend(report.left_out.iter().take(LISTED).map(left_out));
    if report.left_out.len() > LISTED {
        lines.push(format!("  and {} more; --json lists all", report.left_out.len() - LISTED));
    }
    printable(&lines.join("\n"))
}

fn left_out(LeftOut { place, why, kept_on }: &LeftOut) -> String {
    let instead = kept_on.map_or_else(|| "not imported".to_owned(), |day| format!("kept on the page of {day}"));
    format!("  {place}: {why}; {instead}")
}
