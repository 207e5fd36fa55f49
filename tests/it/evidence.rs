//! Which words belong to which commit, and that the same commit always gets the same ones.

use crate::support::{Sandbox, binary, checked, entries_of};
use crate::transcript::Transcript;

/// The entry of a commit as it stands on the page.
fn entry(page: &str, id: &str) -> String {
    let begin =
        page.find(&format!("<!-- commit-story:entry {id} ")).unwrap_or_else(|| panic!("no entry of {id}: {page}"));
    let end = page[begin..].find("<!-- commit-story:end").unwrap();
    page[begin..begin + end].to_owned()
}

#[test]
fn of_two_quick_commits_in_one_turn_the_second_keeps_the_prompt_and_nothing_is_told_twice() {
    let sandbox = Sandbox::ready();
    let mut talk = Transcript::new("488c5296-fc78", &sandbox.repo());
    talk.prompt("2026-01-06T16:03:00+01:00", "Add two files, and commit each on its own.")
        .reply("2026-01-06T16:03:30+01:00", "First I add b.txt, since c.txt refers to it.")
        .edit("2026-01-06T16:04:00+01:00", "b.txt")
        .pending("2026-01-06T16:05:00+01:00", "Bash", &serde_json::json!({"command": "git commit -m b"}))
        .save(&sandbox);
    let first = sandbox.commit("b", &[("b.txt", "b\n")]);
    sandbox.settle();
    let sandbox = sandbox.at("2026-01-06T16:06:00+01:00");
    talk.edit("2026-01-06T16:05:30+01:00", "c.txt").reply("2026-01-06T16:06:00+01:00", "Now c.txt is there as well.");
    talk.save(&sandbox);
    let second = sandbox.commit("c", &[("c.txt", "c\n")]);
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    let (one, two) = (entry(&page, &first), entry(&page, &second));
    assert!(one.contains("Add two files") && one.contains("since c.txt refers to it"), "{one}");
    assert!(two.contains("Add two files") && two.contains("Now c.txt is there"), "{two}");
    assert!(!two.contains("since c.txt refers to it"), "{two}");
    assert!(!one.contains("Now c.txt is there"), "{one}");

    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    let third = sandbox.commit("d", &[("d.txt", "d\n")]);
    let three = entry(&sandbox.page("2026-01-06"), &third);
    assert!(!three.contains("Add two files") && !three.contains("Now c.txt"), "{three}");
}

/// Three commits with words, a note and an assistant's session of their own, on two branches and in two work trees.
fn history() -> (Sandbox, Vec<String>) {
    let mut sandbox = Sandbox::ready();
    let mut ids = Vec::new();
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = sandbox.path("linked");
    for (nth, minute) in [10, 20, 30].into_iter().enumerate() {
        sandbox = sandbox.at(&format!("2026-01-06T16:{minute}:00+01:00"));
        let tree = if nth == 1 { linked.clone() } else { sandbox.repo() };
        // The session that makes the commit works elsewhere: only its environment connects the two.
        Transcript::new(&format!("{nth}88c5296-fc78"), &sandbox.path("elsewhere"))
            .prompt(
                &format!("2026-01-06T16:{:02}:00+01:00", minute - 2),
                &format!("What about number {nth}, {}?", tree.display()),
            )
            .run(
                &format!("2026-01-06T16:{:02}:10+01:00", minute - 2),
                &format!("cd {} && make", tree.display()),
                0,
                "ok",
            )
            .reply(&format!("2026-01-06T16:{:02}:30+01:00", minute - 2), &format!("Number {nth} is done."))
            .save(&sandbox);
        checked(sandbox.command(binary()).args(["reflect", &format!("thought {nth}")]).current_dir(&tree));
        std::fs::write(tree.join(format!("{nth}.txt")), "x\n").unwrap();
        checked(sandbox.command("git").args(["add", "-A"]).current_dir(&tree));
        let id = format!("{nth}88c5296-fc78");
        checked(
            sandbox
                .command("git")
                .args(["commit", "-qm", "numbered"])
                .current_dir(&tree)
                .env("CLAUDE_CODE_SESSION_ID", id),
        );
        ids.push(checked(sandbox.command("git").args(["rev-parse", "HEAD"]).current_dir(&tree)).trim().to_owned());
    }
    sandbox.settle();
    (sandbox.at("2026-01-06T18:00:00+01:00"), ids)
}

#[test]
fn an_entry_written_again_is_the_same_to_the_byte_in_any_order_and_from_anywhere() {
    let (sandbox, ids) = history();
    let page = sandbox.page("2026-01-06");
    for (nth, id) in ids.iter().enumerate() {
        let entry = entry(&page, id);
        for expected in [format!("number {nth}"), format!("thought {nth}"), format!("{nth}.txt")] {
            assert!(entry.contains(&expected), "{expected}: {entry}");
        }
    }
    sandbox.story_ok(&["reflect", "not yet told"]);
    sandbox.git(&["checkout", "-q", "-b", "third"]);
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        std::fs::remove_dir_all(sandbox.repo().join("journal")).unwrap();
        for nth in order {
            let dir = if nth == 2 { sandbox.path("linked") } else { sandbox.repo() };
            for _ in 0..2 {
                checked(sandbox.command(binary()).args(["record", &ids[nth]]).current_dir(&dir));
            }
        }
        assert_eq!(sandbox.page("2026-01-06"), page, "{order:?}");
    }
}

