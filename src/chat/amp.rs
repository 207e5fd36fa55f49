//! Amp's threads: `~/.local/share/amp/threads/T-<id>.json`.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a [`Session`].
//! Never here: thinking, or what a tool read. Newer versions keep threads on Amp's servers only; those are not read.
//!
//! The format has no public description. This reader was made by what others' readers know of it (agentsview and
//! cli-continues, both under the MIT licence), and Amp's manual, which names the tools' parameters.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::document::{self, list, text, time};
use super::entry::{Entry, Part, Tool};
use super::message::{Assistant, Gap, Outcome, Session, Wanted};
use super::reader::{Candidate, Found, Reader};
use super::search::Search;
use super::{output, place, projects, telling, undated};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader =
    Reader { assistant: Assistant::Amp, session_variable: Some("AMP_CURRENT_THREAD_ID"), places, find, read };

fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    const DATA: &[&str] = &[".local/share/amp", "AppData/Local/amp"];
    let moved = env.text("XDG_DATA_HOME").map(|dir| env.cwd.join(dir).join("amp"));
    let homes = env.home.iter().flat_map(|home| DATA.iter().map(|data| home.join(data)));
    projects::existing(moved.into_iter().chain(homes).map(|data| data.join("threads")), extra)
}

/// All recent threads: only what stands in them tells where they were started.
fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::Amp, wanted, deadline);
    for place in places {
        search.recent(place, |name| name.strip_suffix(".json").filter(|id| id.starts_with("T-")));
    }
    search.finish()
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let bytes = document::read(Assistant::Amp, &candidate.file, deadline)?;
    let thread = document::value(&bytes).filter(|thread| thread.get("messages").is_some_and(Value::is_array));
    let Some(thread) = thread else {
        let reason = "nothing in it is a conversation".to_owned();
        return Err(Gap { assistant: Assistant::Amp, source: candidate.file.clone(), reason });
    };
    let mut entries: Vec<Entry> =
        list(&thread, "/messages").iter().enumerate().map(|(nth, message)| entry(nth, message)).collect();
    if entries.iter().all(|entry| entry.at.is_none()) {
        entries = undated::last_turn(entries, candidate.modified);
    } else if let Some(first) = entries.first_mut() {
        first.at = first.at.or_else(|| time(&thread, "/created"));
    }
    let version = text(&thread, "/env/initial/platform/clientVersion").map(str::to_owned);
    let opened = |directory: String| Entry { directory: Some(directory), version: version.clone(), ..Entry::default() };
    let entries: Vec<Entry> = directories(&thread).map(opened).chain(entries).collect();
    let gathered = telling::gather(None, &entries, &vec![true; entries.len()]);
    Ok(gathered.session(Assistant::Amp, candidate, wanted))
}

/// The folders that were open when the thread began, the first one last: relative paths lie below it.
fn directories(thread: &Value) -> impl Iterator<Item = String> + '_ {
    let trees = list(thread, "/env/initial/trees").iter().rev();
    trees.filter_map(|tree| {
        let written = text(tree, "/uri")?;
        let path = place::of_uri(written).unwrap_or_else(|| PathBuf::from(written));
        Some(path.to_string_lossy().into_owned())
    })
}

fn entry(nth: usize, message: &Value) -> Entry {
    let number = message.get("messageId").and_then(Value::as_i64);
    let key = number.map_or_else(|| format!("m{nth}"), |number| number.to_string());
    let at: Option<DateTime<Utc>> = time(message, "/meta/sentAt").or_else(|| time(message, "/usage/timestamp"));
    let blocks = list(message, "/content");
    let of_kind = |kind: &'static str| blocks.iter().filter(move |block| text(block, "/type") == Some(kind));
    let said = of_kind("text").filter_map(|block| text(block, "/text")).collect::<Vec<_>>().join("\n\n");
    let said = Some(said).filter(|said| !said.is_empty());
    let mut parts: Vec<Part> = match text(message, "/role") {
        Some("user") => said.map(Part::Prompt).into_iter().collect(),
        Some("assistant") => said.map(Part::Reply).into_iter().collect(),
        _ => return Entry { key, at, ..Entry::default() },
    };
    parts.extend(of_kind("tool_use").filter_map(used));
    parts.extend(of_kind("tool_result").filter_map(came));
    if text(message, "/state/type") == Some("cancelled") {
        parts.push(Part::Interruption);
    }
    Entry { key, at, model: text(message, "/usage/model").map(str::to_owned), parts, ..Entry::default() }
}

