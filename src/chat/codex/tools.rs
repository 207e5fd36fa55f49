//! What Codex did: its tools, and what came of them.
//!
//! In: a call, or the output of one. Out: what of it is a fact.
//! Never here: whose call it was, or when.

use serde_json::value::RawValue;

use crate::chat::fields::{self, Fields};
use crate::chat::message::Outcome;
use crate::chat::transcript::{Came, Tool};
use crate::chat::{output, patch};

/// The fact in a call of a function; its arguments are JSON, most often in a string.
pub(super) fn call(name: &str, arguments: &RawValue) -> Option<Tool> {
    let text = fields::string(Some(arguments));
    let json = text.as_deref().unwrap_or(arguments.get());
    let arguments = Fields::of(json);
    match name {
        "apply_patch" => {
            let patch = arguments.and_then(|arguments| arguments.text("patch").or_else(|| arguments.text("input")));
            edit(patch.as_deref().unwrap_or(json), None)
        }
        "shell" | "shell_command" | "exec_command" | "container.exec" | "local_shell" => {
            let arguments = arguments?;
            let words = arguments.strings("command");
            let line = arguments.text("cmd").or_else(|| arguments.text("command"));
            let line = line.or_else(|| command_line(&words))?;
            command(line, arguments.text("workdir"))
        }
        "request_user_input" => {
            let asked = arguments?.list("questions");
            let questions: Vec<_> = asked.iter().filter_map(keyed).collect();
            (!questions.is_empty()).then_some(Tool::Questions(questions))
        }
        _ => None,
    }
}

/// A question with the key that its answer will have.
fn keyed(question: &Fields<'_>) -> Option<(String, String)> {
    let text = question.text("question")?;
    Some((question.text("id").unwrap_or_else(|| text.clone()), text))
}

/// A command line; one that applies a patch is the edit of its files.
pub(super) fn command(line: String, directory: Option<String>) -> Option<Tool> {
    match patch::within(&line) {
        Some(patch) => edit(patch, directory),
        None => (!line.trim().is_empty()).then_some(Tool::Command(line)),
    }
}

/// The files of a patch.
pub(super) fn edit(patch: &str, directory: Option<String>) -> Option<Tool> {
    let files = patch::files(patch);
    (!files.is_empty()).then_some(Tool::Edit(files, directory))
}

