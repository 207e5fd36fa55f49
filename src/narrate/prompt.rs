//! What a model is asked about a commit.
//!
//! In: exhibits, and how many tokens there are for them. Out: a [`Prompt`].
//! Never here: text of a transcript or a diff outside its fence.

use super::exhibit::Exhibits;
use crate::llm::Request;

/// A question to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// What is asked.
    pub request: Request,
    /// About how many tokens are sent.
    pub tokens: u32,
    /// What of the evidence had to be cut or left out, a sentence each.
    pub omissions: Vec<String>,
}

/// Asks for the prose of a commit. `rejected`: why claims of an earlier reply were dropped, where it is asked again.
#[must_use]
pub fn compose(exhibits: &Exhibits, most_tokens: u32, reply_tokens: u32, rejected: &[String]) -> Prompt {
    let _ = (exhibits, most_tokens, rejected);
    let request = Request { system: String::new(), user: String::new(), temperature: 0.7, most_tokens: reply_tokens };
    Prompt { request, tokens: 0, omissions: Vec::new() }
}
