//! Commands that test something: what a pull request can say of how it was tried.
//!
//! In: entries. Out: [`Trial`]s. Never here: a test that no entry has.

use crate::git::CommitId;
use crate::journal::Entry;

/// Words of a command line by which it tests, checks or builds.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "test", "tests", "pytest", "tox", "nox", "unittest", "jest", "vitest", "mocha", "ava", "playwright", "cypress",
    "nextest", "clippy", "check", "lint", "eslint", "biome", "tsc", "mypy", "pyright", "ruff", "flake8", "rspec", "rubocop",
    "phpunit", "phpstan", "ctest", "ginkgo", "golangci-lint", "vet", "shellcheck", "verify", "typecheck", "bench", "e2e",
    "coverage", "miri", "fuzz", "deny",
];

/// A command that tried something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trial {
    pub(super) line: String,
    /// How often it passed and failed, as far as entries count that.
    pub(super) passes: u64,
    pub(super) failures: u64,
    /// Whether it passed last.
    pub(super) passed: bool,
    pub(super) sources: Vec<CommitId>,
}

/// Whether a command line tests, checks or builds.
pub(super) fn is_trial(line: &str) -> bool {
    // `git check-ignore` and `grep test` look at things.
    let looks =
        ["git", "grep", "rg", "ls", "cat", "cd", "find", "sed", "head", "tail", "mkdir", "rm", "cp", "mv", "echo"];
    let tries = |part: &str| {
        let between = |c: char| c.is_whitespace() || matches!(c, ':' | '/' | '=' | '(' | ')');
        let mut words = part.split(between).filter(|word| !word.is_empty()).peekable();
        words.peek().is_some_and(|first| !looks.contains(first)) && words.any(|word| WORDS.contains(&word))
    };
    line.split("&&").any(|part| tries(part.split(['|', ';']).next().unwrap_or(part)))
}

/// The trials of entries, oldest first, in the order of their first run.
pub(super) fn trials<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for entry in entries {
        let failed = entry.roadblocks.iter().map(|one| {
            (one.command.as_str(), u64::from(one.passed_in_the_end), u64::from(one.failures), one.passed_in_the_end)
        });
        let passed = entry.commands.listed.iter().map(|one| (one.line.as_str(), u64::from(one.times), 0, true));
        for (line, passes, failures, last) in failed.chain(passed).filter(|(line, ..)| is_trial(line)) {
            let at = trials.iter().position(|trial| trial.line == line).unwrap_or_else(|| {
                trials.push(Trial { line: line.to_owned(), passes: 0, failures: 0, passed: false, sources: vec![] });
                trials.len() - 1
            });
            let trial = &mut trials[at];
            trial.passes += passes;
            trial.failures += failures;
            trial.passed = last;
            trial.sources.push(entry.commit.clone());
        }
    }
    trials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tries_something_is_told_from_what_looks_at_it() {
        for line in [
            "cargo test",
            "npm run test:unit",
            "cd web && npx vitest run",
            "python -m pytest -q",
            "make check",
            "go vet ./...",
        ] {
            assert!(is_trial(line), "{line}");
        }
        for line in
            ["git log", "grep -r test src", "ls tests", "cat tests/a.rs", "cargo run", "cd tests", "mkdir -p tests/it"]
        {
            assert!(!is_trial(line), "{line}");
        }
    }
}
