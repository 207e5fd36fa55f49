//! `uninstall` leaves nothing of ours, and everything of the developer's.

use crate::support::Sandbox;

#[test]
fn what_init_did_is_undone_to_the_byte() {
    let check = |prepare: &dyn Fn(&Sandbox), flags: &[&str]| {
        let sandbox = Sandbox::new();
        prepare(&sandbox);
        let before = sandbox.files();
        sandbox.story_ok(&[&["init", "--yes"], flags].concat());
        assert_ne!(sandbox.files(), before);
        let said = sandbox.said(&["uninstall", "--yes", "--config"]);
        assert!(said.stderr.contains("commits are no longer recorded"), "{said}");
        let after = sandbox.files();
        let changed: Vec<_> = before.iter().filter(|(path, file)| after.get(*path) != Some(file)).collect();
        let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
        assert!(changed.is_empty() && new.is_empty(), "{changed:?} {new:?}");
        assert!(sandbox.said(&["uninstall", "--yes"]).stderr.contains("there was nothing of commit-story here"));
    };
    check(&|_| {}, &[]);
    check(&|_| {}, &["--committed"]);
    check(&|sandbox| sandbox.hook("post-commit", "#!/bin/sh\nexit 3"), &[]);
    check(&|sandbox| sandbox.hook("post-commit", "#!/usr/bin/env python3\nprint()\n"), &[]);
    check(&|sandbox| std::fs::write(sandbox.repo().join(".git/info/exclude"), "*.log").unwrap(), &["--folder", "a/b"]);
}

#[test]
fn a_dry_run_shows_what_goes_and_takes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    let before = sandbox.files();
    let planned = sandbox.said(&["uninstall", "--dry-run", "--config"]);
    let expected = [
        "  remove .git/hooks/post-commit to remove the hook",
        "  remove .git/hooks/post-rewrite to remove the hook",
        "  remove .git/hooks/post-merge to remove the hook",
        "  write .git/info/exclude to take our line out of git's private excludes",
        "  remove .commit-story.yaml to forget the choices for this repository",
        "  remove the directory .git/commit-story to forget the log and how far conversations were read",
    ];
    assert_eq!(planned.stdout.lines().collect::<Vec<_>>(), expected);
    assert_eq!(sandbox.files(), before);
    let done = sandbox.said(&["uninstall", "--yes", "--config"]);
    assert!(done.stderr.starts_with(&planned.stdout), "{done}");
}

#[test]
fn the_journal_stays_and_stays_hidden_until_that_is_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("first", &[("a.txt", "one\n")]);
    let page = sandbox.page("2026-01-06");
    let said = sandbox.said(&["uninstall", "--yes"]);
    assert!(said.stderr.contains("note: git goes on ignoring journal"), "{said}");
    assert!(!sandbox.git(&["status", "--porcelain"]).contains("journal"), "nobody publishes it by accident");
    assert!(said.stderr.ends_with("the journal stays: journal\n"), "{said}");
    assert_eq!(sandbox.page("2026-01-06"), page);
    sandbox.commit("second", &[("a.txt", "two\n")]);
    assert!(!sandbox.page("2026-01-06").contains("· second ·"));
    assert!(sandbox.repo().join(".commit-story.yaml").is_file(), "the configuration goes only when asked for");
    let said = sandbox.said(&["uninstall", "--yes", "--unhide"]);
    assert!(said.stderr.contains("note: git will see journal: unless"), "{said}");
    assert!(sandbox.git(&["status", "--porcelain"]).contains("journal"), "{said}");
}

#[test]
fn notes_that_no_entry_has_told_go_only_when_asked_for() {
    let sandbox = Sandbox::new();
    let notes = sandbox.repo().join(".git/commit-story/notes.jsonl");
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.story_ok(&["reflect", "untold"]);
    let said = sandbox.said(&["uninstall", "--yes"]);
    let kept = "note: 1 note that no entry has told stays in .git/commit-story; `--state` removes it\n";
    assert!(said.stderr.contains(kept), "{said}");
    assert!(notes.is_file());
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("told", &[("a.txt", "one\n")]);
    assert!(sandbox.page("2026-01-06").contains("untold"));
    sandbox.story_ok(&["uninstall", "--yes", "--keep-state"]);
    assert!(notes.is_file());
    sandbox.story_ok(&["uninstall", "--yes"]);
    assert!(!notes.exists(), "everything in it has been told");
    sandbox.story_ok(&["reflect", "one"]);
    sandbox.story_ok(&["reflect", "two"]);
    sandbox.story_ok(&["uninstall", "--yes", "--state"]);
    assert!(!notes.exists());
}

#[test]
fn it_works_with_a_broken_configuration() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.write(".commit-story.yaml", "journal: [\n");
    let said = sandbox.said(&["uninstall", "--yes", "--config"]);
    assert!(said.code == Some(0) && said.stderr.contains("warning: [DIR]/repo/.commit-story.yaml:"), "{said}");
    assert!(!sandbox.repo().join(".commit-story.yaml").exists());
}
