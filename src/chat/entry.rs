//! Records of conversations, brought into one shape.
//!
//! In: nothing. Out: plain data, between the readers of formats whose files are logs of records, and what is told of them.
//! Never here: a format, or a file.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::message::Outcome;

/// One record, brought into the shape that all share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// Its id.
    pub id: Option<String>,
    /// Recognises it within the session: its id, or its place in the file. Set when it is read.
    pub key: String,
    /// The record it follows, where records are a tree.
    pub parent: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// The turn that begins with it, by the assistant's id of it.
    pub turn: Option<String>,
    /// The working directory from here on.
    pub directory: Option<String>,
    /// The assistant's version.
    pub version: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// What was said and done.
    pub parts: Vec<Part>,
}

/// Something said or done.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A human typed this.
    Prompt(String),
    /// Stands in the human's name, and is not told when the file has prompts that surely are a human's.
    Unsure(String),
    /// The assistant said this.
    Reply(String),
    /// The human stopped the assistant.
    Interruption,
    /// The assistant used a tool; the id is that of the use.
    Use(String, Tool),
    /// What came of it.
    Came(String, Came),
    /// The human took back so many prompts.
    Rollback(usize),
}

/// The tools whose use is a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Tool {
    /// Changes files; relative ones lie below the directory, or below the session's.
    Edit(Vec<String>, Option<String>),
    /// Runs a command.
    Command(String),
    /// Asks; each question with the key that its answer has.
    Questions(Vec<(String, String)>),
    /// Proposes a plan.
    Plan(String),
}

/// What came of the use of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Came {
    /// As of a command.
    pub outcome: Outcome,
    /// Keys of questions with the answers.
    pub answers: Vec<(String, String)>,
}

impl From<Outcome> for Came {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, answers: Vec::new() }
    }
}

impl Entry {
    /// Whether something in it is of that kind.
    pub(crate) fn has(&self, part: fn(&Part) -> bool) -> bool {
        self.parts.iter().any(part)
    }
}

impl Part {
    /// Whether a human surely typed it.
    #[must_use]
    pub fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt(_))
    }

    /// Whether a human may have typed it.
    #[must_use]
    pub fn opens_turn(&self) -> bool {
        matches!(self, Self::Prompt(_) | Self::Unsure(_))
    }
}

/// The records that the newest one follows, and those that are no part of the tree.
///
/// Where the chain leaves what was read, all before is kept; where it ends at a record that follows none, nothing is.
#[must_use]
pub fn branch(entries: &[Entry]) -> Vec<bool> {
    let at: HashMap<&str, usize> =
        entries.iter().enumerate().filter_map(|(at, entry)| Some((entry.id.as_deref()?, at))).collect();
    let mut kept: Vec<bool> = entries.iter().map(|entry| entry.id.is_none()).collect();
    let mut next = entries.iter().rposition(|entry| entry.id.is_some());
    while let Some(here) = next {
        // A circle ends where it began.
        if std::mem::replace(&mut kept[here], true) {
            break;
        }
        let parent = entries[here].parent.as_deref();
        next = parent.and_then(|parent| at.get(parent).copied());
        if parent.is_some() && next.is_none() {
            kept[..here].fill(true);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each `id parent`; `-` is none.
    #[track_caller]
    fn check(chain: &str, dropped: &[&str]) {
        let entries: Vec<Entry> = chain
            .split(',')
            .map(|record| {
                let mut words = record.split_whitespace().map(|word| (word != "-").then(|| word.to_owned()));
                Entry { id: words.next().unwrap(), parent: words.next().unwrap(), ..Entry::default() }
            })
            .collect();
        let kept = branch(&entries);
        let found: Vec<&str> =
            entries.iter().zip(kept).filter(|(_, kept)| !kept).filter_map(|(entry, _)| entry.id.as_deref()).collect();
        assert_eq!(found, dropped, "{chain}");
    }

    #[test]
    fn what_the_newest_record_does_not_follow_is_left_out() {
        check("1 -,2 1,3 2", &[]);
        check("1 -,2 1,3 2,4 1,- -,5 4", &["2", "3"]);
        check("1 -,2 1,3 -", &["1", "2"]);
        check("2 1,3 2,9 lost", &[]);
        check("2 1,3 2,4 lost,5 2,6 4", &["5"]);
        check("- -,- -", &[]);
    }

    #[test]
    fn a_circle_ends() {
        check("1 2,2 1", &[]);
        check("1 -,2 2", &["1"]);
    }
}
