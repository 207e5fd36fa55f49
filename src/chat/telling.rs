//! What is told of records.
//!
//! In: entries in the order in which they were written, and which of them count. Out: events, in a [`Gathered`] session.
//! Never here: a guess: what has no recorded end is open, and an edit that failed or was refused did not happen.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use super::entry::{Came, Entry, Part, Tool};
use super::gathered::Gathered;
use super::message::{EventKind, Outcome};
use super::place;

/// Gathers what the entries say. The first line counts in any case: it says where the session is.
#[must_use]
pub fn gather(first: Option<&Entry>, entries: &[Entry], kept: &[bool]) -> Gathered {
    let mut teller = Teller { results: results(entries), ..Teller::default() };
    teller.sure = entries.iter().zip(kept).any(|(entry, kept)| *kept && entry.has(Part::is_prompt));
    let always = first.into_iter().map(|entry| (entry, true));
    for (entry, kept) in always.chain(entries.iter().zip(kept.iter().copied())) {
        teller.tell_entry(entry, kept);
    }
    teller.gathered
}

/// What came of each use; an end replaces what was not one.
fn results(entries: &[Entry]) -> HashMap<&str, &Came> {
    let mut results: HashMap<&str, &Came> = HashMap::new();
    for part in entries.iter().flat_map(|entry| &entry.parts) {
        if let Part::Came(of, came) = part {
            let known = results.entry(of).or_insert(came);
            if known.outcome == Outcome::Pending {
                *known = came;
            }
        }
    }
    results
}

/// What is known while the records are gone through.
#[derive(Default)]
struct Teller<'a> {
    gathered: Gathered,
    results: HashMap<&'a str, &'a Came>,
    /// Whether there are prompts that surely are a human's.
    sure: bool,
    at: Option<DateTime<Utc>>,
    uses: HashSet<&'a str>,
    /// The prompt to which nothing was done yet: after a stop it may be written down again.
    unheeded: Option<&'a str>,
}

impl<'a> Teller<'a> {
    fn tell_entry(&mut self, entry: &'a Entry, kept: bool) {
        // The newest that is known, also of what is no longer on the branch.
        for (known, newer) in [(&mut self.gathered.version, &entry.version), (&mut self.gathered.model, &entry.model)] {
            if newer.is_some() {
                known.clone_from(newer);
            }
        }
        if !kept {
            return;
        }
        // A record without a time has its predecessor's.
        self.at = entry.at.or(self.at);
        if let Some(directory) = &entry.directory {
            self.gathered.directory(directory);
        }
        let Some(at) = self.at else { return };
        for part in &entry.parts {
            self.tell(&entry.key, at, part);
        }
    }

    fn tell(&mut self, key: &str, at: DateTime<Utc>, part: &'a Part) {
        match part {
            Part::Unsure(_) if self.sure => {}
            Part::Prompt(text) | Part::Unsure(text) => {
                if self.unheeded.replace(text) != Some(text) {
                    self.gathered.push(key, at, EventKind::Prompt(text.clone()));
                }
            }
            Part::Reply(text) => {
                self.unheeded = None;
                self.gathered.push(key, at, EventKind::Reply(text.clone()));
            }
            Part::Interruption => self.gathered.push(key, at, EventKind::Interruption),
            Part::Use(id, tool) => {
                self.unheeded = None;
                if self.uses.insert(id) {
                    self.tell_use(id, at, tool);
                }
            }
            Part::Came(..) | Part::Rollback(_) => {}
        }
    }

