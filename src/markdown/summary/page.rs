//! The page of a summary, read.
//!
//! In: a page's text. Out: where the generated part lies, what its first line says, its prose, and whether somebody has
//! changed it. Never here: a text that cannot be read at all, or what the summary says of entries.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::super::marker;
use super::super::sections::{Line, problem};
use super::telling;
use crate::journal::summary::Stamp;
use crate::journal::{Fingerprint, MARKER, Period, SummaryPage};

/// The version of the format that is written and read here.
pub const VERSION: u32 = 1;

/// What the first line begins with, after the marker.
const BEGIN: &str = "summary ";

/// How the line that ends the generated part begins, after the marker.
const END: &str = "end ";

/// Where the parts of a page lie. Lines include their line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// From the first structure line to the end line, both included; to the end of the page where that is missing.
    pub generated: Range<usize>,
    /// Between the two.
    pub inner: Range<usize>,
    /// Whether there is an end line.
    pub is_whole: bool,
}

/// Finds the generated part of a page; `None` where there is none.
#[must_use]
pub fn span(page: &[u8]) -> Option<Span> {
    let mut lines = lines(page);
    let begins = |line: &Range<usize>, what: &str| {
        page[line.clone()].strip_prefix(MARKER.as_bytes()).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    };
    let first = lines.find(|line| begins(line, BEGIN))?;
    let last = lines.find(|line| begins(line, END));
    let end = last.clone().unwrap_or(page.len()..page.len());
    Some(Span { generated: first.start..end.end, inner: first.end..end.start, is_whole: last.is_some() })
}

/// The lines of a page, a byte order mark apart.
fn lines(page: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let start = marker::text_start(page);
    page[start..].split_inclusive(|byte| *byte == b'\n').scan(start, |at, line| {
        let begin = *at;
        *at += line.len();
        Some(begin..*at)
    })
}

/// The first line.
#[must_use]
pub fn begin(period: Period, stamp: &Stamp) -> String {
    let at = stamp.at.to_rfc3339_opts(SecondsFormat::Secs, false);
    format!("{MARKER}{BEGIN}{period} v{VERSION} {at} {} -->", stamp.tail())
}

/// What tells the generated text from a changed one, whatever its line ends and the blanks before them are.
#[must_use]
pub fn text_fingerprint(inner: &str) -> Fingerprint {
    let lines: Vec<&str> = inner.trim().lines().map(str::trim_end).collect();
    Fingerprint::of([lines.join("\n").as_bytes()])
}

/// Reads the page of a period.
#[must_use]
pub fn parse(text: &str, period: Period) -> SummaryPage {
    let mut page = SummaryPage {
        period,
        made: None,
        text: text.to_owned(),
        prose: None,
        is_edited: true,
        by_hand: String::new(),
        problems: vec![],
    };
    let Some(span) = span(text.as_bytes()) else {
        page.problems.push(problem(1, "no line that begins a summary"));
        return page;
    };
    let number = text[..span.generated.start].lines().count() + 1;
    let first = text[span.generated.start..].lines().next().unwrap_or_default();
    let inner = &text[span.inner.clone()];
    match opened(first) {
        Ok((named, stamp)) => {
            if named != period.to_string() {
                page.problems.push(problem(number, format!("a summary of {named}")));
            }
            page.is_edited = !span.is_whole || named != period.to_string() || stamp.text != text_fingerprint(inner);
            page.made = Some(stamp);
        }
        Err(what) => page.problems.push(problem(number, what)),
    }
    if span.is_whole {
        text[span.generated.end..].trim().clone_into(&mut page.by_hand);
    } else {
        page.problems.push(problem(number, "a summary without its end line"));
    }
    let lines: Vec<Line<'_>> =
        inner.lines().map(str::trim_end).enumerate().map(|(nth, line)| (number + 1 + nth, line)).collect();
    page.prose = telling::read(&lines, &mut page.problems);
    page
}

/// What the first line says.
fn opened(line: &str) -> Result<(&str, Stamp), String> {
    let words = line.strip_prefix(MARKER).and_then(|rest| rest.strip_prefix(BEGIN)).unwrap_or_default();
    let words: Vec<&str> = words.split("-->").next().unwrap_or_default().split_whitespace().collect();
    let version = words.get(1).and_then(|word| word.strip_prefix('v')?.parse::<u32>().ok());
    if let Some(version) = version.filter(|version| *version != VERSION) {
        return Err(format!("version {version} of the format; this program knows {VERSION}"));
    }
    let stamp = || -> Option<(&str, Stamp)> {
        let [period, _, at, "of", of, "text", text] = words[..] else { return None };
        let at: DateTime<FixedOffset> = DateTime::parse_from_rfc3339(at).ok()?;
        Some((period, Stamp { at, of: Fingerprint::parse(of)?, text: Fingerprint::parse(text)? }))
    };
    version.and_then(|_| stamp()).ok_or_else(|| "a first line that cannot be read".to_owned())
}
