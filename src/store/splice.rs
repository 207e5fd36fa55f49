//! One entry into a page's bytes.
//!
//! In: a page as it is, which may hold anything, and an entry's text. Out: the page with that entry in it.
//! Never here: a change to any other byte; a page need not be understood, or even be text, to survive.

use std::ops::Range;

use anyhow::{Result, bail};
use chrono::{DateTime, Utc};

use super::joined::missing;
use super::prose;
use crate::git::CommitId;
use crate::journal::Entry;
use crate::markdown::imported::{self, IMPORTED};
use crate::markdown::marker::{self, Span, VERSION};
use crate::markdown::parse::SECTIONS;
use crate::markdown::sections::{Line, body_length};
use crate::markdown::{parse_entries, prose as page, render_entry};

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Nothing: the page says so already.
    Unchanged,
    /// This page, which has one entry more.
    Inserted(Vec<u8>),
    /// This page, whose entry of the commit is another.
    Replaced(Vec<u8>),
}

/// Puts the entry, rendered as `block`, into the page; an empty page begins with `header`. One that takes the place of
/// another says when: `now`.
///
/// # Errors
/// The commit's entry there is in a newer version of the format.
pub fn put(page: &[u8], entry: &Entry, block: &str, header: &str, now: Option<DateTime<Utc>>) -> Result<Edit> {
    let spans = marker::spans(page);
    let mut same = spans.iter().filter(|span| span.begin.commit.as_ref() == Some(&entry.commit));
    if let Some(newer) = same.clone().find_map(|span| span.begin.version.filter(|version| *version > VERSION)) {
        bail!("the entry of {} is in version {newer} of the format; update commit-story", entry.commit.short());
    }
    // An entry that has lost its end line is left alone: what of it was written by hand cannot be told.
    let whole = same.find(|span| span.below.is_some() && span.begin.version == Some(VERSION));
    if let Some(span) = whole {
        let range = span.all.start..span.below.unwrap_or(span.all.end);
        let old = &page[range.clone()];
        // An entry that says the same is the same, whenever it was written.
        let before = span.begin.replaced;
        if again(old, entry, &marker::with_replaced(block, before)) == old {
            return Ok(Edit::Unchanged);
        }
        let new = again(old, entry, &marker::with_replaced(block, now.or(before)));
        return Ok(Edit::Replaced(replaced(page, range, &new)));
    }
    Ok(Edit::Inserted(insert(page, &spans, entry, block, header)))
}

/// Adds entries that the page does not have, oldest first; an empty page begins with `header`. The page is looked through
/// once, however many they are.
#[must_use]
pub fn add(page: &[u8], entries: &[Entry], header: &str) -> Vec<u8> {
    let spans = marker::spans(page);
    let latest = spans.iter().filter_map(|span| span.begin.at).max();
    let below = entries.partition_point(|entry| latest.is_some_and(|latest| entry.at < latest));
    let (among, behind) = entries.split_at(below);
    let mut page = page.to_vec();
    if let Some(first) = behind.first() {
        let blocks: Vec<String> = behind.iter().map(render_entry).collect();
        page = insert(&page, &spans, first, &blocks.join("\n"), header);
    }
    for entry in among {
        page = insert(&page, &marker::spans(&page), entry, &render_entry(entry), header);
    }
    page
}

/// What of an entry is not ours to write anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Its prose, where that could not be read.
    prose: Vec<u8>,
    /// Its sections that this version does not write.
    sections: Vec<u8>,
    /// What stands below its end line.
    below: Vec<u8>,
}

/// A commit's entry that is whole and of this version.
fn whole(page: &[u8], commit: &CommitId) -> Option<Span> {
    let is_it = |span: &Span| {
        span.begin.commit.as_ref() == Some(commit) && span.begin.version == Some(VERSION) && span.below.is_some()
    };
    marker::spans(page).into_iter().find(is_it)
}

/// A commit's entry, and what of it is not ours; `None` when the page has no whole entry of the commit.
#[must_use]
pub fn take_apart(page: &[u8], commit: &CommitId) -> Option<(Entry, Kept)> {
    let span = whole(page, commit)?;
    let (entries, _) = parse_entries(&String::from_utf8_lossy(&page[span.all.clone()]));
    let entry = entries.into_iter().next()?;
    let own = &page[span.all.start..span.inner.end];
    let sections = kept_sections(own, &entry);
    let prose = prose::of(own).filter(|_| entry.narration.is_none()).unwrap_or_default().to_vec();
    let below = page[span.below?..span.all.end].trim_ascii_end().to_vec();
    Some((entry, Kept { prose, sections, below }))
}

/// The page without a commit's entry, all that stands below it included; `None` when it has no whole one.
#[must_use]
pub fn without(page: &[u8], commit: &CommitId) -> Option<Vec<u8>> {
    let span = whole(page, commit)?;
    let mut rest = replaced(page, span.all, b"");
    let end = rest.trim_ascii_end().len();
    rest.truncate(rest.len().min(end + 1));
    Some(rest)
}

