//! The commands of the conversation: which failed, how often, and which simply ran.
//!
//! In: turns. Out: roadblocks and commands, each with its count.
//! Never here: output beyond the telling lines of a failure; commands that only look around are no story.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::cut;
use super::units::count;
use crate::chat::Outcome;
use crate::chat::turn::{Ran, Turn};
use crate::journal::{Command, Commands, Roadblock};

/// The most roadblocks that are told: a story has a few.
const ROADBLOCKS: usize = 6;

/// The longest command line that is shown, in characters.
const LONGEST_LINE: usize = 120;

/// How many lines of a failure's output are shown, and how long each may be.
const OUTPUT_LINES: usize = 3;
const OUTPUT_WIDTH: usize = 200;

/// Programs that only look, move about or print.
const LOOKING: &[&str] = &[
    "ls", "cat", "head", "tail", "grep", "egrep", "rg", "ag", "find", "fd", "tree", "pwd", "cd", "echo", "printf",
    "which", "type", "wc", "stat", "file", "less", "more", "sed", "awk", "sort", "uniq", "cut", "tr", "jq", "yq",
    "diff", "cmp", "test", "[", "true", "false", "sleep", "env", "export", "date", "whoami", "ps", "du", "df", "nl",
    "xxd", "od", "tee", "mkdir", "touch", "cp", "mv", "rm", "chmod", "basename", "dirname", "realpath", "readlink",
    "xargs", "set", "exit", "source", ".", "bat", "open", "code", "kill", "wait", "for", "while", "do", "done", "if",
    "then", "fi", "else",
];

/// What git does to look or to commit: the commit itself is the entry's subject.
const GIT_LOOKING: &[&str] = &[
    "status",
    "diff",
    "log",
    "show",
    "add",
    "commit",
    "ls-tree",
    "ls-files",
    "branch",
    "rev-parse",
    "blame",
    "remote",
    "config",
    "describe",
    "shortlog",
    "cat-file",
    "rev-list",
    "reflog",
    "grep",
    "stash",
    "fetch",
    "restore",
    "reset",
];

/// All runs of what is, to a person, the same command.
#[derive(Debug)]
pub struct Runs {
    stem: String,
    /// Each distinct line with its first run and how often it ran, in order.
    lines: Vec<(DateTime<Utc>, Command)>,
    failures: u32,
    last_failure: Option<Failure>,
    /// Whether what failed last has passed since.
    passed: bool,
}

/// A run that failed.
#[derive(Debug)]
struct Failure {
    /// The line as it was typed, and as it is shown.
    typed: String,
    shown: String,
    exit: Option<i32>,
    output: String,
}

/// What the commands come to.
pub(super) struct Summary {
    pub(super) roadblocks: Vec<Roadblock>,
    /// How many more roadblocks there were.
    pub(super) unlisted: usize,
    pub(super) commands: Commands,
}

/// Sums up the commands of the turns: those that failed, and the others, at most `most` of them.
pub(super) fn summarise<'t>(turns: impl Iterator<Item = &'t Turn>, worktree: Option<&Path>, most: usize) -> Summary {
    let (failed, passed): (Vec<Runs>, Vec<Runs>) =
        runs(turns, worktree).into_iter().partition(|runs| runs.failures > 0);
    let mut listed: Vec<Command> = passed.into_iter().flat_map(|runs| runs.lines).map(|(_, command)| command).collect();
    let more = count(listed.len().saturating_sub(most));
    listed.truncate(most);
    let all: Vec<Roadblock> = failed.iter().filter_map(Runs::roadblock).collect();
    let unlisted = all.len().saturating_sub(ROADBLOCKS);
    // Those that were in the way most often, in the order in which they were met.
    let mut worst: Vec<(usize, Roadblock)> = all.into_iter().enumerate().collect();
    worst.sort_by_key(|(_, roadblock)| std::cmp::Reverse(roadblock.failures));
    worst.truncate(ROADBLOCKS);
    worst.sort_by_key(|(met, _)| *met);
    let roadblocks = worst.into_iter().map(|(_, roadblock)| roadblock).collect();
    Summary { roadblocks, unlisted, commands: Commands { listed, more } }
}

