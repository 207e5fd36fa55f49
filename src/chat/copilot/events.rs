//! One line of Copilot's stream of events, which its command line and its extension both write.
//!
//! In: `{type, data, id, timestamp, parentId}`. Out: an [`Entry`].
//! Never here: reasoning, usage, what a tool returned beyond its outcome, or a sub-agent's words.

use serde_json::value::RawValue;

use super::tools;
use crate::chat::fields::{self, Fields};
use crate::chat::message::Outcome;
use crate::chat::output;
use crate::chat::transcript::{Came, Entry, Part};

/// Who speaks in the human's name begins so in a message's `source`.
const SOURCES: &[&str] = &["autopilot", "system", "skill-", "instruction-", "agent-"];

/// What the program puts around or instead of a human's words.
const WRAPPERS: &[&str] =
    &["current_datetime", "system_notification", "system_reminder", "reminder", "todo_status", "attachments"];

/// What an event says; `None` when nothing of it can matter.
pub(super) fn entry(event: &Fields<'_>) -> Option<Entry> {
    let data = event.fields("data")?;
    let mut entry = Entry { id: event.text("id"), at: event.time("timestamp"), ..Entry::default() };
    match event.text("type")?.as_str() {
        "session.start" | "session.resume" | "session.context_changed" => {
            let place = data.fields("context");
            entry.directory = place.and_then(|place| place.text("cwd")).or_else(|| data.text("cwd"));
            entry.version = data.text("copilotVersion");
            entry.model = data.text("selectedModel");
        }
        "session.model_change" => entry.model = data.text("newModel"),
        "user.message" => entry.parts.extend(words(&data).map(Part::Prompt)),
        "assistant.message" => {
            entry.model = data.text("model");
            let said = data.text("content").filter(|text| !text.trim().is_empty());
            if data.raw("parentToolCallId").is_none() {
                entry.parts.extend(said.map(|text| Part::Reply(text.trim().to_owned())));
            }
            for request in data.list("toolRequests") {
                entry.parts.extend(used(&request, "name"));
            }
        }
        "tool.execution_start" => entry.parts.extend(used(&data, "toolName")),
        "tool.execution_complete" => entry.parts.extend(came(&data)),
        "abort" => entry.parts.push(Part::Interruption),
        _ => {}
    }
    Some(entry)
}

