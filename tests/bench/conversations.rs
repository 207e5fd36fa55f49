//! Made-up transcripts in the form of Claude Code's.
//!
//! In: where, how long, and when. Out: files. Never here: anything that was really said.

use std::fmt::Write as _;
use std::fs::{File, FileTimes};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::settings::{Litter, Session};

/// When the measured commit is made, in seconds since 1970: 2026-01-06T15:02:06Z.
pub(crate) const COMMITTED: i64 = 1_767_711_726;

/// How long before it its parent was made, in seconds.
pub(crate) const AGE_OF_PARENT: i64 = 3_600;

/// Between the two commits, and further back than anything is looked for; in seconds before the commit.
pub(crate) const NEAR: i64 = 600;
pub(crate) const FAR: i64 = 90 * 86_400;

/// The prompt of the session that led to the commit.
pub(crate) const PROMPT: &str = "Let the parser keep the order of the keys";

/// Where Claude Code keeps the transcripts of sessions in `directory`.
fn project(home: &Path, directory: &Path) -> PathBuf {
    let name = directory.to_str().unwrap().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let path = home.join(".claude/projects").join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Writes transcripts that have nothing to do with the commit.
pub(crate) fn litter(home: &Path, repository: &Path, litter: Litter) {
    for nth in 0..litter.files {
        let own = litter.own > 0 && nth.is_multiple_of(litter.own);
        let directory =
            if own { repository.to_owned() } else { PathBuf::from(format!("/home/ada/project-{}", nth % 25)) };
        let id = format!("{nth:08x}-0000-4000-8000-000000000000");
        let mut text = String::new();
        older(&mut text, &id, &directory, COMMITTED - litter.said, u64::from(litter.kilobytes) << 10);
        save(&project(home, &directory).join(format!("{id}.jsonl")), &text, COMMITTED - litter.written);
    }
}

/// Writes the session that led to the commit.
pub(crate) fn session(home: &Path, repository: &Path, session: Session) {
    let id = "488c5296-fc78-4d3a-9d61-000000000000";
    let mut text = String::new();
    let parent = COMMITTED - AGE_OF_PARENT;
    older(&mut text, id, repository, parent - 60, u64::from(session.megabytes) << 20);
    let end = if session.live { 2 } else { 300 };
    let start = COMMITTED - end - 600;
    record(&mut text, id, repository, start, "user", &format!(r#""content":"{PROMPT}""#));
    for step in 0..8 {
        let at = start + 10 + step * 60;
        let file = repository.join("src/parser.rs");
        let input = format!(r#"{{"file_path":"{}","old_string":"a","new_string":"b"}}"#, file.display());
        exchange(&mut text, id, repository, at, "Edit", &input, "The file has been updated.");
        exchange(&mut text, id, repository, at + 20, "Bash", r#"{"command":"cargo test"}"#, "test result: ok.");
    }
    let done =
        r#""id":"m","model":"claude-opus-5-5","content":[{"type":"text","text":"Done: the keys keep their order."}]"#;
    record(&mut text, id, repository, COMMITTED - end, "assistant", done);
    save(&project(home, repository).join(format!("{id}.jsonl")), &text, COMMITTED - end);
}

/// Turns of conversation, so many bytes of them, the last at `until`.
fn older(text: &mut String, id: &str, directory: &Path, until: i64, bytes: u64) {
    let output = "warning: unused variable: `left`\\n  --> src/other.rs:12:9\\n".repeat(40);
    // A turn below has some 6,700 bytes, and takes a minute.
    let turns = i64::try_from(bytes / 6_700).unwrap().max(1);
    for turn in 0..turns {
        let at = until - (turns - turn) * 60;
        record(text, id, directory, at, "user", r#""content":"What does the build say now?""#);
        for step in 0..2 {
            exchange(text, id, directory, at + 10 + step, "Bash", r#"{"command":"cargo build"}"#, &output);
        }
        let said = r#""id":"m","model":"claude-opus-5-5","content":[{"type":"text","text":"Two warnings are left."}]"#;
        record(text, id, directory, at + 50, "assistant", said);
    }
}

/// The use of a tool and its result.
fn exchange(text: &mut String, id: &str, directory: &Path, at: i64, tool: &str, input: &str, output: &str) {
    let call = text.len();
    let used = format!(
        r#""id":"m","model":"claude-opus-5-5","content":[{{"type":"tool_use","id":"toolu_{call}","name":"{tool}","input":{input}}}]"#
    );
    record(text, id, directory, at, "assistant", &used);
    let result = format!(
        r#""content":[{{"type":"tool_result","tool_use_id":"toolu_{call}","content":"{output}","is_error":false}}]"#
    );
    record(text, id, directory, at + 1, "user", &result);
}

/// One line. Each follows the one before, which its id names: the place in the file.
fn record(text: &mut String, id: &str, directory: &Path, at: i64, role: &str, message: &str) {
    let before = text[..text.len().saturating_sub(1)].rfind('\n').map_or(0, |end| end + 1);
    let parent = if text.is_empty() { "null".to_owned() } else { format!(r#""{id}-{before}""#) };
    writeln!(
        text,
        r#"{{"parentUuid":{parent},"isSidechain":false,"userType":"external","cwd":"{}","sessionId":"{id}","version":"2.1.0","gitBranch":"main","type":"{role}","message":{{"role":"{role}",{message}}},"uuid":"{id}-{}","timestamp":"{}"}}"#,
        directory.display(),
        text.len(),
        time(at)
    )
    .unwrap();
}

/// RFC 3339 in UTC.
fn time(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap().format("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn save(path: &Path, text: &str, written: i64) {
    let mut file = File::create(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let written = SystemTime::UNIX_EPOCH + Duration::from_secs(written.unsigned_abs());
    file.set_times(FileTimes::new().set_modified(written)).unwrap();
}
