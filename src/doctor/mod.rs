//! What is wrong, if anything, and how to mend it.
//!
//! In: a repository with its settings and what set-up finds there. Out: [`Check`]s, each with its cure.
//! Never here: a change, or a guess: each check looks at the thing itself.

pub mod check;

mod hooks;

mod narration;

mod clients;

mod installation;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};

pub use self::check::{Check, State};
use self::check::{bad, good, warning};
pub use self::clients::clients;
pub use self::installation::installation;
use crate::advice::DENIED;
use crate::config::Loaded;
use crate::env::Deadline;
use crate::fs;
use crate::queue::Queue;
use crate::record::Recorder;
use crate::relocate;
use crate::setup::{self, Detected, Sight};
use crate::sources::{Source, Survey, Surveyed};
use crate::store::log::Log;

/// How many faults of pages are named.
const NAMED: usize = 3;

/// What to do about a path that cannot be a journal's.
const ELSEWHERE: &str = "mend the path, or choose another folder: commit-story init --folder PATH";

/// How long ago a line of the log still matters.
const LOG_MATTERS: TimeDelta = TimeDelta::days(7);

/// How long conversations are read for the sake of counting them.
const PATIENCE: Duration = Duration::from_secs(2);

/// Examines everything that has to work for the next commit to be recorded.
///
/// `detected` may be the error of a file that set-up cannot read: the rest is examined all the same.
#[must_use]
pub fn examine(recorder: &Recorder<'_>, loaded: &Loaded, detected: &Result<Detected>) -> Vec<Check> {
    let mut checks = match detected {
        Ok(detected) => hooks::hooks(detected, recorder.repository),
        Err(error) => vec![bad("hook", format!("{error:#}"), "mend the file, then: commit-story init")],
    };
    checks.extend(configuration(loaded, recorder.repository.opted_out()));
    checks.extend(journal(recorder));
    checks.push(newest_commit(recorder));
    checks.extend(conversations(recorder, loaded));
    checks.push(queue(recorder));
    checks.extend(narration::narration(recorder));
    checks.push(log(recorder));
    checks
}

/// Examines what there is to examine outside a repository; `why` says that, or why, it cannot be opened.
#[must_use]
pub fn examine_outside(loaded: &Loaded, why: &anyhow::Error) -> Vec<Check> {
    let cure = "change to a repository, or name one: commit-story -C DIR doctor";
    let mut checks = vec![bad("repository", format!("{why:#}"), cure)];
    checks.extend(configuration(loaded, false));
    checks
}

fn configuration(loaded: &Loaded, opted_out: bool) -> Vec<Check> {
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
    if opted_out {
        let cure = "git config commitstory.enabled true";
        checks.push(warning("configuration", "git's commitstory.enabled leaves this repository out", cure));
    }
    if checks.is_empty() {
        checks.push(good("configuration", "every setting is understood"));
    }
    checks
}

fn journal(recorder: &Recorder<'_>) -> Vec<Check> {
    let shown = recorder.store().shown();
    let mut checks = match recorder.journal_folder() {
        Some(folder) => journal_in(recorder, &folder),
        None => checked_out(recorder).into_iter().collect(),
    };
    if recorder.journal_folder().is_some_and(|folder| folder.exists() && !folder.is_dir()) {
        return checks;
    }
    for place in relocate::elsewhere(recorder) {
        let says = format!("pages still lie in {}, while new ones come to {shown}", recorder.store_at(&place).shown());
        checks.push(warning("journal", says, "commit-story move"));
    }
    let days = match recorder.store().days() {
        Ok(days) => days,
        Err(error) => {
            let cure = if fs::is_denied(&error) { DENIED } else { ELSEWHERE };
            checks.push(bad("journal", format!("{error:#}"), cure));
            return checks;
        }
    };
    checks.extend(pages(recorder, &days));
    match days.last() {
        Some(newest) if checks.is_empty() => checks.push(good("journal", format!("{shown}, newest page {newest}"))),
        None => checks.push(good("journal", format!("{shown} gets its first page at the next commit"))),
        Some(_) => {}
    }
    checks
}

/// What is wrong with pages, the newest first, as far as it is named.
fn pages(recorder: &Recorder<'_>, days: &[NaiveDate]) -> Vec<Check> {
    let store = recorder.store();
    let mut checks = Vec::new();
    for day in days.iter().rev() {
        match store.page(*day) {
            Err(error) if fs::is_denied(&error) => checks.push(bad("journal", format!("{error:#}"), DENIED)),
            Err(error) => checks.push(bad("journal", format!("{error:#}"), "move the page away")),
            Ok(page) => checks.extend(page.iter().flat_map(|page| &page.problems).map(|problem| {
                let says = format!("{}, line {}: {}", store.path(*day).display(), problem.line, problem.what);
                warning("journal", says, "mend the line; docs/format.md describes the page")
            })),
        }
        if checks.len() > NAMED {
            checks.truncate(NAMED);
            checks.push(warning("journal", "more is wrong with its pages", "mend these first"));
            break;
        }
    }
    checks
}

/// What keeps a folder from being written, or from being seen as it should.
fn journal_in(recorder: &Recorder<'_>, folder: &Path) -> Vec<Check> {
    let mut checks: Vec<Check> = privacy(recorder, folder).into_iter().collect();
    let Ok(meta) = std::fs::metadata(folder) else { return checks };
    if !meta.is_dir() {
        checks.push(bad("journal", format!("{} is no directory", folder.display()), ELSEWHERE));
        return checks;
    }
    let page = recorder.store().path(recorder.env.now.date_naive());
    let is_read_only = |dir: &&Path| std::fs::metadata(dir).is_ok_and(|meta| meta.permissions().readonly());
    let above = page.ancestors().skip(1).take_while(|dir| dir.starts_with(folder));
    checks.extend(above.filter(is_read_only).map(|dir| {
        let cure = "give yourself permission, or choose another folder: commit-story init --folder PATH";
        bad("journal", format!("{} is read-only", dir.display()), cure)
    }));
    checks
}

