//! Which sessions may belong to a repository.
//!
//! In: the `.gemini` directories, and what is wanted. Out: [`Found`].
//! Never here: the content of a session.
//!
//! A project's directory is named after the hash of the directory in which the program was started or, since 2026, by a
//! short name that `projects.json` and the file `.project_root` in it explain.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::chat::document;
use crate::chat::fingerprint;
use crate::chat::message::{Assistant, Wanted};
use crate::chat::place;
use crate::chat::reader::Found;
use crate::chat::search::Search;
use crate::env::{Deadline, Env};

/// The existing `.gemini` directories, and the one that the user configured.
pub(super) fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let configured = env.text("GEMINI_CLI_HOME").map(|dir| env.cwd.join(dir));
    let homes = configured.or_else(|| env.home.clone()).into_iter().map(|home| home.join(".gemini"));
    let mut seen = HashSet::new();
    homes
        .chain(extra.map(Path::to_owned))
        .filter(|dir| dir.is_dir() && seen.insert(crate::fs::canonical(dir)))
        .collect()
}

/// The sessions of projects inside a root. With [`Wanted::thorough`] also those of projects whose directory is not known:
/// what they edited tells whether they are ours.
pub(super) fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::GeminiCli, wanted, deadline);
    let hashes: HashSet<String> = wanted.roots.iter().map(|root| fingerprint::of(root)).collect();
    for place in places {
        let known = projects(place);
        for (directory, name) in search.directories(&place.join("tmp")) {
            let root = known.get(&name).cloned();
            let ours = hashes.contains(&name)
                || match root.or_else(|| (!is_hash(&name)).then(|| marker(&directory)).flatten()) {
                    Some(root) => place::inside(&root, &wanted.roots),
                    None => wanted.thorough,
                };
            if ours {
                let chats = directory.join("chats");
                search.recent(&chats, session_name);
                // A session that was resumed after the format changed is there twice.
                search.recent(&chats, |name| {
                    let name = name.strip_suffix(".json").filter(|name| name.starts_with("session-"))?;
                    (!chats.join(format!("{name}.jsonl")).exists()).then_some(name)
                });
            }
        }
    }
    search.finish()
}

fn session_name(name: &str) -> Option<&str> {
    name.strip_suffix(".jsonl").filter(|name| name.starts_with("session-"))
}

/// `{"projects": {"/the/directory": "name"}}`, by name.
fn projects(place: &Path) -> HashMap<String, PathBuf> {
    let map = document::small(&place.join("projects.json"));
    let map = map.as_ref().and_then(|map| map.get("projects")?.as_object());
    let entry = |(root, name): (&String, &serde_json::Value)| Some((name.as_str()?.to_owned(), PathBuf::from(root)));
    map.into_iter().flatten().filter_map(entry).collect()
}

/// The project's directory as the file `.project_root` has it.
pub(super) fn marker(project: &Path) -> Option<PathBuf> {
    const LONGEST: u64 = 32 * 1024;
    let file = project.join(".project_root");
    fs::metadata(&file).ok().filter(fs::Metadata::is_file)?;
    let text = String::from_utf8(crate::fs::read(&file, LONGEST).ok()??).ok()?;
    Some(PathBuf::from(text.trim())).filter(|root| !root.as_os_str().is_empty())
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use chrono::Utc;

    use super::*;

    fn put(dir: &Path, path: &str, text: &str) {
        let file = dir.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let age = if path.contains("old") { 20 } else { 1 };
        let modified = SystemTime::now() - Duration::from_secs(age * 3600);
        fs::File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
    }

    fn found(dir: &Path, thorough: bool) -> Vec<String> {
        let wanted = Wanted {
            roots: vec![PathBuf::from("/home/dev/app")],
            named: Vec::new(),
            since: Utc::now() - Duration::from_secs(10 * 3600),
            until: Utc::now(),
            thorough,
        };
        let found = find(&[dir.to_owned()], &wanted, Deadline::NONE);
        assert!(found.complete && found.gaps.is_empty());
        let mut ids: Vec<String> = found.candidates.into_iter().map(|candidate| candidate.id.0).collect();
        ids.sort();
        ids
    }

    #[test]
    fn a_projects_directory_is_known_by_hash_by_index_or_by_marker() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let own = fingerprint::of(Path::new("/home/dev/app"));
        put(dir, &format!("tmp/{own}/chats/session-hashed.json"), "");
        put(dir, &format!("tmp/{own}/chats/session-old.json"), "");
        put(dir, &format!("tmp/{own}/chats/session-twice.json"), "");
        put(dir, &format!("tmp/{own}/chats/session-twice.jsonl"), "");
        put(dir, &format!("tmp/{own}/chats/.tmp-1.jsonl"), "");
        put(dir, "projects.json", r#"{"projects": {"/home/dev/app/web": "web", "/home/dev/app-two": "app-two"}}"#);
        put(dir, "tmp/web/chats/session-indexed.jsonl", "");
        put(dir, "tmp/app-two/chats/session-theirs.jsonl", "");
        put(dir, "tmp/app/.project_root", "/home/dev/app\n");
        put(dir, "tmp/app/chats/session-marked.jsonl", "");
        put(dir, &format!("tmp/{}/chats/session-unknown.json", fingerprint::of(Path::new("/x"))), "");
        let ours = ["session-hashed", "session-indexed", "session-marked", "session-twice"];
        assert_eq!(found(dir, false), ours);
        let mut thorough = ours.to_vec();
        thorough.push("session-unknown");
        assert_eq!(found(dir, true), thorough);
    }

    #[test]
    fn places_are_those_that_exist() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(places(&Env::of_test(home.path(), &[]), None), Vec::<PathBuf>::new());
        for gemini in [".gemini", "other/.gemini"] {
            fs::create_dir_all(home.path().join(gemini)).unwrap();
        }
        assert_eq!(places(&Env::of_test(home.path(), &[]), None), [home.path().join(".gemini")]);
        let moved = Env::of_test(home.path(), &[("GEMINI_CLI_HOME", "other")]);
        assert_eq!(places(&moved, Some(&home.path().join("other/.gemini"))), [home.path().join("other/.gemini")]);
    }
}
