//! The commit that a release is made from.
//!
//! In: a clean checkout, and the new version. Out: a branch `release/vVERSION` with one commit on it: the version in
//! `Cargo.toml`, `Cargo.lock` and the documents that print it, and the changelog's unreleased part under its heading.
//! Never here: a push, a tag, or a change to another branch.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use chrono::NaiveDate;
use commit_story::update::names;
use semver::Version;
use toml_edit::{DocumentMut, value};

use crate::changelog;
use crate::tree::Tree;

/// Prepares `version`, dated `date`; the branch.
///
/// # Errors
/// The checkout is not clean, the version is not newer, nothing is unreleased, or git fails.
pub fn prepare(tree: &Tree, version: &Version, date: NaiveDate) -> Result<String> {
    ensure!(tree.git(&["status", "--porcelain"])?.is_empty(), "the checkout has changes that are not committed");
    let before = tree.version()?;
    ensure!(*version >= before, "{version} is older than {before}, which Cargo.toml has");
    for tag in tags(tree)? {
        ensure!(*version > tag, "{version} is not newer than {tag}, which has a tag");
    }
    let text = changelog::released(&tree.text("CHANGELOG.md")?, version, date, &tree.repository()?)?;
    let branch = format!("release/{}", names::tag(&version.to_string()));
    tree.git(&["switch", "--quiet", "--create", &branch])?;
    write(tree, "CHANGELOG.md", &text)?;
    bump(tree, "Cargo.toml", version)?;
    bump(tree, "Cargo.lock", version)?;
    mentions(tree, &before, version)?;
    tree.git(&["commit", "--quiet", "--all", "--message", &format!("release: {version}")])?;
    Ok(branch)
}

/// The versions that have a tag.
///
/// # Errors
/// Git fails.
pub fn tags(tree: &Tree) -> Result<Vec<Version>> {
    let tags = tree.git(&["tag", "--list", "v*"])?;
    Ok(tags.lines().filter_map(|tag| Version::parse(tag.strip_prefix('v')?).ok()).collect())
}

/// The version that `Cargo.lock` has of us.
///
/// # Errors
/// It cannot be read.
pub fn locked(tree: &Tree) -> Result<String> {
    let lock: DocumentMut = tree.text("Cargo.lock")?.parse().context("cannot understand Cargo.lock")?;
    let packages = lock["package"].as_array_of_tables().context("Cargo.lock names no packages")?;
    let own =
        packages.iter().find(|package| package.get("name").and_then(|name| name.as_str()) == Some(names::PROGRAM));
    let version = own.and_then(|package| package.get("version")?.as_str());
    version.map(str::to_owned).context("Cargo.lock does not name commit-story")
}

/// Puts the version into `Cargo.toml` or `Cargo.lock`.
///
/// # Errors
/// The file cannot be read or written.
pub fn bump(tree: &Tree, name: &str, version: &Version) -> Result<()> {
    let mut file: DocumentMut = tree.text(name)?.parse().with_context(|| format!("cannot understand {name}"))?;
    if name == "Cargo.toml" {
        file["package"]["version"] = value(version.to_string());
    } else {
        let packages = file["package"].as_array_of_tables_mut().context("Cargo.lock names no packages")?;
        let own = |package: &&mut toml_edit::Table| {
            package.get("name").and_then(|name| name.as_str()) == Some(names::PROGRAM)
        };
        let package = packages.iter_mut().find(own).context("Cargo.lock does not name commit-story")?;
        package["version"] = value(version.to_string());
    }
    write(tree, name, &file.to_string())
}

/// Documents show what the program prints about itself, and everything names one repository, the one in `Cargo.toml`.
fn mentions(tree: &Tree, before: &Version, version: &Version) -> Result<()> {
    let (old, new) = (format!("commit-story {before}; bugs:"), format!("commit-story {version}; bugs:"));
    let repository = tree.repository()?;
    // Exit code 1: no file names it at all.
    for name in tree.git(&["grep", "-I", "--name-only", "-e", "; bugs:", "-e", "https://github.com/"])?.lines() {
        let text = tree.text(name)?;
        let renewed = renamed(&text.replace(&old, &new), &repository);
        if renewed != text {
            write(tree, name, &renewed)?;
        }
    }
    Ok(())
}

/// The text with `https://github.com/ANYBODY/commit-story` at `repository`.
fn renamed(text: &str, repository: &str) -> String {
    let mut parts = text.split("https://github.com/");
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let ours = part.split_once('/').and_then(|(owner, rest)| {
            let plain = owner.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            rest.strip_prefix(names::PROGRAM).filter(|_| plain)
        });
        match ours.filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')) {
            Some(rest) => renamed.extend([repository, rest]),
            None => renamed.extend(["https://github.com/", part]),
        }
    }
    renamed
}

fn write(tree: &Tree, name: &str, text: &str) -> Result<()> {
    fs::write(tree.root.join(name), text).with_context(|| format!("cannot write {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_repository_follows_the_one_constant_and_no_other_address_does() {
        let check =
            |text: &str, expected: &str| assert_eq!(renamed(text, "https://github.com/ada/commit-story"), expected);
        check("see https://github.com/bob/commit-story/issues.", "see https://github.com/ada/commit-story/issues.");
        check("https://github.com/bob/commit-story", "https://github.com/ada/commit-story");
        check("https://github.com/bob/commit-story-v2", "https://github.com/bob/commit-story-v2");
        check("https://github.com/bob/other", "https://github.com/bob/other");
        check("https://github.com/", "https://github.com/");
    }
}
