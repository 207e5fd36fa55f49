//! Errors that say what to do about them.
//!
//! In: nothing. Out: [`Usage`] and [`Advice`], for whoever reads them: a person at the command line, or an assistant.
//! Never here: how they are shown, or which exit code they mean.

/// What to do where the system does not let us.
pub const DENIED: &str = "look who owns it and the folders above it, and who may read and write there";

/// Something that can be mended by asking differently.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Usage {
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub hint: String,
}

/// An error with advice.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Advice {
    /// What could not be done.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Advice {
    /// There is no entry at all.
    #[must_use]
    pub fn empty_journal() -> Self {
        let message = "the journal is empty".to_owned();
        let hint = "after commit-story init every commit has an entry; commit-story record HEAD writes one now";
        Self { message, hint: hint.to_owned() }
    }
}
