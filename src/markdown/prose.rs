//! A model's prose on a page.
//!
//! In: a [`Narration`]. Out: the block between its two structure lines, which is read back in `narration`.
//! Never here: the evidence below it, whose sections may have the same names.

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::parts::{counted, items};
use super::{escape, plain};
use crate::git::CommitId;
use crate::journal::{MARKER, Narration, Section, Standing, Weighed};

/// The version of the block that is written and read here.
pub const VERSION: u32 = 1;

/// What the block's first line begins with, after the marker.
const BEGIN: &str = "prose ";

/// The line that ends the block.
pub const END: &str = "<!-- commit-story:prose-end -->";

/// What begins and ends the line that says who wrote it.
pub const BY: (&str, &str) = ("<sub>Prose by ", ".</sub>");

/// The block; lines end with `\n`.
#[must_use]
pub fn render(narration: &Narration) -> String {
    let of = narration.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
    let at = narration.at.to_rfc3339_opts(SecondsFormat::Secs, false);
    let (kept, dropped) = (narration.kept, narration.dropped);
    let begin = format!("{MARKER}{BEGIN}v{VERSION} {at} kept {kept} dropped {dropped}{of} -->\n");
    let sections: String = Section::ALL.iter().map(|section| rendered(narration, *section)).collect();
    let (model, circumstances) = (plain::within(&narration.model), circumstances(narration));
    format!("{begin}{sections}{}{model}{circumstances}{}\n{END}\n", BY.0, BY.1)
}

/// A section with an empty line behind it; nothing when it holds nothing.
fn rendered(narration: &Narration, section: Section) -> String {
    let list = |texts: &[String]| items(texts.iter().map(|text| plain::paragraph(text))).collect();
    let parts: Vec<String> = match section {
        Section::Summary => paragraphs(&narration.summary),
        Section::Synopsis => paragraphs(&narration.synopsis),
        Section::Mood => paragraphs(&narration.mood),
        Section::Roadblocks => list(&narration.roadblocks),
        Section::Lessons => list(&narration.lessons),
        Section::Decisions => items(narration.decisions.iter().map(decision)).collect(),
    };
    if parts.is_empty() { String::new() } else { format!("### {}\n\n{}\n\n", section.heading(), parts.join("\n\n")) }
}

fn paragraphs(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| plain::paragraph(text)).collect()
}

fn decision(decision: &Weighed) -> String {
    let standing = match &decision.standing {
        Standing::Discussed => DISCUSSED.to_owned(),
        Standing::Implemented(files) if files.is_empty() => IMPLEMENTED.to_owned(),
        Standing::Implemented(files) => {
            let files: Vec<String> = files.iter().map(|file| escape::code(file)).collect();
            format!("{IMPLEMENTED} in {}", files.join(", "))
        }
    };
    let why = if decision.why.is_empty() { ".".to_owned() } else { format!(": {}", plain::within(&decision.why)) };
    format!("**{}** ({standing}){why}", plain::within(&decision.what))
}

/// Says that the commit does it.
pub const IMPLEMENTED: &str = "implemented";
/// Says that the commit does not.
pub const DISCUSSED: &str = "discussed, not done";

/// What stands behind the model: when, of what, and how it fared in the check.
#[must_use]
pub fn circumstances(narration: &Narration) -> String {
    let of = narration.of.as_ref().map(|of| format!(", written of an earlier version of this commit, {}", of.short()));
    let checked = counted(narration.kept.saturating_add(narration.dropped), "claim");
    let (day, dropped) = (narration.at.format("%-d %B %Y"), narration.dropped);
    format!(", {day}{}; {checked} checked, {dropped} dropped", of.unwrap_or_default())
}

/// What follows the marker of a block's first line.
#[must_use]
pub fn begin(line: &str) -> Option<&str> {
    line.strip_prefix(MARKER)?.strip_prefix(BEGIN)?.split("-->").next()
}

/// What a block's first line says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The version of the block; 0 where it cannot be read.
    pub version: u32,
    /// When the prose was written.
    pub at: Option<DateTime<FixedOffset>>,
}

/// What the first line of a block says of its version and age.
#[must_use]
pub fn stamp(first_line: &str) -> Stamp {
    let mut words = begin(first_line).unwrap_or_default().split_whitespace();
    let version = words.next().and_then(|word| word.strip_prefix('v')?.parse().ok()).unwrap_or_default();
    Stamp { version, at: words.next().and_then(|word| DateTime::parse_from_rfc3339(word).ok()) }
}

/// What a block's first line says, all of it; the rest is empty.
#[must_use]
pub fn opened(line: &str) -> Option<Narration> {
    let mut words = begin(line)?.split_whitespace().skip(1);
    let at = DateTime::parse_from_rfc3339(words.next()?).ok()?;
    let mut number = |name: &str| (words.next()? == name).then(|| words.next()?.parse().ok())?;
    let (kept, dropped) = (number("kept")?, number("dropped")?);
    let of = match words.next() {
        Some("of") => Some(words.next().and_then(CommitId::parse)?),
        _ => None,
    };
    Some(Narration { kept, dropped, of, ..Narration::by(String::new(), at) })
}
