//! What an examination finds: one thing, how it stands, and the cure.
//!
//! In: words. Out: a [`Check`]. Never here: an examination.

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

pub(super) fn good(about: &'static str, says: impl Into<String>) -> Check {
    Check { about, state: State::Good, says: says.into(), cure: None }
}

pub(super) fn warning(about: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Check {
    Check { about, state: State::Warning, says: says.into(), cure: Some(cure.into()) }
}

pub(super) fn bad(about: &'static str, says: impl Into<String>, cure: impl Into<String>) -> Check {
    Check { about, state: State::Bad, says: says.into(), cure: Some(cure.into()) }
}
