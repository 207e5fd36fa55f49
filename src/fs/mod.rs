//! Files: bounded reads, atomic replacement, locked appends, private directories.
//!
//! In: paths and bytes. Out: bytes, or an error that carries the path.
//! Never here: what the bytes mean. Other modules write no file except through these functions.

mod private;

mod lock;

pub mod program;

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Datelike, Utc};

pub use self::lock::Lock;
pub use self::private::{append, create_private_dir, is_private, jot};

/// What the name of a file begins with that is to be renamed over another.
const TEMPORARY: &str = ".commit-story-";

/// Reads a whole file of at most `limit` bytes; `None` if there is no such file.
///
/// # Errors
/// The file cannot be read, is no regular file, or is larger than `limit`.
pub fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let file = match open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot open {}", path.display())),
    };
    let meta = file.metadata().with_context(|| format!("cannot look at {}", path.display()))?;
    if !meta.is_file() {
        bail!("{} is not a regular file", path.display());
    }
    if meta.len() > limit {
        bail!("{} has {} bytes, more than the {limit} allowed", path.display(), meta.len());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    // The file may grow while it is read: the limit holds all the same.
    file.take(limit).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(bytes))
}

/// Whether it failed because the system does not let us.
#[must_use]
pub fn is_denied(error: &anyhow::Error) -> bool {
    let denied = |cause: &std::io::Error| cause.kind() == ErrorKind::PermissionDenied;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(denied))
}

/// Opens a file for reading. A pipe that somebody put in its place is opened, too, without waiting for its other end.
///
/// # Errors
/// There is no such file, or it may not be read.
pub fn open(path: &Path) -> std::io::Result<File> {
    private::nonblocking(OpenOptions::new().read(true)).open(path)
}

/// Replaces a file so that a reader, or a crash at any moment, sees the old content or the new, never half.
///
/// The new content is written beside the target, synced, and renamed over it. A symbolic link is followed, so that a
/// linked page stays linked. The file is readable by its owner only unless the old one was more open.
///
/// # Errors
/// The directory is missing or not writable, or the disk is full.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_as(path, bytes, None, true)
}

/// The same, with these Unix permission bits whatever the old file's were: a hook must be executable, and a file that
/// others are meant to read must not be the owner's alone.
///
/// # Errors
/// The directory is missing or not writable, or the disk is full.
pub fn replace_with_mode(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    replace_as(path, bytes, Some(mode), true)
}

/// The same for content that is made piece by piece, and need not fit into memory.
///
/// # Errors
/// As [`replace`]; or `write` fails, and the old content stays.
pub fn replace_streaming(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let target = canonical(path);
    let dir = target.parent().unwrap_or(Path::new("."));
    let named = || format!("cannot write {}", path.display());
    let file = beside(dir).with_context(named)?;
    let mut out = std::io::BufWriter::new(file);
    write(&mut out)?;
    let finish = || -> std::io::Result<()> {
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        if let Some(permissions) = permissions(&target, None) {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_data()?;
        persist(file, &target)
    };
    finish().with_context(named)
}

/// The same without waiting for the disk, for what its reader can do without: after a power cut it is perhaps empty.
///
/// # Errors
/// As [`replace`].
pub fn replace_unsynced(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_as(path, bytes, None, false)
}

fn replace_as(path: &Path, bytes: &[u8], mode: Option<u32>, synced: bool) -> Result<()> {
    let target = canonical(path);
    let dir = target.parent().unwrap_or(Path::new("."));
    let attempt = || -> std::io::Result<()> {
        let mut file = beside(dir)?;
        file.write_all(bytes)?;
        if let Some(permissions) = permissions(&target, mode) {
            file.as_file().set_permissions(permissions)?;
        }
        if synced {
            file.as_file().sync_data()?;
        }
        persist(file, &target)
    };
    attempt().with_context(|| format!("cannot write {}", path.display()))
}

/// The file that will take another one's place. Its name is nobody's concern, and so it stands in no message.
fn beside(dir: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(dir).map_err(|error| {
        let told = error.to_string();
        let why = told.split(" at path ").next().unwrap_or_default();
        std::io::Error::new(error.kind(), format!("cannot make a file beside it: {why}"))
    })
}

/// What a replaced file's permissions shall be; `None` leaves them to the owner alone.
fn permissions(target: &Path, mode: Option<u32>) -> Option<std::fs::Permissions> {
    #[cfg(unix)]
    if let Some(mode) = mode {
        return Some(std::os::unix::fs::PermissionsExt::from_mode(mode));
    }
    let _ = mode;
    std::fs::metadata(target).ok().map(|meta| meta.permissions())
}

/// Whether the system would run the file: on Unix one of its executable bits, elsewhere that it is there. A symbolic
/// link is followed.
#[must_use]
pub fn is_executable(path: &Path) -> bool {
    let Ok(meta) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    let allowed = std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let allowed = true;
    meta.is_file() && allowed
}

/// Moves a file, or a symbolic link as such, within one file system; what stood at `to` is replaced in one step.
///
/// # Errors
/// `from` is not there, or a directory is not writable.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to).with_context(|| format!("cannot move {} to {}", from.display(), to.display()))
}

/// Renames the finished file over the target. Windows refuses while a scanner or an editor holds the target open for
/// a moment, so there the rename is tried a few times.
fn persist(mut file: tempfile::NamedTempFile, target: &Path) -> std::io::Result<()> {
    let mut tries = if cfg!(windows) { 5 } else { 1 };
    loop {
        tries -= 1;
        match file.persist(target) {
            Ok(_) => return Ok(()),
            Err(error) if tries > 0 && error.error.kind() == ErrorKind::PermissionDenied => {
                file = error.file;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error.error),
        }
    }
}

