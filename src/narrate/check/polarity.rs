//! Polarity: what was added was not removed, what is now was not before, and a "not" is somebody's own.
//!
//! In: a [`Statement`]. Out: nothing, or what is the other way around. Never here: a guess where the evidence is silent.

use super::figures::{Atom, Figure};
use super::ledger::{Ledger, Line, Voice};
use super::statement::Statement;
use super::words::{Kind, Token, is_small, stem};

/// Words and their opposites, as stems.
#[rustfmt::skip]
const OPPOSITES: &[(&[&str], &[&str])] = &[
    (&["rais", "increas", "extend", "lengthen", "grow", "bump"], &["lower", "decreas", "reduc", "shorten", "shrink"]),
    (&["enabl", "activat"], &["disabl", "deactivat"]),
    (&["accept", "allow", "permit"], &["reject", "forbid", "refus", "deni", "decline", "declin", "prohibit"]),
    (&["approv"], &["reject", "declin"]),
    (&["rewritten", "rewrit", "chang", "modifi", "touch", "alter", "edit"], &["unchang", "untouch"]),
    (&["older"], &["newer"]), (&["faster", "fast", "quick"], &["slower", "slow"]), (&["upgrad"], &["downgrad"]),
    (&["synchron", "sync"], &["asynchron", "async"]), (&["public"], &["privat"]),
    (&["visibl"], &["hidden", "invisibl", "privat"]), (&["open"], &["clos"]), (&["always"], &["never"]),
    (&["minimum", "min"], &["maximum", "max"]), (&["above"], &["below"]), (&["encrypt"], &["decrypt"]),
    (&["ascend"], &["descend"]), (&["gain"], &["los"]), (&["includ"], &["exclud"]), (&["encod"], &["decod"]), (&["grow", "rise", "rose"], &["drop", "shrink", "fall"]),
    (&["import"], &["export"]), (&["lock"], &["unlock"]), (&["show"], &["hid"]),
];

/// Words that deny, or that are used where another would say "not".
#[rustfmt::skip]
const DENIALS: &[&str] = &[
    "not", "independent", "invalid", "incorrect", "impossible", "no", "never", "without", "cannot", "none",
    "nothing", "nobody", "neither", "nor", "n't", "dont", "doesnt", "isnt", "nicht", "kein", "keine", "ohne", "nie",
    "pas", "sans", "sin", "fail", "fails", "failed", "missing", "lacks", "lack", "instead", "rather", "only",
    "avoid", "refused", "leave", "left", "unchanged", "stop", "stopped", "unless", "remove", "removed", "drop",
    "dropped", "gone", "ignore", "ignored", "rejected", "forbid", "forbids", "skip", "skipped", "below", "but",
    "wrong", "few", "empty", "different", "late", "alone", "any", "private", "literally", "out", "nowhere", "declined",
    "decline", "ni", "sino", "jamás", "nunca", "não", "non", "don't",
];

/// Of these, those by which nothing is denied in a text: "instead of X" is no "not X".
const WEAK: &[&str] = &[
    "instead",
    "rather",
    "only",
    "but",
    "any",
    "few",
    "different",
    "late",
    "alone",
    "private",
    "literally",
    "out",
    "below",
    "left",
];

/// Words that deny in a claim.
const NEGATIONS: &[&str] =
    &["not", "never", "without", "cannot", "nor", "neither", "nobody", "nothing", "none", "longer"];

/// Checks the polarity.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    order(said, ledger)?;
    opposites(said, ledger)?;
    negations(said, ledger)
}

pub(super) fn diff<'l>(ledger: &'l Ledger<'_>, sign: char) -> impl Iterator<Item = &'l Line> {
    ledger
        .lines()
        .filter(move |(utterance, line)| utterance.voice == Voice::Code && line.text.starts_with(sign))
        .map(|(_, line)| line)
}

fn has_figure(line: &Line, figure: &Figure) -> bool {
    line.atoms.iter().any(|atom| matches!(atom, Atom::Figure(other) if same(other, figure)))
}

fn same(one: &Figure, other: &Figure) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= a.abs().max(b.abs()) * 1e-9;
    close(one.raw, other.raw) || (one.unit == other.unit && close(one.value, other.value))
}

