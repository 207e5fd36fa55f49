//! The files of an earlier program's journal.
//!
//! In: a folder or a file. Out: the files that are journals by their place or name, and what was left out and why.
//! Never here: a link followed, a pipe waited for, or a walk without an end.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;

use super::summary;
use crate::fs;
use crate::markdown::marker;
use crate::markdown::parse::day_of_title;

/// The largest file that is read; a month of the busiest journal that was seen has a twentieth of it.
const FILE_LIMIT: u64 = 8 << 20;

/// How deep folders are looked through, below the one that was named.
const DEPTH: usize = 8;

/// The most names that are looked at, of files and folders together.
const NAMES: usize = 100_000;

/// Who wrote a file, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A day of the Python program.
    Python,
    /// Entries, reflections or contexts of the JavaScript program.
    JavaScript,
    /// A summary of either.
    Summary,
    /// Neither its place nor its name says.
    Unknown,
}

/// A file of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFile {
    /// Where it is.
    pub path: PathBuf,
    /// Where it is below the folder that is imported, `/`-separated.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The day, or the last day of the period, that its name tells.
    pub day: Option<NaiveDate>,
}

/// Something that is not, or not in full, where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `FILE`, or `FILE:LINE`.
    pub place: String,
    /// Why.
    pub why: String,
    /// The day on whose page it is kept instead; `None` when it was not imported.
    pub kept_on: Option<NaiveDate>,
}

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The journal's files, by name.
    pub files: Vec<JournalFile>,
    /// What is none, or may not be read.
    pub left_out: Vec<LeftOut>,
}

/// Looks for the files of a journal: `root` itself, or all below it.
///
/// # Errors
/// There is no such file or folder, or it holds more than any journal.
pub fn find(root: &Path) -> Result<Found> {
    let meta = std::fs::metadata(root).with_context(|| format!("cannot import {}", root.display()))?;
    let mut found = Found::default();
    if meta.is_dir() {
        let mut seen = 0;
        walk(root, &mut Vec::new(), &mut seen, &mut found)?;
    } else {
        let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.files.push(file(root, root, name));
    }
    Ok(found)
}

fn walk(root: &Path, below: &mut Vec<String>, seen: &mut usize, found: &mut Found) -> Result<()> {
    let dir = below.iter().fold(root.to_owned(), |dir, name| dir.join(name));
    let entries = std::fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))?;
    let entries: Vec<_> = entries.flatten().take(NAMES + 1).collect();
    *seen += entries.len();
    if *seen > NAMES {
        bail!("cannot import {}: it holds more than {NAMES} files and folders", root.display());
    }
    let mut names: Vec<_> = entries.iter().map(std::fs::DirEntry::file_name).collect();
    names.sort();
    for name in names {
        let path = dir.join(&name);
        let name = name.to_string_lossy().into_owned();
        let is_page = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("md"));
        let Ok(kind) = path.symlink_metadata().map(|meta| meta.file_type()) else { continue };
        let place = || below.iter().map(String::as_str).chain([&*name]).collect::<Vec<_>>().join("/");
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            if below.len() >= DEPTH {
                found.left_out.push(left_out(place(), "a folder too deep to look into"));
                continue;
            }
            below.push(name);
            let listed = walk(root, below, seen, found);
            below.pop();
            listed?;
        } else if is_page && kind.is_file() {
            let file = file(root, &path, place());
            if file.kind == Kind::Unknown && file.day.is_none() {
                found.left_out.push(left_out(file.name, "not the name of a journal's file"));
            } else {
                found.files.push(file);
            }
        } else if is_page {
            found.left_out.push(left_out(place(), "not a regular file; links are not followed"));
        }
    }
    Ok(())
}

fn left_out(place: String, why: &str) -> LeftOut {
    LeftOut { place, why: why.to_owned(), kept_on: None }
}

