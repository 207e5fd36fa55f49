//! `commit-story mcp`: the journal for assistants.
//!
//! In: how clients reach us. Out: a server, until the client has gone; on standard output, the protocol alone. Or clients'
//! configuration, changed by a subcommand.
//! Never here: the protocol (that is `mcp`).

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::failure::Usage;
use super::mcp_install::{self, Clients};
use super::session::Session;
use crate::fs;
use crate::mcp::{Gate, Token, serve};

/// The variable that may hold the token.
const VARIABLE: &str = "COMMIT_STORY_MCP_TOKEN";

/// No token is longer.
const LONGEST: u64 = 8 << 10;

/// How clients reach the server.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Assistants start it themselves, and speak to it on standard input and output:
  commit-story mcp                        in a repository
  commit-story -C ~/src/app mcp           serves that repository

Over HTTP it serves the repository that it was started in:
  commit-story mcp --http 127.0.0.1:7321  at http://127.0.0.1:7321/mcp
  commit-story mcp --http 0.0.0.0:7321 --allow-remote --token-file ~/mcp-token

Clients learn of it from their own configuration:
  commit-story mcp install                finds your clients, and asks
  commit-story mcp install --client vscode --project

docs/mcp.md lists its tools, and says what it lets nobody do.")]
pub struct Options {
    /// Not to serve, but to have clients start the server.
    #[command(subcommand)]
    pub clients: Option<Clients>,
    /// Serve over HTTP at this address instead
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub http: Option<SocketAddr>,
    /// Let other machines in; takes a token
    #[arg(long, requires = "http")]
    pub allow_remote: bool,
    /// Let in only who knows the token in this file; or in the variable `COMMIT_STORY_MCP_TOKEN`
    #[arg(long, value_name = "FILE", requires = "http")]
    pub token_file: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// The address is not for this machine alone and that was not allowed, there is no token, or nothing can be served.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    if let Some(clients) = &options.clients {
        return mcp_install::run(session, clients);
    }
    let (env, settings) = (session.env.clone(), session.settings().to_vec());
    let Some(address) = options.http else {
        return serve::stdio(env, settings);
    };
    let gate = gate(session, options, address)?;
    // Said now rather than with every request.
    session.workspace()?;
    let with = if gate.token.is_some() { ", for who knows the token" } else { "" };
    serve::http(env, settings, address, gate, |address| {
        session.printer.say(&format!("serving the journal at http://{address}/mcp{with}"));
    })
}

fn gate(session: &Session, options: &Options, address: SocketAddr) -> Result<Gate> {
    let remote = !address.ip().is_loopback();
    if remote && !options.allow_remote {
        return Err(Usage {
            message: format!("{address} can be reached from other machines"),
            hint: format!("listen at 127.0.0.1:{}, or add --allow-remote", address.port()),
        }
        .into());
    }
    let token = token(session, options)?;
    if remote && token.is_none() {
        return Err(Usage {
            message: "who can be reached from other machines has to ask for a token".to_owned(),
            hint: format!("name a file that holds one with --token-file, or set {VARIABLE}"),
        }
        .into());
    }
    Ok(Gate { token, remote })
}

fn token(session: &Session, options: &Options) -> Result<Option<Token>> {
    if let Some(file) = &options.token_file {
        let file = session.env.cwd.join(file);
        let read = fs::read(&file, LONGEST)?.with_context(|| format!("cannot find {}", file.display()))?;
        let text = String::from_utf8(read).with_context(|| format!("cannot read {} as text", file.display()))?;
        return Token::new(&text).with_context(|| format!("cannot use the token in {}", file.display())).map(Some);
    }
    let given = session.env.var(VARIABLE);
    let text = given.map(|text| text.to_str().context("it is no text")).transpose();
    let token = text.and_then(|text| text.map(Token::new).transpose());
    token.with_context(|| format!("cannot use the token in {VARIABLE}"))
}
