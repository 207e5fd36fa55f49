//! `commit-story doctor`.
//!
//! In: a repository. Out: what was found, with the cure for each fault; exit code 1 when something is wrong.
//! Never here: the examination (that is `doctor`), or a repair, but for entries of commits whose hook never ran.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::failure::Told;
use super::mcp_install;
use super::session::Session;
use crate::doctor::{self, Check, State};
use crate::safe::printable;
use crate::setup;
use crate::ui::style::{Part, paint};

const VERSION: &str = env!("CARGO_PKG_VERSION");

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
    /// The program's.
    version: &'static str,
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
/// Something is wrong.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let mut checks = match session.open() {
        Ok(workspace) => {
            session.catch_up(&workspace);
            // A bare repository has no work tree to look at; all else about it can be examined.
            let detected = session.places(&workspace.repository).and_then(|places| setup::detect(&places));
            let mut checks = doctor::examine(&workspace.recorder(session), &workspace.loaded, &detected);
            checks.extend(doctor::installation(&session.env, detected.as_ref().ok()));
            checks
        }
        Err(error) => {
            let mut checks = doctor::examine_outside(&session.load(None), &error);
            checks.extend(doctor::installation(&session.env, None));
            checks
        }
    };
    checks.extend(doctor::clients(&session.env, mcp_install::Here::of(session).project()));
    if options.json {
        session.printer.result(&json(&checks)?)?;
    } else {
        let mut lines: Vec<String> = checks.iter().map(|check| line(check, session.printer.colour_out)).collect();
        let version = format!("commit-story {VERSION}; bugs: {}/issues", env!("CARGO_PKG_REPOSITORY"));
        lines.push(paint(Part::Quiet, version, session.printer.colour_out));
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
    let found = format!("{} {:<14} {}", paint(part, sign, colour), check.about, printable(&check.says));
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
    Ok(serde_json::to_string_pretty(&Findings { schema: 1, version: VERSION, checks: checks.collect() })?)
}
