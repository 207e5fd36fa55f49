//! Whole entries, as somebody will read them a year later.

use serde_json::json;

use crate::support::Sandbox;
use crate::transcript::Transcript;

/// A set-up repository with files in it, at nine o'clock.
fn ready(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new().at("2026-01-06T09:00:00+01:00");
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("start", files);
    sandbox
}

fn at(clock: &str) -> String {
    format!("2026-01-06T{clock}+01:00")
}

/// Commits files at a time of the day and returns the entry.
fn entry(sandbox: &mut Sandbox, clock: &str, subject: &str, files: &[(&str, &str)]) -> String {
    sandbox.now = at(clock);
    let id = sandbox.commit(subject, files);
    entry_of(sandbox, &sandbox.now[..10], &id)
}

/// An entry of a day's page, from its heading to before its end line, with a made-up id.
fn entry_of(sandbox: &Sandbox, day: &str, id: &str) -> String {
    let page = sandbox.page(day);
    let begin = format!("<!-- commit-story:entry {id} ");
    let Some((_, entry)) = page.split_once(&begin) else { panic!("no entry of {id} in\n{page}") };
    let entry = entry.split_once("<!-- commit-story:end").expect("an end line").0;
    let text = entry.split_once('\n').expect("a heading").1;
    text.replace(id, &"c0ffee00".repeat(5)).replace(&id[..8], "c0ffee00")
}

