//! One conversation with Cursor's command line: `~/.cursor/chats/<MD5 of the directory>/<id>/store.db`.
//!
//! In: such a database, and `meta.json` beside it. Out: a session.
//! Never here: thinking, what was condensed away, or the key that lies in `meta`.
//!
//! Row `0` of `meta` is JSON in hexadecimal digits and names the root of the conversation, which lists its messages. Each
//! lies in `blobs` under the hash of its bytes.

use serde_json::Value;

use super::words::{LastTurn, instant, said, typed};
use super::{root, tools};
use crate::chat::document::{self, list, text};
use crate::chat::entry::{Entry, Part};
use crate::chat::fingerprint::md5_of;
use crate::chat::message::{Assistant, Gap, Session, Wanted};
use crate::chat::place;
use crate::chat::reader::Candidate;
use crate::chat::sqlite::{Database, bounded};
use crate::chat::stored::End;
use crate::env::Deadline;

/// What the database is called.
pub(super) const STORE: &str = "store.db";

/// What says where and when, since 2026.
pub(super) const BESIDE: &str = "meta.json";

/// The wanted end of a session.
pub(super) fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let gap =
        |reason: &str| Gap { assistant: Assistant::Cursor, source: candidate.file.clone(), reason: reason.to_owned() };
    let database = Database::open(Assistant::Cursor, &candidate.file, deadline)?;
    let about = about(&database)?.unwrap_or_default();
    // Before the first word there is no root.
    let Some(id) = text(&about, "/latestRootBlobId") else { return Ok(None) };
    let bytes = blob(&database, id)?.ok_or_else(|| gap("its root is missing"))?;
    let root = root::read(&bytes).ok_or_else(|| gap("its root is not understood"))?;
    let beside = document::small(&candidate.file.with_file_name(BESIDE)).unwrap_or_default();
    let opened = || Some(place::of_uri(root.workspace.as_deref()?)?.to_string_lossy().into_owned());
    let first = Entry {
        directory: text(&beside, "/cwd").map(str::to_owned).or_else(opened).or_else(|| filed(candidate, wanted)),
        model: text(&about, "/lastUsedModel").map(str::to_owned),
        ..Entry::default()
    };
    let agent = beside.pointer("/isSubagent") == Some(&Value::Bool(true));
    let last_turn = LastTurn::of(candidate, wanted);
    let (mut end, mut understood) = (End::new(wanted), root.messages.is_empty());
    for id in root.messages.iter().rev() {
        let Some(bytes) = blob(&database, id)? else { continue };
        let Some(mut entry) = document::value(&bytes).as_ref().and_then(entry) else { continue };
        understood = true;
        entry.parts.retain(|part| !agent || !part.is_prompt());
        if !end.add(last_turn.dated(Entry { key: id.clone(), ..entry }), bytes.len()) {
            break;
        }
    }
    if !understood {
        return Err(gap("none of its messages is understood"));
    }
    Ok(end.session(Assistant::Cursor, &first, candidate, wanted))
}

/// The root after which the directory is named: with versions of 2025 nothing else tells where it was.
fn filed(candidate: &Candidate, wanted: &Wanted) -> Option<String> {
    let hash = candidate.file.parent()?.parent()?.file_name()?.to_str()?;
    let root = wanted.roots.iter().find(|root| md5_of(root) == hash)?;
    Some(root.to_string_lossy().into_owned())
}

/// What the database says of the conversation.
fn about(database: &Database) -> Result<Option<Value>, Gap> {
    let question = format!("SELECT {} FROM meta WHERE key = '0'", bounded("value"));
    let found = database.all(&question, &[], |row| {
        let written = row.bytes(0)?;
        document::value(&unhexed(written).unwrap_or_else(|| written.to_owned()))
    })?;
    Ok(found.into_iter().next())
}

