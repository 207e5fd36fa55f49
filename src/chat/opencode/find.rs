//! Which of OpenCode's sessions may belong to a repository.
//!
//! In: its directories of data. Out: [`Found`]. Never here: what was said. The databases are not opened unless there is
//! time ([`Wanted::thorough`]).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::files;
use super::rows::Tables;
use crate::chat::document::{text, time};
use crate::chat::message::{Assistant, Gap, Wanted};
use crate::chat::reader::{Candidate, Found};
use crate::chat::search::Search;
use crate::chat::sqlite::Database;
use crate::chat::stored;
use crate::env::Deadline;
use crate::fs;

/// Sessions in databases, and those in files that no database has.
pub(super) fn find(assistant: Assistant, places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(assistant, wanted, deadline);
    let mut databases = Vec::new();
    for place in places {
        if place.is_file() {
            databases.push(place.clone());
        }
        // The channels have databases of their own: `opencode-beta.db`.
        let listed = search.list(place).into_iter();
        let stored = listed.filter(|(entry, name)| name.strip_suffix(".db").is_some() && entry.path().is_file());
        databases.extend(stored.map(|(entry, _)| entry.path()));
    }
    let mut found = stored::find(&databases, wanted, |database| sessions(assistant, database, wanted, deadline));
    for storage in places.iter().map(|place| place.join("storage")) {
        for (directory, id) in search.directories(&storage.join("message")) {
            if !found.candidates.iter().any(|one| one.id.0 == id) {
                found.candidates.extend(in_files(&storage, &directory, &id, wanted));
            }
        }
    }
    let listed = search.finish();
    found.gaps.extend(listed.gaps);
    found.complete &= listed.complete && !deadline.passed();
    stored::sort(&mut found);
    found
}

/// One row of the list of sessions.
struct Listed {
    id: String,
    directory: PathBuf,
    at: Option<DateTime<Utc>>,
    parent: Option<String>,
}

/// The sessions of a database. One that a sub-agent had is its parent's.
fn sessions(assistant: Assistant, path: &Path, wanted: &Wanted, deadline: Deadline) -> Result<Vec<Candidate>, Gap> {
    let database = Database::open(assistant, path, deadline)?;
    let mut all: HashMap<String, Listed> = HashMap::new();
    // What version 2 has replaces what version 1 had.
    for tables in Tables::of(&database)?.into_iter().rev() {
        let parent = tables.column(&database, "parent_id")?;
        let question = format!("SELECT id, directory, time_updated, {parent} FROM {}", tables.sessions());
        let rows = database.all(&question, &[], |row| {
            let directory = PathBuf::from(row.text(1)?);
            Some(Listed { id: row.text(0)?, directory, at: row.time(2), parent: row.text(3) })
        })?;
        all.extend(rows.into_iter().map(|one| (one.id.clone(), one)));
    }
    let parent = |one: &Listed| one.parent.clone().filter(|parent| all.contains_key(parent));
    let mut newest: HashMap<String, Option<DateTime<Utc>>> = HashMap::new();
    for one in all.values() {
        let of = newest.entry(parent(one).unwrap_or_else(|| one.id.clone())).or_default();
        *of = (*of).max(one.at);
    }
    let own = all.values().filter(|one| parent(one).is_none());
    let candidates = own.filter_map(|one| {
        let at = newest.get(&one.id).copied().flatten();
        stored::candidate(wanted, path, &one.id, at, std::slice::from_ref(&one.directory))
    });
    Ok(candidates.collect())
}

