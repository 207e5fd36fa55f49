//! Times: how long the work took, when something was said, which day it was.
//!
//! In: a figure of a [`Statement`]. Out: whether the clocks of the evidence agree. Never here: a tolerance without a hedge,
//! except that minutes may be rounded.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

use super::super::exhibit::Kind;
use super::figures::{Atom, Figure, Unit};
use super::hedge::{Hedge, called, hedge};
use super::ledger::Ledger;
use super::statement::Statement;

/// "next week" and "last Monday" stand in the evidence as they are.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    const UNITS: &[&str] = &["week", "month", "year", "day", "quarter", "release", "sprint", "version"];
    for pair in said.tokens.windows(2) {
        let relative = pair[0].is(&["next", "last", "this"]) && UNITS[..5].contains(&pair[1].lower.as_str())
            || pair[0].is(&["next"]) && UNITS.contains(&pair[1].lower.as_str());
        let phrase = format!("{} {}", pair[0].lower, pair[1].lower);
        let said_so = ledger.utterances.iter().any(|utterance| utterance.folded.to_lowercase().contains(&phrase));
        if relative && !said_so {
            return Err(format!("nobody has said \"{phrase}\""));
        }
    }
    Ok(())
}

/// Whether the figure is a time that the evidence has.
pub(super) fn known(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> bool {
    match figure.unit {
        Unit::Clock => clock(said, figure, ledger),
        Unit::Seconds => of_the_work(said) && lasted(figure, hedge(said, at), ledger),
        Unit::None => day(said, at, figure, ledger),
        _ => false,
    }
}

/// `15:58` is the time of something, or stands in a text.
fn clock(said: &Statement, figure: &Figure, ledger: &Ledger<'_>) -> bool {
    let minutes = |at: DateTime<FixedOffset>| f64::from(at.hour() * 60 + at.minute());
    let here = |at: DateTime<FixedOffset>| (minutes(at) - figure.value).abs() < 0.5;
    // Of an assistant that is named, its own sessions count.
    let sessions = &ledger.exhibits.facts.sessions;
    let named = |name: &str| {
        let first = name.split(' ').next().unwrap_or(name).to_lowercase();
        said.words().any(|token| token.lower == first)
    };
    if let Some(session) = sessions.iter().find(|session| named(session.assistant.name())) {
        let own = sessions.iter().filter(|other| other.assistant == session.assistant);
        let spans: Vec<_> = own.map(|session| session.span).collect();
        return instants(ledger)
            .into_iter()
            .any(|at| here(at) && spans.iter().any(|(start, end)| *start <= at && at <= *end));
    }
    instants(ledger).into_iter().any(here)
        || ledger.lines().any(|(_, line)| {
            line.atoms.iter().any(|atom| {
                matches!(atom, Atom::Figure(other) if other.unit == Unit::Clock && (other.value - figure.value).abs() < 0.5)
            })
        })
}

fn instants(ledger: &Ledger<'_>) -> Vec<DateTime<FixedOffset>> {
    let facts = &ledger.exhibits.facts;
    let spans = facts.sessions.iter().flat_map(|session| [session.span.0, session.span.1]);
    let items = ledger.exhibits.items.iter().filter_map(|exhibit| exhibit.at);
    std::iter::once(facts.at).chain(spans).chain(items).collect()
}

/// Whether the sentence speaks of how long the work took, and not of a duration in the program.
fn of_the_work(said: &Statement) -> bool {
    said.words().any(|token| {
        token.is(&["took", "lasted", "passed", "spent", "spanned", "elapsed", "within", "later", "work", "worked"])
            || token.is(&["session", "sessions", "conversation", "commit", "prompt", "prompts"])
    })
}

/// A duration is that of a session, or from a prompt, the first or the last, to the commit.
fn lasted(figure: &Figure, hedge: Hedge, ledger: &Ledger<'_>) -> bool {
    if figure.value < 60.0 {
        return false;
    }
    let facts = &ledger.exhibits.facts;
    let of = |kind: &Kind| matches!(kind, Kind::Prompt);
    let prompts: Vec<_> =
        ledger.exhibits.items.iter().filter(|item| of(&item.kind)).filter_map(|item| item.at).collect();
    let mut spans = Vec::new();
    let starts = prompts.iter().min().into_iter().chain(prompts.iter().max());
    spans.extend(starts.map(|start| (*start, facts.at)));
    if let (Some(first), Some(last)) = (prompts.iter().min(), prompts.iter().max()) {
        spans.push((*first, *last));
    }
    for session in &facts.sessions {
        spans.push(session.span);
        spans.push((session.span.0, facts.at));
    }
    let all = instants(ledger);
    if let (Some(first), Some(last)) = (all.iter().min(), all.iter().max()) {
        spans.push((*first, *last));
    }
    spans.into_iter().any(|(start, end)| {
        let seconds = (end - start).num_seconds();
        #[expect(clippy::cast_precision_loss, reason = "a commit's seconds are few")]
        let actual = seconds as f64;
        // Minutes may be cut or rounded up.
        (figure.value < 7200.0
            && (actual - figure.value).abs() < 60.0
            && figure.raw.fract() == 0.0
            && !figure.text.contains("hour"))
            || called(actual, figure.value, hedge, 0.15)
            // "a little over an hour" may be an hour and a quarter.
            || (hedge == Hedge::Over && figure.text.contains("hour") && called(actual, figure.value, hedge, 0.3))
    })
}

/// `6` of "6 January", `2026`.
fn day(said: &Statement, at: usize, figure: &Figure, ledger: &Ledger<'_>) -> bool {
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let near = |offset: isize| match at.checked_add_signed(offset).and_then(|at| said.atoms.get(at)) {
        Some(Atom::Word(lower, _)) => months.iter().position(|month| month == lower),
        _ => None,
    };
    let month = near(1).or_else(|| near(-1)).or_else(|| near(-2)).or_else(|| near(-3));
    let Some(month) = month else { return false };
    instants(ledger).into_iter().any(|instant| {
        instant.month0() as usize == month
            && ((f64::from(instant.day()) - figure.value).abs() < 0.5
                || (f64::from(instant.year()) - figure.value).abs() < 0.5)
    })
}
