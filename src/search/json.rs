//! What was found as JSON, for `--json` and for assistants: schema 1.
//!
//! In: [`Found`]. Out: a value that serialises to the shape in `docs/reading.md`, with keys in `snake_case`. Never here:
//! reading it back.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use super::found::{Found, Hit};
use super::snippet::Snippet;
use crate::journal::Speaker;

/// The version of the shape; it grows when a key changes its meaning or goes, not when one is added.
pub const SCHEMA: u32 = 1;

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundJson<'a> {
    schema: u32,
    /// How many entries match.
    total: usize,
    /// Those that were asked for, best first.
    hits: Vec<HitJson<'a>>,
    /// Words that no entry has, each with the nearest that some have.
    unknown: Vec<UnknownJson<'a>>,
    /// How many pages could not be read, and were not searched.
    unread: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HitJson<'a> {
    /// `null` for a text that belongs to the day, and for a summary.
    commit: Option<&'a str>,
    day: String,
    /// RFC 3339 with the author's offset; of a summary the name of its period (`2026-W02`), of a text of the day the day.
    at: &'a str,
    subject: &'a str,
    /// From which to which character the subject has what was looked for.
    subject_marks: Vec<[usize; 2]>,
    score: f64,
    snippet: Option<SnippetJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SnippetJson<'a> {
    /// The part of the entry, as `in:` names it.
    field: &'static str,
    /// `developer`, or the assistant's slug; `null` where nobody is quoted.
    speaker: Option<&'static str>,
    /// RFC 3339 with the author's offset; `null` where it is not known.
    at: Option<String>,
    text: &'a str,
    /// As `subject_marks`.
    marks: Vec<[usize; 2]>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct UnknownJson<'a> {
    word: &'a str,
    nearest: &'a [String],
}

impl<'a> From<&'a Found> for FoundJson<'a> {
    fn from(found: &'a Found) -> Self {
        let unknown = found.unknown.iter().map(|one| UnknownJson { word: &one.word, nearest: &one.nearest });
        Self {
            schema: SCHEMA,
            total: found.total,
            hits: found.hits.iter().map(hit).collect(),
            unknown: unknown.collect(),
            unread: found.unread,
        }
    }
}

fn hit(hit: &Hit) -> HitJson<'_> {
    HitJson {
        commit: hit.commit.as_deref(),
        day: hit.day.to_string(),
        at: &hit.at,
        subject: &hit.subject,
        subject_marks: counted(&hit.subject, &hit.subject_marks),
        score: hit.score,
        snippet: hit.snippet.as_ref().map(snippet),
    }
}

fn snippet(snippet: &Snippet) -> SnippetJson<'_> {
    SnippetJson {
        field: snippet.field.name(),
        speaker: snippet.speaker.map(|speaker| match speaker {
            Speaker::Developer => "developer",
            Speaker::Assistant(assistant) => assistant.slug(),
        }),
        at: snippet.at.map(|at| at.to_rfc3339()),
        text: &snippet.text,
        marks: counted(&snippet.text, &snippet.marks),
    }
}

/// Places in characters instead of bytes.
fn counted(text: &str, marks: &[Range<usize>]) -> Vec<[usize; 2]> {
    let count = |end: usize| text[..end].chars().count();
    marks.iter().map(|mark| [count(mark.start), count(mark.end)]).collect()
}
