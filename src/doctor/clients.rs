//! Whether the MCP clients that are to start our server still can.
//!
//! In: the surroundings, and a work tree where there is one. Out: checks; none where no client knows of us.
//! Never here: a start of the server, or a change.

use std::path::{Path, PathBuf};

use super::check::{Check, good, warning};
use crate::env::Env;
use crate::process;
use crate::setup::clients::{Entry, Found, Project, Scope, Target, look, targets};

/// Examines what clients' files say of our server.
#[must_use]
pub fn clients(env: &Env, project: Option<Project<'_>>) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut well: Vec<&str> = Vec::new();
    for target in targets(env, project) {
        match look(&target) {
            Ok(Found::Ours(entry)) => match missing(&entry) {
                Some(path) => checks.push(astray(&target, &path)),
                None if well.contains(&target.client.name) => {}
                None => well.push(target.client.name),
            },
            Ok(Found::Absent | Found::Foreign(_)) => {}
            Err(error) => checks.push(warning("mcp", format!("{error:#}"), "mend the file")),
        }
    }
    if !well.is_empty() {
        checks.push(good("mcp", format!("the journal's server is started by {}", well.join(", "))));
    }
    checks
}

/// The program or the repository that an entry names and that is not there.
fn missing(entry: &Entry) -> Option<PathBuf> {
    let program = Path::new(&entry.command);
    let is_there = if program.is_absolute() { program.is_file() } else { process::is_on_path(&entry.command) };
    let repository = entry.repository().filter(|dir| !dir.is_dir());
    if is_there { repository.map(Path::to_owned) } else { Some(program.to_owned()) }
}

fn astray(target: &Target, path: &Path) -> Check {
    let says = format!("{} relies on {}, which is not there", target.path.display(), path.display());
    let scope = if target.scope == Scope::Project { " --project" } else { "" };
    warning("mcp", says, format!("commit-story mcp install --client {}{scope}", target.client.slug))
}
