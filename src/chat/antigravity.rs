//! Antigravity's transcripts: `<home>/brain/<conversation>/.system_generated/logs/transcript_full.jsonl`.
//!
//! In: the `brain` directories, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thinking, what a tool read, or the databases. The format has no public description; what is known of it
//! comes from readers of others. Neither names nor a first record tell the directory: what ran and was edited does.

use std::path::{Path, PathBuf};

use super::fields::Fields;
use super::message::{Assistant, Gap, Outcome, Session, Wanted};
use super::reader::{Candidate, Found, Reader};
use super::search::Search;
use super::transcript::{self, Entry, Format, Part, Tool};
use super::{output, projects};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader { assistant: Assistant::Antigravity, session_variable: None, places, find, read };

/// The command line, the desktop application and the IDE keep conversations apart.
const HOMES: [&str; 3] = ["antigravity-cli", "antigravity", "antigravity-ide"];

/// What the program adds to the words of a human.
const ADDED: [&str; 2] = ["USER_SETTINGS_CHANGE", "ADDITIONAL_METADATA"];

fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let gemini = env.home.iter().map(|home| home.join(".gemini"));
    let brains = gemini.flat_map(|gemini| HOMES.map(|home| gemini.join(home).join("brain")));
    projects::existing(brains, extra)
}

fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::Antigravity, wanted, deadline);
    for place in places {
        for (directory, id) in search.directories(place) {
            if search.late() {
                break;
            }
            let logs = directory.join(".system_generated/logs");
            let full = logs.join("transcript_full.jsonl");
            // In the other one long arguments are cut.
            search.consider(&id, if full.is_file() { full } else { logs.join("transcript.jsonl") });
        }
    }
    search.finish()
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let format =
        Format { assistant: Assistant::Antigravity, entry: &entry, kept: &|entries| vec![true; entries.len()] };
    transcript::read_file(&format, candidate, wanted, deadline)
}

fn entry(fields: &Fields<'_>) -> Option<Entry> {
    let step = fields.number("step_index")?;
    let mut entry = Entry { id: Some(step.to_string()), at: fields.time("created_at"), ..Entry::default() };
    let content = fields.text("content").unwrap_or_default();
    match (fields.text("source").as_deref(), fields.text("type")?.as_str()) {
        (Some("USER_EXPLICIT") | None, "USER_INPUT") => {
            entry.model = model(&content);
            entry.parts.extend(typed(&content).map(Part::Prompt));
        }
        (_, "PLANNER_RESPONSE") => {
            let text = content.trim();
            entry.parts.extend((!text.is_empty()).then(|| Part::Reply(text.to_owned())));
            // The steps that follow are what came of the calls, in their order.
            for (call, step) in fields.list("tool_calls").iter().zip(step.saturating_add(1)..) {
                entry.directory = argument(call, "Cwd").or(entry.directory);
                entry.parts.extend(used(call).map(|tool| Part::Use(format!("step {step}"), tool)));
            }
        }
        (Some("MODEL"), "RUN_COMMAND" | "CODE_ACTION" | "GENERIC") => {
            let outcome = outcome(&fields.text("status").unwrap_or_default(), &content);
            entry.parts.push(Part::Came(format!("step {step}"), outcome.into()));
        }
        _ => return None,
    }
    Some(entry)
}

