//! The tools whose use is a fact, and what came of them.
//!
//! In: a tool's name and input, or an assistant's text in which calls are tags. Out: [`Tool`]s and an [`Outcome`].
//! Never here: what a tool read.

use serde_json::Value;

use super::words;
use crate::chat::document::{list, text};
use crate::chat::entry::Tool;
use crate::chat::message::Outcome;
use crate::chat::{output, patch};

/// Tools that are called by tags in the text, in the programs' older way.
pub(super) const TAGS: &[&str] = &[
    "execute_command",
    "write_to_file",
    "replace_in_file",
    "apply_diff",
    "insert_content",
    "search_and_replace",
    "edit_file",
    "new_rule",
    "ask_followup_question",
    "plan_mode_respond",
    "attempt_completion",
    "read_file",
    "list_files",
    "search_files",
    "list_code_definition_names",
    "codebase_search",
    "use_mcp_tool",
    "access_mcp_resource",
    "browser_action",
    "fetch_instructions",
    "switch_mode",
    "new_task",
    "update_todo_list",
    "task_progress",
    "load_mcp_documentation",
];

/// A tool's use: what it did, or what it says to the human.
#[derive(Debug, PartialEq)]
pub(super) enum Call {
    Did(Tool),
    Said(String),
}

/// What the use of a tool is; `value` gives its parameters by name.
fn call(name: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<Call> {
    let path = || value("path").or_else(|| value("absolutePath")).or_else(|| value("file_path"));
    match name {
        "execute_command" | "bash" => value("command").map(|line| Call::Did(Tool::Command(line))),
        "write_to_file" | "replace_in_file" | "apply_diff" | "insert_content" | "search_and_replace" | "edit_file"
        | "search_replace" | "editor" => path().map(|path| Call::Did(Tool::Edit(vec![path], None))),
        "apply_patch" => {
            let files = patch::files(&value("input").or_else(|| value("patch"))?);
            (!files.is_empty()).then_some(Call::Did(Tool::Edit(files, None)))
        }
        "ask_followup_question" | "ask_question" => {
            value("question").map(|question| Call::Did(Tool::Questions(vec![(String::new(), question)])))
        }
        "plan_mode_respond" => value("response").map(Call::Said),
        "attempt_completion" => value("result").map(Call::Said),
        "submit_and_exit" => value("summary").map(Call::Said),
        _ => None,
    }
}

/// The calls in one use of a tool.
pub(super) fn used(name: &str, input: &Value) -> Vec<Call> {
    if name == "run_commands" {
        let lines = list(input, "/commands").iter().filter_map(|one| one.as_str().or_else(|| text(one, "/command")));
        return lines.map(|line| Call::Did(Tool::Command(line.to_owned()))).collect();
    }
    let value = |parameter: &str| Some(input.get(parameter)?.as_str()?.to_owned());
    call(name, &value).into_iter().collect()
}

/// The call that stands in an assistant's text; there is one at most in a message.
pub(super) fn tagged(said: &str) -> Option<Call> {
    let name = TAGS.iter().find(|name| said.contains(&format!("<{name}>")))?;
    let body = words::inside(said, name)?;
    call(name, &|parameter| words::inside(body, parameter).map(str::to_owned))
}

/// What came of a tool's use. A command's status is known only where the result names it.
pub(super) fn outcome(result: &str, failed: bool) -> Outcome {
    // A message that answers a call names it first.
    let result = result.split_once("] Result:").map_or(result, |(_, result)| result);
    let lower = result.to_lowercase();
    let refused =
        ["the user denied", "user rejected", "was rejected by the user"].iter().any(|sign| lower.contains(sign));
    match exit_code(&lower) {
        _ if refused => Outcome::Refused,
        Some(0) => Outcome::Passed,
        Some(exit) => Outcome::Failed { exit: Some(exit), output: output::end(result) },
        None if failed || lower.contains("\"success\":false") => {
            Outcome::Failed { exit: None, output: output::end(result) }
        }
        None => Outcome::Pending,
    }
}

fn exit_code(lower: &str) -> Option<i32> {
    let rest = &lower[lower.find("exit code")? + "exit code".len()..];
    let digits = rest.trim_start_matches([':', ' ']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn command(line: &str) -> Call {
        Call::Did(Tool::Command(line.to_owned()))
    }

    fn edit(path: &str) -> Call {
        Call::Did(Tool::Edit(vec![path.to_owned()], None))
    }

    #[test]
    fn calls_are_found_in_both_ways_of_writing_them() {
        assert_eq!(used("execute_command", &json!({"command": "make"})), [command("make")]);
        assert_eq!(
            used("run_commands", &json!({"commands": ["a", {"command": "b"}, 7]})),
            [command("a"), command("b")]
        );
        assert_eq!(used("editor", &json!({"path": "/a"})), [edit("/a")]);
        assert_eq!(used("apply_patch", &json!({"input": "*** Add File: a\n+x"})), [edit("a")]);
        assert_eq!(used("read_files", &json!({"path": "/a"})), []);
        assert_eq!(tagged("ok\n<execute_command>\n<command>make</command>\n</execute_command>"), Some(command("make")));
        let write = "<write_to_file>\n<path>a.rs</path>\n<content>\n<path>no</path>\n</content>\n</write_to_file>";
        assert_eq!(tagged(write), Some(edit("a.rs")));
        let done = "<attempt_completion><result>done</result></attempt_completion>";
        assert_eq!(tagged(done), Some(Call::Said("done".to_owned())));
        assert_eq!(tagged("<read_file><path>a</path></read_file>"), None);
    }

    #[test]
    fn an_outcome_is_what_is_recorded_and_else_open() {
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        assert_eq!(outcome("Command executed.\nOutput:\nok", false), Outcome::Pending);
        assert_eq!(outcome("Exit code: 0\nOutput:\nok", false), Outcome::Passed);
        assert_eq!(outcome("failed with exit code 2", false), failed(Some(2), "failed with exit code 2"));
        assert_eq!(outcome("no such file", true), failed(None, "no such file"));
        assert_eq!(outcome("The user denied this operation.", true), Outcome::Refused);
    }
}
