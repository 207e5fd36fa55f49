//! Changed lines against git itself: what is shown of every commit is compared with `git show -p`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use commit_story::config::RedactConfig;
use commit_story::env::{Deadline, Env};
use commit_story::evidence::redact::Redactor;
use commit_story::evidence::{self, Patch, Sources};
use commit_story::git::{ChangeKind, Commit, CommitId, Repository, Version, unified::unified};
use commit_story::narrate::diff;

use crate::support::{Sandbox, checked};

fn open(dir: &Path) -> Repository {
    Repository::open(&Env::take_from(std::iter::empty(), dir.to_owned())).unwrap()
}

fn read(repository: &Repository, revision: &str) -> Commit {
    repository.commit(&repository.resolve(revision).unwrap(), Deadline::NONE).unwrap()
}

/// The hunks that git shows of each file, without the name of the function behind `@@`.
fn git_says(sandbox: &Sandbox, dir: &Path, id: &str) -> BTreeMap<String, String> {
    let mut command = sandbox.command("git");
    command.current_dir(dir).args(["show", "--format=", "-p", "-M", "--diff-merges=first-parent", "--no-color", id]);
    let output = command.output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let (mut path, mut inside) = (String::new(), false);
    // Not `lines()`: a carriage return belongs to its line.
    for line in text.split_inclusive('\n') {
        if let Some(names) = line.strip_prefix("diff --git a/") {
            names.trim_end().split_once(" b/").unwrap().1.clone_into(&mut path);
            files.entry(path.clone()).or_default();
            inside = false;
        } else if let Some(head) = line.strip_prefix("@@ ") {
            inside = true;
            let head = head.split_once(" @@").unwrap().0;
            let _ = writeln!(files.get_mut(&path).unwrap(), "@@ {head} @@");
        } else if inside {
            files.get_mut(&path).unwrap().push_str(line);
        }
    }
    files
}

fn we_say(repository: &Repository, commit: &Commit) -> BTreeMap<String, String> {
    let mut versions = repository.versions(commit).unwrap();
    let mut hunks = |change| match versions.of(change, 1 << 20) {
        Version::Text { old, new } => unified(&old, &new),
        Version::Binary => String::new(),
        other => format!("{other:?}"),
    };
    commit.changes.iter().map(|change| (change.path_text().into_owned(), hunks(change))).collect()
}

/// Compares every commit, and returns how many there were.
fn check_all(sandbox: &Sandbox, dir: &Path) -> usize {
    let list = checked(sandbox.command("git").current_dir(dir).args(["rev-list", "--all", "HEAD"]));
    let repository = open(dir);
    for id in list.lines() {
        let commit = repository.commit(&CommitId::parse(id).unwrap(), Deadline::NONE).unwrap();
        assert_eq!(we_say(&repository, &commit), git_says(sandbox, dir, id), "{}", commit.subject);
    }
    list.lines().count()
}

fn lines(count: usize, salt: &str) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "{}line {n} of {salt}", " ".repeat(n % 7));
        text
    })
}

#[test]
fn roots_edits_line_ends_and_deletions_are_shown_as_git_shows_them() {
    let sandbox = Sandbox::new();
    let long = lines(60, "a");
    sandbox.commit("root", &[("a.txt", "one\ntwo\n"), ("b.txt", "x"), ("empty", ""), ("long.rs", &long)]);
    sandbox.commit("edit", &[("a.txt", "one\n2\nthree"), ("b.txt", "x\n")]);
    let edited = long.replace("line 5 ", "five ").replace("line 9 of", "nine of\nand more").replace("line 40 ", "");
    sandbox.commit("in three places", &[("long.rs", &edited)]);
    sandbox.commit("line ends", &[("a.txt", "one\r\n2\r\nthree\r\n"), ("mixed", "a\r\nb\nc\rd")]);
    sandbox.commit("again", &[("mixed", "a\nb\nc\rd\n")]);
    std::fs::remove_file(sandbox.repo().join("b.txt")).unwrap();
    sandbox.commit("gone, and emptied", &[("a.txt", "")]);
    assert_eq!(check_all(&sandbox, &sandbox.repo()), 6);
}

#[test]
fn moves_binaries_submodules_and_modes_are_shown_as_git_shows_them() {
    let sandbox = Sandbox::new();
    sandbox.commit("root", &[("src/old.rs", &lines(40, "x")), ("run.sh", "#!/bin/sh\n"), ("data", "\0\u{1}")]);
    std::fs::rename(sandbox.repo().join("src/old.rs"), sandbox.repo().join("src/new.rs")).unwrap();
    sandbox.commit("moved and edited", &[("src/new.rs", &lines(40, "x").replace("line 20 ", "twenty "))]);
    std::fs::rename(sandbox.repo().join("run.sh"), sandbox.repo().join("go.sh")).unwrap();
    sandbox.commit("only moved", &[("data", "\0\u{2}")]);
    sandbox.git(&["update-index", "--chmod=+x", "go.sh"]);
    sandbox.git(&["commit", "-q", "-m", "may be run"]);
    for digit in ["1", "2"] {
        sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},mod", digit.repeat(40))]);
        sandbox.git(&["commit", "-q", "-m", "submodule"]);
    }
    assert_eq!(check_all(&sandbox, &sandbox.repo()), 6);
    let moved = read(&open(&sandbox.repo()), "HEAD~4");
    assert_eq!(moved.changes[0].kind, ChangeKind::Renamed { from: b"src/old.rs".to_vec() });
}

