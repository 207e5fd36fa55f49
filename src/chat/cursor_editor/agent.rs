//! The transcripts of Cursor's agent: `~/.cursor/projects/<directory>/agent-transcripts/[<id>/]<id>.jsonl`.
//!
//! In: such a file. Out: a session. Never here: a guess at when something was said.
//!
//! Records have no times, except that newer versions write one into a prompt. So the last turn has the file's time, and of
//! an earlier one without a time nothing is told: what it led to may long be committed.

use std::cell::Cell;
use std::path::Path;

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use serde_json::Value;

use super::tools;
use crate::chat::entry::{Entry, Part, Tool};
use crate::chat::fields::{Fields, parse};
use crate::chat::message::{Assistant, Gap, Session, Wanted};
use crate::chat::projects;
use crate::chat::reader::Candidate;
use crate::chat::transcript::{self, Format};
use crate::env::Deadline;

/// The directory that holds a project's transcripts.
pub(super) const BELOW: &str = "agent-transcripts";

/// The wanted end of a session.
pub(super) fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let gap = |error: std::io::Error| Gap {
        assistant: Assistant::Cursor,
        source: candidate.file.clone(),
        reason: format!("cannot read it: {error}"),
    };
    // Records are met from the last to the first.
    let last_turn = Cell::new(true);
    let timed = |fields: &Fields<'_>| {
        let mut entry = entry(fields)?;
        if last_turn.get() {
            entry.at = entry.at.or(Some(candidate.modified));
        }
        if entry.has(Part::is_prompt) {
            last_turn.set(false);
        }
        Some(entry)
    };
    let format = Format { assistant: Assistant::Cursor, entry: &timed, kept: &|entries| vec![true; entries.len()] };
    let source = transcript::open(&candidate.file).map_err(gap)?;
    let first = Entry { directory: directory(&candidate.file, wanted), ..Entry::default() };
    transcript::read(&format, source, Some(&first), candidate, wanted, deadline)
}

/// The root to which the name of the project's directory belongs.
fn directory(file: &Path, wanted: &Wanted) -> Option<String> {
    let transcripts = file.ancestors().find(|above| above.file_name().is_some_and(|name| name == BELOW))?;
    let name = transcripts.parent()?.file_name()?.to_str()?;
    projects::root_of(name, &wanted.roots).map(|root| root.to_string_lossy().into_owned())
}

fn entry(fields: &Fields<'_>) -> Option<Entry> {
    let message = fields.fields("message")?;
    let texts = message.texts("content").join("\n\n");
    let mut entry = Entry { at: instant(&texts), ..Entry::default() };
    match fields.text("role")?.as_str() {
        "user" => entry.parts.extend(typed(&texts).map(Part::Prompt)),
        "assistant" => {
            entry.parts.extend(said(&texts).map(Part::Reply));
            entry.parts.extend(message.list("content").iter().filter_map(used));
        }
        _ => {}
    }
    Some(entry)
}

fn used(block: &Fields<'_>) -> Option<Part> {
    if block.text("type")? != "tool_use" {
        return None;
    }
    let tool = tools::tool(&block.text("name")?, &parse::<Value>(block.raw("input"))?)?;
    // Uses have no ids; the same once more tells nothing new.
    let id = block.text("id").unwrap_or_else(|| match &tool {
        Tool::Edit(paths, _) => format!("edit {}", paths.join(" ")),
        Tool::Command(line) => format!("run {line}"),
        Tool::Questions(_) | Tool::Plan(_) => String::new(),
    });
    Some(Part::Use(id, tool))
}

/// What a human typed stands between marks when the program adds to it.
fn typed(text: &str) -> Option<String> {
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
fn said(text: &str) -> Option<String> {
    let said = text.lines().filter(|line| line.trim() != "[REDACTED]").collect::<Vec<_>>().join("\n").trim().to_owned();
    (!said.is_empty()).then_some(said)
}

/// `<timestamp>Tuesday, Feb 3, 2026, 10:15 AM (UTC+1)</timestamp>`.
fn instant(text: &str) -> Option<DateTime<Utc>> {
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
    use std::path::PathBuf;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::message::{EventKind, SessionId};

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
    fn the_last_turn_has_the_time_of_the_file_and_the_directory_that_of_the_project() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("home-dev-app/agent-transcripts/s/s.jsonl");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let say =
            |role: &str, text: &str| json!({"role": role, "message": {"content": [{"type": "text", "text": text}]}});
        let edit = json!({"role": "assistant", "message": {"content": [
            {"type": "tool_use", "name": "Write", "input": {"path": "a.rs"}}]}});
        let lines = [say("user", "one"), say("assistant", "done"), say("user", "two"), edit];
        std::fs::write(&file, lines.map(|line| line.to_string() + "\n").concat()).unwrap();
        let modified = "2026-01-01T00:00:00Z".parse().unwrap();
        let candidate = Candidate { id: SessionId("s".to_owned()), file, modified, named: false, size: 0 };
        let roots = vec![PathBuf::from("/home/dev/app")];
        let wanted = Wanted { roots, named: Vec::new(), since: modified, until: modified, thorough: false };
        let session = read(&candidate, &wanted, Deadline::NONE).unwrap().unwrap();
        let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
        let path = PathBuf::from("/home/dev/app/a.rs");
        assert_eq!(kinds, [EventKind::Prompt("two".to_owned()), EventKind::Edit { path }]);
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(text in r"(<timestamp>|</timestamp>|<user_query>|Tuesday, Feb 3, 2026, 10:15 AM| \(UTC|[-+0-9:)ü]){0,9}") {
            instant(&text);
            typed(&text);
        }
    }
}
