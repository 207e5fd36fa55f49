//! Whether a release may take the running program's place.
//!
//! In: a signed description, the running version, what is remembered, and what the user wants. Out: a [`Verdict`], or the
//! rule that is against it.
//! Never here: a file, or the network.

use semver::Version;

use super::release::{Release, by_script};
use super::state::State;
use super::stop::Stop;

/// Which version is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The newest that is meant for everybody.
    Newest,
    /// The newest, also one that is to be tried before it is meant for everybody.
    Pre,
    /// This one.
    Exactly(Version),
}

/// What becomes of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It takes the running program's place.
    Install,
    /// It runs already, or something newer does.
    Current,
    /// The user has returned from it.
    Skipped,
}

/// Judges a release by all rules.
///
/// # Errors
/// The rule that is against it.
pub fn judge(
    release: &Release,
    running: &Version,
    state: &State,
    wanted: &Wanted,
    allow_downgrade: bool,
) -> Result<Verdict, Stop> {
    let (version, newest) = (&release.version, *wanted == Wanted::Newest);
    if newest && !version.pre.is_empty() {
        return Err(Stop::refused(format!("{version} is a pre-release")).hint("commit-story update --pre"));
    }
    let yanked = release.yanked.iter().find(|yanked| yanked.version == *version).or_else(|| state.yanked(version));
    if let Some(yanked) = yanked {
        let reason = if yanked.reason.is_empty() { String::new() } else { format!(": {}", yanked.reason) };
        return Err(Stop::refused(format!("{version} was withdrawn{reason}")).hint("commit-story update --list"));
    }
    if version == running {
        return Ok(Verdict::Current);
    }
    // Who tries versions before all others is ahead of what is meant for everybody.
    if newest && version < running && !running.pre.is_empty() {
        return Ok(Verdict::Current);
    }
    if !allow_downgrade {
        not_older(release, running, state, newest)?;
    }
    if let Some(minimum) = release.minimum.as_ref().filter(|minimum| *minimum > running && version > running) {
        return Err(Stop::refused(format!("{version} can take the place of {minimum} or newer, and {running} runs"))
            .hint(by_script()));
    }
    let skipped = state.skips.contains(version) && !matches!(wanted, Wanted::Exactly(_));
    Ok(if skipped { Verdict::Skipped } else { Verdict::Install })
}

