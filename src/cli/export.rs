//! `commit-story export`: the journal as one document.
//!
//! In: which commits or days, and a format. Out: JSON or Markdown, on standard output or in a file.
//! Never here: the shape of the document (that is `export`), or all of it in memory.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::failure::Usage;
use super::session::Session;
use crate::export::{self, Format, Selection};
use crate::fs;
use crate::markdown::parts::counted;

/// What is exported, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story export --format json > journal.json
  commit-story export --format markdown --since 2026-01-01 --output 2026.md
  commit-story export v1.0..v1.1 --format markdown

Summaries are left out: they stand in the journal's folder summaries, and are made from the entries.")]
pub struct Options {
    /// The entries of these commits, as `git log` takes them: v1.0..main, or main for all that it reaches
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// Days from this one on (YYYY-MM-DD, today, yesterday)
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Days up to this one
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// What to write
    #[arg(long, value_name = "FORMAT")]
    pub format: Written,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The formats by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Written {
    /// One object, a line for each day; docs/export.schema.json describes it
    Json,
    /// The pages, one after the other
    Markdown,
}

/// Runs the command.
///
/// # Errors
/// There is no such range or day, a page cannot be read, or the output cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    session.catch_up(&workspace);
    let day = |text: &Option<String>| text.as_deref().map(|text| day(session, text)).transpose();
    let commits = options.range.as_deref().map(|range| workspace.repository.range(range)).transpose()?;
    let selection = Selection { since: day(&options.since)?, until: day(&options.until)?, commits };
    let format = match options.format {
        Written::Json => Format::Json,
        Written::Markdown => Format::Markdown,
    };
    let store = workspace.recorder(session).store();
    let Some(file) = &options.output else {
        export::export(&store, &selection, format, |piece| Ok(session.printer.piece(piece)?))?;
        return Ok(());
    };
    let path = session.env.cwd.join(file);
    let mut days = 0;
    fs::replace_streaming(&path, |out| {
        days = export::export(&store, &selection, format, |piece| Ok(out.write_all(piece.as_bytes())?))?;
        Ok(())
    })?;
    session.printer.say(&format!("wrote {} to {}", counted(days, "day"), Path::new(file).display()));
    Ok(())
}

fn day(session: &Session, text: &str) -> Result<NaiveDate> {
    session.day(text).ok_or_else(|| {
        let message = format!("`{text}` is not a day");
        Usage { message, hint: "write YYYY-MM-DD, today or yesterday".to_owned() }.into()
    })
}
