//! `commit-story record`: writes, or only prints, the entry of any commit.
//!
//! In: a revision. Out: the entry on its page, or on standard output.
//! Never here: the pipeline (that is `record`).

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::explain::{self, ExplanationJson};
use super::session::Session;
use crate::evidence::json::EvidenceJson;
use crate::journal::EntryJson;
use crate::markdown;
use crate::record::{Recorded, Story};
use crate::store::Outcome;
use crate::ui::page;
use crate::worker;

/// Which commit, and what to do with its entry.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story record                    write the newest commit's entry (again)
  commit-story record HEAD~3 --print     what would be written
  commit-story record --print --json     with everything it was made from
  commit-story record --print --explain  why conversations were taken or left")]
pub struct Options {
    /// The commit
    #[arg(value_name = "REV", default_value = "HEAD")]
    pub revision: String,
    /// Print the entry, and write nothing
    #[arg(long)]
    pub print: bool,
    /// With --print: as JSON, together with the evidence
    #[arg(long, requires = "print")]
    pub json: bool,
    /// With --print: as Markdown, as it would stand on the page
    #[arg(long, requires = "print", conflicts_with = "json")]
    pub raw: bool,
    /// With --print: instead of the entry, why each conversation was taken or left; with --json as well: both
    #[arg(long, requires = "print", conflicts_with = "raw")]
    pub explain: bool,
}

/// The JSON of `record --print --json`.
#[derive(Debug, Serialize)]
struct Printed<'a> {
    schema: u32,
    entry: EntryJson<'a>,
    evidence: EvidenceJson,
    #[serde(flatten)]
    explanation: Option<ExplanationJson>,
}

/// Runs the command.
///
/// # Errors
/// There is no such commit, or its entry cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let recorder = workspace.recorder(session);
    let id = workspace.repository.resolve(&options.revision)?;
    if options.print {
        if let Some(story) = recorder.tell(&id, None)? {
            return print(session, options, &story);
        }
        session.printer.say(&format!("{} changes only the journal: it has no entry", id.short()));
        return Ok(());
    }
    match worker::record_at_once(&recorder, &id)? {
        Recorded::OnlyJournal => {
            session.printer.say(&format!("{} changes only the journal: it gets no entry", id.short()));
        }
        Recorded::Replaced => {
            session
                .printer
                .say(&format!("another commit has taken the place of {}: its entry tells the story", id.short()));
        }
        Recorded::Entry { page, outcome, .. } => {
            let done = match outcome {
                Outcome::Written => "wrote",
                Outcome::Replaced => "wrote again",
                Outcome::Unchanged => "nothing new in",
            };
            session.printer.say(&format!("{done} the entry of {} in {}", id.short(), page.display()));
        }
    }
    Ok(())
}

fn print(session: &Session, options: &Options, story: &Story) -> Result<()> {
    let entry = story.entry.clone().normalised();
    let text = if options.json {
        let evidence = EvidenceJson::from(&story.evidence);
        let explanation = options.explain.then(|| explain::json(session, story));
        let printed = Printed { schema: 1, entry: EntryJson::from(&entry), evidence, explanation };
        serde_json::to_string_pretty(&printed).context("cannot write the entry as JSON")?
    } else if options.explain {
        explain::text(session, story)
    } else if options.raw {
        markdown::render_entry(&entry)
    } else {
        page::render(&markdown::render_entry(&entry), session.printer.colour_out)
    };
    session.printer.result(&text)?;
    Ok(())
}
