//! Where pages and state live.
pub mod log;

pub mod notes;