/// A work tree that has the journal's branch checked out falls behind with every entry.
fn checked_out(recorder: &Recorder<'_>) -> Option<Check> {
    let store = recorder.store();
    let head = format!("ref: {}", store.branch()?.full_name());
    let is_there = |git_dir: &std::path::PathBuf| {
        fs::read(&git_dir.join("HEAD"), 4096).ok().flatten().is_some_and(|bytes| bytes.trim_ascii() == head.as_bytes())
    };
    let at = recorder.repository.git_dirs(100).into_iter().find(is_there)?;
    let says =
        format!("the journal's branch is checked out ({}), where new entries look like deleted ones", at.display());
    Some(warning("journal", says, "switch to another branch there: entries are written without a work tree"))
}

/// Whether git sees the journal as it should. What lies outside the work tree, it cannot see.
fn privacy(recorder: &Recorder<'_>, folder: &Path) -> Option<Check> {
    let (about, shown) = ("journal", folder.display());
    let top = recorder.repository.main_worktree().or_else(|| recorder.repository.worktree().map(Path::to_owned))?;
    if !folder.starts_with(&top) {
        return None;
    }
    match (recorder.config.journal.private, setup::sight(folder)) {
        (true, Ok(Sight::Hidden)) | (false, Ok(Sight::Visible | Sight::Tracked)) => None,
        (true, Ok(Sight::Visible)) => {
            let says = format!("{shown} is private, but git sees it: `git add --all` adds it");
            Some(bad(about, says, "commit-story init"))
        }
        (true, Ok(Sight::Tracked)) => {
            let says = format!("{shown} is private, but git tracks pages in it, and they are committed");
            Some(bad(about, says, format!("git rm -r --cached '{shown}' (the files stay)")))
        }
        (false, Ok(Sight::Hidden)) => {
            let says = format!("{shown} is to be committed, but git ignores it");
            Some(warning(about, says, format!("git check-ignore -v '{shown}/entries' names the line that does it")))
        }
        (_, Err(error)) => Some(warning(about, format!("{error:#}"), "mend git's complaint")),
    }
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
        Ok(false) if !recorder.config.enabled => good(about, format!("{} has no entry, as configured", id.short())),
        Ok(false) if recorder.tell(&id, None).is_ok_and(|story| story.is_none()) => {
            good(about, format!("{} changes only the journal, which needs no entry", id.short()))
        }
        Ok(false) => {
            let says = format!("{} has no entry: it is older than the hook, or the hook did not run", id.short());
            warning(about, says, "commit-story record HEAD")
        }
        // The journal's own fault is told above.
        Err(error) => {
            warning(about, format!("cannot tell whether {} has an entry: {error:#}", id.short()), "see above")
        }
    }
}

fn conversations(recorder: &Recorder<'_>, loaded: &Loaded) -> Vec<Check> {
    let about = "conversations";
    let deadline = Deadline::after(PATIENCE);
    let survey = Survey { env: recorder.env, loaded, repository: Some(recorder.repository), deadline };
    let Surveyed { sources, unreached } = survey.recent();
    let found: Vec<Source> = sources.into_iter().filter(Source::is_there).collect();
    let mut checks: Vec<Check> = found.iter().map(|source| assistant(source, *recorder.env.now.offset())).collect();
    checks.extend(found.iter().flat_map(|source| &source.gaps).map(|gap| {
        let says = format!("{}: {} was not read: {}", gap.assistant.name(), gap.source.display(), gap.reason);
        warning(about, says, "make it readable")
    }));
    if checks.is_empty() {
        checks.push(good(about, "no assistant has left any on this machine"));
    }
    let unnamed = loaded.config.assistants.other_homes.is_empty();
    if unnamed && recorder.env.var("WSL_DISTRO_NAME").is_some() {
        let says = "those on the Windows side are read when assistants.other-homes names your home there";
        checks.push(good(about, says));
    }
    checks.extend(unreached.into_iter().map(|(home, reason)| {
        let says = format!("{} was not looked into: {reason}", home.display());
        warning(about, says, "start what it lies on, or change assistants.other-homes")
    }));
    checks
}

fn assistant(source: &Source, zone: FixedOffset) -> Check {
    let (about, name) = ("conversations", source.assistant.name());
    if source.switched_off.is_some() {
        let cure = format!("commit-story config set {} true", source.setting());
        return warning(about, format!("those with {name} are not read, as configured"), cure);
    }
    let sessions = source.sessions.unwrap_or_default();
    let least = if sessions.complete { "" } else { "at least " };
    match sessions.newest {
        None => good(about, format!("{name} has none of this repository in the last 30 days")),
        Some(newest) => {
            let (number, newest) = (sessions.recent, newest.with_timezone(&zone).format("%Y-%m-%d %H:%M"));
            good(about, format!("{name}: {least}{number} of this repository in the last 30 days, newest {newest}"))
        }
    }
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
        [all @ .., last] => {
            let says = format!("{} in the last 7 days, the newest: {last}", lines_of(all.len() + 1));
            warning("log", says, format!("read {}", log.path().display()))
        }
    }
}

fn lines_of(number: usize) -> String {
    if number == 1 { "1 line".to_owned() } else { format!("{number} lines") }
}
