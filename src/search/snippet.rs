//! The piece of an entry that shows why it was found.
//!
//! In: passages, and a query. Out: the passage that matches best, cut to a line, with the places of what was looked for.
//! Never here: colours or signs around these places.

use std::ops::Range;

use chrono::{DateTime, FixedOffset};

use super::passages::{Field, Passage};
use super::query::{Query, Term};
use super::words::{Word, words};
use crate::journal::Speaker;

/// How long a snippet is, in characters, and how many of them stand before the first match.
const LENGTH: usize = 160;
const BEFORE: usize = 40;

/// Of a longer passage, the beginning is looked at.
const LOOKED_AT: usize = 256 << 10;

/// A piece of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Snippet {
    /// The part of the entry.
    pub field: Field,
    /// Who said it, where it is a quote.
    pub speaker: Option<Speaker>,
    /// When it was said, in the author's offset.
    pub at: Option<DateTime<FixedOffset>>,
    /// One line; `…` where it was cut.
    pub text: String,
    /// The bytes of what was looked for, in order, apart from each other.
    pub marks: Vec<Range<usize>>,
}

/// The best piece of these passages; of an entry that was found by its subject or by filters alone, what it is about.
#[must_use]
pub fn snippet(passages: &[Passage<'_>], query: &Query) -> Option<Snippet> {
    let looked_at = |passage: &&Passage<'_>| {
        passage.field != Field::Subject && (query.fields.is_empty() || query.fields.contains(&passage.field))
    };
    let terms: Vec<&Term> = query.all.iter().flatten().collect();
    let mut best: Option<(usize, Snippet)> = None;
    for passage in passages.iter().filter(looked_at) {
        let text = flat(&passage.text);
        let found = places(&text, &terms);
        let distinct = distinct(&found);
        let better = best.as_ref().is_none_or(|(most, snippet)| {
            distinct > *most || (distinct == *most && passage.field.weight() > snippet.field.weight())
        });
        if distinct > 0 && better {
            best = Some((distinct, cut(passage, &text, &found)));
        }
    }
    best.map(|(_, snippet)| snippet).or_else(|| {
        let about = [Field::Prose, Field::Prompts, Field::Notes, Field::Message, Field::Imported];
        let passage = about.iter().find_map(|field| passages.iter().find(|passage| passage.field == *field))?;
        Some(cut(passage, &flat(&passage.text), &[]))
    })
}

/// The bytes of a text that the query looks for, in order, apart from each other.
#[must_use]
pub fn marks(text: &str, query: &Query) -> Vec<Range<usize>> {
    let terms: Vec<&Term> = query.all.iter().flatten().collect();
    united(text, places(text, &terms).into_iter().map(|(_, range)| range).collect())
}

/// A text on one line.
fn flat(text: &str) -> String {
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= LOOKED_AT).last().unwrap_or(0);
    let text = if text.len() <= LOOKED_AT { text } else { &text[..end] };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where which of the terms stand, in order.
fn places(text: &str, terms: &[&Term]) -> Vec<(usize, Range<usize>)> {
    let words = words(text);
    let mut found = Vec::new();
    for (nth, term) in terms.iter().enumerate() {
        let prefix = term.goes_on();
        let length = term.words.len();
        let begins = |window: &&[Word]| {
            let last = length - 1;
            window[..last].iter().zip(&term.words).all(|(word, wanted)| word.text == *wanted)
                && is(&window[last].text, &term.words[last], prefix)
        };
        let phrases = words.parts.windows(length).filter(begins);
        found.extend(phrases.map(|window| (nth, window[0].range.start..window[length - 1].range.end)));
        let wanted = term.whole.as_ref().or(if length == 1 { term.words.first() } else { None });
        let wholes = words.wholes.iter().filter(|word| wanted.is_some_and(|wanted| is(&word.text, wanted, prefix)));
        found.extend(wholes.map(|word| (nth, word.range.clone())));
        if length > 1
            && let Some(whole) = &term.whole
        {
            let parts = words.parts.iter().filter(|word| is(&word.text, whole, term.prefix));
            found.extend(parts.map(|word| (nth, word.range.clone())));
        }
    }
    found.sort_by_key(|(_, range)| (range.start, range.end));
    found
}

fn is(word: &str, wanted: &str, prefix: bool) -> bool {
    if prefix { word.starts_with(wanted) } else { word == wanted }
}

fn distinct(found: &[(usize, Range<usize>)]) -> usize {
    let mut terms: Vec<usize> = found.iter().map(|(nth, _)| *nth).collect();
    terms.sort_unstable();
    terms.dedup();
    terms.len()
}

