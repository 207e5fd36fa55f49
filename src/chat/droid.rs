//! Factory Droid's transcripts: `~/.factory/sessions/<encoded directory>/<session>.jsonl`; older ones lie in `sessions`.
//!
//! In: the places where they lie, and what is wanted. Out: candidates, and from each a
//! [`Session`].
//! Never here: thinking, or what a tool read. The format has no public description; what is known of it comes from files
//! and from readers of others.

use std::path::{Path, PathBuf};

use super::fields::Fields;
use super::message::{Assistant, Gap, Outcome, Session, Wanted};
use super::projects::{self, Layout};
use super::reader::{Candidate, Reader};
use super::transcript::{self, Came, Entry, Format, Part, Tool};
use super::{jsonl, output, patch};
use crate::env::{Deadline, Env};

/// The line in the table of readers.
pub const READER: Reader = Reader {
    assistant: Assistant::Droid,
    session_variable: None,
    places,
    find: |places, wanted, deadline| projects::find(LAYOUT, places, wanted, deadline),
    read,
};

const LAYOUT: Layout = Layout { assistant: Assistant::Droid, below: "", id: |name| name.strip_suffix(".jsonl") };

/// The session's settings, beside the transcript, are a few hundred bytes.
const SETTINGS: u64 = 64 * 1024;

fn places(env: &Env, extra: Option<&Path>) -> Vec<PathBuf> {
    projects::existing(env.home.iter().map(|home| home.join(".factory/sessions")), extra)
}

fn read(candidate: &Candidate, wanted: &Wanted, deadline: Deadline) -> Result<Option<Session>, Gap> {
    let format = Format { assistant: Assistant::Droid, entry: &entry, kept: &|entries| vec![true; entries.len()] };
    let session = transcript::read_file(&format, candidate, wanted, deadline)?;
    Ok(session.map(|session| Session { model: session.model.clone().or_else(|| model(&candidate.file)), ..session }))
}

/// The model that the session was set to.
fn model(transcript: &Path) -> Option<String> {
    let settings = transcript.with_extension("settings.json");
    settings.is_file().then_some(())?;
    let bytes = crate::fs::read(&settings, SETTINGS).ok()??;
    Fields::of(&jsonl::text(&bytes))?.text("model")
}

fn entry(fields: &Fields<'_>) -> Option<Entry> {
    let mut entry = Entry { id: fields.text("id"), at: fields.time("timestamp"), ..Entry::default() };
    match fields.text("type")?.as_str() {
        "session_start" => {
            let session = fields.fields("session");
            let mut directories = [Some(fields), session.as_ref()].into_iter().flatten();
            entry.directory = directories.find_map(|of| of.text("cwd").or_else(|| of.text("workspace_root")));
        }
        "message" => {
            let message = fields.fields("message")?;
            entry.model = message.text("model");
            let human = message.text("role").as_deref() == Some("user");
            let mut typed = message.text("content").into_iter().collect::<Vec<_>>();
            for block in message.list("content") {
                match block.text("type")?.as_str() {
                    "text" => typed.extend(block.text("text")),
                    "tool_use" => entry.parts.extend(used(&block)),
                    "tool_result" => entry.parts.extend(came(&block)),
                    _ => {}
                }
            }
            entry.parts.extend(words(typed, human));
        }
        _ => return None,
    }
    Some(entry)
}

fn words(texts: Vec<String>, human: bool) -> Option<Part> {
    /// Reminders, and files that were mentioned (`Contents of /a (lines 1-2 of 2):`).
    const REMINDER: &str = "<system-reminder>";
    let is_file = |text: &str| {
        text.lines().next().is_some_and(|first| first.starts_with("Contents of ") && first.contains("(lines "))
    };
    let texts = texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let texts: Vec<String> = texts.filter(|text| !human || !text.starts_with(REMINDER) && !is_file(text)).collect();
    let text = texts.join("\n\n");
    (!text.is_empty()).then_some(if human { Part::Prompt(text) } else { Part::Reply(text) })
}

fn used(block: &Fields<'_>) -> Option<Part> {
    let input = block.fields("input")?;
    let path = || input.text("file_path").or_else(|| input.text("path"));
    let tool = match block.text("name")?.to_ascii_lowercase().as_str() {
        "edit" | "multiedit" | "create" | "write" => Tool::Edit(vec![path()?], None),
        "applypatch" => Tool::Edit(patch::files(&input.text("input").or_else(|| input.text("patch"))?), None),
        "execute" => Tool::Command(input.text("command").or_else(|| input.text("cmd"))?),
        "askuser" => {
            let asked = input.text("questionnaire")?;
            let questions =
                marked(&asked, "[question]").map(|(_, question)| (question.to_owned(), question.to_owned()));
            Tool::Questions(questions.collect())
        }
        "exitspecmode" => Tool::Plan(input.text("plan")?),
        _ => return None,
    };
    Some(Part::Use(block.text("id")?, tool))
}

