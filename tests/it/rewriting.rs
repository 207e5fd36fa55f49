//! The journal follows when commits take the place of others.

use std::fs;

use crate::support::{Sandbox, checked, entries_of, wait_for};
use crate::transcript::Transcript;

const DAY: &str = "2026-01-06";

/// A journal at 16:05 after a first commit; what `init` wrote is no part of the commits.
fn ready() -> Sandbox {
    let sandbox = Sandbox::ready();
    let mut exclude = fs::read_to_string(sandbox.repo().join(".git/info/exclude")).unwrap();
    exclude += "/.commit-story.yaml\n";
    sandbox.write(".git/info/exclude", exclude);
    sandbox
}

/// A conversation of one turn that edits a file, saved.
fn talk(sandbox: &Sandbox, id: &str, minute: u32, prompt: &str, file: &str) {
    let at = |second: u32| format!("2026-01-06T16:{minute:02}:{second:02}+01:00");
    Transcript::new(id, &sandbox.repo())
        .prompt(&at(1), prompt)
        .edit(&at(5), file)
        .reply(&at(9), "It is done as you asked.")
        .save(sandbox);
}

fn head(sandbox: &Sandbox) -> String {
    sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// A commit at a minute after 16 o'clock, with the conversation that led to it.
fn told(sandbox: &mut Sandbox, minute: u32, prompt: &str, file: &str) -> String {
    talk(sandbox, &format!("{minute:08}-0000"), minute - 1, prompt, file);
    sandbox.now = format!("2026-01-06T16:{minute:02}:00+01:00");
    let id = sandbox.commit(&format!("change {file}"), &[(file, prompt)]);
    sandbox.settle();
    assert!(entry(sandbox, &id).contains(prompt));
    id
}

/// The text of one commit's entry, with what stands below it.
fn entry(sandbox: &Sandbox, id: &str) -> String {
    let page = sandbox.page(DAY);
    let begin = page.find(&format!("<!-- commit-story:entry {id} ")).unwrap_or_else(|| panic!("no {id} in {page}"));
    let rest = &page[begin..];
    let end = rest[1..].find("<!-- commit-story:entry").map_or(rest.len(), |at| at + 1);
    rest[..end].to_owned()
}

/// Rebases by these instructions; messages that are reworded get `Re: ` in front.
fn rebase(sandbox: &Sandbox, instructions: &[(&str, &String)], onto: &str) {
    let lines: Vec<String> = instructions.iter().map(|(what, id)| format!("{what} {id}")).collect();
    sandbox.write("../instructions", lines.join("\n"));
    let mut git = sandbox.command("git");
    git.env("GIT_SEQUENCE_EDITOR", "cp ../instructions").env("GIT_EDITOR", "sed -i '1s/^/Re: /'");
    checked(git.args(["rebase", "-q", "-i", onto]));
    sandbox.settle();
}

fn entries(sandbox: &Sandbox) -> usize {
    sandbox.page(DAY).matches("<!-- commit-story:entry ").count()
}

#[test]
fn an_amended_commit_hands_its_story_on_even_when_the_transcripts_are_gone() {
    let mut sandbox = ready();
    let old = told(&mut sandbox, 10, "Please put two into a.txt", "a.txt");
    let page = sandbox.page(DAY) + "\nI was not sure about this.\n";
    sandbox.write("journal/entries/2026-01/2026-01-06.md", page);
    fs::remove_dir_all(sandbox.home().join(".claude")).unwrap();
    talk(&sandbox, "00000011-0000", 11, "And a b.txt beside it", "b.txt");
    sandbox.now = "2026-01-06T16:12:00+01:00".to_owned();
    sandbox.write("b.txt", "b\n");
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["commit", "-q", "--amend", "-m", "change both"]);
    sandbox.settle();
    let new = head(&sandbox);
    let text = entry(&sandbox, &new);
    assert!(text.contains("· change both ·") && text.contains("`b.txt`"), "{text}");
    for words in ["Please put two into a.txt", "And a b.txt beside it", "I was not sure about this."] {
        assert_eq!(text.matches(words).count(), 1, "{text}");
    }
    assert_eq!((entries(&sandbox), entries_of(&sandbox.page(DAY), &old)), (1, 0), "{}", sandbox.page(DAY));
    // Also when it is written again.
    sandbox.story_ok(&["record", "HEAD"]);
    assert_eq!(entries(&sandbox), 1);
    assert_eq!(sandbox.log(), "");
}