/// The commands of the turns that do more than look around, in the order in which they were first run.
#[must_use]
pub fn runs<'t>(turns: impl Iterator<Item = &'t Turn>, worktree: Option<&Path>) -> Vec<Runs> {
    let mut all: Vec<Runs> = Vec::new();
    for ran in turns.flat_map(|turn| &turn.commands).filter(|ran| tells(&ran.line)) {
        let (line, piped) = shown(&ran.line, worktree);
        let stem = stem(&line);
        let at = all.iter().position(|runs| runs.stem == stem).unwrap_or_else(|| {
            all.push(Runs { stem, lines: Vec::new(), failures: 0, last_failure: None, passed: false });
            all.len() - 1
        });
        all[at].push(line, piped, ran);
    }
    all.retain(|runs| !runs.lines.is_empty());
    all
}

impl Runs {
    /// Each distinct line with its first run and how often it ran, in that order; never empty.
    #[must_use]
    pub fn lines(&self) -> &[(DateTime<Utc>, Command)] {
        &self.lines
    }

    /// The end of what the last failure printed, as the evidence has it; `None` where nothing failed.
    #[must_use]
    pub fn output(&self) -> Option<&str> {
        self.last_failure.as_ref().map(|failed| failed.output.as_str())
    }

    fn push(&mut self, line: String, piped: bool, ran: &Ran) {
        match &ran.outcome {
            Outcome::Refused => return,
            Outcome::Failed { exit, output } => {
                self.failures += 1;
                self.passed = false;
                let (typed, shown) = (ran.line.clone(), line.clone());
                self.last_failure = Some(Failure { typed, shown, exit: *exit, output: output.clone() });
            }
            // The same command to the letter; or the whole of which it was a part (`cargo test` after
            // `cargo test retry`), unless a pipe stands behind it, whose status says nothing about what stands before.
            Outcome::Passed => {
                let part = |failed: &Failure| failed.shown == line || failed.shown.starts_with(&format!("{line} "));
                let mended = |failed: &Failure| failed.typed == ran.line || !piped && part(failed);
                self.passed |= self.last_failure.as_ref().is_some_and(mended);
            }
            Outcome::Pending => {}
        }
        match self.lines.iter_mut().find(|(_, known)| known.line == line) {
            Some((_, known)) => known.times += 1,
            None => self.lines.push((ran.at, Command { line, times: 1 })),
        }
    }

    /// What was in the way; `None` where nothing failed.
    #[must_use]
    pub fn roadblock(&self) -> Option<Roadblock> {
        let failed = self.last_failure.as_ref()?;
        Some(Roadblock {
            command: failed.shown.clone(),
            failures: self.failures,
            passed_in_the_end: self.passed,
            exit: failed.exit,
            output: telling(&failed.output),
        })
    }
}

/// The lines of a failure's output that say what went wrong, and its last one: some say it there in their own words.
fn telling(output: &str) -> String {
    let lines: Vec<&str> = output.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
    let Some((last, before)) = lines.split_last() else { return String::new() };
    let telling = before.iter().filter(|line| cut::is_telling(line)).take(OUTPUT_LINES - 1);
    let chosen = telling.chain([last]);
    chosen.map(|line| cut::prose(line, OUTPUT_WIDTH)).collect::<Vec<_>>().join("\n")
}

/// Whether a command line does more than look around.
fn tells(line: &str) -> bool {
    // The `&` of a redirection separates nothing.
    let line = ["2>&1", ">&2", "&>"].iter().fold(unquoted(line), |line, redirection| line.replace(redirection, " > "));
    segments(&line).any(|words| match words.as_slice() {
        [] => false,
        ["git", rest @ ..] => {
            let verb = rest.iter().find(|word| !word.starts_with('-'));
            verb.is_some_and(|verb| !GIT_LOOKING.contains(verb))
        }
        [program, ..] => !LOOKING.contains(&program.rsplit('/').next().unwrap_or(program)),
    })
}

