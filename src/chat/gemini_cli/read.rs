//! One session as events.
//!
//! In: a candidate, and what is wanted. Out: a [`Session`], nothing when it is not of this repository, or a [`Gap`].
//! Never here: thoughts, or what a tool read.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::find;
use super::log::Log;
use crate::chat::document::{self, list, text, time};
use crate::chat::fingerprint;
use crate::chat::gathered::Gathered;
use crate::chat::message::{Assistant, EventKind, Gap, Outcome, Session, Wanted};
use crate::chat::output;
use crate::chat::place;
use crate::chat::reader::Candidate;
use crate::env::Deadline;
use crate::fs::written;

/// How many sub-agents of a session are looked at.
const SUBAGENTS: usize = 64;

/// What the program says in the human's name begins so.
const INJECTED: &[&str] = &[
    "<session_context>",
    "<hook_context>",
    "<state_snapshot>",
    "This is the Gemini CLI. We are setting up the context",
    "System: ",
    "/",
    "?",
];

/// Reads the wanted span of a session.
///
/// # Errors
/// The file cannot be read, or not in time, or holds nothing of a session.
pub(super) fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let bytes = document::read(Assistant::GeminiCli, &candidate.file, deadline)?;
    let log = Log::of(&bytes);
    if !log.any && !bytes.trim_ascii().is_empty() {
        let reason = "nothing in it is a session's".to_owned();
        return Err(Gap { assistant: Assistant::GeminiCli, source: candidate.file.clone(), reason });
    }
    let mut gathered = Gathered::default();
    for directory in directories(&candidate.file, &log, wanted) {
        gathered.directory(directory);
    }
    let mut teller = Teller { gathered, at: None, plan: None, agent: false };
    log.messages.iter().for_each(|message| teller.tell(message));
    teller.agent = true;
    for file in subagents(&candidate.file, &log, wanted) {
        match document::read(Assistant::GeminiCli, &file, deadline) {
            Ok(bytes) => Log::of(&bytes).messages.iter().for_each(|message| teller.tell(message)),
            Err(_) => teller.gathered.cut = true,
        }
    }
    let mut gathered = teller.gathered;
    gathered.id = log.session.map(crate::chat::message::SessionId);
    Ok(gathered.session(Assistant::GeminiCli, candidate, wanted))
}

/// Where the program was started: by the marker, or as one of the roots whose hash the session has.
fn directories(file: &Path, log: &Log, wanted: &Wanted) -> Vec<PathBuf> {
    let project = file.parent().and_then(Path::parent);
    let marked = project.and_then(find::marker);
    let started = marked.or_else(|| {
        let named = project.and_then(Path::file_name).and_then(|name| name.to_str());
        let is = |root: &&PathBuf| {
            let hash = fingerprint::of(root);
            log.project_hash.as_ref() == Some(&hash) || named == Some(&hash)
        };
        wanted.roots.iter().find(is).cloned()
    });
    log.directories.iter().map(PathBuf::from).chain(started).collect()
}

/// Sub-agents have files of their own in a directory of the session's id.
fn subagents(file: &Path, log: &Log, wanted: &Wanted) -> Vec<PathBuf> {
    let Some(id) = log.session.as_deref().filter(|id| place::is_id(id)) else { return Vec::new() };
    let entries = fs::read_dir(file.with_file_name(id)).into_iter().flatten().flatten();
    let recent = |entry: &fs::DirEntry| {
        let modified = entry.metadata().ok().and_then(|meta| written(&meta));
        entry.path().extension().is_some_and(|extension| extension == "jsonl" || extension == "json")
            && modified.is_some_and(|at| at >= wanted.since)
    };
    let mut files: Vec<PathBuf> = entries.filter(recent).map(|entry| entry.path()).take(SUBAGENTS).collect();
    files.sort();
    files
}

/// Tells messages one after another.
struct Teller {
    gathered: Gathered,
    /// The time of the message before, for one that has none.
    at: Option<DateTime<Utc>>,
    /// The plan that was last written to a file.
    plan: Option<String>,
    /// A sub-agent has no human: of it only what it did is told.
    agent: bool,
}