#[test]
fn an_amend_does_not_wait_for_another_writer_of_the_journal() {
    let mut sandbox = ready();
    let old = told(&mut sandbox, 10, "Please put two into a.txt", "a.txt");
    let lock = fs::File::open(sandbox.state().join("journal.lock")).unwrap();
    lock.lock().unwrap();
    let started = std::time::Instant::now();
    sandbox.git(&["commit", "-q", "--amend", "-m", "change it"]);
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
    let new = head(&sandbox);
    lock.unlock().unwrap();
    wait_for("the entry", || entries_of(&sandbox.page(DAY), &new) == 1 && entries_of(&sandbox.page(DAY), &old) == 0);
    assert!(entry(&sandbox, &new).contains("Please put two into a.txt"));
}

#[test]
fn a_rebase_carries_joins_rewords_and_marks() {
    let mut sandbox = ready();
    sandbox.git(&["branch", "base"]);
    let files = ["b.txt", "c.txt", "d.txt", "e.txt", "f.txt"];
    let olds: Vec<String> = files
        .iter()
        .zip([10, 20, 30, 40, 50])
        .map(|(file, minute)| told(&mut sandbox, minute, &format!("Write the {file} please"), file))
        .collect();
    sandbox.git(&["checkout", "-q", "base"]);
    sandbox.now = "2026-01-06T16:55:00+01:00".to_owned();
    let upstream = sandbox.commit("upstream", &[("z.txt", "z")]);
    sandbox.settle();
    sandbox.git(&["checkout", "-q", "main"]);
    let [first, second, third, fourth, fifth] = &olds[..] else { unreachable!("there are five") };
    let instructions = [("pick", first), ("fixup", second), ("pick", fourth), ("reword", third), ("drop", fifth)];
    rebase(&sandbox, &instructions, "base");
    let ids = sandbox.git(&["log", "--format=%H %s", "base..main"]);
    let find = |subject: &str| ids.lines().find(|line| line.contains(subject)).unwrap()[..40].to_owned();
    let (new_b, new_d, new_e) = (find("b.txt"), find("d.txt"), find("e.txt"));
    let text = entry(&sandbox, &new_b);
    assert!(text.contains("Write the b.txt please") && text.contains("Write the c.txt please"), "{text}");
    assert!(text.contains("`c.txt`") && text.contains("2 files"), "{text}");
    assert!(entry(&sandbox, &new_d).contains("Write the d.txt please"));
    assert!(entry(&sandbox, &new_e).contains("Write the e.txt please"));
    assert!(entry(&sandbox, &new_d).contains("· Re: change d.txt ·"));
    let dropped = entry(&sandbox, fifth);
    assert!(dropped.contains("- No longer in the history") && dropped.contains("Write the f.txt please"), "{dropped}");
    assert_eq!(entries_of(&sandbox.page(DAY), &upstream), 1);
    assert_eq!(entries(&sandbox), 5, "{}", sandbox.page(DAY));
    let page = sandbox.page(DAY);
    sandbox.story_ok(&["reconcile"]);
    assert_eq!(sandbox.page(DAY), page);
    assert_eq!(sandbox.log(), "");
}

#[test]
fn a_commit_that_is_split_in_a_rebase_leaves_its_story_to_the_last_part_and_the_others_get_entries() {
    let mut sandbox = ready();
    sandbox.write("c.txt", "c\n");
    told(&mut sandbox, 10, "Write b and c please", "b.txt");
    let mut git = sandbox.command("git");
    git.env("GIT_SEQUENCE_EDITOR", "sed -i 1s/^pick/edit/");
    checked(git.args(["rebase", "-q", "-i", "HEAD~1"]));
    sandbox.git(&["reset", "-q", "HEAD~1"]);
    for file in ["c.txt", "b.txt"] {
        sandbox.git(&["add", file]);
        sandbox.git(&["commit", "-q", "-m", &format!("only {file}")]);
        assert_eq!(entries(&sandbox), 1, "nothing is written while the rebase goes on");
    }
    sandbox.git(&["rebase", "--continue"]);
    sandbox.settle();
    let (b, c) = (head(&sandbox), sandbox.git(&["rev-parse", "HEAD~1"]).trim().to_owned());
    assert!(entry(&sandbox, &b).contains("Write b and c please"));
    assert!(entry(&sandbox, &c).contains("· only c.txt ·"));
    assert_eq!(entries(&sandbox), 2, "{}", sandbox.page(DAY));
}

