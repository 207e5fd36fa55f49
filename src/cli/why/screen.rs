//! A story on the terminal.
//!
//! In: a [`Story`]. Out: its text. Never here: a word that is not in it, or one that steers the terminal.

use std::fmt::Write;
use std::ops::RangeInclusive;

use crate::draft::cut::one_line;
use crate::journal::{NoteKind, Speaker};
use crate::markdown::parts::counted;
use crate::safe::printable;
use crate::ui::style::{Part, paint};
use crate::why::story::Said;
use crate::why::{Brought, Chapter, How, Story, Told};

/// So many lines of the file are shown, of what was said, and of everything else.
const LINES: usize = 12;
const SAID: Size = Size { lines: 6, letters: 480 };
const POINT: Size = Size { lines: 3, letters: 280 };
const BODY: Size = Size { lines: 8, letters: 600 };

/// So many requests, and points of each kind.
const MOST_SAID: usize = 2;
const MOST_POINTS: usize = 4;

/// How much of a text is shown.
#[derive(Debug, Clone, Copy)]
struct Size {
    lines: usize,
    letters: usize,
}

/// How to show it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    /// In colours.
    pub(super) colour: bool,
    /// Nothing is left out.
    pub(super) full: bool,
}

impl Screen {
    pub(super) fn story(self, story: &Story) -> String {
        let mut text = String::new();
        self.head(&mut text, story);
        for chapter in &story.chapters {
            text.push('\n');
            self.chapter(&mut text, story, chapter);
        }
        let mut notes = Vec::new();
        if story.more > 0 {
            notes.push(match &story.lines[..] {
                [] => "there are more commits: -n shows more of them".to_owned(),
                _ => format!("{} more commits have a part in these lines: -n shows more of them", story.more),
            });
        }
        let untold = story.chapters.iter().filter(|chapter| chapter.told.is_empty()).count();
        if untold > 1 {
            notes.push(format!(
                "{untold} of these commits have no entry: commit-story backfill writes those of past commits"
            ));
        }
        for note in notes {
            let _ = write!(text, "\n{}\n", self.paint(Part::Quiet, &note));
        }
        text
    }

    fn paint(self, part: Part, text: &str) -> String {
        paint(part, printable(text), self.colour)
    }

    /// The lines that were asked about; of a whole file only how many there are.
    fn head(self, text: &mut String, story: &Story) {
        let Some(path) = &story.path else { return };
        let whole =
            story.length.is_some_and(|length| story.lines.len() == length as usize) && story.lines.len() > LINES;
        let length = story.length.filter(|_| whole).map(|length| format!(" · {}", counted(length, "line")));
        let _ = writeln!(text, "{}{}", self.paint(Part::Heading, path), length.unwrap_or_default());
        if !whole || self.full {
            let shown = if self.full { story.lines.len() } else { LINES };
            let several = story.chapters.len() > 1 || story.uncommitted > 0;
            let width = story.lines.last().map_or(1, |line| line.number.to_string().len());
            for line in story.lines.iter().take(shown) {
                let commit = line.commit.as_ref().map_or("not yet ", |commit| commit.short());
                let commit = if several { format!("{} ", self.paint(Part::Quiet, commit)) } else { String::new() };
                let number = self.paint(Part::Quiet, &format!("{:>width$}", line.number));
                let shown = format!("  {commit}{number}  {}", printable(line.text.trim_end()).replace('\t', "    "));
                let _ = writeln!(text, "{}", shown.trim_end());
            }
            if story.lines.len() > shown {
                let rest = format!("  … and {} more", story.lines.len() - shown);
                let _ = writeln!(text, "{}", self.paint(Part::Quiet, &rest));
            }
        }
        if story.uncommitted > 0 {
            let are = if story.uncommitted == 1 { "is" } else { "are" };
            let note = format!("  {} {are} not committed yet", counted(story.uncommitted, "line"));
            let _ = writeln!(text, "{}", self.paint(Part::Warning, &note));
        }
    }

