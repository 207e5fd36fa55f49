//! Requests of our own, which assistants keep among their conversations as if a human had typed them.
//!
//! In: a prompt. Out: whether this program wrote it. Never here: how the assistant was started: people do real work with
//! `claude -p`, too.

/// The first line of every request that this program sends to a model.
pub const MARKER: &str = "This request was written by commit-story; the conversation is no part of anybody's work.";

/// Whether a prompt is a request of this program.
#[must_use]
pub fn is_ours(prompt: &str) -> bool {
    prompt.trim_start().lines().next().is_some_and(|line| line.trim_end() == MARKER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_by_its_first_line_and_a_prompt_that_quotes_one_is_the_humans() {
        assert!(is_ours(&format!("{MARKER}\nThe rest.")));
        assert!(is_ours(&format!("\n  {MARKER}\r\nThe rest.")));
        assert!(!is_ours(&format!("Why does it say\n{MARKER}")));
        assert!(!is_ours(&format!("{MARKER} Really?")));
        assert!(!is_ours(""));
    }
}
