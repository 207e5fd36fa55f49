//! Tells what a human typed from what was put around it, and an assistant's words from its calls.
//!
//! In: the text of a message. Out: words, and calls that were written as tags.
//! Never here: rewording.

/// Between these stands what a human typed.
const TYPED: &[&str] = &["task", "user_message", "feedback", "answer", "user_input"];

/// These stand around a human's words.
const AROUND: &[&str] = &[
    "environment_details",
    "explicit_instructions",
    "file_content",
    "folder_content",
    "slash_command",
    "workspace_info",
];

/// What a human typed, in a message that stands in the human's name.
pub(super) fn typed(text: &str) -> Option<String> {
    let inside: Vec<&str> = TYPED.iter().filter_map(|name| inside(text, name)).collect();
    let words = if inside.is_empty() {
        if is_programs(text) {
            return None;
        }
        without(text, AROUND)
    } else {
        without(&inside.join("\n\n"), AROUND)
    };
    let words = words.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// Whether the program says this in the human's name: `[execute_command for 'make'] Result:` and the like.
pub(super) fn is_programs(text: &str) -> bool {
    const STARTS: &[&str] = &["[ERROR]", "[TASK RESUMPTION]", "[DUPLICATE", "[Response interrupted", "[NOTE]"];
    let first = text.trim_start().lines().next().unwrap_or_default();
    STARTS.iter().any(|start| first.starts_with(start)) || first.starts_with('[') && first.contains("] Result:")
}

/// What a human said in the result of a tool.
pub(super) fn answered(result: &str) -> Option<String> {
    TYPED.iter().any(|name| inside(result, name).is_some()).then(|| typed(result)).flatten()
}

/// What an assistant said, without thinking and without calls.
pub(super) fn said(text: &str, calls: &[&str]) -> String {
    let without_calls = without(&without(text, &["thinking"]), calls);
    without_calls.trim().to_owned()
}

/// What stands between `<name>`, which may have attributes, and `</name>`; all that follows when that is missing.
pub(super) fn inside<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, from) = opening(text, name)?;
    let rest = &text[from..];
    Some(rest.find(&format!("</{name}>")).map_or(rest, |end| &rest[..end]).trim())
}

/// Where `<name>` begins, and where it ends.
fn opening(text: &str, name: &str) -> Option<(usize, usize)> {
    let tag = format!("<{name}");
    let mut from = 0;
    while let Some(start) = text[from..].find(&tag).map(|at| from + at) {
        let rest = &text[start + tag.len()..];
        if rest.starts_with(['>', ' ', '\n']) {
            return Some((start, start + tag.len() + rest.find('>')? + 1));
        }
        from = start + tag.len();
    }
    None
}

fn without(text: &str, names: &[&str]) -> String {
    let mut text = text.to_owned();
    for name in names {
        let close = format!("</{name}>");
        while let Some((start, from)) = opening(&text, name) {
            let end = text[from..].find(&close).map_or(text.len(), |at| from + at + close.len());
            text.replace_range(start..end, "");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(typed(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_humans_words_are_taken_out_of_what_is_around_them() {
        check("<task>\nfix it\n</task>", Some("fix it"));
        check("<task>fix it</task><environment_details>x</environment_details>", Some("fix it"));
        check("<user_input mode=\"act\">fix it</user_input>", Some("fix it"));
        check("fix it\n<environment_details>\n# Time\n", Some("fix it"));
        check("[TASK RESUMPTION] x\n<user_message>\ngo on\n</user_message>", Some("go on"));
        check("[x] is done, now [y]", Some("[x] is done, now [y]"));
        check("why is <taskbar> there?", Some("why is <taskbar> there?"));
    }

    #[test]
    fn what_the_program_wrote_is_nobodys_words() {
        check("<environment_details>x</environment_details>", None);
        check("[execute_command for 'make'] Result:\nok", None);
        check("[ERROR] You did not use a tool", None);
        check(" ", None);
        assert_eq!(answered("The user denied this operation."), None);
        assert_eq!(answered("denied.\n<feedback>\nnot there\n</feedback>").as_deref(), Some("not there"));
    }

    #[test]
    fn an_assistants_words_are_without_its_calls() {
        let text = "<thinking>hm</thinking>I look.\n<read_file>\n<path>a</path>\n</read_file>";
        assert_eq!(said(text, &["read_file"]), "I look.");
        assert_eq!(inside(text, "path"), Some("a"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r"(<(/)?(task|answer|thinking|task x)>?|\[|é|\PC){0,12}") {
            typed(&text);
            said(&text, &["task"]);
        }
    }
}
