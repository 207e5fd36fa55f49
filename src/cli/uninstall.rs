//! `commit-story uninstall`: takes commit-story out of a repository.
//!
//! In: flags, or an answer on a terminal. Out: a plan, shown and applied.
//! Never here: the journal. It is the developer's.

use anyhow::Result;
use clap::Args;

use super::failure::Usage;
use super::session::Session;
use crate::setup::{self, Also};
use crate::ui::prompt::{self, Prompt};

/// What goes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story uninstall                    asks
  commit-story uninstall --yes              the hook; the journal and the configuration stay
  commit-story uninstall --config --yes     .commit-story.yaml, too")]
pub struct Options {
    /// Remove .commit-story.yaml, too
    #[arg(long)]
    pub config: bool,
    /// Keep what lies in .git/commit-story: the log, notes that no entry has told, how far conversations were read
    #[arg(long)]
    pub keep_state: bool,
    /// Ask nothing
    #[arg(short, long)]
    pub yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, or a file cannot be changed.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let detected = setup::detect(&session.places(&workspace.repository)?)?;
    let asks = !options.yes && !options.dry_run;
    if asks && !prompt::can_ask() {
        return Err(Usage {
            message: "cannot ask questions: this is not a terminal".to_owned(),
            hint: "commit-story uninstall --yes; --dry-run shows what it does".to_owned(),
        }
        .into());
    }
    let prompt = asks.then(|| Prompt::new(session.printer.colour_err));
    let mut also = Also { config: options.config, state: !options.keep_state };
    if let Some(prompt) = &prompt
        && !also.config
        && detected.repository_config.bytes.is_some()
    {
        also.config = prompt.yes("Remove .commit-story.yaml, too?", false)?;
    }
    let plan = setup::undo(&detected, also);
    for step in &plan.steps {
        session.printer.say(&format!("  {}", step.describe()));
    }
    for note in &plan.notes {
        session.printer.say(&format!("  note: {note}"));
    }
    if options.dry_run {
        return plan.refusal.map_or(Ok(()), |refusal| Err(refusal.into()));
    }
    if let Some(prompt) = &prompt
        && !plan.steps.is_empty()
        && !prompt.yes("Do this?", true)?
    {
        session.printer.say("nothing was changed");
        return Ok(());
    }
    setup::apply(&plan)?;
    let journal = workspace.recorder(session).journal_folder();
    if plan.steps.is_empty() {
        session.printer.say("there was nothing of commit-story here");
    } else {
        session.printer.say("commits are no longer recorded");
    }
    if journal.is_dir() {
        session.printer.say(&format!("the journal stays: {}", journal.display()));
    }
    Ok(())
}
