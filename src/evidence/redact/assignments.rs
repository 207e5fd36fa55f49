//! Values that a name calls secret: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`, `<token>…</token>`.
//!
//! In: a text. Out: the values. Never here: the names, which stay, and references to values kept elsewhere.
//!
//! The signs between name and value are rarer than names, so they are what is looked for; the name is read backwards.

use memchr::{memchr3_iter, memmem};

use super::found::{self, AUTHORIZATION, Found};
use super::names::{self, Named, Weight};
use super::values::{self, Manner, Value};

/// Reports the secret values of a text.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for sign in memchr3_iter(b'=', b':', b'>', bytes) {
        let next = bytes.get(sign + 1).copied().unwrap_or(b' ');
        let last = sign.checked_sub(1).map_or(b' ', |n| bytes[n]);
        // `::`, `://` and the first half of `==`, `:=` and `=>` assign nothing; the second half is a sign again.
        if bytes[sign] == b':' && (next == b':' || last == b':' || next == b'=' || text[sign..].starts_with("://")) {
            continue;
        }
        if next == b'=' || (bytes[sign] == b'=' && next == b'>') {
            continue;
        }
        find_at(text, sign, sign + 1, found);
    }
    for encoded in ["%3D", "%3A", "%3d", "%3a"] {
        for sign in memmem::find_iter(bytes, encoded) {
            find_at(text, sign, sign + 3, found);
        }
    }
    for sign in memmem::find_iter(bytes, " is ") {
        find_at(text, sign, sign + 4, found);
    }
    find_bearers(text, found);
}

/// Reports the value behind a sign, if the name before it says that it is secret.
fn find_at(text: &str, sign: usize, after: usize, found: &mut Vec<Found>) {
    let Some((named, start)) = name_before(text, sign) else { return };
    let Some(value) = values::read(text, after) else { return };
    let value = if named.weight == Weight::Authorization { without_scheme(text, value) } else { value };
    let directory =
        text[start..sign].to_ascii_lowercase().trim_end().ends_with("pwd") && value.text.starts_with(['/', '~']);
    let manner = manner(text, start, sign, after, &value);
    if !directory && values::is_secret(named, &value, manner) {
        found.push(Found { start: value.start, end: value.start + value.text.len(), kind: named.kind });
    }
}

/// What the name before a sign says, and where it begins. A name with a type behind it (`KEY: &str = "…"`) counts.
fn name_before(text: &str, sign: usize) -> Option<(Named, usize)> {
    let (name, start) = identifier_before(text, sign);
    let markup = text.as_bytes()[sign] == b'>';
    let tag = text[..start].ends_with('<');
    if markup && !tag && !text[..sign].ends_with(['=', '-']) {
        return None;
    }
    if let Some(named) = names::judge(name) {
        return Some((named, start));
    }
    let typed = matches!(name, "str" | "string" | "String" | "char" | "bytes" | "final") && !markup;
    if !typed {
        return None;
    }
    let colon = text[..start].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || " &'<[*".contains(c));
    let colon = colon.strip_suffix(':')?;
    let (name, start) = identifier_before(text, colon.len());
    names::judge(name).map(|named| (named, start))
}

/// The identifier that ends before a byte, past blanks, quotes, brackets and escapes.
fn identifier_before(text: &str, end: usize) -> (&str, usize) {
    let bytes = &text.as_bytes()[..end];
    let mut end = bytes.len();
    let floor = end.saturating_sub(names::LONGEST);
    while end > floor
        && matches!(
            bytes[end - 1],
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'=' | b':' | b'!' | b'?' | b'+' | b'*'
        )
    {
        end -= 1;
    }
    for quote in ["%22", "%27", "&quot;", "”"] {
        end = text[..end].strip_suffix(quote).map_or(end, str::len);
    }
    let mut start = end;
    while start > floor && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'_' | b'-' | b'.'))
    {
        start -= 1;
    }
    // `\nTOKEN=`: the letter of an escape is not the name's.
    if start > 0 && bytes[start - 1] == b'\\' && start < end && matches!(bytes[start], b'n' | b't' | b'r') {
        start += 1;
    }
    (&text[start..end], start)
}

/// How an assignment is written.
fn manner(text: &str, name: usize, sign: usize, after: usize, value: &Value<'_>) -> Manner {
    let sign_text = &text[sign..after];
    if sign_text == " is " {
        return Manner::Prose;
    }
    let tight = value.start == after && !text[..sign].ends_with([' ', '\t']);
    let behind = &text[value.start + value.text.len()..];
    let alone = behind.is_empty() || behind.starts_with(['\n', '\r']) || behind.starts_with("\\n");
    let near = found::floor(text, name.saturating_sub(256));
    let line = text[near..name].rsplit('\n').next().unwrap_or_default();
    let fresh = line.trim().is_empty() || line.ends_with("\\n") || line.ends_with(' ');
    let upper = text[name..sign].bytes().all(|b| !b.is_ascii_lowercase());
    if sign_text == ">" {
        Manner::Tight
    } else if tight && upper && fresh && sign_text == "=" {
        Manner::Shell
    } else if tight {
        Manner::Tight
    } else if alone && sign_text == ":" {
        Manner::Line
    } else {
        Manner::Code
    }
}

/// The schemes of an `Authorization` header whose value is a secret.
const SCHEMES: &[&str] = &["bearer", "basic", "token", "apikey", "digest", "negotiate", "bot"];

/// A header's value behind its scheme.
fn without_scheme<'t>(text: &'t str, value: Value<'t>) -> Value<'t> {
    let word = value.text.split([' ', '\t']).next().unwrap_or_default();
    if !SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) {
        return value;
    }
    if !value.quoted {
        let behind = value.start + word.len();
        return values::read(text, behind).unwrap_or(Value { start: behind, text: "", quoted: false });
    }
    let rest = value.text[word.len()..].trim_start();
    Value { start: value.start + value.text.len() - rest.len(), text: rest, quoted: true }
}

/// Reports what follows the word "Bearer" wherever it stands, if it looks random.
fn find_bearers(text: &str, found: &mut Vec<Found>) {
    for at in memmem::find_iter(text.as_bytes(), "earer") {
        let Some(value) = values::read(text, at + 5) else { continue };
        if text[..at].ends_with(['B', 'b']) && values::is_random(value.text) && !values::is_placeholder(value.text) {
            found.push(Found { start: value.start, end: value.start + value.text.len(), kind: AUTHORIZATION });
        }
    }
}
