//! The transcripts of Cursor's agent: `~/.cursor/projects/<directory>/agent-transcripts/[<id>/]<id>.jsonl`.
//!
//! In: such a file. Out: a session. Never here: a guess at when something was said.
//!
//! Records have no times, except that newer versions write one into a prompt: see [`LastTurn`].

use std::path::Path;

use serde_json::Value;

use super::tools;
use super::words::{LastTurn, instant, said, typed};
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
    let last_turn = LastTurn::of(candidate, wanted);
    let timed = |fields: &Fields<'_>| Some(last_turn.dated(entry(fields)?));
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::chat::message::{EventKind, SessionId};

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
}
