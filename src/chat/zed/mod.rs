//! The threads of Zed's own agent: the database `threads/threads.db`.
//!
//! In: the places where it lies, and what is wanted. Out: candidates, and from each a [`Session`].
//! Never here: thinking, what a tool read, other agents that run in Zed, or the text threads of before.
//!
//! A row is a thread, its document packed with Zstandard or not. The format is that of Zed's own source
//! (`crates/agent/src/db.rs`, `thread.rs` and `legacy_thread.rs`), documents of all versions until 0.3.0. Messages have no
//! times: the last turn has that of the row; and the prompt of a thread's only turn the time at which the row was made.

mod tools;

mod thread;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use ruzstd::decoding::StreamingDecoder;

use super::document;
use super::entry::{Entry, Part};
use super::message::{Assistant, Gap, Session, Wanted};
use super::projects;
use super::reader::{Candidate, Found, Reader};
use super::sqlite::{Database, Row, bounded};
use super::stored;
use super::{telling, undated};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader { assistant: Assistant::Zed, session_variable: None, places, find, read };

/// The directories of threads, on every system and in Flatpak.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    const DATA: &[&str] =
        &[".local/share/zed", ".var/app/dev.zed.Zed/data/zed", "Library/Application Support/Zed", "AppData/Local/Zed"];
    let moved = env.text("XDG_DATA_HOME").map(|dir| env.cwd.join(dir).join("zed"));
    let homes = env.home.iter().flat_map(|home| DATA.iter().map(|data| home.join(data)));
    projects::existing(moved.into_iter().chain(homes).map(|data| data.join("threads")), extra)
}

fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let databases: Vec<PathBuf> = places.iter().map(|place| place.join("threads.db")).collect();
    stored::find(&databases, wanted, |database| threads(database, wanted, deadline))
}

/// What is asked of every row, in the order of the columns; older databases do not have the last three.
struct Listed {
    id: String,
    updated: Option<DateTime<Utc>>,
    parent: Option<String>,
    folders: Vec<PathBuf>,
    created: Option<DateTime<Utc>>,
}

impl Listed {
    /// The columns, with nothing for those that are not there.
    fn columns(database: &Database) -> Result<String, Gap> {
        let known = database.columns("threads")?;
        let or_null = |name: &str| if known.iter().any(|column| column == name) { name } else { "NULL" }.to_owned();
        let newer = ["parent_id", "folder_paths", "created_at"].map(or_null);
        Ok(format!("id, updated_at, {}", newer.join(", ")))
    }

    fn of(row: &Row<'_>) -> Option<Self> {
        let folders = row.text(3).unwrap_or_default();
        let mut folders: Vec<PathBuf> =
            folders.split('\n').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        // They are in order; some versions wrote one twice.
        folders.dedup();
        Some(Self { id: row.text(0)?, updated: row.time(1), parent: row.text(2), folders, created: row.time(4) })
    }
}

/// The day before an instant as rows are compared with: their times are texts that begin with the day in UTC. What of a row
/// lies behind its document is only read of those that pass.
fn day_before(at: DateTime<Utc>) -> String {
    let before = at.checked_sub_signed(TimeDelta::days(1)).unwrap_or(at);
    before.format("%Y-%m-%d").to_string()
}

