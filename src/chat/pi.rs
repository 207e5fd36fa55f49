//! Pi's transcripts: `~/.pi/agent/sessions/--<encoded directory>--/<time>_<session>.jsonl`.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thinking, what a tool read, or summaries. Records are a tree, of which the branch of the newest counts; the
//! format is that of versions 1 to 3 (its first record says which), as of Pi 0.85.

use std::path::{Path, PathBuf};

use super::fields::Fields;
use super::message::{Assistant, Gap, Outcome, Session, Wanted};
use super::output;
use super::projects::{self, Layout};
use super::reader::{Candidate, Reader};
use super::transcript::{self, Entry, Format, Part, Tool};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::Pi,
    session_variable: None,
    places,
    find: |places, wanted, deadline| projects::find(LAYOUT, places, wanted, deadline),
    read,
};

const LAYOUT: Layout = Layout {
    assistant: Assistant::Pi,
    below: "",
    id: |name| Some(name.strip_suffix(".jsonl")?.rsplit('_').next().unwrap_or(name)),
};

/// `$PI_CODING_AGENT_SESSION_DIR`, in which transcripts lie flat, or `sessions` in `$PI_CODING_AGENT_DIR` or `~/.pi/agent`.
fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    let flat = env.text("PI_CODING_AGENT_SESSION_DIR").map(|dir| env.cwd.join(dir));
    let agent = env.text("PI_CODING_AGENT_DIR").map(|dir| env.cwd.join(dir));
    let agent = agent.or_else(|| env.home.as_ref().map(|home| home.join(".pi/agent")));
    projects::existing(flat.into_iter().chain(agent.map(|agent| agent.join("sessions"))), extra)
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let format = Format { assistant: Assistant::Pi, entry: &entry, kept: &transcript::branch };
    transcript::read_file(&format, candidate, wanted, deadline)
}

fn entry(fields: &Fields<'_>) -> Option<Entry> {
    let mut entry = Entry { at: fields.time("timestamp"), ..Entry::default() };
    let kind = fields.text("type")?;
    if kind == "session" {
        // Its id is the session's, and nothing follows it.
        entry.directory = fields.text("cwd");
        return Some(entry);
    }
    entry.id = fields.text("id");
    entry.parent = fields.text("parentId");
    match kind.as_str() {
        "model_change" => entry.model = fields.text("modelId"),
        "message" => message(&fields.fields("message")?, &mut entry),
        _ => {}
    }
    Some(entry)
}

