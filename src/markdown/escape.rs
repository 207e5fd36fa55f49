//! Foreign text inside the page's structure.
//!
//! In: lines that may say anything. Out: lines that cannot be taken for structure, and the way back, exactly.
//! Never here: HTML entities, or a backslash where nothing would break: quotes stay readable.

use std::borrow::Cow;

use crate::journal::MARKER;

/// An opened code fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fence {
    mark: u8,
    length: usize,
}

/// Follows code fences from line to line, as a Markdown viewer does.
#[derive(Debug, Default)]
pub struct Fences(Option<Fence>);

impl Fences {
    /// Takes the next line; whether it lies in a fence (the fence's own lines do not).
    pub fn inside(&mut self, line: &str) -> bool {
        let Some(open) = self.0 else {
            self.0 = fence(line);
            return false;
        };
        let rest = indented(line).1;
        let length = rest.bytes().take_while(|byte| *byte == open.mark).count();
        if length >= open.length && rest[length..].trim().is_empty() {
            self.0 = None;
            return false;
        }
        true
    }

    /// Whether every fence of the text is closed.
    #[must_use]
    pub fn balanced(text: &str) -> bool {
        let mut fences = Self::default();
        for line in text.split('\n') {
            fences.inside(line);
        }
        fences.0.is_none()
    }
}

/// The fence that a line opens.
fn fence(line: &str) -> Option<Fence> {
    let rest = indented(line).1;
    let mark = rest.bytes().next().filter(|byte| matches!(byte, b'`' | b'~'))?;
    let length = rest.bytes().take_while(|byte| *byte == mark).count();
    let opens = length >= 3 && !(mark == b'`' && rest[length..].contains('`'));
    opens.then_some(Fence { mark, length })
}

/// Splits off the indentation that Markdown ignores: up to three blanks.
fn indented(line: &str) -> (&str, &str) {
    let width = line.bytes().take(3).take_while(|byte| *byte == b' ').count();
    line.split_at(width)
}

/// Puts a backslash before what is dangerous, and one more before what already has some, so that it can be undone.
fn guard(line: &str, dangerous: impl Fn(&str) -> bool) -> Cow<'_, str> {
    let (indent, rest) = indented(line);
    if dangerous(rest.trim_start_matches('\\')) {
        return Cow::Owned(format!("{indent}\\{rest}"));
    }
    Cow::Borrowed(line)
}

/// Undoes [`guard`].
fn unguard(line: &str, dangerous: impl Fn(&str) -> bool) -> Cow<'_, str> {
    let (indent, rest) = indented(line);
    match rest.strip_prefix('\\') {
        Some(bare) if dangerous(bare.trim_start_matches('\\')) => Cow::Owned(format!("{indent}{bare}")),
        _ => Cow::Borrowed(line),
    }
}

/// What would end the body of a message, or swallow what follows it in a viewer.
fn breaks_body(line: &str) -> bool {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    let heading = (1..=6).contains(&hashes) && matches!(line.as_bytes().get(hashes), None | Some(b' ' | b'\t'));
    let underline =
        !line.is_empty() && (line.bytes().all(|byte| byte == b'=') || line.bytes().all(|byte| byte == b'-'));
    heading || underline || line.starts_with('<') || fence(line).is_some()
}

/// The body of a commit message, which stands at the left edge of the page. Closed code fences stay as they are.
#[must_use]
pub fn body(text: &str) -> String {
    let keep_fences = Fences::balanced(text);
    let mut fences = Fences::default();
    each_line(text, |line| {
        if keep_fences && fences.inside(line) {
            return guard(line, |bare| bare.starts_with(MARKER));
        }
        if keep_fences && fence(line).is_some() { Cow::Borrowed(line) } else { guard(line, breaks_body) }
    })
}

/// Undoes [`body`].
#[must_use]
pub fn unbody(text: &str) -> String {
    let mut fences = Fences::default();
    each_line(text, |line| {
        if fences.inside(line) { unguard(line, |bare| bare.starts_with(MARKER)) } else { unguard(line, breaks_body) }
    })
}

/// Whether a line looks like the head of a quote: `**Name**, `.
fn looks_like_head(line: &str) -> bool {
    line.strip_prefix("**").and_then(|rest| rest.split_once("**, ")).is_some_and(|(name, _)| !name.contains('*'))
}

/// The words of a quote: only a line that looks like the head of another quote is changed.
#[must_use]
pub fn words(text: &str) -> String {
    each_line(text, |line| guard(line, looks_like_head))
}

