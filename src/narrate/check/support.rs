//! Support: the words of a claim stand in the evidence, for the most part.
//!
//! In: a [`Statement`]. Out: nothing, or which words are strange. Never here: names, figures or quotations.

use super::figures::number_word;
use super::ledger::Ledger;
use super::statement::Statement;
use super::words::{Kind, is_plain};

/// Of a claim's words of content, this part at least stands in the evidence.
const ENOUGH: f64 = 0.5;

/// The same where a claim does not say what it rests on.
const ENOUGH_WITHOUT_REFERENCE: f64 = 0.6;

/// Words behind which a reason follows: it must stand by itself.
const REASONS: &[&str] = &["because", "since", "so", "due", "thanks", "to", "which", "as"];

/// Checks the words.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let enough = if said.cited.is_empty() { ENOUGH_WITHOUT_REFERENCE } else { ENOUGH };
    let (mut known, mut strange): (u32, Vec<&str>) = (0, Vec::new());
    // Of the clause: words that stand, words that do not.
    let mut clause = (0_u32, Vec::new());
    let mut in_reason = false;
    for token in &said.tokens {
        match token.kind {
            Kind::Stop => {
                reason(in_reason, &clause)?;
                clause = (0, Vec::new());
                in_reason = false;
            }
            Kind::Quote(_) => {
                known += 2;
                clause.0 += 2;
            }
            Kind::Code | Kind::Name | Kind::Number => {
                known += 1;
                clause.0 += 1;
            }
            Kind::Word if REASONS.contains(&token.lower.as_str()) => {
                reason(in_reason, &clause)?;
                clause = (0, Vec::new());
                in_reason = true;
            }
            Kind::Word if number_word(&token.lower).is_some() => known += 1,
            Kind::Word if is_plain(&token.lower) => {}
            Kind::Word => {
                let stands = ledger.words.has(&token.lower)
                    || token.lower.split('-').all(|part| is_plain(part) || ledger.words.has(part));
                if stands {
                    known += 1;
                    clause.0 += 1;
                } else {
                    strange.push(&token.text);
                    clause.1.push(token.text.as_str());
                }
            }
        }
    }
    reason(in_reason, &clause)?;
    if known == 0 {
        return Err("nothing in it stands in the evidence".to_owned());
    }
    let total = f64::from(known) + strange.len() as f64;
    if f64::from(known) / total < enough {
        return Err(format!("the evidence does not speak of {}", list(&strange)));
    }
    Ok(())
}

fn reason(in_reason: bool, clause: &(u32, Vec<&str>)) -> Result<(), String> {
    if in_reason && clause.1.len() >= 2 && (clause.0 as usize) < clause.1.len() {
        return Err(format!("the evidence does not speak of {}", list(&clause.1)));
    }
    Ok(())
}

fn list(words: &[&str]) -> String {
    words.iter().take(4).map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}
