//! The line in `.git/info/exclude` that keeps a private journal out of commits.
//!
//! In: the file's bytes and the journal's folder. Out: the bytes with our line, or without it.
//! Never here: `.gitignore`, which is the user's and is committed.

use std::path::{Component, Path};

use crate::hook::marked;

/// The bytes with the folder excluded by a marked line of ours; unchanged where the user has the same line.
#[must_use]
pub fn excluding(bytes: &[u8], folder: &Path) -> Vec<u8> {
    let Some(pattern) = pattern(folder) else { return marked::without(bytes) };
    let theirs = marked::without(bytes);
    if theirs.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_end() == pattern.as_bytes()) {
        return theirs;
    }
    let block = format!("{}\n{pattern}\n{}\n", marked::BEGIN, marked::END);
    marked::replaced(bytes, block.as_bytes()).unwrap_or_else(|| marked::with(bytes, bytes.len(), block.as_bytes()))
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
            assert_eq!(String::from_utf8(excluding(bytes.as_bytes(), Path::new("journal"))).unwrap(), expected);
        };
        check("", OURS);
        check("*.log\n", &format!("*.log\n{OURS}"));
        check("*.log", &format!("*.log\n{}", OURS.trim_end()));
        check("/journal/\n", "/journal/\n");
        check(&format!("a\n{}b\n", OURS.replace("journal", "old")), &format!("a\n{OURS}b\n"));
    }

    proptest! {
        #[test]
        fn the_file_comes_back_to_the_byte(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let with = excluding(&bytes, Path::new("journal"));
            prop_assert_eq!(excluding(&with, Path::new("journal")), with.clone());
            prop_assert_eq!(marked::without(&with), bytes);
        }
    }
}
