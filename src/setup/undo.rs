//! The plan that takes commit-story out of a repository.
//!
//! In: what is there. Out: the steps after which every file of others is as it was, to the byte.
//! Never here: the journal, or the user's own configuration, which other repositories use.

use super::configure::unconfigure;
use super::detect::{Detected, Place, TextFile};
use super::exclude::{excluded, excluding};
use super::plan::{Action, ConfigFile, Plan};
use crate::hook::{self, Found, HookFile, marked};

/// What goes besides the hook and the exclude line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Also {
    /// The repository's `.commit-story.yaml`.
    pub config: bool,
    /// Our directory in the git directory: the log, the queue, and how far conversations have been read.
    pub state: bool,
    /// The line that hides the journal from git, although the journal stays: the next `git add --all` adds it then.
    pub hiding: bool,
}

/// What has to change to be rid of commit-story; without steps when nothing of it is there.
#[must_use]
pub fn undo(detected: &Detected, also: Also) -> Plan {
    let mut plan = Plan::default();
    hooks(&mut plan, detected);
    let repository = ConfigFile::Repository(detected.common_dir.clone());
    unconfigure(&mut plan, &detected.configured, &repository);
    exclude(&mut plan, &detected.exclude, also.hiding);
    if also.config && detected.repository_config.bytes.is_some() {
        plan.step("forget the choices for this repository", Action::Remove(detected.repository_config.path.clone()));
    }
    if let Some(dir) = detected.state_dir.as_ref().filter(|_| also.state) {
        plan.step("forget the log and how far conversations were read", Action::RemoveDir(dir.clone()));
    }
    plan
}

