//! What the numbers count, and what the page holds of any entries.
//!
//! In: the entry of the documents, changed; and any entries. Out: nothing; it panics.
//! Never here: a browser (that is `tests/report`).

use proptest::prelude::*;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::*;
use crate::chat::Assistant;
use crate::journal::{ChangeGroup, ChangedFile, Days, Entry, Mark, any};
use crate::markdown::parse_page;

fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-01-06T18:00:00+01:00").unwrap()
}

/// The entry of `docs/format.md`, of 6 January 2026.
fn entry() -> Entry {
    let docs = include_str!("../../docs/format.md").replace("\r\n", "\n");
    let page = docs.split("````markdown\n").nth(1).and_then(|rest| rest.split("````\n").next()).unwrap();
    parse_page(page).entries.remove(0)
}

fn files(paths: &[(&str, u32)]) -> Entry {
    let mut entry = entry();
    let file = |(path, added): &(&str, u32)| ChangedFile {
        path: (*path).to_owned(),
        mark: Mark::Modified,
        group: if *path == "Cargo.lock" { ChangeGroup::Generated } else { ChangeGroup::Source },
        lines: Some((*added, 0)),
    };
    entry.changes.listed = paths.iter().map(file).collect();
    entry
}

fn report(entries: Vec<Entry>, first: &str, last: &str) -> Report {
    Report::of(entries, "uploader", Days { first: day(first), last: day(last) }, now()).expect("there are entries")
}

#[test]
fn charts_span_what_was_asked_for_as_far_as_it_makes_sense() {
    let check = |first: &str, last: &str, expected: [&str; 2]| {
        let days = report(vec![entry()], first, last).days;
        assert_eq!([days.first, days.last], expected.map(day), "{first}..{last}");
    };
    check("2026-01-01", "2026-12-31", ["2026-01-01", "2026-01-06"]);
    check("2025-02-01", "2026-01-06", ["2025-02-01", "2026-01-06"]);
    check("0001-01-01", "2026-01-06", ["2026-01-06", "2026-01-06"]);
    assert!(Report::of(vec![], "x", Days { first: day("2026-01-01"), last: day("2026-01-06") }, now()).is_none());
}

#[test]
fn a_session_is_drawn_on_its_own_days_and_of_a_long_one_only_the_ends() {
    let check = |first: &str, last: &str, strokes: &str, told: &str| {
        let mut entry = entry();
        let at = |text: &str| DateTime::parse_from_rfc3339(&format!("2026-01-{text}:00+01:00")).unwrap();
        entry.details.sessions[0].span = (at(first), at(last));
        let page = page(&report(vec![entry], "2026-01-04", "2026-01-06"));
        assert!(page.contains(&format!("<path class=\"span c0\" d=\"{strokes}\"/>")), "{first} to {last}: {page}");
        assert!(page.contains(told), "{told}: {page}");
    };
    check("06T15:55", "06T16:01", "M25 955V963", "Claude Code 15:55–16:01");
    check("05T23:00", "06T01:00", "M15 1380V1439M25 0V60", "Claude Code 5 Jan 23:00–6 Jan 01:00");
    check("04T10:00", "06T16:01", "M5 600V608M25 961V969", "Claude Code 4 Jan 10:00–6 Jan 16:01");
    check("02T10:00", "06T16:01", "M25 961V969", "Claude Code 2 Jan 10:00–6 Jan 16:01");
}

#[test]
fn shares_are_rounded_to_the_nearer_percent() {
    let alone = Entry { details: crate::journal::Details::default(), ..entry() };
    let page = page(&report(vec![entry(), alone.clone(), alone], "2026-01-06", "2026-01-06"));
    for share in ["<b>1</b> <span>33 %", "<b>2</b> <span>67 %"] {
        assert!(page.contains(share), "{share}: {page}");
    }
}

#[test]
fn a_session_that_led_to_two_commits_is_one_session() {
    let mut other = entry();
    let line = other.details.sessions[0].clone();
    assert_eq!(line.assistant, Assistant::ClaudeCode);
    let mut third = entry();
    third.details.sessions[0].session = "another".to_owned();
    let mut alone = entry();
    alone.details.sessions.clear();
    other.details.author = "Grace".to_owned();
    let figures = report(vec![entry(), other, third, alone], "2026-01-01", "2026-01-06").figures;
    assert_eq!((figures.entries, figures.sessions, figures.unassisted), (4, 2, 1));
    assert_eq!((figures.assistants[0].entries, figures.assistants[0].sessions), (3, 2));
    assert_eq!(figures.prompts, u64::from(line.prompts) * 3);
    let authors: Vec<usize> = figures.authors.iter().map(|share| share.entries).collect();
    assert_eq!(authors, [3, 1]);
}

#[test]
fn one_directory_with_most_of_the_work_is_divided() {
    let areas = |paths: &[(&str, u32)]| -> Vec<(String, u64)> {
        let figures = report(vec![files(paths)], "2026-01-01", "2026-01-06").figures;
        figures.areas.into_iter().map(|area| (area.path, area.added)).collect()
    };
    let own =
        |pairs: &[(&str, u64)]| pairs.iter().map(|(path, lines)| ((*path).to_owned(), *lines)).collect::<Vec<_>>();
    let even = areas(&[("src/a/x.rs", 2), ("src/y.rs", 3), ("docs/z.md", 5), ("top.md", 1), ("Cargo.lock", 900)]);
    assert_eq!(even, own(&[("docs", 5), ("src", 5), ("", 1)]));
    let uneven = areas(&[("src/a/x.rs", 7), ("src/b/y.rs", 3), ("docs/z.md", 5)]);
    assert_eq!(uneven, own(&[("src/a", 7), ("docs", 5), ("src/b", 3)]));
}

#[test]
fn periods_grow_with_the_days_and_never_are_too_many() {
    let check = |first: &str, last: &str, unit: &str, count: usize| {
        let figures = Figures::of(&[entry()], Days { first: day(first), last: day(last) });
        assert_eq!((figures.period, figures.roadblocks.len()), (unit, count), "{first}..{last}");
    };
    check("2026-01-05", "2026-01-06", "week", 1);
    check("2025-01-01", "2026-01-06", "week", 54);
    check("2022-01-01", "2026-01-06", "month", 49);
    check("2012-01-01", "2026-01-06", "quarter", 57);
    check("0001-01-01", "9999-12-31", "year", 61);
}

#[test]
fn one_commit_on_two_pages_has_two_anchors() {
    let anchors = entry::anchors(&[entry(), entry(), entry()]);
    assert_eq!(anchors[1..], [format!("{}-2", anchors[0]), format!("{}-3", anchors[0])]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_entries_make_a_page_of_which_every_tag_is_ours(entries in prop::collection::vec(any::entry(), 1..4)) {
        let count = entries.len();
        let days = Days { first: NaiveDate::MIN, last: day("2026-01-06") };
        let imported = entries.iter().flat_map(|entry| entry.imported.clone()).map(|text| (days.last, text)).collect();
        let report = Report::of(entries, "<b>name", days, now()).expect("there are entries");
        let text = page(&Report { imported, ..report });
        prop_assert_eq!(text.matches("<article ").count(), count);
        prop_assert_eq!(text.matches("<script").count(), 1);
        for foreign in ["<b>name", "<a href=\"h", "<!-- ", "\u{202e}", "\u{1b}"] {
            prop_assert!(!text.contains(foreign), "{}", foreign);
        }
    }
}
