//! What has to hold before a release is made.
//!
//! In: the checkout. Out: every check with what it saw, all of them, also after one has failed.
//! Never here: a repair.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use commit_story::update::names;

use crate::changelog::Changelog;
use crate::tree::Tree;
use crate::{keyring, pages, prepare, proof, say};

/// The largest that the program may be, in bytes.
const LARGEST: u64 = 15_000_000;

/// Runs every check; with `binary` the program's size, too, and with `slow` those that compile.
///
/// # Errors
/// One of them failed.
pub fn all(tree: &Tree, binary: Option<&Path>, slow: bool) -> Result<()> {
    let mut checks: Vec<(&str, Result<String>)> = vec![
        ("branch", branch(tree)),
        ("clean", clean(tree)),
        ("remote", remote(tree)),
        ("version", version(tree)),
        ("repository", repository(tree)),
        ("keys", keys(tree)),
        ("commands", commands()),
    ];
    if let Some(binary) = binary {
        checks.push(("size", size(binary)));
    }
    if slow {
        checks.push(("documents and licences", documents(tree)));
    }
    let mut failed = Vec::new();
    for (name, outcome) in checks {
        match outcome {
            Ok(seen) => say::seen(&format!("{name}: {seen}")),
            Err(failure) => {
                say::line(&format!("  NO  {name}: {failure:#}"));
                failed.push(name);
            }
        }
    }
    ensure!(failed.is_empty(), "not ready for a release: {}", failed.join(", "));
    Ok(())
}

fn branch(tree: &Tree) -> Result<String> {
    let branch = tree.git(&["branch", "--show-current"])?;
    let own = format!("release/{}", names::tag(&tree.version()?.to_string()));
    ensure!(branch == "main" || branch == own, "this is {branch:?}; releases are made from main or {own}");
    Ok(branch)
}

fn clean(tree: &Tree) -> Result<String> {
    let changes = tree.git(&["status", "--porcelain"])?;
    ensure!(changes.is_empty(), "these are not committed:\n{changes}");
    Ok("nothing that is not committed".to_owned())
}

fn remote(tree: &Tree) -> Result<String> {
    if tree.git(&["remote"])?.is_empty() {
        return Ok("there is none to compare with".to_owned());
    }
    let branch = tree.git(&["branch", "--show-current"])?;
    let there = tree.git(&["ls-remote", "origin", &format!("refs/heads/{branch}")])?;
    let there = there.split_whitespace().next().unwrap_or_default();
    let here = tree.git(&["rev-parse", "HEAD"])?;
    ensure!(there == here, "{branch} is {here} here and {there:?} at origin: push or pull first");
    Ok(format!("origin has {branch} as it is here"))
}

fn version(tree: &Tree) -> Result<String> {
    let version = tree.version()?;
    let locked = prepare::locked(tree)?;
    ensure!(locked == version.to_string(), "Cargo.toml has {version} and Cargo.lock {locked}");
    let changelog = Changelog::read(&tree.text("CHANGELOG.md")?)?;
    ensure!(changelog.of(&version).is_some(), "CHANGELOG.md has no heading for {version}: run `prepare {version}`");
    let tag = names::tag(&version.to_string());
    for other in prepare::tags(tree)? {
        if other == version {
            let (there, here) =
                (tree.git(&["rev-parse", &format!("{tag}^{{commit}}")])?, tree.git(&["rev-parse", "HEAD"])?);
            ensure!(there == here, "{tag} is another commit than this one");
        } else if tree.git(&["branch", "--show-current"])? == "main" {
            ensure!(version > other, "{version} is not newer than {other}, which has a tag");
        }
    }
    Ok(format!("{version} in Cargo.toml, Cargo.lock and CHANGELOG.md, and newer than every tag"))
}

/// Every address of the repository in a file is the one in `Cargo.toml`.
fn repository(tree: &Tree) -> Result<String> {
    let repository = tree.repository()?;
    ensure!(!repository.contains("/OWNER/"), "Cargo.toml does not say whose repository this is: {repository}");
    let found =
        tree.git(&["grep", "-I", "-n", "-o", "-E", "https://github\\.com/[A-Za-z0-9-]+/commit-story([A-Za-z0-9-]+)?"])?;
    let other = |line: &&str| line.ends_with("/commit-story") && !line.ends_with(&format!(":{repository}"));
    let strange: Vec<&str> = found.lines().filter(other).collect();
    ensure!(
        strange.is_empty(),
        "these name another repository than {repository}; `prepare` mends them:\n{}",
        strange.join("\n")
    );
    Ok(format!("{} places name {repository}, and none another one", found.lines().count()))
}

/// The public keys that the sources came with. Nobody has their other halves.
const NOBODYS: [&str; 2] = [
    "RWT06s/pS7JUxPTqz+lLslTEDhB/wZAjs4bcmousPvdushZcbPFuFirC",
    "RWRumrqNkQBg426auo2RAGDjqtaiQ0rqdjr2mBoGGLrZvxiM0TJtss81",
];

fn keys(tree: &Tree) -> Result<String> {
    keyring::check(tree)?;
    let known = keyring::public(tree, keyring::Whose::Ours)?;
    let nobodys = known.iter().any(|file| NOBODYS.iter().any(|key| file.contains(key)));
    ensure!(
        !nobodys,
        "nobody can sign for a key that the sources came with: make your own by `keys new` and `keys adopt`"
    );
    let line = tree.binstall_key()?.context("Cargo.toml has no key for cargo binstall")?;
    let known = known.iter().map(|file| proof::bare(file)).collect::<Result<Vec<_>>>()?;
    ensure!(
        known.contains(&proof::bare(&format!("\n{line}"))?),
        "the key for cargo binstall in Cargo.toml is not ours"
    );
    Ok("two that differ, no test key, and cargo binstall has one of them".to_owned())
}

fn commands() -> Result<String> {
    let pages = pages::members("2026-01-01")?;
    ensure!(pages.iter().all(|page| !page.bytes.is_empty()), "a man page or a completion script is empty");
    Ok(format!("{} man pages and completion scripts can be made", pages.len()))
}

fn size(binary: &Path) -> Result<String> {
    let size = binary.metadata().with_context(|| format!("cannot read {}", binary.display()))?.len();
    within_bounds(size).with_context(|| binary.display().to_string())
}

/// Holds the program's size in bytes against what it may have.
///
/// # Errors
/// It has more.
pub fn within_bounds(size: u64) -> Result<String> {
    ensure!(size <= LARGEST, "the program has {size} bytes, and {LARGEST} are allowed");
    Ok(format!("{size} bytes of {LARGEST}"))
}

fn documents(tree: &Tree) -> Result<String> {
    tree.cargo(&["test", "--locked", "--quiet", "--test", "docs", "--test", "cmd", "--test", "licences"])?;
    Ok("what documents show is what commands print, and every licence is allowed".to_owned())
}
