//! Hooks in git's configuration, under the newest git: of one repository, and of all.

use std::path::{Path, PathBuf};

use commit_story::hook::{Block, Event};

use crate::support::{Sandbox, binary, checked, entries_of, executable};

const DAY: &str = "2026-01-06";

/// A script that notes in `ran` that it ran.
fn noting(sandbox: &Sandbox, what: &str) -> String {
    format!("#!/bin/sh\necho {what} >>'{}'\n", sandbox.path("ran").display())
}

/// What ran since the last look.
fn ran(sandbox: &Sandbox) -> String {
    let text = std::fs::read_to_string(sandbox.path("ran")).unwrap_or_default();
    let _ = std::fs::remove_file(sandbox.path("ran"));
    text
}

#[test]
fn no_file_is_needed_and_git_itself_leaves_its_configuration_as_it_was() {
    let check = |prepare: &dyn Fn(&Sandbox)| {
        let Some(sandbox) = Sandbox::with_newest_git() else { return };
        sandbox.commit("before", &[("a.txt", "one\n")]);
        prepare(&sandbox);
        let before = sandbox.files();
        let said = sandbox.said(&["init", "--yes", "--user"]);
        assert!(said.stderr.contains("  set hook.commit-story-post-commit in .git/config to record every commit\n"));
        assert!(sandbox.said(&["init", "--yes", "--user"]).stderr.contains("everything is set up already"));
        let hooks = std::fs::read_dir(sandbox.repo().join(".git/hooks")).into_iter().flatten();
        assert!(hooks.flatten().all(|hook| hook.path().extension().is_some_and(|extension| extension == "sample")));
        sandbox.story_ok(&["doctor"]);
        sandbox.story_ok(&["uninstall", "--yes"]);
        let mut after = sandbox.files();
        for (path, file) in before {
            assert_eq!(after.remove(&path).map(|file| text(&file.0)), Some(text(&file.0)), "{}", path.display());
        }
        assert_eq!(after.keys().collect::<Vec<_>>(), Vec::<&PathBuf>::new());
    };
    let config = |sandbox: &Sandbox| sandbox.repo().join(".git/config");
    let append = |sandbox: &Sandbox, more: &str| {
        let text = std::fs::read_to_string(config(sandbox)).unwrap();
        std::fs::write(config(sandbox), text + more).unwrap();
    };
    check(&|_| {});
    check(&|sandbox| append(sandbox, "# the last word\n"));
    check(&|sandbox| append(sandbox, "[hook \"mine\"]\n\tevent = post-commit\n\tcommand = true\n\n"));
    check(&|sandbox| append(sandbox, "[hook \"empty\"]\n[alias]\n  x = \"!echo \\\"$1\\\"\" ; said\n"));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn commits_amends_and_merges_are_recorded_in_every_work_tree() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    sandbox.commit("before", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--yes"]);
    let first = sandbox.commit("first", &[("a.txt", "two\n")]);
    sandbox.git(&["switch", "-q", "-c", "side", "HEAD^"]);
    sandbox.commit("aside", &[("b.txt", "one\n")]);
    sandbox.git(&["switch", "-q", "main"]);
    sandbox.git(&["merge", "-q", "--no-edit", "side"]);
    let merge = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    assert_eq!(entries_of(&sandbox.page(DAY), &merge), 1, "{}", sandbox.page(DAY));
    sandbox.git(&["commit", "-q", "--amend", "-m", "another word"]);
    let amended = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let linked = sandbox.path("it's a \"linked\" tree");
    sandbox.git(&["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "linked"]);
    checked(sandbox.command("git").args(["commit", "-q", "--allow-empty", "-m", "linked"]).current_dir(&linked));
    let last = sandbox.git(&["rev-parse", "linked"]).trim().to_owned();
    sandbox.settle();
    let page = sandbox.page(DAY);
    for id in [first, amended, last] {
        assert_eq!(entries_of(&page, &id), 1, "{id}\n{page}");
    }
    assert_eq!(entries_of(&page, &merge), 0, "{page}");
    assert_eq!(sandbox.log(), "");
}

#[test]
fn ours_stands_beside_other_hooks_wherever_they_are() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    sandbox.commit("before", &[("a.txt", "one\n")]);
    sandbox.hook("post-commit", &noting(&sandbox, "file"));
    for name in ["one", "two"] {
        sandbox.git(&["config", &format!("hook.{name}.command"), &noting(&sandbox, name)]);
        sandbox.git(&["config", &format!("hook.{name}.event"), "post-commit"]);
        if name == "one" {
            sandbox.story_ok(&["init", "--yes"]);
        }
    }
    let said = sandbox.said(&["doctor"]);
    let expected = "✓ hook           post-commit: the repository's git configuration runs [BINARY], after hook.one, then \
                    hook.two and [DIR]/repo/.git/hooks/post-commit\n";
    assert!(said.stdout.starts_with(expected), "{said}");
    assert_eq!(ran(&sandbox), "", "a trial runs nobody else's hook");
    assert_eq!(
        sandbox.git(&["hook", "list", "post-commit"]),
        "one\ncommit-story-post-commit\ntwo\nhook from hookdir\n",
        "git says the same"
    );
    let id = sandbox.commit("first", &[("a.txt", "two\n")]);
    assert_eq!((ran(&sandbox).as_str(), entries_of(&sandbox.page(DAY), &id)), ("one\ntwo\nfile\n", 1));
    // Hooks of all repositories: none of our business any more.
    let shared = sandbox.path("everyones");
    executable(&shared.join("post-commit"), noting(&sandbox, "everyone"));
    sandbox.git(&["config", "--global", "core.hooksPath", shared.to_str().unwrap()]);
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.story_ok(&["doctor"]);
    let id = sandbox.commit("second", &[("a.txt", "three\n")]);
    assert_eq!((ran(&sandbox).as_str(), entries_of(&sandbox.page(DAY), &id)), ("one\ntwo\neveryone\n", 1));
    sandbox.story_ok(&["uninstall", "--yes"]);
    sandbox.commit("third", &[("a.txt", "four\n")]);
    assert_eq!(ran(&sandbox), "one\ntwo\neveryone\n");
}

#[test]
fn a_rewrite_reaches_ours_with_its_argument_and_its_lines_by_an_awkward_path() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    sandbox.commit("before", &[("a.txt", "one\n")]);
    let program = sandbox.path("it's \"a\" $HOME `id` \\ ü *; exit 9/commit-story");
    let calls = sandbox.path("ran");
    executable(&program, format!("#!/bin/sh\n{{ echo \"$*\"; cat; }} >>'{}'\n", calls.display()));
    let plan = commit_story::setup::everywhere(&commit_story::hook::Configured::default(), &program);
    // The plan is for the developer's own configuration: here its values go into the sandbox's.
    for step in &plan.steps {
        let commit_story::setup::Action::Configure { section, values, .. } = &step.action else { panic!("{plan:?}") };
        for (key, value) in values {
            sandbox.git(&["config", "--global", &format!("{section}.{key}"), value]);
        }
    }
    let old = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    sandbox.git(&["commit", "-q", "--amend", "-m", "after"]);
    let new = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let expected = format!("hook everywhere post-commit\nhook everywhere post-rewrite amend\n{old} {new}\n");
    assert_eq!(ran(&sandbox), expected);
    sandbox.git(&["branch", "-q", "behind"]);
    sandbox.commit("ahead", &[]);
    sandbox.git(&["switch", "-q", "behind"]);
    sandbox.git(&["merge", "-q", "main"]);
    assert!(ran(&sandbox).ends_with("hook everywhere post-merge 0\n"));
    std::fs::remove_file(&program).unwrap();
    let silent = sandbox.command("git").args(["commit", "-q", "--allow-empty", "-m", "gone"]).output().unwrap();
    assert!(silent.status.success() && silent.stderr.is_empty(), "{silent:?}");
}

#[test]
fn what_switches_it_off_is_named_and_init_mends_what_it_can() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    sandbox.commit("before", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--yes"]);
    let check = |change: &[&str], words: &str, back: &[&str]| {
        sandbox.git(change);
        let said = sandbox.said(&["doctor"]);
        assert!(said.code == Some(1) && said.stdout.contains(words), "{said}");
        let planned = sandbox.said(&["init", "--yes", "--dry-run"]);
        assert_eq!(planned.stdout.contains("nothing is to be done"), !back.is_empty(), "{planned}");
        let again = || sandbox.said(&["init", "--yes"]);
        assert!(back.is_empty() || again().stderr.contains(".enabled is false\n"), "{planned}");
        if back.is_empty() {
            sandbox.story_ok(&["init", "--yes"]);
        } else {
            sandbox.git(back);
        }
        let said = sandbox.said(&["doctor"]);
        assert!(!said.stdout.contains("✗"), "{said}");
    };
    check(
        &["config", "hook.commit-story-post-merge.enabled", "false"],
        "post-merge: hook.commit-story-post-merge.enabled in git's configuration switches it off",
        &["config", "--unset", "hook.commit-story-post-merge.enabled"],
    );
    check(
        &["config", "hook.post-commit.enabled", "off"],
        "post-commit: hook.post-commit.enabled in git's configuration switches it off",
        &["config", "--unset", "hook.post-commit.enabled"],
    );
    let gone = Block::new(Event::PostCommit, Path::new("/gone/commit-story")).command(false);
    check(
        &["config", "hook.commit-story-post-commit.command", &gone],
        "the binary it names, /gone/commit-story, is not there",
        &[],
    );
    let other = Block::new(Event::PostCommit, Path::new("/bin/true")).command(false);
    check(
        &["config", "hook.commit-story-post-commit.command", &other],
        "but it did not answer when git was made to try",
        &[],
    );
    let marker = sandbox.path("ran");
    let foreign = format!(": >'{}'", marker.display());
    check(
        &["config", "hook.commit-story-post-commit.command", &foreign],
        "hook.commit-story-post-commit is ours, but its command is not as this version has it: : >",
        &[],
    );
    assert!(!marker.exists(), "what is not ours is not tried, whatever its name");
    check(&["config", "--unset", "hook.commit-story-post-merge.command"], "has no command: git refuses to commit", &[]);
    check(
        &["config", "--remove-section", "hook.commit-story-post-commit"],
        "there is no [DIR]/repo/.git/hooks/post-commit",
        &[],
    );
}

#[test]
fn init_moves_from_files_to_the_configuration_and_back_as_asked() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    sandbox.commit("before", &[("a.txt", "one\n")]);
    let theirs = noting(&sandbox, "theirs");
    sandbox.hook("post-merge", &theirs);
    let hooks = sandbox.repo().join(".git/hooks");
    sandbox.story_ok(&["init", "--yes", "--hooks", "files"]);
    assert!(hooks.join("post-commit").exists());
    sandbox.story_ok(&["init", "--yes"]);
    assert!(!hooks.join("post-commit").exists());
    assert_eq!(std::fs::read_to_string(hooks.join("post-merge")).unwrap(), theirs);
    sandbox.story_ok(&["doctor"]);
    sandbox.story_ok(&["init", "--yes", "--hooks", "files"]);
    assert!(!std::fs::read_to_string(sandbox.repo().join(".git/config")).unwrap().contains("hook"));
    sandbox.story_ok(&["doctor"]);
    let id = sandbox.commit("by a file", &[]);
    assert_eq!(entries_of(&sandbox.page(DAY), &id), 1);
}

