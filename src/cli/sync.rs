//! `commit-story sync`: shares a journal's branch with a remote.
//!
//! In: a remote's name. Out: how many pages came and went.
//! Never here: how (that is `sync`).

use anyhow::Result;
use clap::Args;

use super::failure::Advice;
use super::session::{Session, Workspace};
use crate::process;
use crate::sync::{Sync, Synced};

/// With whom, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story sync                 with the remote `origin`, or the only one
  commit-story sync backup
  commit-story sync --dry-run       says what would come and go

Both sides have all entries afterwards. Of a commit with two entries, the one that was written \
last counts; what was written by hand on both sides stays. Nothing but the journal's branch is \
fetched or pushed, by git itself, with its credentials. Several may do it at once.")]
pub struct Options {
    /// The remote, as git knows it
    #[arg(value_name = "REMOTE")]
    pub remote: Option<String>,
    /// Let the repository's hooks run, such as pre-push; they are made for code, so without this they do not
    #[arg(long)]
    pub verify: bool,
    /// Say what would be done: fetches, and changes nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// The journal does not live on a branch, there is no such remote, or git cannot fetch or push.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let store = workspace.recorder(session).store();
    if store.branch().is_none() {
        let message = format!("cannot share the journal: it lives in the folder {}", store.shown());
        return Err(Advice { message, hint: "bring it onto a branch: commit-story move --to branch".to_owned() }.into());
    }
    let remote = match &options.remote {
        Some(remote) => remote.clone(),
        None => usual(&workspace)?,
    };
    let repository = &workspace.repository;
    let state = repository.state_dir();
    let sync = Sync {
        store: &store,
        dir: repository.top(),
        state: &state,
        remote: &remote,
        now: session.env.now,
        hooks: options.verify,
    };
    let synced = if options.dry_run { sync.look()? } else { sync.run()? };
    let said = match synced {
        None => format!("there is no journal yet, neither here nor in {remote}"),
        Some(Synced { received: 0, sent: 0 }) => format!("the journal here and in {remote} are the same"),
        Some(Synced { received, sent }) if options.dry_run => {
            format!("{} would come from {remote}, and {} would go there", pages(received), pages(sent))
        }
        Some(Synced { received, sent }) => {
            format!("{} came from {remote}, and {} went there", pages(received), pages(sent))
        }
    };
    if options.dry_run {
        session.printer.result(&said)?;
    } else {
        session.printer.say(&said);
    }
    Ok(())
}

/// The remote that is meant where none is named.
fn usual(workspace: &Workspace) -> Result<String> {
    let repository = &workspace.repository;
    let dir = repository.top();
    let listed =
        process::run(process::command("git").arg("remote").current_dir(dir), std::time::Duration::from_secs(10))?;
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let names: Vec<&str> = names.lines().collect();
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        _ if names.contains(&"origin") => Ok("origin".to_owned()),
        [] => Err(Advice {
            message: "cannot share the journal: this repository has no remote".to_owned(),
            hint: "add one: git remote add origin URL".to_owned(),
        }
        .into()),
        _ => Err(Advice {
            message: "cannot share the journal: none of the remotes is called origin".to_owned(),
            hint: format!("name one: commit-story sync {}", names.join("|")),
        }
        .into()),
    }
}

fn pages(number: usize) -> String {
    if number == 1 { "1 page".to_owned() } else { format!("{number} pages") }
}
