//! Which commits are to get prose.
//!
//! In: what was asked for, the history, the journal, the queue. Out: [`Job`]s, oldest first.
//! Never here: a commit without an entry, or one whose prose stands already unless that is to be replaced.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::awaiting::{Awaiting, Job};
use crate::git::{CommitId, Repository, Selection};
use crate::record::Recorder;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// What waits.
    Pending,
    /// What was given up.
    Failed,
    /// These revisions and ranges (`FROM..TO`).
    Of(Vec<String>),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chosen {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// How many commits have their prose.
    pub present: usize,
    /// How many have no entry.
    pub without_entry: usize,
}

/// Finds out what is to be done; `again`: whether prose that stands is to be replaced.
///
/// # Errors
/// There is no such revision, or a page or the queue cannot be read.
pub fn choose(recorder: &Recorder<'_>, queue: &Awaiting, which: &Which, again: bool) -> Result<Chosen> {
    let now = recorder.env.later().to_utc();
    let revisions = match which {
        Which::Pending => {
            let jobs = queue.jobs()?.into_iter().filter(|job| !job.given_up).collect();
            return Ok(Chosen { jobs, ..Chosen::default() });
        }
        Which::Failed => {
            let failed = queue.jobs()?.into_iter().filter(|job| job.given_up || job.last_error.is_some());
            return Ok(Chosen { jobs: failed.map(|job| job.afresh(now)).collect(), ..Chosen::default() });
        }
        Which::Of(revisions) => revisions,
    };
    let mut chosen = Chosen::default();
    let mut met = BTreeSet::new();
    for commit in commits(recorder, revisions)? {
        if !met.insert(commit.clone()) {
            continue;
        }
        let day = recorder.repository.authored(&commit).ok().map(|at| at.date_naive());
        let found = recorder.store().find(day, commit.as_str())?.and_then(|found| found.entry);
        match found {
            None => chosen.without_entry += 1,
            Some(entry) if !again && entry.narration.as_ref().is_some_and(|prose| prose.of.is_none()) => {
                chosen.present += 1;
            }
            Some(_) => {
                let job = queue.job(&commit).unwrap_or_else(|| recorder.prose_job(&commit));
                chosen.jobs.push(job.afresh(now));
            }
        }
    }
    Ok(chosen)
}

fn commits(recorder: &Recorder<'_>, revisions: &[String]) -> Result<Vec<CommitId>> {
    let mut commits = Vec::new();
    for revision in revisions {
        if revision.contains("..") {
            let repository = Repository::open(recorder.env)?.for_many();
            let listed = repository.select(&Selection::Range(revision.clone()), None)?;
            commits.extend(listed.into_iter().map(|commit| commit.id));
        } else {
            commits.push(recorder.repository.resolve(revision)?);
        }
    }
    Ok(commits)
}