/// The first line with what stands in quotes taken out, so that a message's `;` splits nothing.
fn unquoted(line: &str) -> String {
    let mut open = None;
    let first = line.trim().lines().next().unwrap_or_default();
    first
        .chars()
        .filter(|c| match open {
            Some(quote) if *c == quote => {
                open = None;
                false
            }
            Some(_) => false,
            None if matches!(c, '\'' | '"') => {
                open = Some(*c);
                false
            }
            None => true,
        })
        .collect()
}

/// The words of each simple command on the first line, assignments before the program left out.
fn segments(line: &str) -> impl Iterator<Item = Vec<&str>> {
    line.split(['|', ';', '&']).map(|segment| {
        segment
            .split_whitespace()
            .skip_while(|word| word.contains('=') && !word.starts_with('-') || matches!(*word, "sudo" | "time" | "("))
            .collect()
    })
}

/// The command line as it is shown, on one line without `cd`, plumbing at its end, and the work tree's own path; and
/// whether its exit status was that of the plumbing.
fn shown(line: &str, worktree: Option<&Path>) -> (String, bool) {
    let mut lines = line.trim().lines();
    let mut text = lines.next().unwrap_or_default().trim().to_owned();
    let more = lines.next().is_some();
    if let Some(top) = worktree.and_then(Path::to_str).filter(|top| top.len() > 1) {
        text = text.replace(&format!("{top}/"), "").replace(top, ".");
    }
    while let Some((_, rest)) = text.split_once("&&").filter(|(first, _)| first.trim_start().starts_with("cd ")) {
        text = rest.trim_start().to_owned();
    }
    let whole = text.len();
    while let Some(at) = plumbing(&text) {
        text.truncate(at);
        text.truncate(text.trim_end().trim_end_matches("2>&1").trim_end().len());
    }
    let piped =
        text.len() < whole && !line.trim_end().ends_with("2>&1") || unquoted(&text).replace("||", "").contains('|');
    let text = cut::prose(&cut::one_line(text.trim_end_matches("2>&1")), LONGEST_LINE);
    (if more && !text.ends_with(cut::MARK) { format!("{text} {}", cut::MARK) } else { text }, piped)
}

/// Where the last part of a command line begins, if it only trims the output or the status of what stands before it.
fn plumbing(text: &str) -> Option<usize> {
    if let Some(before) = text.strip_suffix("|| true").or_else(|| text.strip_suffix("|| :")) {
        return Some(before.len()).filter(|at| *at > 0);
    }
    let at = text.rfind(['|', ';']).filter(|at| *at > 0)?;
    let (before, last) = (&text[..at], text[at + 1..].trim_start());
    let trims = ["tail", "head", "grep", "cat", "tee", "wc", "less", "sort", "echo"];
    let program = last.split_whitespace().next().unwrap_or_default();
    // Within quotes, or the second half of `||`: not plumbing.
    let quoted = before.matches('\'').count() % 2 == 1 || before.matches('"').count() % 2 == 1;
    let plain = trims.contains(&program) && !last.contains("&&") && !before.ends_with('|') && !quoted;
    plain.then_some(at)
}

