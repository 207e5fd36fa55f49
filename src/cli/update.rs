//! `commit-story update`: another version of this program, or the one before.
//!
//! In: flags. Out: what was done, found or refused, as text or JSON; exit codes of its own, by which scripts tell them apart.
//! Never here: a question, or an update that was not asked for.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use clap::Args;
use semver::Version;
use serde::Serialize;

use super::failure::{self, Code, NEWER};
use super::session::Session;
use crate::safe::printable;
use crate::ui::progress::Progress;
use crate::update::install::{Extent, Outcome, Report, Wish, update};
use crate::update::listed::{Listed, list};
use crate::update::place::Place;
use crate::update::policy::Wanted;
use crate::update::receipt::Receipt;
use crate::update::rollback::{planned, rollback};
use crate::update::{names, source};

/// What is wanted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story update             the newest version
  commit-story update --check     whether there is one
  commit-story update --rollback  back to the version before, offline
  commit-story update --to 0.2.0  this version
  commit-story update --list      all of them

Only what install.sh or install.ps1 has installed is replaced. For Homebrew, cargo, pip and others the command that \
updates theirs is printed, and nothing is asked of any server.

Exit codes: 0 done, or nothing to do; 10 there is a newer version (--check); 20 refused by a rule; 30 the server was not \
reached; 40 what came was not what was released; 50 not permitted; 60 another update is running. docs/update.md has more.")]
pub struct Options {
    /// Look whether there is a newer version, and change nothing
    #[arg(long, conflicts_with_all = ["rollback", "list", "dry_run"])]
    pub check: bool,
    /// This version; with --rollback one that was kept
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub to: Option<Version>,
    /// Also a version that is to be tried before it is meant for everybody
    #[arg(long, conflicts_with_all = ["to", "rollback", "list"])]
    pub pre: bool,
    /// Also a version that is older than the one that runs, or than one that was seen
    #[arg(long, conflicts_with_all = ["rollback", "list"])]
    pub allow_downgrade: bool,
    /// Go back to the version before; it was kept, so no network is needed
    #[arg(long, conflicts_with = "list")]
    pub rollback: bool,
    /// List all versions
    #[arg(long, conflicts_with_all = ["to", "dry_run"])]
    pub list: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON, also of a failure
    #[arg(long)]
    pub json: bool,
}

fn version(text: &str) -> Result<Version, String> {
    text.strip_prefix('v').unwrap_or(text).parse().map_err(|_| "expected a version such as 0.2.0".to_owned())
}

/// Runs the command.
///
/// # Errors
/// There is a newer version, and `--check` was given; or why it was not installed.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let place = Place::of(&session.env.executable);
    let answer = source::ours(&session.env, &place).and_then(|receipt| answer(session, options, &place, &receipt));
    let answer = match answer {
        Err(error) if options.json => {
            session.printer.result(&json(&Answer::failed(&error))?)?;
            return Err(Code(failure::code(&error)).into());
        }
        answer => answer?,
    };
    if options.json {
        session.printer.result(&json(&answer)?)?;
    } else {
        for warning in &answer.warnings {
            session.printer.warn(warning);
        }
        session.printer.result(&text(&answer))?;
    }
    if options.check && answer.outcome == "newer" { Err(Code(NEWER).into()) } else { Ok(()) }
}

/// What is done, found or refused; the JSON of `update --json`.
#[derive(Debug, Default, Serialize)]
struct Answer {
    schema: u32,
    /// `current`, `newer`, `skipped`, `updated`, `returned`, `would-update`, `would-return`, `listed`; or of a failure
    /// `refused`, `unreachable`, `unverified`, `unpermitted`, `busy`, `failed`.
    outcome: &'static str,
    /// The version that was there before.
    running: String,
    /// The version that it is about.
    version: Option<String>,
    published: Option<DateTime<Utc>>,
    /// The archive's name and size in bytes.
    archive: Option<Archive>,
    /// All versions, the newest first, with `--list`.
    versions: Vec<Listed>,
    warnings: Vec<String>,
    error: Option<String>,
    hint: Option<String>,
}

#[derive(Debug, Serialize)]
struct Archive {
    name: String,
    size: u64,
}

