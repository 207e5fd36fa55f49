//! Which of Cursor's conversations may belong to a repository.
//!
//! In: the `User` directories, that of the agent's projects and that of the command line's chats. Out: [`Found`].
//! Never here: what was said. The databases are not opened unless there is time ([`Wanted::thorough`]).

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::items::item;
use super::{agent, chats, composer, workspace};
use crate::chat::document::{self, list, text, time};
use crate::chat::message::{Assistant, Gap, Wanted};
use crate::chat::place;
use crate::chat::projects;
use crate::chat::reader::Found;
use crate::chat::search::Search;
use crate::chat::sqlite::{Database, bounded};
use crate::chat::stored;
use crate::env::Deadline;

/// The database of all conversations, in a `User` directory.
pub(super) const GLOBAL: &str = "globalStorage/state.vscdb";

/// A conversation as a list of them names it.
struct Listed {
    at: Option<DateTime<Utc>>,
    directories: Vec<PathBuf>,
}

/// Conversations in databases, and the agent's transcripts of others.
pub(super) fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut found = Found { complete: true, ..Found::default() };
    let mut search = Search::new(Assistant::Cursor, wanted, deadline);
    let (chats, others): (Vec<_>, Vec<_>) = places.iter().partition(|place| place.ends_with(chats::NAME));
    for place in others {
        let global = place.join(GLOBAL);
        if !global.is_file() {
            agent_transcripts(place, wanted, &mut search);
        } else if !wanted.thorough {
            found.complete &= !stored::changed(&global, wanted.since);
        } else if let Err(gap) = conversations(place, &global, wanted, deadline, &mut found) {
            found.gaps.push(gap);
        }
    }
    for place in chats {
        if wanted.thorough {
            found.candidates.extend(chats::all(place, wanted, &mut search));
        } else {
            // Of what has a transcript the store knows more; it may lie under the name of a directory below the root.
            found.complete &= search.is_empty() && !chats::changed(place, wanted, &mut search);
        }
    }
    stored::sort(&mut found);
    // A conversation of the editor can go on in the command line; what was written last knows most of it.
    let mut known = HashSet::new();
    found.candidates.retain(|candidate| known.insert(candidate.id.clone()));
    // What a database holds is told from there: it knows the times, or at least the outcomes.
    let transcripts = search.finish();
    found.candidates.extend(transcripts.candidates.into_iter().filter(|one| !known.contains(&one.id)));
    found.gaps.extend(transcripts.gaps);
    found.complete &= transcripts.complete && !deadline.passed();
    stored::sort(&mut found);
    found
}

fn conversations(
    user: &Path,
    global: &Path,
    wanted: &Wanted,
    deadline: Deadline,
    found: &mut Found,
) -> Result<(), Gap> {
    let database = Database::open(Assistant::Cursor, global, deadline)?;
    let mut listed = headers(&database, user)?;
    for workspace in workspace::of_roots(user, wanted, deadline) {
        let known = match workspace::known(&workspace, deadline) {
            Ok(known) => known,
            Err(gap) => {
                found.gaps.push(gap);
                continue;
            }
        };
        for one in known {
            let directories = std::slice::from_ref(&workspace.folder);
            if one.inline {
                found.candidates.extend(stored::candidate(wanted, &workspace.database, &one.id, one.at, directories));
                continue;
            }
            let entry = listed.entry(one.id.clone()).or_insert(Listed { at: one.at, directories: Vec::new() });
            entry.directories.push(workspace.folder.clone());
            entry.at = entry.at.max(one.at);
        }
    }
    for (id, mut one) in listed {
        if one.at.is_none() {
            one.at = updated(&database, &id)?;
        }
        found.candidates.extend(stored::candidate(wanted, global, &id, one.at, &one.directories));
    }
    Ok(())
}