/// What makes two command lines the same to a person: the program and what it is told to do (`cargo test`,
/// `npm run lint`), without options, paths and names.
fn stem(line: &str) -> String {
    let mut words = line.split_whitespace();
    let mut stem: Vec<&str> = words.next().into_iter().collect();
    for word in words {
        if word.starts_with('-') || word.contains(['/', '.', '=']) {
            break;
        }
        stem.push(word);
        if word != "run" {
            break;
        }
    }
    stem.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Event, EventKind, turn};
    use chrono::DateTime;

    fn run(commands: &[(&str, Outcome)]) -> (Vec<Roadblock>, Commands) {
        let events: Vec<Event> = commands
            .iter()
            .enumerate()
            .map(|(index, (line, outcome))| Event {
                id: index.to_string(),
                at: DateTime::UNIX_EPOCH,
                kind: EventKind::Command { line: (*line).to_owned(), outcome: outcome.clone() },
            })
            .collect();
        let summary = summarise(turn::turns(&events).iter(), Some(Path::new("/home/ada/repo")), 2);
        (summary.roadblocks, summary.commands)
    }

    fn failed(output: &str) -> Outcome {
        Outcome::Failed { exit: Some(101), output: output.to_owned() }
    }

    #[test]
    fn a_test_that_failed_and_passed_in_the_end_is_one_roadblock() {
        let (roadblocks, commands) = run(&[
            (
                "cd /home/ada/repo && cargo test 2>&1 | tail -5",
                failed("running\nerror[E0308]: mismatched types\nnote: x"),
            ),
            ("cargo test retry", failed("assertion failed: left == right")),
            ("cargo test", Outcome::Passed),
            ("cargo build", Outcome::Passed),
        ]);
        assert_eq!(
            roadblocks,
            [Roadblock {
                command: "cargo test retry".into(),
                failures: 2,
                passed_in_the_end: true,
                exit: Some(101),
                output: "assertion failed: left == right".into()
            }]
        );
        assert_eq!(commands.listed, [Command { line: "cargo build".into(), times: 1 }]);
    }

    #[test]
    fn only_what_failed_can_pass_in_the_end() {
        let check = |commands: &[(&str, Outcome)], expected: bool| {
            assert_eq!(run(commands).0[0].passed_in_the_end, expected, "{commands:?}");
        };
        let failed = || failed("x");
        check(&[("python migrate.py", failed()), ("python hello.py", Outcome::Passed)], false);
        check(&[("curl https://a.org/deploy", failed()), ("curl https://b.org", Outcome::Passed)], false);
        check(&[("cargo test retry", failed()), ("cargo test --doc other 2>&1 | tail -3", Outcome::Passed)], false);
        check(&[("cargo test", failed()), ("cargo test 2>&1 | tail -3", Outcome::Passed)], false);
        check(&[("cargo test", failed()), ("cargo test 2>&1", Outcome::Passed)], true);
        check(&[("cargo test", failed()), ("cargo test", Outcome::Passed), ("cargo test", failed())], false);
    }

    #[test]
    fn plumbing_is_taken_off_the_end_and_nothing_else() {
        for (line, expected) in [
            ("cargo test 2>&1 | grep FAIL | head -3", "cargo test"),
            ("make lint || grep -r TODO src", "make lint || grep -r TODO src"),
            ("make all && cd sub | head -3 && make deploy", "make all && cd sub | head -3 && make deploy"),
            ("git push || true", "git push"),
            ("make 'a | head'", "make 'a | head'"),
        ] {
            assert_eq!(shown(line, None).0, expected, "{line}");
        }
    }

    #[test]
    fn looking_around_and_committing_are_no_story() {
        for (line, expected) in [
            ("ls -la src && cat a", false),
            ("cd x && git status && git diff", false),
            ("ls -la docs 2>&1; git ls-tree HEAD 2>/dev/null || echo none >&2", false),
            ("git add -A && git commit -m 'x; make y'", false),
            ("git --no-pager log", false),
            ("RUST_LOG=debug cargo run", true),
            ("grep x | wc -l", false),
            ("git rebase main", true),
            ("", false),
        ] {
            assert_eq!(tells(line), expected, "{line}");
        }
    }

    #[test]
    fn the_list_is_capped_and_says_how_many_more() {
        let (_, commands) = run(&[
            ("make a", Outcome::Passed),
            ("make b", Outcome::Passed),
            ("make a", Outcome::Passed),
            ("/home/ada/repo/run.sh --now", Outcome::Passed),
        ]);
        assert_eq!(commands.listed[0], Command { line: "make a".into(), times: 2 });
        assert_eq!((commands.listed.len(), commands.more), (2, 1));
    }
}
