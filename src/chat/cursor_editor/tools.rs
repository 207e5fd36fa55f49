//! Cursor's tools, by the many names that they have had.
//!
//! In: a tool's name with its arguments, and what came of it. Out: facts. Never here: tools that only read.

use serde_json::Value;

use crate::chat::document::text;
use crate::chat::entry::Tool;
use crate::chat::message::Outcome;
use crate::chat::output;
use crate::chat::patch;

/// The fact that the use of a tool is, if it is one.
pub(super) fn tool(name: &str, arguments: &Value) -> Option<Tool> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let first = |keys: &[&str]| keys.iter().find_map(|key| text(arguments, key)).map(str::to_owned);
    match name.trim_end_matches("v2") {
        "editfile" | "searchreplace" | "strreplace" | "write" | "multiedit" | "deletefile" | "delete"
        | "editnotebook" => {
            let keys =
                ["/target_file", "/file_path", "/path", "/relativeWorkspacePath", "/filePath", "/target_notebook"];
            Some(Tool::Edit(vec![first(&keys)?], None))
        }
        "applypatch" => {
            let named = first(&["/file_path", "/path"]).map(|path| vec![path]);
            let patched = || patch::files(arguments.as_str().or_else(|| text(arguments, "/patch")).unwrap_or_default());
            let files = named.unwrap_or_else(patched);
            (!files.is_empty()).then_some(Tool::Edit(files, None))
        }
        "runterminalcmd" | "runterminalcommand" | "shell" => Some(Tool::Command(first(&["/command"])?)),
        _ => None,
    }
}

/// What came of a tool's use that the editor's database tells of. An exit status of 0 is left out there.
pub(super) fn outcome(used: &Value) -> Outcome {
    let result = used.pointer("/result").map(unpacked).unwrap_or_default();
    let flag = |key: &str| result.pointer(key).and_then(Value::as_bool) == Some(true);
    if text(used, "/userDecision") == Some("rejected") || flag("/rejected") {
        return Outcome::Refused;
    }
    let exit = ["/exitCodeV2", "/exitCode"].iter().find_map(|key| result.pointer(key)?.as_i64());
    let exit = exit.and_then(|exit| i32::try_from(exit).ok());
    match text(used, "/status").unwrap_or_default() {
        "cancelled" | "rejected" => Outcome::Refused,
        "completed" | "success" if exit.is_none_or(|exit| exit == 0) => Outcome::Passed,
        "error" | "completed" | "success" => failed(exit, &result),
        _ => Outcome::Pending,
    }
}

fn failed(exit: Option<i32>, result: &Value) -> Outcome {
    let shown = text(result, "/output").or_else(|| result.as_str()).unwrap_or_default();
    Outcome::Failed { exit, output: output::end(shown) }
}

/// What came of a tool's use that the command line tells of: in words for the model, and, with newer versions, as what the
/// program itself knows, named after how it ended.
pub(super) fn told_outcome(words: &str, known: &Value) -> Outcome {
    let ended = |name: &str| known.pointer("/output").and_then(|output| output.get(name));
    let exit = |of: &Value| of.get("exitCode").and_then(Value::as_i64).and_then(|exit| i32::try_from(exit).ok());
    if ended("rejected").is_some() {
        return Outcome::Refused;
    }
    if let Some(failure) = ended("failure") {
        if failure.get("aborted") == Some(&Value::Bool(true)) {
            return Outcome::Refused;
        }
        let shown = ["/interleavedOutput", "/stderr", "/stdout"].iter().find_map(|place| text(failure, place));
        return Outcome::Failed { exit: exit(failure), output: output::end(shown.unwrap_or_default()) };
    }
    let said = words.strip_prefix("Exit code: ").and_then(|rest| rest.lines().next()?.trim().parse::<i32>().ok());
    let failed = known.get("isError") == Some(&Value::Bool(true))
        || known.pointer("/output/isError") == Some(&Value::Bool(true));
    if ended("success").is_none() && (failed || said.is_some_and(|exit| exit != 0)) {
        return Outcome::Failed { exit: said, output: output::end(shown(words)) };
    }
    Outcome::Passed
}

/// The output itself, which stands between fences.
fn shown(words: &str) -> &str {
    let fenced = words.split_once("```\n").and_then(|(_, rest)| rest.rsplit_once("```"));
    fenced.map_or(words, |(shown, _)| shown)
}

/// JSON, also when it is packed into a string.
pub(super) fn unpacked(value: &Value) -> Value {
    let packed = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    packed.filter(|inner| !inner.is_null()).unwrap_or_else(|| value.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_name_of_a_tool_is_known() {
        let edit = |path: &str| Some(Tool::Edit(vec![path.to_owned()], None));
        let check = |name: &str, arguments: Value, expected: Option<Tool>| assert_eq!(tool(name, &arguments), expected);
        check("edit_file_v2", json!({"relativeWorkspacePath": "a"}), edit("a"));
        check("search_replace", json!({"file_path": "/r/a"}), edit("/r/a"));
        check("StrReplace", json!({"path": "a"}), edit("a"));
        check("ApplyPatch", json!("*** Update File: a\n"), edit("a"));
        check("run_terminal_command_v2", json!({"command": "make"}), Some(Tool::Command("make".to_owned())));
        check("Shell", json!({"command": "make"}), Some(Tool::Command("make".to_owned())));
        check("read_file", json!({"path": "a"}), None);
        check("write", json!([1]), None);
    }

    #[test]
    fn a_result_tells_how_it_ended() {
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        let check = |used: Value, expected: Outcome| assert_eq!(outcome(&used), expected, "{used}");
        check(json!({"status": "completed", "result": "{\"output\":\"ok\"}"}), Outcome::Passed);
        check(
            json!({"status": "completed", "result": "{\"output\":\"bad\",\"exitCodeV2\":2}"}),
            failed(Some(2), "bad"),
        );
        check(json!({"status": "error", "result": "no such file"}), failed(None, "no such file"));
        check(json!({"status": "completed", "userDecision": "rejected"}), Outcome::Refused);
        check(json!({"status": "cancelled"}), Outcome::Refused);
        check(json!({"status": "loading"}), Outcome::Pending);
        check(json!(7), Outcome::Pending);
    }

    #[test]
    fn the_command_line_tells_how_it_ended_in_words_or_knows_it() {
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        let check = |words: &str, known: Value, expected: Outcome| {
            assert_eq!(told_outcome(words, &known), expected, "{words} {known}");
        };
        let words = "Exit code: 2\n\nCommand output:\n\n```\nno rule\n```\n\nCommand completed in 3 ms.";
        check("Exit code: 0\n\nCommand output:\n\n```\n```", json!({}), Outcome::Passed);
        check(words, Value::Null, failed(Some(2), "no rule"));
        check(words, json!({"output": {"failure": {"exitCode": 3, "stderr": "bad"}}}), failed(Some(3), "bad"));
        check("", json!({"output": {"failure": {"aborted": true}}}), Outcome::Refused);
        check("", json!({"output": {"rejected": {"reason": "no"}}}), Outcome::Refused);
        check("no such file", json!({"output": {"error": {}}, "isError": true}), failed(None, "no such file"));
        check("done", json!({"output": {"success": {"executionTime": 3}}, "isError": false}), Outcome::Passed);
        check("", json!(7), Outcome::Passed);
    }
}
