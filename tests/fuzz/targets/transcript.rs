//! A whole Claude Code transcript, through the reader into turns.
#![no_main]

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use commit_story::chat::claude_code::{Candidate, read};
use commit_story::chat::{SessionId, Wanted, turn};
use commit_story::env::Deadline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("488c5296.jsonl");
    std::fs::write(&file, bytes).expect("a temporary file");
    let id = SessionId("488c5296".to_owned());
    let candidate =
        Candidate { id: id.clone(), file, modified: DateTime::<Utc>::MAX_UTC, named: true, size: bytes.len() as u64 };
    let wanted = Wanted {
        roots: vec![PathBuf::from("/repo")],
        named: vec![id],
        since: DateTime::<Utc>::UNIX_EPOCH,
        until: DateTime::<Utc>::MAX_UTC,
    };
    if let Ok(Some(session)) = read(&candidate, &wanted, Deadline::NONE) {
        for turn in turn::turns(&session.events) {
            let _ = turn.after(wanted.until);
        }
    }
});
