//! `init` in every kind of place, run again, and with other answers.

use std::os::unix::fs::symlink;

use crate::said::Said;
use crate::support::Sandbox;

#[test]
fn a_dry_run_says_what_init_then_does_and_changes_nothing() {
    let sandbox = Sandbox::new();
    let before = sandbox.files();
    let planned = sandbox.said(&["init", "--dry-run"]);
    assert_eq!((planned.code, sandbox.files() == before), (Some(0), true), "{planned}");
    let done = sandbox.said(&["init", "--yes"]);
    assert!(done.stderr.contains(&planned.stdout), "{planned}\n{done}");
    let after = sandbox.files();
    let again = sandbox.said(&["init", "--yes"]);
    assert!(again.stderr.contains("everything is set up already"), "{again}");
    assert_eq!(sandbox.said(&["init", "--dry-run"]).stdout, "nothing is to be done\n");
    assert_eq!(sandbox.files(), after);
}

#[test]
fn one_answer_changed_changes_only_that() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    let plan = |flags: &[&str]| sandbox.said(&[&["init", "--dry-run"], flags].concat()).stdout;
    assert_eq!(
        plan(&["--committed"]),
        "  write .commit-story.yaml to keep your choices\n  write .git/info/exclude to let the journal be committed\n"
    );
    assert_eq!(plan(&["--assistants", "none"]), "  write .commit-story.yaml to keep your choices\n");
    sandbox.story_ok(&["init", "--yes", "--committed"]);
    let config = std::fs::read_to_string(sandbox.repo().join(".commit-story.yaml")).unwrap();
    assert!(config.contains("  private: false\n") && config.contains("  folder: journal\n"), "{config}");
    sandbox.write("journal/page.md", "");
    assert_eq!(sandbox.git(&["status", "--short"]), "?? .commit-story.yaml\n?? journal/\n");
}

#[test]
fn a_moved_journal_leaves_its_old_pages_private() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("first", &[("a.txt", "one\n")]);
    let moved = sandbox.said(&["init", "--yes", "--folder", "docs/journal"]);
    assert!(moved.stderr.contains("the pages written so far stay in journal until `commit-story move`"), "{moved}");
    assert_eq!(sandbox.git(&["status", "--short"]), " M .commit-story.yaml\n");
    assert!(sandbox.said(&["doctor"]).stdout.contains("pages still lie in"));
    sandbox.story_ok(&["move"]);
    assert!(sandbox.repo().join("docs/journal/entries").is_dir() && !sandbox.repo().join("journal").exists());
    assert!(!sandbox.said(&["doctor"]).stdout.contains("pages still lie in"));
    assert_eq!(
        sandbox.said(&["init", "--dry-run"]).stdout.matches("write ").count(),
        1,
        "the old line is no longer needed"
    );
    assert_eq!(sandbox.git(&["status", "--short"]), " M .commit-story.yaml\n");
}

#[test]
fn a_journal_that_git_tracks_already_is_not_called_private() {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("journal/entries/notes.md", "mine\n")]);
    let said = sandbox.said(&["init", "--yes"]);
    assert!(said.stderr.contains("git already tracks pages in journal"), "{said}");
    assert!(said.stderr.contains("git rm -r --cached 'journal'"), "{said}");
    let found = sandbox.said(&["doctor"]);
    assert!(found.code == Some(1) && found.stdout.contains("is private, but git tracks pages in it"), "{found}");
}

#[test]
fn foreign_files_in_the_journals_folder_are_let_be() {
    let sandbox = Sandbox::new();
    sandbox.write("journal/readme.txt", "theirs\n");
    sandbox.write("journal/entries/2026-01/2026-01-06.md", "# My own page\n");
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("first", &[("a.txt", "one\n")]);
    let page = sandbox.page("2026-01-06");
    assert!(page.contains("# My own page\n") && page.contains("· first ·"), "{page}");
    assert_eq!(std::fs::read_to_string(sandbox.repo().join("journal/readme.txt")).unwrap(), "theirs\n");
}

#[test]
fn the_users_own_file_keeps_the_choices_out_of_the_repository() {
    let sandbox = Sandbox::new();
    let folder = format!("{}/journals", sandbox.home().display());
    let said = sandbox.said(&["init", "--yes", "--user", "--folder", "~/journals"]);
    assert!(said.stderr.contains("in [DIR]/home/journals/repo/entries/2026-01/2026-01-06.md\n"), "{said}");
    sandbox.commit("first", &[("a.txt", "one\n")]);
    assert!(std::path::Path::new(&folder).join("repo/entries/2026-01/2026-01-06.md").is_file());
    assert_eq!(sandbox.git(&["status", "--short", "--ignored"]), "");
    // What holds by the user's own file is not pushed on the repository, though its file could not even say it.
    sandbox.story_ok(&["init", "--yes"]);
    let config = std::fs::read_to_string(sandbox.repo().join(".commit-story.yaml")).unwrap();
    assert!(!config.contains("folder:"), "{config}");
    assert_eq!(sandbox.story_ok(&["config", "get", "journal.folder"]), "~/journals\n");
}

