//! The story behind a line, as somebody asks for it a year later.

use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::transcript::Transcript;

fn at(clock: &str) -> String {
    format!("2026-01-06T{clock}+01:00")
}

/// A repository whose second commit was talked about.
fn told() -> (Sandbox, String) {
    let mut sandbox = Sandbox::new().at(&at("09:00:00"));
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("start", &[("src/retry.rs", "fn pause() -> u64 {\n    25\n}\n"), ("README.md", "# Uploader\n")]);
    let mut session = Transcript::new("0d3f5b1e-6a52", &sandbox.repo());
    session
        .prompt(&at("09:08:00"), "Write a first paragraph for the readme.")
        .edit(&at("09:08:30"), "README.md")
        .reply(&at("09:08:40"), "Added: what the uploader is for.")
        .prompt(&at("09:10:00"), "Uploads hammer the server when it is down. Can we back off in src/retry.rs?")
        .ask(&at("09:11:00"), "Where should the pause be capped?", "6.4 s")
        .tool(
            &at("09:11:30"),
            "ExitPlanMode",
            &json!({"plan": "Add a queue beside it"}),
            "The user doesn't want to proceed with this tool use. The tool use was rejected",
            true,
        )
        .edit(&at("09:12:00"), "src/retry.rs")
        .run(
            &at("09:13:00"),
            "cargo test",
            101,
            "test the_pause_is_capped ... FAILED\nattempt to shift left with overflow",
        )
        .run(&at("09:15:00"), "cargo test", 0, "ok")
        .reply(&at("09:16:00"), "Done: the pause doubles from 25 ms and stops at 6.4 s.")
        .save(&sandbox);
    sandbox.now = at("09:30:00");
    let id = sandbox.commit(
        "Back off between retries",
        &[
            ("src/retry.rs", "fn pause(attempt: u32) -> u64 {\n    25 << attempt.min(8)\n}\n"),
            ("README.md", "# Uploader\n\nUploads files.\n"),
        ],
    );
    sandbox.now = at("10:00:00");
    (sandbox, id)
}

/// What the command says, ids replaced.
fn why(sandbox: &Sandbox, args: &[&str], ids: &[(&str, &str)]) -> String {
    let mut text = sandbox.story_ok(&[&["why"], args].concat());
    for (id, name) in ids {
        text = text.replace(&id[..8], name);
    }
    text
}

