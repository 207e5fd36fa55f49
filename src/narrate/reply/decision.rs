//! A decision: `**45 minutes instead of 20** (implemented): Apple's service can take over 30 minutes. [A1, F1]`.
//!
//! In: an item of *Decisions*. Out: a [`Claim`] with what was decided, whether the model takes it for done, and why.
//! Never here: whether it was done.

use super::cites;
use super::claim::Claim;
use crate::journal::Section;

/// Words that say how a decision stands, with what they say of it. The longer first.
#[rustfmt::skip]
const STANDINGS: &[(&str, bool)] = &[
    ("not implemented", false), ("not done", false), ("not adopted", false), ("not taken", false),
    ("not yet", false), ("implemented", true), ("done", true), ("adopted", true), ("accepted", true),
    ("discussed", false), ("considered", false), ("rejected", false), ("deferred", false), ("postponed", false),
    ("declined", false), ("dropped", false),
];

/// Takes an item apart.
pub(super) fn of(item: &str, beside: &[String], paragraph: usize) -> Option<Claim> {
    let (item, mut cites) = cites::take(item);
    cites.extend(beside.iter().cloned());
    let (item, implemented) = standing(&item);
    let (what, why) = parts(&item);
    let what = what.trim_matches(|char: char| char.is_whitespace() || "*_:.–—-".contains(char)).to_owned();
    if !what.chars().any(char::is_alphanumeric) {
        return None;
    }
    let text = why.trim_matches(|char: char| char.is_whitespace() || ":–—-*".contains(char)).to_owned();
    Some(Claim { section: Section::Decisions, paragraph, text, cites, what: Some(what), implemented })
}

/// The item without the word of how it stands, and what that says.
fn standing(item: &str) -> (String, Option<bool>) {
    for (open, _) in item.match_indices(['(', '[']) {
        let close = if item[open..].starts_with('(') { ')' } else { ']' };
        let Some(length) = item[open..].find(close) else { continue };
        let inner = item[open + 1..open + length].to_lowercase();
        let inner = inner.trim().trim_start_matches("status:").trim().trim_matches(['*', '_']).to_owned();
        if let Some((_, done)) = STANDINGS.iter().find(|(word, _)| inner.starts_with(word)) {
            let done = *done && !inner.contains("not done") && !inner.contains("partly");
            let rest = format!("{}{}", &item[..open].trim_end(), &item[open + length + 1..]);
            return (rest, Some(done));
        }
    }
    let lower = item.to_lowercase();
    let plain = lower.trim_start_matches(['*', '_', ' ']);
    for (word, done) in STANDINGS {
        let marked = lower.find(&format!("status: {word}")).map(|at| (at, word.len() + 8));
        let leading = plain.starts_with(&format!("{word}:")).then_some((lower.len() - plain.len(), word.len() + 1));
        // Lower-casing may change lengths outside of ASCII.
        if let Some((at, length)) = marked.or(leading)
            && lower.len() == item.len()
            && item.is_char_boundary(at)
            && item.is_char_boundary(at + length)
        {
            return (format!("{}{}", &item[..at], &item[at + length..]), Some(*done));
        }
    }
    (item.to_owned(), None)
}

/// What was decided, and why.
fn parts(item: &str) -> (&str, &str) {
    for mark in ["**", "__"] {
        if let Some(start) = item.find(mark).filter(|start| *start < 4)
            && let Some(length) = item[start + 2..].find(mark)
        {
            let end = start + 2 + length;
            return (&item[start + 2..end], &item[end + 2..]);
        }
    }
    let mut in_code = false;
    for (at, char) in item.char_indices() {
        in_code ^= char == '`';
        let rest = &item[at..];
        if !in_code && [": ", " — ", " – ", " - "].iter().any(|mark| rest.starts_with(mark)) {
            return (&item[..at], &rest[1..]);
        }
    }
    (item, "")
}
