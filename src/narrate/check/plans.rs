//! Plans and questions: what was turned down was not approved, and what was answered with "no" is not so.
//!
//! In: a [`Statement`]. Out: nothing, or which plan says otherwise. Never here: what the commit does of a plan.

use super::super::exhibit::{Exhibit, Kind as Sort};
use super::figures::{Atom, Figure};
use super::ledger::{Ledger, Voice, Words};
use super::statement::Statement;
use super::words::{Kind, is_plain, is_small, subwords};

/// Words of a sentence that tells what was asked, proposed or turned down, instead of what is.
#[rustfmt::skip]
const TELLS: &[&str] = &[
    "asked", "asks", "whether", "question", "wondered", "proposed", "suggested", "offered", "planned", "considered",
    "discussed", "declined", "rejected", "turned", "would", "could", "not", "no", "never", "without", "instead",
    "dropped", "removed", "left", "cannot", "asking", "idea", "against", "refused", "plan",
];

/// Checks what is said of plans, and of what was answered with "no".
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let plans: Vec<(&Exhibit, Option<bool>)> = ledger
        .exhibits
        .items
        .iter()
        .filter_map(|item| match item.kind {
            Sort::Plan { approved } => Some((item, approved)),
            _ => None,
        })
        .collect();
    let of_plan = said.words().any(|token| token.is(&["plan", "plans"]));
    if of_plan && !plans.is_empty() {
        let has = |words: &[&str]| said.words().any(|token| token.is(words));
        let (yes, no) = (has(&["approved", "accepted", "agreed"]), has(&["declined", "rejected", "turned", "refused"]));
        let right = |approved: Option<bool>| (yes && approved == Some(true)) || (no && approved == Some(false));
        if (yes != no) && !plans.iter().any(|(item, approved)| right(*approved) && holds(said, item, &plans)) {
            return Err("that is not what became of this plan".to_owned());
        }
        steps(said, &plans)?;
    }
    answered(said, ledger)
}

/// Whether a plan has those words of the claim that any plan has.
fn holds(said: &Statement, plan: &Exhibit, plans: &[(&Exhibit, Option<bool>)]) -> bool {
    let here = Words::of(&plan.text);
    let all: Vec<Words> = plans.iter().map(|(item, _)| Words::of(&item.text)).collect();
    said.tokens.iter().all(|token| {
        let words = match token.kind {
            Kind::Word if !is_plain(&token.lower) => vec![token.lower.clone()],
            Kind::Name | Kind::Code => subwords(&token.text),
            _ => return true,
        };
        words.iter().all(|word| here.has(word) || !all.iter().any(|plan| plan.has(word)))
    })
}

/// "three steps": a plan has as many.
fn steps(said: &Statement, plans: &[(&Exhibit, Option<bool>)]) -> Result<(), String> {
    let counts = |figure: &Figure, item: &Exhibit| {
        let lines = item.text.lines().filter(|line| {
            line.trim_start().starts_with(['-', '*']) || line.trim_start().starts_with(|c: char| c.is_ascii_digit())
        });
        #[expect(clippy::cast_precision_loss, reason = "a plan is short")]
        let count = lines.count() as f64;
        (count - figure.raw).abs() < 0.5
    };
    let first = said.words().any(|token| token.lower == "first");
    let meant: Vec<_> = if first { plans.iter().take(1).collect() } else { plans.iter().collect() };
    for pair in said.atoms.windows(2) {
        if let [Atom::Figure(figure), Atom::Word(lower, _)] = pair
            && matches!(lower.as_str(), "step" | "steps")
            && !meant.iter().any(|(item, _)| counts(figure, item))
        {
            return Err(format!("no plan has {} steps", figure.text));
        }
    }
    Ok(())
}

/// What only a question has that was answered with "no", is not so.
fn answered(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    if said.words().any(|token| token.is(TELLS)) || !said.quotes.is_empty() {
        return Ok(());
    }
    let words: Vec<&str> = said
        .tokens
        .iter()
        .filter(|token| matches!(token.kind, Kind::Word | Kind::Name | Kind::Code) && !is_small(&token.lower))
        .map(|token| token.lower.as_str())
        .collect();
    let covered = |here: &Words| words.iter().filter(|word| here.has(word)).count();
    for item in &ledger.exhibits.items {
        let Sort::Question { answer: Some(answer) } = &item.kind else { continue };
        let lower = format!(" {} ", answer.to_lowercase());
        let denies = ["n't ", " no ", " no, ", " no. ", " never ", " not ", " nein", " kein"]
            .iter()
            .any(|no| lower.contains(no));
        let asked = covered(&Words::of(item.text.lines().next().unwrap_or_default()));
        if !denies || asked < 3 || asked * 2 < words.len() {
            continue;
        }
        let elsewhere = ledger.lines().filter(|(utterance, _)| utterance.voice != Voice::Output);
        let others = elsewhere.filter(|(utterance, _)| ledger.exhibits.items[utterance.exhibit].id != item.id);
        if others.map(|(_, line)| covered(&line.words)).max().unwrap_or(0) < asked {
            return Err("that was asked, and answered with no".to_owned());
        }
    }
    Ok(())
}
