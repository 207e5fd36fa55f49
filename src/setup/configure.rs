//! Our hooks in git's configuration: of one repository, or of all of a user's.
//!
//! In: what git's configuration says, and the binary. Out: the steps that are missing, or that take ours out.
//! Never here: a hook of another name. The command is set before the event: with an event and no command, git refuses
//! to commit.

use std::path::Path;

use super::plan::{Action, ConfigFile, Plan};
use crate::hook::configured::name;
use crate::hook::{Block, Configured, Event, Scope};

/// Puts our hooks into a configuration.
pub(super) fn configure(plan: &mut Plan, configured: &Configured, file: &ConfigFile, binary: &Path) {
    for event in Event::ALL {
        let turns = configured.turns(event);
        if let Some(key) = turns.iter().find(|turn| turn.name == name(event)).and_then(|turn| turn.off.as_ref()) {
            plan.note(format!("git does not run our {} hook, because {key} is false", event.name()));
        }
        let command = Block::new(event, binary).command(*file == ConfigFile::User);
        let mut ours = configured.ours(Scope::from(file), event);
        ours.retain(|(key, _)| matches!(*key, "command" | "event"));
        if ours == [("command", command.as_str()), ("event", event.name())] {
            continue;
        }
        let values = vec![("command", command), ("event", event.name().to_owned())];
        let action = Action::Configure { file: file.clone(), section: section(event), values };
        plan.step(purpose(event), action);
    }
}

/// Takes our hooks out of a configuration.
pub(super) fn unconfigure(plan: &mut Plan, configured: &Configured, file: &ConfigFile) {
    for event in Event::ALL {
        if !configured.ours(Scope::from(file), event).is_empty() {
            let action = Action::Unconfigure { file: file.clone(), section: section(event) };
            plan.step("remove the hook", action);
        }
    }
}

/// The plan for all repositories of this user.
#[must_use]
pub fn everywhere(configured: &Configured, binary: &Path) -> Plan {
    let mut plan = Plan::default();
    configure(&mut plan, configured, &ConfigFile::User, binary);
    plan
}

/// The plan that takes it back.
#[must_use]
pub fn nowhere(configured: &Configured) -> Plan {
    let mut plan = Plan::default();
    unconfigure(&mut plan, configured, &ConfigFile::User);
    plan
}

/// What a hook is for.
pub(super) fn purpose(event: Event) -> &'static str {
    match event {
        Event::PostCommit => "record every commit",
        Event::PostRewrite => "follow commits that are amended or rebased",
        Event::PostMerge => "record merges",
    }
}

fn section(event: Event) -> String {
    format!("hook.{}", name(event))
}
