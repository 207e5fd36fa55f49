//! The journal brought from place to place.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Sandbox, binary, checked, entries_of};

const BRANCH: &str = "commit-story/journal";

fn page_on_branch(sandbox: &Sandbox) -> String {
    sandbox.git(&["show", &format!("{BRANCH}:entries/2026-01/2026-01-06.md")])
}

/// A journal in the folder, with a page of another month, words by hand, and a file of the user's.
fn in_folder() -> (Sandbox, String) {
    let sandbox = Sandbox::ready();
    let id = sandbox.commit("second", &[("a.txt", "two\n")]);
    sandbox.settle();
    let mine = sandbox.page("2026-01-06") + "\nby hand\n";
    sandbox.write("journal/entries/2026-01/2026-01-06.md", mine);
    sandbox.write("journal/entries/2025-12/2025-12-24.md", "# Wednesday, 24 December 2025\r\n\r\nwithout entries");
    sandbox.write("journal/mine.txt", "mine");
    (sandbox, id)
}

#[test]
fn a_journal_goes_to_a_branch_and_back_word_for_word() {
    let (sandbox, id) = in_folder();
    let page = sandbox.page("2026-01-06");
    let plan = sandbox.story_ok(&["move", "--to", "branch", "--dry-run"]);
    assert!(plan.contains("bring 2 pages") && plan.contains("to the branch commit-story/journal"), "{plan}");
    assert_eq!(sandbox.page("2026-01-06"), page);
    sandbox.story_ok(&["move", "--to", "branch"]);
    assert_eq!(page_on_branch(&sandbox), page);
    assert_eq!(
        sandbox.git(&["show", &format!("{BRANCH}:entries/2025-12/2025-12-24.md")]),
        "# Wednesday, 24 December 2025\r\n\r\nwithout entries"
    );
    assert_eq!(files(&sandbox.repo().join("journal")), [PathBuf::from("mine.txt")]);
    assert!(sandbox.story_ok(&["config", "get", "journal.branch"]).contains(BRANCH));
    let third = sandbox.commit("third", &[("b.txt", "b\n")]);
    assert_eq!(entries_of(&page_on_branch(&sandbox), &third), 1);
    assert!(sandbox.story_ok(&["show", &id]).contains("second"));

    let page = page_on_branch(&sandbox);
    let tip = sandbox.git(&["rev-parse", BRANCH]);
    let output = sandbox.story(&["move", "--to", "folder", "--delete-branch"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(&format!("git branch {BRANCH} {} brings it back", tip.trim())), "{said}");
    assert_eq!(sandbox.page("2026-01-06"), page);
    assert_eq!(sandbox.git(&["branch", "--list", "commit-story/*"]), "");
    assert!(sandbox.git(&["status", "--porcelain", "-uall"]).lines().all(|line| !line.contains("journal/")));
    let doctor = sandbox.story_ok(&["doctor"]);
    assert!(doctor.contains("newest page 2026-01-06"), "{doctor}");
    assert!(sandbox.story_ok(&["move"]).is_empty());
}

#[test]
fn a_journal_that_was_committed_says_what_is_left_to_be_committed() {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--committed", "--yes"]);
    sandbox.commit("second", &[("a.txt", "two\n")]);
    sandbox.commit("the journal, too", &[]);
    let output = sandbox.story(&["move", "--to", "branch"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("commit that they are gone"), "{said}");
    assert!(sandbox.git(&["status", "--short"]).contains(" D journal/entries/2026-01/2026-01-06.md"));
    assert!(page_on_branch(&sandbox).contains("second"));
    // Only the journal's own pages go, which is no work to be told of.
    sandbox.git(&["rm", "-q", "-r", "--cached", "journal"]);
    sandbox.git(&["commit", "-qm", "the journal has moved"]);
    assert!(!page_on_branch(&sandbox).contains("the journal has moved"));
}

#[test]
fn both_places_having_pages_come_to_one_with_the_entries_of_both() {
    let (sandbox, first) = in_folder();
    sandbox.story_ok(&["move", "--to", "branch"]);
    let second = sandbox.commit("on the branch", &[("b.txt", "b\n")]);
    checked(
        sandbox
            .command("git")
            .args(["commit", "-qam", "in the folder", "--allow-empty"])
            .env("COMMIT_STORY_JOURNAL_BRANCH", "null"),
    );
    let third = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    sandbox.settle();
    assert_eq!(entries_of(&sandbox.page("2026-01-06"), &third), 1);
    sandbox.story_ok(&["move", "--to", "folder"]);
    let page = sandbox.page("2026-01-06");
    assert_eq!([&first, &second, &third].map(|id| entries_of(&page, id)), [1, 1, 1], "{page}");
    assert_eq!(
        sandbox.git(&["branch", "--list", "--format=%(refname:short)", "commit-story/*"]).trim(),
        BRANCH,
        "it stays"
    );
}

#[test]
fn a_vault_has_a_folder_for_each_repository() {
    let (sandbox, id) = in_folder();
    // What the repository's file says outranks the user's.
    let output = sandbox.story(&["move", "--to", "~/notes", "--user"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("outranks your own file"), "{output:?}");
    fs::remove_file(sandbox.repo().join(".commit-story.yaml")).unwrap();
    let output = sandbox.story(&["move", "--to", "~/notes"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    sandbox.story_ok(&["move", "--to", "~/notes", "--user"]);
    let read = |name: &str| {
        fs::read_to_string(sandbox.home().join("notes").join(name).join("entries/2026-01/2026-01-06.md")).unwrap()
    };
    assert_eq!(entries_of(&read("repo"), &id), 1);
    let other = sandbox.path("elsewhere/repo");
    fs::create_dir_all(&other).unwrap();
    let git = |args: &[&str]| checked(sandbox.command("git").args(args).current_dir(&other));
    git(&["init", "-q"]);
    checked(sandbox.command(binary()).args(["init", "--user", "--yes"]).current_dir(&other));
    git(&["commit", "-q", "--allow-empty", "-m", "of another"]);
    assert!(read("repo-2").contains("of another") && !read("repo").contains("of another"));
    fs::rename(sandbox.repo(), sandbox.path("renamed")).unwrap();
    fs::create_dir(sandbox.repo()).unwrap();
    let shown = checked(sandbox.command(binary()).args(["show", &id]).current_dir(sandbox.path("renamed")));
    assert!(shown.contains("second"), "a repository that is moved keeps its folder");
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path.strip_prefix(dir).unwrap().to_owned()) }
        }
    }
    found.sort();
    found
}
