//! The tools, one file each.
//!
//! In: the repository at hand (`mcp::desk`), the arguments of a call. Out: an answer (`mcp::answer`).
//! Never here: work of their own: each calls what the command line calls.

pub mod tool;

mod note;

mod search;

mod read;

mod why;

mod summarize;

mod draft;

mod record;

mod backfill;

mod status;

pub use self::tool::Tool;

/// All of them, in the order in which they are listed.
pub const TOOLS: &[Tool] = &[
    note::REFLECTION,
    note::CAPTURE,
    search::TOOL,
    read::TOOL,
    why::TOOL,
    summarize::TOOL,
    draft::TOOL,
    record::TOOL,
    backfill::TOOL,
    status::TOOL,
];

/// The tool of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_tool_says_what_it_takes_what_it_gives_and_what_it_does_to_the_world() {
        for tool in TOOLS {
            let shown = serde_json::to_value(tool.described()).unwrap();
            assert!(tool.name.starts_with("journal_") && tool.description.len() < 700, "{}", tool.name);
            for key in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
                assert!(shown["annotations"][key].is_boolean(), "{}: {key}", tool.name);
            }
            assert_eq!(shown["inputSchema"]["properties"]["repository"]["type"], "string", "{}", tool.name);
            assert_eq!(shown["inputSchema"]["additionalProperties"], Value::Bool(false), "{}", tool.name);
            assert_eq!(shown["outputSchema"]["type"], "object", "{}", tool.name);
            for (name, property) in shown["inputSchema"]["properties"].as_object().unwrap() {
                assert!(property["description"].is_string(), "{}: {name}", tool.name);
                let typed = property["type"].is_string() || property["oneOf"].is_array();
                assert!(typed, "{}: {name} has one type: {property}", tool.name);
            }
            assert!(!shown.to_string().contains("\"format\":\"uint"), "{}", tool.name);
        }
    }
}
