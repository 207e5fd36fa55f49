//! A thread with all that was done for it.
//!
//! In: a candidate, and what is wanted. Out: a [`Session`], nothing when it is not of this repository or no human's, or a
//! [`Gap`]. Never here: how a record is written.

use super::record::{self, Kind};
use super::{agents, packed, thread};
use crate::chat::message::{Assistant, Gap, Session, Wanted};
use crate::chat::place;
use crate::chat::reader::Candidate;
use crate::chat::transcript;
use crate::env::Deadline;

/// Reads the wanted span of a thread, with the edits and commands of the agents that it spawned.
///
/// Without time to be thorough, a thread that was started outside all roots is not looked into unless it is named: one
/// that went over to this repository later is found when there is time.
///
/// # Errors
/// The rollout cannot be opened, or nothing of it could be read in time.
pub(super) fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let gap = |error: std::io::Error| Gap {
        assistant: Assistant::Codex,
        source: candidate.file.clone(),
        reason: format!("cannot read it: {error}"),
    };
    let mut source = packed::open(&candidate.file, deadline).map_err(gap)?;
    let head = transcript::first_line(&mut source, record::head).map_err(gap)?.unwrap_or_default();
    let elsewhere = || head.entry.directory.as_ref().is_some_and(|dir| !place::inside(dir.as_ref(), &wanted.roots));
    match head.kind {
        Kind::Internal => return Ok(None),
        // Read with its parent.
        Kind::SubAgent if !candidate.named => return Ok(None),
        _ if !candidate.named && !wanted.thorough && elsewhere() => return Ok(None),
        _ => {}
    }
    let spawned = agents::Spawned::default();
    let Some(mut session) = thread::thread(source, &head, &|fields| spawned.note(fields), candidate, wanted, deadline)?
    else {
        return Ok(None);
    };
    if head.kind == Kind::SubAgent {
        thread::without_words(&mut session);
    }
    agents::add(&mut session, &spawned, wanted, deadline);
    Ok(Some(session))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::chat::message::{EventKind, Outcome, SessionId};

    fn minute(minute: u32) -> String {
        format!("2026-11-22T12:{minute:02}:00.000Z")
    }

    fn line(at: u32, kind: &str, payload: &Value) -> String {
        json!({"timestamp": minute(at), "type": kind, "payload": payload}).to_string() + "\n"
    }

    fn meta(more: &Value) -> String {
        let mut payload = json!({"id": "01a20316-4dfa-72a0-9a78-6e6675bc62ed", "cwd": "/repo", "cli_version": "0.169.0", "source": "cli"});
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line(0, "session_meta", &payload)
    }

    fn prompt(at: u32, text: &str) -> String {
        let sent = json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]});
        line(at, "response_item", &sent) + &line(at, "event_msg", &json!({"type": "user_message", "message": text}))
    }

    fn reply(at: u32, text: &str) -> String {
        let sent = json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]});
        line(at, "event_msg", &json!({"type": "agent_message", "message": text})) + &line(at, "response_item", &sent)
    }

    fn run(at: u32, id: &str, command: &str, exit: i32) -> String {
        let arguments = json!({"cmd": command}).to_string();
        let call = json!({"type": "function_call", "name": "exec_command", "arguments": arguments, "call_id": id});
        let output = format!("Wall time: 1\nProcess exited with code {exit}\nOutput:\nlast line");
        let came = json!({"type": "function_call_output", "call_id": id, "output": output});
        line(at, "response_item", &call) + &line(at, "response_item", &came)
    }

    fn edit(at: u32, id: &str, path: &str) -> String {
        let input = format!("*** Begin Patch\n*** Update File: {path}\n@@\n*** End Patch");
        line(
            at,
            "response_item",
            &json!({"type": "custom_tool_call", "name": "apply_patch", "input": input, "call_id": id}),
        )
    }

    fn wanted(since: u32, until: u32) -> Wanted {
        let at = |at: u32| minute(at).parse::<DateTime<Utc>>().unwrap();
        Wanted {
            roots: vec![PathBuf::from("/repo")],
            named: Vec::new(),
            since: at(since),
            until: at(until),
            thorough: false,
        }
    }

    fn candidate(file: &Path) -> Candidate {
        Candidate {
            id: SessionId("s".to_owned()),
            file: file.to_owned(),
            modified: wanted(0, 0).until,
            named: false,
            size: 0,
        }
    }

    fn session_of(text: &[u8], wanted: &Wanted) -> Option<Session> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("rollout.jsonl");
        fs::write(&file, text).unwrap();
        read(&candidate(&file), wanted, Deadline::NONE).unwrap()
    }

    fn told(session: &Session) -> Vec<String> {
        let tell = |kind: &EventKind| match kind {
            EventKind::Prompt(text) => format!("P {text}"),
            EventKind::Reply(text) => format!("R {text}"),
            EventKind::Edit { path } => format!("E {}", path.to_string_lossy().replace('\\', "/")),
            EventKind::Command { line, outcome: Outcome::Failed { exit, output } } => {
                format!("C {line} {exit:?} {output}")
            }
            EventKind::Command { line, outcome } => format!("C {line} {outcome:?}"),
            other => format!("{other:?}"),
        };
        session.events.iter().map(|event| tell(&event.kind)).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(told(&session_of(text.as_bytes(), &wanted(0, 59)).unwrap()), expected);
    }

    #[test]
    fn what_stands_there_twice_is_told_once() {
        let mut text = meta(&json!({}));
        text += &line(1, "turn_context", &json!({"cwd": "/repo/sub", "model": "gpt-5.3-codex"}));
        let injected = json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a text of a newer version"}]});
        text += &line(1, "response_item", &injected);
        text += &(prompt(1, "do it") + &run(2, "c1", "make", 0) + &run(2, "c2", "make test", 2));
        let item = json!({"type": "CommandExecution", "id": "c2", "command": ["bash", "-lc", "make test"], "status": "failed", "exit_code": 2, "aggregated_output": "last line"});
        text += &line(2, "event_msg", &json!({"type": "item_completed", "item": item}));
        text += &(edit(3, "c3", "a.rs") + &reply(4, "done"));
        check(&text, &["P do it", "C make Passed", "C make test Some(2) last line", "E /repo/sub/a.rs", "R done"]);
        let session = session_of(text.as_bytes(), &wanted(0, 59)).unwrap();
        assert_eq!((session.version.as_deref(), session.model.as_deref()), (Some("0.169.0"), Some("gpt-5.3-codex")));
        assert_eq!(session.directories, [PathBuf::from("/repo"), PathBuf::from("/repo/sub")]);
    }

    #[test]
    fn a_prompt_that_is_written_down_again_after_a_stop_is_told_once() {
        let stop = line(2, "event_msg", &json!({"type": "turn_aborted", "reason": "interrupted"}));
        check(&(meta(&json!({})) + &prompt(1, "go") + &stop + &prompt(3, "go")), &["P go", "Interruption"]);
    }

    #[test]
    fn the_span_comes_with_the_exchange_before_and_no_more_is_read() {
        let mut text = meta(&json!({}));
        for at in 1..50 {
            text += &prompt(at, &format!("ask {at}"));
            for n in 0..30 {
                text += &run(at, &format!("{at}.{n}"), "make", 0);
            }
            text += &reply(at, &format!("said {at}"));
        }
        let session = session_of(text.as_bytes(), &wanted(40, 41)).unwrap();
        let said: Vec<String> = told(&session).into_iter().filter(|told| !told.starts_with('C')).collect();
        let expected: Vec<String> = (38..=41).flat_map(|at| [format!("P ask {at}"), format!("R said {at}")]).collect();
        assert!(session.complete);
        assert_eq!(said, expected);
    }

    #[test]
    fn a_fork_does_not_tell_its_parents_history_again() {
        let old = json!({"type": "task_started", "turn_id": "019c8bfe-ec25-79e0-97d7-bda6a9c575ff"});
        let new = json!({"type": "task_started", "turn_id": "01a20316-4e55-7651-b71a-3f178b2c67e0"});
        let parent = line(0, "session_meta", &json!({"id": "p", "cwd": "/elsewhere", "cli_version": "0.1"}));
        let text = meta(&json!({"forked_from_id": "p"}))
            + &parent
            + &line(1, "event_msg", &old)
            + &prompt(1, "old")
            + &reply(1, "told")
            + &line(2, "event_msg", &new)
            + &prompt(2, "new");
        let session = session_of(text.as_bytes(), &wanted(0, 59)).unwrap();
        assert_eq!(told(&session), ["P new"]);
        assert_eq!((session.version.as_deref(), session.directories.len()), (Some("0.169.0"), 1));
    }

    #[test]
    fn a_thread_of_elsewhere_is_looked_into_only_when_there_is_time() {
        let text = meta(&json!({"cwd": "/elsewhere"})) + &prompt(1, "go") + &edit(2, "c", "/repo/a.rs");
        let thorough = Wanted { thorough: true, ..wanted(0, 59) };
        assert_eq!(session_of(text.as_bytes(), &wanted(0, 59)), None);
        assert_eq!(told(&session_of(text.as_bytes(), &thorough).unwrap()), ["P go", "E /repo/a.rs"]);
        let other = meta(&json!({"cwd": "/elsewhere"})) + &prompt(1, "go");
        assert_eq!(session_of(other.as_bytes(), &thorough), None);
    }

    #[test]
    fn an_agent_that_was_spawned_works_for_its_parent_and_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let id = "01a20316-4e55-7651-b71a-3f178b2c67e0";
        let own = dir.path().join("rollout-2026-11-22T11-48-43-01a20316-4dfa-72a0-9a78-6e6675bc62ed.jsonl");
        let child = dir.path().join(format!("rollout-2026-11-22T11-48-44-{id}.jsonl"));
        let spawned = json!({"type": "sub_agent_activity", "agent_thread_id": id, "kind": "started"});
        fs::write(&own, meta(&json!({})) + &prompt(1, "go") + &line(1, "event_msg", &spawned) + &reply(9, "done"))
            .unwrap();
        let source = json!({"source": {"subagent": {"thread_spawn": {"parent_thread_id": "p"}}}});
        fs::write(&child, meta(&source) + &prompt(2, "find it") + &edit(3, "c", "b.rs") + &reply(4, "found")).unwrap();
        let session = read(&candidate(&own), &wanted(0, 59), Deadline::NONE).unwrap().unwrap();
        assert_eq!(told(&session), ["P go", "E /repo/b.rs", "R done"]);
        assert_eq!(read(&candidate(&child), &wanted(0, 59), Deadline::NONE).unwrap(), None);
        let named = Candidate { named: true, ..candidate(&child) };
        assert_eq!(told(&read(&named, &wanted(0, 59), Deadline::NONE).unwrap().unwrap()), ["E /repo/b.rs"]);
    }

    #[test]
    fn what_cannot_be_read_is_a_gap() {
        let dir = tempfile::tempdir().unwrap();
        let gone = read(&candidate(&dir.path().join("gone")), &wanted(0, 1), Deadline::NONE).unwrap_err();
        assert!(gone.source.ends_with("gone") && gone.reason.starts_with("cannot read it"));
        assert!(read(&candidate(dir.path()), &wanted(0, 1), Deadline::NONE).is_err());
        let file = dir.path().join("r.jsonl");
        fs::write(&file, meta(&json!({})) + &prompt(1, "go")).unwrap();
        assert!(read(&candidate(&file), &wanted(0, 1), Deadline::after(std::time::Duration::ZERO)).is_err());
        fs::write(dir.path().join("r.jsonl.zst"), "no zstd").unwrap();
        assert!(read(&candidate(&dir.path().join("r.jsonl.zst")), &wanted(0, 1), Deadline::NONE).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic_or_fail(
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..40, proptest::collection::vec(any::<u8>(), 0..4)), 0..6),
            noise in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = (meta(&json!({})) + &prompt(1, "go") + &run(1, "a", "make", 1) + &edit(2, "b", "a.rs") + &reply(3, "x")).into_bytes();
            for (from, length, insert) in cuts {
                let from = from.index(bytes.len());
                let to = (from + length).min(bytes.len());
                bytes.splice(from..to, insert);
            }
            session_of(&noise, &Wanted { thorough: true, ..wanted(0, 59) });
            if let Some(session) = session_of(&bytes, &wanted(1, 2)) {
                prop_assert!(session.events.iter().all(|event| event.at <= wanted(1, 2).until));
            }
        }
    }
}
