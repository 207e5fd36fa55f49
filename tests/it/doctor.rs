//! `doctor` says what is wrong, and its cure mends it.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::{Sandbox, binary};

/// A repository with a journal, in which nothing is wrong.
fn healthy() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox
}

/// Breaks something, and looks for these words; `bad` is told from what is only worth knowing by the exit code.
fn check(bad: bool, break_it: impl FnOnce(&Sandbox), words: &[&str]) -> Sandbox {
    let sandbox = healthy();
    assert_eq!(sandbox.said(&["doctor"]).code, Some(0));
    break_it(&sandbox);
    let found = sandbox.said(&["doctor"]);
    assert_eq!(found.code, Some(i32::from(bad)), "{found}");
    for words in words {
        assert!(found.stdout.contains(words), "{words}\n{found}");
    }
    let signs = found.stdout.lines().filter(|line| line.starts_with(['✗', '!'])).count();
    assert_eq!(found.stdout.matches('→').count(), signs, "each fault has its cure\n{found}");
    assert!(signs > 0);
    sandbox
}

fn cured(sandbox: &Sandbox) {
    let found = sandbox.said(&["doctor"]);
    assert!(!found.stdout.contains(['✗', '!']), "{found}");
}

#[test]
fn a_healthy_repository_has_nothing_but_good_findings() {
    let sandbox = healthy();
    cured(&sandbox);
    let said = sandbox.said(&["doctor"]);
    assert!(said.stdout.starts_with("✓ hook           [DIR]/repo/.git/hooks/post-commit runs [BINARY]\n"), "{said}");
    let bugs =
        concat!("commit-story ", env!("CARGO_PKG_VERSION"), "; bugs: ", env!("CARGO_PKG_REPOSITORY"), "/issues\n");
    assert!(said.stdout.ends_with(bugs), "{said}");
    let json: serde_json::Value = serde_json::from_str(&sandbox.story_ok(&["doctor", "--json"])).unwrap();
    assert_eq!((&json["schema"], &json["checks"][0]["state"]), (&1.into(), &"good".into()));
}

#[test]
fn faults_of_the_hook_are_named_and_init_mends_them() {
    let hook = |sandbox: &Sandbox| sandbox.repo().join(".git/hooks/post-commit");
    let mend = |sandbox: Sandbox| {
        sandbox.story_ok(&["init", "--yes"]);
        cured(&sandbox);
    };
    let removed = |s: &Sandbox| std::fs::remove_file(hook(s)).unwrap();
    mend(check(
        true,
        removed,
        &["✗ hook           there is no [DIR]/repo/.git/hooks/post-commit", "→ commit-story init"],
    ));
    let mode = |s: &Sandbox| std::fs::set_permissions(hook(s), PermissionsExt::from_mode(0o644)).unwrap();
    mend(check(true, mode, &["git skips it, because it is not executable"]));
    mend(check(true, |s| s.hook("post-commit", "#!/bin/sh\n"), &["does not run commit-story"]));
    let moved = |s: &Sandbox| {
        let text = std::fs::read_to_string(hook(s)).unwrap();
        s.hook("post-commit", &text.replace(binary().to_str().unwrap(), "/gone/commit-story"));
    };
    mend(check(true, moved, &["the binary it names, /gone/commit-story, is not there"]));
    let directory = |s: &Sandbox| {
        std::fs::remove_file(hook(s)).unwrap();
        std::fs::create_dir(hook(s)).unwrap();
    };
    check(true, directory, &["✗ hook ", "post-commit is not a regular file", "✓ configuration", "✓ log"]);
}

