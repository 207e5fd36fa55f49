//! The messages of a session, as they stand after everything that was done to them.
//!
//! In: the bytes of a `.json` document or of a `.jsonl` log. Out: [`Log`]: the messages in order, and what heads them.
//! Never here: what a message says.
//!
//! In a log, a message is written again under its id when something is added to it, `$set` sets fields of the document
//! (its `messages` all at once), and `$rewindTo` takes away a message and all after it.

use std::collections::HashMap;

use serde_json::Value;

use crate::chat::document;

/// A session's document.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Log {
    pub(super) messages: Vec<Value>,
    pub(super) session: Option<String>,
    pub(super) project_hash: Option<String>,
    pub(super) directories: Vec<String>,
    /// Whether anything was understood.
    pub(super) any: bool,
    places: HashMap<String, usize>,
}

impl Log {
    /// The document in these bytes: of one piece, or a log.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut log = Self::default();
        // A document of several lines begins with a brace alone; a log of one line is a document as well.
        let whole = document::value(bytes).filter(|value| value.get("messages").is_some());
        match whole {
            Some(mut document) => log.set(&mut document),
            None => document::lines(bytes).for_each(|line| log.apply(line)),
        }
        log
    }

    fn apply(&mut self, mut line: Value) {
        if let Some(id) = line.get("$rewindTo") {
            self.any = true;
            let from = id.as_str().and_then(|id| self.places.get(id)).copied().unwrap_or(0);
            self.messages.truncate(from);
            self.places.retain(|_, place| *place < from);
        } else if let Some(set) = line.get_mut("$set") {
            self.set(set);
        } else if line.get("type").is_some() {
            self.any = true;
            self.add(line);
        } else {
            self.set(&mut line);
        }
    }

    fn set(&mut self, fields: &mut Value) {
        if let Some(Value::Array(messages)) = fields.get_mut("messages").map(Value::take) {
            self.any = true;
            self.messages.clear();
            self.places.clear();
            for message in messages {
                self.add(message);
            }
        }
        let text = |key: &str| document::text(fields, key).map(str::to_owned);
        self.any |= fields.get("sessionId").is_some();
        self.session = text("/sessionId").or(self.session.take());
        self.project_hash = text("/projectHash").or(self.project_hash.take());
        let directories = document::list(fields, "/directories");
        self.directories.extend(directories.iter().filter_map(|dir| Some(dir.as_str()?.to_owned())));
    }

    fn add(&mut self, message: Value) {
        let id = document::text(&message, "/id").map(str::to_owned);
        if let Some(place) = id.as_ref().and_then(|id| self.places.get(id)) {
            self.messages[*place] = message;
        } else {
            self.places.extend(id.map(|id| (id, self.messages.len())));
            self.messages.push(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The texts that stand after the lines: `a=1` writes message `a`, `<a` rewinds to it, `[b=2` replaces all.
    #[track_caller]
    fn check(lines: &str, expected: &str) {
        let message = |text: &str| {
            let (id, text) = text.split_once('=').unwrap();
            format!(r#"{{"type":"user","id":"{id}","content":"{text}"}}"#)
        };
        let log: String = lines
            .split(' ')
            .map(|line| match line.split_at(1) {
                ("<", id) => format!("{{\"$rewindTo\":\"{id}\"}}\n"),
                ("[", text) => format!("{{\"$set\":{{\"messages\":[{}]}}}}\n", message(text)),
                _ => message(line) + "\n",
            })
            .collect();
        let log = Log::of(log.as_bytes());
        let texts: Vec<&str> = log.messages.iter().filter_map(|message| document::text(message, "/content")).collect();
        assert_eq!(texts.join(" "), expected, "{lines}");
    }

    #[test]
    fn operations_are_done_in_their_order() {
        check("a=1 b=2 a=3", "3 2");
        check("a=1 b=2 c=3 <b", "1");
        check("a=1 b=2 c=3 <b b=4", "1 4");
        check("a=1 b=2 a=3 <b", "3");
        check("a=1 b=2 <absent c=3", "3");
        check("a=1 b=2 [c=3 b=4", "3 4");
    }

    #[test]
    fn both_formats_have_the_same_head() {
        let head = r#""sessionId":"s","projectHash":"h","startTime":"2026-01-01T00:00:00Z""#;
        let message = r#"{"id":"a","type":"user","content":"x"}"#;
        let document = Log::of(format!("{{\n{head},\n\"messages\":[{message}]}}").as_bytes());
        let log = Log::of(format!("{{{head}}}\n{message}\n{{\"id\":\"torn").as_bytes());
        assert_eq!(document, log);
        assert_eq!((log.session.as_deref(), log.project_hash.as_deref()), (Some("s"), Some("h")));
        assert!(log.any && !Log::of(b"nothing of the kind\n{}").any);
    }

    proptest! {
        #[test]
        fn no_log_makes_it_panic(lines in proptest::collection::vec(
            prop_oneof!["[{}\"$:a-z ]{0,20}", r#"\{"\$rewindTo":("[ab]"|7|null)\}"#, r#"\{"\$set":\{"messages":(\[7, \{\}\]|7)\}\}"#,
                r#"\{"type":"user","id":("[ab]"|7)\}"#], 0..12)) {
            let log = Log::of(lines.join("\n").as_bytes());
            prop_assert!(log.places.values().all(|place| *place < log.messages.len()));
        }
    }
}
