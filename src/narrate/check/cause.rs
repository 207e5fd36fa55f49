//! Causes: what is said to be the reason of something was said together with it.
//!
//! In: a [`Statement`]. Out: nothing, or that nobody ties the two together. Never here: whether a reason is a good one.

use super::ledger::{Ledger, Utterance, Voice};
use super::outcome::is_outcome;
use super::statement::Statement;
use super::words::{Kind, Token, is_plain, is_small, subwords};

/// Checks every "because".
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let tokens = &said.tokens;
    let end = |token: &Token| token.kind == Kind::Stop && token.text == ".";
    for (at, token) in tokens.iter().enumerate() {
        let of = |words: &[&str]| tokens.get(at + 1).is_some_and(|next| next.is(words));
        let marks = token.lower == "because"
            || (token.is(&["due", "thanks"]) && of(&["to"]))
            || (token.is(&["caused", "triggered"]) && of(&["by"]));
        if token.kind != Kind::Word || !marks {
            continue;
        }
        let start = tokens[..at].iter().rposition(end).map_or(0, |stop| stop + 1);
        let stop = tokens[at..].iter().position(end).map_or(tokens.len(), |stop| at + stop);
        let effect = content(&tokens[start..at], said, ledger);
        let cause = content(&tokens[at + 1..stop], said, ledger);
        if effect.is_empty() || cause.is_empty() {
            continue;
        }
        let tied = windows(ledger).any(|window| share(&cause, &window) >= 0.6 && share(&effect, &window) >= 0.5);
        if !tied {
            return Err("nobody gives that as the reason".to_owned());
        }
    }
    Ok(())
}

/// The words by which a part of a sentence is found again: those of the evidence that are not plain.
fn content(tokens: &[Token], said: &Statement, ledger: &Ledger<'_>) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for token in tokens {
        let words = match token.kind {
            Kind::Word if is_plain(&token.lower) || is_outcome(&token.lower) => continue,
            Kind::Word => vec![token.lower.clone()],
            Kind::Name | Kind::Code => subwords(&token.text),
            Kind::Quote(number) => said.quotes[number].text.split_whitespace().map(str::to_lowercase).collect(),
            Kind::Number | Kind::Stop => continue,
        };
        let words: Vec<String> = words.into_iter().filter(|word| !is_small(word) && ledger.words.has(word)).collect();
        if !words.is_empty() {
            found.push(words);
        }
    }
    found
}

/// How much of it stands there; of a name or a quotation half of its words do.
fn share(wanted: &[Vec<String>], window: &[&Utterance]) -> f64 {
    let has = |words: &&Vec<String>| {
        let here = words.iter().filter(|word| window.iter().any(|utterance| utterance.words.has(word))).count();
        if words.len() < 3 { here == words.len() } else { here * 2 >= words.len() }
    };
    #[expect(clippy::cast_precision_loss, reason = "a claim has few words")]
    let part = wanted.iter().filter(has).count() as f64 / wanted.len() as f64;
    part
}

/// What was said together: words of the conversation with those before and after them, the message with all changes, and
/// a command with its output.
fn windows<'l>(ledger: &'l Ledger<'_>) -> impl Iterator<Item = Vec<&'l Utterance>> {
    let talk: Vec<&Utterance> = ledger
        .utterances
        .iter()
        .filter(|utterance| matches!(utterance.voice, Voice::Developer | Voice::Assistant(_)))
        .collect();
    let near: Vec<Vec<&Utterance>> =
        (0..talk.len()).map(|at| talk[at.saturating_sub(1)..(at + 2).min(talk.len())].to_vec()).collect();
    let change = ledger
        .utterances
        .iter()
        .filter(|utterance| matches!(utterance.voice, Voice::Message | Voice::Code | Voice::File))
        .collect();
    let alone =
        ledger.utterances.iter().filter(|utterance| utterance.voice == Voice::Output).map(|output| vec![output]);
    near.into_iter().chain(std::iter::once(change)).chain(alone)
}
