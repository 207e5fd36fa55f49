//! Every real transcript at hand is read. They are not part of the project, so without them this says so and passes.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use commit_story::chat::Candidate;
use commit_story::chat::claude_code::read;
use commit_story::chat::readers::READERS;
use commit_story::chat::{EventKind, Session, SessionId, Wanted};
use commit_story::env::Deadline;

/// The directory that `COMMIT_STORY_FIXTURES` names, or the one beside the checkout: one directory for each assistant.
fn fixtures() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    let dir = std::env::var_os("COMMIT_STORY_FIXTURES").map_or(beside, PathBuf::from);
    dir.is_dir().then_some(dir)
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
        println!("skipped: no transcripts beside the checkout, and COMMIT_STORY_FIXTURES names none");
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
    ("codex", "codex/agentsview/blockquotes_session.jsonl", Some([1, 1, 0, 0])),
    ("codex", "codex/agentsview/fc_args_1.jsonl", Some([1, 0, 0, 1])),
    ("codex", "codex/agentsview/fc_args_2.jsonl", Some([1, 0, 2, 0])),
    ("codex", "codex/agentsview/fc_stdin.jsonl", Some([1, 0, 0, 0])),
    ("codex", "codex/agentsview/function_calls.jsonl", Some([1, 0, 0, 0])),
    ("codex", "codex/agentsview/standard_session.jsonl", Some([1, 1, 0, 0])),
    ("codex", "codex/ccusage/2026-05-12T08-00-00-parent.jsonl", Some([0, 0, 0, 0])),
    ("codex", "codex/ccusage/2026-05-12T08-02-00-branch.jsonl", Some([0, 0, 0, 0])),
    ("codex", "codex/codex-session-simple.jsonl", Some([1, 1, 1, 0])),
    ("codex", "codex/codex-session-updated.jsonl", Some([1, 1, 1, 1])),
    (
        "codex",
        "codex/localpush/rollout-2026-02-23T13-19-38-019c8a70-dda7-7f33-98ea-f30553347322.jsonl",
        Some([1, 1, 0, 0]),
    ),
    (
        "codex",
        "codex/localpush/rollout-2026-02-23T20-34-25-019c8bfe-ec25-79e0-97d7-bda6a9c575ff.jsonl",
        Some([1, 6, 0, 0]),
    ),
    (
        "codex",
        "codex/recorded-0.169.0/rollout-2026-11-22T11-48-43-01a20316-4dfa-72a0-9a78-6e6675bc62ed.jsonl",
        Some([1, 1, 0, 3]),
    ),
    ("codex", "codex/sample_codex_session.jsonl", Some([1, 0, 0, 0])),
    ("qwen-code", "qwen/session-1.jsonl", Some([2, 2, 1, 1])),
    ("qwen-code", "qwen/session-tools.jsonl", Some([1, 1, 1, 1])),
    ("droid", "droid/droid-session.jsonl", Some([1, 1, 1, 0])),
    ("pi", "pi/agentsview-session.jsonl", Some([2, 2, 0, 0])),
    ("pi", "pi/pi-session-ignorable.jsonl", Some([1, 1, 0, 0])),
    ("pi", "pi/pi-session-simple.jsonl", Some([1, 1, 0, 0])),
    ("pi", "pi/pi-session-tool.jsonl", Some([1, 1, 1, 0])),
    ("pi", "pi/real_world.jsonl", Some([2, 1, 0, 1])),
];

fn told(slug: &str, file: &Path) -> Told {
    let reader =
        READERS.iter().find(|reader| reader.assistant.slug() == slug).expect("every assistant is in the table");
    let (id, modified) = (SessionId("fixture".to_owned()), DateTime::UNIX_EPOCH);
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
    let differing: Vec<String> = TOLD
        .iter()
        .filter_map(|(slug, file, expected)| {
            let told = told(slug, &dir.join(file));
            (told != *expected).then(|| format!("{file}: {told:?}, not {expected:?}"))
        })
        .collect();
    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}