#[test]
fn an_answer_that_another_layer_outranks_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    let before = sandbox.files();
    let said = sandbox.said(&["init", "--yes", "--user", "--committed"]);
    assert_eq!(said.code, Some(2), "{said}");
    assert!(
        said.stderr.contains("cannot set journal.private to false: [DIR]/repo/.commit-story.yaml:8 sets it to true"),
        "{said}"
    );
    // A repository's file may not undo the user's own privacy.
    sandbox.story_ok(&["config", "set", "--user", "journal.private", "true"]);
    let said = sandbox.said(&["init", "--yes", "--committed"]);
    assert!(said.code == Some(1) && said.stderr.contains("a repository's file may not undo your own true"), "{said}");
    assert_eq!(sandbox.files(), before);
}

#[test]
fn comments_and_other_settings_of_an_existing_file_stay() {
    let sandbox = Sandbox::new();
    let theirs = "# ours\nentry:\n  commands: 3 # few\njournal:\n  private: false\n";
    sandbox.write(".commit-story.yaml", theirs);
    sandbox.story_ok(&["init", "--yes"]);
    let config = |sandbox: &Sandbox| std::fs::read_to_string(sandbox.repo().join(".commit-story.yaml")).unwrap();
    assert_eq!(config(&sandbox), theirs, "everything holds already");
    sandbox.story_ok(&["init", "--yes", "--private"]);
    assert_eq!(config(&sandbox), theirs.replace("false", "true"));
    sandbox.write(".commit-story.yaml", b"# \xff\n");
    let said = sandbox.said(&["init", "--yes", "--committed"]);
    assert!(said.code == Some(1) && said.stderr.contains("error: cannot edit [DIR]/repo/.commit-story.yaml"), "{said}");
}

#[test]
fn hooks_and_their_managers_are_named_and_still_run() {
    let sandbox = Sandbox::new();
    sandbox.hook("post-commit", "#!/bin/sh\necho theirs >>ran\n");
    sandbox.write("lefthook.yml", "");
    let said = sandbox.said(&["init", "--yes"]);
    assert!(
        said.stderr.contains("your hook   .git/hooks/post-commit\nhooks by    lefthook (lefthook.yml)\n"),
        "{said}"
    );
    assert!(
        said.stderr.contains("write .git/hooks/post-commit to run ours before your hook, which stays as it is"),
        "{said}"
    );
    sandbox.commit("first", &[("a.txt", "one\n")]);
    assert!(sandbox.page("2026-01-06").contains("· first ·"));
    assert_eq!(std::fs::read_to_string(sandbox.repo().join("ran")).unwrap(), "theirs\n");
}

#[test]
fn hooks_that_other_repositories_share_are_refused_before_a_question_or_a_change() {
    let sandbox = Sandbox::new();
    let shared = sandbox.path("shared-hooks");
    std::fs::create_dir(&shared).unwrap();
    sandbox.git(&["config", "core.hooksPath", shared.to_str().unwrap()]);
    let before = sandbox.files();
    let said = sandbox.said(&["init", "--yes"]);
    assert_eq!(said.code, Some(1), "{said}");
    let words = said.stderr.replace(&sandbox.path("").display().to_string(), "[DIR]/");
    let (first, rest) = words.split_once("\n\ninto [DIR]/shared-hooks/post-rewrite, below its first line:\n").unwrap();
    assert!(rest.contains("into [DIR]/shared-hooks/post-merge, below its first line:\n"), "{said}");
    assert_eq!(
        first,
        "error: core.hooksPath makes git run the hooks in [DIR]/shared-hooks, outside this repository\n\
         hint: git 2.54 and newer needs no hook file; or give this repository hooks of its own (the shared ones then no \
         longer run here) with\n\n    \
         git config --local core.hooksPath '[DIR]/repo/.git/hooks'\n\n\
         or put these lines there yourself\n\n\
         into [DIR]/shared-hooks/post-commit, below its first line:\n\n\
         # >>> commit-story >>>\n\
         # Writes this commit into the journal; `commit-story uninstall` takes these lines out again.\n\
         if command -v commit-story >/dev/null 2>&1; then\n  \
         commit-story hook post-commit </dev/null >/dev/null || :\nfi\n\
         # <<< commit-story <<<"
    );
    assert_eq!(sandbox.files(), before);
    // The cure works.
    sandbox.git(&["config", "--local", "core.hooksPath", sandbox.repo().join(".git/hooks").to_str().unwrap()]);
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("first", &[("a.txt", "one\n")]);
    assert!(sandbox.page("2026-01-06").contains("· first ·"));
}

