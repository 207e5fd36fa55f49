//! What is wrong, if anything, and how to mend it.
//!
//! In: a repository with its settings and what set-up finds there. Out: [`Check`]s, each with its cure.
//! Never here: a change, or a guess: each check looks at the thing itself.

use chrono::{DateTime, TimeDelta, Utc};

use crate::chat::claude_code::{self, Places};
use crate::chat::{Assistant, Wanted};
use crate::config::Loaded;
use crate::env::Deadline;
use crate::hook::{self, Found, marked};
use crate::queue::Queue;
use crate::record::Recorder;
use crate::setup::Detected;
use crate::store::log::Log;

/// How long ago a line of the log still matters.
const LOG_MATTERS: TimeDelta = TimeDelta::days(7);

/// How far back conversations are counted.
const CONVERSATIONS: TimeDelta = TimeDelta::days(30);

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Well.
    Good,
    /// Worth knowing.
    Warning,
    /// Commits are not recorded as they should be.
    Bad,
}

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The thing.
    pub about: &'static str,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub says: String,
    /// What to do; `None` when there is nothing to do.
    pub cure: Option<String>,
}

fn good(about: &'static str, says: impl Into<String>) -> Check {
    Check { about, state: State::Good, says: says.into(), cure: None }
}

fn warning(about: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Check {
    Check { about, state: State::Warning, says: says.into(), cure: Some(cure.into()) }
}

fn bad(about: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Check {
    Check { about, state: State::Bad, says: says.into(), cure: Some(cure.into()) }
}

/// Examines everything that has to work for the next commit to be recorded.
#[must_use]
pub fn examine(recorder: &Recorder<'_>, loaded: &Loaded, detected: &Detected) -> Vec<Check> {
    let mut checks = hook(detected);
    checks.extend(configuration(loaded));
    checks.extend(journal(recorder, detected));
    checks.push(newest_commit(recorder));
    checks.push(conversations(recorder));
    checks.push(queue(recorder));
    checks.push(log(recorder));
    checks
}

fn hook(detected: &Detected) -> Vec<Check> {
    let file = &detected.hook;
    let path = file.path.display();
    match &file.found {
        Found::Absent => vec![bad("hook", format!("there is no {path}"), "commit-story init")],
        Found::Foreign(_) => vec![bad("hook", format!("{path} does not run commit-story"), "commit-story init")],
        Found::Ours(_) | Found::Joined(_) | Found::Wrapper(_) => {
            let faults = hook::would_run(file);
            if faults.is_empty() {
                vec![good("hook", format!("{path} runs commit-story"))]
            } else {
                faults.iter().map(|fault| bad("hook", format!("{path}: {fault}"), "commit-story init")).collect()
            }
        }
    }
}

fn configuration(loaded: &Loaded) -> Vec<Check> {
    let mut checks: Vec<Check> = loaded
        .warnings
        .iter()
        .map(|found| {
            warning("configuration", found.to_string(), "mend the line; docs/configuration.md lists every key")
        })
        .collect();
    if !loaded.config.enabled {
        checks.push(warning("configuration", "recording is switched off", "commit-story config set enabled true"));
    }
    if checks.is_empty() {
        checks.push(good("configuration", "every setting is understood"));
    }
    checks
}

fn journal(recorder: &Recorder<'_>, detected: &Detected) -> Vec<Check> {
    let folder = recorder.journal_folder();
    let shown = folder.display();
    let mut checks = Vec::new();
    let inside = folder.starts_with(&detected.top);
    let excluded = detected.exclude.bytes.as_deref().is_some_and(|bytes| marked::find(bytes).is_some());
    if recorder.config.journal.private && inside && !excluded {
        let says = format!("{shown} is private, but git sees it");
        checks.push(bad("journal", says, "commit-story init writes it into .git/info/exclude"));
    }
    let newest = recorder.store().days().and_then(|days| match days.last() {
        Some(day) => recorder.store().page(*day),
        None => Ok(None),
    });
    match newest {
        Err(error) => {
            checks.push(bad("journal", format!("{error:#}"), "mend the path, or choose another: commit-story init"));
        }
        Ok(Some(page)) => {
            for problem in page.problems.iter().take(3) {
                let says =
                    format!("{}, line {}: {}", recorder.store().path(page.day).display(), problem.line, problem.what);
                checks.push(warning("journal", says, "mend the line; docs/format.md describes the page"));
            }
            if checks.is_empty() {
                checks.push(good("journal", format!("{shown}, newest page {}", page.day)));
            }
        }
        Ok(None) => checks.push(good("journal", format!("{shown} will be made at the next commit"))),
    }
    checks
}

fn newest_commit(recorder: &Recorder<'_>) -> Check {
    let about = "newest commit";
    let Ok(id) = recorder.repository.resolve("HEAD") else { return good(about, "there is no commit yet") };
    let has = recorder
        .repository
        .commit(&id, Deadline::NONE)
        .and_then(|commit| recorder.store().has(commit.author.when.date_naive(), &id));
    match has {
        Ok(true) => good(about, format!("{} has its entry", id.short())),
        Ok(false) => {
            let says = format!("{} has no entry: it is older than the hook, or the hook did not run", id.short());
            warning(about, says, "commit-story record HEAD")
        }
        Err(error) => bad(about, format!("{error:#}"), "git fsck"),
    }
}

fn conversations(recorder: &Recorder<'_>) -> Check {
    let about = "conversations";
    let claude = &recorder.config.assistants.claude_code;
    if !claude.read {
        let cure = "commit-story config set assistants.claude-code.read true";
        return warning(about, "Claude Code's are not read, as configured", cure);
    }
    let places = Places::of(recorder.env, claude.directory.as_deref());
    if places.projects.is_empty() {
        return good(about, "no assistant has left any on this machine");
    }
    let until = recorder.env.now.to_utc();
    let wanted =
        Wanted { roots: recorder.roots(), named: Vec::new(), since: until - CONVERSATIONS, until, thorough: true };
    let found = claude_code::find_anywhere(&places, &wanted, recorder.deadline);
    let name = Assistant::ClaudeCode.name();
    match found.candidates.iter().map(|candidate| candidate.modified).max() {
        None => good(about, format!("{name} has none of this repository in the last 30 days")),
        Some(newest) => {
            let number = found.candidates.len();
            good(about, format!("{name}: {number} of this repository in the last 30 days, newest {}", minute(newest)))
        }
    }
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn queue(recorder: &Recorder<'_>) -> Check {
    let about = "queue";
    let jobs = match Queue::at(&recorder.repository.state_dir()).jobs() {
        Ok(jobs) => jobs,
        Err(error) => return bad(about, format!("{error:#}"), "make .git/commit-story readable"),
    };
    if let Some(job) = jobs.iter().find(|job| job.given_up()) {
        let why = job.last_error.as_deref().unwrap_or("no reason is known");
        let cure = format!("commit-story record {}", job.commit.short());
        return bad(about, format!("{} was given up: {why}", job.commit.short()), cure);
    }
    match jobs.len() {
        0 => good(about, "empty"),
        1 => good(about, "1 entry waits for a second look"),
        n => good(about, format!("{n} entries wait for a second look")),
    }
}

fn log(recorder: &Recorder<'_>) -> Check {
    let log = Log::at(&recorder.repository.state_dir());
    let oldest = recorder.env.now - LOG_MATTERS;
    let recent = |line: &&String| {
        let at = line.split(' ').next().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        at.is_some_and(|at| at >= oldest)
    };
    let lines = log.newest(1_000);
    match lines.iter().filter(recent).collect::<Vec<_>>().as_slice() {
        [] => good("log", "nothing in the last 7 days"),
        [.., last] => {
            warning("log", format!("in the last 7 days, newest: {last}"), format!("read {}", log.path().display()))
        }
    }
}