/// `from A to B` and `B instead of A`: in this order in the evidence.
fn order(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let atoms = &said.atoms;
    let word = |at: usize| match atoms.get(at) {
        Some(Atom::Word(lower, _)) => lower.as_str(),
        _ => "",
    };
    for (at, atom) in atoms.iter().enumerate() {
        let Atom::Figure(first) = atom else { continue };
        let Some(gap) = (1..=8).find(|gap| matches!(atoms.get(at + gap), Some(Atom::Figure(_)))) else { continue };
        let Some(Atom::Figure(second)) = atoms.get(at + gap) else { continue };
        let between: Vec<&str> = (at + 1..at + gap).map(word).collect();
        let from = (1..=3).any(|back| at >= back && word(at - back) == "from");
        let (old, new) = if from && between.contains(&"to") {
            (first, second)
        } else if between.contains(&"instead") || (between.contains(&"rather") && between.contains(&"than")) {
            (second, first)
        } else {
            continue;
        };
        if same(old, new) {
            continue;
        }
        let removed = diff(ledger, '-').any(|line| has_figure(line, old));
        let added = diff(ledger, '+').any(|line| has_figure(line, new));
        let backwards =
            diff(ledger, '-').any(|line| has_figure(line, new)) && diff(ledger, '+').any(|line| has_figure(line, old));
        if removed && added && !backwards {
            continue;
        }
        let told = ledger.lines().any(|(_, line)| in_order(line, old, new));
        if !told {
            return Err(format!("the evidence does not go from \"{}\" to \"{}\"", old.text, new.text));
        }
    }
    Ok(())
}

/// Whether a line has the two figures as before and after.
fn in_order(line: &Line, old: &Figure, new: &Figure) -> bool {
    let place =
        |figure: &Figure| line.atoms.iter().position(|atom| matches!(atom, Atom::Figure(other) if same(other, figure)));
    let (Some(old), Some(new)) = (place(old), place(new)) else { return false };
    let instead = ["instead", "rather", "statt", "up from", "down from"].iter().any(|word| line.text.contains(word));
    let turns = ["from", "to ", "->", "→", "auf", "became", "now", "then", " a ", "vers", "con"];
    if instead { new < old } else { old < new && turns.iter().any(|word| line.text.contains(word)) }
}

/// A word whose opposite is what the evidence has.
fn opposites(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let words = content_of(&said.tokens);
    for token in said.words() {
        let own = stem(&token.lower);
        for (one, other) in OPPOSITES {
            for (mine, theirs) in [(one, other), (other, one)] {
                if !mine.contains(&own.as_str())
                    || said.words().any(|token| theirs.contains(&stem(&token.lower).as_str()))
                {
                    continue;
                }
                let has = |line: &Line, list: &[&str]| list.iter().any(|word| line.words.has(word));
                let rest: Vec<String> = words.iter().filter(|word| stem(word) != own).cloned().collect();
                let most = |list: &[&str], plain: bool| {
                    let lines = ledger.lines().filter(|(_, line)| {
                        has(line, list) && (!plain || negated(&line.text.to_lowercase(), true, &[]) == 0)
                    });
                    lines.map(|(_, line)| rest.iter().filter(|word| line.words.has(word)).count()).max().unwrap_or(0)
                };
                let opposite = most(theirs, false);
                if (opposite >= 2 && most(mine, true) < 2) || (opposite >= 1 && most(mine, false) == 0) {
                    return Err(format!("the evidence has the opposite of \"{}\"", token.text));
                }
            }
        }
    }
    Ok(())
}

