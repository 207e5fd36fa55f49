//! Errors that say what to do about them.
//!
//! In: nothing. Out: [`Usage`] and [`Advice`], for whoever reads them: a person at the command line, or an assistant.
//! Never here: how they are shown, or which exit code they mean.

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
