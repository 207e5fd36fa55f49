//! From `init` to the entry of a commit.

use crate::support::Sandbox;
use crate::transcript::Transcript;

#[test]
fn a_commit_leaves_an_entry_that_says_what_was_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--yes"]);
    Transcript::new("488c5296-fc78", &sandbox.repo())
        .prompt("2026-01-06T16:03:00+01:00", "Can you add a second line to a.txt?")
        .edit("2026-01-06T16:03:10+01:00", "a.txt")
        .reply("2026-01-06T16:03:20+01:00", "Done. Added the line `two` to a.txt, because you asked for it.")
        .save(&sandbox);
    let sandbox = sandbox.at("2026-01-06T16:05:00+01:00");
    let id = sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    let page = sandbox.page("2026-01-06");
    assert!(page.contains(&format!("<!-- commit-story:entry {id} ")), "{page}");
    assert!(page.contains("> **Developer**, 16:03: Can you add a second line to a.txt?"), "{page}");
    assert!(page.contains("- `a.txt` +1 −0"), "{page}");
}
