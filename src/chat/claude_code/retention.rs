//! How long Claude Code keeps transcripts.
//!
//! In: a `projects` directory. Out: a number of days, and the file that decides it.
//! Never here: a change of that file. What it does not say in the expected form counts as not said.

use std::path::{Path, PathBuf};

use crate::chat::document;

/// Without a setting, transcripts are deleted after so many days: <https://code.claude.com/docs/en/settings>.
const DAYS: u64 = 30;

/// When transcripts that nobody has added to are deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// After so many days.
    pub days: u64,
    /// Whether the user has chosen that number.
    pub chosen: bool,
    /// Where [`Retention::SETTING`] stands, or would.
    pub file: PathBuf,
}

impl Retention {
    /// The setting's name.
    pub const SETTING: &str = "cleanupPeriodDays";

    /// What holds for the transcripts in a `projects` directory, by the `settings.json` beside it.
    #[must_use]
    pub fn of(projects: &Path) -> Self {
        let file = projects.with_file_name("settings.json");
        let chosen = document::small(&file).and_then(|settings| settings.get(Self::SETTING)?.as_u64());
        Self { days: chosen.unwrap_or(DAYS), chosen: chosen.is_some(), file }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_counts_where_it_can_be_understood() {
        let check = |settings: &str, expected: (u64, bool)| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("settings.json"), settings).unwrap();
            let found = Retention::of(&dir.path().join("projects"));
            assert_eq!((found.days, found.chosen), expected, "{settings}");
        };
        check("{\"cleanupPeriodDays\": 365}", (365, true));
        check("\u{feff}{\"model\": \"x\"}", (30, false));
        for odd in ["{\"cleanupPeriodDays\": \"long\"}", "{\"cleanupPeriodDays\": -1}", "[]", "{", ""] {
            check(odd, (30, false));
        }
        assert_eq!(Retention::of(Path::new("/nowhere/projects")).days, 30);
    }
}
