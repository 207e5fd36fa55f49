//! Qwen Code's transcripts: `<home>/projects/<encoded directory>/chats/<session>.jsonl`.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thoughts, or what a tool read. Records are Claude Code's around, and Gemini's (`parts`) inside; the format
//! is that of versions 0.21 to 0.23.

use std::path::{Path, PathBuf};

use super::fields::Fields;
use super::message::{Assistant, Gap, Outcome, Session, Wanted};
use super::output;
use super::projects::{self, Layout};
use super::reader::{Candidate, Reader};
use super::transcript::{self, Entry, Format, Part, Tool};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::QwenCode,
    session_variable: None,
    places,
    find: |places, wanted, deadline| projects::find(LAYOUT, places, wanted, deadline),
    read,
};

const LAYOUT: Layout = Layout {
    assistant: Assistant::QwenCode,
    below: "chats",
    // `<session>.ledger.jsonl` is none.
    id: |name| name.strip_suffix(".jsonl").filter(|id| !id.contains('.')),
};

/// `projects`, and `tmp` of older versions, which names directories by a hash: those are found by the thorough search.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let configured = env.text("QWEN_RUNTIME_DIR").or_else(|| env.text("QWEN_HOME"));
    let home = configured.map(|home| match (home.strip_prefix("~/"), &env.home) {
        (Some(below), Some(user)) => user.join(below),
        _ => env.cwd.join(home),
    });
    let home = home.or_else(|| env.home.as_ref().map(|home| home.join(".qwen")));
    projects::existing(home.iter().flat_map(|home| [home.join("projects"), home.join("tmp")]), extra)
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let format = Format { assistant: Assistant::QwenCode, entry: &entry, kept: &transcript::branch };
    transcript::read_file(&format, candidate, wanted, deadline)
}

fn entry(fields: &Fields<'_>) -> Option<Entry> {
    let mut entry = Entry {
        id: Some(fields.text("uuid")?),
        parent: fields.text("parentUuid"),
        at: fields.time("timestamp"),
        directory: fields.text("cwd"),
        version: fields.text("version"),
        model: fields.text("model"),
        ..Entry::default()
    };
    let parts = fields.fields("message").map(|message| message.list("parts")).unwrap_or_default();
    match fields.text("type")?.as_str() {
        "user" if fields.text("provenance").as_deref() != Some("system") => entry.parts.extend(typed(&parts)),
        "assistant" => parts.iter().for_each(|part| said_and_done(part, &mut entry)),
        "tool_result" => entry.parts.extend(came(fields, &parts)),
        _ => {}
    }
    Some(entry)
}

/// What the human typed; the files that were mentioned follow it.
fn typed(parts: &[Fields<'_>]) -> Option<Part> {
    const FILES: &str = "--- Content from referenced files";
    const INJECTED: &[&str] = &["<system-reminder>", "<task-notification", "<local-command-"];
    let texts = parts.iter().filter_map(|part| part.text("text"));
    let texts = texts.take_while(|text| !text.trim_start().starts_with(FILES));
    let texts: Vec<String> = texts.map(|text| text.trim().to_owned()).collect();
    let mut typed =
        texts.into_iter().filter(|text| !text.is_empty() && !INJECTED.iter().any(|start| text.starts_with(start)));
    let first = typed.next()?;
    Some(Part::Prompt(typed.fold(first, |all, text| all + "\n\n" + &text)))
}

fn said_and_done(part: &Fields<'_>, entry: &mut Entry) {
    let text = part.text("text").filter(|text| !part.truth("thought") && !text.trim().is_empty());
    entry.parts.extend(text.map(|text| Part::Reply(text.trim().to_owned())));
    if let Some(call) = part.fields("functionCall") {
        let tool = call.text("name").zip(call.fields("args")).and_then(|(name, args)| tool(&name, &args));
        entry.parts.extend(call.text("id").zip(tool).map(|(id, tool)| Part::Use(id, tool)));
    }
}

fn tool(name: &str, args: &Fields<'_>) -> Option<Tool> {
    match name {
        "edit" | "replace" | "write_file" | "notebook_edit" => {
            let path = args.text("file_path").or_else(|| args.text("notebook_path"))?;
            Some(Tool::Edit(vec![path], None))
        }
        "run_shell_command" => args.text("command").map(Tool::Command),
        "exit_plan_mode" => args.text("plan").map(Tool::Plan),
        "ask_user_question" => {
            let questions = args.list("questions");
            let questions = questions.iter().filter_map(|question| question.text("question"));
            Some(Tool::Questions(questions.map(|question| (question.clone(), question)).collect()))
        }
        _ => None,
    }
}

fn came(fields: &Fields<'_>, parts: &[Fields<'_>]) -> Option<Part> {
    let result = fields.fields("toolCallResult");
    let response = parts.iter().find_map(|part| part.fields("functionResponse"));
    let of = result.as_ref().and_then(|result| result.text("callId"));
    let of = of.or_else(|| response.as_ref().and_then(|response| response.text("id")))?;
    let status = result.and_then(|result| result.text("status")).unwrap_or_default();
    let response = response.and_then(|response| response.fields("response"));
    let text = |name: &str| response.as_ref().and_then(|response| response.text(name));
    let outcome = match (status.as_str(), text("error"), text("output")) {
        ("cancelled", ..) => Outcome::Refused,
        (_, Some(error), _) => Outcome::Failed { exit: None, output: output::end(&error) },
        ("error", None, shown) => Outcome::Failed { exit: None, output: output::end(&shown.unwrap_or_default()) },
        (_, None, Some(shown)) => shell_outcome(&shown),
        ("success", None, None) => Outcome::Passed,
        _ => Outcome::Pending,
    };
    Some(Part::Came(of, outcome.into()))
}

