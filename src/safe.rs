//! Foreign text on a terminal.
//!
//! In: text that somebody else wrote. Out: the same text, unable to steer the terminal or to pass for another.
//! Never here: our own colours, which are added afterwards.

/// Whether a character steers a terminal, or makes text look like other text: controls, C1 among them, and the marks that
/// turn the direction of writing.
fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\t' | '\n'))
}

/// The text with U+FFFD for every character that steers.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_shown_instead_of_sent() {
        for (text, expected) in [
            ("a\u{1b}]0;title\u{7}b", "a\u{fffd}]0;title\u{fffd}b"),
            ("\u{1b}[31mred\u{9b}2J", "\u{fffd}[31mred\u{fffd}2J"),
            ("if x \u{202e}} \u{2066}y\u{2069}", "if x \u{fffd}} \u{fffd}y\u{fffd}"),
            ("a\rb\u{b}c\u{0}", "a\u{fffd}b\u{fffd}c\u{fffd}"),
            ("a\tb\nż 🦀 שלום", "a\tb\nż 🦀 שלום"),
        ] {
            assert_eq!(printable(text), expected);
        }
    }
}
