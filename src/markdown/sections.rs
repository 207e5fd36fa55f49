//! The sections of an entry, read back.
//!
//! In: a section's lines. Out: its plain data, and a problem for each line that does not follow the format.
//! Never here: where an entry begins and ends (that is `parse`).

use chrono::{DateTime, FixedOffset, NaiveDateTime, NaiveTime};

use super::escape::{self, Fences};
use super::render::{CARRIED_OVER, group_word, mark_word, note_word, speaker};
use crate::chat::Assistant;
use crate::journal::{
    ChangeGroup, ChangeSet, ChangedFile, Command, Commands, Decision, Exchange, Mark, Note, NoteKind, Problem, Quote,
    Roadblock, Speaker,
};

/// A line with its number on the page.
pub type Line<'a> = (usize, &'a str);

/// How many lines precede the first section's heading, of those after the entry's own heading. A `### ` in a code fence is none, unless the fence never ends.
#[must_use]
pub fn body_length(lines: &[Line<'_>]) -> usize {
    let mut fences = Fences::default();
    let heading = |line: &str| line.starts_with("### ");
    let outside = lines.iter().position(|(_, line)| !fences.inside(line) && heading(line));
    outside.or_else(|| lines.iter().position(|(_, line)| heading(line))).unwrap_or(lines.len())
}

/// Words behind a head, such as `**Developer**, 15:55:`.
struct Said {
    line: usize,
    who: String,
    when: String,
    words: String,
}

/// Reads quotes: each begins with a head and ends before the next one.
fn quotes(lines: &[Line<'_>], problems: &mut Vec<Problem>) -> Vec<Said> {
    let mut quotes: Vec<(Said, bool)> = Vec::new();
    for (number, line) in lines {
        let Some(line) = line.strip_prefix('>').map(|line| line.strip_prefix(' ').unwrap_or(line)) else {
            if !line.is_empty() {
                problems.push(problem(*number, "a line that is no part of a quote"));
            }
            continue;
        };
        if let Some((who, when, first)) = head(line) {
            let said = Said { line: *number, who: who.to_owned(), when: when.to_owned(), words: first.to_owned() };
            quotes.push((said, first.is_empty()));
        } else if let Some((said, _)) = quotes.last_mut() {
            said.words.push('\n');
            said.words.push_str(line);
        } else if !line.is_empty() {
            problems.push(problem(*number, "a quote without a speaker and a time"));
        }
    }
    quotes.into_iter().map(finish).collect()
}

/// Undoes the escapes: words that begin beside the head have an unescaped first line.
fn finish((mut said, below): (Said, bool)) -> Said {
    let words = said.words.trim_end().trim_start_matches('\n');
    said.words = match words.split_once('\n') {
        _ if below => escape::unwords(words),
        Some((first, rest)) => format!("{first}\n{}", escape::unwords(rest)),
        None => words.to_owned(),
    };
    said
}

/// Splits `**who**, when: first words`.
fn head(line: &str) -> Option<(&str, &str, &str)> {
    let (who, rest) = line.strip_prefix("**")?.split_once("**, ")?;
    let (when, first) = rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|when| (when, "")))?;
    (!who.contains('*')).then_some((who, when, first))
}

/// An instant beside another one, as a rule the entry's: `15:55` of that day, or with a date before it.
fn moment(text: &str, beside: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    let local = NaiveTime::parse_from_str(text, "%H:%M").map(|time| beside.date_naive().and_time(time));
    let local = local.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")).ok()?;
    local.and_local_timezone(*beside.offset()).single()
}

/// Reads *Conversation* of an entry of that instant.
pub fn conversation(lines: &[Line<'_>], entry: DateTime<FixedOffset>, problems: &mut Vec<Problem>) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for said in quotes(lines, problems) {
        let (when, carried_over) =
            said.when.strip_suffix(CARRIED_OVER).map_or((&*said.when, false), |when| (when, true));
        let Some(at) = moment(when, entry) else {
            problems.push(problem(said.line, "a quote whose time cannot be read"));
            continue;
        };
        let known = |name: &str| {
            let assistant = Assistant::ALL.iter().copied().map(Speaker::Assistant);
            std::iter::once(Speaker::Developer).chain(assistant).find(|known| speaker(*known) == name)
        };
        match (known(&said.who), exchanges.last_mut()) {
            (Some(Speaker::Developer), _) => {
                let prompt = Quote { speaker: Speaker::Developer, at, text: said.words };
                exchanges.push(Exchange { prompt, reply: None, carried_over });
            }
            (Some(speaker), Some(Exchange { reply: reply @ None, .. })) => {
                *reply = Some(Quote { speaker, at, text: said.words });
            }
            (Some(_), _) => problems.push(problem(said.line, "a reply without a prompt")),
            (None, _) => problems.push(problem(said.line, "a speaker that is not known")),
        }
    }
    exchanges
}

