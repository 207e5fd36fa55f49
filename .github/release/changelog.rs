//! The changelog as the record of releases.
//!
//! In: `CHANGELOG.md`, in the form of Keep a Changelog 1.1. Out: its versions with their dates, what was withdrawn and why;
//! and the same text with the unreleased part turned into a version.
//! Never here: a file.

use anyhow::{Context as _, Result, bail, ensure};
use chrono::NaiveDate;
use semver::Version;

/// The heading of what is not released.
const UNRELEASED: &str = "## [Unreleased]";

/// One released version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// Its number.
    pub version: Version,
    /// The day of its release.
    pub date: NaiveDate,
    /// Why it was withdrawn: the first line below a heading that ends in `[YANKED]`.
    pub yanked: Option<String>,
    /// What changed: the text below its heading.
    pub changes: String,
}

/// A changelog.
#[derive(Debug, PartialEq, Eq)]
pub struct Changelog {
    /// What has changed since the last version.
    pub unreleased: String,
    /// The versions, as they stand there, newest first.
    pub released: Vec<Released>,
}

impl Changelog {
    /// Reads it.
    ///
    /// # Errors
    /// There is no part that is unreleased; a heading has another form than `## [1.2.3] - 2026-01-31`; a version stands
    /// there twice, or above a newer one.
    pub fn read(text: &str) -> Result<Self> {
        let mut unreleased = None;
        let mut released: Vec<Released> = Vec::new();
        for (heading, below) in parts(text) {
            if heading == UNRELEASED {
                ensure!(unreleased.is_none() && released.is_empty(), "{UNRELEASED} is not the first heading");
                unreleased = Some(below);
                continue;
            }
            let read = release(heading, below)?;
            if let Some(above) = released.last() {
                ensure!(above.version > read.version, "{} stands below {}", read.version, above.version);
            }
            released.push(read);
        }
        Ok(Self { unreleased: unreleased.with_context(|| format!("there is no {UNRELEASED}"))?, released })
    }

    /// The version `version`, if it was released.
    pub fn of(&self, version: &Version) -> Option<&Released> {
        self.released.iter().find(|released| released.version == *version)
    }
}

/// The parts under headings of the second level, without the links at the end.
fn parts(text: &str) -> Vec<(&str, String)> {
    let mut parts: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        if line.starts_with("## ") {
            parts.push((line.trim_end(), String::new()));
        } else if let Some((_, below)) = parts.last_mut().filter(|_| !is_link(line)) {
            below.push_str(line);
            below.push('\n');
        }
    }
    for (_, below) in &mut parts {
        *below = below.trim().to_owned();
    }
    parts
}

/// Whether a line says where a heading leads: `[1.2.3]: https://…`.
fn is_link(line: &str) -> bool {
    line.starts_with('[') && line.contains("]: ")
}

fn release(heading: &str, below: String) -> Result<Released> {
    let (plain, yanked) = match heading.strip_suffix(" [YANKED]") {
        Some(plain) => (plain, true),
        None => (heading, false),
    };
    let fields = plain.strip_prefix("## [").and_then(|rest| rest.split_once("] - "));
    let (version, date) =
        fields.with_context(|| format!("cannot understand {heading:?}: it should be \"## [1.2.3] - 2026-01-31\""))?;
    let version = Version::parse(version).with_context(|| format!("cannot understand the version in {heading:?}"))?;
    let date = date.parse().with_context(|| format!("cannot understand the date in {heading:?}"))?;
    let yanked = match below.lines().next().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        Some(reason) if yanked => Some(reason.to_owned()),
        None if yanked => bail!("{heading:?} does not say why: the reason is the first line below it"),
        _ => None,
    };
    Ok(Released { version, date, yanked, changes: below })
}

