//! Cline and Roo Code: the extensions' tasks, and the sessions of Cline's newer SDK.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`](crate::chat::message::Session).
//! Never here: thinking, a write, or trust in any field being there.
//!
//! A task is a directory with `api_conversation_history.json`, what went to and fro between program and model; a session
//! of the SDK has `<id>.messages.json`, which is the same with more about each message.

mod words;

mod tools;

mod find;

mod read;

use super::message::Assistant;
use super::reader::Reader;

/// Cline's line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::Cline,
    session_variable: None,
    places: find::cline_places,
    find: |places, wanted, deadline| find::find(Assistant::Cline, places, wanted, deadline),
    read: |candidate, wanted, deadline| read::read(Assistant::Cline, candidate, wanted, deadline),
};

/// Roo Code's line in the table of readers.
pub const ROO_READER: Reader = Reader {
    assistant: Assistant::RooCode,
    session_variable: None,
    places: find::roo_places,
    find: |places, wanted, deadline| find::find(Assistant::RooCode, places, wanted, deadline),
    read: |candidate, wanted, deadline| read::read(Assistant::RooCode, candidate, wanted, deadline),
};
