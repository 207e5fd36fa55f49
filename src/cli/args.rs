//! The commands and the options that all of them take.
//!
//! In: nothing. Out: the shape of the command line. Never here: what a command does; its own options stand in its file.

use clap::{Args, Parser, Subcommand};

use super::session::Global;
use super::{
    backfill, completions, config, demo, doctor, draft, export, import, init, log, mcp, moving, narrate, note,
    reconcile, record, report, search, show, sources, status, summarize, sync, uninstall, update, why,
};

/// An engineering journal that writes itself: one honest entry per commit, from git and from the AI conversations that
/// already lie on your disk. Nothing leaves this machine unless you share it.
#[derive(Debug, Parser)]
#[command(
    name = "commit-story",
    version,
    max_term_width = 100,
    after_help = "\
Start with:
  commit-story init    in a repository; from then on every commit is recorded
  commit-story show    the entries of the newest day
  commit-story doctor  what is wrong, if anything, and how to mend it

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

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up the journal in this repository
    Init(init::Options),
    /// Print entries: of days, or of commits
    Show(show::Options),
    /// Print the entries of today
    Today(show::Form),
    /// Print the entries of yesterday
    Yesterday(show::Form),
    /// List entries, newest first
    Log(log::Options),
    /// Find entries by their words
    Search(search::Options),
    /// Tell the story behind a line, a file or a commit
    Why(why::Options),
    /// Write, or write again, the entry of a commit
    Record(record::Options),
    /// Write entries for past commits
    Backfill(backfill::Options),
    /// Ask a model for the prose of entries, now
    Narrate(narrate::Options),
    /// Have entries follow a history that was rewritten
    Reconcile(reconcile::Options),
    /// Write down a thought of yours; it appears in the next entry
    Reflect(note::Options),
    /// Write down an assistant's working context; it appears in the next entry
    Capture(note::Options),
    /// Bring in the journal of an earlier program
    Import(import::Options),
    /// Write the entries, all or some, as one document
    Export(export::Options),
    /// Tell what happened in a day, a week, a month, a quarter or a year
    Summarize(summarize::Options),
    /// Draft a stand-up, a pull request, a changelog, a review, a blog post or a talk
    Draft(draft::Options),
    /// Make a page for the browser: charts, decisions, and entries to search
    Report(report::Options),
    /// Serve the journal to AI assistants (Model Context Protocol)
    Mcp(mcp::Options),
    /// List which assistants' conversations were found on this machine
    Sources(sources::Options),
    /// What is recorded, what waits, and what it has cost today
    Status(status::Options),
    /// Check the hook, the configuration, the journal and what lies around them
    Doctor(doctor::Options),
    /// Read and change the configuration
    Config(config::Options),
    /// Bring the journal to another place: a folder, or a branch
    Move(moving::Options),
    /// Share a journal's branch with a remote repository
    Sync(sync::Options),
    /// Put a newer version of this program into its place, or an earlier one back
    Update(update::Options),
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Examples stand in columns, which breaking a line destroys; sentences are broken by whoever prints them.
    fn check(command: &clap::Command) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for (nth, line) in help.lines().enumerate() {
            let fits = line.chars().count() <= 80;
            assert!(fits || !line.starts_with("  "), "{}: {line}", command.get_name());
            let broken = nth > 0 && !line.is_empty() && !line.starts_with("  ");
            let before = help.lines().nth(nth.saturating_sub(1)).unwrap_or_default();
            assert!(!broken || before.is_empty() || before.starts_with("  "), "{}: {line}", command.get_name());
        }
        command.get_subcommands().for_each(check);
    }

    #[test]
    fn help_reads_well_on_a_terminal_of_80_columns() {
        check(&Arguments::command());
    }
}