#[test]
fn a_local_lefthook_configuration_with_hooks_of_its_own_is_left_to_the_developer() {
    let sandbox = Sandbox::new();
    sandbox.write("lefthook.yml", "post-commit:\n  jobs:\n    - run: echo theirs\n");
    sandbox.hook("post-commit", "#!/bin/sh\ncall_lefthook()\n{\n  :\n}\ncall_lefthook run \"post-commit\" \"$@\"\n");
    sandbox.write("lefthook-local.yml", "post-commit:\n  parallel: true\n");
    let before = sandbox.files();
    let said = sandbox.said(&["init", "--yes"]);
    assert_eq!((said.code, sandbox.files() == before), (Some(1), true), "{said}");
    assert!(said.stderr.contains("lefthook-local.yml has hooks of its own, which only you can add to"), "{said}");
    let (_, lines) = said.stderr.split_once("what these lines run:\n\n").unwrap_or_else(|| panic!("{said}"));
    assert!(lines.contains("post-commit:\n  commands:\n    commit-story:\n      run: 'if [ -x ''"), "{said}");
    // The developer does as told: that is seen, and ours to take out no more.
    let marked = |line: &&str| !line.starts_with('#') && !line.starts_with("post-commit:");
    let by_hand: Vec<&str> = lines.lines().filter(marked).collect();
    let text = format!("post-commit:\n  parallel: true\n{}\n", by_hand.join("\n"));
    sandbox.write("lefthook-local.yml", text.replace("[BINARY]", crate::support::binary().to_str().unwrap()));
    sandbox.story_ok(&["init", "--yes"]);
    let found = sandbox.said(&["doctor"]);
    assert!(
        found.stdout.contains("post-commit: lefthook runs commit-story by [DIR]/repo/lefthook-local.yml"),
        "{found}"
    );
    let local = std::fs::read(sandbox.repo().join("lefthook-local.yml")).unwrap();
    sandbox.story_ok(&["uninstall", "--yes"]);
    assert_eq!(std::fs::read(sandbox.repo().join("lefthook-local.yml")).unwrap(), local);
}

#[test]
fn hooks_in_the_work_tree_get_no_path_of_this_machine() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.hooksPath", ".githooks"]);
    sandbox.write("sub/x", "");
    let before = sandbox.files();
    let said = sandbox.said(&["init", "--yes"]);
    assert_eq!((said.code, sandbox.files() == before), (Some(1), true), "{said}");
    assert!(said.stderr.contains("hint: commit-story init --shared-hooks puts our lines there"), "{said}");
    assert!(said.stderr.contains("into [DIR]/repo/.githooks/post-rewrite, below its first line:\n\n# >>>"), "{said}");
    let said = sandbox.said(&["-C", "sub", "init", "--yes", "--shared-hooks"]);
    assert!(said.stderr.contains("note: .githooks/post-commit is part of the repository"), "{said}");
    let hook = std::fs::read_to_string(sandbox.repo().join(".githooks/post-commit")).unwrap();
    assert!(!hook.contains(crate::support::binary().to_str().unwrap()), "{hook}");
    // What was agreed to for one is agreed to for all: an earlier version installed this one only.
    std::fs::remove_file(sandbox.repo().join(".githooks/post-merge")).unwrap();
    sandbox.story_ok(&["init", "--yes"]);
    assert!(sandbox.repo().join(".githooks/post-merge").exists());
}

#[test]
fn a_linked_work_tree_a_submodule_and_a_sub_directory_are_set_up_where_they_belong() {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("sub/a.txt", "one\n")]);
    sandbox.git(&["worktree", "add", "-q", "../linked"]);
    let linked = sandbox.path("linked");
    let said = sandbox.said(&["-C", linked.to_str().unwrap(), "init", "--yes"]);
    assert!(said.stderr.contains("in [DIR]/repo/journal/entries/2026-01/2026-01-06.md\n"), "{said}");
    let git = |args: &[&str]| sandbox.git(&[&["-C", linked.to_str().unwrap()], args].concat());
    git(&["commit", "-q", "--allow-empty", "-m", "from the side"]);
    assert!(sandbox.page("2026-01-06").contains("· from the side ·"));
    assert_eq!(sandbox.git(&["status", "--short"]), "", "the journal is private in the main work tree");

    let other = Sandbox::new();
    other.commit("library", &[("lib.txt", "x\n")]);
    let url = other.repo().display().to_string();
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "lib"]);
    sandbox.story_ok(&["-C", "lib", "init", "--yes"]);
    assert!(sandbox.repo().join("lib/.commit-story.yaml").is_file());
    sandbox.git(&["-C", "lib", "commit", "-q", "--allow-empty", "-m", "in the module"]);
    let page = std::fs::read_to_string(sandbox.repo().join("lib/journal/entries/2026-01/2026-01-06.md")).unwrap();
    assert!(page.contains("· in the module ·"), "{page}");

    let below = Sandbox::new();
    below.write("deep/er/x", "");
    below.story_ok(&["-C", "deep/er", "init", "--yes"]);
    assert!(below.repo().join(".commit-story.yaml").is_file());
}

