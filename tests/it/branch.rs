//! A journal on a branch that is never checked out.

use std::path::Path;
use std::sync::Barrier;

use crate::support::{Sandbox, binary, checked, entries_of};

const BRANCH: &str = "commit-story/journal";

fn on_branch() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--branch", "--yes"]);
    sandbox.commit("settings", &[]);
    sandbox.at("2026-01-06T16:05:00+01:00")
}

fn page(sandbox: &Sandbox) -> String {
    sandbox.git(&["show", &format!("{BRANCH}:entries/2026-01/2026-01-06.md")])
}

fn commits(sandbox: &Sandbox) -> usize {
    sandbox.git(&["rev-list", "--count", BRANCH]).trim().parse().unwrap()
}

#[test]
fn entries_are_commits_on_a_branch_and_nothing_else_is_touched() {
    let sandbox = on_branch();
    // Each would print, or fail, if it ran for the journal's own commit.
    for hook in ["pre-commit", "reference-transaction", "pre-push"] {
        sandbox.write(&format!(".git/hooks/{hook}"), "#!/bin/sh\necho \"$0 $@\" >> hooks-ran; cat >> hooks-ran\n");
        #[cfg(unix)]
        std::fs::set_permissions(
            sandbox.repo().join(".git/hooks").join(hook),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
    }
    let before = commits(&sandbox);
    let id = sandbox.commit("second", &[("a.txt", "two\n")]);
    sandbox.settle();
    assert_eq!(entries_of(&page(&sandbox), &id), 1);
    assert_eq!(commits(&sandbox), before + 1);
    let said = sandbox.git(&["log", "-1", "--format=%an <%ae> %ad|%cn %cd|%s", "--date=iso-strict", BRANCH]);
    assert_eq!(
        said.trim(),
        format!(
            "Ada Example <ada@example.org> 2026-01-06T16:05:00+01:00|Ada Example 2026-01-06T16:05:00+01:00|journal: {}",
            &id[..8]
        )
    );
    assert_eq!(sandbox.git(&["ls-tree", "-r", "--name-only", BRANCH]), "entries/2026-01/2026-01-06.md\n");
    assert!(!sandbox.repo().join("journal").exists());
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "?? hooks-ran\n");
    let ran = std::fs::read_to_string(sandbox.repo().join("hooks-ran")).unwrap();
    assert!(ran.contains("refs/heads/main") && !ran.contains(BRANCH), "{ran}");
    assert!(!sandbox.repo().join(".git/logs/refs/heads/commit-story").exists());
    assert!(!sandbox.repo().join(".git/refs/heads/commit-story/journal.lock").exists());
    assert!(sandbox.git(&["fsck", "--strict", "--no-dangling"]).is_empty());
    assert!(sandbox.story_ok(&["show", &id]).contains("second"));
    assert!(sandbox.story_ok(&["doctor"]).contains("the branch commit-story/journal, newest page 2026-01-06"));
    let again = String::from_utf8(sandbox.story(&["record", &id]).stderr).unwrap();
    assert!(again.contains("commit-story/journal:entries/2026-01/2026-01-06.md"), "{again}");
    assert_eq!(commits(&sandbox), before + 1, "what says the same is not written again");
    sandbox.git(&["pack-refs", "--all"]);
    sandbox.git(&["gc", "-q", "--prune=now"]);
    let third = sandbox.commit("third", &[("a.txt", "three\n")]);
    assert_eq!(entries_of(&page(&sandbox), &third), 1, "{}", sandbox.log());
}

#[test]
fn the_branch_s_own_commits_have_no_entries_even_when_it_is_checked_out() {
    let sandbox = on_branch();
    sandbox.commit("second", &[("a.txt", "two\n")]);
    let before = commits(&sandbox);
    sandbox.git(&["worktree", "add", "-q", "../book", BRANCH]);
    let book = sandbox.path("book");
    let file = book.join("entries/2026-01/2026-01-06.md");
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + "\nby hand\n").unwrap();
    checked(sandbox.command("git").args(["commit", "-qam", "a thought"]).current_dir(&book));
    assert_eq!(commits(&sandbox), before + 1);
    let doctor = sandbox.story_ok(&["doctor"]);
    assert!(doctor.contains("the journal's branch is checked out"), "{doctor}");
    // Detached there, the branch cannot be told by its name.
    checked(sandbox.command("git").args(["checkout", "-q", "--detach"]).current_dir(&book));
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + "more\n").unwrap();
    checked(sandbox.command("git").args(["commit", "-qam", "another"]).current_dir(&book));
    assert_eq!(commits(&sandbox), before + 1);
    let id = sandbox.commit("third", &[("a.txt", "three\n")]);
    assert!(page(&sandbox).contains("by hand") && entries_of(&page(&sandbox), &id) == 1);
}

