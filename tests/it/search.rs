//! Finding entries by their words.

use serde_json::Value;

use crate::support::{Sandbox, binary};
use crate::transcript::Transcript;

/// Three commits on three days, of which the first has a conversation and the last a reflection.
fn told() -> Sandbox {
    told_with(&[])
}

fn told_with(init: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&[&["init", "--yes"], init].concat());
    let sandbox = sandbox.at("2026-01-06T16:05:00+01:00");
    Transcript::new("488c5296-fc78", &sandbox.repo())
        .prompt(
            "2026-01-06T16:03:00+01:00",
            "Größere Pausen: can you back off in src/retry.rs when the server is down?",
        )
        .edit("2026-01-06T16:03:10+01:00", "src/retry.rs")
        .reply("2026-01-06T16:03:20+01:00", "Done. The pause in src/retry.rs doubles up to retry_limit.")
        .save(&sandbox);
    sandbox.commit("Wait longer between tries", &[("src/retry.rs", "fn retry() {}\n")]);
    let sandbox = sandbox.at("2026-01-07T10:00:00+01:00");
    sandbox.commit("Tidy the guide", &[("docs/guide.md", "# Guide\n")]);
    let sandbox = sandbox.at("2026-01-08T10:00:00+01:00");
    sandbox.story_ok(&["reflect", "Backing off twice would have been enough."]);
    let sandbox = sandbox.at("2026-01-08T10:05:00+01:00");
    sandbox.commit("Name the limit", &[("src/retry.rs", "fn retry(limit: u32) {}\n")]);
    sandbox.settle();
    sandbox
}

fn json(sandbox: &Sandbox, query: &[&str]) -> Value {
    serde_json::from_str(&sandbox.story_ok(&[&["search", "--json"], query].concat())).unwrap()
}

fn subjects(found: &Value) -> Vec<&str> {
    found["hits"].as_array().unwrap().iter().map(|hit| hit["subject"].as_str().unwrap()).collect()
}

#[test]
fn what_was_said_is_found_with_who_said_it_and_when() {
    let sandbox = told();
    let id = sandbox.git(&["rev-parse", "HEAD~2"]);
    let output = sandbox.story(&["search", "back", "off", "server"]);
    let expected = format!(
        "{}  2026-01-06 16:05  Wait longer between tries\n    \
         Developer, 16:03: Größere Pausen: can you **back** **off** in src/retry.rs when the **server** is down?\n",
        &id[..8]
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains(&format!("1 entry; read one with: commit-story show {}", &id[..8])), "{told}");
    assert!(sandbox.story_ok(&["show", &id[..8]]).contains("Größere Pausen"), "what is advised works");
    let page = sandbox.story_ok(&["search", "backing"]);
    assert!(page.contains("Reflection, 10:00: **Backing** off twice"), "{page}");
}

#[test]
fn filters_and_identifiers_find_and_places_are_counted_in_characters() {
    let sandbox = told();
    let check = |query: &[&str], expected: &[&str]| assert_eq!(subjects(&json(&sandbox, query)), expected, "{query:?}");
    let (wait, tidy, limit) = ("Wait longer between tries", "Tidy the guide", "Name the limit");
    check(&["file:retry.rs"], &[limit, wait]);
    check(&["retrylimit", "OR", "guide"], &[tidy, wait]);
    check(&["since:2026-01-07 -guide"], &[limit]);
    check(&["--", "-guide", "since:2026-01-07"], &[limit]);
    check(&["assistant:claude"], &[wait]);
    check(&["author:\"ada exam\" until:2026-01-07 guide"], &[tidy]);
    check(&["großere"], &[wait]);
    let found = json(&sandbox, &["pausen"]);
    let snippet = &found["hits"][0]["snippet"];
    assert_eq!(
        (&snippet["field"], &snippet["speaker"], &snippet["at"]),
        (&"prompts".into(), &"developer".into(), &"2026-01-06T16:03:00+01:00".into())
    );
    let text: Vec<char> = snippet["text"].as_str().unwrap().chars().collect();
    let place = |nth: usize| usize::try_from(snippet["marks"][0][nth].as_u64().unwrap()).unwrap();
    assert_eq!(text[place(0)..place(1)].iter().collect::<String>(), "Pausen");
}

#[test]
fn nothing_found_ends_as_it_does_for_grep() {
    let sandbox = told();
    let output = sandbox.story(&["search", "tidi", "guide"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("nothing was found\nno entry has `tidi`; some have tidy"), "{told}");
    let output = sandbox.story(&["search", "tidi", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&found["total"], &found["unknown"][0]["nearest"][0]), (&0.into(), &"tidy".into()));
    for (query, code) in [("since:soon", 2), ("...", 2), ("*:\"^{(NEAR", 1)] {
        assert_eq!(sandbox.story(&["search", query]).status.code(), Some(code), "{query}");
    }
}

#[test]
fn the_index_is_no_affair_of_the_hook_and_may_be_lost() {
    let sandbox = told();
    let index = sandbox.state().join("search.sqlite");
    assert!(!index.exists(), "a commit makes no index");
    let found = sandbox.story_ok(&["search", "guide"]);
    assert!(index.exists());
    std::fs::write(&index, "no database at all ".repeat(500)).unwrap();
    assert_eq!(sandbox.story_ok(&["search", "guide"]), found);
    std::fs::remove_file(&index).unwrap();
    assert_eq!(sandbox.story_ok(&["search", "guide"]), found);
    assert_eq!(sandbox.story_ok(&["search", "--rebuild", "guide"]), found);
    sandbox.commit("A guide again", &[("docs/guide.md", "# Guide 2\n")]);
    sandbox.settle();
    assert_eq!(json(&sandbox, &["guide"])["total"], 2, "and follows the journal");
}

#[test]
fn searches_at_once_wait_for_one_index_and_agree() {
    let sandbox = told();
    let children: Vec<_> = (0..6)
        .map(|_| {
            let mut command = sandbox.command(binary());
            command.args(["search", "guide"]).stdout(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let said: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    assert!(said.iter().all(|output| output.status.success() && output.stdout == said[0].stdout), "{said:?}");
    assert!(said[0].stdout.ends_with(b"Tidy the **guide**\n    Changes: docs/**guide**.md\n"), "{:?}", said[0]);
}

#[test]
fn a_journal_on_a_branch_is_searched_as_well() {
    let sandbox = told_with(&["--branch"]);
    assert_eq!(subjects(&json(&sandbox, &["guide"])), ["Tidy the guide"]);
    sandbox.commit("Another guide", &[("b.txt", "b\n")]);
    sandbox.settle();
    assert_eq!(json(&sandbox, &["guide"])["total"], 2);
}

#[test]
fn what_is_written_on_a_page_cannot_steer_the_terminal() {
    let sandbox = told();
    let path = sandbox.repo().join("journal/entries/2026-01/2026-01-07.md");
    let page = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, page + "\nbelow \u{1b}]0;evil\u{7} and \u{202e}turned <script>\n").unwrap();
    for color in ["always", "never"] {
        let said = sandbox.story_ok(&["search", "below", "evil", "--color", color]);
        assert!(said.contains("\u{fffd}]0;") && said.contains("<script>"), "{said:?}");
        assert!(!said.contains("\u{1b}]") && !said.contains(['\u{7}', '\u{202e}']), "{said:?}");
    }
}
