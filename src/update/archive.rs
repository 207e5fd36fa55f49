//! A release's archive: who signed it, and the one file in it that matters.
//!
//! In: an archive under its own name. Out: the program in it, as a file of its own.
//! Never here: a path that the archive chooses: the file must have exactly the program's name, lie at the top, be a regular
//! one, and be there once.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use self_update::Extract;

use super::keys;
use super::stop::Stop;
use crate::fs;

/// The most that an archive may become when it is unpacked, and the most files in it.
const MOST_BYTES: u64 = 256 << 20;
const MOST_FILES: usize = 1_000;

/// Takes the program out of an archive that one of our keys has signed for the archive's own name.
///
/// # Errors
/// None has, or the program is not in it as it should be.
pub(super) fn program(archive: &Path, into: &Path, name: &str) -> Result<PathBuf> {
    signed(archive)?;
    let count = count(archive, name)?;
    let shown = archive.file_name().unwrap_or_default().to_string_lossy();
    if count != 1 {
        let message = format!("{shown} holds {count} files {name} where there should be one");
        return Err(Stop::unverified(message).into());
    }
    Extract::from_source(archive).extract_file(into, name).with_context(|| format!("cannot unpack {shown}"))?;
    Ok(into.join(name))
}

/// zipsign signs a file for its name: under another one the signature is void.
fn signed(archive: &Path) -> Result<(), Stop> {
    let keys = keys::bare();
    // Without keys `verify_signature` finds everything well.
    if keys.is_empty() {
        return Err(Stop::unverified("this program knows no key that a release could be signed by"));
    }
    self_update::verify_signature(archive, &keys).map_err(|_| {
        let name = archive.file_name().unwrap_or_default().to_string_lossy();
        Stop::unverified(format!("{name} is not signed by a key that this program trusts"))
    })
}

/// How many files an archive has under that name, `./` before it or not.
fn count(archive: &Path, name: &str) -> Result<usize> {
    let broken = |error: std::io::Error| Stop::unverified(format!("the archive cannot be read: {error}"));
    let file = fs::open(archive).map_err(broken)?;
    let mut tar = tar::Archive::new(std::io::Read::take(GzDecoder::new(file), MOST_BYTES));
    let mut count = 0;
    for (nth, entry) in tar.entries().map_err(broken)?.enumerate() {
        let entry = entry.map_err(broken)?;
        if nth >= MOST_FILES {
            return Err(Stop::unverified(format!("the archive has more than {MOST_FILES} files")).into());
        }
        let path = entry.path().map_err(broken)?;
        if path.strip_prefix(".").unwrap_or(&path) != Path::new(name) {
            continue;
        }
        if !entry.header().entry_type().is_file() || &*entry.path_bytes() != name.as_bytes() {
            return Err(Stop::unverified(format!("{name} is not a regular file in the archive")).into());
        }
        count += 1;
    }
    Ok(count)
}
