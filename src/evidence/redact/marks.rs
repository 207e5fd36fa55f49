//! The marks that stand for secrets: `[redacted: kind]`.
//!
//! In: a text and the spans to take out, or a text with marks in it. Out: the replaced text; the pieces between marks.
//! Never here: what a secret looks like.

use memchr::memmem;

use super::found::{
    AUTHORIZATION, AWS_SECRET, EMAIL, Found, KEY, PASSWORD, PRIVATE_KEY, SECRET, TOKEN, URL_CREDENTIALS, WEBHOOK, WORD,
};
use super::tokens;

/// What the mark opens with.
const OPEN: &str = "[redacted: ";

/// The kinds that no prefix tells.
const OTHERS: &[&str] = &[
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

/// The longest kind, in bytes, with some to spare.
const LONGEST: usize = 32;

/// Every kind, those with prefixes first, each once.
pub(super) fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = Vec::new();
    for kind in tokens::PREFIXES.iter().map(|prefix| prefix.kind).chain(OTHERS.iter().copied()) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
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
    let len = text.bytes().take(LONGEST).position(|b| b == b']')?;
    let kind = &text[..len];
    let known = OTHERS.contains(&kind) || tokens::PREFIXES.iter().any(|prefix| prefix.kind == kind);
    known.then_some(len + 1)
}
