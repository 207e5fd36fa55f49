//! The commands and the options that all of them take.
//!
//! In: nothing. Out: the shape of the command line. Never here: what a command does; its own options stand in its file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::{completions, config, demo, doctor, init, note, record, show, uninstall};
use crate::ui::style::Choice;

/// An engineering journal that writes itself: one honest entry per commit, from git and from the AI conversations that
/// already lie on your disk. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(
    name = "commit-story",
    version,
    max_term_width = 100,
    after_help = "\
Start with:
  commit-story init             in a repository; from then on every commit is recorded
  commit-story show             what was recorded today
  commit-story doctor           what is wrong, if anything, and how to mend it

Documentation: docs/ in the repository, or commit-story help COMMAND"
)]
pub struct Arguments {
    /// For every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The options that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// Work in this directory instead of the current one
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// Set a configuration key for this call only; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", global = true, value_parser = setting)]
    pub settings: Vec<(String, String)>,
    /// Print results and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print more about what is done
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: Choice,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up the journal in this repository
    Init(init::Options),
    /// Print entries: of a day, or of a commit
    Show(show::Options),
    /// Write, or write again, the entry of a commit
    Record(record::Options),
    /// Write down a thought of yours; it appears in the next entry
    Reflect(note::Options),
    /// Write down an assistant's working context; it appears in the next entry
    Capture(note::Options),
    /// Check the hook, the configuration, the journal and what lies around them
    Doctor(doctor::Options),
    /// Read and change the configuration
    Config(config::Options),
    /// Take commit-story out of this repository; the journal stays
    Uninstall(uninstall::Options),
    /// Show what an entry looks like, in a throw-away repository
    Demo(demo::Options),
    /// Print a completion script for a shell
    Completions(completions::Options),
    /// What git's hook runs; not for people
    #[command(hide = true)]
    Hook(HookOptions),
}

/// The hook's own arguments (parsed by hand in `cli::hook`, which never fails).
#[derive(Debug, Args)]
pub struct HookOptions {
    /// The event
    #[arg(num_args = 0.., allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
