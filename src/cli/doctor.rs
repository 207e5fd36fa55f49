//! `commit-story doctor`.
//!
//! In: a repository. Out: what was found, with the cure for each fault; exit code 1 when something is wrong.
//! Never here: the examination (that is `doctor`), or a repair.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::failure::Told;
use super::session::Session;
use crate::doctor::{self, Check, State};
use crate::setup;
use crate::ui::style::{Part, paint};

/// How the findings are shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story doctor
  commit-story doctor --json

Exit code 0: all is well, or only worth knowing; 1: something is wrong.")]
pub struct Options {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The JSON of `doctor --json`.
#[derive(Debug, Serialize)]
struct Findings<'a> {
    schema: u32,
    checks: Vec<Finding<'a>>,
}

#[derive(Debug, Serialize)]
struct Finding<'a> {
    about: &'a str,
    /// `good`, `warning` or `bad`.
    state: &'static str,
    says: &'a str,
    cure: Option<&'a str>,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, or something is wrong in it.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.open()?;
    let detected = setup::detect(&session.places(&workspace.repository)?)?;
    let checks = doctor::examine(&workspace.recorder(session), &workspace.loaded, &detected);
    if options.json {
        session.printer.result(&json(&checks)?)?;
    } else {
        let lines: Vec<String> = checks.iter().map(|check| line(check, session.printer.colour_out)).collect();
        session.printer.result(&lines.join("\n"))?;
    }
    if checks.iter().any(|check| check.state == State::Bad) { Err(Told.into()) } else { Ok(()) }
}

fn word(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::Warning => "warning",
        State::Bad => "bad",
    }
}

fn line(check: &Check, colour: bool) -> String {
    let (part, sign) = match check.state {
        State::Good => (Part::Good, "✓"),
        State::Warning => (Part::Warning, "!"),
        State::Bad => (Part::Bad, "✗"),
    };
    let found = format!("{} {:<14} {}", paint(part, sign, colour), check.about, check.says);
    match &check.cure {
        Some(cure) => format!("{found}\n  {:<14} {} {cure}", "", paint(Part::Strong, "→", colour)),
        None => found,
    }
}

fn json(checks: &[Check]) -> Result<String> {
    let checks = checks.iter().map(|check| Finding {
        about: check.about,
        state: word(check.state),
        says: &check.says,
        cure: check.cure.as_deref(),
    });
    Ok(serde_json::to_string_pretty(&Findings { schema: 1, checks: checks.collect() })?)
}
