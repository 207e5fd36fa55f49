//! Standing: whether the commit does what was decided.
//!
//! In: what was decided. Out: [`Standing`], with the files that carry it, or why what the model says cannot be.
//! Never here: the model's word.

use super::super::exhibit::Kind as Sort;
use super::ledger::{Ledger, Line, Voice, Words};
use super::statement::Statement;
use super::words::{Kind, Token, is_plain, is_small, tokens};
use crate::journal::{ChangeGroup, ChangedFile, Standing};

/// Of the words of a decision, this part stands in a change that carries it.
const ENOUGH: f64 = 0.33;

/// The same where the model says that it was done, and nobody has put it off.
const SOME: f64 = 0.2;

/// Why a decision falls of which a model says more than the evidence.
pub(super) const NOT_CARRIED: &str = "it was talked about, but no change carries it";

/// The most files that are named.
const FILES: usize = 3;

/// Words that say that something is left for later, or was turned down.
#[rustfmt::skip]
const LATER: &[&str] = &[
    "later", "next", "ticket", "leave", "left", "not", "no", "don't", "didn't", "todo", "follow-up", "separate",
    "skip", "why", "should", "could", "would", "cannot", "can't", "nobody", "nicht", "kein", "later.",
];

/// Words that say that something was done.
#[rustfmt::skip]
const DONE: &[&str] = &[
    "done", "added", "now", "changed", "removed", "replaced", "implemented", "fixed", "reverted", "moved",
    "renamed", "uses", "set", "made", "writes", "wrote", "adds", "raised", "increased", "reduced", "jetzt", "gone",
    "deleted", "switched", "sorted",
];

/// How the human begins who lets the assistant do what it has proposed.
const APPROVALS: &[&str] =
    &["do it", "yes", "ok", "okay", "go ahead", "sounds good", "good", "sure", "agreed", "ja", "sí", "oui"];

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
    // What stands behind "instead of" is what was not done.
    let done = [" instead of ", " rather than ", " over "].iter().filter_map(|mark| what.find(mark)).min();
    let wanted: Vec<Token> = tokens(&what[..done.unwrap_or(what.len())]).into_iter().filter(counts).collect();
    let denies = denied(what, &wanted, ledger);
    let put_off = !denies && put_off(&wanted, ledger);
    let mut carried = carriers(&wanted, ledger);
    let best = carried.first().map_or(0.0, |(part, _)| *part);
    carried.retain(|(part, _)| best >= ENOUGH && *part >= best * 0.75);
    let mut carried: Vec<String> = carried.into_iter().map(|(_, path)| path).collect();
    if carried.is_empty() && confirmed(&wanted, ledger) {
        carried = cited(said, ledger);
    }
    if carried.is_empty() && implemented == Some(true) && (best >= SOME || denies || asked(&wanted, ledger)) {
        carried = cited(said, ledger);
    }
    carried.truncate(FILES);
    if implemented == Some(true)
        && let Some(number) = turned_down(&wanted, ledger)
    {
        return Err(format!("\"{number}\" stands only in a plan that was turned down"));
    }
    match implemented {
        Some(true) | None if !carried.is_empty() && !put_off => Ok(Standing::Implemented(carried)),
        Some(true) => Err(NOT_CARRIED.to_owned()),
        Some(false) if !carried.is_empty() && !put_off => Err("the commit does it".to_owned()),
        Some(false) if !put_off && (best > 0.3 || asked(&wanted, ledger)) => Err("nobody has put it off".to_owned()),
        Some(false) | None => Ok(Standing::Discussed),
    }
}

/// Whether somebody has settled for it: a question about it has an answer, or a sentence that has most of its words leaves
/// no doubt; a plan that was turned down settles nothing.
pub(super) fn is_settled(what: &str, ledger: &Ledger<'_>) -> bool {
    let done = [" instead of ", " rather than ", " over "].iter().filter_map(|mark| what.find(mark)).min();
    let wanted: Vec<Token> = tokens(&what[..done.unwrap_or(what.len())]).into_iter().filter(counts).collect();
    ledger.utterances.iter().any(|utterance| match &ledger.exhibits.items[utterance.exhibit].kind {
        Sort::Plan { approved } => *approved == Some(true) && share(&wanted, &utterance.words) > 0.5,
        Sort::Question { answer } => answer.is_some() && share(&wanted, &utterance.words) > 0.5,
        Sort::Message | Sort::Prompt | Sort::Reply(_) | Sort::Note(_) => {
            utterance.lines.iter().any(|line| share(&wanted, &line.words) > 0.5 && !doubts(line, &wanted))
        }
        Sort::Command { .. } | Sort::File(_) | Sort::Diff { .. } => false,
    })
}

