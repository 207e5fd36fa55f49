//! Numbers: each stands in the evidence with its unit and beside its noun, or agrees with what can be counted.
//!
//! In: a [`Statement`]. Out: nothing, or which number is not known. Never here: a tolerance where the claim has no hedge.

use super::figures::{Atom, Figure, Unit};
use super::hedge::{Hedge, called, hedge};
use super::ledger::{Ledger, Line};
use super::statement::Statement;
use super::words::{Kind, Token, is_plain, stem, subwords};
use super::{counts, times};

/// Checks every figure.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    for (at, atom) in said.atoms.iter().enumerate() {
        let Atom::Figure(figure) = atom else { continue };
        if skipped(said, at, figure) {
            continue;
        }
        // What can be counted is counted: a text does not overrule it.
        let known = match counts::verdict(said, at, figure, ledger) {
            Some(counted) => counted,
            None => {
                times::known(said, at, figure, ledger) || figure.unit != Unit::Clock && stands(said, at, figure, ledger)
            }
        };
        if !known {
            return Err(format!("the evidence does not have \"{}\" there", figure.text));
        }
    }
    Ok(())
}

/// "one of them", "once more", "at once", "a second try" count nothing.
fn skipped(said: &Statement, at: usize, figure: &Figure) -> bool {
    let near = |offset: isize| match at.checked_add_signed(offset).and_then(|at| said.atoms.get(at)) {
        Some(Atom::Word(lower, _)) => lower.as_str(),
        _ => "",
    };
    match figure.text.as_str() {
        "one" => {
            let noun = near(1);
            // "one third"
            if matches!(said.atoms.get(at + 1), Some(Atom::Figure(_))) {
                return false;
            }
            !matches!(
                noun,
                "file" | "files" | "line" | "lines" | "prompt" | "session" | "command" | "commit" | "failure" | "time"
            ) || matches!(near(-1), "each")
        }
        _ => false,
    }
}

/// Whether two figures are the same number.
fn same(claimed: &Figure, found: &Figure, line: &Line, hedge: Hedge) -> bool {
    let close = |a: f64, b: f64| called(b, a, hedge, 0.1);
    if claimed.unit == Unit::None {
        // "about 61" is no 64 KiB.
        let exact = called(found.raw, claimed.raw, Hedge::None, 0.0);
        return exact || (found.unit == Unit::None && close(claimed.value, found.value));
    }
    if claimed.unit == found.unit {
        return close(claimed.value, found.value);
    }
    // `26m` may be minutes or megabytes; `timeout_ms = 500` says its unit beside the number.
    if found.loose && found.unit == Unit::Seconds && claimed.unit == Unit::Bytes {
        return found.text.ends_with(['m', 'M']) && close(claimed.value, found.raw * 1e6);
    }
    let word = claimed.text.split(' ').nth(1).unwrap_or_default();
    found.unit == Unit::None && close(claimed.raw, found.raw) && (unit_beside(word, line) || claimed.raw >= 1000.0)
}

/// Whether the line has the unit's word, or its letters.
fn unit_beside(word: &str, line: &Line) -> bool {
    let Some(wanted) = super::figures::unit(word) else { return false };
    line.atoms.iter().any(|atom| matches!(atom, Atom::Word(lower, _) if super::figures::unit(lower) == Some(wanted)))
}