/// What a human typed. `content` is as typed; `transformedContent` has context around it.
fn words(data: &Fields<'_>) -> Option<String> {
    let source = data.text("source").unwrap_or_default();
    if SOURCES.iter().any(|other| source.starts_with(other)) {
        return None;
    }
    if let Some(typed) = data.text("content").filter(|text| !text.trim().is_empty()) {
        let typed = typed.trim();
        return (!typed.starts_with("<system_notification>")).then(|| typed.to_owned());
    }
    let mut text = data.text("transformedContent")?;
    for name in WRAPPERS {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        while let Some(from) = text.find(&open) {
            let to = text[from..].find(&close).map_or(text.len(), |length| from + length + close.len());
            text.replace_range(from..to, "");
        }
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn used(request: &Fields<'_>, name: &str) -> Option<Part> {
    let (id, name) = (request.text("toolCallId")?, request.text(name)?);
    // JSON, or JSON in a string.
    let written = request.text("arguments");
    let arguments = match &written {
        Some(text) => Fields::of(text),
        None => request.fields("arguments"),
    };
    let arguments = arguments?;
    if name == "task_complete" {
        return arguments.text("summary").map(|text| Part::Reply(text.trim().to_owned()));
    }
    Some(Part::Use(id, tools::tool(&name, &arguments)?))
}

fn came(data: &Fields<'_>) -> Option<Part> {
    let id = data.text("toolCallId")?;
    let error =
        data.fields("error").and_then(|error| Some((error.text("code").unwrap_or_default(), error.text("message")?)));
    let result = data.fields("result");
    let text = result
        .as_ref()
        .and_then(|result| ["content", "text_result_for_llm"].iter().find_map(|name| telling(result.raw(name))));
    let text = text.unwrap_or_default();
    let kind = result.as_ref().and_then(|result| result.text("result_type")).unwrap_or_default();
    let failed = data.raw("success").is_some_and(|success| success.get() == "false") || kind == "failure";
    let outcome = match (error, exit_code(&text)) {
        (Some((code, message)), _) if is_refusal(&code, &message) => Outcome::Refused,
        _ if matches!(kind.as_str(), "rejected" | "denied") => Outcome::Refused,
        (Some((_, message)), exit) => Outcome::Failed { exit, output: output::end(&message) },
        (None, Some(exit)) if exit != 0 => {
            Outcome::Failed { exit: Some(exit), output: output::end(without_exit(&text)) }
        }
        (None, exit) if failed => Outcome::Failed { exit, output: output::end(&text) },
        _ => Outcome::Passed,
    };
    let answer = text.split_once(": ").filter(|(before, _)| before.starts_with("User ")).map(|(_, answer)| answer);
    let answers = answer.map(|answer| (String::new(), answer.trim().to_owned())).into_iter().collect();
    Some(Part::Came(id, Came { outcome, answers }))
}

/// What else tools return is most of a file: read only when it is short enough to be an answer or a command's output.
fn telling(raw: Option<&RawValue>) -> Option<String> {
    const LONGEST: usize = 256 * 1024;
    fields::string(raw.filter(|raw| raw.get().len() <= LONGEST))
}

fn is_refusal(code: &str, message: &str) -> bool {
    let message = message.to_lowercase();
    matches!(code, "rejected" | "denied")
        || message.contains("user rejected")
        || message.contains("permission denied by user")
}

/// `<exited with exit code 1>` stands at the end of a shell's output.
fn exit_code(text: &str) -> Option<i32> {
    text[text.rfind(EXITED)? + EXITED.len()..].split('>').next()?.trim().parse().ok()
}

const EXITED: &str = "<exited with exit code ";

fn without_exit(text: &str) -> &str {
    &text[..text.rfind(EXITED).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::chat::transcript::Tool;

    fn parts(kind: &str, data: &Value) -> Vec<Part> {
        let line = json!({"type": kind, "data": data, "id": "e", "timestamp": "2026-01-01T00:00:00Z"}).to_string();
        entry(&Fields::of(&line).unwrap()).unwrap().parts
    }

    #[test]
    fn only_what_a_human_typed_is_a_prompt() {
        let check = |data: Value, expected: Option<&str>| {
            let expected: Vec<Part> = expected.map(|text| Part::Prompt(text.to_owned())).into_iter().collect();
            assert_eq!(parts("user.message", &data), expected, "{data}");
        };
        check(json!({"content": " fix it "}), Some("fix it"));
        check(json!({"content": "fix it", "source": "user"}), Some("fix it"));
        check(json!({"content": "what is a <reminder>?"}), Some("what is a <reminder>?"));
        let around = "<current_datetime>x</current_datetime>\n\nfix it\n\n<reminder>y</reminder>";
        check(json!({"content": "", "transformedContent": around}), Some("fix it"));
        check(json!({"content": "<system_notification>done</system_notification>"}), None);
        for source in ["autopilot", "system", "skill-x", "instruction-y", "agent-1"] {
            check(json!({"content": "go on", "source": source}), None);
        }
    }

    #[test]
    fn arguments_are_an_object_or_one_in_a_string() {
        let used = Part::Use("t".to_owned(), Tool::Command("make".to_owned()));
        let request =
            |arguments: Value| json!({"toolRequests": [{"toolCallId": "t", "name": "bash", "arguments": arguments}]});
        for arguments in [json!({"command": "make"}), json!("{\"command\":\"make\"}")] {
            assert_eq!(parts("assistant.message", &request(arguments)), std::slice::from_ref(&used));
        }
        assert_eq!(parts("assistant.message", &request(json!("{torn"))), []);
    }

    #[test]
    fn a_sub_agents_words_are_not_the_assistants() {
        assert_eq!(parts("assistant.message", &json!({"content": "hm", "parentToolCallId": "t"})), []);
        assert_eq!(parts("assistant.message", &json!({"content": "hm"})), [Part::Reply("hm".to_owned())]);
    }

    #[track_caller]
    fn check_outcome(mut data: Value, expected: impl Into<Outcome>) {
        data["toolCallId"] = json!("t");
        let Part::Came(_, came) = parts("tool.execution_complete", &data).remove(0) else { panic!("{data}") };
        assert_eq!(came.outcome, expected.into(), "{data}");
    }

    #[test]
    fn an_outcome_is_what_is_recorded() {
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        check_outcome(json!({"success": true}), Outcome::Passed);
        check_outcome(json!({"result": {"result_type": "success", "text_result_for_llm": "x"}}), Outcome::Passed);
        check_outcome(
            json!({"success": true, "result": {"content": "ok\n<exited with exit code 0>"}}),
            Outcome::Passed,
        );
        let content = "one\ntwo\n<exited with exit code 2>";
        check_outcome(json!({"success": true, "result": {"content": content}}), failed(Some(2), "one\ntwo"));
        check_outcome(json!({"success": false, "error": {"message": "no such tool"}}), failed(None, "no such tool"));
        check_outcome(json!({"success": false, "error": {"code": "rejected", "message": "no"}}), Outcome::Refused);
        check_outcome(json!({"success": false, "error": {"message": "The user rejected this"}}), Outcome::Refused);
    }

    #[test]
    fn an_answer_is_what_the_human_said() {
        let data = json!({"toolCallId": "t", "success": true, "result": {"content": "User responded: the left one"}});
        let Part::Came(_, came) = parts("tool.execution_complete", &data).remove(0) else { panic!("{data}") };
        assert_eq!(came.answers, [(String::new(), "the left one".to_owned())]);
    }
}
