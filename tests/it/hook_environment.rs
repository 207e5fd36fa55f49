//! The hook finds the commit that was made, whatever git and its callers leave in the environment.

use std::path::Path;
use std::process::Stdio;

use crate::support::{Sandbox, binary, checked, entries_of, wait_for};

fn head(sandbox: &Sandbox, dir: &Path) -> String {
    checked(sandbox.command("git").args(["rev-parse", "HEAD"]).current_dir(dir)).trim().to_owned()
}

/// Commits a change of `a.txt` by a `git` with these arguments and in this directory; the entry must be there.
fn check(prepare: impl Fn(&Sandbox), dir: &str, args: &[&str]) {
    let sandbox = Sandbox::ready();
    prepare(&sandbox);
    sandbox.write("a.txt", "changed\n");
    let before = head(&sandbox, &sandbox.repo());
    let output = sandbox.command("git").args(args).current_dir(sandbox.path(dir)).output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    let id = head(&sandbox, &sandbox.repo());
    assert_ne!(id, before);
    let page = sandbox.page("2026-01-06");
    assert_eq!(entries_of(&page, &id), 1, "{args:?}\n{page}\n{}", sandbox.log());
    assert!(page.contains("- `a.txt` +1 −1"), "{args:?}\n{page}");
    assert!(page.contains("on `main`"), "{args:?}\n{page}");
}

#[test]
fn a_commit_is_found_however_git_was_called() {
    let nothing = |_: &Sandbox| {};
    let below = |sandbox: &Sandbox| std::fs::create_dir_all(sandbox.path("repo/deep/er")).unwrap();
    check(nothing, "repo", &["commit", "-qam", "x"]);
    check(below, "repo/deep/er", &["commit", "-qam", "x"]);
    check(nothing, "home", &["-C", "../repo", "commit", "-qam", "x"]);
    check(nothing, "home", &["--git-dir=../repo/.git", "--work-tree=../repo", "commit", "-qam", "x"]);
    check(nothing, "repo", &["commit", "-q", "-m", "x", "--", "a.txt"]);
    check(nothing, "repo", &["-c", "core.quotePath=true", "commit", "-q", "-m", "x", "--only", "a.txt"]);
}

#[test]
fn hooks_in_a_directory_of_the_repository_are_found_and_used() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.hooksPath", ".hooks"]);
    std::fs::create_dir(sandbox.repo().join(".hooks")).unwrap();
    sandbox.story_ok(&["init", "--yes", "--shared-hooks"]);
    sandbox.write("a.txt", "one\n");
    sandbox.git(&["add", "a.txt"]);
    // Such a hook is everybody's, so it names no path of this machine.
    let path = std::env::join_paths(
        binary()
            .parent()
            .map(Path::to_owned)
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    checked(sandbox.command("git").args(["commit", "-qm", "first"]).env("PATH", path.unwrap()));
    assert_eq!(entries_of(&sandbox.page("2026-01-06"), &head(&sandbox, &sandbox.repo())), 1);
}

#[test]
fn nonsense_in_gits_variables_does_not_mislead_the_hook() {
    let sandbox = Sandbox::ready();
    let id = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    for git_dir in [None, Some(".git".to_owned()), Some(sandbox.repo().join(".git").display().to_string())] {
        let _ = std::fs::remove_dir_all(sandbox.repo().join("journal"));
        let mut hook = sandbox.command(binary());
        hook.args(["hook", "post-commit"])
            .envs(git_dir.iter().map(|dir| ("GIT_DIR", dir)))
            .env("GIT_INDEX_FILE", "/nowhere/index")
            .env("GIT_OBJECT_DIRECTORY", "/nowhere/objects")
            .env("GIT_AUTHOR_NAME", "Somebody Else")
            .env("GIT_AUTHOR_DATE", "no date")
            .env("GIT_NAMESPACE", "elsewhere")
            .env("GIT_PREFIX", "deep/er/");
        assert_eq!(checked(&mut hook), "");
        let page = sandbox.page("2026-01-06");
        assert_eq!(entries_of(&page, &id), 1, "{git_dir:?}: {}", sandbox.log());
        assert!(page.contains("Ada Example") || !page.contains("Somebody"), "{page}");
    }
}

#[test]
fn a_linked_work_tree_writes_into_the_main_ones_journal() {
    let sandbox = Sandbox::ready();
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = sandbox.path("linked");
    std::fs::write(linked.join("b.txt"), "b\n").unwrap();
    checked(sandbox.command("git").args(["add", "-A"]).current_dir(&linked));
    checked(sandbox.command("git").args(["commit", "-qm", "beside"]).current_dir(&linked));
    let page = sandbox.page("2026-01-06");
    assert_eq!(entries_of(&page, &head(&sandbox, &linked)), 1, "{}", sandbox.log());
    assert!(page.contains("on `side`"), "{page}");
    assert!(!linked.join("journal").exists());
}