/// The threads that went on since the wanted time. One that a sub-agent had is its parent's.
fn threads(path: &Path, wanted: &Wanted, deadline: Deadline) -> Result<Vec<Candidate>, Gap> {
    let database = Database::open(Assistant::Zed, path, deadline)?;
    let question = format!("SELECT {} FROM threads WHERE updated_at >= ?1", Listed::columns(&database)?);
    let rows = database.all(&question, &[&day_before(wanted.since)], Listed::of)?;
    let ids: HashSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let parent = |row: &Listed| row.parent.clone().filter(|parent| ids.contains(parent.as_str()));
    let mut newest: HashMap<String, Option<DateTime<Utc>>> = HashMap::new();
    for row in &rows {
        let of = newest.entry(parent(row).unwrap_or_else(|| row.id.clone())).or_default();
        *of = (*of).max(row.updated);
    }
    let own = rows.iter().filter(|row| parent(row).is_none());
    let candidates = own.filter_map(|row| {
        let at = newest.get(&row.id).copied().flatten();
        stored::candidate(wanted, path, &row.id, at, &row.folders)
    });
    Ok(candidates.collect())
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let database = Database::open(Assistant::Zed, &candidate.file, deadline)?;
    let id = candidate.id.0.as_str();
    let columns = Listed::columns(&database)?;
    let question = format!("SELECT {columns}, data_type, {} FROM threads WHERE", bounded("data"));
    let told = |row: &Row<'_>| {
        let listed = Listed::of(row)?;
        let entries = document(row, deadline).map(|document| entries(&listed, &document));
        Some((listed, entries))
    };
    let Some((thread, entries)) = database.all(&format!("{question} id = ?1"), &[id], told)?.into_iter().next() else {
        return Ok(None);
    };
    let gap = |reason: String| Gap { assistant: Assistant::Zed, source: candidate.file.clone(), reason };
    let mut entries = entries.map_err(gap)?;
    if thread.parent.is_none() && columns.contains("parent_id") {
        let children = format!("{question} updated_at >= ?1 AND parent_id = ?2");
        let children = database.all(&children, &[&day_before(wanted.since), id], told)?;
        // What cannot be read of a sub-agent takes nothing from what its parent says.
        entries.extend(children.into_iter().filter_map(|(_, entries)| entries.ok()).flatten());
    }
    let gathered = telling::gather(None, &entries, &vec![true; entries.len()]);
    Ok(gathered.session(Assistant::Zed, candidate, wanted))
}

/// What a thread says. The words in a sub-agent's thread are nobody's.
fn entries(row: &Listed, document: &serde_json::Value) -> Vec<Entry> {
    let mut folders = row.folders.clone();
    if folders.is_empty() {
        folders = thread::folders(document);
    }
    let key = if row.parent.is_some() { row.id.as_str() } else { "m" };
    let updated = row.updated.or_else(|| document::time(document, "/updated_at")).unwrap_or_default();
    let all = thread::entries(document, &folders, key);
    let only_turn = all.iter().filter(|entry| entry.has(Part::is_prompt)).count() == 1;
    let mut entries = undated::last_turn(all, updated);
    if let (true, Some(first), Some(created)) = (only_turn, entries.first_mut(), row.created) {
        first.at = Some(created.min(updated));
    }
    if row.parent.is_some() {
        for entry in &mut entries {
            entry.at = Some(updated);
            entry.parts.retain(|part| matches!(part, Part::Use(..) | Part::Came(..)));
        }
        return entries;
    }
    let at =
        |directory: &PathBuf| Entry { directory: Some(directory.to_string_lossy().into_owned()), ..Entry::default() };
    let model = Entry { model: thread::model(document), ..Entry::default() };
    folders.iter().map(at).chain([model]).chain(entries).collect()
}

/// The document of a row.
fn document(row: &Row<'_>, deadline: Deadline) -> Result<serde_json::Value, String> {
    const OF_COLUMNS: usize = 5;
    let data = row.bytes(OF_COLUMNS + 1).ok_or("it is too large")?;
    let value = match row.text(OF_COLUMNS).as_deref() {
        Some("zstd") => document::value(&unpacked(data, document::LARGEST, deadline)?),
        Some("json") => document::value(data),
        _ => return Err("nobody knows how it is packed".to_owned()),
    };
    value.ok_or_else(|| "nothing in it is a conversation".to_owned())
}