#[test]
fn a_submodule_and_a_repository_without_a_work_tree_of_its_own_have_their_own_configuration() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    sandbox.commit("before", &[("a.txt", "one\n")]);
    let (bare, tree) = (sandbox.path("bare.git"), sandbox.path("tree"));
    sandbox.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    sandbox.git(&["--git-dir", bare.to_str().unwrap(), "worktree", "add", "-q", tree.to_str().unwrap(), "main"]);
    let local = ["-c", "protocol.file.allow=always"];
    sandbox.git(&[local.as_slice(), &["submodule", "add", "-q", bare.to_str().unwrap(), "sub"]].concat());
    for (dir, config) in
        [(tree, bare.join("config")), (sandbox.repo().join("sub"), sandbox.repo().join(".git/modules/sub/config"))]
    {
        let said = |args: &[&str]| sandbox.said(&[&["-C", dir.to_str().unwrap()], args].concat());
        let set_up = said(&["init", "--yes", "--user"]);
        assert_eq!(set_up.code, Some(0), "{set_up}");
        assert!(std::fs::read_to_string(&config).unwrap().contains("[hook \"commit-story-post-commit\"]"));
        assert_eq!(commit_in(&sandbox, &dir), "");
        let found = said(&["doctor"]);
        assert!(found.stdout.contains("has its entry") && !found.stdout.contains("✗ hook"), "{found}");
        assert_eq!(said(&["uninstall", "--yes"]).code, Some(0));
        assert!(!std::fs::read_to_string(&config).unwrap().contains("hook"));
    }
    let config = std::fs::read_to_string(sandbox.repo().join(".git/config")).unwrap();
    assert!(!config.contains("hook"), "{config}");
}

