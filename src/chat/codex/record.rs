//! One record of a rollout: `{timestamp, type, payload}`.
//!
//! In: a record. Out: an [`Entry`], or what the first record says of the session ([`Head`]).
//! Never here: reasoning, instructions, or an error: what cannot be understood is left out.
//!
//! Much stands there twice: what a model is sent and sends (`response_item`), and what the human was shown (`event_msg`).
//! Only the latter knows which of the messages in the user's name a human typed. In "code mode" it is the only record of
//! commands and edits; what it has in common with the former is told once, by the ids of the calls. Replies are taken from
//! what the model sent, which is always there.

use chrono::{DateTime, Utc};

use super::{tools, words};
use crate::chat::fields::Fields;
use crate::chat::message::Outcome;
use crate::chat::transcript::{Entry, Part, Tool};

/// What the first record says of the session. Those of its parents may follow, in rollouts that copy a history.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Head {
    /// The directory it was started in, and the version.
    pub(super) entry: Entry,
    /// When the thread began: turns that are older were copied from its parent.
    pub(super) began: Option<DateTime<Utc>>,
    /// Whether its history may be a copy.
    pub(super) forked: bool,
    pub(super) kind: Kind,
}

/// Who speaks in the user's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Human,
    /// Another thread, which gave it a task.
    SubAgent,
    /// The program, for its own ends: it reviews commands, or condenses memories.
    Internal,
}

/// What a first record says; `None` when it is no `session_meta`.
pub(super) fn head(fields: &Fields<'_>) -> Option<Head> {
    if fields.text("type")? != "session_meta" {
        return None;
    }
    let payload = fields.fields("payload")?;
    let id = payload.text("id").or_else(|| payload.text("session_id")).unwrap_or_default();
    let entry = Entry {
        at: fields.time("timestamp"),
        directory: payload.text("cwd"),
        version: payload.text("cli_version"),
        ..Entry::default()
    };
    let source = payload.fields("source").and_then(|source| source.raw("subagent").map(|raw| raw.get().to_owned()));
    let thread = payload.text("thread_source").unwrap_or_default();
    let internal = |name: &str| ["guardian", "memory"].iter().any(|kind| name.contains(kind));
    let kind = match source {
        _ if internal(&thread) => Kind::Internal,
        Some(name) if !name.contains("thread_spawn") && internal(&name) => Kind::Internal,
        Some(_) => Kind::SubAgent,
        None if thread == "subagent" => Kind::SubAgent,
        None => Kind::Human,
    };
    let began = began(&id).or_else(|| payload.time("timestamp"));
    Some(Head { entry, began, forked: payload.raw("forked_from_id").is_some(), kind })
}

/// When a thread or turn began, from its id: UUIDs of version 7 begin with the milliseconds since 1970 (RFC 9562).
pub(super) fn began(id: &str) -> Option<DateTime<Utc>> {
    let digits = id.replacen('-', "", 2);
    if id.len() != 36 || digits.get(12..13)? != "7" {
        return None;
    }
    DateTime::from_timestamp_millis(i64::from_str_radix(digits.get(..12)?, 16).ok()?)
}

/// What a record says.
pub(super) fn entry(fields: &Fields<'_>) -> Option<Entry> {
    let payload = fields.fields("payload")?;
    let mut entry = Entry { at: fields.time("timestamp"), ..Entry::default() };
    let kind = payload.text("type").unwrap_or_default();
    match fields.text("type")?.as_str() {
        "turn_context" => {
            entry.turn = payload.text("turn_id");
            entry.directory = payload.text("cwd");
            entry.model = payload.text("model");
        }
        "response_item" => response(&kind, &payload, &mut entry),
        "event_msg" => event(&kind, &payload, &mut entry),
        _ => return None,
    }
    Some(entry)
}

fn response(kind: &str, payload: &Fields<'_>, entry: &mut Entry) {
    let call = payload.text("call_id").or_else(|| payload.text("id")).unwrap_or_default();
    let tool = match kind {
        "message" | "" => return message(payload, entry),
        "function_call" => payload.text("name").zip(payload.raw("arguments")).and_then(|(n, a)| tools::call(&n, a)),
        "custom_tool_call" if payload.text("name").as_deref() == Some("apply_patch") => {
            payload.text("input").and_then(|patch| tools::edit(&patch, None))
        }
        "local_shell_call" => payload.fields("action").and_then(|action| {
            tools::command(tools::command_line(&action.strings("command"))?, action.text("working_directory"))
        }),
        "function_call_output" | "custom_tool_call_output" => {
            entry.parts.extend(payload.raw("output").map(|output| Part::Came(call.clone(), tools::came(output))));
            None
        }
        _ => None,
    };
    entry.parts.extend(tool.map(|tool| Part::Use(call, tool)));
}

