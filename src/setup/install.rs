//! The plan that puts commit-story into a repository.
//!
//! In: what is there, and what the user chose. Out: the steps that are still missing.
//! Never here: an edit of a hook that is not a shell script, of a file behind a link, or of hooks that other
//! repositories use.

use std::path::PathBuf;

use super::configure::{configure, purpose, unconfigure};
use super::detect::{Detected, Lefthook, Place, TextFile};
use super::exclude::{excluded, excluding};
use super::lefthook;
use super::plan::{Action, ConfigFile, Plan};
use super::undo;
use crate::hook::{self, Block, Event, Found, HookFile, Interpreter};

/// The bits of a hook file of ours, and of a new file that is not private.
const EXECUTABLE: u32 = 0o755;
const READABLE: u32 = 0o644;

/// How git is made to run us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By its configuration, which needs git 2.54.
    Configured,
    /// By hook files.
    Files,
}

/// What the user chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    /// The journal's folder, relative to the top of the work tree; absolute for one elsewhere.
    pub folder: PathBuf,
    /// Whether git shall not see the journal.
    pub private: bool,
    /// The binary that the hook runs.
    pub binary: PathBuf,
    /// How git is made to run it.
    pub way: Way,
    /// Whether hook files that are committed may get our lines.
    pub shared_hooks: bool,
    /// The configuration file to write: the repository's or the user's.
    pub config_file: PathBuf,
    /// Its whole new content.
    pub config_text: String,
}

/// What has to change for these choices; without steps when everything is so already.
#[must_use]
pub fn plan(detected: &Detected, choices: &Choices) -> Plan {
    let mut plan = Plan::default();
    config(&mut plan, detected, choices);
    exclude(&mut plan, detected, choices);
    let repository = ConfigFile::Repository(detected.common_dir.clone());
    match choices.way {
        Way::Configured => {
            configure(&mut plan, &detected.configured, &repository, &choices.binary);
            undo::hooks(&mut plan, detected);
        }
        Way::Files => {
            files(&mut plan, detected, choices);
            unconfigure(&mut plan, &detected.configured, &repository);
        }
    }
    remarks(&mut plan, detected, choices);
    plan
}

fn files(plan: &mut Plan, detected: &Detected, choices: &Choices) {
    let by_lefthook = lefthook(plan, detected, choices);
    let files = || detected.hooks.iter().filter(|file| !by_lefthook.contains(&file.event));
    match detected.place {
        Place::GitDir => files().for_each(|file| hook(plan, file, &Block::new(file.event, &choices.binary))),
        // Where one has our lines, somebody has agreed to them.
        Place::WorkTree if choices.shared_hooks || files().any(HookFile::has_ours) => {
            files().for_each(|file| hook(plan, file, &Block::on_path(file.event)));
        }
        Place::WorkTree => shared(plan, &files().collect::<Vec<_>>()),
        Place::Elsewhere => elsewhere(plan, detected),
    }
}

fn config(plan: &mut Plan, detected: &Detected, choices: &Choices) {
    let files = [Some(&detected.repository_config), detected.user_config.as_ref()];
    let old = files.into_iter().flatten().find(|file| file.path == choices.config_file);
    let old = old.and_then(|file| file.bytes.as_deref());
    if old == Some(choices.config_text.as_bytes()) {
        return;
    }
    let is_shared = choices.config_file == detected.repository_config.path;
    if is_shared && detected.repository_config.link {
        // A repository is not trusted: its link could have us write over any file of the user's.
        let path = choices.config_file.display();
        plan.refuse(format!("{path} is a symbolic link"), format!("replace it by a file, or remove it: rm '{path}'"));
    }
    let action = Action::Write {
        path: choices.config_file.clone(),
        bytes: choices.config_text.clone().into_bytes(),
        mode: (is_shared && old.is_none()).then_some(READABLE),
    };
    plan.step("keep your choices", action);
}