/// What was packed with Zstandard, up to a limit: a few kilobytes can stand for gigabytes.
fn unpacked(packed: &[u8], largest: u64, deadline: Deadline) -> Result<Vec<u8>, String> {
    let broken = |error: String| format!("cannot unpack it: {error}");
    let mut decoder = StreamingDecoder::new(packed).map_err(|error| broken(error.to_string()))?;
    let mut bytes = Vec::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        let count = decoder.read(&mut block).map_err(|error| broken(error.to_string()))?;
        bytes.extend_from_slice(&block[..count]);
        if count == 0 {
            return Ok(bytes);
        }
        if bytes.len() as u64 > largest {
            return Err(format!("it is larger than {} MB", largest / 1024 / 1024));
        }
        if deadline.passed() {
            return Err("it could not be unpacked in time".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;
    use crate::chat::message::{EventKind, SessionId};

    const TABLE: &str = "CREATE TABLE threads(id TEXT PRIMARY KEY, summary TEXT NOT NULL, updated_at TEXT NOT NULL,
        data_type TEXT NOT NULL, data BLOB NOT NULL);";
    const COLUMNS: &str =
        "ALTER TABLE threads ADD COLUMN parent_id TEXT; ALTER TABLE threads ADD COLUMN folder_paths TEXT;
        ALTER TABLE threads ADD COLUMN created_at TEXT;";

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2026-01-01T10:{minute:02}:00Z").parse().unwrap()
    }

    fn wanted(thorough: bool) -> Wanted {
        let roots = vec![PathBuf::from("/repo")];
        Wanted { roots, named: Vec::new(), since: at(0), until: at(30), thorough }
    }

    fn place(columns: &str) -> (TempDir, Connection) {
        let place = tempfile::tempdir().unwrap();
        let database = Connection::open(place.path().join("threads.db")).unwrap();
        database.execute_batch(TABLE).unwrap();
        database.execute_batch(columns).unwrap();
        (place, database)
    }

    fn told(place: &TempDir) -> Vec<(String, Vec<(u32, EventKind)>)> {
        let found = find(&[place.path().to_owned()], &wanted(true), Deadline::NONE);
        assert!(found.complete && found.gaps.is_empty(), "{found:?}");
        let mut told: Vec<_> = found
            .candidates
            .iter()
            .filter_map(|candidate| {
                let session = read(candidate, &wanted(true), Deadline::NONE).unwrap()?;
                let minute = |at: DateTime<Utc>| at.format("%M").to_string().parse().unwrap();
                let events = session.events.into_iter().map(|event| (minute(event.at), event.kind)).collect();
                Some((candidate.id.0.clone(), events))
            })
            .collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        told
    }

    fn asked(text: &str) -> Value {
        json!({"User": {"id": text, "content": [{"Text": text}]}})
    }

    fn edited(path: &str) -> Value {
        json!({"Agent": {"content": [{"Text": "done"}, {"ToolUse": {"id": path, "name": "edit_file",
            "input": {"path": path}, "is_input_complete": true}}], "tool_results": {}}})
    }

    fn prompt(text: &str) -> EventKind {
        EventKind::Prompt(text.to_owned())
    }

    fn reply() -> EventKind {
        EventKind::Reply("done".to_owned())
    }

    fn edit(path: &str) -> EventKind {
        EventKind::Edit { path: PathBuf::from(path) }
    }

    #[test]
    fn threads_are_told_with_their_last_turn_and_what_sub_agents_did() {
        let (place, database) = place(COLUMNS);
        let put = |id: &str, parent: Option<&str>, folders: Option<&str>, messages: Value| {
            let document = json!({"version": "0.3.0", "messages": messages}).to_string();
            let packed = compress_to_vec(document.as_bytes(), CompressionLevel::Fastest);
            let row = (id, at(9).to_rfc3339(), packed, parent, folders, at(5).to_rfc3339());
            let insert = "INSERT INTO threads VALUES(?1, '', ?2, 'zstd', ?3, ?4, ?5, ?6)";
            database.execute(insert, row).unwrap();
        };
        put(
            "a",
            None,
            Some("/repo\n/other"),
            json!([asked("one"), edited("repo/old"), asked("two"), edited("repo/x")]),
        );
        put("b", None, Some("/repo\n/repo"), json!([asked("only"), edited("y"), "Resume"]));
        put("child", Some("b"), Some("/repo"), json!([asked("do"), edited("repo/z")]));
        put("other", None, Some("/other"), json!([asked("no"), edited("other/x")]));
        let expected = [
            ("a".to_owned(), vec![(9, prompt("two")), (9, reply()), (9, edit("/repo/x"))]),
            ("b".to_owned(), vec![(5, prompt("only")), (9, reply()), (9, edit("/repo/y")), (9, edit("/repo/z"))]),
        ];
        assert_eq!(told(&place), expected);
        let hook = find(&[place.path().to_owned()], &wanted(false), Deadline::NONE);
        assert!(!hook.complete && hook.candidates.is_empty());
        let later = Wanted { since: at(10), ..wanted(true) };
        assert!(find(&[place.path().to_owned()], &later, Deadline::NONE).candidates.is_empty());
    }

    #[test]
    fn a_thread_without_a_directory_belongs_by_what_it_edited_and_a_project_that_was_recorded() {
        let (place, database) = place("");
        let put = |id: &str, document: Value| {
            let row = (id, at(9).to_rfc3339(), document.to_string());
            database.execute("INSERT INTO threads VALUES(?1, '', ?2, 'json', ?3)", row).unwrap();
        };
        put("absolute", json!({"messages": [asked("go"), edited("/repo/x")]}));
        put("elsewhere", json!({"messages": [asked("go"), edited("/other/x")]}));
        put("nowhere", json!({"messages": [asked("go"), edited("repo/x")]}));
        let snapshot = json!({"worktree_snapshots": [{"worktree_path": "/repo"}]});
        put("recorded", json!({"messages": [asked("go")], "initial_project_snapshot": snapshot}));
        let expected = [
            ("absolute".to_owned(), vec![(9, prompt("go")), (9, reply()), (9, edit("/repo/x"))]),
            ("recorded".to_owned(), vec![(9, prompt("go"))]),
        ];
        assert_eq!(told(&place), expected);
    }

    #[test]
    fn what_cannot_be_unpacked_is_a_gap_with_its_reason() {
        let (place, database) = place(COLUMNS);
        let check = |kind: &str, data: &[u8], expected: &str| {
            let row = (kind, data);
            database
                .execute("INSERT OR REPLACE INTO threads VALUES('a', '', '', ?1, ?2, NULL, NULL, NULL)", row)
                .unwrap();
            let (file, id) = (place.path().join("threads.db"), SessionId("a".to_owned()));
            let candidate = Candidate { id, file, modified: at(9), named: true, size: 0 };
            let gap = read(&candidate, &wanted(true), Deadline::NONE).unwrap_err();
            assert!(gap.reason.contains(expected), "{}", gap.reason);
        };
        check("zstd", b"no frame", "cannot unpack it");
        check("zstd", &compress_to_vec(&b"{"[..], CompressionLevel::Fastest), "conversation");
        check("json", b"7 8", "conversation");
        check("brotli", b"{}", "how it is packed");
        let bomb = compress_to_vec(vec![b' '; 300_000].as_slice(), CompressionLevel::Fastest);
        assert!(unpacked(&bomb, 200_000, Deadline::NONE).unwrap_err().contains("larger than"));
        assert!(unpacked(&bomb, 300_000, Deadline::after(std::time::Duration::ZERO)).unwrap_err().contains("in time"));
        assert_eq!(unpacked(&bomb, 300_000, Deadline::NONE).unwrap().len(), 300_000);
    }

    #[test]
    fn every_system_has_its_place() {
        let home = tempfile::tempdir().unwrap();
        let theirs = [".local/share/zed", "Library/Application Support/Zed", "AppData/Local/Zed", "data/zed"];
        for dir in theirs {
            std::fs::create_dir_all(home.path().join(dir).join("threads")).unwrap();
        }
        let env = Env::of_test(home.path(), &[("XDG_DATA_HOME", "data")]);
        assert_eq!(places(&env, None).len(), theirs.len());
    }

    proptest! {
        #[test]
        fn no_bytes_make_unpacking_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut packed = compress_to_vec("{\"messages\": [7, 7, 7]}".repeat(9).as_bytes(), CompressionLevel::Fastest);
            let at = at.index(packed.len());
            packed[at] = byte;
            packed.truncate(cut.index(packed.len() + 1));
            let _ = unpacked(&packed, 1 << 20, Deadline::NONE);
        }
    }
}
