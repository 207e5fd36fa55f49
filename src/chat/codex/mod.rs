//! OpenAI Codex's rollouts: `$CODEX_HOME/sessions/YYYY/MM/DD/rollout-<local time>-<thread>.jsonl`, of the command line, the
//! editors' extension and the desktop application.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`](crate::chat::message::Session).
//! Never here: reasoning, a write, or trust in Codex's own index, which misses threads. The format is that of
//! `codex-rs/rollout` and `codex-rs/protocol` in github.com/openai/codex, versions 0.77 to 0.169.

mod words;

mod tools;

mod record;

mod packed;

mod find;

mod history;

mod thread;

mod agents;

mod read;

use super::message::Assistant;
use super::reader::Reader;

/// The line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::Codex,
    session_variable: Some("CODEX_THREAD_ID"),
    places: find::places,
    find: find::find,
    read: read::read,
};
