//! `commit-story completions SHELL`.
//!
//! In: a shell's name. Out: its completion script. Never here: an installation of it.

use anyhow::Result;
use clap::Args;

use super::session::Session;

/// Which shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story completions bash \\
    > ~/.local/share/bash-completion/completions/commit-story
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
pub fn run(session: &Session, options: &Options, mut commands: clap::Command) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut commands, "commit-story", &mut script);
    session.printer.result(&String::from_utf8_lossy(&script))?;
    Ok(())
}
