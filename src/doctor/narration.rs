//! Whether entries get their prose, where that is wanted.
//!
//! In: the settings, the queue, the book of what was spent. Out: checks with their cures.
//! Never here: a call, or a key.

use super::check::{Check, bad, good, warning};
use crate::awaiting::{Awaiting, Job};
use crate::config::NarrationConfig;
use crate::fs;
use crate::markdown::parts::counted;
use crate::narrate::ledger::{Ledger, Spent};
use crate::narrate::provider::{self, Asker};
use crate::record::Recorder;

const ABOUT: &str = "narration";
const AGAIN: &str = "commit-story narrate --failed";

/// Examines everything that has to work for an entry to get its prose.
pub(super) fn narration(recorder: &Recorder<'_>) -> Vec<Check> {
    let config = &recorder.config.narration;
    let awaiting = Awaiting::at(&recorder.repository.state_dir());
    let jobs = match awaiting.jobs() {
        Ok(jobs) => jobs,
        Err(error) => return vec![bad(ABOUT, format!("{error:#}"), "make .git/commit-story readable")],
    };
    if !config.is_on() {
        let left = (!jobs.is_empty()).then(|| {
            let says = format!("{} for prose, and no provider is set", waiting(jobs.len()));
            warning(ABOUT, says, "set one (docs/narration.md), or leave them: they go in time")
        });
        return left.into_iter().collect();
    }
    let mut checks: Vec<Check> = key_file(config).into_iter().collect();
    match Asker::of(config, recorder.env) {
        Ok(asker) => {
            let open = jobs.iter().filter(|job| !job.given_up).count();
            checks.push(good(ABOUT, format!("prose by {}; {} for it", asker.shown(), waiting(open))));
        }
        Err(failure) => checks.push(bad(ABOUT, failure.to_string(), "docs/narration.md lists the settings")),
    }
    checks.extend(failures(recorder, &awaiting, &jobs));
    checks.extend(budget(recorder));
    let expired = awaiting.expired();
    if let Some(newest) = expired.last() {
        let says = format!("{} got no prose in time; their evidence was removed", counted(expired.len(), "commit"));
        checks.push(warning(ABOUT, says, format!("commit-story narrate {} gathers it again", newest.short())));
    }
    checks
}

fn failures(recorder: &Recorder<'_>, awaiting: &Awaiting, jobs: &[Job]) -> Vec<Check> {
    let settings = provider::fingerprint(&recorder.config.narration);
    let mut checks = Vec::new();
    match awaiting.pause().filter(|pause| pause.holds(recorder.env.now.to_utc(), &settings)) {
        Some(pause) if pause.until.is_none() => {
            checks.push(bad(ABOUT, format!("nobody is asked: {}", pause.why), AGAIN));
        }
        Some(pause) => {
            let says = format!("nobody is asked for a while: {}", pause.why);
            checks.push(warning(ABOUT, says, "it goes on by itself; commit-story narrate does it now"));
        }
        None => {}
    }
    if let Some(job) = jobs.iter().find(|job| job.given_up) {
        let why = job.last_error.as_deref().unwrap_or("no reason is known");
        checks.push(bad(ABOUT, format!("{} was given up: {why}", job.commit.short()), AGAIN));
    }
    checks
}

/// The budget is said only when nothing more fits into it.
fn budget(recorder: &Recorder<'_>) -> Option<Check> {
    let config = &recorder.config.narration;
    let spent = match Ledger::of(recorder.env).and_then(|ledger| ledger.spent(recorder.env.now.date_naive())) {
        Ok(spent) => spent,
        Err(error) => return Some(bad(ABOUT, format!("{error:#}"), "make the file readable, or remove it")),
    };
    let why = spent.reached(Spent { tokens: 1, microcents: 1 }, config)?;
    Some(warning(ABOUT, why, "it goes on tomorrow, or when the setting is raised"))
}

/// A key that others on this machine may read is no secret.
fn key_file(config: &NarrationConfig) -> Option<Check> {
    let file = config.key_file.as_deref()?;
    let shown = file.display();
    // Whether there is such a file is asked elsewhere.
    let is_private = fs::is_private(file).unwrap_or(true);
    (!is_private).then(|| bad(ABOUT, format!("others may read the key in {shown}"), format!("chmod 600 '{shown}'")))
}

fn waiting(number: usize) -> String {
    match number {
        0 => "no commit waits".to_owned(),
        1 => "1 commit waits".to_owned(),
        n => format!("{n} commits wait"),
    }
}