/// A "not" that the evidence has in no clause of these words; and the lack of one that it has in all of them.
fn negations(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    for clause in
        said.tokens.split(|token| token.kind == Kind::Stop || token.is(&["because", "which", "although", "since"]))
    {
        let quoted = clause.iter().any(|token| matches!(token.kind, Kind::Quote(_)));
        // "said no" is an answer; "no longer" denies once.
        let ends = usize::from(clause.last().is_some_and(|last| last.lower == "no"));
        let longer = usize::from(clause.iter().any(|token| token.lower == "longer"));
        let negators = clause.iter().filter(|token| is_negator(token)).count().saturating_sub(ends.max(longer));
        // Who says it and that it is said stand elsewhere.
        let who = |token: &Token| super::roles::is_role(&token.lower) || super::roles::is_assistant(&token.lower);
        let spoken = (0..clause.len()).filter(|at| {
            let told =
                at.checked_sub(1).is_some_and(|before| who(&clause[before])) && super::roles::tells(&clause[*at]);
            !told && !who(&clause[*at])
        });
        let own = content_of(&spoken.map(|at| clause[at].clone()).collect::<Vec<_>>());
        if negators > 0 {
            let elliptic = clause.last().is_some_and(|last| last.lower == "not") && own.len() < 2 && !quoted;
            if elliptic {
                return Err("it does not say what is not so".to_owned());
            }
            let all = content_of(&said.tokens);
            let (words, least) = if own.is_empty() { (&all, 1) } else { (&own, if own.len() > 3 { 2 } else { 1 }) };
            let found = quoted
                // How commands ended is known.
                || clause.iter().any(|token| super::outcome::is_outcome(&token.lower))
                || said.quotes.iter().any(|quote| negated(&quote.text.to_lowercase(), true, &[]) > 0)
                || words.is_empty()
                || (longer > 0 && complained(words, ledger))
                || ledger.lines().any(|(_, line)| {
                    clauses(&line.text)
                        .iter()
                        .any(|part| negated(part, longer > 0, &own) >= negators.min(2) && shared(words, part) >= least)
                });
            // A translation denies in words that are not known here.
            let translated = ledger.foreign && negators == 1;
            if !found && !translated {
                return Err("the evidence does not say \"not\" there".to_owned());
            }
            turned(clause, ledger)?;
        } else if !quoted && own.len() >= 2 && !clause.iter().any(soft) {
            if said.section != crate::journal::Section::Decisions {
                affirmed(&own, ledger)?;
            }
            only(clause, ledger)?;
            let copula = clause.iter().position(|token| token.is(&["is", "are", "was", "were"]));
            if let Some(at) = copula {
                affirmed(&content_of(&clause[at + 1..]), ledger)?;
            }
        }
    }
    Ok(())
}

/// "customers no longer lose quota": the human has said that they do, or the message.
fn complained(words: &[String], ledger: &Ledger<'_>) -> bool {
    ledger.lines().any(|(utterance, line)| {
        let count = words.iter().filter(|word| line.words.has(word)).count();
        matches!(utterance.voice, Voice::Developer | Voice::Message) && count >= 2 && count * 5 >= words.len() * 3
    })
}

fn is_negator(token: &Token) -> bool {
    token.kind == Kind::Word
        && (token.is(NEGATIONS) || token.lower == "no" || token.lower.ends_with("n't") || token.lower.ends_with("n’t"))
}

/// Words with which a claim denies without a "not".
fn soft(token: &Token) -> bool {
    token.kind == Kind::Word
        && (token.is(&["whether", "wondered"])
            || DENIALS.contains(&token.lower.as_str())
            || (token.lower.starts_with("un") && token.lower.len() > 5))
}

/// The clauses of a sentence of the evidence. "It is slow and is not needed" says both of its first words.
fn clauses(line: &str) -> Vec<String> {
    let lower = line.to_lowercase().replace(" because ", ", ").replace(" but ", ", ");
    let mut out = Vec::new();
    for part in lower.split([',', ';', ':', '(', ')']) {
        let mut halves = part.split(" and ");
        let first = halves.next().unwrap_or_default();
        let subject: Vec<&str> = first.split_whitespace().take(2).collect();
        out.push(first.to_owned());
        out.extend(halves.map(|half| format!("{} {half}", subject.join(" "))));
    }
    out
}

/// How often a clause of the evidence denies. What a diff takes away is denied, too.
/// A word that the claim has as well denies nothing of it: "when the power fails".
fn negated(clause: &str, weak: bool, own: &[String]) -> usize {
    let word = |word: &&str| {
        let word: &str = word.trim_matches(|char: char| !char.is_alphanumeric());
        (DENIALS.contains(&word) && (weak || !WEAK.contains(&word)) && !own.iter().any(|own| own == word))
            || (word.starts_with("un") && word.len() > 5)
            || word.ends_with("n't")
            || word.ends_with("n’t")
    };
    clause.split_whitespace().filter(word).count() + usize::from(clause.starts_with('-'))
}

