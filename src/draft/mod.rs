//! Evidence becomes an entry, without a model.
//!
//! In: [`Evidence`] and [`Limits`]. Out: an [`Entry`]; the same evidence always gives the same entry.
//! Never here: a word that nobody said: what is written is quoted, counted or named, never guessed.

pub mod cut;

mod units;

mod words;

pub mod changes;

pub mod commands;

pub mod conversation;

use chrono::FixedOffset;

use self::commands::Summary;
use self::units::{count, minute};
use crate::chat::turn::Turn;
use crate::evidence::{Evidence, SessionEvidence};
use crate::git::Commit;
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

/// The most decisions that are told.
const DECISIONS: usize = 12;

/// Trailers that say who, which the details and git itself say already; the others belong to the message.
const PEOPLE: &[&str] = &["signed-off-by", "co-authored-by", "change-id"];

/// Drafts the entry of a commit.
#[must_use]
pub fn draft(evidence: &Evidence, limits: Limits) -> Entry {
    let commit = evidence.commit();
    let zone = *commit.author.when.offset();
    let turns = || evidence.sessions().iter().flat_map(|session| &session.turns);
    let said = conversation::exchanges(evidence, limits.conversation);
    let Summary { roadblocks, unlisted, commands } =
        commands::summarise(turns(), commit.worktree.as_deref(), limits.commands);
    let mut settled: Vec<Decision> = turns().flat_map(decisions).collect();
    let unsettled = settled.len().saturating_sub(DECISIONS);
    settled.truncate(DECISIONS);
    let left_out =
        [(said.left_out, "prompt", "quoted"), (unlisted, "roadblock", "listed"), (unsettled, "decision", "listed")];
    Entry {
        commit: commit.id.clone(),
        at: commit.author.when,
        subject: commit.subject.clone(),
        body: body(commit),
        conversation: said.exchanges,
        decisions: settled,
        roadblocks,
        commands,
        changes: changes::summarise(evidence, limits.files),
        notes: evidence.notes().to_vec(),
        details: Details {
            branch: commit.branch.clone(),
            author: commit.author.name.clone(),
            merged: commit.parents.iter().skip(1).cloned().collect(),
            conflicts: evidence.conflicts().to_vec(),
            relations: evidence.relations().to_vec(),
            dropped: false,
            sessions: evidence.sessions().iter().map(|session| session_line(session, zone)).collect(),
            omissions: omissions(evidence, &left_out),
        },
        narration: None,
        imported: vec![],
        by_hand: String::new(),
    }
}

/// The message without its subject, with those of its trailers that say something about the change.
#[must_use]
pub fn body(commit: &Commit) -> String {
    let telling = commit.trailers.iter().filter(|trailer| !PEOPLE.contains(&trailer.key.to_lowercase().as_str()));
    let trailers: Vec<String> = telling.map(|trailer| format!("{}: {}", trailer.key, trailer.value)).collect();
    let parts = [commit.body.clone(), trailers.join("\n")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
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
        span: (minute(start, zone), minute(end, zone)),
    }
}