#[test]
fn a_trial_runs_our_lines_and_nobody_elses_and_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let ran = sandbox.path("ran");
    for (event, script) in
        [("post-commit", "#!/bin/sh -eu\n"), ("post-rewrite", ""), ("post-merge", "#!/usr/bin/env python3\n")]
    {
        sandbox.hook(event, &format!("{script}: >>'{}'\n", ran.display()));
    }
    sandbox.story_ok(&["init", "--yes"]);
    // The first look notes how far git's reflog was read.
    sandbox.story_ok(&["doctor"]);
    let before = sandbox.files();
    let said = sandbox.said(&["doctor"]);
    let expected = "✓ hook           [DIR]/repo/.git/hooks/post-commit runs [BINARY], then the rest of that file\n\
                    ✓ hook           [DIR]/repo/.git/hooks/post-rewrite runs [BINARY], then the rest of that file\n\
                    ✓ hook           [DIR]/repo/.git/hooks/post-merge runs [BINARY], then \
                    [DIR]/repo/.git/hooks/post-merge.commit-story-original\n";
    assert!(said.stdout.starts_with(expected), "{said}");
    assert!(!ran.exists() && sandbox.files() == before);
    // What reading alone does not tell: the lines are there, and do not reach the binary.
    let hook = sandbox.repo().join(".git/hooks/post-commit");
    let text = std::fs::read_to_string(&hook).unwrap();
    sandbox.hook("post-commit", &text.replace(binary().to_str().unwrap(), "/bin/true"));
    let said = sandbox.said(&["doctor"]);
    assert!(said.code == Some(1) && said.stdout.contains("but it did not answer when git was made to try"), "{said}");
    // Lines between our marks that somebody has changed are somebody's.
    sandbox
        .hook("post-commit", &text.replace(" hook post-commit", &format!(" hook post-commit; : >{}", ran.display())));
    let said = sandbox.said(&["doctor"]);
    assert!(said.stdout.contains("not tried: our lines in it are not as this version has them"), "{said}");
    assert!(!ran.exists());
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.story_ok(&["doctor"]);
}

