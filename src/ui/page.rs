//! A journal page on a terminal.
//!
//! In: Markdown as the journal has it. Out: the same words without markers, with colours when there are any.
//! Never here: words left out: only invisible markers and the signs that colours replace.

use super::style::{Part, paint};

/// A page, or a part of one, for the terminal.
#[must_use]
pub fn render(markdown: &str, colour: bool) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut blank = true;
    for line in markdown.lines().filter(|line| !line.starts_with("<!-- commit-story:")) {
        // Before our own colours are added, so that nothing on a page passes for them.
        let line = self::line(&printable(line), colour);
        // Where a marker stood between two blank lines, one is enough.
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        text.push_str(&line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn line(line: &str, colour: bool) -> String {
    if !colour {
        return line.to_owned();
    }
    if line.starts_with('#') {
        return paint(Part::Heading, line.trim_start_matches('#').trim_start(), true);
    }
    match line.strip_prefix('>') {
        Some(quote) => format!("{}{}", paint(Part::Quiet, "│", true), spans(quote)),
        None => spans(line),
    }
}

/// Paints `code` and **strong** words of a line.
fn spans(line: &str) -> String {
    let mut painted = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(['`', '*']) {
        let sign = if rest[start..].starts_with('`') { "`" } else { "**" };
        let inner = rest[start..].strip_prefix(sign).and_then(|inner| inner.find(sign).map(|end| &inner[..end]));
        painted.push_str(&rest[..start]);
        let Some(inner) = inner.filter(|inner| !inner.is_empty()) else {
            painted.push_str(&rest[start..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        let part = if sign == "`" { Part::Code } else { Part::Strong };
        painted.push_str(&paint(part, inner, true));
        rest = &rest[start + inner.len() + 2 * sign.len()..];
    }
    painted + rest
}

/// Whether a character steers a terminal, or makes text look like another: controls (C1 among them), and the marks that
/// turn the direction of writing.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// A page's text cannot steer the terminal: control characters are shown, not sent.
fn printable(line: &str) -> String {
    line.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_hidden_and_words_are_kept() {
        let page =
            "# Day\n\n<!-- commit-story:entry x v1 -->\n## 16:02 · fix · 4a98\n\n> **Developer**, 15:55: a `b` * c\n";
        assert_eq!(render(page, false), "# Day\n\n## 16:02 · fix · 4a98\n\n> **Developer**, 15:55: a `b` * c\n");
        let painted = render(page, true);
        assert!(painted.contains("\u{1b}[1mDeveloper\u{1b}[0m") && painted.contains("* c"), "{painted:?}");
    }

    #[test]
    fn a_page_cannot_steer_the_terminal() {
        for colour in [false, true] {
            assert_eq!(render("a\u{1b}]0;title\u{7}b", colour), "a\u{fffd}]0;title\u{fffd}b\n");
            assert_eq!(render("\u{1b}[31mred\u{9b}2J", colour), "\u{fffd}[31mred\u{fffd}2J\n");
            assert_eq!(render("if x \u{202e}} \u{2066}y\u{2069}", colour), "if x \u{fffd}} \u{fffd}y\u{fffd}\n");
            assert_eq!(render("a\rb\u{b}c\td", colour), "a\u{fffd}b\u{fffd}c\td\n");
        }
    }
}
