//! A story as JSON, for `--json` and for assistants: schema 1.
//!
//! In: a [`Story`]. Out: a value that serialises to the shape in `docs/why.md`, with keys in `snake_case`. Never here:
//! reading it back.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Serialize;

use super::story::{Brought, Change, Chapter, How, Said, ShownLine, Story, Told};
use crate::git::CommitId;
use crate::journal::{EntryJson, NoteKind, Speaker};

/// The version of the shape; it grows when a key changes its meaning or goes, not when one is added.
pub const SCHEMA: u32 = 1;

/// A story.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StoryJson<'a> {
    schema: u32,
    path: Option<&'a str>,
    length: Option<u32>,
    lines: Vec<LineJson<'a>>,
    uncommitted: u32,
    commits: Vec<ChapterJson<'a>>,
    more: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LineJson<'a> {
    number: u32,
    text: &'a str,
    /// `null` for a line that is not committed yet.
    commit: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChapterJson<'a> {
    commit: &'a str,
    author: &'a str,
    /// RFC 3339 with the author's offset.
    at: String,
    subject: &'a str,
    body: &'a str,
    /// First and last line of each piece that is this commit's.
    lines: Vec<[u32; 2]>,
    removed: &'a [String],
    added: &'a [String],
    change: Option<ChangeJson<'a>>,
    told: Vec<ToldJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangeJson<'a> {
    path: &'a str,
    new: bool,
    from: Option<&'a str>,
    added: u32,
    removed: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ToldJson<'a> {
    /// The commit that the entry is of.
    commit: &'a str,
    /// `itself`, or how that commit stands to this one: `replaced`, `picked`, `squashed`, `reverted`.
    how: &'static str,
    asked: Vec<SaidJson<'a>>,
    decided: &'a [String],
    rejected: &'a [String],
    trouble: &'a [String],
    summary: &'a [String],
    noted: Vec<NotedJson<'a>>,
    /// The whole entry, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SaidJson<'a> {
    /// RFC 3339 with the author's offset, to the minute.
    at: String,
    prompt: &'a str,
    /// The assistant's slug; `null` where it said nothing that decides.
    assistant: Option<&'static str>,
    reply: Option<&'a str>,
    carried_over: bool,
    near: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NotedJson<'a> {
    kind: &'static str,
    at: String,
    text: &'a str,
}

impl<'a> StoryJson<'a> {
    /// The story; with the whole of each entry if that is wanted.
    #[must_use]
    pub fn new(story: &'a Story, full: bool) -> Self {
        Self {
            schema: SCHEMA,
            path: story.path.as_deref(),
            length: story.length,
            lines: story.lines.iter().map(line).collect(),
            uncommitted: story.uncommitted,
            commits: story.chapters.iter().map(|chapter| self::chapter(chapter, full)).collect(),
            more: story.more,
        }
    }
}

fn line(line: &ShownLine) -> LineJson<'_> {
    LineJson { number: line.number, text: &line.text, commit: line.commit.as_ref().map(CommitId::as_str) }
}

fn chapter(chapter: &Chapter, full: bool) -> ChapterJson<'_> {
    let ends = |lines: &RangeInclusive<u32>| [*lines.start(), *lines.end()];
    let lines = match &chapter.brought {
        Brought::Lines(lines) => lines.iter().map(ends).collect(),
        Brought::Touched(_) | Brought::Itself => vec![],
    };
    let (removed, added): (&[String], &[String]) = match &chapter.brought {
        Brought::Touched(touched) => (&touched.removed, &touched.added),
        Brought::Lines(_) | Brought::Itself => (&[], &[]),
    };
    ChapterJson {
        commit: chapter.commit.as_str(),
        author: &chapter.author,
        at: chapter.at.to_rfc3339(),
        subject: &chapter.subject,
        body: &chapter.body,
        lines,
        removed,
        added,
        change: chapter.change.as_ref().map(change),
        told: chapter.told.iter().map(|told| self::told(told, full)).collect(),
    }
}

fn change(change: &Change) -> ChangeJson<'_> {
    ChangeJson {
        path: &change.path,
        new: change.new,
        from: change.from.as_deref(),
        added: change.added,
        removed: change.removed,
    }
}

fn told(told: &Told, full: bool) -> ToldJson<'_> {
    ToldJson {
        commit: told.entry.commit.as_str(),
        how: match told.how {
            How::Itself => "itself",
            How::Replaced => "replaced",
            How::Picked => "picked",
            How::Squashed => "squashed",
            How::Reverted => "reverted",
        },
        asked: told.asked.iter().map(said).collect(),
        decided: &told.decided,
        rejected: &told.rejected,
        trouble: &told.trouble,
        summary: &told.summary,
        noted: told
            .noted
            .iter()
            .map(|note| NotedJson {
                kind: match note.kind {
                    NoteKind::Reflection => "reflection",
                    NoteKind::Capture => "capture",
                },
                at: note.at.to_rfc3339(),
                text: &note.text,
            })
            .collect(),
        entry: full.then(|| EntryJson::from(&told.entry)),
    }
}

fn said(said: &Said) -> SaidJson<'_> {
    let assistant = said.reply.as_ref().and_then(|reply| match reply.speaker {
        Speaker::Assistant(assistant) => Some(assistant.slug()),
        Speaker::Developer => None,
    });
    SaidJson {
        at: said.prompt.at.to_rfc3339(),
        prompt: &said.prompt.text,
        assistant,
        reply: said.reply.as_ref().map(|reply| reply.text.as_str()),
        carried_over: said.carried_over,
        near: said.near,
    }
}