/// Undoes [`words`].
#[must_use]
pub fn unwords(text: &str) -> String {
    each_line(text, |line| unguard(line, looks_like_head))
}

fn each_line<'a>(text: &'a str, mut change: impl FnMut(&'a str) -> Cow<'a, str>) -> String {
    let mut out = String::with_capacity(text.len());
    for (nth, line) in text.split('\n').enumerate() {
        if nth > 0 {
            out.push('\n');
        }
        out.push_str(&change(line));
    }
    out
}

/// Whether a viewer would take what follows the text in the same quote for a part of it: an open code fence or comment.
#[must_use]
pub fn swallows(text: &str) -> bool {
    const OPENERS: [&str; 6] = ["<!", "<?", "<script", "<pre", "<style", "<textarea"];
    let opens = |line: &str| {
        let line = indented(line).1;
        OPENERS.iter().any(|tag| line.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
    };
    !Fences::balanced(text) || text.split('\n').any(opens)
}

/// Whether a text must begin on a line of its own to look right: lists, headings, code, tables, quotes.
#[must_use]
pub fn starts_block(text: &str) -> bool {
    let line = text.split('\n').next().unwrap_or_default();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    line.starts_with(char::is_whitespace)
        || line.starts_with(['#', '>', '|', '<'])
        || ["- ", "* ", "+ ", "--", "==", "```", "~~~"].iter().any(|start| line.starts_with(start))
        || (digits > 0
            && matches!(line.as_bytes().get(digits), Some(b'.' | b')'))
            && line[digits + 1..].chars().next().is_none_or(char::is_whitespace))
}

/// Text as a code span, with as many backticks as it needs.
#[must_use]
pub fn code(text: &str) -> String {
    if text.is_empty() {
        return "` `".to_owned();
    }
    let length = (1..=text.len() + 1).find(|length| runs(text).all(|run| run != *length)).unwrap_or(1);
    let ticks = "`".repeat(length);
    let touches = text.starts_with('`') || text.ends_with('`');
    let blanks = text.starts_with(' ') && text.ends_with(' ') && !text.trim_matches(' ').is_empty();
    let pad = if touches || blanks { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Reads a code span at the start of `text`: its content and what follows it.
#[must_use]
pub fn uncode(text: &str) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(|byte| *byte == b'`').count();
    let inner = text.get(length..).filter(|_| length > 0)?;
    let mut at = 0;
    loop {
        let open = at + inner[at..].find('`')?;
        let run = inner[open..].bytes().take_while(|byte| *byte == b'`').count();
        if run == length {
            let content = &inner[..open];
            let bare = content.strip_prefix(' ').and_then(|content| content.strip_suffix(' '));
            let padded = bare.filter(|_| !content.trim_matches(' ').is_empty());
            return Some((padded.unwrap_or(content), &inner[open + run..]));
        }
        at = open + run;
    }
}

/// The lengths of the runs of backticks in a text.
fn runs(text: &str) -> impl Iterator<Item = usize> {
    text.split(|c| c != '`').map(str::len).filter(|run| *run > 0)
}

/// A code fence that is longer than any run of backticks in the text.
#[must_use]
pub fn fence_for(text: &str) -> String {
    "`".repeat(runs(text).max().unwrap_or(0).max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_changed_only_where_it_would_break_the_page() {
        let check = |raw: &str, expected: &str| {
            assert_eq!(body(raw), expected);
            assert_eq!(unbody(expected), raw);
        };
        check("#12 and a # b\n- item", "#12 and a # b\n- item");
        check("### Details\n  # x", "\\### Details\n  \\# x");
        check("\\### Details", "\\\\### Details");
        check("<!-- commit-story:end -->", "\\<!-- commit-story:end -->");
        check("```sh\n# root\n<!-- commit-story:end\n```", "```sh\n# root\n\\<!-- commit-story:end\n```");
        check("```sh\n# root", "\\```sh\n\\# root");
        check("title\n---", "title\n\\---");
    }

    #[test]
    fn a_code_span_holds_any_line() {
        for raw in ["a", "a`b", "`", "``a", " a", " a ", "  ", "`a` ``b`` ```c"] {
            let span = code(raw);
            assert_eq!(uncode(&format!("{span} rest")), Some((raw, " rest")), "{span}");
        }
        assert_eq!(uncode("`open"), None);
        assert_eq!(uncode("plain"), None);
    }

    #[test]
    fn an_open_fence_or_comment_swallows_what_follows() {
        assert!(swallows("```\ncode"));
        assert!(swallows("a\n<!-- b"));
        assert!(!swallows("```\ncode\n```\n<b>"));
    }
}
