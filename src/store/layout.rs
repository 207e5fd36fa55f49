//! Which file holds which day: `entries/2026-01/2026-01-06.md` below the journal's folder.
//!
//! In: a folder and a day. Out: a path; or the days that have one. Never here: what a page says.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::NaiveDate;

use crate::fs;

/// The page of a day. Only normal days come here: years 1 to 9999.
#[must_use]
pub fn page(folder: &Path, day: NaiveDate) -> PathBuf {
    folder.join("entries").join(day.format("%Y-%m").to_string()).join(day.format("%Y-%m-%d.md").to_string())
}

/// The days that have a page, newest last. Files of other names are not ours and are passed over.
///
/// # Errors
/// A directory cannot be listed.
pub fn days(folder: &Path) -> Result<Vec<NaiveDate>> {
    let mut days = Vec::new();
    for month in fs::names(&folder.join("entries"))? {
        let path = folder.join("entries").join(&month);
        if NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").is_err() || !path.is_dir() {
            continue;
        }
        let named = fs::names(&path)?;
        let parsed = named.iter().filter_map(|name| NaiveDate::parse_from_str(name, "%Y-%m-%d.md").ok());
        days.extend(parsed.filter(|day| day.format("%Y-%m").to_string() == month));
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_are_named_as_pages_are_days() {
        let dir = tempfile::tempdir().unwrap();
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
        assert_eq!(days(dir.path()).unwrap(), vec![]);
        for path in
            ["2026-01/2026-01-06.md", "2025-12/2025-12-31.md", "2026-01/2026-02-01.md", "2026-01/x.md", "y/z.md"]
        {
            let path = dir.path().join("entries").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        assert_eq!(days(dir.path()).unwrap(), vec![day("2025-12-31"), day("2026-01-06")]);
        assert!(page(dir.path(), day("2026-01-06")).ends_with("entries/2026-01/2026-01-06.md"));
    }
}
