//! Direction: what became what, and what came and went, as the diff has it.
//!
//! In: a [`Statement`]. Out: nothing, or what is the other way around. Never here: figures, and what is denied: that is
//! `polarity`.

use super::figures::{Atom, is_figure};
use super::ledger::{Ledger, Voice, Words};
use super::polarity::diff;
use super::statement::Statement;
use super::words::{Kind, Token, is_common, is_small};
use crate::journal::Mark;

/// "still", in the languages that people talk in most.
const STILL: &[&str] = &["still", "noch", "sigue", "siguen", "toujours", "encore", "todavía", "aún", "まだ"];

/// Checks the direction of a change.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    names_in_order(said, ledger)?;
    towards(said, ledger)?;
    instead(said, ledger)?;
    difference(said, ledger)?;
    sides(said, ledger)
}

/// "rose by N": somebody said so, or N lies between two figures of one line.
fn difference(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    const CHANGES: &[&str] = &[
        "rose",
        "grew",
        "increased",
        "raised",
        "gained",
        "fell",
        "dropped",
        "decreased",
        "reduced",
        "cut",
        "shrank",
        "improved",
        "lowered",
    ];
    if !said.words().any(|token| token.is(CHANGES)) {
        return Ok(());
    }
    let by = |atoms: &[Atom]| match atoms {
        [Atom::Word(word, _), Atom::Figure(figure)] if word == "by" => Some(figure.raw),
        _ => None,
    };
    for number in said.atoms.windows(2).filter_map(by) {
        let is_it = |other: f64| (other - number).abs() < 1e-9;
        let told = ledger.lines().any(|(_, line)| {
            let figures = || {
                line.atoms
                    .iter()
                    .filter_map(|atom| if let Atom::Figure(figure) = atom { Some(figure.raw) } else { None })
            };
            line.atoms.windows(2).filter_map(by).any(is_it)
                || figures().any(|one| figures().any(|other| is_it(one - other)))
        });
        if !told {
            return Err(format!("nothing changed by {number}"));
        }
    }
    Ok(())
}

/// `A becomes B`, `from A to B`, `A now reads B` and `B instead of A`, where A and B are code or quotations.
fn names_in_order(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let replaces = said.words().any(|token| token.is(&["replaces", "replaced"]));
    let marked: Vec<(usize, String)> = said
        .tokens
        .iter()
        .enumerate()
        .filter_map(|(at, token)| match token.kind {
            Kind::Code | Kind::Name => Some((at, token.text.clone())),
            Kind::Number if !is_figure(&token.text) => Some((at, token.text.clone())),
            // `freezegun replaces time-machine`: names of small letters.
            Kind::Word if !is_common(&token.lower) && replaces => Some((at, token.text.clone())),
            Kind::Quote(number) => Some((at, said.quotes[number].text.clone())),
            _ => None,
        })
        .collect();
    for pair in marked.windows(2) {
        let ((first, a), (second, b)) = (&pair[0], &pair[1]);
        let between = &said.tokens[first + 1..*second];
        let has = |words: &[&str]| between.iter().any(|token| token.is(words));
        let before = first.checked_sub(1).map(|at| &said.tokens[at]);
        if has(&["renamed", "moved", "called"]) && has(&["to", "now"]) && backwards(a, b, ledger) {
            return Err(format!("it is \"{b}\" that became \"{a}\""));
        }
        let (old, new) = if has(&["becomes", "became", "replaced"]) && !has(&["replaces"])
            || (has(&["now"]) && between.iter().any(|token| token.is(&["is", "reads", "read"])))
            || (before.is_some_and(|token| token.is(&["from"])) && has(&["to"]))
        {
            if has(&["by"]) || !has(&["replaced"]) { (a, b) } else { (b, a) }
        } else if has(&["instead"]) && has(&["of"]) || has(&["replaces"]) {
            (b, a)
        } else {
            continue;
        };
        if reversed(ledger, old, new) {
            return Err(format!("it is \"{new}\" that became \"{old}\""));
        }
    }
    Ok(())
}

/// "the oldest instead of the newest": as a sentence of the evidence that has both has them.
fn instead(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let counts = |token: &&Token| matches!(token.kind, Kind::Word | Kind::Name | Kind::Code) && !is_small(&token.lower);
    for (at, pair) in said.tokens.windows(2).enumerate() {
        if !(pair[0].is(&["instead", "rather"]) && pair[1].is(&["of", "than"])) {
            continue;
        }
        let done: Vec<&Token> = said.tokens[..at].iter().rev().filter(counts).take(2).collect();
        let left: Vec<&Token> = said.tokens[at + 2..].iter().filter(counts).take(2).collect();
        let (mut right, mut wrong) = (false, false);
        for (_, line) in ledger.lines() {
            let lower = line.text.to_lowercase();
            let Some(mark) = ["instead of", "rather than", " statt "].iter().find_map(|mark| lower.find(mark)) else {
                continue;
            };
            let (before, after) = (Words::of(&lower[..mark]), Words::of(&lower[mark..]));
            let only = |token: &&&Token, one: &Words, other: &Words| one.has(&token.lower) && !other.has(&token.lower);
            let both = |one: &Words, other: &Words| {
                done.iter().any(|token| only(&token, one, other)) && left.iter().any(|token| only(&token, other, one))
            };
            right |= both(&before, &after);
            wrong |= both(&after, &before);
        }
        if wrong && !right {
            return Err("it is the other way around".to_owned());
        }
    }
    Ok(())
}