/// Another repository of the same developer, never set up.
fn other(sandbox: &Sandbox, name: &str) -> PathBuf {
    let dir = sandbox.path(name);
    sandbox.git(&["init", "-q", dir.to_str().unwrap()]);
    dir
}

fn commit_in(sandbox: &Sandbox, dir: &Path) -> String {
    let mut commit = sandbox.command("git");
    commit.args(["commit", "-q", "--allow-empty", "-m", "x"]).current_dir(dir);
    let output = commit.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    text(&output.stderr)
}

#[test]
fn all_repositories_are_recorded_but_those_that_opt_out() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    let before = std::fs::read_to_string(sandbox.path("gitconfig")).unwrap();
    let dir = other(&sandbox, "other");
    let page = |dir: &Path| dir.join("journal/entries/2026-01/2026-01-06.md");
    let said = sandbox.heard(
        &sandbox.command(binary()).args(["init", "--global", "--yes"]).current_dir(sandbox.home()).output().unwrap(),
    );
    assert!(said.stderr.contains("git config commitstory.enabled false"), "{said}");
    assert_eq!(commit_in(&sandbox, &dir), "");
    assert!(page(&dir).is_file());
    assert_eq!(checked(sandbox.command("git").args(["status", "--short"]).current_dir(&dir)), "", "git ignores it");
    let said = sandbox.heard(&sandbox.command(binary()).arg("doctor").current_dir(&dir).output().unwrap());
    assert!(said.stdout.contains("post-commit: your own git configuration runs [BINARY]\n"), "{said}");
    assert_eq!(said.code, Some(0), "{said}");
    // Out, one by one.
    let out = other(&sandbox, "out");
    checked(sandbox.command("git").args(["config", "commitstory.enabled", "false"]).current_dir(&out));
    assert_eq!(commit_in(&sandbox, &out), "");
    assert!(!out.join("journal").exists() && !out.join(".git/commit-story").exists());
    let said = sandbox.heard(&sandbox.command(binary()).arg("doctor").current_dir(&out).output().unwrap());
    assert!(said.stdout.contains("git's commitstory.enabled leaves this repository out"), "{said}");
    // In, one by one.
    sandbox.git(&["config", "--global", "commitstory.enabled", "false"]);
    let (silent, wanted) = (other(&sandbox, "silent"), other(&sandbox, "wanted"));
    checked(sandbox.command("git").args(["config", "commitstory.enabled", "true"]).current_dir(&wanted));
    for dir in [&silent, &wanted] {
        commit_in(&sandbox, dir);
    }
    assert!(!page(&silent).exists() && page(&wanted).is_file());
    sandbox.git(&["config", "--global", "--remove-section", "commitstory"]);
    let said = sandbox.said(&["uninstall", "--yes"]);
    assert!(said.stderr.contains("commits are still recorded, as they are in every repository"), "{said}");
    sandbox.story_ok(&["uninstall", "--global", "--yes"]);
    assert_eq!(std::fs::read_to_string(sandbox.path("gitconfig")).unwrap(), before);
    let said = sandbox.said(&["uninstall", "--global", "--yes"]);
    assert!(said.stderr.contains("there was nothing of commit-story in your own git configuration"), "{said}");
    let gone = other(&sandbox, "gone");
    commit_in(&sandbox, &gone);
    assert!(!page(&gone).exists());
}

