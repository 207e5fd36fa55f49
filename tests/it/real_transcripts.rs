//! Every real transcript at hand is read. They are not part of the project, so without them this says so and passes.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use commit_story::chat::Candidate;
use commit_story::chat::claude_code::read;
use commit_story::chat::{EventKind, Session, SessionId, Wanted};
use commit_story::env::Deadline;

/// The directory of real sessions that `REAL_SESSIONS` names.
fn fixtures() -> Option<PathBuf> {
    std::env::var_os("REAL_SESSIONS").map(PathBuf::from)
}

fn transcripts(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("the fixtures can be listed") {
        let path = entry.expect("and each of them").path();
        if path.is_dir() {
            transcripts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(path);
        }
    }
}

fn session(file: &Path) -> Session {
    let candidate = Candidate {
        id: SessionId("fixture".to_owned()),
        file: file.to_owned(),
        modified: DateTime::UNIX_EPOCH,
        named: true,
        size: 0,
    };
    let wanted = Wanted {
        roots: Vec::new(),
        named: Vec::new(),
        since: DateTime::UNIX_EPOCH,
        until: DateTime::<Utc>::MAX_UTC,
        thorough: true,
    };
    read(&candidate, &wanted, Deadline::NONE)
        .expect("a transcript that is there can be read")
        .expect("a named session is ours")
}

fn collapsed(text: &str) -> String {
    // Form feeds and their like are taken off prompts.
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_prompt_that_is_known_of_a_real_transcript_is_found() {
    let Some(dir) = fixtures() else {
        println!("skipped: no transcripts beside the checkout, and REAL_SESSIONS names none");
        return;
    };
    let mut files = Vec::new();
    transcripts(&dir, &mut files);
    assert!(!files.is_empty(), "no transcript under {}", dir.display());
    let mut missing = Vec::new();
    for file in files {
        let session = session(&file);
        assert!(session.complete, "{}", file.display());
        let prompts: Vec<String> = session
            .events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Prompt(text) => Some(collapsed(text)),
                _ => None,
            })
            .collect();
        let listed = fs::read_to_string(file.with_file_name("prompt.txt")).unwrap_or_default();
        let listed = listed.split("\n---\n").map(collapsed).filter(|prompt| !prompt.is_empty());
        for prompt in listed.filter(|prompt| !prompt.starts_with("[Request interrupted")) {
            if !prompts.contains(&prompt) {
                missing.push(format!("{}: {prompt:?} is not in {prompts:#?}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
