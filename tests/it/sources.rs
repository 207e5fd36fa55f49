//! `sources` says what was found on this machine.

use std::path::PathBuf;

use serde_json::{Value, json};

use commit_story::chat::readers::READERS;

use crate::support::{Sandbox, binary, checked};
use crate::transcript::Transcript;

const DAY: &str = "2026-01-06";

/// A repository with a recent session, one of last spring, and one of another repository.
fn visited() -> Sandbox {
    let sandbox = Sandbox::new();
    let session = |id: &str, directory: &str, at: &str| {
        let mut transcript = Transcript::new(id, &sandbox.path(directory));
        transcript.prompt(at, "Go on.").reply(at, "Done.").save(&sandbox);
    };
    session("488c5296-fc78", "repo", "2026-01-06T14:03:00Z");
    session("5d0f1a2b-aaaa", "repo", "2025-05-01T10:00:00Z");
    session("6e1f2b3c-bbbb", "other", "2026-01-06T14:30:00Z");
    sandbox
}

fn listed(sandbox: &Sandbox, args: &[&str]) -> Value {
    serde_json::from_str(&sandbox.story_ok(&[&["sources", "--json"], args].concat())).unwrap()
}

fn of<'a>(listed: &'a Value, assistant: &str) -> &'a Value {
    listed["sources"].as_array().unwrap().iter().find(|source| source["assistant"] == assistant).unwrap()
}

#[test]
fn what_was_found_is_listed_and_what_was_not_is_named() {
    let sandbox = visited();
    let rollouts = sandbox.home().join(".codex/sessions");
    std::fs::create_dir_all(&rollouts).unwrap();
    let said = sandbox.said(&["sources"]);
    let others: Vec<&str> = READERS[2..].iter().map(|reader| reader.assistant.name()).collect();
    let expected = format!(
        "\
Claude Code    ~/.claude/projects
               2 sessions of this repository, 1 in the last 30 days, newest 2026-01-06 15:03
               deleted by Claude Code after 30 days: cleanupPeriodDays in ~/.claude/settings.json changes that
Codex          ~/.codex/sessions
               no session of this repository
looked for and not found: {}
",
        others.join(", ")
    );
    assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(0), expected.as_str(), ""));
    let doctor = sandbox.said(&["doctor"]).stdout;
    assert!(doctor.contains("Claude Code: 1 of this repository in the last 30 days, newest 2026-01-06 15:03"));
}

#[test]
fn the_json_has_every_assistant() {
    let sandbox = visited();
    std::fs::write(sandbox.home().join(".claude/settings.json"), "{\"cleanupPeriodDays\": 365}").unwrap();
    let listed = listed(&sandbox, &[]);
    assert_eq!((&listed["schema"], &listed["repository"]), (&json!(1), &json!(sandbox.repo())));
    let claude = of(&listed, "claude-code");
    let sessions = json!({"last_30_days": 1, "all": 2, "newest": format!("{DAY}T15:03:00+01:00"), "complete": true});
    assert_eq!(claude["sessions"], sessions);
    assert_eq!(claude["places"], json!([sandbox.home().join(".claude/projects")]));
    assert_eq!((&claude["retention"][0]["days"], &claude["retention"][0]["chosen"]), (&json!(365), &json!(true)));
    let pi = of(&listed, "pi");
    assert_eq!((&pi["found"], &pi["read"], &pi["sessions"]["all"]), (&json!(false), &json!(true), &json!(0)));
}

#[test]
fn an_assistant_that_is_switched_off_is_named_with_the_setting() {
    let sandbox = visited();
    sandbox.write(".commit-story.yaml", "assistants:\n  claude-code:\n    read: false\n");
    let said = sandbox.said(&["sources"]);
    let line = "not read: assistants.claude-code.read is false by [DIR]/repo/.commit-story.yaml:3\n";
    assert!(said.stdout.contains(line) && !said.stdout.contains("of this repository"), "{said}");
    let claude = of(&listed(&sandbox, &[]), "claude-code").clone();
    assert_eq!((&claude["read"], &claude["switched_off_by"]), (&json!(false), &json!("repository")));
}

#[test]
fn outside_a_repository_nothing_is_counted() {
    let sandbox = visited();
    let home = sandbox.home();
    let said = sandbox.said(&["-C", home.to_str().unwrap(), "sources"]);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(said.stdout.contains("~/.claude/projects\n") && !said.stdout.contains("session"), "{said}");
    let listed = listed(&sandbox, &["-C", home.to_str().unwrap()]);
    assert_eq!((&listed["repository"], &of(&listed, "claude-code")["sessions"]), (&Value::Null, &Value::Null));
}