#[test]
fn a_folder_of_the_journals_name_in_a_strangers_repository_is_left_alone() {
    let Some(sandbox) = Sandbox::with_newest_git() else { return };
    sandbox.story_ok(&["init", "--global", "--yes"]);
    sandbox.write("journal/theirs.txt", "theirs");
    let said = commit_in(&sandbox, &sandbox.repo());
    assert!(
        said.contains("journal is there already and holds no journal: `commit-story init --folder NAME`"),
        "{said}"
    );
    assert_eq!(sandbox.git(&["status", "--short"]), "?? journal/\n");
    sandbox.story_ok(&["init", "--yes", "--folder", "diary"]);
    assert_eq!(commit_in(&sandbox, &sandbox.repo()), "");
    assert!(sandbox.repo().join("diary/entries").is_dir());
}

#[test]
fn an_older_git_is_told_that_it_has_no_configured_hooks() {
    let sandbox = Sandbox::new();
    let version = sandbox.git(&["version"]);
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    if !version.starts_with("git version 2.") || minor.is_none_or(|minor| minor >= 54) {
        println!("skipped: {version} runs configured hooks");
        return;
    }
    for flags in [["init", "--yes", "--global"].as_slice(), &["init", "--yes", "--hooks", "config"]] {
        let said = sandbox.said(flags);
        assert_eq!(said.code, Some(1), "{said}");
        assert!(
            said.stderr.contains("hooks in git's configuration need git 2.54, and the git on PATH is 2."),
            "{said}"
        );
    }
}
