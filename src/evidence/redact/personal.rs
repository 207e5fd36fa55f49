//! What is private by the developer's own choice: email addresses and configured words.
//!
//! In: a text, the words. Out: where they stand. Never here: guesses about who is meant.

use std::sync::OnceLock;

use memchr::memchr_iter;
use regex::{Regex, RegexBuilder};

use super::found::{EMAIL, Found, WORD};

/// The longest part of an address that is looked at, in bytes (RFC 5321 allows 64 and 255).
const LONGEST: usize = 255;

/// Words that never appear.
#[derive(Debug)]
pub(super) struct Words {
    words: Vec<String>,
    /// One expression per word, made when the first text is looked at.
    patterns: OnceLock<Vec<Regex>>,
}

impl Words {
    /// The configured words; blank ones say nothing and are left out.
    pub(super) fn new(words: &[String]) -> Self {
        let words = words.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
        Self { words, patterns: OnceLock::new() }
    }

    /// Reports whole words in any case; `_` and signs part words, letters and digits do not.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Found>) {
        for pattern in self.patterns() {
            for hit in pattern.find_iter(text) {
                let before = text[..hit.start()].chars().next_back();
                let after = text[hit.end()..].chars().next();
                if ![before, after].into_iter().flatten().any(char::is_alphanumeric) {
                    found.push(Found { start: hit.start(), end: hit.end(), kind: WORD });
                }
            }
        }
    }

    fn patterns(&self) -> &[Regex] {
        self.patterns.get_or_init(|| {
            // Only a word of many thousand characters can be too large for an expression.
            let compile = |word: &String| RegexBuilder::new(&regex::escape(word)).case_insensitive(true).build().ok();
            self.words.iter().filter_map(compile).collect()
        })
    }
}

/// Reports email addresses; `git@host:path` is an address of another sort.
pub(super) fn find_emails(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for at in memchr_iter(b'@', bytes) {
        let local = bytes[..at]
            .iter()
            .rev()
            .take(LONGEST)
            .take_while(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(b))
            .count();
        let host = &bytes[at + 1..];
        let mut len = host.iter().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b)).count();
        while len > 0 && matches!(host[len - 1], b'.' | b'-') {
            len -= 1;
        }
        let host = &text[at + 1..at + 1 + len];
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        let named = top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
        let git = &text[at - local..at] == "git" && text[at + 1 + len..].starts_with([':', '/']);
        if local > 0 && named && !git {
            found.push(Found { start: at - local, end: at + 1 + len, kind: EMAIL });
        }
    }
}
