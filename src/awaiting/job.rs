//! A commit that waits for its prose, and what a model has answered already.
//!
//! In: nothing. Out: plain data, as it stands in the queue's files. Never here: I/O.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::git::CommitId;

/// The shape of the files. Those of another are left alone.
pub const SCHEMA: u32 = 1;

/// After this many calls a job is given up: it stays, visible to `status` and `doctor`, and is tried again when asked.
pub const TRIES: u32 = 12;

/// After this many calls that the provider has probably counted, and which came to nothing, a job is given up: the same
/// question would most likely be paid for in vain once more.
pub const VAIN: u32 = 3;

/// The longest pause between two tries.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(12);

/// The longest that a job is ever due ahead, with the time that a provider may ask for.
const FARTHEST: TimeDelta = TimeDelta::days(2);

/// A commit that waits for prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub(crate) schema: u32,
    /// The commit.
    pub commit: CommitId,
    /// The git directory of the work tree it was made in.
    pub git_dir: PathBuf,
    /// The work tree it was made in.
    pub worktree: PathBuf,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// Not before this instant.
    pub due: DateTime<Utc>,
    /// How often a model was asked, counted before each call.
    #[serde(default)]
    pub tries: u32,
    /// How many of those were paid for, most likely, and came to nothing.
    #[serde(default)]
    pub vain: u32,
    /// When it was asked last.
    #[serde(default)]
    pub asked: Option<DateTime<Utc>>,
    /// Why there is no prose yet.
    #[serde(default)]
    pub last_error: Option<String>,
    /// Whether it is tried again only when that is asked for.
    #[serde(default)]
    pub given_up: bool,
    /// By what the stored evidence is known; `None`: it is gathered when the job's turn comes.
    #[serde(default)]
    pub evidence: Option<String>,
    /// Why the first reply was refused; with these reasons the model is asked once more.
    #[serde(default)]
    pub refused: Option<Vec<String>>,
}

/// What a model has answered, kept until its prose stands in the entry: it was paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedReply {
    pub(super) schema: u32,
    /// What it was made from, as [`Job::evidence`].
    pub evidence: Option<String>,
    /// Whether it is the answer to the second question, after the first was refused.
    pub second: bool,
    /// The words.
    pub text: String,
    /// The model.
    pub model: String,
    /// Whether it was cut off.
    pub cut: bool,
    /// When it came.
    pub at: DateTime<FixedOffset>,
}

impl Job {
    /// A job that has not been tried.
    #[must_use]
    pub fn new(commit: CommitId, git_dir: PathBuf, worktree: PathBuf, now: DateTime<Utc>, wait: u32) -> Self {
        Self {
            schema: SCHEMA,
            commit,
            git_dir,
            worktree,
            since: now,
            due: now + TimeDelta::seconds(i64::from(wait)),
            tries: 0,
            vain: 0,
            asked: None,
            last_error: None,
            given_up: false,
            evidence: None,
            refused: None,
        }
    }

    /// Whether it is to be done now. An instant farther ahead than any job's is that of a clock which was wrong.
    #[must_use]
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        !self.given_up && (self.due <= now || self.due > now + FARTHEST)
    }

    /// Whether its evidence has been kept for as long as it may. A clock that was set back makes it no older.
    #[must_use]
    pub fn is_expired(&self, now: DateTime<Utc>, keep_days: u32) -> bool {
        now - self.since > TimeDelta::days(i64::from(keep_days))
    }

    /// The same job, due after a failure that may pass.
    #[must_use]
    pub fn failed(mut self, why: String, after: Option<Duration>, now: DateTime<Utc>) -> Self {
        self.due = now + pause(self.tries, after, self.commit.as_str());
        self.given_up = self.tries >= TRIES;
        self.last_error = Some(why);
        self
    }

    /// The same job, due after a call that came to nothing although it was most likely paid for.
    #[must_use]
    pub fn failed_in_vain(mut self, why: String, now: DateTime<Utc>) -> Self {
        self.vain += 1;
        let job = self.failed(why, None, now);
        Self { given_up: job.given_up || job.vain >= VAIN, ..job }
    }

    /// The same job, which nothing but a person's wish tries again.
    #[must_use]
    pub fn given_up(mut self, why: String) -> Self {
        self.given_up = true;
        self.last_error = Some(why);
        self
    }

    /// The same job, of which it is known why it waits.
    #[must_use]
    pub fn kept_from(self, why: String) -> Self {
        Self { last_error: Some(why), ..self }
    }

    /// The same job as if it had never been tried, due now.
    #[must_use]
    pub fn afresh(self, now: DateTime<Utc>) -> Self {
        Self { due: now, tries: 0, vain: 0, given_up: false, refused: None, ..self }
    }
}

