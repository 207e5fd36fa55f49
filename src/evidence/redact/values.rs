//! The value of an assignment: where it ends, and whether it can be a secret.
//!
//! In: a text and the byte behind an assignment's sign. Out: the value's span and manner; judgements of what it says.
//! Never here: the name.

use memchr::memchr2;

use super::names::{self, Named, Weight};
use super::placeholders::is_placeholder;

/// How much of a value is judged, in bytes: bounds the time on a line of nothing but assignments. Where the value is
/// secret, its end is looked for however far it is; nothing in between is looked at again, so that stays linear.
const JUDGED: usize = 256;

/// The longest rest of a line that is taken for a password whose quote nobody closed, in bytes.
const UNCLOSED: usize = 120;

/// How an assignment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// `NAME=value` at the beginning of a line or a command: what follows is literally the value.
    Shell,
    /// `name=value`, or an option with its value.
    Tight,
    /// `name: value` with nothing behind it on the line.
    Line,
    /// `name = value;` and whatever else code may look like.
    Code,
    /// "The password is value".
    Prose,
}

/// A value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'t> {
    /// Its first byte.
    pub(super) start: usize,
    /// What it says, without quotes; of a very long one, the beginning.
    pub(super) text: &'t str,
    /// Whether it stands in quotes.
    pub(super) quoted: bool,
    /// What closes it, unless the end was reached.
    open: Option<Quote>,
}

impl<'t> Value<'t> {
    /// A value that says nothing.
    pub(super) fn nothing(start: usize) -> Self {
        Value { start, text: "", quoted: false, open: None }
    }

    /// A line that is the value, whatever it holds.
    pub(super) fn line(start: usize, text: &'t str) -> Self {
        Value { start, text, quoted: true, open: None }
    }

    /// The value without its first bytes.
    pub(super) fn behind(self, bytes: usize) -> Self {
        Value { start: self.start + bytes, text: &self.text[bytes..], ..self }
    }

    /// The byte after the value's last in its text.
    pub(super) fn end(&self, text: &str) -> usize {
        let judged = self.start + self.text.len();
        match self.open {
            None if self.text.len() < JUDGED - 4 || self.quoted => judged,
            None => self.start + bare_len(&text[self.start..]),
            Some(quote) => {
                let rest = &text[self.start..];
                self.start + quote.content(rest).unwrap_or_else(|| bare_len(rest)).max(self.text.len())
            }
        }
    }
}

/// How a value in quotes ends.
#[derive(Debug, Clone, Copy)]
struct Quote {
    close: &'static str,
    /// How many backslashes stand before each of its quotes.
    slashes: usize,
    /// Whether it may hold more than one line.
    triple: bool,
}

impl Quote {
    /// The length of what stands before the closing quote; `None` where there is none, for a plain string on its line.
    fn content(self, inner: &str) -> Option<usize> {
        let line =
            if self.triple { inner } else { &inner[..memchr2(b'\n', b'\r', inner.as_bytes()).unwrap_or(inner.len())] };
        let mut from = 0;
        while let Some(n) = line[from..].find(self.close) {
            let end = from + n;
            let escapes = line[from..end].bytes().rev().take_while(|b| *b == b'\\').count();
            if escapes == self.slashes || (escapes > self.slashes && self.slashes == 0 && escapes % 2 == 0) {
                return Some(end - self.slashes);
            }
            if escapes < self.slashes {
                return None;
            }
            from = end + self.close.len();
        }
        None
    }
}

/// Reads the value that begins at a byte, behind blanks.
pub(super) fn read(text: &str, at: usize) -> Option<Value<'_>> {
    let rest = text.get(at..)?;
    let mut start = at + rest.len() - rest.trim_start_matches([' ', '\t', '\u{a0}', '\u{3000}']).len();
    for prefix in ["b\"", "r\"", "f\"", "@\"", "b'", "r'", "f'", "&\"", "!\""] {
        if text[start..].starts_with(prefix) {
            start += 1;
        }
    }
    quoted(text, start).or_else(|| bare(text, start))
}

