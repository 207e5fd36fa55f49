//! What a repository's own file may say.
//!
//! In: a setting from `.commit-story.yaml`, which anybody may have committed. Out: why it is refused, if it is.
//! Never here: trust by default: a path stays inside the repository, and privacy is tightened, never loosened.

use std::path::{Component, Path};

use super::keys::{Key, Trust};
use super::setting::Setting;
use crate::fs;

/// What the names of branches begin with that a repository's file may have us write: not `main`.
const OURS: &str = "commit-story/";

/// Why a repository's file may not set this, as a sentence that follows the key; `None` if it may.
///
/// `top` is the top of the main work tree; `by_user` is what the user's own file says about the same key.
#[must_use]
pub fn refusal(key: &Key, setting: &Setting, top: &Path, by_user: Option<&Setting>) -> Option<String> {
    let instead = "set it in your own config.yaml, a variable or a flag instead";
    match (key.trust, setting) {
        (Trust::Free, _) | (Trust::Never | Trust::Ours, Setting::Nowhere) => None,
        (Trust::Ours, Setting::Branch(name)) => {
            let reason = format!("a repository's file may only name a branch that begins with {OURS}; {instead}");
            (!name.starts_with(OURS)).then_some(reason)
        }
        (Trust::Never, _) => Some(format!("a repository's file may not set it; {instead}")),
        (Trust::Towards(safe), Setting::Flag(value)) => {
            let loosened = *value != safe && by_user == Some(&Setting::Flag(safe));
            loosened.then(|| format!("a repository's file may not undo your own {safe}; {instead}"))
        }
        (Trust::Inside, Setting::Path(folder)) => {
            journal_folder_allowed(top, folder).err().map(|reason| format!("{reason}; {instead}"))
        }
        (Trust::Towards(_) | Trust::Inside | Trust::Ours, _) => Some("it has another type".to_owned()),
    }
}

/// Whether a folder named by a repository's file lies inside the repository and outside git's own directory.
///
/// The answer holds for the disk as it is now: a writer that must be sure asks again when it writes.
///
/// # Errors
/// Why not, as a sentence.
pub fn journal_folder_allowed(top: &Path, folder: &str) -> Result<(), String> {
    // Backslashes and drive letters, too: the same file is read on Windows.
    let drive = folder.as_bytes().get(1) == Some(&b':');
    if folder.starts_with(['/', '\\', '~']) || drive || Path::new(folder).is_absolute() {
        return Err("a repository's file may not name a folder outside the repository".to_owned());
    }
    for part in folder.split(['/', '\\']) {
        // File systems that ignore case, trailing dots and spaces, or know short names find `.git` under these, too.
        let name = part.split(':').next().unwrap_or(part).trim_end_matches(['.', ' ']);
        if part == ".." {
            return Err("a repository's file may not use .. in a folder".to_owned());
        }
        if name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1") {
            return Err("the folder may not lie in .git".to_owned());
        }
    }
    follows_no_link_out(top, Path::new(folder))
}

/// Walks down the folder as far as it exists. Where a part is a link, the place it leads to must be in the repository.
fn follows_no_link_out(top: &Path, folder: &Path) -> Result<(), String> {
    let mut place = top.to_owned();
    for part in folder.components() {
        place.push(part);
        let Ok(meta) = std::fs::symlink_metadata(&place) else { break };
        if !meta.is_symlink() {
            continue;
        }
        let real = dunce::canonicalize(&place).map_err(|_| "the folder is a link that leads nowhere".to_owned())?;
        let inside = real.strip_prefix(fs::canonical(top)).ok();
        let in_git = |path: &Path| path.components().any(|part| part == Component::Normal(".git".as_ref()));
        if inside.is_none_or(in_git) {
            return Err("the folder is a link that leads out of the repository".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stays_inside_the_repository() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        std::fs::create_dir_all(top.join("docs")).unwrap();
        let check = |folder: &str, allowed: bool| {
            assert_eq!(journal_folder_allowed(top, folder).is_ok(), allowed, "{folder:?}");
        };
        for folder in ["journal", "docs/journal", "./journal/", "a..b", ".github/journal", "new/deep/one", "gitfolder"]
        {
            check(folder, true);
        }
        for folder in ["/etc", "~/x", "~root", "../x", "a/../../x", "a/..", "C:\\x", "\\\\host\\x", "a\\..\\x"] {
            check(folder, false);
        }
        for folder in [".git", ".git/hooks", "a/.GIT/x", ".git./x", ".git /x", "GIT~1", ".git::$INDEX_ALLOCATION"] {
            check(folder, false);
        }
    }

    #[test]
    fn a_branch_is_one_of_ours() {
        let key = &super::super::keys::KEYS[super::super::keys::position("journal.branch").unwrap()];
        let refused = |name: &str| refusal(key, &Setting::Branch(name.to_owned()), Path::new("/"), None).is_some();
        assert!(refused("main") && refused("commit-story") && !refused("commit-story/journal"));
        assert_eq!(refusal(key, &Setting::Nowhere, Path::new("/"), None), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_lead_around_the_repository_but_not_out_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().join("repo");
        std::fs::create_dir_all(top.join("docs")).unwrap();
        std::fs::create_dir_all(top.join(".git/hooks")).unwrap();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, top.join(name)).unwrap();
        link("docs", "inner");
        link("..", "outer");
        link(".git/hooks", "hooks");
        link("missing", "dangling");
        let check = |folder: &str, allowed: bool| {
            assert_eq!(journal_folder_allowed(&top, folder).is_ok(), allowed, "{folder:?}");
        };
        check("inner/journal", true);
        check("outer/journal", false);
        check("hooks", false);
        check("dangling/x", false);
    }
}
