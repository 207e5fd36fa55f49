//! Attacks: what a clone, a transcript, a page or a commit may bring along. Each ends with the commit made in good time,
//! and with nothing written where it does not belong.

use std::path::Path;
use std::process::Output;
#[cfg(unix)]
use std::process::{Command, Stdio};

use crate::support::Sandbox;
use crate::transcript::Transcript;

const DAY: &str = "2026-01-06";
const PAGE: &str = "journal/entries/2026-01/2026-01-06.md";

/// A repository with our hook, and one commit.
fn ready() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.at("2026-01-06T16:05:00+01:00")
}

/// Commits; that must succeed and say nothing on standard output. A hook that hangs ends itself without a word and without
/// an entry, so it must leave one of both.
#[track_caller]
fn commit(sandbox: &Sandbox, message: &str) -> Output {
    sandbox.write("a.txt", message);
    sandbox.git(&["add", "a.txt"]);
    let output = sandbox.command("git").args(["commit", "-q", "-m", message]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).lines().count() <= 1, "{output:?}");
    let subject = message.lines().next().unwrap();
    let page = || std::fs::read(sandbox.repo().join(PAGE)).unwrap_or_default();
    assert!(!output.stderr.is_empty() || String::from_utf8_lossy(&page()).contains(subject), "the hook hung");
    output
}

#[cfg(unix)]
fn pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).stdin(Stdio::null()).status().unwrap().success());
}

#[cfg(unix)]
fn link(to: &str, path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(to, path).unwrap();
}

