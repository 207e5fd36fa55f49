//! The table of readers: one line for each assistant.
//!
//! In: nothing. Out: [`READERS`], in the order in which assistants are listed to people.
//! Never here: what a reader does.

use super::claude_code;
use super::codex;
use super::reader::Reader;

/// Every assistant that can be read.
pub const READERS: &[Reader] = &[claude_code::READER, codex::READER];