/// The lines with a mark, and what follows it in them.
fn marked<'a>(text: &'a str, mark: &'static str) -> impl Iterator<Item = (usize, &'a str)> {
    let marked = move |(at, line): (usize, &'a str)| Some((at, line.split_once(mark)?.1.trim()));
    text.lines().enumerate().filter_map(marked).filter(|(_, text)| !text.is_empty())
}

fn came(block: &Fields<'_>) -> Option<Part> {
    let text = block.texts("content").join("\n");
    let said_no =
        Fields::of(&text).is_some_and(|json| json.raw("success").is_some_and(|success| success.get() == "false"));
    let failed = block.truth("is_error") || said_no;
    let exit = exit_code(&text);
    let refused = ["rejected by user", "User rejected", "cancelled by user", "user cancelled"];
    let outcome = if failed && refused.iter().any(|sign| text.contains(sign)) {
        Outcome::Refused
    } else if failed || exit.is_some_and(|exit| exit != 0) {
        Outcome::Failed { exit, output: output::end(&text) }
    } else {
        Outcome::Passed
    };
    let answers = marked(&text, "[question]").filter_map(|(at, question)| {
        let (_, answer) = marked(&text, "[answer]").find(|(answered, _)| *answered > at)?;
        Some((question.to_owned(), answer.to_owned()))
    });
    let answers = answers.collect();
    Some(Part::Came(block.text("tool_use_id")?, Came { outcome, answers }))
}

/// The status stands in the first or last line: `Error: Command failed (exit code: 1)`, `[Process exited with code 0]`.
fn exit_code(text: &str) -> Option<i32> {
    let lines = text.lines().next().into_iter().chain(text.lines().last());
    lines.into_iter().find_map(|line| {
        let rest = ["exit code: ", "exited with code "].iter().find_map(|sign| Some(line.split_once(sign)?.1))?;
        rest.trim_end_matches([']', ')', '.']).trim().parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn parts(role: &str, content: &Value) -> Vec<Part> {
        let record = json!({"type": "message", "id": "m", "message": {"role": role, "content": content}});
        entry(&Fields::of(&record.to_string()).unwrap()).unwrap().parts
    }

    #[test]
    fn what_was_mentioned_is_not_what_was_typed() {
        let content = json!([{"type": "text", "text": "<system-reminder>x</system-reminder>"}, {"type": "text", "text": "fix @a"},
            {"type": "text", "text": "Contents of /r/a (lines 1-2 of 2):\nx"}]);
        assert_eq!(parts("user", &content), [Part::Prompt("fix @a".to_owned())]);
        assert_eq!(parts("assistant", &json!("done")), [Part::Reply("done".to_owned())]);
    }

    #[test]
    fn the_first_record_names_the_directory() {
        let directory = |record: &str| entry(&Fields::of(record).unwrap()).unwrap().directory;
        assert_eq!(directory(r#"{"type":"session_start","cwd":"/r"}"#).as_deref(), Some("/r"));
        assert_eq!(directory(r#"{"type":"session_start","session":{"workspace_root":"/r"}}"#).as_deref(), Some("/r"));
    }

    #[test]
    fn tools_that_change_or_run_something_are_told() {
        let check = |name: &str, input: &Value, tool: Tool| {
            let content = json!([{"type": "tool_use", "id": "c", "name": name, "input": input}]);
            assert_eq!(parts("assistant", &content), [Part::Use("c".to_owned(), tool)], "{name}");
        };
        let edit = || Tool::Edit(vec!["/r/a".to_owned()], None);
        check("Create", &json!({"file_path": "/r/a"}), edit());
        check("ApplyPatch", &json!({"input": "*** Begin Patch\n*** Update File: /r/a\n*** End Patch"}), edit());
        check("Execute", &json!({"command": "make"}), Tool::Command("make".to_owned()));
        let question = ("Which?".to_owned(), "Which?".to_owned());
        check(
            "AskUser",
            &json!({"questionnaire": "1. [question] Which?\n[option] a"}),
            Tool::Questions(vec![question]),
        );
    }

    #[test]
    fn results_carry_the_outcome_and_the_answers() {
        let came = |error: bool, text: &str| {
            let block = json!([{"type": "tool_result", "tool_use_id": "c", "is_error": error, "content": text}]);
            match parts("user", &block).remove(0) {
                Part::Came(_, came) => came,
                other => panic!("{other:?}"),
            }
        };
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        assert_eq!(came(false, "ok\n[Process exited with code 0]").outcome, Outcome::Passed);
        let error = "Error: Command failed (exit code: 2)\nbad";
        assert_eq!(came(true, error).outcome, failed(Some(2), error));
        assert_eq!(came(true, "Error: rejected by user").outcome, Outcome::Refused);
        assert_eq!(came(false, r#"{"success":false}"#).outcome, failed(None, r#"{"success":false}"#));
        let answered = came(false, "1. [question] Which?\n[answer] this\n\n2. [question] How?\n[answer] so");
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        assert_eq!(answered.answers, [pair("Which?", "this"), pair("How?", "so")]);
    }

    proptest! {
        #[test]
        fn no_result_makes_it_panic(text in r"(\[(question|answer)\]|exit code: |[0-9\])ü \n]){0,20}") {
            exit_code(&text);
            parts("user", &json!([{"type": "tool_result", "tool_use_id": "c", "content": text}]));
        }
    }
}
