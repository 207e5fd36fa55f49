//! The journal, searched.
//!
//! In: a journal, a state directory, and a [`Query`]. Out: the entries that match, best first, with a line of each that
//! shows why.
//! Never here: a change to the journal, or anything that a commit waits for. The index is a cache: it is brought up to date
//! with every search, mended when it is damaged, and may be deleted at any time.

pub mod words;

pub mod passages;

pub mod query;

pub mod rows;

pub mod summaries;

pub mod ask;

pub mod index;

pub mod snippet;

pub mod found;

pub mod json;

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Result;

pub use self::found::{Found, Hit, Unknown};
use self::index::{Fault, Index, Row};
pub use self::passages::Field;
use self::passages::{imported, passages};
pub use self::query::{Query, Unclear};
pub use self::snippet::Snippet;
use crate::journal::Period;
use crate::store::{Store, joined};

/// Searches: so many (`limit`) of what matches, after so many (`offset`) that are left out.
///
/// # Errors
/// The journal cannot be read, or another process keeps the index for minutes.
pub fn search(store: &Store, state: &Path, query: &Query, limit: usize, offset: usize) -> Result<Found> {
    search_showing(store, state, query, (limit, offset), |_, _| ControlFlow::Continue(()))
}

/// The same for somebody who waits: `progress` hears how many of how many pages are read, where pages have changed,
/// and says whether to go on.
///
/// # Errors
/// As for [`search`]; or it was stopped.
pub fn search_showing(
    store: &Store,
    state: &Path,
    query: &Query,
    (limit, offset): (usize, usize),
    mut progress: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> Result<Found> {
    let (unread, total, rows, unknown) = mended(state, || {
        let mut index = Index::open(state)?;
        let unread = index.refresh(store, &mut progress)?;
        let (total, rows) = index.matches(query, limit, offset)?;
        let unknown = if total == 0 { unknown(&index, query)? } else { vec![] };
        Ok((unread, total, rows, unknown))
    })?;
    Ok(Found { total, hits: rows.into_iter().map(|row| hit(store, query, row)).collect(), unknown, unread })
}

/// Makes the index anew. `progress` hears how many of how many pages are read.
///
/// # Errors
/// As for [`search`].
pub fn rebuild(store: &Store, state: &Path, mut progress: impl FnMut(usize, usize) -> ControlFlow<()>) -> Result<()> {
    index::discard(state, true)?;
    mended(state, || Index::open(state)?.refresh(store, &mut progress)).map(drop)
}

/// Does it again with a new index, if the old one is damaged: first where it looks so, then in any case.
fn mended<T>(state: &Path, mut work: impl FnMut() -> Result<T, Fault>) -> Result<T> {
    for wholly in [false, true] {
        match work() {
            Err(Fault::Damaged) => index::discard(state, wholly)?,
            done => return Ok(done?),
        }
    }
    Ok(work()?)
}

/// What is shown of a match. The page may have changed since: then there is less to show.
fn hit(store: &Store, query: &Query, row: Row) -> Hit {
    let Row { day, at, commit, subject, score } = row;
    let snippet = match &commit {
        Some(commit) => {
            let found = store.find(Some(day), commit).ok().flatten();
            found.and_then(|found| found.entry).and_then(|entry| snippet::snippet(&passages(&entry), query))
        }
        // A summary goes by its period.
        None if !subject.is_empty() => {
            Period::parse(&at, day).and_then(|period| snippet::snippet(&summaries::of(store, period), query))
        }
        None => store.bytes(day).ok().flatten().and_then(|page| {
            let texts = joined::of_the_day(&page);
            snippet::snippet(&texts.iter().flat_map(imported).collect::<Vec<_>>(), query)
        }),
    };
    Hit { day, at, commit, subject_marks: snippet::marks(&subject, query), subject, score, snippet }
}

/// The words of a query that no entry has, with the nearest that some have.
fn unknown(index: &Index, query: &Query) -> Result<Vec<Unknown>, Fault> {
    const FEW: usize = 3;
    let mut unknown = Vec::new();
    let looked_for = query.all.iter().flatten().filter(|term| !term.prefix);
    for word in looked_for.flat_map(|term| &term.words) {
        if !index.knows(word)? {
            unknown.push(Unknown { word: word.clone(), nearest: vec![] });
        }
    }
    unknown.truncate(FEW);
    for one in &mut unknown {
        // People seldom miss the first letter, and all others are too many to be compared.
        let begin: String = one.word.chars().take(1).collect();
        let mut near: Vec<(f64, String)> = vec![];
        index.vocabulary(&begin, |word, entries| {
            let likeness = strsim::jaro_winkler(word, &one.word);
            if likeness > 0.85 {
                // Of two that are as near, the one that more entries have.
                #[expect(clippy::cast_precision_loss, reason = "it only breaks ties")]
                near.push((likeness + (entries as f64).min(1e6) / 1e9, word.to_owned()));
            }
        })?;
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        one.nearest = near.into_iter().take(FEW).map(|(_, word)| word).collect();
    }
    Ok(unknown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::env::Deadline;
    use crate::journal::{Entry, Note, NoteKind, any};
    use crate::markdown::{marker, parse_entries};

    /// A journal in a directory of its own, with its state beside it.
    struct Place {
        dir: tempfile::TempDir,
    }

    impl Place {
        fn of(entries: &[Entry]) -> Self {
            let place = Self { dir: tempfile::tempdir().unwrap() };
            for entry in entries {
                place.put(entry);
            }
            place
        }

        fn store(&self) -> Store {
            let dir = self.dir.path();
            Store::new(dir.join("journal"), dir.join("lock"), Some(dir))
        }

        fn state(&self) -> std::path::PathBuf {
            self.dir.path().join("state")
        }

        fn put(&self, entry: &Entry) {
            self.store().put(entry, Deadline::NONE).unwrap();
        }

        fn search(&self, text: &str) -> Found {
            self.search_in(&self.state(), text)
        }

        fn search_in(&self, state: &Path, text: &str) -> Found {
            let query = Query::parse(text, "2026-01-06".parse().unwrap()).unwrap();
            search(&self.store(), state, &query, 100, 0).unwrap()
        }

        /// The subjects of what is found, best first.
        fn found(&self, text: &str) -> Vec<String> {
            self.search(text).hits.into_iter().map(|hit| hit.subject).collect()
        }
    }

    fn entry(nth: u32, at: &str, subject: &str) -> Entry {
        let begin = format!("<!-- commit-story:entry {nth:040x} v1 {at} -->\n## x\n{}\n", marker::END);
        let mut entry = parse_entries(&begin).0.remove(0);
        subject.clone_into(&mut entry.subject);
        entry
    }

    fn some() -> Place {
        let mut first = entry(1, "2026-01-05T10:00:00+01:00", "Retry uploads");
        "Ada Example".clone_into(&mut first.details.author);
        "The pause doubles, as in https://example.org/back_off".clone_into(&mut first.body);
        let mut second = entry(2, "2026-01-06T10:00:00+01:00", "Tidy the README");
        "Grace Muster".clone_into(&mut second.details.author);
        let text = "a retry would have hidden this; see fooBar and 重试次数".to_owned();
        second.notes.push(Note { kind: NoteKind::Reflection, at: second.at, text });
        Place::of(&[first, second])
    }

    #[test]
    fn words_phrases_and_filters_find_what_they_say() {
        let place = some();
        let check = |text: &str, expected: &[&str]| assert_eq!(place.found(text), expected, "{text}");
        let (retry, tidy) = ("Retry uploads", "Tidy the README");
        check("retry", &[retry, tidy]);
        check("retry uploads", &[retry]);
        check("uploads OR tidy -retry", &[]);
        check("\"pause doubles\"", &[retry]);
        check("\"doubles pause\"", &[]);
        check("doub* back_off", &[retry]);
        check("foobar", &[tidy]);
        check("foo_bar", &[tidy]);
        check("试次", &[tidy]);
        check("次试", &[]);
        check("in:notes retry", &[tidy]);
        check("retry author:muster", &[tidy]);
        check("-author:muster", &[retry]);
        check("since:2026-01-06", &[tidy]);
        check("retry until:yesterday", &[retry]);
        check("-doubles", &[tidy]);
        check("0000000", &[retry, tidy]);
        check("", &[tidy, retry]);
    }

    #[test]
    fn what_nobody_wrote_is_told_with_what_comes_near() {
        let found = some().search("uplaods retry");
        assert_eq!((found.total, found.unknown.len()), (0, 1));
        assert_eq!((&*found.unknown[0].word, &*found.unknown[0].nearest[0]), ("uplaods", "uploads"));
    }

    #[test]
    fn an_index_that_is_damaged_or_of_another_version_is_made_anew() {
        let place = some();
        let sane = place.search("retry");
        let file = index::file(&place.state());
        let whole = std::fs::read(&file).unwrap();
        let noise: Vec<u8> =
            whole.iter().enumerate().map(|(at, byte)| if at > 5_000 { !byte } else { *byte }).collect();
        for damaged in
            [b"not a database, long enough to be looked at ".repeat(40), noise, whole[..4096].to_vec(), vec![]]
        {
            std::fs::write(&file, damaged).unwrap();
            assert_eq!(place.search("retry"), sane);
        }
        let forget = |then: &str| format!("DELETE FROM journal; {then}");
        for statement in [
            "PRAGMA user_version = 99".to_owned(),
            "DROP TABLE words".to_owned(),
            forget("DROP TABLE page"),
            forget("UPDATE page SET day = day + (1 << 62)"),
        ] {
            rusqlite::Connection::open(&file).unwrap().execute_batch(&statement).unwrap();
            assert_eq!(place.search("retry"), sane, "{statement}");
        }
        for _ in 0..2 {
            std::fs::remove_file(&file).unwrap();
            rebuild(&place.store(), &place.state(), |_, _| ControlFlow::Continue(())).unwrap();
            assert_eq!(place.search("retry"), sane);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_index_is_private_and_kept_in_memory_where_it_cannot_be_written() {
        use std::os::unix::fs::PermissionsExt;
        let place = some();
        let sane = place.search("retry");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place.state()), mode(&index::file(&place.state()))), (0o700, 0o600));
        // A file where the directory would be: nobody, not even root, can make one there.
        let blocked = place.dir.path().join("blocked");
        std::fs::write(&blocked, "").unwrap();
        assert_eq!(place.search_in(&blocked, "retry"), sane);
    }

    #[test]
    fn many_searches_at_once_build_one_index_and_agree() {
        let place = some();
        std::thread::scope(|scope| {
            for nth in 0..8 {
                let place = &place;
                scope.spawn(move || {
                    if nth == 3 {
                        place.put(&entry(3, "2026-01-06T11:00:00+01:00", "Third"));
                    }
                    assert_eq!(place.search("retry").total, 2);
                });
            }
        });
        assert_eq!(place.found("third"), ["Third"]);
    }

    #[test]
    fn a_search_that_is_stopped_leaves_nothing_half_done() {
        let place = some();
        let stopped = rebuild(&place.store(), &place.state(), |done, _| {
            if done == 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        assert_eq!(stopped.unwrap_err().to_string(), "the search was stopped");
        assert_eq!(place.search("retry").total, 2);
    }

    #[test]
    fn a_page_that_changes_or_goes_is_noticed() {
        let place = some();
        assert_eq!(place.search("tidy").total, 1);
        place.put(&entry(4, "2026-01-06T12:00:00+01:00", "Tidy more"));
        assert_eq!(place.search("tidy").total, 2);
        let page = place.store().path("2026-01-06".parse::<chrono::NaiveDate>().unwrap());
        let text = std::fs::read_to_string(&page).unwrap();
        std::fs::write(&page, text.replace("Tidy more", "Titan ore")).unwrap();
        assert_eq!((place.search("tidy").total, place.search("titan").total), (1, 1));
        std::fs::remove_file(&page).unwrap();
        assert_eq!((place.search("tidy").total, place.search("uploads").total), (0, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn every_word_of_an_entry_finds_it(entry in any::entry_at(1_767_700_000..1_767_700_100)) {
            let place = Place::of(&[entry]);
            let day = place.store().days().unwrap()[0];
            let entry = place.store().page(day).unwrap().unwrap().entries.remove(0);
            for passage in passages(&entry) {
                for word in passage.text.split_whitespace().filter(|word| !word.contains('"')) {
                    let text = format!("\"{word}\" in:{}", passage.field.name());
                    let query = Query::parse(&text, day).unwrap();
                    if !query.all.is_empty() {
                        let found = search(&place.store(), &place.state(), &query, 1, 0).unwrap();
                        prop_assert_eq!(found.total, 1, "{:?} of {:?}", word, passage);
                    }
                }
            }
        }

        #[test]
        fn no_query_is_an_error(text in "(\\PC|[a-z\"*:() -]|OR|NEAR|in:notes|author:|-){0,30}") {
            thread_local!(static PLACE: Place = some());
            if let Ok(query) = Query::parse(&text, "2026-01-06".parse().unwrap()) {
                let found = PLACE.with(|place| search(&place.store(), &place.state(), &query, 10, 0));
                prop_assert!(found.is_ok(), "{:?}", found);
            }
        }

        #[test]
        fn an_index_that_grew_says_what_one_made_anew_says(
            entries in prop::collection::vec(any::entry_at(1_767_600_000..1_767_900_000), 1..5),
            looked_for in "[a-e]|item|words|Developer|\\*|-x",
        ) {
            let place = Place::of(&[]);
            for entry in &entries {
                place.put(entry);
                place.search("a");
            }
            let grown = place.search(&looked_for);
            let anew = place.search_in(&place.dir.path().join("anew"), &looked_for);
            prop_assert_eq!(grown, anew);
        }
    }
}
