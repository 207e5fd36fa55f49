//! One conversation in several files, or in several places: each word is told once, in the commit it led to.

use crate::support::Sandbox;
use crate::transcript::Transcript;

fn at(clock: &str) -> String {
    format!("2026-01-06T{clock}+01:00")
}

/// Commits files at a time of the day and returns the entry, once it is complete.
fn entry(sandbox: &mut Sandbox, clock: &str, files: &[(&str, &str)]) -> String {
    sandbox.now = at(clock);
    let id = sandbox.commit("change", files);
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    let begin = page.find(&format!("<!-- commit-story:entry {id} ")).unwrap_or_else(|| panic!("no entry: {page}"));
    let end = page[begin..].find("<!-- commit-story:end").unwrap();
    page[begin..begin + end].to_owned()
}

/// How often each of the words stands in an entry.
fn told(entry: &str, words: &[&str]) -> Vec<usize> {
    words.iter().map(|word| entry.matches(word).count()).collect()
}

#[test]
fn two_sessions_in_a_directory_have_a_commit_each() {
    let mut sandbox = Sandbox::ready();
    for (id, file, words) in [("0ne00000-0000", "b.txt", "Write the b."), ("7w000000-0000", "c.txt", "Write the c.")] {
        Transcript::new(id, &sandbox.repo())
            .prompt(&at("16:05:10"), words)
            .edit(&at("16:06:00"), file)
            .reply(&at("16:06:30"), &format!("There is {file}, because you asked."))
            .save(&sandbox);
    }
    let b = entry(&mut sandbox, "16:10:00", &[("b.txt", "b\n")]);
    let c = entry(&mut sandbox, "16:11:00", &[("c.txt", "c\n")]);
    let words = ["Write the b.", "There is b.txt", "Write the c.", "There is c.txt"];
    assert_eq!((told(&b, &words), told(&c, &words)), (vec![1, 1, 0, 0], vec![0, 0, 1, 1]), "{b}\n{c}");
}

#[test]
fn a_session_that_moves_into_the_repository_is_heard_from_then_on() {
    let mut sandbox = Sandbox::ready();
    let mut talk = Transcript::new("305e0000-0000", &sandbox.path("elsewhere"));
    talk.prompt(&at("16:03:00"), "Write the weather.")
        .edit(&at("16:03:10"), "weather.txt")
        .reply(&at("16:03:30"), "It is fine, because it is winter.")
        .cd(&sandbox.repo())
        .prompt(&at("16:06:00"), "Here, write the b.")
        .edit(&at("16:07:00"), "b.txt")
        .reply(&at("16:08:00"), "It is written here, because the other place is full.")
        .save(&sandbox);
    // A directory of another name is looked into only when somebody waits for it.
    entry(&mut sandbox, "16:10:00", &[("b.txt", "b\n")]);
    sandbox.story_ok(&["record", "HEAD"]);
    let page = sandbox.page("2026-01-06");
    let words = [
        "Here, write the b.",
        "It is written here, because the other place is full.",
        "Write the weather",
        "It is fine",
    ];
    assert_eq!(told(&page, &words), [1, 1, 0, 0], "{page}");
}

#[test]
fn of_a_resumed_session_nothing_is_told_twice() {
    let mut sandbox = Sandbox::ready();
    let mut talk = Transcript::new("0ld00000-0000", &sandbox.repo());
    talk.prompt(&at("16:06:00"), "Write the b.")
        .run(&at("16:06:30"), "make test", 2, "no rule")
        .edit(&at("16:07:00"), "b.txt")
        .reply(&at("16:08:00"), "B is plain, because nobody reads more.");
    talk.save(&sandbox);
    // What was copied before the commit, and what was copied after it.
    let mut again = talk.resumed("4a141000-0000");
    again
        .prompt(&at("16:10:00"), "And shorten it.")
        .edit(&at("16:11:00"), "b.txt")
        .reply(&at("16:12:00"), "Two lines went, because they repeated the first.");
    again.save(&sandbox);
    let words = [
        "Write the b.",
        "B is plain, because nobody reads more.",
        "And shorten it.",
        "Two lines went, because they repeated the first.",
        "Write the c.",
        "C stands alone, because b is full.",
    ];
    let one = entry(&mut sandbox, "16:15:00", &[("b.txt", "b\n")]);
    assert_eq!(told(&one, &words), [1, 1, 1, 1, 0, 0], "{one}");
    assert!(one.contains("`make test` failed once"), "{one}");
    assert_eq!(told(&one, &["session `0ld00000`, 1 prompt,", "session `4a141000`, 1 prompt,"]), [1, 1], "{one}");
    let mut third = again.resumed("7h12d000-0000");
    third
        .prompt(&at("16:20:00"), "Write the c.")
        .edit(&at("16:21:00"), "c.txt")
        .reply(&at("16:22:00"), "C stands alone, because b is full.");
    third.save(&sandbox);
    let two = entry(&mut sandbox, "16:25:00", &[("c.txt", "c\n")]);
    assert_eq!(told(&two, &words), [0, 0, 0, 0, 1, 1], "{two}");
}

