//! A small invented session of every format is read, and every real transcript at hand. These are not part of the
//! project: without them the tests of them say so and pass.

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
    ("droid", "droid/droid-session.jsonl", Some([1, 1, 1, 0])),
    ("pi", "pi/agentsview-session.jsonl", Some([2, 2, 0, 0])),
    ("pi", "pi/pi-session-ignorable.jsonl", Some([1, 1, 0, 0])),
    ("pi", "pi/pi-session-simple.jsonl", Some([1, 1, 0, 0])),
    ("pi", "pi/pi-session-tool.jsonl", Some([1, 1, 1, 0])),
    ("pi", "pi/real_world.jsonl", Some([2, 1, 0, 1])),
    ("qwen-code", "qwen/session-1.jsonl", Some([2, 2, 1, 1])),
    ("qwen-code", "qwen/session-tools.jsonl", Some([1, 1, 1, 1])),
    ("goose", "goose/20250724_1.jsonl", Some([1, 1, 0, 0])),
    ("continue", "continue/continue-cli-session-simple.json", Some([1, 2, 1, 0])),
    ("cursor", "cursor/cursor-session-simple.jsonl", Some([1, 3, 1, 0])),
    ("cursor", "cursor/cursor-session-simple.earlier.jsonl", Some([1, 3, 1, 0])),
    ("cursor", "cursor/cursor-history/error-line.jsonl", Some([1, 0, 0, 0])),
    ("cursor", "cursor/cursor-history/error-only.jsonl", Some([0, 0, 0, 0])),
    ("cursor", "cursor/cursor-history/multi-parts.jsonl", Some([0, 1, 0, 0])),
    ("cursor", "cursor/cursor-history/user-only.jsonl", Some([1, 0, 0, 0])),
    ("cursor", "cursor/cursor-history/with-tools.jsonl", Some([1, 1, 0, 0])),
];

/// Sessions in databases, which may be kept as the statements that make them, and in directories of many files: slug,
/// file, session, what it is told as.
const STORED: &[(&str, &str, &str, Told)] = &[
    (
        "cursor",
        "cursor/cursor-history-composer-global-state.vscdb",
        "00000000-0016-4016-8016-000000000016",
        Some([1, 1, 0, 0]),
    ),
    ("cursor", "cursor/workspace-state-real-2024-11.vscdb", "cf2ead9f-6bf9-41d0-829e-a7fcae7ddb5a", Some([2, 2, 0, 0])),
    ("cursor", "cursor/workspace-state-real-2024-11.vscdb", "2aa483d1-573c-4039-ae4e-7415e28d2605", Some([1, 1, 0, 0])),
    ("cursor", "cursor/workspace-state-real-2024-11.vscdb", "55076a5c-1876-426b-90ff-36a3daa69fd7", Some([1, 1, 0, 0])),
    ("cursor", "cursor/workspace-state-real-2024-11.vscdb", "8128434b-c308-437a-8245-048c250113ac", Some([1, 1, 0, 0])),
    ("cursor", "cursor/workspace-state-real-2024-11.vscdb", "f73a2965-5b2c-403b-a625-d347ab7107a1", Some([1, 1, 0, 0])),
    ("cursor", "cursor/workspace-state-real-2024-11.vscdb", "33d81a85-badb-4f6e-99b9-96da6038cde9", Some([1, 1, 0, 0])),
    ("opencode", "opencode/v1/opencode.db", "test-session-123", Some([1, 2, 1, 0])),
    ("opencode", "opencode/recorded-1.18.33/opencode.db", "ses_dfce96286ffeCOJ4gwQlQcdD1s", Some([1, 1, 1, 2])),
    ("opencode", "opencode/legacy-storage/message/test-session-123", "test-session-123", Some([1, 2, 1, 0])),
    ("zed", "zed/zed.sql", "registry-zed-legacy", Some([1, 1, 0, 0])),
    ("zed", "zed/zed.sql", "registry-zed-modern", Some([1, 1, 0, 0])),
];