/// What a file is, by the folders it lies in and by its name. The folders above the imported one count, too: somebody
/// may import a month of entries.
fn file(root: &Path, path: &Path, name: String) -> JournalFile {
    const SUMMARIES: [&str; 6] = ["summaries", "weekly", "monthly", "quarterly", "yearly", "annual"];
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let above = fs::canonical(root);
    let folders = path.strip_prefix(root).ok().and_then(Path::parent).unwrap_or(Path::new(""));
    let near = above.components().rev().take(3).chain(folders.components());
    let folders: Vec<String> = near
        .map(|part| part.as_os_str().to_string_lossy().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let lies_in = |names: &[&str]| folders.iter().any(|folder| names.contains(&folder.as_str()));
    let kind = if lies_in(&SUMMARIES) || stem.ends_with("-summary") {
        Kind::Summary
    } else if lies_in(&["daily"]) || stem.ends_with("-journal") {
        Kind::Python
    } else if lies_in(&["entries", "reflections", "context"]) {
        Kind::JavaScript
    } else {
        Kind::Unknown
    };
    JournalFile { path: path.to_owned(), name, kind, day: summary::last_day(&stem) }
}

/// The text of a file; bytes that are no UTF-8 are replaced.
///
/// # Errors
/// It cannot be read, is too large, or is a page of commit-story's own.
pub fn read(file: &JournalFile) -> Result<String> {
    let bytes = fs::read(&file.path, FILE_LIMIT)?.with_context(|| format!("{} is gone", file.path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // An old text may show what our pages look like: only the title and an entry together make one.
    if day_of_title(text).is_some() && !marker::spans(text.as_bytes()).is_empty() {
        bail!("a page of commit-story's own journal");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "text").unwrap();
        }
        dir
    }

    #[test]
    fn a_file_is_known_by_its_folder_or_its_name() {
        let dir = folder(&[
            "journal/daily/2025-07-21-journal.md",
            "journal/summaries/daily/2025-07-17-summary.md",
            "journal/entries/2025-10/2025-10-30.md",
            "journal/reflections/2025-10/2025-10-30.md",
            "weekly/2026-W40.md",
            "2025-10-30.md",
            "README.md",
            ".git/2025-10-30.md",
            "journal/entries/2025-10/data.json",
        ]);
        let found = find(dir.path()).unwrap();
        let told: Vec<_> = found.files.iter().map(|file| (file.name.as_str(), file.kind)).collect();
        assert_eq!(
            told,
            [
                ("2025-10-30.md", Kind::Unknown),
                ("journal/daily/2025-07-21-journal.md", Kind::Python),
                ("journal/entries/2025-10/2025-10-30.md", Kind::JavaScript),
                ("journal/reflections/2025-10/2025-10-30.md", Kind::JavaScript),
                ("journal/summaries/daily/2025-07-17-summary.md", Kind::Summary),
                ("weekly/2026-W40.md", Kind::Summary),
            ]
        );
        assert_eq!(found.left_out, [left_out("README.md".to_owned(), "not the name of a journal's file")]);
        let month = find(&dir.path().join("journal/entries/2025-10")).unwrap();
        assert_eq!((month.files[0].kind, month.files[0].name.as_str()), (Kind::JavaScript, "2025-10-30.md"));
        assert!(find(&dir.path().join("absent")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_are_left_out_and_depth_is_bounded() {
        let deep = format!("{}2025-10-30.md", "a/".repeat(DEPTH + 1));
        let dir = folder(&["entries/2025-10-30.md", &deep]);
        std::os::unix::fs::symlink(dir.path(), dir.path().join("entries/loop")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("entries/2025-10-31.md")).unwrap();
        let pipe = dir.path().join("entries/2025-11-01.md");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let found = find(dir.path()).unwrap();
        assert_eq!(found.files.len(), 1);
        let places: Vec<_> = found.left_out.iter().map(|left| left.place.as_str()).collect();
        assert_eq!(places, ["a/a/a/a/a/a/a/a/a", "entries/2025-10-31.md", "entries/2025-11-01.md"]);
        assert!(read(&file(dir.path(), &pipe, "x".to_owned())).is_err(), "a pipe that is named is not waited for");
    }

    #[test]
    fn broken_text_is_read_and_our_own_pages_are_not() {
        let dir = folder(&["2025-10-30.md"]);
        let found = find(&dir.path().join("2025-10-30.md")).unwrap();
        std::fs::write(&found.files[0].path, b"\xef\xbb\xbfcaf\xe9").unwrap();
        assert_eq!(read(&found.files[0]).unwrap(), "caf\u{fffd}");
        let entry = "<!-- commit-story:entry x";
        std::fs::write(&found.files[0].path, format!("a sample:\n{entry}")).unwrap();
        assert!(read(&found.files[0]).unwrap().ends_with(entry));
        std::fs::write(&found.files[0].path, format!("# Tuesday, 6 January 2026\n\n{entry}")).unwrap();
        assert!(read(&found.files[0]).unwrap_err().to_string().contains("own journal"));
    }
}
