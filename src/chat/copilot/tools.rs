//! The tools whose use is a fact.
//!
//! In: a tool's name and arguments. Out: [`Tool`].
//! Never here: what came of it.

use crate::chat::fields::Fields;
use crate::chat::patch;
use crate::chat::transcript::Tool;

/// What the use of a tool is; `None` when it changes nothing and asks nothing.
pub(super) fn tool(name: &str, arguments: &Fields<'_>) -> Option<Tool> {
    let path = || arguments.text("path").or_else(|| arguments.text("filePath"));
    let edit = |paths: Vec<String>| (!paths.is_empty()).then_some(Tool::Edit(paths, None));
    match name {
        "create"
        | "edit"
        | "create_file"
        | "replace_string_in_file"
        | "insert_edit_into_file"
        | "edit_notebook_file" => edit(path().into_iter().collect()),
        "str_replace_editor" if arguments.text("command").is_some_and(|command| command != "view") => {
            edit(path().into_iter().collect())
        }
        "multi_replace_string_in_file" => {
            let mut paths: Vec<String> = Vec::new();
            for path in arguments.list("replacements").iter().filter_map(|one| one.text("filePath")) {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
            edit(paths)
        }
        "apply_patch" => edit(patch::files(&arguments.text("input").or_else(|| arguments.text("patch"))?)),
        "bash" | "powershell" | "run_in_terminal" => arguments.text("command").map(Tool::Command),
        "ask_user" => arguments.text("question").map(|question| Tool::Questions(vec![(String::new(), question)])),
        "exit_plan_mode" => arguments.text("plan_content").or_else(|| arguments.text("summary")).map(Tool::Plan),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, arguments: &str, expected: impl Into<Option<Tool>>) {
        assert_eq!(tool(name, &Fields::of(arguments).unwrap()), expected.into(), "{name} {arguments}");
    }

    #[test]
    fn only_what_changes_runs_or_asks_is_a_fact() {
        let edit = |paths: &[&str]| Some(Tool::Edit(paths.iter().map(|path| (*path).to_owned()).collect(), None));
        check("create", r#"{"path":"/a"}"#, edit(&["/a"]));
        check("create_file", r#"{"filePath":"/a"}"#, edit(&["/a"]));
        check("str_replace_editor", r#"{"command":"insert","path":"/a"}"#, edit(&["/a"]));
        check("str_replace_editor", r#"{"command":"view","path":"/a"}"#, None);
        let several = r#"{"replacements":[{"filePath":"/a"},7,{"filePath":"/b"},{"filePath":"/a"}]}"#;
        check("multi_replace_string_in_file", several, edit(&["/a", "/b"]));
        let patch =
            r#"{"input":"*** Begin Patch\n*** Add File: /a\n+x\n*** Update File: b\n*** Move to: c\n*** End Patch"}"#;
        check("apply_patch", patch, edit(&["/a", "b", "c"]));
        check("apply_patch", r#"{"input":"nothing"}"#, None);
        check("run_in_terminal", r#"{"command":"make"}"#, Some(Tool::Command("make".to_owned())));
        check("view", r#"{"path":"/a"}"#, None);
        check("create", r#"{"path":7}"#, None);
    }
}
