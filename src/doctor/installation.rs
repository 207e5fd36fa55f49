//! Whether the program itself is installed as it should be, and is the one that the hooks run.
//!
//! In: the running program, what lies beside it, and which binary the hooks name. Out: checks.
//! Never here: the network, or a change: what a killed update left, the next one removes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::check::{Check, bad, good, warning};
use crate::env::Env;
use crate::fs;
use crate::hook::HookFile;
use crate::hook::block::binary_in_command;
use crate::hook::configured::name;
use crate::process;
use crate::setup::Detected;
use crate::update::names;
use crate::update::place::{Place, STAGE};
use crate::update::source::Source;
use crate::update::state::State;

const ABOUT: &str = "program";

/// Examines the installation of the running program, and in a repository whether its hooks run that.
#[must_use]
pub fn installation(env: &Env, detected: Option<&Detected>) -> Vec<Check> {
    let hooked = detected.map(hooked).unwrap_or_default();
    let place = Place::of(&env.executable);
    let shown = place.binary.display();
    let mut checks = Vec::new();
    match Source::of(&place) {
        Err(error) => checks.push(warning(ABOUT, format!("{error:#}"), "install it again: docs/install.md")),
        Ok(source) => {
            if let Source::Moved(there) = &source {
                let says = format!("{shown} lies beside the receipt of {}", there.display());
                checks.push(warning(ABOUT, says, source.cure()));
            }
            if let Source::Script(receipt) = &source
                && receipt.version != names::VERSION
            {
                let says = format!("the receipt beside {shown} is of {}, and {} runs", receipt.version, names::VERSION);
                checks.push(warning(ABOUT, says, "commit-story update"));
            }
            checks.extend(beside(&place));
            checks.extend(shadowed(&place));
            checks.extend(hooked.iter().filter_map(|binary| other(binary, &place)));
            if let (Source::Script(receipt), true) = (&source, checks.is_empty()) {
                checks.push(good(ABOUT, format!("{} at {shown}, installed by {}", names::VERSION, receipt.source)));
            }
        }
    }
    checks
}

/// The programs that the hooks of a repository run.
fn hooked(detected: &Detected) -> BTreeSet<PathBuf> {
    let configured = |event| detected.configured.command(&name(event)).and_then(binary_in_command);
    let named = |file: &HookFile| configured(file.event).or_else(|| file.binary().map(Path::to_owned));
    detected.hooks.iter().filter_map(named).collect()
}

/// What is remembered of the running version, and what a killed update has left.
fn beside(place: &Place) -> Vec<Check> {
    let mut checks = Vec::new();
    match State::read(place) {
        Err(error) => {
            checks.push(warning(ABOUT, format!("{error:#}"), format!("rm '{}'", place.state().display())));
        }
        Ok(state) => {
            let running = names::VERSION.parse().ok();
            if let Some(yanked) = running.and_then(|running| state.yanked(&running).cloned()) {
                let says = format!("{} was withdrawn: {}", yanked.version, yanked.reason);
                checks.push(bad(ABOUT, says, "commit-story update"));
            }
        }
    }
    let left = fs::names(&place.beside).unwrap_or_default().into_iter().filter(|name| name.starts_with(STAGE));
    if left.count() > 0 {
        let says = format!("an update was killed, and left something in {}", place.beside.display());
        checks.push(warning(ABOUT, says, "the next `commit-story update` removes it"));
    }
    checks
}

/// Whether a terminal runs another one.
fn shadowed(place: &Place) -> Option<Check> {
    let first = process::on_path(names::PROGRAM)?;
    let other = fs::canonical(&first) != place.binary;
    other.then(|| {
        let says = format!("{} comes first on PATH, and {} runs here", first.display(), place.binary.display());
        warning(ABOUT, says, "remove the one that you do not want, or change the order of PATH")
    })
}

/// Whether the hooks of this repository run another one.
fn other(binary: &Path, place: &Place) -> Option<Check> {
    let another = binary.exists() && fs::canonical(binary) != place.binary;
    another.then(|| {
        let says = format!("the hooks here run {}, and {} runs now", binary.display(), place.binary.display());
        warning(ABOUT, says, "commit-story init has them run this one")
    })
}
