//! The prompts that outlive their transcripts: `history.jsonl` beside the `projects` directory.
//!
//! In: the `projects` directories, and what is wanted. Out: a [`Session`] of prompts for each session of the repository
//! whose transcript is gone.
//! Never here: a session that still has its transcript, a prompt without a session's id (whether its transcript is still
//! there cannot be told), or an answer: the history has none.
//!
//! A line is `{"display", "timestamp" (milliseconds), "project", "sessionId", "pastedContents"}`. What was pasted stands
//! in `display` as a mark, and stays one.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::words;
use crate::chat::document;
use crate::chat::jsonl;
use crate::chat::message::{Assistant, Event, EventKind, Gap, Session, SessionId, Wanted};
use crate::chat::place::{inside, is_id};
use crate::env::Deadline;
use crate::fs;

/// The most sessions that are kept.
const MOST: usize = 20_000;

/// One line.
#[derive(Deserialize)]
struct Line {
    display: String,
    timestamp: i64,
    project: PathBuf,
    #[serde(rename = "sessionId")]
    session: String,
}

/// The sessions of the repository whose prompts are left, by their first prompt, and what could not be read.
#[must_use]
pub fn read(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> (Vec<Session>, Vec<Gap>) {
    let (mut sessions, mut gaps) = (BTreeMap::new(), Vec::new());
    for projects in places {
        let file = projects.with_file_name("history.jsonl");
        if !file.exists() {
            continue;
        }
        match document::read(Assistant::ClaudeCode, &file, deadline) {
            Ok(bytes) => gather(&bytes, &file, wanted, &mut sessions),
            Err(gap) => gaps.push(gap),
        }
    }
    let there = transcripts(places);
    let mut left: Vec<Session> = sessions.into_values().filter(|session| !there.contains(&session.id.0)).collect();
    for session in &mut left {
        session.events.sort_by_key(|event| event.at);
    }
    left.sort_by_key(|session| session.events.first().map(|event| event.at));
    (left, gaps)
}

fn gather(bytes: &[u8], file: &Path, wanted: &Wanted, sessions: &mut BTreeMap<String, Session>) {
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| line.len() <= jsonl::LONGEST_LINE) {
        let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
        let Some(at) = DateTime::<Utc>::from_timestamp_millis(line.timestamp) else { continue };
        let in_span = (wanted.since..=wanted.until).contains(&at);
        if !in_span || !is_id(&line.session) || !inside(&line.project, &wanted.roots) {
            continue;
        }
        let Some(prompt) = words::typed(&line.display) else { continue };
        if sessions.len() >= MOST && !sessions.contains_key(&line.session) {
            continue;
        }
        let session = sessions.entry(line.session.clone()).or_insert_with(|| empty(&line.session, file));
        if !session.directories.contains(&line.project) {
            session.directories.push(line.project);
        }
        let id = format!("{}-{}", line.timestamp, session.events.len());
        session.events.push(Event { id, at, kind: EventKind::Prompt(prompt) });
    }
}

fn empty(id: &str, file: &Path) -> Session {
    Session {
        id: SessionId(id.to_owned()),
        assistant: Assistant::ClaudeCode,
        version: None,
        model: None,
        directories: Vec::new(),
        events: Vec::new(),
        file: file.to_owned(),
        complete: true,
    }
}

/// The ids of all sessions that have a transcript, of whatever project.
fn transcripts(places: &[PathBuf]) -> HashSet<String> {
    let names = |dir: &Path| fs::names(dir).unwrap_or_default();
    let projects = places.iter().flat_map(|place| names(place).into_iter().map(|name| place.join(name)));
    let files = projects.filter(|dir| dir.is_dir()).flat_map(|dir| names(&dir));
    files.filter_map(|name| Some(name.strip_suffix(".jsonl")?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            roots: vec![PathBuf::from("/repo")],
            named: Vec::new(),
            since: DateTime::UNIX_EPOCH,
            until: DateTime::from_timestamp(1_000, 0).unwrap(),
            thorough: true,
        }
    }

    fn line(display: &str, at: i64, project: &str, session: &str) -> String {
        let line = serde_json::json!({
            "display": display, "pastedContents": {}, "timestamp": at * 1_000, "project": project, "sessionId": session,
        });
        format!("{line}\n")
    }

    fn prompts(session: &Session) -> Vec<(i64, &str)> {
        let prompt = |event: &'_ Event| match &event.kind {
            EventKind::Prompt(_) => event.at.timestamp(),
            other => panic!("{other:?}"),
        };
        let text = session.events.iter().map(|event| match &event.kind {
            EventKind::Prompt(text) => text.as_str(),
            _ => "",
        });
        session.events.iter().map(prompt).zip(text).collect()
    }

    #[test]
    fn only_prompts_of_this_repository_whose_transcripts_are_gone_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let projects = dir.path().join("projects");
        std::fs::create_dir_all(projects.join("-elsewhere")).unwrap();
        std::fs::write(projects.join("-elsewhere/kept.jsonl"), "").unwrap();
        let history = [
            line("second", 20, "/repo/src", "gone"),
            line("first", 10, "/repo", "gone"),
            line("told by its transcript", 10, "/repo", "kept"),
            line("another project", 10, "/repo-old", "other"),
            line("too late", 2_000, "/repo", "gone"),
            line("no id", 10, "/repo", "../x"),
            line("/model opus", 30, "/repo", "gone"),
            line("/clear", 31, "/repo", "gone"),
            line("! make", 32, "/repo", "gone"),
            line("/fix the parser", 33, "/repo", "gone"),
            line("/src/a.rs is broken", 34, "/repo", "gone"),
            "{\"display\": \"of an older version\", \"timestamp\": 1000, \"project\": \"/repo\"}\n{\"torn".to_owned(),
        ];
        std::fs::write(dir.path().join("history.jsonl"), history.concat()).unwrap();
        let (sessions, gaps) = read(&[projects], &wanted(), Deadline::NONE);
        assert_eq!(gaps, []);
        assert_eq!(sessions.iter().map(|session| session.id.0.as_str()).collect::<Vec<_>>(), ["gone"]);
        let expected = [(10, "first"), (20, "second"), (33, "/fix the parser"), (34, "/src/a.rs is broken")];
        assert_eq!(prompts(&sessions[0]), expected);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            gather(&bytes, Path::new("h"), &wanted(), &mut BTreeMap::new());
        }
    }
}
