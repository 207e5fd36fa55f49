//! What a reply is taken apart into.
//!
//! In: nothing. Out: plain data. Never here: how it is taken apart.

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

impl Claim {
    /// It in one line.
    #[must_use]
    pub fn whole(&self) -> String {
        match &self.what {
            Some(what) if self.text.is_empty() => what.clone(),
            Some(what) => format!("{what}: {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// A paragraph or item, before it is taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) section: Section,
    pub(super) text: String,
    /// References that stand beside the text instead of in it.
    pub(super) cites: Vec<String>,
}
