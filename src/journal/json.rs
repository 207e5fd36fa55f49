//! An entry as JSON, for `--json`: schema 1.
//!
//! In: an [`Entry`]. Out: a value that serialises to the shape in `docs/format.md`, with keys in `snake_case`.
//! Never here: reading it back; the page is the store, this is a view of it.

use schemars::JsonSchema;
use serde::Serialize;

use super::entry::{
    ChangeGroup, ChangedFile, Decision, Entry, Exchange, Imported, Mark, Note, NoteKind, Quote, Relation, Roadblock,
    SessionLine, Speaker,
};
use super::narration::{Narration, Standing, Weighed};
use crate::git::CommitId;

/// The version of the shape; it grows when a key changes its meaning or goes, not when one is added.
pub const SCHEMA: u32 = 1;

/// One entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EntryJson<'a> {
    schema: u32,
    commit: &'a str,
    /// RFC 3339 with the author's offset.
    at: String,
    subject: &'a str,
    body: &'a str,
    narration: Option<NarrationJson<'a>>,
    conversation: Vec<ExchangeJson<'a>>,
    decisions: Vec<DecisionJson<'a>>,
    roadblocks: Vec<RoadblockJson<'a>>,
    commands: CommandsJson<'a>,
    changes: ChangesJson<'a>,
    notes: Vec<NoteJson<'a>>,
    details: DetailsJson<'a>,
    imported: Vec<ImportedJson<'a>>,
    by_hand: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NarrationJson<'a> {
    summary: &'a [String],
    synopsis: &'a [String],
    decisions: Vec<WeighedJson<'a>>,
    roadblocks: &'a [String],
    lessons: &'a [String],
    mood: &'a [String],
    model: &'a str,
    /// RFC 3339.
    at: String,
    kept: u32,
    dropped: u32,
    of: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WeighedJson<'a> {
    what: &'a str,
    /// `implemented` or `discussed`.
    standing: &'static str,
    files: &'a [String],
    why: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ExchangeJson<'a> {
    prompt: QuoteJson<'a>,
    reply: Option<QuoteJson<'a>>,
    carried_over: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct QuoteJson<'a> {
    /// `developer`, or the assistant's slug.
    speaker: &'static str,
    /// RFC 3339 with the author's offset, to the minute.
    at: String,
    text: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum DecisionJson<'a> {
    Answered { question: &'a str, answer: &'a str },
    Approved { plan: &'a str },
    Declined { plan: &'a str },
}

#[derive(Debug, Serialize, JsonSchema)]
struct RoadblockJson<'a> {
    command: &'a str,
    failures: u32,
    passed_in_the_end: bool,
    exit: Option<i32>,
    output: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CommandsJson<'a> {
    listed: Vec<CommandJson<'a>>,
    more: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CommandJson<'a> {
    line: &'a str,
    times: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangesJson<'a> {
    files: u32,
    added: u64,
    removed: u64,
    listed: Vec<ChangedFileJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangedFileJson<'a> {
    path: &'a str,
    change: &'static str,
    /// The old path of a renamed or copied file.
    from: Option<&'a str>,
    group: &'static str,
    added: Option<u32>,
    removed: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NoteJson<'a> {
    kind: &'static str,
    at: String,
    text: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DetailsJson<'a> {
    branch: Option<&'a str>,
    author: &'a str,
    merged: Vec<&'a str>,
    conflicts: &'a [String],
    relations: Vec<RelationJson<'a>>,
    dropped: bool,
    sessions: Vec<SessionJson<'a>>,
    omissions: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
struct RelationJson<'a> {
    kind: &'static str,
    commits: Vec<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SessionJson<'a> {
    assistant: &'static str,
    session: &'a str,
    model: Option<&'a str>,
    prompts: u32,
    first: String,
    last: String,
}

/// A text of an earlier program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportedJson<'a> {
    source: &'a str,
    text: &'a str,
}

impl<'a> From<&'a Imported> for ImportedJson<'a> {
    fn from(imported: &'a Imported) -> Self {
        Self { source: &imported.source, text: &imported.text }
    }
}

impl<'a> From<&'a Entry> for EntryJson<'a> {
    fn from(entry: &'a Entry) -> Self {
        let commands = entry.commands.listed.iter();
        let details = &entry.details;
        Self {
            schema: SCHEMA,
            commit: entry.commit.as_str(),
            at: entry.at.to_rfc3339(),
            subject: &entry.subject,
            body: &entry.body,
            narration: entry.narration.as_ref().map(narration),
            conversation: entry.conversation.iter().map(exchange).collect(),
            decisions: entry.decisions.iter().map(decision).collect(),
            roadblocks: entry.roadblocks.iter().map(roadblock).collect(),
            commands: CommandsJson {
                listed: commands.map(|command| CommandJson { line: &command.line, times: command.times }).collect(),
                more: entry.commands.more,
            },
            changes: ChangesJson {
                files: entry.changes.files,
                added: entry.changes.added,
                removed: entry.changes.removed,
                listed: entry.changes.listed.iter().map(changed_file).collect(),
            },
            notes: entry.notes.iter().map(note).collect(),
            details: DetailsJson {
                branch: details.branch.as_deref(),
                author: &details.author,
                merged: ids(&details.merged),
                conflicts: &details.conflicts,
                relations: details.relations.iter().map(relation).collect(),
                dropped: details.dropped,
                sessions: details.sessions.iter().map(session).collect(),
                omissions: &details.omissions,
            },
            imported: entry.imported.iter().map(ImportedJson::from).collect(),
            by_hand: &entry.by_hand,
        }
    }
}

