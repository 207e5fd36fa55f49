//! What Cursor's agent writes around words, and when they were said.
//!
//! In: the text of a message, a record without a time. Out: what a human typed, what the assistant said, an instant.
//! Never here: a guess at when something was said.

use std::cell::Cell;

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};

use crate::chat::entry::{Entry, Part};
use crate::chat::message::Wanted;
use crate::chat::reader::Candidate;

/// The time of records that have none. They are met from the last to the first.
///
/// Those of the last turn have the file's, when the file has not been written since the wanted span. Else, and in earlier
/// turns, they have that of the prompt before them; where it has none either, nothing is told of the turn: what it led
/// to may long be committed.
pub(super) struct LastTurn(Cell<Option<DateTime<Utc>>>);

impl LastTurn {
    pub(super) fn of(candidate: &Candidate, wanted: &Wanted) -> Self {
        Self(Cell::new(Some(candidate.modified).filter(|at| *at <= wanted.until)))
    }

    /// The record before those that were met, with its time.
    pub(super) fn dated(&self, entry: Entry) -> Entry {
        let at = entry.at.or(self.0.get());
        if entry.has(Part::is_prompt) {
            self.0.set(None);
        }
        Entry { at, ..entry }
    }
}

/// What a human typed stands between marks when the program adds to it.
pub(super) fn typed(text: &str) -> Option<String> {
    let marked: Vec<&str> = text
        .split("<user_query>")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("</user_query>")?.0.trim()))
        .collect();
    let typed = if !marked.is_empty() {
        marked.join("\n\n")
    } else if text.trim_start().starts_with('<') {
        String::new()
    } else {
        text.trim().to_owned()
    };
    (!typed.is_empty()).then_some(typed)
}

/// Without the marks that stand for hidden thinking.
pub(super) fn said(text: &str) -> Option<String> {
    let said = text.lines().filter(|line| line.trim() != "[REDACTED]").collect::<Vec<_>>().join("\n").trim().to_owned();
    (!said.is_empty()).then_some(said)
}

/// `<timestamp>Tuesday, Feb 3, 2026, 10:15 AM (UTC+1)</timestamp>`.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let written = text.split_once("<timestamp>")?.1.split_once("</timestamp>")?.0.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(written) {
        return Some(at.to_utc());
    }
    let (local, zone) = written.strip_suffix(')')?.split_once(" (UTC")?;
    let (_, date) = local.split_once(", ")?;
    let local = NaiveDateTime::parse_from_str(date, "%b %d, %Y, %I:%M %p").ok()?;
    let (hours, minutes) = zone.split_once(':').unwrap_or((zone, "0"));
    let west = hours.starts_with('-');
    let hours: i32 = if hours.is_empty() { 0 } else { hours.parse().ok()? };
    let minutes: i32 = minutes.parse().ok()?;
    let minutes = hours.checked_mul(60)?.checked_add(if west { -minutes } else { minutes })?;
    let zone = FixedOffset::east_opt(minutes.checked_mul(60)?)?;
    Some(local.and_local_timezone(zone).single()?.to_utc())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chat::message::SessionId;

    #[test]
    fn typed_words_are_told_from_what_is_added() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(typed(text).as_deref(), expected, "{text}");
        check("go", Some("go"));
        check("<timestamp>x</timestamp>\n<user_query>\ngo <b>\n</user_query>", Some("go <b>"));
        check("<system_reminder>x</system_reminder>", None);
        check("<user_query>\n</user_query>", None);
        assert_eq!(said("Done.\n\n[REDACTED]").as_deref(), Some("Done."));
        assert_eq!(said("[REDACTED]"), None);
    }

    #[test]
    fn a_prompt_says_when_it_was_typed() {
        let check = |text: &str, expected: Option<&str>| {
            let at = instant(&format!("<timestamp>{text}</timestamp>"));
            assert_eq!(at.map(|at| at.to_rfc3339()).as_deref(), expected, "{text}");
        };
        check("Tuesday, Feb 3, 2026, 10:15 AM (UTC+1)", Some("2026-02-03T09:15:00+00:00"));
        check("Tuesday, Feb 3, 2026, 10:15 PM (UTC-3:30)", Some("2026-02-04T01:45:00+00:00"));
        check("2026-02-03T10:15:00Z", Some("2026-02-03T10:15:00+00:00"));
        check("Tuesday, Feb 3, 2026, 10:15 AM (UTC)", Some("2026-02-03T10:15:00+00:00"));
        check("yesterday", None);
    }

    #[test]
    fn only_a_file_that_was_not_written_since_tells_when_its_last_turn_was() {
        let check = |modified: i64, expected: [Option<i64>; 3]| {
            let at = |second: i64| DateTime::from_timestamp(second, 0).unwrap();
            let (id, file) = (SessionId("s".to_owned()), "f".into());
            let candidate = Candidate { id, file, modified: at(modified), named: false, size: 0 };
            let (since, until) = (at(0), at(5));
            let wanted = Wanted { roots: Vec::new(), named: Vec::new(), since, until, thorough: true };
            let last = LastTurn::of(&candidate, &wanted);
            let said = |part: Part| Entry { parts: vec![part], ..Entry::default() };
            let entries =
                [said(Part::Reply("b".into())), said(Part::Prompt("a".into())), said(Part::Reply("0".into()))];
            assert_eq!(entries.map(|entry| last.dated(entry).at.map(|at| at.timestamp())), expected);
        };
        check(5, [Some(5), Some(5), None]);
        check(6, [None, None, None]);
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(text in r"(<timestamp>|</timestamp>|<user_query>|Tuesday, Feb 3, 2026, 10:15 AM| \(UTC|[-+0-9:)ü]){0,9}") {
            instant(&text);
            typed(&text);
        }
    }
}
