//! Everything about a release that follows from its archives: signatures, hashes, the index, the install scripts.
//!
//! In: a directory with archives, signed or not, and who signs. Out: the same directory, complete.
//! Never here: trust in our own work; `verify` reads all of it again from the disk.

use std::io::Cursor;

use anyhow::{Context as _, Result, ensure};
use commit_story::update::names;

use crate::assets::Assets;
use crate::keyring::Whose;
use crate::sign::{self, Signer};
use crate::tree::Tree;
use crate::{index, installer, sbom};

/// Signs and completes the release in `assets`. Doing it again gives the same bytes.
///
/// # Errors
/// There is no archive, or a file cannot be read, signed or written.
pub fn seal(tree: &Tree, assets: &Assets, whose: Whose, signers: &[Signer]) -> Result<()> {
    let first = signers.first().context("nobody signs")?;
    let binstall = installed_by(tree, signers)?;
    let archives = assets.archives()?;
    ensure!(!archives.is_empty(), "there is no archive of {} in {}", assets.version, assets.dir.display());
    let all: Vec<&Signer> = signers.iter().collect();
    for (_, name) in &archives {
        let signed = sign::archive(&unsigned(assets.read(name)?), name, &all)?;
        assets.write(&names::minisig(name), binstall.minisig(&signed, true, &format!("file:{name}")).as_bytes())?;
        assets.write(name, &signed)?;
    }
    let index = index::of(tree, assets)?;
    let text = index::text(&index)?;
    assets.write(
        names::INDEX_MINISIG,
        first.minisig(text.as_bytes(), false, &comment(names::INDEX, assets)).as_bytes(),
    )?;
    assets.write(names::INDEX, text.as_bytes())?;
    let targets: Vec<&str> = archives.iter().map(|(target, _)| *target).collect();
    assets.write(&names::sbom(&assets.version), sbom::of(tree, &targets, tree.epoch()?)?.as_bytes())?;
    for script in names::INSTALLERS {
        assets.write(script, installer::filled(tree, script, &index, whose)?.as_bytes())?;
    }
    let sums = assets.sums()?;
    let sums = sums.as_bytes();
    assets.write(names::SUMS, sums)?;
    assets.write(names::SUMS_MINISIG, first.minisig(sums, false, &comment(names::SUMS, assets)).as_bytes())?;
    assets.write(names::SUMS_SSHSIG, first.sshsig(sums, names::NAMESPACE).as_bytes())
}

/// Who signs for `cargo binstall`, which knows one key only, the one in `Cargo.toml`; the first of all if that is not there.
fn installed_by<'a>(tree: &Tree, signers: &'a [Signer]) -> Result<&'a Signer> {
    let known = tree.binstall_key()?;
    let line = |signer: &Signer| signer.public_file("").lines().nth(1).map(str::to_owned);
    signers.iter().find(|signer| line(signer) == known).or(signers.first()).context("nobody signs")
}

/// What a signature says about itself: the file, and of which version.
fn comment(name: &str, assets: &Assets) -> String {
    format!("file:{name} version:{}", assets.version)
}

/// An archive without zipsign's signature; the same bytes if it had none.
fn unsigned(bytes: Vec<u8>) -> Vec<u8> {
    let mut plain = Cursor::new(Vec::new());
    match zipsign_api::unsign::copy_and_unsign_tar(&mut Cursor::new(&bytes), &mut plain) {
        Ok(()) => plain.into_inner(),
        Err(_) => bytes,
    }
}
