//! The journal brought from one place to another.
//!
//! In: two places. Out: every page of the one in the other, and what is still left to be brought.
//! Never here: a page removed before the other place has been read back and the settings name it; or a file of others. Killed
//! at any moment, nothing is lost, and the next time finishes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::env::Deadline;
use crate::fs::{self, Lock};
use crate::record::{Place, Recorder};
use crate::store::Store;
use crate::store::branch::united;
use crate::store::layout::Leaf;

/// How many pages are brought while commits wait: few enough that none waits long.
const PORTION: usize = 16;

/// How long to wait for another writer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most that is read of a file of ours, or of git's exclude file.
const LIMIT: u64 = 1 << 20;

/// The places that may still hold pages, although the journal lives elsewhere by now, or will.
#[must_use]
pub fn left(state: &Path) -> Vec<Place> {
    let bytes = fs::read(&file(state), LIMIT).ok().flatten().unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// The places that hold pages although the journal lives elsewhere: those that were left, and a folder that a branch has
/// taken over from.
#[must_use]
pub fn elsewhere(recorder: &Recorder<'_>) -> Vec<Place> {
    let store = recorder.store();
    let mut places = left(&recorder.repository.state_dir());
    let folder = Place::Folder(recorder.config.journal.folder.clone());
    if !places.contains(&folder) {
        places.push(folder);
    }
    let holds = |place: &Place| {
        let other = recorder.store_at(place);
        !is_same(&other, &store) && other.leaves().is_ok_and(|leaves| !leaves.is_empty())
    };
    places.retain(holds);
    places
}

/// Remembers a place that is about to be left.
///
/// # Errors
/// The state directory is not writable.
pub fn leave(state: &Path, place: &Place) -> Result<()> {
    let mut places = left(state);
    if places.contains(place) {
        return Ok(());
    }
    places.push(place.clone());
    remember(state, &places)
}

/// Forgets a place that holds nothing any more that is not elsewhere.
///
/// # Errors
/// The state directory is not writable.
pub fn forget(state: &Path, place: &Place) -> Result<()> {
    let mut places = left(state);
    places.retain(|one| one != place);
    if places.is_empty() { fs::remove(&file(state)) } else { remember(state, &places) }
}

fn remember(state: &Path, places: &[Place]) -> Result<()> {
    fs::create_private_dir(state)?;
    fs::replace(&file(state), &serde_json::to_vec(places).context("cannot write the places as JSON")?)
}

fn file(state: &Path) -> PathBuf {
    state.join("places.json")
}

/// Whether two stores are one, named in two ways.
#[must_use]
pub fn is_same(one: &Store, other: &Store) -> bool {
    match (one.folder(), other.folder()) {
        (Some(one), Some(other)) => fs::canonical(one) == fs::canonical(other),
        _ => one.shown() == other.shown(),
    }
}

/// What becomes of the pages where they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// They stay.
    Keep,
    /// They go, once they have been read back in the other place.
    Remove,
}

/// Brings every page of one place to another, some at a time, and returns how many were not there as they should be. A
/// page that both have becomes one that holds what both hold.
///
/// # Errors
/// A page cannot be read, written, read back, or removed; those before it are brought.
pub fn bring(from: &Store, to: &Store, then: Then) -> Result<usize> {
    let mut brought = 0;
    for leaves in from.leaves()?.chunks(PORTION) {
        brought += bring_some(from, to, leaves, then)?;
    }
    if then == Then::Remove {
        from.prune()?;
    }
    Ok(brought)
}

fn bring_some(from: &Store, to: &Store, leaves: &[Leaf], then: Then) -> Result<usize> {
    let wait = Deadline::after(PATIENCE);
    // Within a repository both places have one lock.
    let held = if from.lock() == to.lock() { None } else { Some(Lock::acquire(from.lock(), wait)?) };
    if let Some(None) = held {
        bail!("cannot move the journal from {}: another process is writing it", from.shown());
    }
    let mut transaction = to.begin(wait)?;
    let mut pages = Vec::new();
    let mut brought = 0;
    for leaf in leaves {
        let Some(old) = from.bytes(*leaf)? else { continue };
        let present = transaction.page(*leaf)?;
        let page = united(*leaf, None, present, &old);
        if page != present {
            brought += 1;
            transaction.set(*leaf, page.clone());
        }
        pages.push((*leaf, page));
    }
    transaction.write()?;
    for (leaf, page) in &pages {
        if to.bytes(*leaf)?.as_ref() != Some(page) {
            bail!("cannot read {} back as it was written; nothing of it was removed", to.path(*leaf).display());
        }
    }
    if then == Then::Remove {
        from.remove(leaves)?;
    }
    Ok(brought)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn pages_are_brought_with_what_stands_there_already_and_other_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        let store = |name: &str| Store::new(dir.path().join(name), dir.path().join("lock"), Some(dir.path()));
        let (from, to) = (store("old"), store("new"));
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        let entry = |nth: u32| {
            format!(
                "<!-- commit-story:entry {nth:040x} v1 2026-01-06T10:0{nth}:00Z -->\n## x\n<!-- commit-story:end -->\n"
            )
        };
        let write = |store: &Store, on: u32, page: &str| {
            let mut transaction = store.begin(Deadline::NONE).unwrap();
            transaction.set(day(on), page.as_bytes().to_vec());
            transaction.finish().unwrap();
        };
        for on in 1..30 {
            write(&from, on, &format!("# day {on}\r\nno line end"));
        }
        write(&from, 6, &format!("# day 6\n\n{}", entry(1)));
        write(&to, 6, &format!("# day 6\n\n{}", entry(2)));
        std::fs::write(dir.path().join("old/entries/mine.txt"), "mine").unwrap();
        assert_eq!(bring(&from, &to, Then::Keep).unwrap(), 29);
        assert_eq!(bring(&from, &to, Then::Remove).unwrap(), 0);
        assert_eq!((from.days().unwrap().len(), to.days().unwrap().len()), (0, 29));
        assert_eq!(to.raw(day(7)).unwrap().unwrap(), "# day 7\r\nno line end");
        assert_eq!(to.raw(day(6)).unwrap().unwrap(), format!("# day 6\n\n{}\n{}", entry(1), entry(2)));
        let names: Vec<String> = fs::names(&dir.path().join("old/entries")).unwrap();
        assert_eq!(names, ["mine.txt"]);
        assert!(is_same(&from, &store("./old")) && !is_same(&from, &to));
    }

    #[test]
    fn places_are_remembered_until_they_are_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, branch) = (Place::Folder("journal".into()), Place::Branch("commit-story/journal".into()));
        leave(dir.path(), &folder).unwrap();
        leave(dir.path(), &branch).unwrap();
        leave(dir.path(), &folder).unwrap();
        assert_eq!(left(dir.path()), [folder.clone(), branch.clone()]);
        forget(dir.path(), &folder).unwrap();
        assert_eq!(left(dir.path()), std::slice::from_ref(&branch));
        forget(dir.path(), &branch).unwrap();
        assert!(left(dir.path()).is_empty() && !file(dir.path()).exists());
    }
}
