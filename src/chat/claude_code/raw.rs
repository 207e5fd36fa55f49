//! The shapes of the JSON in a transcript, and lenient ways into them.
//!
//! In: JSON that was found in a line. Out: fields that are still unread, and their values when they are of the expected
//! type. Never here: what they mean, or an error.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;

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

/// The elements of a list that are of the expected shape.
pub(super) fn list<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Vec<T> {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        elements.into_iter().filter_map(|element| parse(Some(element))).collect()
    })
}

pub(super) fn parse<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

pub(super) fn truth(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|raw| raw.get() == "true")
}

pub(super) fn string(raw: Option<&RawValue>) -> Option<String> {
    parse::<Lossy>(raw).map(|text| text.0)
}

/// A string in which half a surrogate pair, as programs that cut text at any place write it, becomes U+FFFD.
struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lossy;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
