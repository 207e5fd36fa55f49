//! Prose by a model, checked against the evidence.
//!
//! In: redacted evidence of a commit. Out: a [`crate::journal::Narration`], each claim of which stood the check in code.
//! Never here: a claim that went unchecked, or a call that a commit waits for.

pub mod exhibit;

pub mod diff;

pub mod marshal;

pub mod facts;

pub mod carried;

pub mod fence;

pub mod fit;

pub mod layout;

pub mod prompt;

pub mod reply;

pub mod check;

pub mod ledger;

pub mod provider;

pub mod tell;

pub mod several;

pub mod drain;

pub mod choose;

#[cfg(test)]
pub(crate) mod any;

pub use self::drain::drain;