/// The changelog with its unreleased part as `version`, an empty one above it, and the links at its end brought after.
///
/// # Errors
/// Nothing is unreleased, the version is not newer than those there, or the text cannot be read.
pub fn released(text: &str, version: &Version, date: NaiveDate, repository: &str) -> Result<String> {
    let before = Changelog::read(text)?;
    ensure!(!before.unreleased.is_empty(), "nothing is unreleased: the changelog says nothing under {UNRELEASED}");
    if let Some(newest) = before.released.first() {
        ensure!(*version > newest.version, "{version} is not newer than {}, which the changelog has", newest.version);
    }
    let heading = format!("{UNRELEASED}\n\n## [{version}] - {date}");
    let text = text.replacen(UNRELEASED, &heading, 1);
    let since = format!("[Unreleased]: {repository}/compare/v{version}...HEAD");
    let link = match before.released.first() {
        Some(older) => format!("[{version}]: {repository}/compare/v{}...v{version}", older.version),
        None => format!("[{version}]: {repository}/releases/tag/v{version}"),
    };
    let mut lines: Vec<String> =
        text.lines().filter(|line| !line.starts_with("[Unreleased]: ")).map(str::to_owned).collect();
    let at = lines.iter().position(|line| is_link(line)).unwrap_or_else(|| {
        lines.push(String::new());
        lines.len()
    });
    lines.splice(at..at, [since, link]);
    let text = lines.join("\n") + "\n";
    Changelog::read(&text).context("cannot read the changelog that would be written")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Changelog

Words.

## [Unreleased]

### Added

- One thing.

## [0.2.0] - 2026-03-01 [YANKED]

It lost entries on a Tuesday.

### Fixed

- Another.

## [0.1.0] - 2026-01-31

First.

[Unreleased]: https://example.org/r/compare/v0.2.0...HEAD
[0.2.0]: https://example.org/r/compare/v0.1.0...v0.2.0
";

    #[test]
    fn versions_dates_and_reasons_are_read() {
        let read = Changelog::read(TEXT).unwrap();
        assert_eq!(read.unreleased, "### Added\n\n- One thing.");
        let versions: Vec<String> = read.released.iter().map(|released| released.version.to_string()).collect();
        assert_eq!(versions, ["0.2.0", "0.1.0"]);
        assert_eq!(read.released[0].yanked.as_deref(), Some("It lost entries on a Tuesday."));
        assert_eq!(read.released[1].yanked, None);
        assert_eq!(read.released[1].changes, "First.");
        assert_eq!(read.released[1].date.to_string(), "2026-01-31");
    }

    #[test]
    fn a_heading_of_another_form_is_refused_with_its_text() {
        let check = |text: &str, expected: &str| {
            let failure = format!("{:#}", Changelog::read(text).unwrap_err());
            assert!(failure.contains(expected), "{failure}");
        };
        check("## [0.1.0] - 2026-01-31\n", "there is no ## [Unreleased]");
        check("## [Unreleased]\n## 0.1.0\n", "cannot understand \"## 0.1.0\"");
        check("## [Unreleased]\n## [0.1] - 2026-01-31\n", "cannot understand the version");
        check("## [Unreleased]\n## [0.1.0] - yesterday\n", "cannot understand the date");
        check("## [Unreleased]\n## [0.1.0] - 2026-01-31 [YANKED]\n\n### Added\n", "does not say why");
        check("## [Unreleased]\n## [0.1.0] - 2026-01-31\n## [0.2.0] - 2026-01-31\n", "0.2.0 stands below 0.1.0");
        check("## [0.1.0] - 2026-01-31\n## [Unreleased]\n", "is not the first heading");
    }

    #[test]
    fn what_is_unreleased_becomes_the_version_and_the_links_follow() {
        let date = "2026-04-05".parse().unwrap();
        let text = released(TEXT, &Version::new(0, 3, 0), date, "https://example.org/r").unwrap();
        assert!(text.contains("## [Unreleased]\n\n## [0.3.0] - 2026-04-05\n\n### Added\n\n- One thing."), "{text}");
        assert!(
            text.contains(
                "\n[Unreleased]: https://example.org/r/compare/v0.3.0...HEAD\n\
                 [0.3.0]: https://example.org/r/compare/v0.2.0...v0.3.0\n\
                 [0.2.0]: https://example.org/r/compare/v0.1.0...v0.2.0\n"
            ),
            "{text}"
        );
        assert_eq!(text.matches("[Unreleased]: ").count(), 1);
        let again = released(&text, &Version::new(0, 4, 0), date, "https://example.org/r").unwrap_err();
        assert!(again.to_string().contains("nothing is unreleased"), "{again}");
    }

    #[test]
    fn a_version_that_is_not_newer_is_refused() {
        let date = "2026-04-05".parse().unwrap();
        let failure = released(TEXT, &Version::new(0, 2, 0), date, "https://example.org/r").unwrap_err();
        assert!(failure.to_string().contains("0.2.0 is not newer than 0.2.0"), "{failure}");
    }
}
