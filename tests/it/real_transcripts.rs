//! Every real transcript at hand is read. They are not part of the project, so without them this says so and passes.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use commit_story::chat::Candidate;
use commit_story::chat::claude_code::read;
use commit_story::chat::readers::READERS;
use commit_story::chat::{EventKind, Session, SessionId, Wanted};
use commit_story::env::Deadline;

/// The directory of real sessions that `REAL_SESSIONS` names: one directory for each assistant.
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
    transcripts(&dir.join("claude-code"), &mut files);
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

/// What a transcript is told as: prompts, replies, edits, commands; `None` when it is a gap.
type Told = Option<[usize; 4]>;

/// Every transcript of the assistants that have one file for a session: slug, file, what it is told as.
const TOLD: &[(&str, &str, Told)] = &[
    ("aider", "aider/agentsview/.aider.chat.history.md", Some([2, 2, 3, 0])),
    ("aider", "aider/deja-vu-registry/.aider.chat.history.md", Some([1, 1, 0, 0])),
    ("cline", "cline/deja-vu/legacy/tasks/1767225600000/api_conversation_history.json", Some([1, 1, 0, 0])),
    (
        "cline",
        "cline/deja-vu/modern/sessions/session_synthetic_01/session_synthetic_01.messages.json",
        Some([1, 1, 0, 0]),
    ),
    ("cline", "cline/sdk/messages/success.messages.json", Some([1, 1, 0, 0])),
    ("roo-code", "roo/tasks/1767225700000/api_conversation_history.json", Some([1, 1, 0, 0])),
    ("copilot-cli", "copilot-cli/7cf44517-55ca-435c-893a-3fde1973a44e/events.jsonl", Some([1, 1, 0, 0])),
    ("copilot-cli", "copilot-cli/copilot_cli_session_events.jsonl", Some([1, 1, 1, 0])),
    ("copilot-cli", "copilot-cli/copilot_cli_session_no_model.jsonl", Some([1, 1, 0, 0])),
    ("copilot-vscode", "copilot-vscode/copilot_session_empty_then_patched.jsonl", Some([1, 1, 0, 0])),
    ("copilot-vscode", "copilot-vscode/copilot_session_event_stream.jsonl", Some([1, 3, 1, 0])),
    ("copilot-vscode", "copilot-vscode/copilot_session_simple.json", Some([3, 5, 1, 0])),
    ("copilot-vscode", "copilot-vscode/copilot_session_simple.jsonl", Some([3, 5, 1, 0])),
    ("copilot-vscode", "copilot-vscode/copilot_transcript_session_lookup.jsonl", Some([0, 1, 0, 0])),
    ("copilot-vscode", "copilot-vscode/copilot_vscode_event_stream.jsonl", Some([1, 2, 1, 0])),
    (
        "copilot-vscode",
        "copilot-vscode/copilot_vscode_workspace/GitHub.copilot-chat/transcripts/test-session-abc.jsonl",
        Some([1, 0, 0, 0]),
    ),
    ("gemini-cli", "gemini-cli/agentsview/standard_session.json", Some([2, 2, 0, 0])),
    ("gemini-cli", "gemini-cli/agentsview/system_messages.json", Some([0, 0, 0, 0])),
    ("gemini-cli", "gemini-cli/agentsview/thinking_only.json", Some([1, 1, 0, 0])),
    ("gemini-cli", "gemini-cli/agentsview/tool_calls.json", Some([1, 1, 0, 0])),
    ("gemini-cli", "gemini-cli/agentsview/tool_calls_with_results.json", Some([1, 1, 0, 0])),
    ("gemini-cli", "gemini-cli/deja-vu/session-set-snapshot.jsonl", Some([1, 1, 0, 0])),
    ("gemini-cli", "gemini-cli/deja-vu/session.jsonl", Some([1, 1, 0, 0])),
    ("gemini-cli", "gemini-cli/entire/c9_45f262e88d_0/session.json", Some([1, 2, 1, 0])),
    ("gemini-cli", "gemini-cli/gemini-session-simple.json", Some([1, 6, 1, 0])),
    ("gemini-cli", "gemini-cli/gemini-session-simple.jsonl", Some([1, 5, 2, 0])),
    ("gemini-cli", "gemini-cli/recorded-0.61.0/session-2026-11-22T11-50-6fa5403b.jsonl", Some([1, 1, 1, 2])),
    ("goose", "goose/20250724_1.jsonl", Some([1, 1, 0, 0])),
    ("cursor", "cursor/cursor-session-simple.jsonl", Some([1, 3, 1, 0])),
    ("cursor", "cursor/cursor-session-simple.earlier.jsonl", Some([1, 3, 1, 0])),
    ("cursor", "cursor/cursor-history/error-line.jsonl", Some([1, 0, 0, 0])),
    ("cursor", "cursor/cursor-history/error-only.jsonl", Some([0, 0, 0, 0])),
    ("cursor", "cursor/cursor-history/multi-parts.jsonl", Some([0, 1, 0, 0])),
    ("cursor", "cursor/cursor-history/user-only.jsonl", Some([1, 0, 0, 0])),
    ("cursor", "cursor/cursor-history/with-tools.jsonl", Some([1, 1, 0, 0])),
];

