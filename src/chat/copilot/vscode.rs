//! The chat in VS Code: `<data>/User/workspaceStorage/<hash>/chatSessions/<id>.jsonl` or `.json`, and the stream of events
//! in `GitHub.copilot-chat/transcripts/<id>.jsonl` beside it.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a session.
//! Never here: the editor's database, which is an index of these files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{events, mutations, requests};
use crate::chat::document;
use crate::chat::editors;
use crate::chat::fields::Fields;
use crate::chat::gathered::Gathered;
use crate::chat::message::{Assistant, Gap, Session, SessionId, Wanted};
use crate::chat::place;
use crate::chat::reader::{Candidate, Found, Reader};
use crate::chat::search::Search;
use crate::chat::transcript::{self, Entry, Format};
use crate::env::{Deadline, Env};

/// The line in the table of readers. The editor tells its terminals no session's id.
pub const READER: Reader = Reader { assistant: Assistant::CopilotVsCode, session_variable: None, places, find, read };

/// The existing `User` directories, and the one that the user configured.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    let own = env.home.iter().flat_map(|home| editors::user_directories(home, editors::VS_CODE));
    own.chain(extra.map(Path::to_owned)).filter(|dir| dir.is_dir() && seen.insert(crate::fs::canonical(dir))).collect()
}

/// The sessions of workspaces in or above a root; with [`Wanted::thorough`] also those of windows without a folder.
fn find(places: &[PathBuf], wanted: &Wanted, deadline: Deadline) -> Found {
    let mut search = Search::new(Assistant::CopilotVsCode, wanted, deadline);
    for place in places {
        for (workspace, _) in search.directories(&place.join("workspaceStorage")) {
            if search.late() {
                break;
            }
            let near = |folder: PathBuf| {
                // Above a root: what was edited tells whether it is ours.
                place::near(&folder, &wanted.roots)
            };
            if folder(&workspace).is_some_and(near) {
                // The stream is written while the assistant works, and each of its events has a time of its own.
                search.recent(&workspace.join(STREAMS), |name| name.strip_suffix(".jsonl"));
                sessions(&mut search, &workspace.join("chatSessions"));
            }
        }
        if wanted.thorough {
            for elsewhere in ["emptyWindowChatSessions", "transferredChatSessions"] {
                sessions(&mut search, &place.join("globalStorage").join(elsewhere));
            }
        }
    }
    search.finish()
}

const STREAMS: &str = "GitHub.copilot-chat/transcripts";

/// A session that has a stream is there already; one that was rewritten as a log may still have its document.
fn sessions(search: &mut Search<'_>, directory: &Path) {
    for extension in [".jsonl", ".json"] {
        for (entry, name) in search.list(directory) {
            let Some(id) = name.strip_suffix(extension) else { continue };
            if !search.met(&SessionId(id.to_owned())) {
                search.consider(id, entry.path());
            }
        }
    }
}

/// The folder that a workspace's directory belongs to: of several, the one that their file lies in.
fn folder(workspace: &Path) -> Option<PathBuf> {
    let about = document::small(&workspace.join("workspace.json"))?;
    let file = || place::of_uri(document::text(&about, "/workspace")?)?.parent().map(Path::to_owned);
    document::text(&about, "/folder").and_then(place::of_uri).or_else(file)
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let assistant = Assistant::CopilotVsCode;
    let gap = |reason: String| Gap { assistant, source: candidate.file.clone(), reason };
    // `workspaceStorage/<hash>/chatSessions/<id>`, and one directory deeper for a stream.
    let directory = candidate.file.ancestors().skip(2).take(2).find_map(folder);
    let whole = candidate.file.extension().is_some_and(|extension| extension == "json");
    if !whole {
        let unreadable = |error: std::io::Error| gap(format!("cannot read it: {error}"));
        let mut file = transcript::open(&candidate.file).map_err(unreadable)?;
        let first = transcript::first_line(&mut file, of_stream).map_err(unreadable)?;
        if let Some(first) = first {
            let directory = directory.map(|directory| directory.to_string_lossy().into_owned());
            let first = Entry { directory: first.directory.or(directory), ..first };
            let format = Format { assistant, entry: &events::entry, kept: &|entries| vec![true; entries.len()] };
            return transcript::read(&format, file, Some(&first), candidate, wanted, deadline);
        }
    }
    let bytes = document::read(assistant, &candidate.file, deadline)?;
    let session = if whole { document::value(&bytes) } else { mutations::document(&bytes) };
    let session = session.ok_or_else(|| gap("nothing in it is a session's".to_owned()))?;
    let mut gathered = Gathered::default();
    if let Some(directory) = directory {
        gathered.directory(directory);
    }
    requests::tell(&session, &mut gathered);
    Ok(gathered.session(assistant, candidate, wanted))
}

