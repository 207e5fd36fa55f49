//! `commit-story completions SHELL`.
//!
//! In: a shell's name. Out: its completion script. Never here: an installation of it.

use anyhow::Result;
use clap::{Args, CommandFactory};

use super::args::Arguments;
use super::session::Session;

/// Which shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story completions bash > ~/.local/share/bash-completion/completions/commit-story
  commit-story completions zsh  > ~/.zfunc/_commit-story
  commit-story completions fish > ~/.config/fish/completions/commit-story.fish")]
pub struct Options {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Prints the script.
///
/// # Errors
/// Standard output is closed.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "commit-story", &mut script);
    session.printer.result(&String::from_utf8_lossy(&script))?;
    Ok(())
}
