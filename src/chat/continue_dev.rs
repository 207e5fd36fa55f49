//! Continue's sessions: `~/.continue/sessions/<id>.json`, of its extensions and its command line.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a [`Session`].
//! Never here: the files and selections that were attached, thinking, or a guess at when something was said.
//!
//! The format is that of Continue's own source (`core/index.d.ts`, `core/util/history.ts`, `core/tools`,
//! `extensions/cli/src/tools`). Messages have no times, so the last turn has that of the file. `sessions.json` lists which
//! session is of which directory; its `dateCreated` is the time of the first save, which says nothing of the last turn.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::document::{self, list, text};
use super::entry::{Came, Entry, Part, Tool};
use super::message::{Assistant, Gap, Outcome, Session, Wanted};
use super::reader::{Candidate, Found, Reader};
use super::search::Search;
use super::{output, place, projects, telling, undated};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader { assistant: Assistant::Continue, session_variable: None, places, find, read };

/// The list of all sessions, beside them.
const LIST: &str = "sessions.json";

fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let moved = env.text("CONTINUE_GLOBAL_DIR").map(|dir| env.cwd.join(dir));
    let own = moved.or_else(|| Some(env.home.as_ref()?.join(".continue")));
    projects::existing(own.map(|own| own.join("sessions")), extra)
}

/// The recent sessions, but not those that the list says were started elsewhere. It is opened only if there are any.
fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::Continue, wanted, deadline);
    for place in places {
        search.recent(place, |name| name.strip_suffix(".json").filter(|_| name != LIST));
    }
    let mut found = search.finish();
    let mut lists: HashMap<PathBuf, HashMap<String, PathBuf>> = HashMap::new();
    found.candidates.retain(|candidate| {
        let list = candidate.file.with_file_name(LIST);
        let directories = lists.entry(list.clone()).or_insert_with(|| listed(&list));
        let directory = directories.get(&candidate.id.0);
        candidate.named || directory.is_none_or(|directory| place::near(directory, &wanted.roots))
    });
    found
}

/// The directories of the listed sessions, by their ids.
fn listed(file: &Path) -> HashMap<String, PathBuf> {
    let sessions = document::small(file).unwrap_or_default();
    let known = |session: &Value| Some((text(session, "/sessionId")?.to_owned(), directory(session)?));
    list(&sessions, "").iter().filter_map(known).collect()
}

/// Where a session was started; editors write it as an address.
fn directory(session: &Value) -> Option<PathBuf> {
    text(session, "/workspaceDirectory").map(path)
}

fn path(written: &str) -> PathBuf {
    place::of_uri(written).unwrap_or_else(|| PathBuf::from(written))
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let bytes = document::read(Assistant::Continue, &candidate.file, deadline)?;
    let session = document::value(&bytes).filter(|session| session.get("history").is_some_and(Value::is_array));
    let Some(session) = session else {
        let reason = "nothing in it is a conversation".to_owned();
        return Err(Gap { assistant: Assistant::Continue, source: candidate.file.clone(), reason });
    };
    let directory = directory(&session).map(|directory| directory.to_string_lossy().into_owned());
    let first = Entry { directory, ..Entry::default() };
    let entries = list(&session, "/history").iter().enumerate().map(|(nth, item)| entry(nth, item)).collect();
    let entries = undated::last_turn(entries, candidate.modified);
    let gathered = telling::gather(Some(&first), &entries, &vec![true; entries.len()]);
    Ok(gathered.session(Assistant::Continue, candidate, wanted))
}

fn entry(nth: usize, item: &Value) -> Entry {
    let key = format!("m{nth}");
    let said = words(item.pointer("/message/content").unwrap_or(&Value::Null));
    let parts = match text(item, "/message/role") {
        Some("user") => said.map(Part::Prompt).into_iter().collect(),
        Some("assistant") => {
            let used = list(item, "/toolCallStates").iter().enumerate();
            said.map(Part::Reply).into_iter().chain(used.flat_map(|(nth, state)| done(&key, nth, state))).collect()
        }
        _ => Vec::new(),
    };
    Entry { key, parts, ..Entry::default() }
}

/// A text, or a list of parts of which some are one.
fn words(content: &Value) -> Option<String> {
    let parts: Vec<&str> = match content {
        Value::String(whole) => vec![whole.trim()],
        parts => list(parts, "").iter().filter_map(|part| text(part, "/text")).collect(),
    };
    Some(parts.join("\n\n")).filter(|words| !words.is_empty())
}