#[test]
fn commits_without_a_hook_are_recorded_alike_in_any_order() {
    let order = |order: [usize; 3]| {
        let mut sandbox = Sandbox::new();
        let mut talk = Transcript::new("488c5296-fc78", &sandbox.repo());
        let mut ids = Vec::new();
        for minute in [10, 20, 30] {
            talk.prompt(&format!("2026-01-06T16:{:02}:00.500+01:00", minute - 1), &format!("make {minute}.txt please"))
                .edit(&format!("2026-01-06T16:{:02}:30+01:00", minute - 1), &format!("{minute}.txt"))
                .reply(&format!("2026-01-06T16:{minute}:00.400+01:00"), &format!("There is {minute}.txt now."));
            sandbox = sandbox.at(&format!("2026-01-06T16:{minute}:00+01:00"));
            ids.push(sandbox.commit("x", &[(&format!("{minute}.txt"), "x\n")]));
        }
        talk.save(&sandbox);
        for nth in order {
            sandbox.story_ok(&["record", &ids[nth]]);
        }
        sandbox.page("2026-01-06")
    };
    // The three histories are equal to the byte, ids included: so are their pages.
    let first = order([0, 1, 2]);
    assert!(first.matches("There is").count() == 3, "{first}");
    assert_eq!(order([2, 1, 0]), first);
    assert_eq!(order([1, 2, 0]), first);
}

#[test]
fn what_was_said_elsewhere_stays_out() {
    let sandbox = Sandbox::ready();
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let talk = |id: &str, cwd: &str, file: &str, words: &str| {
        Transcript::new(id, &sandbox.path(cwd))
            .prompt("2026-01-06T16:03:00+01:00", words)
            .edit("2026-01-06T16:03:10+01:00", file)
            .reply("2026-01-06T16:03:20+01:00", &format!("Yes: {words}"))
            .save(&sandbox);
    };
    talk("1-here", "repo", "a.txt", "said here");
    talk("2-project", "repo-other", "a.txt", "said in another project");
    talk("3-tree", "linked", "side.txt", "said in another work tree");
    let id = sandbox.commit("x", &[("a.txt", "two\n")]);
    let one = entry(&sandbox.page("2026-01-06"), &id);
    assert!(one.contains("said here"), "{one}");
    assert!(!one.contains("another project") && !one.contains("another work tree"), "{one}");
}

#[test]
fn every_kind_of_commit_gets_its_entry_with_what_it_changed() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    let root = sandbox.commit("root", &[("a.txt", "1\n2\n3\n4\n5\n")]);
    let empty = sandbox.commit("nothing", &[]);
    sandbox.git(&["mv", "a.txt", "moved.txt"]);
    let moved = sandbox.commit("move", &[]);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.commit("side", &[("b.txt", "b\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("main", &[("c.txt", "c\n")]);
    sandbox.git(&["merge", "-q", "--no-ff", "-m", "merge side", "side"]);
    // Git runs post-merge for a merge that it commits itself, so this one is recorded by hand.
    sandbox.story_ok(&["record"]);
    let merge = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let page = sandbox.page("2026-01-06");
    assert!(entry(&page, &root).contains("- `a.txt` +5 −0"), "{page}");
    assert!(!entry(&page, &empty).contains("### Changes"), "{}", entry(&page, &empty));
    assert!(entry(&page, &moved).contains("`a.txt`") && entry(&page, &moved).contains("`moved.txt`"), "{page}");
    let merge = entry(&page, &merge);
    assert!(merge.contains("1 file, +1 −0") && !merge.contains("`b.txt`") && !merge.contains("`c.txt`"), "{page}");
}

#[test]
fn a_committed_journal_never_tells_of_itself() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes", "--committed"]);
    let first = sandbox.commit("code", &[("a.txt", "one\n")]);
    assert_eq!(entries_of(&sandbox.page("2026-01-06"), &first), 1);
    let sandbox = sandbox.at("2026-01-06T16:30:00+01:00");
    let only = sandbox.commit("journal", &[]);
    assert_eq!(
        sandbox.git(&["show", "--name-only", "--format=", "HEAD"]).trim(),
        "journal/entries/2026-01/2026-01-06.md"
    );
    assert_eq!(entries_of(&sandbox.page("2026-01-06"), &only), 0);
    assert_eq!(sandbox.git(&["status", "--porcelain"]), "");
    let sandbox = sandbox.at("2026-01-06T16:40:00+01:00");
    let page = sandbox.page("2026-01-06") + "\nby hand\n";
    let both = sandbox.commit("both", &[("a.txt", "two\n"), ("journal/entries/2026-01/2026-01-06.md", &page)]);
    let both = entry(&sandbox.page("2026-01-06"), &both);
    assert!(both.contains("- `a.txt` +1 −1") && !both.contains("2026-01-06.md"), "{both}");
    assert!(sandbox.page("2026-01-06").contains("by hand"));
}