/// A number that only a plan has that was turned down.
fn turned_down<'t>(wanted: &'t [Token], ledger: &Ledger<'_>) -> Option<&'t str> {
    wanted.iter().filter(|token| token.kind == Kind::Number).map(|token| token.text.as_str()).find(|number| {
        let mut declined = false;
        for (utterance, line) in ledger.lines() {
            if super::ledger::stands(number, &line.text, true) {
                let plan = &ledger.exhibits.items[utterance.exhibit].kind;
                if !matches!(plan, Sort::Plan { approved: Some(false) }) {
                    return false;
                }
                declined = true;
            }
        }
        declined
    })
}

fn counts(token: &Token) -> bool {
    match token.kind {
        Kind::Word => !is_small(&token.lower),
        Kind::Name | Kind::Code | Kind::Number => true,
        Kind::Quote(_) | Kind::Stop => false,
    }
}

fn share(wanted: &[Token], words: &Words) -> f64 {
    if wanted.is_empty() || words.is_empty() {
        return 0.0;
    }
    let weight = |token: &Token| if token.kind == Kind::Word { 1.0 } else { 2.0 };
    let has = |token: &&Token| words.has(&token.lower) || parts(&token.lower).all(|part| words.has(part));
    wanted.iter().filter(has).map(weight).sum::<f64>() / wanted.iter().map(weight).sum::<f64>()
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|char: char| !char.is_alphanumeric()).filter(|part| !part.is_empty())
}

/// The files whose change has some of what was decided, with how much of it, the most first.
fn carriers(wanted: &[Token], ledger: &Ledger<'_>) -> Vec<(f64, String)> {
    let mut carried: Vec<(f64, String)> = Vec::new();
    for utterance in &ledger.utterances {
        let Sort::Diff { path } = &ledger.exhibits.items[utterance.exhibit].kind else { continue };
        let mut words = Words::of(path);
        utterance.lines.iter().filter(|line| is_change(line)).for_each(|line| {
            words.add(&line.text);
        });
        let part = share(wanted, &words);
        if part > 0.0 {
            carried.push((part, path.clone()));
        }
    }
    carried.sort_by(|one, other| other.0.total_cmp(&one.0));
    carried
}

/// Whether a line of a diff does something: what it leaves to be done is not done.
fn is_change(line: &Line) -> bool {
    line.text.starts_with(['+', '-']) && !["TODO", "FIXME", "XXX"].iter().any(|mark| line.text.contains(mark))
}

/// Whether the message or the assistant says that it was done.
fn confirmed(wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    ledger.lines().any(|(utterance, line)| {
        let done = utterance.voice == Voice::Message
            || (matches!(utterance.voice, Voice::Assistant(Some(_))) && DONE.iter().any(|word| line.words.has(word)));
        let least = if utterance.voice == Voice::Message { 0.7 } else { 0.5 };
        done && !unsure(line) && share(wanted, &line.words) >= least
    })
}

fn unsure(line: &Line) -> bool {
    // What stands in code says nothing of the decision.
    let mut prose: String = line.text.split('`').step_by(2).collect::<Vec<_>>().join(" ").to_lowercase();
    // "it should say" and "can you …?" are wishes.
    for wish in ["it should", "we should", "you should", "can you", "could you", "would you", "i would like"] {
        if prose.contains(wish) {
            prose = prose.replace(wish, "").replace('?', "");
        }
    }
    prose.contains("n't")
        || prose.contains('?')
        || prose.split(|c: char| !c.is_alphanumeric()).any(|word| LATER.contains(&word))
}

/// Whether a doubt stands beside what was decided, and not only elsewhere in the sentence.
fn doubts(line: &Line, wanted: &[Token]) -> bool {
    let parts = line.text.split([',', ';']).flat_map(|part| part.split(" when ")).flat_map(|part| part.split(" if "));
    let about = |part: &str| share(wanted, &Words::of(part)) > 0.0;
    unsure(line)
        && parts
            .filter(|part| about(part))
            .any(|part| unsure(&Line { text: part.to_owned(), words: Words::of(part), atoms: Vec::new() }))
}