fn used(block: &Value) -> Option<Part> {
    let input = block.get("input")?;
    let any = |names: &[&str]| names.iter().find_map(|name| text(input, name)).map(str::to_owned);
    let tool = match text(block, "/name")? {
        "Bash" => Tool::Command(any(&["/cmd", "/command"])?),
        "edit_file" | "create_file" | "undo_edit" => Tool::Edit(vec![any(&["/path", "/file_path"])?], None),
        _ => return None,
    };
    Some(Part::Use(text(block, "/id")?.to_owned(), tool))
}

fn came(block: &Value) -> Option<Part> {
    let of = text(block, "/toolUseID").or_else(|| text(block, "/tool_use_id"))?;
    Some(Part::Came(of.to_owned(), outcome(block.get("run").unwrap_or(&Value::Null)).into()))
}

fn outcome(run: &Value) -> Outcome {
    let failed = |exit: Option<i64>, shown: &str| Outcome::Failed {
        exit: exit.and_then(|exit| i32::try_from(exit).ok()),
        output: output::end(shown),
    };
    let shown = || text(run, "/result/output").or_else(|| text(run, "/result")).unwrap_or_default();
    match text(run, "/status") {
        Some("done") => {
            let exit = run.pointer("/result/exitCode").and_then(Value::as_i64).filter(|exit| *exit != 0);
            let refuted = run.pointer("/result/success").and_then(Value::as_bool) == Some(false);
            if exit.is_some() || refuted { failed(exit, shown()) } else { Outcome::Passed }
        }
        Some("error") => failed(None, text(run, "/error/message").or_else(|| text(run, "/error")).unwrap_or_default()),
        Some("cancelled" | "rejected-by-user") => Outcome::Refused,
        _ => Outcome::Pending,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::message::EventKind;

    fn wanted() -> Wanted {
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        Wanted { roots: vec![PathBuf::from("/repo")], named: Vec::new(), since, until, thorough: false }
    }

    fn thread(uri: &str, messages: &Value) -> Value {
        let platform = json!({"client": "CLI", "clientVersion": "0.0.17"});
        let trees = json!([{"displayName": "app", "uri": uri}, {"uri": "file:///other"}]);
        json!({"v": 1, "created": 5000, "messages": messages, "env": {"initial": {"trees": trees, "platform": platform}}})
    }

    fn said(role: &str, text: &str, meta: &Value) -> Value {
        json!({"role": role, "content": [{"type": "text", "text": text}], "meta": meta})
    }

    fn sessions(thread: &Value) -> Vec<Session> {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join(".local/share/amp/threads");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("T-1.json"), thread.to_string()).unwrap();
        std::fs::write(place.join("settings.json"), "{}").unwrap();
        let places = places(&Env::of_test(home.path(), &[]), None);
        let found = find(&places, &wanted(), Deadline::NONE);
        assert_eq!(found.candidates.len(), 1);
        found.candidates.iter().filter_map(|one| read(one, &wanted(), Deadline::NONE).unwrap()).collect()
    }

    #[test]
    fn a_thread_is_told_with_the_times_that_it_has() {
        let edit = json!({"role": "assistant", "usage": {"model": "m"}, "content": [{"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "done"},
            {"type": "tool_use", "id": "t", "name": "edit_file", "input": {"path": "src/a.rs", "old_str": "x"}}]});
        let came = json!({"role": "user", "content": [
            {"type": "tool_result", "toolUseID": "t", "run": {"status": "done", "result": {"diff": "x"}}}]});
        let later = said("user", "go on", &json!({"sentAt": 9000}));
        let messages = json!([said("user", "go", &json!({"sentAt": 7000})), edit, came, later]);
        let told = sessions(&thread("file:///repo", &messages));
        let session = told.first().unwrap();
        assert_eq!((session.version.as_deref(), session.model.as_deref()), (Some("0.0.17"), Some("m")));
        let events: Vec<(i64, &EventKind)> =
            session.events.iter().map(|event| (event.at.timestamp(), &event.kind)).collect();
        let (asked, answered) = (EventKind::Prompt("go".to_owned()), EventKind::Reply("done".to_owned()));
        let edited = EventKind::Edit { path: PathBuf::from("/repo/src/a.rs") };
        let last = EventKind::Prompt("go on".to_owned());
        assert_eq!(events, [(7, &asked), (7, &answered), (7, &edited), (9, &last)]);
        assert!(sessions(&thread("file:///repository", &messages)).is_empty());
    }

    #[test]
    fn of_a_thread_without_times_the_last_turn_has_that_of_the_file() {
        let messages = json!([said("user", "one", &json!(null)), said("user", "two", &json!({}))]);
        let told = sessions(&thread("file:///repo", &messages));
        let kinds: Vec<&EventKind> = told[0].events.iter().map(|event| &event.kind).collect();
        assert_eq!(kinds, [&EventKind::Prompt("two".to_owned())]);
        assert!(told[0].events[0].at > DateTime::from_timestamp(1_000_000, 0).unwrap());
    }

    #[test]
    fn tools_are_known_with_what_came_of_them() {
        let tool = |name: &str, input: Value| match used(&json!({"id": "t", "name": name, "input": input})) {
            Some(Part::Use(_, tool)) => Some(tool),
            _ => None,
        };
        assert_eq!(tool("Bash", json!({"cmd": "make", "cwd": "/repo"})), Some(Tool::Command("make".to_owned())));
        assert_eq!(tool("create_file", json!({"path": "/a"})), Some(Tool::Edit(vec!["/a".to_owned()], None)));
        assert_eq!(tool("Read", json!({"path": "/a"})), None);
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        let check = |run: Value, expected: Outcome| assert_eq!(outcome(&run), expected, "{run}");
        check(json!({"status": "done", "result": {"output": "ok", "exitCode": 0}}), Outcome::Passed);
        check(json!({"status": "done", "result": {"output": "bad", "exitCode": 2}}), failed(Some(2), "bad"));
        check(json!({"status": "done", "result": {"success": false}}), failed(None, ""));
        check(json!({"status": "error", "error": {"message": "no"}}), failed(None, "no"));
        check(json!({"status": "rejected-by-user", "reason": "no"}), Outcome::Refused);
        check(json!({"status": "cancelled"}), Outcome::Refused);
        check(json!({"status": "in-progress"}), Outcome::Pending);
        let stopped = entry(3, &json!({"role": "assistant", "messageId": 7, "state": {"type": "cancelled"}}));
        assert_eq!((stopped.key.as_str(), stopped.parts.as_slice()), ("7", [Part::Interruption].as_slice()));
    }

    #[test]
    fn every_system_has_its_place() {
        let home = tempfile::tempdir().unwrap();
        for dir in [".local/share/amp", "AppData/Local/amp", "data/amp"] {
            std::fs::create_dir_all(home.path().join(dir).join("threads")).unwrap();
        }
        let env = Env::of_test(home.path(), &[("XDG_DATA_HOME", "data")]);
        assert_eq!(places(&env, None).len(), 3);
    }

    proptest! {
        #[test]
        fn no_message_makes_it_panic(role in "(user|assistant|info)", kind in "(text|tool_use|tool_result)",
            key in "(run|input|name|text|toolUseID|meta)", value in r#"(null|7|"x"|\{"status":"done","result":7\}|\[7\])"#) {
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            entry(0, &json!({"role": role, "content": [{"type": kind, "id": "t", key.clone(): value.clone()}, 7], key: value}));
        }
    }
}