impl SavedReply {
    /// A reply to a job's question.
    #[must_use]
    pub fn to(job: &Job, (text, model, cut): (String, String, bool), at: DateTime<FixedOffset>) -> Self {
        let evidence = job.evidence.clone();
        Self { schema: SCHEMA, evidence, second: job.refused.is_some(), text, model, cut, at }
    }

    /// Whether it answers what the job asks now.
    #[must_use]
    pub fn answers(&self, job: &Job) -> bool {
        self.schema == SCHEMA && self.evidence == job.evidence && self.second == job.refused.is_some()
    }
}

/// How long to wait after so many failures: 1, 2, 4 minutes and so on up to twelve hours, or as long as the provider
/// asks, and up to a quarter more, so that not everybody comes back at once. `seed`: what the quarter is chosen by.
#[must_use]
pub fn pause(failures: u32, after: Option<Duration>, seed: &str) -> TimeDelta {
    let doubled = TimeDelta::minutes(1 << failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
    let asked = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or(TimeDelta::zero());
    let least = doubled.max(asked).min(TimeDelta::days(1));
    // A commit's id is as good as dice.
    let dice =
        seed.bytes().rev().take(8).fold(failures, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    least + least * i32::try_from(dice % 256).unwrap_or(0) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        let commit = CommitId::parse(&"a".repeat(40)).unwrap();
        Job::new(commit, "/r/.git".into(), "/r".into(), DateTime::UNIX_EPOCH, 20)
    }

    #[test]
    fn pauses_double_with_some_jitter_and_last_as_long_as_the_provider_asks() {
        let check = |failures, after: Option<u64>, least: TimeDelta| {
            for seed in ["a", "0123", "fffffffff"] {
                let pause = pause(failures, after.map(Duration::from_secs), seed);
                assert!(pause >= least && pause <= least + least / 4, "{failures} {after:?}: {pause}");
            }
        };
        check(0, None, TimeDelta::minutes(1));
        check(1, None, TimeDelta::minutes(1));
        check(2, None, TimeDelta::minutes(2));
        check(5, None, TimeDelta::minutes(16));
        check(40, None, TimeDelta::hours(12));
        check(1, Some(7_200), TimeDelta::hours(2));
        check(8, Some(30), TimeDelta::minutes(128));
        check(1, Some(u64::MAX), TimeDelta::minutes(1));
        check(1, Some(99_999_999), TimeDelta::days(1));
        let all: TimeDelta = (1..TRIES).map(|tries| super::pause(tries, None, "")).sum();
        assert!(all > TimeDelta::days(1), "{all}");
    }

    #[test]
    fn a_wrong_clock_neither_hides_a_job_nor_ages_its_evidence() {
        let now = DateTime::UNIX_EPOCH;
        let mut job = job();
        assert!(!job.is_due(now) && job.is_due(now + TimeDelta::seconds(20)));
        job.due = now + TimeDelta::days(3_000);
        assert!(job.is_due(now));
        assert!(!job.is_expired(now - TimeDelta::days(300), 14) && !job.is_expired(now + TimeDelta::days(14), 14));
        assert!(job.is_expired(now + TimeDelta::days(15), 14));
    }

    #[test]
    fn after_the_last_try_it_is_given_up_until_somebody_asks() {
        let mut job = job();
        for tries in 1..=TRIES {
            assert!(!job.given_up);
            job.tries = tries;
            job = job.failed("no".into(), None, DateTime::UNIX_EPOCH);
        }
        assert!(job.given_up && !job.is_due(DateTime::UNIX_EPOCH + TimeDelta::days(1)));
        assert!(job.afresh(DateTime::UNIX_EPOCH).is_due(DateTime::UNIX_EPOCH));
    }

    #[test]
    fn what_is_paid_for_in_vain_is_given_up_sooner() {
        let mut job = job();
        for tries in 1..=VAIN {
            assert!(!job.given_up);
            job.tries = tries;
            job = job.failed_in_vain("silence".into(), DateTime::UNIX_EPOCH);
        }
        assert!(job.given_up && !job.afresh(DateTime::UNIX_EPOCH).given_up);
    }
}
