//! Values that a name calls secret: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`, `<token>…</token>`.
//!
//! In: a text. Out: the values. Never here: the names, which stay, and references to values kept elsewhere.
//!
//! The signs between name and value are rarer than names, so they are what is looked for; the name is read backwards.

use memchr::{memchr3_iter, memmem};

use super::found::{self, AUTHORIZATION, Found};
use super::names::{self, Named, Weight};
use super::placeholders::is_placeholder;
use super::values::{self, Manner, Value};

/// How many lines below a name may hold its value.
const BELOW: usize = 16;

/// Reports the secret values of a text.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut taken = 0;
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
        // What has been taken out already is not looked into: a value of nothing but assignments would cost its square.
        if sign < taken {
            continue;
        }
        taken = find_at(text, sign, sign + 1, found).unwrap_or(taken);
    }
    for encoded in ["%3D", "%3A", "%3d", "%3a"] {
        let mut taken = 0;
        for sign in memmem::find_iter(bytes, encoded) {
            if sign >= taken {
                taken = find_at(text, sign, sign + 3, found).unwrap_or(taken);
            }
        }
    }
    taken = 0;
    for sign in memmem::find_iter(bytes, "：") {
        if sign >= taken {
            taken = find_at(text, sign, sign + "：".len(), found).unwrap_or(taken);
        }
    }
    taken = 0;
    for sign in memmem::find_iter(bytes, " is ") {
        if sign >= taken {
            taken = find_at(text, sign, sign + 4, found).unwrap_or(taken);
        }
    }
    find_bearers(text, found);
}

/// Reports the value behind a sign, if the name before it says that it is secret; tells where the value ends.
fn find_at(text: &str, sign: usize, after: usize, found: &mut Vec<Found>) -> Option<usize> {
    let (named, start) = name_before(text, sign)?;
    if text[sign..].starts_with(':')
        && let Some(end) = find_below(text, named, start, after, found)
    {
        return Some(end);
    }
    // `**Password:** x`
    let after = if text[after..].starts_with("**") { after + 2 } else { after };
    let value = values::read(text, after)?;
    let value = if named.weight == Weight::Authorization { without_scheme(text, value) } else { value };
    // `PWD=/home`, `$(pwd):/io`
    let directory = text[..start].ends_with("$(")
        || text[start..sign].to_ascii_lowercase().trim_end().ends_with("pwd") && value.text.starts_with(['/', '~']);
    let manner = manner(text, start, sign, after, &value);
    if directory || is_declared(text, start, sign, &value) || !values::is_secret(named, &value, manner) {
        return None;
    }
    let end = value.end(text);
    found.push(Found { start: value.start, end, kind: named.kind });
    Some(end)
}

/// Reports what YAML writes below a name instead of behind it: a block (`password: |`) or a list; tells where it ends.
fn find_below(text: &str, named: Named, name: usize, after: usize, found: &mut Vec<Found>) -> Option<usize> {
    let near = &text[after..found::floor(text, after + 8)];
    let line = &near[..near.find('\n')?];
    let block = matches!(line.trim(), "|" | ">" | "|-" | ">-" | "|+" | ">+");
    if !matches!(named.weight, Weight::Password | Weight::Secret) || !(block || line.trim().is_empty()) {
        return None;
    }
    let near = found::floor(text, name.saturating_sub(names::LONGEST));
    let indent = text[near..name].rsplit('\n').next().map_or(0, indent_of);
    let first = after + line.len() + 1;
    let mut end = None;
    let mut at = first;
    for line in text.get(first..)?.split_inclusive('\n').take(BELOW) {
        let said = line.trim();
        let start = at + indent_of(line);
        at += line.len();
        let item = said.strip_prefix("- ");
        if said.is_empty() || indent_of(line) < indent + usize::from(block) || (!block && item.is_none()) {
            break;
        }
        // A block is literally the value, each of its lines; of a list, each item must look like one.
        let value = if block { Some(Value::line(start, said)) } else { values::read(text, start + 2) };
        let Some(value) = value.filter(|value| block || values::is_secret(named, value, Manner::Code)) else {
            continue;
        };
        end = Some(value.end(text));
        found.push(Found { start: value.start, end: value.end(text), kind: named.kind });
    }
    end
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether what follows the sign is a type with its value behind it (`KEY: Kind = 3`), or what a shell says where a
/// variable is set or missing (`${KEY:+yes}`, `${KEY:?no}`).
fn is_declared(text: &str, name: usize, sign: usize, value: &Value<'_>) -> bool {
    let typed = text[sign..].starts_with(": ") && !value.quoted && text[value.end(text)..].starts_with(" = ");
    typed || (text[..name].ends_with("${") && text[sign..].starts_with(':') && value.text.starts_with(['+', '?']))
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
    if name.eq_ignore_ascii_case("value") && !markup {
        return named_beside(text, start).map(|named| (named, start));
    }
    let typed = matches!(name, "str" | "string" | "String" | "char" | "bytes" | "final") && !markup;
    if !typed {
        return None;
    }
    let near = found::floor(text, start.saturating_sub(names::LONGEST));
    let colon = text[near..start].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || " &'<[*".contains(c));
    let colon = near + colon.strip_suffix(':')?.len();
    let (name, start) = identifier_before(text, colon);
    names::judge(name).map(|named| (named, start))
}

/// What the name says that stands beside a value as a field of its own: `name: DB_PASSWORD` above `value: x`,
/// `{"name": "DB_PASSWORD", "value": "x"}`, `key="Password" value="x"`.
fn named_beside(text: &str, value: usize) -> Option<Named> {
    let near = &text[found::floor(text, value.saturating_sub(names::LONGEST))..value];
    let near = near.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ',' | ';'));
    let name = near.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).next()?;
    let before = near[..near.len() - name.len()].trim_end_matches(['"', '\'', '\\', ' ']);
    let field = before.strip_suffix([':', '='])?.trim_end_matches(['"', '\'', '\\', ' ']);
    let field = field.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
    ["name", "key"].iter().any(|known| field.eq_ignore_ascii_case(known)).then(|| names::judge(name))?
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
        if text[behind..].trim_start_matches(' ').starts_with(['"', '\'', '`']) {
            // The quote that closes the header: it ends with its scheme.
            return Value::nothing(behind);
        }
        return values::read(text, behind).unwrap_or(Value::nothing(behind));
    }
    let rest = value.text[word.len()..].trim_start();
    value.behind(value.text.len() - rest.len())
}

/// Reports what follows the word "Bearer" wherever it stands, if it looks random.
fn find_bearers(text: &str, found: &mut Vec<Found>) {
    let mut taken = 0;
    for at in memmem::find_iter(text.as_bytes(), "earer").map(|at| at + 5) {
        if at < taken || !text[..at - 5].ends_with(['B', 'b']) {
            continue;
        }
        let Some(value) = values::read(text, at) else { continue };
        if values::is_random(value.text) && !is_placeholder(value.text) {
            taken = value.end(text);
            found.push(Found { start: value.start, end: taken, kind: AUTHORIZATION });
        }
    }
}
