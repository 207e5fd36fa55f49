//! Asking a model: the only place from which anything leaves the machine.
//!
//! In: a [`Provider`] that the developer has named, and a [`Request`] made from redacted evidence. Out: a [`Reply`], or a
//! [`Failure`] that says whether trying again may help.
//! Never here: what is asked or what becomes of the answer. No key appears in an error, and nobody is asked who is not
//! named in the user's own settings.

mod asking;

mod plain;

pub mod tokens;

mod wire;

mod known;

mod address;

mod key;

mod provider;

pub mod price;

mod fault;

mod frames;

mod server;

mod program;

pub use asking::{Failure, Reply, Request};
pub use known::{KNOWN, Known};
pub use provider::{Described, Provider, describe, known};
pub use wire::Wire;

use provider::Via;

/// Asks, and waits for the answer.
///
/// # Errors
/// There is no answer: see [`Failure`].
pub fn ask(provider: &Provider, request: &Request) -> Result<Reply, Failure> {
    match &provider.via {
        Via::Program(command) => program::ask(provider, command, request),
        Via::Server(server) => server::ask(provider, server, request),
    }
}

/// Asks for one word, to see that everything is set as it should be. It costs next to nothing.
///
/// # Errors
/// As [`ask`].
pub fn probe(provider: &Provider) -> Result<Reply, Failure> {
    let request = Request {
        system: format!("{}\nAnswer with one word.", crate::chat::ours::MARKER),
        user: "Say: ready".to_owned(),
        temperature: 0.0,
        // Enough for a model that thinks before it says a word.
        most_tokens: 1_000,
    };
    ask(provider, &request)
}