/// `changed to B`, `moved to B`: B is not what the diff has taken away.
fn towards(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    const MOVES: &[&str] = &[
        "changed",
        "changes",
        "moved",
        "moves",
        "renamed",
        "renames",
        "switched",
        "switches",
        "set",
        "raised",
        "lowered",
        "reduced",
        "increased",
        "replaced",
        "pointed",
        "points",
        "became",
        "becomes",
        "bumped",
        "writes",
        "wrote",
    ];
    let has = |sign: char, text: &str| diff(ledger, sign).any(|line| super::ledger::stands(text, &line.text, true));
    for (at, token) in said.tokens.iter().enumerate() {
        let text = token.text.trim_end_matches('/');
        let named = matches!(token.kind, Kind::Code | Kind::Name) && text.len() > 1;
        let before = &said.tokens[at.saturating_sub(6)..at];
        let to = before.last().is_some_and(|last| last.is(&["to", "into", "becomes", "became"]));
        let moves =
            before.iter().any(|token| token.is(MOVES)) && !before.iter().any(|token| token.is(&["from", "not"]));
        let back = said.tokens[at..].iter().any(|token| token.lower == "from");
        if named && to && moves && !back && gone(text, &has) {
            return Err(format!("the change does away with \"{text}\""));
        }
    }
    Ok(())
}

/// Whether a name, or the parts of a path, stand only in what was taken away.
fn gone(text: &str, has: &dyn Fn(char, &str) -> bool) -> bool {
    if has('-', text) {
        return !has('+', text);
    }
    let mut parts = text.split('/').filter(|part| part.len() > 1);
    text.contains('/') && parts.clone().all(|part| has('-', part)) && parts.any(|part| !has('+', part))
}

/// Whether files were renamed from the second to the first.
fn backwards(a: &str, b: &str, ledger: &Ledger<'_>) -> bool {
    let renamed = |one: &str, other: &str| {
        ledger.exhibits.facts.changes.iter().any(|file| match &file.mark {
            Mark::RenamedFrom(from) => from.contains(one) && file.path.contains(other),
            _ => false,
        })
    };
    renamed(b, a) && !renamed(a, b)
}

/// Whether the diff has it the other way around.
fn reversed(ledger: &Ledger<'_>, old: &str, new: &str) -> bool {
    let on = |sign: char, text: &str| diff(ledger, sign).any(|line| super::ledger::stands(text, &line.text, true));
    let told = |first: &str, second: &str| {
        ledger.lines().any(|(utterance, line)| {
            utterance.voice != Voice::Code
                && !line.text.contains(" or ")
                && line.text.find(first).zip(line.text.find(second)).is_some_and(|(one, two)| one < two)
                && ["becom", "now", "->", "→", "to "].iter().any(|word| line.text.contains(word))
        })
    };
    (on('+', old) && !on('-', old) && !on('+', new))
        || (on('-', new) && !on('+', new) && !on('-', old))
        || (told(new, old) && !told(old, new))
}

/// Adding and removing, of names that the diff has on one side only.
fn sides(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    const ADDED: &[&str] = &["added", "adds", "add", "introduced", "introduces", "new", "created"];
    const REMOVED: &[&str] = &["removed", "removes", "remove", "deleted", "deletes", "dropped", "drops", "gone"];
    for (at, token) in said.tokens.iter().enumerate() {
        if !matches!(token.kind, Kind::Code | Kind::Name) || token.text.contains(' ') {
            continue;
        }
        let clause = said.clause(at);
        // "`x` is new", "adds `x`": the verb that is nearest in the clause.
        let near = |list: &[&str]| {
            clause.clone().filter(|place| said.tokens[*place].is(list)).map(|place| place.abs_diff(at)).min()
        };
        let (adds, removes) = (near(ADDED), near(REMOVED));
        let on = |sign: char| diff(ledger, sign).any(|line| super::ledger::stands(&token.text, &line.text, true));
        let wrong = match (adds, removes) {
            (Some(near), other) if near <= 4 && other.is_none_or(|other| near < other) => {
                on('-') && !on('+') && drops(ledger, &token.text) != Some(false)
            }
            (other, Some(near)) if near <= 4 && other.is_none_or(|other| near < other) => {
                (on('+') && !on('-') && drops(ledger, &token.text) != Some(true))
                    || drops(ledger, &token.text) == Some(false)
            }
            _ => false,
        };
        // "still", of what the diff has only taken away, and of which nobody else says so.
        let still = said.tokens[clause.clone()].iter().any(|token| token.lower == "still")
            && on('-')
            && !on('+')
            && !ledger.lines().any(|(utterance, line)| {
                utterance.voice != Voice::Code
                    && super::ledger::stands(&token.text, &line.text, true)
                    && STILL.iter().any(|word| line.words.has(word))
            });
        // "made private", where the new line says `pub`.
        let private = near(&["private", "hidden"]).is_some_and(|near| near <= 4)
            && said.tokens[clause.clone()].iter().any(|token| token.is(&["made", "now", "became", "becomes"]))
            && diff(ledger, '+').any(|line| {
                super::ledger::stands(token.text.rsplit("::").next().unwrap_or(&token.text), &line.text, true)
                    && ["pub", "public", "export"].iter().any(|word| line.words.has(word))
            });
        let added_but_dropped = adds.is_some_and(|near| near <= 4 && removes.is_none_or(|other| near < other))
            && drops(ledger, &token.text) == Some(true);
        if wrong || private || still || added_but_dropped {
            return Err(format!("the change does the opposite with \"{}\"", token.text));
        }
    }
    Ok(())
}

/// What an added line of SQL or of a script says: `DROP COLUMN token`.
fn drops(ledger: &Ledger<'_>, name: &str) -> Option<bool> {
    diff(ledger, '+').find_map(|line| {
        let lower = line.text.to_lowercase();
        let at = lower.find(&name.to_lowercase())?;
        let before = &lower[..at];
        (before.contains("drop column") || before.contains("drop table") || before.contains("git rm")).then_some(true)
    })
}