    fn tell_use(&mut self, id: &str, at: DateTime<Utc>, tool: &Tool) {
        let came = self.results.get(id).copied();
        let outcome = came.map_or(Outcome::Pending, |came| came.outcome.clone());
        match tool {
            // An edit that failed or was refused did not happen.
            Tool::Edit(..) if matches!(outcome, Outcome::Failed { .. } | Outcome::Refused) => {}
            Tool::Edit(paths, directory) => {
                for (nth, path) in paths.iter().enumerate() {
                    let below = directory.as_deref().map(Path::new).or(self.gathered.here());
                    let path = place::absolute(path, below);
                    let id = if nth == 0 { id.to_owned() } else { format!("{id}#{nth}") };
                    self.gathered.push(&id, at, EventKind::Edit { path });
                }
            }
            Tool::Command(line) => self.gathered.push(id, at, EventKind::Command { line: line.clone(), outcome }),
            Tool::Questions(questions) => {
                for (nth, (key, question)) in questions.iter().enumerate() {
                    let answer = came.and_then(|came| came.answers.iter().find(|(known, _)| known == key));
                    let answer = answer.map(|(_, answer)| answer.clone()).filter(|answer| !answer.trim().is_empty());
                    let kind = EventKind::Question { question: question.clone(), answer };
                    self.gathered.push(&format!("{id}#{nth}"), at, kind);
                }
            }
            Tool::Plan(text) => {
                let approved = match outcome {
                    Outcome::Passed => Some(true),
                    Outcome::Refused => Some(false),
                    Outcome::Pending | Outcome::Failed { .. } => None,
                };
                self.gathered.push(id, at, EventKind::Plan { text: text.clone(), approved });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::chat::message::{Assistant, SessionId, Wanted};
    use crate::chat::reader::Candidate;

    fn entry(second: i64, parts: Vec<Part>) -> Entry {
        Entry { key: second.to_string(), at: DateTime::from_timestamp(second, 0), parts, ..Entry::default() }
    }

    #[track_caller]
    fn check(entries: &[Entry], expected: &[EventKind]) {
        let first = Entry { directory: Some("/repo".to_owned()), ..Entry::default() };
        let gathered = gather(Some(&first), entries, &vec![true; entries.len()]);
        let (id, at) = (SessionId("s".to_owned()), DateTime::UNIX_EPOCH);
        let candidate = Candidate { id, file: PathBuf::new(), modified: at, named: true, size: 0 };
        let (until, roots) = (DateTime::<Utc>::MAX_UTC, Vec::new());
        let wanted = Wanted { roots, named: Vec::new(), since: at, until, thorough: false };
        let session = gathered.session(Assistant::Codex, &candidate, &wanted).unwrap();
        let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, expected);
    }

    fn used(tool: Tool) -> Part {
        Part::Use("c".to_owned(), tool)
    }

    fn came(outcome: Outcome) -> Part {
        Part::Came("c".to_owned(), outcome.into())
    }

    fn ran(outcome: Outcome) -> EventKind {
        EventKind::Command { line: "make".to_owned(), outcome }
    }

    #[test]
    fn a_use_is_told_once_with_the_end_that_it_came_to() {
        let make = || used(Tool::Command("make".to_owned()));
        check(&[entry(1, vec![make()])], &[ran(Outcome::Pending)]);
        let results = vec![came(Outcome::Pending), came(Outcome::Passed), came(Outcome::Refused)];
        check(&[entry(1, vec![make(), make()]), entry(2, results)], &[ran(Outcome::Passed)]);
    }

    #[test]
    fn edits_lie_below_their_directory_and_happen_unless_they_failed() {
        let edit =
            |below: Option<&str>| used(Tool::Edit(vec!["a".to_owned(), "/b".to_owned()], below.map(str::to_owned)));
        let edited = |path: &str| EventKind::Edit { path: PathBuf::from(path) };
        check(&[entry(1, vec![edit(None)])], &[edited("/repo/a"), edited("/b")]);
        check(&[entry(1, vec![edit(Some("/x")), came(Outcome::Passed)])], &[edited("/x/a"), edited("/b")]);
        check(&[entry(1, vec![edit(None), came(Outcome::Refused)])], &[]);
        let failed = Outcome::Failed { exit: None, output: String::new() };
        check(&[entry(1, vec![edit(None), came(failed)])], &[]);
    }

    #[test]
    fn unsure_words_are_told_only_where_there_are_no_sure_ones() {
        let text = |text: &str| text.to_owned();
        check(&[entry(1, vec![Part::Unsure(text("a"))])], &[EventKind::Prompt(text("a"))]);
        let both = vec![Part::Unsure(text("a")), Part::Prompt(text("b"))];
        check(&[entry(1, both)], &[EventKind::Prompt(text("b"))]);
    }

    #[test]
    fn questions_find_their_answers_and_plans_their_approval() {
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        let ask = used(Tool::Questions(vec![pair("k", "Which?"), pair("l", "How?")]));
        let answers = Came { outcome: Outcome::Passed, answers: vec![pair("k", "this"), pair("l", " ")] };
        let asked = |question: &str, answer: Option<&str>| EventKind::Question {
            question: question.to_owned(),
            answer: answer.map(str::to_owned),
        };
        let parts = vec![ask, Part::Came("c".to_owned(), answers)];
        check(&[entry(1, parts)], &[asked("Which?", Some("this")), asked("How?", None)]);
        for (outcome, approved) in
            [(Outcome::Passed, Some(true)), (Outcome::Refused, Some(false)), (Outcome::Pending, None)]
        {
            let parts = vec![used(Tool::Plan("do".to_owned())), came(outcome)];
            check(&[entry(1, parts)], &[EventKind::Plan { text: "do".to_owned(), approved }]);
        }
    }
}