/// The list of all conversations: a table since 2026, one value before, and before that only the conversations.
fn headers(database: &Database, user: &Path) -> Result<HashMap<String, Listed>, Gap> {
    let columns = database.columns("composerHeaders")?;
    let listed = |about: &Value, at: Option<DateTime<Utc>>, workspace: Option<&str>| {
        let own = composer::directory(about).map(PathBuf::from);
        let opened = || {
            let id = workspace.or_else(|| text(about, "/workspaceIdentifier/id")).filter(|id| place::is_id(id))?;
            workspace::folder(&user.join("workspaceStorage").join(id))
        };
        let at = at.or_else(|| time(about, "/lastUpdatedAt")).or_else(|| time(about, "/createdAt"));
        Listed { at, directories: own.or_else(opened).into_iter().collect() }
    };
    if columns.iter().any(|column| column == "composerId") {
        let or_null =
            |name: &str| if columns.iter().any(|column| column == name) { name.to_owned() } else { "NULL".to_owned() };
        let value = if or_null("value") == "NULL" { "NULL".to_owned() } else { bounded("value") };
        let (at, workspace) = (or_null("lastUpdatedAt"), or_null("workspaceId"));
        let question = format!("SELECT composerId, {at}, {workspace}, {value} FROM composerHeaders");
        let rows = database.all(&question, &[], |row| {
            let about = row.bytes(3).and_then(document::value).unwrap_or_default();
            Some((row.text(0)?, listed(&about, row.time(1), row.text(2).as_deref())))
        })?;
        return Ok(rows.into_iter().collect());
    }
    if let Some(data) = item(database, "composer.composerHeaders")? {
        let composers = list(&data, "/allComposers").iter();
        let named =
            composers.filter_map(|about| Some((text(about, "/composerId")?.to_owned(), listed(about, None, None))));
        return Ok(named.collect());
    }
    if database.columns("cursorDiskKV")?.is_empty() {
        return Ok(HashMap::new());
    }
    // By the range of keys, which the index alone answers; the conversations' times are asked for one by one.
    let question = "SELECT substr(key, 14) FROM cursorDiskKV WHERE key >= 'composerData:' AND key < 'composerData;'";
    let ids = database.all(question, &[], |row| row.text(0))?;
    Ok(ids.into_iter().map(|id| (id, Listed { at: None, directories: Vec::new() })).collect())
}

/// When a conversation went on last; long ago where it does not say so.
fn updated(database: &Database, id: &str) -> Result<Option<DateTime<Utc>>, Gap> {
    let value = bounded("value");
    let question = format!(
        "SELECT coalesce(json_extract(v, '$.lastUpdatedAt'), json_extract(v, '$.createdAt'), 0) FROM \
         (SELECT iif(json_valid({value}), {value}, '{{}}') AS v FROM cursorDiskKV WHERE key = ?1)"
    );
    let at = database.all(&question, &[&format!("composerData:{id}")], |row| row.time(0))?;
    Ok(at.into_iter().next().or(Some(DateTime::UNIX_EPOCH)))
}

