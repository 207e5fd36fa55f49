//! What a model answered, taken apart.
//!
//! In: any text. Out: [`Claim`]s. Never here: a judgement, or a panic: a reply is as foreign as a transcript.

use crate::journal::Section;

/// One thing that a model says: a sentence of prose or an item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The section it stands in.
    pub section: Section,
    /// The paragraph it stands in, counted within the section.
    pub paragraph: usize,
    /// The words, without the references.
    pub text: String,
    /// The exhibits it refers to, as they were written: `P1`.
    pub cites: Vec<String>,
    /// Of a decision: what was decided. The text says why.
    pub what: Option<String>,
    /// Of a decision: whether the model takes it for implemented.
    pub implemented: Option<bool>,
}

/// Takes a reply apart.
#[must_use]
pub fn parse(text: &str) -> Vec<Claim> {
    let _ = text;
    Vec::new()
}