/// The line of a passage with the most of what was looked for.
fn cut(passage: &Passage<'_>, text: &str, found: &[(usize, Range<usize>)]) -> Snippet {
    let Passage { field, speaker, at, .. } = *passage;
    // Places in bytes; a character has at most four, and the line is measured in characters afterwards.
    let held = |start: usize| {
        let until = found.iter().take_while(|(_, range)| range.end <= start + LENGTH - BEFORE);
        distinct(&until.filter(|(_, range)| range.start >= start).cloned().collect::<Vec<_>>())
    };
    let starts = found.iter().take(200).map(|(_, range)| range.start);
    let anchor = starts.map(|start| (held(start), std::cmp::Reverse(start))).max().map_or(0, |(_, start)| start.0);
    let start = begin(text, anchor);
    let end =
        text[start..].char_indices().nth(LENGTH).map_or(text.len(), |(at, _)| whole_words(text, start, start + at));
    let ahead = if start > 0 { "…" } else { "" };
    let behind = if end < text.len() { "…" } else { "" };
    let line = format!("{ahead}{}{behind}", &text[start..end]);
    let here = found.iter().map(|(_, range)| range).filter(|range| range.start >= start && range.end <= end);
    let moved = here.map(|range| range.start - start + ahead.len()..range.end - start + ahead.len());
    let marks = united(&line, moved.collect());
    Snippet { field, speaker, at, text: line, marks }
}

/// The beginning of a line that shows what stands at `anchor`, with some words before it.
fn begin(text: &str, anchor: usize) -> usize {
    let before = text[..anchor].char_indices().rev().nth(BEFORE);
    let Some((earliest, _)) = before else { return 0 };
    // At the beginning of a word, where there is one.
    text[earliest..anchor].find(' ').map_or(earliest, |blank| earliest + blank + 1)
}

/// The end of the last word that ends before `end`, unless that is far.
fn whole_words(text: &str, start: usize, end: usize) -> usize {
    if text[end..].starts_with(' ') {
        return end;
    }
    text[start..end].rfind(' ').map(|blank| start + blank).filter(|blank| end - blank < BEFORE).unwrap_or(end)
}

/// Ranges made one where they meet or overlap, or only `_` lies between.
fn united(text: &str, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut united: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match united.last_mut() {
            Some(last) if range.start <= last.end || text.get(last.end..range.start) == Some("_") => {
                last.end = last.end.max(range.end);
            }
            _ => united.push(range),
        }
    }
    united
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(text, "2026-01-06".parse().unwrap()).unwrap()
    }

    fn passage(field: Field, text: &str) -> Passage<'_> {
        Passage { field, speaker: None, at: None, text: text.into() }
    }

    /// The snippet with its marks between `**`.
    fn marked(snippet: &Snippet) -> String {
        let mut text = snippet.text.clone();
        for mark in snippet.marks.iter().rev() {
            text.insert_str(mark.end, "**");
            text.insert_str(mark.start, "**");
        }
        text
    }

    #[test]
    fn what_was_looked_for_is_marked_in_any_spelling() {
        let check = |text: &str, looked_for: &str, expected: &str| {
            let passages = [passage(Field::Prompts, text)];
            assert_eq!(marked(&snippet(&passages, &query(looked_for)).unwrap()), expected, "{looked_for}");
        };
        check("Uploads hammer\n  the server", "HAMMER", "Uploads **hammer** the server");
        check("set retry_count in src/retry.rs", "retry", "set **retry**_count in src/**retry**.rs");
        check("set retry_count or retryCount", "retryCount", "set **retry_count** or **retryCount**");
        check("set retryCount", "retrycount", "set **retryCount**");
        check("set retrycount", "retry_count", "set **retrycount**");
        check("the pause doubles twice", "\"pause doub\"*", "the **pause doubles** twice");
        check("ein Café in 東京都", "cafe 京都", "ein **Café** in 東**京都**");
        check("by commit 4a98f7249eaf", "4a98f724", "by commit **4a98f7249eaf**");
        check("a b a", "a OR b", "**a** **b** **a**");
    }

    #[test]
    fn the_line_is_where_most_of_it_stands() {
        let text = format!("budget {} the retry budget is small {}", "words ".repeat(60), "after ".repeat(60));
        let passages = [passage(Field::Replies, "budget"), passage(Field::Replies, &text)];
        let line = marked(&snippet(&passages, &query("retry budget")).unwrap());
        assert!(line.starts_with("…words ") && line.contains("the **retry** **budget** is small"), "{line}");
        assert!(line.ends_with("after…") && line.chars().count() < LENGTH + 20, "{line}");
    }

    #[test]
    fn the_part_that_counts_more_is_shown_and_a_subject_is_not_repeated() {
        let passages =
            [passage(Field::Subject, "retry"), passage(Field::Replies, "retry"), passage(Field::Prompts, "so retry")];
        assert_eq!(snippet(&passages, &query("retry")).unwrap().text, "so retry");
        assert_eq!(snippet(&passages, &query("in:replies retry")).unwrap().text, "retry");
        assert_eq!(snippet(&passages[..1], &query("retry")), None);
        assert_eq!(snippet(&passages, &query("author:ada")).unwrap().text, "so retry");
    }

    proptest! {
        #[test]
        fn marks_lie_in_the_text_and_apart(text in "(\\PC|[ab_A ]){0,300}", looked_for in "[ab]{1,2}[*]? [ab]") {
            let passages = [passage(Field::Prompts, &text)];
            if let Some(snippet) = snippet(&passages, &query(&looked_for)) {
                prop_assert!(snippet.marks.iter().all(|mark| snippet.text.get(mark.clone()).is_some_and(|text| !text.is_empty())));
                prop_assert!(snippet.marks.windows(2).all(|pair| pair[0].end < pair[1].start));
            }
        }
    }
}