fn unhexed(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

fn blob(database: &Database, id: &str) -> Result<Option<Vec<u8>>, Gap> {
    let question = format!("SELECT {} FROM blobs WHERE id = ?1", bounded("data"));
    Ok(database.all(&question, &[id], |row| row.bytes(0).map(<[u8]>::to_vec))?.pop())
}

/// What a message says; `None` where it is none.
fn entry(message: &Value) -> Option<Entry> {
    let parts = list(message, "/content");
    let texts: Vec<&str> = parts
        .iter()
        .filter(|part| text(part, "/type") == Some("text"))
        .filter_map(|part| text(part, "/text"))
        .collect();
    let texts = text(message, "/content").map_or_else(|| texts.join("\n\n"), str::to_owned);
    let mut entry = Entry::default();
    match text(message, "/role")? {
        "user" if !put_in(message) => {
            entry.at = instant(&texts);
            entry.parts.extend(typed(&texts).map(Part::Prompt));
        }
        "assistant" => {
            entry.model =
                parts.iter().find_map(|part| text(part, "/providerOptions/cursor/modelName")).map(str::to_owned);
            entry.parts.extend(said(&texts).map(Part::Reply));
            entry.parts.extend(parts.iter().filter_map(used));
        }
        "tool" => entry.parts.extend(parts.iter().filter_map(|part| came(part, message))),
        _ => {}
    }
    Some(entry)
}

/// Whether the program said this in the human's name: what it knows of the machine, or what it condensed.
fn put_in(message: &Value) -> bool {
    let set = |key: &str| {
        let value = message.pointer("/providerOptions/cursor").and_then(|cursor| cursor.get(key));
        value.is_some_and(|value| !value.is_null() && *value != Value::Bool(false))
    };
    ["requestContextCompleteness", "isSummary", "loopReminder"].into_iter().any(set)
}

fn used(part: &Value) -> Option<Part> {
    let tool = tools::tool(text(part, "/toolName")?, part.get("args")?)?;
    Some(Part::Use(text(part, "/toolCallId")?.to_owned(), tool))
}

fn came(part: &Value, message: &Value) -> Option<Part> {
    let result = message.pointer("/providerOptions/cursor/highLevelToolCallResult").unwrap_or(&Value::Null);
    let outcome = tools::told_outcome(text(part, "/result").unwrap_or_default(), result);
    Some(Part::Came(text(part, "/toolCallId")?.to_owned(), outcome.into()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use rusqlite::Connection;
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::chat::fingerprint::hexadecimal;
    use crate::chat::message::{EventKind, Outcome, SessionId};

    const AT: &str = "<timestamp>Thursday, Jan 1, 2026, 1:00 AM (UTC+1)</timestamp>";

    /// A store with these messages, which took place there.
    fn store(messages: &[Value], workspace: &str, beside: Option<Value>) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        let file = file(&home);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let database = Connection::open(&file).unwrap();
        database.execute_batch("CREATE TABLE blobs(id TEXT PRIMARY KEY, data BLOB); CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT)").unwrap();
        let put = |id: String, data: &[u8]| {
            database.execute("INSERT INTO blobs VALUES(?1, ?2)", (id, data)).unwrap();
        };
        let ids: Vec<[u8; 32]> = (1..=messages.len()).map(|nth| [u8::try_from(nth).unwrap(); 32]).collect();
        for (id, message) in ids.iter().zip(messages) {
            put(format!("{:02x}", id[0]).repeat(32), message.to_string().as_bytes());
        }
        let gone = [0xee; 32];
        put("ff".repeat(32), &root::tests::written(&[ids, vec![gone]].concat(), workspace));
        let about = json!({"agentId": "s", "latestRootBlobId": "ff".repeat(32), "lastUsedModel": "m"}).to_string();
        database.execute("INSERT INTO meta VALUES('0', ?1)", [hexadecimal(about.as_bytes())]).unwrap();
        if let Some(beside) = beside {
            std::fs::write(file.with_file_name(BESIDE), beside.to_string()).unwrap();
        }
        home
    }

    fn file(home: &TempDir) -> PathBuf {
        home.path().join(md5_of(std::path::Path::new("/repo"))).join("s").join(STORE)
    }

    fn told(store: &TempDir, modified: &str) -> Result<Option<Session>, Gap> {
        let (since, until): (_, DateTime<Utc>) = (DateTime::UNIX_EPOCH, "2026-01-01T00:10:00Z".parse().unwrap());
        let (id, file) = (SessionId("s".to_owned()), file(store));
        let candidate = Candidate { id, file, modified: modified.parse().unwrap(), named: false, size: 0 };
        let wanted = Wanted { roots: vec![PathBuf::from("/repo")], named: Vec::new(), since, until, thorough: true };
        read(&candidate, &wanted, Deadline::NONE)
    }

    fn kinds(session: &Session) -> Vec<(i64, EventKind)> {
        let minute = |at: DateTime<Utc>| (at - DateTime::from_timestamp(1_767_225_600, 0).unwrap()).num_minutes();
        session.events.iter().map(|event| (minute(event.at), event.kind.clone())).collect()
    }

    /// A conversation with all that a program puts in.
    fn messages() -> Vec<Value> {
        let user = |text: &str| json!({"role": "user", "content": [{"type": "text", "text": text}]});
        let call = |id: &str, name: &str, args: Value| json!({"type": "tool-call", "toolCallId": id, "toolName": name, "args": args});
        let result = |id: &str, result: &str, known: Value| {
            json!({"role": "tool", "content": [{"type": "tool-result", "toolCallId": id, "toolName": "x", "result": result}],
                "providerOptions": {"cursor": {"highLevelToolCallResult": known}}})
        };
        vec![
            json!({"role": "system", "content": "You are"}),
            json!({"role": "user", "content": "<user_info>\nOS Version: linux\n</user_info>",
                "providerOptions": {"cursor": {"requestContextCompleteness": {"rules": true}}}}),
            json!({"role": "user", "content": "What was condensed", "providerOptions": {"cursor": {"isSummary": true}}}),
            user("<user_query>\nbefore there were times\n</user_query>"),
            user(&format!("{AT}\n<user_query>\nmake it\n</user_query>")),
            json!({"role": "assistant", "id": "1", "content": [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "Making."},
                call("a", "Shell", json!({"command": "make"})), call("b", "StrReplace", json!({"path": "a.rs"})),
                call("c", "Write", json!({"path": "/repo/b.rs"}))]}),
            result(
                "a",
                "Exit code: 2\n\nCommand output:\n\n```\nno rule\n```",
                json!({"output": {"failure": {"exitCode": 2, "stderr": "no rule"}}}),
            ),
            result("b", "done", json!({"output": {"success": {}}, "isError": false})),
            result("c", "", json!({"output": {"rejected": {}}})),
            json!({"role": "assistant", "content": [{"type": "text", "text": "Made."}]}),
        ]
    }

    fn expected(at: i64) -> Vec<(i64, EventKind)> {
        let failed = Outcome::Failed { exit: Some(2), output: "no rule".to_owned() };
        vec![
            (0, EventKind::Prompt("make it".to_owned())),
            (at, EventKind::Reply("Making.".to_owned())),
            (at, EventKind::Command { line: "make".to_owned(), outcome: failed }),
            (at, EventKind::Edit { path: PathBuf::from("/repo/a.rs") }),
            (at, EventKind::Reply("Made.".to_owned())),
        ]
    }

    #[test]
    fn a_conversation_is_told_with_its_outcomes() {
        let session = told(&store(&messages(), "file:///repo", None), "2026-01-01T00:05:00Z").unwrap().unwrap();
        assert_eq!(session.model.as_deref(), Some("m"));
        assert_eq!(kinds(&session), expected(5), "the last turn has the time of the file");
        let since = told(&store(&messages(), "file:///repo", None), "2026-01-01T01:00:00Z").unwrap().unwrap();
        assert_eq!(kinds(&since), expected(0), "what went on since has that of its prompt");
    }

    #[test]
    fn where_it_was_is_said_beside_it_or_in_its_root() {
        let at = "2026-01-01T00:05:00Z";
        let mut messages = messages();
        messages.truncate(5);
        let check = |workspace: &str, beside: Option<Value>, ours: bool| {
            assert_eq!(told(&store(&messages, workspace, beside), at).unwrap().is_some(), ours, "{workspace}");
        };
        check("file:///repo/sub", None, true);
        check("file:///other", None, false);
        check("", None, true);
        check("file:///other", Some(json!({"cwd": "/repo"})), true);
        check("file:///repo", Some(json!({"cwd": "/other"})), false);
        let agent = Some(json!({"cwd": "/repo", "isSubagent": true}));
        assert_eq!(kinds(&told(&store(&messages, "", agent), at).unwrap().unwrap()), []);
    }

    #[test]
    fn what_is_not_understood_is_a_gap() {
        let sealed = [json!("encrypted")];
        assert!(
            told(&store(&sealed, "", None), "2026-01-01T00:05:00Z")
                .unwrap_err()
                .reason
                .contains("none of its messages")
        );
        let store = store(&[], "", None);
        let database = Connection::open(file(&store)).unwrap();
        database.execute("UPDATE blobs SET data = x'0aff'", []).unwrap();
        assert!(told(&store, "2026-01-01T00:05:00Z").unwrap_err().reason.contains("root is not understood"));
        database.execute("DELETE FROM blobs", []).unwrap();
        assert!(told(&store, "2026-01-01T00:05:00Z").unwrap_err().reason.contains("root is missing"));
        database.execute("UPDATE meta SET value = '7b7d'", []).unwrap();
        assert_eq!(told(&store, "2026-01-01T00:05:00Z"), Ok(None), "nothing was said yet");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn no_conversation_makes_it_panic(key in "(role|content|providerOptions)",
            value in r#"(null|7|"user"|"tool"|\[7,\{"type":"tool-call","toolCallId":7,"args":\[\]\}\]|\{"cursor":\{"highLevelToolCallResult":\{"output":7\}\}\})"#,
            digits in "[0-9a-fx]{0,9}") {
            let mut messages = messages();
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            for message in &mut messages {
                message[&key] = value.clone();
            }
            let store = store(&messages, "file:///repo", Some(value));
            let _ = told(&store, "2026-01-01T00:05:00Z");
            let _ = unhexed(digits.as_bytes());
        }
    }
}