fn message(message: &Fields<'_>, entry: &mut Entry) {
    let texts = || {
        let text = message.texts("content").join("\n\n").trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    match message.text("role").unwrap_or_default().as_str() {
        "user" => entry.parts.extend(texts().map(Part::Prompt)),
        "assistant" => {
            entry.model = message.text("model");
            entry.parts.extend(texts().map(Part::Reply));
            entry.parts.extend(message.list("content").iter().filter_map(used));
            if message.text("stopReason").as_deref() == Some("aborted") {
                entry.parts.push(Part::Interruption);
            }
        }
        "toolResult" => {
            let outcome = outcome(message.truth("isError"), &message.texts("content").join("\n"));
            entry.parts.extend(message.text("toolCallId").map(|of| Part::Came(of, outcome.into())));
        }
        "bashExecution" => entry.parts.extend(own_command(message, entry.id.as_deref()).into_iter().flatten()),
        _ => {}
    }
}

fn used(block: &Fields<'_>) -> Option<Part> {
    let arguments = block.fields("arguments").filter(|_| block.text("type").as_deref() == Some("toolCall"))?;
    let tool = match block.text("name")?.as_str() {
        "edit" | "write" => Tool::Edit(vec![arguments.text("path").or_else(|| arguments.text("file_path"))?], None),
        "bash" | "powershell" => Tool::Command(arguments.text("command")?),
        _ => return None,
    };
    Some(Part::Use(block.text("id")?, tool))
}

fn outcome(failed: bool, text: &str) -> Outcome {
    if !failed {
        return Outcome::Passed;
    }
    let last = text.lines().last().unwrap_or_default();
    if last.contains("aborted") {
        return Outcome::Refused;
    }
    let exit = last.strip_prefix("Command exited with code ").and_then(|exit| exit.trim().parse().ok());
    let shown = if exit.is_some() { &text[..text.len() - last.len()] } else { text };
    Outcome::Failed { exit, output: output::end(shown) }
}

/// A command that the human ran from the prompt.
fn own_command(message: &Fields<'_>, id: Option<&str>) -> Option<Vec<Part>> {
    let (id, line) = (id?.to_owned(), message.text("command")?);
    let outcome = match message.number("exitCode") {
        _ if message.truth("cancelled") => Outcome::Refused,
        Some(0) => Outcome::Passed,
        Some(exit) => {
            let output = output::end(&message.text("output").unwrap_or_default());
            Outcome::Failed { exit: i32::try_from(exit).ok(), output }
        }
        None => Outcome::Pending,
    };
    Some(vec![Part::Use(id.clone(), Tool::Command(line)), Part::Came(id, outcome.into())])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::chat::message::{EventKind, SessionId};

    fn parts(message: &Value) -> Vec<Part> {
        let record = json!({"type": "message", "id": "m", "message": message});
        entry(&Fields::of(&record.to_string()).unwrap()).unwrap().parts
    }

    #[test]
    fn every_role_says_its_part() {
        let text = |text: &str| text.to_owned();
        assert_eq!(parts(&json!({"role": "user", "content": "go"})), [Part::Prompt(text("go"))]);
        let said = json!({"role": "assistant", "stopReason": "aborted", "content": [{"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "done"}, {"type": "toolCall", "id": "c", "name": "write", "arguments": {"path": "a"}},
            {"type": "toolCall", "id": "d", "name": "read", "arguments": {"path": "a"}}]});
        let edit = Part::Use(text("c"), Tool::Edit(vec![text("a")], None));
        assert_eq!(parts(&said), [Part::Reply(text("done")), edit, Part::Interruption]);
        let own = json!({"role": "bashExecution", "command": "ls", "output": "x", "exitCode": 0});
        assert_eq!(
            parts(&own),
            [Part::Use(text("m"), Tool::Command(text("ls"))), Part::Came(text("m"), Outcome::Passed.into())]
        );
        assert_eq!(parts(&json!({"role": "compactionSummary", "content": "x"})), []);
    }

    #[test]
    fn a_result_tells_how_it_ended() {
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        assert_eq!(outcome(false, "x"), Outcome::Passed);
        assert_eq!(outcome(true, "bad\n\nCommand exited with code 2"), failed(Some(2), "bad"));
        assert_eq!(outcome(true, "no such file"), failed(None, "no such file"));
        assert_eq!(outcome(true, "x\nCommand aborted"), Outcome::Refused);
    }

    #[test]
    fn the_branch_that_was_left_is_out_and_the_first_line_names_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("t_s.jsonl");
        let record = |id: &str, parent: Value, text: &str| {
            json!({"type": "message", "id": id, "parentId": parent, "timestamp": "2026-01-01T00:00:01Z",
                "message": {"role": "user", "content": text}})
        };
        let lines = [
            json!({"type": "session", "version": 3, "id": "s", "cwd": "/repo"}),
            record("1", Value::Null, "one"),
            record("2", json!("1"), "left"),
            record("3", json!("1"), "two"),
        ];
        std::fs::write(&file, lines.map(|line| line.to_string() + "\n").concat()).unwrap();
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let id = SessionId("s".to_owned());
        let candidate = Candidate { id, file, modified: at, named: false, size: 0 };
        let roots = vec![PathBuf::from("/repo")];
        let until = "2026-01-02T00:00:00Z".parse().unwrap();
        let wanted = Wanted { roots, named: Vec::new(), since: at, until, thorough: false };
        let session = read(&candidate, &wanted, Deadline::NONE).unwrap().unwrap();
        let kinds: Vec<EventKind> = session.events.into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, ["one", "two"].map(|text| EventKind::Prompt(text.to_owned())));
        let other = Wanted { roots: vec![PathBuf::from("/other")], ..wanted };
        assert_eq!(read(&candidate, &other, Deadline::NONE).unwrap(), None);
    }

    #[test]
    fn an_id_stands_behind_the_time() {
        assert_eq!((LAYOUT.id)("2026-01-01T00-00-00-000Z_abc-1.jsonl"), Some("abc-1"));
        assert_eq!((LAYOUT.id)("abc.json"), None);
    }

    proptest! {
        #[test]
        fn no_result_makes_it_panic(text in r"(Command exited with code |[0-9ü\n\r]){0,8}", failed: bool) {
            outcome(failed, &text);
        }
    }
}
