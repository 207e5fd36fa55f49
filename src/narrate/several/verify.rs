//! The check of prose about several entries: each claim against the entries that it names.
//!
//! In: claims and [`Material`]. Out: [`Verified`]. Never here: a claim without a source, or evidence that it does not name.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::super::check::{Dropped, Scope, Stands, Vocabulary, as_shown, is_refused, one};
use super::super::exhibit::Exhibits;
use super::super::reply::Claim;
use super::days;
use super::material::{Material, TOTALS, joined};
use super::told::{Decided, Sentence};
use crate::evidence::redact::Redactor;
use crate::journal::{Entry, Standing, Weighed};

/// The most entries that a claim may name: what rests on everything rests on nothing.
const MOST_SOURCES: usize = 4;

/// What became of a reply.
#[derive(Debug, Default)]
pub struct Verified {
    /// What stands.
    pub sentences: Vec<Sentence>,
    /// What does not.
    pub dropped: Vec<Dropped>,
    /// Whether too little stands for the rest to be trusted.
    pub refused: bool,
}

/// Checks claims about entries, oldest first.
#[must_use]
pub fn check(claims: &[Claim], entries: &[Entry], redactor: &Redactor) -> Verified {
    Material::of(entries, redactor).map(|material| verify(claims, &material, redactor)).unwrap_or_default()
}

/// Checks a reply, claim by claim.
pub(super) fn verify(claims: &[Claim], material: &Material, redactor: &Redactor) -> Verified {
    let mut verified = Verified::default();
    let mut broken = None;
    for claim in claims {
        let place = (claim.section, claim.paragraph);
        match judge(claim, material, redactor, broken == Some(place)) {
            Ok(sentence) => {
                verified.sentences.push(sentence);
                broken = None;
            }
            Err(reason) => {
                broken = Some(place);
                verified.dropped.push(Dropped { claim: claim.whole(), reason });
            }
        }
    }
    verified.refused = is_refused(claims.len(), verified.dropped.len());
    verified
}

fn judge(claim: &Claim, material: &Material, redactor: &Redactor, after_gap: bool) -> Result<Sentence, String> {
    let places = named(claim, material)?;
    let parts: Vec<&Exhibits> = places.iter().map(|at| &material.sources[*at]).collect();
    let words: Vec<&Vocabulary> = places.iter().map(|at| &material.words[*at]).collect();
    let mut undated = claim.clone();
    let (joined_up, named) = match parts.split_first() {
        None => (None, &material.totals),
        Some((first, [])) => (None, *first),
        Some((first, rest)) => (Some(joined(first, rest.iter().copied())), *first),
    };
    if !parts.is_empty() {
        let days: BTreeSet<NaiveDate> = parts.iter().map(|part| part.facts.at.date_naive()).collect();
        let days: Vec<NaiveDate> = days.into_iter().collect();
        days::check(&claim.whole(), &days)?;
        undated.text = days::without(&claim.text, &days);
    }
    let scope = Scope { named: joined_up.as_ref().unwrap_or(named), parts: &words, all: &material.all };
    let (decision, text) = match one(&undated, scope, redactor, after_gap)? {
        Stands::Prose(_) => (None, as_shown(&claim.text)),
        Stands::Decision(Weighed { what, standing, why }) => {
            // That nothing shows it done does not mean that it was put off, unless that was said and has stood.
            let known = standing != Standing::Discussed || claim.implemented == Some(false);
            (Some(Decided { what, standing: Some(standing).filter(|_| known) }), why)
        }
    };
    let sources = parts.iter().map(|part| part.facts.commit.clone()).collect();
    Ok(Sentence { section: claim.section, paragraph: claim.paragraph, decision, text, sources })
}

/// The places of the entries that a claim names; none where it names what was counted over all.
fn named(claim: &Claim, material: &Material) -> Result<BTreeSet<usize>, String> {
    let totals = claim.cites.iter().any(|id| id.eq_ignore_ascii_case(TOTALS));
    let mut places = BTreeSet::new();
    for id in claim.cites.iter().filter(|id| !id.eq_ignore_ascii_case(TOTALS)) {
        places.insert(material.place(id).ok_or_else(|| format!("there is no exhibit {id}"))?);
    }
    match (totals, places.len()) {
        (false, 0) => Err("it does not say which entry it rests on".to_owned()),
        (true, 1..) => Err("what is counted over all entries is told in a sentence of its own".to_owned()),
        (false, number) if number > MOST_SOURCES => Err(format!("it rests on {number} entries at once")),
        _ => Ok(places),
    }
}
