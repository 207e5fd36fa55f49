//! A model's prose, read back from a page.
//!
//! In: the lines of an entry. Out: where its block of prose stands and what it says, and a problem for each line that
//! does not follow the format.
//! Never here: the evidence below the block, whose sections may have the same names.

use std::ops::Range;

use super::plain;
use super::prose::{BY, DISCUSSED, END, IMPLEMENTED, VERSION, begin, circumstances, opened, stamp};
use super::sections::{Cursor, Line, body_length, list, problem};
use crate::journal::{MARKER, Narration, Problem, Section, Standing, Weighed};

/// The sections that no prose has: where its end line is missing, it ends before one of them.
const EVIDENCE_ONLY: [&str; 6] = ["Conversation", "Commands", "Changes", "Notes", "Details", "Imported"];

/// Where an entry's block stands among its lines, those of its structure included. A block that has lost its first or its
/// last line reaches as far as can be told.
#[must_use]
pub fn find(lines: &[Line<'_>]) -> Option<Range<usize>> {
    let is_end = |line: &Line<'_>| line.1.strip_prefix(MARKER).is_some_and(|rest| rest.starts_with("prose-end"));
    let begin = lines.iter().position(|line| begin(line.1).is_some());
    let Some(start) = begin else {
        let end = lines.iter().position(is_end)?;
        return Some(body_length(&lines[..end])..end + 1);
    };
    let after = &lines[start + 1..];
    let ends_at = |is_it: &dyn Fn(&Line<'_>) -> bool| after.iter().position(is_it).map(|at| start + 1 + at);
    let is_evidence = |line: &Line<'_>| line.1.strip_prefix("### ").is_some_and(|name| EVIDENCE_ONLY.contains(&name));
    let evidence = ends_at(&is_evidence).unwrap_or(lines.len());
    let signed = ends_at(&|line: &Line<'_>| line.1.starts_with(BY.0)).filter(|at| *at < evidence);
    let end = ends_at(&is_end).or(signed).map_or(evidence, |at| at + 1);
    Some(start..end)
}

/// The lines of an entry without its block of prose.
#[must_use]
pub fn without<'a>(lines: &[Line<'a>], block: Option<Range<usize>>) -> Vec<Line<'a>> {
    let block = block.unwrap_or(lines.len()..lines.len());
    [&lines[..block.start], &lines[block.end..]].concat()
}

