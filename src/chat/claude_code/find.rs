//! Which transcripts may belong to a repository.
//!
//! In: the places where projects lie, and what is wanted. Out: candidates, best first, and what could not be looked at.
//! Never here: the content of a transcript, except that [`find_anywhere`] looks for a working directory at its end.
//!
//! The common case must be cheap: one listing per place, and a look at the files of matching directories only.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::record;
use crate::chat::jsonl::{Backwards, Line};
use crate::chat::message::{Assistant, Wanted};
use crate::chat::place::{inside, is_id};
use crate::chat::reader::Found;
use crate::chat::search::Search;
use crate::env::{Deadline, Env};

/// Claude Code cuts the encoded name of a directory here and adds a hash.
const LONGEST_NAME: usize = 200;

/// How far from its end a transcript is searched for a working directory: nearly every record has one, but a line of
/// tool output may be long.
const TAIL: u64 = 1024 * 1024;

/// The `projects` directories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// Existing directories, each once.
    pub projects: Vec<PathBuf>,
}

impl Places {
    /// `$CLAUDE_CONFIG_DIR/projects` (several separated by commas), those under the home directory, and `extra`, which
    /// is a `projects` directory itself.
    #[must_use]
    pub fn of(env: &Env, extra: Option<&Path>) -> Self {
        let configured = env.text("CLAUDE_CONFIG_DIR").unwrap_or_default().split(',').map(str::trim);
        let configured = configured.filter(|dir| !dir.is_empty()).map(|dir| env.cwd.join(dir).join("projects"));
        let home =
            env.home.iter().flat_map(|home| [home.join(".claude/projects"), home.join(".config/claude/projects")]);
        let mut seen = HashSet::new();
        let projects = configured
            .chain(home)
            .chain(extra.map(Path::to_owned))
            .filter(|dir| dir.is_dir() && seen.insert(crate::fs::canonical(dir)))
            .collect();
        Self { projects }
    }
}

/// The sessions that the environment names, and those in the directories that belong to a root by their name: its own
/// and those of directories below. Others match too (`cli-old` for `cli`); what the records say decides later.
#[must_use]
pub fn find(places: &Places, wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::ClaudeCode, wanted, deadline);
    let encoded: Vec<String> = wanted.roots.iter().map(|root| encode(root)).collect();
    let mut others = Vec::new();
    for place in &places.projects {
        let (own, rest): (Vec<_>, Vec<_>) =
            search.directories(place).into_iter().partition(|(_, name)| encoded.iter().any(|root| belongs(name, root)));
        for (directory, _) in own {
            search.recent(&directory, session_id);
        }
        others.extend(rest.into_iter().map(|(directory, _)| directory));
    }
    named(&mut search, wanted, &others);
    search.finish()
}

/// Every recent session whose recorded working directory lies inside a root, wherever its transcript is.
///
/// Opens every recent transcript: for the worker and for a diagnosis, not for the commit's path.
#[must_use]
pub fn find_anywhere(places: &Places, wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::ClaudeCode, wanted, deadline);
    let mut directories = Vec::new();
    for place in &places.projects {
        directories.extend(search.directories(place).into_iter().map(|(directory, _)| directory));
    }
    for directory in &directories {
        search.recent(directory, session_id);
    }
    named(&mut search, wanted, &directories);
    let mut found = search.finish();
    found.candidates.retain(|candidate| {
        if deadline.passed() {
            found.complete = false;
            return candidate.named;
        }
        candidate.named || last_directory(&candidate.file).is_some_and(|cwd| inside(&cwd, &wanted.roots))
    });
    found
}

/// The name of the directory in which Claude Code keeps the transcripts of sessions in `directory`, before it is cut and
/// in lower case: file systems that ignore case have been seen to spell it either way.
/// It replaces UTF-16 units, so a character outside the basic plane becomes two hyphens.
fn encode(directory: &Path) -> String {
    let mut name = String::new();
    for c in directory.to_string_lossy().chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else {
            name.extend(std::iter::repeat_n('-', c.len_utf16()));
        }
    }
    name
}

