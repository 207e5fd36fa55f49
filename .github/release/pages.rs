//! What a packager or a shell wants beside the program: completions and man pages.
//!
//! In: the command line as `clap` knows it. Out: files, by their names in an archive.
//! Never here: a second description of a command; all of it comes from the help texts.

use anyhow::{Context as _, Result};
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use commit_story::cli::args::Arguments;

use crate::archive::Member;

/// The shells, and what each calls a completion script.
const SHELLS: [(Shell, &str); 5] = [
    (Shell::Bash, "commit-story.bash"),
    (Shell::Zsh, "_commit-story"),
    (Shell::Fish, "commit-story.fish"),
    (Shell::PowerShell, "_commit-story.ps1"),
    (Shell::Elvish, "commit-story.elv"),
];

/// All of them; `date` (`2026-01-31`) stands at the foot of man pages.
///
/// # Errors
/// A page cannot be made.
pub fn members(date: &str) -> Result<Vec<Member>> {
    let mut members: Vec<Member> = SHELLS
        .iter()
        .map(|(shell, name)| {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "commit-story", &mut script);
            Member::file(format!("completions/{name}"), script)
        })
        .collect();
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    man(&command, date, &mut members)?;
    Ok(members)
}

/// The page of a command and those of its own commands.
fn man(command: &Command, date: &str, members: &mut Vec<Member>) -> Result<()> {
    for child in command.get_subcommands().filter(|child| !child.is_hide_set()) {
        man(child, date, members)?;
    }
    let page = clap_mangen::Man::new(command.clone())
        .date(date)
        .source(concat!("commit-story ", env!("CARGO_PKG_VERSION")))
        .manual("commit-story");
    let name = page.get_filename();
    let mut text = Vec::new();
    page.render(&mut text).with_context(|| format!("cannot make the man page {name}"))?;
    members.push(Member::file(format!("man/{name}"), text));
    Ok(())
}