fn shared(words: &[String], clause: &str) -> usize {
    let here = super::ledger::Words::of(clause);
    words.iter().filter(|word| here.has(word)).count()
}

/// "the date but not the currency", where the evidence has "the currency and not the date".
fn turned(clause: &[Token], ledger: &Ledger<'_>) -> Result<(), String> {
    let Some(at) = clause.iter().position(|token| token.is(&["not", "never"])) else { return Ok(()) };
    if !at.checked_sub(1).is_some_and(|before| clause[before].is(&["but", "and"])) {
        return Ok(());
    }
    let after: Vec<&str> = clause[at + 1..]
        .iter()
        .filter(|token| !is_small(&token.lower))
        .take(2)
        .map(|token| token.lower.as_str())
        .collect();
    let found = ledger.lines().any(|(_, line)| {
        let lower = line.text.to_lowercase();
        ["not ", "never ", "n't "].iter().flat_map(|no| lower.match_indices(no)).any(|(not, _)| {
            let near: String = lower[not..].split_whitespace().take(6).collect::<Vec<_>>().join(" ");
            let words = super::ledger::Words::of(&near);
            after.iter().any(|word| words.has(word))
        })
    });
    let outcome = after.iter().all(|word| super::outcome::is_outcome(word));
    if found || outcome { Ok(()) } else { Err(format!("the evidence does not deny \"{}\"", after.join(" "))) }
}

/// The clause that says most of it does not say "not", if another clause says as much without.
fn affirmed(own: &[String], ledger: &Ledger<'_>) -> Result<(), String> {
    let strict = |clause: &str| {
        let clause = format!(" {clause} ");
        ["n't ", "n’t ", " not ", " never ", " cannot ", " no longer ", " nowhere ", " leave "]
            .iter()
            .any(|word| clause.contains(word))
    };
    let (mut best, mut denied) = (0, true);
    for (utterance, line) in ledger.lines() {
        if own.iter().filter(|word| line.words.has(word)).count() < best.max(2) {
            continue;
        }
        for clause in clauses(&line.text) {
            let count = shared(own, &clause);
            let no = utterance.voice != Voice::Code && strict(&clause);
            if count > best {
                (best, denied) = (count, no);
            } else if count == best {
                denied &= no;
            }
        }
    }
    let most = best >= 2 && best * 5 >= own.len() * 3;
    if denied && most { Err("the evidence says that it is not so".to_owned()) } else { Ok(()) }
}

/// "only staging is affected": where the evidence says so of something, it is the same.
fn only(clause: &[Token], ledger: &Ledger<'_>) -> Result<(), String> {
    let Some(at) = clause.iter().position(|token| token.lower == "only") else { return Ok(()) };
    let Some(next) = clause[at + 1..].iter().find(|token| !is_small(&token.lower)) else { return Ok(()) };
    let rest: Vec<String> =
        content_of(clause).into_iter().filter(|word| *word != next.lower && word != "only").collect();
    let mut seen = false;
    for (_, line) in ledger.lines() {
        for part in clauses(&line.text).iter().filter(|part| format!(" {part} ").contains(" only ")) {
            if rest.is_empty() || shared(&rest, part) * 2 < rest.len() {
                continue;
            }
            if shared(std::slice::from_ref(&next.lower), part) > 0 {
                return Ok(());
            }
            seen = true;
        }
    }
    if seen { Err(format!("the evidence says \"only\" of something else than \"{}\"", next.text)) } else { Ok(()) }
}

fn content_of(tokens: &[Token]) -> Vec<String> {
    let counts = |token: &&Token| match token.kind {
        Kind::Word => !is_small(&token.lower) && !is_negator(token) && token.lower.len() > 2,
        Kind::Name | Kind::Code | Kind::Number => true,
        _ => false,
    };
    let mut words: Vec<String> = tokens.iter().filter(counts).map(|token| token.lower.clone()).collect();
    words.sort_unstable();
    words.dedup();
    words
}
