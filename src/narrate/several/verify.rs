//! The check of prose about several entries: each claim against the entries that it names.
//!
//! In: claims and [`Material`]. Out: [`Verified`]. Never here: a claim without a source, or evidence that it does not name.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::super::check::{self, Dropped, Stands};
use super::super::exhibit::Exhibits;
use super::super::reply::Claim;
use super::days;
use super::material::{Material, TOTALS, joined};
use super::told::{Decided, Sentence};
use crate::evidence::redact::Redactor;
use crate::git::CommitId;
use crate::journal::{Standing, Weighed};

/// The most entries that a claim may name: what rests on everything rests on nothing.
const MOST_SOURCES: usize = 4;

/// What became of a reply.
#[derive(Debug, Default)]
pub(super) struct Verified {
    pub(super) sentences: Vec<Sentence>,
    pub(super) dropped: Vec<Dropped>,
    /// Whether too little stands for the rest to be trusted.
    pub(super) refused: bool,
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
    verified.refused = check::is_refused(claims.len(), verified.dropped.len());
    verified
}

fn judge(claim: &Claim, material: &Material, redactor: &Redactor, after_gap: bool) -> Result<Sentence, String> {
    let (parts, sources) = named(claim, material)?;
    let (first, rest) = parts.split_first().ok_or("it does not say which entry it rests on")?;
    let all = joined(first, rest.iter().copied());
    let mut undated = claim.clone();
    if !sources.is_empty() {
        let of = |part: &&Exhibits| part.facts.at.date_naive();
        let days: BTreeSet<NaiveDate> = parts.iter().map(of).collect();
        let days: Vec<NaiveDate> = days.into_iter().collect();
        days::check(&claim.whole(), &days)?;
        undated.text = days::without(&claim.text, &days);
    }
    let (decision, text) = match check::one(&undated, &all, &parts, redactor, after_gap)? {
        Stands::Prose(_) => (None, check::as_shown(&claim.text)),
        Stands::Decision(Weighed { what, standing, why }) => {
            // That nothing shows it done does not mean that it was put off, unless that was said and has stood.
            let known = standing != Standing::Discussed || claim.implemented == Some(false);
            (Some(Decided { what, standing: Some(standing).filter(|_| known) }), why)
        }
    };
    Ok(Sentence { section: claim.section, paragraph: claim.paragraph, decision, text, sources })
}

/// The evidence that a claim names, and its commits; these are none where it names what was counted.
fn named<'m>(claim: &Claim, material: &'m Material) -> Result<(Vec<&'m Exhibits>, Vec<CommitId>), String> {
    let totals = claim.cites.iter().any(|id| id.eq_ignore_ascii_case(TOTALS));
    let mut places = BTreeSet::new();
    for id in claim.cites.iter().filter(|id| !id.eq_ignore_ascii_case(TOTALS)) {
        places.insert(material.place(id).ok_or_else(|| format!("there is no exhibit {id}"))?);
    }
    match (totals, places.len()) {
        (false, 0) => Err("it does not say which entry it rests on".to_owned()),
        (true, 0) => Ok((vec![&material.totals], vec![])),
        (true, _) => Err("what is counted over all entries is told in a sentence of its own".to_owned()),
        (false, number) if number > MOST_SOURCES => Err(format!("it rests on {number} entries at once")),
        (false, _) => {
            let parts: Vec<&Exhibits> = places.iter().map(|at| &material.sources[*at]).collect();
            let commits = parts.iter().map(|part| part.facts.commit.clone()).collect();
            Ok((parts, commits))
        }
    }
}