#[test]
fn ten_writers_in_ten_work_trees_lose_nothing() {
    const TREES: usize = 10;
    let sandbox = on_branch();
    for tree in 0..TREES {
        sandbox.git(&["worktree", "add", "-q", "-b", &format!("side-{tree}"), &format!("../tree-{tree}")]);
    }
    let barrier = Barrier::new(TREES);
    let work = |tree: usize| {
        let dir = sandbox.path(&format!("tree-{tree}"));
        let git = |args: &[&str]| checked(sandbox.command("git").args(args).current_dir(&dir));
        let mut ids = Vec::new();
        for round in 0..3 {
            std::fs::write(dir.join("a.txt"), format!("{tree} {round}\n")).unwrap();
            barrier.wait();
            git(&["commit", "-qam", &format!("{tree} {round}")]);
            ids.push(git(&["rev-parse", "HEAD"]).trim().to_owned());
        }
        ids
    };
    let work = &work;
    let ids: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..TREES).map(|tree| scope.spawn(move || work(tree))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    sandbox.settle();
    let page = page(&sandbox);
    for id in &ids {
        assert_eq!(entries_of(&page, id), 1, "{id}\n{}", sandbox.log());
    }
    assert!(sandbox.git(&["fsck", "--strict", "--no-dangling"]).is_empty());
}

#[test]
fn an_entry_waits_while_another_program_holds_the_branch_and_uninstall_leaves_all_of_them() {
    let sandbox = on_branch();
    sandbox.write(".git/refs/heads/commit-story/journal.lock", "");
    let id = sandbox.commit("second", &[("a.txt", "two\n")]);
    assert_eq!(entries_of(&page(&sandbox), &id), 0);
    assert!(sandbox.log().contains("cannot write the branch commit-story/journal"), "{}", sandbox.log());
    std::fs::remove_file(sandbox.repo().join(".git/refs/heads/commit-story/journal.lock")).unwrap();
    let sandbox = sandbox.at("2026-01-06T16:30:00+01:00");
    let last = sandbox.commit("third", &[("a.txt", "three\n")]);
    sandbox.settle();
    assert_eq!([&id, &last].map(|id| entries_of(&page(&sandbox), id)), [1, 1], "{}", sandbox.log());
    let output = sandbox.story(&["uninstall", "--yes"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the journal stays: the branch commit-story/journal"), "{said}");
    assert_eq!(entries_of(&page(&sandbox), &id), 1);
}

fn story_in(sandbox: &Sandbox, dir: &Path) -> (impl Fn(&[&str]) -> String, impl Fn(&[&str]) -> String) {
    let (one, other) = (dir.to_owned(), dir.to_owned());
    let git = move |args: &[&str]| checked(sandbox.command("git").args(args).current_dir(&one));
    let story = move |args: &[&str]| checked(sandbox.command(binary()).args(args).current_dir(&other));
    (git, story)
}

#[test]
fn sha_256_and_bare_repositories_with_work_trees_hold_it_too() {
    let sandbox = Sandbox::new();
    sandbox.commit("before", &[("a.txt", "zero\n")]);
    let check = |bare: bool| {
        let dir = sandbox.path(if bare { "bare" } else { "long" });
        let tree = if bare {
            checked(sandbox.command("git").args(["clone", "-q", "--bare", "."]).arg(&dir));
            checked(sandbox.command("git").args(["worktree", "add", "-q", "../work", "main"]).current_dir(&dir));
            sandbox.path("work")
        } else {
            checked(sandbox.command("git").args(["init", "-q", "--object-format=sha256"]).arg(&dir));
            dir.clone()
        };
        let (git, story) = story_in(&sandbox, &tree);
        std::fs::write(tree.join("a.txt"), "one").unwrap();
        git(&["add", "a.txt"]);
        git(&["commit", "-q", "-m", "first"]);
        story(&["init", "--branch", "--user", "--yes"]);
        git(&["commit", "-q", "--allow-empty", "-m", "second"]);
        let page = git(&["show", &format!("{BRANCH}:entries/2026-01/2026-01-06.md")]);
        assert_eq!(entries_of(&page, git(&["rev-parse", "HEAD"]).trim()), 1, "{page}");
        assert!(git(&["fsck", "--strict", "--no-dangling"]).is_empty());
        let (_, story) = story_in(&sandbox, &dir);
        assert!(story(&["show"]).contains("second"));
    };
    check(false);
    check(true);
}

#[test]
fn a_branch_that_holds_something_else_is_never_written() {
    let sandbox = on_branch();
    sandbox.git(&["branch", "-q", "commit-story/other"]);
    let before = sandbox.git(&["rev-parse", "commit-story/other"]);
    let output = sandbox.story(&["--set", "journal.branch=commit-story/other", "record", "HEAD"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("holds no journal"), "{said}");
    assert_eq!(sandbox.git(&["rev-parse", "commit-story/other"]), before);
}

#[test]
fn a_lock_that_a_killed_writer_left_on_the_branch_is_taken_away() {
    let sandbox = on_branch();
    std::fs::write(sandbox.state().join("journal.lock"), "x").unwrap();
    sandbox.write(".git/refs/heads/commit-story/journal.lock", "");
    let id = sandbox.commit("second", &[("a.txt", "two\n")]);
    assert_eq!(entries_of(&page(&sandbox), &id), 1, "{}", sandbox.log());
    // Without the mark it is somebody else's, and the entry waits.
    sandbox.write(".git/refs/heads/commit-story/journal.lock", "");
    let output = sandbox.story(&["record", "HEAD~1"]);
    assert!(output.status.success(), "nothing was to be written");
}
