//! Our commands in lefthook's local configuration, `lefthook-local.yml`: the way to add to a project's hooks for oneself.
//!
//! In: the file's bytes, the events whose hook files are lefthook's own, and the binary. Out: the bytes with our lines.
//! Never here: `lefthook.yml`, which is committed; or a file of another name or language, to which nothing can be added
//! without reading it as lefthook does.
//!
//! Source: <https://lefthook.dev/configuration/> (`lefthook-local`), tried with lefthook 1.13.

use std::path::Path;

use crate::hook::{Block, Event, marked};

/// The file, at the top of the work tree.
pub const LOCAL: &str = "lefthook-local.yml";
/// Other names for it; lefthook reads one only.
pub(super) const OTHERS: &[&str] = &[
    ".lefthook-local.yml",
    "lefthook-local.yaml",
    ".lefthook-local.yaml",
    "lefthook-local.toml",
    ".lefthook-local.toml",
    "lefthook-local.json",
    ".lefthook-local.json",
];

/// The bytes with our lines; `None` where a hook of ours stands outside of them already, so that a second one would
/// take its place.
#[must_use]
pub(super) fn with(bytes: &[u8], events: &[Event], binary: &Path) -> Option<Vec<u8>> {
    let theirs = marked::without(bytes);
    if self::events(&theirs) == events {
        return Some(bytes.to_vec());
    }
    let text = String::from_utf8_lossy(&theirs);
    let has = |event: &Event| text.lines().any(|line| line.trim_matches(['"', '\'']).starts_with(event.name()));
    if events.iter().any(has) || text.trim_start().starts_with('{') {
        return None;
    }
    let lines = lines(events, binary);
    Some(
        marked::replaced(bytes, lines.as_bytes()).unwrap_or_else(|| marked::with(bytes, bytes.len(), lines.as_bytes())),
    )
}

/// Our lines.
#[must_use]
pub(super) fn lines(events: &[Event], binary: &Path) -> String {
    let hooks: String = events.iter().map(|event| hook(*event, binary)).collect();
    let about = "# Runs commit-story; `commit-story uninstall` takes these lines out again.";
    format!("{}\n{about}\n{hooks}{}\n", marked::BEGIN, marked::END)
}

/// The events for which the file runs us, by our lines or by lines of somebody else's.
#[must_use]
pub(super) fn events(bytes: &[u8]) -> Vec<Event> {
    let text = String::from_utf8_lossy(bytes);
    let runs = |event: &Event| text.contains(&format!("commit-story hook {}", event.name()));
    Event::ALL.into_iter().filter(runs).collect()
}

fn hook(event: Event, binary: &Path) -> String {
    // lefthook puts git's arguments where `{0}` stands.
    let command = Block::new(event, binary).command(false).replace("\"$@\"", "{0}").replace('\'', "''");
    let input = if event == Event::PostRewrite { "      use_stdin: true\n" } else { "" };
    let event = event.name();
    format!("{event}:\n  commands:\n    commit-story:\n{input}      run: '{command}'\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINARY: &str = if cfg!(windows) { "C:/it's here/commit-story" } else { "/opt/it's here/commit-story" };

    #[test]
    fn our_lines_come_last_and_go_again() {
        for theirs in ["", "pre-commit:\n  parallel: true\n", "# no newline"] {
            let joined = with(theirs.as_bytes(), &[Event::PostCommit], Path::new(BINARY)).unwrap();
            assert_eq!(events(&joined), [Event::PostCommit], "{theirs}");
            assert_eq!(marked::without(&joined), theirs.as_bytes());
            let again = with(&joined, &[Event::PostCommit], Path::new(BINARY)).unwrap();
            assert_eq!(again, joined);
            let by_hand = lines(&[Event::PostCommit], Path::new(BINARY)).replace("# >>>", "# ").into_bytes();
            assert_eq!(with(&by_hand, &[Event::PostCommit], Path::new(BINARY)), Some(by_hand));
        }
    }

    #[test]
    fn the_command_is_what_it_was_when_it_is_read_as_yaml() {
        let text = lines(&Event::ALL, Path::new(BINARY));
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        let command = &value["post-rewrite"]["commands"]["commit-story"];
        assert_eq!(command["use_stdin"], true);
        let run = command["run"].as_str().unwrap();
        let expected = format!("exec '{}' hook post-rewrite {{0}} >/dev/null", BINARY.replace('\'', "'\\''"));
        assert!(run.contains(&expected), "{run}");
    }

    #[test]
    fn a_hook_of_theirs_in_the_same_file_is_left_to_them() {
        for theirs in ["post-commit:\n  jobs: []\n", "'post-commit':\n", "{\"post-commit\": {}}"] {
            assert_eq!(with(theirs.as_bytes(), &[Event::PostCommit], Path::new(BINARY)), None, "{theirs}");
        }
    }
}
