//! Foreign words, fit for one line of ours.
//!
//! In: what a server or a program said, which may be anything. Out: one short line of visible characters, or text without
//! control characters.
//! Never here: what the words mean.

/// The most characters of foreign words in a message of ours.
const MOST: usize = 200;

/// One line: white space collapsed, what cannot be seen taken out, cut where it is long.
pub(super) fn line(foreign: &str) -> String {
    let visible = text(foreign);
    let mut line = String::new();
    for word in visible.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > MOST {
            return line.chars().take(MOST).chain(['…']).collect();
        }
    }
    line
}

/// Text of several lines without terminal sequences, control characters and marks that turn the reading direction.
pub(super) fn text(foreign: &str) -> String {
    let mut kept = String::with_capacity(foreign.len());
    let mut chars = foreign.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // ECMA-48: ESC `[`, parameters, one final byte from `@` to `~`.
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                let _ = chars.by_ref().find(|c| ('@'..='~').contains(c));
            }
            '\n' | '\t' => kept.push(c),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_control() => {}
            c => kept.push(c),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_short_and_visible() {
        for (foreign, expected) in [
            ("overloaded", "overloaded"),
            ("  two\r\n\tlines ", "two lines"),
            ("\u{1b}[31mred\u{1b}[0m \u{7}bell", "red bell"),
            ("abc\u{202e}fed", "abcfed"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
        ] {
            assert_eq!(line(foreign), expected, "{foreign:?}");
        }
        assert_eq!(line(&"x".repeat(10_000)).chars().count(), MOST + 1);
        assert_eq!(line(&"é ".repeat(10_000)).chars().count(), MOST + 1);
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(text("a\r\n\tb\u{0}"), "a\n\tb");
    }
}
