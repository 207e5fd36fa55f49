//! Which program runs a hook file.
//!
//! In: the file's bytes. Out: a shell that understands our lines, or what else it is.
//! Never here: a guess from the file's name or its text.

/// What runs a hook.
#[derive(Debug, Clone, PartialEq)]
pub enum Interpreter {
    /// A shell that understands our lines, by its name.
    Shell(String),
    /// Anything else, in words for the user: the shebang line's program, or "a binary program".
    Other(String),
}

/// Shells in which our lines mean what they mean in POSIX sh.
const SHELLS: &[&str] = &["sh", "ash", "bash", "dash", "ksh", "ksh93", "mksh", "zsh"];

impl Interpreter {
    /// Tells the interpreter from the file's bytes.
    ///
    /// Without a shebang line the system refuses to run the file, and git (and every shell) then hands it to `sh`. A
    /// NUL byte anywhere makes it a program, or a script with a payload that counts on its own offsets.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let Some(line) = shebang(bytes) else {
            return if bytes.contains(&0) {
                Self::Other("a binary program".to_owned())
            } else {
                Self::Shell("sh".to_owned())
            };
        };
        let words = String::from_utf8_lossy(line);
        match shell_in(&words) {
            Some(shell) if !bytes.contains(&0) => Self::Shell(shell.to_owned()),
            _ => Self::Other(words.trim().to_owned()),
        }
    }
}

/// The shebang line without `#!` and the newline.
pub(super) fn shebang(bytes: &[u8]) -> Option<&[u8]> {
    bytes.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()
}

/// The shell that a shebang line names, by way of `env` or `busybox` too. A carriage return at its end is part of the
/// program's name to the system, so that such a line names nothing that exists.
fn shell_in(line: &str) -> Option<&str> {
    if line.ends_with('\r') {
        return None;
    }
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let mut name = base_name(words.next()?);
    if name == "env" {
        name = base_name(words.find(|word| *word != "-S")?);
    }
    if name == "busybox" {
        name = words.next()?;
    }
    SHELLS.contains(&name).then_some(name)
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_understands_our_lines_is_a_shell() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            let found = match Interpreter::of(bytes) {
                Interpreter::Shell(name) => Some(name),
                Interpreter::Other(_) => None,
            };
            assert_eq!(found.as_deref(), expected, "{}", String::from_utf8_lossy(bytes));
        };
        check(b"#!/bin/sh\nexit 0\n", Some("sh"));
        check(b"#! /bin/sh -e\n", Some("sh"));
        check(b"#!/usr/bin/env bash\n", Some("bash"));
        check(b"#!/usr/bin/env -S bash -eu\n", Some("bash"));
        check(b"#!/bin/busybox sh\n", Some("sh"));
        check(b"#!/bin/zsh", Some("zsh"));
        check(b"echo no shebang\n", Some("sh"));
        check(b"", Some("sh"));
        check(b"#!/usr/bin/env python3\n", None);
        check(b"#!/usr/bin/env\n", None);
        check(b"#!/usr/bin/env -u X bash\n", None);
        check(b"#!/usr/bin/fish\n", None);
        check(b"#!/usr/bin/env node\n", None);
        check(b"#!/bin/sh\r\nexit 0\r\n", None);
        check(b"#!/bin/sh\nexit 0\n\0payload", None);
        check(b"\x7fELF\x02\x01\x01\0\0", None);
        check(b"#!", None);
    }
}
