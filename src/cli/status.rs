//! `commit-story status`: how things stand, on one screen.
//!
//! In: a repository. Out: what is recorded, what waits and why, what today has cost.
//! Never here: the look itself (that is `status`), or cures (those are `doctor`'s).

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, Utc};
use clap::Args;
use serde::Serialize;

use super::session::Session;
use crate::markdown::parts::counted;
use crate::safe::printable;
use crate::setup;
use crate::status::{Budget, Status, Waiting};
use crate::ui::style::{Part, paint};

/// So many commits that wait are named.
const NAMED: usize = 5;

/// How it is shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story status
  commit-story status --json

commit-story doctor says what is wrong, and how to mend it.")]
pub struct Options {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The JSON of `status --json`.
#[derive(Debug, Serialize)]
struct StatusJson<'a> {
    schema: u32,
    #[serde(flatten)]
    status: &'a Status,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, or the journal or the state directory cannot be read.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    session.catch_up(&workspace);
    // A bare repository has no hook; all else about it can be told.
    let detected = session.places(&workspace.repository).and_then(|places| setup::detect(&places)).ok();
    let status = Status::of(&workspace.recorder(session), detected.as_ref())?;
    let text = if options.json {
        let json = StatusJson { schema: 1, status: &status };
        serde_json::to_string_pretty(&json).context("cannot write JSON")?
    } else {
        text(&status, session.env.now, session.printer.colour_out)
    };
    session.printer.result(&text)?;
    Ok(())
}

fn text(status: &Status, now: DateTime<FixedOffset>, colour: bool) -> String {
    let mut lines = Vec::new();
    let mut line = |about: &str, says: String| {
        lines.push(format!("{} {}", paint(Part::Strong, format!("{about:<10}"), colour), printable(&says)));
    };
    let hook = if status.hook { "installed" } else { "not installed: commit-story init" };
    line("hook", hook.to_owned());
    line("journal", status.journal.clone());
    line(
        "newest",
        status.newest.as_ref().map_or("no entry yet".to_owned(), |newest| {
            format!("{} {} · {}", newest.at.format("%Y-%m-%d %H:%M"), short(&newest.commit), newest.subject)
        }),
    );
    let missing = status.without_entry.len();
    if missing > 0 {
        line("missing", format!("{} of yours without an entry: commit-story reconcile", counted(missing, "commit")));
    }
    line("entries", waiting(&status.entries, "a second look"));
    for job in named(&status.entries) {
        line("", because(job, now));
    }
    match (&status.model, &status.fault) {
        (None, _) => line("prose", "nobody is asked: no provider is set".to_owned()),
        (Some(model), None) => line("prose", format!("by {model}")),
        (Some(model), Some(fault)) => line("prose", format!("by {model}, who cannot be asked: {fault}")),
    }
    if status.model.is_some() || !status.prose.is_empty() {
        line("", waiting(&status.prose, "prose"));
        for job in named(&status.prose) {
            line("", because(job, now));
        }
    }
    if let Some(pause) = &status.pause {
        let until = pause.until.map_or("the settings change".to_owned(), |until| clock(until, now));
        line("", format!("nobody is asked until {until}: {}", pause.why));
    }
    if !status.expired.is_empty() {
        let says = format!("{} without prose, whose evidence was removed", counted(status.expired.len(), "commit"));
        line("", format!("{says}: commit-story narrate REV gathers it again"));
    }
    if let Some(budget) = &status.budget {
        line("today", spent(budget));
    }
    lines.join("\n")
}

/// Those of the commits that say why they wait.
fn named(jobs: &[Waiting]) -> impl Iterator<Item = &Waiting> {
    jobs.iter().filter(|job| job.why.is_some()).take(NAMED)
}

fn waiting(jobs: &[Waiting], what: &str) -> String {
    let given_up = jobs.iter().filter(|job| job.given_up).count();
    let waits = match jobs.len() - given_up {
        0 => format!("no entry waits for {what}"),
        1 => format!("1 entry waits for {what}"),
        n => format!("{n} entries wait for {what}"),
    };
    if given_up == 0 { waits } else { format!("{waits}, {given_up} given up") }
}

fn because(job: &Waiting, now: DateTime<FixedOffset>) -> String {
    let tries = match job.tries {
        1 => "tried once".to_owned(),
        n => format!("tried {n} times"),
    };
    let next = match job.next {
        Some(next) if next <= now => "next with the next commit".to_owned(),
        Some(next) => format!("next at {}", clock(next, now)),
        None if job.given_up => "given up".to_owned(),
        None => "waits for other settings".to_owned(),
    };
    format!("{}: {}; {tries}, {next}", short(&job.commit), job.why.as_deref().unwrap_or_default())
}

/// An instant that is not far away, by the clock here.
fn clock(at: DateTime<Utc>, now: DateTime<FixedOffset>) -> String {
    let at = at.with_timezone(now.offset());
    at.format(if at.date_naive() == now.date_naive() { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

fn spent(budget: &Budget) -> String {
    let of = |most: u32| if most == 0 { String::new() } else { format!(" of {most}") };
    format!("{}{} tokens, {}{} cents", budget.tokens, of(budget.most_tokens), budget.cents, of(budget.most_cents))
}

fn short(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}
