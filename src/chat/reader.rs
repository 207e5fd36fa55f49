//! What every assistant's reader offers to the pipeline.
//!
//! In: where to look, and what is wanted. Out: candidates, found cheaply, and from each a session.
//! Never here: a format. Each assistant has a file or folder of its own, and one line in the table of `readers`.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::message::{Assistant, Gap, Session, SessionId, Wanted};
use crate::env::{Deadline, Env};

/// A conversation that may belong to the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The session's id.
    pub id: SessionId,
    /// The transcript, or the database that holds it.
    pub file: PathBuf,
    /// When it was last written.
    pub modified: DateTime<Utc>,
    /// Whether the environment names this session.
    pub named: bool,
    /// In bytes; of a session in a database 0.
    pub size: u64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// Named sessions first, then the newest first.
    pub candidates: Vec<Candidate>,
    /// Places that could not be looked into.
    pub gaps: Vec<Gap>,
    /// Whether everything was looked at before the deadline.
    pub complete: bool,
}

/// One assistant's reader.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Whose.
    pub assistant: Assistant,
    /// The variable in which the assistant tells its shell the session's id, if it does.
    pub session_variable: Option<&'static str>,
    /// The directories or files where conversations lie: those that exist, by the assistant's own variables and
    /// defaults, and the one that the user configured.
    pub places: fn(&Env, Option<&Path>) -> Vec<PathBuf>,
    /// Sessions that may belong to the repository. When [`Wanted::thorough`] is off this opens no file that a name or a
    /// modification time can rule out; when it is on, every recent session is looked at.
    /// Databases are for the worker: while it is off, only whether they changed is looked at, and then not all is found.
    pub find: fn(&[PathBuf], &Wanted, Deadline) -> Found,
    /// The wanted span of a session; `None` when it is not of this repository.
    pub read: fn(&Candidate, &Wanted, Deadline) -> Result<Option<Session>, Gap>,
}
