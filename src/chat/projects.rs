//! Transcripts in directories whose names tell the project: `<place>/<encoded path>/[below/]<file>`.
//!
//! In: such places, and what is wanted. Out: candidates by name and time. Never here: the content of a file.
//!
//! How a path is encoded differs, and is lossy everywhere. So names are compared by their letters and digits only; what
//! the records say decides later. Windows and the Linux inside it spell a path differently, so a root may have two names.

use std::path::{Path, PathBuf};

use super::message::{Assistant, Wanted};
use super::place;
use super::reader::Found;
use super::search::Search;
use super::spelling;
use crate::env::Deadline;

/// How an assistant lays its transcripts out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Whose.
    pub assistant: Assistant,
    /// The directory in a project's directory that holds its transcripts; empty for none.
    pub below: &'static str,
    /// The session's id, from a file's name; `None` where it is no transcript.
    pub id: fn(&str) -> Option<&str>,
}

/// The sessions of the roots' directories and those below, and of files that lie in a place itself; with
/// [`Wanted::thorough`] all recent ones; in any case those that the environment names.
#[must_use]
pub fn find(layout: Layout, places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(layout.assistant, wanted, deadline);
    let roots: Vec<String> = wanted.roots.iter().flat_map(|root| names(root)).collect();
    let mut others = Vec::new();
    for place in places {
        search.recent(place, layout.id);
        for (directory, name) in search.directories(place) {
            let directory = if layout.below.is_empty() { directory } else { directory.join(layout.below) };
            let name = letters(&name);
            if wanted.thorough || roots.iter().any(|root| belongs(&name, root)) {
                search.recent(&directory, layout.id);
            } else {
                others.push(directory);
            }
        }
    }
    for id in wanted.named.iter().filter(|id| place::is_id(&id.0)) {
        for directory in &others {
            if search.met(id) || search.late() {
                break;
            }
            for (entry, name) in search.list(directory) {
                if (layout.id)(&name) == Some(&id.0) {
                    search.consider(&id.0, entry.path());
                }
            }
        }
    }
    search.finish()
}

/// The root to which a directory of that name belongs.
#[must_use]
pub fn root_of<'a>(name: &str, roots: &'a [PathBuf]) -> Option<&'a PathBuf> {
    let name = letters(name);
    roots.iter().find(|root| names(root).iter().any(|root| belongs(&name, root)))
}

/// The directories among the given ones that are there, each once.
#[must_use]
pub fn existing(places: impl IntoIterator<Item = PathBuf>, extra: Option<&Path>) -> Vec<PathBuf> {
    let mut seen = std::collections::HashSet::new();
    let places = places.into_iter().chain(extra.map(Path::to_owned));
    places.filter(|place| place.is_dir() && seen.insert(crate::fs::canonical(place))).collect()
}

/// What encodings leave of a root, as both sides spell it.
fn names(root: &Path) -> Vec<String> {
    let linux = letters(&spelling::of_linux(root).to_string_lossy());
    let windows = linux.strip_prefix("mnt-").filter(|drive| drive.as_bytes().get(1) == Some(&b'-')).map(str::to_owned);
    let mut names: Vec<String> =
        [Some(letters(&root.to_string_lossy())), windows, Some(linux)].into_iter().flatten().collect();
    names.dedup();
    names
}

/// What all encodings leave of a path: letters and digits in lower case, one hyphen for all between them.
fn letters(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// Whether a directory is the root's or of one below it. Long names are cut; then the beginning must do.
fn belongs(name: &str, root: &str) -> bool {
    const LONG: usize = 100;
    let cut = name.len() >= LONG && name.len() < root.len() && root.starts_with(&name[..LONG]);
    let ends = |rest: &str| rest.is_empty() || rest.starts_with('-');
    // After the server's name follows that of a distribution, which can have any number of words.
    let inside = |name: &str| {
        name.match_indices(root).any(|(at, _)| name[..at].ends_with('-') && ends(&name[at + root.len()..]))
    };
    cut || name.strip_prefix(root).is_some_and(ends) || name.strip_prefix("wsl-").is_some_and(inside)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::chat::message::SessionId;

    fn found(thorough: bool, named: &[&str]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        for file in
            ["--home-dev-My_App--/chats/a.x", "-home-dev-my-app-src/chats/b.x", "-home-dev-my-apps/chats/c.x", "d.x"]
        {
            let file = dir.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let layout = Layout { assistant: Assistant::Pi, below: "chats", id: |name| name.strip_suffix(".x") };
        let named = named.iter().map(|id| SessionId((*id).to_owned())).collect();
        let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        let wanted = Wanted { roots: vec![PathBuf::from("/home/dev/my.app")], named, since, until, thorough };
        let found = find(layout, &[dir.path().to_owned()], &wanted, Deadline::NONE);
        assert!(found.complete && found.gaps.is_empty());
        let mut ids: Vec<String> = found.candidates.into_iter().map(|candidate| candidate.id.0).collect();
        ids.sort();
        ids
    }

    #[test]
    fn names_lead_to_a_projects_transcripts_however_they_are_encoded() {
        assert_eq!(found(false, &[]), ["a", "b", "d"]);
        assert_eq!(found(true, &[]), ["a", "b", "c", "d"]);
        assert_eq!(found(false, &["c", "../x"]), ["a", "b", "c", "d"]);
    }

    #[test]
    fn both_sides_name_one_directory() {
        let check = |name: &str, root: &str| root_of(name, &[PathBuf::from(root)]).is_some();
        for root in ["/home/me/app", r"\\wsl.localhost\Ubuntu-24.04\home\me\app"] {
            assert!(check("-home-me-app", root) && check("home-me-app-src", root), "{root}");
            assert!(
                check("--wsl-localhost-Ubuntu-24-04-home-me-app", root) && check("--wsl--Ubuntu-home-me-app-src", root)
            );
            assert!(!check("--wsl-localhost-Ubuntu-home-me-apple", root) && !check("wsl-xhome-me-app", root), "{root}");
        }
        for root in ["/mnt/c/Users/Me/app", r"C:\Users\me\app"] {
            assert!(check("C--Users-me-app", root) && check("-mnt-c-Users-me-app-src", root), "{root}");
            assert!(!check("D--Users-me-app", root) && !check("C--Users-me", root), "{root}");
        }
    }

    #[test]
    fn a_name_that_was_cut_belongs_by_its_beginning() {
        let long = "a".repeat(300);
        assert!(belongs(&long[..200], &long) && belongs(&format!("{}-1x9z", &long[..120]), &long));
        assert!(!belongs(&long[..50], &long) && !belongs("home-dev", "home-dev-app"));
    }
}
