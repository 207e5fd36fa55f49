//! A model's prose in a summary.
//!
//! In: a [`Prose`], or the lines of a page. Out: the block between its two structure lines; the other of the two.
//! Never here: what the rest of the summary says.

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::super::plain;
use super::super::sections::{Line, problem};
use super::link;
use crate::journal::{EntryRef, Fingerprint, MARKER, Problem, Prose};

/// The version of the block that is written and read here.
const VERSION: u32 = 1;

/// What the block's first line begins with, after the marker.
const BEGIN: &str = "telling ";

/// The line that ends the block.
const END: &str = "<!-- commit-story:telling-end -->";

/// What the line that says who wrote it begins with.
const BY: &str = "<sub>Prose by ";

/// The block, without a line end behind it. `now`: what the sources are today.
#[must_use]
pub fn render(prose: &Prose, now: &Fingerprint) -> String {
    let at = prose.at.to_rfc3339_opts(SecondsFormat::Secs, false);
    let (kept, dropped, of) = (prose.kept, prose.dropped, prose.of.as_str());
    let begin = format!("{MARKER}{BEGIN}v{VERSION} {at} of {of} kept {kept} dropped {dropped} -->");
    let earlier = if prose.of == *now { "" } else { ", of an earlier state of the journal" };
    let (model, day) = (plain::within(&prose.model), prose.at.format("%-d %B %Y"));
    let checked = kept.saturating_add(dropped);
    let text = prose.paragraphs.join("\n\n");
    format!("{begin}\n{text}\n\n{BY}{model}, {day}{earlier}; {checked} claims checked, {dropped} dropped.</sub>\n{END}")
}

/// A sentence of plain text, with links to the entries that it rests on.
#[must_use]
pub fn sentence(text: &str, of: &[EntryRef]) -> String {
    linked(&plain::paragraph(text), of)
}

/// A decision: what, whether it was put off, and why; with links as a sentence.
#[must_use]
pub fn decision(what: &str, is_put_off: bool, why: &str, of: &[EntryRef]) -> String {
    let standing = if is_put_off { " (discussed, not done)" } else { "" };
    let why = if why.is_empty() { String::new() } else { format!(": {}", plain::within(why)) };
    linked(&format!("**{}**{standing}{why}", plain::within(what)), of)
}

fn linked(words: &str, of: &[EntryRef]) -> String {
    let links: Vec<String> = of.iter().map(|of| link::entry(of.commit.short(), of)).collect();
    if links.is_empty() { words.to_owned() } else { format!("{words} ({})", links.join(", ")) }
}

/// Reads the block among a page's lines; `None` where there is none, or none that can be read.
#[must_use]
pub fn read(lines: &[Line<'_>], problems: &mut Vec<Problem>) -> Option<Prose> {
    let begins = |line: &Line<'_>| line.1.strip_prefix(MARKER).is_some_and(|rest| rest.starts_with(BEGIN));
    let start = lines.iter().position(begins)?;
    let (number, first) = lines[start];
    let Some(mut prose) = opened(first) else {
        problems.push(problem(number, "prose whose first line cannot be read"));
        return None;
    };
    let within = &lines[start + 1..];
    let Some(end) = within.iter().position(|line| line.1.starts_with(END)) else {
        problems.push(problem(number, "prose without its end line"));
        return None;
    };
    for lines in within[..end].split(|line| line.1.is_empty()).filter(|lines| !lines.is_empty()) {
        let text = lines.iter().map(|line| line.1).collect::<Vec<_>>().join("\n");
        match text.strip_prefix(BY) {
            Some(by) => prose.model = plain::read(model(by, &prose).unwrap_or(by)),
            None => prose.paragraphs.push(text),
        }
    }
    Some(prose)
}

/// The model's name before the day.
fn model<'a>(by: &'a str, prose: &Prose) -> Option<&'a str> {
    by.rsplit_once(&format!(", {}", prose.at.format("%-d %B %Y"))).map(|(model, _)| model)
}

fn opened(line: &str) -> Option<Prose> {
    let words: Vec<&str> =
        line.strip_prefix(MARKER)?.strip_prefix(BEGIN)?.split("-->").next()?.split_whitespace().collect();
    let [version, at, "of", of, "kept", kept, "dropped", dropped] = words[..] else { return None };
    let at: DateTime<FixedOffset> = DateTime::parse_from_rfc3339(at).ok()?;
    let of = Fingerprint::parse(of)?;
    let (kept, dropped) = (kept.parse().ok()?, dropped.parse().ok()?);
    let is_ours = version.strip_prefix('v')?.parse() == Ok(VERSION);
    is_ours.then_some(Prose { paragraphs: vec![], model: String::new(), at, kept, dropped, of })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_read_back_and_says_when_it_is_of_an_earlier_state() {
        let now = Fingerprint::of([&b"now"[..]]);
        let prose = Prose {
            paragraphs: vec!["One \\*thing\\* ([4a98f724](x)).".to_owned(), "- an item".to_owned()],
            model: "small, 2*3".to_owned(),
            at: DateTime::parse_from_rfc3339("2026-01-12T09:00:00+01:00").unwrap(),
            kept: 3,
            dropped: 1,
            of: now.clone(),
        };
        let text = render(&prose, &now);
        assert!(
            text.contains("<sub>Prose by small, 2\\*3, 12 January 2026; 4 claims checked, 1 dropped.</sub>"),
            "{text}"
        );
        let earlier = render(&prose, &Fingerprint::of([]));
        assert!(earlier.contains("2026, of an earlier state of the journal;"), "{earlier}");
        for text in [text, earlier] {
            let lines: Vec<Line<'_>> = text.lines().enumerate().collect();
            let mut problems = vec![];
            assert_eq!((read(&lines, &mut problems), problems), (Some(prose.clone()), vec![]));
            let cut = &lines[..lines.len() - 1];
            assert_eq!(read(cut, &mut vec![]), None);
        }
    }
}
