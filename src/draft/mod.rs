//! Evidence becomes an entry, without a model.
//!
//! In: [`Evidence`] and [`Limits`]. Out: an [`Entry`]; the same evidence always gives the same entry.
//! Never here: a word that nobody said: what is written is quoted, counted or named, never guessed.

pub mod cut;

mod units;

pub mod changes;

pub mod commands;

pub mod conversation;

use chrono::FixedOffset;

use self::units::{clock, count};
use crate::chat::turn::Turn;
use crate::evidence::{Evidence, SessionEvidence};
use crate::journal::{Decision, Details, Entry, SessionLine};

/// How long an entry may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most characters of conversation.
    pub conversation: usize,
    /// The most commands.
    pub commands: usize,
    /// The most files.
    pub files: usize,
}

/// The longest plan or answer that is quoted among the decisions, in characters.
const LONGEST_DECISION: usize = 400;

/// Drafts the entry of a commit.
#[must_use]
pub fn draft(evidence: &Evidence, limits: Limits) -> Entry {
    let commit = evidence.commit();
    let zone = *commit.author.when.offset();
    let turns = || evidence.sessions().iter().flat_map(|session| &session.turns);
    let said = conversation::exchanges(evidence, limits.conversation);
    let (roadblocks, commands) = commands::summarise(turns(), commit.worktree.as_deref(), limits.commands);
    Entry {
        commit: commit.id.clone(),
        at: commit.author.when,
        subject: commit.subject.clone(),
        body: commit.body.clone(),
        conversation: said.exchanges,
        decisions: turns().flat_map(decisions).collect(),
        roadblocks,
        commands,
        changes: changes::summarise(evidence, limits.files),
        notes: evidence.notes().to_vec(),
        details: Details {
            branch: commit.branch.clone(),
            author: commit.author.name.clone(),
            merged: commit.parents.iter().skip(1).cloned().collect(),
            sessions: evidence.sessions().iter().map(|session| session_line(session, zone)).collect(),
            omissions: omissions(evidence, said.left_out),
        },
        by_hand: String::new(),
    }
}

/// What was settled in a turn, in the order in which it was.
fn decisions(turn: &Turn) -> Vec<Decision> {
    let answered = turn.questions.iter().filter_map(|asked| {
        let answer = asked.answer.as_deref()?;
        let decision = Decision::Answered {
            question: cut::prose(&cut::one_line(&asked.question), LONGEST_DECISION),
            answer: cut::prose(&cut::one_line(answer), LONGEST_DECISION),
        };
        Some((asked.at, decision))
    });
    let planned = turn.plans.iter().filter_map(|plan| {
        let text = cut::prose(&plan.text, LONGEST_DECISION);
        let decision =
            if plan.approved? { Decision::Approved { plan: text } } else { Decision::Declined { plan: text } };
        Some((plan.at, decision))
    });
    let mut all: Vec<_> = answered.chain(planned).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, decision)| decision).filter(|decision| !is_blank(decision)).collect()
}

fn is_blank(decision: &Decision) -> bool {
    match decision {
        Decision::Answered { question, answer } => question.is_empty() || answer.is_empty(),
        Decision::Approved { plan } | Decision::Declined { plan } => plan.is_empty(),
    }
}

fn session_line(session: &SessionEvidence, zone: FixedOffset) -> SessionLine {
    let (start, end) = session.span();
    SessionLine {
        assistant: session.assistant,
        session: session.id.short().to_owned(),
        model: session.model.clone(),
        prompts: count(session.turns.iter().filter(|turn| turn.prompt.is_some()).count()),
        span: (clock(start, zone), clock(end, zone)),
    }
}

/// What the entry leaves out, a sentence each.
fn omissions(evidence: &Evidence, prompts_left_out: usize) -> Vec<String> {
    let mut sentences = Vec::new();
    match prompts_left_out {
        0 => {}
        1 => sentences.push("1 prompt is not quoted".to_owned()),
        n => sentences.push(format!("{n} prompts are not quoted")),
    }
    for session in evidence.sessions().iter().filter(|session| !session.complete) {
        sentences.push(format!("the beginning of session {} was not read", session.id.short()));
    }
    for gap in evidence.gaps() {
        // The file's name only: a page may be shared, and where somebody's home lies is nobody's business.
        let file = gap.source.file_name().unwrap_or(gap.source.as_os_str()).to_string_lossy();
        sentences.push(cut::one_line(&format!("{} {file} was not read: {}", gap.assistant.name(), gap.reason)));
    }
    match evidence.totals().journal_files {
        0 => {}
        1 => sentences.push("1 journal file is not listed".to_owned()),
        n => sentences.push(format!("{n} journal files are not listed")),
    }
    sentences
}