impl Answer {
    fn of(report: Report, dry_run: bool) -> Self {
        let outcome = match report.outcome {
            Outcome::Current => "current",
            Outcome::Newer if dry_run => "would-update",
            Outcome::Newer => "newer",
            Outcome::Skipped => "skipped",
            Outcome::Updated => "updated",
            Outcome::Returned if dry_run => "would-return",
            Outcome::Returned => "returned",
        };
        Self {
            schema: 1,
            outcome,
            running: report.from.to_string(),
            version: Some(report.version.to_string()),
            published: report.published,
            archive: report.archive.map(|(name, size)| Archive { name, size }),
            warnings: report.warnings,
            ..Self::default()
        }
    }

    fn failed(error: &anyhow::Error) -> Self {
        let outcome = match failure::code(error) {
            20 => "refused",
            30 => "unreachable",
            40 => "unverified",
            50 => "unpermitted",
            60 => "busy",
            _ => "failed",
        };
        Self {
            schema: 1,
            outcome,
            running: names::VERSION.to_owned(),
            error: Some(format!("{error:#}")),
            hint: failure::hint(error),
            ..Self::default()
        }
    }
}

fn answer(session: &Session, options: &Options, place: &Place, receipt: &Receipt) -> Result<Answer> {
    let env = &session.env;
    if options.list {
        let versions = list(env, place, receipt)?;
        let running = names::VERSION.to_owned();
        return Ok(Answer { schema: 1, outcome: "listed", running, versions, ..Answer::default() });
    }
    if options.rollback {
        let named = options.to.as_ref();
        let report = if options.dry_run { planned(place, named) } else { rollback(place, receipt, named) };
        return report.map(|report| Answer::of(report, options.dry_run));
    }
    let wanted = match &options.to {
        Some(version) => Wanted::Exactly(version.clone()),
        None if options.pre => Wanted::Pre,
        None => Wanted::Newest,
    };
    let extent = match (options.check, options.dry_run) {
        (true, _) => Extent::Check,
        (_, true) => Extent::Plan,
        _ => Extent::Install,
    };
    let wish = Wish { wanted, allow_downgrade: options.allow_downgrade, extent };
    let mut progress = None;
    // In a file or a pipe a bar would only be noise, and the download is a matter of seconds.
    let shown = std::io::stderr().is_terminal() && !options.json;
    let mut tell = |had: u64, of: u64| {
        let kib = |bytes: u64| usize::try_from(bytes >> 10).unwrap_or(usize::MAX);
        if shown {
            progress.get_or_insert_with(|| Progress::of(&session.printer, "KiB", kib(of))).done(kib(had));
        }
    };
    let report = update(env, place, receipt, &wish, &mut tell);
    drop(progress);
    report.map(|report| Answer::of(report, options.dry_run))
}

fn json(answer: &Answer) -> Result<String> {
    serde_json::to_string_pretty(answer).context("cannot write JSON")
}

fn text(answer: &Answer) -> String {
    let (from, version) = (&answer.running, answer.version.as_deref().unwrap_or_default());
    let size = answer.archive.as_ref().map_or(0, |archive| archive.size.div_ceil(1 << 20));
    let says = match answer.outcome {
        "current" if version == from => format!("commit-story {version} is the newest version"),
        "current" => format!("commit-story {from} runs, which is newer than {version}"),
        "newer" => format!("commit-story {version} is there, and {from} runs: commit-story update"),
        "skipped" => format!(
            "commit-story {version} is there, but you went back from it: commit-story update --to {version} installs it \
             all the same"
        ),
        "updated" => format!("commit-story {version} is installed; back to {from}: commit-story update --rollback"),
        "would-update" => format!("would download {size} MiB, and put {version} into the place of {from}"),
        "would-return" => format!("would put {version} back into the place of {from}"),
        "returned" => format!(
            "commit-story {version} is back; {from} is not offered again, unless you say commit-story update --to {from}"
        ),
        _ => return answer.versions.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    printable(&says)
}

fn line(listed: &Listed) -> String {
    let mut notes: Vec<String> = Vec::new();
    let mut note = |holds: bool, text: &str| {
        if holds {
            notes.push(text.to_owned());
        }
    };
    note(listed.runs, "runs");
    note(listed.kept, "kept: --rollback --to returns to it");
    note(listed.pre, "pre-release");
    note(listed.skipped, "you went back from it");
    notes.extend(listed.withdrawn.as_ref().map(|reason| format!("withdrawn: {reason}")));
    printable(format!("{:<12} {}", listed.version, notes.join("; ")).trim_end())
}
