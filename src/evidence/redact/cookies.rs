//! What browsers are known by: the values of `Cookie:` and `Set-Cookie:` headers and of `curl -b`.
//!
//! In: a text. Out: the values long enough to be a session's. Never here: names, and what a cookie says of itself
//! (`Path`, `Max-Age`).

use memchr::memmem;

use super::found::{Found, SECRET};
use super::placeholders::is_placeholder;

/// What cookies stand behind.
const HEADS: &[&str] = &["ookie: ", "ookie:", "ookie\": \"", "ookie', '", "curl -b ", " -b \"", " -b '", " --cookie "];

/// The shortest value that is taken for a session's, in bytes.
const SHORTEST: usize = 8;

/// What is no cookie but says something of one.
const ATTRIBUTES: &[&str] = &["path", "domain", "expires", "max-age", "samesite", "priority"];

/// Reports the values of a text's cookies.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let mut read = 0;
    for head in HEADS {
        for at in memmem::find_iter(text.as_bytes(), head) {
            let start = at + head.len();
            let rest = text[start..].trim_start_matches([' ', '"', '\'']);
            let start = text.len() - rest.len();
            if start < read {
                continue;
            }
            let end = rest.find(['\n', '\r', '"', '\'', '`', '\\']).unwrap_or(rest.len());
            cookies(text, start, start + end, found);
            read = start + end;
        }
        read = 0;
    }
}

/// Reports the values of `name=value; name=value`.
fn cookies(text: &str, start: usize, end: usize, found: &mut Vec<Found>) {
    let mut at = start;
    for pair in text[start..end].split_inclusive(';') {
        let from = at;
        at += pair.len();
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = value.split([';', ',']).next().unwrap_or_default().trim();
        let known = ATTRIBUTES.iter().any(|known| name.trim().eq_ignore_ascii_case(known));
        let secret = value.len() >= SHORTEST && !value.contains(' ') && !is_placeholder(value);
        if secret && !known && !name.trim().contains(' ') {
            let start = from + name.len() + 1;
            found.push(Found { start, end: start + value.len(), kind: SECRET });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check_gone, redactor};

    #[test]
    fn cookies_of_sessions_go_and_their_names_stay() {
        let session = "8f14e45fceea167a5a36dedd4bea2543";
        for text in [
            format!("Cookie: theme=dark; sid={session}; a=b"),
            format!("-H 'cookie: __Secure-session-token={session}'"),
            format!("Set-Cookie: sid={session}; Path=/; HttpOnly"),
            format!("{{\"Cookie\": \"sid={session}\"}}"),
            format!("curl -b \"sid={session}\" https://x"),
            format!("curl --cookie sid={session} https://x"),
        ] {
            check_gone(&text, session);
        }
        let told = redactor().redact("Set-Cookie: id=onlyletters; Path=/").into_owned();
        assert_eq!(told, "Set-Cookie: id=[redacted: secret]; Path=/");
    }
}