/// A log's first line may be longer than what is looked at, and an object within it is no event.
fn of_stream(event: &Fields<'_>) -> Option<Entry> {
    event.text("type").filter(|kind| kind.contains('.'))?;
    let Entry { directory, version, .. } = events::entry(event)?;
    // What it says is told where it is met as a record.
    Some(Entry { directory, version, ..Entry::default() })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::message::EventKind;

    struct Disk {
        home: tempfile::TempDir,
    }

    impl Disk {
        fn new() -> Self {
            Self { home: tempfile::tempdir().unwrap() }
        }

        fn put(&self, path: &str, text: &[u8]) {
            let file = self.home.path().join(".config/Code/User").join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }

        fn found(&self, thorough: bool) -> Vec<Candidate> {
            let places = places(&Env::of_test(self.home.path(), &[]), None);
            find(&places, &wanted(thorough), Deadline::NONE).candidates
        }

        fn ids(&self, thorough: bool) -> Vec<String> {
            let mut ids: Vec<String> = self.found(thorough).into_iter().map(|candidate| candidate.id.0).collect();
            ids.sort();
            ids
        }
    }

    fn wanted(thorough: bool) -> Wanted {
        Wanted {
            roots: vec![PathBuf::from("/home/dev/my app")],
            named: Vec::new(),
            since: DateTime::UNIX_EPOCH,
            until: DateTime::<Utc>::MAX_UTC,
            thorough,
        }
    }

    #[test]
    fn sessions_are_found_by_their_workspaces_folder() {
        let disk = Disk::new();
        for (hash, about) in [
            ("own", r#"{"folder": "file:///home/dev/my%20app"}"#),
            ("above", r#"{"folder": "file:///home/dev"}"#),
            ("remote", r#"{"folder": "vscode-remote://wsl%2Bubuntu/home/dev/my%20app/web"}"#),
            ("several", r#"{"workspace": "file:///home/dev/my%20app/x.code-workspace"}"#),
            ("other", r#"{"folder": "file:///home/dev/my%20app-two"}"#),
            ("torn", r#"{"folder": "#),
        ] {
            disk.put(&format!("workspaceStorage/{hash}/workspace.json"), about.as_bytes());
            disk.put(&format!("workspaceStorage/{hash}/chatSessions/{hash}-1.jsonl"), b"");
        }
        disk.put("workspaceStorage/own/chatSessions/own-1.json", b"");
        disk.put("workspaceStorage/own/chatSessions/own-2.json", b"");
        disk.put("globalStorage/emptyWindowChatSessions/empty.jsonl", b"");
        assert_eq!(disk.ids(false), ["above-1", "own-1", "own-2", "remote-1", "several-1"]);
        assert_eq!(disk.ids(true).len(), 6);
    }

    /// The first session that is found in `path`.
    fn session(path: &str, bytes: &[u8]) -> Result<Option<Session>, Gap> {
        let disk = Disk::new();
        disk.put("workspaceStorage/own/workspace.json", br#"{"folder": "file:///home/dev/my%20app"}"#);
        disk.put(&format!("workspaceStorage/own/{path}"), bytes);
        read(&disk.found(false)[0], &wanted(false), Deadline::NONE)
    }

    const LOG: &str = r#"{"kind":0,"v":{"requests":[]}}
{"kind":2,"k":["requests"],"v":[{"requestId":"r","timestamp":1767225600000,"message":{"text":"dead end"}}]}
{"kind":2,"k":["requests"],"i":0,"v":[{"requestId":"s","timestamp":1767225600000,"message":{"text":"fix it"},"response":[]}]}
{"kind":2,"k":["requests",0,"response"],"v":[{"value":"done"}]}
"#;

    #[test]
    fn all_three_formats_tell_the_same() {
        let expected = [EventKind::Prompt("fix it".to_owned()), EventKind::Reply("done".to_owned())];
        let request =
            json!({"timestamp": 1_767_225_600_000_i64, "message": {"text": "fix it"}, "response": [{"value": "done"}]});
        let document = json!({"version": 3, "requests": [request]}).to_string();
        let event = |kind: &str, content: &str| {
            json!({"type": kind, "data": {"content": content}, "timestamp": "2026-01-01T00:00:00Z"}).to_string() + "\n"
        };
        let stream =
            event("session.start", "") + &event("user.message", "fix it") + &event("assistant.message", "done");
        for (path, text) in [
            ("chatSessions/s.jsonl", LOG),
            ("chatSessions/s.json", &document),
            ("GitHub.copilot-chat/transcripts/s.jsonl", &stream),
        ] {
            let session = session(path, text.as_bytes()).unwrap().unwrap();
            assert_eq!(session.directories, [PathBuf::from("/home/dev/my app")], "{path}");
            let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
            assert_eq!(kinds, expected, "{path}");
        }
    }

    #[test]
    fn a_session_with_a_stream_is_read_from_it_alone() {
        let disk = Disk::new();
        disk.put("workspaceStorage/own/workspace.json", br#"{"folder": "file:///home/dev/my%20app"}"#);
        disk.put("workspaceStorage/own/chatSessions/s.jsonl", b"");
        disk.put("workspaceStorage/own/GitHub.copilot-chat/transcripts/s.jsonl", b"");
        let found = disk.found(false);
        assert_eq!(found.len(), 1);
        assert!(found[0].file.to_string_lossy().contains("transcripts"));
    }

    #[test]
    fn a_file_of_something_else_is_a_gap() {
        assert!(session("chatSessions/s.json", b"PK\x03\x04").is_err());
        assert!(session("chatSessions/s.jsonl", b"PK\x03\x04").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic(at in any::<prop::sample::Index>(), insert in proptest::collection::vec(any::<u8>(), 0..6)) {
            let mut bytes = LOG.as_bytes().to_vec();
            let from = at.index(bytes.len());
            bytes.splice(from..(from + 3).min(bytes.len()), insert);
            let _ = session("chatSessions/s.jsonl", &bytes);
        }
    }
}
