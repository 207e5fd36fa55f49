//! A claim, made ready for the rules.
//!
//! In: a [`Claim`]. Out: a [`Statement`]: its plain text, quotations, tokens and figures. Never here: the evidence's words.

use super::super::reply::Claim;
use super::figures::{Atom, of_tokens};
use super::ledger::Ledger;
use super::markup::plain;
use super::quotes::{Quotation, take};
use super::words::{Kind, Token, tokens};
use crate::journal::Section;

/// A claim as the rules see it.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) section: Section,
    /// The words for the page.
    pub(super) plain: String,
    pub(super) quotes: Vec<Quotation>,
    pub(super) tokens: Vec<Token>,
    pub(super) atoms: Vec<Atom>,
    /// The exhibits that it refers to.
    pub(super) cited: Vec<usize>,
}

impl Statement {
    /// Takes a claim apart.
    ///
    /// # Errors
    /// A reference to nothing, or a quotation without an end.
    pub(super) fn of(claim: &Claim, ledger: &Ledger<'_>) -> Result<Self, String> {
        let mut cited = Vec::new();
        for id in &claim.cites {
            cited.push(ledger.find(id).ok_or_else(|| format!("there is no exhibit {id}"))?);
        }
        let text = plain(&claim.text);
        let text = match claim.what.as_deref().map(plain) {
            Some(what) if text.is_empty() => what,
            Some(what) => format!("{what}: {text}"),
            None => text,
        };
        let (bare, quotes) = take(&text).ok_or("a quotation mark is not closed")?;
        let tokens = tokens(&bare);
        let atoms = of_tokens(&tokens);
        Ok(Self { section: claim.section, plain: text, quotes, tokens, atoms, cited })
    }

    /// Lower-case words that are letters only.
    pub(super) fn words(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| token.kind == Kind::Word)
    }

    /// The text without quotations and code, in lower case, for phrases.
    pub(super) fn prose(&self) -> String {
        let words: Vec<&str> = self
            .tokens
            .iter()
            .filter(|token| !matches!(token.kind, Kind::Code | Kind::Quote(_)))
            .map(|token| token.lower.as_str())
            .collect();
        format!(" {} ", words.join(" "))
    }

    /// The clause that a token stands in, as a range of tokens.
    pub(super) fn clause(&self, at: usize) -> std::ops::Range<usize> {
        let stop = |token: &Token| token.kind == Kind::Stop;
        let start = self.tokens[..at].iter().rposition(stop).map_or(0, |stop| stop + 1);
        let end = self.tokens[at..].iter().position(stop).map_or(self.tokens.len(), |stop| at + stop);
        start..end
    }
}
