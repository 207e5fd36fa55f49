//! `commit-story backfill`: entries for past commits.
//!
//! In: which commits. Out: their entries; on standard output, with `--dry-run` or `--json`, which.
//! Never here: how they are written (that is `backfill`).

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use clap::Args;

use super::failure::{Advice, Told, Usage};
use super::session::Session;
use crate::backfill::run::{Way, Written};
use crate::backfill::{self, Asked, Done, DoneJson, Plan, asked};
use crate::git::Selection;
use crate::ui::progress::Progress;
use crate::worker::CAREFUL;

/// So many commits that could not be read are named.
const NAMED: usize = 5;

/// Which commits, and what to do.
#[derive(Debug, Args)]
#[command(after_help = "\
Commits that have an entry are passed over, so it can be interrupted and run again. \
Conversations are told as far as they are still on this machine.

Examples:
  commit-story backfill --since '30 days ago'  what can still have conversations
  commit-story backfill --since 2026-01-01 --dry-run
  commit-story backfill v1.0..HEAD
  commit-story backfill --all                  yours on all local branches
  commit-story backfill HEAD --everyone        others', too: from git alone")]
pub struct Options {
    /// The commits of a range (FROM..TO), or all that a revision has
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// Only commits since then: YYYY-MM-DD, today, yesterday, '2 weeks ago'; without a range those of HEAD
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// The commits of all local branches
    #[arg(long, conflicts_with = "range")]
    pub all: bool,
    /// Others' commits, too
    #[arg(long)]
    pub everyone: bool,
    /// Say which commits would get an entry, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print what is done as JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs the command.
///
/// # Errors
/// It is not said which commits, they cannot be listed, or a page cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let among = among(options)?;
    let since = options.since.as_deref().map(|text| asked::instant(text, session.env.now)).transpose()?;
    let workspace = session.workspace()?;
    let own = asked::own(&workspace.repository, options.everyone)?;
    if workspace.loaded.careful && !options.dry_run {
        let hint = "commit-story doctor says which, and what is wrong with it".to_owned();
        return Err(Advice { message: CAREFUL.to_owned(), hint }.into());
    }
    let recorder = workspace.recorder(session);
    let plan = backfill::plan(&recorder, &Asked { among, since, own, everyone: options.everyone })?;
    let mut progress = Progress::of(&session.printer, "commits", plan.commits.len());
    let mut tick = |done| {
        progress.done(done);
        ControlFlow::Continue(())
    };
    let done = backfill::run(&recorder, &plan, Way { dry: options.dry_run, progress: &mut tick })?;
    drop(progress);
    if options.json {
        let json =
            serde_json::to_string_pretty(&DoneJson::new(&plan, &done, options.dry_run)).context("cannot write JSON")?;
        session.printer.result(&json)?;
    } else if options.dry_run && !done.entries.is_empty() {
        let line = |entry: &Written| format!("{}  {}  {}", entry.commit.short(), entry.day, entry.subject);
        session.printer.result(&done.entries.iter().map(line).collect::<Vec<_>>().join("\n"))?;
    }
    tell(session, options, &plan, &done)
}

fn among(options: &Options) -> Result<Selection> {
    match &options.range {
        Some(range) => Ok(Selection::Range(range.clone())),
        None if options.all => Ok(Selection::Branches),
        None if options.since.is_some() => Ok(Selection::Range("HEAD".to_owned())),
        None => Err(Usage {
            message: "it is not said which commits shall get entries".to_owned(),
            hint: "name a range (v1.0..HEAD), a date (--since '30 days ago'), or --all; --dry-run shows them first"
                .to_owned(),
        }
        .into()),
    }
}

fn tell(session: &Session, options: &Options, plan: &Plan, done: &Done) -> Result<()> {
    let written = match (done.entries.len(), options.dry_run) {
        (0, _) => "there is nothing to write".to_owned(),
        (n, true) => format!("would write {}", entries(n)),
        (n, false) => {
            let told = done.entries.iter().filter(|entry| entry.told).count();
            format!("wrote {}, {told} with conversation", entries(n))
        }
    };
    let passed = [
        (plan.present, "had one already"),
        (plan.others, "by others (--everyone takes them)"),
        (done.only_journal, "of the journal only"),
    ];
    let passed = passed.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
    let passed: Vec<String> = passed.collect();
    let passed = if passed.is_empty() { String::new() } else { format!("; passed over: {}", passed.join(", ")) };
    session.printer.say(&format!("{written}{passed}"));
    for gap in &done.gaps {
        session.printer.warn(&format!("not read: {gap}"));
    }
    if done.unread.is_empty() {
        return Ok(());
    }
    for (commit, why) in done.unread.iter().take(NAMED) {
        session.printer.warn(&format!("{} has no entry: {why}", commit.short()));
    }
    if done.unread.len() > NAMED {
        session.printer.warn(&format!("so have {} more", done.unread.len() - NAMED));
    }
    Err(Told.into())
}

fn entries(number: usize) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}
