//! Which commits get an entry.
//!
//! In: what is asked for, the history, the pages. Out: a [`Plan`], which can be shown before it is carried out.
//! Never here: what a commit changed, or a page of a day on which none of the commits was written.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::{DateTime, NaiveDate, Utc};

use crate::git::{CommitId, Listed, Repository, Selection};
use crate::markdown::marker;
use crate::record::Recorder;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Among which commits.
    pub among: Selection,
    /// Only those that were made since then.
    pub since: Option<DateTime<Utc>>,
    /// Whose address one's own commits have.
    pub own: Option<String>,
    /// Whether others' commits get entries, too.
    pub everyone: bool,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The commits without an entry, oldest first.
    pub commits: Vec<Chosen>,
    /// How many have one.
    pub present: usize,
    /// How many are others'.
    pub others: usize,
}

/// A commit that is to get an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The commit.
    pub commit: Listed,
    /// Whether it is one's own: nothing that was said here led to another's.
    pub own: bool,
}

/// Finds out what is to be done.
///
/// # Errors
/// There is no such range, or a commit or a page cannot be read.
pub fn plan(recorder: &Recorder<'_>, asked: &Asked) -> Result<Plan> {
    let listed = Repository::open(recorder.env)?.for_many().select(&asked.among, asked.since)?;
    let is_own = |commit: &Listed| asked.own.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&commit.author.email));
    let mut plan = Plan::default();
    let mut by_day: BTreeMap<NaiveDate, BTreeSet<CommitId>> = BTreeMap::new();
    for commit in listed {
        let own = is_own(&commit);
        if own || asked.everyone {
            by_day.entry(commit.author.when.date_naive()).or_default().insert(commit.id.clone());
            plan.commits.push(Chosen { commit, own });
        } else {
            plan.others += 1;
        }
    }
    let present = present(recorder, by_day)?;
    plan.present = present.len();
    plan.commits.retain(|chosen| !present.contains(&chosen.commit.id));
    Ok(plan)
}

/// Those of the commits that have an entry on the page of their day, be it damaged: what is left of it is not ours to
/// decide about.
fn present(recorder: &Recorder<'_>, by_day: BTreeMap<NaiveDate, BTreeSet<CommitId>>) -> Result<BTreeSet<CommitId>> {
    let store = recorder.store();
    let days: BTreeSet<NaiveDate> = store.days()?.into_iter().collect();
    let mut present = BTreeSet::new();
    for (day, commits) in by_day.into_iter().filter(|(day, _)| days.contains(day)) {
        let page = store.raw(day)?.unwrap_or_default();
        let spans = marker::spans(page.as_bytes()).into_iter().filter_map(|span| span.begin.commit);
        present.extend(spans.filter(|id| commits.contains(id)));
    }
    Ok(present)
}
