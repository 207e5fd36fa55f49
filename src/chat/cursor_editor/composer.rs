//! One conversation in Cursor's databases.
//!
//! In: a database and the conversation's id. Out: a session.
//! Never here: a bubble to which the conversation no longer points: it was edited away.
//!
//! `composerData:<id>` lists the bubbles, `bubbleId:<id>:<bubble>` holds each; old ones are all in one place.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::items::item;
use super::{tabs, tools, workspace};
use crate::chat::document::{self, list, text, time};
use crate::chat::entry::{Entry, Part};
use crate::chat::message::{Assistant, Gap, Session, Wanted};
use crate::chat::place;
use crate::chat::reader::Candidate;
use crate::chat::sqlite::{Database, bounded};
use crate::chat::stored::End;
use crate::env::Deadline;

/// What the user said; all else is the assistant's.
const USER: i64 = 1;

/// The wanted end of a session.
pub(super) fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let database = Database::open(Assistant::Cursor, &candidate.file, deadline)?;
    let id = &candidate.id.0;
    let Some(composer) = find(&database, id)? else { return chat(&database, candidate, wanted, deadline) };
    let first = Entry {
        directory: directory(&composer).or_else(|| opened(candidate, wanted, deadline)),
        model: text(&composer, "/modelConfig/modelName").map(str::to_owned),
        ..Entry::default()
    };
    let mut reading = Reading {
        end: End::new(wanted),
        // What a bubble without a time was said before.
        at: time(&composer, "/lastUpdatedAt").or_else(|| time(&composer, "/createdAt")),
        agent: composer.pointer("/subagentInfo").is_some_and(|about| !about.is_null()),
    };
    let inline = list(&composer, "/conversation");
    if inline.is_empty() {
        stored(&database, id, &composer, &mut reading)?;
    } else {
        for (nth, bubble) in inline.iter().enumerate().rev() {
            if !reading.add(&nth.to_string(), bubble, 0) {
                break;
            }
        }
    }
    Ok(reading.end.session(Assistant::Cursor, &first, candidate, wanted))
}

fn find(database: &Database, id: &str) -> Result<Option<Value>, Gap> {
    if !database.columns("cursorDiskKV")?.is_empty() {
        let value = value(database, &format!("composerData:{id}"))?;
        if let Some((composer, _)) = value {
            return Ok(Some(composer));
        }
    }
    let data = item(database, "composer.composerData")?.unwrap_or_default();
    Ok(list(&data, "/allComposers").iter().find(|composer| text(composer, "/composerId") == Some(id)).cloned())
}

/// One of the older chats, which have ids of their own.
fn chat(
    database: &Database,
    candidate: &Candidate,
    wanted: &Wanted,
    deadline: Deadline,
) -> Result<Option<Session>, Gap> {
    let chats = tabs::all(database)?;
    let Some(chat) = chats.iter().find(|chat| tabs::id(chat) == Some(&candidate.id.0)) else { return Ok(None) };
    let first = Entry { directory: opened(candidate, wanted, deadline), ..Entry::default() };
    let mut end = End::new(wanted);
    for entry in tabs::entries(chat) {
        end.add(entry, 0);
    }
    Ok(end.session(Assistant::Cursor, &first, candidate, wanted))
}

/// A value by its key, and its size.
fn value(database: &Database, key: &str) -> Result<Option<(Value, usize)>, Gap> {
    let question = format!("SELECT {} FROM cursorDiskKV WHERE key = ?1", bounded("value"));
    let found = database.all(&question, &[key], |row| {
        let bytes = row.bytes(0)?;
        Some((document::value(bytes).filter(Value::is_object)?, bytes.len()))
    })?;
    Ok(found.into_iter().next())
}

fn stored(database: &Database, id: &str, composer: &Value, reading: &mut Reading) -> Result<(), Gap> {
    let headers = list(composer, "/fullConversationHeadersOnly");
    let grouped = headers.iter().any(|header| header.get("grouping").is_some());
    let hidden = |header: &Value| grouped && header.pointer("/grouping/isRenderable") == Some(&Value::Bool(false));
    for header in headers.iter().rev().filter(|header| !hidden(header)) {
        let Some(bubble) = text(header, "/bubbleId") else { continue };
        let Some((value, bytes)) = value(database, &format!("bubbleId:{id}:{bubble}"))? else { continue };
        if !reading.add(bubble, &value, bytes) {
            break;
        }
    }
    Ok(())
}

