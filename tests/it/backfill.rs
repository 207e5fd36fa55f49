//! Entries for past commits.

use std::process::Stdio;

use crate::support::{Sandbox, binary, checked, entries_of, wait_for};
use crate::transcript::Transcript;

/// Some commits of an hour each, from 10:00 on 5 January 2026, before there was a journal; their ids, oldest first.
fn history(commits: usize) -> (Sandbox, Vec<String>) {
    let mut sandbox = Sandbox::new();
    let ids = (0..commits).map(|nth| {
        sandbox.now = at(nth, 0);
        sandbox.commit(&format!("change {nth}"), &[(&format!("{nth}.txt"), "x\n")])
    });
    let ids = ids.collect();
    "2026-03-01T09:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.write(".git/info/exclude", "/journal/\n");
    (sandbox, ids)
}

/// When the nth commit of a history was made, and some minutes later; ten a day.
fn at(nth: usize, minute: usize) -> String {
    format!("2026-01-{:02}T{:02}:{minute:02}:00+01:00", 5 + nth / 10, 10 + nth % 10)
}

/// All pages.
fn journal(sandbox: &Sandbox) -> String {
    let mut text = String::new();
    for day in 1..=31 {
        text += &sandbox.page(&format!("2026-01-{day:02}"));
    }
    text
}

/// The entry of a commit, without what stands below it.
fn entry(sandbox: &Sandbox, id: &str) -> String {
    let journal = journal(sandbox);
    let begin =
        journal.find(&format!("<!-- commit-story:entry {id} ")).unwrap_or_else(|| panic!("no entry: {journal}"));
    let end = journal[begin..].find("<!-- commit-story:end").unwrap();
    journal[begin..begin + end].to_owned()
}

fn imported(sandbox: &Sandbox, commits: usize) {
    use std::fmt::Write as _;
    use std::io::Write as _;
    let mut stream = String::new();
    for nth in 0..commits {
        let at = 1_767_225_600 + nth * 600;
        write!(
            stream,
            "commit refs/heads/main\ncommitter Ada Example <ada@example.org> {at} +0000\ndata 7\nchange\n\
             M 100644 inline {}.txt\ndata 2\nx\n\n",
            nth % 50
        )
        .unwrap();
        // The same text is no change: every commit gets a file of its own.
        write!(stream, "M 100644 inline new/{nth}.txt\ndata 2\nx\n\n").unwrap();
    }
    let mut git = sandbox.command("git").args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    git.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(git.wait().unwrap().success());
}

