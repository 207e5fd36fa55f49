//! What was said and done, from the records.
//!
//! In: records in the order of the file, and which of them count. Out: [`Event`]s, in the same order.
//! Never here: a guess. A command whose end is not recorded is pending, an edit that was refused did not happen.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use super::record::{Part, Record, Tool, ToolResult};
use super::words::{self, Heard};
use crate::chat::message::{Event, EventKind, Outcome};
use crate::chat::output;
use crate::chat::place;

/// The events of the records that count; results are looked for in all records.
pub(super) fn events(records: &[Record], counts: &[bool]) -> Vec<Event> {
    let mut teller = Teller::default();
    for result in records.iter().flat_map(|record| &record.parts) {
        if let Part::Result(result) = result {
            teller.results.entry(&result.of).or_insert(result);
        }
    }
    // A record without a time has its predecessor's; the first ones that of the first that has one.
    let mut at = records.iter().find_map(|record| record.at);
    for (record, counts) in records.iter().zip(counts) {
        at = record.at.or(at);
        let Some(at) = at.filter(|_| *counts) else { continue };
        for part in &record.parts {
            teller.tell(record, at, part);
        }
    }
    teller.tell_what_is_still_queued();
    teller.events
}

/// What is known while the records are gone through.
#[derive(Default)]
struct Teller<'a> {
    results: HashMap<&'a str, &'a ToolResult>,
    events: Vec<Event>,
    ids: HashSet<String>,
    uses: HashSet<&'a str>,
    replies: HashSet<(&'a str, &'a str)>,
    /// The place in `events` of a shell command whose output comes next.
    shell: Option<usize>,
    /// The plan that was last written to a file.
    plan: Option<&'a str>,
    queue: Vec<(&'a Record, DateTime<Utc>, &'a str)>,
}

impl<'a> Teller<'a> {
    fn tell(&mut self, record: &'a Record, at: DateTime<Utc>, part: &'a Part) {
        let id = || record.uuid.clone().unwrap_or_else(|| format!("@{}.{}", record.offset, record.nth));
        match part {
            // A sub-agent has no human and nobody to answer.
            Part::Use { id, tool } => self.tell_use(record, at, id, tool),
            _ if record.sidechain => {}
            Part::Heard(heard) | Part::Queued(heard) => self.tell_heard(&id(), at, heard),
            Part::Result(result) => {
                if let Some(words) = words::refusal(&result.text).filter(|_| result.failed) {
                    self.push(&id(), at, EventKind::Prompt(words));
                }
            }
            Part::Reply { message, text } => {
                // While an answer streams in, its text may be written down more than once.
                if message.as_deref().is_none_or(|message| self.replies.insert((message, text))) {
                    self.push(&id(), at, EventKind::Reply(text.clone()));
                }
            }
            Part::Enqueue(text) => self.queue.push((record, at, text)),
            Part::Dequeue => drop((!self.queue.is_empty()).then(|| self.queue.remove(0))),
            Part::ClearQueue => self.queue.clear(),
        }
    }

    fn tell_heard(&mut self, id: &str, at: DateTime<Utc>, heard: &Heard) {
        match heard {
            Heard::Typed(text) => self.push(id, at, EventKind::Prompt(text.clone())),
            Heard::Interruption => self.push(id, at, EventKind::Interruption),
            Heard::Shell(line) => {
                self.shell = Some(self.events.len());
                self.push(id, at, EventKind::Command { line: line.clone(), outcome: Outcome::Pending });
            }
            Heard::ShellOutput { stdout, stderr } => {
                let place = self.shell.take().and_then(|place| self.events.get_mut(place));
                if let Some(Event { kind: EventKind::Command { outcome, .. }, .. }) = place {
                    *outcome = shell_outcome(stdout, stderr);
                }
            }
            Heard::Nothing => {}
        }
    }