/// Adds what was kept of other entries to a commit's entry; what it has already is not added again.
#[must_use]
pub fn give(page: &[u8], commit: &CommitId, kept: &Kept) -> Option<Vec<u8>> {
    let span = whole(page, commit)?;
    let below = &page[span.below?..span.all.end];
    let (own, old) = (&page[span.all.start..span.inner.end], &page[span.inner.end..span.below?]);
    let mut text = own.to_vec();
    if !kept.prose.is_empty() && prose::of(own).is_none() {
        text = prose::with(own, &kept.prose);
    }
    if memchr::memmem::find(own, kept.sections.trim_ascii()).is_none() {
        text.extend_from_slice(&kept.sections);
    }
    text.extend_from_slice(old);
    let mut after = below.to_vec();
    let more = below_without_blank_lines(&kept.below);
    if !more.is_empty() && memchr::memmem::find(below, more).is_none() {
        let line_end: &[u8] = if ends_lines_like_windows(page) { b"\r\n" } else { b"\n" };
        after.truncate(below.trim_ascii_end().len());
        // What stands below begins with an empty line, whether there was something already or not.
        let before: &[&[u8]] = if after.is_empty() { &[line_end] } else { &[line_end, line_end] };
        after.extend(before.concat());
        after.extend([more, line_end].concat());
        if span.all.end < page.len() {
            after.extend_from_slice(line_end);
        }
    }
    text.extend(after);
    Some(replaced(page, span.all, &text))
}

fn below_without_blank_lines(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
    text[start..].trim_ascii_end()
}

/// The entry's new text in the place of the old one: with the line ends of the old one, with its prose where the new one
/// has none, and with those of its sections that are not made anew. What is below the end line is the page's and is not ours to write.
fn again(old: &[u8], entry: &Entry, block: &str) -> Vec<u8> {
    let generated = marker::spans(block.as_bytes()).first().map_or(block.len(), |span| span.inner.end);
    let end_line = marker::spans(old).first().map_or(old.len(), |span| span.inner.end);
    let mut text = with_line_ends(&block[..generated], ends_lines_like_windows(old));
    let newer = |prose: &&[u8]| prose::age(prose).version > page::VERSION;
    if let Some(standing) = prose::of(&old[..end_line]).filter(|prose| entry.narration.is_none() || newer(prose)) {
        text = prose::with(&text, standing);
    }
    text.extend(kept_sections(&old[..end_line], entry));
    text.extend_from_slice(&old[end_line..]);
    text
}

/// The bytes of the sections that this version does not write, and of imported texts that the entry does not bring along
/// itself, in their order, with an empty line before each.
fn kept_sections(old: &[u8], entry: &Entry) -> Vec<u8> {
    let made_anew = |name: &str, lines: &[Line<'_>]| match name {
        IMPORTED => missing(&imported::read(lines, &mut vec![]), &entry.imported).is_empty(),
        name => SECTIONS.contains(&name),
    };
    sections_but(old, made_anew).concat()
}

/// The bytes of the sections that this version does not write, in their order, each with an empty line before it. `old`
/// is an entry up to its end line.
#[must_use]
pub fn unknown_sections(old: &[u8]) -> Vec<Vec<u8>> {
    sections_but(old, |name, _| SECTIONS.contains(&name))
}

fn sections_but(old: &[u8], left_out: impl Fn(&str, &[Line<'_>]) -> bool) -> Vec<Vec<u8>> {
    let old = prose::without(old);
    let lines: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let text: Vec<_> = lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
    let numbered: Vec<Line<'_>> = text.iter().map(|line| line.trim_end()).enumerate().collect();
    // The marker and the heading come before the body, which may hold headings in a code fence.
    let first = 2 + numbered.get(2..).map_or(0, body_length);
    let mut kept = Vec::new();
    for section in numbered.get(first..).unwrap_or_default().chunk_by(|_, next| !next.1.starts_with("### ")) {
        if section[0].1.strip_prefix("### ").is_none_or(|name| left_out(name, &section[1..])) {
            continue;
        }
        let bytes = lines[section[0].0..section[0].0 + section.len()].concat();
        let line_end: &[u8] = if ends_lines_like_windows(&bytes) { b"\r\n" } else { b"\n" };
        kept.push([line_end, bytes.trim_ascii_end(), line_end].concat());
    }
    kept
}

/// Before the first entry of a later author's time, else at the end.
fn insert(page: &[u8], spans: &[Span], entry: &Entry, block: &str, header: &str) -> Vec<u8> {
    let windows = ends_lines_like_windows(page);
    let line_end: &[u8] = if windows { b"\r\n" } else { b"\n" };
    let block = with_line_ends(block, windows);
    let later = spans.iter().find(|span| span.begin.at.is_some_and(|at| at > entry.at));
    if let Some(later) = later {
        let block = [&block, line_end].concat();
        return replaced(page, later.all.start..later.all.start, &block);
    }
    let mut text = page.to_vec();
    if page[marker::text_start(page)..].trim_ascii().is_empty() {
        text.extend_from_slice(header.as_bytes());
    }
    if !text.ends_with(b"\n") {
        text.extend_from_slice(line_end);
    }
    if !text.ends_with(b"\n\n") && !text.ends_with(b"\n\r\n") {
        text.extend_from_slice(line_end);
    }
    text.extend(block);
    text
}

fn replaced(page: &[u8], old: Range<usize>, new: &[u8]) -> Vec<u8> {
    [&page[..old.start], new, &page[old.end..]].concat()
}

/// Whether the first line ends as lines do on Windows.
#[must_use]
pub fn ends_lines_like_windows(text: &[u8]) -> bool {
    memchr::memchr(b'\n', text).is_some_and(|at| text[..at].ends_with(b"\r"))
}

fn with_line_ends(text: &str, windows: bool) -> Vec<u8> {
    if windows { text.replace('\n', "\r\n").into_bytes() } else { text.as_bytes().to_vec() }
}
