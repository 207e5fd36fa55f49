//! GitHub Copilot: its command line, and its chat in VS Code and the editors made from it.
//!
//! In: the places where sessions lie, and what is wanted. Out: candidates, and from each a
//! [`Session`](crate::chat::message::Session).
//! Never here: reasoning, a write, or trust in any field being there.

mod tools;

mod events;

pub mod cli;

mod mutations;

mod requests;

pub mod vscode;
