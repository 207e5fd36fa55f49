//! `show` and `record`: reading an entry back, and what it is made from.

use serde_json::Value;

use crate::support::Sandbox;
use crate::transcript::Transcript;

const SESSION: &str = "488c5296-fc78-4e1c-9f43-0a1b2c3d4e5f";

fn told() -> (Sandbox, String) {
    let sandbox = Sandbox::ready();
    Transcript::new(SESSION, &sandbox.repo())
        .prompt("2026-01-06T16:03:00+01:00", "Add a second line to a.txt, and run the tests.")
        .edit("2026-01-06T16:03:10+01:00", "a.txt")
        .run("2026-01-06T16:03:12+01:00", "make test", 2, "no rule to make target")
        .run("2026-01-06T16:03:15+01:00", "make test", 0, "ok")
        .ask("2026-01-06T16:03:17+01:00", "Which line end?", "Unix")
        .reply("2026-01-06T16:03:20+01:00", "Done: a.txt has two lines.")
        .save(&sandbox);
    let id = sandbox.commit("second", &[("a.txt", "one\ntwo\n"), ("src/b.rs", "fn b() {}\n")]);
    (sandbox, id)
}

fn json(sandbox: &Sandbox, args: &[&str]) -> Value {
    serde_json::from_str(&sandbox.story_ok(args)).unwrap()
}

#[test]
fn show_finds_days_and_commits() {
    let (sandbox, id) = told();
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    let raw = |args: &[&str]| sandbox.story_ok(&[&["show", "--raw"], args].concat());
    for what in [&[][..], &["today"], &["2026-01-06"]] {
        assert_eq!(raw(what).trim_end(), page.trim_end(), "{what:?}");
    }
    for what in ["HEAD", "main", &id, &id[..9], "HEAD^{commit}"] {
        let entry = raw(&[what]);
        assert!(entry.starts_with(&format!("<!-- commit-story:entry {id} ")), "{what}: {entry}");
        assert!(page.contains(entry.trim_end()), "{what}: {entry}");
    }
    let shown = sandbox.story_ok(&["show", "HEAD"]);
    assert!(shown.contains("Add a second line") && !shown.contains("<!--"), "{shown}");
    let next = sandbox.at("2026-01-07T09:00:00+01:00");
    assert_eq!(next.story_ok(&["show", "--raw", "yesterday"]).trim_end(), page.trim_end());
    for (what, said) in [("today", "2026-01-07"), ("HEAD~1", "no entry"), ("2025-02-30", ""), ("nobody", "nobody")] {
        let output = next.story(&["show", what]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && output.stdout.is_empty(), "{what}: {error}");
        assert!(error.starts_with("error: ") && error.contains(said), "{what}: {error}");
    }
}

#[test]
fn an_empty_journal_says_so_and_names_init_whatever_is_asked() {
    let sandbox = Sandbox::ready();
    for args in [&["show"][..], &["today"], &["report"], &["summarize", "week"], &["draft", "standup"]] {
        let error = String::from_utf8(sandbox.story(args).stderr).unwrap();
        assert!(error.contains("the journal is empty\nhint: after commit-story init "), "{args:?}: {error}");
    }
    let told = String::from_utf8(sandbox.story(&["log"]).stderr).unwrap();
    assert!(told.contains("the journal is empty"), "{told}");
}

#[test]
fn what_is_neither_a_day_nor_a_commit_is_answered_with_what_is() {
    let sandbox = Sandbox::ready();
    sandbox.commit("Start", &[("main.rs", "1\n")]);
    let check = |what: &str, hint: &str| {
        let error = String::from_utf8(sandbox.story(&["show", what]).stderr).unwrap();
        let expected = format!("error: `{what}` is neither a day nor a commit\nhint: {hint}");
        assert!(error.starts_with(&expected), "{error}");
    };
    check("yestreday", "days: today, yesterday, 2026-01-06");
    check("2026-13-01", "days: ");
    check("main.rs", "of a file: commit-story why main.rs, or commit-story log -- main.rs");
}

#[test]
fn a_page_that_cannot_be_read_is_told_and_nowhere_taken_for_no_entry() {
    let mut sandbox = Sandbox::ready();
    sandbox.commit("Retry uploads", &[("main.rs", "1\n")]);
    let page = sandbox.repo().join("journal/entries/2026-01/2026-01-06.md");
    sandbox.now = "2026-01-07T10:00:00+01:00".to_owned();
    sandbox.commit("Name the limit", &[("main.rs", "1\n2\n")]);
    std::fs::File::options().write(true).open(&page).unwrap().set_len(17 << 20).unwrap();
    let check = |args: &[&str], expected: &str| {
        for _ in 0..2 {
            let output = sandbox.story(args);
            let all = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
            assert!(all.contains(expected), "{args:?}: {all}");
            assert!(!all.contains("no entry; write one"), "{args:?}: {all}");
        }
    };
    let unusable = "cannot use this page; move it away and a new one is begun";
    check(&["why", "main.rs:1"], unusable);
    check(&["search", "limit"], "warning: 1 page could not be read and searched; commit-story doctor says why");
    check(&["search", "limit", "--json"], "\"unread\": 1");
    check(&["doctor"], unusable);
    std::fs::write(&page, "# Tuesday, 6 January 2026\n\n<!-- commit-story:entry torn\n").unwrap();
    check(&["log"], "warning: 1 page with lines that cannot be read; commit-story doctor names them");
    check(&["doctor"], "2026-01-06.md, line 3: ");
}

#[test]
fn the_json_of_an_entry_and_of_its_evidence_is_complete() {
    let (sandbox, id) = told();
    sandbox.settle();
    let shown = json(&sandbox, &["show", "HEAD", "--json"]);
    let printed = json(&sandbox, &["record", "--print", "--json"]);
    assert_eq!(shown["entries"][0], printed["entry"]);
    assert_eq!(printed["entry"]["commit"], id.as_str());
    let evidence = printed["evidence"].to_string();
    for fact in [
        SESSION,
        "Add a second line to a.txt, and run the tests.",
        "Done: a.txt has two lines.",
        "make test",
        "no rule to make target",
        "Which line end?",
        "Unix",
        "src/b.rs",
    ] {
        assert!(evidence.contains(fact), "{fact}: {evidence}");
    }
}

#[test]
fn printing_writes_nothing_and_recording_again_changes_nothing() {
    let (sandbox, id) = told();
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    let printed = sandbox.story_ok(&["record", "--print", "--raw", "HEAD"]);
    assert!(page.contains(printed.trim_end()), "{printed}\n{page}");
    std::fs::remove_dir_all(sandbox.repo().join("journal")).unwrap();
    sandbox.story_ok(&["record", "--print"]);
    assert!(!sandbox.repo().join("journal").exists());
    sandbox.story_ok(&["record", &id]);
    assert_eq!(sandbox.page("2026-01-06"), page);
    sandbox.story_ok(&["record", &id]);
    assert_eq!(sandbox.page("2026-01-06"), page);
    let output = sandbox.story(&["record", "nobody"]);
    assert_eq!(output.status.code(), Some(1));
}
