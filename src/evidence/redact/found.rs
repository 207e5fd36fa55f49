//! Where secrets stand in a text, and the text without them.
//!
//! In: spans that the finders report. Out: spans in order, the replaced text, and the pieces between earlier redactions.
//! Never here: what a secret looks like.

use memchr::memmem;

use super::tokens;

/// One secret: a byte span on character boundaries, and what to call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after its last.
    pub(super) end: usize,
    /// The word after `redacted:`.
    pub(super) kind: &'static str,
}

/// The kinds that no token prefix tells.
pub(super) const PRIVATE_KEY: &str = "private key";
pub(super) const URL_CREDENTIALS: &str = "url credentials";
pub(super) const WEBHOOK: &str = "webhook";
pub(super) const AUTHORIZATION: &str = "authorization";
pub(super) const AWS_SECRET: &str = "aws secret";
pub(super) const PASSWORD: &str = "password";
pub(super) const SECRET: &str = "secret";
pub(super) const TOKEN: &str = "token";
pub(super) const KEY: &str = "key";
pub(super) const EMAIL: &str = "email";
pub(super) const WORD: &str = "word";

/// What the mark opens with.
const OPEN: &str = "[redacted: ";

/// Every kind, those with prefixes first, each once.
pub(super) fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = Vec::new();
    let others = [
        tokens::TELEGRAM,
        PRIVATE_KEY,
        URL_CREDENTIALS,
        WEBHOOK,
        AUTHORIZATION,
        AWS_SECRET,
        PASSWORD,
        SECRET,
        TOKEN,
        KEY,
        EMAIL,
        WORD,
    ];
    for kind in tokens::PREFIXES.iter().map(|prefix| prefix.kind).chain(others) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// Sorts the spans and joins those that overlap; a joined span is named after its first part.
pub(super) fn merge(mut all: Vec<Found>) -> Vec<Found> {
    all.retain(|found| found.start < found.end);
    all.sort_by_key(|found| found.start);
    let mut merged: Vec<Found> = Vec::with_capacity(all.len());
    for found in all {
        match merged.last_mut() {
            Some(last) if found.start < last.end => {
                // The assignment finder starts no earlier than the token in it, so the exact name usually comes first.
                last.end = last.end.max(found.end);
            }
            _ => merged.push(found),
        }
    }
    merged
}

/// The text with each span replaced by its mark.
pub(super) fn replace(text: &str, found: &[Found]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for found in found {
        clean.push_str(&text[at..found.start]);
        clean.push_str(OPEN);
        clean.push_str(found.kind);
        clean.push(']');
        at = found.end;
    }
    clean.push_str(&text[at..]);
    clean
}

/// The stretches of a text between marks that are there already: a mark is never looked into, nor across.
pub(super) struct Pieces<'t> {
    text: &'t str,
    at: usize,
    done: bool,
}

impl<'t> Pieces<'t> {
    /// The pieces of a text, each with the byte where it starts.
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, at: 0, done: false }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let start = self.at;
        for open in memmem::find_iter(&self.text.as_bytes()[start..], OPEN) {
            let kind = &self.text[start + open + OPEN.len()..];
            let Some(len) = mark_len(kind) else { continue };
            self.at = start + open + OPEN.len() + len;
            return Some((start, &self.text[start..start + open]));
        }
        self.done = true;
        Some((start, &self.text[start..]))
    }
}

/// How long kind and bracket are, if the text starts with a kind of ours and a closing bracket.
fn mark_len(text: &str) -> Option<usize> {
    let named = |kind: &str| text.strip_prefix(kind).is_some_and(|rest| rest.starts_with(']'));
    kinds().into_iter().find(|kind| named(kind)).map(|kind| kind.len() + 1)
}

/// The last character boundary at or before a byte.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)
}
