//! A journal page on a terminal.
//!
//! In: Markdown as the journal has it. Out: the same words without markers, with colours when there are any.
//! Never here: words left out: only invisible markers and the signs that colours replace.

use super::style::{Part, paint};
use crate::safe::printable;

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
    if let Some(small) = line.strip_prefix("<sub>").and_then(|line| line.strip_suffix("</sub>")) {
        return if colour { paint(Part::Quiet, small, true) } else { small.to_owned() };
    }
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
    fn small_words_lose_their_tags() {
        assert_eq!(render("<sub>Prose by m.</sub>\n", false), "Prose by m.\n");
        assert_eq!(render("<sub>Prose by m.</sub>\n", true), paint(Part::Quiet, "Prose by m.", true) + "\n");
    }

    #[test]
    fn a_page_cannot_steer_the_terminal() {
        for colour in [false, true] {
            assert_eq!(render("a\u{1b}]0;title\u{7}b", colour), "a\u{fffd}]0;title\u{fffd}b\n");
            assert_eq!(render("\u{1b}[31mred", colour), "\u{fffd}[31mred\n", "nor pass for our colours");
        }
    }
}
