//! The prose in an entry's bytes.
//!
//! In: an entry up to its end line. Out: where its prose stands, and the entry with other prose or none.
//! Never here: a change to any other byte, or a look at what the prose says.

use std::ops::Range;

use crate::markdown::prose::{Stamp, stamp};
use crate::markdown::sections::{Line, body_length};
use crate::markdown::{marker, narration};

/// The lines before an entry's body: its marker and its heading.
const HEAD: usize = 2;

/// The prose of an entry, with the line ends.
#[must_use]
pub fn of(entry: &[u8]) -> Option<&[u8]> {
    place(entry).map(|place| &entry[place])
}

/// What the prose's first line says of its version and age.
#[must_use]
pub fn age(prose: &[u8]) -> Stamp {
    stamp(&String::from_utf8_lossy(prose.split(|byte| *byte == b'\n').next().unwrap_or_default()))
}

/// The entry without its prose.
#[must_use]
pub fn without(entry: &[u8]) -> Vec<u8> {
    let Some(place) = place(entry) else { return entry.to_vec() };
    let below = &entry[place.end..];
    let blank = below.split_inclusive(|byte| *byte == b'\n').next().filter(|line| line.trim_ascii().is_empty());
    [&entry[..place.start], &below[blank.map_or(0, <[u8]>::len)..]].concat()
}

/// A page, or an entry of one, without any prose.
#[must_use]
pub fn evidence_only(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut at = 0;
    for span in marker::spans(page.as_bytes()) {
        text.push_str(&page[at..span.all.start]);
        text.push_str(&String::from_utf8_lossy(&without(&page.as_bytes()[span.all.start..span.inner.end])));
        at = span.inner.end;
    }
    text + &page[at..]
}

/// The entry with this prose, in the place of what it has or below its body.
#[must_use]
pub fn with(entry: &[u8], prose: &[u8]) -> Vec<u8> {
    if let Some(place) = place(entry) {
        return [&entry[..place.start], prose, &entry[place.end..]].concat();
    }
    let at = lines(entry, |lines| HEAD + body_length(lines.get(HEAD..).unwrap_or_default()));
    let at = start_of(entry, at);
    let line_end: &[u8] = if prose.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let (above, below): (&[u8], &[u8]) = if at < entry.len() { (b"", line_end) } else { (line_end, b"") };
    [&entry[..at], above, prose, below, &entry[at..]].concat()
}

fn place(entry: &[u8]) -> Option<Range<usize>> {
    let found = lines(entry, |lines| narration::find(lines.get(HEAD..).unwrap_or_default()))?;
    Some(start_of(entry, HEAD + found.start)..start_of(entry, HEAD + found.end))
}

fn lines<T>(entry: &[u8], look: impl FnOnce(&[Line<'_>]) -> T) -> T {
    let text = String::from_utf8_lossy(entry);
    look(&text.split_inclusive('\n').map(str::trim_end).enumerate().collect::<Vec<_>>())
}

/// Where a line begins.
fn start_of(text: &[u8], line: usize) -> usize {
    text.split_inclusive(|byte| *byte == b'\n').take(line).map(<[u8]>::len).sum()
}
