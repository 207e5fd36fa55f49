//! A reply in JSON, although Markdown was asked for.
//!
//! In: a reply. Out: its blocks, by keys that name sections; `None` where it is not JSON. Never here: what a block says.

use serde_json::Value;

use super::claim::Block;
use super::lines;
use crate::journal::Section;

/// Keys of the words of a claim, in the order in which they are joined.
const WORDS: &[&str] =
    &["what", "decision", "title", "claim", "text", "sentence", "statement", "item", "content", "quote"];
const REASONS: &[&str] = &["why", "reason", "rationale", "because", "tradeoffs", "trade_offs"];
const IDS: &[&str] = &["ids", "cites", "evidence", "refs", "references", "sources", "exhibits", "citations"];

/// The blocks of a JSON document; `None` where it is none, or none that names a section.
pub(super) fn blocks(text: &str) -> Option<Vec<Block>> {
    let text = text.trim();
    let text = text.strip_prefix("```json").or_else(|| text.strip_prefix("```")).unwrap_or(text).trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    // One value, whatever stands behind it. serde_json bounds the depth.
    let value: Value = serde_json::Deserializer::from_str(text).into_iter().next()?.ok()?;
    let mut blocks = Vec::new();
    sections(&value, &mut blocks, 0);
    (!blocks.is_empty()).then_some(blocks)
}

fn sections(value: &Value, blocks: &mut Vec<Block>, depth: usize) {
    if depth > 4 {
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                let name = ["section", "heading", "type"].iter().find_map(|key| item.get(key)?.as_str());
                match name.and_then(lines::named) {
                    Some(section) => block(section, item, blocks, 0),
                    None => sections(item, blocks, depth + 1),
                }
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                match lines::named(key) {
                    Some(section) => block(section, value, blocks, 0),
                    None => sections(value, blocks, depth + 1),
                }
            }
        }
        _ => {}
    }
}

fn block(section: Section, value: &Value, blocks: &mut Vec<Block>, depth: usize) {
    match value {
        Value::String(text) => {
            for paragraph in text.split("\n\n").filter(|text| !text.trim().is_empty()) {
                blocks.push(Block { section, text: paragraph.replace('\n', " "), cites: Vec::new() });
            }
        }
        Value::Array(items) if depth < 4 => items.iter().for_each(|item| block(section, item, blocks, depth + 1)),
        Value::Object(map) => {
            let word =
                |keys: &[&str]| keys.iter().filter_map(|key| map.get(*key)?.as_str()).collect::<Vec<_>>().join(": ");
            let (words, reason) = (word(WORDS), word(REASONS));
            let standing = match (map.get("implemented"), map.get("status").and_then(Value::as_str)) {
                (Some(Value::Bool(true)), _) => " (implemented)".to_owned(),
                (Some(Value::Bool(false)), _) => " (discussed)".to_owned(),
                (_, Some(status)) => format!(" ({status})"),
                _ => String::new(),
            };
            let cites = IDS.iter().filter_map(|key| map.get(*key)).flat_map(ids).collect();
            let text = match section {
                Section::Decisions => format!("**{words}**{standing}: {reason}"),
                _ if reason.is_empty() => words,
                _ => format!("{words} {reason}"),
            };
            blocks.push(Block { section, text, cites });
        }
        _ => {}
    }
}

fn ids(value: &Value) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    texts.iter().flat_map(|text| super::cites::take(&format!("[{}]", text.trim_matches(['[', ']']))).1).collect()
}
