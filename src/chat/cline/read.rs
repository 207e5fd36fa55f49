//! One task or session as events.
//!
//! In: a candidate, and what is wanted. Out: a [`Session`], nothing when it is not of this repository, or a [`Gap`].
//! Never here: thinking, or what a tool read.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::tools::{Call, outcome, tagged, used};
use super::{find, tools, words};
use crate::chat::document::{self, list, text, time};
use crate::chat::entry::{Came, Entry, Part};
use crate::chat::message::{Assistant, Gap, Session, SessionId, Wanted};
use crate::chat::reader::Candidate;
use crate::chat::telling;
use crate::env::Deadline;

/// Reads the wanted span of a task or session.
///
/// # Errors
/// The file cannot be read, or not in time, or holds no conversation.
pub(super) fn read(
    assistant: Assistant,
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    let bytes = document::read(assistant, &candidate.file, deadline)?;
    let conversation = document::value(&bytes);
    let messages = conversation.as_ref().and_then(|all| all.get("messages").unwrap_or(all).as_array());
    let Some(messages) = messages else {
        let reason = "nothing in it is a conversation".to_owned();
        return Err(Gap { assistant, source: candidate.file.clone(), reason });
    };
    let about = find::about(&candidate.file).unwrap_or_default();
    let directory = find::directory(&candidate.file, &mut HashMap::new());
    let start = Entry {
        key: "start".to_owned(),
        at: time(&about, "/started_at")
            .or_else(|| begun(candidate))
            .or_else(|| messages.iter().find_map(|message| time(message, "/ts"))),
        directory: directory.map(|directory| directory.to_string_lossy().into_owned()),
        model: text(&about, "/model").map(str::to_owned),
        ..Entry::default()
    };
    let times = if messages.iter().all(|message| message.get("ts").is_some()) {
        BTreeMap::new()
    } else {
        shown_times(assistant, candidate, deadline)
    };
    let mut entries: Vec<Entry> = Vec::new();
    for (nth, message) in messages.iter().enumerate() {
        let at = time(message, "/ts").or_else(|| times.get(&nth).copied());
        let open = entries.last().and_then(open_call);
        entries.push(entry(nth, message, at, open));
    }
    let mut gathered = telling::gather(Some(&start), &entries, &vec![true; entries.len()]);
    gathered.id = text(&about, "/session_id").map(|id| SessionId(id.to_owned()));
    Ok(gathered.session(assistant, candidate, wanted))
}

/// A task's id is the time at which it began, in milliseconds.
fn begun(candidate: &Candidate) -> Option<DateTime<Utc>> {
    let name = candidate.file.parent()?.file_name()?.to_str()?;
    let ms = name.split('_').next()?.parse().ok().filter(|ms| *ms > 1_000_000_000_000_i64)?;
    DateTime::from_timestamp_millis(ms)
}

/// When messages were shown, by their place: older versions keep times only of what they show. What is shown has the
/// place of the message that was the last one then.
fn shown_times(assistant: Assistant, candidate: &Candidate, deadline: Deadline) -> BTreeMap<usize, DateTime<Utc>> {
    let file = candidate.file.with_file_name("ui_messages.json");
    let shown = document::read(assistant, &file, deadline).ok().and_then(|bytes| document::value(&bytes));
    let mut times = BTreeMap::new();
    for message in shown.as_ref().map(|shown| list(shown, "")).unwrap_or_default() {
        let place = message.get("conversationHistoryIndex").and_then(Value::as_i64);
        if let (Some(place), Some(at)) = (place, time(message, "/ts")) {
            // What follows the last message is shown before the next one is kept.
            times.entry(usize::try_from(place.saturating_add(1)).unwrap_or(0)).or_insert(at);
        }
    }
    times
}

/// The id of a call that was written as tags: its result is the text of the next message.
fn open_call(entry: &Entry) -> Option<String> {
    entry.parts.iter().find_map(|part| match part {
        Part::Use(id, _) if *id == format!("{}.tag", entry.key) => Some(id.clone()),
        _ => None,
    })
}