/// What a human typed: the request without what the program put around it and into it.
fn typed(content: &str) -> Option<String> {
    let request = content.split_once("<USER_REQUEST>").map_or(content, |(_, rest)| rest);
    let mut text = request.split("</USER_REQUEST>").next().unwrap_or(request).to_owned();
    for name in ADDED {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        while let Some(start) = text.find(&open) {
            let end = text[start..].find(&close).map_or(text.len(), |at| start + at + close.len());
            text.replace_range(start..end, "");
        }
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The model that was chosen, as in "changed setting `Model Selection` from None to Gemini 3.5 Flash (Medium). No need…".
fn model(content: &str) -> Option<String> {
    let (_, change) = content.split_once("`Model Selection` from ")?;
    let line = change.lines().next()?.split_once(" to ")?.1;
    let name = line.split(". ").next()?.trim_end_matches('.').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn used(call: &Fields<'_>) -> Option<Tool> {
    match call.text("name")?.as_str() {
        "write_to_file" | "replace_file_content" | "multi_replace_file_content" => {
            Some(Tool::Edit(vec![argument(call, "TargetFile")?], None))
        }
        "run_command" => Some(Tool::Command(argument(call, "CommandLine")?)),
        _ => None,
    }
}

/// An argument; some versions write each as JSON within a string.
fn argument(call: &Fields<'_>, name: &str) -> Option<String> {
    let text = call.fields("args")?.text(name)?;
    let text = if text.starts_with('"') { serde_json::from_str(&text).unwrap_or(text) } else { text };
    (!text.trim().is_empty()).then_some(text)
}

/// What is not said for certain stays open: a command may go on in the background.
fn outcome(status: &str, content: &str) -> Outcome {
    let exit = content.lines().find_map(|line| {
        let rest =
            line.split_once("command exited with code ").or_else(|| line.split_once("failed with exit code: "))?.1;
        rest.trim_end_matches('.').trim().parse::<i32>().ok()
    });
    match (status, exit) {
        ("CANCELED" | "CANCELLED", _) => Outcome::Refused,
        (_, Some(0)) => Outcome::Passed,
        (_, Some(_)) => Outcome::Failed { exit, output: output::end(content) },
        ("ERROR", None) => Outcome::Failed { exit: None, output: output::end(content) },
        _ => Outcome::Pending,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::chat::message::EventKind;

    fn step(nth: u32, kind: &str, more: &Value) -> String {
        let source = if kind == "USER_INPUT" { "USER_EXPLICIT" } else { "MODEL" };
        let mut step = json!({"step_index": nth, "source": source, "type": kind, "status": "DONE",
            "created_at": format!("2026-01-06T10:00:{nth:02}Z")});
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        step.to_string() + "\n"
    }

    /// A conversation found below a home and read; `None` when it is none of the repository's.
    fn session(transcript: &[u8]) -> Option<Session> {
        let home = tempfile::tempdir().unwrap();
        let logs = home.path().join(".gemini/antigravity-cli/brain/0f1e/.system_generated/logs");
        fs::create_dir_all(&logs).unwrap();
        fs::write(logs.join("transcript.jsonl"), "{}").unwrap();
        fs::write(logs.join("transcript_full.jsonl"), transcript).unwrap();
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        let wanted = Wanted { roots: vec!["/repo".into()], named: Vec::new(), since, until, thorough: false };
        let found = find(&places(&Env::of_test(home.path(), &[]), None), &wanted, Deadline::NONE);
        assert_eq!(found.candidates.len(), 1);
        assert_eq!(found.candidates[0].id.0, "0f1e");
        read(&found.candidates[0], &wanted, Deadline::NONE).unwrap()
    }

    fn call(name: &str, args: &Value) -> Value {
        json!({"tool_calls": [{"name": name, "args": args}]})
    }

    #[test]
    fn a_conversation_is_told_by_its_steps() {
        let request = "<USER_REQUEST>\nwrite it\n</USER_REQUEST>\n<USER_SETTINGS_CHANGE>\nThe user changed setting \
            `Model Selection` from None to Gemini 3.5 Flash (Medium). No need to comment.\n</USER_SETTINGS_CHANGE>";
        let text = step(0, "USER_INPUT", &json!({"content": request}))
            + &step(1, "SYSTEM_MESSAGE", &json!({"source": "SYSTEM", "content": "noise"}))
            + &step(
                2,
                "PLANNER_RESPONSE",
                &call("run_command", &json!({"CommandLine": "\"make \\\"x\\\"\"", "Cwd": "\"/repo\""})),
            )
            + &step(
                3,
                "RUN_COMMAND",
                &json!({"content": "Created At: x\nThe command exited with code 2.\nStderr:\nno rule"}),
            )
            + &step(4, "PLANNER_RESPONSE", &call("write_to_file", &json!({"TargetFile": "/repo/a"})))
            + &step(5, "CODE_ACTION", &json!({"content": "Created file file:///repo/a"}))
            + &step(6, "PLANNER_RESPONSE", &call("replace_file_content", &json!({"TargetFile": "/repo/b"})))
            + &step(7, "CODE_ACTION", &json!({"status": "ERROR", "content": "no such text"}))
            + &step(8, "PLANNER_RESPONSE", &json!({"thinking": "hm", "content": "It is written."}));
        let session = session(text.as_bytes()).unwrap();
        assert_eq!(session.model.as_deref(), Some("Gemini 3.5 Flash (Medium)"));
        let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
        let [EventKind::Prompt(prompt), EventKind::Command { line, outcome }, edit, reply] = kinds.as_slice() else {
            panic!("{kinds:?}")
        };
        assert_eq!((prompt.as_str(), line.as_str()), ("write it", "make \"x\""));
        assert!(
            matches!(outcome, Outcome::Failed { exit: Some(2), output } if output.ends_with("no rule")),
            "{outcome:?}"
        );
        assert_eq!(*edit, EventKind::Edit { path: "/repo/a".into() });
        assert_eq!(*reply, EventKind::Reply("It is written.".to_owned()));
    }

    #[test]
    fn a_conversation_without_a_trace_in_the_repository_is_left_out() {
        let elsewhere =
            step(1, "PLANNER_RESPONSE", &call("run_command", &json!({"CommandLine": "ls", "Cwd": "/other"})));
        for steps in [String::new(), elsewhere] {
            let text = step(0, "USER_INPUT", &json!({"content": "go"})) + &steps;
            assert_eq!(session(text.as_bytes()), None);
        }
    }

    #[test]
    fn a_human_is_told_from_the_program() {
        let check =
            |content: &str, expected: Option<&str>| assert_eq!(typed(content).as_deref(), expected, "{content}");
        check("go", Some("go"));
        check("<USER_REQUEST>go\n<ADDITIONAL_METADATA>x</ADDITIONAL_METADATA></USER_REQUEST>y", Some("go"));
        check("<USER_REQUEST></USER_REQUEST>", None);
        check("go <ADDITIONAL_METADATA>never closed", Some("go"));
    }

    #[test]
    fn what_is_not_said_to_have_ended_is_open() {
        assert_eq!(outcome("DONE", "Tool is running as a background task"), Outcome::Pending);
        assert_eq!(outcome("DONE", "The command exited with code 0."), Outcome::Passed);
        assert_eq!(outcome("CANCELED", ""), Outcome::Refused);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_steps_make_it_panic(
            steps in proptest::collection::vec((0_u32..4, "USER_INPUT|PLANNER_RESPONSE|RUN_COMMAND|X", "(</?USER_REQUEST>|<ADDITIONAL_METADATA>|é|\"|`Model Selection` from | to |\\. |exited with code -?[0-9]){0,6}"), 0..8),
            broken in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            let one = |(nth, kind, text): &(u32, String, String)| {
                let call = json!({"name": "run_command", "args": {"CommandLine": text, "Cwd": "/repo"}});
                step(*nth, kind, &json!({"content": text, "tool_calls": [call]}))
            };
            let text: String = steps.iter().map(one).collect();
            let told = session(&[text.as_bytes(), &broken].concat());
            let ids: Vec<String> = told.into_iter().flat_map(|told| told.events).map(|event| event.id).collect();
            let unique: std::collections::HashSet<&String> = ids.iter().collect();
            prop_assert_eq!(unique.len(), ids.len());
        }
    }
}
