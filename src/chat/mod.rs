//! The conversations with AI assistants that lie on this disk.
//!
//! In: where to look, which work trees and which span of time. Out: [`Session`]s in one shape, whatever the assistant,
//! and [`Gap`]s for what could not be read.
//! Never here: a write, a lock on a foreign file, a whole transcript in memory, or a panic on any bytes.

pub mod message;

pub mod jsonl;

pub mod claude_code;

pub mod turn;

pub mod cursor;

pub mod matching;

pub use self::message::{Assistant, Event, EventKind, Gap, Outcome, Session, SessionId};

use std::path::PathBuf;

use chrono::{DateTime, Utc};

/// Which conversations a reader is to find.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The tops of the repository's work trees, both as recorded and with links resolved.
    pub roots: Vec<PathBuf>,
    /// Session ids that the environment names; looked up first, wherever they lie.
    pub named: Vec<SessionId>,
    /// Sessions without a sign of life at or after this instant are left alone.
    pub since: DateTime<Utc>,
    /// Events after this instant are not read.
    pub until: DateTime<Utc>,
}
