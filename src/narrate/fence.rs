//! Foreign text as data that cannot pass for anything else.
//!
//! In: text that others wrote. Out: lines that each begin with the same mark, without characters that nobody sees; and a
//! word that this text cannot know, for the fence around it.
//! Never here: a changed visible character.

use crate::chat::fingerprint::hexadecimal;
use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Begins every line of data, so that none can look like a heading of ours.
pub const BAR: &str = "| ";

/// A word for the fence that depends on everything inside: whoever wrote a part of it cannot foresee it.
#[must_use]
pub fn nonce<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        // The length, so that no two lists of texts are hashed as one.
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(text);
    }
    hexadecimal(&hash.finalize()[..8])
}

/// Text as lines of data.
#[must_use]
pub fn quoted(text: &str) -> String {
    let clean = visible(text);
    let mut lines = String::with_capacity(clean.len() + 64);
    for line in clean.lines() {
        lines.push_str(if line.is_empty() { BAR.trim_end() } else { BAR });
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

/// The text without what nobody sees: what hides is removed, what would do something to the display is spelled out.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => clean.push(c),
            '\r' if rest.peek() == Some(&'\n') => {}
            // Between letters of scripts that need them, and in composed emoji, joiners belong to the spelling.
            '\u{200c}' | '\u{200d}' if joins(before, rest.peek().copied()) => clean.push(c),
            _ if is_hidden(c) => {}
            _ if c.is_control() || is_display(c) => {
                let _ = write!(clean, "\\u{{{:x}}}", u32::from(c));
            }
            _ => clean.push(c),
        }
        before = c;
    }
    clean
}

fn joins(before: char, after: Option<char>) -> bool {
    let visible = |c: char| !c.is_ascii() && !is_hidden(c) && !is_display(c);
    visible(before) && after.is_some_and(visible)
}

/// Characters without a width: tags, joiners, invisible operators, and selectors that have no emoji to select.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Characters that turn the direction of what follows, or end a line in another way than ours.
fn is_display(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_hides_is_removed_and_what_acts_is_spelled_out() {
        for (text, expected) in [
            ("plain, ä, 日本, 👍\ttab\n", "plain, ä, 日本, 👍\ttab\n"),
            ("a\r\nb", "a\nb"),
            ("a\rb", "a\\u{d}b"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("user\u{202e}nimda", "user\\u{202e}nimda"),
            ("a\u{200b}b\u{feff}c\u{2060}", "abc"),
            ("hi\u{e0069}\u{e0067}\u{e006e}", "hi"),
            ("a\u{2028}b", "a\\u{2028}b"),
            ("👩\u{200d}💻 and می\u{200c}خواهم", "👩\u{200d}💻 and می\u{200c}خواهم"),
            ("a\u{200d}\u{200c}\u{200d}b", "ab"),
            ("ä\u{200d}\u{200c}\u{200d}ä", "ää"),
        ] {
            assert_eq!(visible(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_nonce_follows_its_texts_and_their_borders() {
        assert_eq!(nonce(["ab", "c"]), nonce(["ab", "c"]));
        assert_ne!(nonce(["ab", "c"]), nonce(["a", "bc"]));
        assert_eq!(nonce([]).len(), 16);
    }

    proptest! {
        #[test]
        fn every_line_of_data_is_marked(text in "(?s).{0,200}") {
            let quoted = quoted(&text);
            prop_assert!(quoted.lines().all(|line| line.starts_with('|')));
            prop_assert!(!quoted.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')));
        }
    }
}
