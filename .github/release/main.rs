//! What makes, signs, rehearses and publishes a release of commit-story: `cargo run --example release`.
//!
//! In: this checkout. Out: a release's files, checked. Never here: a part of the program that users install.

#![expect(unreachable_pub, reason = "a program has no callers")]

mod say;

mod tree;

mod changelog;

mod archive;

mod pages;

mod sbom;

mod assets;

mod package;

mod index;

#[expect(dead_code, reason = "shared with the tests")]
mod sign;

mod proof;

mod keyring;

mod installer;

mod seal;

mod verify;

mod prepare;

mod checks;

mod builds;

mod channels;

mod github;

mod publish;

#[expect(dead_code, reason = "shared with the tests")]
mod server;

mod rehearse;

mod arguments;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use commit_story::update::names;
use semver::Version;

use crate::arguments::{Arguments, Command, Keys, Package, Rehearse};
use crate::assets::Assets;
use crate::github::GitHub;
use crate::index::Index;
use crate::keyring::Whose;
use crate::tree::Tree;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::failed(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let tree = Tree::around(&arguments.tree)?;
    let Some(command) = &arguments.command else { return rehearsed(&tree, &Rehearse::default()) };
    match command {
        Command::Rehearse(options) => rehearsed(&tree, options),
        Command::Package(options) => package(&tree, options),
        Command::Sign(options) => {
            let whose = whose(options.test_keys);
            let signers = keyring::signers(whose, &options.key)?;
            keyring::fit(&tree, whose, &signers)?;
            let assets = Assets::found(&options.dir)?;
            seal::seal(&tree, &assets, whose, &signers)?;
            verify::verify(&assets, &keyring::trusted(&tree, whose)?)
        }
        Command::Verify(options) => {
            verify::verify(&Assets::found(&options.dir)?, &keyring::trusted(&tree, whose(options.test_keys))?)
        }
        Command::Check { binary, quick } => checks::all(&tree, binary.as_deref(), !quick),
        Command::Prepare { version, date } => {
            let date = date.unwrap_or_else(|| chrono::Utc::now().date_naive());
            let branch = prepare::prepare(&tree, version, date)?;
            say::line(&format!("{branch} has the commit; read it, and push it"));
            Ok(())
        }
        Command::Build { target, manner } => {
            say::line(&builds::build(&tree, target_or_ours(target.as_deref())?, *manner)?.display().to_string());
            Ok(())
        }
        Command::Publish { dir, test_keys, places } => {
            let trusted = keyring::trusted(&tree, whose(*test_keys))?;
            let assets = Assets::found(dir)?;
            publish::Publishing { tree: &tree, assets: &assets, trusted: &trusted, places }.run()
        }
        Command::Withdraw { version, api } => withdraw(&tree, version, api),
        Command::Channels { dir, out } => {
            for name in channels::render(&tree, &read_index(dir)?, out)? {
                say::line(&out.join(name).display().to_string());
            }
            Ok(())
        }
        Command::Index { dir } => {
            say::line(index::text(&index::of(&tree, &Assets::found(dir)?)?)?.trim_end());
            Ok(())
        }
        Command::Installer { dir, name } => {
            say::line(installer::filled(&tree, name, &read_index(dir)?, Whose::Ours)?.trim_end());
            Ok(())
        }
        Command::Sbom { target } => {
            say::line(sbom::of(&tree, &[target_or_ours(target.as_deref())?], tree.epoch()?)?.trim_end());
            Ok(())
        }
        Command::Keys(command) => keys(&tree, command),
    }
}

fn rehearsed(tree: &Tree, options: &Rehearse) -> Result<()> {
    let previous = match &options.previous {
        Some(previous) => previous.clone(),
        None => builds::older(tree, rehearse::BEFORE)?,
    };
    if let Some(dir) = &options.dir {
        return rehearse::rehearse(tree, &Assets::found(dir)?, &previous);
    }
    let target = target_or_ours(None)?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => builds::build(tree, target, builds::Manner::default())?,
    };
    let dir = tempfile::tempdir().context("cannot make a directory")?;
    let assets = Assets::of(dir.path(), &tree.version()?.to_string());
    package::package(tree, &binary, target, &assets)?;
    seal::seal(tree, &assets, Whose::Test, &keyring::signers(Whose::Test, &[])?)?;
    rehearse::rehearse(tree, &assets, &previous)
}

fn read_index(dir: &Path) -> Result<Index> {
    let text = Assets::of(dir, "").read(names::INDEX)?;
    serde_json::from_slice(&text).context("cannot understand release.json")
}

fn withdraw(tree: &Tree, version: &Version, api: &str) -> Result<()> {
    let hub = GitHub::of(&tree.repository()?, api)?;
    let tag = names::tag(&version.to_string());
    let release = hub.release(&tag)?.with_context(|| format!("there is no release with the tag {tag}"))?;
    anyhow::ensure!(!release.draft, "{tag} is not published: delete the draft");
    if !release.prerelease {
        hub.withdraw(&release)?;
    }
    say::seen(&format!("{tag} is a pre-release, and no longer the newest"));
    say::line(
        "Now release a mended version whose changelog has [YANKED] behind the heading of this one, and why below it.",
    );
    Ok(())
}

fn package(tree: &Tree, options: &Package) -> Result<()> {
    let target = target_or_ours(options.target.as_deref())?;
    let assets = Assets::of(&options.dir, &tree.version()?.to_string());
    let name = package::package(tree, &options.binary, target, &assets)?;
    say::line(&options.dir.join(name).display().to_string());
    Ok(())
}

fn keys(tree: &Tree, command: &Keys) -> Result<()> {
    match command {
        Keys::New { dir } => {
            outside(tree, dir)?;
            keyring::new(dir, "online")?;
            keyring::new(dir, "spare")?;
            say::line(
                "Two keys. online.key becomes the secret of the release environment; spare.key goes off this machine.",
            );
            say::line(&format!("Then: cargo run --example release -- keys adopt {}", dir.display()));
        }
        Keys::Adopt { dir, only } => {
            let changed = keyring::adopt(tree, dir, only.as_deref())?;
            installer::renew(tree)?;
            say::line(&format!("Commit {} and the install scripts.", changed.join(", ")));
        }
        Keys::Rotate { name, dir } => {
            outside(tree, dir)?;
            keyring::new(dir, name)?;
            keyring::adopt(tree, dir, Some(name))?;
            installer::renew(tree)?;
            say::line(&format!(
                "A new {name} key. Programs that are installed do not know it yet: sign the next release with"
            ));
            say::line("the other key first and this one second (--key twice), and later ones with this one alone.");
        }
        Keys::Check => {
            keyring::check(tree)?;
            say::seen("two keys, not the same, and none of them a test key");
        }
    }
    Ok(())
}

/// Private keys never lie in the checkout.
fn outside(tree: &Tree, dir: &Path) -> Result<()> {
    let dir = std::path::absolute(dir)?;
    anyhow::ensure!(!dir.starts_with(&tree.root), "{} is in the checkout: a private key must not be", dir.display());
    Ok(())
}

fn whose(test_keys: bool) -> Whose {
    if test_keys { Whose::Test } else { Whose::Ours }
}

/// A target by name, or that of this system.
fn target_or_ours(target: Option<&str>) -> Result<&str> {
    match target {
        Some(target) => Ok(target),
        None => names::target().context("nothing is released for this system: name a --target"),
    }
}
