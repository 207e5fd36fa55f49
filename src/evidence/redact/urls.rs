//! Credentials in addresses: `scheme://user:password@host`, a token alone before the `@`, and webhooks.
//!
//! In: a text. Out: the user information of its URLs; scheme and host stay. Never here: parameters (`?token=`), which are
//! assignments.

use memchr::memmem;

use super::found::{Found, URL_CREDENTIALS, WEBHOOK};
use super::placeholders::is_placeholder;
use super::values;

/// How much of an address may be a password with a slash that nobody encoded, in bytes.
const SLASHED: usize = 256;

/// Hosts and paths whose rest is a secret.
const WEBHOOKS: &[&str] = &[
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "api.telegram.org/bot",
];

/// Reports the credentials of a text's URLs.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    find_dsns(text, found);
    for mark in memmem::find_iter(bytes, b"://") {
        let start = mark + 3;
        let url = &bytes[start..];
        if let Some(len) = user_info(url) {
            found.push(Found { start, end: start + len, kind: URL_CREDENTIALS });
        }
        for hook in WEBHOOKS {
            let Some(rest) = url.strip_prefix(hook.as_bytes()) else { continue };
            let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"/_-:".contains(b)).count();
            if len >= 8 {
                found.push(Found { start: start + hook.len(), end: start + hook.len() + len, kind: WEBHOOK });
            }
        }
    }
}

/// Reports what drivers write without a scheme: `user:password@tcp(host)`, `jdbc:oracle:thin:user/password@host`.
fn find_dsns(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for mark in ["@tcp(", "@unix("] {
        for at in memmem::find_iter(bytes, mark) {
            let near = &bytes[at.saturating_sub(SLASHED)..at];
            let len = near.iter().rev().take_while(|b| !ends_url(**b)).count();
            let Some(colon) = near[near.len() - len..].iter().position(|b| *b == b':') else { continue };
            found.push(Found { start: at - len + colon + 1, end: at, kind: URL_CREDENTIALS });
        }
    }
    for start in memmem::find_iter(bytes, b"jdbc:oracle:thin:").map(|at| at + 17) {
        let near = &bytes[start..bytes.len().min(start + SLASHED)];
        let Some(at) = near.iter().position(|b| *b == b'@' || ends_url(*b)).filter(|at| near[*at] == b'@') else {
            continue;
        };
        if near[..at].contains(&b'/') {
            found.push(Found { start, end: start + at, kind: URL_CREDENTIALS });
        }
    }
}

/// Bytes that stand in no address. Those beyond ASCII should not, yet people write passwords as they are.
fn ends_url(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|')
}

/// The length of the user information, where it holds a secret.
fn user_info(url: &[u8]) -> Option<usize> {
    // The mark of the next address holds a slash, so that no byte is part of two authorities.
    let authority = url.iter().position(|b| ends_url(*b) || matches!(b, b'/' | b'?' | b'#')).unwrap_or(url.len());
    let at = url[..authority].iter().rposition(|b| *b == b'@').or_else(|| {
        // A password with a slash that nobody encoded; `host:8080/@scope` is none.
        let port = url[..authority].iter().position(|b| *b == b':').map(|n| &url[n + 1..authority])?;
        let numeric = port.iter().all(u8::is_ascii_digit);
        let near = &url[..url.len().min(authority + SLASHED)];
        let near = &near[..near.iter().position(|b| ends_url(*b)).unwrap_or(near.len())];
        near.iter().rposition(|b| *b == b'@').filter(|_| !numeric)
    })?;
    let info = std::str::from_utf8(&url[..at]).ok()?;
    let secret = match info.split_once(':') {
        Some((user, password)) => {
            let held = |part: &str| !part.is_empty() && !is_placeholder(part);
            held(password) || (held(user) && values::is_random(user))
        }
        None => (info.len() >= 20 && !info.contains(['{', '<', '$'])) || values::is_random(info),
    };
    secret.then_some(at).filter(|at| *at > 0)
}