/// Reads a value in quotes: plain, escaped any number of times, or percent-encoded.
fn quoted(text: &str, start: usize) -> Option<Value<'_>> {
    let rest = &text[start..];
    let slashes = rest.bytes().take(8).take_while(|b| *b == b'\\').count();
    let opening =
        ["\"", "'", "`", "%22", "%27", "&quot;", "“"].into_iter().find(|quote| rest[slashes..].starts_with(quote))?;
    let open = slashes + opening.len();
    // Three quotes in a row open a longer string.
    let triple = slashes == 0 && rest[open..].strip_prefix(opening).is_some_and(|rest| rest.starts_with(opening));
    let open = if triple { open + 2 * opening.len() } else { open };
    let quote = Quote { close: if opening == "“" { "”" } else { opening }, slashes, triple };
    let inner = clip(&rest[open..]);
    let start = start + open;
    if let Some(len) = quote.content(inner) {
        return Some(Value { start, text: &inner[..len], quoted: true, open: None });
    }
    let line = inner.split(['\n', '\r']).next().unwrap_or(inner);
    let longer = (triple || line.len() == inner.len()) && inner.len() < rest.len() - open;
    if longer {
        return Some(Value { start, text: inner, quoted: true, open: Some(quote) });
    }
    // Nobody closed it: the text was cut there. A few words are taken for the password; many are a sentence.
    let whole = slashes == 0 && line.len() <= UNCLOSED && !line.contains(opening);
    whole
        .then(|| Value { start, text: line.trim_end(), quoted: true, open: None })
        .filter(|value| !value.text.is_empty())
}

/// Reads a value without quotes: to the next blank, quote or escape, less what closes the sentence or the call. A quote
/// that nothing closes (the text was cut) opens one, too.
fn bare(text: &str, start: usize) -> Option<Value<'_>> {
    let start = text.len() - text[start..].trim_start_matches(['\\', '"', '\'', '`', '“']).len();
    let rest = clip(&text[start..]);
    let len = bare_len(rest);
    (len > 0).then(|| Value { start, text: &rest[..len], quoted: false, open: None })
}

/// How long the value without quotes is that a text begins with.
fn bare_len(rest: &str) -> usize {
    let stop = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '\\' | '<' | '|' | '”' | '…');
    let opens = rest.starts_with('<');
    let mut end = if opens { rest.find([' ', '\n']) } else { rest.find(stop) }.unwrap_or(rest.len());
    // `Password=x;Server=y` and `token=x&page=2`: the next assignment is not part of this value.
    for (n, _) in rest[..end].match_indices([',', ';', '&', '%']) {
        if begins_assignment(&rest[n..end]) {
            end = n;
            break;
        }
    }
    rest[..end].trim_end_matches([',', ';', '.', ')', ']', '}', ':', '?', '*', '&']).len()
}

/// Whether the text is a separator with a further assignment (`;name=…`) behind it.
fn begins_assignment(text: &str) -> bool {
    let next = text.strip_prefix("%26").unwrap_or_else(|| text.trim_start_matches([',', ';', '&']));
    if next.len() == text.len() {
        return false;
    }
    let name =
        next.bytes().take(names::LONGEST).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    name > 0 && (next[name..].starts_with(['=', ':']) || next[name..].starts_with("%3D"))
}

/// The beginning of a text, on a character's boundary.
fn clip(text: &str) -> &str {
    &text[..super::found::floor(text, JUDGED)]
}

/// Whether a value with this name is to be taken out.
pub(super) fn is_secret(named: Named, value: &Value<'_>, manner: Manner) -> bool {
    let text = value.text.trim();
    if is_placeholder(text) || names::is_name(text) || (!value.quoted && is_code(text, manner)) {
        return false;
    }
    if matches!(manner, Manner::Code | Manner::Line) && (is_constant(text) || is_number(text) || is_type(text)) {
        return false;
    }
    match named.weight {
        Weight::Password if value.quoted => {
            let told = manner != Manner::Prose || (!text.contains(' ') && text.contains(char::is_alphanumeric));
            text.len() >= 3 && !is_label(text) && told
        }
        Weight::Password => match manner {
            Manner::Shell | Manner::Tight => text.len() >= 3,
            Manner::Line => text.len() >= 4,
            Manner::Code => text.len() >= 4 && !is_word(text),
            Manner::Prose => text.len() >= 5 && is_mixed(text),
        },
        Weight::Secret if value.quoted => {
            !text.contains(' ') && !text.ends_with('(') && text.len() >= 6 && (text.len() >= 12 || is_mixed(text))
        }
        Weight::Secret => match manner {
            Manner::Shell => text.len() >= 4,
            Manner::Tight => text.len() >= 6 && (text.len() >= 12 || is_mixed(text)),
            Manner::Line | Manner::Code | Manner::Prose => text.len() >= 8 && is_mixed(text),
        },
        Weight::Maybe => is_random(text) && !is_uuid(text) && (named.kind == super::found::TOKEN || !is_hex(text)),
        Weight::Authorization => text.len() >= 6 && !text.contains(' '),
    }
}

