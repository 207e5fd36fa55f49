//! Asking a program on this machine, however it behaves.

use std::time::{Duration, Instant};

use commit_story::config::NarrationConfig;
use commit_story::env::Env;
use commit_story::llm::{self, Failure, Provider, Reply, Request};

fn provider(command: &[&str], timeout_seconds: u32) -> Provider {
    let config = NarrationConfig {
        provider: Some("command".to_owned()),
        model: None,
        command: command.iter().map(|&word| word.to_owned()).collect(),
        timeout_seconds,
        ..crate::models::settings()
    };
    Provider::from(&config, &Env::take_from([], "/".into())).unwrap().unwrap()
}

fn ask(command: &[&str], timeout_seconds: u32) -> Result<Reply, Failure> {
    let request = Request {
        system: "You are told the truth.".to_owned(),
        user: "What is new?".to_owned(),
        temperature: 0.5,
        most_tokens: 400,
    };
    llm::ask(&provider(command, timeout_seconds), &request)
}

/// Asks a shell that runs this script.
fn script(script: &str) -> Result<Reply, Failure> {
    ask(&["sh", "-c", script], 30)
}

fn passing(answer: Result<Reply, Failure>) -> String {
    match answer {
        Err(Failure::Passing { why, after: None } | Failure::Unanswered { why }) => why,
        other => panic!("not a failure that may pass: {other:?}"),
    }
}

#[test]
fn a_program_reads_the_prompt_and_what_it_prints_is_the_reply() {
    let reply = ask(&["cat"], 30).unwrap();
    assert_eq!(reply.text, "You are told the truth.\n\nWhat is new?");
    assert_eq!((reply.model.as_str(), reply.sent, reply.received, reply.cut), ("cat", None, None, false));
    assert_eq!(script("printf '\\n\\033[1mbold\\033[0m\\r\\n\\n'").unwrap().text, "bold");
    // Who does not care for the prompt may answer all the same.
    assert_eq!(script("exec <&-; echo said").unwrap().text, "said");
}

#[test]
fn a_program_starts_in_an_empty_directory_that_is_gone_afterwards() {
    let place = script("pwd; ls -A; ls -ld . | cut -c1-10; echo draft > draft").unwrap().text;
    let mut lines = place.lines();
    let dir = lines.next().unwrap();
    assert_eq!(lines.collect::<Vec<_>>(), ["drwx------"]);
    assert!(!std::path::Path::new(dir).exists(), "{dir}");
}

#[test]
fn a_program_inherits_no_mark_of_an_assistant_or_of_git() {
    const INNER: &str = "STORY_INNER";
    if std::env::var_os(INNER).is_some() {
        let names = script("env | cut -d= -f1").unwrap().text;
        assert!(names.lines().any(|name| name == INNER), "{names}");
        for marker in ["CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID", "GIT_DIR", "GIT_INDEX_FILE"] {
            assert!(!names.lines().any(|name| name == marker), "{marker}");
        }
        return;
    }
    let this = "model_programs::a_program_inherits_no_mark_of_an_assistant_or_of_git";
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", this]).env(INNER, "1");
    for marker in ["CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CODEX_THREAD_ID", "GIT_DIR", "GIT_INDEX_FILE"] {
        again.env(marker, "x");
    }
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_program_that_is_not_there_is_no_matter_of_time() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    std::fs::write(&plain, "#!/bin/sh\necho said\n").unwrap();
    for program in ["/no/such/program", "no-such-program-anywhere", plain.to_str().unwrap()] {
        match ask(&[program], 30) {
            Err(Failure::Lasting { why }) => assert!(why.contains("narration.command"), "{why}"),
            other => panic!("{program}: {other:?}"),
        }
    }
}

#[test]
fn a_program_that_fails_says_why_without_secrets() {
    let token = format!("ghp_{}", "a1B2c3D4e5".repeat(4).split_at(36).0);
    let why = passing(script(&format!("echo first >&2; echo 'token {token} expired' >&2; echo >&2; exit 3")));
    assert!(why.starts_with("sh failed: token ") && why.ends_with(" expired"), "{why}");
    assert!(!why.contains(&token), "{why}");
    assert_eq!(passing(script("exit 1")), "sh failed");
    assert_eq!(passing(script("echo run login first; exit 1")), "sh failed: run login first");
    assert_eq!(passing(script("kill -9 $$")), "sh failed");
    assert_eq!(passing(script("echo not logged in >&2")), "sh answered nothing: not logged in");
    let why = passing(script("yes complaint | head -c 3000000 >&2; printf '\\033[31m%05000d' 1 >&2; exit 1"));
    assert!(why.chars().count() < 300 && !why.contains(char::is_control), "{why}");
}

#[test]
fn a_program_that_prints_without_end_is_stopped() {
    let started = Instant::now();
    assert_eq!(passing(script("yes")), "sh wrote more than 1024 KiB");
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_hangs_is_killed_with_all_that_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("children");
    let started = Instant::now();
    let script = format!("(sleep 300 & echo $! >> {0}; wait) & echo $! >> {0}; sleep 300", file.display());
    assert_eq!(passing(ask(&["sh", "-c", &script], 3)), "sh did not answer within 3 s");
    assert!(started.elapsed() < Duration::from_secs(60));
    let children = std::fs::read_to_string(file).unwrap();
    assert_eq!(children.lines().count(), 2);
    for child in children.lines() {
        // Gone, or dead and only not yet buried by whoever inherited it.
        let is_alive = || {
            let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
        };
        while is_alive() {
            assert!(started.elapsed() < Duration::from_secs(120), "{child} lives");
            std::thread::yield_now();
        }
    }
}
