//! A commit that nothing since the one before it explains: the session that edited its files lies further back.

use crate::support::Sandbox;
use crate::transcript::Transcript;

/// Commits by hand a day after the session, and after a commit of something else; says whether its prompt was in the
/// entry when git returned, and after `commit-story record`, which reads what a worker would read.
fn heard(older_bytes: usize) -> (bool, bool) {
    let sandbox = Sandbox::new().at("2026-01-04T10:00:00+01:00");
    sandbox.story_ok(&["init", "--yes"]);
    sandbox.commit("first", &[("a.txt", "one\n"), (".commit-story.yaml", "hook:\n  worker: false\n")]);
    Transcript::new("488c5296-fc78", &sandbox.repo())
        .raw(&"x".repeat(older_bytes))
        .prompt("2026-01-05T16:03:00+01:00", "Can you add a second line to a.txt?")
        .edit("2026-01-05T16:03:10+01:00", "a.txt")
        .reply("2026-01-05T16:03:20+01:00", "Done.")
        .save(&sandbox);
    let sandbox = sandbox.at("2026-01-06T15:00:00+01:00");
    sandbox.commit("unrelated", &[("b.txt", "one\n")]);
    let sandbox = sandbox.at("2026-01-06T16:05:00+01:00");
    sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    let told = || sandbox.page("2026-01-06").contains("Can you add a second line to a.txt?");
    let at_once = told();
    sandbox.story_ok(&["record"]);
    (at_once, told())
}

#[test]
fn a_session_further_back_is_heard_at_once_where_there_is_little_to_read() {
    assert_eq!(heard(0), (true, true));
}

#[test]
fn much_to_read_further_back_is_left_for_later() {
    assert_eq!(heard(600 * 1024), (false, true));
}
