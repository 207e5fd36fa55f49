//! The shapes of the JSON in a transcript, and lenient ways into them.
//!
//! In: JSON that was found in a line. Out: fields that are still unread, and their values when they are of the expected
//! type. Never here: what they mean, or an error.

use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) use crate::chat::fields::{list, parse, string, truth};

/// Every field is kept unread at first, so that one of an unexpected type harms no other.
#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) uuid: Option<&'a RawValue>,
    #[serde(borrow, rename = "parentUuid")]
    pub(super) parent: Option<&'a RawValue>,
    #[serde(borrow, rename = "logicalParentUuid")]
    pub(super) logical_parent: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) cwd: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) version: Option<&'a RawValue>,
    #[serde(borrow, rename = "isSidechain")]
    pub(super) sidechain: Option<&'a RawValue>,
    #[serde(borrow, rename = "isMeta")]
    pub(super) meta: Option<&'a RawValue>,
    #[serde(borrow, rename = "isCompactSummary")]
    pub(super) compact_summary: Option<&'a RawValue>,
    #[serde(borrow, rename = "promptSource")]
    pub(super) prompt_source: Option<&'a RawValue>,
    /// Text that a tool put in, such as a skill's.
    #[serde(borrow, rename = "sourceToolUseID")]
    pub(super) source_tool: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
    #[serde(borrow, rename = "toolUseResult")]
    pub(super) tool_result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) attachment: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) operation: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) model: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) text: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tool_use_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) is_error: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Input<'a> {
    #[serde(borrow)]
    pub(super) file_path: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) notebook_path: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) command: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) questions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) plan: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Question<'a> {
    #[serde(borrow)]
    pub(super) question: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Came<'a> {
    #[serde(borrow)]
    pub(super) interrupted: Option<&'a RawValue>,
    #[serde(borrow, rename = "backgroundTaskId")]
    pub(super) background: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) answers: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) plan: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Attachment<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<&'a RawValue>,
    #[serde(borrow, rename = "commandMode")]
    pub(super) mode: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) prompt: Option<&'a RawValue>,
    #[serde(borrow, rename = "isMeta")]
    pub(super) meta: Option<&'a RawValue>,
}

/// A content is a list of blocks, or a string, which is the same as one block of text.
pub(super) fn blocks(content: &RawValue) -> Vec<Block<'_>> {
    if content.get().starts_with('"') {
        let text: Option<Block<'static>> = serde_json::from_str(r#"{"type":"text"}"#).ok();
        return text.into_iter().map(|block| Block { text: Some(content), ..block }).collect();
    }
    list(content)
}
