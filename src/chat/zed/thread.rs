//! The document of a thread.
//!
//! In: the document, and the folders of its project. Out: entries without times.
//! Never here: thinking, the content of what was mentioned, or what Zed says in the human's name.

use std::path::PathBuf;

use serde_json::Value;

use super::tools;
use crate::chat::document::{list, text};
use crate::chat::entry::{Entry, Part};

/// Older versions put this where an assistant used a tool without a word.
const NO_WORDS: &str = "<using_tool>";

/// The folders that the project had when the thread began.
pub(super) fn folders(document: &Value) -> Vec<PathBuf> {
    let trees = list(document, "/initial_project_snapshot/worktree_snapshots").iter();
    trees.filter_map(|tree| text(tree, "/worktree_path").map(PathBuf::from)).collect()
}

/// The model that was chosen last.
pub(super) fn model(document: &Value) -> Option<String> {
    text(document, "/model/model").map(str::to_owned)
}

/// What the messages say; each is known by `key` and its place.
pub(super) fn entries(document: &Value, folders: &[PathBuf], key: &str) -> Vec<Entry> {
    let entry = |(nth, message): (usize, &Value)| {
        let key = format!("{key}{nth}");
        let parts = match (message.get("User"), message.get("Agent"), text(message, "/role")) {
            (Some(user), ..) => typed(list(user, "/content")).into_iter().collect(),
            (_, Some(agent), _) => done(agent, &key, folders),
            (.., Some("user")) => {
                let mut parts: Vec<Part> =
                    (!hidden(message)).then(|| words(message)).flatten().map(Part::Prompt).into_iter().collect();
                // Until version 0.1.0 results stood in the message after.
                parts.extend(results(message));
                parts
            }
            (.., Some("assistant")) => done_before(message, &key, folders),
            _ => Vec::new(),
        };
        Entry { key, parts, ..Entry::default() }
    };
    list(document, "/messages").iter().enumerate().map(entry).collect()
}

/// What a human typed; a file that was mentioned is its name.
fn typed(content: &[Value]) -> Option<Part> {
    let said = |part: &Value| {
        let text = part.get("Text").and_then(Value::as_str).map(str::to_owned);
        text.or_else(|| mentioned(part.get("Mention")?))
    };
    let typed: String = content.iter().filter_map(said).collect();
    Some(typed.trim()).filter(|typed| !typed.is_empty()).map(|typed| Part::Prompt(typed.to_owned()))
}

fn mentioned(mention: &Value) -> Option<String> {
    let of = mention.get("uri")?.as_object()?.values().next()?;
    let path = || text(of, "/abs_path").or_else(|| text(of, "/path"));
    let name = || path()?.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next();
    Some(format!("@{}", text(of, "/name").or_else(name).or_else(|| text(of, "/url"))?))
}

/// What the agent said and did, in a document of version 0.3.0.
fn done(agent: &Value, key: &str, folders: &[PathBuf]) -> Vec<Part> {
    let mut parts = Vec::new();
    for part in list(agent, "/content") {
        if let Some(said) = text(part, "/Text") {
            parts.push(Part::Reply(said.to_owned()));
        } else if let Some(used) = part.get("ToolUse") {
            parts.extend(tools::used(used, folders).map(|tool| Part::Use(id(used, "/id", key), tool)));
        }
    }
    let results = agent.get("tool_results").and_then(Value::as_object).into_iter().flatten();
    parts.extend(results.map(|(id, result)| Part::Came(id.clone(), tools::outcome(result).into())));
    parts
}

/// The same in a document of before.
fn done_before(message: &Value, key: &str, folders: &[PathBuf]) -> Vec<Part> {
    let said = words(message).filter(|words| words != NO_WORDS).map(Part::Reply);
    let used = list(message, "/tool_uses").iter();
    let used = used.filter_map(|used| Some(Part::Use(id(used, "/id", key), tools::used(used, folders)?)));
    said.into_iter().chain(used).chain(results(message)).collect()
}

fn results(message: &Value) -> impl Iterator<Item = Part> + '_ {
    let results = list(message, "/tool_results").iter();
    results
        .filter_map(|result| Some(Part::Came(text(result, "/tool_use_id")?.to_owned(), tools::outcome(result).into())))
}

/// A use without an id has no result that could be found.
fn id(of: &Value, pointer: &str, key: &str) -> String {
    text(of, pointer).map_or_else(|| format!("{key}.use"), str::to_owned)
}

