//! The table of readers: one line for each assistant.
//!
//! In: nothing. Out: [`READERS`], in the order in which assistants are listed to people.
//! Never here: what a reader does.

use super::reader::Reader;
use super::{aider, claude_code, cline, copilot, gemini_cli};

/// Every assistant that can be read.
pub const READERS: &[Reader] = &[
    claude_code::READER,
    copilot::vscode::READER,
    copilot::cli::READER,
    gemini_cli::READER,
    cline::READER,
    cline::ROO_READER,
    aider::READER,
];
