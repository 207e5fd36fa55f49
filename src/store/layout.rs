//! Which file holds what: `entries/2026-01/2026-01-06.md` a day's entries, `summaries/week/2026-W02.md` what is said of a
//! week, below the journal's folder.
//!
//! In: a folder, and a day or a period. Out: a path; or the days and periods that have one. Never here: what a page says.

use std::path::Path;

use anyhow::{Context, Result};
use chrono::NaiveDate;

use crate::fs;
use crate::journal::{Period, Unit};

/// The directory of the pages of days.
pub const ENTRIES: &str = "entries";

/// The directory of summaries.
pub const SUMMARIES: &str = "summaries";

/// A file of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leaf {
    /// The page of a day: its entries.
    Day(NaiveDate),
    /// The summary of a period.
    Summary(Period),
}

impl Leaf {
    /// Its path below the journal's folder, `/` between the parts.
    #[must_use]
    pub fn path(self) -> String {
        match self {
            Self::Day(day) => page(day),
            Self::Summary(period) => format!("{}/{period}.md", directory(period.unit)),
        }
    }

    /// What a file with this path is; `None` if it is no file of the journal.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let leaf = match day(path) {
            Some(day) => Self::Day(day),
            None => Self::Summary(Period::parse(path.rsplit('/').next()?.strip_suffix(".md")?, NaiveDate::MIN)?),
        };
        (leaf.path() == path).then_some(leaf)
    }
}

impl Leaf {
    /// The day, if it is the page of one.
    #[must_use]
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(day),
            Self::Summary(_) => None,
        }
    }

    /// The period, if it is the summary of one.
    #[must_use]
    pub fn period(self) -> Option<Period> {
        match self {
            Self::Day(_) => None,
            Self::Summary(period) => Some(period),
        }
    }
}

