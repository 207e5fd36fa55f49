//! A page's text, read back.
//!
//! In: any text at all. Out: the entries that could be read, and a problem with its line for what could not.
//! Never here: a failure. What is not understood is left out of the plain data; on disk it stays (see `store`).

use chrono::{NaiveDate, NaiveTime};

use super::escape;
use super::imported::{self, IMPORTED};
use super::marker::{self, Span, VERSION};
use super::sections::{self, Line, body_length, problem};
use super::{details, narration};
use crate::journal::{ChangeSet, Commands, Details, Entry, Page, Problem};

/// The sections that are written anew with an entry, in their order. The one of [`IMPORTED`] follows them, and
/// stays when an entry without it is written over it.
pub const SECTIONS: [&str; 7] = ["Conversation", "Decisions", "Roadblocks", "Commands", "Changes", "Notes", "Details"];

/// Reads a page. Its day is the header's; without a header, the first entry's, else 1 January 1970.
#[must_use]
pub fn parse_page(text: &str) -> Page {
    let (entries, mut problems) = parse_entries(text);
    let day = day_of_title(text);
    if day.is_none() {
        problems.insert(0, problem(1, "the first line is not the day, such as `# Tuesday, 6 January 2026`"));
    }
    let day = day.or_else(|| entries.first().map(|entry| entry.at.date_naive())).unwrap_or_default();
    Page { day, entries, problems }
}

/// The day that a page's first line names.
#[must_use]
pub fn day_of_title(text: &str) -> Option<NaiveDate> {
    let title = text[marker::text_start(text.as_bytes())..].lines().next()?.strip_prefix("# ")?;
    NaiveDate::parse_from_str(title.trim_end(), "%A, %d %B %Y").ok()
}

/// Reads the entries of a page or of a part of one; lines are counted from the start of `text`.
#[must_use]
pub fn parse_entries(text: &str) -> (Vec<Entry>, Vec<Problem>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut counted = (0, 1);
    for span in marker::spans(text.as_bytes()) {
        let line = counted.1 + text[counted.0..span.all.start].matches('\n').count();
        counted = (span.all.start, line);
        match entry(text, &span, line, &mut problems) {
            Ok(entry) => entries.push(entry),
            Err(what) => problems.push(problem(line, what)),
        }
    }
    (entries, problems)
}

fn entry(text: &str, span: &Span, line: usize, problems: &mut Vec<Problem>) -> Result<Entry, String> {
    match span.begin.version {
        Some(VERSION) => {}
        Some(newer) => {
            return Err(format!("an entry in version {newer} of the format, which this program cannot read"));
        }
        None => return Err("an entry without a version".to_owned()),
    }
    let commit = span.begin.commit.clone().ok_or("an entry without a full commit id")?;
    let at = span.begin.at.ok_or("an entry without its author's time")?;
    let Some(below) = span.below else {
        return Err(format!("an entry without its end line `{}`", marker::END));
    };
    let inner: Vec<Line<'_>> =
        text[span.inner.clone()].lines().enumerate().map(|(nth, text)| (line + 1 + nth, text.trim_end())).collect();
    let (heading, rest) = inner.split_first().ok_or("an entry without a heading")?;
    let subject = subject(heading.1, commit.short()).unwrap_or_else(|| {
        problems.push(problem(heading.0, "a heading that is not `## time · subject · short id`"));
        ""
    });
    let prose = narration::find(rest);
    let narration = prose.clone().and_then(|block| narration::read(&rest[block], problems));
    let evidence = narration::without(rest, prose);
    let (body, sections) = evidence.split_at(body_length(&evidence));
    let mut entry = Entry {
        commit,
        at,
        subject: subject.to_owned(),
        body: escape::unbody(&joined(body)),
        conversation: vec![],
        decisions: vec![],
        roadblocks: vec![],
        commands: Commands::default(),
        changes: ChangeSet::default(),
        notes: vec![],
        details: Details::default(),
        narration,
        imported: vec![],
        by_hand: text[below..span.all.end].to_owned(),
    };
    for section in sections.chunk_by(|_, next| !next.1.starts_with("### ")) {
        read_section(&mut entry, section, problems);
    }
    // Hand edits may have left what no page can hold; by-hand text is brought to its one form.
    Ok(entry.normalised())
}

fn subject<'a>(heading: &'a str, short: &str) -> Option<&'a str> {
    let (time, rest) = heading.strip_prefix("## ")?.split_once(" · ")?;
    NaiveTime::parse_from_str(time, "%H:%M").ok()?;
    if rest == short {
        return Some("");
    }
    rest.strip_suffix(short)?.strip_suffix(" · ")
}

fn joined(lines: &[Line<'_>]) -> String {
    let lines: Vec<&str> = lines.iter().map(|(_, line)| *line).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn read_section(entry: &mut Entry, section: &[Line<'_>], problems: &mut Vec<Problem>) {
    let Some(((number, heading), lines)) = section.split_first() else { return };
    match heading.trim_start_matches("### ") {
        "Conversation" => entry.conversation = sections::conversation(lines, entry.at, problems),
        "Decisions" => entry.decisions = sections::decisions(lines, problems),
        "Roadblocks" => entry.roadblocks = sections::roadblocks(lines, problems),
        "Commands" => entry.commands = sections::commands(lines, problems),
        "Changes" => entry.changes = sections::changes(lines, problems),
        "Notes" => entry.notes = sections::notes(lines, entry.at, problems),
        "Details" => entry.details = details::details(lines, entry.at, problems),
        IMPORTED => entry.imported.extend(imported::read(lines, problems)),
        other => problems.push(problem(*number, format!("a section that is not known: {other}"))),
    }
}