#[test]
fn a_folder_that_is_a_file_or_a_way_out_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("taken", "");
    symlink(sandbox.home(), sandbox.repo().join("out")).unwrap();
    let before = sandbox.files();
    let check = |folder: &str, why: &str| {
        let said: Said = sandbox.said(&["init", "--yes", "--folder", folder]);
        assert_eq!(said.code, Some(2), "{said}");
        assert!(said.stderr.contains(&format!("cannot keep the journal in `{folder}`: {why}")), "{said}");
    };
    check("taken", "there is a file of that name");
    check("out/journal", "the folder is a link that leads out of the repository");
    check("/abs", "a repository's file may not name a folder outside the repository");
    check("", "name a folder of its own");
    assert_eq!(sandbox.files(), before);
}

#[test]
fn who_adds_prose_is_written_into_the_users_own_file_with_its_comments_kept() {
    let sandbox = Sandbox::new();
    let own = sandbox.home().join(".config/commit-story/config.yaml");
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    std::fs::write(&own, "# mine\nentry:\n  files: 7 # few\n").unwrap();
    let planned = sandbox.said(&["init", "--dry-run", "--narrate", "anthropic"]).stdout;
    for words in [
        "config.yaml to have entries narrated\n",
        "anthropic at https://api.anthropic.com/v1 (model claude-haiku-4-5) is asked for prose",
        "read from the variable ANTHROPIC_API_KEY",
        "and changed lines",
    ] {
        assert!(planned.contains(words), "{words}: {planned}");
    }
    sandbox.story_ok(&[
        "init",
        "--yes",
        "--narrate",
        "anthropic",
        "--model",
        "m-1",
        "--base-url",
        "http://127.0.0.1:1/v1",
    ]);
    let text = std::fs::read_to_string(&own).unwrap();
    assert!(text.starts_with("# mine\nentry:\n  files: 7 # few\n"), "{text}");
    let list = sandbox.story_ok(&["config", "list"]);
    for value in ["provider = anthropic", "model = m-1", "base-url = http://127.0.0.1:1/v1"] {
        assert!(list.contains(&format!("narration.{value}\n")), "{list}");
    }
    let ours = || std::fs::read_to_string(sandbox.repo().join(".commit-story.yaml")).unwrap();
    assert!(!ours().contains("narration"), "{}", ours());
    let again = sandbox.said(&["init", "--yes"]);
    assert!(
        again.stderr.contains("entries here are narrated by anthropic at http://127.0.0.1:1/v1 (model m-1)"),
        "{again}"
    );
    sandbox.story_ok(&["init", "--yes", "--narrate-command", "claude -p"]);
    let list = sandbox.story_ok(&["config", "list"]);
    assert!(list.contains("narration.provider = command\n") && list.contains("narration.model = null\n"), "{list}");
    assert!(list.contains("narration.command = [\"claude\",\"-p\"]\n"), "{list}");
    let before = std::fs::read(&own).unwrap();
    sandbox.story_ok(&["init", "--yes", "--no-narration"]);
    assert!(ours().contains("narration:\n") && ours().contains("  enabled: false\n"), "{}", ours());
    assert_eq!(std::fs::read(&own).unwrap(), before, "other repositories go on");
}

#[test]
fn nobody_is_asked_for_prose_unless_somebody_is_named_in_full() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.story_ok(&["init", "--yes", "--no-narration"]);
    let list = sandbox.story_ok(&["config", "list"]);
    assert!(list.contains("narration.provider = none\n") && list.contains("narration.enabled = true\n"), "{list}");
    let check = |flags: &[&str], words: &str| {
        let said = sandbox.said(&[&["init", "--yes"], flags].concat());
        assert!(said.code == Some(2) && said.stderr.contains(words), "{flags:?}: {said}");
    };
    check(&["--narrate", "groq"], "which model of groq?");
    check(&["--narrate", "command"], "which command?");
    check(&["--model", "m"], "the model of nobody");
    check(&["--narrate-command", "open 'quote"], "is no command");
    check(&["--base-url", "http://x"], "--narrate");
    check(&["--global", "--no-narration"], "cannot be used with");
}
