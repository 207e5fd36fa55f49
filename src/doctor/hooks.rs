//! What git runs after a commit, a rewrite and a merge, in which order, and whether commit-story is reached.
//!
//! In: the hook files and git's configuration as set-up finds them. Out: checks, of which a good one was tried: git
//! itself ran our lines, in a repository that is thrown away.
//! Never here: a run of somebody else's hook.

use std::path::{Path, PathBuf};

use super::check::{Check, bad, good, warning};
use crate::fs;
use crate::git::Repository;
use crate::hook::configured::name;
use crate::hook::trial::{Outcome, trial};
use crate::hook::{self, Configured, Event, Fault, Found, HookFile, Scope, Turn};
use crate::setup::{Detected, Lefthook};

const ABOUT: &str = "hook";
const INIT: &str = "commit-story init";

/// Examines the hooks of a repository.
pub(super) fn hooks(detected: &Detected, repository: &Repository) -> Vec<Check> {
    let events = detected.hooks.iter().flat_map(|file| match &detected.lefthook {
        Some(lefthook) if lefthook.ours.contains(&file.event) && lefthook.owned.contains(&file.event) => {
            by_lefthook(lefthook, file, &detected.configured)
        }
        _ => event(file, &detected.configured),
    });
    events.chain(template(repository)).collect()
}

/// lefthook is not run for a trial: it would run all that it finds.
fn by_lefthook(lefthook: &Lefthook, file: &HookFile, configured: &Configured) -> Vec<Check> {
    let (event, path) = (file.event.name(), lefthook.file.path.display());
    if configured.turns(file.event).iter().any(|turn| turn.name == name(file.event) && turn.off.is_none()) {
        return vec![warning(ABOUT, format!("{event}: both git and lefthook, by {path}, run commit-story"), INIT)];
    }
    vec![good(ABOUT, format!("{event}: lefthook runs commit-story by {path} (read, not tried)"))]
}

fn event(file: &HookFile, configured: &Configured) -> Vec<Check> {
    let turns = configured.turns(file.event);
    let found = match turns.iter().find(|turn| turn.name == name(file.event)) {
        Some(ours) => by_configuration(ours, configured, file),
        None => by_file(file, configured),
    };
    let runs = match found {
        Ok(runs) => runs,
        Err(checks) => return checks,
    };
    let says = format!("{runs}{}", others(file, &turns));
    if !turns.iter().any(|turn| turn.name == name(file.event)) && !file.is_known() {
        return vec![warning(
            ABOUT,
            format!("{says}; not tried: our lines in it are not as this version has them"),
            INIT,
        )];
    }
    match trial(file.event, Some(file), configured) {
        Ok(Outcome::Reached(1)) => vec![good(ABOUT, says)],
        Ok(Outcome::Reached(_)) => {
            vec![warning(ABOUT, format!("{says}: commit-story runs more than once"), INIT)]
        }
        Ok(Outcome::Untried) => vec![good(ABOUT, format!("{says} (not tried: that needs git 2.36)"))],
        Ok(Outcome::Missed(said)) => {
            let said = if said.is_empty() { "git said nothing" } else { &said };
            vec![bad(ABOUT, format!("{says}, but it did not answer when git was made to try: {said}"), INIT)]
        }
        Err(error) => vec![warning(ABOUT, format!("{says}; that could not be tried: {error:#}"), "mend the cause")],
    }
}

/// What runs by git's configuration, or why it does not.
fn by_configuration(ours: &Turn, configured: &Configured, file: &HookFile) -> Result<String, Vec<Check>> {
    let (event, scope) = (file.event.name(), whose(ours.scope));
    if let Some(key) = &ours.off {
        let says = format!("{event}: {key} in git's configuration switches it off");
        return Err(vec![bad(ABOUT, says, format!("take it out there, or: git config {key} true"))]);
    }
    let init = if ours.scope == Scope::Global { "commit-story init --global" } else { INIT };
    let Some(command) = configured.command(&ours.name) else {
        let says = format!("hook.{} has no command: git refuses to commit", ours.name);
        return Err(vec![bad(ABOUT, says, init)]);
    };
    let binary = hook::block::binary_in_command(command);
    if let Some(binary) = binary.as_ref().filter(|binary| !fs::is_executable(binary)) {
        let says = format!("{event}, by {scope}: {}", Fault::NoBinary(binary.clone()));
        return Err(vec![bad(ABOUT, says, init)]);
    }
    if !configured.is_known(file.event) {
        let says = format!("hook.{} is ours, but its command is not as this version has it: {command}", ours.name);
        return Err(vec![bad(ABOUT, says, init)]);
    }
    Ok(format!("{event}: {scope} runs {}", shown(binary.as_deref())))
}

