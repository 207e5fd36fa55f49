//! A conversation as any assistant writes it, through its reader into turns. The first byte chooses the reader.
//!
//! Zed's threads are documents in a database: for its reader the bytes are put into one, unless they are a database.
#![no_main]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use commit_story::chat::readers::READERS;
use commit_story::chat::{Assistant, Candidate, SessionId, Wanted, turn};
use commit_story::env::Deadline;
use libfuzzer_sys::fuzz_target;
use rusqlite::Connection;

/// A database with one thread, whose document is packed when it looks so (RFC 8878: the magic number).
fn thread(file: &Path, document: &[u8]) -> rusqlite::Result<()> {
    let database = Connection::open(file)?;
    database.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
        CREATE TABLE threads(id TEXT PRIMARY KEY, summary, updated_at, data_type, data, parent_id, folder_paths, created_at)",
    )?;
    let kind = if document.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) { "zstd" } else { "json" };
    let insert = "INSERT INTO threads VALUES('488c5296', '', '2026-01-01T00:00:00Z', ?1, ?2, NULL, '/repo', NULL)";
    database.execute(insert, (kind, document)).map(drop)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let reader = READERS[usize::from(*first) % READERS.len()];
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("488c5296.jsonl");
    if reader.assistant == Assistant::Zed && !bytes.starts_with(b"SQLite format 3") {
        thread(&file, bytes).expect("a temporary database");
    } else {
        std::fs::write(&file, bytes).expect("a temporary file");
    }
    let id = SessionId("488c5296".to_owned());
    let candidate =
        Candidate { id: id.clone(), file, modified: DateTime::<Utc>::MAX_UTC, named: true, size: bytes.len() as u64 };
    let wanted = Wanted {
        roots: vec![PathBuf::from("/repo")],
        named: vec![id],
        since: DateTime::<Utc>::UNIX_EPOCH,
        until: DateTime::<Utc>::MAX_UTC,
        thorough: true,
    };
    if let Ok(Some(session)) = (reader.read)(&candidate, &wanted, Deadline::NONE) {
        let ids: HashSet<&str> = session.events.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids.len(), session.events.len(), "two events have one id");
        for turn in turn::turns(&session.events) {
            let _ = turn.after(wanted.until);
        }
    }
});