impl Teller {
    fn tell(&mut self, message: &Value) {
        self.at = time(message, "/timestamp").or(self.at);
        let Some(at) = self.at else { return };
        let id = text(message, "/id").unwrap_or("m").to_owned();
        match text(message, "/type") {
            Some("user") if !self.agent => {
                if let Some(words) = typed(message) {
                    self.gathered.push(&id, at, EventKind::Prompt(words));
                }
            }
            Some("gemini") => {
                let said = parts(message.get("content")).trim().to_owned();
                if !said.is_empty() && !self.agent {
                    self.gathered.push(&id, at, EventKind::Reply(said));
                }
                if !self.agent {
                    self.gathered.model = text(message, "/model").map(str::to_owned).or(self.gathered.model.take());
                }
                for (nth, call) in list(message, "/toolCalls").iter().enumerate() {
                    let id = text(call, "/id").map_or_else(|| format!("{id}.{nth}"), str::to_owned);
                    self.tell_call(&id, time(call, "/timestamp").unwrap_or(at), call);
                }
            }
            Some("info") if parts(message.get("content")).trim() == "Request cancelled." => {
                self.gathered.push(&id, at, EventKind::Interruption);
            }
            _ => {}
        }
    }

    fn tell_call(&mut self, id: &str, at: DateTime<Utc>, call: &Value) {
        let failed = matches!(text(call, "/status"), Some("error" | "cancelled"));
        match text(call, "/name") {
            Some("write_file" | "replace" | "edit") if !failed => {
                let Some(path) = text(call, "/args/file_path").or_else(|| text(call, "/args/path")) else { return };
                if path.contains("plans") {
                    self.plan = text(call, "/args/content").map(str::to_owned).or(self.plan.take());
                }
                let path = place::absolute(path, self.gathered.here());
                self.gathered.push(id, at, EventKind::Edit { path });
            }
            Some("run_shell_command") => {
                let Some(line) = text(call, "/args/command").map(str::to_owned) else { return };
                self.gathered.push(id, at, EventKind::Command { line, outcome: outcome(call) });
            }
            Some("ask_user") if !self.agent => {
                let answers = document::value(response(call).as_bytes()).unwrap_or_default();
                for (nth, question) in list(call, "/args/questions").iter().enumerate() {
                    let Some(question) = text(question, "/question").map(str::to_owned) else { continue };
                    let answer = text(&answers, &format!("/answers/{nth}")).map(str::to_owned);
                    self.gathered.push(&format!("{id}#{nth}"), at, EventKind::Question { question, answer });
                }
            }
            Some("exit_plan_mode") if !self.agent => {
                let Some(text) = self.plan.clone() else { return };
                let answer = response(call).to_lowercase();
                let approved =
                    if answer.contains("rejected") { Some(false) } else { answer.contains("approved").then_some(true) };
                self.gathered.push(id, at, EventKind::Plan { text, approved });
            }
            _ => {}
        }
    }
}

/// What a human typed. Files that were named with `@` follow it, and what is displayed is without them.
fn typed(message: &Value) -> Option<String> {
    const FILES: &str = "\n--- Content from referenced files ---";
    let all = match message.get("displayContent").map(|shown| parts(Some(shown))).filter(|shown| !shown.is_empty()) {
        Some(shown) => shown,
        None => parts(message.get("content")),
    };
    let words = all.split(FILES).next().unwrap_or_default().trim();
    let human = !words.is_empty() && !INJECTED.iter().any(|start| words.starts_with(start));
    human.then(|| words.to_owned())
}