fn exclude(plan: &mut Plan, detected: &Detected, choices: &Choices) {
    let TextFile { path, bytes, .. } = &detected.exclude;
    let old = bytes.as_deref().unwrap_or_default();
    // Where the journal lay before, its pages stay as private as they were for as long as they lie there.
    let tops = [Some(detected.top.as_path()), detected.common_dir.parent()];
    let lies = |folder: &PathBuf| tops.iter().flatten().any(|top| top.join(folder).is_dir());
    let former = excluded(old).into_iter().filter(lies);
    let folders: Vec<PathBuf> = std::iter::once(choices.folder.clone()).chain(former).collect();
    let folders = if choices.private { folders } else { Vec::new() };
    // A new lefthook-local.yml names a path of this machine, and is nobody else's.
    let made = |lefthook: &&Lefthook| !lefthook.owned.is_empty() && lefthook.theirs().is_empty();
    let local = detected.lefthook.as_ref().filter(made).filter(|_| choices.way == Way::Files).map(|_| lefthook::LOCAL);
    let new = excluding(old, &folders, local);
    if new == old {
        return;
    }
    let purpose = if choices.private { "keep the journal out of commits" } else { "let the journal be committed" };
    plan.step(purpose, Action::Write { path: path.clone(), bytes: new, mode: bytes.is_none().then_some(READABLE) });
}

/// Adds to lefthook's local configuration what its own hook files shall run, and returns for which events.
fn lefthook(plan: &mut Plan, detected: &Detected, choices: &Choices) -> Vec<Event> {
    let Some(lefthook) = detected.lefthook.as_ref().filter(|lefthook| !lefthook.owned.is_empty()) else {
        return Vec::new();
    };
    let TextFile { path, bytes, .. } = &lefthook.file;
    let old = bytes.as_deref().unwrap_or_default();
    let new = lefthook::with(old, &lefthook.owned, &choices.binary).filter(|_| lefthook.other.is_none());
    match new {
        Some(new) if new == old => {}
        Some(new) => {
            let mode = bytes.is_none().then_some(READABLE);
            plan.step("have lefthook run it", Action::Write { path: path.clone(), bytes: new, mode });
        }
        None => {
            let path = lefthook.other.as_ref().unwrap_or(path).display();
            plan.refuse(
                format!("{path} has hooks of its own, which only you can add to"),
                format!(
                    "git 2.54 and newer needs no hook file; or have lefthook run there what these lines run:\n\n{}",
                    lefthook::lines(&lefthook.owned, &choices.binary)
                ),
            );
        }
    }
    lefthook.owned.clone()
}

/// Hooks that are committed are everybody's who works here: our lines go there only when that is asked for.
fn shared(plan: &mut Plan, files: &[&HookFile]) {
    let missing: Vec<&HookFile> = files.iter().copied().filter(|file| !file.has_ours()).collect();
    let Some(first) = missing.first() else { return };
    plan.refuse(
        format!("git runs the hooks in {}, which is part of the repository: others have them, too", parent(first)),
        format!(
            "commit-story init --shared-hooks puts our lines there, for everybody who has commit-story on PATH; git 2.54 \
             and newer needs no hook file; or put these lines there yourself\n\n{}",
            by_hand(&missing)
        ),
    );
}

/// Hooks outside the repository are not ours to change: every other repository that uses them would be recorded, too.
fn elsewhere(plan: &mut Plan, detected: &Detected) {
    let missing: Vec<&HookFile> = detected.hooks.iter().filter(|file| !file.has_ours()).collect();
    let Some(first) = missing.first() else { return };
    plan.refuse(
        format!("core.hooksPath makes git run the hooks in {}, outside this repository", parent(first)),
        format!(
            "git 2.54 and newer needs no hook file; or give this repository hooks of its own (the shared ones then no \
             longer run here) with\n\n    git config --local core.hooksPath '{}'\n\nor put these lines there yourself\n\n{}",
            detected.common_dir.join("hooks").display(),
            by_hand(&missing)
        ),
    );
}

