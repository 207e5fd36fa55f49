//! The files of a release, as they lie in one directory.
//!
//! In: the directory. Out: its version, its archives, the hashes of all; reading and writing of one file.
//! Never here: a file that is half written, or a mode but 0644.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use commit_story::chat::fingerprint::hexadecimal;
use commit_story::update::names;
use sha2::{Digest as _, Sha256};

/// A directory with a release's files.
pub struct Assets {
    /// The directory.
    pub dir: PathBuf,
    /// What it releases.
    pub version: String,
}

impl Assets {
    /// The files of `version` in `dir`.
    pub fn of(dir: &Path, version: &str) -> Self {
        Self { dir: dir.to_owned(), version: version.to_owned() }
    }

    /// The files in `dir`, whose names tell the version.
    ///
    /// # Errors
    /// There is no archive, or there are archives of two versions.
    pub fn found(dir: &Path) -> Result<Self> {
        let mut versions = Vec::new();
        for name in listed(dir)? {
            versions.extend(names::TARGETS.iter().filter_map(|target| {
                let version = name.strip_suffix(&format!("-{target}.tar.gz"))?.strip_prefix("commit-story-")?;
                Some(version.to_owned())
            }));
        }
        versions.sort();
        versions.dedup();
        ensure!(versions.len() == 1, "{} holds archives of {} versions, not of one", dir.display(), versions.len());
        Ok(Self::of(dir, &versions[0]))
    }

    /// Every file's name, sorted.
    ///
    /// # Errors
    /// The directory cannot be read, or holds something else than files.
    pub fn names(&self) -> Result<Vec<String>> {
        listed(&self.dir)
    }

    /// The archives that are there, in the table's order, with their targets.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn archives(&self) -> Result<Vec<(&'static str, String)>> {
        let there = self.names()?;
        let all = names::TARGETS.iter().map(|target| (*target, names::archive(&self.version, target)));
        Ok(all.filter(|(_, name)| there.contains(name)).collect())
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.dir.join(name);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// A file's text.
    ///
    /// # Errors
    /// It cannot be read, or is no text.
    pub fn text(&self, name: &str) -> Result<String> {
        String::from_utf8(self.read(name)?).with_context(|| format!("{name} is not text"))
    }

    /// Writes a file, whole or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(name);
        place(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// The hash of every file that [`names::SUMS`] vouches for: all but itself and its signatures.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn hashes(&self) -> Result<BTreeMap<String, String>> {
        let own = [names::SUMS, names::SUMS_MINISIG, names::SUMS_SSHSIG];
        let names = self.names()?.into_iter().filter(|name| !own.contains(&name.as_str()));
        names.map(|name| Ok((name.clone(), sha256(&self.read(&name)?)))).collect()
    }

    /// The same as `sha256sum` writes it.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn sums(&self) -> Result<String> {
        Ok(written(&self.hashes()?))
    }
}

/// Hashes by name, as `sha256sum` writes them.
pub fn written(hashes: &BTreeMap<String, String>) -> String {
    hashes.iter().fold(String::new(), |sums, (name, hash)| sums + &format!("{hash}  {name}\n"))
}

/// The SHA-256 of bytes, in digits.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes).as_slice())
}

fn place(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().context("it has no directory")?;
    fs::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    file.persist(path)?;
    Ok(())
}

fn listed(dir: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        ensure!(entry.file_type()?.is_file(), "{name} in {} is not a file", dir.display());
        found.push(name);
    }
    found.sort();
    Ok(found)
}