#[test]
fn a_line_tells_what_was_asked_decided_rejected_and_what_fought_back() {
    let (sandbox, id) = told();
    insta::assert_snapshot!(why(&sandbox, &["src/retry.rs:2"], &[(&id, "c0ffee00")]), @r##"
    src/retry.rs
      2      25 << attempt.min(8)

    6 January 2026 · Ada Example · Back off between retries · c0ffee00
      +2 −2
      Asked
        “Uploads hammer the server when it is down. Can we back off in src/retry.rs?”
          Claude Code: Done: the pause doubles from 25 ms and stops at 6.4 s.
        … and 1 more
      Decided
        Where should the pause be capped? 6.4 s
      Rejected
        plan declined: Add a queue beside it
      Trouble
        `cargo test` failed once, and passed in the end
          test the_pause_is_capped ... FAILED
          attempt to shift left with overflow
      more: commit-story show c0ffee00
    "##);
    // Of another file's lines the request about that file comes first.
    let readme = why(&sandbox, &["README.md:3"], &[]);
    let asked = readme.split("Asked\n").nth(1).unwrap_or_default().lines().next();
    assert_eq!(asked, Some("    “Write a first paragraph for the readme.”"), "{readme}");
}

#[test]
fn a_commit_without_an_entry_is_told_by_its_message_with_the_cure() {
    let sandbox = Sandbox::new().at(&at("09:00:00"));
    let id = sandbox.commit("start\n\nBecause it has to begin.", &[("a.txt", "one\n")]);
    sandbox.write("a.txt", "one\ntwo\n");
    insta::assert_snapshot!(why(&sandbox, &["a.txt"], &[(&id, "c0ffee00")]), @r##"
    a.txt
      c0ffee00 1  one
      not yet  2  two
      1 line is not committed yet

    6 January 2026 · Ada Example · start · c0ffee00
      line 1 · +1 −0, new
      Because it has to begin.
      no entry; write one: commit-story record c0ffee00
    "##);
    sandbox.story_ok(&["record", &id[..8]]);
    let text = why(&sandbox, &["a.txt:1"], &[]);
    assert!(text.contains("Because it has to begin.") && text.contains("more: commit-story show"), "{text}");
}

#[test]
fn places_are_written_in_many_ways_and_a_path_may_have_a_colon() {
    let sandbox = Sandbox::new().at(&at("09:00:00"));
    sandbox.commit("start", &[("src/a.rs", "1\n2\n3\n4\n"), ("src/b.rs:2", "x\ny\n"), ("src/c#L1.md", "c\n")]);
    let check = |place: &str, path: &str, numbers: &[u64]| {
        let story: Value = serde_json::from_str(&sandbox.story_ok(&["why", "--json", place])).expect("JSON");
        let lines: Vec<u64> =
            story["lines"].as_array().into_iter().flatten().filter_map(|line| line["number"].as_u64()).collect();
        assert_eq!((story["path"].as_str(), lines.as_slice()), (Some(path), numbers), "{place}");
        assert_eq!(story["schema"], 1);
    };
    check("src/a.rs", "src/a.rs", &[1, 2, 3, 4]);
    check("./src/../src/a.rs:2", "src/a.rs", &[2]);
    check("src/a.rs:2-3", "src/a.rs", &[2, 3]);
    check("src/a.rs:3:1", "src/a.rs", &[3]);
    check("src/a.rs#L3-L9", "src/a.rs", &[3, 4]);
    check("src/b.rs:2", "src/b.rs:2", &[1, 2]);
    check("src/b.rs:2:1", "src/b.rs:2", &[1]);
    check("src/c#L1.md", "src/c#L1.md", &[1]);
    let full = sandbox.repo().join("src/a.rs");
    check(&format!("{}:4", full.display()), "src/a.rs", &[4]);
    let here = sandbox
        .command(crate::support::binary())
        .current_dir(sandbox.repo().join("src"))
        .args(["why", "a.rs:1"])
        .output();
    let said = here.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    assert!(said.starts_with("src/a.rs\n  1  1\n"), "{said}");
}

#[test]
fn what_cannot_be_answered_says_why_and_what_to_do() {
    let sandbox = Sandbox::new().at(&at("09:00:00"));
    sandbox.commit("start", &[("src/upload.rs", "1\n2\n"), ("logo.png", "\0\0"), ("empty", "")]);
    sandbox.write("new.rs", "1\n");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc", sandbox.repo().join("out")).expect("a link");
        std::os::unix::fs::symlink("upload.rs", sandbox.repo().join("src/link.rs")).expect("a link");
    }
    let mut said = String::new();
    let links: &[&str] = if cfg!(unix) { &["out/passwd:1", "src/link.rs"] } else { &[] };
    let places = [
        "src/uplaod.rs:1",
        "nothing-like-it",
        "src/nothing.rs",
        "src/upload.rs:9",
        "src/upload.rs:0",
        "empty:1",
        "logo.png",
        "src",
        ".",
        "new.rs:1",
        "../x:3",
        "/etc/passwd",
    ];
    for place in places.iter().chain(links) {
        let output = sandbox.story(&["why", place]);
        assert_eq!(output.status.code(), Some(1), "{place}");
        said += &String::from_utf8_lossy(&output.stderr);
    }
    insta::assert_snapshot!(said.replace(&*sandbox.path("").to_string_lossy(), "…/"), @r##"
    error: there is no file src/uplaod.rs in HEAD
    hint: did you mean src/upload.rs?
    error: there is neither a file nor a commit called `nothing-like-it`
    hint: commit-story why PATH:LINE, or commit-story why REV
    error: there is no file src/nothing.rs in HEAD
    hint: if it is gone, look for a text that it had: commit-story why src/nothing.rs --grep TEXT
    error: src/upload.rs has no line 9: it has 2
    hint: its last line: commit-story why src/upload.rs:2
    error: there is no file src/upload.rs:0 in HEAD
    hint: lines are numbers from 1 on: commit-story why src/upload.rs:1
    error: empty has no line 1: it has 0
    hint: the file is empty
    error: logo.png is a binary file: it has no lines
    hint: ask about a commit that changed it: git log --oneline -- logo.png, then commit-story why REV
    error: src is a directory, not a file
    hint: name a file in it
    error: . is a directory, not a file
    hint: name a file in it
    error: new.rs is not tracked by git: no commit has it
    hint: its story begins with its first commit: git add new.rs
    error: ../x is outside the repository
    hint: name a file below …/repo
    error: /etc/passwd is outside the repository
    hint: name a file below …/repo
    error: out/passwd is outside the repository
    hint: name a file below …/repo
    error: src/link.rs is a symbolic link, not a file
    hint: ask about a commit that changed it: git log --oneline -- src/link.rs, then commit-story why REV
    "##);
}

#[test]
fn a_deleted_line_is_found_by_its_text_through_renames_and_in_a_file_that_is_gone() {
    let sandbox = Sandbox::new().at(&at("09:00:00"));
    let lines = "alpha\nbeta\ngamma\ndelta\nepsilon\n";
    let first = sandbox.commit("start", &[("old.rs", &format!("sleep(25)\n{lines}"))]);
    sandbox.git(&["mv", "old.rs", "new.rs"]);
    let moved = sandbox.commit("move", &[]);
    let second = sandbox.commit("no sleep", &[("new.rs", lines)]);
    sandbox.git(&["rm", "-q", "new.rs"]);
    let gone = sandbox.commit("gone", &[("other.rs", "x\n")]);
    let found = |args: &[&str]| -> Vec<(String, Value, Value)> {
        let story: Value = serde_json::from_str(&sandbox.story_ok(&[&["why", "--json"], args].concat())).expect("JSON");
        let commits = story["commits"].as_array().cloned().unwrap_or_default();
        let id = |commit: &Value| commit["commit"].as_str().unwrap_or_default().to_owned();
        commits.iter().map(|commit| (id(commit), commit["removed"].clone(), commit["added"].clone())).collect()
    };
    assert_eq!(
        found(&["new.rs", "--grep", "sleep("]),
        [(second, json!(["sleep(25)"]), json!([])), (first, json!([]), json!(["sleep(25)"])),]
    );
    assert_eq!(found(&["new.rs", "--grep", "gamma", "-n1"]), [(gone, json!(["gamma"]), json!([]))]);
    assert!(found(&["new.rs", "--rev", &moved, "--grep", "sleep"]).len() == 1);
    let output = sandbox.story(&["why", "new.rs", "--grep", "SLEEP"]);
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("no commit has added or taken away a line with `SLEEP` in new.rs")
    );
}

#[test]
fn the_entries_of_commits_whose_place_was_taken_or_that_were_squashed_are_found() {
    let (mut sandbox, id) = told();
    // A program that runs no hooks has amended the commit; that it did is known, but no entry has moved yet.
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "--amend", "-m", "Back off"]);
    let new = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let line = format!("{}\n", json!({"old": id, "new": new}));
    std::fs::write(sandbox.state().join("rewritten.jsonl"), line).expect("the state directory");
    let text = why(&sandbox, &["src/retry.rs:2"], &[(&id, "c0ffee00"), (&new, "decade00")]);
    assert!(text.contains("Back off · decade00\n"), "{text}");
    assert!(text.contains("  as c0ffee00, whose place it took:\n") && text.contains("“Uploads hammer"), "{text}");

    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    sandbox.story_ok(&["reflect", "A jitter would help."]);
    sandbox.now = at("11:00:00");
    let part = sandbox.commit("jitter", &[("src/jitter.rs", "fn jitter() {}\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.now = at("12:00:00");
    sandbox.git(&["merge", "-q", "--squash", "topic"]);
    let squash = sandbox.commit("Add jitter", &[]);
    let text = why(&sandbox, &["src/jitter.rs:1"], &[(&part, "c0ffee00"), (&squash, "decade00")]);
    assert!(text.contains("Add jitter · decade00\n") && text.contains("  holds c0ffee00, jitter:\n"), "{text}");
    assert!(text.contains("A jitter would help."), "{text}");
}

#[test]
fn a_story_cannot_steer_the_terminal() {
    let mut sandbox = Sandbox::new().at(&at("09:00:00"));
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.story_ok(&["reflect", "red \u{1b}[31m \u{202e}turned"]);
    sandbox.now = at("09:30:00");
    sandbox.commit("a \u{1b}]0;title\u{7} subject", &[("a.txt", "\u{1b}[2J line\n")]);
    for args in
        [&["why", "a.txt"][..], &["why", "a.txt:1", "--full"], &["why", "HEAD"], &["why", "a.txt", "--grep", "line"]]
    {
        let text = sandbox.story_ok(args);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']) && text.contains("subject"), "{text:?}");
    }
}
