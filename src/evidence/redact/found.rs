//! Where secrets stand in a text.
//!
//! In: spans that the finders report. Out: spans in order, none overlapping another.
//! Never here: what a secret looks like.

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

/// The last character boundary at or before a byte.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)
}