/// A shell's result has lines such as `Output: …` and `Exit Code: 1`; that of another tool has not, and is none that failed.
fn shell_outcome(text: &str) -> Outcome {
    let exit = text.lines().rev().find_map(|line| line.strip_prefix("Exit Code: ")?.trim().parse::<i32>().ok());
    if exit.is_none_or(|exit| exit == 0) {
        return Outcome::Passed;
    }
    let shown = text.split_once("\nOutput: ").map_or(text, |(_, shown)| shown);
    let shown = shown.split("\nError: (none)").next().and_then(|shown| shown.split("\nExit Code: ").next());
    Outcome::Failed { exit, output: output::end(shown.unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parts(kind: &str, more: &Value) -> Vec<Part> {
        let mut record = json!({"uuid": "u", "type": kind, "timestamp": "2026-01-01T00:00:00Z"});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry(&Fields::of(&record.to_string()).unwrap()).unwrap().parts
    }

    fn message(parts: &Value) -> Value {
        json!({"message": {"parts": parts}})
    }

    #[test]
    fn a_human_is_told_from_the_program() {
        let text = message(
            &json!([{"text": "look at @a"}, {"text": "\n--- Content from referenced files ---"}, {"text": "x"}]),
        );
        assert_eq!(parts("user", &text), [Part::Prompt("look at @a".to_owned())]);
        let system = json!({"provenance": "system", "message": {"parts": [{"text": "go"}]}});
        assert_eq!(parts("user", &system), []);
        assert_eq!(parts("user", &message(&json!([{"text": "<system-reminder>x</system-reminder>"}]))), []);
    }

    #[test]
    fn thoughts_are_not_told_and_tools_are() {
        let said = message(&json!([{"text": "hm", "thought": true}, {"text": "done"},
            {"functionCall": {"id": "c", "name": "run_shell_command", "args": {"command": "make"}}},
            {"functionCall": {"id": "d", "name": "read_file", "args": {"file_path": "a"}}}]));
        let ran = Part::Use("c".to_owned(), Tool::Command("make".to_owned()));
        assert_eq!(parts("assistant", &said), [Part::Reply("done".to_owned()), ran]);
    }

    #[test]
    fn a_command_ends_as_it_is_recorded() {
        let check = |status: &str, response: &Value, expected: Outcome| {
            let record = json!({"toolCallResult": {"callId": "c", "status": status},
                "message": {"parts": [{"functionResponse": {"id": "c", "response": response}}]}});
            assert_eq!(parts("tool_result", &record), [Part::Came("c".to_owned(), expected.into())], "{response}");
        };
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        let shell = |exit: &str| json!({"output": format!("Command: x\nDirectory: /r\nOutput: bad\nError: (none)\nExit Code: {exit}\nSignal: (none)")});
        check("success", &shell("0"), Outcome::Passed);
        check("success", &shell("2"), failed(Some(2), "bad"));
        check("success", &shell("(none)"), Outcome::Passed);
        check("error", &json!({"error": "no such file"}), failed(None, "no such file"));
        check("cancelled", &json!({"error": "[Operation Cancelled]"}), Outcome::Refused);
    }

    #[test]
    fn places_follow_the_variables() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("q/projects")).unwrap();
        std::fs::create_dir_all(home.path().join(".qwen/tmp")).unwrap();
        let at = |variables: &[(&str, &str)]| places(&Env::of_test(home.path(), variables), None);
        assert_eq!(at(&[]), [home.path().join(".qwen/tmp")]);
        assert_eq!(at(&[("QWEN_HOME", "~/q")]), [home.path().join("q/projects")]);
        assert_eq!(at(&[("QWEN_RUNTIME_DIR", "q"), ("QWEN_HOME", "x")]), [home.path().join("q/projects")]);
    }

    proptest! {
        #[test]
        fn no_record_makes_it_panic(text in r#"\{("(uuid|type|message|parts|text|user|tool_result)"[:,\[\]{}]{0,2}){0,12}"#) {
            Fields::of(&text).as_ref().and_then(entry);
        }
    }
}