/// Reads *Notes* of an entry of that instant.
pub fn notes(lines: &[Line<'_>], entry: DateTime<FixedOffset>, problems: &mut Vec<Problem>) -> Vec<Note> {
    let mut notes = Vec::new();
    for said in quotes(lines, problems) {
        let kind = [NoteKind::Reflection, NoteKind::Capture].into_iter().find(|kind| note_word(*kind) == said.who);
        match (kind, moment(&said.when, entry)) {
            (Some(kind), Some(at)) => notes.push(Note { kind, at, text: said.words }),
            (None, _) => problems.push(problem(said.line, "a kind of note that is not known")),
            (_, None) => problems.push(problem(said.line, "a note whose time cannot be read")),
        }
    }
    notes
}

/// Reads a list: what stands before its first item, and each item with the number of its first line.
fn items<'a>(lines: &[Line<'a>], problems: &mut Vec<Problem>) -> (Vec<Line<'a>>, Vec<(usize, String)>) {
    let mut before = Vec::new();
    let mut items: Vec<(usize, String)> = Vec::new();
    for (number, line) in lines {
        if let Some(first) = line.strip_prefix("- ") {
            items.push((*number, first.to_owned()));
        } else if let (Some((_, item)), true) = (items.last_mut(), line.is_empty() || line.starts_with("  ")) {
            item.push('\n');
            item.push_str(line.get(2..).unwrap_or_default());
        } else if items.is_empty() {
            before.extend((!line.is_empty()).then_some((*number, *line)));
        } else {
            problems.push(problem(*number, "a line that is no part of the list"));
        }
    }
    for (_, item) in &mut items {
        item.truncate(item.trim_end().len());
    }
    (before, items)
}

/// Reads a list whose items all look alike, and nothing else.
pub(super) fn list<T>(
    lines: &[Line<'_>],
    problems: &mut Vec<Problem>,
    mut read: impl FnMut(&str) -> Option<T>,
) -> Vec<T> {
    let (before, items) = items(lines, problems);
    problems.extend(before.iter().map(|(line, _)| problem(*line, "a line that is no part of the list")));
    let mut found = Vec::new();
    for (line, item) in items {
        match read(&item) {
            Some(item) => found.push(item),
            None => problems.push(problem(line, "a list item that cannot be read")),
        }
    }
    found
}

/// What follows a lead-in, on its line or below it.
fn led(rest: &str) -> String {
    rest.strip_prefix(' ').unwrap_or_else(|| rest.trim_start_matches('\n')).to_owned()
}

/// Reads *Decisions*.
pub fn decisions(lines: &[Line<'_>], problems: &mut Vec<Problem>) -> Vec<Decision> {
    list(lines, problems, |item| {
        if let Some(plan) = item.strip_prefix("Plan approved:") {
            return Some(Decision::Approved { plan: led(plan) });
        }
        if let Some(plan) = item.strip_prefix("Plan declined:") {
            return Some(Decision::Declined { plan: led(plan) });
        }
        let bold = item.strip_prefix("**")?;
        let mut question = String::new();
        let mut chars = bold.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => question.push(chars.next()?.1),
                '*' => return Some(Decision::Answered { question, answer: led(bold[at..].strip_prefix("**")?) }),
                c => question.push(c),
            }
        }
        None
    })
}

/// Reads a text from left to right.
pub(super) struct Cursor<'a>(pub(super) &'a str);

impl<'a> Cursor<'a> {
    pub(super) fn eat(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn number<T: std::str::FromStr>(&mut self) -> Option<T> {
        let sign = usize::from(self.0.starts_with('-'));
        let end = sign + self.0[sign..].bytes().take_while(u8::is_ascii_digit).count();
        let number = self.0[..end].parse().ok()?;
        self.0 = &self.0[end..];
        Some(number)
    }

    pub(super) fn code(&mut self) -> Option<&'a str> {
        let (code, rest) = escape::uncode(self.0)?;
        self.0 = rest;
        Some(code)
    }

    /// A number and its noun, in the singular or plural.
    pub(super) fn counted<T: std::str::FromStr>(&mut self, noun: &str) -> Option<T> {
        let number = self.number()?;
        self.eat(" ")?;
        self.eat(noun)?;
        self.eat("s").or(Some(()))?;
        Some(number)
    }

    /// `+2 −1`
    fn churn<T: std::str::FromStr>(&mut self) -> Option<(T, T)> {
        self.eat("+")?;
        let added = self.number()?;
        self.eat(" −")?;
        Some((added, self.number()?))
    }

