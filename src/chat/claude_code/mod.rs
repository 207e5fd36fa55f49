//! Claude Code's transcripts: `<config>/projects/<encoded directory>/<session>.jsonl`.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`](crate::chat::message::Session).
//! Never here: the assistant's hidden thinking, a write, or trust in any field being there. The format has no public
//! description; what is known of it comes from files of versions 1.0 to 2.1.

mod words;

mod raw;

mod record;

mod lineage;

mod facts;

pub mod find;

pub mod read;

pub mod retention;

pub mod history;

pub use self::find::{Places, find, find_anywhere};
pub use self::read::read;
pub use self::retention::Retention;

use super::message::Assistant;
use super::reader::Reader;

/// The line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::ClaudeCode,
    session_variable: Some("CLAUDE_CODE_SESSION_ID"),
    places: |env, extra| Places::of(env, extra).projects,
    find: |places, wanted, deadline| {
        let places = Places { projects: places.to_vec() };
        if wanted.thorough { find_anywhere(&places, wanted, deadline) } else { find(&places, wanted, deadline) }
    },
    read,
};