#[test]
fn a_history_in_the_work_tree_is_its_own_place() {
    let sandbox = Sandbox::new();
    let history = "\n# aider chat started at 2026-01-06 15:00:00\n\n#### Add a line\n\nDone.\n";
    sandbox.write(".aider.chat.history.md", history);
    let said = sandbox.said(&["sources"]).stdout;
    assert!(said.starts_with("Aider          [DIR]/repo/.aider.chat.history.md\n"), "{said}");
    assert!(said.contains("1 session of this repository, 1 in the last 30 days"), "{said}");
}

#[test]
fn what_cannot_be_read_is_named_with_the_reason() {
    let sandbox = visited();
    let chats = sandbox.home().join(".gemini/tmp/uploader/chats");
    std::fs::create_dir_all(&chats).unwrap();
    std::fs::File::create(chats.join("session-1.json")).unwrap().set_len(65 << 20).unwrap();
    let said = sandbox.said(&["sources"]).stdout;
    let line = "not read: ~/.gemini/tmp/uploader/chats/session-1.json: it is larger than 64 MB\n";
    assert!(said.contains(line), "{said}");
    assert_eq!(of(&listed(&sandbox, &[]), "gemini-cli")["gaps"][0]["reason"], "it is larger than 64 MB");
}

/// A home on the other side, whose session of this repository spells it as Windows does.
fn other_side(sandbox: &mut Sandbox) -> PathBuf {
    sandbox.now = format!("{DAY}T16:10:00+01:00");
    let mut transcript = Transcript::new("5e551011-cccc", &sandbox.repo());
    transcript.prompt("2026-01-06T16:06:00+01:00", "Let the other side write it.");
    transcript
        .edit("2026-01-06T16:06:10+01:00", "b.txt")
        .reply("2026-01-06T16:06:20+01:00", "It wrote it, because it was at hand.");
    let repo = sandbox.repo().to_str().unwrap().to_owned();
    let theirs = format!(r"\\wsl.localhost\Ubuntu{}", repo.replace('/', r"\"));
    let home = sandbox.path("Users/ada");
    let there = home.join(".claude/projects/--wsl-localhost-Ubuntu-repo");
    std::fs::create_dir_all(&there).unwrap();
    let text = transcript.text().replace(&repo, &theirs.replace('\\', r"\\"));
    std::fs::write(there.join("5e551011-cccc.jsonl"), text).unwrap();
    home
}

fn last_entry(sandbox: &mut Sandbox) -> String {
    sandbox.commit("write it", &[("b.txt", "b\n")]);
    sandbox.settle();
    let page = sandbox.page(DAY);
    page.rsplit_once("<!-- commit-story:entry ").unwrap().1.to_owned()
}

#[test]
fn a_conversation_on_the_other_side_is_told_when_its_home_is_named() {
    let mut sandbox = Sandbox::ready();
    let home = other_side(&mut sandbox);
    let (text, absent) = (home.to_str().unwrap(), sandbox.path("absent"));
    sandbox.story_ok(&[
        "config",
        "set",
        "--user",
        "assistants.other-homes",
        &format!("[{text}, {}]", absent.display()),
    ]);
    let listed = listed(&sandbox, &[]);
    let claude = of(&listed, "claude-code");
    assert_eq!((&claude["places"], &claude["sessions"]["all"]), (&json!([home.join(".claude/projects")]), &json!(1)));
    assert_eq!(listed["unreached"], json!([{"source": absent, "reason": "there is no such directory"}]));
    let line = "not looked into: [DIR]/absent: there is no such directory\n";
    let said = sandbox.said(&["sources"]);
    assert!(said.stdout.ends_with(line), "{said}");
    let doctor = sandbox.said(&["doctor"]).stdout;
    assert!(doctor.contains("[DIR]/absent was not looked into: there is no such directory"), "{doctor}");
    let entry = last_entry(&mut sandbox);
    assert!(entry.contains("Let the other side write it.") && entry.contains("It wrote it, because"), "{entry}");
    assert!(entry.contains("a directory of assistants.other-homes was not looked into: there is no such directory"));
    assert!(!entry.contains("absent"), "its name is the user's business\n{entry}");
}

#[test]
fn nobody_elses_home_is_looked_into_because_a_repository_says_so() {
    let mut sandbox = Sandbox::ready();
    let home = other_side(&mut sandbox);
    sandbox.write(".commit-story.yaml", format!("assistants:\n  other-homes: [{}]\n", home.display()));
    let entry = last_entry(&mut sandbox);
    assert!(!entry.contains("other side"), "{entry}");
    let said = checked(sandbox.command(binary()).arg("doctor").env("WSL_DISTRO_NAME", "Ubuntu"));
    assert!(said.contains("those on the Windows side are read when assistants.other-homes names"), "{said}");
    let doctor = sandbox.said(&["doctor"]).stdout;
    assert!(doctor.contains("a repository's file may not set it"), "{doctor}");
    assert_eq!(of(&listed(&sandbox, &[]), "claude-code")["found"], json!(false));
}
