//! `commit-story config`.
//!
//! In: a key, or a key and its value. Out: what holds and where it comes from, or a file changed.
//! Never here: what a key means (that is `config`).

use anyhow::Result;
use clap::{Args, Subcommand};

use super::failure::Usage;
use super::session::Session;
use crate::config::command::{self, Target};
use crate::config::keys;
use crate::git::Repository;

/// What to do with the configuration.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story config list --origin
  commit-story config get journal.folder
  commit-story config set journal.folder docs/journal
  commit-story config set --user redact.emails true

Every key is described in docs/configuration.md.")]
pub struct Options {
    /// Which of them
    #[command(subcommand)]
    pub action: Action,
}

/// The things to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Print the value of a key as it holds here
    Get {
        /// The key, such as journal.folder
        key: String,
    },
    /// Print every key with its value
    List {
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set a key in .commit-story.yaml, or with --user in your own configuration
    Set {
        /// The key
        key: String,
        /// The value, as YAML
        #[arg(allow_hyphen_values = true)]
        value: String,
        /// For all repositories of yours instead of this one
        #[arg(long)]
        user: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// There is no such key, the value is wrong, or the file cannot be changed.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    // Outside a repository the user's own settings can be read and changed all the same.
    let repository = Repository::open(&session.env).ok();
    let loaded = session.load(repository.as_ref());
    for warning in &loaded.warnings {
        session.printer.warn(&warning.to_string());
    }
    match &options.action {
        Action::Get { key } => {
            known(key)?;
            session.printer.result(&command::get(&loaded, key)?.setting.text())?;
        }
        Action::List { json: true, .. } => session.printer.result(&command::list_json(&loaded)?)?,
        Action::List { origin, .. } => session.printer.result(&command::list(&loaded, *origin))?,
        Action::Set { key, value, user } => {
            known(key)?;
            if repository.is_none() && !user {
                return Err(Usage {
                    message: "there is no repository here whose configuration could be changed".to_owned(),
                    hint: format!("for all your repositories: commit-story config set --user {key} {value}"),
                }
                .into());
            }
            let main = repository.as_ref().and_then(Repository::main_worktree);
            let sources = session.sources(repository.as_ref(), main.as_deref());
            let target = if *user { Target::User } else { Target::Repository };
            let path = command::set(&sources, target, key, value)?;
            session.printer.say(&format!("set {key} in {}", path.display()));
        }
    }
    Ok(())
}

fn known(key: &str) -> Result<()> {
    if keys::position(key).is_some() {
        return Ok(());
    }
    let message = format!("cannot use {key}: {}", keys::unknown(key));
    Err(Usage { message, hint: "commit-story config list prints every key".to_owned() }.into())
}