/// Where the conversation took place, as it says itself since Cursor 3.12.
pub(super) fn directory(composer: &Value) -> Option<String> {
    let uri =
        composer.pointer("/workspaceIdentifier/uri").or_else(|| composer.pointer("/workspaceIdentifier/configPath"))?;
    let path = text(uri, "/fsPath").or_else(|| text(uri, "/path")).map(str::to_owned);
    path.or_else(|| Some(place::of_uri(uri.as_str()?)?.to_string_lossy().into_owned()))
}

/// The folder of the workspace that knows the conversation.
fn opened(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Option<String> {
    let beside = workspace::folder(candidate.file.parent()?);
    let folder = beside.or_else(|| {
        let user = candidate.file.parent().and_then(Path::parent)?;
        let mut workspaces = workspace::of_roots(user, wanted, deadline).into_iter();
        let knows = |workspace: &workspace::Workspace| {
            let known = workspace::known(workspace, deadline).unwrap_or_default();
            known.iter().any(|one| one.id == candidate.id.0)
        };
        workspaces.find(knows).map(|workspace| workspace.folder)
    })?;
    Some(folder.to_string_lossy().into_owned())
}

/// Bubbles while they are read, the newest first.
struct Reading {
    end: End,
    at: Option<DateTime<Utc>>,
    /// Whether an assistant and not a human began the conversation.
    agent: bool,
}

impl Reading {
    fn add(&mut self, key: &str, bubble: &Value, bytes: usize) -> bool {
        let timing =
            || time(bubble, "/timingInfo/clientStartTime").or_else(|| time(bubble, "/timingInfo/clientRpcSendTime"));
        self.at = time(bubble, "/createdAt").or_else(timing).or(self.at);
        let mut entry = Entry { key: key.to_owned(), at: self.at, ..Entry::default() };
        let said = text(bubble, "/text").map(str::to_owned);
        if bubble.get("type").and_then(Value::as_i64) == Some(USER) {
            entry.parts.extend(said.filter(|_| !self.agent).map(Part::Prompt));
        } else {
            entry.model = text(bubble, "/modelInfo/modelName").map(str::to_owned);
            entry.parts.extend(said.map(Part::Reply));
            entry.parts.extend(used(key, bubble).into_iter().flatten());
        }
        self.end.add(entry, bytes)
    }
}

fn used(key: &str, bubble: &Value) -> Option<[Part; 2]> {
    let used = bubble.get("toolFormerData")?;
    let name = text(used, "/name").or_else(|| text(used, "/tool"))?;
    let mut arguments = ["/rawArgs", "/params"].iter().filter_map(|place| used.pointer(place)).map(tools::unpacked);
    let tool = arguments.find_map(|arguments| tools::tool(name, &arguments))?;
    Some([Part::Use(key.to_owned(), tool), Part::Came(key.to_owned(), tools::outcome(used).into())])
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;
    use rusqlite::Connection;
    use serde_json::json;

    use super::*;
    use crate::chat::message::{EventKind, Outcome, SessionId};

    /// What is told of a conversation with these bubbles.
    fn told(composer: Value, bubbles: &[(&str, Value)]) -> Option<Session> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("state.vscdb");
        let database = Connection::open(&file).unwrap();
        database.execute_batch("CREATE TABLE cursorDiskKV(key TEXT UNIQUE, value BLOB)").unwrap();
        let put = |key: String, value: Value| {
            database.execute("INSERT INTO cursorDiskKV VALUES(?1, ?2)", (key, value.to_string())).unwrap();
        };
        put("composerData:c".to_owned(), composer);
        for (id, bubble) in bubbles {
            put(format!("bubbleId:c:{id}"), bubble.clone());
        }
        let (since, until) = (DateTime::UNIX_EPOCH, "2026-01-01T00:00:09Z".parse().unwrap());
        let id = SessionId("c".to_owned());
        let candidate = Candidate { id, file, modified: since, named: false, size: 0 };
        let roots = vec![PathBuf::from("/repo")];
        let wanted = Wanted { roots, named: Vec::new(), since, until, thorough: true };
        read(&candidate, &wanted, Deadline::NONE).unwrap()
    }

    fn kinds(session: Option<Session>) -> Vec<EventKind> {
        session.unwrap().events.into_iter().map(|event| event.kind).collect()
    }

    fn prompt(text: &str) -> EventKind {
        EventKind::Prompt(text.to_owned())
    }

    #[test]
    fn the_bubbles_that_a_conversation_lists_are_told() {
        let composer = json!({"workspaceIdentifier": {"uri": {"fsPath": "/repo"}}, "lastUpdatedAt": 1_767_225_608_000_i64,
            "modelConfig": {"modelName": "m"}, "fullConversationHeadersOnly": [{"bubbleId": "1"}, {"bubbleId": "2"},
            {"bubbleId": "3"}, {"bubbleId": "lost"}, {"bubbleId": "4", "grouping": {"isRenderable": false}}]});
        let run = json!({"name": "run_terminal_command_v2", "params": "{\"command\":\"make\"}", "status": "completed"});
        let edit = json!({"name": "edit_file", "rawArgs": "{\"target_file\":\"a.rs\"}", "status": "completed"});
        let session = told(
            composer,
            &[
                ("1", json!({"type": 1, "text": "go"})),
                ("2", json!({"type": 2, "text": "", "createdAt": "2026-01-01T00:00:02Z", "toolFormerData": run})),
                ("3", json!({"type": 2, "text": "done", "createdAt": "2026-01-01T00:00:03Z", "toolFormerData": edit})),
                ("4", json!({"type": 2, "text": "hidden"})),
                ("orphan", json!({"type": 1, "text": "edited away", "createdAt": "2026-01-01T00:00:01Z"})),
            ],
        );
        assert_eq!(session.as_ref().and_then(|session| session.model.as_deref()), Some("m"));
        let ran = EventKind::Command { line: "make".to_owned(), outcome: Outcome::Passed };
        let edited = EventKind::Edit { path: PathBuf::from("/repo/a.rs") };
        assert_eq!(kinds(session), [prompt("go"), ran, EventKind::Reply("done".to_owned()), edited]);
    }

    #[test]
    fn an_old_conversation_is_in_one_place_and_another_projects_is_none() {
        let conversation = |path: &str| {
            json!({"createdAt": 1_767_225_600_000_i64, "workspaceIdentifier": {"uri": {"fsPath": path}},
                "conversation": [{"type": 1, "text": "go"}, {"type": 2, "text": "done"}]})
        };
        assert_eq!(kinds(told(conversation("/repo"), &[])), [prompt("go"), EventKind::Reply("done".to_owned())]);
        assert_eq!(told(conversation("/other"), &[]), None);
    }

    #[test]
    fn an_older_chat_is_told_from_its_window() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("state.vscdb");
        let database = Connection::open(&file).unwrap();
        database.execute_batch("CREATE TABLE ItemTable(key TEXT UNIQUE, value BLOB)").unwrap();
        let bubbles = json!([{"type": "user", "text": "go"}, {"type": "ai", "text": "gone", "modelType": "m"}]);
        let chats = json!({"tabs": [{"tabId": "t", "lastSendTime": 1_767_225_600_000_i64, "bubbles": bubbles}]});
        let put = ("workbench.panel.aichat.view.aichat.chatdata", chats.to_string());
        database.execute("INSERT INTO ItemTable VALUES(?1, ?2)", put).unwrap();
        std::fs::write(directory.path().join("workspace.json"), r#"{"folder":"file:///repo"}"#).unwrap();
        let (since, until) = (DateTime::UNIX_EPOCH, "2026-01-01T00:00:09Z".parse().unwrap());
        let (id, roots) = (SessionId("t".to_owned()), vec![PathBuf::from("/repo")]);
        let candidate = Candidate { id, file, modified: since, named: false, size: 0 };
        let wanted = Wanted { roots, named: Vec::new(), since, until, thorough: true };
        let session = read(&candidate, &wanted, Deadline::NONE).unwrap();
        assert_eq!(session.as_ref().and_then(|session| session.model.as_deref()), Some("m"));
        assert_eq!(kinds(session), [prompt("go"), EventKind::Reply("gone".to_owned())]);
        let unknown = Candidate { id: SessionId("u".to_owned()), ..candidate };
        assert_eq!(read(&unknown, &wanted, Deadline::NONE).unwrap(), None);
    }

    #[test]
    fn what_an_assistant_was_asked_by_another_is_no_prompt() {
        let composer = json!({"createdAt": 1_767_225_600_000_i64, "subagentInfo": {"parent": "p"},
            "workspaceIdentifier": {"uri": {"fsPath": "/repo"}}, "conversation": [{"type": 1, "text": "go"}]});
        assert_eq!(kinds(told(composer, &[])), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn no_conversation_makes_it_panic(key in "(conversation|fullConversationHeadersOnly|workspaceIdentifier|createdAt)",
            value in r#"(null|-?[0-9]{1,20}|"x"|\[\]|\[7,\{"bubbleId":"1","type":1,"text":"x","createdAt":9e99\}\]|\{"uri":7\})"#) {
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            told(json!({key: value}), &[("1", value.clone())]);
        }
    }
}