    fn tell_use(&mut self, record: &Record, at: DateTime<Utc>, id: &'a str, tool: &'a Tool) {
        if !self.uses.insert(id) {
            return;
        }
        let result = self.results.get(id).copied();
        match tool {
            Tool::Edit { path, plan } => {
                if result.is_none_or(|result| !result.failed) {
                    self.plan = plan.as_deref().or(self.plan);
                    self.push(
                        id,
                        at,
                        EventKind::Edit { path: place::absolute(path, record.directory.as_deref().map(Path::new)) },
                    );
                }
            }
            Tool::Command(line) => {
                if let Some(outcome) = outcome(result) {
                    self.push(id, at, EventKind::Command { line: line.clone(), outcome });
                }
            }
            Tool::Questions(questions) if !record.sidechain => {
                for (nth, question) in questions.iter().enumerate() {
                    let answer = result.filter(|result| !result.failed).and_then(|result| answer(result, question));
                    let kind = EventKind::Question { question: question.clone(), answer };
                    self.push(&format!("{id}#{nth}"), at, kind);
                }
            }
            Tool::Plan(text) if !record.sidechain => {
                let text = text.as_deref().or(result.and_then(|result| result.plan.as_deref())).or(self.plan);
                if let Some(text) = text.filter(|text| !text.trim().is_empty()).map(str::to_owned) {
                    self.push(id, at, EventKind::Plan { text, approved: result.and_then(approved) });
                }
            }
            Tool::Questions(_) | Tool::Plan(_) => {}
        }
    }

    /// What was put into the queue comes again when it is taken out; only what never was is told from here.
    fn tell_what_is_still_queued(&mut self) {
        for (record, at, text) in std::mem::take(&mut self.queue) {
            let Heard::Typed(text) = words::hear(text) else { continue };
            let told = |event: &Event| matches!(&event.kind, EventKind::Prompt(known) if event.at >= at && known.contains(&text));
            if !self.events.iter().any(told) {
                self.push(&format!("@{}.{}", record.offset, record.nth), at, EventKind::Prompt(text));
            }
        }
    }

    fn push(&mut self, id: &str, at: DateTime<Utc>, kind: EventKind) {
        let mut unique = id.to_owned();
        let mut nth = 1;
        while !self.ids.insert(unique.clone()) {
            nth += 1;
            unique = format!("{id}~{nth}");
        }
        self.events.push(Event { id: unique, at, kind });
    }
}

/// What came of a command; `None` when it was never run, for a reason that is the program's own.
fn outcome(result: Option<&ToolResult>) -> Option<Outcome> {
    let Some(result) = result else { return Some(Outcome::Pending) };
    let text = result.text.trim_start();
    let exit = exit_code(text);
    if result.interrupted || is_refusal(text) && result.failed {
        Some(Outcome::Refused)
    } else if result.failed && text.starts_with("<tool_use_error>") {
        None
    } else if result.failed || exit.is_some_and(|exit| exit != 0) {
        Some(Outcome::Failed { exit, output: output::end(text) })
    } else if result.backgrounded {
        Some(Outcome::Pending)
    } else {
        Some(Outcome::Passed)
    }
}

/// Of a command that the human ran neither an exit status nor its failure is recorded: silence on the error output
/// passes, an error message there is a failure, and anything else stays open.
fn shell_outcome(stdout: &str, stderr: &str) -> Outcome {
    let is_error = |line: &str| {
        let line = line.trim_start().to_ascii_lowercase();
        ["exit code ", "command failed", "error", "fatal:"].iter().any(|start| line.starts_with(start))
    };
    if stderr.trim().is_empty() {
        Outcome::Passed
    } else if stderr.lines().any(is_error) {
        Outcome::Failed { exit: exit_code(stderr), output: output::end(&format!("{stdout}\n{stderr}")) }
    } else {
        Outcome::Pending
    }
}

