//! The command line's sessions: `~/.copilot/session-state/<id>/events.jsonl`, in early versions `<id>.jsonl`.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a session.
//! Never here: its database, which is an index of these files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::events;
use crate::chat::message::{Assistant, Gap, Session, Wanted};
use crate::chat::place;
use crate::chat::reader::{Candidate, Found, Reader};
use crate::chat::search::Search;
use crate::chat::transcript::{self, Entry, Format};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader =
    Reader { assistant: Assistant::CopilotCli, session_variable: Some("COPILOT_AGENT_SESSION_ID"), places, find, read };

/// The existing `.copilot` directories, and the one that the user configured.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let configured = env.text("COPILOT_HOME").map(|dir| env.cwd.join(dir));
    let own = configured.or_else(|| Some(env.home.as_ref()?.join(".copilot")));
    let snap = env.home.as_ref().map(|home| home.join("snap/copilot-cli/common/.copilot"));
    let mut seen = HashSet::new();
    own.into_iter()
        .chain(snap)
        .chain(extra.map(Path::to_owned))
        .filter(|dir| dir.is_dir() && seen.insert(crate::fs::canonical(dir)))
        .collect()
}

/// The named sessions, and the recent ones that were started in a root or above one; with [`Wanted::thorough`] all
/// recent ones.
fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::CopilotCli, wanted, deadline);
    for place in places {
        for sessions in ["session-state", "history-session-state"] {
            let sessions = place.join(sessions);
            for (entry, name) in search.list(&sessions) {
                if search.late() {
                    break;
                }
                match name.strip_suffix(".jsonl") {
                    Some(id) => search.consider(id, entry.path()),
                    None if place::is_id(&name) => search.consider(&name, entry.path().join("events.jsonl")),
                    None => {}
                }
            }
        }
    }
    let mut found = search.finish();
    found.candidates.retain(|candidate| {
        if deadline.passed() {
            found.complete = false;
            return candidate.named;
        }
        candidate.named || wanted.thorough || started_near(&candidate.file, wanted)
    });
    found
}

fn started_near(file: &Path, wanted: &Wanted) -> bool {
    let directory = first(file).ok().flatten().and_then(|entry| entry.directory).map(PathBuf::from);
    // Above a root: what was edited tells whether it is ours.
    directory.is_some_and(|dir| place::near(&dir, &wanted.roots))
}

fn first(file: &Path) -> std::io::Result<Option<Entry>> {
    transcript::first_line(&mut transcript::open(file)?, events::entry)
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    // A line follows the one before: nothing that was written is taken back.
    let format =
        Format { assistant: Assistant::CopilotCli, entry: &events::entry, kept: &|entries| vec![true; entries.len()] };
    transcript::read_file(&format, candidate, wanted, deadline)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;

    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::chat::message::{EventKind, Outcome, SessionId};

    const DAY: &str = "2026-01-01T00:00:00Z";

    fn line(kind: &str, data: &Value) -> String {
        json!({"type": kind, "data": data, "timestamp": DAY}).to_string() + "\n"
    }

    fn start(cwd: &str) -> String {
        line("session.start", &json!({"copilotVersion": "1.0.45", "context": {"cwd": cwd}}))
    }

    fn wanted(named: &[&str], thorough: bool) -> Wanted {
        Wanted {
            roots: vec![PathBuf::from("/home/dev/app")],
            named: named.iter().map(|id| SessionId((*id).to_owned())).collect(),
            since: DateTime::UNIX_EPOCH,
            until: DateTime::<Utc>::MAX_UTC,
            thorough,
        }
    }

    #[test]
    fn sessions_are_found_by_name_and_by_where_they_were_started() {
        let home = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let file = home.path().join(".copilot/session-state").join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        put("inside/events.jsonl", &start("/home/dev/app/src"));
        put("above/events.jsonl", &start("/home/dev"));
        put("beside/events.jsonl", &start("/home/dev/app-two"));
        put("legacy.jsonl", &start("/home/dev/app"));
        put("empty/workspace.yaml", "");
        let places = places(&Env::of_test(home.path(), &[]), None);
        let ids = |named: &[&str], thorough| {
            let found = find(&places, &wanted(named, thorough), Deadline::NONE);
            let mut ids: Vec<String> = found.candidates.into_iter().map(|candidate| candidate.id.0).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&[], false), ["above", "inside", "legacy"]);
        assert_eq!(ids(&["beside"], false).len(), 4);
        assert_eq!(ids(&[], true).len(), 4);
        assert_eq!(super::places(&Env::of_test(home.path(), &[("COPILOT_HOME", "none")]), None), Vec::<PathBuf>::new());
    }

    fn session(bytes: &[u8]) -> Option<Session> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("events.jsonl");
        fs::write(&file, bytes).unwrap();
        let modified = DateTime::UNIX_EPOCH;
        let candidate = Candidate { id: SessionId("s".to_owned()), file, modified, named: false, size: 0 };
        read(&candidate, &wanted(&[], false), Deadline::NONE).unwrap()
    }

    fn conversation() -> String {
        let mut text = start("/home/dev/app");
        text += &line("user.message", &json!({"content": "make it"}));
        let calls = json!([{"toolCallId": "a", "name": "edit", "arguments": {"path": "src/a.rs"}},
            {"toolCallId": "b", "name": "bash", "arguments": {"command": "make"}}]);
        text += &line("assistant.message", &json!({"content": "on it", "model": "gpt-x", "toolRequests": calls}));
        for (id, content) in [("a", "ok"), ("b", "no rule\n<exited with exit code 2>")] {
            let data = json!({"toolCallId": id, "success": true, "result": {"content": content}});
            write!(text, "{}", line("tool.execution_complete", &data)).unwrap();
        }
        text
    }

    #[test]
    fn a_session_is_told_from_its_events() {
        let session = session(conversation().as_bytes()).unwrap();
        assert_eq!((session.version.as_deref(), session.model.as_deref()), (Some("1.0.45"), Some("gpt-x")));
        assert_eq!(session.directories, [PathBuf::from("/home/dev/app")]);
        let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
        let outcome = Outcome::Failed { exit: Some(2), output: "no rule".to_owned() };
        let expected = [
            EventKind::Prompt("make it".to_owned()),
            EventKind::Reply("on it".to_owned()),
            EventKind::Edit { path: PathBuf::from("/home/dev/app/src/a.rs") },
            EventKind::Command { line: "make".to_owned(), outcome },
        ];
        assert_eq!(kinds, expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic_or_fail(at in any::<prop::sample::Index>(), insert in proptest::collection::vec(any::<u8>(), 0..6)) {
            let mut bytes = conversation().into_bytes();
            let from = at.index(bytes.len());
            bytes.splice(from..(from + 3).min(bytes.len()), insert);
            session(&bytes);
        }
    }
}
