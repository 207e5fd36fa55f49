//! Why a program was not replaced.
//!
//! In: words. Out: a [`Stop`], by whose kind callers and exit codes differ. Never here: how it is shown.

use std::io::ErrorKind;
use std::path::Path;

/// What kept an update from being made. In every case the program is the one it was, unless the message says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rule of ours or of the user's is against it.
    Refused,
    /// The server cannot be reached, or does not have what is asked of it.
    Unreachable,
    /// What came is not what was released, or does not work here.
    Unverified,
    /// The system does not allow it.
    Unpermitted,
    /// Somebody else is changing the program at this moment.
    Busy,
}

/// The end of an update that was not made.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Stop {
    /// What kept it.
    pub kind: Kind,
    /// What could not be done, and why.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Stop {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// A rule is against it.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// The server cannot be reached, or has no such thing.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, message)
    }

    /// What came is not what was released.
    pub fn unverified(message: impl Into<String>) -> Self {
        Self::new(Kind::Unverified, message)
    }

    /// The system does not allow it.
    pub fn unpermitted(message: impl Into<String>) -> Self {
        Self::new(Kind::Unpermitted, message)
    }

    /// Somebody else is at it.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(Kind::Busy, message)
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What an error of the system means while a program's files are changed.
#[must_use]
pub fn of_disk(error: &std::io::Error, what: &str, path: &Path) -> anyhow::Error {
    let message = format!("cannot {what} {}: {error}", path.display());
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Stop::unpermitted(message).hint("run it as the user who installed the program").into()
        }
        _ => anyhow::Error::msg(message),
    }
}