#[test]
fn of_a_forked_session_both_branches_are_told_and_their_stem_once() {
    let mut sandbox = Sandbox::ready();
    let mut stem = Transcript::new("57e30000-0000", &sandbox.repo());
    stem.prompt(&at("16:06:00"), "Write the b.")
        .edit(&at("16:07:00"), "b.txt")
        .reply(&at("16:08:00"), "B is plain, because nobody reads more.");
    let mut fork = stem.resumed("f0410000-0000");
    fork.prompt(&at("16:09:00"), "Make it shorter.")
        .edit(&at("16:10:00"), "b.txt")
        .reply(&at("16:11:00"), "One line went, because it said nothing.");
    fork.save(&sandbox);
    stem.prompt(&at("16:12:00"), "Make it clearer.")
        .edit(&at("16:13:00"), "b.txt")
        .reply(&at("16:14:00"), "It names the unit now, because that was in doubt.");
    stem.save(&sandbox);
    let both = entry(&mut sandbox, "16:15:00", &[("b.txt", "b\n")]);
    let words = [
        "Write the b.",
        "B is plain, because nobody reads more.",
        "Make it shorter.",
        "One line went, because it said nothing.",
        "Make it clearer.",
        "It names the unit now, because that was in doubt.",
    ];
    assert_eq!(told(&both, &words), [1; 6], "{both}");
}

#[test]
fn what_was_said_on_another_day_has_its_date_wherever_it_is_told() {
    let mut sandbox = Sandbox::ready();
    Transcript::new("da7e0000-0000", &sandbox.repo())
        .prompt("2026-01-07T09:02:00+01:00", "Retry the upload, five times at most, because the server is slow.")
        .edit("2026-01-07T09:03:00+01:00", "upload.rs")
        .reply("2026-01-07T09:04:00+01:00", "Five tries it is, because more would keep the server down.")
        .prompt("2026-01-09T16:03:00+01:00", "Now name the limit in upload.rs.")
        .edit("2026-01-09T16:04:00+01:00", "upload.rs")
        .save(&sandbox);
    sandbox.now = "2026-01-09T16:10:00+01:00".to_owned();
    sandbox.commit("Retry uploads", &[("upload.rs", "five\n")]);
    sandbox.settle();
    let entry = sandbox.page("2026-01-09");
    for line in [
        "> **Developer**, 2026-01-07 09:02: Retry the upload",
        "> **Claude Code**, 2026-01-07 09:04: Five tries",
        "> **Developer**, 16:03: Now name the limit",
        "2 prompts, 2026-01-07 09:02 to 2026-01-09 16:04",
    ] {
        assert!(entry.contains(line), "{line}: {entry}");
    }
    let check = |args: &[&str], expected: &str| {
        let told = sandbox.story_ok(args);
        assert!(told.contains(expected), "{args:?}: {told}");
    };
    check(&["search", "slow"], "Developer, 2026-01-07 09:02: ");
    check(&["draft", "blog"], "**Developer**, 7 January, 09:02: Retry");
    check(&["show", "HEAD", "--json"], "\"at\": \"2026-01-07T09:02:00+01:00\"");
    check(&["show", "HEAD", "--json"], "\"first\": \"2026-01-07T09:02:00+01:00\"");
}
