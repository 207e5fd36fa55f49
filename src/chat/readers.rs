//! The table of readers: one line for each assistant.
//!
//! In: nothing. Out: [`READERS`], in the order in which assistants are listed to people.
//! Never here: what a reader does.

use super::reader::Reader;
use super::{
    aider, amp, antigravity, claude_code, cline, codex, continue_dev, copilot, cursor_editor, droid, gemini_cli, goose,
    opencode, pi, qwen_code, zed,
};

/// Every assistant that can be read.
pub const READERS: &[Reader] = &[
    claude_code::READER,
    codex::READER,
    copilot::vscode::READER,
    copilot::cli::READER,
    gemini_cli::READER,
    cline::READER,
    cline::ROO_READER,
    aider::READER,
    qwen_code::READER,
    droid::READER,
    pi::READER,
    antigravity::READER,
    cursor_editor::READER,
    opencode::READER,
    opencode::KILO_READER,
    goose::READER,
    zed::READER,
    continue_dev::READER,
    amp::READER,
];

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;
    use crate::chat::message::{SessionId, Wanted};
    use crate::chat::reader::Candidate;
    use crate::env::Deadline;

    #[test]
    fn every_assistant_stands_in_the_table_once_in_the_order_of_all() {
        let listed: Vec<_> = READERS.iter().map(|reader| reader.assistant).collect();
        assert!(listed.is_sorted() && listed.windows(2).all(|pair| pair[0] != pair[1]), "{listed:?}");
    }

    /// Records as several assistants write them.
    const RECORDS: &[&str] = &[
        r#"{"type":"session_meta","timestamp":"2026-01-01T00:00:00Z","payload":{"id":"t","cwd":"/repo","source":"cli"}}"#,
        r#"{"type":"response_item","timestamp":"2026-01-01T00:00:01Z","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":[\"sh\",\"-c\",\"make\"]}","call_id":"c"}}"#,
        r#"{"type":"event_msg","timestamp":"2026-01-01T00:00:02Z","payload":{"type":"thread_rolled_back","num_turns":1}}"#,
        r#"{"type":"user","uuid":"1","parentUuid":null,"timestamp":"2026-01-01T00:00:01Z","cwd":"/repo","message":{"parts":[{"text":"go"}],"content":"go"}}"#,
        r#"{"type":"assistant","uuid":"2","parentUuid":"1","timestamp":"2026-01-01T00:00:02Z","message":{"parts":[{"functionCall":{"id":"f","name":"edit","args":{"file_path":"a"}}}]}}"#,
        r#"{"type":"session_start","id":"s","cwd":"/repo"}"#,
        r#"{"type":"message","id":"m","parentId":"1","timestamp":"2026-01-01T00:00:01Z","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"exit code: 1"}]}}"#,
        r#"{"type":"message","id":"n","parentId":"m","timestamp":1767225600000,"message":{"role":"assistant","content":[{"type":"toolCall","id":"x","name":"bash","arguments":{"command":"make"}}]}}"#,
    ];

    fn mangled() -> impl Strategy<Value = Vec<u8>> {
        let cut = (any::<prop::sample::Index>(), 0usize..40, proptest::collection::vec(any::<u8>(), 0..4));
        let cuts = proptest::collection::vec(cut, 0..6);
        (proptest::sample::subsequence(RECORDS, 3..=RECORDS.len()), cuts).prop_map(|(records, cuts)| {
            let mut bytes = (records.join("\n") + "\n").into_bytes();
            for (from, length, insert) in cuts {
                let from = from.index(bytes.len().max(1));
                let to = (from + length).min(bytes.len());
                bytes.splice(from..to, insert);
            }
            bytes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_a_reader_panic(bytes in prop_oneof![proptest::collection::vec(any::<u8>(), 0..300), mangled()]) {
            let dir = tempfile::tempdir().unwrap();
            let file = dir.path().join("s.jsonl");
            std::fs::write(&file, bytes).unwrap();
            let at = "2026-01-01T00:00:01Z".parse().unwrap();
            let candidate = Candidate { id: SessionId("s".to_owned()), file, modified: at, named: true, size: 0 };
            let wanted =
                Wanted { roots: vec![PathBuf::from("/repo")], named: Vec::new(), since: at, until: at, thorough: true };
            for reader in READERS {
                if let Ok(Some(session)) = (reader.read)(&candidate, &wanted, Deadline::NONE) {
                    prop_assert!(session.events.iter().all(|event| event.at <= at));
                    let ids: std::collections::HashSet<&str> = session.events.iter().map(|event| event.id.as_str()).collect();
                    prop_assert_eq!(ids.len(), session.events.len());
                }
            }
        }
    }
}
