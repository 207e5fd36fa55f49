//! Texts of earlier programs into a page's bytes.
//!
//! In: a page as it is, and texts that belong to one of its entries or to its day. Out: the page with those of them that
//! it does not hold yet.
//! Never here: a change to any other byte; what commit-story or the developer has written stays as it is.

use crate::git::CommitId;
use crate::journal::Imported;
use crate::markdown::imported::IMPORTED;
use crate::markdown::marker::{self, Span, VERSION};
use crate::markdown::{imported, parse_entries};

/// What the texts belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// The entry of a commit.
    Entry(&'a CommitId),
    /// The day of the page: they stand before its first entry.
    Day,
}

/// The texts that are not among others; one that comes twice counts once. The file they came from does not matter.
#[must_use]
pub fn missing(texts: &[Imported], there: &[Imported]) -> Vec<Imported> {
    let mut missing: Vec<Imported> = Vec::new();
    for text in texts.iter().cloned().filter_map(Imported::normalised) {
        if there.iter().chain(&missing).all(|other| other.text != text.text) {
            missing.push(text);
        }
    }
    missing
}

/// The texts that a place on the page does not hold yet; `None` when the commit has no entry that can be added to.
#[must_use]
pub fn lacking(page: &[u8], place: Place<'_>, texts: &[Imported]) -> Option<Vec<Imported>> {
    let there = match place {
        Place::Entry(commit) => {
            let span = entry_of(page, commit)?;
            let (entries, _) = parse_entries(&String::from_utf8_lossy(&page[span.all]));
            entries.into_iter().next()?.imported
        }
        Place::Day => of_the_day(page),
    };
    Some(missing(texts, &there))
}

/// The texts that stand before the page's first entry.
#[must_use]
pub fn of_the_day(page: &[u8]) -> Vec<Imported> {
    let head = String::from_utf8_lossy(&page[..first_entry(page)]);
    let lines: Vec<_> = head.lines().map(str::trim_end).enumerate().collect();
    // What the developer writes there is no fault.
    imported::read(&lines, &mut vec![])
}

/// The page with the texts added, which it lacks; an empty page begins with `header`.
#[must_use]
pub fn joined(page: &[u8], place: Place<'_>, lacking: &[Imported], header: &str) -> Vec<u8> {
    let span = match place {
        Place::Entry(commit) => entry_of(page, commit),
        Place::Day => None,
    };
    let (at, before, after) = match &span {
        Some(span) => (span.inner.end, if continues(page, span) { "" } else { "\n### Imported\n" }, ""),
        None => (first_entry(page), "", if first_entry(page) < page.len() { "\n" } else { "" }),
    };
    let blocks: Vec<String> = lacking.iter().map(|text| format!("{}\n", imported::render(text))).collect();
    let old = &page[..at];
    let mut added = String::new();
    if page[marker::text_start(page)..].trim_ascii().is_empty() {
        added.push_str(header);
        added.push('\n');
    } else if !old.is_empty() && !old.ends_with(b"\n") {
        added.push('\n');
    }
    let spaced = old.ends_with(b"\n\n") || old.ends_with(b"\n\r\n");
    added.push_str(before);
    if !spaced || !before.is_empty() {
        added.push('\n');
    }
    added.push_str(&blocks.join("\n"));
    added.push_str(after);
    let windows = memchr::memchr(b'\n', page).is_some_and(|at| page[..at].ends_with(b"\r"));
    let added = if windows { added.replace('\n', "\r\n") } else { added };
    [old, added.as_bytes(), &page[at..]].concat()
}

/// Whether an entry's last section is the one of imported texts.
fn continues(page: &[u8], span: &Span) -> bool {
    let inner = String::from_utf8_lossy(&page[span.inner.clone()]);
    inner.lines().rev().find_map(|line| line.trim_end().strip_prefix("### ")) == Some(IMPORTED)
}

/// The whole entry of a commit, in the version of the format that is written here.
fn entry_of(page: &[u8], commit: &CommitId) -> Option<Span> {
    let mut spans = marker::spans(page).into_iter();
    spans.find(|span| {
        let begin = &span.begin;
        begin.commit.as_ref() == Some(commit) && begin.version == Some(VERSION) && span.below.is_some()
    })
}

