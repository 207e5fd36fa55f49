//! How a command ends.
//!
//! In: the error of a command. Out: what is printed, and the exit code: 0 done, 1 could not, 2 wrong usage,
//! 130 interrupted; of `update` 10 newer version, 20 refused, 30 not reached, 40 not verified, 50 not permitted, 60 another
//! one is at it. A closed pipe is 0: the reader has seen enough.
//! Never here: the errors themselves.

use std::io::ErrorKind;
use std::process::ExitCode;

use crate::advice::DENIED;
pub use crate::advice::{Advice, Usage};
use crate::fs;
use crate::git::OpenError;
use crate::safe::printable;
use crate::ui::prompt::Left;
use crate::ui::style::{Part, paint};
use crate::update::stop::{Kind, Stop};

/// What a shell reports of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// The command has said all there is to say, and failed.
#[derive(Debug, thiserror::Error)]
#[error("not everything is well")]
pub struct Told;

/// The command has said all there is to say, and this is its exit code.
#[derive(Debug, thiserror::Error)]
#[error("there is something to know")]
pub struct Code(pub u8);

/// What `update` found with `--check`: there is a newer version.
pub const NEWER: u8 = 10;

/// The exit code of an error that is not a wrong usage: for most, 1.
#[must_use]
pub fn code(error: &anyhow::Error) -> u8 {
    match error.chain().find_map(|cause| cause.downcast_ref::<Stop>()).map(|stop| stop.kind) {
        None => 1,
        Some(Kind::Refused) => 20,
        Some(Kind::Unreachable) => 30,
        Some(Kind::Unverified) => 40,
        Some(Kind::Unpermitted) => 50,
        Some(Kind::Busy) => 60,
    }
}

/// What is printed for an error, and the code to exit with.
#[must_use]
pub fn report(error: &anyhow::Error, colour: bool) -> (String, ExitCode) {
    if is_closed_pipe(error) {
        return (String::new(), ExitCode::SUCCESS);
    }
    if error.is::<Told>() {
        return (String::new(), ExitCode::FAILURE);
    }
    if let Some(Code(code)) = error.downcast_ref() {
        return (String::new(), ExitCode::from(*code));
    }
    if error.is::<Left>() {
        // Every command asks before it changes anything.
        return ("nothing was changed".to_owned(), ExitCode::from(INTERRUPTED));
    }
    let mut text = format!("{} {}", paint(Part::Bad, "error:", colour), printable(&error.to_string()));
    for cause in error.chain().skip(1) {
        text.extend(["\n  ", &paint(Part::Quiet, "caused by:", colour), " ", &printable(&cause.to_string())]);
    }
    if let Some(hint) = hint(error) {
        text.extend(["\n", &paint(Part::Good, "hint:", colour), " ", &printable(&hint)]);
    }
    (text, ExitCode::from(if error.is::<Usage>() { 2 } else { code(error) }))
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.into_iter().any(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

/// What the user can do about it.
#[must_use]
pub fn hint(error: &anyhow::Error) -> Option<String> {
    for cause in error.chain() {
        if let Some(usage) = cause.downcast_ref::<Usage>() {
            return Some(usage.hint.clone());
        }
        if let Some(advice) = cause.downcast_ref::<Advice>() {
            return Some(advice.hint.clone());
        }
        if let Some(stop) = cause.downcast_ref::<Stop>() {
            return stop.hint.clone();
        }
        if let Some(refusal) = cause.downcast_ref::<crate::setup::Refusal>() {
            return Some(refusal.cure.clone());
        }
        match cause.downcast_ref() {
            Some(OpenError::NotFound(_)) => {
                return Some("change to a repository, or name one: commit-story -C DIR …".to_owned());
            }
            Some(OpenError::Unreadable { .. }) => {
                return Some("git changes that: git refs migrate --ref-format=files".to_owned());
            }
            _ => {}
        }
    }
    fs::is_denied(error).then(|| DENIED.to_owned())
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn what_the_system_denies_is_nobody_elses_fault() {
        let check = |kind: ErrorKind, expected: Option<&str>| {
            let error = Err::<(), _>(std::io::Error::from(kind)).context("cannot open the page").unwrap_err();
            assert_eq!(hint(&error).as_deref(), expected, "{kind}");
        };
        check(ErrorKind::PermissionDenied, Some(DENIED));
        check(ErrorKind::NotFound, None);
    }
}