#[test]
fn a_full_entry_says_why_then_what_then_the_rest() {
    let mut sandbox = ready(&[("src/retry.rs", "1\n2\n3\n")]);
    let mut session = Transcript::new("0d3f5b1e-6a52", &sandbox.repo());
    session
        .prompt(
            &at("09:10:00"),
            "Uploads hammer the server when it is down: 40 tries a second. Can we back off in src/retry.rs?",
        )
        .reply(&at("09:10:20"), "Let me look at how the retry works now.")
        .tool(&at("09:10:30"), "Read", &json!({"file_path": sandbox.repo().join("src/retry.rs")}), "1\n2\n3", false)
        .ask(&at("09:11:00"), "Where should the pause be capped?", "6.4 s")
        .edit(&at("09:12:00"), "src/retry.rs")
        .run(
            &at("09:13:00"),
            "cargo test",
            101,
            "test the_pause_is_capped ... FAILED\nattempt to shift left with overflow",
        )
        .edit(&at("09:14:00"), "src/retry.rs")
        .run(&at("09:15:00"), "cargo test", 0, "ok")
        .run(&at("09:15:30"), "cargo bench", 0, "ok")
        .reply(
            &at("09:16:00"),
            "Done: the pause doubles from 25 ms and stops at 6.4 s. The exponent is capped rather than the result, \
             because the shift itself overflowed at 64 attempts.",
        )
        .prompt(&at("09:20:00"), "thanks, commit it")
        .reply(&at("09:20:10"), "You're welcome!")
        .save(&sandbox);
    sandbox.now = at("09:25:00");
    sandbox.story_ok(&["reflect", "The server's own limit is unknown; ask before the next release."]);
    let entry = entry(
        &mut sandbox,
        "09:30:00",
        "back off between retries\n\nAt most 6.4 s.",
        &[("src/retry.rs", "1\n2\n4\n5\n")],
    );
    insta::assert_snapshot!(entry, @r##"
    ## 09:30 · back off between retries · c0ffee00

    At most 6.4 s.

    ### Conversation

    > **Developer**, 09:10: Uploads hammer the server when it is down: 40 tries a second. Can we back off in src/retry.rs?
    >
    > **Claude Code**, 09:16: Done: the pause doubles from 25 ms and stops at 6.4 s. The exponent is capped rather than the result, because the shift itself overflowed at 64 attempts.

    ### Decisions

    - **Where should the pause be capped?** 6.4 s

    ### Roadblocks

    - `cargo test` failed once (exit 101), passed in the end
      ```text
      test the_pause_is_capped ... FAILED
      attempt to shift left with overflow
      ```

    ### Commands

    - `cargo bench`

    ### Changes

    1 file, +2 −1

    - `src/retry.rs` +2 −1 (source)

    ### Notes

    > **Reflection**, 09:25: The server's own limit is unknown; ask before the next release.

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    - Claude Code, session `0d3f5b1e`, 2 prompts, 09:10 to 09:20, model `claude-opus-5-5`
    "##);
}

#[test]
fn without_a_conversation_there_are_message_changes_and_details() {
    let mut sandbox = ready(&[("README.md", "one\n")]);
    let entry = entry(&mut sandbox, "10:00:00", "say two\n\nOne was not enough.", &[("README.md", "one\ntwo\n")]);
    insta::assert_snapshot!(entry, @r##"
    ## 10:00 · say two · c0ffee00

    One was not enough.

    ### Changes

    1 file, +1 −0

    - `README.md` +1 −0 (docs)

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    "##);
}

#[test]
fn six_failures_before_success_are_one_roadblock() {
    let mut sandbox = ready(&[("src/parse.rs", "1\n")]);
    let mut session = Transcript::new("6fa11ed0-0000", &sandbox.repo());
    session.prompt(&at("10:00:00"), "Accept a trailing comma in lists.");
    for minute in 1..7 {
        session.edit(&at(&format!("10:0{minute}:00")), "src/parse.rs");
        let output =
            format!("running 3 tests\nerror: expected `]`, found `,` at line {minute}\nmake: *** [test] Error 2");
        session.run(&at(&format!("10:0{minute}:30")), "make test 2>&1 | tail -20", 2, &output);
    }
    session
        .edit(&at("10:07:00"), "src/parse.rs")
        .run(&at("10:07:30"), "make test 2>&1 | tail -20", 0, "ok")
        .reply(&at("10:08:00"), "Lists may end in a comma now. The tokenizer swallowed it, so the parser never saw it.")
        .save(&sandbox);
    let entry = entry(&mut sandbox, "10:10:00", "accept a trailing comma", &[("src/parse.rs", "2\n")]);
    insta::assert_snapshot!(entry, @r##"
    ## 10:10 · accept a trailing comma · c0ffee00

    ### Conversation

    > **Developer**, 10:00: Accept a trailing comma in lists.
    >
    > **Claude Code**, 10:08: Lists may end in a comma now. The tokenizer swallowed it, so the parser never saw it.

    ### Roadblocks

    - `make test` failed 6 times (exit 2), passed in the end
      ```text
      error: expected `]`, found `,` at line 6
      make: *** [test] Error 2
      ```

    ### Changes

    1 file, +1 −1

    - `src/parse.rs` +1 −1 (source)

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    - Claude Code, session `6fa11ed0`, 1 prompt, 10:00 to 10:08, model `claude-opus-5-5`
    "##);
}

#[test]
fn each_of_five_commits_in_an_hour_holds_the_prompt_that_led_to_it_and_no_other() {
    let mut sandbox = ready(&[("install.sh", "0\n")]);
    let mut session = Transcript::new("f1ve0000-0000", &sandbox.repo());
    let asked =
        ["Name the shell in install.sh.", "Quote the paths.", "Fix it for fish.", "It's just info.", "Say it once."];
    for (nth, words) in asked.iter().enumerate() {
        let ten = format!("11:{nth}");
        session
            .prompt(&at(&format!("{ten}1:00")), words)
            .edit(&at(&format!("{ten}2:00")), "install.sh")
            .reply(&at(&format!("{ten}3:00")), &format!("Done. Changed install.sh for the request number {nth}."))
            .save(&sandbox);
        let entry = entry(&mut sandbox, &format!("{ten}5:00"), &format!("step {nth}"), &[("install.sh", words)]);
        for (other, words) in asked.iter().enumerate() {
            assert_eq!(entry.contains(*words), other == nth, "{words} in\n{entry}");
        }
        assert!(entry.contains(&format!("number {nth}.")), "{entry}");
        assert_eq!(entry.matches("> **").count(), 2, "{entry}");
    }
}

#[test]
fn a_rejected_plan_and_a_refused_command_are_told_in_the_humans_words() {
    let mut sandbox = ready(&[("src/store.rs", "1\n")]);
    let no = "The user doesn't want to proceed with this tool use. The tool use was rejected. To tell you how to \
              proceed, the user said:\n";
    let mut session = Transcript::new("4e3ec7ed-0000", &sandbox.repo());
    session
        .prompt(&at("13:00:00"), "Make saving in src/store.rs survive a crash.")
        .tool(
            &at("13:01:00"),
            "ExitPlanMode",
            &json!({"plan": "Write to a database instead of a file."}),
            &format!("{no}no database, a rename is enough"),
            true,
        )
        .tool(
            &at("13:02:00"),
            "ExitPlanMode",
            &json!({"plan": "Write to a temporary file, sync it, rename it over the old one."}),
            "User has approved your plan. You can now start coding.",
            false,
        )
        .edit(&at("13:03:00"), "src/store.rs")
        .tool(
            &at("13:04:00"),
            "Bash",
            &json!({"command": "rm -rf data && cargo run"}),
            &format!("{no}leave my data alone, use a temporary directory"),
            true,
        )
        .run(&at("13:05:00"), "cargo test crash", 0, "ok")
        .reply(
            &at("13:06:00"),
            "Saving now writes `data.tmp`, syncs it and renames it over `data`. The test kills it midway.",
        )
        .save(&sandbox);
    let entry = entry(&mut sandbox, "13:10:00", "save without tearing", &[("src/store.rs", "2\n")]);
    insta::assert_snapshot!(entry, @r##"
    ## 13:10 · save without tearing · c0ffee00

    ### Conversation

    > **Developer**, 13:00: Make saving in src/store.rs survive a crash.

    > **Developer**, 13:01: no database, a rename is enough

    > **Developer**, 13:04: leave my data alone, use a temporary directory
    >
    > **Claude Code**, 13:06: Saving now writes `data.tmp`, syncs it and renames it over `data`. The test kills it midway.

    ### Decisions

    - Plan declined: Write to a database instead of a file.
    - Plan approved: Write to a temporary file, sync it, rename it over the old one.

    ### Commands

    - `cargo test crash`

    ### Changes

    1 file, +1 −1

    - `src/store.rs` +1 −1 (source)

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    - Claude Code, session `4e3ec7ed`, 3 prompts, 13:00 to 13:06, model `claude-opus-5-5`
    "##);
}

#[test]
fn of_two_sessions_in_a_directory_only_the_one_that_edited_the_files_is_told() {
    let mut sandbox = ready(&[("a.rs", "1\n"), ("b.rs", "1\n")]);
    let one = |id: &str, file: &str, words: &str| {
        Transcript::new(id, &sandbox.repo())
            .prompt(&at("14:00:00"), words)
            .edit(&at("14:01:00"), file)
            .reply(&at("14:02:00"), "Done, as you asked.")
            .save(&sandbox);
    };
    one("aaaaaaaa-0000", "a.rs", "Let a count from one.");
    one("bbbbbbbb-0000", "b.rs", "Let b count from two.");
    let first = entry(&mut sandbox, "14:05:00", "a counts from one", &[("a.rs", "2\n")]);
    assert!(first.contains("Let a count") && !first.contains("Let b count"), "{first}");
    let second = entry(&mut sandbox, "14:06:00", "b counts from two", &[("b.rs", "2\n")]);
    assert!(second.contains("Let b count") && !second.contains("Let a count"), "{second}");
    assert!(!second.contains("session `aaaaaaaa`"), "{second}");
}

#[test]
fn two_work_trees_have_a_session_each() {
    // The second one lies within the first.
    for place in ["linked", "repo/.worktrees/side"] {
        let mut sandbox = ready(&[("a.rs", "1\n"), (".gitignore", ".worktrees/\n")]);
        let linked = sandbox.path(place);
        let side = linked.to_string_lossy().into_owned();
        sandbox.git(&["worktree", "add", "-q", "-b", "side", &side]);
        for (id, top, words) in
            [("11111111-0000", sandbox.repo(), "Do it here."), ("22222222-0000", linked.clone(), "Do it there.")]
        {
            Transcript::new(id, &top)
                .prompt(&at("14:00:00"), words)
                .edit(&at("14:01:00"), "a.rs")
                .reply(&at("14:02:00"), "Done, as you asked.")
                .save(&sandbox);
        }
        let here = entry(&mut sandbox, "14:05:00", "here", &[("a.rs", "2\n")]);
        std::fs::write(linked.join("a.rs"), "3\n").unwrap();
        sandbox.git(&["-C", &side, "commit", "-q", "-a", "-m", "there"]);
        let there = entry_of(&sandbox, "2026-01-06", sandbox.git(&["rev-parse", "side"]).trim());
        assert!(here.contains("Do it here.") && !here.contains("Do it there."), "{here}");
        assert!(there.contains("Do it there.") && !there.contains("Do it here."), "{there}");
    }
}

#[test]
fn a_session_of_three_days_ago_is_found_unless_its_work_was_committed_since() {
    let mut sandbox = ready(&[("a.rs", "1\n"), ("b.rs", "1\n"), ("c.rs", "1\n")]);
    for (id, file, words) in [("aaaaaaaa-0000", "a.rs", "Speed up a."), ("bbbbbbbb-0000", "b.rs", "Speed up b.")] {
        Transcript::new(id, &sandbox.repo())
            .prompt(&at("15:00:00"), words)
            .edit(&at("15:01:00"), file)
            .reply(&at("15:02:00"), "Done, as you asked.")
            .save(&sandbox);
    }
    sandbox.now = at("15:10:00");
    sandbox.write("b.rs", "2\n");
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "-a", "-m", "made without the hook"]);
    sandbox.now = "2026-01-09T10:00:00+01:00".to_owned();
    sandbox.commit("something else", &[("c.rs", "2\n")]);
    sandbox.now = "2026-01-09T11:00:00+01:00".to_owned();
    let id = sandbox.commit("a and b", &[("a.rs", "2\n"), ("b.rs", "3\n")]);
    let entry = entry_of(&sandbox, "2026-01-09", &id);
    assert!(
        entry.contains("> **Developer**, 2026-01-06 15:00, from before the previous commit: Speed up a."),
        "{entry}"
    );
    assert!(entry.contains("1 prompt, 2026-01-06 15:00 to 15:02, "), "{entry}");
    assert!(!entry.contains("Speed up b."), "told again, although it was committed by another commit\n{entry}");
}

#[test]
fn one_request_in_two_commits_explains_both() {
    let mut sandbox = ready(&[("a.rs", "1\n"), ("b.rs", "1\n")]);
    Transcript::new("b07h0000-0000", &sandbox.repo())
        .prompt(&at("16:00:00"), "Rename the field in a.rs and b.rs.")
        .edit(&at("16:01:00"), "a.rs")
        .edit(&at("16:02:00"), "b.rs")
        .run(&at("16:02:30"), "cargo test", 0, "ok")
        .reply(&at("16:03:00"), "Renamed it in a.rs and b.rs, because the old name was taken for a unit.")
        .save(&sandbox);
    let first = entry(&mut sandbox, "16:05:00", "rename in a", &[("a.rs", "2\n")]);
    assert!(first.contains("> **Developer**, 16:00: Rename the field"), "{first}");
    let second = entry(&mut sandbox, "16:06:00", "rename in b", &[("b.rs", "2\n")]);
    insta::assert_snapshot!(second, @r##"
    ## 16:06 · rename in b · c0ffee00

    ### Conversation

    > **Developer**, 16:00, from before the previous commit: Rename the field in a.rs and b.rs.
    >
    > **Claude Code**, 16:03: Renamed it in a.rs and b.rs, because the old name was taken for a unit.

    ### Changes

    1 file, +1 −1

    - `b.rs` +1 −1 (source)

    ### Details

    - Commit `c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00` on `main`
    - Author: Ada Example
    - Claude Code, session `b07h0000`, 1 prompt, 16:00 to 16:03, model `claude-opus-5-5`
    "##);
    let third = entry(&mut sandbox, "16:07:00", "more in b", &[("b.rs", "3\n")]);
    assert!(!third.contains("Rename the field"), "{third}");
}

#[test]
fn a_request_that_is_committed_in_parts_as_it_goes_explains_every_part() {
    let mut sandbox = ready(&[("a.rs", "1\n"), ("b.rs", "1\n")]);
    let mut session = Transcript::new("9a475000-0000", &sandbox.repo());
    session
        .prompt(&at("16:00:00"), "Rename the field everywhere, one commit for each file.")
        .edit(&at("16:01:00"), "a.rs")
        .edit(&at("16:02:00"), "b.rs")
        .run(&at("16:04:50"), "git commit -m 'rename in a' a.rs", 0, "")
        .save(&sandbox);
    let first = entry(&mut sandbox, "16:04:50", "rename in a", &[("a.rs", "2\n")]);
    assert!(first.contains("> **Developer**, 16:00: Rename the field"), "{first}");
    session.run(&at("16:05:50"), "git commit -m 'rename in b' b.rs", 0, "").save(&sandbox);
    let second = entry(&mut sandbox, "16:05:50", "rename in b", &[("b.rs", "2\n")]);
    assert!(second.contains("> **Developer**, 16:00, from before the previous commit: Rename the field"), "{second}");
}

#[test]
fn an_amended_commit_tells_what_the_first_one_told() {
    let mut sandbox = ready(&[("a.rs", "1\n")]);
    Transcript::new("a3e4ded0-0000", &sandbox.repo())
        .prompt(&at("16:00:00"), "Count from two in a.rs.")
        .edit(&at("16:01:00"), "a.rs")
        .reply(&at("16:03:00"), "Done, as you asked.")
        .save(&sandbox);
    entry(&mut sandbox, "16:05:00", "count form two", &[("a.rs", "2\n")]);
    sandbox.now = at("16:06:00");
    sandbox.git(&["commit", "-q", "--amend", "--date", &at("16:05:00"), "-m", "count from two"]);
    let id = sandbox.git(&["rev-parse", "HEAD"]);
    let amended = entry_of(&sandbox, "2026-01-06", id.trim());
    assert!(amended.contains("> **Developer**, 16:00: Count from two in a.rs."), "{amended}");
}

#[test]
fn two_hundred_prompts_stay_within_the_length_of_an_entry() {
    let mut sandbox = ready(&[("src/main.rs", "1\n")]);
    let mut session = Transcript::new("20000000-0000", &sandbox.repo());
    for nth in 0..200 {
        let clock = format!("{:02}:{:02}", 10 + nth / 60, nth % 60);
        session
            .prompt(&at(&format!("{clock}:00")), &format!("Request {nth}: {}", "please change the parser. ".repeat(8)));
        if nth % 10 == 0 {
            session.edit(&at(&format!("{clock}:20")), "src/main.rs");
        }
        session
            .reply(&at(&format!("{clock}:40")), &format!("Done with {nth}, because {}", "it was wrong. ".repeat(20)));
    }
    session.save(&sandbox);
    entry(&mut sandbox, "14:00:00", "rewrite the parser", &[("src/main.rs", "2\n")]);
    // The hook may not have had the time to read all of it.
    sandbox.story_ok(&["record", "HEAD"]);
    let entry = entry_of(&sandbox, "2026-01-06", sandbox.git(&["rev-parse", "HEAD"]).trim());
    let conversation = entry.split("### ").find(|part| part.starts_with("Conversation")).unwrap();
    // 6,000 characters of words, and what stands around them.
    assert!(conversation.chars().count() < 7_000, "{}", conversation.chars().count());
    assert!(entry.contains("prompts are not quoted"), "{entry}");
}
