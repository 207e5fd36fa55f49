//! Evidence as JSON, schema 1: what `record --print --json` prints besides the entry.
//!
//! In: [`Evidence`]. Out: [`EvidenceJson`]: sessions by their full ids, what was said, facts, every file with its counts.
//! Never here: anything that is not in the evidence, so nothing that has not been redacted.

use serde::Serialize;

use super::gather::{Evidence, SessionEvidence};
use crate::chat::Outcome;
use crate::chat::turn::{Said, Turn};
use crate::git::{Change, ChangeKind, Lines, change::path_text};

/// The evidence of one commit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceJson {
    schema: u32,
    commit: String,
    parents: Vec<String>,
    trailers: Vec<(String, String)>,
    files: Vec<FileJson>,
    /// Files that are counted in the entry's totals but not named here.
    unnamed_files: u32,
    journal_files: u32,
    sessions: Vec<SessionJson>,
    gaps: Vec<GapJson>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct FileJson {
    path: String,
    from: Option<String>,
    added: Option<u32>,
    removed: Option<u32>,
    binary: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SessionJson {
    id: String,
    assistant: &'static str,
    version: Option<String>,
    model: Option<String>,
    /// `ran_the_commit`, `edited_files`, `names_files` or `nearby`.
    reason: &'static str,
    complete: bool,
    turns: Vec<TurnJson>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct TurnJson {
    prompt: Option<SaidJson>,
    carried_over: bool,
    replies: Vec<SaidJson>,
    edits: Vec<String>,
    commands: Vec<CommandJson>,
    questions: Vec<QuestionJson>,
    plans: Vec<PlanJson>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SaidJson {
    at: String,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct CommandJson {
    at: String,
    line: String,
    /// `pending`, `passed`, `failed` or `refused`.
    outcome: &'static str,
    exit: Option<i32>,
    output: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct QuestionJson {
    question: String,
    answer: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PlanJson {
    text: String,
    approved: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct GapJson {
    assistant: &'static str,
    source: String,
    reason: String,
}

impl From<&Evidence> for EvidenceJson {
    fn from(evidence: &Evidence) -> Self {
        let commit = evidence.commit();
        let trailers = commit.trailers.iter();
        Self {
            schema: 1,
            commit: commit.id.to_string(),
            parents: commit.parents.iter().map(ToString::to_string).collect(),
            trailers: trailers.map(|trailer| (trailer.key.clone(), trailer.value.clone())).collect(),
            files: commit.changes.iter().map(file).collect(),
            unnamed_files: evidence.totals().unnamed,
            journal_files: evidence.totals().journal_files,
            sessions: evidence.sessions().iter().map(session).collect(),
            gaps: evidence
                .gaps()
                .iter()
                .map(|gap| GapJson {
                    assistant: gap.assistant.slug(),
                    source: gap.source.display().to_string(),
                    reason: gap.reason.clone(),
                })
                .collect(),
        }
    }
}

fn file(change: &Change) -> FileJson {
    let from = match &change.kind {
        ChangeKind::Renamed { from } | ChangeKind::Copied { from } => Some(path_text(from).into_owned()),
        _ => None,
    };
    let (added, removed) = match change.lines {
        Lines::Counted { added, removed } => (Some(added), Some(removed)),
        Lines::Binary | Lines::Uncounted => (None, None),
    };
    FileJson { path: change.path_text().into_owned(), from, added, removed, binary: change.lines == Lines::Binary }
}

fn session(session: &SessionEvidence) -> SessionJson {
    SessionJson {
        id: session.id.to_string(),
        assistant: session.assistant.slug(),
        version: session.version.clone(),
        model: session.model.clone(),
        reason: session.reason.slug(),
        complete: session.complete,
        turns: session.turns.iter().map(turn).collect(),
    }
}

fn said(said: &Said) -> SaidJson {
    SaidJson { at: said.at.to_rfc3339(), text: said.text.clone() }
}

fn turn(turn: &Turn) -> TurnJson {
    let commands = turn.commands.iter().map(|ran| {
        let (outcome, exit, output) = match &ran.outcome {
            Outcome::Pending => ("pending", None, None),
            Outcome::Passed => ("passed", None, None),
            Outcome::Refused => ("refused", None, None),
            Outcome::Failed { exit, output } => ("failed", *exit, Some(output.clone())),
        };
        CommandJson { at: ran.at.to_rfc3339(), line: ran.line.clone(), outcome, exit, output }
    });
    let questions = turn.questions.iter();
    let plans = turn.plans.iter();
    TurnJson {
        prompt: turn.prompt.as_ref().map(said),
        carried_over: turn.carried_over,
        replies: turn.replies.iter().map(said).collect(),
        edits: turn.edits.iter().map(|(_, path)| path.display().to_string()).collect(),
        commands: commands.collect(),
        questions: questions
            .map(|asked| QuestionJson { question: asked.question.clone(), answer: asked.answer.clone() })
            .collect(),
        plans: plans.map(|plan| PlanJson { text: plan.text.clone(), approved: plan.approved }).collect(),
    }
}