/// Creates a directory and its parents, as open as the user's own files are.
///
/// # Errors
/// A parent is not writable or is no directory.
pub fn create_dir(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot create the directory {}", path.display()))
}

/// A private directory for what is thrown away; removed with all that is in it when dropped.
///
/// # Errors
/// The directory around it cannot be made or written.
pub fn scratch(around: &Path) -> Result<tempfile::TempDir> {
    create_private_dir(around)?;
    let made = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(around);
    made.with_context(|| format!("cannot make a directory in {}", around.display()))
}

/// A private and empty directory outside of everything, for a child that looks around where it is started; removed when
/// dropped.
///
/// # Errors
/// The system's directory for such things cannot be written.
pub fn empty_place() -> Result<tempfile::TempDir> {
    let mut place = tempfile::Builder::new();
    #[cfg(unix)]
    place.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    place.prefix("commit-story-").tempdir().context("cannot make a temporary directory")
}

/// Removes what killed processes left of [`replace`] in a directory. Only for a caller that keeps all others from
/// replacing files there.
pub fn sweep(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    // As `tempfile` names them: six letters or digits after what we say. Other files of ours may begin like that, too.
    let is_temporary = |name: &std::ffi::OsStr| {
        let rest = name.as_encoded_bytes().strip_prefix(TEMPORARY.as_bytes());
        rest.is_some_and(|rest| rest.len() == 6 && rest.iter().all(u8::is_ascii_alphanumeric))
    };
    for entry in entries.flatten().filter(|entry| is_temporary(&entry.file_name())) {
        let _ = std::fs::remove_file(entry.path());
    }
}

/// Moves a file aside as `NAME.1` when it has reached `limit` bytes, replacing an older one.
///
/// # Errors
/// The directory is not writable.
pub fn rotate(path: &Path, limit: u64) -> Result<()> {
    if std::fs::metadata(path).is_ok_and(|meta| meta.len() >= limit) {
        let mut aside = path.as_os_str().to_owned();
        aside.push(".1");
        std::fs::rename(path, &aside).with_context(|| format!("cannot move {} aside", path.display()))?;
    }
    Ok(())
}

/// The names of the files in a directory, sorted; none when there is no such directory.
///
/// # Errors
/// The directory is there and cannot be read.
pub fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot list {}", dir.display())),
    };
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// When a file was written last; one from before 1970 counts as of then. `None` where no time is kept, or one of no
/// calendar: some file systems keep any number.
#[must_use]
pub fn written(meta: &std::fs::Metadata) -> Option<DateTime<Utc>> {
    let since = meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let at = DateTime::from_timestamp(i64::try_from(since.as_secs()).ok()?, since.subsec_nanos())?;
    Some(at).filter(|at| at.year() <= 9999)
}

/// Whether a file was written last at least so long ago; `false` when it is not there.
#[must_use]
pub fn is_older(path: &Path, span: Duration) -> bool {
    let written = std::fs::metadata(path).and_then(|meta| meta.modified());
    written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age >= span))
}

/// Removes a file; that it is not there is no fault.
///
/// # Errors
/// The file is there and cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Removes a directory with all that is in it, following no link; that it is not there is no fault.
///
/// # Errors
/// Something in it cannot be removed.
pub fn remove_dir(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove the directory {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Removes a directory that holds nothing; `false` when it holds something or is no directory. That it is not there is no fault.
///
/// # Errors
/// It is empty and cannot be removed.
pub fn remove_empty_dir(path: &Path) -> Result<bool> {
    match std::fs::remove_dir(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot remove the directory {}", path.display())),
    }
}

/// The path with links and `..` resolved, or the path itself where that cannot be done.
#[must_use]
pub fn canonical(path: &Path) -> PathBuf {
    dunce::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_over_the_limit_is_refused_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap().unwrap(), b"12345");
        let error = read(&path, 4).unwrap_err().to_string();
        assert!(error.contains("big") && error.contains("5 bytes"), "{error}");
        assert!(read(&dir.path().join("absent"), 4).unwrap().is_none());
    }

    #[test]
    fn replacing_leaves_the_new_content_and_no_other_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("page");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_named_and_no_temporary_one() {
        let dir = tempfile::tempdir().unwrap();
        let error = format!("{:#}", replace(&dir.path().join("absent/page"), b"one").unwrap_err());
        assert!(error.contains("page: cannot make a file beside it: ") && !error.contains(TEMPORARY), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(read(&path, 5).unwrap_err().to_string().contains("not a regular file"));
        append(&path, b"line").unwrap_err();
    }

    #[test]
    fn what_a_killed_writer_left_is_swept_away_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".commit-story-aB3xY9", ".commit-story.yaml", "2026-01-06.md"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        sweep(dir.path());
        assert_eq!(names(dir.path()).unwrap(), [".commit-story.yaml", "2026-01-06.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_mode_that_is_asked_for_replaces_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hook");
        replace(&path, b"one").unwrap();
        assert!(!is_executable(&path));
        replace_with_mode(&path, b"two", 0o755).unwrap();
        assert!(is_executable(&path));
        replace(&path, b"three").unwrap();
        assert!(is_executable(&path), "without one the old mode stays");
    }
}