/// The agent's transcripts of the roots' directories; with [`Wanted::thorough`] all recent ones.
fn agent_transcripts(place: &Path, wanted: &Wanted, search: &mut Search<'_>) {
    let named = |id: &str| wanted.named.iter().any(|name| name.0 == id);
    for (project, name) in search.directories(place) {
        let ours = wanted.thorough || projects::root_of(&name, &wanted.roots).is_some();
        if !ours && wanted.named.is_empty() {
            continue;
        }
        let transcripts = project.join(agent::BELOW);
        search.recent(&transcripts, |name| name.strip_suffix(".jsonl").filter(|id| ours || named(id)));
        for (directory, id) in search.directories(&transcripts) {
            if ours || named(&id) {
                search.consider(&id, directory.join(format!("{id}.jsonl")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::chat::message::SessionId;

    const RECENT: i64 = 1_767_225_600_000;

    /// A `User` directory with a database of all conversations, and one window's with its own.
    fn user(global: &[&str], window: &[(&str, Value)]) -> TempDir {
        let user = tempfile::tempdir().unwrap();
        let at = |path: &str| {
            let file = user.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            file
        };
        let database = Connection::open(at(GLOBAL)).unwrap();
        database.execute_batch("CREATE TABLE cursorDiskKV(key TEXT UNIQUE, value BLOB)").unwrap();
        for statement in global {
            database.execute_batch(statement).unwrap();
        }
        let about = json!({"folder": "file:///repo/sub%20dir"}).to_string();
        std::fs::write(at("workspaceStorage/w1/workspace.json"), about).unwrap();
        let own = Connection::open(at("workspaceStorage/w1/state.vscdb")).unwrap();
        own.execute_batch("CREATE TABLE ItemTable(key TEXT UNIQUE, value BLOB)").unwrap();
        for (key, value) in window {
            own.execute("INSERT INTO ItemTable VALUES(?1, ?2)", (key, value.to_string().into_bytes())).unwrap();
        }
        user
    }

    fn wanted(thorough: bool) -> Wanted {
        let since = DateTime::from_timestamp_millis(RECENT).unwrap();
        let named = vec![SessionId("named".to_owned())];
        Wanted { roots: vec![PathBuf::from("/repo")], named, since, until: DateTime::<Utc>::MAX_UTC, thorough }
    }

    #[track_caller]
    fn check(user: &TempDir, expected: &[&str]) {
        let found = find(&[user.path().to_owned()], &wanted(true), Deadline::NONE);
        assert!(found.complete && found.gaps.is_empty(), "{found:?}");
        let mut ids: Vec<&str> = found.candidates.iter().map(|candidate| candidate.id.0.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, expected);
    }

    #[test]
    fn the_table_of_headers_tells_which_are_ours() {
        let table =
            "CREATE TABLE composerHeaders(composerId TEXT, workspaceId TEXT, lastUpdatedAt INTEGER, value TEXT)";
        let row = |id: &str, workspace: &str, at: i64, value: Value| {
            format!("INSERT INTO composerHeaders VALUES('{id}', '{workspace}', {at}, '{value}')")
        };
        let path = |path: &str| json!({"workspaceIdentifier": {"uri": {"fsPath": path}}});
        let rows = [
            row("ours", "", RECENT, path("/repo")),
            row("other", "", RECENT, path("/other")),
            row("old", "", RECENT - 1, path("/repo")),
            row("named", "", 0, path("/other")),
            row("window", "w1", RECENT, json!({})),
            row("strange", "../w1", RECENT, json!({})),
        ];
        let statements: Vec<&str> = std::iter::once(table).chain(rows.iter().map(String::as_str)).collect();
        check(&user(&statements, &[]), &["named", "ours", "strange", "window"]);
    }

    #[test]
    fn before_that_one_value_listed_all_and_each_window_its_own() {
        let composers = json!({"allComposers": [{"composerId": "central", "lastUpdatedAt": RECENT,
            "workspaceIdentifier": {"uri": {"fsPath": "/repo"}}}]});
        let item = format!(
            "CREATE TABLE ItemTable(key TEXT, value TEXT); INSERT INTO ItemTable VALUES('composer.composerHeaders', '{composers}');
             INSERT INTO cursorDiskKV VALUES('composerData:pane', '{{\"lastUpdatedAt\":{RECENT}}}');
             INSERT INTO cursorDiskKV VALUES('composerData:torn', '{{')"
        );
        let own = json!({"allComposers": [{"composerId": "v2", "lastUpdatedAt": RECENT}, {"composerId": "old", "createdAt": 7},
            {"composerId": "inline", "createdAt": RECENT, "conversation": [{"type": 1, "text": "go"}]}],
            "selectedComposerIds": ["torn"]});
        let pane = json!({"workbench.panel.aichat.view.pane": {"collapsed": false}});
        let chats = json!({"tabs": [{"tabId": "chat", "lastSendTime": RECENT}, {"tabId": "unused", "bubbles": []}]});
        let window = [
            ("composer.composerData", own),
            ("workbench.panel.composerChatViewPane.x", pane),
            ("workbench.panel.aichat.view.aichat.chatdata", chats),
        ];
        check(&user(&[&item], &window), &["central", "chat", "inline", "pane", "v2"]);
    }

    #[test]
    fn without_any_list_the_conversations_themselves_tell() {
        let statement = format!(
            "INSERT INTO cursorDiskKV VALUES('composerData:a', '{{\"lastUpdatedAt\":{RECENT}}}'), ('composerData:b', NULL), ('bubbleId:a:b', '{{}}')"
        );
        check(&user(&[&statement], &[]), &["a"]);
    }

    #[test]
    fn in_a_hook_no_database_is_opened_but_transcripts_are_found() {
        let user = user(&[], &[]);
        std::fs::write(user.path().join(GLOBAL), "no database").unwrap();
        let projects = tempfile::tempdir().unwrap();
        for file in [
            "repo/agent-transcripts/a/a.jsonl",
            "repo-sub/agent-transcripts/b.jsonl",
            "x/agent-transcripts/c.jsonl",
            "x/agent-transcripts/named.jsonl",
        ] {
            let file = projects.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let places = [user.path().to_owned(), projects.path().to_owned()];
        let found = find(&places, &wanted(false), Deadline::NONE);
        let ids: Vec<&str> = found.candidates.iter().map(|candidate| candidate.id.0.as_str()).collect();
        assert!(!found.complete && found.gaps.is_empty(), "{found:?}");
        assert!(ids[0] == "named" && ids.len() == 3 && ids.contains(&"a") && ids.contains(&"b"), "{ids:?}");
        let thorough = find(&places, &wanted(true), Deadline::NONE);
        assert_eq!((thorough.candidates.len(), thorough.gaps.len()), (4, 1));
    }

    #[test]
    fn a_conversation_is_told_once_from_what_was_written_last() {
        let at = |path: &Path, second: i64| {
            let time = DateTime::from_timestamp(second, 0).unwrap();
            std::fs::File::options().write(true).open(path).unwrap().set_modified(time.into()).unwrap();
        };
        let composers = json!({"allComposers": [{"composerId": "both", "lastUpdatedAt": RECENT + 9000,
            "workspaceIdentifier": {"uri": {"fsPath": "/repo"}}}, {"composerId": "continued", "lastUpdatedAt": RECENT,
            "workspaceIdentifier": {"uri": {"fsPath": "/repo"}}}]});
        let item = format!(
            "CREATE TABLE ItemTable(key TEXT, value TEXT); INSERT INTO ItemTable VALUES('composer.composerHeaders', '{composers}');"
        );
        let (user, home) = (user(&[&item], &[]), tempfile::tempdir().unwrap());
        let own = "chats/6530f9eb448d96e7552a3c3a29b6cd2b";
        let (below, other) = ("chats/b", "chats/c");
        let stores = [
            (own, "both"),
            (own, "continued"),
            (own, "rests"),
            (own, "alone"),
            (below, "below"),
            (other, "other"),
            (other, "unknown"),
        ];
        for (directory, id) in stores {
            let directory = home.path().join(directory).join(id);
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join("store.db"), "").unwrap();
            at(&directory.join("store.db"), RECENT / 1000 + if id == "rests" { -5 } else { 5 });
        }
        for (path, cwd) in [("chats/b/below", "/repo/src"), ("chats/c/other", "/other")] {
            std::fs::write(home.path().join(path).join("meta.json"), json!({"cwd": cwd}).to_string()).unwrap();
        }
        let transcript = home.path().join("projects/repo/agent-transcripts/alone.jsonl");
        std::fs::create_dir_all(transcript.parent().unwrap()).unwrap();
        std::fs::write(transcript, "").unwrap();
        let places = [home.path().join("chats"), user.path().to_owned(), home.path().join("projects")];
        let found = find(&places, &wanted(true), Deadline::NONE);
        let file =
            |candidate: &crate::chat::Candidate| candidate.file.file_name().unwrap().to_string_lossy().into_owned();
        let mut told: Vec<String> = found.candidates.iter().map(|one| format!("{} {}", one.id, file(one))).collect();
        told.sort();
        assert_eq!(
            told,
            ["alone store.db", "below store.db", "both state.vscdb", "continued store.db", "unknown store.db"]
        );
        let in_a_hook = find(&places[..1], &wanted(false), Deadline::NONE);
        assert!(in_a_hook.candidates.is_empty() && !in_a_hook.complete);
        let later = Wanted { since: DateTime::<Utc>::MAX_UTC, ..wanted(false) };
        assert!(find(&places[..1], &later, Deadline::NONE).complete, "nothing was written since");
    }
}