fn entry(nth: usize, message: &Value, at: Option<DateTime<Utc>>, open: Option<String>) -> Entry {
    let key = text(message, "/id").map_or_else(|| format!("m{nth}"), str::to_owned);
    let model = text(message, "/modelInfo/id").or_else(|| text(message, "/modelInfo/modelId")).map(str::to_owned);
    let blocks: Vec<(&str, &Value)> = match message.get("content") {
        Some(Value::Array(blocks)) => blocks.iter().filter_map(|block| Some((text(block, "/type")?, block))).collect(),
        Some(whole) => vec![("text", whole)],
        None => Vec::new(),
    };
    let parts = match text(message, "/role") {
        Some("user") => heard(&blocks, open),
        Some("assistant") => told(&key, &blocks),
        _ => Vec::new(),
    };
    Entry { key, at, model, parts, ..Entry::default() }
}

/// A block's text, also where it is text alone.
fn words_of(block: &Value) -> &str {
    block.as_str().or_else(|| block.get("text")?.as_str()).unwrap_or_default()
}

/// The text of a tool's result.
fn result(block: &Value) -> String {
    match block.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => blocks.iter().map(words_of).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn heard(blocks: &[(&str, &Value)], mut open: Option<String>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut typed = Vec::new();
    for (kind, block) in blocks {
        let (answer, of, failed) = match *kind {
            "tool_result" => {
                let failed = block.get("is_error").and_then(Value::as_bool) == Some(true);
                (result(block), text(block, "/tool_use_id").map(str::to_owned), failed)
            }
            "text" if words::is_programs(words_of(block)) => (words_of(block).to_owned(), open.take(), false),
            "text" => {
                typed.extend(words::typed(words_of(block)));
                continue;
            }
            _ => continue,
        };
        let said = words::answered(&answer);
        let answers = said.iter().map(|said| (String::new(), said.clone())).collect();
        // An answer is told with its question; what else was said in a result is the human's own words.
        let is_answer = words::inside(&answer, "answer").is_some();
        typed.extend(said.filter(|_| !is_answer));
        parts.extend(of.map(|of| Part::Came(of, Came { outcome: outcome(&answer, failed), answers })));
    }
    if !typed.is_empty() {
        parts.push(Part::Prompt(typed.join("\n\n")));
    }
    parts
}

fn told(key: &str, blocks: &[(&str, &Value)]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |id: String, call: Call| match call {
        Call::Did(tool) => parts.push(Part::Use(id, tool)),
        Call::Said(words) => parts.push(Part::Reply(words)),
    };
    for (kind, block) in blocks {
        match *kind {
            "text" => {
                let said = words::said(words_of(block), tools::TAGS);
                if !said.is_empty() {
                    add(String::new(), Call::Said(said));
                }
                if let Some(call) = tagged(words_of(block)) {
                    add(format!("{key}.tag"), call);
                }
            }
            "tool_use" => {
                let (Some(id), Some(name), Some(input)) =
                    (text(block, "/id"), text(block, "/name"), block.get("input"))
                else {
                    continue;
                };
                let calls = used(name, input);
                let one = calls.len() == 1;
                for (nth, call) in calls.into_iter().enumerate() {
                    // Several commands have one result, which says nothing of each.
                    add(if one { id.to_owned() } else { format!("{id}.{nth}") }, call);
                }
            }
            _ => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::message::{EventKind, Outcome};

    /// A task that began on the second of September 2020, with what was shown of it.
    fn session(history: &[u8], shown: &Value) -> Result<Option<Session>, Gap> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tasks/1599004800000/api_conversation_history.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file.with_file_name("history_item.json"), r#"{"workspace": "/repo"}"#).unwrap();
        fs::write(file.with_file_name("ui_messages.json"), shown.to_string()).unwrap();
        fs::write(&file, history).unwrap();
        let id = SessionId("1599004800000".to_owned());
        let candidate = Candidate { id, file, modified: DateTime::UNIX_EPOCH, named: false, size: 0 };
        let roots = vec![PathBuf::from("/repo")];
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        let wanted = Wanted { roots, named: Vec::new(), since, until, thorough: false };
        read(Assistant::Cline, &candidate, &wanted, Deadline::NONE)
    }

    fn kinds(messages: &Value) -> Vec<EventKind> {
        let session = session(messages.to_string().as_bytes(), &json!([])).unwrap().unwrap();
        session.events.into_iter().map(|event| event.kind).collect()
    }

    fn user(text: &str) -> Value {
        json!({"role": "user", "content": [{"type": "text", "text": text}]})
    }

    fn assistant(text: &str) -> Value {
        json!({"role": "assistant", "content": text})
    }

    fn prompt(text: &str) -> EventKind {
        EventKind::Prompt(text.to_owned())
    }

    #[test]
    fn calls_that_are_tags_have_their_results_in_the_next_message() {
        let run = "I try.\n<execute_command>\n<command>make</command>\n</execute_command>";
        let edit = "<write_to_file><path>src/a.rs</path><content>x</content></write_to_file>";
        let messages = json!([
            user("<task>fix it</task>"),
            assistant(run),
            user("[execute_command for 'make'] Result:\nExit code: 2\nno rule"),
            assistant(edit),
            user(
                "[write_to_file for 'src/a.rs'] Result:\nThe user denied this operation.\n<feedback>not there</feedback>"
            )
        ]);
        let failed = Outcome::Failed { exit: Some(2), output: "Exit code: 2\nno rule".to_owned() };
        let kinds = kinds(&messages);
        assert_eq!(kinds[..2], [prompt("fix it"), EventKind::Reply("I try.".to_owned())]);
        assert_eq!(kinds[2], EventKind::Command { line: "make".to_owned(), outcome: failed });
        assert_eq!(kinds[3..], [prompt("not there")]);
    }

    #[test]
    fn native_calls_have_their_results_by_id() {
        let call =
            |id: &str, name: &str, input: Value| json!({"type": "tool_use", "id": id, "name": name, "input": input});
        let came = |id: &str, content: &str| json!({"type": "tool_result", "tool_use_id": id, "content": content});
        let messages = json!([
            {"role": "assistant", "content": [call("a", "editor", json!({"path": "a.rs"})),
                call("b", "ask_question", json!({"question": "Where?"}))]},
            {"role": "user", "content": [came("a", "ok"), came("b", "<answer>here</answer>")]}]);
        let question = EventKind::Question { question: "Where?".to_owned(), answer: Some("here".to_owned()) };
        assert_eq!(kinds(&messages), [EventKind::Edit { path: PathBuf::from("/repo/a.rs") }, question]);
    }

    #[test]
    fn times_are_the_messages_own_or_those_of_what_was_shown_or_the_tasks() {
        let seconds = |messages: &Value, shown: &Value| -> Vec<i64> {
            let session = session(messages.to_string().as_bytes(), shown).unwrap().unwrap();
            session.events.iter().map(|event| event.at.timestamp() - 1_599_004_800).collect()
        };
        let messages = json!([user("one"), assistant("two")]);
        assert_eq!(seconds(&messages, &json!([])), [0, 0]);
        let shown = json!([{"ts": 1_599_004_801_000_i64, "conversationHistoryIndex": -1},
            {"ts": 1_599_004_805_000_i64, "conversationHistoryIndex": 0}]);
        assert_eq!(seconds(&messages, &shown), [1, 5]);
        let dated = json!([{"role": "user", "content": "one", "ts": 1_599_004_809_000_i64}]);
        assert_eq!(seconds(&dated, &shown), [9]);
    }

    #[test]
    fn a_file_of_something_else_is_a_gap() {
        assert!(session(b"PK\x03\x04", &json!(7)).is_err());
        assert!(session(b"7", &json!(7)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic(at in any::<prop::sample::Index>(), insert in "[\\[\\]{}\":,a7<>]{0,6}") {
            let mut text = json!([user("<task>fix it</task>"), assistant("<execute_command><command>make</command>")]).to_string();
            let from = at.index(text.len() - 3);
            text.replace_range(from..from + 3, &insert);
            let _ = session(text.as_bytes(), &json!([]));
        }
    }
}
