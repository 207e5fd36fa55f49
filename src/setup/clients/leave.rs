//! What goes from clients' files when commit-story leaves a repository.
//!
//! In: the surroundings, and the repository. Out: steps for the entries that were made for it, and a note for what stays.
//! Never here: an entry that serves other repositories, too.

use anyhow::Result;

use super::change::{Found, look, uninstall};
use super::place::{Project, Scope, Target, of_project, of_user};
use super::table::{CLIENTS, Client};
use crate::env::Env;
use crate::fs;
use crate::setup::plan::Plan;

/// Adds what goes with the repository: entries of the user's own that name it and, if `shared` says so, those in its
/// projects' files. A file that cannot be read is noted, and nothing else is kept from going.
pub fn leave(plan: &mut Plan, env: &Env, project: Project<'_>, shared: bool) {
    let (mut general, mut kept) = (Vec::new(), Vec::new());
    for target in targets(env, Some(project)) {
        let found = match look(&target) {
            Ok(Found::Ours(entry)) => entry,
            Ok(Found::Absent | Found::Foreign(_)) => continue,
            Err(error) => {
                plan.note(format!("{error:#}"));
                continue;
            }
        };
        let goes = match target.scope {
            Scope::User => found.repository().is_some_and(|dir| fs::canonical(dir) == fs::canonical(project.top)),
            Scope::Project => shared,
        };
        if !goes {
            match target.scope {
                Scope::User if found.repository().is_none() => general.push(target.client.name),
                Scope::User => {}
                Scope::Project => kept.push(target.path.display().to_string()),
            }
        } else if let Err(error) = uninstall(plan, &target) {
            plan.note(format!("{error:#}"));
        }
    }
    if !general.is_empty() {
        let cure = "`commit-story mcp uninstall` ends that";
        plan.note(format!("started by {} for all your projects; {cure}", general.join(", ")));
    }
    if !kept.is_empty() {
        plan.note(format!("our server stays in {}, which others share; `--config` takes it out", kept.join(", ")));
    }
}

/// Every client's files, each once; those that cannot be told are left out.
#[must_use]
pub fn targets(env: &Env, project: Option<Project<'_>>) -> Vec<Target> {
    let in_project = |client: &'static Client| -> Option<Result<Target>> {
        let project = project.filter(|_| !client.project.is_empty())?;
        Some(of_project(project, client))
    };
    let all = CLIENTS.iter().flat_map(|client| [Some(of_user(env, client)), in_project(client)]);
    let mut targets: Vec<Target> = Vec::new();
    for target in all.flatten().filter_map(Result::ok) {
        if targets.iter().all(|known| known.path != target.path) {
            targets.push(target);
        }
    }
    targets
}
