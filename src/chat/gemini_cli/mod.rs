//! Gemini CLI's sessions: `~/.gemini/tmp/<project>/chats/session-*.jsonl`, before 2026 `.json`.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`](crate::chat::message::Session).
//! Never here: the assistant's thoughts, a write, or trust in any field being there. The format is that of the program's
//! own source (`packages/core/src/services/chatRecordingService.ts`), versions 0.1 to 0.61.

mod find;

mod log;

mod read;

use super::message::Assistant;
use super::reader::Reader;

/// The line in the table of readers. The program tells its shell no session's id.
pub const READER: Reader = Reader {
    assistant: Assistant::GeminiCli,
    session_variable: None,
    places: find::places,
    find: find::find,
    read: read::read,
};
