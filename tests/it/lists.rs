//! Entries as lists, and several at once.

use serde_json::Value;

use crate::support::{Sandbox, binary};

/// Commits on 6, 7 and 9 January; the last two on a branch. It is the 9th.
fn told() -> Sandbox {
    let sandbox = Sandbox::ready();
    sandbox.commit("one", &[("src/a.rs", "a\n")]);
    sandbox.git(&["switch", "-q", "-c", "feature"]);
    let sandbox = sandbox.at("2026-01-07T10:00:00+01:00");
    sandbox.commit("two", &[("src/b.rs", "b\n")]);
    let sandbox = sandbox.at("2026-01-09T10:00:00+01:00");
    sandbox.commit("three", &[("docs/c.md", "c\n")]);
    sandbox.settle();
    sandbox
}

/// The subjects of a list of one line each.
fn listed(sandbox: &Sandbox, options: &[&str]) -> String {
    let said = sandbox.story_ok(&[&["log", "--oneline"], options].concat());
    said.lines().map(|line| line.rsplit(' ').next().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_list_is_chosen_by_days_commits_and_filters() {
    let sandbox = told();
    let check = |options: &[&str], expected: &str| assert_eq!(listed(&sandbox, options), expected, "{options:?}");
    check(&[], "three two one");
    check(&["-n", "2"], "three two");
    check(&["-n", "2", "--reverse"], "two three");
    check(&["--reverse"], "one two three");
    check(&["-n", "0"], "");
    check(&["today"], "three");
    check(&["this", "week"], "three two one");
    check(&["last week"], "");
    check(&["2026-01-06..2026-01-07"], "two one");
    check(&["main..feature"], "three two");
    check(&["main..feature", "--until", "2026-01-07"], "two");
    check(&["--since", "2d"], "three");
    check(&["--", "src"], "two one");
    check(&["main..feature", "--", "src/", "nowhere"], "two");
    check(&["--file", "c.md", "--author", "EXAMPLE"], "three");
    check(&["--author", "nobody"], "");
    check(&["--assistant", "claude"], "");
}

#[test]
fn a_list_says_what_each_entry_is() {
    let sandbox = told();
    let id = sandbox.git(&["rev-parse", "--short=8", "HEAD"]);
    let block = format!("{}  2026-01-09 10:00  three\n    1 file, +1 −0 · feature · Ada Example\n", id.trim());
    assert_eq!(sandbox.story_ok(&["log", "-n", "1"]), block);
    let listed: Value = serde_json::from_str(&sandbox.story_ok(&["log", "--json", "--reverse"])).unwrap();
    assert_eq!((&listed["schema"], listed["entries"].as_array().unwrap().len()), (&1.into(), 3));
    let shown: Value = serde_json::from_str(&sandbox.story_ok(&["show", "2026-01", "--json"])).unwrap();
    assert_eq!(shown["entries"], listed["entries"], "an entry has one shape");
    let empty: Value = serde_json::from_str(&sandbox.story_ok(&["log", "--json", "2025"])).unwrap();
    assert_eq!(empty["entries"], Value::Array(vec![]));
}

#[test]
fn what_is_neither_days_nor_commits_is_told_with_a_cure() {
    let sandbox = told();
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let output = sandbox.story(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(code) && said.contains(expected), "{arguments:?}: {said}");
    };
    check(&["log", "src/a.rs"], 2, "neither days nor a range of commits\nhint: days:");
    check(&["log", "--since", "soon"], 2, "names no day");
    check(&["log", "--assistant", "hal"], 2, "these are: claude-code, codex");
    check(
        &["show", "last", "year"],
        1,
        "there is no entry of 2025-01-01 to 2025-12-31\nhint: the newest day is 2026-01-09",
    );
    check(&["yesterday"], 1, "there is no entry of 2026-01-08");
    check(&["show", "main..nowhere"], 1, "cannot find the commits of `main..nowhere`");
}

#[test]
fn several_days_and_ranges_of_commits_are_shown_in_order() {
    let sandbox = told();
    let headings = |arguments: &[&str]| {
        let said = sandbox.story_ok(arguments);
        let lines = said.lines().filter(|line| line.starts_with("# ") || line.starts_with("## "));
        lines.map(|line| line.split(" · ").nth(1).unwrap_or(line).to_owned()).collect::<Vec<_>>().join(" | ")
    };
    let all = "# Tuesday, 6 January 2026 | one | # Wednesday, 7 January 2026 | two | # Friday, 9 January 2026 | three";
    assert_eq!(headings(&["show", "2026-W02"]), all);
    assert_eq!(headings(&["show", "this", "week"]), all);
    assert_eq!(headings(&["show", "main..feature"]), "two | three");
    assert_eq!(headings(&["today"]), "# Friday, 9 January 2026 | three");
    assert_eq!(sandbox.story_ok(&["today", "--raw"]), sandbox.page("2026-01-09"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let sandbox = told();
    for arguments in [&["log"][..], &["show", "2026"], &["search", "since:2026"]] {
        let mut command = sandbox.command(binary());
        let mut child = command.args(arguments).stdout(std::process::Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        assert!(child.wait().unwrap().success(), "{arguments:?}");
    }
}
