//! Tells what a human typed from what Codex puts into the human's mouth.
//!
//! In: the text of a user's message. Out: the human's words verbatim, or nothing. Never here: rewording.

/// Texts that begin so were written by the program.
const INJECTED: &[&str] = &[
    "# AGENTS.md",
    "<INSTRUCTIONS>",
    "<codex_internal_context",
    "<environment_context>",
    "<goal_context>",
    "<hook_prompt",
    "<permissions instructions>",
    "<recommended_plugins>",
    "<skill>",
    "<skills_instructions>",
    "<subagent_notification>",
    "<turn_aborted>",
    "<user_instructions>",
    "<user_shell_command>",
];

/// Editors put what is open and selected before the request, which stands under this heading.
const REQUEST: &str = "## My request for Codex:";

/// What a human typed of a text; `None` when nothing.
pub(super) fn typed(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || INJECTED.iter().any(|start| text.starts_with(start)) {
        return None;
    }
    let with_setting =
        text.starts_with("# Context from my IDE setup:") || text.starts_with("# Files mentioned by the user:");
    let words = text.find(REQUEST).filter(|_| with_setting).map_or(text, |at| text[at + REQUEST.len()..].trim());
    (!words.is_empty()).then(|| words.to_owned())
}

/// The same of a text that only may be a human's: one that is an element as a whole was put there by some newer version.
pub(super) fn perhaps_typed(text: &str) -> Option<String> {
    let text = text.trim();
    let name = text.strip_prefix('<').and_then(|rest| rest.split(['>', ' ']).next()).unwrap_or_default();
    let element = !name.is_empty() && text.ends_with(&format!("</{name}>"));
    typed(text).filter(|_| !element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_codex_puts_in_is_told_from_what_was_typed() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(typed(text).as_deref(), expected, "{text}");
        check("  fix it\n", Some("fix it"));
        check("# AGENTS.md instructions for /repo\n\n<INSTRUCTIONS>\nx\n</INSTRUCTIONS>", None);
        check("<environment_context>\n  <cwd>/repo</cwd>\n</environment_context>", None);
        check("<turn_aborted>\nx\n</turn_aborted>", None);
        check(
            "# Context from my IDE setup:\n\n## Active file: a.rs\n\n## My request for Codex:\nfix it\n",
            Some("fix it"),
        );
        check("# Context from my IDE setup:\n## My request for Codex:\n", None);
        check("what does ## My request for Codex: mean?", Some("what does ## My request for Codex: mean?"));
        check("", None);
    }

    #[test]
    fn an_element_as_a_whole_is_not_what_humans_type() {
        assert_eq!(perhaps_typed("<new_thing kind=\"x\">\ny\n</new_thing>"), None);
        assert_eq!(perhaps_typed("<b> is bold").as_deref(), Some("<b> is bold"));
        assert_eq!(perhaps_typed("<>").as_deref(), Some("<>"));
    }
}
