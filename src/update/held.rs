//! An installation that no other process changes while we do.
//!
//! In: a place with its receipt. Out: a [`Held`], in which one program takes another's place, and back if it does not work
//! there.
//! Never here: where the new program comes from.

use std::path::Path;

use anyhow::{Context, Result};
use semver::Version;
use tempfile::TempDir;

use super::hash;
use super::names;
use super::place::{ASIDE, Place, STAGE};
use super::receipt::Receipt;
use super::state::{Kept, State};
use super::stop::{Stop, of_disk};
use super::swap::{Failed, Real, swap};
use super::trial::{trial, version};
use crate::env::Deadline;
use crate::fs::{self, Lock, program};

/// The installation; others wait until it is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    pub(super) place: &'a Place,
    pub(super) receipt: Receipt,
    pub(super) state: State,
    /// The version that is installed. It may be another than the one that runs: somebody may have been faster.
    pub(super) installed: Version,
    _lock: Lock,
}

impl<'a> Held<'a> {
    /// Takes hold of an installation, and removes what killed updates have left.
    ///
    /// # Errors
    /// We may not change it, or somebody else does at this moment.
    pub(super) fn of(place: &'a Place, receipt: &Receipt) -> Result<Self> {
        if !program::is_writable(&place.dir) {
            return Err(Stop::unpermitted(format!("cannot write to {}", place.dir.display()))
                .hint("run it as the user who installed the program")
                .into());
        }
        program::room(&place.beside).map_err(|error| of_disk(&error, "make the directory", &place.beside))?;
        let lock = lock(place)?.ok_or_else(|| {
            Stop::busy(format!("another update of {} is running", place.binary.display()))
                .hint("wait for it; the kernel knows when it ends, however it does")
        })?;
        program::sweep(&place.beside, STAGE);
        program::sweep(&place.beside, ASIDE);
        fs::sweep(&place.beside);
        let state = State::read(place)?;
        let installed = version(&place.binary).ok().or_else(running).context("this program has no version")?;
        let mut held = Self { place, receipt: receipt.clone(), state, installed, _lock: lock };
        // Whoever was killed between the program and its receipt is followed up.
        if held.receipt.version != held.installed.to_string() {
            held.sign(&held.installed.clone())?;
        }
        Ok(held)
    }

    /// A directory on the program's own file system, in which the next one is prepared.
    ///
    /// # Errors
    /// The disk is full.
    pub(super) fn stage(&self) -> Result<TempDir> {
        program::stage(&self.place.beside, STAGE).map_err(|error| of_disk(&error, "write to", &self.place.beside))
    }

    /// Puts a program into the installed one's place, which is kept, and sees that it works there. Otherwise the old one
    /// comes back.
    ///
    /// # Errors
    /// Nothing was changed, or the old one is back, or (this the message says) it could not be brought back.
    pub(super) fn replace(&mut self, new: &Path, version: &Version, stage: &Path) -> Result<()> {
        let binary = &self.place.binary;
        program::liken(new, binary).map_err(|error| of_disk(&error, "prepare", new))?;
        trial(new, version)?;
        program::settle(new).and_then(|()| program::settle_dir(stage)).context("cannot wait for the disk")?;
        let installed = self.installed.clone();
        if installed != *version {
            self.keep(&installed)?;
        }
        self.swap(new, "put the new program at")?;
        let Err(fault) = trial(binary, version) else { return self.sign(version) };
        let kept = self.place.kept(&installed);
        let back = stage.join("back");
        let restored = program::duplicate(&kept, &back)
            .map_err(anyhow::Error::from)
            .and_then(|()| self.swap(&back, "put the old program at"))
            .and_then(|()| Ok(trial(binary, &installed)?));
        Err(match restored {
            Ok(()) => Stop::unverified(format!("{fault}; {installed} is back in its place, and nothing is lost")),
            Err(error) => Stop::unverified(format!("{fault}; {installed} could not be brought back: {error:#}"))
                .hint(format!("cp '{}' '{}'", kept.display(), binary.display())),
        }
        .into())
    }

    /// Keeps the installed program under another name, with its hash, and lets the oldest of too many go.
    fn keep(&mut self, installed: &Version) -> Result<()> {
        let kept = self.place.kept(installed);
        let dir = kept.parent().unwrap_or(&self.place.beside);
        let sha256 = program::room(dir)
            .and_then(|()| hash::of_file(&self.place.binary))
            .and_then(|hash| program::duplicate(&self.place.binary, &kept).map(|()| hash))
            .and_then(|hash| program::settle_dir(dir).map(|()| hash))
            .map_err(|error| of_disk(&error, "keep", &self.place.binary))?;
        let gone = self.state.keep(Kept { version: installed.clone(), sha256 });
        self.state.write(self.place)?;
        for version in gone {
            program::clear(&self.place.versions().join(version.to_string()));
        }
        Ok(())
    }

    fn swap(&self, new: &Path, what: &str) -> Result<()> {
        let binary = &self.place.binary;
        let aside = cfg!(windows).then(|| self.place.beside.join(format!("{ASIDE}{}.exe", std::process::id())));
        match swap(&Real, new, binary, aside.as_deref()) {
            Ok(()) => program::settle_dir(&self.place.dir).context("cannot wait for the disk"),
            Err(Failed::Unchanged(error)) => Err(of_disk(&error, what, binary)),
            Err(Failed::Lost { error, back }) => {
                let aside = aside.unwrap_or_default();
                let message = format!("cannot {what} {}: {error}; nor put the old one back: {back}", binary.display());
                let cure = format!("move '{}' to '{}'", aside.display(), binary.display());
                Err(Stop::unverified(message).hint(cure).into())
            }
        }
    }

    /// Renews the receipt.
    fn sign(&mut self, version: &Version) -> Result<()> {
        self.installed = version.clone();
        self.receipt.version = version.to_string();
        self.receipt.binary.clone_from(&self.place.binary);
        self.receipt.write(self.place)
    }
}

/// The version of this program.
pub(super) fn running() -> Option<Version> {
    names::VERSION.parse().ok()
}

/// The lock, if nobody holds it.
fn lock(place: &Place) -> Result<Option<Lock>> {
    Lock::acquire(&place.lock(), Deadline::after(std::time::Duration::ZERO)).map_err(|error| {
        match error.downcast_ref::<std::io::Error>() {
            Some(cause) => of_disk(cause, "open", &place.lock()),
            None => error,
        }
    })
}

/// Changes what is remembered, unless somebody is updating, who then knows better, or we may not write there.
pub(super) fn remember(place: &Place, change: impl FnOnce(&mut State)) {
    let Ok(Some(_lock)) = lock(place) else { return };
    let Ok(mut state) = State::read(place) else { return };
    change(&mut state);
    // What is not remembered is seen again.
    let _ = state.write(place);
}
