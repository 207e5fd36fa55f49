//! `commit-story sources`: the conversations that were found on this machine.
//!
//! In: the surroundings, and the repository if we are in one. Out: a few lines for each assistant, or JSON.
//! Never here: the search (that is `sources`), or a word of a conversation.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::session::{Session, Workspace};
use crate::chat::claude_code::Retention;
use crate::env::Deadline;
use crate::git::OpenError;
use crate::safe::printable;
use crate::sources::{Source, Survey, Surveyed};
use crate::ui::style::{Part, paint};

/// How long to count; a thousand long transcripts take less.
const PATIENCE: Duration = Duration::from_secs(10);

/// How wide the names' column is.
const NAMES: usize = 14;

/// How the sources are shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story sources
  commit-story sources --json
  commit-story config set assistants.codex.read false  read none of it

Outside a repository, sessions are not counted.")]
pub struct Options {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The JSON of `sources --json`.
#[derive(Debug, Serialize)]
struct Listed {
    schema: u32,
    /// The work tree whose sessions are counted.
    repository: Option<String>,
    sources: Vec<SourceJson>,
    /// Directories of `assistants.other-homes` that were not looked into.
    unreached: Vec<GapJson>,
}

#[derive(Debug, Serialize)]
struct SourceJson {
    assistant: &'static str,
    name: &'static str,
    found: bool,
    places: Vec<String>,
    read: bool,
    /// The layer of settings that switches it off: `user`, `repository`, `environment` or `flag`.
    switched_off_by: Option<&'static str>,
    sessions: Option<SessionsJson>,
    gaps: Vec<GapJson>,
    retention: Vec<RetentionJson>,
}

#[derive(Debug, Serialize)]
struct SessionsJson {
    last_30_days: usize,
    all: usize,
    newest: Option<String>,
    /// Whether all were counted in time.
    complete: bool,
}

#[derive(Debug, Serialize)]
struct GapJson {
    source: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct RetentionJson {
    days: u64,
    chosen: bool,
    setting: &'static str,
    file: String,
}

/// Runs the command.
///
/// # Errors
/// There is a repository, but it cannot be opened.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = match session.workspace() {
        Ok(workspace) => Some(workspace),
        Err(error) if matches!(error.downcast_ref(), Some(OpenError::NotFound(_))) => None,
        Err(error) => return Err(error),
    };
    let outside = workspace.is_none().then(|| session.load(None));
    let loaded = workspace.as_ref().map(|workspace| &workspace.loaded).or(outside.as_ref());
    let loaded = loaded.context("cannot load the settings")?;
    let repository = workspace.as_ref().map(|workspace| &workspace.repository);
    let survey = Survey { env: &session.env, loaded, repository, deadline: Deadline::after(PATIENCE) };
    let found = survey.all();
    let text = if options.json { json(session, workspace.as_ref(), &found)? } else { text(session, &found) };
    session.printer.result(&text)?;
    Ok(())
}

fn text(session: &Session, found: &Surveyed) -> String {
    let (there, absent): (Vec<&Source>, Vec<&Source>) = found.sources.iter().partition(|source| source.is_there());
    let mut rows = Vec::new();
    for source in there {
        for (nth, line) in lines(session, source).into_iter().enumerate() {
            let name = if nth == 0 { source.assistant.name() } else { "" };
            let name = paint(Part::Strong, format!("{name:<NAMES$}"), session.printer.colour_out);
            rows.push(format!("{name} {}", printable(&line)));
        }
    }
    if !absent.is_empty() {
        let names: Vec<&str> = absent.iter().map(|source| source.assistant.name()).collect();
        let line = format!("looked for and not found: {}", names.join(", "));
        rows.push(paint(Part::Quiet, line, session.printer.colour_out));
    }
    let home = session.env.home.as_deref();
    for (directory, reason) in &found.unreached {
        rows.push(printable(&format!("not looked into: {}: {reason}", at_home(directory, home))));
    }
    rows.join("\n")
}

fn lines(session: &Session, source: &Source) -> Vec<String> {
    let home = session.env.home.as_deref();
    let mut lines: Vec<String> = source.places.iter().map(|place| at_home(place, home)).collect();
    if let Some(origin) = &source.switched_off {
        lines.push(format!("not read: {} is false by {origin}", source.setting()));
    }
    lines.extend(counted(session, source));
    lines.extend(source.gaps.iter().map(|gap| format!("not read: {}: {}", at_home(&gap.source, home), gap.reason)));
    lines.extend(source.retention.iter().map(|retention| {
        let Retention { days, chosen, file } = retention;
        let verb = if *chosen { "says so" } else { "changes that" };
        let (setting, file) = (Retention::SETTING, at_home(file, home));
        format!("deleted by {} after {days} days: {setting} in {file} {verb}", source.assistant.name())
    }));
    lines
}

fn counted(session: &Session, source: &Source) -> Option<String> {
    let sessions = source.sessions?;
    let least = if sessions.complete { "" } else { "at least " };
    let Some(newest) = sessions.newest else {
        let so_far = if sessions.complete { "" } else { " so far: there was not time for all" };
        return Some(format!("no session of this repository{so_far}"));
    };
    let newest = newest.with_timezone(session.env.now.offset()).format("%Y-%m-%d %H:%M");
    let plural = if sessions.all == 1 { "" } else { "s" };
    let (all, recent) = (sessions.all, sessions.recent);
    Some(format!("{least}{all} session{plural} of this repository, {recent} in the last 30 days, newest {newest}"))
}

/// A path with the home directory as `~`.
pub(super) fn at_home(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(inside) => Path::new("~").join(inside).display().to_string(),
        None => path.display().to_string(),
    }
}

fn json(session: &Session, workspace: Option<&Workspace>, found: &Surveyed) -> Result<String> {
    let shown = |path: &Path| path.display().to_string();
    let source = |source: &Source| SourceJson {
        assistant: source.assistant.slug(),
        name: source.assistant.name(),
        found: source.is_there(),
        places: source.places.iter().map(|place| shown(place)).collect(),
        read: source.switched_off.is_none(),
        switched_off_by: source.switched_off.as_ref().map(crate::config::Origin::layer),
        sessions: source.sessions.map(|sessions| SessionsJson {
            last_30_days: sessions.recent,
            all: sessions.all,
            newest: sessions.newest.map(|at| at.with_timezone(session.env.now.offset()).to_rfc3339()),
            complete: sessions.complete,
        }),
        gaps: source
            .gaps
            .iter()
            .map(|gap| GapJson { source: shown(&gap.source), reason: gap.reason.clone() })
            .collect(),
        retention: source
            .retention
            .iter()
            .map(|retention| RetentionJson {
                days: retention.days,
                chosen: retention.chosen,
                setting: Retention::SETTING,
                file: shown(&retention.file),
            })
            .collect(),
    };
    let repository = workspace.map(|workspace| shown(workspace.repository.top()));
    let unreached = found.unreached.iter();
    let unreached = unreached.map(|(home, reason)| GapJson { source: shown(home), reason: reason.clone() }).collect();
    let listed = Listed { schema: 1, repository, sources: found.sources.iter().map(source).collect(), unreached };
    serde_json::to_string_pretty(&listed).context("cannot write the sources as JSON")
}
