//! A process that is killed at each of its file operations loses nothing, and the next one repairs.
//!
//! strace counts the operations of our process (not those of a git that it starts) and kills; where it is not there or may
//! not trace, nothing is tested, and that is said.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Sandbox, binary, checked, entries_of};

const BRANCH: &str = "commit-story/journal";

/// What changes files.
const OPERATIONS: &[&str] = &[
    "write",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "ftruncate",
];

fn can_trace() -> bool {
    let works =
        Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success());
    if !works {
        println!("not tested: strace is not there, or may not trace");
    }
    works
}

/// Runs the binary until its so many-th operation of this name; whether it was killed.
fn killed(sandbox: &Sandbox, dir: &Path, args: &[&str], operation: &str, nth: usize) -> bool {
    // A question mark before the name: not every machine has each of them.
    let mut command = sandbox.command("strace");
    command.args(["-qq", "-o", "/dev/null", "-e", &format!("trace=?{operation}")]);
    command.args(["-e", &format!("inject=?{operation}:signal=KILL:when={nth}")]);
    let output = command.arg(binary()).args(args).env("COMMIT_STORY_HOOK_WORKER", "false").current_dir(dir).output();
    !output.unwrap().status.success()
}

fn git(sandbox: &Sandbox, dir: &Path, args: &[&str]) -> String {
    checked(sandbox.command("git").args(args).current_dir(dir))
}

fn story(sandbox: &Sandbox, dir: &Path, args: &[&str]) -> String {
    checked(sandbox.command(binary()).args(args).current_dir(dir))
}