/// What runs by the hook file, or why it does not.
fn by_file(file: &HookFile, configured: &Configured) -> Result<String, Vec<Check>> {
    let path = file.path.display();
    let named = [Scope::Local, Scope::Global].iter().any(|scope| !configured.ours(*scope, file.event).is_empty());
    if named && !configured.works() && !file.has_ours() {
        let says = format!("{}: git's configuration names commit-story, but this git is too old", file.event.name());
        return Err(vec![bad(ABOUT, says, format!("git 2.54 or newer, or: {INIT}"))]);
    }
    match &file.found {
        Found::Absent => Err(vec![bad(ABOUT, format!("there is no {path}"), INIT)]),
        Found::Foreign(_) => Err(vec![bad(ABOUT, format!("{path} does not run commit-story"), INIT)]),
        Found::Ours(_) | Found::Joined(_) | Found::Wrapper(_) => {
            let faults = hook::would_run(file);
            if faults.is_empty() {
                return Ok(format!("{path} runs {}", shown(file.binary())));
            }
            Err(faults.iter().map(|fault| bad(ABOUT, format!("{path}: {fault}"), cure(file, fault))).collect())
        }
    }
}

fn shown(binary: Option<&Path>) -> String {
    binary.map_or_else(|| "the commit-story on PATH".to_owned(), |binary| binary.display().to_string())
}

fn whose(scope: Scope) -> &'static str {
    match scope {
        Scope::Global => "your own git configuration",
        Scope::Local => "the repository's git configuration",
        Scope::Other => "git's configuration",
    }
}

/// What else git runs for the event, before ours and after, as the end of a sentence.
fn others(file: &HookFile, turns: &[Turn]) -> String {
    let name = name(file.event);
    let (before, after) = match turns.iter().position(|turn| turn.name == name) {
        Some(at) => turns.split_at(at),
        None => (turns, [].as_slice()),
    };
    let named = |turns: &[Turn]| -> Vec<String> {
        let on = turns.iter().filter(|turn| turn.off.is_none() && turn.name != name);
        on.map(|turn| format!("hook.{}", turn.name)).collect()
    };
    let mut then = named(after);
    match &file.found {
        Found::Foreign(_) if file.executable => then.push(file.path.display().to_string()),
        Found::Joined(_) => then.push("the rest of that file".to_owned()),
        Found::Wrapper(_) => then.extend(file.original.as_ref().map(|path| path.display().to_string())),
        Found::Foreign(_) | Found::Absent | Found::Ours(_) => {}
    }
    let mut words = String::new();
    for (word, names) in [("after", named(before)), ("then", then)] {
        if !names.is_empty() {
            words = format!("{words}, {word} {}", names.join(" and "));
        }
    }
    words
}

/// What mends a hook. A script of somebody else's is theirs to switch on.
fn cure(file: &HookFile, fault: &Fault) -> String {
    match (fault, &file.found) {
        (Fault::NotExecutable, Found::Joined(_)) => format!("chmod +x '{}'", file.path.display()),
        (Fault::NoInterpreter(_), Found::Joined(_)) => "mend the first line of the hook".to_owned(),
        (Fault::NoOriginal, _) => "commit-story uninstall, then: commit-story init".to_owned(),
        (Fault::NoRunner(_), _) => "have the program install its hooks, such as: npx husky".to_owned(),
        _ => INIT.to_owned(),
    }
}

/// Whether new clones are given our hook by `init.templateDir`.
fn template(repository: &Repository) -> Option<Check> {
    let hooks: PathBuf = repository.config_path("init.templateDir")?.join("hooks");
    let file = hook::inspect(&hooks, Event::PostCommit).ok().filter(HookFile::has_ours)?;
    Some(good("template", format!("new clones get {}, by git's init.templateDir", file.path.display())))
}