fn message(payload: &Fields<'_>, entry: &mut Entry) {
    let texts = payload.texts("content");
    match payload.text("role").as_deref() {
        Some("user") => {
            // Newer versions say of each text who wrote it.
            let passthrough = payload.fields("internal_chat_message_metadata_passthrough");
            let kinds = passthrough.map(|about| about.strings("content_item_kinds")).unwrap_or_default();
            let injected = !kinds.is_empty() && !kinds.iter().any(|kind| kind.starts_with("user"));
            let typed: Vec<String> = texts.iter().filter_map(|text| words::perhaps_typed(text)).collect();
            if !injected && !typed.is_empty() {
                entry.parts.push(Part::Unsure(typed.join("\n\n")));
            }
        }
        Some("assistant") => {
            let text = texts.join("\n\n");
            if !text.trim().is_empty() {
                entry.parts.push(Part::Reply(text.trim().to_owned()));
            }
        }
        _ => {}
    }
}

fn event(kind: &str, payload: &Fields<'_>, entry: &mut Entry) {
    match kind {
        "task_started" | "turn_started" => entry.turn = payload.text("turn_id"),
        "user_message" => prompt(&payload.text("message").unwrap_or_default(), entry),
        "turn_aborted" if payload.text("reason").as_deref() == Some("interrupted") => {
            entry.parts.push(Part::Interruption);
        }
        "thread_rolled_back" => {
            let turns = payload.number("num_turns").and_then(|turns| usize::try_from(turns).ok());
            entry.parts.extend(turns.map(Part::Rollback));
        }
        "exec_command_end" => execution(payload, entry),
        "patch_apply_end" => change(payload, entry),
        "item_completed" => {
            if let Some(item) = payload.fields("item") {
                shown(&item, entry);
            }
        }
        _ => {}
    }
}

/// An item as the human was shown it.
fn shown(item: &Fields<'_>, entry: &mut Entry) {
    match item.text("type").unwrap_or_default().as_str() {
        "UserMessage" => prompt(&item.texts("content").join("\n\n"), entry),
        "CommandExecution" => execution(item, entry),
        "FileChange" => change(item, entry),
        "Plan" => {
            let plan = item.text("text").filter(|text| !text.trim().is_empty());
            entry.parts.extend(item.text("id").zip(plan).map(|(id, text)| Part::Use(id, Tool::Plan(text))));
        }
        _ => {}
    }
}

fn prompt(text: &str, entry: &mut Entry) {
    entry.parts.extend(words::typed(text).map(Part::Prompt));
}

fn execution(item: &Fields<'_>, entry: &mut Entry) {
    let Some(call) = item.text("call_id").or_else(|| item.text("id")) else { return };
    let tool = tools::command_line(&item.strings("command")).and_then(|line| tools::command(line, None));
    let shown = || item.text("aggregated_output").or_else(|| item.text("stderr")).unwrap_or_default();
    let outcome = match (item.text("status").as_deref(), item.number("exit_code")) {
        (Some("declined"), _) => Outcome::Refused,
        (Some("inProgress" | "in_progress"), _) => Outcome::Pending,
        (_, Some(exit)) => tools::ended(exit, &shown()),
        (Some("failed"), None) => Outcome::Failed { exit: None, output: crate::chat::output::end(&shown()) },
        (Some("completed"), None) => Outcome::Passed,
        _ => Outcome::Pending,
    };
    entry.parts.extend(tool.map(|tool| Part::Use(call.clone(), tool)));
    entry.parts.push(Part::Came(call, outcome.into()));
}