    /// `15:55`, or `2026-01-05 15:55`, beside that instant.
    pub(super) fn moment(&mut self, beside: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
        let length = if self.0.as_bytes().get(2) == Some(&b':') { "15:55".len() } else { "2026-01-05 15:55".len() };
        let (time, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        moment(time, beside)
    }

    pub(super) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Reads *Roadblocks*.
pub fn roadblocks(lines: &[Line<'_>], problems: &mut Vec<Problem>) -> Vec<Roadblock> {
    list(lines, problems, |item| {
        let (first, output) = item.split_once('\n').unwrap_or((item, ""));
        let mut cursor = Cursor(first);
        let command = cursor.code()?.trim().to_owned();
        cursor.eat(" failed ")?;
        let failures = match cursor.eat("once") {
            Some(()) => 1,
            None => cursor.counted("time")?,
        };
        let exit = match cursor.eat(" (exit ") {
            Some(()) => Some(cursor.number()?),
            None => None,
        };
        exit.map_or(Some(()), |_| cursor.eat(")"))?;
        let passed_in_the_end = cursor.eat(", passed in the end").is_some();
        cursor.end()?;
        Some(Roadblock { command, failures, passed_in_the_end, exit, output: fenced(output) })
    })
}

/// The content of a code fence.
fn fenced(text: &str) -> String {
    let (open, content) = text.split_once('\n').unwrap_or((text, ""));
    let fence = open.trim_end_matches(|c| c != '`');
    let content = content.strip_suffix(fence).unwrap_or(content);
    content.trim_end_matches('\n').to_owned()
}

/// Reads *Commands*.
pub fn commands(lines: &[Line<'_>], problems: &mut Vec<Problem>) -> Commands {
    let mut more = 0;
    let listed = list(lines, problems, |item| {
        let mut cursor = Cursor(item);
        if cursor.eat("and ").is_some() {
            more = cursor.number()?;
            cursor.eat(" more")?;
            return Some(None);
        }
        let line = cursor.code()?.trim().to_owned();
        let times = match cursor.eat(" ×") {
            Some(()) => cursor.number()?,
            None => 1,
        };
        cursor.end()?;
        Some(Some(Command { line, times }))
    });
    Commands { listed: listed.into_iter().flatten().collect(), more }
}

/// Reads *Changes*.
pub fn changes(lines: &[Line<'_>], problems: &mut Vec<Problem>) -> ChangeSet {
    let (before, items) = items(lines, problems);
    let mut changes = ChangeSet::default();
    for (line, text) in before {
        let mut cursor = Cursor(text);
        let mut total = || {
            let files = cursor.counted("file")?;
            cursor.eat(", ")?;
            Some((files, cursor.churn()?))
        };
        match total() {
            Some((files, (added, removed))) => {
                (changes.files, changes.added, changes.removed) = (files, added, removed);
            }
            None => problems.push(problem(line, "a total of changes that cannot be read")),
        }
    }
    for (line, item) in items {
        match changed_file(&item) {
            Some(file) => changes.listed.push(file),
            None if item.starts_with("and ") => {}
            None => problems.push(problem(line, "a changed file that cannot be read")),
        }
    }
    changes
}

fn changed_file(item: &str) -> Option<ChangedFile> {
    const GROUPS: [ChangeGroup; 5] =
        [ChangeGroup::Source, ChangeGroup::Tests, ChangeGroup::Docs, ChangeGroup::Config, ChangeGroup::Generated];
    const MARKS: [Mark; 5] = [Mark::Added, Mark::Deleted, Mark::TypeChanged, Mark::ModeChanged, Mark::Submodule];
    let mut cursor = Cursor(item);
    let path = cursor.code()?.to_owned();
    let mut mark = Mark::Modified;
    if cursor.eat(" ← ").is_some() {
        mark = Mark::RenamedFrom(cursor.code()?.to_owned());
    } else if cursor.eat(" copied from ").is_some() {
        mark = Mark::CopiedFrom(cursor.code()?.to_owned());
    }
    cursor.eat(" ")?;
    let lines = if cursor.0.starts_with('+') { Some(cursor.churn()?) } else { None };
    cursor.eat(" ").or(Some(()))?;
    let words = cursor.0.strip_prefix('(')?.strip_suffix(')')?;
    let (group, word) = words.split_once(", ").map_or((words, None), |(group, word)| (group, Some(word)));
    if let Some(word) = word {
        mark = MARKS.into_iter().find(|mark| mark_word(mark) == Some(word))?;
    }
    let group = GROUPS.into_iter().find(|known| group_word(*known) == group)?;
    Some(ChangedFile { path, mark, group, lines })
}

/// A problem at a line.
pub fn problem(line: usize, what: impl Into<String>) -> Problem {
    Problem { line, what: what.into() }
}