#[test]
fn a_submodule_keeps_its_own_journal() {
    let sandbox = Sandbox::ready();
    let other = sandbox.path("other");
    checked(sandbox.command("git").args(["clone", "-q", "."]).arg(&other));
    let allow = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../other", "sub"];
    checked(sandbox.command("git").args(allow));
    sandbox.commit("a submodule", &[]);
    let sub = sandbox.repo().join("sub");
    checked(sandbox.command(binary()).args(["init", "--yes"]).current_dir(&sub));
    std::fs::write(sub.join("in-sub.txt"), "x\n").unwrap();
    checked(sandbox.command("git").args(["add", "in-sub.txt"]).current_dir(&sub));
    checked(sandbox.command("git").args(["commit", "-qm", "inside"]).current_dir(&sub));
    let page = std::fs::read_to_string(sub.join("journal/entries/2026-01/2026-01-06.md")).unwrap();
    assert_eq!(entries_of(&page, &head(&sandbox, &sub)), 1);
    assert_eq!(entries_of(&sandbox.page("2026-01-06"), &head(&sandbox, &sub)), 0);
}

#[test]
fn a_repository_apart_from_its_files_is_finished_by_the_worker_too() {
    let mut sandbox = Sandbox::new();
    sandbox.hook_deadline_ms = 0;
    let home = sandbox.home();
    let git = |args: &[&str]| {
        checked(sandbox.command("git").args(["--git-dir=../dotfiles", "--work-tree=."]).args(args).current_dir(&home))
    };
    checked(sandbox.command("git").args(["init", "-q", "--bare", "../dotfiles"]));
    std::fs::write(home.join(".profile"), "x\n").unwrap();
    let hook = format!("#!/bin/sh\nexec '{}' hook post-commit\n", binary().display());
    let path = sandbox.path("dotfiles/hooks/post-commit");
    crate::support::executable(&path, hook);
    git(&["add", ".profile"]);
    git(&["commit", "-qm", "dotfiles"]);
    let id = git(&["rev-parse", "HEAD"]).trim().to_owned();
    wait_for("the worker's page", || {
        let page = std::fs::read_to_string(home.join("journal/entries/2026-01/2026-01-06.md")).unwrap_or_default();
        entries_of(&page, &id) == 1 && page.contains("- `.profile` +1 −0")
    });
    let queue = sandbox.path("dotfiles/commit-story/queue");
    wait_for("an empty queue", || std::fs::read_dir(&queue).unwrap().next().is_none());
}

#[test]
fn a_bare_environment_and_closed_streams_are_enough() {
    let sandbox = Sandbox::ready();
    for (nth, script) in
        ["exec git commit -qam x >&- 2>&- <&-", "unset HOME XDG_CONFIG_HOME; exec git commit -qam x"].iter().enumerate()
    {
        sandbox.write("a.txt", format!("{nth}\n"));
        let status = sandbox.command("sh").args(["-c", script]).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{script}");
        let id = head(&sandbox, &sandbox.repo());
        assert_eq!(entries_of(&sandbox.page("2026-01-06"), &id), 1, "{script}: {}", sandbox.log());
    }
    let _ = std::fs::remove_dir_all(sandbox.repo().join("journal"));
    let mut hook = sandbox.command(binary());
    let output = hook.env_clear().args(["hook", "post-commit"]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(entries_of(&sandbox.page("2026-01-06"), &head(&sandbox, &sandbox.repo())), 1);
}

#[test]
fn what_is_open_around_git_is_not_kept_open_by_the_worker() {
    let mut sandbox = Sandbox::ready();
    // Nothing is read in no time, so a worker is left behind.
    sandbox.hook_deadline_ms = 0;
    sandbox.write("a.txt", "x\n");
    let script = "git commit -qam x 3>&1 9>&1 >/dev/null 2>&1";
    // Until the last of those who could write to it has gone.
    checked(sandbox.command("sh").args(["-c", script]));
    assert_ne!(sandbox.queued(), Vec::<String>::new(), "the worker is still to do its work");
    sandbox.settle();
}

#[test]
fn a_head_without_a_branch_or_without_a_commit_is_no_trouble() {
    let sandbox = Sandbox::new();
    let output = sandbox.story(&["hook", "post-commit"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).lines().count() <= 1, "{output:?}");
    let sandbox = Sandbox::ready();
    sandbox.git(&["checkout", "-q", "--detach"]);
    let id = sandbox.commit("detached", &[("b.txt", "b\n")]);
    let page = sandbox.page("2026-01-06");
    assert_eq!(entries_of(&page, &id), 1);
    assert!(!page.contains("on `"), "{page}");
}

#[test]
fn an_event_or_a_place_that_is_none_of_ours_is_passed_over() {
    let sandbox = Sandbox::new();
    for args in [&["hook"][..], &["hook", "post-rewrite", "amend"], &["hook", "--help"], &["hook", "post-commit", "x"]]
    {
        let output = sandbox.command(binary()).args(args).current_dir(sandbox.home()).output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{args:?} {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).lines().count() <= 1, "{args:?} {output:?}");
    }
}