    fn chapter(self, text: &mut String, story: &Story, chapter: &Chapter) {
        let head = format!(
            "{} · {} · {}",
            chapter.at.format("%-d %B %Y"),
            one_line(&chapter.author),
            one_line(&chapter.subject)
        );
        let _ =
            writeln!(text, "{} · {}", self.paint(Part::Strong, &head), self.paint(Part::Code, chapter.commit.short()));
        if let Some(part) = part(story, chapter) {
            let _ = writeln!(text, "{}", self.paint(Part::Quiet, &part));
        }
        if let Brought::Touched(touched) = &chapter.brought {
            self.lines(text, '-', &touched.removed);
            self.lines(text, '+', &touched.added);
        }
        for told in &chapter.told {
            self.told(text, chapter, told);
        }
        let id = chapter.commit.short();
        if chapter.told.is_empty() {
            self.text(text, "  ", &chapter.body, BODY);
            let _ = writeln!(
                text,
                "  {}",
                self.paint(Part::Quiet, &format!("no entry; write one: commit-story record {id}"))
            );
        } else {
            let _ = writeln!(text, "  {}", self.paint(Part::Quiet, &format!("more: commit-story show {id}")));
        }
    }

    /// Lines that came or went.
    fn lines(self, text: &mut String, sign: char, lines: &[String]) {
        let shown = if self.full { lines.len() } else { LINES / 2 };
        let part = if sign == '+' { Part::Good } else { Part::Bad };
        for line in lines.iter().take(shown) {
            let _ = writeln!(text, "  {}", self.paint(part, &format!("{sign} {}", line.trim())));
        }
        if lines.len() > shown {
            let _ = writeln!(text, "  {sign} … and {} more", lines.len() - shown);
        }
    }

    fn told(self, text: &mut String, chapter: &Chapter, told: &Told) {
        let id = told.entry.commit.short();
        let how = match told.how {
            How::Itself => None,
            How::Replaced => Some(format!("as {id}, whose place it took:")),
            How::Picked => Some(format!("picked from {id}, of which the journal says:")),
            How::Squashed => Some(format!("holds {id}, {}:", one_line(&told.entry.subject))),
            How::Reverted => Some(format!("undoes {id}, {}:", one_line(&told.entry.subject))),
        };
        if let Some(how) = how {
            let _ = writeln!(text, "  {}", self.paint(Part::Quiet, &how));
        }
        for paragraph in &told.summary {
            self.text(text, "  ", paragraph, SAID);
        }
        self.asked(text, told);
        self.points(text, "Decided", &told.decided);
        self.points(text, "Rejected", &told.rejected);
        self.points(text, "Trouble", &told.trouble);
        let notes: Vec<String> = told
            .noted
            .iter()
            .map(|note| match note.kind {
                NoteKind::Reflection => note.text.clone(),
                NoteKind::Capture => format!("(an assistant) {}", note.text),
            })
            .collect();
        self.points(text, "Noted", &notes);
        let silent = told.summary.is_empty() && told.asked.is_empty() && told.decided.is_empty();
        if silent && told.rejected.is_empty() && told.trouble.is_empty() && told.noted.is_empty() {
            self.text(text, "  ", if told.how == How::Itself { &chapter.body } else { &told.entry.body }, BODY);
            let _ = writeln!(text, "  {}", self.paint(Part::Quiet, "no conversation led to it that was found"));
        }
    }

    fn asked(self, text: &mut String, told: &Told) {
        if told.asked.is_empty() {
            return;
        }
        let _ = writeln!(text, "  {}", self.paint(Part::Strong, "Asked"));
        // Beside a request about these lines, those about something else only distract.
        let near = told.asked.iter().filter(|said| said.near).count();
        let few = if near > 0 { near.min(MOST_SAID) } else { MOST_SAID };
        let shown = if self.full { told.asked.len() } else { few };
        for said in told.asked.iter().take(shown) {
            self.said(text, said);
        }
        self.rest(text, told.asked.len(), shown);
    }

    fn said(self, text: &mut String, said: &Said) {
        self.text(text, "    ", &format!("“{}”", said.prompt.text), SAID);
        let Some(reply) = &said.reply else { return };
        let name = match reply.speaker {
            Speaker::Assistant(assistant) => assistant.name(),
            Speaker::Developer => "Developer",
        };
        self.text(text, "      ", &format!("{name}: {}", reply.text), SAID);
    }

