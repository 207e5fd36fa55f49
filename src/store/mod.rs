//! Where pages live, and the only code that changes them.
//!
//! In: entries, and the journal's place: a folder, or a branch. Out: pages, edited as text: only the lines of one entry
//! change.
//! Never here: a page left half-written, a neighbour's text changed, a listing of other months on the way to one page,
//! or a page outside the folder's allowed root.

pub mod layout;

pub mod joined;

pub mod prose;

pub mod splice;

pub mod union;

pub mod summaries;

pub mod vault;

pub mod folder;

pub mod branch;

mod site;

pub mod transaction;

pub mod log;

pub mod made;

pub mod notes;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use chrono::{DateTime, FixedOffset, NaiveDate};

use self::folder::{Folder, PAGE_LIMIT};
pub use self::joined::Place;
use self::layout::Leaf;
use self::site::Site;
pub use self::transaction::{Outcome, Put, Transaction};
use self::vault::Claim;
use crate::env::Deadline;
use crate::git::{CommitId, OwnBranch};
use crate::journal::{Entry, Imported, Page, Period, Problem, SummaryPage};
use crate::markdown::{marker, parse_entries, parse_page, render_header, summary};

/// The pages of one journal.
#[derive(Debug, Clone)]
pub struct Store {
    site: Site,
    lock: PathBuf,
    now: Option<DateTime<FixedOffset>>,
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
        Self { site: Site::Folder(Folder::new(folder, within)), lock, now: None }
    }

    /// The journal in this repository's part of a folder that others use, too.
    #[must_use]
    pub fn in_vault(folder: PathBuf, lock: PathBuf, claim: Option<Claim>) -> Self {
        Self { site: Site::Folder(Folder::new(folder, None).claimed_by(claim)), lock, now: None }
    }

    /// The journal on a branch, whose commits are made at `now`.
    #[must_use]
    pub fn on_branch(branch: OwnBranch, lock: PathBuf, now: DateTime<FixedOffset>) -> Self {
        Self { site: Site::Branch(branch), lock, now: Some(now) }
    }

    /// The same, where an entry that takes the place of another says that it did so at `now`.
    #[must_use]
    pub fn at(self, now: DateTime<FixedOffset>) -> Self {
        Self { now: Some(now), ..self }
    }

    /// The branch, where the journal lies on one.
    #[must_use]
    pub fn branch(&self) -> Option<&OwnBranch> {
        match &self.site {
            Site::Branch(branch) => Some(branch),
            Site::Folder(_) => None,
        }
    }

    /// The folder, where the journal lies in one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.site {
            Site::Branch(_) => None,
            Site::Folder(folder) => Some(folder.path()),
        }
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
        Transaction::begin(&self.site, &self.lock, self.now, wait)
    }

    /// Removes pages, for a caller that has brought them elsewhere.
    ///
    /// # Errors
    /// The journal lies on a branch, which keeps everything, or a page cannot be removed.
    pub fn remove(&self, leaves: &[Leaf]) -> Result<()> {
        match &self.site {
            Site::Folder(folder) => leaves.iter().try_for_each(|leaf| folder.remove(*leaf)),
            Site::Branch(branch) => bail!("cannot remove pages from the branch {}", branch.name()),
        }
    }

    /// Removes the directories that have lost their last page.
    ///
    /// # Errors
    /// One cannot be listed or removed.
    pub fn prune(&self) -> Result<()> {
        match &self.site {
            Site::Folder(folder) => folder.prune(),
            Site::Branch(_) => Ok(()),
        }
    }

    /// The lock that whoever changes this journal holds.
    #[must_use]
    pub fn lock(&self) -> &Path {
        &self.lock
    }

    /// The place, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        self.site.shown()
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
        let page = self.bytes(day)?.unwrap_or_default();
        Ok(joined::lacking(&page, place, texts).map(|lacking| lacking.len()))
    }

    /// Whether the day's page holds a whole entry of the commit; the entry itself is not read.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn has(&self, day: NaiveDate, commit: &CommitId) -> Result<bool> {
        let page = self.bytes(day)?.unwrap_or_default();
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
            let Some(page) = self.bytes(day)? else { continue };
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
        let page = self.bytes(day)?;
        Ok(page.map(|page| {
            String::from_utf8(page).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        }))
    }

    /// The days that have a page, newest last.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn days(&self) -> Result<Vec<NaiveDate>> {
        self.site.days()
    }

    /// The same, each with a text that is another one whenever the page is. No page is opened.
    ///
    /// # Errors
    /// The folder, or the branch, cannot be listed.
    pub fn stamps(&self) -> Result<Vec<(NaiveDate, String)>> {
        self.site.stamps()
    }

    /// Where a file of the journal is or would be: a path, or `branch:path`, which git understands, too.
    #[must_use]
    pub fn path(&self, leaf: impl Into<Leaf>) -> PathBuf {
        self.site.page(leaf.into())
    }

    /// The bytes of a file of the journal; `None` if there is none.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn bytes(&self, leaf: impl Into<Leaf>) -> Result<Option<Vec<u8>>> {
        self.site.read(leaf.into())
    }

    /// All files of the journal: the pages of days, then summaries.
    ///
    /// # Errors
    /// As for [`Store::days`].
    pub fn leaves(&self) -> Result<Vec<Leaf>> {
        let days = self.days()?.into_iter().map(Leaf::Day);
        Ok(days.chain(self.summaries()?.into_iter().map(Leaf::Summary)).collect())
    }

    /// The periods that have a summary, in order: days first, years last.
    ///
    /// # Errors
    /// As for [`Store::days`].
    pub fn summaries(&self) -> Result<Vec<Period>> {
        self.site.summaries()
    }

    /// The same, each with a text that is another one whenever the page is. No page is opened.
    ///
    /// # Errors
    /// As for [`Store::days`].
    pub fn summary_stamps(&self) -> Result<Vec<(Period, String)>> {
        self.site.summary_stamps()
    }

    /// Reads the summary of a period; `None` if there is none.
    ///
    /// # Errors
    /// As for [`Store::raw`].
    pub fn summary(&self, period: Period) -> Result<Option<SummaryPage>> {
        let page = self.bytes(period)?;
        Ok(page.map(|page| summary::parse(&String::from_utf8_lossy(&page), period)))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::fs::Lock;
    use crate::journal::{Narration, any};
    use crate::markdown::{render_entry, render_page};

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
    fn entries_that_are_added_together_stand_as_if_they_were_put_one_by_one() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 6).unwrap();
        let at = |minute: u32| format!("2026-01-06T16:{minute:02}:00+01:00");
        let entries: Vec<Entry> =
            [5, 1, 9, 3, 3, 12].iter().enumerate().map(|(nth, minute)| minimal(&id(nth), &at(*minute))).collect();
        for before in ["", "# 6 January\r\n\r\nby hand\r\n", "# 6 January\n\nby hand"] {
            let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
            let pages = dirs.each_ref().map(|dir| {
                let store = store(dir.path());
                let page = dir.path().join("journal/entries/2026-01/2026-01-06.md");
                std::fs::create_dir_all(page.parent().unwrap()).unwrap();
                std::fs::write(&page, before).unwrap();
                for (nth, minute) in [(9, 4), (2, 9)] {
                    store.put(&minimal(&id(nth), &at(minute)), Deadline::NONE).unwrap();
                }
                (store, page)
            });
            let mut sorted = entries.clone();
            sorted.sort_by_key(|entry| entry.at);
            for entry in &sorted {
                pages[0].0.put(entry, Deadline::NONE).unwrap();
            }
            let mut journal = pages[1].0.begin(Deadline::NONE).unwrap();
            let added = journal.add(day, entries.clone()).unwrap();
            journal.finish().unwrap();
            assert!(added.iter().all(|entry| entry.commit.as_str() != id(2)), "it was there");
            assert_eq!(added.len(), entries.len() - 1);
            let [one_by_one, together] = pages.map(|(_, page)| std::fs::read_to_string(page).unwrap());
            assert_eq!(together, one_by_one);
        }
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
    fn prose_stays_until_there_is_other_prose_and_what_cannot_be_read_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let put = |entry: &Entry| store.put(entry, Deadline::NONE).unwrap();
        let mut bare = minimal(PAST, "2026-01-06T16:02:06+01:00");
        let page = put(&bare).path;
        let text = || std::fs::read_to_string(&page).unwrap();
        let told =
            |words: &str| Narration { summary: vec![words.to_owned()], ..Narration::by("m".to_owned(), bare.at) };
        let told =
            [told("first"), told("second")].map(|narration| Entry { narration: Some(narration), ..bare.clone() });
        assert_eq!(put(&told[0]).outcome, Outcome::Replaced);
        let first = text();
        assert_eq!(put(&bare).outcome, Outcome::Unchanged);
        bare.body = "now with a body".to_owned();
        assert_eq!(put(&bare).outcome, Outcome::Replaced);
        assert_eq!(
            text(),
            first.replace("\n\n<!-- commit-story:prose ", "\n\nnow with a body\n\n<!-- commit-story:prose ")
        );
        put(&told[1]);
        assert_eq!(text(), first.replace("first", "second"));
        let newer = first.replace("prose v1 ", "prose v2 ").replace('\n', "\r\n");
        std::fs::write(&page, &newer).unwrap();
        assert_eq!((put(&told[0]).outcome, text()), (Outcome::Unchanged, newer));
        let broken = first.replace("prose v1 ", "prose ");
        std::fs::write(&page, &broken).unwrap();
        put(&bare);
        assert!(text().contains("<!-- commit-story:prose 2026") && text().contains("now with a body"), "{}", text());
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
                let store = || store(dir.path());
                scope.spawn(move || {
                    store().put(&minimal(&id(nth), "2026-01-06T16:02:06+01:00"), Deadline::NONE).unwrap()
                });
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
                let put = |page: &[u8]| splice::put(page, &entry, &render_entry(&entry), &render_header(day), None).unwrap();
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
            let Ok(splice::Edit::Inserted(text)) = splice::put(page, &new, &block, "# day", None) else { panic!() };
            let place = memchr::memmem::find(&text, block.as_bytes()).unwrap();
            let rest = &text[place + block.len()..];
            let without = [&text[..place], rest.strip_prefix(b"\n").unwrap_or(rest)].concat();
            prop_assert!(without.starts_with(page), "{}", String::from_utf8_lossy(&text));
        }
    }
}