/// Whether a bare value is an expression: a call, an index, a path of names, a type.
fn is_code(value: &str, manner: Manner) -> bool {
    let head = value.trim_start_matches(['&', '*', '!']);
    let name = head.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'?')).count();
    let (path, rest) = head.split_at(name);
    let named = path.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let called = named && rest.starts_with(['(', '[', '<', '{']) || head.starts_with(['(', '[', '{', '<']);
    let pointed = rest.starts_with("->") || path.contains("::");
    let dotted = named && rest.is_empty() && path.contains('.') && path.split('.').all(is_identifier);
    let borrowed = head.len() < value.len() && is_identifier(head);
    let sigil = (head.starts_with(['@', '/']) || borrowed) && manner == Manner::Code;
    match manner {
        Manner::Shell => called && value.contains('(') && value.ends_with([')', '(']),
        _ => called || pointed || dotted || sigil,
    }
}

/// Whether a value is the name of a constant: capitals with `_` between.
fn is_constant(value: &str) -> bool {
    value.contains('_') && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether a value is a number as code writes them to be looked at: `0x100`.
fn is_number(value: &str) -> bool {
    value.strip_prefix("0x").is_some_and(|digits| digits.len() <= 8 && is_hex(digits))
}

/// Whether a value is a type of a number, as bindings to C spell them, too: `u32`, `__u32`, `uint8_t`.
fn is_type(value: &str) -> bool {
    let value = value.trim_start_matches(['_', 'u', 'i', 'f', 'n', 't']);
    ["8", "16", "32", "64", "8_t", "16_t", "32_t", "64_t"].contains(&value)
}

/// Whether a word can name a variable: letters first, and digits only at its end, few of them.
fn is_identifier(word: &str) -> bool {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('?');
    word.len() < stem.len() + 3 && !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
}

/// Whether a value is a name or a plain word: nothing but letters and what joins them.
fn is_word(value: &str) -> bool {
    value.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | '.' | '/'))
}

/// Whether a value in quotes is a line of an interface ("Enter your password").
fn is_label(value: &str) -> bool {
    let words = value.split_whitespace();
    let plain = |word: &str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        word.chars().all(|c| c.is_alphabetic() || c == '\'' || c == '-') || word.bytes().all(|b| b.is_ascii_digit())
    };
    let many = value.contains(' ');
    let says = value.to_lowercase().contains("passw");
    many && (says || value.starts_with(char::is_uppercase)) && words.into_iter().all(plain)
}

/// Whether letters stand with digits or signs, as in no word.
pub(super) fn is_mixed(value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_alphabetic()) && value.bytes().any(|b| b.is_ascii_digit())
        || value.bytes().any(|b| b"!@#$%^&*+=?~".contains(&b))
}

/// Whether a value looks like the output of a random generator: sixteen characters or more, letters with digits, hardly
/// one of them twice, and no path or name made of words.
pub(super) fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let solid = bytes
        .split(|b| !b.is_ascii_alphanumeric())
        .any(|part| part.len() >= 8 && part.iter().any(u8::is_ascii_digit) && part.iter().any(u8::is_ascii_alphabetic));
    let path = value.starts_with(['/', '.', '~']) || value.contains("://") || value.contains('\\');
    value.len() >= 16 && solid && !path && !value.contains(char::is_whitespace) && entropy(bytes) >= 3.0
}

/// Bits per byte, after Shannon.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let all = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let bits = |n: u32| f64::from(n) / f64::from(all) * (log2(all) - log2(n));
    counts.into_iter().filter(|n| *n > 0).map(bits).sum()
}

/// The binary logarithm to six digits, by squaring. `f64::log2` would be the only call into the C library's mathematics,
/// and loading that takes longer than everything else that is done here for a commit.
fn log2(n: u32) -> f64 {
    let whole = n.max(1).ilog2();
    let (mut rest, mut sum, mut bit) = (f64::from(n.max(1)) / f64::from(1_u32 << whole), f64::from(whole), 0.5);
    for _ in 0..20 {
        rest *= rest;
        if rest >= 2.0 {
            rest /= 2.0;
            sum += bit;
        }
        bit /= 2.0;
    }
    sum
}

fn is_hex(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value
            .bytes()
            .enumerate()
            .all(|(n, b)| if matches!(n, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_logarithm_is_the_usual_one() {
        for n in [1, 2, 3, 7, 100, 255, 4096, u32::MAX] {
            assert!((log2(n) - f64::from(n).log2()).abs() < 1e-5, "{n}");
        }
    }
}