fn is_refusal(text: &str) -> bool {
    let text = text.strip_prefix("Error: ").unwrap_or(text);
    ["The user doesn't want to", "[Request interrupted by user", "Permission to use ", "Permission for this action"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// The status in the first line of a failed command's result.
fn exit_code(text: &str) -> Option<i32> {
    let text = text.strip_prefix("Error: ").unwrap_or(text);
    text.lines().next()?.strip_prefix("Exit code ")?.trim().parse().ok()
}

fn answer(result: &ToolResult, question: &str) -> Option<String> {
    if let Some((_, answer)) = result.answers.iter().find(|(asked, _)| asked == question) {
        return Some(answer.clone()).filter(|answer| !answer.trim().is_empty());
    }
    // The text reads: User has answered your questions: "Q"="A", "Q2"="A2". You can now continue …
    let asked = format!("\"{question}\"=\"");
    let rest = &result.text[result.text.find(&asked)? + asked.len()..];
    let end = ["\", \"", "\". ", "\" user notes:", "\" selected"].iter().filter_map(|end| rest.find(end)).min();
    let answer = &rest[..end.or_else(|| rest.rfind('"')).unwrap_or(rest.len())];
    Some(answer.to_owned()).filter(|answer| !answer.trim().is_empty())
}

fn approved(result: &ToolResult) -> Option<bool> {
    if result.failed {
        // A call in the wrong mode is refused by the program, not by the human.
        return is_refusal(result.text.trim_start()).then_some(false);
    }
    result.text.contains("approved").then_some(true)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::chat::claude_code::record::records;

    fn told(lines: &[serde_json::Value]) -> Vec<EventKind> {
        let records: Vec<Record> =
            lines.iter().zip(0..).flat_map(|(line, at)| records(at, line.to_string().as_bytes())).collect();
        let counts = vec![true; records.len()];
        let events = events(&records, &counts);
        let ids: HashSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids.len(), events.len(), "ids are unique");
        events.into_iter().map(|event| event.kind).collect()
    }

    fn used(name: &str, input: &serde_json::Value) -> serde_json::Value {
        json!({"type": "assistant", "uuid": "u", "timestamp": "2026-01-01T00:00:00Z", "cwd": "/repo",
            "message": {"content": [{"type": "tool_use", "id": "t", "name": name, "input": input}]}})
    }

    fn came(failed: bool, text: &str, extra: &serde_json::Value) -> serde_json::Value {
        json!({"type": "user", "uuid": "r", "timestamp": "2026-01-01T00:00:01Z", "toolUseResult": extra,
            "message": {"content": [{"type": "tool_result", "tool_use_id": "t", "is_error": failed, "content": text}]}})
    }

    #[track_caller]
    fn check_command(result: Option<serde_json::Value>, expected: impl Into<Option<Outcome>>) {
        let mut lines = vec![used("Bash", &json!({"command": "make"}))];
        lines.extend(result);
        let found = told(&lines).into_iter().find_map(|kind| match kind {
            EventKind::Command { outcome, .. } => Some(outcome),
            _ => None,
        });
        assert_eq!(found, expected.into());
    }

    #[test]
    fn a_commands_outcome_is_what_is_recorded() {
        let none = json!(null);
        check_command(None, Outcome::Pending);
        check_command(Some(came(false, "built", &json!({"interrupted": false}))), Outcome::Passed);
        check_command(Some(came(false, "", &json!({"interrupted": true}))), Outcome::Refused);
        check_command(Some(came(false, "", &json!({"backgroundTaskId": "b1"}))), Outcome::Pending);
        check_command(Some(came(true, "The user doesn't want to proceed", &none)), Outcome::Refused);
        check_command(Some(came(true, "<tool_use_error>Cancelled</tool_use_error>", &none)), None);
        let failed = Outcome::Failed { exit: Some(2), output: "one\ntwo".to_owned() };
        check_command(Some(came(true, "Exit code 2\n\n\u{1b}[31mone\u{1b}[0m\n\ntwo\n", &none)), failed);
        let failed = Outcome::Failed { exit: None, output: "no such file".to_owned() };
        check_command(Some(came(true, "no such file", &none)), failed);
    }

    #[test]
    fn an_edit_that_was_refused_did_not_happen_but_its_words_were_said() {
        let edit = used("Edit", &json!({"file_path": "src/a.rs"}));
        let done = EventKind::Edit { path: PathBuf::from("/repo/src/a.rs") };
        assert_eq!(told(std::slice::from_ref(&edit)), std::slice::from_ref(&done));
        assert_eq!(told(&[edit.clone(), came(false, "updated", &json!({}))]), [done]);
        let words = "The user doesn't want to proceed. To tell you how to proceed, the user said:\nnot there";
        assert_eq!(told(&[edit.clone(), came(true, words, &json!("x"))]), [EventKind::Prompt("not there".to_owned())]);
        assert_eq!(told(&[edit, came(true, "String to replace not found", &json!("x"))]), []);
    }

    #[test]
    fn questions_carry_their_answers() {
        let ask =
            used("AskUserQuestion", &json!({"questions": [{"question": "Where?"}, {"question": "How \"big\"?"}]}));
        let kinds = |one: Option<&str>, two: Option<&str>| {
            let kind = |question: &str, answer: Option<&str>| EventKind::Question {
                question: question.to_owned(),
                answer: answer.map(str::to_owned),
            };
            [kind("Where?", one), kind("How \"big\"?", two)]
        };
        assert_eq!(told(std::slice::from_ref(&ask)), kinds(None, None));
        let recorded = json!({"answers": {"Where?": "here", "How \"big\"?": ["a", "b"]}});
        assert_eq!(told(&[ask.clone(), came(false, "", &recorded)]), kinds(Some("here"), Some("a, b")));
        let text = "User has answered your questions: \"Where?\"=\"in \"x\"\", \"How \"big\"?\"=\"very\". You can now continue.";
        assert_eq!(told(&[ask.clone(), came(false, text, &json!(null))]), kinds(Some("in \"x\""), Some("very")));
        assert_eq!(told(&[ask, came(true, "The user doesn't want to proceed", &json!(""))]), kinds(None, None));
    }

    #[test]
    fn a_plan_is_approved_refused_or_open() {
        let plan = |approved| vec![EventKind::Plan { text: "do it".to_owned(), approved }];
        let exit = used("ExitPlanMode", &json!({"plan": "do it"}));
        assert_eq!(told(std::slice::from_ref(&exit)), plan(None));
        assert_eq!(told(&[exit.clone(), came(false, "User has approved your plan.", &json!({}))]), plan(Some(true)));
        assert_eq!(told(&[exit, came(true, "The user doesn't want to proceed", &json!(""))]), plan(Some(false)));
        let empty = used("ExitPlanMode", &json!({}));
        assert_eq!(told(&[empty.clone(), came(false, "approved", &json!({"plan": "do it"}))]), plan(Some(true)));
        assert_eq!(told(&[empty]), []);
    }

    #[test]
    fn a_humans_own_command_takes_its_outcome_from_what_follows() {
        let user =
            |text: &str| json!({"type": "user", "timestamp": "2026-01-01T00:00:00Z", "message": {"content": text}});
        let outcome = |stderr: &str| {
            let output = format!("<bash-stdout></bash-stdout><bash-stderr>{stderr}</bash-stderr>");
            told(&[user("<bash-input>git push</bash-input>"), user(&output)])
        };
        let command = |outcome| vec![EventKind::Command { line: "git push".to_owned(), outcome }];
        assert_eq!(outcome(""), command(Outcome::Passed));
        assert_eq!(outcome("To example.org:repo"), command(Outcome::Pending));
        let failed = Outcome::Failed { exit: None, output: "fatal: no remote".to_owned() };
        assert_eq!(outcome("fatal: no remote"), command(failed));
    }

    #[test]
    fn what_is_queued_is_told_once() {
        let queue = |operation: &str, content: &str| json!({"type": "queue-operation", "operation": operation, "content": content, "timestamp": "2026-01-01T00:00:00Z"});
        let user = json!({"type": "user", "timestamp": "2026-01-01T00:00:01Z", "message": {"content": "wait"}});
        let prompt = [EventKind::Prompt("wait".to_owned())];
        assert_eq!(told(&[queue("enqueue", "wait")]), prompt);
        assert_eq!(told(&[queue("enqueue", "wait"), queue("dequeue", ""), user.clone()]), prompt);
        assert_eq!(told(&[queue("enqueue", "wait"), user]), prompt);
        assert_eq!(told(&[queue("enqueue", "wait"), queue("popAll", "")]), []);
        assert_eq!(told(&[queue("enqueue", "<task-notification>x</task-notification>")]), []);
    }

    #[test]
    fn a_reply_that_was_written_down_twice_is_told_once() {
        let reply = |uuid: &str, text: &str| {
            json!({"type": "assistant", "uuid": uuid, "timestamp": "2026-01-01T00:00:00Z",
                "message": {"id": "m", "content": [{"type": "text", "text": text}]}})
        };
        let kinds = told(&[reply("1", "done"), reply("2", "done"), reply("3", "really")]);
        assert_eq!(kinds, [EventKind::Reply("done".to_owned()), EventKind::Reply("really".to_owned())]);
    }
}
