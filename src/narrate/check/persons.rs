//! Persons and products: somebody else said only what the evidence tells of them, and a product took part or was named.
//!
//! In: a [`Statement`]. Out: nothing, or who has no part in it. Never here: the developer and the assistants by name, who
//! are `speakers`.

use super::ledger::{Ledger, Voice};
use super::roles::tells;
use super::speakers::is_mention;
use super::statement::Statement;
use super::words::{Kind, is_common, is_plain};
use crate::chat::Assistant;

/// Checks who is named.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    for (at, token) in said.tokens.iter().enumerate() {
        let capital = token.text.chars().next().is_some_and(char::is_uppercase);
        let person = token.kind == Kind::Word && capital && !is_common(&token.lower) && !is_mention(said, at, ledger);
        if !person || !said.tokens.get(at + 1).is_some_and(tells) {
            continue;
        }
        let clause = said.tokens[at + 2..].iter().take_while(|token| token.kind != Kind::Stop);
        let words: Vec<&str> = clause
            .filter(|token| matches!(token.kind, Kind::Word | Kind::Name | Kind::Code) && !is_plain(&token.lower))
            .map(|token| token.lower.as_str())
            .collect();
        let told = ledger.lines().any(|(utterance, line)| {
            utterance.voice != Voice::File
                && line.words.has(&token.lower)
                && (!words.is_empty() || line.words.has(&said.tokens[at + 1].lower))
                && words.iter().filter(|word| line.words.has(word)).count() * 2 >= words.len()
        });
        if !told {
            return Err(format!("nobody tells that of {}", token.text));
        }
    }
    products(said, ledger)
}

/// "Claude Code" is not what runs a Claude model elsewhere.
fn products(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    for assistant in Assistant::ALL {
        let name = assistant.name();
        let took_part = ledger.exhibits.facts.sessions.iter().any(|session| session.assistant == *assistant);
        if name.contains(' ') && !took_part && said.plain.contains(name) && !ledger.names(name, false) {
            return Err(format!("{name} has no part in this commit"));
        }
    }
    Ok(())
}
