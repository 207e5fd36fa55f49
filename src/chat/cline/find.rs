//! Which tasks and sessions may belong to a repository.
//!
//! In: the directories of tasks and sessions, and what is wanted. Out: [`Found`].
//! Never here: a conversation; only the small files beside it that name its directory.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::chat::document::{self, text};
use crate::chat::editors;
use crate::chat::message::{Assistant, Wanted};
use crate::chat::place;
use crate::chat::reader::Found;
use crate::chat::search::Search;
use crate::env::{Deadline, Env};

/// A task's conversation.
const HISTORY: &str = "api_conversation_history.json";

/// Cline's directories of sessions and tasks.
pub(super) fn cline_places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let named = |variable: &str| env.text(variable).map(|dir| env.cwd.join(dir));
    let own = named("CLINE_DIR").or_else(|| Some(env.home.as_ref()?.join(".cline")));
    let data = named("CLINE_DATA_DIR").or_else(|| Some(own?.join("data")));
    let sessions = named("CLINE_SESSION_DATA_DIR").or_else(|| Some(data.as_ref()?.join("sessions")));
    let tasks = data.map(|data| data.join("tasks"));
    existing(sessions.into_iter().chain(tasks).chain(extensions(env, "saoudrizwan.claude-dev")), extra)
}

/// Roo Code's directories of tasks.
pub(super) fn roo_places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    existing(extensions(env, "rooveterinaryinc.roo-cline").into_iter(), extra)
}

/// Where an extension keeps its tasks, in every editor.
fn extensions(env: &Env, extension: &str) -> Vec<PathBuf> {
    let names = [editors::VS_CODE, editors::RELATED].concat();
    let users = env.home.iter().flat_map(|home| editors::user_directories(home, &names));
    users.map(|user| user.join("globalStorage").join(extension).join("tasks")).collect()
}

fn existing(places: impl Iterator<Item = PathBuf>, extra: Option<&Path>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    places
        .chain(extra.map(Path::to_owned))
        .filter(|dir| dir.is_dir() && seen.insert(crate::fs::canonical(dir)))
        .collect()
}

/// The recent ones that were started in a root or above one; with [`Wanted::thorough`] also those of which that is not
/// known.
pub(super) fn find(assistant: Assistant, places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(assistant, wanted, deadline);
    for place in places {
        for (directory, id) in search.directories(place) {
            if search.late() {
                break;
            }
            search.consider(&id, directory.join(format!("{id}.messages.json")));
            search.consider(&id, directory.join(HISTORY));
        }
    }
    let mut found = search.finish();
    let mut histories = HashMap::new();
    found.candidates.retain(|candidate| {
        if candidate.named {
            return true;
        }
        match directory(&candidate.file, &mut histories) {
            Some(dir) => place::related(&dir, &wanted.roots),
            None => wanted.thorough,
        }
    });
    found
}

/// Where a conversation was started, by the file beside it or by the list of all tasks, which `histories` keeps.
pub(super) fn directory(file: &Path, histories: &mut HashMap<PathBuf, Option<Value>>) -> Option<PathBuf> {
    let task = file.parent()?;
    let id = task.file_name()?.to_str()?;
    let of = |about: &Value, keys: &[&str]| keys.iter().find_map(|key| text(about, key)).map(PathBuf::from);
    if let Some(about) = about(file) {
        return of(&about, &["/cwd", "/workspace_root"]);
    }
    if let Some(item) = document::small(&task.join("history_item.json")) {
        return of(&item, &["/workspace"]);
    }
    let list = task.parent()?.parent()?.join("state/taskHistory.json");
    let history = histories.entry(list.clone()).or_insert_with(|| document::small(&list)).as_ref()?;
    let item = history.as_array()?.iter().find(|item| text(item, "/id") == Some(id))?;
    of(item, &["/cwdOnTaskInitialization", "/workspace"])
}

/// What the SDK writes about a session.
pub(super) fn about(file: &Path) -> Option<Value> {
    let id = file.file_name()?.to_str()?.strip_suffix(".messages.json")?;
    document::small(&file.with_file_name(format!("{id}.json")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::{DateTime, Utc};

    use super::*;

    #[test]
    fn tasks_and_sessions_are_found_by_where_they_were_started() {
        let home = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let file = home.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        let extension = ".config/Cursor/User/globalStorage/saoudrizwan.claude-dev";
        put(
            &format!("{extension}/state/taskHistory.json"),
            r#"[{"id": "1", "cwdOnTaskInitialization": "/home/dev/app"}, {"id": "2", "cwdOnTaskInitialization": "/x"}]"#,
        );
        for task in ["1", "2", "3"] {
            put(&format!("{extension}/tasks/{task}/{HISTORY}"), "[]");
        }
        put(".cline/data/sessions/s/s.json", r#"{"cwd": "/home/dev"}"#);
        put(".cline/data/sessions/s/s.messages.json", "{}");
        let roo = ".config/VSCodium/User/globalStorage/rooveterinaryinc.roo-cline/tasks/9";
        put(&format!("{roo}/history_item.json"), r#"{"workspace": "/home/dev/app/web"}"#);
        put(&format!("{roo}/{HISTORY}"), "[]");
        let env = Env::of_test(home.path(), &[]);
        let ids = |assistant, places: &[PathBuf], thorough| {
            let roots = vec![PathBuf::from("/home/dev/app")];
            let (since, until) = (DateTime::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
            let wanted = Wanted { roots, named: Vec::new(), since, until, thorough };
            let found = find(assistant, places, &wanted, Deadline::NONE);
            let mut ids: Vec<String> = found.candidates.into_iter().map(|candidate| candidate.id.0).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(Assistant::Cline, &cline_places(&env, None), false), ["1", "s"]);
        assert_eq!(ids(Assistant::Cline, &cline_places(&env, None), true), ["1", "3", "s"]);
        assert_eq!(ids(Assistant::RooCode, &roo_places(&env, None), false), ["9"]);
        let moved = Env::of_test(home.path(), &[("CLINE_DATA_DIR", ".cline/data"), ("CLINE_DIR", "absent")]);
        assert!(cline_places(&moved, None).contains(&home.path().join(".cline/data/sessions")));
    }
}