#[test]
fn a_rebase_that_is_aborted_leaves_the_journal_as_it_was() {
    let mut sandbox = ready();
    sandbox.git(&["branch", "base"]);
    told(&mut sandbox, 10, "Write the b.txt please", "b.txt");
    told(&mut sandbox, 20, "Write the a.txt please", "a.txt");
    sandbox.git(&["checkout", "-q", "base"]);
    sandbox.commit("conflicting", &[("a.txt", "theirs")]);
    sandbox.settle();
    sandbox.git(&["checkout", "-q", "main"]);
    let page = sandbox.page(DAY);
    let conflicted = sandbox.command("git").args(["rebase", "-q", "base"]).output().unwrap();
    assert!(!conflicted.status.success());
    sandbox.git(&["rebase", "--abort"]);
    sandbox.settle();
    assert_eq!(sandbox.page(DAY), page);
    sandbox.story_ok(&["reconcile"]);
    assert_eq!(sandbox.page(DAY), page);
}

#[test]
fn a_cherry_pick_a_revert_and_a_squash_merge_name_their_origins() {
    let mut sandbox = ready();
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    let first = told(&mut sandbox, 10, "Write the b.txt please", "b.txt");
    let second = told(&mut sandbox, 20, "Write the c.txt please", "c.txt");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.now = "2026-01-06T16:30:00+01:00".to_owned();
    sandbox.git(&["cherry-pick", "side"]);
    sandbox.settle();
    let picked = entry(&sandbox, &head(&sandbox));
    assert!(picked.contains(&format!("- Cherry-picked from `{second}`")), "{picked}");
    sandbox.now = "2026-01-06T16:31:00+01:00".to_owned();
    sandbox.git(&["revert", "--no-edit", "HEAD"]);
    sandbox.settle();
    let pick = sandbox.git(&["rev-parse", "HEAD~1"]);
    let reverted = entry(&sandbox, &head(&sandbox));
    assert!(reverted.contains(&format!("- Reverts `{}`", pick.trim())), "{reverted}");
    sandbox.git(&["reset", "-q", "--hard", "HEAD~2"]);
    sandbox.now = "2026-01-06T16:32:00+01:00".to_owned();
    sandbox.git(&["merge", "-q", "--squash", "side"]);
    sandbox.git(&["commit", "-q", "-m", "both as one"]);
    sandbox.settle();
    let squashed = entry(&sandbox, &head(&sandbox));
    assert!(squashed.contains(&format!("- Squashes `{second}`, `{first}`")), "{squashed}");
    assert!(entry(&sandbox, &first).contains("Write the b.txt please"));
}