fn narration(narration: &Narration) -> NarrationJson<'_> {
    NarrationJson {
        summary: &narration.summary,
        synopsis: &narration.synopsis,
        decisions: narration.decisions.iter().map(weighed).collect(),
        roadblocks: &narration.roadblocks,
        lessons: &narration.lessons,
        mood: &narration.mood,
        model: &narration.model,
        at: narration.at.to_rfc3339(),
        kept: narration.kept,
        dropped: narration.dropped,
        of: narration.of.as_ref().map(CommitId::as_str),
    }
}

fn weighed(decision: &Weighed) -> WeighedJson<'_> {
    let (standing, files) = match &decision.standing {
        Standing::Implemented(files) => ("implemented", files.as_slice()),
        Standing::Discussed => ("discussed", [].as_slice()),
    };
    WeighedJson { what: &decision.what, standing, files, why: &decision.why }
}

fn exchange(exchange: &Exchange) -> ExchangeJson<'_> {
    ExchangeJson {
        prompt: quote(&exchange.prompt),
        reply: exchange.reply.as_ref().map(quote),
        carried_over: exchange.carried_over,
    }
}

fn quote(quote: &Quote) -> QuoteJson<'_> {
    let speaker = match quote.speaker {
        Speaker::Developer => "developer",
        Speaker::Assistant(assistant) => assistant.slug(),
    };
    QuoteJson { speaker, at: quote.at.to_rfc3339(), text: &quote.text }
}

fn decision(decision: &Decision) -> DecisionJson<'_> {
    match decision {
        Decision::Answered { question, answer } => DecisionJson::Answered { question, answer },
        Decision::Approved { plan } => DecisionJson::Approved { plan },
        Decision::Declined { plan } => DecisionJson::Declined { plan },
    }
}

fn roadblock(roadblock: &Roadblock) -> RoadblockJson<'_> {
    RoadblockJson {
        command: &roadblock.command,
        failures: roadblock.failures,
        passed_in_the_end: roadblock.passed_in_the_end,
        exit: roadblock.exit,
        output: &roadblock.output,
    }
}

fn changed_file(file: &ChangedFile) -> ChangedFileJson<'_> {
    let (change, from) = match &file.mark {
        Mark::Added => ("added", None),
        Mark::Modified => ("modified", None),
        Mark::Deleted => ("deleted", None),
        Mark::RenamedFrom(old) => ("renamed", Some(old.as_str())),
        Mark::CopiedFrom(old) => ("copied", Some(old.as_str())),
        Mark::TypeChanged => ("type_changed", None),
        Mark::ModeChanged => ("mode_changed", None),
        Mark::Submodule => ("submodule", None),
    };
    let group = match file.group {
        ChangeGroup::Source => "source",
        ChangeGroup::Tests => "tests",
        ChangeGroup::Docs => "docs",
        ChangeGroup::Config => "config",
        ChangeGroup::Generated => "generated",
    };
    let (added, removed) = file.lines.unzip();
    ChangedFileJson { path: &file.path, change, from, group, added, removed }
}

fn note(note: &Note) -> NoteJson<'_> {
    let kind = match note.kind {
        NoteKind::Reflection => "reflection",
        NoteKind::Capture => "capture",
    };
    NoteJson { kind, at: note.at.to_rfc3339(), text: &note.text }
}

fn ids(ids: &[CommitId]) -> Vec<&str> {
    ids.iter().map(CommitId::as_str).collect()
}

fn relation(relation: &Relation) -> RelationJson<'_> {
    let (kind, commits) = match relation {
        Relation::PickedFrom(id) => ("picked_from", std::slice::from_ref(id)),
        Relation::Reverts(id) => ("reverts", std::slice::from_ref(id)),
        Relation::Squashes(squashed) => ("squashes", squashed.as_slice()),
    };
    RelationJson { kind, commits: ids(commits) }
}

fn session(session: &SessionLine) -> SessionJson<'_> {
    SessionJson {
        assistant: session.assistant.slug(),
        session: &session.session,
        model: session.model.as_deref(),
        prompts: session.prompts,
        first: session.span.0.to_rfc3339(),
        last: session.span.1.to_rfc3339(),
    }
}