/// Reads a block, from its first line to its last; `None` with a problem where nobody can know who wrote it and when.
#[must_use]
pub fn read(block: &[Line<'_>], problems: &mut Vec<Problem>) -> Option<Narration> {
    let ((number, first), lines) = block.split_first()?;
    let version = stamp(first).version;
    if version > VERSION {
        problems.push(problem(*number, format!("prose in version {version} of the format, which cannot be read")));
        return None;
    }
    let Some(mut narration) = opened(first) else {
        problems.push(problem(*number, "prose whose first line does not say when it was written"));
        return None;
    };
    let lines = match lines.split_last() {
        Some((last, lines)) if last.1.starts_with(MARKER) => lines,
        _ => {
            problems.push(problem(*number, format!("prose without its end line `{END}`")));
            lines
        }
    };
    let signed = lines.iter().position(|line| line.1.starts_with(BY.0));
    let (lines, after) = lines.split_at(signed.unwrap_or(lines.len()));
    if let Some(line) = after.first() {
        model(&mut narration, line, problems);
    } else {
        problems.push(problem(*number, "prose that does not say who wrote it"));
    }
    let stray = after.iter().skip(1).filter(|line| !line.1.is_empty());
    problems.extend(stray.map(|line| problem(line.0, "a line below the prose")));
    for section in lines.chunk_by(|_, next| !next.1.starts_with("### ")) {
        read_section(&mut narration, section, problems);
    }
    Some(narration)
}

/// Reads who wrote it. The rest of the line repeats, for people, what the first line of the block says.
fn model(narration: &mut Narration, (number, line): &Line<'_>, problems: &mut Vec<Problem>) {
    let words = line.strip_prefix(BY.0).unwrap_or_default();
    let words = words.strip_suffix(BY.1).unwrap_or(words);
    let model = words.strip_suffix(&circumstances(narration)).unwrap_or_else(|| {
        problems.push(problem(*number, "who wrote the prose and when, in other words than in its first line"));
        words.split(", ").next().unwrap_or(words)
    });
    narration.model = plain::read(model);
}

fn read_section(narration: &mut Narration, section: &[Line<'_>], problems: &mut Vec<Problem>) {
    let Some(((number, first), lines)) = section.split_first() else { return };
    let Some(name) = first.strip_prefix("### ") else {
        let stray = section.iter().filter(|line| !line.1.is_empty());
        problems.extend(stray.map(|line| problem(line.0, "a line of prose under no heading")));
        return;
    };
    match Section::ALL.iter().find(|section| section.heading() == name) {
        Some(Section::Summary) => narration.summary.extend(read_paragraphs(lines)),
        Some(Section::Synopsis) => narration.synopsis.extend(read_paragraphs(lines)),
        Some(Section::Mood) => narration.mood.extend(read_paragraphs(lines)),
        Some(Section::Roadblocks) => narration.roadblocks.extend(list(lines, problems, |item| Some(read_text(item)))),
        Some(Section::Lessons) => narration.lessons.extend(list(lines, problems, |item| Some(read_text(item)))),
        Some(Section::Decisions) => narration.decisions.extend(list(lines, problems, read_decision)),
        None => problems.push(problem(*number, format!("a section of prose that is not known: {name}"))),
    }
}

fn read_paragraphs(lines: &[Line<'_>]) -> Vec<String> {
    let paragraphs = lines.split(|line| line.1.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| read_text(&lines.iter().map(|line| line.1.trim()).collect::<Vec<_>>().join("\n"))).collect()
}

/// Reads a text that an editor may have broken into lines.
fn read_text(text: &str) -> String {
    plain::read(&text.replace('\n', " "))
}

fn read_decision(item: &str) -> Option<Weighed> {
    let item = item.replace('\n', " ");
    let (what, rest) = plain::read_bold(item.strip_prefix("**")?)?;
    let mut cursor = Cursor(rest);
    cursor.eat(" (")?;
    let standing = match cursor.eat(DISCUSSED) {
        Some(()) => Standing::Discussed,
        None => Standing::Implemented(read_files(&mut cursor)?),
    };
    cursor.eat(")")?;
    let why = match cursor.0 {
        "." | "" => String::new(),
        rest => plain::read(rest.strip_prefix(": ")?),
    };
    Some(Weighed { what, standing, why })
}

fn read_files(cursor: &mut Cursor<'_>) -> Option<Vec<String>> {
    cursor.eat(IMPLEMENTED)?;
    let mut files = Vec::new();
    let mut lead = " in ";
    while cursor.eat(lead).is_some() {
        files.push(cursor.code()?.to_owned());
        lead = ", ";
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use crate::markdown::parse_entries;

    const OPEN: &str = "<!-- commit-story:prose v1 2026-01-06T16:02:41+01:00 kept 8 dropped 1 -->";
    const SIGNED: &str = "<sub>Prose by a-model, 6 January 2026; 9 claims checked, 1 dropped.</sub>";
    const WHOLE: &str = "@OPEN
### Summary

Words,
in `two` lines.

### Decisions

- **What** (discussed, not done): why
  and why.

@SIGNED
<!-- commit-story:prose-end -->";

    /// An entry with this prose and with evidence below it.
    fn entry(prose: &str) -> String {
        let prose = prose.replace("@OPEN", OPEN).replace("@SIGNED", SIGNED);
        format!(
            "<!-- commit-story:entry 4a98f7249eaf485cd64ce29903edccea27c898af v1 2026-01-06T16:02:06+01:00 -->\n\
             ## 16:02 · subject · 4a98f724\n\nA body.\n\n{prose}\n\n### Decisions\n\n- Plan approved: it\n\n\
             ### Details\n\n- Author: Ada\n<!-- commit-story:end -->\n"
        )
    }

    #[test]
    fn lines_of_an_editor_are_one_text() {
        let (entries, problems) = parse_entries(&entry(WHOLE));
        assert_eq!(problems, []);
        let narration = entries[0].narration.as_ref().unwrap();
        assert_eq!(narration.summary, ["Words, in `two` lines."]);
        assert_eq!(narration.decisions[0].why, "why and why.");
        assert_eq!((narration.model.as_str(), narration.kept, narration.dropped), ("a-model", 8, 1));
        assert_eq!((entries[0].body.as_str(), entries[0].decisions.len()), ("A body.", 1));
    }

    #[test]
    fn broken_prose_is_a_problem_and_leaves_the_evidence_alone() {
        let check = |from: &str, to: &str, what: &str, is_read: bool| {
            assert!(WHOLE.contains(from), "{from}");
            let (entries, problems) = parse_entries(&entry(&WHOLE.replace(from, to)));
            assert!(problems.iter().any(|problem| problem.what.contains(what)), "{from}: {problems:?}");
            assert_eq!(entries[0].narration.is_some(), is_read, "{from}");
            assert_eq!(entries[0].body, "A body.", "{from}");
            assert_eq!((entries[0].decisions.len(), &*entries[0].details.author), (1, "Ada"), "{from}");
        };
        check("@OPEN", "<!-- commit-story:prose v1 yesterday -->", "first line does not say", false);
        check("@OPEN", "<!-- commit-story:prose v2 2026-01-06T16:02:41+01:00 -->", "version 2", false);
        check("@OPEN\n", "", "first line does not say", false);
        check("<!-- commit-story:prose-end -->", "", "end line", true);
        check("@SIGNED", "", "who wrote it", true);
        check("@SIGNED", "<sub>Prose by a-model, or me.</sub>", "in other words", true);
        check("### Summary", "### Poem", "not known: Poem", true);
        check("### Summary", "Stray words.\n\n### Summary", "under no heading", true);
        check("- **What**", "- What", "list item", true);
        check("@SIGNED", "@SIGNED\nmore", "below the prose", true);
    }
}