/// The use of a tool, and what came of it.
fn done(key: &str, nth: usize, state: &Value) -> Vec<Part> {
    let Some(tool) = used(state) else { return Vec::new() };
    let id = text(state, "/toolCallId").map_or_else(|| format!("{key}.{nth}"), str::to_owned);
    let answers = match &tool {
        Tool::Questions(_) => answer(&shown(state)).map(|answer| (String::new(), answer)).into_iter().collect(),
        _ => Vec::new(),
    };
    vec![Part::Use(id.clone(), tool), Part::Came(id, Came { outcome: outcome(state), answers })]
}

fn used(state: &Value) -> Option<Tool> {
    let written = || serde_json::from_str(text(state, "/toolCall/function/arguments")?).ok();
    let input: Value = state.get("parsedArgs").filter(|parsed| parsed.is_object()).cloned().or_else(written)?;
    let name = text(state, "/toolCall/function/name")?;
    // Older extensions begin the names of their own tools so.
    match name.strip_prefix("builtin_").unwrap_or(name) {
        "Bash" | "run_terminal_command" => Some(Tool::Command(text(&input, "/command")?.to_owned())),
        "Edit"
        | "MultiEdit"
        | "Write"
        | "edit_existing_file"
        | "create_new_file"
        | "single_find_and_replace"
        | "multi_edit"
        | "search_and_replace_in_file" => {
            let named = ["/file_path", "/filepath", "/path"].iter().find_map(|key| text(&input, key))?;
            Some(Tool::Edit(vec![path(named).to_string_lossy().into_owned()], None))
        }
        "AskQuestion" => Some(Tool::Questions(vec![(String::new(), text(&input, "/question")?.to_owned())])),
        _ => None,
    }
}

/// What a tool showed.
fn shown(state: &Value) -> String {
    let items = list(state, "/output").iter();
    items.filter_map(|item| text(item, "/content")).collect::<Vec<_>>().join("\n")
}

fn outcome(state: &Value) -> Outcome {
    match text(state, "/status") {
        Some("done") => {
            // The extensions' terminal says here how a command ended.
            let ends = list(state, "/output").iter().filter_map(|item| text(item, "/status"));
            let ends: Vec<&str> = ends.collect();
            if ends.iter().any(|end| end.starts_with("Command is running")) {
                return Outcome::Pending;
            }
            let Some(end) = ends.iter().find_map(|end| end.strip_prefix("Command failed with")) else {
                return Outcome::Passed;
            };
            let exit = end.strip_prefix(" exit code ").and_then(|exit| exit.trim().parse().ok());
            Outcome::Failed { exit, output: output::end(&shown(state)) }
        }
        Some("errored") => {
            let shown = shown(state);
            // The command line's own words.
            let exit = shown.split_once("(exit code ").and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok());
            Outcome::Failed { exit, output: output::end(&shown) }
        }
        Some("canceled") => Outcome::Refused,
        _ => Outcome::Pending,
    }
}

