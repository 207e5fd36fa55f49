//! Mixed: of several entries that a claim names, each has a part in it, and no clause is put together from two.
//!
//! In: a [`Statement`] and the evidence of each entry. Out: nothing, or what was mixed. Never here: a claim about one entry.

use super::super::exhibit::Exhibits;
use super::ledger::{Ledger, Words};
use super::statement::Statement;
use super::words::{Kind, Token, is_plain, is_small};

/// Words between which clauses lie, where no punctuation does.
const JOINS: &[&str] = &["and", "then", "while", "but", "before", "after", "whereas", "until"];

/// Of so many words of a clause that stand anywhere, one may stand in another entry than the rest; a name may not.
const ONE_OF: usize = 6;

/// Checks a claim that names several entries.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>, parts: &[&Exhibits]) -> Result<(), String> {
    let parts: Vec<Words> = parts.iter().map(|part| words(part)).collect();
    let own = |token: &&Token| is_content(token) && ledger.words.has(&token.lower);
    let mut has_part = vec![false; parts.len()];
    let ends = |token: &Token| token.kind == Kind::Stop || token.is(JOINS);
    for clause in said.tokens.split(ends) {
        let content: Vec<&Token> = clause.iter().filter(own).collect();
        let tells = |part: &Words| {
            let missing = || content.iter().filter(|token| !part.has(&token.lower));
            missing().count() * ONE_OF <= content.len() && missing().all(|token| token.kind == Kind::Word)
        };
        if !parts.iter().any(tells) {
            return Err("it mixes what different entries say".to_owned());
        }
        for (has_part, part) in has_part.iter_mut().zip(&parts).filter(|_| !content.is_empty()) {
            *has_part |= tells(part);
        }
    }
    if has_part.contains(&false) && said.tokens.iter().any(|token| own(&token)) {
        return Err("an entry that it names says nothing of it".to_owned());
    }
    Ok(())
}

fn is_content(token: &Token) -> bool {
    match token.kind {
        Kind::Word => !is_small(&token.lower) && !is_plain(&token.lower),
        Kind::Name | Kind::Code | Kind::Number => true,
        Kind::Quote(_) | Kind::Stop => false,
    }
}

fn words(part: &Exhibits) -> Words {
    let mut words = Words::default();
    Ledger::of(part).texts.iter().for_each(|text| words.add(text));
    words
}
