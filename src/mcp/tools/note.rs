//! `journal_add_reflection` and `journal_capture_context`: words for the next entry.
//!
//! In: a text. Out: a note, word for word, as `commit-story reflect` and `capture` take it.
//! Never here: a change to the words; what is secret in them is taken out when the entry is made.

use anyhow::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tool::{Effect, Tool, gives, read, takes};
use crate::journal::{Note, NoteKind};
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::store::notes::Notes;

/// A thought of the developer's.
pub(super) const REFLECTION: Tool = Tool {
    name: "journal_add_reflection",
    title: "Add a reflection",
    description: "Writes down a thought of the developer's, word for word, to stand in the journal entry of the next \
                  commit. Use it when the developer asks to remember, note or reflect on something; pass their own words, \
                  neither shortened nor improved. `reflection` is accepted as another name of `text`.",
    effect: Effect::Adds,
    input: takes::<Reflection>,
    output: gives::<NotedJson>,
    call: |desk, arguments, _| add(desk, NoteKind::Reflection, read::<Reflection>(arguments)?.text),
};

/// What an assistant knows at the moment.
pub(super) const CAPTURE: Tool = Tool {
    name: "journal_capture_context",
    title: "Capture working context",
    description: "Writes down what you, the assistant, know at this moment, word for word, to stand in the journal entry \
                  of the next commit: what is being built and why, what was decided and rejected, what is open. Use it at \
                  the end of a session, before context is compacted, or when the developer asks to capture context. \
                  `context` is accepted as another name of `text`.",
    effect: Effect::Adds,
    input: takes::<Capture>,
    output: gives::<NotedJson>,
    call: |desk, arguments, _| add(desk, NoteKind::Capture, read::<Capture>(arguments)?.text),
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reflection {
    /// The developer's words.
    #[serde(alias = "reflection")]
    text: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Capture {
    /// The working context, in Markdown or plain text.
    #[serde(alias = "context")]
    text: String,
}

/// What was noted.
#[derive(Debug, Serialize, JsonSchema)]
struct NotedJson {
    schema: u32,
    /// `reflection` or `capture`.
    kind: &'static str,
    /// When, RFC 3339.
    at: String,
    /// How many bytes of text.
    bytes: usize,
}

fn add(desk: &Desk, kind: NoteKind, text: String) -> Result<Answer> {
    let (name, what) = match kind {
        NoteKind::Reflection => ("reflection", "the reflection"),
        NoteKind::Capture => ("capture", "the working context"),
    };
    let note = Note { kind, at: desk.env.now, text };
    Notes::at(&desk.repository.state_dir()).add(&note, desk.repository.top())?;
    let noted = NotedJson { schema: 1, kind: name, at: note.at.to_rfc3339(), bytes: note.text.len() };
    Answer::new(&noted, &format!("Noted {what}: it will stand in the entry of the next commit."), "")
}
