//! Goose's sessions: the database `sessions/sessions.db`, and the files `sessions/<id>.jsonl` of before it.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thinking, or what a tool read. The format is that of versions up to 1.46.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::document::{self, list, text};
use super::entry::{Entry, Part, Tool};
use super::fields::{Fields, parse};
use super::message::{Assistant, Gap, Outcome, Session, Wanted};
use super::output;
use super::projects;
use super::reader::{Candidate, Found, Reader};
use super::search::Search;
use super::sqlite::{Database, bounded};
use super::stored::{self, End};
use super::transcript::{self, Format};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader { assistant: Assistant::Goose, session_variable: None, places, find, read };

/// The directories of sessions, on every system.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    const DATA: &[&str] = &[".local/share/goose", "AppData/Roaming/Block/goose/data"];
    let data = env.text("XDG_DATA_HOME").map(|dir| env.cwd.join(dir).join("goose"));
    let moved = env.text("GOOSE_PATH_ROOT").map(|dir| env.cwd.join(dir).join("data"));
    let homes = env.home.iter().flat_map(|home| DATA.iter().map(|data| home.join(data)));
    let sessions = moved.into_iter().chain(data).chain(homes).map(|data| data.join("sessions"));
    projects::existing(sessions, extra)
}

fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::Goose, wanted, deadline);
    for place in places {
        search.recent(place, |name| name.strip_suffix(".jsonl"));
    }
    let databases: Vec<PathBuf> = places.iter().map(|place| place.join("sessions.db")).collect();
    let mut stored = stored::find(&databases, wanted, |database| sessions(database, wanted, deadline));
    let files = search.finish();
    let known = |id: &str, found: &Found| found.candidates.iter().any(|one| one.id.0 == id);
    let files_only: Vec<Candidate> = files.candidates.into_iter().filter(|file| !known(&file.id.0, &stored)).collect();
    stored.candidates.extend(files_only);
    stored.gaps.extend(files.gaps);
    stored.complete &= files.complete;
    stored::sort(&mut stored);
    stored
}

