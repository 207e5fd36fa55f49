//! The line in `.git/info/exclude` that keeps a private journal out of commits.
//!
//! In: the file's bytes, or the file, and the journal's folders. Out: the bytes with our lines, or without them.
//! Never here: `.gitignore`, which is the user's and is committed.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use super::plan::{Action, Plan, apply};
use crate::fs;
use crate::hook::marked;

/// More than anybody's exclude file has.
const LARGEST: u64 = 1 << 20;
/// The bits of a new exclude file.
const READABLE: u32 = 0o644;

/// Has git ignore a folder below the top of the work tree, besides what it ignores for us already.
///
/// # Errors
/// The file cannot be read or written.
pub fn hide(common_dir: &Path, folder: &Path) -> Result<()> {
    let path = common_dir.join("info/exclude");
    let old = fs::read(&path, LARGEST)?;
    let bytes = old.as_deref().unwrap_or_default();
    let mut folders = excluded(bytes);
    folders.push(folder.to_owned());
    let new = excluding(bytes, &folders, excluded_file(bytes).as_deref());
    if new == bytes {
        return Ok(());
    }
    let mut plan = Plan::default();
    let mode = old.is_none().then_some(READABLE);
    plan.step("keep the journal out of commits", Action::Write { path, bytes: new, mode });
    apply(&plan)
}

/// The bytes with the folders, and a file at the top, excluded by marked lines of ours, none of which the user has
/// already.
#[must_use]
pub fn excluding(bytes: &[u8], folders: &[PathBuf], file: Option<&str>) -> Vec<u8> {
    let theirs = marked::without(bytes);
    let has =
        |pattern: &str| theirs.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_end() == pattern.as_bytes());
    let mut patterns: Vec<String> = Vec::new();
    let file = file.map(|name| format!("/{name}"));
    for pattern in folders.iter().filter_map(|folder| pattern(folder)).chain(file) {
        if !has(&pattern) && !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    if patterns.is_empty() {
        return theirs;
    }
    let block = format!("{}\n{}\n{}\n", marked::BEGIN, patterns.join("\n"), marked::END);
    marked::replaced(bytes, block.as_bytes()).unwrap_or_else(|| marked::with(bytes, bytes.len(), block.as_bytes()))
}

/// The folders that our lines exclude.
#[must_use]
pub fn excluded(bytes: &[u8]) -> Vec<PathBuf> {
    ours(bytes).iter().filter(|line| line.ends_with('/')).filter_map(|line| folder(line)).collect()
}

/// The file at the top that they exclude.
fn excluded_file(bytes: &[u8]) -> Option<String> {
    let lines = ours(bytes);
    Some(lines.iter().find(|line| line.starts_with('/') && !line.ends_with('/'))?[1..].to_owned())
}

fn ours(bytes: &[u8]) -> Vec<String> {
    let block = marked::find(bytes).map(|range| String::from_utf8_lossy(&bytes[range]).into_owned());
    block.unwrap_or_default().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// The opposite of [`pattern`].
fn folder(pattern: &str) -> Option<PathBuf> {
    let mut name = String::new();
    let mut characters = pattern.strip_prefix('/')?.trim_end_matches('/').chars();
    while let Some(character) = characters.next() {
        name.push(if character == '\\' { characters.next()? } else { character });
    }
    Some(PathBuf::from(name))
}

/// The folder as a pattern of gitignore(5): from the top of the work tree, the directory only, nothing special in it.
/// `None` for a folder outside the work tree, which git does not see anyway.
fn pattern(folder: &Path) -> Option<String> {
    let mut pattern = String::from("/");
    for component in folder.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => {
                for character in name.to_str()?.chars() {
                    if matches!(character, '*' | '?' | '[' | ']' | '\\') {
                        pattern.push('\\');
                    }
                    pattern.push(character);
                }
                pattern.push('/');
            }
            _ => return None,
        }
    }
    (pattern.len() > 1 && !pattern.contains(['\n', '\r'])).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: &str = "# >>> commit-story >>>\n/journal/\n# <<< commit-story <<<\n";

    #[test]
    fn a_folder_becomes_a_pattern_that_means_only_it() {
        let check = |folder: &str, expected: Option<&str>| assert_eq!(pattern(Path::new(folder)).as_deref(), expected);
        check("journal", Some("/journal/"));
        check("./docs/my journal/", Some("/docs/my journal/"));
        check("a*b[1]", Some("/a\\*b\\[1\\]/"));
        check("/elsewhere", None);
        check("../sibling", None);
        check(".", None);
    }

    #[test]
    fn the_users_own_lines_stay_and_are_not_doubled() {
        let check = |bytes: &str, expected: &str| {
            assert_eq!(String::from_utf8(excluding(bytes.as_bytes(), &["journal".into()], None)).unwrap(), expected);
        };
        check("", OURS);
        check("*.log\n", &format!("*.log\n{OURS}"));
        check("*.log", &format!("*.log\n{}", OURS.trim_end()));
        check("/journal/\n", "/journal/\n");
        check(&format!("a\n{}b\n", OURS.replace("journal", "old")), &format!("a\n{OURS}b\n"));
    }

    #[test]
    fn several_folders_are_excluded_and_read_back() {
        let folders: Vec<PathBuf> = vec!["docs/a*b[1]".into(), "./old".into(), "old/".into(), "/elsewhere".into()];
        let bytes = excluding(b"*.log\n", &folders, Some("one.yml"));
        assert_eq!(excluded_file(&bytes).as_deref(), Some("one.yml"));
        assert_eq!(excluded(&bytes), [PathBuf::from("docs/a*b[1]"), PathBuf::from("old")]);
        assert_eq!(excluded(b"/theirs/\n"), Vec::<PathBuf>::new());
        assert_eq!(marked::without(&bytes), b"*.log\n");
    }

    proptest! {
        #[test]
        fn the_file_comes_back_to_the_byte(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let with = excluding(&bytes, &["journal".into()], None);
            prop_assert_eq!(excluding(&with, &["journal".into()], None), with.clone());
            prop_assert_eq!(marked::without(&with), bytes);
        }
    }
}
