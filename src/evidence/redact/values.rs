//! The value of an assignment: where it ends, and whether it can be a secret.
//!
//! In: a text and the byte behind an assignment's sign. Out: the value's span and manner; judgements of what it says.
//! Never here: the name.

use super::names::{self, Named, Weight};

/// The longest value that is looked at, in bytes: bounds the time on a line of nothing but assignments.
const LONGEST: usize = 4096;

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
    /// What it says, without quotes.
    pub(super) text: &'t str,
    /// Whether it stands in quotes.
    pub(super) quoted: bool,
}

/// Reads the value that begins at a byte, behind blanks.
pub(super) fn read(text: &str, at: usize) -> Option<Value<'_>> {
    let rest = text.get(at..)?;
    let mut start = at + rest.len() - rest.trim_start_matches([' ', '\t']).len();
    for prefix in ["b\"", "r\"", "f\"", "@\"", "b'", "r'", "f'", "&\"", "!\""] {
        if text[start..].starts_with(prefix) {
            start += 1;
        }
    }
    quoted(text, start).or_else(|| bare(text, start))
}

/// Reads a value in quotes: plain, escaped any number of times, or percent-encoded. None if it is not closed on its line.
fn quoted(text: &str, start: usize) -> Option<Value<'_>> {
    let rest = &text[start..];
    let slashes = rest.bytes().take(8).take_while(|b| *b == b'\\').count();
    let quote =
        ["\"", "'", "`", "%22", "%27", "&quot;", "“"].into_iter().find(|quote| rest[slashes..].starts_with(quote))?;
    let close = if quote == "“" { "”" } else { quote };
    let open = slashes + quote.len();
    // Three quotes in a row open a longer string.
    let triple = slashes == 0 && rest[open..].starts_with(&quote.repeat(2));
    let open = if triple { open + 2 * quote.len() } else { open };
    let inner = clip(&rest[open..]);
    let line = if triple { inner } else { inner.split(['\n', '\r']).next().unwrap_or(inner) };
    let mut from = 0;
    while let Some(n) = line[from..].find(close) {
        let end = from + n;
        let escapes = line[..end].bytes().rev().take_while(|b| *b == b'\\').count();
        if escapes == slashes || (escapes > slashes && slashes == 0 && escapes % 2 == 0) {
            return Some(Value { start: start + open, text: &line[..end - slashes], quoted: true });
        }
        if escapes < slashes {
            return None;
        }
        from = end + close.len();
    }
    None
}

/// Reads a value without quotes: to the next blank, quote or escape, less what closes the sentence or the call. A quote
/// that nothing closes (the text was cut) opens one, too.
fn bare(text: &str, start: usize) -> Option<Value<'_>> {
    let start = text.len() - text[start..].trim_start_matches(['\\', '"', '\'', '`', '“']).len();
    let rest = clip(&text[start..]);
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
    let value = rest[..end].trim_end_matches([',', ';', '.', ')', ']', '}', ':', '?', '*', '&']);
    (!value.is_empty()).then_some(Value { start, text: value, quoted: false })
}

/// Whether the text is a separator with a further assignment (`;name=…`) behind it.
fn begins_assignment(text: &str) -> bool {
    let next = text.strip_prefix("%26").unwrap_or_else(|| text.trim_start_matches([',', ';', '&']));
    if next.len() == text.len() {
        return false;
    }
    let name = next.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    name > 0 && (next[name..].starts_with(['=', ':']) || next[name..].starts_with("%3D"))
}

/// The beginning of a text, on a character's boundary.
fn clip(text: &str) -> &str {
    &text[..super::found::floor(text, LONGEST)]
}

/// Whether a value with this name is to be taken out.
pub(super) fn is_secret(named: Named, value: &Value<'_>, manner: Manner) -> bool {
    let text = value.text.trim();
    if is_placeholder(text) || names::is_name(text) || (!value.quoted && is_code(text, manner)) {
        return false;
    }
    match named.weight {
        Weight::Password if value.quoted => {
            text.len() >= 3 && !is_label(text) && (manner != Manner::Prose || !text.contains(' '))
        }
        Weight::Password => match manner {
            Manner::Shell | Manner::Tight => text.len() >= 3,
            Manner::Line => text.len() >= 4,
            Manner::Code => text.len() >= 4 && !is_word(text),
            Manner::Prose => text.len() >= 5 && is_mixed(text),
        },
        Weight::Secret if value.quoted => {
            !text.contains(' ') && text.len() >= 6 && (text.len() >= 12 || is_mixed(text))
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

/// Words that stand where a secret would, and are none.
const STAND_INS: &[&str] = &[
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "yes",
    "no",
    "string",
    "str",
    "number",
    "int",
    "bool",
    "boolean",
    "any",
    "unknown",
    "never",
    "void",
    "object",
    "bytes",
    "text",
    "varchar",
    "optional",
    "option",
    "required",
    "missing",
    "invalid",
    "incorrect",
    "wrong",
    "empty",
    "hidden",
    "expired",
    "changed",
    "impl",
    "dyn",
    "mut",
    "ref",
    "let",
    "self",
    "this",
    "await",
    "new",
    "if",
    "the",
    "a",
    "an",
    "is",
    "to",
    "for",
    "and",
    "or",
    "in",
    "from",
    "with",
    "on",
    "must",
    "should",
    "not",
    "your",
    "flag",
    "redacted",
    "secret",
    "placeholder",
    "example",
    "sample",
    "todo",
    "tbd",
    "default",
    "value",
    "input",
    "prompt",
    "field",
    "file",
    "password",
    "user",
    "username",
];

/// Whether a value only stands for a secret: a reference to a variable, a placeholder, a mask, a type.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_end_matches([',', ';', '.', ')', '?', '!', ':']);
    let Some(first) = value.chars().next() else { return true };
    let lower = value.to_ascii_lowercase();
    let variable = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    STAND_INS.contains(&lower.as_str())
        || value.chars().all(|c| c == first || matches!(c, '-' | '_'))
        || value.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '•' | '.' | '…' | '-' | '[' | ']'))
        || ["${", "$(", "$[", "{{", "#{", "%(", "<%", "{%", "@{", "[redacted"]
            .iter()
            .any(|open| value.starts_with(open))
        || value
            .strip_prefix('$')
            .is_some_and(|name| !name.contains(|c: char| !c.is_alphabetic() && c != '_') || variable(name))
        || value.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).is_some_and(variable)
        || (first == '<' && value.ends_with('>'))
        || (first == '{' && value.ends_with('}'))
        || ["xxxx", "****", "••••", "...", "your-", "your_", "yourpass", "example-", "process.env", "os.environ"]
            .iter()
            .any(|mark| lower.starts_with(mark))
        || lower.contains("xxxxxx")
        || lower.contains("changeme") && lower.len() == 8
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
    let sigil = head.starts_with(['@', '/']) && manner == Manner::Code;
    match manner {
        Manner::Shell => called && value.contains('(') && value.ends_with([')', '(']),
        _ => called || pointed || dotted || sigil,
    }
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
fn is_mixed(value: &str) -> bool {
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
    let all = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / all).map(|p| -p * p.log2()).sum()
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