/// Every file below a directory with its content.
fn snapshot(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().unwrap().is_dir() {
                dirs.push(path);
            } else if path.is_file() {
                all.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn a_clone_cannot_name_a_place_outside_of_itself() {
    for folder in
        ["/tmp/x", "../out", "a/../../out", "~/x", ".git/hooks", ".GIT/x", "'C:\\\\x'", "\"..\\\\out\"", "a/.git/b"]
    {
        let sandbox = ready();
        let before = snapshot(&sandbox.repo().join(".git/hooks"));
        sandbox.write(".commit-story.yaml", format!("journal:\n  folder: {folder}\n"));
        commit(&sandbox, "second");
        assert!(sandbox.page(DAY).contains("second"), "{folder}: the default holds");
        assert!(!sandbox.path("out").exists() && !sandbox.home().join("x").exists(), "{folder}");
        assert_eq!(snapshot(&sandbox.repo().join(".git/hooks")), before, "{folder}");
    }
}

#[cfg(unix)]
#[test]
fn links_of_a_clone_lead_nowhere_else() {
    for (place, to) in [
        ("journal", "../out"),
        ("journal", "/tmp"),
        ("journal", ".git"),
        ("journal", "journal"),
        ("journal/entries", "../../out"),
        ("journal/entries", "../.git/hooks"),
        ("journal/entries/2026-01", "../../../out"),
        (PAGE, "../../../../out/victim.md"),
        (PAGE, "../../../.git/config"),
        (PAGE, "../../../README.md"),
        (PAGE, "2026-01-06.md"),
        (PAGE, "/dev/zero"),
    ] {
        let sandbox = ready();
        std::fs::create_dir_all(sandbox.path("out")).unwrap();
        std::fs::write(sandbox.path("out/victim.md"), "mine").unwrap();
        sandbox.write("README.md", "mine");
        link(to, &sandbox.repo().join(place));
        let state = sandbox.repo().join(".git");
        let before = (
            snapshot(&sandbox.path("out")),
            std::fs::read(state.join("config")).unwrap(),
            snapshot(&state.join("hooks")),
        );
        let output = commit(&sandbox, "second");
        assert!(!output.stderr.is_empty(), "{place} -> {to}: nothing was said");
        let after = (
            snapshot(&sandbox.path("out")),
            std::fs::read(state.join("config")).unwrap(),
            snapshot(&state.join("hooks")),
        );
        assert_eq!(after, before, "{place} -> {to}");
        assert_eq!(std::fs::read(sandbox.repo().join("README.md")).unwrap(), b"mine", "{place} -> {to}");
        let shown = sandbox.story(&["show", DAY]);
        assert!(
            !shown.status.success() && !String::from_utf8_lossy(&shown.stdout).contains("mine"),
            "{place} -> {to}: {shown:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_file_holds_nothing_up() {
    for place in [
        ".commit-story.yaml",
        PAGE,
        ".git/commit-story/notes.jsonl",
        ".git/commit-story/log",
        ".git/commit-story/journal.lock",
    ] {
        let sandbox = ready();
        let path = sandbox.repo().join(place);
        let _ = std::fs::remove_file(&path);
        pipe(&path);
        commit(&sandbox, "second");
    }
    let sandbox = ready();
    pipe(&Transcript::new("488c5296", &sandbox.repo()).path(&sandbox));
    pipe(&sandbox.home().join(".config/commit-story/config.yaml"));
    commit(&sandbox, "second");
    assert!(sandbox.page(DAY).contains("second"));
}

#[test]
fn a_configuration_of_any_sort_holds_nothing_up() {
    let level = |n: usize| format!("a{n}: &a{n} [{}]\n", format!("*a{},", n.max(1) - 1).repeat(9));
    let bomb = (0..30).map(level).collect::<Vec<_>>().concat();
    for text in
        [bomb, "[".repeat(60_000), "a: ".repeat(20_000), "x".repeat(70_000), "\u{0}".to_owned(), "? ".repeat(30_000)]
    {
        let sandbox = ready();
        sandbox.write(".commit-story.yaml", &text);
        commit(&sandbox, "second");
        assert!(sandbox.page(DAY).contains("second"));
    }
    let sandbox = ready();
    let _ = std::fs::remove_file(sandbox.repo().join(".commit-story.yaml"));
    std::fs::create_dir(sandbox.repo().join(".commit-story.yaml")).unwrap();
    commit(&sandbox, "second");
    assert!(sandbox.page(DAY).contains("second"));
}

#[test]
fn words_of_a_conversation_cannot_pass_for_the_page_nor_steer_the_terminal() {
    let sandbox = ready();
    let fake = "a".repeat(40);
    let attack = format!(
        "Change a.txt. \u{1b}]0;owned\u{7}\u{9b}2J\u{202e}txt\u{2066}\n<!-- commit-story:end -->\n<!-- commit-story:entry {fake} v1 \
         2026-01-06T16:02:06+01:00 -->\n## 16:02 · forged · aaaaaaaa\n\n-->\n> **Claude Code**: forged\n\n### Details\n\n- forged\n\
         ```\nopen fence\n<script>"
    );
    let mut session = Transcript::new("488c5296", &sandbox.repo());
    for time in ["+262142-01-01T00:00:00Z", "-5000-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "no time", "1e999"] {
        session.raw(&format!(
            r#"{{"type":"user","uuid":"u{time}","timestamp":"{time}","sessionId":"../../x","cwd":"{}","message":{{"role":"user","content":"x{}"}}}}"#,
            sandbox.repo().display(),
            "9".repeat(400),
        ));
    }
    session.raw(r#"{"type":"user","uuid":1e400,"timestamp":99999999999999999999,"message":{"content":-1e309}}"#);
    session
        .prompt("2026-01-06T16:03:00+01:00", &attack)
        .edit("2026-01-06T16:03:10+01:00", "a.txt")
        .reply("2026-01-06T16:03:20+01:00", &format!("Done, because `a.txt` needed it. {attack}"))
        .run("2026-01-06T16:03:30+01:00", &format!("make {attack}"), 2, &format!("error: {attack}"))
        .ask("2026-01-06T16:03:40+01:00", &attack, &attack);
    session.save(&sandbox);
    commit(&sandbox, &format!("second\n\n{attack}"));
    // On a busy machine the hook may not have read everything in time; this has all the time it needs.
    sandbox.story_ok(&["record"]);
    let page = sandbox.page(DAY);
    assert_eq!(page.lines().filter(|line| line.starts_with("<!-- commit-story:entry")).count(), 1, "{page}");
    assert!(!page.lines().any(|line| line.starts_with("## 16:02")), "{page}");
    assert_eq!(page.lines().filter(|line| *line == "### Details").count(), 1, "{page}");
    assert!(
        page.contains("### Conversation") && page.contains("### Decisions"),
        "the conversation is not told: {page}"
    );
    let shown = sandbox.story_ok(&["show", "--color", "always"]);
    assert!(!shown.contains("\u{1b}]") && !shown.contains(['\u{7}', '\u{9b}', '\u{202e}', '\u{2066}']), "{shown:?}");
    let json: serde_json::Value = serde_json::from_str(&sandbox.story_ok(&["show", "--json"])).unwrap();
    assert_eq!(
        (json["entries"].as_array().unwrap().len(), json["problems"].as_array().unwrap().len()),
        (1, 0),
        "{json}"
    );
}

#[test]
fn a_page_of_any_sort_loses_nothing_and_holds_nothing_up() {
    let marker = format!("<!-- commit-story:entry {} v1 2026-01-06T16:02:06+01:00 -->\n", "a".repeat(40));
    for page in [
        marker.repeat(10_000).into_bytes(),
        "<!-- commit-story:end -->\n".repeat(20_000).into_bytes(),
        "> ".repeat(100_000).into_bytes(),
        "`".repeat(200_000).into_bytes(),
        vec![0xff; 200_000],
        vec![b'\n'; 200_000],
    ] {
        let sandbox = ready();
        sandbox.write(PAGE, &page);
        commit(&sandbox, "second");
        let bytes = std::fs::read(sandbox.repo().join(PAGE)).unwrap();
        assert!(bytes.len() > page.len(), "no entry was added");
        for args in [&["show", DAY][..], &["show", DAY, "--json"]] {
            let shown = sandbox.story(args);
            assert_eq!(shown.status.code(), Some(0), "{shown:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_commit_of_any_sort_leaves_one_entry() {
    let sandbox = ready();
    let marker = format!("<!-- commit-story:entry {} v1 2026-01-06T16:02:06+01:00 -->", "a".repeat(40));
    for name in ["a\nb", "`code`", "\u{1b}[2Jx", "<!-- commit-story:end -->", " lead", "q\"uote", "**bold**", "[x](y)"]
    {
        sandbox.write(&format!("dir/{name}"), "x\n");
    }
    sandbox.git(&["add", "dir"]);
    let message =
        format!("{marker} \u{1b}[31mred `x\n\n{marker}\n## forged\n-->\n{}", "line of the body\n".repeat(10_000));
    commit_file(&sandbox, &message);
    let page = sandbox.page(DAY);
    assert_eq!(page.lines().filter(|line| line.starts_with("<!-- commit-story:entry")).count(), 1);
    let json: serde_json::Value = serde_json::from_str(&sandbox.story_ok(&["show", "--json"])).unwrap();
    assert_eq!((json["entries"].as_array().unwrap().len(), &json["problems"]), (1, &serde_json::json!([])));
    assert!(!sandbox.story_ok(&["show"]).contains('\u{1b}'));
}

/// Commits with a message too long for a command line.
#[cfg(unix)]
fn commit_file(sandbox: &Sandbox, message: &str) {
    let path = sandbox.path("message");
    std::fs::write(&path, message).unwrap();
    sandbox.git(&["commit", "-q", "--cleanup=verbatim", "-F", path.to_str().unwrap()]);
}
