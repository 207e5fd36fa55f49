//! Whether git would run a hook file, and the hook file us.
//!
//! In: an inspected hook file. Out: what stands in the way.
//! Never here: a run of the hook, or a look at `PATH`.

use std::path::PathBuf;

use super::file::{Found, HookFile};
use super::interpreter::shebang;
use crate::fs;

/// What keeps a commit from being recorded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// There is no hook file.
    #[error("there is no such file")]
    Absent,
    /// The file of another program, which should run this one, is not there or not executable.
    #[error("git does not run it: {} is not there, or not executable", .0.display())]
    NoRunner(PathBuf),
    /// The hook file does not hold our lines.
    #[error("it does not run commit-story")]
    NotJoined,
    /// git skips the file because no executable bit is set.
    #[error("git skips it, because it is not executable")]
    NotExecutable,
    /// The program that the shebang line names is not there.
    #[error("its interpreter {} is not there", .0.display())]
    NoInterpreter(PathBuf),
    /// The binary that our lines name is not there; they then look on `PATH`.
    #[error("the binary it names, {}, is not there; it looks for one on PATH", .0.display())]
    NoBinary(PathBuf),
    /// The hook that was set aside, and that our file goes on with, is gone.
    #[error("the hook that was set aside, and that it goes on with, is gone")]
    NoOriginal,
}

/// Everything that stands in the way, the outermost first; empty when the hook runs.
#[must_use]
pub fn would_run(file: &HookFile) -> Vec<Fault> {
    if file.found == Found::Absent {
        return vec![Fault::Absent];
    }
    let mut faults = Vec::new();
    if let Some(runner) = file.via.as_ref().filter(|runner| !fs::is_executable(runner)) {
        faults.push(Fault::NoRunner(runner.clone()));
    }
    if !file.executable {
        faults.push(Fault::NotExecutable);
    }
    if let Some(program) = interpreter(&file.bytes).filter(|program| cfg!(unix) && !fs::is_executable(program)) {
        faults.push(Fault::NoInterpreter(program));
    }
    if !file.has_ours() {
        faults.push(Fault::NotJoined);
    }
    if let Some(binary) = file.binary().filter(|binary| !fs::is_executable(binary)) {
        faults.push(Fault::NoBinary(binary.to_owned()));
    }
    if matches!(file.found, Found::Wrapper(_)) && file.original.is_none() {
        faults.push(Fault::NoOriginal);
    }
    faults
}

/// The program that the system starts for a script: the shebang line's first word, a carriage return included.
fn interpreter(bytes: &[u8]) -> Option<PathBuf> {
    let line = String::from_utf8_lossy(shebang(bytes)?).into_owned();
    line.split([' ', '\t']).find(|word| !word.is_empty()).map(PathBuf::from)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::block::Block;
    use super::super::event::Event;
    use super::super::file::{inspect, join};
    use super::*;

    #[test]
    fn every_fault_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("post-commit");
        let check = |bytes: &[u8], mode: u32, expected: &[Fault]| {
            fs::replace_with_mode(&path, bytes, mode).unwrap();
            assert_eq!(
                would_run(&inspect(dir.path(), Event::PostCommit).unwrap()),
                expected,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        };
        let gone = Path::new("/nowhere/commit-story");
        assert_eq!(would_run(&inspect(dir.path(), Event::PostCommit).unwrap()), [Fault::Absent]);
        check(&Block::new(Event::PostCommit, Path::new("/bin/sh")).whole_file(), 0o755, &[]);
        check(&Block::on_path(Event::PostCommit).whole_file(), 0o644, &[Fault::NotExecutable]);
        check(&Block::new(Event::PostCommit, gone).whole_file(), 0o755, &[Fault::NoBinary(gone.to_owned())]);
        check(&Block::on_path(Event::PostCommit).wrapper(), 0o755, &[Fault::NoOriginal]);
        check(b"#!/bin/sh\nexit 0\n", 0o755, &[Fault::NotJoined]);
        let no_shell = join(b"#! /nowhere/sh -e\n", &Block::on_path(Event::PostCommit));
        check(&no_shell, 0o755, &[Fault::NoInterpreter("/nowhere/sh".into())]);
    }
}