/// A session in files, by the times of its directory and of what is known of it.
fn in_files(storage: &Path, directory: &Path, id: &str, wanted: &Wanted) -> Option<Candidate> {
    let written = fs::written(&std::fs::metadata(directory).ok()?).unwrap_or(wanted.until);
    // Named ones and recent ones; the file that names the directory is opened of no other.
    stored::candidate(wanted, directory, id, Some(written), &[])?;
    let about = files::about(storage, id);
    let at = about.as_ref().and_then(|about| time(about, "/time/updated"));
    let known = about.as_ref().and_then(|about| text(about, "/directory")).map(PathBuf::from);
    stored::candidate(wanted, directory, id, at.max(Some(written)), known.as_slice())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use serde_json::json;

    use super::super::read;
    use super::*;
    use crate::chat::message::EventKind;

    const V1: &str = "CREATE TABLE session(id TEXT, parent_id TEXT, directory TEXT, version TEXT, time_updated INTEGER);
        CREATE TABLE message(id TEXT, session_id TEXT, time_created INTEGER, data TEXT);
        CREATE TABLE part(id TEXT, message_id TEXT, data TEXT);
        INSERT INTO session VALUES('a', NULL, '/repo', '1.1', 0), ('child', 'a', '/repo', '1.1', 5000),
            ('orphan', 'gone', '/repo', '1.1', 5000), ('other', NULL, '/other', '1.1', 5000), ('b', NULL, '/repo', '1.1', 0);
        INSERT INTO message VALUES('m1', 'a', 1000, '{\"role\":\"user\"}'), ('m2', 'child', 2000, '{\"role\":\"user\"}'),
            ('m3', 'child', 3000, '{\"role\":\"assistant\"}'), ('m9', 'a', 9000, '{\"role\":\"user\"}');
        INSERT INTO part VALUES('p1', 'm1', '{\"type\":\"text\",\"text\":\"go\"}'), ('p2', 'm2', '{\"type\":\"text\",\"text\":\"do\"}'),
            ('p3', 'm3', '{\"type\":\"text\",\"text\":\"did\"}'), ('p9', 'm9', '{\"type\":\"text\",\"text\":\"later\"}'),
            ('p4', 'm3', '{\"type\":\"tool\",\"tool\":\"edit\",\"callID\":\"c\",\"state\":{\"status\":\"completed\",\"input\":{\"filePath\":\"/repo/x\"}}}');";

    const V2: &str = "CREATE TABLE session_v2(id TEXT, parent_id TEXT, directory TEXT, version TEXT, model TEXT, time_updated INTEGER);
        CREATE TABLE session_message(id TEXT, session_id TEXT, type TEXT, seq INTEGER, time_created INTEGER, data TEXT);
        INSERT INTO session_v2 VALUES('b', NULL, '/repo', '2.0', '{\"id\":\"m\"}', 6000);
        INSERT INTO session_message VALUES('n1', 'b', 'user', 4, 1000, '{\"text\":\"go\"}'),
            ('n2', 'b', 'assistant', 9, 2000, '{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}'), ('n3', 'b', 'idle', 11, 2000, '{');";

    fn wanted(thorough: bool) -> Wanted {
        let (since, until) = (DateTime::from_timestamp(1, 0).unwrap(), DateTime::from_timestamp(7000, 0).unwrap());
        Wanted { roots: vec![PathBuf::from("/repo")], named: Vec::new(), since, until, thorough }
    }

    fn kinds(candidate: &Candidate) -> Vec<EventKind> {
        let session = read(Assistant::OpenCode, candidate, &wanted(true), Deadline::NONE).unwrap().unwrap();
        session.events.into_iter().map(|event| event.kind).collect()
    }

    fn prompt(text: &str) -> EventKind {
        EventKind::Prompt(text.to_owned())
    }

    #[test]
    fn sessions_of_every_version_are_found_and_told_with_what_sub_agents_did() {
        let place = tempfile::tempdir().unwrap();
        let database = Connection::open(place.path().join("opencode.db")).unwrap();
        database.execute_batch(V1).unwrap();
        database.execute_batch(V2).unwrap();
        let places = [place.path().to_owned()];
        let found = find(Assistant::OpenCode, &places, &wanted(true), Deadline::NONE);
        assert!(found.complete && found.gaps.is_empty(), "{found:?}");
        let ids: Vec<&str> = found.candidates.iter().map(|one| one.id.0.as_str()).collect();
        assert!(ids[0] == "b" && ids.len() == 3 && ids.contains(&"a") && ids.contains(&"orphan"), "{ids:?}");
        assert_eq!(kinds(&found.candidates[0]), [prompt("go"), EventKind::Reply("done".to_owned())]);
        let of = |id: &str| found.candidates.iter().find(|one| one.id.0 == id).unwrap();
        assert_eq!(kinds(of("a")), [prompt("go"), EventKind::Edit { path: PathBuf::from("/repo/x") }]);
        let moved = find(Assistant::OpenCode, &[places[0].join("opencode.db")], &wanted(true), Deadline::NONE);
        assert_eq!(moved, found);
        let hook = find(Assistant::OpenCode, &places, &wanted(false), Deadline::NONE);
        assert!(!hook.complete && hook.candidates.is_empty());
        let since = DateTime::<Utc>::MAX_UTC;
        let later = find(Assistant::OpenCode, &places, &Wanted { since, ..wanted(false) }, Deadline::NONE);
        assert!(later.complete && later.candidates.is_empty());
    }

    #[test]
    fn sessions_in_files_are_told_as_well() {
        let place = tempfile::tempdir().unwrap();
        let put = |path: &str, value: serde_json::Value| {
            let file = place.path().join("storage").join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, value.to_string()).unwrap();
        };
        for (id, directory) in [("s", "/repo"), ("t", "/other")] {
            put(&format!("session/p/{id}.json"), json!({"directory": directory, "version": "0.9"}));
            put(&format!("message/{id}/m1.json"), json!({"role": "user", "time": {"created": 2000}}));
        }
        put("part/m1/p1.json", json!({"type": "text", "text": "go"}));
        let found = find(Assistant::Kilo, &[place.path().to_owned()], &wanted(false), Deadline::NONE);
        assert!(found.complete && found.candidates.len() == 1, "{found:?}");
        assert_eq!(kinds(&found.candidates[0]), [prompt("go")]);
    }
}
