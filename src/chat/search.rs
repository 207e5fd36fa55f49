//! Looking for transcripts by their names and times.
//!
//! In: directories of an assistant, and what is wanted. Out: [`Found`], best first.
//! Never here: the content of a file.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::message::{Assistant, Gap, SessionId, Wanted};
use super::reader::{Candidate, Found};
use crate::env::Deadline;
use crate::fs::written;

/// How many files of one assistant are asked while the commit waits when they were written, which takes 1.5 µs each. More
/// are left to the worker.
const LOOKS: usize = 1_000;

/// A search in progress.
#[derive(Debug)]
pub struct Search<'a> {
    assistant: Assistant,
    wanted: &'a Wanted,
    deadline: Deadline,
    looks: usize,
    found: Found,
}

impl<'a> Search<'a> {
    /// Nothing is found yet.
    #[must_use]
    pub fn new(assistant: Assistant, wanted: &'a Wanted, deadline: Deadline) -> Self {
        Self { assistant, wanted, deadline, looks: 0, found: Found { complete: true, ..Found::default() } }
    }

    /// Whether the deadline has passed; what is found is incomplete then.
    pub fn late(&mut self) -> bool {
        let late = self.deadline.passed();
        self.found.complete &= !late;
        late
    }

    /// The entries of a directory, with their names; one that cannot be listed is a gap.
    pub fn list(&mut self, directory: &Path) -> Vec<(fs::DirEntry, String)> {
        if self.late() { Vec::new() } else { self.entries(directory).collect() }
    }

