//! Evidence: what is known of one commit, chosen, cut to size, and free of secrets.
//!
//! In: a commit, sessions, notes. Out: evidence, redacted; nothing else is written down or leaves the machine.
//! Never here: I/O, or words that nobody said.

pub mod redact;
