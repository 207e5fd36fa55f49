//! What prose about several entries is for, and what comes of it.
//!
//! In: nothing. Out: plain data. Never here: how it is asked for or checked.

use chrono::{DateTime, FixedOffset};

use super::super::tell::Account;
use crate::git::CommitId;
use crate::journal::{Section, Standing, Unit};
use crate::llm::Failure;

/// What the prose is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The summary of a period of this length.
    Summary(Unit),
    /// A few lines for colleagues.
    Standup,
    /// The description of a branch for who reviews it.
    PullRequest,
    /// A story for readers outside of the project.
    Blog,
    /// What is said to an audience.
    Talk,
    /// What somebody has done and learnt in a period.
    Review,
}

/// Prose that has stood the check.
#[derive(Debug, Clone, PartialEq)]
pub struct Prose {
    /// The sentences, in their order.
    pub sentences: Vec<Sentence>,
    /// The model, as the provider names it.
    pub model: String,
    /// When it was written.
    pub at: DateTime<FixedOffset>,
    /// How many claims stood the check.
    pub kept: u32,
    /// How many did not and were left out.
    pub dropped: u32,
}

/// A sentence, or a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// The section it stands in.
    pub section: Section,
    /// The paragraph it stands in, counted within the section.
    pub paragraph: usize,
    /// Of a decision: what was decided. The text says why and may be empty.
    pub decision: Option<Decided>,
    /// The words: plain text, in which code between backticks is the only markup.
    pub text: String,
    /// The commits whose entries it rests on, oldest first; none where it rests on what was counted over all of them.
    pub sources: Vec<CommitId>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// What; one line.
    pub what: String,
    /// Whether it was done: in these files, or that it was put off. `None` where the journal does not say.
    pub standing: Option<Standing>,
}

/// What became of a question about several entries.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// There is prose.
    Written {
        /// The prose.
        prose: Prose,
        /// What was checked.
        account: Account,
    },
    /// There is nothing to tell of: no entries.
    Nothing,
    /// The reply was refused, twice.
    Refused(Account),
    /// The day's budget does not allow it.
    TooDear(String),
    /// The model was not asked, or did not answer.
    Failed(Failure),
}