#[test]
fn past_commits_get_their_entries_in_order_and_a_second_run_changes_nothing() {
    let (sandbox, ids) = history(23);
    let said = sandbox.said(&["backfill", "HEAD"]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(0), ""));
    assert_eq!(said.stderr, "wrote 23 entries, 0 with conversation\n");
    let text = journal(&sandbox);
    let places: Vec<usize> = ids.iter().map(|id| text.find(&format!("entry {id} ")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
    assert!(entry(&sandbox, &ids[3]).contains("3.txt"));
    assert!(!entry(&sandbox, &ids[22]).contains("branch"), "on which branch a past commit was made is not known");
    let before = sandbox.files();
    let said = sandbox.said(&["backfill", "HEAD"]);
    assert_eq!(said.stderr, "there is nothing to write; passed over: 23 had one already\n");
    assert_eq!(sandbox.files(), before);
}

#[test]
fn an_entry_that_is_there_is_left_as_it_is_with_all_that_was_written_by_hand() {
    let (sandbox, ids) = history(3);
    sandbox.story_ok(&["record", &ids[1]]);
    let path = sandbox.repo().join("journal/entries/2026-01/2026-01-05.md");
    let mine = std::fs::read_to_string(&path).unwrap().replace("0.txt", "zero") + "\nI remember this one.\n";
    std::fs::write(&path, mine.replace("change 1", "my own words")).unwrap();
    let said = sandbox.said(&["backfill", "--all"]);
    assert_eq!(said.stderr, "wrote 2 entries, 0 with conversation; passed over: 1 had one already\n");
    let text = journal(&sandbox);
    assert!(text.contains("my own words") && text.contains("I remember this one."), "{text}");
    assert_eq!(ids.iter().map(|id| entries_of(&text, id)).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn a_run_that_is_killed_is_gone_on_with_and_no_commit_is_written_twice() {
    let sandbox = Sandbox::new().at("2026-03-01T09:00:00+01:00");
    imported(&sandbox, 700);
    let mut run = sandbox.command(binary()).args(["backfill", "HEAD"]).stderr(Stdio::null()).spawn().unwrap();
    wait_for("a first page", || sandbox.repo().join("journal/entries/2026-01/2026-01-01.md").exists());
    run.kill().unwrap();
    run.wait().unwrap();
    sandbox.story_ok(&["backfill", "HEAD"]);
    let text = journal(&sandbox);
    let ids = sandbox.git(&["rev-list", "HEAD"]);
    assert_eq!(ids.lines().count(), 700);
    assert!(ids.lines().all(|id| entries_of(&text, id) == 1));
}

#[test]
fn a_page_that_cannot_be_written_ends_the_run_and_the_next_one_goes_on() {
    let (sandbox, ids) = history(12);
    let blocked = sandbox.repo().join("journal/entries/2026-01/2026-01-06.md");
    std::fs::create_dir_all(&blocked).unwrap();
    let said = sandbox.said(&["backfill", "HEAD"]);
    assert_eq!(said.code, Some(1), "{said}");
    std::fs::remove_dir(&blocked).unwrap();
    sandbox.story_ok(&["backfill", "HEAD"]);
    let text = journal(&sandbox);
    assert!(ids.iter().all(|id| entries_of(&text, id) == 1), "{text}");
}

#[test]
fn only_ones_own_commits_get_entries_unless_everyones_are_asked_for() {
    let (mut sandbox, ids) = history(2);
    sandbox.now = at(2, 0);
    sandbox.git(&["config", "user.email", "Bob@example.org"]);
    let theirs = sandbox.commit("theirs", &[("b.txt", "b\n")]);
    sandbox.git(&["config", "user.email", "ADA@example.org"]);
    // What was said here at the time did not lead to it.
    Transcript::new("0ne00000-0000", &sandbox.repo()).prompt(&at(1, 30), "Write the b.").save(&sandbox);
    let said = sandbox.said(&["backfill", "HEAD"]);
    let passed = "passed over: 1 by others (--everyone takes them)";
    assert_eq!(said.stderr, format!("wrote 2 entries, 0 with conversation; {passed}\n"));
    assert_eq!(entries_of(&journal(&sandbox), &theirs), 0);
    let said = sandbox.said(&["backfill", "HEAD", "--everyone"]);
    assert_eq!(said.stderr, "wrote 1 entry, 0 with conversation; passed over: 2 had one already\n");
    assert!(!entry(&sandbox, &theirs).contains("Write the b."));
    assert_eq!(entries_of(&journal(&sandbox), &ids[0]), 1);
    sandbox.git(&["config", "--unset", "user.email"]);
    let nobody = checked(
        sandbox
            .command("sh")
            .args(["-c", "GIT_CONFIG_GLOBAL=/dev/null \"$0\" backfill HEAD 2>&1 || echo refused"])
            .arg(binary()),
    );
    assert!(nobody.contains("git has no user.email") && nobody.ends_with("refused\n"), "{nobody}");
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let (sandbox, ids) = history(3);
    Transcript::new("0ne00000-0000", &sandbox.repo()).prompt(&at(0, 30), "Write 1.txt.").save(&sandbox);
    sandbox.story_ok(&["record", &ids[0]]);
    let before = sandbox.files();
    let said = sandbox.said(&["backfill", "HEAD", "--dry-run"]);
    let line = |nth: usize| format!("{}  2026-01-05  change {nth}\n", &ids[nth][..8]);
    assert_eq!(said.stdout, line(1) + &line(2));
    assert_eq!(said.stderr, "would write 2 entries; passed over: 1 had one already\n");
    let json: serde_json::Value =
        serde_json::from_str(&sandbox.story_ok(&["backfill", "HEAD", "--dry-run", "--json"])).unwrap();
    assert_eq!(json["entries"][1]["commit"], ids[2].as_str());
    assert_eq!((&json["dry_run"], &json["present"]), (&true.into(), &1.into()));
    assert_eq!(sandbox.files(), before);
}

#[test]
fn the_range_the_date_and_the_branches_say_which() {
    let (mut sandbox, ids) = history(13);
    sandbox.git(&["checkout", "-q", "-b", "topic", &ids[2]]);
    sandbox.now = at(14, 0);
    let topic = sandbox.commit("on a branch", &[("t.txt", "t\n")]);
    sandbox.git(&["branch", "commit-story/journal"]);
    sandbox.git(&["checkout", "-q", "main"]);
    "2026-01-07T09:00:00+01:00".clone_into(&mut sandbox.now);
    let dry = |args: &[&str]| {
        let said = sandbox.said(&[&["backfill", "--dry-run"], args].concat());
        assert_eq!(said.code, Some(0), "{said}");
        said.stdout.lines().map(|line| line[..8].to_owned()).collect::<Vec<_>>()
    };
    let short = |ids: &[String]| ids.iter().map(|id| id[..8].to_owned()).collect::<Vec<_>>();
    assert_eq!(dry(&[&format!("{}..{}", ids[3], ids[6])]), short(&ids[4..7]));
    assert_eq!(dry(&[&ids[4]]), short(&ids[..5]));
    assert_eq!(dry(&["HEAD^!"]), short(&ids[12..]));
    assert_eq!(dry(&["--since", "2026-01-06"]), short(&ids[10..]));
    assert_eq!(dry(&["--since", "22 hours ago"]), short(&ids[11..]));
    assert_eq!(dry(&["--since", "yesterday", &ids[11]]), short(&ids[10..12]));
    assert_eq!(dry(&["--all"]), short(&[&ids[..], &[topic]].concat()));
    for wrong in [&["backfill"][..], &["backfill", "--since", "soon"]] {
        let said = sandbox.said(wrong);
        assert_eq!(said.code, Some(2), "{said}");
        assert!(said.stderr.contains("hint:"), "{said}");
    }
    assert_eq!(sandbox.said(&["backfill", "nowhere..HEAD"]).code, Some(1));
}

#[test]
fn the_commits_of_a_session_tell_each_their_part_once() {
    let (sandbox, ids) = history(4);
    Transcript::new("0ne00000-0000", &sandbox.repo())
        .prompt(&at(0, 10), "Write the first.")
        .edit(&at(0, 20), "1.txt")
        .reply(&at(0, 30), "It is one line, because one is enough.")
        .prompt(&at(1, 10), "Write the second.")
        .edit(&at(1, 20), "2.txt")
        .reply(&at(1, 30), "It is like the first, because they belong together.")
        .save(&sandbox);
    let said = sandbox.said(&["backfill", "HEAD"]);
    assert_eq!(said.stderr, "wrote 4 entries, 2 with conversation\n");
    let told: Vec<Vec<usize>> = ["Write the first.", "Write the second.", "because one is enough", "belong together"]
        .iter()
        .map(|words| ids.iter().map(|id| entry(&sandbox, id).matches(words).count()).collect())
        .collect();
    assert_eq!(told, [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0]]);
    // What is written is what `record` writes.
    let page = journal(&sandbox);
    for id in &ids[1..3] {
        assert!(sandbox.said(&["record", id]).stderr.starts_with("nothing new in"), "{id}");
    }
    assert_eq!(journal(&sandbox), page);
}

#[test]
fn prompts_that_outlive_their_transcript_are_told_without_answers() {
    let (sandbox, ids) = history(4);
    let line = |minute: usize, nth: usize, text: &str, project: &std::path::Path, session: &str| {
        let at = chrono::DateTime::parse_from_rfc3339(&at(nth, minute)).unwrap().timestamp_millis();
        let line = serde_json::json!({
            "display": text, "pastedContents": {}, "timestamp": at, "project": project, "sessionId": session,
        });
        format!("{line}\n")
    };
    let kept = Transcript::new("4e970000-0000", &sandbox.repo())
        .prompt(&at(2, 10), "Write 3.txt, from its transcript.")
        .reply(&at(2, 20), "It is there.")
        .save(&sandbox);
    assert!(kept.exists());
    let repo = sandbox.repo();
    let history = [
        line(10, 0, "Write 1.txt, as a list.", &repo, "90ne0000-0000"),
        line(20, 0, "Something else.", &sandbox.path("elsewhere"), "e15e0000-0000"),
        line(10, 1, "Now 2.txt as well.", &repo, "90ne0000-0000"),
        line(10, 2, "From the history, of one that has its transcript.", &repo, "4e970000-0000"),
    ];
    std::fs::write(sandbox.home().join(".claude/history.jsonl"), history.concat()).unwrap();
    let said = sandbox.said(&["backfill", "HEAD"]);
    assert_eq!(said.stderr, "wrote 4 entries, 3 with conversation\n");
    let one = entry(&sandbox, &ids[1]);
    assert!(one.contains("Write 1.txt, as a list.") && !one.contains("2.txt as well"), "{one}");
    assert!(one.contains("the transcript with its answers is gone"), "{one}");
    assert!(entry(&sandbox, &ids[2]).contains("Now 2.txt as well."));
    let page = journal(&sandbox);
    assert!(page.contains("from its transcript") && !page.contains("From the history"), "{page}");
    assert!(!page.contains("Something else."), "{page}");
    // Writing one again loses nothing of it.
    assert!(sandbox.said(&["record", &ids[1]]).stderr.starts_with("nothing new in"));
    sandbox.story_ok(&["config", "set", "--user", "assistants.claude-code.read", "false"]);
    sandbox.story_ok(&["record", &ids[1]]);
    assert!(!entry(&sandbox, &ids[1]).contains("as a list"));
}

#[test]
fn merges_and_commits_of_the_journal_alone_are_handled_as_by_record() {
    let (mut sandbox, ids) = history(2);
    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    sandbox.now = at(3, 0);
    sandbox.commit("on the branch", &[("t.txt", "t\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.now = at(4, 0);
    sandbox.git(&["merge", "-q", "--no-ff", "-m", "bring it in", "topic"]);
    let merge = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    sandbox.write(".git/info/exclude", "");
    sandbox.now = at(5, 0);
    let journal_only = sandbox.commit("journal", &[("journal/entries/2025-01/2025-01-01.md", "# old\n")]);
    let said = sandbox.said(&["backfill", "HEAD"]);
    assert_eq!(said.stderr, "wrote 4 entries, 0 with conversation; passed over: 1 of the journal only\n");
    assert_eq!(entries_of(&journal(&sandbox), &journal_only), 0);
    let page = journal(&sandbox);
    sandbox.story_ok(&["record", &merge]);
    sandbox.story_ok(&["record", &ids[0]]);
    assert_eq!(journal(&sandbox), page);
}

#[test]
fn a_note_is_told_by_one_commit() {
    let (mut sandbox, ids) = history(3);
    sandbox.now = at(0, 30);
    sandbox.story_ok(&["reflect", "I was in doubt."]);
    "2026-03-01T09:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.story_ok(&["backfill", "HEAD"]);
    let told: Vec<usize> = ids.iter().map(|id| entry(&sandbox, id).matches("I was in doubt.").count()).collect();
    assert_eq!(told, [0, 1, 0]);
}

#[test]
fn quiet_is_quiet() {
    let (sandbox, _) = history(2);
    let said = sandbox.said(&["backfill", "--all", "--quiet"]);
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), "", ""));
}
