//! Where Aider's own configuration, `.aider.conf.yml`, says that its histories lie.
//!
//! In: a directory that may hold one. Out: paths. Never here: any other setting, such as keys, or an opened file where
//! there is no such configuration.
//!
//! Aider reads that of the home directory and that at the top of the work tree, and takes relative paths from where it runs,
//! which is the top. What lies in a repository is foreign: it may name files of that repository and no others.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chat::place;
use crate::config::yaml::{self, Node};

const NAME: &str = ".aider.conf.yml";

/// A larger one is nobody's configuration.
const LARGEST: u64 = 64 * 1024;

/// How far above a work tree is looked for the home directory's.
const ABOVE: usize = 32;

const CHAT: &str = "chat-history-file";
const INPUT: &str = "input-history-file";

/// The file that the configuration in a directory names; none when there is no such configuration, or it is not understood.
fn named(directory: &Path, setting: &str) -> Option<String> {
    let file = directory.join(NAME);
    fs::metadata(&file).ok().filter(fs::Metadata::is_file)?;
    let bytes = crate::fs::read(&file, LARGEST).ok()??;
    let Node::Map(settings) = yaml::parse(std::str::from_utf8(&bytes).ok()?).ok()? else { return None };
    settings.into_iter().find_map(|(name, value)| match value {
        Node::Text(file) if name == setting => Some(file),
        _ => None,
    })
}

/// The chat history that a work tree's own configuration names.
pub(super) fn chat(root: &Path) -> Option<PathBuf> {
    within(root, &named(root, CHAT)?)
}

/// The chat history that the user's configuration names; a relative path lies below the top of any work tree.
pub(super) fn chat_of_user(home: &Path) -> Option<PathBuf> {
    named(home, CHAT).map(PathBuf::from)
}

/// The input history for a work tree: as its own configuration says, or the nearest above, where the home directory is.
pub(super) fn input(root: &Path) -> Option<PathBuf> {
    let own = named(root, INPUT).and_then(|file| within(root, &file));
    own.or_else(|| {
        let mut above = root.ancestors().skip(1).take(ABOVE);
        Some(root.join(above.find_map(|directory| named(directory, INPUT))?))
    })
}

/// A path below the root, unless it leads out of it, also by a link.
fn within(root: &Path, path: &str) -> Option<PathBuf> {
    let file = root.join(path);
    let roots = [root.to_owned()];
    let real = [crate::fs::canonical(root)];
    (place::inside(&file, &roots) && place::inside(&crate::fs::canonical(&file), &real)).then_some(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    fn directory(configuration: impl AsRef<[u8]>) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(NAME), configuration).unwrap();
        directory
    }

    #[test]
    fn a_work_trees_own_configuration_names_files_of_the_work_tree_only() {
        #[track_caller]
        fn check(configuration: &str, expected: Option<&str>) {
            let root = directory(configuration);
            fs::write(root.path().join("history.md"), "").unwrap();
            #[cfg(unix)]
            std::os::unix::fs::symlink("/etc", root.path().join("link")).unwrap();
            assert_eq!(chat(root.path()), expected.map(|file| root.path().join(file)), "{configuration}");
        }
        check("# mine\nmodel: x\nchat-history-file: history.md\n", Some("history.md"));
        check("chat-history-file: ./.aider/chat.md", Some("./.aider/chat.md"));
        check("chat-history-file: ../history.md", None);
        check("chat-history-file: a/../../history.md", None);
        check("chat-history-file: /etc/passwd", None);
        #[cfg(unix)]
        check("chat-history-file: link/passwd", None);
        check("chat-history-file: [history.md]", None);
        check("chat-history-file:\n", None);
        check("", None);
        check("chat-history-file: {", None);
        check(&format!("chat-history-file: history.md\ntower: {}", "[".repeat(60_000)), None);
        check(&format!("chat-history-file: history.md\n# {}", "x".repeat(64 * 1024)), None);
    }

    #[test]
    fn the_users_own_configuration_names_any_file() {
        let home = directory("chat-history-file: /var/history.md\ninput-history-file: .aider/input");
        assert_eq!(chat_of_user(home.path()), Some(PathBuf::from("/var/history.md")));
        let root = home.path().join("code/app");
        fs::create_dir_all(&root).unwrap();
        assert_eq!(input(&root), Some(root.join(".aider/input")));
        fs::write(root.join(NAME), "input-history-file: own").unwrap();
        assert_eq!(input(&root), Some(root.join("own")));
        fs::write(root.join(NAME), "input-history-file: /etc/passwd").unwrap();
        assert_eq!(input(&root), Some(root.join(".aider/input")));
        assert_eq!(chat_of_user(&root), None);
    }

    proptest! {
        #[test]
        fn no_configuration_makes_it_panic(lines in "((chat-history-file|input-history-file|&a|\\*a|<<)?: ?[\\[{\"'*&|>-]{0,2}\\PC{0,4}\n){0,6}") {
            let root = directory(lines);
            chat(root.path());
            input(root.path());
        }
    }
}
