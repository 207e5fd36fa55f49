//! Outcomes: what passed has passed, and what failed has failed.
//!
//! In: a [`Statement`]. Out: nothing, or what ended otherwise. Never here: how often (that is `counts`).

use super::counts::{Ran, commands};
use super::ledger::{Ledger, Line, Voice};
use super::statement::Statement;

const PASSED: &[&str] = &["pass", "passed", "passes", "passing", "succeeded", "succeed", "succeeds", "green"];
const FAILED: &[&str] = &["fail", "failed", "fails", "failing", "failure", "failures", "red", "broke", "crashed"];

/// Whether a word says how something ended.
pub(super) fn is_outcome(lower: &str) -> bool {
    PASSED.contains(&lower) || FAILED.contains(&lower)
}

/// Checks what is said of commands.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let has = |list: &[&str]| said.words().any(|token| list.contains(&token.lower.as_str()));
    let (passed, failed) = (has(PASSED), has(FAILED));
    let still = said.tokens.windows(2).any(|pair| pair[0].lower == "still" && FAILED.contains(&pair[1].lower.as_str()));
    let ran = commands(said, ledger);
    if still && !ran.is_empty() && ran.iter().all(|ran| ran.passed) {
        return Err("what failed has passed since".to_owned());
    }
    if !passed && !failed {
        return Ok(());
    }
    let ran: Vec<Ran> = commands(said, ledger).into_iter().filter(|command| command.named).collect();
    if ran.is_empty() {
        // No command is meant: then a text says so.
        let told = |list: &[&str], other: &dyn Fn(&Ran) -> bool| {
            commands(said, ledger).iter().any(other)
                || ledger.lines().any(|(utterance, line)| spoken(utterance.voice, line, list))
        };
        if failed && !told(FAILED, &|ran| ran.failures > 0) && !complains(ledger) {
            return Err("nothing is known to have failed".to_owned());
        }
        if passed && !told(PASSED, &|ran| ran.passed) {
            return Err("nothing is known to have passed".to_owned());
        }
        return Ok(());
    }
    let told = |list: &[&str]| {
        ledger.lines().any(|(utterance, line)| spoken(utterance.voice, line, list) && shares(said, line))
    };
    // "never passed", "did not pass"; a "not" elsewhere is of something else.
    let never = said.tokens.iter().enumerate().any(|(at, token)| {
        (PASSED.contains(&token.lower.as_str()) || FAILED.contains(&token.lower.as_str()))
            && said.tokens[at.saturating_sub(3)..at].iter().any(|before| before.is(&["never", "not", "no", "didn't"]))
    });
    if failed && !never && !ran.iter().any(|ran| ran.failures > 0) && !told(FAILED) {
        return Err("that command has not failed".to_owned());
    }
    if passed && !ran.iter().any(|ran| ran.passed) && !never && !told(PASSED) {
        return Err("that command has not passed".to_owned());
    }
    if never && passed && ran.iter().any(|ran| ran.passed) {
        return Err("that command has passed in the end".to_owned());
    }
    let once = said.tokens.windows(2).any(|pair| pair[1].lower == "once" && FAILED.contains(&pair[0].lower.as_str()));
    if failed && once && !ran.iter().any(|ran| ran.failures == 1) {
        return Err("that command has not failed once".to_owned());
    }
    Ok(())
}

fn spoken(voice: Voice, line: &Line, list: &[&str]) -> bool {
    voice != Voice::File && list.iter().any(|word| line.words.has(word))
}

/// Whether a line has a word of content of the statement.
fn shares(said: &Statement, line: &Line) -> bool {
    said.tokens.iter().any(|token| {
        let lower = token.lower.as_str();
        lower.len() > 3 && !PASSED.contains(&lower) && !FAILED.contains(&lower) && line.words.has(lower)
    })
}

/// Whether anybody speaks of something that does not work.
fn complains(ledger: &Ledger<'_>) -> bool {
    const SIGNS: &[&str] =
        &["error", "cannot", "broken", "crash", "panic", "wrong", "fehler", "gives up", "flaky", "abort"];
    ledger.utterances.iter().any(|utterance| SIGNS.iter().any(|sign| utterance.words.has(sign)))
}