/// Sessions in databases, and in directories of many files: slug, file, session, what it is told as.
const STORED: &[(&str, &str, &str, Told)] = &[
    (
        "cursor",
        "cursor/cursor-history-composer-global-state.vscdb",
        "00000000-0016-4016-8016-000000000016",
        Some([1, 1, 0, 0]),
    ),
    ("cursor", "cursor/workspace-state-real-2024-11.vscdb", "cf2ead9f-6bf9-41d0-829e-a7fcae7ddb5a", Some([2, 2, 0, 0])),
    ("opencode", "opencode/v1/opencode.db", "test-session-123", Some([1, 2, 1, 0])),
    ("opencode", "opencode/recorded-1.18.33/opencode.db", "ses_dfce96286ffeCOJ4gwQlQcdD1s", Some([1, 1, 1, 2])),
    ("opencode", "opencode/legacy-storage/message/test-session-123", "test-session-123", Some([1, 2, 1, 0])),
];

fn told(slug: &str, file: &Path, id: &str) -> Told {
    let reader =
        READERS.iter().find(|reader| reader.assistant.slug() == slug).expect("every assistant is in the table");
    let (id, modified) = (SessionId(id.to_owned()), DateTime::UNIX_EPOCH);
    let candidate = Candidate { id, file: file.to_owned(), modified, named: true, size: 0 };
    let wanted = Wanted {
        roots: Vec::new(),
        named: Vec::new(),
        since: DateTime::UNIX_EPOCH,
        until: DateTime::<Utc>::MAX_UTC,
        thorough: true,
    };
    let session = (reader.read)(&candidate, &wanted, Deadline::NONE).ok()?.expect("a named session is ours");
    let mut counts = [0; 4];
    for event in &session.events {
        match event.kind {
            EventKind::Prompt(_) => counts[0] += 1,
            EventKind::Reply(_) => counts[1] += 1,
            EventKind::Edit { .. } => counts[2] += 1,
            EventKind::Command { .. } => counts[3] += 1,
            _ => {}
        }
    }
    Some(counts)
}

#[test]
fn every_transcript_at_hand_is_told_as_it_is_known_to_be() {
    let Some(dir) = fixtures() else {
        println!("skipped: no transcripts beside the checkout, and COMMIT_STORY_FIXTURES names none");
        return;
    };
    let files = TOLD.iter().map(|(slug, file, expected)| (slug, file, "fixture", expected));
    let stored = STORED.iter().map(|(slug, file, id, expected)| (slug, file, *id, expected));
    let differing: Vec<String> = files
        .chain(stored)
        .filter_map(|(slug, file, id, expected)| {
            let told = told(slug, &dir.join(file), id);
            (told != *expected).then(|| format!("{file}: {told:?}, not {expected:?}"))
        })
        .collect();
    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}
