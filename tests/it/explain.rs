//! `record --print --explain` says why each conversation was taken or left.

use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::transcript::Transcript;

/// Three sessions since the commit before: one edited a file, one edited another file, one only talked; and one of
/// another repository.
fn crowded() -> (Sandbox, String) {
    let sandbox = Sandbox::ready();
    let session = |id: &str, directory: &str, file: Option<&str>| {
        let mut transcript = Transcript::new(id, &sandbox.path(directory));
        transcript.prompt("2026-01-06T16:03:00+01:00", "Go on.");
        if let Some(file) = file {
            transcript.edit("2026-01-06T16:03:10+01:00", file);
        }
        transcript.reply("2026-01-06T16:03:20+01:00", "Done.").save(&sandbox);
    };
    session("11111111-edit", "repo", Some("a.txt"));
    session("22222222-else", "repo", Some("z.txt"));
    session("33333333-talk", "repo", None);
    session("44444444-away", "other", None);
    // The set-up's own file comes along.
    let id = sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    sandbox.settle();
    (sandbox, id)
}

/// The explanation's lines without the files, in alphabetical order.
fn verdicts(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let said = sandbox.story_ok(&[&["record", "--print", "--explain"], args].concat());
    let mut lines: Vec<String> = said.lines().filter(|line| line.contains("Claude Code")).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn each_session_is_listed_with_its_verdict_and_its_file() {
    let (sandbox, id) = crowded();
    let said = sandbox.said(&["record", "--print", "--explain"]).stdout;
    let span = format!("{} from 2026-01-06 16:02:06 to 2026-01-06 16:05:00: from the previous commit", &id[..8]);
    assert!(said.starts_with(&span) && !said.contains("looked back"), "{said}");
    assert_eq!(
        verdicts(&sandbox, &[]),
        [
            "- left  Claude Code 22222222: edited only other files",
            "- left  Claude Code 33333333: another session edited the files",
            "✓ taken Claude Code 11111111: edited 1 of 2 files",
        ]
    );
    assert!(said.contains("        ~/.claude/projects/") && said.contains("/11111111-edit.jsonl\n"), "{said}");
    assert!(!said.contains("44444444") && !said.contains("Go on."), "{said}");
}

#[test]
fn what_an_earlier_commit_told_names_it() {
    let (sandbox, id) = crowded();
    let sandbox = sandbox.at("2026-01-06T16:06:00+01:00");
    sandbox.commit("third", &[("a.txt", "three\n")]);
    sandbox.settle();
    let told = format!("- left  Claude Code 11111111: told by {}", &id[..8]);
    assert!(verdicts(&sandbox, &[]).contains(&told), "{:?}", verdicts(&sandbox, &[]));
    let before = verdicts(&sandbox, &["HEAD~1"]);
    assert_eq!(before[2], "✓ taken Claude Code 11111111: edited 1 of 2 files");
}

#[test]
fn a_second_look_further_back_is_told_with_its_reason() {
    let sandbox = Sandbox::new().at("2026-01-05T12:00:00+01:00");
    sandbox.commit("first", &[("a.txt", "one\n")]);
    Transcript::new("11111111-edit", &sandbox.repo())
        .prompt("2026-01-05T16:03:00+01:00", "Can you add a line?")
        .edit("2026-01-05T16:03:10+01:00", "a.txt")
        .reply("2026-01-05T16:03:20+01:00", "Done.")
        .save(&sandbox);
    let sandbox = sandbox.at("2026-01-06T15:00:00+01:00");
    sandbox.commit("unrelated", &[("b.txt", "one\n")]);
    let sandbox = sandbox.at("2026-01-06T16:05:00+01:00");
    sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    let said = sandbox.said(&["record", "--print", "--explain"]).stdout;
    assert!(said.contains("\nlooked back to 2025-12-30 16:05:00, because no session since then edited"), "{said}");
    assert_eq!(verdicts(&sandbox, &[]), ["✓ taken Claude Code 11111111: edited 1 of 1 file"]);
}

#[test]
fn a_commit_that_nothing_was_said_before_has_an_empty_explanation() {
    let sandbox = Sandbox::ready();
    let elsewhere = sandbox.home().join(".pi/agent/sessions/--elsewhere--");
    std::fs::create_dir_all(&elsewhere).unwrap();
    let session = r#"{"type":"session","version":3,"id":"p","timestamp":"2026-01-06T15:00:00Z","cwd":"/elsewhere"}"#;
    std::fs::write(elsewhere.join("2026-01-06T15-00-00-000Z_p.jsonl"), session).unwrap();
    let said = sandbox.said(&["record", "--print", "--explain"]).stdout;
    assert!(said.contains(": 7 days, because no earlier commit says when the work began\n"), "{said}");
    let end = "no conversation of this repository was found in that time\n1 more has nothing of this repository in that time\n";
    assert!(said.ends_with(end), "{said}");
}

#[test]
fn the_json_gains_what_was_considered() {
    let (sandbox, _) = crowded();
    let printed = |args: &[&str]| -> Value {
        let args = [&["record", "--print", "--json"], args].concat();
        serde_json::from_str(&sandbox.story_ok(&args)).unwrap()
    };
    let explained = printed(&["--explain"]);
    assert_eq!(explained["window"]["start"], "previous_commit");
    let considered = explained["considered"].as_array().unwrap();
    let one = considered.iter().find(|one| one["session"] == "11111111-edit").unwrap();
    assert_eq!((&one["taken"], &one["reason"], &one["files"]), (&json!(true), &json!("edited_files"), &json!(1)));
    let talk = considered.iter().find(|one| one["session"] == "33333333-talk").unwrap();
    assert_eq!((&talk["reason"], &talk["by"]), (&json!("outdone"), &json!("edited_files")));
    let mut plain = explained.clone();
    plain.as_object_mut().unwrap().retain(|key, _| ["schema", "entry", "evidence"].contains(&key.as_str()));
    assert_eq!(printed(&[]), plain);
}
