//! Support: the words of a claim stand in the evidence, for the most part.
//!
//! In: a [`Statement`]. Out: nothing, or which words are strange. Never here: names, figures or quotations.

use super::figures::number_word;
use super::ledger::Ledger;
use super::outcome::is_outcome;
use super::statement::Statement;
use super::tone::is_feeling;
use super::words::{Kind, Token, is_plain, is_small};
use crate::journal::Section;

/// Of a claim's words of content, this part at least stands in the evidence.
const ENOUGH: f64 = 0.5;

/// The same where a claim does not say what it rests on.
const ENOUGH_WITHOUT_REFERENCE: f64 = 0.6;

/// Words behind which a reason follows: it must stand by itself.
const REASONS: &[&str] = &["because", "since", "so", "due", "thanks", "to", "which", "as"];

/// Verbs that turn a sentence: there is no other word for them, so they stand in the evidence themselves.
#[rustfmt::skip]
const TURNING: &[&str] = &[
    "rolled", "raises", "throws", "threw", "switched", "switches", "refused", "refuses", "crashed", "crashes", "blocked", "blocks",
    "leaked", "leaks", "archived", "banned", "hangs", "hung", "froze",
];

/// What was counted.
#[derive(Default)]
struct Tally<'s> {
    known: usize,
    strange: Vec<&'s str>,
}

/// Checks the words.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let enough = if said.cited.is_empty() { ENOUGH_WITHOUT_REFERENCE } else { ENOUGH };
    let (mut all, mut clause) = (Tally::default(), Tally::default());
    let mut in_reason = false;
    let turning = said.words().find(|token| token.is(TURNING) && !ledger.words.has(&token.lower));
    if let Some(token) = turning.filter(|_| !ledger.foreign) {
        return Err(format!("the evidence does not speak of \"{}\"", token.text));
    }
    for token in &said.tokens {
        let opens = token.kind == Kind::Word && REASONS.contains(&token.lower.as_str());
        if opens || token.kind == Kind::Stop {
            reason(in_reason, &clause)?;
            clause = Tally::default();
            in_reason = opens;
            continue;
        }
        match stands(token, said, ledger) {
            Some(weight) if weight > 0 => {
                all.known += weight;
                clause.known += weight;
            }
            Some(_) => {
                all.strange.push(&token.text);
                clause.strange.push(&token.text);
            }
            None => {}
        }
    }
    reason(in_reason, &clause)?;
    if all.known == 0 && all.strange.is_empty() {
        // A sentence of plain words alone: then these stand in the evidence.
        let plain = |token: &&Token| !is_small(&token.lower) && ledger.words.has(&token.lower);
        let figure = said.atoms.iter().any(|atom| matches!(atom, super::figures::Atom::Figure(_)));
        return if figure || said.words().filter(plain).count() >= 2 {
            Ok(())
        } else {
            Err("it says nothing".to_owned())
        };
    }
    #[expect(clippy::cast_precision_loss, reason = "a claim has few words")]
    let share = all.known as f64 / (all.known + all.strange.len()) as f64;
    // Of a cause every word stands.
    let causal = said.words().any(|token| token.is(&["cause", "caused", "culprit", "causes"]));
    if share < enough || (causal && !all.strange.is_empty()) {
        return Err(format!("the evidence does not speak of {}", list(&all.strange)));
    }
    Ok(())
}

/// How much a token counts: more than nothing where it stands, nothing where it is strange, `None` for plain words.
fn stands(token: &Token, said: &Statement, ledger: &Ledger<'_>) -> Option<usize> {
    let lower = token.lower.as_str();
    match token.kind {
        Kind::Stop => None,
        Kind::Quote(_) => Some(2),
        Kind::Code | Kind::Name | Kind::Number => Some(1),
        Kind::Word if number_word(lower).is_some() => Some(1),
        Kind::Word if is_plain(lower) || is_outcome(lower) => None,
        Kind::Word if said.section == Section::Mood && is_feeling(lower) => None,
        Kind::Word => {
            let found = ledger.words.has(lower)
                || (lower.contains('-') && lower.split('-').all(|part| is_plain(part) || ledger.words.has(part)));
            Some(usize::from(found))
        }
    }
}

fn reason(in_reason: bool, clause: &Tally<'_>) -> Result<(), String> {
    if in_reason && clause.strange.len() >= 2 && clause.known < clause.strange.len() {
        return Err(format!("the evidence does not speak of {}", list(&clause.strange)));
    }
    Ok(())
}

fn list(words: &[&str]) -> String {
    words.iter().take(4).map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