/// Whether a project's directory is that of the encoded root or of a directory below it.
fn belongs(name: &str, root: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let root = &root[..root.len().min(LONGEST_NAME)];
    name.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Sub-agents' transcripts are no sessions.
fn session_id(name: &str) -> Option<&str> {
    name.strip_suffix(".jsonl").filter(|id| !id.starts_with("agent-"))
}

/// Looks for the named sessions that were not met in the directories gone through.
fn named(search: &mut Search<'_>, wanted: &Wanted, directories: &[PathBuf]) {
    for id in wanted.named.iter().filter(|id| is_id(&id.0)) {
        for directory in directories {
            if search.met(id) || search.late() {
                break;
            }
            search.consider(&id.0, directory.join(format!("{id}.jsonl")));
        }
    }
}

/// The working directory that a transcript records last.
fn last_directory(file: &Path) -> Option<PathBuf> {
    let file = crate::fs::open(file).ok()?;
    let size = file.metadata().ok()?.len();
    let mut lines = Backwards::new(file).ok()?;
    while size - lines.position() <= TAIL {
        if let Line::Whole { offset, bytes } = lines.line().ok()?? {
            let mut records = record::records(offset, bytes).into_iter().rev();
            if let Some(cwd) = records.find_map(|record| record.directory) {
                return Some(PathBuf::from(cwd));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use chrono::Utc;

    use super::*;
    use crate::chat::message::SessionId;

    struct Disk {
        dir: tempfile::TempDir,
    }

    impl Disk {
        fn new() -> Self {
            Self { dir: tempfile::tempdir().unwrap() }
        }

        /// A transcript `age` hours old.
        fn put(&self, path: &str, age: u64, text: &str) {
            let file = self.dir.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            let modified = SystemTime::now() - Duration::from_secs(age * 3600);
            File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        }

        fn places(&self) -> Places {
            Places { projects: vec![self.dir.path().to_owned()] }
        }
    }

    /// What is written in the last ten hours, for `/home/dev/cli`.
    fn wanted(named: &[&str]) -> Wanted {
        Wanted {
            roots: vec![PathBuf::from("/home/dev/cli")],
            named: named.iter().map(|id| SessionId((*id).to_owned())).collect(),
            since: Utc::now() - Duration::from_secs(10 * 3600),
            until: Utc::now(),
            thorough: false,
        }
    }

    fn ids(found: &Found) -> Vec<&str> {
        found.candidates.iter().map(|candidate| candidate.id.0.as_str()).collect()
    }

    #[test]
    fn recent_sessions_of_the_roots_directories_come_newest_first() {
        let disk = Disk::new();
        disk.put("-home-dev-cli/older.jsonl", 2, "");
        disk.put("-home-dev-cli/newer.jsonl", 1, "");
        disk.put("-home-dev-cli/old.jsonl", 20, "");
        disk.put("-home-dev-cli/agent-1.jsonl", 1, "");
        disk.put("-home-dev-cli/notes.txt", 1, "");
        disk.put("-HOME-dev-cli--worktrees-x/below.jsonl", 3, "");
        disk.put("-home-dev-client/other.jsonl", 1, "");
        let found = find(&disk.places(), &wanted(&[]), Deadline::NONE);
        assert_eq!(ids(&found), ["newer", "older", "below"]);
        assert!(found.complete && found.gaps.is_empty());
    }

    #[test]
    fn a_named_session_comes_first_however_old_and_wherever() {
        let disk = Disk::new();
        disk.put("-home-dev-cli/newer.jsonl", 1, "");
        disk.put("-home-dev-cli/near.jsonl", 20, "");
        disk.put("-elsewhere/far.jsonl", 20, "");
        let found = find(&disk.places(), &wanted(&["far", "near", "absent"]), Deadline::NONE);
        assert_eq!(found.candidates.iter().map(|c| c.named).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(ids(&found)[2], "newer");
    }

    #[test]
    fn an_id_that_is_no_id_is_never_made_a_path() {
        let disk = Disk::new();
        disk.put("outside.jsonl", 1, "");
        fs::create_dir(disk.dir.path().join("project")).unwrap();
        assert_eq!(ids(&find(&disk.places(), &wanted(&["../outside", "", "a/b", "."]), Deadline::NONE)), [""; 0]);
    }

    #[test]
    fn names_are_encoded_and_cut_as_the_assistant_does_it() {
        assert_eq!(encode(Path::new("/home/Dev/my.app_x")), "-home-dev-my-app-x");
        assert_eq!(encode(Path::new("/ü/😀")), "-----");
        let long = encode(Path::new(&format!("/{}", "a".repeat(300))));
        assert!(belongs(&format!("{}-1x9z", &long[..200]), &long));
        assert!(!belongs(&long[..150], &long));
        assert!(belongs("-A-b", "-a-b") && belongs("-a-b-c", "-a-b") && !belongs("-a-bc", "-a-b"));
    }

    #[test]
    fn anywhere_goes_by_the_directory_that_is_recorded() {
        let disk = Disk::new();
        disk.put("renamed/ours.jsonl", 1, "{\"cwd\":\"/home/dev/cli/src\"}\n{\"type\":\"summary\"}\n");
        disk.put("renamed/old.jsonl", 20, "{\"cwd\":\"/home/dev/cli\"}\n");
        disk.put("-home-dev-cli/theirs.jsonl", 1, "{\"cwd\":\"/home/dev/cli-old\"}\n");
        let found = find_anywhere(&disk.places(), &wanted(&[]), Deadline::NONE);
        assert_eq!(ids(&found), ["ours"]);
    }

    #[test]
    fn a_deadline_that_has_passed_is_said() {
        let disk = Disk::new();
        disk.put("-home-dev-cli/newer.jsonl", 1, "");
        assert!(!find(&disk.places(), &wanted(&[]), Deadline::after(Duration::ZERO)).complete);
    }

    #[test]
    fn places_are_those_that_exist_each_once() {
        let disk = Disk::new();
        let extra = disk.dir.path().join("extra");
        fs::create_dir_all(&extra).unwrap();
        let mut env = Env::take().unwrap();
        env.home = Some(disk.dir.path().to_owned());
        let of = |env: &Env, extra: &Path| Places::of(env, Some(extra)).projects;
        assert_eq!(of(&env, &disk.dir.path().join("absent")).len(), of(&env, &disk.dir.path().join("none")).len());
        fs::create_dir_all(disk.dir.path().join(".claude/projects")).unwrap();
        assert!(of(&env, &extra).ends_with(&[disk.dir.path().join(".claude/projects"), extra.clone()]));
        let again = disk.dir.path().join(".claude/../.claude/projects");
        assert!(!of(&env, &again).contains(&again));
    }
}