fn first_entry(page: &[u8]) -> usize {
    marker::spans(page).first().map_or(page.len(), |span| span.all.start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::journal::{Page, any};
    use crate::markdown::{parse_page, render_page};
    use crate::store::splice;

    const HEADER: &str = "# Tuesday, 6 January 2026";

    fn page_of(entry: crate::journal::Entry) -> String {
        render_page(&Page { day: entry.at.date_naive(), entries: vec![entry], problems: vec![] })
    }

    /// Adds what is lacking, and says how many texts that were.
    fn join(page: &[u8], place: Place<'_>, texts: &[Imported]) -> (Vec<u8>, usize) {
        let lacking = lacking(page, place, texts).unwrap();
        (if lacking.is_empty() { page.to_vec() } else { joined(page, place, &lacking, HEADER) }, lacking.len())
    }

    #[test]
    fn a_day_without_a_page_gets_one() {
        let text = |words: &str| Imported { source: "a.md".to_owned(), text: words.to_owned() };
        let (page, added) = join(b"", Place::Day, &[text("one"), text("two"), text("one")]);
        assert_eq!(added, 2);
        let expected = "> **Imported**, from `a.md`:\n>\n> one\n\n> **Imported**, from `a.md`:\n>\n> two\n";
        assert_eq!(String::from_utf8(page.clone()).unwrap(), format!("{HEADER}\n\n{expected}"));
        let (again, added) = join(&page, Place::Day, &[text("two"), text("three")]);
        assert_eq!((again.starts_with(&page), added), (true, 1));
        assert_eq!(of_the_day(&again).len(), 3);
    }

    #[test]
    fn a_commit_without_a_whole_entry_takes_nothing() {
        let id = CommitId::parse(&"a".repeat(40)).unwrap();
        for page in ["", "<!-- commit-story:entry aaaaaaaa", &format!("<!-- commit-story:entry {id} v1 x -->\n## x\n")]
        {
            assert_eq!(lacking(page.as_bytes(), Place::Entry(&id), &[]), None, "{page}");
        }
        let newer = format!("<!-- commit-story:entry {id} v9 x -->\n{}\n", marker::END);
        assert_eq!(lacking(newer.as_bytes(), Place::Entry(&id), &[]), None);
    }

    proptest! {
        #[test]
        fn texts_join_an_entry_and_change_no_other_byte(
            entry in any::entry_at(1_767_700_000..1_767_700_100),
            texts in prop::collection::vec(any::imported(), 0..4),
            windows in any::<bool>(),
        ) {
            let entry = entry.normalised();
            let page = page_of(entry.clone());
            let page = if windows { page.replace('\n', "\r\n") } else { page };
            let place = Place::Entry(&entry.commit);
            let (text, added) = join(page.as_bytes(), place, &texts);
            let read = parse_page(std::str::from_utf8(&text).unwrap());
            prop_assert_eq!(&read.problems, &vec![]);
            let mut expected = entry.clone();
            expected.imported.extend(missing(&texts, &entry.imported));
            prop_assert_eq!(added, expected.imported.len() - entry.imported.len());
            prop_assert_eq!(&read.entries, &vec![expected.clone()]);
            prop_assert_eq!(join(&text, place, &texts), (text.clone(), 0), "twice");
            // An entry that knows nothing of them leaves them alone; one that brings them along writes them once.
            for new in [crate::journal::Entry { imported: vec![], ..entry }, expected] {
                let again = splice::put(&text, &new, &crate::markdown::render_entry(&new), HEADER, None).unwrap();
                prop_assert_eq!(again, splice::Edit::Unchanged);
            }
        }

        #[test]
        fn texts_of_a_day_stand_before_its_first_entry(
            entry in any::entry_at(1_767_700_000..1_767_700_100),
            texts in prop::collection::vec(any::imported(), 1..4),
            mine in "[a-z >#*\n]{0,20}",
        ) {
            let entry = entry.normalised();
            let page = page_of(entry.clone()).replacen('\n', &format!("\n{mine}"), 1);
            let (text, added) = join(page.as_bytes(), Place::Day, &texts);
            prop_assert_eq!(added, missing(&texts, &[]).len());
            let read = parse_page(std::str::from_utf8(&text).unwrap());
            prop_assert_eq!(&read.problems, &vec![]);
            prop_assert_eq!(&read.entries, &vec![entry]);
            prop_assert_eq!(join(&text, Place::Day, &texts), (text.clone(), 0), "twice");
            let at = first_entry(page.as_bytes());
            prop_assert!(text.starts_with(&page.as_bytes()[..at]) && text.ends_with(&page.as_bytes()[at..]));
        }
    }
}
