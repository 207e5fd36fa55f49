//! Quotations: what stands between quotation marks, and whether it was said.
//!
//! In: a claim's plain text. Out: its [`Quotation`]s, and the text with a placeholder for each.
//! Never here: who said it (that is `speakers`).

use super::words::placeholder;

/// Something between quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quotation {
    /// What stands between them.
    pub(super) text: String,
}

/// Pairs of quotation marks. Those that can also be apostrophes are told apart by what stands around them.
#[rustfmt::skip]
const MARKS: &[(char, char)] = &[
    ('"', '"'), ('“', '”'), ('„', '“'), ('„', '”'), ('”', '”'), ('«', '»'), ('»', '«'), ('「', '」'), ('『', '』'),
    ('‹', '›'), ('\'', '\''), ('‘', '’'), ('‚', '‘'), ('‚', '’'),
];

/// Takes the quotations out of a text. `None` where one is not closed.
pub(super) fn take(text: &str) -> Option<(String, Vec<Quotation>)> {
    let chars: Vec<char> = text.chars().collect();
    let (mut bare, mut quotes) = (String::with_capacity(text.len()), Vec::new());
    let mut at = 0;
    let mut in_code = false;
    while at < chars.len() {
        let char = chars[at];
        in_code ^= char == '`';
        let found = if in_code { None } else { quotation(&chars, at) };
        match found {
            Some(end) => {
                let inner: String = chars[at + 1..end].iter().collect();
                bare.push_str(&placeholder(quotes.len()));
                quotes.push(Quotation { text: inner.trim().to_owned() });
                at = end + 1;
            }
            None if !in_code && matches!(char, '"' | '“' | '”' | '„' | '«' | '»') => return None,
            None => {
                bare.push(char);
                at += 1;
            }
        }
    }
    Some((bare, quotes))
}

/// Where the quotation ends that begins here.
fn quotation(chars: &[char], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).map(|at| chars[at]);
    let single = matches!(chars[at], '\'' | '‘' | '‚' | '‹');
    if single && before.is_some_and(|char| char.is_alphanumeric() || matches!(char, '`' | ')')) {
        return None;
    }
    if single && chars.get(at + 1).is_none_or(|char| char.is_whitespace()) {
        return None;
    }
    let ends = |end: usize, close: char| {
        chars[end] == close
            && (!single
                || (!chars[end - 1].is_whitespace() && chars.get(end + 1).is_none_or(|char| !char.is_alphanumeric())))
    };
    let closes = MARKS.iter().filter(|(open, _)| *open == chars[at]).map(|(_, close)| *close);
    closes.filter_map(|close| (at + 2..chars.len()).find(|end| ends(*end, close))).min()
}

/// A text as quotations are compared: blanks are one blank, marks are straight, Markdown's emphasis is off.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '’' | '‘' | '‚' | '‛' | '´' => out.push('\''),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '`' | '*' => {}
            '‐' | '‑' => out.push('-'),
            '…' => out.push_str("..."),
            char if char.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            char => out.push(char),
        }
    }
    out.trim().to_owned()
}

/// Whether a quotation is a verbatim piece of a folded text; `[…]` leaves something out.
pub(super) fn stands(quote: &str, text: &str) -> bool {
    let quote = folded(quote);
    let pieces: Vec<&str> = quote
        .split("[...]")
        .flat_map(|piece| piece.split("... "))
        .map(|piece| piece.trim().trim_end_matches("...").trim_start_matches("...").trim())
        .filter(|piece| !piece.is_empty())
        .collect();
    let last = pieces.len().saturating_sub(1);
    let mut from = 0;
    for (nth, piece) in pieces.iter().enumerate() {
        let piece = if nth == last { piece.trim_end_matches(['.', ',', '!', '?', ';', ':']) } else { piece };
        match position(piece, text, from) {
            Some(at) => from = at + piece.len(),
            None => return false,
        }
    }
    !pieces.is_empty()
}

/// Where a piece stands as whole words. Its first letter may have been made a capital, or the other way around.
fn position(piece: &str, text: &str, from: usize) -> Option<usize> {
    let mut chars = piece.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    let variants = [first.to_string(), first.to_uppercase().to_string(), first.to_lowercase().to_string()];
    let mut found: Option<usize> = None;
    for variant in variants {
        let wanted = format!("{variant}{rest}");
        // The length must be that of the piece, by which the search goes on.
        if wanted.len() != piece.len() {
            continue;
        }
        let mut start = from;
        while let Some(at) = text.get(start..).and_then(|rest| rest.find(&wanted)).map(|at| start + at) {
            if is_whole(text, at, at + wanted.len()) && !follows_negation(text, at) {
                found = Some(found.map_or(at, |before| before.min(at)));
                break;
            }
            start = at + text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// Whether no word is cut at either end.
pub(super) fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let word = |char: char| char.is_alphanumeric() || char == '_';
    let before = text[..start].chars().next_back();
    let first = text[start..end].chars().next();
    let last = text[start..end].chars().next_back();
    let after = text[end..].chars().next();
    let begins = !(before.is_some_and(word) && first.is_some_and(word));
    let ends = !(after.is_some_and(word) && last.is_some_and(word));
    // "can" of "can't" is another word, and 1 of 1.5 another number.
    let mut beyond = text[end..].chars();
    let joint =
        beyond.next().is_some_and(|char| char == '\'' || (char == '.' && last.is_some_and(|c| c.is_ascii_digit())))
            && beyond.next().is_some_and(char::is_alphanumeric);
    begins && ends && !(joint && last.is_some_and(word))
}

/// "touch the lexer" out of "don't touch the lexer" says the opposite.
fn follows_negation(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end();
    if before.ends_with(['.', ',', '!', '?', ':', ';', '"']) {
        return false;
    }
    let word = before.rsplit(|char: char| char.is_whitespace()).next().unwrap_or_default().to_lowercase();
    word.ends_with("n't")
        || matches!(
            word.as_str(),
            "not"
                | "never"
                | "cannot"
                | "without"
                | "no"
                | "dont"
                | "nicht"
                | "kein"
                | "keine"
                | "nie"
                | "ne"
                | "sin"
                | "jamais"
        )
}
