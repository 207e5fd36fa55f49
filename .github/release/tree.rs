//! The checkout that is released.
//!
//! In: its directory. Out: what `Cargo.toml` and git say about it; output of `git` and `cargo` run in it.
//! Never here: a change to it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use semver::Version;
use toml_edit::DocumentMut;

/// A checkout of the program.
pub struct Tree {
    /// Its top level.
    pub root: PathBuf,
}

impl Tree {
    /// The checkout around `place`.
    ///
    /// # Errors
    /// There is no `Cargo.toml` of `commit-story` in that directory or above it.
    pub fn around(place: &Path) -> Result<Self> {
        let place = place.canonicalize().with_context(|| format!("cannot find {}", place.display()))?;
        for dir in place.ancestors() {
            let tree = Self { root: dir.to_owned() };
            if dir.join("Cargo.toml").is_file() && tree.field("name").is_ok_and(|name| name == "commit-story") {
                return Ok(tree);
            }
        }
        bail!("{} is not in a checkout of commit-story", place.display())
    }

    /// The text of a file of the checkout.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn text(&self, name: &str) -> Result<String> {
        let path = self.root.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The version in `Cargo.toml`.
    ///
    /// # Errors
    /// There is none, or it is no semantic version.
    pub fn version(&self) -> Result<Version> {
        let text = self.field("version")?;
        Version::parse(&text).with_context(|| format!("cannot understand the version {text} in Cargo.toml"))
    }

    /// The address of the repository, without a slash at its end; the one constant that a fork changes.
    ///
    /// # Errors
    /// `Cargo.toml` has none.
    pub fn repository(&self) -> Result<String> {
        Ok(self.field("repository")?.trim_end_matches('/').to_owned())
    }

    /// The public key that `cargo binstall` checks.
    ///
    /// # Errors
    /// `Cargo.toml` cannot be read.
    pub fn binstall_key(&self) -> Result<Option<String>> {
        let manifest: DocumentMut = self.text("Cargo.toml")?.parse().context("cannot understand Cargo.toml")?;
        let mut place = manifest.as_item();
        for name in ["package", "metadata", "binstall", "signing", "pubkey"] {
            match place.get(name) {
                Some(below) => place = below,
                None => return Ok(None),
            }
        }
        Ok(place.as_str().map(str::to_owned))
    }

    /// A text of `[package]` in `Cargo.toml`.
    ///
    /// # Errors
    /// It is not there.
    pub fn field(&self, name: &str) -> Result<String> {
        let manifest: DocumentMut = self.text("Cargo.toml")?.parse().context("cannot understand Cargo.toml")?;
        let value = manifest.get("package").and_then(|package| package.get(name)).and_then(|value| value.as_str());
        value.map(str::to_owned).with_context(|| format!("Cargo.toml names no {name}"))
    }

    /// What git prints.
    ///
    /// # Errors
    /// Git fails; with its words.
    pub fn git<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String> {
        output(Command::new("git").args(arguments).current_dir(&self.root))
    }

    /// What cargo prints.
    ///
    /// # Errors
    /// Cargo fails; with its words.
    pub fn cargo<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String> {
        output(Command::new(cargo()).args(arguments).current_dir(&self.root))
    }

    /// The instant that everything in a release carries, in seconds since 1970: `SOURCE_DATE_EPOCH`, else the time of the
    /// commit that is checked out.
    ///
    /// # Errors
    /// Neither is a number.
    pub fn epoch(&self) -> Result<i64> {
        let text = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text,
            Err(_) => self.git(&["log", "-1", "--format=%ct"])?,
        };
        text.trim().parse().with_context(|| format!("cannot understand SOURCE_DATE_EPOCH {text:?}"))
    }
}

/// The cargo that runs this program, else the one on `PATH`.
pub fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Standard output of a command, without white space at its end.
///
/// # Errors
/// It cannot be started, or fails; with what it wrote to standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let finished = command.output().with_context(|| format!("cannot start {}", named(command)))?;
    let printed = String::from_utf8_lossy(&finished.stdout);
    ensure!(
        finished.status.success(),
        "{} failed ({}): {}",
        named(command),
        finished.status,
        String::from_utf8_lossy(&finished.stderr).trim()
    );
    Ok(printed.trim_end().to_owned())
}

/// A command as one would type it.
fn named(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
