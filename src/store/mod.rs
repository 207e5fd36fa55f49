//! Where pages live, and the only code that changes them.
//!
//! In: entries, and the journal's folder. Out: pages on disk, edited as text: only the lines of one entry change.
//! Never here: a page left half-written, a neighbour's text changed, a listing of other months on the way to one page,
//! or a page outside the folder's allowed root.

pub mod layout;

pub mod joined;

pub mod splice;

pub mod log;

pub mod made;

pub mod notes;

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;

pub use self::joined::Place;
use self::splice::Kept;
use crate::env::Deadline;
use crate::fs::{self, Lock};
use crate::git::CommitId;
use crate::journal::{Entry, Imported, Page, Problem};
use crate::markdown::{marker, parse_entries, parse_page, render_entry, render_header};

/// Larger pages are refused: a day's page of this size was not written by us.
const PAGE_LIMIT: u64 = 16 << 20;

/// The pages of one journal.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    lock: PathBuf,
    within: Option<PathBuf>,
}

/// What came of putting an entry into its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// The page.
    pub path: PathBuf,
    /// What was done to it.
    pub outcome: Outcome,
}

/// What was done to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The entry is new on it.
    Written,
    /// The commit had an entry, which was replaced.
    Replaced,
    /// The entry stood there already; nothing was written.
    Unchanged,
}

/// An entry that was looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its page.
    pub path: PathBuf,
    /// The entry; `None` when it is there but cannot be read.
    pub entry: Option<Entry>,
    /// What could not be understood of it; lines are counted from its first.
    pub problems: Vec<Problem>,
}

impl Store {
    /// The journal in `folder`, changed by one process at a time with the help of the file `lock`. With `within`, no
    /// page is read or written whose path, links resolved, leaves that directory.
    #[must_use]
    pub fn new(folder: PathBuf, lock: PathBuf, within: Option<&Path>) -> Self {
        Self { folder, lock, within: within.map(Path::to_owned) }
    }

    /// Writes an entry into the page of its day. The same commit's entry is replaced where it stands, and what was
    /// written by hand below it stays; a new one is placed by its author's time.
    ///
    /// # Errors
    /// The lock is not free in time, the page cannot be read or written, leads out of its root, is too large, or holds
    /// the commit's entry in a newer version of the format.
    pub fn put(&self, entry: &Entry, wait: Deadline) -> Result<Put> {
        let mut transaction = self.begin(wait)?;
        let put = transaction.put(entry)?;
        transaction.finish()?;
        Ok(put)
    }