    fn points(self, text: &mut String, heading: &str, points: &[String]) {
        if points.is_empty() {
            return;
        }
        let _ = writeln!(text, "  {}", self.paint(Part::Strong, heading));
        let shown = if self.full { points.len() } else { MOST_POINTS };
        for point in points.iter().take(shown) {
            self.text(text, "    ", point, POINT);
        }
        self.rest(text, points.len(), shown);
    }

    fn rest(self, text: &mut String, all: usize, shown: usize) {
        if all > shown {
            let _ = writeln!(text, "    {}", self.paint(Part::Quiet, &format!("… and {} more", all - shown)));
        }
    }

    /// A text with every line indented; what is left out is marked.
    fn text(self, to: &mut String, indent: &str, text: &str, size: Size) {
        let shown = if self.full { text.trim().to_owned() } else { cut(text.trim(), size) };
        for (nth, line) in shown.lines().filter(|line| !line.trim().is_empty()).enumerate() {
            // What continues an item stands below its beginning.
            let hang = if nth > 0 && indent.len() > 2 { "  " } else { "" };
            let _ = writeln!(to, "{indent}{hang}{}", printable(line.trim_end()));
        }
    }
}

/// The beginning of a text.
fn cut(text: &str, size: Size) -> String {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let shown: Vec<&str> = lines.by_ref().take(size.lines).collect();
    let left_out = lines.next().is_some();
    let shown = shown.join("\n");
    match shown.char_indices().nth(size.letters) {
        Some((end, _)) => format!("{} […]", shown[..end].trim_end()),
        None if left_out => format!("{shown} […]"),
        None => shown,
    }
}

/// What of the file a commit brought, and what it did to the file.
fn part(story: &Story, chapter: &Chapter) -> Option<String> {
    let mut parts = Vec::new();
    if let Brought::Lines(lines) = &chapter.brought
        && (story.chapters.len() > 1 || story.more > 0 || story.uncommitted > 0)
    {
        parts.push(ranges(lines));
    }
    if let Some(change) = &chapter.change {
        let renamed = story.path.as_ref().is_some_and(|path| *path != change.path);
        let path = if renamed { format!("then {} ", one_line(&change.path)) } else { String::new() };
        let came = match (&change.from, change.new) {
            (Some(from), _) => format!(", moved from {}", one_line(from)),
            (None, true) => ", new".to_owned(),
            (None, false) => String::new(),
        };
        parts.push(format!("{path}+{} −{}{came}", change.added, change.removed));
    }
    (!parts.is_empty()).then(|| format!("  {}", parts.join(" · ")))
}

/// `line 3`, `lines 3-5, 9`.
fn ranges(lines: &[RangeInclusive<u32>]) -> String {
    const MOST: usize = 6;
    let range = |lines: &RangeInclusive<u32>| match (lines.start(), lines.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    };
    let all: u32 = lines.iter().map(|lines| lines.end() - lines.start() + 1).sum();
    let mut shown: Vec<String> = lines.iter().take(MOST).map(range).collect();
    if lines.len() > MOST {
        shown.push("…".to_owned());
    }
    match all {
        1 => format!("line {}", shown.join(", ")),
        _ => format!("{all} lines: {}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_by_lines_and_by_letters_and_says_so() {
        let size = Size { lines: 2, letters: 8 };
        for (text, expected) in
            [("a\n\nb", "a\nb"), ("a\nb\nc", "a\nb […]"), ("äöüßäöüß", "äöüßäöüß"), ("äöüßäöüßx", "äöüßäöüß […]")]
        {
            assert_eq!(cut(text, size), expected);
        }
    }

    #[test]
    fn lines_are_named_by_their_ends() {
        assert_eq!(ranges(&[3..=3]), "line 3");
        assert_eq!(ranges(&[3..=5, 9..=9]), "4 lines: 3-5, 9");
        let many: Vec<_> = (0..9).map(|nth| nth * 2..=nth * 2).collect();
        assert_eq!(ranges(&many), "9 lines: 0, 2, 4, 6, 8, 10, …");
    }
}