/// A command that is a list of words, as a human would type it: what a shell was handed, or the words.
pub(super) fn command_line(words: &[String]) -> Option<String> {
    let [program, rest @ ..] = words else { return None };
    let shell = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let shell = shell.strip_suffix(".exe").unwrap_or(shell);
    let flags = ["-c", "-lc", "-ic", "-Command", "/c"];
    if ["bash", "sh", "zsh", "dash", "fish", "pwsh", "powershell", "cmd"].contains(&shell)
        && let Some(at) = rest.iter().position(|word| flags.contains(&word.as_str()))
    {
        return rest.get(at + 1).cloned();
    }
    let quoted = words.iter().map(|word| {
        let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,~".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    Some(quoted.collect::<Vec<_>>().join(" "))
}

/// What an output says came of a call. It is text, blocks of text, or, in old versions, JSON with the exit status.
pub(super) fn came(output: &RawValue) -> Came {
    let blocks = || {
        let blocks: Vec<Fields<'_>> = fields::list(output);
        blocks.iter().filter_map(|block| block.text("text")).collect::<Vec<_>>().join("\n")
    };
    let text = fields::string(Some(output)).unwrap_or_else(blocks);
    let Some(json) = Fields::of(&text) else { return outcome(&text).into() };
    if let Some(answers) = json.fields("answers") {
        let answer = |key: &str| {
            let answer = answers.fields(key).map(|answer| answer.strings("answers").join(", "));
            (key.to_owned(), answer.or_else(|| answers.text(key)).unwrap_or_default())
        };
        return Came { outcome: Outcome::Passed, answers: answers.names().map(answer).collect() };
    }
    let exit = json.fields("metadata").and_then(|metadata| metadata.number("exit_code"));
    let shown = json.text("output").unwrap_or_default();
    exit.map_or_else(|| outcome(&shown), |exit| ended(exit, &shown)).into()
}

/// A command that ended with that status.
pub(super) fn ended(exit: i64, shown: &str) -> Outcome {
    if exit == 0 {
        return Outcome::Passed;
    }
    Outcome::Failed { exit: i32::try_from(exit).ok(), output: output::end(shown) }
}

fn outcome(text: &str) -> Outcome {
    const REFUSED: &[&str] = &[
        "rejected by user",
        "aborted by user",
        "denied by user",
        "patch rejected",
        "command rejected",
        "user rejected",
    ];
    const FAILED: &[&str] = &[
        "apply_patch verification failed",
        "failed ",
        "Failed ",
        "error: ",
        "Error: ",
        "exec_command failed",
        "execution error",
        "unsupported call",
    ];
    /// The status stands among the first lines, before the output itself.
    const HEADER: usize = 8;
    let (header, shown) = text.split_once("\nOutput:\n").unwrap_or((text, text));
    let status = header.lines().take(HEADER).find_map(|line| {
        let number = line.strip_prefix("Process exited with code ").or_else(|| line.strip_prefix("Exit code: "))?;
        number.trim().parse().ok()
    });
    let first = text.lines().next().unwrap_or_default();
    if let Some(exit) = status {
        ended(exit, shown)
    } else if REFUSED.iter().any(|sign| first.contains(sign)) {
        Outcome::Refused
    } else if FAILED.iter().any(|start| first.starts_with(start)) {
        Outcome::Failed { exit: None, output: output::end(text) }
    } else if text.starts_with("Success. Updated the following files") {
        Outcome::Passed
    } else {
        Outcome::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        serde_json::from_str(json).unwrap()
    }

    #[track_caller]
    fn check_call(name: &str, arguments: &str, expected: &[Tool]) {
        assert_eq!(call(name, &raw(arguments)).as_slice(), expected, "{name} {arguments}");
    }

    fn ran(line: &str) -> Tool {
        Tool::Command(line.to_owned())
    }

    #[test]
    fn every_way_to_run_a_command_is_known() {
        check_call("exec_command", r#""{\"cmd\":\"make\",\"workdir\":\"/x\"}""#, &[ran("make")]);
        check_call("shell_command", r#"{"command":"make"}"#, &[ran("make")]);
        check_call("shell", r#""{\"command\":[\"bash\",\"-lc\",\"make -j\"]}""#, &[ran("make -j")]);
        check_call("shell", r#"{"command":["git","commit","-m","it's"]}"#, &[ran(r"git commit -m 'it'\''s'")]);
        check_call("shell", r#"{"command":["C:\\W\\powershell.exe","-NoProfile","-Command","ls"]}"#, &[ran("ls")]);
        check_call("shell", r#"{"command":[]}"#, &[]);
        check_call("write_stdin", r#"{"chars":"y"}"#, &[]);
    }

    #[test]
    fn a_patch_is_the_edit_of_its_files_however_it_is_handed_over() {
        let edit = |files: &[&str], below: Option<&str>| {
            Tool::Edit(files.iter().map(|file| (*file).to_owned()).collect(), below.map(str::to_owned))
        };
        let patch = "*** Begin Patch\\n*** Add File: a\\n+x\\n*** End Patch";
        check_call("apply_patch", &format!(r#"{{"patch":"{patch}"}}"#), &[edit(&["a"], None)]);
        check_call("apply_patch", &format!(r#"{{"input":"{patch}"}}"#), &[edit(&["a"], None)]);
        check_call("apply_patch", &format!(r#""{patch}""#), &[edit(&["a"], None)]);
        let shell = format!(r#"{{"command":["bash","-lc","apply_patch <<'E'\n{patch}\nE"],"workdir":"/r"}}"#);
        check_call("shell", &shell, &[edit(&["a"], Some("/r"))]);
        check_call("apply_patch", r#"{"patch":"nothing"}"#, &[]);
    }

    #[track_caller]
    fn check_output(output: &str, expected: &Outcome) {
        assert_eq!(&came(&raw(output)).outcome, expected, "{output}");
    }

    #[test]
    fn an_outcome_is_what_is_recorded_and_else_open() {
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        check_output(r#""Wall time: 0\nProcess exited with code 0\nOutput:\nok""#, &Outcome::Passed);
        check_output(r#""Exit code: 2\nWall time: 1\nOutput:\nno rule\n""#, &failed(Some(2), "no rule"));
        check_output(r#""{\"output\":\"bad\",\"metadata\":{\"exit_code\":1}}""#, &failed(Some(1), "bad"));
        check_output(r#""{\"output\":\"\",\"metadata\":{\"exit_code\":0}}""#, &Outcome::Passed);
        check_output(r#"[{"type":"input_text","text":"Exit code: 0\nOutput:\n"}]"#, &Outcome::Passed);
        check_output(r#""Process running with session ID 7\nOutput:\nExit code: 1""#, &Outcome::Pending);
        check_output(r#""exec command rejected by user""#, &Outcome::Refused);
        let verification = "apply_patch verification failed: no such line";
        check_output(&format!("\"{verification}\""), &failed(None, verification));
        check_output(r#""Success. Updated the following files:\nM a""#, &Outcome::Passed);
        check_output("{}", &Outcome::Pending);
    }

    #[test]
    fn answers_are_found_by_the_questions_key() {
        let asked = r#""{\"questions\":[{\"id\":\"q\",\"question\":\"Which?\"},{\"question\":\"How?\"},{}]}""#;
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        let questions = vec![pair("q", "Which?"), pair("How?", "How?")];
        check_call("request_user_input", asked, &[Tool::Questions(questions)]);
        let came = came(&raw(r#""{\"answers\":{\"q\":{\"answers\":[\"a\",\"b\"]},\"r\":\"c\"}}""#));
        assert_eq!(came.answers, [pair("q", "a, b"), pair("r", "c")]);
    }
}