#[test]
fn an_entry_on_a_branch_is_there_or_is_written_at_once_by_the_next() {
    if !can_trace() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--branch", "--yes"]);
    sandbox.commit("second", &[("a.txt", "two\n")]);
    let page = || sandbox.git(&["show", &format!("{BRANCH}:entries/2026-01/2026-01-06.md")]);
    let mut kills = 0;
    let mut ids = Vec::new();
    for operation in OPERATIONS {
        for nth in 1.. {
            sandbox.write("a.txt", format!("{operation} {nth}\n"));
            sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-qam", &format!("{operation} {nth}")]);
            let id = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
            let before = page();
            let was_killed = killed(&sandbox, &sandbox.repo(), &["hook", "post-commit"], operation, nth);
            let after = page();
            assert!(
                after == before || after.starts_with(&before) && entries_of(&after, &id) == 1,
                "{operation} {nth}: {after}"
            );
            sandbox.story_ok(&["record", &id]);
            assert_eq!(entries_of(&page(), &id), 1, "{operation} {nth}");
            ids.push(id);
            if !was_killed {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 15, "only {kills} operations were met");
    let page = page();
    assert!(ids.iter().all(|id| entries_of(&page, id) == 1));
    assert!(sandbox.git(&["fsck", "--strict", "--no-dangling"]).is_empty());
}

#[test]
fn a_sync_that_is_killed_is_finished_by_the_next() {
    if !can_trace() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox
        .commit("first", &[("a.txt", "one\n"), (".commit-story.yaml", "journal:\n  branch: commit-story/journal\n")]);
    let other = sandbox.path("other");
    sandbox.git(&["clone", "-q", "--bare", ".", "../remote.git"]);
    sandbox.git(&["clone", "-q", "../remote.git", "../other"]);
    sandbox.git(&["remote", "add", "origin", "../remote.git"]);
    sandbox.story_ok(&["init", "--yes"]);
    story(&sandbox, &other, &["init", "--yes"]);
    let mut ids = Vec::new();
    let mut kills = 0;
    // What is written first is of no consequence until it is renamed or linked.
    for operation in OPERATIONS.iter().filter(|operation| **operation != "write") {
        for nth in 1.. {
            for dir in [&sandbox.repo(), &other] {
                git(
                    &sandbox,
                    dir,
                    &["commit", "-q", "--allow-empty", "-m", &format!("{operation} {nth} {}", dir.display())],
                );
                ids.push(git(&sandbox, dir, &["rev-parse", "HEAD"]).trim().to_owned());
            }
            story(&sandbox, &other, &["sync"]);
            let was_killed = killed(&sandbox, &sandbox.repo(), &["sync"], operation, nth);
            sandbox.story_ok(&["sync"]);
            let page = sandbox.git(&["show", &format!("{BRANCH}:entries/2026-01/2026-01-06.md")]);
            let missing: Vec<_> = ids.iter().filter(|id| entries_of(&page, id) != 1).collect();
            assert!(missing.is_empty(), "{operation} {nth}: {missing:?}");
            let remote = git(&sandbox, &sandbox.path("remote.git"), &["rev-parse", BRANCH]);
            assert_eq!(sandbox.git(&["rev-parse", BRANCH]), remote, "{operation} {nth}");
            if !was_killed {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 6, "only {kills} operations were met");
}

/// A repository with two pages in its journal's folder, and the commits they tell.
fn in_folder() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::ready();
    let mut ids = vec![sandbox.commit("second", &[("a.txt", "two\n")])];
    let sandbox = sandbox.at("2026-02-07T16:05:00+01:00");
    ids.push(sandbox.commit("third", &[("a.txt", "three\n")]));
    sandbox.settle();
    sandbox.write("journal/mine.txt", "mine");
    (sandbox, ids)
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// Kills a move at each of its operations, in a fresh copy each time, and lets the same command finish.
fn check_move(sandbox: &Sandbox, args: &[&str], ids: &[String], done: impl Fn(&Path)) {
    let from = sandbox.path("start");
    copy(&sandbox.repo(), &from);
    let dir: PathBuf = sandbox.path("try");
    let mut kills = 0;
    for operation in OPERATIONS {
        for nth in 1.. {
            copy(&from, &dir);
            let was_killed = killed(sandbox, &dir, args, operation, nth);
            // Readable at once, wherever the settings point by now; the one or the other, to save time.
            let id = &ids[nth % ids.len()];
            let shown = story(sandbox, &dir, &["show", id]);
            assert!(shown.contains(&id[..8]), "{operation} {nth}: {shown}");
            story(sandbox, &dir, args);
            done(&dir);
            assert!(!dir.join(".git/commit-story/places.json").exists(), "{operation} {nth}");
            if !was_killed {
                break;
            }
            kills += 1;
        }
    }
    println!("{kills} kills");
    assert!(kills >= 20, "only {kills} operations were met");
}

const PATHS: [&str; 2] = ["entries/2026-01/2026-01-06.md", "entries/2026-02/2026-02-07.md"];

#[test]
fn a_move_to_a_branch_loses_nothing_and_is_finished_by_the_same_command() {
    if !can_trace() {
        return;
    }
    let (sandbox, ids) = in_folder();
    let pages = [sandbox.page("2026-01-06"), sandbox.page("2026-02-07")];
    check_move(&sandbox, &["move", "--to", "branch"], &ids, |dir| {
        for (path, page) in PATHS.iter().zip(&pages) {
            assert_eq!(git(&sandbox, dir, &["show", &format!("{BRANCH}:{path}")]), *page);
        }
        let left = std::fs::read_dir(dir.join("journal")).unwrap();
        assert_eq!(left.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>(), ["mine.txt"]);
    });
}

#[test]
fn a_move_back_to_the_folder_loses_nothing_and_is_finished_by_the_same_command() {
    if !can_trace() {
        return;
    }
    let (sandbox, ids) = in_folder();
    let pages = [sandbox.page("2026-01-06"), sandbox.page("2026-02-07")];
    sandbox.story_ok(&["move", "--to", "branch"]);
    check_move(&sandbox, &["move", "--to", "folder", "--delete-branch"], &ids, |dir| {
        for (path, page) in PATHS.iter().zip(&pages) {
            assert_eq!(std::fs::read_to_string(dir.join("journal").join(path)).unwrap(), *page);
        }
        assert_eq!(git(&sandbox, dir, &["branch", "--list", "commit-story/*"]), "");
        assert_eq!(git(&sandbox, dir, &["status", "--porcelain", "-uall"]), " M .commit-story.yaml\n");
    });
}

#[test]
fn entries_that_move_to_other_commits_and_pages_are_on_one_of_them_at_every_moment() {
    if !can_trace() {
        return;
    }
    let (sandbox, olds) = in_folder();
    for (day, nth) in [("2026-01-06", 1), ("2026-02-07", 2)] {
        let page = format!("{}\nMy own line {nth}.\n", sandbox.page(day));
        sandbox.write(&format!("journal/entries/{}/{day}.md", &day[..7]), page);
    }
    // The first goes to another day's page, the second stays on its own.
    let mut parent = sandbox.git(&["rev-parse", "HEAD~2"]).trim().to_owned();
    let mut map = Vec::new();
    for (old, at) in olds.iter().zip(["2026-02-07T10:00:00+01:00", "2026-02-07T16:05:00+01:00"]) {
        let tree = sandbox.git(&["rev-parse", &format!("{old}^{{tree}}")]);
        let mut git = sandbox.command("git");
        git.env("GIT_AUTHOR_DATE", at).args(["commit-tree", "-p", &parent, "-m", "rewritten", tree.trim()]);
        parent = checked(&mut git).trim().to_owned();
        map.push(format!("{old} {parent}"));
    }
    sandbox.git(&["update-ref", "refs/heads/main", &parent]);
    sandbox.write("../map", map.join("\n"));
    let (from, dir) = (sandbox.path("start"), sandbox.path("try"));
    copy(&sandbox.repo(), &from);
    let pages =
        |dir: &Path| PATHS.map(|path| std::fs::read_to_string(dir.join("journal").join(path)).unwrap_or_default());
    let args = ["reconcile", "--map", "../map"];
    let mut kills = 0;
    for operation in OPERATIONS {
        for nth in 1.. {
            copy(&from, &dir);
            let was_killed = killed(&sandbox, &dir, &args, operation, nth);
            let all = pages(&dir).concat();
            for (own, subject) in ["My own line 1.", "My own line 2."].iter().zip(["second", "third"]) {
                assert!(all.contains(own), "{operation} {nth}: {all}");
                assert!(all.contains(&format!("· {subject} ·")) || all.contains("· rewritten ·"), "{operation} {nth}");
            }
            story(&sandbox, &dir, &args);
            let [first, second] = pages(&dir);
            assert_eq!(first, "", "{operation} {nth}");
            assert_eq!(second.matches("<!-- commit-story:entry").count(), 2, "{operation} {nth}: {second}");
            for own in ["My own line 1.", "My own line 2."] {
                assert_eq!(second.matches(own).count(), 1, "{operation} {nth}: {second}");
            }
            if !was_killed {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills >= 10, "only {kills} operations were met");
}
