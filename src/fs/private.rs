//! Files and directories that only their owner may read.
//!
//! In: paths and bytes. Out: bytes on the disk, mode 0600 in directories of mode 0700.
//! Never here: a file that anybody else may read, or a wait for whoever is at the other end of a pipe.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// Whether only its owner can read a file. Where there are no permission bits, the directory's rules hold.
///
/// # Errors
/// There is no such file, or nothing can be learnt of it.
pub fn is_private(path: &Path) -> std::io::Result<bool> {
    let meta = std::fs::metadata(path)?;
    // None of the six bits of the group and of others.
    #[cfg(unix)]
    let is_private = std::os::unix::fs::PermissionsExt::mode(&meta.permissions()).trailing_zeros() >= 6;
    #[cfg(not(unix))]
    let is_private = meta.is_file();
    Ok(is_private)
}

/// Creates a directory and its parents, each readable by its owner only.
///
/// # Errors
/// A parent is not writable or is no directory.
pub fn create_private_dir(path: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("cannot create the directory {}", path.display()))
}

/// Options for a file that only its owner may read.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    nonblocking(&mut options);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Appends a line to a private file in one write, so that concurrent writers never mix within a line. Where a full disk
/// has cut the last one off, the new one begins a line all the same.
///
/// # Errors
/// The directory is missing or not writable, or the disk is full.
pub fn append(path: &Path, line: &[u8]) -> Result<()> {
    let attempt = || -> std::io::Result<()> {
        let mut file = options().read(true).append(true).create(true).open(path)?;
        let mut last = *b"\n";
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        let start: &[u8] = if last == *b"\n" { b"" } else { b"\n" };
        file.write_all(&[start, line].concat())
    };
    attempt().with_context(|| format!("cannot append to {}", path.display()))
}

/// Writes a small private file in one go, without syncing it: a kill leaves it whole or empty, a power cut perhaps
/// empty. For what its reader can do without.
///
/// # Errors
/// The directory is missing or not writable, or the disk is full.
pub fn jot(path: &Path, bytes: &[u8]) -> Result<()> {
    let attempt = || options().write(true).create(true).truncate(true).open(path)?.write_all(bytes);
    attempt().with_context(|| format!("cannot write {}", path.display()))
}

/// For regular files this changes nothing.
pub(super) fn nonblocking(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    if let Ok(flag) = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()) {
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flag);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_never_glued_to_one_that_was_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lines");
        append(&path, b"one\n").unwrap();
        append(&path, b"tor").unwrap();
        append(&path, b"two\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one\ntor\ntwo\n");
    }
}
