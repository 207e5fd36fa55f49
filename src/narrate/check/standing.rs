//! Standing: whether the commit does what was decided.
//!
//! In: what was decided. Out: [`Standing`], with the files that carry it, or why what the model says cannot be.
//! Never here: the model's word.

use super::super::exhibit::Kind as Sort;
use super::ledger::{Ledger, Line, Voice, Words};
use super::statement::Statement;
use super::words::{Kind, Token, is_plain, tokens};
use crate::journal::{ChangeGroup, ChangedFile, Standing};

/// The most files that are named.
const FILES: usize = 3;

/// Words that say that something is left for later, or was turned down.
const LATER: &[&str] = &[
    "later",
    "next",
    "ticket",
    "instead",
    "leave",
    "left",
    "not",
    "no",
    "don't",
    "didn't",
    "todo",
    "follow-up",
    "separate",
    "skip",
    "without",
    "never",
    "why",
    "should",
    "could",
    "would",
    "cannot",
    "can't",
    "nobody",
    "nicht",
    "kein",
    "later.",
];

/// Words that say that something was done.
const DONE: &[&str] = &[
    "done",
    "added",
    "now",
    "changed",
    "removed",
    "replaced",
    "implemented",
    "fixed",
    "reverted",
    "moved",
    "renamed",
    "uses",
    "set",
    "made",
    "writes",
    "wrote",
    "adds",
    "raised",
    "increased",
    "reduced",
    "jetzt",
    "gone",
    "deleted",
    "switched",
    "sorted",
];

/// How a decision stands.
///
/// # Errors
/// The model says what the evidence does not.
pub(super) fn of(
    what: &str,
    implemented: Option<bool>,
    said: &Statement,
    ledger: &Ledger<'_>,
) -> Result<Standing, String> {
    let wanted: Vec<Token> = tokens(what).into_iter().filter(counts).collect();
    let carried = carriers(&wanted, said, ledger);
    let put_off = put_off(&wanted, said, ledger);
    match implemented {
        Some(true) | None if !carried.is_empty() && !put_off => Ok(Standing::Implemented(carried)),
        Some(true) => Err("it was talked about, but no change carries it".to_owned()),
        Some(false) if !carried.is_empty() && !put_off && decisive(&wanted, ledger) => {
            Err("the commit does it".to_owned())
        }
        Some(false) | None => Ok(Standing::Discussed),
    }
}

fn counts(token: &Token) -> bool {
    match token.kind {
        Kind::Word => !is_plain(&token.lower),
        Kind::Name | Kind::Code | Kind::Number => true,
        Kind::Quote(_) | Kind::Stop => false,
    }
}

fn share(wanted: &[Token], words: &Words) -> f64 {
    if wanted.is_empty() || words.is_empty() {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a decision has few words")]
    let share = |found: usize| found as f64 / wanted.len() as f64;
    share(
        wanted
            .iter()
            .filter(|token| {
                words.has(&token.lower) || token.lower.split(['-', '_', '.', '/', ' ']).all(|part| words.has(part))
            })
            .count(),
    )
}

/// The files whose change has what was decided.
fn carriers(wanted: &[Token], said: &Statement, ledger: &Ledger<'_>) -> Vec<String> {
    let exhibits = &ledger.exhibits.items;
    let mut carried: Vec<(f64, String)> = Vec::new();
    for utterance in &ledger.utterances {
        let path = match &exhibits[utterance.exhibit].kind {
            Sort::Diff { path } => path.clone(),
            _ => continue,
        };
        let mut words = Words::of(&path);
        utterance.lines.iter().filter(|line| line.text.starts_with(['+', '-'])).for_each(|line| words.add(&line.text));
        let part = share(wanted, &words);
        if part > 0.0 {
            carried.push((part, path));
        }
    }
    carried.sort_by(|one, other| other.0.total_cmp(&one.0));
    let best = carried.first().map_or(0.0, |(part, _)| *part);
    let mut files: Vec<String> = if best >= 0.34 {
        carried.into_iter().filter(|(part, _)| *part >= best * 0.75).map(|(_, path)| path).collect()
    } else {
        Vec::new()
    };
    if files.is_empty() && confirmed(wanted, ledger) {
        files = cited(said, ledger);
    }
    files.truncate(FILES);
    files
}

/// Whether the message or the assistant says that it was done.
fn confirmed(wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    ledger.lines().any(|(utterance, line)| {
        let done = utterance.voice == Voice::Message
            || (matches!(utterance.voice, Voice::Assistant(_)) && DONE.iter().any(|word| line.words.has(word)));
        done && !unsure(line) && share(wanted, &line.words) >= 0.5
    })
}

fn unsure(line: &Line) -> bool {
    let lower = line.text.to_lowercase();
    lower.contains("n't")
        || lower.contains('?')
        || lower.split(|c: char| !c.is_alphanumeric()).any(|word| LATER.contains(&word))
}

/// The changed files that the claim refers to; all that are not generated where it refers to none.
fn cited(said: &Statement, ledger: &Ledger<'_>) -> Vec<String> {
    let exhibits = &ledger.exhibits.items;
    let mut files: Vec<String> = Vec::new();
    for at in &said.cited {
        match &exhibits[*at].kind {
            Sort::File(ChangedFile { path, .. }) | Sort::Diff { path } if !files.contains(path) => {
                files.push(path.clone())
            }
            _ => {}
        }
    }
    if files.is_empty() {
        let own = ledger.exhibits.facts.changes.iter().filter(|file| file.group != ChangeGroup::Generated);
        files = own.map(|file| file.path.clone()).collect();
    }
    files
}

/// Whether the human or the assistant has put it off, in a sentence that speaks of it.
fn put_off(wanted: &[Token], said: &Statement, ledger: &Ledger<'_>) -> bool {
    let _ = said;
    let mut last = None;
    for utterance in &ledger.utterances {
        if !matches!(utterance.voice, Voice::Developer | Voice::Assistant(_)) {
            continue;
        }
        for line in &utterance.lines {
            if share(wanted, &line.words) >= 0.5 {
                let done = DONE.iter().any(|word| line.words.has(word)) && !unsure(line);
                if unsure(line) || done {
                    last = Some(!done);
                }
            }
        }
    }
    last.unwrap_or(false) && !added(wanted, ledger)
}

/// Whether added lines have all of it.
fn added(wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    let mut words = Words::default();
    for (utterance, line) in ledger.lines() {
        if utterance.voice == Voice::Code && line.text.starts_with('+') {
            words.add(&line.text);
        }
    }
    share(wanted, &words) >= 0.99
}

/// Whether the change has so much of it that it cannot only have been discussed.
fn decisive(wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    added(wanted, ledger) || confirmed(wanted, ledger)
}
