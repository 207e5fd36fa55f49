//! `commit-story mcp`.
//!
//! In: the subcommand. Out: clients' configuration changed.
//! Never here: how.

use anyhow::Result;
use clap::Args;

use super::mcp_install::{self, Clients};
use super::session::Session;

/// What is done.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    /// Not to serve, but to change clients' configuration.
    #[command(subcommand)]
    pub clients: Option<Clients>,
}

/// Runs the command.
///
/// # Errors
/// As the subcommand.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    match &options.clients {
        Some(clients) => mcp_install::run(session, clients),
        None => anyhow::bail!("the server is not there yet"),
    }
}
