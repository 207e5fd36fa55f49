//! Entries for past commits, oldest first.
//!
//! In: which commits. Out: their entries on their pages, and an account of what was done.
//! Never here: a commit that has an entry already, a commit waiting for us, or a run that must not be interrupted: what is
//! written stays, and the next run goes on behind it.

pub mod asked;

pub mod plan;

pub mod ahead;

pub mod run;

pub mod json;

pub use self::json::DoneJson;
pub use self::plan::{Asked, Plan, plan};
pub use self::run::{Done, run};
