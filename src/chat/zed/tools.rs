//! The tools whose use is a fact, and what came of them.
//!
//! In: a use as it stands in a thread, its result, and the folders of the project. Out: a [`Tool`] and an [`Outcome`].
//! Never here: what a tool read.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::chat::document::{list, text};
use crate::chat::entry::Tool;
use crate::chat::message::Outcome;
use crate::chat::output;

/// What the use of a tool is.
pub(super) fn used(used: &Value, folders: &[PathBuf]) -> Option<Tool> {
    // One whose input did not come to its end was never run.
    if used.get("is_input_complete").and_then(Value::as_bool) == Some(false) {
        return None;
    }
    let input = used.get("input")?;
    // Newer versions say first of which kind the input is.
    let input = input.get("value").filter(|_| text(input, "/type") == Some("json")).unwrap_or(input);
    let edit = |names: &[&str]| {
        let paths = names.iter().filter_map(|name| absolute(text(input, name)?, folders));
        let paths: Vec<String> = paths.collect();
        (!paths.is_empty()).then_some(Tool::Edit(paths, None))
    };
    match text(used, "/name")? {
        "terminal" | "bash" => Some(Tool::Command(text(input, "/command")?.to_owned())),
        "edit_file" | "write_file" | "streaming_edit_file" | "create_file" | "find_replace_file" | "delete_path" => {
            edit(&["/path"])
        }
        "move_path" => edit(&["/source_path", "/destination_path"]),
        "copy_path" => edit(&["/destination_path"]),
        _ => None,
    }
}

/// A path of the project begins with the name of one of its folders; in a project of one folder that may be left out. One
/// whose folder is not known is nowhere.
fn absolute(path: &str, folders: &[PathBuf]) -> Option<String> {
    let drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && path[1..].starts_with(':');
    if path.starts_with(['/', '\\']) || drive {
        return Some(path.to_owned());
    }
    let (root, below) = path.split_once(['/', '\\']).unwrap_or((path, ""));
    let named = folders.iter().find(|folder| folder_name(folder) == Some(root)).filter(|_| !below.is_empty());
    let joined = match (named, folders) {
        (Some(folder), _) => folder.join(below),
        (None, [only]) => only.join(path),
        _ => return None,
    };
    Some(joined.to_string_lossy().into_owned())
}

/// The last component, also of a path of Windows that is read elsewhere.
fn folder_name(folder: &Path) -> Option<&str> {
    folder.to_str()?.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next()
}

/// What came of a use. How a command ended stands in the words that Zed puts before its output.
pub(super) fn outcome(result: &Value) -> Outcome {
    const FAILED: &[&str] = &["Command failed or was interrupted", "Command terminated unexpectedly"];
    let shown = shown(result.get("content").unwrap_or(&Value::Null));
    let failed = |exit, output: &str| Outcome::Failed { exit, output: output::end(output) };
    if result.get("is_error").and_then(Value::as_bool) == Some(true) {
        let refused = ["canceled by user", "cancelled by user", "denied by user", "user stopped"];
        return if refused.iter().any(|words| shown.contains(words)) { Outcome::Refused } else { failed(None, &shown) };
    }
    if shown.starts_with("The user stopped this command") {
        return Outcome::Refused;
    }
    if let Some((exit, output)) = exit(&shown) {
        return failed(Some(exit), output);
    }
    let (first, rest) = shown.split_once('\n').unwrap_or((&shown, ""));
    let ended = |words: &str| first.starts_with("Command \"") && first.contains(words);
    if FAILED.iter().any(|words| first.starts_with(words))
        || ended("\" was interrupted")
        || ended("\" timed out after ")
    {
        return failed(None, rest);
    }
    Outcome::Passed
}

/// `Command "make" failed with exit code 2.`, and the output after it; the command may have several lines.
fn exit(shown: &str) -> Option<(i32, &str)> {
    let (_, after) = shown.strip_prefix("Command \"")?.split_once("\" failed with exit code ")?;
    let (exit, output) = after.split_once('.')?;
    Some((exit.parse().ok()?, output))
}

