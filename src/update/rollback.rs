//! Going back to a version that was kept, without the network.
//!
//! In: an installation with its receipt. Out: a [`Report`]; the version that was left is not offered again.
//! Never here: a file that is not the one that was kept.

use anyhow::{Context, Result};
use semver::Version;

use super::held::{Held, running};
use super::install::{Outcome, Report};
use super::place::Place;
use super::receipt::Receipt;
use super::state::{Kept, State};
use super::stop::Stop;
use super::{hash, names};
use crate::fs::program;

/// Puts a kept version into the program's place: the one that was replaced last, or the one that is named.
///
/// # Errors
/// None is kept, or it was changed, or does not work.
pub fn rollback(place: &Place, receipt: &Receipt, named: Option<&Version>) -> Result<Report> {
    let mut held = Held::of(place, receipt)?;
    let from = held.installed.clone();
    let kept = chosen(&held.state, &from, named)?.clone();
    let file = place.kept(&kept.version);
    if hash::of_file(&file).ok().as_ref() != Some(&kept.sha256) {
        let message = format!("{} is not the file that was kept any more", file.display());
        return Err(Stop::unverified(message)
            .hint(format!("commit-story update --to {} --allow-downgrade", kept.version))
            .into());
    }
    let stage = held.stage()?;
    let new = stage.path().join(file.file_name().unwrap_or(names::PROGRAM.as_ref()));
    program::duplicate(&file, &new).context("cannot take the kept program")?;
    held.replace(&new, &kept.version, stage.path())?;
    if !held.state.skips.contains(&from) {
        held.state.skips.push(from.clone());
    }
    held.state.skips.retain(|skipped| *skipped != kept.version);
    held.state.write(place)?;
    Ok(report(from, kept.version))
}

/// What a rollback would do.
///
/// # Errors
/// None is kept.
pub fn planned(place: &Place, named: Option<&Version>) -> Result<Report> {
    let from = running().context("this program has no version")?;
    let version = chosen(&State::read(place)?, &from, named)?.version.clone();
    Ok(report(from, version))
}

fn report(from: Version, version: Version) -> Report {
    Report { outcome: Outcome::Returned, from, version, published: None, archive: None, warnings: Vec::new() }
}

/// Which version is returned to.
fn chosen<'a>(state: &'a State, from: &Version, named: Option<&Version>) -> Result<&'a Kept, Stop> {
    let none = match named {
        Some(version) if version == from => Stop::refused(format!("{version} runs already")),
        Some(version) => Stop::refused(format!("{version} is not kept here"))
            .hint(format!("commit-story update --to {version} --allow-downgrade")),
        None => Stop::refused(format!("no version from before {from} is kept here"))
            .hint("commit-story update --list names all; --to VERSION --allow-downgrade installs one"),
    };
    match named {
        Some(version) => state.kept.iter().find(|kept| kept.version == *version && version != from).ok_or(none),
        None => state.before(from).ok_or(none),
    }
}
