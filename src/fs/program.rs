//! The files of an installed program: made beside it, and put into its place.
//!
//! In: paths on one file system. Out: the same changes as elsewhere in `fs`, but by the system's own errors, which the
//! caller tells apart, and synced with the directories around them.
//! Never here: which file replaces which.

use std::fs::{File, OpenOptions};
use std::io::Result;
use std::path::Path;

/// A new directory with a name that nobody else has; removed with all that is in it when dropped.
///
/// # Errors
/// The directory around it is not writable.
pub fn stage(around: &Path, prefix: &str) -> Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix(prefix).tempdir_in(around)
}

/// A directory with those around it, as open as the program is; that it is there already is no fault.
///
/// # Errors
/// The directory around it is not writable.
pub fn room(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path)
}

/// A new file, opened for writing.
///
/// # Errors
/// There is one of this name, or the directory is not writable.
pub fn create(path: &Path) -> Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Whether files can be made in a directory, and replaced.
#[must_use]
pub fn is_writable(dir: &Path) -> bool {
    #[cfg(unix)]
    let writable = rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    #[cfg(not(unix))]
    let writable = tempfile::tempfile_in(dir).is_ok();
    writable
}

/// Gives a file the permissions of another, and its owner and group, as far as we may.
///
/// # Errors
/// One of them is not there, or the permissions cannot be set.
pub fn liken(path: &Path, model: &Path) -> Result<()> {
    let meta = std::fs::metadata(model)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
        let own = std::fs::metadata(path)?;
        if (own.uid(), own.gid()) != (meta.uid(), meta.gid()) {
            // Only root may give files away; a group that is not ours is not kept then.
            let _ = chown(path, Some(meta.uid()), Some(meta.gid())).or_else(|_| chown(path, None, Some(meta.gid())));
        }
        // After the owner: the system takes some bits away when that changes. Whom it runs as is never taken over.
        std::fs::set_permissions(path, PermissionsExt::from_mode(meta.permissions().mode() & 0o777))?;
    }
    #[cfg(not(unix))]
    std::fs::set_permissions(path, meta.permissions())?;
    Ok(())
}

/// Another name for a file, or where the file system knows no such thing, a copy; what had that name is gone.
///
/// # Errors
/// The file is not there, or the directory is not writable.
pub fn duplicate(from: &Path, to: &Path) -> Result<()> {
    if std::fs::symlink_metadata(to).is_ok() {
        std::fs::remove_file(to)?;
    }
    if std::fs::hard_link(from, to).is_err() {
        std::fs::copy(from, to)?;
        settle(to)?;
    }
    Ok(())
}

/// Renames, replacing what has the name; by the system's own error.
///
/// # Errors
/// As the system says.
pub fn shift(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)
}

/// Waits until a file is on the disk.
///
/// # Errors
/// It cannot be opened, or the disk fails.
pub fn settle(path: &Path) -> Result<()> {
    // Windows syncs only what is open for writing.
    OpenOptions::new().read(true).write(cfg!(windows)).open(path)?.sync_all()
}

/// Waits until the names in a directory are on the disk. Windows has nothing to wait for.
///
/// # Errors
/// It cannot be opened, or the disk fails.
pub fn settle_dir(dir: &Path) -> Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// Removes a directory with all that is in it, as far as it can be removed.
pub fn clear(dir: &Path) {
    let _ = std::fs::remove_dir_all(dir);
}

/// Removes what lies in a directory under names with this beginning, as far as it can be removed.
pub fn sweep(dir: &Path, prefix: &str) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if !entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()) {
            continue;
        }
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let _ = if is_dir { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_file_is_likened_to_another_but_never_runs_as_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        for path in [&old, &new] {
            create(path).unwrap();
        }
        std::fs::set_permissions(&old, PermissionsExt::from_mode(0o4750)).unwrap();
        liken(&new, &old).unwrap();
        assert_eq!(std::fs::metadata(&new).unwrap().mode() & 0o7777, 0o750);
    }

    #[test]
    fn a_second_name_survives_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two, new) = (dir.path().join("one"), dir.path().join("two"), dir.path().join("new"));
        std::fs::write(&one, "old").unwrap();
        std::fs::write(&two, "in the way").unwrap();
        duplicate(&one, &two).unwrap();
        std::fs::write(&new, "new").unwrap();
        shift(&new, &one).unwrap();
        assert_eq!((std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap()), (b"new".to_vec(), b"old".to_vec()));
    }

    #[test]
    fn only_what_begins_so_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("stage-1/deep")).unwrap();
        std::fs::write(dir.path().join("stage-2"), "").unwrap();
        std::fs::write(dir.path().join("state.json"), "").unwrap();
        sweep(dir.path(), "stage-");
        assert_eq!(crate::fs::names(dir.path()).unwrap(), ["state.json"]);
    }
}
