//! A draft as JSON: that of `draft --json`, and of assistants.
//!
//! In: an [`Outline`] and where pages lie. Out: [`DraftJson`]. Never here: Markdown.

use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::Pages;
use super::outline::{Item, Outline, Part};
use crate::git::CommitId;
use crate::journal::Speaker;

/// The version of the shape.
const SCHEMA: u32 = 1;

/// A draft.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DraftJson<'a> {
    schema: u32,
    kind: &'static str,
    title: &'a str,
    parts: Vec<PartJson<'a>>,
    remarks: &'a [String],
    /// The commits that it names.
    sources: Vec<SourceJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PartJson<'a> {
    heading: &'a str,
    level: u8,
    items: Vec<ItemJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
enum ItemJson<'a> {
    Point { lead: &'a str, text: &'a str, sources: Vec<&'a str>, prose: bool },
    Quote { speaker: &'static str, at: String, words: &'a str, sources: [&'a str; 1] },
    Output { text: &'a str, sources: [&'a str; 1] },
    Paragraph { sentences: Vec<SentenceJson<'a>> },
    Advice { text: &'a str },
}

#[derive(Debug, Serialize, JsonSchema)]
struct SentenceJson<'a> {
    text: &'a str,
    sources: Vec<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SourceJson<'a> {
    commit: &'a str,
    /// Where its entry stands; none where it has no page that a link can name.
    page: Option<&'a str>,
}

impl<'a> DraftJson<'a> {
    /// The JSON of a draft.
    #[must_use]
    pub fn of(outline: &'a Outline, pages: &'a Pages) -> Self {
        let source = |id: &'a CommitId| SourceJson { commit: id.as_str(), page: pages.get(id).map(String::as_str) };
        Self {
            schema: SCHEMA,
            kind: outline.kind.name(),
            title: &outline.title,
            parts: outline.parts.iter().map(part).collect(),
            remarks: &outline.remarks,
            sources: outline.sources().into_iter().map(source).collect(),
        }
    }
}

fn part(part: &Part) -> PartJson<'_> {
    PartJson { heading: &part.heading, level: part.level, items: part.items.iter().map(item).collect() }
}

fn item(item: &Item) -> ItemJson<'_> {
    match item {
        Item::Point { lead, text, sources, prose } => {
            ItemJson::Point { lead, text, sources: ids(sources), prose: *prose }
        }
        Item::Quote { speaker, at, words, source } => {
            let speaker = match speaker {
                Speaker::Developer => "developer",
                Speaker::Assistant(assistant) => assistant.slug(),
            };
            ItemJson::Quote { speaker, at: at.to_rfc3339(), words, sources: [source.as_str()] }
        }
        Item::Output { text, source } => ItemJson::Output { text, sources: [source.as_str()] },
        Item::Paragraph { sentences } => {
            let sentences = sentences.iter().map(|(text, sources)| SentenceJson { text, sources: ids(sources) });
            ItemJson::Paragraph { sentences: sentences.collect() }
        }
        Item::Advice { text } => ItemJson::Advice { text },
    }
}

fn ids(ids: &[CommitId]) -> Vec<&str> {
    ids.iter().map(CommitId::as_str).collect()
}
