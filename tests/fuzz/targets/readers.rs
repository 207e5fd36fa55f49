//! A conversation as any assistant writes it, through its reader into turns. The first byte chooses the reader.
#![no_main]

use std::collections::HashSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use commit_story::chat::readers::READERS;
use commit_story::chat::{Candidate, SessionId, Wanted, turn};
use commit_story::env::Deadline;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let reader = READERS[usize::from(*first) % READERS.len()];
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
