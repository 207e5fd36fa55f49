//! `commit-story reconcile`: the journal follows what happened to the history.
//!
//! In: the options; a map of commits. Out: what was done, a line for each entry.
//! Never here: how it is done (that is `rewrite`), or a change that was not announced with `--dry-run`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::failure::Advice;
use super::session::{Session, Workspace};
use crate::env::Deadline;
use crate::fs;
use crate::git::{CommitId, Rewrite, rewrite};
use crate::rewrite::reconcile::{Difference, compare, settle};
use crate::worker::{Jobs, Share, work};

/// How long another worker is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the journal is brought after the history.
#[derive(Debug, Args)]
#[command(after_help = "\
The hooks do this by themselves after an amend or a rebase. Run it when a program without hooks has changed the history.

Examples:
  commit-story reconcile --dry-run
  commit-story reconcile
  commit-story reconcile --map .git/filter-repo/commit-map")]
pub struct Options {
    /// Move entries by the lines `OLD NEW` of this file, as git filter-repo leaves one
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Say what would be done, and change nothing
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
    moved: Vec<MovedJson<'a>>,
    dropped: Vec<&'a str>,
    returned: Vec<&'a str>,
    missing: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct MovedJson<'a> {
    from: &'a str,
    to: &'a str,
}

/// Runs the command.
///
/// # Errors
/// There is no repository here, the map cannot be read, or a page cannot be written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let state = workspace.repository.state_dir();
    if !options.dry_run {
        // What the hooks have left comes first: events, and entries that were not finished.
        catch_up(session, &state, Jobs::All)?;
    }
    let recorder = workspace.recorder(session);
    let difference = match &options.map {
        Some(file) => mapped(&workspace, &session.env.cwd.join(file))?,
        None => compare(&recorder, None)?,
    };
    if !options.dry_run {
        settle(&recorder, &difference)?;
        if !difference.missing.is_empty() {
            catch_up(session, &state, Jobs::Missed)?;
        }
    }
    if options.json {
        session.printer.result(&serde_json::to_string_pretty(&json(&difference)).context("cannot write JSON")?)?;
        return Ok(());
    }
    tell(session, &difference, options.dry_run)
}

fn catch_up(session: &Session, state: &Path, jobs: Jobs) -> Result<()> {
    let patience = Deadline::after(PATIENCE);
    work(&session.env, state, Share { patience, until: Deadline::NONE, jobs }).map(drop)
}

/// What a map says of the commits that have entries.
fn mapped(workspace: &Workspace, file: &Path) -> Result<Difference> {
    let bytes = fs::read(file, rewrite::LIMIT)?.ok_or_else(|| Advice {
        message: format!("there is no file {}", file.display()),
        hint: "git filter-repo leaves its map in .git/filter-repo/commit-map".to_owned(),
    })?;
    let rewrites = rewrite::rewrites(&String::from_utf8_lossy(&bytes));
    if rewrites.is_empty() {
        return Err(Advice {
            message: format!("{} names no commits", file.display()),
            hint: "each line names an old and a new commit by their full ids, with a blank between them".to_owned(),
        }
        .into());
    }
    let known =
        |rewrite: &Rewrite| rewrite.new.as_ref().is_none_or(|new| workspace.repository.authorship(new).is_some());
    let (moved, dropped) = rewrites.into_iter().filter(known).partition(|rewrite: &Rewrite| rewrite.new.is_some());
    let dropped: Vec<Rewrite> = dropped;
    Ok(Difference { moved, dropped: dropped.into_iter().map(|rewrite| rewrite.old).collect(), ..Difference::default() })
}

fn tell(session: &Session, difference: &Difference, dry: bool) -> Result<()> {
    if difference.is_empty() {
        session.printer.say("journal and history agree");
        return Ok(());
    }
    let mut lines = Vec::new();
    for Rewrite { old, new } in &difference.moved {
        let new = new.as_ref().map_or("nothing", CommitId::short);
        lines.push(format!("{} -> {new}  {}", old.short(), if dry { "would move" } else { "moved" }));
    }
    let rest = [
        (&difference.dropped, "no longer in the history: kept, and marked so"),
        (&difference.returned, "in the history again"),
        (&difference.missing, if dry { "has no entry: would be written" } else { "had no entry: written" }),
    ];
    for (commits, what) in rest {
        lines.extend(commits.iter().map(|commit| format!("{}  {what}", commit.short())));
    }
    session.printer.result(&lines.join("\n"))?;
    Ok(())
}

fn json(difference: &Difference) -> DoneJson<'_> {
    DoneJson {
        schema: 1,
        moved: difference
            .moved
            .iter()
            .filter_map(|one| Some(MovedJson { from: one.old.as_str(), to: one.new.as_ref()?.as_str() }))
            .collect(),
        dropped: ids(&difference.dropped),
        returned: ids(&difference.returned),
        missing: ids(&difference.missing),
    }
}

fn ids(commits: &[CommitId]) -> Vec<&str> {
    commits.iter().map(CommitId::as_str).collect()
}
