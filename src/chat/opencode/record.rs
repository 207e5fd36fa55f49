//! What OpenCode's records say.
//!
//! In: a message of version 2, or a message of version 1 with its parts. Out: an entry.
//! Never here: where the records lie.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::chat::document::{list, text};
use crate::chat::entry::{Came, Entry, Part, Tool};
use crate::chat::message::Outcome;
use crate::chat::output;
use crate::chat::patch;

/// A message of version 2: of a kind, with its content in it.
pub(super) fn message(kind: &str, id: &str, at: Option<DateTime<Utc>>, data: &Value) -> Entry {
    let mut entry = Entry { key: id.to_owned(), at, ..Entry::default() };
    match kind {
        "user" => entry.parts.extend(text(data, "/text").map(str::to_owned).map(Part::Prompt)),
        "assistant" => {
            entry.model = text(data, "/model/id").map(str::to_owned);
            for (nth, block) in list(data, "/content").iter().enumerate() {
                entry.parts.extend(part(&format!("{id}.{nth}"), block, false));
            }
            entry.parts.extend(aborted(data));
        }
        // The user's own command, `!make`.
        "shell" => {
            if let Some(line) = text(data, "/command") {
                entry.parts.push(Part::Use(id.to_owned(), Tool::Command(line.to_owned())));
                let shown = text(data, "/output/output").unwrap_or_default();
                let exit = data.pointer("/exit").and_then(Value::as_i64);
                let outcome = exit.map_or(Outcome::Pending, |exit| ended(exit, shown));
                entry.parts.push(Part::Came(id.to_owned(), outcome.into()));
            }
        }
        _ => {}
    }
    entry
}

/// A message of version 1, with its parts in order.
pub(super) fn with_parts(id: &str, at: Option<DateTime<Utc>>, data: &Value, parts: &[(String, Value)]) -> Entry {
    let mut entry = Entry { key: id.to_owned(), at, ..Entry::default() };
    entry.directory = text(data, "/path/cwd").map(str::to_owned);
    let human = match text(data, "/role") {
        Some("user") => true,
        Some("assistant") => false,
        _ => return entry,
    };
    if !human {
        entry.model = text(data, "/modelID").map(str::to_owned);
    }
    for (id, value) in parts {
        entry.parts.extend(part(id, value, human));
    }
    if !human {
        entry.parts.extend(aborted(data));
    }
    entry
}

fn aborted(data: &Value) -> Option<Part> {
    let name = text(data, "/error/name").or_else(|| text(data, "/error/type"))?;
    name.to_ascii_lowercase().contains("abort").then_some(Part::Interruption)
}

fn part(id: &str, part: &Value, human: bool) -> Vec<Part> {
    let flag = |key: &str| part.get(key).and_then(Value::as_bool) == Some(true);
    match text(part, "/type") {
        Some("text") if !flag("synthetic") && !flag("ignored") => {
            let said = text(part, "/text").map(str::to_owned);
            said.map(if human { Part::Prompt } else { Part::Reply }).into_iter().collect()
        }
        Some("tool") => used(id, part),
        _ => Vec::new(),
    }
}

fn used(id: &str, part: &Value) -> Vec<Part> {
    let id = text(part, "/callID").or_else(|| text(part, "/id")).unwrap_or(id);
    let name = text(part, "/tool").or_else(|| text(part, "/name")).unwrap_or_default();
    let Some(tool) = tool(name, part) else { return Vec::new() };
    let answers = match &tool {
        Tool::Questions(questions) => answers(part, questions),
        _ => Vec::new(),
    };
    let came = Came { outcome: outcome(part), answers };
    vec![Part::Use(id.to_owned(), tool), Part::Came(id.to_owned(), came)]
}

fn tool(name: &str, part: &Value) -> Option<Tool> {
    let input = |key: &str| text(part, &format!("/state/input/{key}")).map(str::to_owned);
    match name {
        "edit" | "write" | "multiedit" => Some(Tool::Edit(vec![input("filePath").or_else(|| input("path"))?], None)),
        "apply_patch" | "patch" => {
            let files = patch::files(&input("patchText").or_else(|| input("patch"))?);
            (!files.is_empty()).then_some(Tool::Edit(files, None))
        }
        "bash" | "shell" => Some(Tool::Command(input("command")?)),
        "question" => {
            let questions = list(part, "/state/input/questions").iter().filter_map(|one| text(one, "/question"));
            let keyed = questions.enumerate().map(|(nth, question)| (nth.to_string(), question.to_owned()));
            Some(Tool::Questions(keyed.collect()))
        }
        _ => None,
    }
}

fn answers(part: &Value, questions: &[(String, String)]) -> Vec<(String, String)> {
    let given = list(part, "/state/metadata/answers").iter().map(|answer| {
        let chosen = answer.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str);
        chosen.collect::<Vec<_>>().join(", ")
    });
    questions.iter().map(|(key, _)| key.clone()).zip(given).collect()
}

