//! Sessions that lie in databases: what their readers share.
//!
//! In: what a database lists or holds. Out: candidates, and the wanted end of a session.
//! Never here: a database, or a format.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::entry::{Entry, Part};
use super::gathered::PROMPTS_BEFORE;
use super::message::{Assistant, Gap, Session, SessionId, Wanted};
use super::place;
use super::reader::{Candidate, Found};
use super::sqlite;
use super::telling;

/// So much of a session is read at most.
const SESSION_BYTES: usize = 32 << 20;

/// Whether a database was written at or after an instant, as far as the times of its files tell.
#[must_use]
pub fn changed(database: &Path, since: DateTime<Utc>) -> bool {
    written(database).is_some_and(|at| at >= since)
}

/// When a database was written last, as far as the times of its files tell; `None` when there is none.
#[must_use]
pub fn written(database: &Path) -> Option<DateTime<Utc>> {
    // Where no time is kept, it may have been just now.
    let at = |file: &Path| Some(crate::fs::written(&fs::metadata(file).ok()?).unwrap_or(DateTime::<Utc>::MAX_UTC));
    at(database).max(at(&sqlite::log(database)))
}

/// The sessions that `list` makes of each database that was written since the wanted time. Without time for all
/// ([`Wanted::thorough`]) none is opened, and what there may be is left to the worker.
#[must_use]
pub fn find(databases: &[PathBuf], wanted: &Wanted, list: impl Fn(&Path) -> Result<Vec<Candidate>, Gap>) -> Found {
    let mut found = Found { complete: true, ..Found::default() };
    for database in databases.iter().filter(|database| changed(database, wanted.since)) {
        if !wanted.thorough {
            found.complete = false;
            continue;
        }
        match list(database) {
            Ok(sessions) => found.candidates.extend(sessions),
            Err(gap) => found.gaps.push(gap),
        }
    }
    sort(&mut found);
    found
}

/// A listed session, unless it rests or was started elsewhere. Of one whose directory is not known, what it edited tells
/// later whether it is ours; so does that of one started above a root.
#[must_use]
pub fn candidate(
    wanted: &Wanted,
    database: &Path,
    id: &str,
    modified: Option<DateTime<Utc>>,
    directories: &[PathBuf],
) -> Option<Candidate> {
    let named = wanted.named.iter().any(|name| name.0 == id);
    let modified = modified.unwrap_or(wanted.until);
    let fits = |dir: &PathBuf| place::near(dir, &wanted.roots);
    let ours = modified >= wanted.since && (directories.is_empty() || directories.iter().any(fits));
    (named || ours).then(|| Candidate {
        id: SessionId(id.to_owned()),
        file: database.to_owned(),
        modified,
        named,
        size: 0,
    })
}

/// Named sessions first, then the newest first.
pub fn sort(found: &mut Found) {
    let order = |candidate: &Candidate| (!candidate.named, Reverse(candidate.modified));
    found.candidates.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id)));
}

/// The wanted end of a session while it is read from its newest record on.
pub struct End {
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    entries: Vec<Entry>,
    prompts: usize,
    bytes: usize,
    cut: bool,
}

impl End {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(wanted: &Wanted) -> Self {
        Self { since: wanted.since, until: wanted.until, entries: Vec::new(), prompts: 0, bytes: 0, cut: false }
    }

    /// Adds the next older record, which took so many bytes; whether there is need of more.
    pub fn add(&mut self, entry: Entry, bytes: usize) -> bool {
        self.bytes += bytes;
        let before = entry.at.is_some_and(|at| at < self.since);
        self.prompts += usize::from(before && entry.has(Part::is_prompt));
        if entry.at.is_none_or(|at| at <= self.until) {
            self.entries.push(entry);
        }
        self.cut |= self.bytes > SESSION_BYTES;
        self.prompts < PROMPTS_BEFORE && !self.cut
    }

    /// What was read as a session. `first` says what is known of the whole.
    #[must_use]
    pub fn session(
        mut self,
        assistant: Assistant,
        first: &Entry,
        candidate: &Candidate,
        wanted: &Wanted,
    ) -> Option<Session> {
        self.entries.reverse();
        let mut gathered = telling::gather(Some(first), &self.entries, &vec![true; self.entries.len()]);
        gathered.cut |= self.cut;
        gathered.session(assistant, candidate, wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn wanted() -> Wanted {
        let named = vec![SessionId("n".to_owned())];
        Wanted { roots: vec![PathBuf::from("/a/b")], named, since: at(5), until: at(7), thorough: true }
    }

    #[test]
    fn a_listed_session_is_a_candidate_by_its_name_its_time_and_its_directory() {
        let check = |id: &str, second: i64, directory: &str| {
            let directories: Vec<PathBuf> = directory.split_whitespace().map(PathBuf::from).collect();
            candidate(&wanted(), Path::new("db"), id, Some(at(second)), &directories).is_some()
        };
        assert!(check("x", 5, "/a/b") && check("x", 9, "/a/b/c") && check("x", 5, "/a") && check("x", 5, ""));
        assert!(check("n", 0, "/x") && check("x", 5, "/x /a/b"));
        assert!(!check("x", 4, "/a/b") && !check("x", 5, "/x") && !check("x", 5, "/a/bc"));
    }

    #[test]
    fn no_more_is_read_than_the_exchange_before_the_turn_in_progress() {
        let entry = |second: i64| Entry {
            key: second.to_string(),
            at: Some(at(second)),
            parts: vec![Part::Prompt(second.to_string())],
            ..Entry::default()
        };
        let mut end = End::new(&wanted());
        let read: Vec<i64> = (0..10).rev().take_while(|second| end.add(entry(*second), 1)).collect();
        assert_eq!(read, [9, 8, 7, 6, 5, 4]);
        let first = Entry { directory: Some("/a/b".to_owned()), ..Entry::default() };
        let listed = candidate(&wanted(), Path::new("db"), "x", None, &[]).unwrap();
        let session = end.session(Assistant::Pi, &first, &listed, &wanted()).unwrap();
        let seconds: Vec<i64> = session.events.iter().map(|event| event.at.timestamp()).collect();
        assert_eq!(seconds, [3, 4, 5, 6, 7]);
        assert!(!End::new(&wanted()).add(entry(9), SESSION_BYTES + 1));
    }

    #[test]
    fn a_write_shows_in_the_log_of_a_database_first() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("a.db");
        fs::write(&database, "").unwrap();
        let set = |path: &Path, second: i64| {
            fs::File::options().write(true).open(path).unwrap().set_modified(at(second).into()).unwrap();
        };
        set(&database, 10);
        assert!(changed(&database, at(10)) && !changed(&database, at(11)));
        fs::write(sqlite::log(&database), "").unwrap();
        set(&sqlite::log(&database), 20);
        assert!(changed(&database, at(20)) && !changed(&database, at(21)));
        assert!(!changed(&directory.path().join("absent"), at(0)));
    }
}