impl From<NaiveDate> for Leaf {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

impl From<Period> for Leaf {
    fn from(period: Period) -> Self {
        Self::Summary(period)
    }
}

/// The directory of the summaries of a unit, below the journal's folder.
#[must_use]
pub fn directory(unit: Unit) -> String {
    format!("{SUMMARIES}/{}", unit.name())
}

/// The page of a day, below the journal's folder, `/` between the parts. Only normal days come here: years 1 to 9999.
#[must_use]
pub fn page(day: NaiveDate) -> String {
    day.format("entries/%Y-%m/%Y-%m-%d.md").to_string()
}

/// The day whose page a file with this path is; `None` if it is none.
#[must_use]
pub fn day(path: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(path.rsplit('/').next()?, "%Y-%m-%d.md").ok()?;
    (page(day) == path).then_some(day)
}

/// Whether a directory of this name holds the pages of a month.
#[must_use]
pub fn is_month(name: &str) -> bool {
    NaiveDate::parse_from_str(&format!("{name}-01"), "%Y-%m-%d").is_ok()
}

/// The days that have a page, newest last. Files of other names are not ours and are passed over.
///
/// # Errors
/// A directory cannot be listed.
pub fn days(folder: &Path) -> Result<Vec<NaiveDate>> {
    let mut days = Vec::new();
    for month in fs::names(&folder.join(ENTRIES))? {
        let path = folder.join(ENTRIES).join(&month);
        if !is_month(&month) || !path.is_dir() {
            continue;
        }
        let named = fs::names(&path)?;
        days.extend(named.iter().filter_map(|name| day(&format!("entries/{month}/{name}"))));
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// The periods that have a summary, in order: days first, years last.
///
/// # Errors
/// A directory cannot be listed.
pub fn summaries(folder: &Path) -> Result<Vec<Period>> {
    Ok(summary_stamps(folder)?.into_iter().map(|(period, _)| period).collect())
}

/// The same days as [`days`], each with what changes whenever its file does. No file is opened, and none is looked up by
/// its path: for thousands of pages that counts.
///
/// # Errors
/// A directory cannot be listed.
pub fn stamps(folder: &Path) -> Result<Vec<(NaiveDate, String)>> {
    let mut stamps = Vec::new();
    for month in fs::names(&folder.join(ENTRIES))?.into_iter().filter(|name| is_month(name)) {
        stamps.extend(stamped(folder, &format!("{ENTRIES}/{month}"))?);
    }
    let mut stamps: Vec<(NaiveDate, String)> =
        stamps.into_iter().filter_map(|(leaf, stamp)| Some((leaf.day()?, stamp))).collect();
    stamps.sort_unstable();
    stamps.dedup_by_key(|(day, _)| *day);
    Ok(stamps)
}

/// The periods that have a summary, each with what changes whenever its file does.
///
/// # Errors
/// A directory cannot be listed.
pub fn summary_stamps(folder: &Path) -> Result<Vec<(Period, String)>> {
    let mut stamps = Vec::new();
    for unit in Unit::ALL {
        let of_unit = stamped(folder, &directory(*unit))?;
        stamps.extend(of_unit.into_iter().filter_map(|(leaf, stamp)| Some((leaf.period()?, stamp))));
    }
    stamps.sort_unstable();
    stamps.dedup_by_key(|(period, _)| *period);
    Ok(stamps)
}

/// The files of the journal in one of its directories; none where there is no such directory.
fn stamped(folder: &Path, below: &str) -> Result<Vec<(Leaf, String)>> {
    let directory = folder.join(below);
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let listed = std::fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut stamps = Vec::new();
    for file in listed.flatten() {
        let name = file.file_name();
        let Some(leaf) = name.to_str().and_then(|name| Leaf::parse(&format!("{below}/{name}"))) else { continue };
        // What a link leads to is looked at by its path.
        let meta = file.metadata().ok().filter(|meta| !meta.is_symlink());
        let Some(meta) = meta.or_else(|| std::fs::metadata(file.path()).ok()) else { continue };
        stamps.push((leaf, stamp(&meta)));
    }
    Ok(stamps)
}

/// Size, times and, where there is one, the file's number: a page that is replaced has another one, however fast the
/// clock is or how coarse.
fn stamp(meta: &std::fs::Metadata) -> String {
    let modified =
        meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    let stamp = format!("{} {}", meta.len(), modified.as_nanos());
    #[cfg(unix)]
    let stamp = {
        use std::os::unix::fs::MetadataExt;
        format!("{stamp} {} {}.{}", meta.ino(), meta.ctime(), meta.ctime_nsec())
    };
    stamp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_are_named_as_pages_are_days() {
        let dir = tempfile::tempdir().unwrap();
        let of = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
        assert_eq!(days(dir.path()).unwrap(), vec![]);
        for path in
            ["2026-01/2026-01-06.md", "2025-12/2025-12-31.md", "2026-01/2026-02-01.md", "2026-01/x.md", "y/z.md"]
        {
            let path = dir.path().join("entries").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        assert_eq!(days(dir.path()).unwrap(), vec![of("2025-12-31"), of("2026-01-06")]);
        assert_eq!(page(of("2026-01-06")), "entries/2026-01/2026-01-06.md");
        assert_eq!(day("entries/2026-01/2026-01-06.md"), Some(of("2026-01-06")));
        for other in ["2026-01-06.md", "entries/2026-02/2026-01-06.md", "entries/2026-01/2026-01-6.md", "a/b"] {
            assert_eq!(day(other), None, "{other}");
        }
    }

    #[test]
    fn summaries_are_named_by_their_period_and_listed_without_other_files() {
        let dir = tempfile::tempdir().unwrap();
        let today = NaiveDate::from_ymd_opt(2026, 1, 6).unwrap();
        assert_eq!(summaries(dir.path()).unwrap(), []);
        let ours = ["day/2026-01-06.md", "week/2020-W53.md", "month/2026-01.md", "quarter/2026-Q1.md", "year/2026.md"];
        let others =
            ["week/2026-w02.md", "week/2026-01.md", "year/today.md", "month/2026-01.txt", "2026.md", "x/2026.md"];
        for path in ours.iter().chain(&others) {
            let path = dir.path().join(SUMMARIES).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let named: Vec<String> =
            summaries(dir.path()).unwrap().into_iter().map(|period| Leaf::from(period).path()).collect();
        assert_eq!(named, ours.map(|path| format!("summaries/{path}")));
        for period in Unit::ALL.iter().map(|unit| Period::of(*unit, today)) {
            assert_eq!(Leaf::parse(&Leaf::from(period).path()), Some(Leaf::Summary(period)));
        }
        for other in others {
            assert_eq!(Leaf::parse(&format!("summaries/{other}")), None, "{other}");
        }
    }
}
