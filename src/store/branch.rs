//! Pages in the trees of a branch that is never checked out.
//!
//! In: the branch. Out: a page's bytes as its newest commit has them; a new commit with changed pages.
//! Never here: what git does with branches, or an object that is not on the way to the page.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use chrono::{DateTime, FixedOffset, NaiveDate};

use super::folder::PAGE_LIMIT;
use super::layout::{self, ENTRIES, Leaf};
use super::summaries;
use super::union::union;
use crate::git::{OwnBranch, Tip};
use crate::journal::{Period, Unit};

/// How often a branch is written anew that somebody else has moved meanwhile. Within this program there is a lock.
const TRIES: usize = 20;

/// The newest commit of a branch that holds a journal, or nothing yet.
///
/// # Errors
/// It cannot be read, or holds something else.
pub fn tip(branch: &OwnBranch) -> Result<Option<Tip>> {
    let tip = branch.tip()?;
    if let Some(tip) = &tip {
        check(branch, tip)?;
    }
    Ok(tip)
}

/// Refuses a commit that holds something else than a journal.
///
/// # Errors
/// It does, or cannot be read.
pub fn check(branch: &OwnBranch, tip: &Tip) -> Result<()> {
    let names = branch.names(tip, "")?;
    if !names.is_empty() && !names.iter().any(|(name, directory)| *directory && name == ENTRIES) {
        bail!("the branch {} holds no journal: name another one with journal.branch", branch.name());
    }
    Ok(())
}

/// The bytes of a file of the journal; `None` if there is none.
///
/// # Errors
/// It cannot be read, or is too large.
pub fn read(branch: &OwnBranch, tip: Option<&Tip>, leaf: impl Into<Leaf>) -> Result<Option<Vec<u8>>> {
    tip.map_or(Ok(None), |tip| branch.file(tip, &leaf.into().path(), PAGE_LIMIT))
}

/// The days that have a page, newest last.
///
/// # Errors
/// A tree cannot be read.
pub fn days(branch: &OwnBranch) -> Result<Vec<NaiveDate>> {
    let Some(tip) = branch.tip()? else { return Ok(Vec::new()) };
    let mut days = Vec::new();
    for (month, _) in branch.names(&tip, ENTRIES)?.iter().filter(|(name, dir)| *dir && layout::is_month(name)) {
        let directory = format!("{ENTRIES}/{month}");
        let pages = branch.names(&tip, &directory)?;
        days.extend(pages.iter().filter_map(|(name, _)| layout::day(&format!("{directory}/{name}"))));
    }
    days.sort_unstable();
    Ok(days)
}

/// The days that have a page, newest last, each with the id that git gives to its content: no page is read.
///
/// # Errors
/// A tree cannot be read.
pub fn stamps(branch: &OwnBranch) -> Result<Vec<(NaiveDate, String)>> {
    let Some(tip) = branch.tip()? else { return Ok(Vec::new()) };
    let mut stamps = Vec::new();
    for (month, _) in branch.names(&tip, ENTRIES)?.iter().filter(|(name, dir)| *dir && layout::is_month(name)) {
        let directory = format!("{ENTRIES}/{month}");
        let pages = branch.ids(&tip, &directory)?;
        stamps.extend(
            pages.into_iter().filter_map(|(name, id)| Some((layout::day(&format!("{directory}/{name}"))?, id))),
        );
    }
    stamps.sort_unstable();
    Ok(stamps)
}

/// The periods that have a summary, in order, each with the id that git gives to its content.
///
/// # Errors
/// A tree cannot be read.
pub fn summary_stamps(branch: &OwnBranch) -> Result<Vec<(Period, String)>> {
    let Some(tip) = branch.tip()? else { return Ok(Vec::new()) };
    let mut stamps = Vec::new();
    for directory in Unit::ALL.iter().map(|unit| layout::directory(*unit)) {
        let files = branch.ids(&tip, &directory)?;
        stamps.extend(
            files
                .into_iter()
                .filter_map(|(name, id)| Some((Leaf::parse(&format!("{directory}/{name}"))?.period()?, id))),
        );
    }
    stamps.sort_unstable();
    Ok(stamps)
}

