//! `commit-story reflect` and `commit-story capture`.
//!
//! In: words, from the command line or standard input. Out: a note that the next entry tells.
//! Never here: a change to the words.

use std::io::Read;

use anyhow::{Context, Result};
use clap::Args;

use super::failure::Usage;
use super::session::Session;
use crate::journal::{Note, NoteKind};
use crate::store::notes::{LONGEST, Notes};

/// What is noted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story reflect 'The retry hides the fault; look at the server, too.'
  commit-story capture < context.md")]
pub struct Options {
    /// The words; standard input when there are none, or `-`
    #[arg(value_name = "TEXT")]
    pub words: Vec<String>,
}

/// Notes a thought of the developer's.
///
/// # Errors
/// There is no repository here, no text, or the note cannot be written.
pub fn reflect(session: &Session, options: &Options) -> Result<()> {
    note(session, options, NoteKind::Reflection, "reflection")
}

/// Notes an assistant's working context.
///
/// # Errors
/// As [`reflect`].
pub fn capture(session: &Session, options: &Options) -> Result<()> {
    note(session, options, NoteKind::Capture, "working context")
}

fn note(session: &Session, options: &Options, kind: NoteKind, what: &str) -> Result<()> {
    let workspace = session.workspace()?;
    let text = text(options)?;
    let note = Note { kind, at: session.env.now, text };
    let top = workspace.repository.top();
    Notes::at(&workspace.repository.state_dir()).add(&note, top)?;
    session.printer.say(&format!("noted your {what}: it will stand in the entry of the next commit"));
    Ok(())
}

fn text(options: &Options) -> Result<String> {
    if !options.words.is_empty() && options.words != ["-"] {
        return Ok(options.words.join(" "));
    }
    if options.words.is_empty() && std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Err(Usage {
            message: "there are no words to note".to_owned(),
            hint: "commit-story reflect 'what you think', or pass them on standard input".to_owned(),
        }
        .into());
    }
    let mut text = String::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX) + 1;
    std::io::stdin().take(most).read_to_string(&mut text).context("cannot read the words from standard input")?;
    Ok(text)
}
