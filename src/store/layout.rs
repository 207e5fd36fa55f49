//! Which file holds which day: `entries/2026-01/2026-01-06.md` below the journal's folder.
//!
//! In: a folder and a day. Out: a path; or the days that have one. Never here: what a page says.

use std::path::Path;

use anyhow::{Context, Result};
use chrono::NaiveDate;

use crate::fs;

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
    for month in fs::names(&folder.join("entries"))? {
        let path = folder.join("entries").join(&month);
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

/// The same days, each with what changes whenever its file does. No file is opened, and none is looked up by its path:
/// for thousands of pages that counts.
///
/// # Errors
/// A directory cannot be listed.
pub fn stamps(folder: &Path) -> Result<Vec<(NaiveDate, String)>> {
    let mut stamps = Vec::new();
    for month in fs::names(&folder.join("entries"))?.into_iter().filter(|name| is_month(name)) {
        let directory = folder.join("entries").join(&month);
        if !directory.is_dir() {
            continue;
        }
        let listed = std::fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))?;
        for file in listed.flatten() {
            let name = file.file_name();
            let Some(day) = name.to_str().and_then(|name| day(&format!("entries/{month}/{name}"))) else { continue };
            // What a link leads to is looked at by its path.
            let meta = file.metadata().ok().filter(|meta| !meta.is_symlink());
            let Some(meta) = meta.or_else(|| std::fs::metadata(file.path()).ok()) else { continue };
            stamps.push((day, stamp(&meta)));
        }
    }
    stamps.sort_unstable();
    stamps.dedup_by_key(|(day, _)| *day);
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
}