#[test]
fn a_template_that_gives_new_clones_our_hook_is_named() {
    let sandbox = healthy();
    let hooks = sandbox.path("template/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    sandbox.git(&["config", "--global", "init.templateDir", sandbox.path("template").to_str().unwrap()]);
    assert!(!sandbox.story_ok(&["doctor"]).contains("template"));
    std::fs::copy(sandbox.repo().join(".git/hooks/post-commit"), hooks.join("post-commit")).unwrap();
    let said = sandbox.said(&["doctor"]);
    assert!(
        said.stdout.contains("✓ template       new clones get [DIR]/template/hooks/post-commit, by git's "),
        "{said}"
    );
    let clone = sandbox.path("clone");
    sandbox.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
    assert_eq!(
        sandbox.said(&["-C", clone.to_str().unwrap(), "init", "--dry-run"]).stdout.matches("post-commit").count(),
        0
    );
}

#[test]
fn faults_of_the_configuration_are_named_with_their_line() {
    let check = |text: &str, words: &[&str]| drop(check(false, |s| s.write(".commit-story.yaml", text), words));
    check("journal:\n  foldr: x\n", &["! configuration", ".commit-story.yaml:2: ", "did you mean journal.folder?"]);
    check("journal: [\n", &["! configuration", "the file is left out"]);
    check("enabled: false\n", &["recording is switched off", "→ commit-story config set enabled true"]);
    let unread = |s: &Sandbox| {
        std::fs::create_dir_all(s.home().join(".claude/projects")).unwrap();
        s.write(".commit-story.yaml", "assistants:\n  claude-code:\n    read: false\n");
    };
    self::check(false, unread, &["as configured", "assistants.claude-code.read true"]);
}

#[test]
fn a_private_journal_that_git_sees_is_a_fault_whoever_hides_it() {
    let visible = |s: &Sandbox| std::fs::write(s.repo().join(".git/info/exclude"), "").unwrap();
    let sandbox = check(true, visible, &["is private, but git sees it", "→ commit-story init"]);
    sandbox.write(".gitignore", "journal/\n");
    cured(&sandbox);
    std::fs::remove_file(sandbox.repo().join(".gitignore")).unwrap();
    sandbox.story_ok(&["init", "--yes"]);
    cured(&sandbox);
    let committed = |s: &Sandbox| {
        s.story_ok(&["init", "--yes", "--committed"]);
        s.write(".gitignore", "journal/\n");
    };
    check(false, committed, &["is to be committed, but git ignores it", "git check-ignore -v"]);
    let tracked = |s: &Sandbox| drop(s.git(&["add", "-f", "journal"]));
    check(true, tracked, &["is private, but git tracks pages in it"]);
}

#[test]
fn faults_of_the_journal_are_named() {
    let page = |s: &Sandbox| s.repo().join("journal/entries/2026-01/2026-01-06.md");
    let torn = |s: &Sandbox| {
        let text = s.page("2026-01-06");
        std::fs::write(page(s), text.replace("<!-- commit-story:end", "<!-- gone")).unwrap();
    };
    check(false, torn, &["! journal        [DIR]/repo/journal/entries/2026-01/2026-01-06.md, line "]);
    let out = |s: &Sandbox| {
        std::fs::rename(s.repo().join("journal"), s.path("elsewhere")).unwrap();
        symlink(s.path("elsewhere"), s.repo().join("journal")).unwrap();
    };
    check(true, out, &["✗ journal ", "out of the repository"]);
    let no_directory = |s: &Sandbox| {
        std::fs::remove_dir_all(s.repo().join("journal")).unwrap();
        s.write("journal", "a file");
    };
    check(true, no_directory, &["✗ journal        [DIR]/repo/journal is no directory"]);
    let read_only = |s: &Sandbox| {
        std::fs::set_permissions(s.repo().join("journal"), PermissionsExt::from_mode(0o500)).unwrap();
    };
    check(true, read_only, &["✗ journal        [DIR]/repo/journal is read-only"]);
    let month = |s: &Sandbox| {
        let month = s.repo().join("journal/entries/2026-01");
        std::fs::set_permissions(month, PermissionsExt::from_mode(0o500)).unwrap();
    };
    check(
        true,
        month,
        &["✗ journal        [DIR]/repo/journal/entries/2026-01 is read-only", "give yourself permission"],
    );
}

#[test]
fn a_commit_without_its_entry_is_seen_and_one_of_the_journal_alone_needs_none() {
    let behind = |s: &Sandbox| {
        s.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", "unseen"]);
    };
    let sandbox = check(false, behind, &["! newest commit", "has no entry", "→ commit-story record HEAD"]);
    sandbox.story_ok(&["record", "HEAD"]);
    cured(&sandbox);
    sandbox.story_ok(&["init", "--yes", "--committed"]);
    sandbox.commit("the configuration and the journal", &[]);
    sandbox.commit("the journal alone", &[]);
    cured(&sandbox);
    assert!(sandbox.story_ok(&["doctor"]).contains("changes only the journal, which needs no entry"));
}

#[test]
fn the_log_and_the_queue_are_read() {
    let state = |s: &Sandbox, name: &str, text: &str| {
        let path = s.repo().join(".git/commit-story").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let lines = "2025-12-01T10:00:00+01:00 hook: long ago\n2026-01-06T10:00:00+01:00 hook: the disk is full\n";
    let words = "1 line in the last 7 days, the newest: 2026-01-06T10:00:00+01:00 hook: the disk is full";
    check(false, |s| state(s, "log", lines), &[words]);
    let job = |s: &Sandbox, tries: u32| {
        let id = s.git(&["rev-parse", "HEAD"]).trim().to_owned();
        let job = serde_json::json!({
            "schema": 1, "commit": id, "git_dir": s.repo().join(".git"), "worktree": s.repo(), "tries": tries,
            "due": "2026-01-06T15:00:00Z", "last_error": "the disk was full",
        });
        state(s, &format!("queue/{id}.json"), &job.to_string());
    };
    check(true, |s| job(s, 5), &["✗ queue ", "was given up: the disk was full", "→ commit-story record "]);
    let sandbox = healthy();
    job(&sandbox, 1);
    assert!(sandbox.story_ok(&["doctor"]).contains("✓ queue          1 entry waits for a second look"));
}

#[test]
fn it_works_where_there_is_no_repository_or_no_work_tree() {
    let sandbox = Sandbox::new();
    let outside = sandbox.path("outside");
    std::fs::create_dir(&outside).unwrap();
    let found = sandbox.said(&["-C", outside.to_str().unwrap(), "doctor"]);
    assert_eq!(found.code, Some(1));
    assert!(found.stdout.starts_with("✗ repository     [DIR]/outside is not in a git repository\n"), "{found}");
    sandbox.git(&["init", "-q", "--bare", outside.to_str().unwrap()]);
    let found = sandbox.said(&["-C", outside.to_str().unwrap(), "doctor"]);
    assert!(found.code == Some(1) && found.stdout.contains("is a bare repository"), "{found}");
}
