//! Denied things: what the evidence only ever denies, weighs or puts off is not said to be so.
//!
//! In: a [`Statement`]. Out: nothing, or what nobody has affirmed. Never here: a claim that itself denies or weighs.

use super::ledger::{Ledger, Voice};
use super::outcome::is_outcome;
use super::roles::is_assistant;
use super::statement::Statement;
use super::words::{Kind, is_plain, is_small};

/// Marks of a clause of the evidence that does not say that something is so.
#[rustfmt::skip]
const DENIES: &[&str] = &[
    "n't ", "n’t ", " dont ", " not ", " never ", " no ", " nor ", " neither ", " cannot ", " without ", " would ", " could ", " might ",
    " i can ", " i'll ", " i’ll ", " we can ", " if you want", " nobody ", " maybe ", " perhaps ",
    " considered ", " unchanged", " left out", " leave ", " later", " nicht ", " kein", " ohne ",
    " sin ", " pas ", " overkill", " untouched", " declined", " avoid", " alternative ",
];

/// Of these, those that forbid.
const FORBIDS: &[&str] = &[" don't ", " dont ", " do not ", " leave ", " never "];

/// Marks of a claim that itself denies.
#[rustfmt::skip]
const DENYING: &[&str] = &[
    "not", "no", "never", "without", "cannot", "nor", "neither", "nothing", "nobody", "none", "leave", "leaves", "left", "alone",
    "unchanged", "untouched", "avoid", "avoids", "stayed", "stays", "remained", "remains", "kept", "keeps", "keep", "stay", "instead",
    "rather", "against", "declined", "refused", "rejected", "out", "later", "question", "whether", "gone", "spared", "nowhere",
];

/// Marks of a claim that does not say that something is so.
#[rustfmt::skip]
const MARKS: &[&str] = &[
    "not", "no", "never", "without", "cannot", "nor", "neither", "nothing", "nobody", "none", "would", "could", "might", "may",
    "considered", "discussed", "suggested", "proposed", "offered", "asked", "wanted", "whether", "if", "instead", "rather",
    "unchanged", "left", "leave", "leaves", "later", "declined", "rejected", "turned", "against", "avoid", "avoids", "avoided",
    "alternative", "stayed", "stays", "remained", "remains", "kept", "keeps", "untouched", "alone", "planned", "refused", "dropped",
    "removed", "but", "warned", "explained", "only", "failed", "ruled", "postponed", "thought", "called", "overkill", "missing",
    "until", "unless", "said", "wrote", "noted", "except", "mentioned", "gone", "lacks", "lacked", "out", "before", "unlike", "than",
    "because", "so", "since",
];

/// Checks every thing that is named.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let marked = said.words().any(|token| {
        token.is(MARKS) || token.lower.ends_with("n't") || (token.lower.starts_with("un") && token.lower.len() > 5)
    });
    let denies_itself = said.words().any(|token| token.is(DENYING) || token.lower.ends_with("n't"));
    if denies_itself || !said.quotes.is_empty() || ledger.foreign {
        return Ok(());
    }
    // What is only told may be weighed, but not be forbidden.
    let marks = if marked { FORBIDS } else { DENIES };
    for token in &said.tokens {
        let thing = match token.kind {
            Kind::Word => {
                !is_assistant(&token.lower)
                    && !is_outcome(&token.lower)
                    && !is_plain(&token.lower)
                    && !is_small(&token.lower)
                    && token.lower.len() > 3
            }
            Kind::Name | Kind::Code => token.text.len() > 3 && !token.text.contains(['/', ' ']),
            _ => false,
        };
        if !thing {
            continue;
        }
        let (mut found, mut denied) = (false, true);
        for (utterance, line) in ledger.lines() {
            let here = match token.kind {
                Kind::Word => line.words.has(&token.lower),
                _ => super::ledger::stands(&token.text, &line.text, false),
            };
            if here {
                found = true;
                denied &= matches!(utterance.voice, Voice::Developer | Voice::Assistant(_))
                    && denies(&line.text, &token.lower, marks);
            }
        }
        if found && denied {
            return Err(format!("nobody says that \"{}\" is so", token.text));
        }
    }
    Ok(())
}

/// Whether the clause that the thing stands in denies or weighs.
fn denies(line: &str, thing: &str, marks: &[&str]) -> bool {
    let lower = line.to_lowercase().replace(" but ", ", ").replace(" because ", ", ");
    let parts: Vec<String> = lower.split([',', ';', ':', '(', ')']).map(|part| format!(" {} ", part.trim())).collect();
    let start: String = thing.chars().take(5).collect();
    let mut all = parts.iter().filter(|part| part.contains(&start)).peekable();
    // Only what stands behind "instead of" is not so.
    let instead = |part: &String| {
        ["instead of ", "rather than "].iter().any(|mark| part.find(mark).is_some_and(|at| part[at..].contains(&start)))
    };
    // "not X", "considered X", and "X is not": what else is denied in the clause is another thing.
    let denied = |part: &String| {
        let Some(at) = part.find(&start) else { return false };
        let end = at + part[at..].find(' ').unwrap_or(part.len() - at);
        marks.iter().any(|mark| part.match_indices(mark).any(|(place, _)| place < at || place < end + 5))
    };
    all.peek().is_some() && all.all(|part| instead(part) || denied(part))
}
