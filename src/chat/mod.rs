//! The conversations with AI assistants that lie on this disk.
//!
//! In: where to look, which work trees and which span of time. Out: [`Session`]s in one shape, whatever the assistant,
//! and [`Gap`]s for what could not be read.
//! Never here: a write, a lock on a foreign file, a whole transcript in memory, or a panic on any bytes.

pub mod message;

pub mod reader;

pub mod jsonl;

pub mod fields;

pub mod document;

pub mod fingerprint;

pub mod spelling;

pub mod place;

pub mod output;

pub mod search;

pub mod gathered;

pub mod patch;

pub mod entry;

pub mod telling;

pub mod undated;

pub mod transcript;

pub mod sqlite;

pub mod stored;

pub mod projects;

pub mod editors;

pub mod claude_code;

pub mod codex;

pub mod copilot;

pub mod gemini_cli;

pub mod cline;

pub mod aider;

pub mod qwen_code;

pub mod droid;

pub mod pi;

pub mod antigravity;

pub mod cursor_editor;

pub mod opencode;

pub mod goose;

pub mod zed;

pub mod continue_dev;

pub mod amp;

pub mod readers;

pub mod homes;

pub mod ours;

pub mod turn;

pub mod cursor;

pub mod verdict;

pub mod files;

pub mod matching;

pub use self::message::{Assistant, Event, EventKind, Gap, Outcome, Session, SessionId, Wanted};
pub use self::reader::{Candidate, Found, Reader};