/// Whether the figure stands in the evidence beside the noun that it has here.
fn stands(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> bool {
    let nouns = nouns(said, at);
    let hedge = hedge(said, at);
    let mut found = Vec::new();
    for (utterance, line) in ledger.lines() {
        for (place, atom) in line.atoms.iter().enumerate() {
            if let Atom::Figure(other) = atom
                && same(figure, other, line, hedge)
            {
                found.push((utterance.exhibit, line, place));
            }
        }
    }
    if found.is_empty() {
        return false;
    }
    // "the contrast is 4.1": the number that is nearest to what it is said of.
    let subject = subject(said, at);
    let spoken: Vec<&String> =
        subject.iter().filter(|noun| found.iter().any(|(_, line, _)| line.words.has(noun))).collect();
    if !spoken.is_empty()
        && !found
            .iter()
            .any(|(_, line, place)| spoken.iter().any(|noun| nearest(line, *place, noun, Some(figure.unit))))
    {
        return false;
    }
    // A figure with a unit of its own is told by it; its noun may be a paraphrase.
    let counted = |noun: &String| ledger.lines().any(|(_, line)| counts_this(line, noun));
    let named: Vec<&String> = nouns.iter().filter(|noun| counted(noun)).collect();
    if figure.unit == Unit::None && !named.is_empty() {
        return found.iter().any(|(_, line, place)| {
            named.iter().any(|noun| {
                nearest(line, *place, noun, None) && distance(line, *place, noun, BEHIND).is_some_and(|far| far <= 4)
            })
        });
    }
    found
        .iter()
        .any(|(exhibit, line, _)| said.cited.contains(exhibit) || said.tokens.iter().any(|token| about(token, line)))
}

/// Whether a token is a word of content that the line has.
fn about(token: &Token, line: &Line) -> bool {
    match token.kind {
        Kind::Word => !is_plain(&token.lower) && line.words.has(&token.lower),
        Kind::Name | Kind::Code => {
            let parts = subwords(&token.text);
            !parts.is_empty() && parts.iter().filter(|part| part.len() > 1).all(|part| line.words.has(part))
        }
        _ => false,
    }
}

/// Verbs that say a figure of what stands before them.
const COPULAS: &[&str] =
    &["is", "was", "are", "were", "takes", "took", "take", "costs", "needs", "lasts", "weighs", "measures"];

/// The stems of the words of which a figure is said by "is" or "was".
fn subject(said: &Statement, at: usize) -> Vec<String> {
    let copula = |atom: &Atom| matches!(atom, Atom::Word(lower, _) if COPULAS.contains(&lower.as_str()));
    let Some(verb) = at.checked_sub(1).filter(|verb| copula(&said.atoms[*verb])) else { return Vec::new() };
    if said.atoms[..verb].last().is_some_and(|atom| matches!(atom, Atom::Word(lower, _) if lower == "it")) {
        return Vec::new();
    }
    let mut nouns = Vec::new();
    for atom in said.atoms[..verb].iter().rev().take(4) {
        match atom {
            Atom::Word(lower, stem) if lower.len() > 2 && !small(lower) => nouns.push(stem.clone()),
            Atom::Word(..) => {}
            Atom::Figure(_) | Atom::Stop => break,
        }
    }
    nouns
}

/// The stems of the words after a figure, in its clause and before the next figure.
pub(super) fn nouns(said: &Statement, at: usize) -> Vec<String> {
    let mut nouns = Vec::new();
    for atom in said.atoms.iter().skip(at + 1).take(3) {
        match atom {
            Atom::Word(lower, stem) if lower.len() > 2 && !small(lower) => nouns.push(stem.clone()),
            Atom::Word(..) => {}
            Atom::Figure(_) | Atom::Stop => break,
        }
    }
    nouns
}

fn small(lower: &str) -> bool {
    matches!(
        lower,
        "the"
            | "and"
            | "for"
            | "was"
            | "were"
            | "are"
            | "has"
            | "have"
            | "had"
            | "its"
            | "that"
            | "this"
            | "with"
            | "from"
            | "than"
            | "into"
            | "but"
            | "per"
            | "each"
            | "instead"
            | "now"
            | "after"
            | "before"
            | "when"
            | "because"
            | "out"
            | "more"
            | "only"
            | "which"
            | "been"
            | "not"
            | "all"
            | "time"
            | "times"
            | "also"
            | "below"
            | "above"
            | "thus"
            | "then"
            | "new"
    )
}

/// Whether a line has a number next to the noun.
fn counts_this(line: &Line, noun: &str) -> bool {
    line.atoms.iter().enumerate().any(|(place, atom)| {
        matches!(atom, Atom::Figure(other) if other.unit == Unit::None)
            && distance(line, place, noun, 0).is_some_and(|far| far <= 1)
    })
}

/// A number stands before what it counts: behind it, a noun is farther away by so much.
const BEHIND: usize = 2;

/// How far the noun is from a place of a line.
fn distance(line: &Line, place: usize, noun: &str, behind: usize) -> Option<usize> {
    line.atoms
        .iter()
        .enumerate()
        .filter(
            |(_, atom)| matches!(atom, Atom::Word(lower, stem) if stem == noun || super::words::stem(lower) == noun),
        )
        .map(|(other, _)| if other > place { other - place } else { place - other + behind })
        .min()
}

/// Whether no other number of the line, or none of this unit, is nearer to the noun.
fn nearest(line: &Line, place: usize, noun: &str, unit: Option<Unit>) -> bool {
    let stem = stem(noun);
    let noun = if line.words.has(noun) { noun } else { stem.as_str() };
    // What a number is said of may stand on either side of it.
    let behind = if unit.is_some() { 0 } else { BEHIND };
    let distance = |line: &Line, place: usize, noun: &str| distance(line, place, noun, behind);
    let Some(mine) = distance(line, place, noun) else { return false };
    line.atoms.iter().enumerate().all(|(other, atom)| {
        let rival = matches!(atom, Atom::Figure(figure) if unit.is_none_or(|unit| unit == figure.unit));
        other == place || !rival || distance(line, other, noun).is_none_or(|far| far >= mine)
    })
}