fn outcome(part: &Value) -> Outcome {
    let shown = || {
        let blocks = list(part, "/state/content").iter().filter_map(|block| text(block, "/text"));
        let shown = text(part, "/state/output").or_else(|| text(part, "/state/metadata/output"));
        shown.map_or_else(|| blocks.collect::<Vec<_>>().join("\n"), str::to_owned)
    };
    match text(part, "/state/status").unwrap_or_default() {
        "completed" => {
            let exit = part.pointer("/state/metadata/exit").and_then(Value::as_i64);
            exit.map_or(Outcome::Passed, |exit| ended(exit, &shown()))
        }
        "error" => {
            let error = text(part, "/state/error").or_else(|| text(part, "/state/error/message")).unwrap_or_default();
            let refused = ["rejected permission", "dismissed", "aborted"].iter().any(|word| error.contains(word));
            if refused {
                Outcome::Refused
            } else {
                let output = if error.is_empty() { shown() } else { error.to_owned() };
                Outcome::Failed { exit: None, output: output::end(&output) }
            }
        }
        _ => Outcome::Pending,
    }
}

fn ended(exit: i64, shown: &str) -> Outcome {
    match exit {
        0 => Outcome::Passed,
        exit => Outcome::Failed { exit: i32::try_from(exit).ok(), output: output::end(shown) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn owned(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn every_kind_of_message_says_its_part() {
        let parts = |kind: &str, data: Value| message(kind, "m", None, &data).parts;
        assert_eq!(parts("user", json!({"text": "go"})), [Part::Prompt(owned("go"))]);
        let content = json!({"content": [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "done"},
            {"type": "tool", "id": "c", "name": "write", "state": {"status": "completed", "input": {"path": "a"}}}]});
        let edit = Part::Use(owned("c"), Tool::Edit(vec![owned("a")], None));
        let passed = Part::Came(owned("c"), Outcome::Passed.into());
        assert_eq!(parts("assistant", content), [Part::Reply(owned("done")), edit, passed]);
        let own = parts("shell", json!({"command": "make", "exit": 2, "output": {"output": "bad"}}));
        let failed = Outcome::Failed { exit: Some(2), output: owned("bad") };
        let run = Part::Use(owned("m"), Tool::Command(owned("make")));
        assert_eq!(own, [run, Part::Came(owned("m"), failed.into())]);
        assert_eq!(parts("synthetic", json!({"text": "x"})), []);
    }

    #[test]
    fn what_is_put_into_the_users_mouth_is_no_prompt() {
        let parts = [
            (owned("1"), json!({"type": "text", "text": "go"})),
            (owned("2"), json!({"type": "text", "text": "x", "synthetic": true})),
        ];
        let entry = with_parts("m", None, &json!({"role": "user"}), &parts);
        assert_eq!(entry.parts, [Part::Prompt(owned("go"))]);
        assert_eq!(with_parts("m", None, &json!({"role": "other"}), &parts).parts, []);
    }

    #[test]
    fn a_question_has_its_answers() {
        let part = json!({"type": "tool", "tool": "question", "callID": "q", "state": {"status": "completed",
            "input": {"questions": [{"question": "Which?"}, {"question": "How?"}]}, "metadata": {"answers": [["A", "B"]]}}});
        let came = Came { outcome: Outcome::Passed, answers: vec![(owned("0"), owned("A, B"))] };
        assert_eq!(used("p", &part)[1], Part::Came(owned("q"), came));
    }

    #[test]
    fn a_tools_state_tells_how_it_ended() {
        let check = |state: Value, expected: Outcome| assert_eq!(outcome(&json!({"state": state})), expected);
        check(json!({"status": "completed", "metadata": {"exit": 0}}), Outcome::Passed);
        let failed = |exit, output: &str| Outcome::Failed { exit, output: owned(output) };
        check(json!({"status": "completed", "output": "bad", "metadata": {"exit": 1}}), failed(Some(1), "bad"));
        check(json!({"status": "error", "error": "no such file"}), failed(None, "no such file"));
        let refused = "The user rejected permission to use this specific tool call.";
        check(json!({"status": "error", "error": refused}), Outcome::Refused);
        check(json!({"status": "running"}), Outcome::Pending);
    }

    proptest! {
        #[test]
        fn no_record_makes_it_panic(kind in "(user|assistant|shell)", key in "(content|text|command|state|exit)",
            value in r#"(null|-?[0-9]{1,25}|"x"|\[7,\{"type":"tool","name":"question","state":\{"input":7\}\}\])"#) {
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            message(&kind, "m", None, &json!({&key: value}));
            with_parts("m", None, &json!({"role": kind}), &[(key, value)]);
        }
    }
}