/// The lines that somebody else has to put into hook files.
fn by_hand(files: &[&HookFile]) -> String {
    let lines = files.iter().map(|file| {
        let lines = Block::on_path(file.event).lines();
        format!("into {}, below its first line:\n\n{}", file.path.display(), String::from_utf8_lossy(&lines))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn hook(plan: &mut Plan, file: &HookFile, block: &Block) {
    let joined = |mode| Action::Write { path: file.path.clone(), bytes: hook::join(&file.bytes, block), mode };
    match &file.found {
        Found::Absent => {
            // A hook set aside without one of ours: an install that was cut short.
            let bytes = if file.original.is_some() { block.wrapper() } else { block.whole_file() };
            plan.step(purpose(file.event), Action::Write { path: file.path.clone(), bytes, mode: Some(EXECUTABLE) });
        }
        Found::Ours(_) | Found::Joined(_) | Found::Wrapper(_) if file.link => {
            if !file.is_current(block) {
                plan.note(format!(
                    "{} is a link to a file with older lines of ours; they are left so",
                    file.path.display()
                ));
            }
        }
        Found::Ours(_) | Found::Wrapper(_) => {
            if !file.executable || !file.is_current(block) {
                plan.step("renew the hook", joined(Some(EXECUTABLE)));
            }
        }
        Found::Joined(_) => {
            if !file.is_current(block) {
                plan.step("renew our lines in the hook", joined(None));
            }
            if !file.executable {
                let path = file.path.display();
                plan.note(format!("git skips {path}, because it is not executable: `chmod +x` it to be recorded"));
            }
        }
        Found::Foreign(Interpreter::Shell(_)) if file.executable && !file.link => {
            plan.step("run ours before your hook, which stays as it is", joined(None));
        }
        Found::Foreign(interpreter) => set_aside(plan, file, interpreter, block),
    }
}

/// A hook that our lines cannot join is kept beside, and ours ends by becoming it.
fn set_aside(plan: &mut Plan, file: &HookFile, interpreter: &Interpreter, block: &Block) {
    let aside = file.path.with_file_name(file.event.original());
    if file.original.is_some() {
        let (path, aside) = (file.path.display(), aside.display());
        plan.refuse(
            format!("{path} is not ours, and {aside} holds an earlier hook already"),
            format!("look at both, keep what you need in {path}, remove {aside}, and run `commit-story init` again"),
        );
        return;
    }
    let reason = match interpreter {
        _ if file.link => "it is a link".to_owned(),
        Interpreter::Other(program) => format!("it is no shell script ({program})"),
        Interpreter::Shell(_) => "it is not executable, and stays so".to_owned(),
    };
    let keep = format!("keep your hook as it is: {reason}");
    plan.step(keep, Action::Move { from: file.path.clone(), to: aside });
    let action = Action::Write { path: file.path.clone(), bytes: block.wrapper(), mode: Some(EXECUTABLE) };
    plan.step("run ours and then your hook", action);
}

fn remarks(plan: &mut Plan, detected: &Detected, choices: &Choices) {
    let committed = choices.way == Way::Files && detected.place == Place::WorkTree;
    if let Some(file) = detected.hooks.first().filter(|_| committed) {
        plan.note(format!(
            "{} is part of the repository: once committed, it records the commits of everybody who has commit-story on \
             PATH, and nobody else's",
            file.path.display()
        ));
    }
    for sighting in detected.tools.iter().filter(|_| choices.way == Way::Files) {
        plan.note(sighting.tool.advice());
    }
    if choices.config_file == detected.repository_config.path && detected.repository_config.bytes.is_none() {
        plan.note(format!(
            "commit {} to share the choices with everybody who works here; `commit-story init --user` keeps them in \
             your own configuration instead",
            choices.config_file.display()
        ));
    }
}

fn parent(file: &HookFile) -> String {
    file.path.parent().unwrap_or(&file.path).display().to_string()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::detect::tests::clone;
    use super::super::detect::{Places, detect};
    use super::super::plan::apply;
    use super::*;

    fn choices(places: &Places) -> Choices {
        Choices {
            folder: "journal".into(),
            private: true,
            binary: "/opt/commit-story".into(),
            way: Way::Files,
            shared_hooks: true,
            config_file: places.repository_config.clone(),
            config_text: "enabled: true\n".to_owned(),
        }
    }

    /// The sentences of a plan, with the repository's path left out.
    fn sentences(places: &Places, choices: &Choices) -> Vec<String> {
        let top = format!("{}/", places.top.display());
        let plan = plan(&detect(places).unwrap(), choices);
        plan.steps.iter().map(|step| step.describe().replace(&top, "")).collect()
    }

    #[test]
    fn a_fresh_clone_gets_a_config_an_exclude_line_and_a_hook() {
        let (_dir, places) = clone();
        let expected = [
            "write .commit-story.yaml to keep your choices",
            "write .git/info/exclude to keep the journal out of commits",
            "write .git/hooks/post-commit to record every commit",
            "write .git/hooks/post-rewrite to follow commits that are amended or rebased",
            "write .git/hooks/post-merge to record merges",
        ];
        assert_eq!(sentences(&places, &choices(&places)), expected);
    }

    #[test]
    fn a_second_run_changes_only_what_changed() {
        let (_dir, places) = clone();
        let mut choices = choices(&places);
        apply(&plan(&detect(&places).unwrap(), &choices)).unwrap();
        assert_eq!(sentences(&places, &choices), [""; 0]);
        choices.binary = "/usr/bin/commit-story".into();
        let renewed =
            ["commit", "rewrite", "merge"].map(|event| format!("write .git/hooks/post-{event} to renew the hook"));
        assert_eq!(sentences(&places, &choices), renewed);
        apply(&plan(&detect(&places).unwrap(), &choices)).unwrap();
        choices.private = false;
        assert_eq!(sentences(&places, &choices), ["write .git/info/exclude to let the journal be committed"]);
        choices.private = true;
        choices.config_text = "enabled: false\n".to_owned();
        assert_eq!(sentences(&places, &choices), ["write .commit-story.yaml to keep your choices"]);
    }

    #[test]
    fn the_users_own_config_is_private_and_the_repositorys_is_not() {
        let (_dir, places) = clone();
        let mut choices = choices(&places);
        apply(&plan(&detect(&places).unwrap(), &choices)).unwrap();
        choices.config_file = places.user_config.clone().unwrap();
        apply(&plan(&detect(&places).unwrap(), &choices)).unwrap();
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&places.repository_config), mode(&choices.config_file)), (0o644, 0o600));
    }

    #[test]
    fn a_config_that_a_repository_links_elsewhere_is_not_written_through() {
        let (dir, places) = clone();
        let private = dir.path().join("bashrc");
        std::fs::write(&private, "precious\n").unwrap();
        std::os::unix::fs::symlink(&private, &places.repository_config).unwrap();
        let error = apply(&plan(&detect(&places).unwrap(), &choices(&places))).unwrap_err();
        assert!(error.to_string().contains(".commit-story.yaml is a symbolic link"), "{error}");
        assert_eq!(std::fs::read_to_string(&private).unwrap(), "precious\n");
    }

    #[test]
    fn the_reason_for_setting_a_hook_aside_is_said() {
        let check = |bytes: &str, mode: u32, reason: &str| {
            let (_dir, places) = clone();
            crate::fs::replace_with_mode(&places.hooks_dir.join("post-commit"), bytes.as_bytes(), mode).unwrap();
            let expected = format!(
                "move .git/hooks/post-commit to post-commit.commit-story-original to keep your hook as it is: {reason}"
            );
            assert_eq!(sentences(&places, &choices(&places))[2], expected);
        };
        check("#!/usr/bin/env python3\n", 0o755, "it is no shell script (/usr/bin/env python3)");
        check("#!/bin/sh\n", 0o644, "it is not executable, and stays so");
    }

    #[test]
    fn a_hook_that_is_committed_gets_no_path_of_this_machine() {
        let (_dir, mut places) = clone();
        places.hooks_dir = places.top.join(".husky/_");
        std::fs::create_dir_all(&places.hooks_dir).unwrap();
        // husky runs it without an executable bit, too.
        std::fs::write(places.top.join(".husky/post-commit"), "npm test\n").unwrap();
        let planned = plan(&detect(&places).unwrap(), &choices(&places));
        let Action::Write { path, bytes, mode } = &planned.steps[2].action else { panic!("{planned:?}") };
        let text = String::from_utf8_lossy(bytes);
        assert_eq!((path, *mode), (&places.top.join(".husky/post-commit"), None));
        assert!(text.ends_with("# <<< commit-story <<<\nnpm test\n") && !text.contains("/opt"), "{text}");
        assert!(planned.notes[0].contains("is part of the repository"), "{planned:?}");
        assert!(planned.notes[1].contains("husky"), "{planned:?}");
    }
}
