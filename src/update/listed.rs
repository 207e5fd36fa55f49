//! All versions: what is released, kept, running, withdrawn, returned from.
//!
//! In: an installation with its receipt. Out: [`Listed`]s, the newest first. Never here: a change.

use anyhow::Result;
use semver::Version;
use serde::Serialize;

use super::held::running;
use super::install::server;
use super::listing;
use super::place::Place;
use super::receipt::Receipt;
use super::remote::Patience;
use super::state::State;
use crate::env::Env;

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Which.
    pub version: String,
    /// Whether it is the one that runs.
    pub runs: bool,
    /// Whether it lies beside the program, and can be returned to without a network.
    pub kept: bool,
    /// Whether it is to be tried before it is meant for everybody.
    pub pre: bool,
    /// Whether the user returned from it.
    pub skipped: bool,
    /// Why it was withdrawn, if it was.
    pub withdrawn: Option<String>,
}

/// Lists all versions.
///
/// # Errors
/// The list cannot be had.
pub fn list(env: &Env, place: &Place, receipt: &Receipt) -> Result<Vec<Listed>> {
    let patience = Patience::default();
    let mut state = State::read(place)?;
    let mut versions = listing::versions(env, patience)?;
    // What the newest release says of the others is worth knowing, and no more.
    if let Ok(newest) = server(env, receipt, patience)?.release(None) {
        state.see(&newest);
    }
    let running = running();
    versions.extend(state.kept.iter().map(|kept| kept.version.clone()));
    versions.extend(running.clone());
    versions.sort_unstable();
    versions.dedup();
    Ok(versions.iter().rev().map(|version| listed(version, running.as_ref(), &state)).collect())
}

fn listed(version: &Version, running: Option<&Version>, state: &State) -> Listed {
    let runs = running == Some(version);
    Listed {
        version: version.to_string(),
        runs,
        kept: !runs && state.kept.iter().any(|kept| kept.version == *version),
        pre: !version.pre.is_empty(),
        skipped: state.skips.contains(version),
        withdrawn: state.yanked(version).map(|yanked| yanked.reason.clone()),
    }
}
