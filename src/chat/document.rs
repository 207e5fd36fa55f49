//! Transcripts that only make sense as a whole: one JSON document, or a log of operations on one.
//!
//! In: a file that another program writes. Out: its text, within a limit of size and time, and lenient ways into JSON.
//! Never here: a guess at what a value means, or a panic on any bytes.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use memchr::memmem;
use serde_json::Value;

use super::jsonl;
use super::message::{Assistant, Gap};
use crate::env::Deadline;

/// The largest document that is read. A long day's session has a few megabytes; what is larger holds pictures.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// How much can be read and parsed in a millisecond at the least. Parsing cannot be stopped half-way, so a document that
/// would not be done before the deadline is not begun.
const BYTES_PER_MS: u128 = 64 * 1024;

/// The bytes of a document.
///
/// # Errors
/// It is gone, no regular file, too large, too large for the time left, or cannot be read.
pub fn read(assistant: Assistant, path: &Path, deadline: Deadline) -> Result<Vec<u8>, Gap> {
    let gap = |reason: String| Gap { assistant, source: path.to_owned(), reason };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let meta = fs::metadata(path).map_err(|error| gap(format!("cannot read it: {error}")))?;
    if !meta.is_file() {
        return Err(gap("cannot read it: it is not a regular file".to_owned()));
    }
    if meta.len() > LARGEST {
        return Err(gap(format!("it is larger than {} MB", LARGEST / 1024 / 1024)));
    }
    if deadline.left().is_some_and(|left| u128::from(meta.len()) > left.as_millis() * BYTES_PER_MS) {
        return Err(gap("it is too large to be read in time".to_owned()));
    }
    let bytes = crate::fs::read(path, LARGEST).map_err(|error| gap(format!("{error:#}")))?;
    bytes.ok_or_else(|| gap("it vanished before it could be read".to_owned()))
}

/// A small file of settings or of an index as JSON; `None` when it is not there, or not that.
#[must_use]
pub fn small(path: &Path) -> Option<Value> {
    const LIMIT: u64 = 4 * 1024 * 1024;
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    value(&crate::fs::read(path, LIMIT).ok()??)
}

/// A document as JSON.
#[must_use]
pub fn value(bytes: &[u8]) -> Option<Value> {
    let text = jsonl::text(bytes);
    serde_json::from_str(&with_whole_pairs(text.trim_start_matches('\u{feff}'))).ok()
}

/// The objects in a line, normally one.
#[must_use]
pub fn objects(line: &[u8]) -> Vec<Value> {
    jsonl::objects(&with_whole_pairs(&jsonl::text(line)))
}

/// The objects in all lines.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Value> + '_ {
    bytes.split(|byte| *byte == b'\n').flat_map(objects)
}

/// The text at a place (RFC 6901), trimmed, unless it is empty.
#[must_use]
pub fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    Some(value.pointer(pointer)?.as_str()?.trim()).filter(|text| !text.is_empty())
}

/// The list at a place; empty when there is none.
#[must_use]
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The instant at a place: RFC 3339, or milliseconds since 1970.
#[must_use]
pub fn time(value: &Value, pointer: &str) -> Option<DateTime<Utc>> {
    match value.pointer(pointer)? {
        Value::String(text) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
        number => {
            #[expect(clippy::cast_possible_truncation, reason = "a fraction of a millisecond orders nothing")]
            let ms = number.as_i64().or_else(|| number.as_f64().map(|ms| ms as i64))?;
            DateTime::from_timestamp_millis(ms)
        }
    }
}

/// Programs that cut text at any place leave half a surrogate pair (`\ud83d`), which is no JSON; it becomes `\ufffd`.
fn with_whole_pairs(text: &str) -> Cow<'_, str> {
    if memmem::find(text.as_bytes(), b"\\ud").is_none() && memmem::find(text.as_bytes(), b"\\uD").is_none() {
        return Cow::Borrowed(text);
    }
    let unit = |rest: &str| u16::from_str_radix(rest.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match unit(rest) {
            Some(0xD800..=0xDBFF) if matches!(unit(&rest[6..]), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                whole.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            Some(_) => 6,
            // The backslash and what it escapes.
            None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        whole.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn half_a_pair_harms_nothing_around_it() {
        let check = |text: &str, expected: &str| assert_eq!(with_whole_pairs(text), expected);
        check(r#""\ud83d\ude00 ok""#, r#""\ud83d\ude00 ok""#);
        check(r#""cut \ud83d""#, r#""cut \ufffd""#);
        check(r#""\ude00\uD83Dx""#, r#""\ufffd\ufffdx""#);
        check(r#""\\ud83d \n\u0041""#, r#""\\ud83d \n\u0041""#);
        assert_eq!(value(b"\xef\xbb\xbf{\"a\":\"\\ud83d\"}"), Some(json!({"a": "\u{fffd}"})));
    }

    #[test]
    fn instants_are_rfc_3339_or_milliseconds() {
        let check = |value: Value| time(&value, "").map(|at| at.timestamp_millis());
        assert_eq!(check(json!("2026-01-01T00:00:00.5Z")), Some(1_767_225_600_500));
        assert_eq!(check(json!(1_767_225_600_500_i64)), Some(1_767_225_600_500));
        assert_eq!(check(json!(1_767_225_600_500.75)), Some(1_767_225_600_500));
        assert_eq!((check(json!("soon")), check(json!(1e300)), check(json!(null))), (None, None, None));
    }

    #[test]
    fn what_cannot_be_read_is_a_gap_and_nothing_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        fs::write(&file, "x".repeat(1000)).unwrap();
        let read = |path: &Path, deadline| super::read(Assistant::GeminiCli, path, deadline);
        assert_eq!(read(&file, Deadline::NONE).unwrap().len(), 1000);
        assert!(read(&file, Deadline::after(Duration::ZERO)).unwrap_err().reason.contains("in time"));
        assert!(read(dir.path(), Deadline::NONE).is_err());
        assert!(read(&dir.path().join("absent"), Deadline::NONE).is_err());
        fs::File::options().write(true).open(&file).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(read(&file, Deadline::NONE).unwrap_err().reason.contains("larger than 64 MB"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_is_not_opened() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
        assert!(read(Assistant::GeminiCli, &pipe, Deadline::NONE).is_err());
        assert_eq!(small(&pipe), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"(\\u[dD][89cC][0-9]{2}|\\u[0-9a-f]{0,4}|\\|["{}:é]|\PC){0,12}"#) {
            with_whole_pairs(&text);
            drop(objects(text.as_bytes()));
        }
    }
}