/// What a result shows: a text, or a list of them, which have changed their form.
fn shown(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(_) => list(content, "").iter().filter_map(words).collect::<Vec<_>>().join("\n"),
        one => words(one).unwrap_or_default().to_owned(),
    }
}

fn words(part: &Value) -> Option<&str> {
    part.as_str().or_else(|| text(part, "/Text")).or_else(|| text(part, "/text"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn tools_are_known_by_their_names() {
        let check = |name: &str, input: Value, expected: Option<Tool>| {
            assert_eq!(used(&json!({"name": name, "input": input}), &[PathBuf::from("/home/dev/app")]), expected);
        };
        let edit = |paths: &[&str]| {
            let app = Path::new("/home/dev/app");
            let paths = paths.iter().map(|path| app.join(path).to_string_lossy().into_owned()).collect();
            Some(Tool::Edit(paths, None))
        };
        check("terminal", json!({"command": "make", "cd": "app"}), Some(Tool::Command("make".to_owned())));
        check("write_file", json!({"path": "app/a", "content": ""}), edit(&["a"]));
        check("edit_file", json!({"type": "json", "value": {"path": "app/a"}}), edit(&["a"]));
        check("move_path", json!({"source_path": "app/a", "destination_path": "app/b"}), edit(&["a", "b"]));
        check("read_file", json!({"path": "app/a"}), None);
        check("edit_file", json!(7), None);
        assert_eq!(
            used(&json!({"name": "terminal", "input": {"command": "m"}, "is_input_complete": false}), &[]),
            None
        );
    }

    #[test]
    fn a_path_is_found_by_the_name_of_its_folder() {
        let check = |path: &str, folders: &[&str], expected: Option<&str>| {
            let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
            // Either slash will do: which of them joins depends on where this runs.
            let alike = |path: &str| path.replace('\\', "/");
            let found = absolute(path, &folders);
            assert_eq!(found.as_deref().map(alike), expected.map(alike), "{path}");
        };
        check("app/a", &["/home/dev/app"], Some("/home/dev/app/a"));
        check("app/a", &["/x/web", "/home/dev/app/"], Some("/home/dev/app/a"));
        check("src/a", &["/home/dev/app"], Some("/home/dev/app/src/a"));
        check("app", &["/home/dev/app"], Some("/home/dev/app/app"));
        check("src/a", &["/x/web", "/home/dev/app"], None);
        check("src/a", &[], None);
        check("/etc/a", &[], Some("/etc/a"));
        check("C:\\work\\a", &[], Some("C:\\work\\a"));
        check("ü/a", &[], None);
    }

    #[test]
    fn what_came_of_a_use_is_told_by_what_zed_says() {
        let check = |error: bool, content: Value, expected: Outcome| {
            assert_eq!(outcome(&json!({"is_error": error, "content": content})), expected, "{content}");
        };
        let failed = |exit, output: &str| Outcome::Failed { exit, output: output.to_owned() };
        check(false, json!("fine"), Outcome::Passed);
        check(false, json!(null), Outcome::Passed);
        let two = "Command \"make\n-k\" failed with exit code 2.\n\n```\nno rule\n```";
        check(false, json!([{"Text": two}]), failed(Some(2), "```\nno rule\n```"));
        check(false, json!({"Text": "Command \"x\" failed with exit code 1."}), failed(Some(1), ""));
        check(false, json!("Command \"x\" timed out after 5ms.\nhalf"), failed(None, "half"));
        check(false, json!("Command failed or was interrupted.\nhalf"), failed(None, "half"));
        check(true, json!([{"type": "text", "text": "no such file"}]), failed(None, "no such file"));
        check(true, json!("Tool canceled by user"), Outcome::Refused);
        check(true, json!("Permission to run tool denied by user"), Outcome::Refused);
        check(false, json!("The user stopped this command. x"), Outcome::Refused);
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(text in "(Command \"|\" failed with exit code |[0-9.:/\\\\ü-]|\\PC){0,9}") {
            outcome(&json!({"content": text}));
            absolute(&text, &[PathBuf::from("/app")]);
        }
    }
}
