//! A word about a newer version, for those who have switched that on; and about a version that was withdrawn.
//!
//! In: what an installation remembers. Out: one line, or nothing; and now and then, in the background, a look.
//! Never here: a look that nobody switched on, one that somebody waits for, or an update.

use chrono::TimeDelta;

use super::held::{remember, running};
use super::install::server;
use super::place::Place;
use super::remote::Patience;
use super::source::ours;
use super::state::State;
use crate::env::Env;

/// How long the last look holds.
const DAY: TimeDelta = TimeDelta::days(1);

/// Whether nobody has looked for a day.
#[must_use]
pub fn is_due(env: &Env) -> bool {
    let now = env.now.to_utc();
    let recently = |state: State| state.looked.is_some_and(|looked| now - looked < DAY && looked <= now);
    State::read(&Place::of(&env.executable)).is_ok_and(|state| !recently(state))
}

/// Looks for a newer version, unless that was done within a day. What goes wrong is not told: nobody has asked.
pub fn look(env: &Env) {
    let place = Place::of(&env.executable);
    let Ok(receipt) = ours(env, &place) else { return };
    if !is_due(env) {
        return;
    }
    let now = env.now.to_utc();
    // Before it is done: where there is no network, once a day is enough, too.
    remember(&place, |state| state.looked = Some(now));
    let Ok(server) = server(env, &receipt, Patience::default()) else { return };
    let Ok(release) = server.release(None) else { return };
    remember(&place, |state| {
        state.see(&release);
        state.newest = Some(release.version.clone());
    });
}

/// What a command says at its end to somebody at a terminal; `told` is whether they want to hear of newer versions.
#[must_use]
pub fn line(env: &Env, told: impl FnOnce() -> bool) -> Option<String> {
    let place = Place::of(&env.executable);
    let state = State::read(&place).ok()?;
    let running = running()?;
    if let Some(yanked) = state.yanked(&running) {
        let reason = if yanked.reason.is_empty() { String::new() } else { format!(" ({})", yanked.reason) };
        return Some(format!("commit-story {running} was withdrawn{reason}: commit-story update"));
    }
    let newest = state.newest.as_ref().filter(|newest| **newest > running)?;
    let offered = !state.skips.contains(newest) && state.yanked(newest).is_none();
    (offered && told()).then(|| format!("commit-story {newest} is there, and {running} runs: commit-story update"))
}

#[cfg(test)]
mod tests {
    use super::super::release::Yanked;
    use super::*;

    #[test]
    fn a_line_is_said_of_what_is_newer_and_of_what_was_withdrawn() {
        let dir = tempfile::tempdir().unwrap();
        let mut env = Env::of_test(dir.path(), &[]);
        env.executable = dir.path().join("commit-story");
        let place = Place::of(&env.executable);
        std::fs::create_dir(&place.beside).unwrap();
        let check = |state: &State, told: bool, expected: Option<&str>| {
            state.write(&place).unwrap();
            assert_eq!(line(&env, || told).as_deref(), expected, "{state:?}");
        };
        let running = running().unwrap();
        let version = |text: &str| text.parse().unwrap();
        check(&State::default(), true, None);
        let newer = State { newest: Some(version("9.0.0")), ..State::default() };
        check(&newer, true, Some(&format!("commit-story 9.0.0 is there, and {running} runs: commit-story update")));
        check(&newer, false, None);
        check(&State { skips: vec![version("9.0.0")], ..newer.clone() }, true, None);
        check(&State { newest: Some(running.clone()), ..State::default() }, true, None);
        let yanked = vec![Yanked { version: running.clone(), reason: "it lost pages".to_owned() }];
        let said = format!("commit-story {running} was withdrawn (it lost pages): commit-story update");
        check(&State { yanked, ..newer }, false, Some(&said));
    }
}