fn change(item: &Fields<'_>, entry: &mut Entry) {
    let Some(call) = item.text("call_id").or_else(|| item.text("id")) else { return };
    let files: Vec<String> =
        item.fields("changes").map(|changes| changes.names().map(str::to_owned).collect()).unwrap_or_default();
    let refused = item.text("status").is_some_and(|status| status == "declined");
    let failed = item.text("status").is_some_and(|status| status == "failed")
        || item.raw("success").is_some_and(|success| success.get() == "false");
    let outcome = match (refused, failed) {
        (true, _) => Outcome::Refused,
        (_, true) => Outcome::Failed { exit: None, output: String::new() },
        _ => Outcome::Passed,
    };
    if !files.is_empty() {
        entry.parts.push(Part::Use(call.clone(), Tool::Edit(files, None)));
    }
    entry.parts.push(Part::Came(call, outcome.into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parts(kind: &str, payload: &str) -> Vec<Part> {
        let line = format!(r#"{{"timestamp":"2026-01-01T00:00:00Z","type":"{kind}","payload":{payload}}}"#);
        entry(&Fields::of(&line).unwrap()).unwrap().parts
    }

    fn meta(payload: &str) -> Head {
        let line = format!(r#"{{"timestamp":"2026-01-01T00:00:00Z","type":"session_meta","payload":{payload}}}"#);
        head(&Fields::of(&line).unwrap()).unwrap()
    }

    #[test]
    fn who_speaks_in_the_users_name_is_told_by_the_source() {
        let check = |payload: &str, kind: Kind| assert_eq!(meta(payload).kind, kind, "{payload}");
        check(r#"{"source":"cli"}"#, Kind::Human);
        check(r#"{"source":"exec","thread_source":"user"}"#, Kind::Human);
        check(r#"{"source":{"subagent":{"thread_spawn":{"parent_thread_id":"p"}}}}"#, Kind::SubAgent);
        check(r#"{"source":{"subagent":"review"}}"#, Kind::SubAgent);
        check(r#"{"source":{"subagent":{"other":"guardian"}}}"#, Kind::Internal);
        check(r#"{"source":{"subagent":"memory_consolidation"}}"#, Kind::Internal);
        check(r#"{"thread_source":"guardian_review"}"#, Kind::Internal);
        check(r#"{"thread_source":"subagent"}"#, Kind::SubAgent);
    }

    #[test]
    fn an_id_of_version_seven_tells_when_it_began() {
        assert_eq!(
            began("019c8bfe-ec25-79e0-97d7-bda6a9c575ff").unwrap().to_rfc3339(),
            "2026-02-23T19:34:25.573+00:00"
        );
        for none in ["019c8bfe-ec25-49e0-97d7-bda6a9c575ff", "turn-1", "", "üüüüüüüüüüüüüüüüüü"] {
            assert_eq!(began(none), None, "{none}");
        }
    }

    #[test]
    fn a_message_in_the_users_name_is_not_surely_a_humans() {
        let user = |more: &str| {
            parts(
                "response_item",
                &format!(r#"{{"type":"message","role":"user","content":[{{"type":"input_text","text":"go"}}]{more}}}"#),
            )
        };
        let kinds = |kind: &str| {
            user(&format!(r#","internal_chat_message_metadata_passthrough":{{"content_item_kinds":["{kind}"]}}"#))
        };
        assert_eq!(user(""), [Part::Unsure("go".to_owned())]);
        assert_eq!(kinds("user.text"), [Part::Unsure("go".to_owned())]);
        assert_eq!(kinds("environments.environment_context"), []);
        assert_eq!(parts("event_msg", r#"{"type":"user_message","message":"go"}"#), [Part::Prompt("go".to_owned())]);
        let item = r#"{"type":"item_completed","item":{"type":"UserMessage","content":[{"type":"text","text":"go"}]}}"#;
        assert_eq!(parts("event_msg", item), [Part::Prompt("go".to_owned())]);
    }

    #[test]
    fn a_command_that_was_shown_carries_its_end() {
        let ran = |more: &str| {
            let item =
                r#"{"type":"CommandExecution","id":"c","command":["/bin/bash","-lc","make"],"aggregated_output":"bad""#;
            let mut parts = parts("event_msg", &format!(r#"{{"type":"item_completed","item":{item},{more}}}}}"#));
            assert_eq!(parts.remove(0), Part::Use("c".to_owned(), Tool::Command("make".to_owned())));
            match parts.remove(0) {
                Part::Came(_, came) => came.outcome,
                other => panic!("{other:?}"),
            }
        };
        let failed = |exit| Outcome::Failed { exit, output: "bad".to_owned() };
        assert_eq!(ran(r#""status":"completed","exit_code":0"#), Outcome::Passed);
        assert_eq!(ran(r#""status":"failed","exit_code":2"#), failed(Some(2)));
        assert_eq!(ran(r#""status":"failed""#), failed(None));
        assert_eq!(ran(r#""status":"declined""#), Outcome::Refused);
        assert_eq!(ran(r#""status":"inProgress""#), Outcome::Pending);
    }

    #[test]
    fn a_change_that_was_shown_is_an_edit() {
        let item = r#"{"type":"FileChange","id":"c","changes":{"/r/b":{},"/r/a":{}},"status":"completed"}"#;
        let expected = Tool::Edit(vec!["/r/a".to_owned(), "/r/b".to_owned()], None);
        let found = parts("event_msg", &format!(r#"{{"type":"item_completed","item":{item}}}"#));
        assert_eq!(found[0], Part::Use("c".to_owned(), expected));
        let refused = parts("event_msg", r#"{"type":"patch_apply_end","call_id":"c","success":false}"#);
        assert!(matches!(&refused[..], [Part::Came(_, came)] if matches!(came.outcome, Outcome::Failed { .. })));
    }

    #[test]
    fn reasoning_instructions_and_the_unknown_say_nothing() {
        assert_eq!(parts("response_item", r#"{"type":"reasoning","summary":[{"text":"hm"}]}"#), []);
        assert_eq!(parts("response_item", r#"{"type":"message","role":"developer","content":"obey"}"#), []);
        assert_eq!(parts("event_msg", r#"{"type":"agent_reasoning","text":"hm"}"#), []);
        assert_eq!(parts("event_msg", r#"{"type":7}"#), []);
        let unknown = Fields::of(r#"{"type":"world_state","payload":{"type":"message"}}"#).unwrap();
        assert_eq!(entry(&unknown), None);
    }
}
