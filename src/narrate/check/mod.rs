//! The check: what a model says stands in the evidence, or does not reach the page.
//!
//! In: [`Claim`]s and [`Exhibits`]. Out: [`Checked`]: what stands, and what was dropped and why.
//! Never here: a model, or a doubt decided in the model's favour.
//!
//! Each rule is a file of this folder, a function of one statement and the ledger of the evidence, and says in plain words
//! why a claim cannot stand. `docs/narration.md` has them as a table, `tests/bench/truth` what they are measured by.

mod words;

mod markup;

mod quotes;

mod figures;

mod ledger;

mod statement;

mod tone;

mod files;

mod names;

mod roles;

mod speakers;

mod hedge;

mod times;

mod counts;

mod numbers;

mod outcome;

mod cause;

mod plans;

mod persons;

mod polarity;

mod direction;

mod denied;

mod support;

mod standing;

mod mixed;

use self::ledger::Ledger;
pub use self::mixed::{Scope, Vocabulary};
use self::statement::Statement;
use super::exhibit::Exhibits;
use super::reply::Claim;
use crate::evidence::redact::Redactor;
use crate::journal::{Section, Standing, Weighed};

/// Of this many claims or more, more than half must stand.
const ENOUGH_TO_JUDGE: usize = 4;

/// What became of a reply.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked {
    /// The paragraphs and items that stand, without those of *Decisions*.
    pub prose: Vec<(Section, String)>,
    /// The decisions that stand.
    pub decisions: Vec<Weighed>,
    /// How many claims stood the check.
    pub kept: u32,
    /// What did not.
    pub dropped: Vec<Dropped>,
    /// Whether too much was dropped, or too little is left, for what is left to be trusted.
    pub refused: bool,
}

/// A claim that did not stand the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// What it said.
    pub claim: String,
    /// Why it cannot stand, for the model and for people.
    pub reason: String,
}

/// A rule: why a statement cannot stand.
type Rule = fn(&Statement, &Ledger<'_>) -> Result<(), String>;

/// All rules that every claim must stand, the plainest reason first.
const RULES: &[Rule] = &[
    tone::check,
    names::check,
    speakers::check,
    persons::check,
    plans::check,
    outcome::check,
    numbers::check,
    times::check,
    polarity::check,
    direction::check,
    denied::check,
    cause::check,
    support::check,
];

/// Checks a reply, claim by claim.
#[must_use]
pub fn check(claims: &[Claim], exhibits: &Exhibits, redactor: &Redactor) -> Checked {
    let ledger = Ledger::of(exhibits);
    let mut checked = Checked::default();
    // The paragraph that was written last, and the one whose last sentence was dropped.
    let (mut open, mut broken) = (None, None);
    for claim in claims {
        let place = (claim.section, claim.paragraph);
        match judge(claim, &ledger, redactor, broken == Some(place)) {
            Ok(Stands::Decision(weighed)) => checked.decisions.push(weighed),
            Ok(Stands::Prose(text)) => {
                match checked.prose.last_mut() {
                    Some((_, paragraph)) if open == Some(place) => {
                        paragraph.push(' ');
                        paragraph.push_str(&text);
                    }
                    _ => checked.prose.push((claim.section, text)),
                }
                open = Some(place);
                broken = None;
            }
            Err(reason) => {
                broken = Some(place);
                checked.dropped.push(Dropped { claim: claim.whole(), reason });
            }
        }
    }
    let kept = claims.len() - checked.dropped.len();
    checked.kept = u32::try_from(kept).unwrap_or(u32::MAX);
    checked.refused = is_refused(claims.len(), checked.dropped.len());
    checked
}

/// What a claim becomes on the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Stands {
    /// A sentence.
    Prose(String),
    /// An item of *Decisions*.
    Decision(Weighed),
}

/// Checks one claim about several entries: by all rules that a claim about a commit must stand, and by those against
/// mixing. `after_gap`: the sentence before it was dropped.
///
/// # Errors
/// Why it cannot stand.
pub fn one(claim: &Claim, scope: Scope<'_>, redactor: &Redactor, after_gap: bool) -> Result<Stands, String> {
    let ledger = Ledger::of(scope.named);
    let stands = match judge(claim, &ledger, redactor, after_gap) {
        // The journal has no changed lines, so what these would show, nobody can say.
        Err(reason) if reason == standing::NOT_CARRIED => {
            judge(&Claim { implemented: None, ..claim.clone() }, &ledger, redactor, after_gap)
        }
        judged => judged,
    }?;
    mixed::check(&Statement::of(claim, &ledger)?, &ledger, scope)?;
    if let Stands::Decision(Weighed { what, standing: Standing::Discussed, .. }) = &stands
        && claim.implemented != Some(false)
        && !standing::is_settled(what, &ledger)
    {
        return Err("nobody has settled for that".to_owned());
    }
    Ok(stands)
}

/// Whether so little of a reply stands that none of it is to be trusted.
#[must_use]
pub fn is_refused(claims: usize, dropped: usize) -> bool {
    dropped >= claims || claims >= ENOUGH_TO_JUDGE && dropped * 2 > claims
}

/// One claim. `after_gap`: the sentence before it was dropped.
fn judge(claim: &Claim, ledger: &Ledger<'_>, redactor: &Redactor, after_gap: bool) -> Result<Stands, String> {
    let text = claim.whole();
    if matches!(redactor.redact(&text), std::borrow::Cow::Owned(_)) {
        return Err("it holds what looks like a secret".to_owned());
    }
    let said = Statement::of(claim, ledger)?;
    let points_back = ["it", "this", "that", "these", "those", "they", "he", "she", "both", "instead", "there", "then"];
    if after_gap && said.tokens.first().is_some_and(|first| first.is(&points_back)) {
        return Err("it speaks of a sentence that was dropped".to_owned());
    }
    for rule in RULES {
        rule(&said, ledger)?;
    }
    let Some(what) = &claim.what else { return Ok(Stands::Prose(said.plain)) };
    let what = markup::plain(what);
    let standing = standing::of(&what, claim.implemented, &said, ledger)?;
    Ok(Stands::Decision(Weighed { what, standing, why: markup::plain(&claim.text) }))
}

/// A text as it would stand on the page: without markup other than code.
#[must_use]
pub fn as_shown(text: &str) -> String {
    markup::plain(text)
}

#[cfg(test)]
mod tests;
