//! Commits whose hook never ran: some programs commit with hooks switched off.
//!
//! In: the reflogs of the repository, as far as they have grown since the last look. Out: a job in the queue for each
//! commit made here that nothing is known of.
//! Never here: a page, a commit from before the journal was set up, or a commit of somebody else's. What was looked at
//! is marked after the jobs are made, so that a kill in between loses none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};

use crate::fs;
use crate::git::reflog::{self, Made, Mark};
use crate::git::{CommitId, Repository};
use crate::queue::{Job, Queue};
use crate::store::made;

/// How many commits one look finds at most; the next one goes on behind them.
pub const PORTION: usize = 20;

/// Older ones are not written unasked: most assistants have deleted what was said by then.
const LONGEST_AGO: TimeDelta = TimeDelta::days(30);

/// In another work tree a hook may be at work for a commit that is younger than this.
const AT_WORK: TimeDelta = TimeDelta::seconds(3);

/// How many linked work trees are looked at.
const MOST_WORKTREES: usize = 64;

/// The most that is read of each of our two files, in bytes.
const LIMIT: u64 = 64 << 10;

/// How far each reflog was read; by the name of the work tree's git directory, empty for the main one's.
type Seen = BTreeMap<String, Mark>;

/// Looks no further back than this instant from now on.
///
/// # Errors
/// The state directory is not writable.
pub fn begin(state: &Path, now: DateTime<Utc>) -> Result<()> {
    fs::create_private_dir(state)?;
    fs::jot(&since_file(state), now.to_rfc3339().as_bytes())
}

/// Looks no more, until it is begun again.
///
/// # Errors
/// The state directory is not writable.
pub fn end(state: &Path) -> Result<()> {
    fs::remove(&since_file(state))?;
    fs::remove(&seen_file(state))
}

/// Whether it is known how far back to look.
#[must_use]
pub fn has_begun(state: &Path) -> bool {
    since(state).is_some()
}

/// Puts the commits into the queue that were made here since the last look and that nothing is known of.
///
/// Says whether something happened since that may have taken commits out or changed their ids.
///
/// `own`: the commit that a hook runs for, which is not missed, in the work tree whose hooks therefore are all over.
///
/// # Errors
/// The state directory is not writable.
pub fn find(repository: &Repository, own: Option<&CommitId>, now: DateTime<Utc>) -> Result<bool> {
    let state = repository.state_dir();
    let seen = seen(&state);
    let mut look = Look { repository, state: &state, own, now, since: None, found: Vec::new(), unsettled: false };
    if seen.is_empty() && !has_begun(&state) {
        return if own.is_some() { begin(&state, now).map(|()| false) } else { Ok(false) };
    }
    let mut marks = Seen::new();
    for git_dir in repository.git_dirs(MOST_WORKTREES) {
        let name = if git_dir == repository.common_dir() { None } else { git_dir.file_name() };
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        let mark = seen.get(&name);
        if let Some(mark) = look.at(&git_dir, mark)? {
            marks.insert(name, mark);
        }
    }
    let queue = Queue::at(&state);
    for job in look.jobs() {
        queue.push(&job)?;
    }
    if marks != seen {
        fs::jot(&seen_file(&state), &serde_json::to_vec(&marks).context("cannot write the marks as JSON")?)?;
    }
    Ok(look.unsettled)
}

/// One look at all reflogs.
struct Look<'a> {
    repository: &'a Repository,
    state: &'a Path,
    own: Option<&'a CommitId>,
    now: DateTime<Utc>,
    /// Read when it is first asked for: a hook whose reflog tells of its own commit only does without.
    since: Option<DateTime<Utc>>,
    found: Vec<(PathBuf, Made)>,
    unsettled: bool,
}

impl Look<'_> {
    /// Reads one reflog on; the line up to which everything is known then, or in the queue.
    fn at(&mut self, git_dir: &Path, mark: Option<&Mark>) -> Result<Option<Mark>> {
        // One that cannot be read must not hide the others.
        let Ok(Some(reading)) = reflog::read(&git_dir.join("logs").join("HEAD"), mark) else {
            return Ok(mark.cloned());
        };
        self.unsettled |= reading.unsettled;
        let is_ours = self.own.is_some() && git_dir == self.repository.git_dir();
        let mut last = mark.cloned();
        let mut commits = reading.commits;
        commits.retain(|made| Some(&made.commit) != self.own);
        for made in self.missed(commits)? {
            let may_be_at_work = (made.at - self.now).abs() < AT_WORK && !is_ours;
            if self.found.len() >= PORTION || may_be_at_work {
                return Ok(last);
            }
            last = Some(made.mark.clone());
            self.unsettled |= made.amends;
            self.found.push((git_dir.to_owned(), made));
        }
        Ok(reading.end)
    }

    /// Those that are neither too old nor known.
    fn missed(&mut self, mut commits: Vec<Made>) -> Result<Vec<Made>> {
        if commits.is_empty() {
            return Ok(commits);
        }
        let since = self.since.or_else(|| since(self.state));
        if since.is_none() {
            // A power cut has emptied it.
            begin(self.state, self.now)?;
        }
        let since = since.unwrap_or(self.now);
        self.since = Some(since);
        commits.retain(|made| made.at > since && made.at > self.now - LONGEST_AGO);
        let ids: Vec<CommitId> = commits.iter().map(|made| made.commit.clone()).collect();
        let unknown = made::unknown(self.state, &ids);
        let queue = Queue::at(self.state);
        commits.retain(|made| unknown.contains(&made.commit) && !queue.holds(&made.commit));
        Ok(commits)
    }

    /// The jobs, due in the order in which the commits were made; git keeps whole seconds.
    fn jobs(&self) -> Vec<Job> {
        let jobs = self.found.iter().zip(0..).map(|((git_dir, made), nth)| {
            let top = self.repository.worktree_of(git_dir).unwrap_or_else(|| git_dir.clone());
            let due = (made.at + TimeDelta::milliseconds(nth)).min(self.now);
            Job::missed(made.commit.clone(), git_dir.clone(), top, due)
        });
        jobs.collect()
    }
}

/// Since when the journal is kept, as far as is known.
#[must_use]
pub fn since(state: &Path) -> Option<DateTime<Utc>> {
    let text = String::from_utf8(fs::read(&since_file(state), LIMIT).ok()??).ok()?;
    Some(DateTime::parse_from_rfc3339(text.trim()).ok()?.to_utc())
}

/// Nothing when that was lost: then the last portion of each reflog is looked at, back to the beginning.
fn seen(state: &Path) -> Seen {
    let bytes = fs::read(&seen_file(state), LIMIT).ok().flatten().unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn since_file(state: &Path) -> PathBuf {
    state.join("since")
}

fn seen_file(state: &Path) -> PathBuf {
    state.join("seen.json")
}