    fn entries(&mut self, directory: &Path) -> impl Iterator<Item = (fs::DirEntry, String)> + use<> {
        let entries = match fs::read_dir(directory) {
            Ok(entries) => Some(entries),
            // Windows may say of a file that its name is none for a directory.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename
                ) =>
            {
                None
            }
            Err(error) => {
                let gap = Gap {
                    assistant: self.assistant,
                    source: directory.to_owned(),
                    reason: format!("cannot list the directory: {error}"),
                };
                self.found.gaps.push(gap);
                None
            }
        };
        entries.into_iter().flatten().flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((entry, name))
        })
    }

    /// The directories in a place; a link counts as one, and is found not to be one when it is listed.
    pub fn directories(&mut self, place: &Path) -> Vec<(PathBuf, String)> {
        let entries = self.list(place).into_iter();
        entries
            .filter(|(entry, _)| entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink()))
            .map(|(entry, name)| (entry.path(), name))
            .collect()
    }

    /// Adds the files in a directory that were written since the wanted time, or are named; `id` makes a session's id of
    /// a file's name, `None` where it is no transcript. Of more files than may be asked only the named ones are added.
    pub fn recent(&mut self, directory: &Path, id: impl Fn(&str) -> Option<&str>) {
        if self.late() {
            return;
        }
        let mut files = Vec::new();
        let mut too_many = false;
        for (entry, name) in self.entries(directory) {
            let Some(id) = id(&name) else { continue };
            if self.is_named(id) {
                self.consider(id, entry.path());
            } else if self.wanted.thorough || files.len() + self.looks < LOOKS {
                files.push((entry, id.to_owned()));
            } else {
                too_many = true;
                if self.wanted.named.is_empty() {
                    break;
                }
            }
        }
        if too_many {
            self.found.complete = false;
            return;
        }
        for (entry, id) in files {
            if self.late() {
                return;
            }
            self.looks += 1;
            // Asked of the open directory, which costs half of what asking by the path does; only a link is followed,
            // because its own metadata says nothing about the transcript.
            let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            let meta = if link { fs::metadata(entry.path()) } else { entry.metadata() };
            self.add(&id, || entry.path(), meta.ok());
        }
    }

    /// Adds a file if it was written since the wanted time or is named.
    pub fn consider(&mut self, id: &str, file: PathBuf) {
        if !self.is_named(id) {
            if self.looks >= LOOKS && !self.wanted.thorough {
                self.found.complete = false;
                return;
            }
            self.looks += 1;
        }
        let meta = fs::metadata(&file).ok();
        self.add(id, || file, meta);
    }

    fn is_named(&self, id: &str) -> bool {
        self.wanted.named.iter().any(|wanted| wanted.0 == id)
    }

    fn add(&mut self, id: &str, file: impl FnOnce() -> PathBuf, meta: Option<fs::Metadata>) {
        let Some(meta) = meta.filter(fs::Metadata::is_file) else { return };
        let named = self.is_named(id);
        // Where no time is kept, every file counts as recent.
        let modified = written(&meta).unwrap_or(self.wanted.until);
        if named || modified >= self.wanted.since {
            let id = SessionId(id.to_owned());
            self.found.candidates.push(Candidate { id, file: file(), modified, named, size: meta.len() });
        }
    }

    /// Whether nothing was found so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.candidates.is_empty()
    }

    /// Whether that session was found.
    #[must_use]
    pub fn met(&self, id: &SessionId) -> bool {
        self.found.candidates.iter().any(|candidate| candidate.id == *id)
    }

    /// What was found, best first, each file once.
    #[must_use]
    pub fn finish(mut self) -> Found {
        let order = |candidate: &Candidate| (!candidate.named, std::cmp::Reverse(candidate.modified));
        self.found.candidates.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.file.cmp(&b.file)));
        let mut seen = HashSet::new();
        self.found.candidates.retain(|candidate| seen.insert(candidate.file.clone()));
        self.found
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use chrono::{DateTime, Utc};

    use super::*;

    fn stem(name: &str) -> Option<&str> {
        name.strip_suffix(".x")
    }

    #[test]
    fn a_search_goes_by_names_and_times_and_touches_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        for (name, age) in [("new.x", 1), ("old.x", 20), ("named.x", 20), ("new.y", 1)] {
            fs::write(dir.path().join(name), "").unwrap();
            let modified = SystemTime::now() - Duration::from_secs(age * 3600);
            fs::File::options().write(true).open(dir.path().join(name)).unwrap().set_modified(modified).unwrap();
        }
        fs::create_dir(dir.path().join("folder.x")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", dir.path().join("dangling.x")).unwrap();
        let wanted = Wanted {
            roots: Vec::new(),
            named: vec![SessionId("named".to_owned())],
            since: Utc::now() - Duration::from_secs(10 * 3600),
            until: Utc::now(),
            thorough: false,
        };
        let mut search = Search::new(Assistant::GeminiCli, &wanted, Deadline::NONE);
        search.recent(dir.path(), stem);
        search.recent(&dir.path().join("absent"), stem);
        search.recent(&dir.path().join("new.x"), stem);
        search.consider("new", dir.path().join("new.x"));
        let found = search.finish();
        let ids: Vec<&str> = found.candidates.iter().map(|candidate| candidate.id.0.as_str()).collect();
        assert_eq!(ids, ["named", "new"]);
        assert!(found.complete && found.gaps.is_empty());
        let mut late = Search::new(Assistant::GeminiCli, &wanted, Deadline::after(Duration::ZERO));
        late.recent(dir.path(), stem);
        assert!(!late.finish().complete);
    }

    #[test]
    fn of_more_files_than_may_be_asked_only_the_named_one_is_found_while_the_commit_waits() {
        let dir = tempfile::tempdir().unwrap();
        for nth in 0..=LOOKS {
            fs::write(dir.path().join(format!("{nth}.x")), "").unwrap();
        }
        let check = |thorough: bool, found: usize, one_by_one: usize| {
            let wanted = Wanted {
                roots: Vec::new(),
                named: vec![SessionId("7".to_owned())],
                since: DateTime::UNIX_EPOCH,
                until: Utc::now(),
                thorough,
            };
            let mut search = Search::new(Assistant::GeminiCli, &wanted, Deadline::NONE);
            search.recent(dir.path(), stem);
            let listed = search.finish();
            assert_eq!((listed.candidates.len(), listed.complete), (found, thorough || found > LOOKS));
            assert_eq!(listed.candidates[0].id.0, "7");
            let mut search = Search::new(Assistant::GeminiCli, &wanted, Deadline::NONE);
            for nth in 0..=LOOKS + 1 {
                search.consider(&format!("{nth}"), dir.path().join(format!("{nth}.x")));
            }
            let considered = search.finish();
            assert_eq!((considered.candidates.len(), considered.complete), (one_by_one, thorough));
        };
        check(true, LOOKS + 1, LOOKS + 1);
        fs::write(dir.path().join("one more.x"), "").unwrap();
        check(false, 1, LOOKS + 1);
        fs::remove_file(dir.path().join("one more.x")).unwrap();
        check(false, LOOKS + 1, LOOKS + 1);
    }
}
