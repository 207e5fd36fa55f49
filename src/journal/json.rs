//! An entry as JSON, schema 1: what `--json` prints.
//!
//! In: an [`Entry`]. Out: [`EntryJson`], described in `docs/format.md`.
//! Never here: a field that is renamed or changes its meaning within a schema; new ones may be added.

use serde::Serialize;

use super::entry::{ChangeGroup, ChangedFile, Decision, Entry, Exchange, Mark, Note, NoteKind, Quote, Speaker};

/// The version of the fields below.
pub const SCHEMA: u32 = 1;

/// One entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntryJson {
    schema: u32,
    commit: String,
    at: String,
    subject: String,
    body: String,
    conversation: Vec<ExchangeJson>,
    decisions: Vec<DecisionJson>,
    roadblocks: Vec<RoadblockJson>,
    commands: CommandsJson,
    changes: ChangesJson,
    notes: Vec<NoteJson>,
    branch: Option<String>,
    author: String,
    merged: Vec<String>,
    sessions: Vec<SessionJson>,
    omissions: Vec<String>,
    by_hand: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ExchangeJson {
    prompt: QuoteJson,
    reply: Option<QuoteJson>,
    carried_over: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct QuoteJson {
    /// `developer`, or an assistant's slug.
    speaker: &'static str,
    /// `HH:MM`, in the offset of `at`.
    time: String,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum DecisionJson {
    Answered { question: String, answer: String },
    Approved { plan: String },
    Declined { plan: String },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RoadblockJson {
    command: String,
    failures: u32,
    passed_in_the_end: bool,
    exit: Option<i32>,
    output: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct CommandsJson {
    listed: Vec<CommandJson>,
    more: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct CommandJson {
    line: String,
    times: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ChangesJson {
    files: u32,
    added: u64,
    removed: u64,
    listed: Vec<FileJson>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct FileJson {
    path: String,
    /// `added`, `modified`, `deleted`, `renamed`, `copied`, `type`, `mode` or `submodule`.
    change: &'static str,
    /// The old path of a renamed or copied file.
    from: Option<String>,
    /// `source`, `tests`, `docs`, `config` or `generated`.
    group: &'static str,
    /// Lines; `null` for binary files and where they were not counted.
    added: Option<u32>,
    removed: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct NoteJson {
    /// `reflection` or `capture`.
    kind: &'static str,
    at: String,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SessionJson {
    assistant: &'static str,
    /// The first characters of its id.
    session: String,
    model: Option<String>,
    prompts: u32,
    from: String,
    to: String,
}

impl From<&Entry> for EntryJson {
    fn from(entry: &Entry) -> Self {
        let details = &entry.details;
        let sessions = details.sessions.iter().map(|line| SessionJson {
            assistant: line.assistant.slug(),
            session: line.session.clone(),
            model: line.model.clone(),
            prompts: line.prompts,
            from: line.span.0.format("%H:%M").to_string(),
            to: line.span.1.format("%H:%M").to_string(),
        });
        let roadblocks = entry.roadblocks.iter().map(|roadblock| RoadblockJson {
            command: roadblock.command.clone(),
            failures: roadblock.failures,
            passed_in_the_end: roadblock.passed_in_the_end,
            exit: roadblock.exit,
            output: roadblock.output.clone(),
        });
        let commands = entry.commands.listed.iter();
        Self {
            schema: SCHEMA,
            commit: entry.commit.to_string(),
            at: entry.at.to_rfc3339(),
            subject: entry.subject.clone(),
            body: entry.body.clone(),
            conversation: entry.conversation.iter().map(exchange).collect(),
            decisions: entry.decisions.iter().map(decision).collect(),
            roadblocks: roadblocks.collect(),
            commands: CommandsJson {
                listed: commands.map(|run| CommandJson { line: run.line.clone(), times: run.times }).collect(),
                more: entry.commands.more,
            },
            changes: ChangesJson {
                files: entry.changes.files,
                added: entry.changes.added,
                removed: entry.changes.removed,
                listed: entry.changes.listed.iter().map(file).collect(),
            },
            notes: entry.notes.iter().map(note).collect(),
            branch: details.branch.clone(),
            author: details.author.clone(),
            merged: details.merged.iter().map(ToString::to_string).collect(),
            sessions: sessions.collect(),
            omissions: details.omissions.clone(),
            by_hand: entry.by_hand.clone(),
        }
    }
}

fn exchange(exchange: &Exchange) -> ExchangeJson {
    ExchangeJson {
        prompt: quote(&exchange.prompt),
        reply: exchange.reply.as_ref().map(quote),
        carried_over: exchange.carried_over,
    }
}

fn quote(quote: &Quote) -> QuoteJson {
    let speaker = match quote.speaker {
        Speaker::Developer => "developer",
        Speaker::Assistant(assistant) => assistant.slug(),
    };
    QuoteJson { speaker, time: quote.time.format("%H:%M").to_string(), text: quote.text.clone() }
}

fn decision(decision: &Decision) -> DecisionJson {
    match decision.clone() {
        Decision::Answered { question, answer } => DecisionJson::Answered { question, answer },
        Decision::Approved { plan } => DecisionJson::Approved { plan },
        Decision::Declined { plan } => DecisionJson::Declined { plan },
    }
}

fn note(note: &Note) -> NoteJson {
    let kind = match note.kind {
        NoteKind::Reflection => "reflection",
        NoteKind::Capture => "capture",
    };
    NoteJson { kind, at: note.at.to_rfc3339(), text: note.text.clone() }
}

fn file(file: &ChangedFile) -> FileJson {
    let (change, from) = match &file.mark {
        Mark::Added => ("added", None),
        Mark::Modified => ("modified", None),
        Mark::Deleted => ("deleted", None),
        Mark::RenamedFrom(from) => ("renamed", Some(from.clone())),
        Mark::CopiedFrom(from) => ("copied", Some(from.clone())),
        Mark::TypeChanged => ("type", None),
        Mark::ModeChanged => ("mode", None),
        Mark::Submodule => ("submodule", None),
    };
    let group = match file.group {
        ChangeGroup::Source => "source",
        ChangeGroup::Tests => "tests",
        ChangeGroup::Docs => "docs",
        ChangeGroup::Config => "config",
        ChangeGroup::Generated => "generated",
    };
    let lines = file.lines;
    FileJson {
        path: file.path.clone(),
        change,
        from,
        group,
        added: lines.map(|(added, _)| added),
        removed: lines.map(|(_, removed)| removed),
    }
}