/// The changed files that the claim refers to; all that are not generated where it refers to none.
fn cited(said: &Statement, ledger: &Ledger<'_>) -> Vec<String> {
    let exhibits = &ledger.exhibits.items;
    let mut files: Vec<String> = Vec::new();
    for at in &said.cited {
        match &exhibits[*at].kind {
            Sort::File(ChangedFile { path, .. }) | Sort::Diff { path } if !files.contains(path) => {
                files.push(path.clone());
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
fn put_off(wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    // A `TODO` in the change says it, too.
    let todo = |line: &Line| line.text.starts_with('+') && !is_change(line) && share(wanted, &line.words) >= 0.5;
    if ledger.lines().any(|(utterance, line)| utterance.voice == Voice::Code && todo(line)) {
        return true;
    }
    // What nobody has changed and somebody says is not in it: "a benchmark, but don't commit it".
    let mut changed = Words::default();
    for (utterance, line) in ledger.lines() {
        if matches!(utterance.voice, Voice::Code | Voice::Message | Voice::File) {
            changed.add(&line.text);
        }
    }
    let absent = |token: &&Token| token.kind == Kind::Word && !is_plain(&token.lower) && !changed.has(&token.lower);
    let denies = |line: &Line, word: &str| {
        let lower = line.text.to_lowercase();
        line.words.has(word)
            && line.words.has("commit")
            && ["n't commit", "not commit", "not in the commit"].iter().any(|not| lower.contains(not))
    };
    if wanted.iter().filter(absent).any(|token| ledger.lines().any(|(_, line)| denies(line, &token.lower))) {
        return true;
    }
    let mut last = None;
    for utterance in &ledger.utterances {
        if utterance.voice == Voice::Developer && approves(&utterance.folded.to_lowercase()) {
            last = None;
        }
        if !matches!(utterance.voice, Voice::Developer | Voice::Assistant(_)) {
            continue;
        }
        for line in &utterance.lines {
            if share(wanted, &line.words) < 0.5 {
                continue;
            }
            let done = DONE.iter().any(|word| line.words.has(word));
            // What the human asks for without a doubt is wanted.
            let wish = utterance.voice == Voice::Developer;
            let doubt = doubts(line, wanted);
            if doubt || done || wish {
                last = Some(doubt);
            }
        }
    }
    last.unwrap_or(false) && !added(wanted, ledger)
}

/// Whether the human lets the assistant go on, without a "but".
fn approves(lower: &str) -> bool {
    let denies = ["n't", " no", " not ", "but ", " later", "leave "];
    ["do it", "yes", "go ahead"].iter().any(|yes| lower.starts_with(yes))
        || APPROVALS.iter().any(|yes| lower.starts_with(yes)) && !denies.iter().any(|no| lower.contains(no))
}

/// Whether the human has asked for it, and the assistant has said afterwards that something was done.
fn asked(wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    let place = ledger.utterances.iter().position(|utterance| {
        utterance.voice == Voice::Developer
            && utterance.lines.iter().any(|line| share(wanted, &line.words) >= 0.6 && !unsure(line))
    });
    place.is_some_and(|place| {
        ledger.utterances[place..].iter().any(|utterance| {
            matches!(utterance.voice, Voice::Assistant(_)) && DONE.iter().any(|word| utterance.words.has(word))
        })
    })
}

/// Whether it is a decision not to do something, which the human has spoken against.
fn denied(what: &str, wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    let lower = format!(" {} ", what.to_lowercase());
    [" no ", " not ", " without ", " keep", " leave", " never ", " skip", " stays "]
        .iter()
        .any(|word| lower.contains(word))
        && ledger.lines().any(|(utterance, line)| {
            utterance.voice == Voice::Developer && unsure(line) && share(wanted, &line.words) >= 0.5
        })
}

/// Whether added lines have all of it.
fn added(wanted: &[Token], ledger: &Ledger<'_>) -> bool {
    let mut words = Words::default();
    for (utterance, line) in ledger.lines() {
        if utterance.voice == Voice::Code && line.text.starts_with('+') && is_change(line) {
            words.add(&line.text);
        }
    }
    share(wanted, &words) >= 0.99
}