/// Two versions of a file of the journal, and the one that both were made from, become one.
#[must_use]
pub fn united(leaf: Leaf, base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Vec<u8> {
    match leaf {
        Leaf::Day(_) => union(base, ours, theirs),
        Leaf::Summary(_) => summaries::union(base, ours, theirs),
    }
}

/// Makes a commit with changed pages on top of `tip`, and returns it. Where the branch has moved on since, the changes are
/// made to what it has now.
///
/// # Errors
/// git's objects or the branch cannot be written.
pub fn write(
    branch: &OwnBranch,
    mut tip: Option<Tip>,
    mut pages: BTreeMap<Leaf, Vec<u8>>,
    message: &str,
    now: DateTime<FixedOffset>,
) -> Result<Option<Tip>> {
    for _ in 0..TRIES {
        let files = pages.iter().map(|(leaf, page)| (leaf.path(), (!page.is_empty()).then(|| page.clone()))).collect();
        let new = branch.commit(tip.as_ref(), files, message, now)?;
        if tip.is_some_and(|tip| tip.has_files_of(&new)) {
            return Ok(tip);
        }
        if branch.advance(tip.as_ref(), &new)? {
            return Ok(Some(new));
        }
        let moved = self::tip(branch)?;
        for (leaf, page) in &mut pages {
            let (base, theirs) = (read(branch, tip.as_ref(), *leaf)?, read(branch, moved.as_ref(), *leaf)?);
            let (base, theirs) = (base.unwrap_or_default(), theirs.unwrap_or_default());
            *page = united(*leaf, Some(&base), page, &theirs);
        }
        tip = moved;
    }
    bail!("cannot write the branch {}: somebody else keeps moving it", branch.name());
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::env::Env;
    use crate::git::Repository;

    fn branch(dir: &Path) -> OwnBranch {
        let mut git = Command::new("git");
        git.args(["init", "-q"]).arg(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        assert!(git.status().unwrap().success());
        Repository::open(&Env::of_test(dir, &[])).unwrap().own_branch("commit-story/journal")
    }

    fn now() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn put(branch: &OwnBranch, tip: Option<Tip>, on: &str, page: &str) -> Option<Tip> {
        write(branch, tip, BTreeMap::from([(day(on).into(), page.as_bytes().to_vec())]), "journal: test", now())
            .unwrap()
    }

    #[test]
    fn pages_are_written_listed_and_read_and_what_is_there_makes_no_commit() {
        let dir = tempfile::tempdir().unwrap();
        let branch = branch(dir.path());
        assert_eq!((tip(&branch).unwrap(), days(&branch).unwrap()), (None, vec![]));
        let first = put(&branch, None, "2026-01-06", "one\n");
        let second = put(&branch, first, "2025-12-24", "two\n");
        assert_eq!(put(&branch, second, "2025-12-24", "two\n"), second);
        assert_eq!((tip(&branch).unwrap(), second != first), (second, true));
        assert_eq!(days(&branch).unwrap(), [day("2025-12-24"), day("2026-01-06")]);
        assert_eq!(read(&branch, second.as_ref(), day("2026-01-06")).unwrap().unwrap(), b"one\n");
        assert_eq!(read(&branch, second.as_ref(), day("2026-01-07")).unwrap(), None);
    }

    #[test]
    fn a_change_to_a_branch_that_has_moved_on_is_made_to_what_it_has_now() {
        let dir = tempfile::tempdir().unwrap();
        let branch = branch(dir.path());
        let entry = |nth: u8| {
            format!(
                "<!-- commit-story:entry {nth:040x} v1 2026-01-06T1{nth}:00:00Z -->\n## x\n<!-- commit-story:end -->\n"
            )
        };
        let page = |entries: &[u8]| {
            format!("# day\n\n{}", entries.iter().map(|nth| entry(*nth)).collect::<Vec<_>>().join("\n"))
        };
        let base = put(&branch, None, "2026-01-06", &page(&[1, 2]));
        put(&branch, base, "2026-01-06", &page(&[1, 2, 3]));
        // Knows nothing of the third, and takes the first away.
        let tip = put(&branch, base, "2026-01-06", &page(&[2, 4]));
        assert_eq!(tip, branch.tip().unwrap());
        let merged = read(&branch, tip.as_ref(), day("2026-01-06")).unwrap().unwrap();
        assert_eq!(String::from_utf8(merged).unwrap(), page(&[2, 3, 4]));
        // Somebody has made the branch while this one thought that there was none.
        let tip = put(&branch, None, "2026-01-07", "another page\n");
        assert!(read(&branch, tip.as_ref(), day("2026-01-06")).unwrap().is_some());
    }

    #[test]
    fn what_is_no_journal_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let branch = branch(dir.path());
        let files = BTreeMap::from([("main.rs".to_owned(), Some(Vec::new()))]);
        let tip = branch.commit(None, files, "code", now()).unwrap();
        assert!(branch.advance(None, &tip).unwrap());
        assert!(self::tip(&branch).unwrap_err().to_string().contains("holds no journal"));
    }
}
