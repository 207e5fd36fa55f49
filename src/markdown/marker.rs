//! The invisible lines that structure a page.
//!
//! In: a page's bytes, which need not even be text. Out: where its markers stand and what they say, in one search.
//! Never here: what lies between the markers.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use memchr::{memchr, memmem};

use crate::git::CommitId;
use crate::journal::MARKER;

/// The version of the format that is written and read here.
pub const VERSION: u32 = 1;

/// The line that ends an entry.
pub const END: &str = "<!-- commit-story:end (what you write below this line stays) -->";

/// The line that begins an entry.
#[must_use]
pub fn begin(commit: &CommitId, at: DateTime<FixedOffset>) -> String {
    format!("{MARKER}entry {commit} v{VERSION} {} -->", at.to_rfc3339_opts(SecondsFormat::Secs, false))
}

/// An entry's text with the instant at which it takes the place of an older one in its first line.
#[must_use]
pub fn with_replaced(block: &str, at: Option<DateTime<Utc>>) -> String {
    let Some(at) = at else { return block.to_owned() };
    block.replacen(" -->", &format!(" w{} -->", at.to_rfc3339_opts(SecondsFormat::Secs, true)), 1)
}

fn instant_of_replacing(word: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(word.strip_prefix('w')?).ok()?.to_utc())
}

/// What an entry's first line says; `None` for what it says in no way we know.
#[derive(Debug, Clone, PartialEq)]
pub struct Begin {
    /// The commit.
    pub commit: Option<CommitId>,
    /// The version of the format.
    pub version: Option<u32>,
    /// The author's instant.
    pub at: Option<DateTime<FixedOffset>>,
    /// When the entry took the place of an older one of the same commit; `None` for a first one.
    pub replaced: Option<DateTime<Utc>>,
}

/// An entry on a page, by its markers. Lines include their line ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// What the first line says.
    pub begin: Begin,
    /// From the first marker to the next entry's or to the end of the page.
    pub all: Range<usize>,
    /// Between the first line and the end line; the whole rest when there is no end line.
    pub inner: Range<usize>,
    /// Where what was written by hand begins; `None` when the end line is missing.
    pub below: Option<usize>,
}

/// Finds the entries of a page.
#[must_use]
pub fn spans(page: &[u8]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for line in marker_lines(page) {
        let text = String::from_utf8_lossy(&page[line.clone()]);
        let words = text[MARKER.len()..].split("-->").next().unwrap_or_default();
        let mut words = words.split_whitespace();
        match words.next() {
            Some("entry") => {
                close(&mut spans, line.start);
                let rest = line.end..page.len();
                let begin = Begin {
                    commit: words.next().and_then(CommitId::parse),
                    version: words.next().and_then(|word| word.strip_prefix('v')?.parse().ok()),
                    at: words.next().and_then(|word| DateTime::parse_from_rfc3339(word).ok()),
                    replaced: words.find_map(instant_of_replacing),
                };
                spans.push(Span { begin, all: line.start..page.len(), inner: rest, below: None });
            }
            Some("end") => {
                if let Some(last) = spans.last_mut().filter(|last| last.below.is_none()) {
                    last.inner.end = line.start;
                    last.below = Some(line.end);
                }
            }
            _ => {}
        }
    }
    spans
}

fn close(spans: &mut [Span], at: usize) {
    if let Some(last) = spans.last_mut() {
        last.all.end = at;
        if last.below.is_none() {
            last.inner.end = at;
        }
    }
}

/// The lines that begin with a marker, in order.
fn marker_lines(page: &[u8]) -> impl Iterator<Item = Range<usize>> {
    memmem::find_iter(page, MARKER).filter(|at| *at == text_start(page) || page[..*at].ends_with(b"\n")).map(|at| {
        let end = memchr(b'\n', &page[at..]).map_or(page.len(), |length| at + length + 1);
        at..end
    })
}

/// Where the text begins: after a byte order mark, if an editor has put one.
#[must_use]
pub fn text_start(page: &[u8]) -> usize {
    if page.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4a98f7249eaf485cd64ce29903edccea27c898af";

    #[test]
    fn what_is_written_is_found() {
        let at = DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap();
        let begin = begin(&CommitId::parse(ID).unwrap(), at);
        assert_eq!(begin, format!("<!-- commit-story:entry {ID} v1 2026-01-06T16:02:06+01:00 -->"));
        let page = format!("# day\r\n\r\n{begin}\r\ninner\r\n{END}\r\nmine\r\n");
        let [span] = &spans(page.as_bytes())[..] else { panic!() };
        assert_eq!(span.begin.commit.as_ref().unwrap().as_str(), ID);
        assert_eq!(span.begin.version, Some(1));
        assert_eq!(span.begin.at, Some(at));
        assert_eq!(&page[span.inner.clone()], "inner\r\n");
        assert_eq!(&page[span.below.unwrap()..span.all.end], "mine\r\n");
    }

    #[test]
    fn the_instant_of_replacing_stands_behind_the_authors() {
        let at = DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap();
        let plain = format!("{}\n", begin(&CommitId::parse(ID).unwrap(), at));
        assert_eq!(with_replaced(&plain, None), plain);
        let stamped = with_replaced(&plain, Some(at.to_utc()));
        assert_eq!(stamped, format!("{MARKER}entry {ID} v1 2026-01-06T16:02:06+01:00 w2026-01-06T15:02:06Z -->\n"));
        assert_eq!(spans(stamped.as_bytes())[0].begin.replaced, Some(at.to_utc()));
        assert_eq!(spans(plain.as_bytes())[0].begin.replaced, None);
    }

    #[test]
    fn a_marker_counts_at_the_start_of_a_line_only() {
        assert_eq!(spans(format!("> {MARKER}entry {ID} v1 -->").as_bytes()), []);
        assert_eq!(spans(format!("\u{feff}{MARKER}entry {ID} v2 -->").as_bytes()).len(), 1);
    }

    #[test]
    fn an_entry_without_an_end_reaches_to_the_next() {
        let page = format!("{MARKER}entry x v9\none\n{MARKER}entry {ID} v1\ntwo\n{END}\n");
        let spans = spans(page.as_bytes());
        assert_eq!(spans[0].below, None);
        assert_eq!(&page[spans[0].inner.clone()], "one\n");
        assert_eq!(spans[0].begin, Begin { commit: None, version: Some(9), at: None, replaced: None });
        assert_eq!(&page[spans[1].inner.clone()], "two\n");
    }
}
