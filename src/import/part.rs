//! A file of an earlier program, cut at its headers.
//!
//! In: the file's text, and what a header looks like. Out: [`Part`]s that hold, together, every word of it.
//! Never here: what a part belongs to (that is `place`).

use chrono::NaiveDate;

use super::header::Header;
use crate::markdown::escape::Fences;

/// A text that stands below one header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The line of its first word in the file, counted from 1.
    pub line: usize,
    /// Whether its header says that it is about a commit.
    pub of_commit: bool,
    /// The digits by which the commit is named, abbreviated as a rule.
    pub commit: Option<String>,
    /// The day that the header names.
    pub day: Option<NaiveDate>,
    /// The header's line and what follows it, as it stands there, without rules and empty lines around it.
    pub text: String,
}

/// Cuts a text before every line that is a header. What stands before the first one is a part, too, unless it is the
/// title that the program has written.
#[must_use]
pub fn cut(text: &str, header: impl Fn(&str) -> Option<Header>) -> Vec<Part> {
    // A fence that never closes would swallow the whole rest.
    let heed_fences = Fences::balanced(text);
    let mut fences = Fences::default();
    let mut parts: Vec<(usize, Option<Header>, Vec<&str>)> = vec![(1, None, vec![])];
    for (number, line) in text.split('\n').map(|line| line.trim_end_matches('\r')).enumerate() {
        let quoted = heed_fences && fences.inside(line);
        if let Some(header) = header(line.trim_end()).filter(|_| !quoted) {
            parts.push((number + 1, Some(header), vec![]));
        }
        if let Some((_, _, lines)) = parts.last_mut() {
            lines.push(line);
        }
    }
    parts.into_iter().filter_map(|(line, header, lines)| part(line, header, &lines)).collect()
}

/// The whole text as one part, unless there is no word in it.
#[must_use]
pub fn whole(text: &str) -> Option<Part> {
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    let first = lines.iter().position(|line| !line.trim().is_empty())?;
    let text = trimmed(&lines[first..]);
    (!text.is_empty()).then_some(Part { line: first + 1, of_commit: false, commit: None, day: None, text })
}

fn part(line: usize, header: Option<Header>, lines: &[&str]) -> Option<Part> {
    let Some(header) = header else {
        let title_only = lines.iter().all(|line| is_frame(line));
        return if title_only { None } else { whole(&lines.join("\n")) };
    };
    let commit = named(&header, lines);
    Some(Part { line, of_commit: header.of_commit, commit, day: header.day, text: trimmed(lines) })
}

/// The digits by which a commit is named: those of the details where they say more than the header.
fn named(header: &Header, lines: &[&str]) -> Option<String> {
    let detailed = || lines.iter().find_map(|line| hash_line(line));
    match &header.commit {
        _ if !header.of_commit => None,
        None => detailed(),
        Some(short) => detailed().filter(|full| full.starts_with(short)).or_else(|| Some(short.clone())),
    }
}

/// `- **Hash**: 79a6c5af…`, and `- **commit_hash:** …`.
fn hash_line(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches(['-', '*', ' ']).to_lowercase();
    let rest = line.strip_prefix("commit").map_or(&*line, |rest| rest.trim_start_matches([' ', '_']));
    let rest = rest.strip_prefix("hash")?.strip_prefix(['*', ':'])?;
    super::header::hexadecimal(rest.trim_start_matches(['*', ':', ' ']))
}

fn trimmed(lines: &[&str]) -> String {
    let end = lines.iter().rposition(|line| !is_rule(line)).map_or(0, |last| last + 1);
    lines[..end].join("\n").trim_end().to_owned()
}

/// A line without a word of anybody's: empty, or the rule that ends an entry.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line == "---" || line.chars().all(|c| c == '═')
}

/// A line that the program frames a file with: rules, and the title.
#[must_use]
pub fn is_frame(line: &str) -> bool {
    const TITLES: [&str; 4] = ["# Daily Journal Entries", "# Journal Entries", "# Reflections", "# Context"];
    let line = line.trim_end();
    let title = |start: &str| line.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(" -"));
    is_rule(line) || TITLES.iter().any(|start| title(start))
}
