//! Thoughts and working context between commits.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::support::{Sandbox, binary, checked};

fn piped(sandbox: &Sandbox, args: &[&str], input: &[u8]) -> Output {
    let mut command = sandbox.command(binary());
    let mut child =
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn notes_stand_in_the_next_entry_once_and_word_for_word() {
    let sandbox = Sandbox::ready();
    sandbox.story_ok(&["reflect", "The retry hides the real fault;", "look at the *server* next week."]);
    sandbox.story_ok(&["reflect", "--", "-x is a thought, too"]);
    for (args, input) in [
        (&["capture"][..], "# Context\n\n- first\n  - second\n\n```\n<!-- commit-story:end -->\n```\n"),
        (&["capture", "-"], "dash: caf\u{e9} \u{1f980}"),
    ] {
        assert!(piped(&sandbox, args, input.as_bytes()).status.success());
    }
    sandbox.commit("one", &[("b.txt", "b\n")]);
    let page = sandbox.page("2026-01-06");
    for words in [
        "The retry hides the real fault; look at the",
        "-x is a thought, too",
        "# Context",
        "dash: caf\u{e9} \u{1f980}",
    ] {
        assert_eq!(page.matches(words).count(), 1, "{words}: {page}");
    }
    let shown: serde_json::Value = serde_json::from_str(&sandbox.story_ok(&["show", "HEAD", "--json"])).unwrap();
    let notes = shown["entries"][0]["notes"].as_array().unwrap();
    let texts: Vec<&str> = notes.iter().map(|note| note["text"].as_str().unwrap()).collect();
    assert!(texts.contains(&"The retry hides the real fault; look at the *server* next week."), "{texts:?}");
    assert_eq!(texts.len(), 4);
    assert_eq!(shown["problems"], serde_json::json!([]));

    let sandbox = sandbox.at("2026-01-06T16:10:00+01:00");
    sandbox.commit("two", &[("b.txt", "c\n")]);
    assert_eq!(sandbox.page("2026-01-06").matches("dash: caf").count(), 1);
}

#[test]
fn a_note_belongs_to_the_work_tree_it_was_written_in() {
    let sandbox = Sandbox::ready();
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = sandbox.path("linked");
    std::fs::create_dir(linked.join("deep")).unwrap();
    checked(sandbox.command(binary()).args(["reflect", "thought beside"]).current_dir(linked.join("deep")));
    sandbox.commit("here", &[("b.txt", "b\n")]);
    assert!(!sandbox.page("2026-01-06").contains("thought beside"));
    checked(sandbox.command("git").args(["commit", "-q", "--allow-empty", "-m", "there"]).current_dir(&linked));
    assert!(sandbox.page("2026-01-06").contains("thought beside"));
}

#[test]
fn a_secret_in_a_note_is_kept_from_the_page() {
    let sandbox = Sandbox::ready();
    let secret = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    sandbox.story_ok(&["reflect", &format!("the token {secret} is in use")]);
    sandbox.commit("x", &[("b.txt", "b\n")]);
    let page = sandbox.page("2026-01-06");
    assert!(page.contains("the token [redacted: ") && !page.contains(&secret), "{page}");
}

#[test]
fn nothing_and_too_much_are_refused_with_a_reason() {
    let sandbox = Sandbox::ready();
    let long = "x".repeat(70_000);
    for (args, input, why) in [
        (&["reflect", "  "][..], "", "empty"),
        (&["capture"], "\n\n", "empty"),
        (&["capture", "-"], long.as_str(), "65536"),
        (&["reflect", &long], "", "65536"),
    ] {
        let output = piped(&sandbox, args, input.as_bytes());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(why) && said.len() < 1000, "{why}: {said}");
    }
    let output = piped(&sandbox, &["capture"], b"caf\xe9");
    assert!(!output.status.success());
    sandbox.commit("x", &[("b.txt", "b\n")]);
    assert!(!sandbox.page("2026-01-06").contains("### Notes"));
}

#[test]
fn an_amended_commit_tells_the_notes_of_the_one_it_replaces() {
    let sandbox = Sandbox::ready();
    sandbox.story_ok(&["reflect", "the retry hides the real fault"]);
    sandbox.commit("second", &[("a.txt", "two\n")]);
    sandbox.git(&["commit", "-q", "--amend", "-m", "second, in better words"]);
    let page = sandbox.page("2026-01-06");
    let amended = page.split("second, in better words").nth(1).unwrap();
    assert!(amended.contains("the retry hides the real fault"), "{page}");
    sandbox.commit("third", &[("a.txt", "three\n")]);
    let page = sandbox.page("2026-01-06");
    assert!(!page.split("· third ·").nth(1).unwrap().contains("the retry hides"), "{page}");
}
