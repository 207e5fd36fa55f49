//! What an installation remembers: what it has seen, what it keeps, and what it was returned from.
//!
//! In: `state.json` beside the program. Out: a [`State`]. Never here: a decision.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use semver::Version;
use serde::{Deserialize, Serialize};

use super::place::Place;
use super::release::{Release, Yanked};
use crate::fs;

/// The longest file, in bytes.
const LIMIT: u64 = 256 << 10;

/// How many versions are kept beside the one that runs.
pub const KEPT: usize = 3;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The form of the file.
    pub schema: u32,
    /// The highest version that was ever seen, signed.
    pub highest: Option<Version>,
    /// The highest sequence that was ever seen, signed.
    pub sequence: u64,
    /// The newest version at the last look.
    pub newest: Option<Version>,
    /// When somebody looked last.
    pub looked: Option<DateTime<Utc>>,
    /// Versions that the user returned from: none of them is offered again unless it is named.
    pub skips: Vec<Version>,
    /// Versions that can be returned to; the one that was replaced last comes last.
    pub kept: Vec<Kept>,
    /// Versions that were withdrawn.
    pub yanked: Vec<Yanked>,
}

/// A program that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its version.
    pub version: Version,
    /// The SHA-256 of its file.
    pub sha256: String,
}

impl State {
    /// What is remembered; nothing where there is no file. The install scripts add to the list of what is kept, and look
    /// after the files alone: a version counts once, where it was added last, and only while it is there.
    ///
    /// # Errors
    /// It cannot be read or understood.
    pub fn read(place: &Place) -> Result<Self> {
        let path = place.state();
        let Some(bytes) = fs::read(&path, LIMIT)? else { return Ok(Self::default()) };
        let mut state: Self = serde_json::from_slice(&bytes).with_context(|| {
            format!("cannot understand {}: without that file what was seen and kept is forgotten", path.display())
        })?;
        let all = std::mem::take(&mut state.kept);
        let is_last = |nth: usize, kept: &Kept| !all[nth + 1..].iter().any(|later| later.version == kept.version);
        let counts = |(nth, kept): &(usize, &Kept)| is_last(*nth, kept) && place.kept(&kept.version).exists();
        state.kept = all.iter().enumerate().filter(counts).map(|(_, kept)| kept.clone()).collect();
        Ok(state)
    }

    /// Remembers it, readable by everybody as the program is.
    ///
    /// # Errors
    /// The directory is not writable.
    pub fn write(&self, place: &Place) -> Result<()> {
        let state = Self { schema: 1, ..self.clone() };
        let text = serde_json::to_string_pretty(&state).context("cannot write JSON")?;
        fs::replace_with_mode(&place.state(), format!("{text}\n").as_bytes(), 0o644)
    }

    /// Takes in what a signed description says. That a version was withdrawn once is never forgotten.
    pub fn see(&mut self, release: &Release) {
        self.highest = self.highest.take().max(Some(release.version.clone()));
        self.sequence = self.sequence.max(release.sequence);
        for yanked in &release.yanked {
            if !self.yanked.iter().any(|known| known.version == yanked.version) {
                self.yanked.push(yanked.clone());
            }
        }
    }

    /// Why a version was withdrawn, if it was.
    #[must_use]
    pub fn yanked(&self, version: &Version) -> Option<&Yanked> {
        self.yanked.iter().find(|yanked| yanked.version == *version)
    }

    /// Remembers that a version is kept, as the one that was replaced last; returns those that are too many.
    pub fn keep(&mut self, kept: Kept) -> Vec<Version> {
        self.kept.retain(|old| old.version != kept.version);
        self.kept.push(kept);
        let many = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..many).map(|kept| kept.version).collect()
    }

    /// The version to return to: the one that was replaced last, and not itself returned from.
    #[must_use]
    pub fn before(&self, running: &Version) -> Option<&Kept> {
        let mut kept = self.kept.iter().rev();
        kept.find(|kept| kept.version != *running && !self.skips.contains(&kept.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    fn kept(text: &str) -> Kept {
        Kept { version: version(text), sha256: String::new() }
    }

    #[test]
    fn three_are_kept_and_the_one_replaced_last_is_returned_to() {
        let mut state = State::default();
        for text in ["0.1.0", "0.2.0", "0.3.0"] {
            assert_eq!(state.keep(kept(text)), []);
        }
        assert_eq!(state.keep(kept("0.4.0")), [version("0.1.0")]);
        let before =
            |state: &State, running: &str| state.before(&version(running)).map(|kept| kept.version.to_string());
        assert_eq!(before(&state, "0.5.0").as_deref(), Some("0.4.0"));
        // Returned to 0.4.0: from there it goes on to 0.3.0, not back to 0.5.0.
        state.skips.push(version("0.5.0"));
        state.keep(kept("0.5.0"));
        assert_eq!(before(&state, "0.4.0").as_deref(), Some("0.3.0"));
        assert_eq!(before(&State::default(), "0.1.0"), None);
    }

    #[test]
    fn an_older_description_lowers_nothing() {
        let release = |text: &str, sequence: u64, yanked: &str| -> Release {
            let json = format!(
                r#"{{"schema":1,"version":"{text}","sequence":{sequence},"published":"2026-01-01T00:00:00Z",
                    "yanked":[{yanked}],"assets":[]}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        let mut state = State::default();
        state.see(&release("0.3.0", 3, r#"{"version":"0.2.0","reason":"it lost pages"}"#));
        state.see(&release("0.1.0", 1, ""));
        assert_eq!((state.highest.clone(), state.sequence), (Some(version("0.3.0")), 3));
        assert_eq!(state.yanked(&version("0.2.0")).map(|yanked| &*yanked.reason), Some("it lost pages"));
        assert_eq!(state.yanked(&version("0.3.0")), None);
    }
}
