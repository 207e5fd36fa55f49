//! Counts: files, lines, prompts, sessions, failures and runs, which the facts know.
//!
//! In: a figure of a [`Statement`]. Out: whether the facts agree; `None` where it counts something else.
//! Never here: a count that a text gives.

use super::super::exhibit::Kind;
use super::figures::{Atom, Figure, Unit};
use super::ledger::Ledger;
use super::statement::Statement;
use super::words::Kind as Sort;
use crate::journal::{ChangeGroup, ChangedFile, Mark};

/// Whether the facts agree with a figure that counts something they know.
pub(super) fn verdict(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> Option<bool> {
    if figure.unit != Unit::None {
        return None;
    }
    if let Some(counted) = failures(said, at, figure, ledger) {
        return Some(counted);
    }
    let noun = noun(said, at)?;
    let facts = &ledger.exhibits.facts;
    let is = |count: u64| exactly(figure, count);
    let in_text = || text_has(said, at, figure, ledger);
    match noun {
        "file" => Some(
            files(said, at, figure, ledger)
                || ((!of_the_commit(said) || matches!(word(said, at.wrapping_sub(1)), "in" | "across")) && in_text()),
        ),
        "line" => {
            let counted = lines(said, at, figure, ledger);
            Some(counted || (directed(said, at).is_none() && in_text()))
        }
        "prompt" => Some(
            is(facts.prompts.into()) || facts.sessions.iter().any(|session| is(session.prompts.into())) || in_text(),
        ),
        "session" if said.words().any(|token| token.lower == "each") => Some(
            facts
                .sessions
                .iter()
                .all(|one| is(facts.sessions.iter().filter(|other| other.assistant == one.assistant).count() as u64)),
        ),
        "session" => Some(is(facts.sessions.len() as u64) || in_text()),
        "assistant" => {
            let mut names: Vec<&str> = facts.sessions.iter().map(|session| session.assistant.name()).collect();
            names.sort_unstable();
            names.dedup();
            Some(is(names.len() as u64) || in_text())
        }
        _ => None,
    }
}

fn exactly(figure: &Figure, count: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts of a commit are small")]
    let count = count as f64;
    (figure.raw - count).abs() < 0.5 && figure.raw.fract() == 0.0
}

fn word(said: &Statement, at: usize) -> &str {
    match said.atoms.get(at) {
        Some(Atom::Word(lower, _)) => lower.as_str(),
        _ => "",
    }
}

/// What is counted, in the singular, where the facts count it.
fn noun(said: &Statement, at: usize) -> Option<&str> {
    // `three new files`, `Of the five files, three are new`
    let known = |lower: &str| {
        Some(match lower {
            "file" | "files" => "file",
            "line" | "lines" => "line",
            "prompt" | "prompts" => "prompt",
            "session" | "sessions" => "session",
            "assistant" | "assistants" => "assistant",
            _ => return None,
        })
    };
    for offset in 1..=3 {
        match said.atoms.get(at + offset) {
            Some(Atom::Word(lower, _)) => {
                if let Some(noun) = known(lower) {
                    return Some(noun);
                }
                if matches!(lower.as_str(), "of" | "in" | "to" | "from" | "per" | "and" | "or") {
                    break;
                }
            }
            _ => break,
        }
    }
    let after = [word(said, at + 1), word(said, at + 2)];
    let qualified = after.iter().any(|lower| mark(lower).is_some() || matches!(*lower, "removed" | "added"));
    let has =
        |noun: &str| said.atoms.iter().any(|atom| matches!(atom, Atom::Word(lower, _) if known(lower) == Some(noun)));
    let ends = matches!(said.atoms.get(at + 1), None | Some(Atom::Stop)) || word(said, at + 1) == "and";
    let verb = (1..=3).any(|back| at >= back && direction(word(said, at - back)).is_some());
    if has("line") && (qualified || (ends && verb)) {
        return Some("line");
    }
    (has("file") && qualified).then_some("file")
}

/// Which files a word means.
fn mark(lower: &str) -> Option<fn(&ChangedFile) -> bool> {
    Some(match lower {
        "new" | "added" | "created" => |file| matches!(file.mark, Mark::Added | Mark::CopiedFrom(_)),
        "deleted" | "removed" | "gone" => |file| matches!(file.mark, Mark::Deleted),
        "renamed" | "moved" => |file| matches!(file.mark, Mark::RenamedFrom(_)),
        "modified" | "edited" | "existing" => |file| matches!(file.mark, Mark::Modified),
        "test" | "tests" => |file| file.group == ChangeGroup::Tests,
        "documentation" | "docs" | "doc" | "markdown" => |file| file.group == ChangeGroup::Docs,
        "source" | "code" => |file| file.group == ChangeGroup::Source,
        "configuration" | "config" => |file| file.group == ChangeGroup::Config,
        "generated" | "lock" => |file| file.group == ChangeGroup::Generated,
        _ => return None,
    })
}

fn files(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> bool {
    let facts = &ledger.exhibits.facts;
    let marks: Vec<_> = (1..=5)
        .map_while(|offset| match said.atoms.get(at + offset) {
            Some(Atom::Word(lower, _)) => Some(mark(lower)),
            _ => None,
        })
        .flatten()
        .collect();
    if marks.is_empty() {
        return exactly(figure, facts.files.into());
    }
    let count = facts.changes.iter().filter(|file| marks.iter().all(|is| is(file))).count();
    exactly(figure, count as u64)
}

/// Whether the sentence speaks of what the commit changes, so that a text cannot know better.
fn of_the_commit(said: &Statement) -> bool {
    said.words().any(|token| {
        token.is(&[
            "commit", "changed", "changes", "change", "touches", "touched", "modified", "modifies", "edited", "spans",
        ])
    })
}

/// Whether a word says that lines came (`true`) or went.
fn direction(lower: &str) -> Option<bool> {
    Some(match lower {
        "add" | "adds" | "added" | "adding" | "gain" | "gains" | "gained" | "insert" | "inserted" | "insertions"
        | "additions" | "new" | "grew" | "more" => true,
        "remove" | "removes" | "removed" | "removing" | "delete" | "deleted" | "deletes" | "deletions" | "lost"
        | "loses" | "lose" | "fewer" | "dropped" | "removals" | "deleting" => false,
        _ => return None,
    })
}

/// The direction that the sentence gives the figure: the nearest word that has one, behind it first.
fn directed(said: &Statement, at: usize) -> Option<bool> {
    let stops = |at: usize| matches!(said.atoms.get(at), None | Some(Atom::Stop | Atom::Figure(_)));
    let ahead = (1..=5_usize)
        .take_while(|offset| !stops(at + offset))
        .find_map(|offset| direction(word(said, at + offset)).map(|way| (offset, way)));
    let behind = (1..=4_usize)
        .take_while(|offset| *offset <= at && !stops(at - offset))
        .find_map(|offset| direction(word(said, at - offset)).map(|way| (offset, way)));
    match (ahead, behind) {
        (Some((far, _)), Some((near, way))) if near < far => Some(way),
        (Some((_, way)), _) | (None, Some((_, way))) => Some(way),
        (None, None) => None,
    }
}

fn lines(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> bool {
    let facts = &ledger.exhibits.facts;
    let named: Vec<&ChangedFile> = facts
        .changes
        .iter()
        .filter(|file| {
            said.tokens.iter().any(|token| {
                matches!(token.kind, Sort::Code | Sort::Name)
                    && (file.path == token.text || file.path.ends_with(&format!("/{}", token.text)))
            })
        })
        .collect();
    let of = |files: &[&ChangedFile]| -> Vec<(u64, u64)> {
        files.iter().filter_map(|file| file.lines).map(|(added, removed)| (added.into(), removed.into())).collect()
    };
    if said.words().any(|token| token.is(&["each", "every"])) {
        let all: Vec<&ChangedFile> = facts.changes.iter().collect();
        let sides = of(if named.len() < 2 { &all } else { &named });
        return sides.iter().all(|(added, removed)| exactly(figure, *added) || exactly(figure, *removed));
    }
    let sides = if named.is_empty() { vec![(facts.added, facts.removed)] } else { of(&named) };
    let direction = directed(said, at);
    sides.iter().any(|(added, removed)| match direction {
        Some(true) => exactly(figure, *added),
        Some(false) => exactly(figure, *removed),
        None => {
            exactly(figure, *added) && *removed == 0
                || exactly(figure, *removed) && *added == 0
                || exactly(figure, added + removed)
        }
    })
}

/// Whether a text has the figure right before the same noun.
fn text_has(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> bool {
    let Some(noun) = noun(said, at) else { return false };
    ledger.lines().any(|(_, line)| {
        line.atoms.iter().enumerate().any(|(place, atom)| {
            matches!(atom, Atom::Figure(other) if other.unit == Unit::None && (other.raw - figure.raw).abs() < 1e-9)
                && line.atoms[place + 1..]
                    .iter()
                    .take(2)
                    .any(|atom| matches!(atom, Atom::Word(lower, _) if lower.starts_with(noun)))
        })
    })
}

/// `failed three times`, `after 6 failures`, `out of 14 runs`, `exit code 101`, `on the third try`.
fn failures(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> Option<bool> {
    let before: Vec<&str> = (1..=5).filter(|back| *back <= at).map(|back| word(said, at - back)).collect();
    let after = [word(said, at + 1), word(said, at + 2)];
    let commands = commands(said, ledger);
    if before.iter().any(|lower| matches!(*lower, "exit" | "status" | "exited" | "code"))
        && before.iter().any(|l| l.starts_with("exit"))
    {
        let is = |exit: &Option<i32>| exit.is_some_and(|exit| (f64::from(exit) - figure.raw).abs() < 0.5);
        let meant = commands.iter().any(|command| command.named) || said.words().any(|t| t.lower.starts_with("fail"));
        let shown = meant && commands.iter().any(|command| is(&command.exit));
        let beside = |line: &super::ledger::Line| {
            line.words.has("exit")
                && line.atoms.iter().any(|a| matches!(a, Atom::Figure(other) if (other.raw - figure.raw).abs() < 1e-9))
        };
        let told =
            ledger.lines().any(|(utterance, line)| utterance.voice != super::ledger::Voice::Output && beside(line));
        let shown = shown || told;
        return Some(shown);
    }
    let times = matches!(after[0], "time" | "times" | "failure" | "failures" | "failed" | "failing" | "unsuccessful")
        || matches!(after[1], "failures")
        || matches!(figure.text.as_str(), "twice" | "thrice");
    let failing = |lower: &str| {
        lower.starts_with("fail") || lower.starts_with("unsuccess") || lower == "broke" || lower == "crashed"
    };
    let in_clause = said.atoms.iter().any(|atom| matches!(atom, Atom::Word(lower, _) if failing(lower)));
    let runs = matches!(after[0], "run" | "runs" | "attempt" | "attempts" | "try" | "tries");
    let ordinal = matches!(
        figure.text.as_str(),
        "third" | "fourth" | "fifth" | "sixth" | "seventh" | "eighth" | "ninth" | "tenth"
    ) || figure.text.ends_with("th")
        || figure.text.ends_with("rd");
    if ordinal && runs {
        return Some(
            commands
                .iter()
                .any(|c| c.passed && exactly(figure, u64::from(c.failures) + 1) || exactly(figure, c.runs.into())),
        );
    }
    if times && in_clause && !commands.is_empty() {
        let sum: u64 = commands.iter().map(|command| u64::from(command.failures)).sum();
        let named = commands.iter().any(|command| command.named);
        let one = commands.iter().filter(|c| c.named || !named).any(|command| exactly(figure, command.failures.into()));
        let agrees = one || (!named && exactly(figure, sum));
        // `5 failed` is a line of the output.
        let printed = after[0] == "failed"
            && ledger.lines().any(|(_, line)| {
                line.atoms.windows(2).any(|pair| {
                    matches!(pair, [Atom::Figure(other), Atom::Word(lower, _)]
                        if lower == "failed" && (other.raw - figure.raw).abs() < 1e-9)
                })
            });
        return if agrees || !printed { Some(agrees) } else { None };
    }
    if runs && in_clause && !commands.is_empty() {
        return Some(
            commands
                .iter()
                .any(|command| exactly(figure, command.runs.into()) || exactly(figure, command.failures.into())),
        );
    }
    None
}

/// A command that a sentence may speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ran {
    pub(super) runs: u32,
    pub(super) failures: u32,
    pub(super) passed: bool,
    pub(super) exit: Option<i32>,
    /// Whether the sentence names it.
    pub(super) named: bool,
}

/// The commands that a sentence names; all of them where it names none.
pub(super) fn commands(said: &Statement, ledger: &Ledger<'_>) -> Vec<Ran> {
    #[rustfmt::skip]
    const HEADS: &[&str] = &[
        "test", "tests", "build", "lint", "linting", "linter", "suite", "clippy", "bench", "benchmark", "e2e",
        "compile", "migration", "typecheck", "release", "deploy",
    ];
    let mut all: Vec<Ran> = Vec::new();
    for exhibit in &ledger.exhibits.items {
        let Kind::Command { runs, failures, passed_in_the_end, exit } = exhibit.kind else { continue };
        let line = exhibit.text.lines().next().unwrap_or_default();
        let named = said.tokens.iter().any(|token| match token.kind {
            Sort::Code => line.contains(&token.text) && token.text.len() > 1,
            Sort::Name => super::ledger::stands(&token.text, line, true),
            _ => false,
        });
        all.push(Ran { runs, failures, passed: passed_in_the_end, exit, named });
    }
    if all.iter().any(|ran| ran.named) {
        all.retain(|ran| ran.named);
        return all;
    }
    let lines: Vec<&str> = ledger
        .exhibits
        .items
        .iter()
        .filter(|exhibit| matches!(exhibit.kind, Kind::Command { .. }))
        .map(|exhibit| exhibit.text.lines().next().unwrap_or_default())
        .collect();
    let by_word: Vec<bool> = lines
        .iter()
        .map(|line| {
            let words = super::ledger::Words::of(line);
            said.words().any(|token| HEADS.contains(&token.lower.as_str()) && words.has(&token.lower))
        })
        .collect();
    if by_word.iter().any(|found| *found) {
        let named = all.into_iter().zip(by_word).filter(|(_, found)| *found);
        return named.map(|(ran, _)| Ran { named: true, ..ran }).collect();
    }
    all
}
