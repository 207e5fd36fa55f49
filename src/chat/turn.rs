//! A session's events as turns: what the human asked, and everything that followed until the next prompt.
//!
//! In: the events of one session, oldest first. Out: [`Turn`]s.
//! Never here: which of them matter to a commit (that is `matching`).

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::message::{COMMIT, Event, EventKind, Outcome};
use super::ours::is_ours;

/// Something said, with its instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// When.
    pub at: DateTime<Utc>,
    /// The words.
    pub text: String,
}

/// A command that was run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// When.
    pub at: DateTime<Utc>,
    /// The command line.
    pub line: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// A question put to the human.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// When.
    pub at: DateTime<Utc>,
    /// The question.
    pub question: String,
    /// The answer; `None` while open or refused.
    pub answer: Option<String>,
}

/// A plan put to the human.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// When.
    pub at: DateTime<Utc>,
    /// The plan.
    pub text: String,
    /// Whether it was approved; `None` while open.
    pub approved: Option<bool>,
}

/// A commit that the assistant says it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The beginning of its id, in lower case.
    pub id: String,
    /// The command, with the message.
    pub line: String,
}

/// One prompt and what followed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The human's words; `None` where the beginning of the turn was not read.
    pub prompt: Option<Said>,
    /// The assistant's words, in order.
    pub replies: Vec<Said>,
    /// Files the assistant changed, in order, with repeats.
    pub edits: Vec<(DateTime<Utc>, PathBuf)>,
    /// Commands, in order.
    pub commands: Vec<Ran>,
    /// Questions, in order.
    pub questions: Vec<Asked>,
    /// Plans, in order.
    pub plans: Vec<Planned>,
    /// The commits that the assistant says it made, in order.
    pub made: Vec<Made>,
    /// Whether nothing was edited after the last of them.
    pub committed: bool,
    /// The first and the last instant.
    pub span: (DateTime<Utc>, DateTime<Utc>),
    /// Whether the turn's last event is the assistant's word to the human, so that nothing was in progress.
    pub closed: bool,
    /// Whether the prompt was said before the previous commit, or before what an earlier commit has told (see `matching`).
    pub carried_over: bool,
}

impl Turn {
    fn new(at: DateTime<Utc>) -> Self {
        Self {
            prompt: None,
            replies: Vec::new(),
            edits: Vec::new(),
            commands: Vec::new(),
            questions: Vec::new(),
            plans: Vec::new(),
            made: Vec::new(),
            committed: false,
            span: (at, at),
            closed: false,
            carried_over: false,
        }
    }

    fn push(&mut self, event: &Event) {
        let at = event.at;
        self.span = (self.span.0.min(at), self.span.1.max(at));
        self.closed = matches!(event.kind, EventKind::Reply(_) | EventKind::Interruption);
        match &event.kind {
            EventKind::Prompt(text) => self.prompt = Some(Said { at, text: text.clone() }),
            EventKind::Reply(text) => self.replies.push(Said { at, text: text.clone() }),
            EventKind::Edit { path } => {
                self.edits.push((at, path.clone()));
                self.committed = false;
            }
            EventKind::Command { line, outcome } => {
                if let Some(id) = event.id.strip_prefix(COMMIT) {
                    // What follows a tilde only tells events apart.
                    let id = id.split('~').next().unwrap_or(id).to_ascii_lowercase();
                    self.made.push(Made { id, line: line.clone() });
                    self.committed = true;
                }
                self.commands.push(Ran { at, line: line.clone(), outcome: outcome.clone() });
            }
            EventKind::Question { question, answer } => {
                self.questions.push(Asked { at, question: question.clone(), answer: answer.clone() });
            }
            EventKind::Plan { text, approved } => {
                self.plans.push(Planned { at, text: text.clone(), approved: *approved });
            }
            EventKind::Interruption => {}
        }
    }

    /// The part of the turn after `lower`; `None` when nothing is left. A prompt said before is kept and the turn marked
    /// as carried over, so that what follows is not left without its reason.
    #[must_use]
    pub fn after(&self, lower: DateTime<Utc>) -> Option<Self> {
        if self.span.1 <= lower {
            return None;
        }
        let mut rest = self.clone();
        rest.carried_over = rest.prompt.as_ref().is_some_and(|prompt| prompt.at <= lower);
        rest.replies.retain(|said| said.at > lower);
        rest.edits.retain(|(at, _)| *at > lower);
        rest.commands.retain(|ran| ran.at > lower);
        rest.questions.retain(|asked| asked.at > lower);
        rest.plans.retain(|planned| planned.at > lower);
        if rest.carried_over {
            rest.span.0 = rest.span.0.max(lower);
        }
        Some(rest)
    }
}

/// Splits events, oldest first, into turns. What comes before the first prompt becomes a turn without one. A request of
/// this program is nobody's turn, whichever assistant it was put to.
#[must_use]
pub fn turns(events: &[Event]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for event in events {
        let opens = matches!(event.kind, EventKind::Prompt(_));
        match turns.last_mut() {
            Some(turn) if !opens => turn.push(event),
            _ => {
                let mut turn = Turn::new(event.at);
                turn.push(event);
                turns.push(turn);
            }
        }
    }
    turns.retain(|turn| turn.prompt.as_ref().is_none_or(|said| !is_ours(&said.text)));
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn event(second: i64, kind: EventKind) -> Event {
        Event { id: second.to_string(), at: DateTime::UNIX_EPOCH + TimeDelta::seconds(second), kind }
    }

    fn sample() -> Vec<Turn> {
        turns(&[
            event(1, EventKind::Reply("before".into())),
            event(2, EventKind::Prompt("do it".into())),
            event(3, EventKind::Edit { path: "/r/a".into() }),
            event(5, EventKind::Edit { path: "/r/b".into() }),
            event(6, EventKind::Reply("done".into())),
            event(7, EventKind::Prompt("more".into())),
        ])
    }

    #[test]
    fn a_request_of_this_program_is_nobodys_turn() {
        let ours = format!("{}\nTell of the commit.", super::super::ours::MARKER);
        let turns = turns(&[
            event(1, EventKind::Prompt(ours)),
            event(2, EventKind::Reply("## Summary".into())),
            event(3, EventKind::Prompt("do it".into())),
        ]);
        assert_eq!(turns.len(), 1);
        assert_eq!(turns[0].prompt.as_ref().unwrap().text, "do it");
    }

    #[test]
    fn a_prompt_opens_a_turn_and_a_reply_closes_it() {
        let turns = sample();
        assert_eq!(turns.len(), 3);
        assert!(turns[0].prompt.is_none());
        assert_eq!((turns[1].edits.len(), turns[1].closed), (2, true));
        assert!(!turns[2].closed);
    }

    #[test]
    fn the_rest_of_a_turn_keeps_the_prompt_that_opened_it() {
        let turns = sample();
        let rest = turns[1].after(DateTime::UNIX_EPOCH + TimeDelta::seconds(4)).unwrap();
        assert_eq!(rest.prompt.as_ref().unwrap().text, "do it");
        assert!(rest.carried_over);
        assert_eq!(rest.edits.len(), 1);
        assert_eq!(turns[1].after(DateTime::UNIX_EPOCH + TimeDelta::seconds(6)), None);
    }
}
