//! `commit-story backfill`: entries for past commits.
//!
//! In: which commits. Out: their entries; on standard output, with `--dry-run` or `--json`, which.
//! Never here: how they are written (that is `backfill`).

use anyhow::{Context, Result};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use clap::Args;
use serde::Serialize;

use super::failure::{Advice, Told, Usage};
use super::session::{Session, Workspace};
use crate::backfill::run::{Way, Written};
use crate::backfill::{self, Asked, Done, Plan};
use crate::git::{Selection, select};
use crate::ui::progress::Progress;
use crate::worker::CAREFUL;

/// So many commits that could not be read are named.
const NAMED: usize = 5;

/// Which commits, and what to do.
#[derive(Debug, Args)]
#[command(after_help = "\
Commits that have an entry are passed over, so it can be interrupted and run again.
Conversations are told as far as they are still on this machine.

Examples:
  commit-story backfill --since '30 days ago'       what can still have conversations
  commit-story backfill --since 2026-01-01 --dry-run
  commit-story backfill v1.0..HEAD
  commit-story backfill --all                       your commits on all local branches
  commit-story backfill HEAD --everyone             others' commits, too: from git alone")]
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

/// The JSON of what is done.
#[derive(Debug, Serialize)]
struct DoneJson<'a> {
    schema: u32,
    dry_run: bool,
    entries: Vec<WrittenJson<'a>>,
    /// How many commits had an entry.
    present: usize,
    /// How many are others'.
    others: usize,
    /// How many change only the journal.
    only_journal: usize,
    unread: Vec<UnreadJson<'a>>,
    /// Transcripts and places that could not be read.
    gaps: &'a [String],
}

#[derive(Debug, Serialize)]
struct WrittenJson<'a> {
    commit: &'a str,
    day: NaiveDate,
    subject: &'a str,
}

#[derive(Debug, Serialize)]
struct UnreadJson<'a> {
    commit: &'a str,
    reason: &'a str,
}

/// Runs the command.
///
/// # Errors
/// It is not said which commits, they cannot be listed, or a page cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let among = among(options)?;
    let since = options.since.as_deref().map(|text| instant(session, text)).transpose()?;
    let workspace = session.workspace()?;
    let own = own(&workspace, options)?;
    if workspace.loaded.careful && !options.dry_run {
        let hint = "commit-story doctor says which, and what is wrong with it".to_owned();
        return Err(Advice { message: CAREFUL.to_owned(), hint }.into());
    }
    let recorder = workspace.recorder(session);
    let plan = backfill::plan(&recorder, &Asked { among, since, own, everyone: options.everyone })?;
    let mut progress = Progress::of(&session.printer, "commits", plan.commits.len());
    let done =
        backfill::run(&recorder, &plan, Way { dry: options.dry_run, progress: &mut |done| progress.done(done) })?;
    drop(progress);
    if options.json {
        let json = serde_json::to_string_pretty(&json(options, &plan, &done)).context("cannot write JSON")?;
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

/// A day begins at its midnight here.
fn instant(session: &Session, text: &str) -> Result<DateTime<Utc>> {
    let now = session.env.now;
    let day = match text {
        "today" => Some(now.date_naive()),
        "yesterday" => now.date_naive().checked_sub_days(Days::new(1)),
        text => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
    };
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_local_timezone(*now.offset()).single();
    let at = day.and_then(midnight).map(|at| at.to_utc()).or_else(|| select::instant(text, now));
    at.ok_or_else(|| {
        let message = format!("cannot understand the date `{text}`");
        Usage { message, hint: "write YYYY-MM-DD, today, yesterday, or as git does: '2 weeks ago'".to_owned() }.into()
    })
}

/// The address of one's own commits.
fn own(workspace: &Workspace, options: &Options) -> Result<Option<String>> {
    let own = workspace.repository.config_string("user.email").filter(|email| !email.trim().is_empty());
    if own.is_none() && !options.everyone {
        return Err(Advice {
            message: "cannot tell which commits are yours: git has no user.email".to_owned(),
            hint: "set it (git config user.email ADDRESS), or give all commits entries with --everyone".to_owned(),
        }
        .into());
    }
    Ok(own)
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

fn json<'a>(options: &Options, plan: &Plan, done: &'a Done) -> DoneJson<'a> {
    let written = |one: &'a Written| WrittenJson { commit: one.commit.as_str(), day: one.day, subject: &one.subject };
    let unread = done.unread.iter().map(|(commit, reason)| UnreadJson { commit: commit.as_str(), reason });
    DoneJson {
        schema: 1,
        dry_run: options.dry_run,
        entries: done.entries.iter().map(written).collect(),
        present: plan.present,
        others: plan.others,
        only_journal: done.only_journal,
        unread: unread.collect(),
        gaps: &done.gaps,
    }
}