/// Takes our lines out of the hook files.
pub(super) fn hooks(plan: &mut Plan, detected: &Detected) {
    for file in &detected.hooks {
        hook(plan, file, detected.place);
    }
    if let Some(lefthook) = detected.lefthook.as_ref().filter(|lefthook| lefthook.has_marked()) {
        let path = lefthook.file.path.clone();
        let bytes = lefthook.theirs();
        let action = if bytes.is_empty() { Action::Remove(path) } else { Action::Write { path, bytes, mode: None } };
        plan.step("take our lines out of lefthook's local configuration", action);
    }
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
        (Found::Foreign(_) | Found::Absent, None) => {}
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

/// A hidden journal stays hidden until that is asked for; what else our lines hide goes with us.
fn exclude(plan: &mut Plan, file: &TextFile, hiding: bool) {
    let Some(old) = &file.bytes else { return };
    let new = if hiding { marked::without(old) } else { excluding(old, &excluded(old), None) };
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;

    use super::super::detect::tests::clone;
    use super::super::detect::{Places, detect};
    use super::super::install::{Choices, Way, plan};
    use super::super::plan::{Refusal, apply};
    use super::*;
    use crate::hook::Event;

    /// Every file and link below a directory, with its content and its mode.
    fn snapshot(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            if meta.is_symlink() {
                let target = std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes();
                files.insert(path, (target, 0));
            } else if meta.is_dir() {
                files.extend(snapshot(&path));
            } else {
                files.insert(path.clone(), (std::fs::read(&path).unwrap(), meta.permissions().mode() & 0o7777));
            }
        }
        files
    }

    fn choices(places: &Places) -> Choices {
        Choices {
            folder: "journal".into(),
            private: true,
            binary: "/opt/commit-story".into(),
            way: Way::Files,
            shared_hooks: true,
            config_file: places.repository_config.clone(),
            config_text: "journal:\n  private: true\n".to_owned(),
        }
    }

    const ALL: Also = Also { config: true, state: true, hiding: true };

    fn install(places: &Places) {
        apply(&plan(&detect(places).unwrap(), &choices(places))).unwrap();
    }

    /// Installs, checks that nothing is left to do, and undoes; everything must be as before.
    fn there_and_back(places: &Places) {
        let before = snapshot(&places.top);
        install(places);
        let installed = detect(places).unwrap();
        assert!(installed.hooks.iter().all(|hook| hook.executable && hook.has_ours()));
        assert_eq!(plan(&installed, &choices(places)).steps, [], "a second run has nothing to do");
        apply(&undo(&installed, ALL)).unwrap();
        assert_eq!(snapshot(&places.top), before);
        assert_eq!(undo(&detect(places).unwrap(), ALL).steps, [], "a second undo has nothing to do");
    }

    fn write(path: &Path, bytes: &[u8], mode: u32) {
        std::fs::write(path, bytes).unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    }

    #[test]
    fn any_hook_survives_an_installation_and_its_undoing() {
        let check = |bytes: &[u8], mode: u32| {
            let (_dir, places) = clone();
            write(&places.hooks_dir.join("post-commit"), bytes, mode);
            there_and_back(&places);
        };
        check(b"#!/bin/sh\nexit 3\n", 0o750);
        check(b"#!/bin/sh", 0o755);
        check(b"#!/bin/sh\n", 0o755);
        check(b"echo no shebang", 0o755);
        check(b"", 0o755);
        check(b"#!/bin/sh\r\nexit 0\r\n", 0o755);
        check(b"#!/usr/bin/env python3\nprint()\n", 0o711 | 0o444);
        check(b"#!/bin/sh\necho switched off\n", 0o644);
        check(b"\x7fELF\0\0", 0o755);
        check(&vec![0; (1 << 20) + 1], 0o755);
    }

    #[test]
    fn nothing_and_links_survive_it_too() {
        let (_dir, places) = clone();
        there_and_back(&places);
        std::fs::remove_dir(&places.hooks_dir).unwrap();
        there_and_back(&places);
        for target in ["../../scripts/hook", "/nowhere/at/all"] {
            let (_dir, places) = clone();
            std::fs::create_dir(places.top.join("scripts")).unwrap();
            write(&places.top.join("scripts/hook"), b"#!/bin/sh\necho shared\n", 0o755);
            symlink(target, places.hooks_dir.join("post-commit")).unwrap();
            there_and_back(&places);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_bytes_survive_it(hook in any::<Vec<u8>>(), shell in any::<bool>(), mode in 0u32..0o200, exclude in any::<Vec<u8>>()) {
            let (_dir, places) = clone();
            let hook = if shell { [b"#!/bin/sh\n".as_slice(), &hook].concat() } else { hook };
            write(&places.hooks_dir.join("post-commit"), &hook, 0o600 | mode);
            std::fs::create_dir(places.common_dir.join("info")).unwrap();
            // An exclude file without a byte is the one thing that goes: git does not tell it from none.
            write(&places.common_dir.join("info/exclude"), &[b"#".as_slice(), &exclude].concat(), 0o644);
            there_and_back(&places);
        }
    }

    #[test]
    fn an_installation_cut_short_after_the_hook_was_set_aside_is_finished_or_undone() {
        let (_dir, places) = clone();
        let (hook, aside) = (places.hooks_dir.join("post-commit"), places.hooks_dir.join(Event::PostCommit.original()));
        write(&aside, b"#!/usr/bin/env python3\n", 0o755);
        apply(&undo(&detect(&places).unwrap(), ALL)).unwrap();
        assert_eq!(std::fs::read(&hook).unwrap(), b"#!/usr/bin/env python3\n");
        std::fs::rename(&hook, &aside).unwrap();
        install(&places);
        assert!(matches!(detect(&places).unwrap().hooks[0].found, Found::Wrapper(_)));
    }

    #[test]
    fn hooks_of_other_repositories_are_refused_with_the_lines_to_add() {
        let (dir, mut places) = clone();
        places.hooks_dir = dir.path().join("everyones");
        std::fs::create_dir(&places.hooks_dir).unwrap();
        let before = snapshot(dir.path());
        let error = apply(&plan(&detect(&places).unwrap(), &choices(&places))).unwrap_err();
        let refusal = error.downcast_ref::<Refusal>().unwrap();
        assert!(refusal.why.contains("everyones"), "{refusal:?}");
        assert!(refusal.cure.contains("git config --local core.hooksPath '"), "{refusal:?}");
        assert!(refusal.cure.contains("# >>> commit-story >>>\n"), "{refusal:?}");
        assert!(!refusal.cure.contains("/opt/commit-story"), "{refusal:?}");
        assert_eq!(snapshot(dir.path()), before);
    }

    #[test]
    fn a_hook_that_replaced_ours_does_not_cost_the_one_set_aside() {
        let (_dir, places) = clone();
        let hook = places.hooks_dir.join("post-commit");
        write(&hook, b"#!/usr/bin/env python3\n", 0o755);
        install(&places);
        write(&hook, b"#!/usr/bin/env node\n", 0o755);
        let plan = plan(&detect(&places).unwrap(), &choices(&places));
        assert!(plan.refusal.unwrap().cure.contains(&Event::PostCommit.original()));
        let undone = undo(&detect(&places).unwrap(), ALL);
        assert!(undone.notes[0].contains("no longer runs"), "{undone:?}");
    }

    #[test]
    fn lines_added_to_the_file_that_runs_both_hooks_are_not_lost() {
        let (_dir, places) = clone();
        let hook = places.hooks_dir.join("post-commit");
        write(&hook, b"#!/usr/bin/env python3\n", 0o755);
        install(&places);
        let mut bytes = std::fs::read(&hook).unwrap();
        bytes.extend_from_slice(b"echo mine\n");
        write(&hook, &bytes, 0o755);
        assert!(undo(&detect(&places).unwrap(), ALL).refusal.is_some());
    }

    #[test]
    fn only_what_was_asked_for_is_forgotten() {
        let (_dir, places) = clone();
        install(&places);
        let state = places.common_dir.join("commit-story");
        std::fs::create_dir(&state).unwrap();
        std::fs::write(state.join("log"), "x").unwrap();
        apply(&undo(&detect(&places).unwrap(), Also::default())).unwrap();
        assert!(state.exists() && places.repository_config.exists());
        assert!(!places.hooks_dir.join("post-commit").exists());
        apply(&undo(&detect(&places).unwrap(), ALL)).unwrap();
        assert!(!state.exists() && !places.repository_config.exists());
    }
}