fn told(slug: &str, file: &Path, id: &str) -> Told {
    let reader =
        READERS.iter().find(|reader| reader.assistant.slug() == slug).expect("every assistant is in the table");
    let (id, modified) = (SessionId(id.to_owned()), DateTime::UNIX_EPOCH);
    let made = file.extension().is_some_and(|extension| extension == "sql").then(|| database(file));
    let file = made.as_ref().map_or_else(|| file.to_owned(), |directory| directory.path().join("db"));
    let candidate = Candidate { id, file, modified, named: true, size: 0 };
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

/// The database `db` that such statements make.
fn database(statements: &Path) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let statements = fs::read_to_string(statements).expect("the statements can be read");
    let made = rusqlite::Connection::open(directory.path().join("db")).and_then(|db| db.execute_batch(&statements));
    made.expect("the statements make a database");
    directory
}

#[test]
fn every_transcript_at_hand_is_told_as_it_is_known_to_be() {
    let Some(dir) = fixtures() else {
        println!("skipped: no transcripts beside the checkout, and REAL_SESSIONS names none");
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

/// Those whose sessions lie in databases, which their own tests in `src/chat` make.
const DATABASES: &[&str] = &["cursor", "opencode", "kilo", "goose", "zed"];

/// A file of an invented session: its assistant, its path, its text, and what it is told as. `@` is the repository.
const INVENTED: &[(&str, &str, &str, [usize; 4])] = &[
    (
        "claude-code",
        "5e551011.jsonl",
        r#"{"type":"user","uuid":"1","parentUuid":null,"timestamp":"2026-01-06T10:00:00Z","cwd":"@","message":{"role":"user","content":"go"}}
{"type":"assistant","uuid":"2","parentUuid":"1","timestamp":"2026-01-06T10:00:01Z","cwd":"@","message":{"id":"m","role":"assistant","content":[{"type":"tool_use","id":"t","name":"Write","input":{"file_path":"@/a","content":"x"}}]}}
{"type":"user","uuid":"3","parentUuid":"2","timestamp":"2026-01-06T10:00:02Z","cwd":"@","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"ok"}]}}
{"type":"assistant","uuid":"4","parentUuid":"3","timestamp":"2026-01-06T10:00:03Z","cwd":"@","message":{"id":"n","role":"assistant","content":[{"type":"text","text":"done"}]}}
"#,
        [1, 1, 1, 0],
    ),
    (
        "codex",
        "rollout-2026-01-06T10-00-00-01a20316-4dfa-72a0-9a78-6e6675bc62ed.jsonl",
        r#"{"timestamp":"2026-01-06T10:00:00Z","type":"session_meta","payload":{"id":"01a20316-4dfa-72a0-9a78-6e6675bc62ed","cwd":"@","source":"cli"}}
{"timestamp":"2026-01-06T10:00:00Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>x</environment_context>"}]}}
{"timestamp":"2026-01-06T10:00:01Z","type":"event_msg","payload":{"type":"user_message","message":"go"}}
{"timestamp":"2026-01-06T10:00:02Z","type":"response_item","payload":{"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"make\"}","call_id":"c"}}
{"timestamp":"2026-01-06T10:00:03Z","type":"response_item","payload":{"type":"custom_tool_call","name":"apply_patch","input":"*** Begin Patch\n*** Update File: a\n@@\n*** End Patch","call_id":"d"}}
{"timestamp":"2026-01-06T10:00:04Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"done"}]}}
"#,
        [1, 1, 1, 1],
    ),
    (
        "copilot-vscode",
        "chatSessions/5e551011.json",
        r#"{"version":3,"sessionId":"5e551011","requests":[{"requestId":"r","timestamp":1767693600000,"message":{"text":"go"},"response":[{"value":"done"},{"kind":"textEditGroup","uri":{"path":"@/a","scheme":"file","fsPath":"@/a"},"edits":[[{"text":"x"}]],"done":true}]}]}"#,
        [1, 1, 1, 0],
    ),
    (
        "copilot-cli",
        "5e551011/events.jsonl",
        r#"{"type":"session.start","id":"0","timestamp":"2026-01-06T10:00:00Z","data":{"sessionId":"5e551011","copilotVersion":"1.0","context":{"cwd":"@"}}}
{"type":"user.message","id":"1","timestamp":"2026-01-06T10:00:01Z","data":{"content":"go"}}
{"type":"assistant.message","id":"2","timestamp":"2026-01-06T10:00:02Z","data":{"messageId":"m","content":"done"}}
{"type":"tool.execution_start","id":"3","timestamp":"2026-01-06T10:00:03Z","data":{"toolCallId":"c","toolName":"bash","arguments":{"command":"make"}}}
{"type":"tool.execution_complete","id":"4","timestamp":"2026-01-06T10:00:04Z","data":{"toolCallId":"c","success":true,"result":{"content":"ok"}}}
"#,
        [1, 1, 0, 1],
    ),
    (
        "gemini-cli",
        "session-2026-01-06T10-00-5e551011.jsonl",
        r#"{"sessionId":"5e551011","kind":"main","startTime":"2026-01-06T10:00:00Z"}
{"id":"u","type":"user","timestamp":"2026-01-06T10:00:01Z","content":[{"text":"go"}]}
{"id":"g","type":"gemini","timestamp":"2026-01-06T10:00:02Z","content":"done","toolCalls":[{"id":"c","name":"write_file","args":{"file_path":"@/a"},"status":"success"},{"id":"d","name":"run_shell_command","args":{"command":"make"},"status":"success"}]}
"#,
        [1, 1, 1, 1],
    ),
    (
        "cline",
        "sessions/5e551011/5e551011.messages.json",
        r#"{"messages":[{"role":"user","ts":1767693600000,"content":[{"type":"text","text":"go"}]},{"role":"assistant","ts":1767693601000,"content":[{"type":"text","text":"done"}]}]}"#,
        [1, 1, 0, 0],
    ),
    (
        "roo-code",
        "tasks/1767693600000/api_conversation_history.json",
        r#"[{"role":"user","ts":1767693600000,"content":[{"type":"text","text":"<task>go</task>"}]},{"role":"assistant","ts":1767693601000,"content":[{"type":"text","text":"I write it."},{"type":"tool_use","id":"c","name":"write_to_file","input":{"path":"a","content":"x"}}]},{"role":"user","ts":1767693602000,"content":[{"type":"tool_result","tool_use_id":"c","content":"ok"}]}]"#,
        [1, 1, 1, 0],
    ),
    (
        "aider",
        ".aider.chat.history.md",
        "\n# aider chat started at 2026-01-06 10:00:00\n\n#### go  \n\ndone\n\n> Applied edit to a\n> Commit abc1234 change a\n",
        [1, 1, 1, 1],
    ),
    (
        "qwen-code",
        "5e551011.jsonl",
        r#"{"uuid":"1","parentUuid":null,"sessionId":"5e551011","timestamp":"2026-01-06T10:00:00Z","type":"user","cwd":"@","message":{"role":"user","parts":[{"text":"go"}]}}
{"uuid":"2","parentUuid":"1","sessionId":"5e551011","timestamp":"2026-01-06T10:00:01Z","type":"assistant","cwd":"@","message":{"role":"model","parts":[{"text":"done"},{"functionCall":{"id":"f","name":"edit","args":{"file_path":"@/a"}}}]}}
"#,
        [1, 1, 1, 0],
    ),
    (
        "droid",
        "5e551011.jsonl",
        r#"{"type":"session_start","id":"5e551011","cwd":"@"}
{"type":"message","id":"1","timestamp":"2026-01-06T10:00:00Z","message":{"role":"user","content":[{"type":"text","text":"go"}]}}
{"type":"message","id":"2","parentId":"1","timestamp":"2026-01-06T10:00:01Z","message":{"role":"assistant","content":[{"type":"text","text":"done"},{"type":"tool_use","id":"c","name":"Edit","input":{"file_path":"@/a"}}]}}
"#,
        [1, 1, 1, 0],
    ),
    (
        "pi",
        "2026-01-06T10-00-00_5e551011.jsonl",
        r#"{"type":"session","version":3,"id":"5e551011","timestamp":"2026-01-06T10:00:00Z","cwd":"@"}
{"type":"message","id":"1","parentId":null,"timestamp":"2026-01-06T10:00:01Z","message":{"role":"user","content":"go"}}
{"type":"message","id":"2","parentId":"1","timestamp":"2026-01-06T10:00:02Z","message":{"role":"assistant","content":[{"type":"text","text":"done"},{"type":"toolCall","id":"c","name":"bash","arguments":{"command":"make"}}]}}
"#,
        [1, 1, 0, 1],
    ),
    (
        "antigravity",
        "brain/5e551011/.system_generated/logs/transcript_full.jsonl",
        r#"{"step_index":0,"source":"USER_EXPLICIT","type":"USER_INPUT","status":"DONE","created_at":"2026-01-06T10:00:00Z","content":"<USER_REQUEST>\ngo\n</USER_REQUEST>"}
{"step_index":1,"source":"MODEL","type":"PLANNER_RESPONSE","status":"DONE","created_at":"2026-01-06T10:00:01Z","content":"I run it.","tool_calls":[{"name":"run_command","args":{"CommandLine":"\"make\"","Cwd":"\"@\""}}]}
{"step_index":2,"source":"MODEL","type":"RUN_COMMAND","status":"DONE","created_at":"2026-01-06T10:00:02Z","content":"The command exited with code 0.\nStdout:\nok"}
{"step_index":3,"source":"MODEL","type":"PLANNER_RESPONSE","status":"DONE","created_at":"2026-01-06T10:00:03Z","tool_calls":[{"name":"write_to_file","args":{"TargetFile":"@/a"}}]}
"#,
        [1, 1, 1, 1],
    ),
    (
        "continue",
        "sessions/5e551011.json",
        r#"{"sessionId":"5e551011","workspaceDirectory":"@","history":[{"message":{"role":"user","content":"go"},"contextItems":[]},{"message":{"role":"assistant","content":"done"},"contextItems":[],"toolCallStates":[{"toolCallId":"c","toolCall":{"id":"c","type":"function","function":{"name":"Write","arguments":"{\"filepath\":\"a\"}"}},"status":"done","output":[]},{"toolCallId":"d","toolCall":{"id":"d","type":"function","function":{"name":"Bash","arguments":"{\"command\":\"make\"}"}},"status":"done","output":[]}]}]}"#,
        [1, 1, 1, 1],
    ),
    (
        "amp",
        "T-5e551011.json",
        r#"{"v":1,"id":"T-5e551011","created":1767693600000,"env":{"initial":{"trees":[{"displayName":"repo","uri":"file://@"}]}},"messages":[{"role":"user","messageId":0,"content":[{"type":"text","text":"go"}],"meta":{"sentAt":1767693600000}},{"role":"assistant","messageId":1,"content":[{"type":"text","text":"done"},{"type":"tool_use","id":"t","name":"Bash","input":{"cmd":"make"}},{"type":"tool_use","id":"u","name":"create_file","input":{"path":"@/a","content":"x"}}]},{"role":"user","messageId":2,"content":[{"type":"tool_result","toolUseID":"t","run":{"status":"done","result":{"output":"ok","exitCode":0}}}]}]}"#,
        [1, 1, 1, 1],
    ),
];

#[test]
fn an_invented_session_of_every_assistant_is_told_and_what_is_no_session_is_a_gap_or_silence() {
    let dir = tempfile::tempdir().unwrap();
    let known: Vec<&str> = INVENTED.iter().map(|(slug, ..)| *slug).collect();
    let slugs = READERS.iter().map(|reader| reader.assistant.slug()).filter(|slug| !DATABASES.contains(slug));
    assert_eq!(known, slugs.collect::<Vec<_>>(), "one for each reader");
    for (slug, path, text, expected) in INVENTED {
        let file = dir.path().join(slug).join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text.replace('@', "/repo")).unwrap();
        assert_eq!(told(slug, &file, "fixture"), Some(*expected), "{slug}");
        assert_eq!(told(slug, dir.path(), "fixture"), None, "{slug}: a directory");
        assert_eq!(told(slug, &dir.path().join("gone"), "fixture"), None, "{slug}: nothing");
        fs::write(&file, b"\xff\x00 no session\n{\"type\": [}\n").unwrap();
        assert!(matches!(told(slug, &file, "fixture"), None | Some([0, 0, 0, 0])), "{slug}: other bytes");
    }
}