fn sessions(path: &Path, wanted: &Wanted, deadline: Deadline) -> Result<Vec<Candidate>, Gap> {
    let database = Database::open(Assistant::Goose, path, deadline)?;
    database.all("SELECT id, working_dir, updated_at FROM sessions", &[], |row| {
        let directory = row.text(1).map(PathBuf::from);
        stored::candidate(wanted, path, &row.text(0)?, row.time(2), directory.as_slice())
    })
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    if candidate.file.extension().is_some_and(|extension| extension == "jsonl") {
        let format = Format { assistant: Assistant::Goose, entry: &line, kept: &|entries| vec![true; entries.len()] };
        return transcript::read_file(&format, candidate, wanted, deadline);
    }
    let database = Database::open(Assistant::Goose, &candidate.file, deadline)?;
    let id = candidate.id.0.as_str();
    let kind = "SELECT working_dir, session_type FROM sessions WHERE id = ?1";
    let heads = database.all(kind, &[id], |row| Some((row.text(0), row.text(1))))?;
    let Some((directory, kind)) = heads.into_iter().next() else { return Ok(None) };
    let agent = kind.is_some_and(|kind| kind.starts_with("sub"));
    let first = Entry { directory, ..Entry::default() };
    let question = format!(
        "SELECT id, role, {}, created_timestamp FROM messages WHERE session_id = ?1 \
         ORDER BY created_timestamp DESC, id DESC",
        bounded("content_json")
    );
    let mut end = End::new(wanted);
    let mut nth = 0;
    database.each(&question, &[id], |row| {
        let (Some(role), Some(bytes)) = (row.text(1), row.bytes(2)) else { return ControlFlow::Continue(()) };
        let (size, content) = (bytes.len(), document::value(bytes).unwrap_or_default());
        nth += 1;
        let key = row.number(0).map_or_else(|| format!("-{nth}"), |id| id.to_string());
        let mut entry = said(&role, &content, row.time(3));
        entry.key = key;
        if agent {
            entry.parts.retain(|part| !part.is_prompt());
        }
        if end.add(entry, size) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(end.session(Assistant::Goose, &first, candidate, wanted))
}

/// A line of a file. The first describes the session.
fn line(fields: &Fields<'_>) -> Option<Entry> {
    let Some(role) = fields.text("role") else {
        return Some(Entry { directory: Some(fields.text("working_dir")?), ..Entry::default() });
    };
    let at = fields.number("created").and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Some(said(&role, &parse::<Value>(fields.raw("content"))?, at))
}

fn said(role: &str, content: &Value, at: Option<DateTime<Utc>>) -> Entry {
    let blocks = list(content, "");
    let of_kind = |kind: &'static str| blocks.iter().filter(move |block| text(block, "/type") == Some(kind));
    let texts = of_kind("text").filter_map(|block| text(block, "/text")).collect::<Vec<_>>().join("\n\n");
    let texts = Some(texts).filter(|texts| !texts.is_empty());
    let mut entry = Entry { at, ..Entry::default() };
    match role {
        "user" => entry.parts.extend(texts.map(Part::Prompt)),
        "assistant" => entry.parts.extend(texts.map(Part::Reply)),
        _ => return entry,
    }
    entry.parts.extend(of_kind("toolRequest").filter_map(used));
    let came = of_kind("toolResponse").filter_map(|block| {
        Some(Part::Came(text(block, "/id")?.to_owned(), outcome(block.pointer("/toolResult")?).into()))
    });
    entry.parts.extend(came);
    entry
}

fn used(block: &Value) -> Option<Part> {
    let call = block.pointer("/toolCall/value").or_else(|| block.pointer("/toolCall"))?;
    let argument = |key: &str| text(call, &format!("/arguments/{key}")).map(str::to_owned);
    let name = text(call, "/name")?;
    let tool = match name.rsplit("__").next()? {
        "shell" => Tool::Command(argument("command")?),
        "write" | "edit" => Tool::Edit(vec![argument("path")?], None),
        "text_editor" if argument("command").is_some_and(|command| command != "view") => {
            Tool::Edit(vec![argument("path")?], None)
        }
        _ => return None,
    };
    Some(Part::Use(text(block, "/id")?.to_owned(), tool))
}

fn outcome(result: &Value) -> Outcome {
    let value = result.pointer("/value").unwrap_or(&Value::Null);
    let blocks = if value.is_array() { list(value, "") } else { list(value, "/content") };
    let shown = || blocks.iter().filter_map(|block| text(block, "/text")).collect::<Vec<_>>().join("\n");
    let exit = value.pointer("/structuredContent/exit_code").and_then(Value::as_i64);
    let failed = value.get("isError").and_then(Value::as_bool) == Some(true) || exit.is_some_and(|exit| exit != 0);
    match text(result, "/status") {
        Some("error") => {
            let error = text(result, "/error").unwrap_or_default();
            if error.contains("declined") {
                Outcome::Refused
            } else {
                Outcome::Failed { exit: None, output: output::end(error) }
            }
        }
        _ if failed => {
            Outcome::Failed { exit: exit.and_then(|exit| i32::try_from(exit).ok()), output: output::end(&shown()) }
        }
        _ => Outcome::Passed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;
    use serde_json::json;

    use super::*;
    use crate::chat::message::EventKind;

    fn wanted(thorough: bool) -> Wanted {
        let (since, until) = (DateTime::from_timestamp(10, 0).unwrap(), DateTime::<Utc>::MAX_UTC);
        Wanted { roots: vec![PathBuf::from("/repo")], named: Vec::new(), since, until, thorough }
    }

    #[test]
    fn a_session_is_told_from_the_database_and_from_a_file() {
        let place = tempfile::tempdir().unwrap();
        let database = Connection::open(place.path().join("sessions.db")).unwrap();
        let tables = "CREATE TABLE sessions(id, working_dir, session_type, updated_at);
            CREATE TABLE messages(id INTEGER, session_id, role, content_json, created_timestamp);
            INSERT INTO sessions VALUES('a', '/repo', 'user', '2026-01-01 00:00:00'), ('b', '/x', 'user', '2026-01-01 00:00:00')";
        database.execute_batch(tables).unwrap();
        let go = json!([{"type": "text", "text": "go"}]);
        let make = json!([{"type": "text", "text": "I will"}, {"type": "toolRequest", "id": "c",
            "toolCall": {"status": "success", "value": {"name": "developer__shell", "arguments": {"command": "make"}}}}]);
        let came = json!([{"type": "toolResponse", "id": "c", "toolResult": {"status": "success", "value": []}}]);
        let messages = [("user", &go), ("assistant", &make), ("user", &came)];
        let mut lines = json!({"working_dir": "/repo"}).to_string() + "\n";
        for ((role, content), nth) in messages.iter().zip(1..) {
            let row = (nth, role, content.to_string(), 1_767_225_600 + nth);
            database.execute("INSERT INTO messages VALUES(?1, 'a', ?2, ?3, ?4)", row).unwrap();
            lines += &(json!({"role": role, "created": 1_767_225_600 + nth, "content": content}).to_string() + "\n");
        }
        std::fs::write(place.path().join("f.jsonl"), lines).unwrap();
        let places = [place.path().to_owned()];
        let found = find(&places, &wanted(true), Deadline::NONE);
        let mut ids: Vec<&str> = found.candidates.iter().map(|one| one.id.0.as_str()).collect();
        ids.sort_unstable();
        assert!(ids == ["a", "f"] && found.complete && found.gaps.is_empty(), "{found:?}");
        for candidate in &found.candidates {
            let session = read(candidate, &wanted(true), Deadline::NONE).unwrap().unwrap();
            let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
            let ran = EventKind::Command { line: "make".to_owned(), outcome: Outcome::Passed };
            let (asked, answered) = (EventKind::Prompt("go".to_owned()), EventKind::Reply("I will".to_owned()));
            assert_eq!(kinds, [asked, answered, ran], "{}", candidate.id);
        }
        let hook = find(&places, &wanted(false), Deadline::NONE);
        assert!(!hook.complete && hook.candidates.len() == 1);
    }

    #[test]
    fn tools_are_known_with_what_came_of_them() {
        let tool = |name: &str, arguments: Value| match used(
            &json!({"id": "c", "toolCall": {"value": {"name": name, "arguments": arguments}}}),
        ) {
            Some(Part::Use(_, tool)) => Some(tool),
            _ => None,
        };
        let edit = Some(Tool::Edit(vec!["a".to_owned()], None));
        assert_eq!(tool("edit", json!({"path": "a"})), edit);
        assert_eq!(tool("developer__text_editor", json!({"command": "str_replace", "path": "a"})), edit);
        assert_eq!(tool("developer__text_editor", json!({"command": "view", "path": "a"})), None);
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        let bad = json!({"value": {"isError": true, "content": [{"type": "text", "text": "bad"}]}});
        assert_eq!(outcome(&bad), failed(None, "bad"));
        assert_eq!(outcome(&json!({"value": {"structuredContent": {"exit_code": 2}}})), failed(Some(2), ""));
        assert_eq!(
            outcome(&json!({"status": "error", "error": "The user has declined to run this tool"})),
            Outcome::Refused
        );
        assert_eq!(outcome(&json!(7)), Outcome::Passed);
    }

    proptest! {
        #[test]
        fn no_content_makes_it_panic(role in "(user|assistant)", kind in "(text|toolRequest|toolResponse)",
            key in "(toolCall|toolResult|id|text)", value in r#"(null|7|"x"|\{"value":7\}|\[7\])"#) {
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            said(&role, &json!([{"type": kind, "id": "i", key: value}, 7]), None);
        }
    }
}