/// Old releases are signed, too: who controls the way here could serve one for ever.
fn not_older(release: &Release, running: &Version, state: &State, newest: bool) -> Result<(), Stop> {
    let version = &release.version;
    let hint = format!("commit-story update --to {version} --allow-downgrade installs it all the same");
    if version < running {
        let message = if newest {
            format!(
                "{version} is offered as the newest release, but {running} runs: that was withdrawn, or old files are served"
            )
        } else {
            format!("{version} is older than {running}, which runs")
        };
        return Err(Stop::refused(message).hint(hint));
    }
    if release.sequence < state.sequence {
        let seen = state.highest.as_ref().map_or_else(|| "a newer one".to_owned(), Version::to_string);
        let message = if newest {
            format!(
                "{version} is offered as the newest release, but {seen} was seen before: it was withdrawn, or old files are served"
            )
        } else {
            format!("{version} was released before {seen}, which was seen already")
        };
        return Err(Stop::refused(message).hint(hint));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::release::Yanked;
    use super::super::stop::Kind;
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    fn release(text: &str, sequence: u64) -> Release {
        let json = format!(
            r#"{{"schema":1,"version":"{text}","sequence":{sequence},"published":"2026-01-01T00:00:00Z","assets":[]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn judged(release: &Release, running: &str, state: &State, wanted: &Wanted, downgrade: bool) -> String {
        match judge(release, &version(running), state, wanted, downgrade) {
            Ok(verdict) => format!("{verdict:?}"),
            Err(stop) => format!("{:?}: {stop}", stop.kind),
        }
    }

    #[test]
    fn a_newer_release_is_installed_and_an_older_one_only_when_asked_for() {
        let seen = State { sequence: 3, highest: Some(version("0.3.0")), ..State::default() };
        let check = |offered: (&str, u64), running: &str, state: &State, wanted: &Wanted, expected: (&str, &str)| {
            let release = release(offered.0, offered.1);
            for (downgrade, expected) in [(false, expected.0), (true, expected.1)] {
                let judged = judged(&release, running, state, wanted, downgrade);
                assert!(judged.starts_with(expected), "{offered:?} for {running}, {wanted:?}: {judged}");
            }
        };
        let (none, newest, pre) = (State::default(), Wanted::Newest, Wanted::Pre);
        let exactly = |text| Wanted::Exactly(version(text));
        check(("0.3.0", 3), "0.2.0", &none, &newest, ("Install", "Install"));
        check(("0.3.0", 3), "0.2.0", &seen, &newest, ("Install", "Install"));
        check(("0.3.0", 3), "0.3.0", &seen, &newest, ("Current", "Current"));
        check(("0.10.0", 9), "0.9.0", &seen, &newest, ("Install", "Install"));
        // An old release is served as the newest.
        check(("0.2.0", 2), "0.1.0", &seen, &newest, ("Refused: 0.2.0 is offered", "Install"));
        check(("0.2.0", 2), "0.3.0", &none, &newest, ("Refused: 0.2.0 is offered", "Install"));
        check(("0.2.0", 2), "0.3.0", &none, &exactly("0.2.0"), ("Refused: 0.2.0 is older", "Install"));
        check(("0.2.0", 2), "0.1.0", &seen, &exactly("0.2.0"), ("Refused: 0.2.0 was released", "Install"));
        // What is to be tried first.
        check(("0.4.0-rc.1", 4), "0.3.0", &seen, &newest, ("Refused: 0.4.0-rc.1 is a pre", "Refused"));
        check(("0.4.0-rc.1", 4), "0.3.0", &seen, &pre, ("Install", "Install"));
        check(("0.4.0-rc.1", 4), "0.3.0", &seen, &exactly("0.4.0-rc.1"), ("Install", "Install"));
        check(("0.4.0", 4), "0.4.0-rc.1", &seen, &newest, ("Install", "Install"));
        check(("0.3.0", 3), "0.4.0-rc.1", &seen, &newest, ("Current", "Current"));
    }

    #[test]
    fn what_was_withdrawn_is_never_installed() {
        let yanked = vec![Yanked { version: version("0.2.0"), reason: "it lost pages".to_owned() }];
        let state = State { yanked: yanked.clone(), ..State::default() };
        let said = Release { yanked, ..release("0.2.0", 2) };
        for wanted in [Wanted::Newest, Wanted::Pre, Wanted::Exactly(version("0.2.0"))] {
            let expected = "Refused: 0.2.0 was withdrawn: it lost pages";
            assert_eq!(judged(&release("0.2.0", 2), "0.1.0", &state, &wanted, true), expected);
            assert_eq!(judged(&said, "0.1.0", &State::default(), &wanted, true), expected);
        }
    }

    #[test]
    fn what_was_returned_from_is_skipped_unless_it_is_named() {
        let state = State { skips: vec![version("0.2.0")], sequence: 2, ..State::default() };
        let check = |offered: &Release, wanted: &Wanted, expected: &str| {
            assert_eq!(judged(offered, "0.1.0", &state, wanted, false), expected, "{wanted:?}");
        };
        check(&release("0.2.0", 2), &Wanted::Newest, "Skipped");
        check(&release("0.2.0", 2), &Wanted::Pre, "Skipped");
        check(&release("0.2.0", 2), &Wanted::Exactly(version("0.2.0")), "Install");
        check(&release("0.2.1", 3), &Wanted::Newest, "Install");
    }

    #[test]
    fn a_version_that_is_too_old_to_update_is_told_how() {
        let offered = Release { minimum: Some(version("0.2.0")), ..release("1.0.0", 9) };
        let stop = judge(&offered, &version("0.1.0"), &State::default(), &Wanted::Newest, false).unwrap_err();
        assert_eq!(stop.kind, Kind::Refused);
        assert!(stop.hint.unwrap().contains("install."), "{}", stop.message);
        assert_eq!(judged(&offered, "0.2.0", &State::default(), &Wanted::Newest, false), "Install");
    }
}