    /// Begins a change of pages. No other process changes any until it is finished or dropped.
    ///
    /// # Errors
    /// The lock is not free in time.
    pub fn begin(&self, wait: Deadline) -> Result<Transaction<'_>> {
        fs::create_private_dir(self.lock.parent().unwrap_or(Path::new(".")))?;
        let Some(lock) = Lock::acquire(&self.lock, wait)? else {
            bail!("cannot write in {}: another process is writing the journal", self.folder.display());
        };
        Ok(Transaction { store: self, pages: BTreeMap::new(), _lock: lock })
    }

    /// Adds texts of an earlier program to an entry, or to the day itself, and says how many were added: those that stand
    /// there already are not. `None` when the commit has no entry on that page that can be added to, or the page would grow
    /// larger than is read again.
    ///
    /// # Errors
    /// As for [`Store::put`].
    pub fn join(&self, day: NaiveDate, place: Place<'_>, texts: &[Imported], wait: Deadline) -> Result<Option<usize>> {
        let mut transaction = self.begin(wait)?;
        let old = transaction.page(day)?;
        let Some(lacking) = joined::lacking(old, place, texts) else { return Ok(None) };
        if lacking.is_empty() {
            return Ok(Some(0));
        }
        let page = joined::joined(old, place, &lacking, &render_header(day));
        if u64::try_from(page.len()).is_ok_and(|length| length > PAGE_LIMIT) {
            return Ok(None);
        }
        transaction.set(day, page);
        transaction.finish()?;
        Ok(Some(lacking.len()))
    }

    /// How many of the texts [`Store::join`] would add; it changes nothing.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn would_join(&self, day: NaiveDate, place: Place<'_>, texts: &[Imported]) -> Result<Option<usize>> {
        let page = self.bytes(&self.path(day))?.unwrap_or_default();
        Ok(joined::lacking(&page, place, texts).map(|lacking| lacking.len()))
    }

    /// Whether the day's page holds a whole entry of the commit; the entry itself is not read.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn has(&self, day: NaiveDate, commit: &CommitId) -> Result<bool> {
        let page = self.bytes(&self.path(day))?.unwrap_or_default();
        Ok(marker::spans(&page).iter().any(|span| span.begin.commit.as_ref() == Some(commit) && span.below.is_some()))
    }

    /// Looks for the entry of the commit whose id begins with `prefix`: on the page of `day`, or on all pages, newest
    /// first. Pages are searched for the marker, and only the entry that is found is parsed.
    ///
    /// # Errors
    /// A page cannot be read.
    pub fn find(&self, day: Option<NaiveDate>, prefix: &str) -> Result<Option<Found>> {
        if prefix.is_empty() {
            return Ok(None);
        }
        let days = match day {
            Some(day) => vec![day],
            None => self.days()?,
        };
        for day in days.into_iter().rev() {
            let path = self.path(day);
            let Some(page) = self.bytes(&path)? else { continue };
            let is_it = |span: &&marker::Span| {
                span.begin.commit.as_ref().is_some_and(|commit| commit.as_str().starts_with(prefix))
            };
            let spans = marker::spans(&page);
            let whole = spans.iter().filter(is_it).find(|span| span.below.is_some());
            if let Some(span) = whole.or_else(|| spans.iter().find(is_it)) {
                let (entries, problems) = parse_entries(&String::from_utf8_lossy(&page[span.all.clone()]));
                return Ok(Some(Found { path, entry: entries.into_iter().next(), problems }));
            }
        }
        Ok(None)
    }

    /// Reads the page of a day; `None` if there is none.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn page(&self, day: NaiveDate) -> Result<Option<Page>> {
        Ok(self.raw(day)?.map(|text| Page { day, ..parse_page(&text) }))
    }

    /// The text of a day's page; what is not UTF-8 in it is replaced.
    ///
    /// # Errors
    /// The page cannot be read, is too large, or leads out of its root.
    pub fn raw(&self, day: NaiveDate) -> Result<Option<String>> {
        let page = self.bytes(&self.path(day))?;
        Ok(page.map(|page| {
            String::from_utf8(page).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        }))
    }

    /// The days that have a page, newest last.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn days(&self) -> Result<Vec<NaiveDate>> {
        self.check_root(&self.folder)?;
        layout::days(&self.folder)
    }

    /// Where the page of a day is or would be.
    #[must_use]
    pub fn path(&self, day: NaiveDate) -> PathBuf {
        layout::page(&self.folder, day)
    }

    fn bytes(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        self.check_root(path)?;
        fs::read(path, PAGE_LIMIT).context("cannot use this page; move it away and a new one is begun")
    }

    /// Refuses a path that leaves the allowed root: by a link, or by `..` in a part that does not exist yet.
    fn check_root(&self, path: &Path) -> Result<()> {
        let Some(within) = &self.within else { return Ok(()) };
        let existing = path.ancestors().find(|part| part.symlink_metadata().is_ok()).unwrap_or(path);
        let plain = path
            .strip_prefix(existing)
            .is_ok_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_))));
        // A link to nowhere cannot be resolved; where it would lead is not known, so it is refused as well.
        let real = existing.canonicalize().unwrap_or_default();
        let inside = real.strip_prefix(fs::canonical(within)).ok();
        // Inside the root there is more that a clone's link must not make a page of: what git keeps, and other files.
        let in_git = |path: &Path| path.components().any(|part| part == Component::Normal(".git".as_ref()));
        let renamed = existing == path && path.extension().is_some() && real.file_name() != path.file_name();
        if !plain || renamed || inside.is_none_or(in_git) {
            bail!("{} leads out of {}", path.display(), within.display());
        }
        Ok(())
    }
}

/// Pages that are being changed together. What is not finished changes nothing.
#[derive(Debug)]
pub struct Transaction<'a> {
    store: &'a Store,
    /// The pages met, and whether they were changed.
    pages: BTreeMap<NaiveDate, (Vec<u8>, bool)>,
    _lock: Lock,
}

