//! What a tool answers.
//!
//! In: a result with its text, or an error. Out: the protocol's result, bounded, or what the model reads of the error.
//! Never here: a protocol error: what a model can mend by asking differently it has to be told.

use anyhow::{Context, Error, Result};
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::Value;

use super::bounds::{MOST, cut, fit};
use crate::advice::{Advice, Usage};
use crate::git::OpenError;
use crate::git::blame::Unblamed;
use crate::search::Unclear;
use crate::why::Unknown;

/// A tool's result.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// As its schema says.
    pub structured: Value,
    /// The same to read.
    pub text: String,
}

impl Answer {
    /// An answer of bounded size. `rest`: how to get what does not fit.
    ///
    /// # Errors
    /// The result is no JSON.
    pub fn new(result: &impl Serialize, text: &str, rest: &str) -> Result<Self> {
        let value = serde_json::to_value(result).context("cannot write the result as JSON")?;
        let (structured, short) = fit(value, MOST);
        let (mut text, cut) = cut(text, MOST);
        if short || cut {
            text.extend(["\n\n(Parts were left out, because the whole is too long. ", rest, ")"]);
        }
        Ok(Self { structured, text })
    }

    /// The protocol's result.
    #[must_use]
    pub fn result(self) -> CallToolResult {
        let mut result = CallToolResult::structured(self.structured);
        result.content = vec![ContentBlock::text(self.text)];
        result
    }
}

/// The protocol's result of a tool that could not do it.
#[must_use]
pub fn refused(error: &Error) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(told(error))])
}

/// An error with its causes, and with what to do about it.
#[must_use]
pub fn told(error: &Error) -> String {
    let hint = error.chain().find_map(hint).map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    cut(&format!("{error:#}{hint}"), MOST).0
}

fn hint(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(Usage { hint, .. }) = cause.downcast_ref() {
        return Some(hint.clone());
    }
    if let Some(Advice { hint, .. }) = cause.downcast_ref() {
        return Some(hint.clone());
    }
    if let Some(Unclear { hint, .. }) = cause.downcast_ref() {
        return Some(hint.clone());
    }
    let hint =
        match (cause.downcast_ref::<OpenError>(), cause.downcast_ref::<Unblamed>(), cause.downcast_ref::<Unknown>()) {
            (Some(OpenError::NotFound(_)), ..) => {
                "the server has to be started in a git repository, or with -C DIR".to_owned()
            }
            (_, Some(Unblamed::Missing { near, .. }), _) if !near.is_empty() => {
                format!("did you mean {}?", near.join(" or "))
            }
            (_, Some(Unblamed::Missing { .. }), _) => {
                "if the file is gone, give a text that it had as `grep`".to_owned()
            }
            (_, Some(Unblamed::Outside(_)), _) => "name a file of the repository, seen from its top".to_owned(),
            (_, Some(Unblamed::Beyond { length, .. }), _) => format!("the file has {length} lines"),
            (_, Some(Unblamed::Untracked(_)), _) => "its story begins with its first commit".to_owned(),
            (_, Some(_), _) => "name a text file, or a commit".to_owned(),
            (.., Some(Unknown::Target(_))) => "give PATH, PATH:LINE, PATH:FIRST-LAST, or a commit".to_owned(),
            (.., Some(Unknown::Text { .. })) => {
                "the text is looked for as it is, capital letters told apart".to_owned()
            }
            _ => return None,
        };
    Some(hint)
}