/// `User answered: "here"` and the like, as the command line writes it.
fn answer(shown: &str) -> Option<String> {
    let (who, answer) = shown.split_once(": \"")?;
    who.starts_with("User ").then(|| answer.trim_end().trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::message::EventKind;

    fn wanted() -> Wanted {
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        Wanted { roots: vec![PathBuf::from("/repo")], named: Vec::new(), since, until, thorough: false }
    }

    fn ran(name: &str, input: &Value, status: &str, output: &Value) -> Value {
        json!({"toolCallId": "c", "toolCall": {"function": {"name": name, "arguments": input.to_string()}},
            "status": status, "output": [output]})
    }

    #[test]
    fn sessions_of_the_repository_are_found_and_their_last_turn_is_told_at_the_time_of_the_file() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join(".continue/sessions");
        std::fs::create_dir_all(&place).unwrap();
        let put =
            |id: &str, session: &Value| std::fs::write(place.join(format!("{id}.json")), session.to_string()).unwrap();
        let said =
            |role: &str, content: Value| json!({"message": {"role": role, "content": content}, "contextItems": []});
        let edit = ran("edit_existing_file", &json!({"filepath": "src/a.rs"}), "done", &json!({"content": "ok"}));
        let last = json!({"message": {"role": "assistant", "content": "Done."}, "toolCallStates": [edit]});
        let parts = json!([{"type": "text", "text": "two"}, {"type": "imageUrl", "imageUrl": {}}]);
        let history = json!([
            said("user", json!("one")),
            said("assistant", json!("first")),
            said("user", parts),
            last,
            said("thinking", json!("hm")),
            said("tool", json!("ok"))
        ]);
        put("mine", &json!({"workspaceDirectory": "file:///repo", "history": history}));
        put("other", &json!({"workspaceDirectory": "/other", "history": history}));
        put("unlisted", &json!({"workspaceDirectory": "", "history": [said("user", json!("go"))]}));
        let started = [("mine", "file:///repo"), ("other", "/other")];
        put("sessions", &json!(started.map(|(id, dir)| json!({"sessionId": id, "workspaceDirectory": dir}))));
        let places = places(&Env::of_test(home.path(), &[]), None);
        let found = find(&places, &wanted(), Deadline::NONE);
        let mut ids: Vec<&str> = found.candidates.iter().map(|one| one.id.0.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["mine", "unlisted"]);
        let told: Vec<Session> =
            found.candidates.iter().filter_map(|one| read(one, &wanted(), Deadline::NONE).unwrap()).collect();
        let [session] = told.as_slice() else { panic!("one is of the repository: {told:?}") };
        let kinds: Vec<&EventKind> = session.events.iter().map(|event| &event.kind).collect();
        let path = PathBuf::from("/repo/src/a.rs");
        let (asked, answered) = (EventKind::Prompt("two".to_owned()), EventKind::Reply("Done.".to_owned()));
        assert_eq!(kinds, [&asked, &answered, &EventKind::Edit { path }]);
        let written = found.candidates.iter().find(|one| one.id == session.id).unwrap().modified;
        assert!(session.events.iter().all(|event| event.at == written));
    }

    #[test]
    fn tools_are_known_with_what_came_of_them() {
        let check = |state: &Value, expected: Option<(Tool, Outcome)>| {
            assert_eq!(used(state).map(|tool| (tool, outcome(state))), expected, "{state}");
        };
        let make = || Tool::Command("make".to_owned());
        let input = json!({"command": "make"});
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        let out = json!({"content": "bad", "status": "Command failed with exit code 2"});
        check(&ran("run_terminal_command", &input, "done", &out), Some((make(), failed(Some(2), "bad"))));
        check(&ran("Bash", &input, "done", &json!({"content": "ok"})), Some((make(), Outcome::Passed)));
        let out = json!({"content": "Error (exit code 3): no rule"});
        check(&ran("Bash", &input, "errored", &out), Some((make(), failed(Some(3), "Error (exit code 3): no rule"))));
        check(&ran("Bash", &input, "canceled", &json!(null)), Some((make(), Outcome::Refused)));
        check(&ran("Bash", &input, "calling", &json!(null)), Some((make(), Outcome::Pending)));
        let file = Tool::Edit(vec!["/repo/a".to_owned()], None);
        let input = json!({"filepath": "file:///repo/a"});
        check(&ran("builtin_create_new_file", &input, "done", &json!(null)), Some((file, Outcome::Passed)));
        check(&ran("Read", &input, "done", &json!(null)), None);
        check(&json!(7), None);
    }

    #[test]
    fn questions_are_told_with_their_answers() {
        let check = |shown: &str, expected: Option<&str>| assert_eq!(answer(shown).as_deref(), expected);
        check("User selected option 1: \"here\"", Some("here"));
        check("User answered: \"a: \"b\"\"", Some("a: \"b"));
        check("The user declined to answer your question.", None);
        let state =
            ran("AskQuestion", &json!({"question": "Where?"}), "done", &json!({"content": "User answered: \"here\""}));
        let answers = vec![(String::new(), "here".to_owned())];
        let came = Part::Came("c".to_owned(), Came { outcome: Outcome::Passed, answers });
        assert_eq!(done("m0", 0, &state)[1], came);
    }

    #[test]
    fn a_variable_moves_the_sessions() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("moved/sessions")).unwrap();
        let env = Env::of_test(home.path(), &[("CONTINUE_GLOBAL_DIR", "moved")]);
        assert_eq!(places(&env, None), [home.path().join("moved/sessions")]);
    }

    proptest! {
        #[test]
        fn no_item_makes_it_panic(role in "(user|assistant)", key in "(status|output|parsedArgs|toolCall|toolCallId)",
            value in r#"(null|7|"done"|\[\{"status":"Command failed with"\}\]|\{"function":7\}|\[7\])"#, shown in "(User |: |\"|\\PC){0,5}") {
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            entry(0, &json!({"message": {"role": role, "content": value.clone()}, "toolCallStates": [{key: value}, 7]}));
            answer(&shown);
        }
    }
}
