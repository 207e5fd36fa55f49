//! The release described for programs: `release.json`.
//!
//! In: the changelog, and the archives. Out: the document. Never here: the time of day; the same release has the same bytes.

use anyhow::{Context as _, Result};
use chrono::{DateTime, SecondsFormat};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::assets::{Assets, sha256};
use crate::changelog::Changelog;
use crate::tree::Tree;

/// The oldest version that can update to the one that is built here. To be raised when older ones would not understand it.
const MINIMUM: &str = "0.0.0";

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Always 1; another number has another form.
    pub schema: u32,
    /// What is released.
    pub version: String,
    /// How many versions there were, this one among them: it grows with each, so that an old one is known for old.
    pub sequence: usize,
    /// When, RFC 3339.
    pub published: String,
    /// The oldest version that can update to it.
    pub minimum: String,
    /// Versions that were withdrawn.
    pub yanked: Vec<Yanked>,
    /// The archives.
    pub assets: Vec<Asset>,
}

/// A version that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yanked {
    /// Its number.
    pub version: String,
    /// Why.
    pub reason: String,
}

/// An archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// For what it is built.
    pub target: String,
    /// Its file name.
    pub name: String,
    /// Bytes.
    pub size: usize,
    /// SHA-256, in digits.
    pub sha256: String,
}

/// The document of the release in `assets`.
///
/// # Errors
/// The changelog or an archive cannot be read.
pub fn of(tree: &Tree, assets: &Assets) -> Result<Index> {
    let changelog = Changelog::read(&tree.text("CHANGELOG.md")?).context("cannot read CHANGELOG.md")?;
    let version = Version::parse(&assets.version).context("cannot understand the version")?;
    // A rehearsal releases what has no heading yet.
    let ahead = usize::from(changelog.of(&version).is_none());
    let moment = DateTime::from_timestamp(tree.epoch()?, 0).context("the release has no date")?;
    let yanked = changelog.released.iter().filter_map(|released| {
        Some(Yanked { version: released.version.to_string(), reason: released.yanked.clone()? })
    });
    let archives = assets.archives()?.into_iter().map(|(target, name)| {
        let bytes = assets.read(&name)?;
        Ok(Asset { target: target.to_owned(), name, size: bytes.len(), sha256: sha256(&bytes) })
    });
    Ok(Index {
        schema: 1,
        version: assets.version.clone(),
        sequence: changelog.released.len() + ahead,
        published: moment.to_rfc3339_opts(SecondsFormat::Secs, true),
        minimum: MINIMUM.to_owned(),
        yanked: yanked.collect(),
        assets: archives.collect::<Result<_>>()?,
    })
}

/// The document as it is published.
///
/// # Errors
/// Never in practice: it is plain text and numbers.
pub fn text(index: &Index) -> Result<String> {
    Ok(serde_json::to_string_pretty(index).context("cannot write release.json")? + "\n")
}
