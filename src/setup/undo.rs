//! The plan that takes commit-story out of a repository.
//!
//! In: what is there. Out: the steps after which every file of others is as it was, to the byte.
//! Never here: the journal, or the user's own configuration, which other repositories use.

use super::detect::{Detected, Place, TextFile};
use super::plan::{Action, Plan};
use crate::hook::{self, Found, HookFile, marked};

/// What goes besides the hook and the exclude line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Also {
    /// The repository's `.commit-story.yaml`.
    pub config: bool,
    /// Our directory in the git directory: the log, the queue, and how far conversations have been read.
    pub state: bool,
}

/// What has to change to be rid of commit-story; without steps when nothing of it is there.
#[must_use]
pub fn undo(detected: &Detected, also: Also) -> Plan {
    let mut plan = Plan::default();
    hook(&mut plan, &detected.hook, detected.place);
    exclude(&mut plan, &detected.exclude);
    if also.config && detected.repository_config.bytes.is_some() {
        plan.step("forget the choices for this repository", Action::Remove(detected.repository_config.path.clone()));
    }
    if let Some(dir) = detected.state_dir.as_ref().filter(|_| also.state) {
        plan.step("forget the log and how far conversations were read", Action::RemoveDir(dir.clone()));
    }
    plan
}

fn hook(plan: &mut Plan, file: &HookFile, place: Place) {
    let path = file.path.display();
    if file.has_ours() && (file.link || place == Place::Elsewhere) {
        plan.note(format!("our lines in {path} stay: the file may be shared with other repositories"));
        return;
    }
    match (&file.found, &file.original) {
        (Found::Foreign(_), Some(original)) => {
            plan.note(format!("{} holds a hook from before that {path} no longer runs", original.display()));
        }
        (Found::Foreign(_), None) | (Found::Absent, None) => {}
        (Found::Joined(_), _) => {
            let bytes = hook::leave(&file.bytes).unwrap_or_default();
            plan.step("take our lines out of your hook", Action::Write { path: file.path.clone(), bytes, mode: None });
        }
        (Found::Wrapper(_), _) if hook::leave(&file.bytes).is_some() => plan.refuse(
            format!("{path} holds lines that are not ours beside those that run the hook from before"),
            "move them to another place, and run `commit-story uninstall` again",
        ),
        (Found::Absent | Found::Ours(_) | Found::Wrapper(_), Some(original)) => {
            let action = Action::Move { from: original.clone(), to: file.path.clone() };
            plan.step("put your hook back in its place", action);
        }
        (Found::Ours(_) | Found::Wrapper(_), None) => {
            plan.step("remove the hook", Action::Remove(file.path.clone()));
        }
    }
}

fn exclude(plan: &mut Plan, file: &TextFile) {
    let Some(old) = &file.bytes else { return };
    let new = marked::without(old);
    if new == *old {
        return;
    }
    let action = if new.is_empty() {
        Action::Remove(file.path.clone())
    } else {
        Action::Write { path: file.path.clone(), bytes: new, mode: None }
    };
    plan.step("take our line out of git's private excludes", action);
}
