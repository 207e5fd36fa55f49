//! Everything an entry may say, redacted.
//!
//! In: a commit, the turns that led to it, notes, gaps. Out: [`Evidence`], whose fields are private and whose one maker,
//! [`gather()`], takes out secrets: what is made from evidence cannot leak them.
//! Never here: I/O, or a choice of what is worth telling (that is `draft`).

pub mod redact;

pub mod gather;

pub mod json;

pub mod stored;

pub mod diff;

pub use self::diff::Patch;
pub use self::gather::{Evidence, SessionEvidence, Sources, Totals, gather, is_journal};
