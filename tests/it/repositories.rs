//! Repositories of every make: each commit has its entry, or one line says why not, and the commit is made.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Sandbox, binary, checked, executable};

fn git(sandbox: &Sandbox, dir: &Path, args: &[&str]) -> String {
    checked(sandbox.command("git").args(args).current_dir(dir))
}

/// A commit of one file in a directory.
fn commit(sandbox: &Sandbox, dir: &Path, file: &str, message: &str) {
    fs::write(dir.join(file), format!("{message}\n")).unwrap();
    git(sandbox, dir, &["add", file]);
    git(sandbox, dir, &["commit", "-q", "-m", message]);
}

/// Sets the journal up in a repository, commits there, and looks for the entry.
fn is_told(sandbox: &Sandbox, dir: &Path) {
    checked(sandbox.command(binary()).args(["init", "--yes"]).current_dir(dir));
    commit(sandbox, dir, "told.txt", "told here");
    let id = git(sandbox, dir, &["rev-parse", "--short=8", "HEAD"]);
    let shown = checked(sandbox.command(binary()).args(["show"]).current_dir(dir));
    assert!(shown.contains(&format!("· told here · {}", id.trim())) && shown.contains("told.txt"), "{shown}");
}

fn repository(sandbox: &Sandbox, name: &str, options: &[&str]) -> PathBuf {
    let dir = sandbox.path(name);
    git(sandbox, &sandbox.path(""), &[&["init", "-q"], options, &[name]].concat());
    dir
}

#[test]
fn commits_are_told_whatever_the_repository_is_made_like() {
    let sandbox = Sandbox::new();
    is_told(&sandbox, &repository(&sandbox, "unborn", &[]));
    is_told(&sandbox, &repository(&sandbox, "sha256", &["--object-format=sha256"]));

    let source = repository(&sandbox, "source", &[]);
    for message in ["one", "two", "three"] {
        commit(&sandbox, &source, "f", message);
    }
    git(&sandbox, &source, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", source.display());

    git(&sandbox, &sandbox.path(""), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    is_told(&sandbox, &sandbox.path("shallow"));

    let replaced = repository(&sandbox, "replaced", &[]);
    for message in ["one", "two", "three"] {
        commit(&sandbox, &replaced, "f", message);
    }
    git(&sandbox, &replaced, &["replace", "HEAD~1", "HEAD~2"]);
    fs::write(replaced.join(".git/info/grafts"), git(&sandbox, &replaced, &["rev-parse", "HEAD"])).unwrap();
    git(&sandbox, &replaced, &["checkout", "-q", "--detach"]);
    is_told(&sandbox, &replaced);

    let outer = repository(&sandbox, "outer", &[]);
    git(&sandbox, &outer, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "inner"]);
    is_told(&sandbox, &outer.join("inner"));
}

#[test]
fn work_trees_of_a_bare_repository_and_settings_of_one_work_tree_are_no_hindrance() {
    let sandbox = Sandbox::new();
    let bare = repository(&sandbox, "bare.git", &["--bare"]);
    git(&sandbox, &bare, &["worktree", "add", "-q", "--orphan", "-b", "one", "../one"]);
    let one = sandbox.path("one");
    is_told(&sandbox, &one);
    git(&sandbox, &one, &["worktree", "add", "-q", "-b", "two", "../two"]);
    commit(&sandbox, &sandbox.path("two"), "b", "in the second");
    let shown = checked(sandbox.command(binary()).args(["show"]).current_dir(sandbox.path("two")));
    assert!(shown.contains("· in the second ·"), "{shown}");

    let settings = repository(&sandbox, "settings", &[]);
    git(&sandbox, &settings, &["config", "extensions.worktreeConfig", "true"]);
    git(&sandbox, &settings, &["config", "--worktree", "user.name", "Bea"]);
    is_told(&sandbox, &settings);
    let shown = checked(sandbox.command(binary()).args(["show"]).current_dir(&settings));
    assert!(shown.contains("Author: Bea"), "{shown}");
}

#[test]
fn what_a_partial_clone_lacks_is_not_fetched_and_not_counted() {
    let sandbox = Sandbox::new();
    let source = repository(&sandbox, "source", &[]);
    for message in ["one", "two"] {
        commit(&sandbox, &source, "f", message);
    }
    git(&sandbox, &source, &["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", source.display());
    git(&sandbox, &sandbox.path(""), &["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "partial"]);
    fs::remove_dir_all(&source).unwrap();
    let told = checked(sandbox.command(binary()).args(["record", "--print"]).current_dir(sandbox.path("partial")));
    assert!(told.contains("· two ·") && told.contains("the lines of 1 file were not counted"), "{told}");
}

#[test]
fn references_that_cannot_be_read_are_told_in_one_line_and_the_commit_is_made() {
    let sandbox = Sandbox::new();
    let mut init = sandbox.command("git");
    let made = init.args(["init", "-q", "--ref-format=reftable", "reftable"]).current_dir(sandbox.path("")).output();
    if !made.unwrap().status.success() {
        println!("skipped: this git knows no reftable");
        return;
    }
    let dir = sandbox.path("reftable");
    let refused = sandbox.command(binary()).args(["init", "--yes"]).current_dir(&dir).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("keeps its references as reftable") && said.contains("hint: git changes that"), "{said}");
    let hook = dir.join(".git/hooks/post-commit");
    executable(&hook, format!("#!/bin/sh\nexec '{}' hook post-commit\n", binary().display()));
    fs::write(dir.join("f"), "f\n").unwrap();
    git(&sandbox, &dir, &["add", "f"]);
    let output = sandbox.command("git").args(["commit", "-qm", "made"]).current_dir(&dir).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}
