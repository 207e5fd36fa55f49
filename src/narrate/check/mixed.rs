//! Mixed: of several entries that a claim names, each has a part in it, no clause is put together from two, and none of
//! what others say is borrowed.
//!
//! In: a [`Statement`] and the words of each entry. Out: nothing, or what was mixed. Never here: a claim about one commit,
//! which has no others beside it.

use super::super::exhibit::Exhibits;
use super::ledger::{Ledger, Words};
use super::outcome::is_outcome;
use super::statement::Statement;
use super::words::{Kind, Token, is_plain, is_small};

/// The words of some evidence.
#[derive(Debug, Default)]
pub struct Vocabulary(Words);

impl Vocabulary {
    /// The words of these exhibits.
    pub fn of<'e>(exhibits: impl IntoIterator<Item = &'e Exhibits>) -> Self {
        let mut words = Words::default();
        for part in exhibits {
            Ledger::of(part).texts.iter().for_each(|text| words.add(text));
        }
        Self(words)
    }
}

/// What a claim about several entries is held against.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The evidence of all entries that it names, in one.
    pub named: &'a Exhibits,
    /// The words of each of them.
    pub parts: &'a [&'a Vocabulary],
    /// The words of all entries that the reply is about, the others too.
    pub all: &'a Vocabulary,
}

/// Words between which clauses lie, where no punctuation does.
const JOINS: &[&str] = &["and", "then", "while", "but", "before", "after", "whereas", "until"];

/// Of so many words of a clause that stand anywhere, one may stand in another entry than the rest; a name may not.
const ONE_OF: usize = 6;

/// Checks a claim.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>, scope: Scope<'_>) -> Result<(), String> {
    borrowed(said, ledger, scope)?;
    if scope.parts.len() < 2 {
        return Ok(());
    }
    let own = |token: &&Token| is_content(token) && ledger.words.has(&token.lower);
    let mut has_part = vec![false; scope.parts.len()];
    let ends = |token: &Token| token.kind == Kind::Stop || token.is(JOINS);
    for clause in said.tokens.split(ends) {
        let content: Vec<&Token> = clause.iter().filter(own).collect();
        let tells = |part: &Words| {
            let missing = || content.iter().filter(|token| !part.has(&token.lower));
            missing().count() * ONE_OF <= content.len() && missing().all(|token| token.kind == Kind::Word)
        };
        if !scope.parts.iter().any(|part| tells(&part.0)) {
            return Err("it mixes what different entries say".to_owned());
        }
        for (has_part, part) in has_part.iter_mut().zip(scope.parts).filter(|_| !content.is_empty()) {
            *has_part |= tells(&part.0);
        }
    }
    if has_part.contains(&false) && said.tokens.iter().any(|token| own(&token)) {
        return Err("an entry that it names says nothing of it".to_owned());
    }
    Ok(())
}

/// Words that the entries do not have which it names, and others do: one word of three is too many.
fn borrowed(said: &Statement, ledger: &Ledger<'_>, scope: Scope<'_>) -> Result<(), String> {
    let content = || said.tokens.iter().filter(|token| is_content(token) && !is_outcome(&token.lower));
    let foreign: Vec<&Token> =
        content().filter(|token| !ledger.words.has(&token.lower) && scope.all.0.has(&token.lower)).collect();
    let own = content().filter(|token| ledger.words.has(&token.lower)).count();
    match foreign.first() {
        Some(first) if foreign.len() * 2 >= own => {
            Err(format!("of \"{}\" speaks another entry, and none that it names", first.text))
        }
        _ => Ok(()),
    }
}

fn is_content(token: &Token) -> bool {
    match token.kind {
        Kind::Word => !is_small(&token.lower) && !is_plain(&token.lower),
        Kind::Name | Kind::Code | Kind::Number => true,
        Kind::Quote(_) | Kind::Stop => false,
    }
}
