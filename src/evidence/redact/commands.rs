//! Secrets in command lines that no `=` announces: `--password x`, `curl -u user:x`, `mysql -px`.
//!
//! In: a text. Out: the values. Never here: options whose names say nothing, but for the few programs below.

use memchr::memmem;

use super::found::{self, Found, PASSWORD, URL_CREDENTIALS};
use super::names;
use super::placeholders::is_placeholder;
use super::values::{self, Manner};

/// How far back the program's name is looked for, in bytes.
const FAR: usize = 160;

/// Short options that hold a password: the program, the option, and whether the value is glued to it.
const SHORT: &[(&[&str], &str, bool)] = &[
    (&["mysql", "mariadb", "sshpass"], " -p", true),
    (&["sshpass", "docker login", "podman login"], " -p ", false),
    (&["redis-cli"], " -a ", false),
];

/// Reports the secrets of a text's command lines.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for at in memmem::find_iter(bytes, " --") {
        let name = at + 3;
        let len =
            bytes[name..].iter().take(names::LONGEST).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        if !text[name + len..].starts_with(' ') {
            continue;
        }
        if matches!(&text[name..name + len], "user" | "proxy-user") {
            user_and_password(text, name + len, found);
        }
        let Some(named) = names::judge(&text[name..name + len]) else { continue };
        let Some(value) = values::read(text, name + len) else { continue };
        if !value.text.starts_with('-') && values::is_secret(named, &value, Manner::Tight) {
            found.push(Found { start: value.start, end: value.end(text), kind: named.kind });
        }
    }
    for at in memmem::find_iter(bytes, " -u") {
        if command(text, at).contains("curl") {
            user_and_password(text, at + 3, found);
        }
    }
    for (programs, option, glued) in SHORT {
        for at in memmem::find_iter(bytes, option) {
            let after = at + option.len();
            let blank = text[after..].starts_with([' ', '\n']);
            let Some(value) = values::read(text, after).filter(|_| !(*glued && blank)) else { continue };
            let program = command(text, at);
            let asked = programs.iter().any(|name| program.contains(name));
            if asked && !is_placeholder(value.text) && !value.text.starts_with('-') {
                found.push(Found { start: value.start, end: value.end(text), kind: PASSWORD });
            }
        }
    }
}

/// The command line up to a byte.
fn command(text: &str, end: usize) -> &str {
    let start = found::floor(text, end.saturating_sub(FAR));
    text[start..end].rsplit(['\n', ';', '|', '&']).next().unwrap_or_default()
}

/// Reports `user:password` behind an option.
fn user_and_password(text: &str, at: usize, found: &mut Vec<Found>) {
    let Some(value) = values::read(text, at) else { return };
    let Some((_, password)) = value.text.split_once(':') else { return };
    if !is_placeholder(password) {
        found.push(Found { start: value.start, end: value.end(text), kind: URL_CREDENTIALS });
    }
}
