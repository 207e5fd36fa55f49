//! Commits whose hook never ran have their entries all the same, a little later.

use std::process::Output;

use crate::support::{Sandbox, checked, entries_of};
use crate::transcript::Transcript;

const DAY: &str = "2026-01-06";

/// Commits as a program does that switches hooks off.
fn commit_silently(sandbox: &Sandbox, message: &str, files: &[(&str, &str)]) -> String {
    for (path, content) in files {
        sandbox.write(path, content);
    }
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--allow-empty", "-m", message]);
    head(sandbox)
}

fn head(sandbox: &Sandbox) -> String {
    sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

fn entries(page: &str) -> usize {
    page.matches("<!-- commit-story:entry ").count()
}

fn words(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_next_commit_brings_the_missing_entry_and_each_has_its_own_conversation() {
    let sandbox = Sandbox::ready().at("2026-01-06T16:10:00+01:00");
    let mut talk = Transcript::new("488c5296-fc78", &sandbox.repo());
    talk.prompt("2026-01-06T16:07:00+01:00", "Put a second line into a.txt")
        .edit("2026-01-06T16:07:10+01:00", "a.txt")
        .reply("2026-01-06T16:07:20+01:00", "There is a second line now.")
        .save(&sandbox);
    let silent = commit_silently(&sandbox, "unseen", &[("a.txt", "one\ntwo\n")]);
    assert_eq!(sandbox.page(DAY), "");
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    talk.prompt("2026-01-06T16:15:00+01:00", "Now write b.txt")
        .edit("2026-01-06T16:15:10+01:00", "b.txt")
        .reply("2026-01-06T16:15:20+01:00", "It is written.")
        .save(&sandbox);
    let seen = sandbox.commit("seen", &[("b.txt", "b\n")]);
    sandbox.settle();
    let page = sandbox.page(DAY);
    assert_eq!((entries(&page), entries_of(&page, &silent), entries_of(&page, &seen)), (2, 1, 1), "{page}");
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing\n{page}"));
    let places = [&silent[..], "Put a second line into a.txt", "- `a.txt` +1 −0", &seen[..], "Now write b.txt"].map(at);
    assert!(places.is_sorted(), "{page}");
    assert_eq!(page.matches("Put a second line").count(), 1, "{page}");
    assert_eq!(sandbox.log(), "");
    let again = sandbox.story(&["show"]);
    assert_eq!(words(&again), "", "nothing is missing any more");
}

#[test]
fn what_was_committed_before_the_journal_was_set_up_stays_unwritten() {
    let sandbox = Sandbox::new();
    commit_silently(&sandbox, "long ago", &[("a.txt", "one\n")]);
    let sandbox = sandbox.at("2026-01-06T17:00:00+01:00");
    sandbox.story_ok(&["init", "--yes"]);
    let sandbox = sandbox.at("2026-01-06T18:00:00+01:00");
    sandbox.commit("first", &[("a.txt", "two\n")]);
    assert_eq!(sandbox.queued(), [""; 0]);
    sandbox.story_ok(&["show"]);
    assert_eq!(entries(&sandbox.page(DAY)), 1);
    // A hook that was put in by hand: there was no set-up, and its first run is the beginning.
    std::fs::remove_file(sandbox.state().join("since")).unwrap();
    std::fs::remove_file(sandbox.state().join("seen.json")).unwrap();
    let sandbox = sandbox.at("2026-01-06T18:05:00+01:00");
    commit_silently(&sandbox, "before it", &[("a.txt", "three\n")]);
    let sandbox = sandbox.at("2026-01-06T18:10:00+01:00");
    sandbox.commit("second", &[("a.txt", "four\n")]);
    let sandbox = sandbox.at("2026-01-06T18:15:00+01:00");
    let silent = commit_silently(&sandbox, "after it", &[("a.txt", "five\n")]);
    let sandbox = sandbox.at("2026-01-06T18:20:00+01:00");
    sandbox.story_ok(&["show"]);
    let page = sandbox.page(DAY);
    assert_eq!((entries(&page), entries_of(&page, &silent)), (3, 1), "{page}");
}

#[test]
fn show_writes_what_is_missing_and_says_so_on_standard_error() {
    let sandbox = Sandbox::ready();
    let silent = commit_silently(&sandbox, "unseen", &[("a.txt", "one\ntwo\n")]);
    let sandbox = sandbox.at("2026-01-06T16:10:00+01:00");
    let output = sandbox.story(&["show", "HEAD", "--json"]);
    assert_eq!(words(&output), "wrote 1 entry of a commit whose hook had not run\n");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["entries"][0]["commit"], silent.as_str(), "{json}");
    assert_eq!(words(&sandbox.story(&["show"])), "");
    commit_silently(&sandbox, "unseen, too", &[("a.txt", "one\n")]);
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    assert_eq!(words(&sandbox.story(&["--quiet", "show"])), "");
    assert_eq!(entries(&sandbox.page(DAY)), 2);
}

#[test]
fn doctor_writes_what_is_missing_and_then_finds_nothing_wrong() {
    let sandbox = Sandbox::ready();
    let silent = commit_silently(&sandbox, "unseen", &[("a.txt", "one\ntwo\n")]);
    let sandbox = sandbox.at("2026-01-06T16:10:00+01:00");
    let output = sandbox.story(&["doctor"]);
    assert_eq!(words(&output), "wrote 1 entry of a commit whose hook had not run\n");
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(found.contains(&format!("✓ newest commit  {} has its entry", &silent[..8])), "{found}");
}

#[test]
fn what_was_amended_or_reset_away_gets_no_entry() {
    let sandbox = Sandbox::ready();
    commit_silently(&sandbox, "typo", &[("a.txt", "one\ntwo\n")]);
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "-m", "mended"]);
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "-m", "mended again"]);
    let amended = head(&sandbox);
    let away = commit_silently(&sandbox, "a mistake", &[("b.txt", "b\n")]);
    sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    let side = commit_silently(&sandbox, "on a branch", &[("c.txt", "c\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    let last = sandbox.commit("last", &[("d.txt", "d\n")]);
    sandbox.settle();
    let page = sandbox.page(DAY);
    for (id, expected) in [(amended, 1), (away, 0), (side, 1), (last, 1)] {
        assert_eq!(entries_of(&page, &id), expected, "{id}\n{page}");
    }
    assert_eq!(entries(&page), 3, "{page}");
}

#[test]
fn what_others_made_and_a_pull_brought_gets_no_entry() {
    let sandbox = Sandbox::ready();
    sandbox.git(&["clone", "-q", ".", "../theirs"]);
    let theirs = sandbox.path("theirs");
    for nth in ["1", "2"] {
        std::fs::write(theirs.join("theirs.txt"), nth).unwrap();
        checked(sandbox.command("git").args(["add", "-A"]).current_dir(&theirs));
        checked(sandbox.command("git").args(["commit", "-q", "-m", "theirs"]).current_dir(&theirs));
    }
    sandbox.git(&["pull", "-q", "--ff-only", "../theirs", "main"]);
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    sandbox.story(&["doctor"]);
    assert_eq!(sandbox.page(DAY), "");
    sandbox.commit("ours", &[("a.txt", "two\n")]);
    assert_eq!((sandbox.queued().len(), entries(&sandbox.page(DAY))), (0, 1));
}

#[test]
fn many_missed_commits_are_written_in_portions_oldest_first() {
    let mut sandbox = Sandbox::ready();
    let mut all = Vec::new();
    for nth in 0..50 {
        sandbox.now = format!("2026-01-06T16:{:02}:{:02}+01:00", 10 + nth / 6, nth % 6 * 10);
        all.push(commit_silently(&sandbox, &format!("number {nth}"), &[("a.txt", &format!("{nth}\n"))]));
    }
    let mut sandbox = sandbox.at("2026-01-06T17:00:00+01:00");
    for (minute, expected) in [(1, 21), (2, 42), (3, 53)] {
        sandbox.now = format!("2026-01-06T17:{minute:02}:00+01:00");
        sandbox.commit("seen", &[("b.txt", &minute.to_string())]);
        sandbox.settle();
        let page = sandbox.page(DAY);
        let written = all.iter().filter(|id| entries_of(&page, id) == 1).count();
        assert_eq!(entries(&page), expected, "{page}");
        assert!(all[..written].iter().all(|id| entries_of(&page, id) == 1), "the oldest come first");
    }
}

#[test]
fn what_was_missed_in_a_linked_work_tree_is_written_too() {
    let sandbox = Sandbox::ready();
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = sandbox.path("linked");
    std::fs::write(linked.join("b.txt"), "b\n").unwrap();
    Transcript::new("5-linked", &linked)
        .prompt("2026-01-06T16:04:00+01:00", "Add b.txt beside")
        .edit("2026-01-06T16:04:10+01:00", "b.txt")
        .save(&sandbox);
    let git = |args: &[&str]| checked(sandbox.command("git").args(args).current_dir(&linked));
    git(&["add", "b.txt"]);
    git(&["-c", "core.hooksPath=/dev/null", "commit", "-qm", "beside"]);
    let beside = git(&["rev-parse", "HEAD"]).trim().to_owned();
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    sandbox.commit("here", &[("c.txt", "c\n")]);
    sandbox.settle();
    let page = sandbox.page(DAY);
    assert!(entries_of(&page, &beside) == 1 && page.contains("Add b.txt beside"), "{page}\n{}", sandbox.log());
}

#[test]
fn what_was_committed_while_recording_was_switched_off_stays_unwritten() {
    let sandbox = Sandbox::ready();
    sandbox.story_ok(&["config", "set", "enabled", "false"]);
    sandbox.commit("not for the journal", &[("a.txt", "two\n")]);
    sandbox.story_ok(&["config", "set", "enabled", "true"]);
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    let id = sandbox.commit("again", &[("a.txt", "three\n")]);
    sandbox.settle();
    let page = sandbox.page(DAY);
    assert_eq!((entries(&page), entries_of(&page, &id)), (1, 1), "{page}");
}

#[test]
fn what_was_committed_after_an_uninstall_stays_unwritten_also_when_the_state_was_kept() {
    let mut sandbox = Sandbox::ready();
    sandbox.commit("seen", &[("a.txt", "two\n")]);
    sandbox.story_ok(&["uninstall", "--yes", "--keep-state"]);
    sandbox.now = "2026-01-06T16:10:00+01:00".to_owned();
    sandbox.commit("private", &[("a.txt", "three\n")]);
    sandbox.now = "2026-01-06T16:20:00+01:00".to_owned();
    sandbox.story_ok(&["show"]);
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.now = "2026-01-06T16:30:00+01:00".to_owned();
    let id = sandbox.commit("again", &[("a.txt", "four\n")]);
    sandbox.settle();
    let page = sandbox.page(DAY);
    assert_eq!((entries(&page), entries_of(&page, &id)), (2, 1), "{page}");
}

#[test]
fn a_kill_or_a_lost_mark_loses_and_repeats_nothing() {
    let sandbox = Sandbox::ready();
    let seen = sandbox.commit("seen", &[("a.txt", "two\n")]);
    let silent = commit_silently(&sandbox, "unseen", &[("a.txt", "three\n")]);
    let page = sandbox.page(DAY);
    // Killed after the job was made and before that was marked; killed while the mark was written.
    let marks = std::fs::read(sandbox.state().join("seen.json")).unwrap();
    let mut sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    for (minute, lost) in [(20, &marks[..]), (30, b""), (40, b"{\"\":{\"start\":7,\"line\":\"x\"}}")] {
        sandbox.now = format!("2026-01-06T16:{minute}:00+01:00");
        std::fs::write(sandbox.state().join("seen.json"), lost).unwrap();
        sandbox.story_ok(&["show"]);
        let page = sandbox.page(DAY);
        assert_eq!((entries(&page), entries_of(&page, &seen), entries_of(&page, &silent)), (2, 1, 1), "{page}");
    }
    assert_eq!(entries(&page), 1);
    // Killed between the job and the entry.
    let other = commit_silently(&sandbox, "unseen, too", &[("a.txt", "four\n")]);
    let job = serde_json::json!({
        "schema": 1, "commit": other, "git_dir": sandbox.repo().join(".git"), "worktree": sandbox.repo(), "tries": 0,
        "due": "2026-01-06T15:40:00Z", "last_error": null, "missed": true,
    });
    std::fs::write(sandbox.state().join(format!("queue/{other}.json")), job.to_string()).unwrap();
    let sandbox = sandbox.at("2026-01-06T16:50:00+01:00");
    sandbox.story_ok(&["show"]);
    assert_eq!((entries_of(&sandbox.page(DAY), &other), sandbox.queued().len()), (1, 0));
}

#[test]
fn a_repository_without_a_reflog_is_left_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox.git(&["config", "core.logAllRefUpdates", "false"]);
    sandbox.story_ok(&["init", "--yes"]);
    let sandbox = sandbox.at("2026-01-06T16:05:00+01:00");
    commit_silently(&sandbox, "unseen", &[("a.txt", "one\n")]);
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    let seen = sandbox.commit("seen", &[("a.txt", "two\n")]);
    let page = sandbox.page(DAY);
    assert_eq!((entries(&page), entries_of(&page, &seen), sandbox.log().as_str()), (1, 1, ""));
    assert_eq!(words(&sandbox.story(&["show"])), "");
}