/// What Zed itself says to make the agent go on.
fn hidden(message: &Value) -> bool {
    message.get("is_hidden").and_then(Value::as_bool) == Some(true)
}

/// The text of a message, which older versions have as segments, and the oldest as one.
fn words(message: &Value) -> Option<String> {
    let segments = list(message, "/segments").iter().filter(|segment| text(segment, "/type") == Some("text"));
    let said: Vec<&str> = segments.filter_map(|segment| text(segment, "/text")).collect();
    if said.is_empty() { text(message, "/text").map(str::to_owned) } else { Some(said.join("\n\n")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::chat::entry::Tool;
    use crate::chat::message::Outcome;

    fn parts(messages: &Value) -> Vec<Part> {
        let entries = entries(&json!({ "messages": messages }), &[PathBuf::from("/home/dev/app")], "m");
        entries.into_iter().flat_map(|entry| entry.parts).collect()
    }

    fn prompt(text: &str) -> Part {
        Part::Prompt(text.to_owned())
    }

    fn reply(text: &str) -> Part {
        Part::Reply(text.to_owned())
    }

    #[test]
    fn a_prompt_is_what_was_typed_with_the_names_of_what_was_mentioned() {
        let file = json!({"Mention": {"uri": {"File": {"abs_path": "/home/dev/app/src/a.rs"}}, "content": "fn a()"}});
        let symbol = json!({"Mention": {"uri": {"Symbol": {"abs_path": "/x/b.rs", "name": "run"}}, "content": "x"}});
        let image = json!({"Image": {"source": "…"}});
        let user = json!({"User": {"id": "u", "content": [{"Text": "mend "}, file, {"Text": " and "}, symbol, image]}});
        assert_eq!(parts(&json!([user])), [prompt("mend @a.rs and @run")]);
        assert_eq!(parts(&json!(["Resume", {"User": {"content": []}}, 7])), []);
    }

    #[test]
    fn an_agents_words_and_tools_are_told_with_what_came_of_them() {
        let agent = json!({"Agent": {"content": [{"Thinking": {"text": "hm"}}, {"Text": "I run it."},
            {"ToolUse": {"id": "t", "name": "terminal", "input": {"command": "make", "cd": "app"}}}],
            "tool_results": {"t": {"tool_use_id": "t", "is_error": false, "content": [{"Text": "ok"}]}}}});
        let expected = [
            reply("I run it."),
            Part::Use("t".to_owned(), Tool::Command("make".to_owned())),
            Part::Came("t".to_owned(), Outcome::Passed.into()),
        ];
        assert_eq!(parts(&json!([agent])), expected);
    }

    #[test]
    fn documents_of_older_versions_are_told_as_well() {
        let segments = json!([{"type": "thinking", "text": "hm"}, {"type": "text", "text": "go"}]);
        let used = json!([{"id": "t", "name": "edit_file", "input": {"path": "app/a"}}]);
        let came = json!([{"tool_use_id": "t", "is_error": true, "content": "no such text"}]);
        let messages = json!([
            {"id": 1, "role": "user", "segments": segments, "context": "<context>x</context>"},
            {"id": 2, "role": "assistant", "segments": [{"type": "text", "text": "<using_tool>"}], "tool_uses": used},
            {"id": 3, "role": "user", "segments": [], "tool_results": came},
            {"id": 4, "role": "user", "segments": segments, "is_hidden": true},
            {"id": 5, "role": "user", "text": "on"},
            {"id": 6, "role": "system", "text": "be good"}
        ]);
        let failed = Outcome::Failed { exit: None, output: "no such text".to_owned() };
        let expected = [
            prompt("go"),
            Part::Use(
                "t".to_owned(),
                Tool::Edit(vec![std::path::Path::new("/home/dev/app").join("a").to_string_lossy().into_owned()], None),
            ),
            Part::Came("t".to_owned(), failed.into()),
            prompt("on"),
        ];
        assert_eq!(parts(&messages), expected);
    }

    proptest! {
        #[test]
        fn no_document_makes_it_panic(kind in "(User|Agent|role|Resume)", key in "(content|tool_results|segments|text)",
            inner in "(Text|Mention|ToolUse|type)", value in r#"(null|7|"x"|\{"uri":\{"File":7\}\}|\[7\]|"user")"#) {
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            let message = json!({kind: {key.clone(): [{inner: value.clone()}]}, key: value, "role": "user"});
            parts(&json!([message]));
            folders(&message);
            model(&message);
        }
    }
}