/// The text of a content: a string, a part, or a list of parts. Results of functions have none.
fn parts(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(several)) => {
            let texts: Vec<String> =
                several.iter().map(|part| parts(Some(part))).filter(|text| !text.trim().is_empty()).collect();
            texts.join("\n")
        }
        Some(part) if part.get("thought").and_then(Value::as_bool) != Some(true) => {
            part.get("text").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

/// What a tool answered, or why it failed.
fn response(call: &Value) -> String {
    let of = |part: &Value| {
        let answer = part.pointer("/functionResponse/response")?;
        Some(answer.get("output").or_else(|| answer.get("error"))?.as_str()?.to_owned())
    };
    list(call, "/result").iter().filter_map(of).collect::<Vec<_>>().join("\n")
}

/// A command's status is that of the tool; the command's own is in the text, when it is not zero.
fn outcome(call: &Value) -> Outcome {
    let answer = response(call);
    let exit = answer.lines().find_map(|line| line.trim().strip_prefix("Exit Code: ")?.trim().parse::<i32>().ok());
    match text(call, "/status") {
        Some("cancelled") => Outcome::Refused,
        Some("success" | "error") if answer.starts_with("Command was cancelled") => Outcome::Refused,
        Some("success") if exit.is_none_or(|exit| exit == 0) => Outcome::Passed,
        Some("success" | "error") => Outcome::Failed { exit, output: output::end(&shown(&answer)) },
        _ => Outcome::Pending,
    }
}

/// The output alone, of what the program tells the model about a command.
fn shown(answer: &str) -> String {
    const ABOUT: &[&str] = &[
        "<untrusted_context>",
        "</untrusted_context>",
        "Command: ",
        "Directory: ",
        "Exit Code: ",
        "Signal: ",
        "Background PIDs: ",
        "Process Group PGID: ",
        "Error: (none)",
        "Stdout: (empty)",
        "Stderr: (empty)",
        "Output: (empty)",
    ];
    let kept = answer.lines().filter(|line| !ABOUT.iter().any(|about| line.starts_with(about)));
    let bare = |line: &str| {
        let bare = ["Output: ", "Stdout: ", "Stderr: "].iter().find_map(|label| line.strip_prefix(label));
        bare.unwrap_or(line).to_owned()
    };
    kept.map(bare).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::message::SessionId;

    fn session_of(bytes: &[u8]) -> Result<Option<Session>, Gap> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("app/chats/session-x.jsonl");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(dir.path().join("app/.project_root"), "/repo").unwrap();
        fs::write(&file, bytes).unwrap();
        let sub = dir.path().join("app/chats/s-1/agent.jsonl");
        fs::create_dir(sub.parent().unwrap()).unwrap();
        let edit = call("write_file", &json!({"file_path": "/repo/sub.rs"}), "success", "");
        fs::write(&sub, format!("{}\n{}", user("do"), gemini("in secret", &[edit]))).unwrap();
        let modified = DateTime::UNIX_EPOCH;
        let candidate = Candidate { id: SessionId("session-x".to_owned()), file, modified, named: false, size: 0 };
        read(&candidate, &wanted(), Deadline::NONE)
    }

    fn wanted() -> Wanted {
        Wanted {
            roots: vec![PathBuf::from("/repo")],
            named: Vec::new(),
            since: DateTime::UNIX_EPOCH,
            until: "2026-01-02T00:00:00Z".parse().unwrap(),
            thorough: false,
        }
    }

    fn user(text: &str) -> Value {
        json!({"type": "user", "timestamp": "2026-01-01T00:00:00Z", "content": [{"text": text}]})
    }

    fn gemini(text: &str, calls: &[Value]) -> Value {
        json!({"id": "g", "type": "gemini", "timestamp": "2026-01-01T00:00:01Z", "content": text, "model": "gemini-x",
            "toolCalls": calls})
    }

    fn call(name: &str, args: &Value, status: &str, answer: &str) -> Value {
        let result = json!([{"functionResponse": {"response": {"output": answer}}}]);
        json!({"id": "c", "name": name, "args": args, "status": status, "result": result})
    }

    fn kinds(messages: &[Value]) -> Vec<EventKind> {
        let head = json!({"sessionId": "s", "kind": "main"});
        let lines: Vec<String> = std::iter::once(&head).chain(messages).map(Value::to_string).collect();
        let session = session_of(lines.join("\n").as_bytes()).unwrap().unwrap();
        assert_eq!((session.id.0.as_str(), session.directories), ("s", vec![PathBuf::from("/repo")]));
        session.events.into_iter().map(|event| event.kind).collect()
    }

    #[track_caller]
    fn check_typed(text: &str, expected: Option<&str>) {
        let prompts: Vec<EventKind> = expected.map(|text| EventKind::Prompt(text.to_owned())).into_iter().collect();
        assert_eq!(kinds(&[user(text)]), prompts, "{text}");
    }

    #[test]
    fn only_what_a_human_typed_is_a_prompt() {
        check_typed(" fix it\n", Some("fix it"));
        check_typed("see @a.rs\n--- Content from referenced files ---\nContent from @a.rs:\nx", Some("see @a.rs"));
        for injected in ["", "/help", "?", "<session_context>\nx", "<hook_context>x</hook_context>"] {
            check_typed(injected, None);
        }
        let mut shown = user("expanded");
        shown["displayContent"] = json!("typed");
        assert_eq!(kinds(&[shown]), [EventKind::Prompt("typed".to_owned())]);
        let mut result = user("");
        result["content"] = json!([{"functionResponse": {"response": {"output": "x"}}}]);
        assert_eq!(kinds(&[result]), []);
    }

    #[test]
    fn replies_edits_and_stops_are_told() {
        let edit = call("replace", &json!({"file_path": "src/a.rs"}), "success", "");
        let failed = call("replace", &json!({"file_path": "src/b.rs"}), "error", "");
        let stop = json!({"type": "info", "timestamp": "2026-01-01T00:00:02Z", "content": "Request cancelled."});
        let expected = [
            EventKind::Reply("done".to_owned()),
            EventKind::Edit { path: PathBuf::from("/repo/src/a.rs") },
            EventKind::Interruption,
        ];
        assert_eq!(kinds(&[gemini("done", &[edit, failed]), stop]), expected);
    }

    #[track_caller]
    fn check_outcome(status: &str, answer: &str, expected: Outcome) {
        let run = call("run_shell_command", &json!({"command": "make"}), status, answer);
        assert_eq!(kinds(&[gemini("", &[run])]), [EventKind::Command { line: "make".to_owned(), outcome: expected }]);
    }

    #[test]
    fn a_commands_outcome_is_what_is_recorded() {
        check_outcome("success", "<untrusted_context>\nOutput: ok\n</untrusted_context>", Outcome::Passed);
        check_outcome("success", "Command was cancelled by user before it could complete.", Outcome::Refused);
        check_outcome("cancelled", "", Outcome::Refused);
        check_outcome("executing", "", Outcome::Pending);
        let output = "Command: make\nDirectory: (root)\nOutput: one\ntwo\nError: (none)\nExit Code: 2\nSignal: (none)";
        check_outcome("success", output, Outcome::Failed { exit: Some(2), output: "one\ntwo".to_owned() });
        check_outcome("error", "no shell", Outcome::Failed { exit: None, output: "no shell".to_owned() });
    }

    #[test]
    fn questions_and_plans_carry_their_answers() {
        let ask = call(
            "ask_user",
            &json!({"questions": [{"question": "Where?"}, {"question": "How?"}]}),
            "success",
            r#"{"answers": {"0": "here"}}"#,
        );
        let question = |question: &str, answer: Option<&str>| EventKind::Question {
            question: question.to_owned(),
            answer: answer.map(str::to_owned),
        };
        assert_eq!(kinds(&[gemini("", &[ask])]), [question("Where?", Some("here")), question("How?", None)]);
        let write = call("write_file", &json!({"file_path": "/tmp/plans/p.md", "content": "do it"}), "success", "");
        let exit = call("exit_plan_mode", &json!({"plan_path": "p.md"}), "success", "Plan approved. Go on.");
        let plan = EventKind::Plan { text: "do it".to_owned(), approved: Some(true) };
        assert_eq!(kinds(&[gemini("", &[write, exit])])[1], plan);
    }

    #[test]
    fn of_a_sub_agent_only_what_it_did_is_told() {
        let head = json!({"sessionId": "s-1"});
        let session = session_of(format!("{head}\n{}", user("go")).as_bytes()).unwrap().unwrap();
        let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
        let edit = EventKind::Edit { path: PathBuf::from("/repo/sub.rs") };
        assert_eq!(kinds, [EventKind::Prompt("go".to_owned()), edit]);
    }

    #[test]
    fn a_file_of_something_else_is_a_gap() {
        assert!(session_of(b"PK\x03\x04").is_err());
        assert_eq!(session_of(b"").unwrap().unwrap().events, []);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic(at in any::<prop::sample::Index>(), insert in proptest::collection::vec(any::<u8>(), 0..6)) {
            let run = call("run_shell_command", &json!({"command": "make"}), "success", "Exit Code: 1");
            let mut bytes = format!("{}\n{}\n", user("go"), gemini("done", &[run])).into_bytes();
            let from = at.index(bytes.len());
            bytes.splice(from..(from + 3).min(bytes.len()), insert);
            if let Ok(Some(session)) = session_of(&bytes) {
                prop_assert!(session.events.is_sorted_by_key(|event| event.at));
            }
        }
    }
}