#[test]
fn a_merge_is_shown_against_its_first_parent() {
    let sandbox = Sandbox::new();
    sandbox.commit("root", &[("a.txt", &lines(30, "a"))]);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.commit("side", &[("a.txt", &lines(30, "a").replace("line 3 ", "three ")), ("side.txt", "side\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("main", &[("a.txt", &lines(30, "a").replace("line 25 ", "twenty-five "))]);
    sandbox.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    assert_eq!(check_all(&sandbox, &sandbox.repo()), 4);
}

#[test]
fn sha256_repositories_are_shown() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("sha256");
    sandbox.git(&["init", "-q", "--object-format=sha256", dir.to_str().unwrap()]);
    let git = |args: &[&str]| checked(sandbox.command("git").current_dir(&dir).args(args));
    for content in ["1\n2\n", "1\n3\n"] {
        std::fs::write(dir.join("a"), content).unwrap();
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "change"]);
    }
    assert_eq!(check_all(&sandbox, &dir), 2);
}

#[test]
fn many_random_edits_are_shown_as_git_shows_them() {
    let sandbox = Sandbox::new();
    let mut state = 42_u64;
    let mut roll = move |sides: usize| {
        // A small generator with a fixed seed, so that a failure can be seen again.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % sides as u64).unwrap()
    };
    let mut text: Vec<String> = lines(80, "x").lines().map(str::to_owned).collect();
    for nth in 0..25 {
        for _ in 0..=roll(6) {
            let at = roll(text.len());
            match roll(3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, format!("new {nth} {}", roll(4))),
                _ => text[at] = format!("changed {}", roll(9)),
            }
        }
        sandbox.commit("edit", &[("file.txt", &format!("{}\n", text.join("\n")))]);
    }
    assert_eq!(check_all(&sandbox, &sandbox.repo()), 25);
}

/// What a reader of a commit is shown, with a redactor that knows no words of the developer's own.
fn patches(sandbox: &Sandbox, deadline: Deadline) -> Vec<Patch> {
    let repository = open(&sandbox.repo());
    let redactor = Redactor::new(&RedactConfig { emails: false, words: Vec::new() });
    let evidence = evidence::gather(
        Sources { journal: Some("journal".into()), ..Sources::of(read(&repository, "HEAD")) },
        &redactor,
    );
    diff::read(&repository, &evidence, &redactor, deadline).unwrap()
}

#[test]
fn sources_come_first_and_what_is_not_shown_says_why() {
    let sandbox = Sandbox::new();
    let token = ["ghp", "_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
    sandbox.commit(
        "all sorts",
        &[
            ("README.md", "docs\n"),
            ("Cargo.lock", "lock\n"),
            ("src/a.rs", &format!("let token = \"{token}\";\n")),
            ("tests/a.rs", "test\n"),
            (".env", "KEY=1\n"),
            ("huge.txt", &lines(40_000, "huge")),
            ("picture.png", "\0"),
            ("journal/entries/2026-01/2026-01-06.md", "private\n"),
        ],
    );
    let shown: Vec<(String, String, Option<String>)> = patches(&sandbox, Deadline::NONE)
        .iter()
        .map(|patch| (patch.path().into(), patch.text().into(), patch.remark().map(str::to_owned)))
        .collect();
    let of = |path: &str| shown.iter().find(|(name, ..)| name == path).unwrap_or_else(|| panic!("no {path}"));
    assert_eq!(of("README.md").1, "@@ -0,0 +1 @@\n+docs\n");
    let remark = |path: &str| of(path).2.clone().unwrap_or_default();
    assert_eq!(remark("Cargo.lock"), "lines not shown: locked, generated or vendored");
    assert_eq!(remark(".env"), "lines not shown: its name says that it is secret");
    assert_eq!(remark("huge.txt"), "lines not shown: the file is too large");
    assert_eq!(remark("picture.png"), "lines not shown: binary");
    assert_eq!(of("src/a.rs").1, "@@ -0,0 +1 @@\n+let token = \"[redacted: github token]\";\n");
    assert!(!shown.iter().any(|(path, ..)| path.starts_with("journal")), "the journal is no evidence");
    let place = |path: &str| shown.iter().position(|(name, ..)| name == path);
    assert!(place("src/a.rs") < place("tests/a.rs") && place("tests/a.rs") < place("README.md"));
}

#[test]
fn after_the_deadline_no_file_is_read() {
    let sandbox = Sandbox::new();
    sandbox.commit("root", &[("a.rs", "a\n")]);
    let late = patches(&sandbox, Deadline::after(std::time::Duration::ZERO));
    assert_eq!((late[0].text(), late[0].remark()), ("", Some("lines not shown: there was no time")));
}