/// What the entry leaves out, a sentence each.
fn omissions(evidence: &Evidence, left_out: &[(usize, &str, &str)]) -> Vec<String> {
    let mut sentences = Vec::new();
    for (number, what, done) in left_out {
        match number {
            0 => {}
            1 => sentences.push(format!("1 {what} is not {done}")),
            n => sentences.push(format!("{n} {what}s are not {done}")),
        }
    }
    for session in evidence.sessions().iter().filter(|session| !session.complete) {
        sentences.push(format!("the beginning of session {} was not read", session.id.short()));
    }
    for gap in evidence.gaps() {
        // The file's name only: a page may be shared, and where somebody's home lies is nobody's business.
        let file = gap.source.file_name().unwrap_or(gap.source.as_os_str()).to_string_lossy();
        sentences.push(cut::one_line(&format!("{} {file} was not read: {}", gap.assistant.name(), gap.reason)));
    }
    match evidence.totals().uncounted {
        0 => {}
        1 => sentences.push("the lines of 1 file were not counted".to_owned()),
        n => sentences.push(format!("the lines of {n} files were not counted")),
    }
    match evidence.totals().journal_files {
        0 => {}
        1 => sentences.push("1 journal file is not listed".to_owned()),
        n => sentences.push(format!("{n} journal files are not listed")),
    }
    sentences
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::chat::matching::{self, Heard, View, Window};
    use crate::chat::{Assistant, Event, EventKind, Session, SessionId};
    use crate::config::RedactConfig;
    use crate::evidence::{self, Sources, redact::Redactor};
    use crate::git::{Change, ChangeKind, CommitId, Lines, Settled, Signature};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(400) + TimeDelta::minutes(minute)
    }

    fn commit() -> Commit {
        let who = Signature { name: "Ada".into(), email: String::new(), when: at(100).fixed_offset() };
        Commit {
            id: CommitId::parse(&"a".repeat(40)).unwrap(),
            parents: vec![CommitId::parse(&"b".repeat(40)).unwrap()],
            parent_committed: Some(at(0).fixed_offset()),
            author: who.clone(),
            committer: who,
            subject: "change".into(),
            body: String::new(),
            trailers: Vec::new(),
            branch: None,
            worktree: None,
            changes: vec![Change {
                path: b"src/a.rs".to_vec(),
                kind: ChangeKind::Modified,
                lines: Lines::Counted { added: 1, removed: 0 },
            }],
            both_sides: std::collections::BTreeSet::default(),
        }
    }

    /// Something that happens in a session, not long before the commit or after it.
    fn event() -> impl Strategy<Value = (i64, EventKind)> {
        let kind = prop_oneof![
            "[a-z ]{0,300}".prop_map(EventKind::Prompt),
            "(Because|Done|Let me look)[a-z`. ]{0,900}".prop_map(EventKind::Reply),
            prop_oneof![Just("/repo/src/a.rs"), Just("/repo/src/b.rs")]
                .prop_map(|path| EventKind::Edit { path: path.into() }),
        ];
        (-20_i64..110, kind)
    }

    fn heard() -> impl Strategy<Value = Vec<Heard>> {
        prop::collection::vec(prop::collection::vec(event(), 0..12), 0..4).prop_map(|sessions| {
            let session = |(nth, mut events): (usize, Vec<(i64, EventKind)>)| {
                events.sort_by_key(|(minute, _)| *minute);
                let events = events.into_iter().enumerate();
                let event = |(id, (minute, kind)): (usize, _)| Event { id: id.to_string(), at: at(minute), kind };
                let session = Session {
                    id: SessionId(format!("session-{nth}")),
                    assistant: Assistant::ClaudeCode,
                    version: None,
                    model: None,
                    directories: vec!["/repo".into()],
                    events: events.map(event).collect(),
                    file: std::path::PathBuf::new(),
                    complete: true,
                };
                Heard { session, named: false, uses: Vec::new(), replaced: Vec::new() }
            };
            sessions.into_iter().enumerate().map(session).collect()
        })
    }

    fn entry(heard: &[Heard], conversation: usize) -> Entry {
        let (commit, window) = (commit(), Window::of(&commit()));
        let settled = || Settled::before(window.since);
        let view = View { roots: &["/repo".into()], elsewhere: &[], floor: window.since, settled: &settled };
        let matches = matching::choose(&commit, window, view, heard).matches;
        let sources = Sources { matches, ..Sources::of(commit) };
        let evidence = evidence::gather(sources, &Redactor::new(&RedactConfig { emails: false, words: Vec::new() }));
        draft(&evidence, Limits { conversation, commands: 5, files: 5 })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_order_in_which_sessions_are_found_changes_nothing(
            (one, other) in heard().prop_flat_map(|heard| (Just(heard.clone()), Just(heard).prop_shuffle()))
        ) {
            prop_assert_eq!(entry(&one, 4_000), entry(&other, 4_000));
        }

        #[test]
        fn a_conversation_is_no_longer_than_it_may_be_and_says_nothing_twice(heard in heard(), most in 1_300_usize..4_000) {
            let entry = entry(&heard, most);
            let quotes = entry.conversation.iter().flat_map(|exchange| exchange.reply.iter().chain([&exchange.prompt]));
            let total: usize = quotes.map(|quote| quote.text.chars().count()).sum();
            prop_assert!(total <= most, "{total}");
            let mut prompts: Vec<_> = entry.conversation.iter().map(|said| (said.prompt.at, &said.prompt.text)).collect();
            let all = prompts.len();
            prompts.dedup();
            prop_assert_eq!(prompts.len(), all);
            prop_assert!(entry.conversation.iter().all(|said| !said.prompt.text.trim().is_empty()));
        }
    }
}