impl Transaction<'_> {
    /// The bytes of a day's page as this transaction leaves them; empty if there is none.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn page(&mut self, day: NaiveDate) -> Result<&[u8]> {
        let page = match self.pages.entry(day) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(place) => {
                let bytes = self.store.bytes(&self.store.path(day))?;
                place.insert((bytes.unwrap_or_default(), false))
            }
        };
        Ok(&page.0)
    }

    /// Puts an entry into the page of its day, as [`Store::put`] does.
    ///
    /// # Errors
    /// As for [`Store::put`], but for the lock.
    pub fn put(&mut self, entry: &Entry) -> Result<Put> {
        let entry = &entry.clone().normalised();
        let day = entry.at.date_naive();
        let path = self.store.path(day);
        let page = self.page(day)?;
        let edit = splice::put(page, entry, &render_entry(entry), &render_header(day))
            .with_context(|| format!("cannot change {}", path.display()))?;
        let outcome = match edit {
            splice::Edit::Unchanged => Outcome::Unchanged,
            splice::Edit::Inserted(page) => {
                self.set(day, page);
                Outcome::Written
            }
            splice::Edit::Replaced(page) => {
                self.set(day, page);
                Outcome::Replaced
            }
        };
        Ok(Put { path, outcome })
    }

    /// A commit's whole entry on the page of a day, with what of it is not ours to write anew.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn entry(&mut self, day: NaiveDate, commit: &CommitId) -> Result<Option<(Entry, Kept)>> {
        Ok(splice::take_apart(self.page(day)?, commit))
    }

    /// Adds what was kept of other entries to that of a commit.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn give(&mut self, day: NaiveDate, commit: &CommitId, kept: &Kept) -> Result<()> {
        if let Some(page) = splice::give(self.page(day)?, commit, kept) {
            self.set(day, page);
        }
        Ok(())
    }

    /// Takes a commit's whole entry off the page of a day, with all that stands below it. A page on which nothing is left
    /// but the day is removed.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn remove(&mut self, day: NaiveDate, commit: &CommitId) -> Result<()> {
        if let Some(mut page) = splice::without(self.page(day)?, commit) {
            if page.trim_ascii() == render_header(day).as_bytes() {
                page.clear();
            }
            self.set(day, page);
        }
        Ok(())
    }

    /// Makes these the bytes of a day's page; without any the page is removed.
    pub fn set(&mut self, day: NaiveDate, page: Vec<u8>) {
        self.pages.insert(day, (page, true));
    }

    /// Writes the changed pages, each whole or not at all, oldest first.
    ///
    /// # Errors
    /// A page cannot be written; those before it are.
    pub fn finish(mut self) -> Result<()> {
        self.write()
    }

    /// Writes what was changed until now, and goes on.
    ///
    /// # Errors
    /// As for [`Transaction::finish`].
    pub fn write(&mut self) -> Result<()> {
        for (day, (page, changed)) in self.pages.iter_mut().filter(|(_, (_, changed))| *changed) {
            *changed = false;
            let path = self.store.path(*day);
            self.store.check_root(&path)?;
            if page.is_empty() {
                fs::remove(&path)?;
                continue;
            }
            if let Some(dir) = path.parent() {
                fs::create_private_dir(dir)?;
                fs::sweep(dir);
            }
            fs::replace(&path, page)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::journal::any;
    use crate::markdown::render_page;

    const PAST: &str = "4a98f7249eaf485cd64ce29903edccea27c898af";

    fn store(dir: &Path) -> Store {
        Store::new(dir.join("journal"), dir.join("lock"), Some(dir))
    }

    fn minimal(id: &str, at: &str) -> Entry {
        let begin = format!("<!-- commit-story:entry {id} v1 {at} -->\n## x\n{}\n", marker::END);
        let mut entry = parse_entries(&begin).0.remove(0);
        entry.subject = format!("at {at}");
        entry
    }

    fn id(nth: usize) -> String {
        format!("{nth:040x}")
    }

    #[test]
    fn an_entry_is_written_then_left_alone_then_replaced_with_what_is_below_it_kept() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let mut entry = minimal(PAST, "2026-01-06T16:02:06+01:00");
        let put = store.put(&entry, Deadline::NONE).unwrap();
        assert_eq!(put.outcome, Outcome::Written);
        assert_eq!(put.path, dir.path().join("journal/entries/2026-01/2026-01-06.md"));
        assert_eq!(store.put(&entry, Deadline::NONE).unwrap().outcome, Outcome::Unchanged);

        let mine = "\nmine\n\n\u{7}<details>\n";
        std::fs::write(&put.path, std::fs::read_to_string(&put.path).unwrap() + mine).unwrap();
        entry.body = "now with a body".to_owned();
        assert_eq!(store.put(&entry, Deadline::NONE).unwrap().outcome, Outcome::Replaced);
        let text = std::fs::read_to_string(&put.path).unwrap();
        assert!(text.contains("now with a body") && text.ends_with(mine), "{text}");
        let day = entry.at.date_naive();
        assert!(store.has(day, &entry.commit).unwrap());
        assert_eq!(store.days().unwrap(), vec![day]);
        assert_eq!(store.page(day).unwrap().unwrap().entries[0].by_hand, mine.trim());
    }

    #[test]
    fn entries_stand_in_the_order_of_their_instants_and_equal_ones_in_that_of_writing() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let times = ["16:00:00+01:00", "12:00:00+01:00", "13:00:00-05:00", "16:00:00+01:00", "09:00:00Z"];
        for (nth, time) in times.iter().enumerate() {
            store.put(&minimal(&id(nth), &format!("2026-01-06T{time}")), Deadline::NONE).unwrap();
        }
        let page = store.page(NaiveDate::from_ymd_opt(2026, 1, 6).unwrap()).unwrap().unwrap();
        assert_eq!(page.problems, []);
        let order: Vec<&str> = page.entries.iter().map(|entry| &entry.commit.as_str()[39..]).collect();
        assert_eq!(order, ["4", "1", "0", "3", "2"]);
    }

    #[test]
    fn twenty_writers_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for nth in 0..20 {
                let store = store(dir.path());
                scope
                    .spawn(move || store.put(&minimal(&id(nth), "2026-01-06T16:02:06+01:00"), Deadline::NONE).unwrap());
            }
        });
        let page = store(dir.path()).page(NaiveDate::from_ymd_opt(2026, 1, 6).unwrap()).unwrap().unwrap();
        assert_eq!((page.entries.len(), page.problems), (20, vec![]));
    }

    #[test]
    fn a_page_from_windows_keeps_its_line_ends_and_its_byte_order_mark() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let mut entry = minimal(PAST, "2026-01-06T16:02:06+01:00");
        let path = store.put(&entry, Deadline::NONE).unwrap().path;
        let text = std::fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
        std::fs::write(&path, format!("\u{feff}{text}mine\r\n")).unwrap();
        assert_eq!(store.put(&entry, Deadline::NONE).unwrap().outcome, Outcome::Unchanged);
        entry.body = "two\nlines".to_owned();
        store.put(&entry, Deadline::NONE).unwrap();
        store.put(&minimal(&id(7), "2026-01-06T18:00:00+01:00"), Deadline::NONE).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("\u{feff}# Tuesday"));
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
        assert_eq!(parse_page(&text).problems, []);
        assert_eq!(parse_page(&text).entries.len(), 2);
    }

    #[test]
    fn what_is_not_understood_survives_to_the_byte() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let mut entry = minimal(PAST, "2026-01-06T16:02:06+01:00");
        entry.body = "```\n### Not a section\n```".to_owned();
        let block = render_entry(&entry);
        let summary = "\n### Summary\n\nby a later version \n";
        let own = block.replacen(marker::END, &format!("{summary}{}", marker::END), 1);
        let before = b"junk \xff\n<!-- commit-story:entry broken\nno end\n";
        let after =
            format!("<!-- commit-story:entry {} v2 2026-01-06T17:00:00+01:00 -->\nnew\n{}\n", id(2), marker::END);
        let path = store.path(entry.at.date_naive());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, [&before[..], own.as_bytes(), after.as_bytes()].concat()).unwrap();

        entry.subject = "another".to_owned();
        for expected in [Outcome::Replaced, Outcome::Unchanged] {
            assert_eq!(store.put(&entry, Deadline::NONE).unwrap().outcome, expected);
        }
        let page = std::fs::read(&path).unwrap();
        assert!(page.starts_with(before) && page.ends_with(after.as_bytes()));
        let text = String::from_utf8_lossy(&page);
        assert!(text.contains("### Summary\n\nby a later version\n<!--"), "{text}");
        assert_eq!(text.matches("### Not a section").count(), 1);

        let error = store.put(&minimal(&id(2), "2026-01-06T17:00:00+01:00"), Deadline::NONE).unwrap_err();
        assert!(format!("{error:#}").contains("update commit-story"), "{error:#}");
    }

    #[test]
    fn an_entry_is_found_by_the_start_of_its_id() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        for (nth, month) in ["2025-11", "2026-01"].iter().enumerate() {
            store
                .put(&minimal(&format!("{nth}{}", &PAST[1..]), &format!("{month}-06T16:02:06Z")), Deadline::NONE)
                .unwrap();
        }
        let check = |day: Option<NaiveDate>, prefix: &str, expected: Option<&str>| {
            let found = store.find(day, prefix).unwrap().and_then(|found| found.entry);
            assert_eq!(found.map(|entry| entry.at.date_naive().to_string()).as_deref(), expected);
        };
        check(None, "0a98", Some("2025-11-06"));
        check(None, "1a98f7249", Some("2026-01-06"));
        check(NaiveDate::from_ymd_opt(2026, 1, 6), "0a98", None);
        check(None, "a98", None);
        check(None, "", None);
    }

    #[test]
    fn a_lock_that_is_held_is_told_and_nothing_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let held = Lock::acquire(&dir.path().join("lock"), Deadline::NONE).unwrap();
        let entry = minimal(PAST, "2026-01-06T16:02:06+01:00");
        let wait = Deadline::after(std::time::Duration::from_millis(2));
        assert!(store.put(&entry, wait).unwrap_err().to_string().contains("another process"));
        assert_eq!(store.raw(entry.at.date_naive()).unwrap(), None);
        drop(held);
    }

    #[cfg(unix)]
    #[test]
    fn a_page_or_folder_that_leads_out_of_the_root_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        let outside = dir.path().join("outside");
        std::fs::create_dir_all(&root).unwrap();
        std::fs::create_dir_all(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, root.join("linked")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("nowhere"), root.join("dangling")).unwrap();
        let entry = minimal(PAST, "2026-01-06T16:02:06+01:00");
        for folder in ["linked", "dangling", "absent/../../outside", "../outside"] {
            let store = Store::new(root.join(folder), root.join("lock"), Some(&root));
            let error = store.put(&entry, Deadline::NONE).unwrap_err().to_string();
            assert!(error.contains("leads out of"), "{folder}: {error}");
            assert!(store.raw(entry.at.date_naive()).is_err());
        }
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
        assert!(!dir.path().join("nowhere").exists());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_order_of_writing_keeps_every_entry_and_every_hand(
            entries in prop::collection::vec(any::entry_at(1_767_700_000..1_767_700_100), 1..5),
            order in prop::collection::vec((any::<prop::sample::Index>(), ".{0,5}"), 1..8),
        ) {
            let day = DateTime::from_timestamp(1_767_700_000, 0).unwrap().date_naive();
            let mut page = b"# free text\n\xff".to_vec();
            let mut last = std::collections::BTreeMap::new();
            for (index, subject) in order {
                let entry = Entry { subject, ..index.get(&entries).clone() }.normalised();
                let put = |page: &[u8]| splice::put(page, &entry, &render_entry(&entry), &render_header(day)).unwrap();
                if let splice::Edit::Inserted(new) | splice::Edit::Replaced(new) = put(&page) {
                    page = new;
                }
                prop_assert_eq!(put(&page), splice::Edit::Unchanged);
                last.insert(entry.commit.clone(), entry);
            }
            prop_assert!(page.starts_with(b"# free text\n\xff"));
            let text = String::from_utf8_lossy(&page);
            let read = parse_entries(&text);
            prop_assert_eq!(read.1, vec![]);
            prop_assert!(read.0.is_sorted_by_key(|entry| entry.at));
            let read: std::collections::BTreeMap<_, _> = read.0.into_iter().map(|entry| (entry.commit.clone(), entry)).collect();
            prop_assert_eq!(read, last);
        }

        #[test]
        fn a_damaged_page_keeps_what_is_not_the_entry(
            old in any::entry_at(1_767_700_000..1_767_700_100),
            new in any::entry_at(1_767_700_000..1_767_700_100),
            at in any::<prop::sample::Index>(),
        ) {
            let old = old.normalised();
            let page = render_page(&Page { day: old.at.date_naive(), entries: vec![old], problems: vec![] });
            let page = &page.as_bytes()[at.index(page.len())..];
            let new = new.normalised();
            let block = render_entry(&new);
            let Ok(splice::Edit::Inserted(text)) = splice::put(page, &new, &block, "# day") else { panic!() };
            let place = memchr::memmem::find(&text, block.as_bytes()).unwrap();
            let rest = &text[place + block.len()..];
            let without = [&text[..place], rest.strip_prefix(b"\n").unwrap_or(rest)].concat();
            prop_assert!(without.starts_with(page), "{}", String::from_utf8_lossy(&text));
        }
    }
}