#[test]
fn a_merge_gets_a_short_entry_with_its_conflicts_and_a_fast_forward_gets_none() {
    let mut sandbox = ready();
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    let side = told(&mut sandbox, 10, "Write the b.txt please", "b.txt");
    sandbox.git(&["checkout", "-q", "main"]);
    let before = entries(&sandbox);
    sandbox.git(&["merge", "-q", "--ff-only", "side"]);
    assert_eq!(entries(&sandbox), before);
    sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    told(&mut sandbox, 20, "Write the c.txt please", "c.txt");
    sandbox.git(&["merge", "-q", "--no-edit", "side"]);
    sandbox.settle();
    let clean = entry(&sandbox, &head(&sandbox));
    assert!(clean.contains(&format!("- Merges `{side}`")) && clean.contains("1 file, +1 −0"), "{clean}");
    assert!(!clean.contains("`b.txt`") && !clean.contains("please"), "{clean}");

    sandbox.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
    sandbox.now = "2026-01-06T16:30:00+01:00".to_owned();
    sandbox.commit("theirs", &[("a.txt", "theirs\n"), ("x.txt", "x\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("ours", &[("a.txt", "ours\n")]);
    let merge = sandbox.command("git").args(["merge", "-q", "other"]).output().unwrap();
    assert!(!merge.status.success());
    sandbox.commit("together", &[("a.txt", "both\n")]);
    sandbox.settle();
    let resolved = entry(&sandbox, &head(&sandbox));
    assert!(resolved.contains("- Conflicts resolved in `a.txt`"), "{resolved}");
    assert!(resolved.contains("- `a.txt` +1 −1 (docs)") && !resolved.contains("`x.txt`"), "{resolved}");
    assert_eq!(sandbox.log(), "");
}

#[test]
fn what_a_merge_driver_has_merged_was_no_conflict_and_none_is_run_again() {
    let sandbox = ready();
    let driver = "echo x >>../ran; cat %B >%A";
    sandbox.git(&["config", "merge.whole.driver", driver]);
    fs::write(sandbox.repo().join(".git/info/attributes"), "b.txt merge=whole\n").unwrap();
    let base = [(".gitattributes", "a.txt merge=union\n"), ("b.txt", "b\n"), ("c.txt", "c\n")];
    sandbox.commit("base", &base);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.commit("theirs", &[("a.txt", "theirs\n"), ("b.txt", "theirs\n"), ("c.txt", "theirs\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("ours", &[("a.txt", "ours\n"), ("b.txt", "ours\n"), ("c.txt", "ours\n")]);
    let merge = sandbox.command("git").args(["merge", "-q", "side"]).output().unwrap();
    assert!(!merge.status.success(), "c.txt");
    sandbox.commit("together", &[("c.txt", "both\n")]);
    sandbox.settle();
    let text = entry(&sandbox, &head(&sandbox));
    assert!(text.contains("- Conflicts resolved in `c.txt`\n"), "{text}");
    assert_eq!(fs::read_to_string(sandbox.path("ran")).unwrap(), "x\n", "by the merge itself");
    sandbox.commit("more of ours", &[("c.txt", "ours again\n")]);
    sandbox.git(&["checkout", "-q", "side"]);
    sandbox.commit("more of theirs", &[("c.txt", "theirs again\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["merge", "-q", "--no-edit", "-s", "ours", "side"]);
    sandbox.settle();
    assert!(!entry(&sandbox, &head(&sandbox)).contains("Conflicts"));
    assert_eq!(sandbox.log(), "");
}

#[test]
fn what_was_reset_and_committed_anew_keeps_its_stories() {
    let mut sandbox = ready();
    told(&mut sandbox, 10, "Write the b.txt please", "b.txt");
    told(&mut sandbox, 20, "Write the c.txt please", "c.txt");
    sandbox.git(&["reset", "-q", "--soft", "HEAD~2"]);
    sandbox.now = "2026-01-06T16:30:00+01:00".to_owned();
    sandbox.git(&["commit", "-q", "-m", "both"]);
    // Nobody asks for it: the commit has left it to a worker.
    wait_for("one entry", || entries(&sandbox) == 1);
    sandbox.settle();
    let both = entry(&sandbox, &head(&sandbox));
    assert!(both.contains("Write the b.txt please") && both.contains("Write the c.txt please"), "{both}");
    assert_eq!(entries(&sandbox), 1, "{}", sandbox.page(DAY));
}

#[test]
fn a_program_that_rewrites_history_without_hooks_is_followed_by_its_map_or_by_author_and_subject() {
    let rewritten = |map: bool| {
        let mut sandbox = ready();
        let olds = [
            told(&mut sandbox, 10, "Write the b.txt please", "b.txt"),
            told(&mut sandbox, 20, "Write the c.txt please", "c.txt"),
        ];
        let base = sandbox.git(&["rev-parse", "HEAD~2"]).trim().to_owned();
        let mut parent = base;
        let mut lines = vec!["old new".to_owned()];
        for old in &olds {
            let author = sandbox.git(&["show", "-s", "--format=%ad", "--date=raw", old]).trim().to_owned();
            let tree = sandbox.git(&["rev-parse", &format!("{old}^{{tree}}")]).trim().to_owned();
            let subject =
                if map { "another subject".to_owned() } else { sandbox.git(&["show", "-s", "--format=%s", old]) };
            let mut git = sandbox.command("git");
            git.env("GIT_AUTHOR_DATE", author).env("GIT_COMMITTER_DATE", "2026-01-06T16:40:00+01:00");
            git.args(["commit-tree", "-p", &parent, "-m", subject.trim(), &tree]);
            parent = checked(&mut git).trim().to_owned();
            lines.push(format!("{old} {parent}"));
        }
        sandbox.git(&["update-ref", "-m", "another program", "refs/heads/main", &parent]);
        sandbox.write("../map", lines.join("\n"));
        let announced = sandbox.story_ok(if map {
            &["reconcile", "--dry-run", "--map", "../map"]
        } else {
            &["reconcile", "--dry-run"]
        });
        assert_eq!(announced.matches("would move").count(), 2, "{announced}");
        sandbox.story_ok(if map { &["reconcile", "--map", "../map"] } else { &["reconcile"] });
        let news = sandbox.git(&["log", "-2", "--format=%H"]);
        for (id, words) in news.lines().zip(["Write the c.txt please", "Write the b.txt please"]) {
            assert!(entry(&sandbox, id).contains(words));
        }
        assert_eq!(entries(&sandbox), 2);
        assert_eq!(sandbox.story_ok(&["reconcile", "--json"]).matches("[]").count(), 4);
    };
    rewritten(true);
    rewritten(false);
}

#[test]
fn an_entry_whose_commit_was_never_here_is_left_alone_and_one_that_comes_back_is_told_so() {
    let mut sandbox = ready();
    told(&mut sandbox, 10, "Write the b.txt please", "b.txt");
    let old = told(&mut sandbox, 20, "Write the c.txt please", "c.txt");
    let page = sandbox.page(DAY);
    let stranger = "d".repeat(40);
    let copy = entry(&sandbox, &old).replace(&old, &stranger).replace("T16:20:00", "T16:21:00");
    sandbox.write("journal/entries/2026-01/2026-01-06.md", format!("{page}\n{copy}"));
    sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert!(sandbox.story_ok(&["reconcile"]).contains(&format!("{}  no longer in the history", &old[..8])));
    assert!(entry(&sandbox, &old).contains("- No longer in the history"));
    assert!(!entry(&sandbox, &stranger).contains("No longer in the history"));
    sandbox.git(&["reset", "-q", "--hard", &old]);
    assert!(sandbox.story_ok(&["reconcile"]).contains(&format!("{}  in the history again", &old[..8])));
    assert!(!entry(&sandbox, &old).contains("No longer in the history"));
    // What has been written again says when.
    let stamp = " w2026-01-06T15:20:00Z";
    assert_eq!(sandbox.page(DAY).replace(stamp, ""), format!("{page}\n{copy}"));
}

#[test]
fn a_job_that_waits_for_the_worker_goes_with_its_commit() {
    let mut sandbox = ready();
    sandbox.hook_deadline_ms = 0;
    let held = fs::File::create(sandbox.state().join("worker.lock")).unwrap();
    held.lock().unwrap();
    talk(&sandbox, "00000010-0000", 9, "Write the b.txt please", "b.txt");
    sandbox.now = "2026-01-06T16:10:00+01:00".to_owned();
    let old = sandbox.commit("change b.txt", &[("b.txt", "b")]);
    assert_eq!(sandbox.queued(), [format!("{old}.json")]);
    sandbox.git(&["commit", "-q", "--amend", "-m", "reworded"]);
    held.unlock().unwrap();
    sandbox.settle();
    let new = head(&sandbox);
    sandbox.story_ok(&["reconcile"]);
    assert!(entry(&sandbox, &new).contains("Write the b.txt please"));
    assert_eq!((entries(&sandbox), entries_of(&sandbox.page(DAY), &old)), (1, 0), "{}", sandbox.page(DAY));
}

#[test]
fn what_a_killed_hook_left_is_written_by_reconcile() {
    let mut sandbox = ready();
    let id = told(&mut sandbox, 10, "Write the b.txt please", "b.txt");
    let job = format!(
        "{{\"schema\":1,\"commit\":\"{id}\",\"git_dir\":{:?},\"worktree\":{:?},\"tries\":0,\
         \"due\":\"2026-01-06T15:00:00Z\",\"last_error\":null}}",
        sandbox.repo().join(".git"),
        sandbox.repo()
    );
    sandbox.write(&format!(".git/commit-story/queue/{id}.json"), job);
    fs::remove_file(sandbox.repo().join("journal/entries/2026-01/2026-01-06.md")).unwrap();
    sandbox.story_ok(&["reconcile"]);
    assert!(entry(&sandbox, &id).contains("Write the b.txt please"));
    assert!(sandbox.queued().is_empty());
}
