//! Summaries of days, weeks, months, quarters and years.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model_server::{Does, ModelServer, Wire};
use crate::support::{Sandbox, binary, checked, wait_for};
use crate::transcript::Transcript;

/// A reflection with everything in it that could pass for something else.
const TRAPS: &str = "# Not a heading\n\n- *not* emphasised by us\n<!-- commit-story:end -->\n\u{5d4}\u{5e2}\u{5e8}\u{5d4} `code`\n```rust\nlet open = \"fence\";";

/// A journal whose worker does nothing by itself.
fn begun() -> Sandbox {
    let sandbox = Sandbox::new().at("2025-12-29T09:00:00+01:00");
    sandbox.write(".commit-story.yaml", "hook:\n  worker: false\n");
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--yes"]);
    sandbox
}

/// Makes a commit at an instant, and leaves the clock there.
fn commit(sandbox: &mut Sandbox, at: &str, message: &str) -> String {
    at.clone_into(&mut sandbox.now);
    let file = format!("src/{}/{}.rs", if message.contains(':') { "upload" } else { "other" }, message.len());
    sandbox.commit(message, &[(&file, &format!("{at}\n{message}\n"))])
}

/// The text of a summary; empty if there is none.
fn summary(sandbox: &Sandbox, name: &str) -> String {
    std::fs::read_to_string(place(sandbox, name)).unwrap_or_default()
}

fn place(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.repo().join("journal/summaries").join(name)
}

/// All summaries by their path, with their text.
fn all(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let top = sandbox.repo().join("journal/summaries");
    let dirs = std::fs::read_dir(&top).into_iter().flatten().map(|dir| dir.unwrap().path());
    let files = dirs.flat_map(|dir| std::fs::read_dir(dir).unwrap()).map(|file| file.unwrap().path());
    let name = |path: &PathBuf| path.strip_prefix(&top).unwrap().to_str().unwrap().replace('\\', "/");
    files.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
}

/// Some weeks of work on both sides of New Year's Eve.
fn weeks() -> Sandbox {
    let mut sandbox = begun();
    commit(&mut sandbox, "2025-12-31T23:30:00+01:00", "uploads: resume (#12)");
    commit(&mut sandbox, "2026-01-05T10:00:00+01:00", "uploads: retry with a pause (#12)");
    commit(&mut sandbox, "2026-01-06T10:00:00+01:00", "fix(uploads): give up after five (#12)");
    commit(&mut sandbox, "2026-01-20T10:00:00+01:00", "tidy");
    sandbox.at("2027-01-02T12:00:00+01:00")
}

#[test]
fn a_year_is_made_of_its_quarters_months_days_and_entries_and_every_link_leads_somewhere() {
    let sandbox = weeks();
    let said = sandbox.story_ok(&["summarize", "year", "2026"]);
    assert!(said.trim().ends_with("2026.md"), "{said}");
    sandbox.story_ok(&["summarize", "week", ".."]);
    let pages = all(&sandbox);
    let names: Vec<&str> = pages.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "day/2025-12-31.md",
            "day/2026-01-05.md",
            "day/2026-01-06.md",
            "day/2026-01-20.md",
            "month/2026-01.md",
            "quarter/2026-Q1.md",
            "week/2026-W01.md",
            "week/2026-W02.md",
            "week/2026-W04.md",
            "year/2026.md"
        ]
    );
    let mut links = 0;
    for (name, text) in &pages {
        for target in text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
            let path = place(&sandbox, name).parent().unwrap().join(target);
            assert!(path.is_file(), "{name}: {target}");
            links += 1;
        }
    }
    assert!(links > pages.len());
    let year = &pages["year/2026.md"];
    assert!(year.contains("[Quarter 1 of 2026](../quarter/2026-Q1.md): 3 commits"), "{year}");
    assert!(pages["month/2026-01.md"].contains("[Monday, 5 January](../day/2026-01-05.md): 1 commit"));
    assert!(!year.contains("not over"));
    for text in pages.values() {
        for (heading, next) in text.lines().zip(text.lines().skip(2)).filter(|(line, _)| line.starts_with("## ")) {
            assert!(!next.is_empty() && !next.starts_with('#') && !next.starts_with("<!--"), "{heading}");
        }
    }
}

#[test]
fn what_has_not_changed_is_not_written_again_and_what_has_is() {
    let mut sandbox = weeks();
    sandbox.story_ok(&["summarize", "year", "2026"]);
    let before = all(&sandbox);
    let shown = sandbox.story_ok(&["show", "--summary", "2026-Q1", "--no-pager"]);
    assert!(shown.contains("Quarter 1 of 2026") && !shown.contains("<!--"), "{shown}");
    assert_eq!(sandbox.story_ok(&["show", "--summary", "2026", "--raw"]), before["year/2026.md"]);
    assert!(!sandbox.story(&["show", "--summary", "2026-W09"]).status.success());
    "2027-03-01T12:00:00+01:00".clone_into(&mut sandbox.now);
    for name in before.keys() {
        let period = name.split(['/', '.']).nth(1).unwrap();
        let level = name.split('/').next().unwrap();
        sandbox.story_ok(&["summarize", level, period]);
    }
    assert_eq!(all(&sandbox), before);

    let hand = "Written by hand: a good week.\n";
    let path = place(&sandbox, "day/2026-01-06.md");
    std::fs::write(&path, format!("{}\n{hand}", before["day/2026-01-06.md"])).unwrap();
    commit(&mut sandbox, "2026-01-06T11:00:00+01:00", "uploads: say when they are done");
    "2027-03-01T12:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.story_ok(&["summarize", "year", "2026"]);
    let after = all(&sandbox);
    let changed: Vec<&str> =
        after.iter().filter(|(name, text)| before.get(*name) != Some(text)).map(|(name, _)| name.as_str()).collect();
    assert_eq!(changed, ["day/2026-01-06.md", "month/2026-01.md", "quarter/2026-Q1.md", "year/2026.md"]);
    // What no entry says is found; what entries say is found there alone.
    let found = sandbox.story_ok(&["search", "good week", "--no-pager"]);
    assert!(
        found.contains("2026-01-06  Tuesday, 6 January 2026\n    Notes: Written by hand: a **good** **week**."),
        "{found}"
    );
    assert!(!sandbox.story_ok(&["search", "resume", "--no-pager"]).contains("Quarter"));
    std::fs::remove_file(&path).unwrap();
    assert!(!sandbox.story(&["search", "good week"]).status.success());
    let day = &after["day/2026-01-06.md"];
    assert!(day.contains("say when they are done") && day.ends_with(&format!("\n\n{hand}")), "{day}");
}

#[test]
fn what_somebody_has_changed_is_left_alone_and_that_is_said() {
    let sandbox = weeks();
    sandbox.story_ok(&["summarize", "week", "2026-W02"]);
    let path = place(&sandbox, "week/2026-W02.md");
    let edited = summary(&sandbox, "week/2026-W02.md").replace("## Numbers", "## My own numbers");
    std::fs::write(&path, &edited).unwrap();
    for arguments in [&["summarize", "week", "2026-W02", "--force"][..], &["summarize", "week", "2026-W02"]] {
        let output = sandbox.story(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("left as it is: somebody has changed"), "{said}");
        assert_eq!(summary(&sandbox, "week/2026-W02.md"), edited);
    }
    // What an editor does to blanks and line ends is no change.
    std::fs::remove_file(&path).unwrap();
    sandbox.story_ok(&["summarize", "week", "2026-W02"]);
    let windows = summary(&sandbox, "week/2026-W02.md").replace('\n', "\r\n");
    std::fs::write(&path, &windows).unwrap();
    assert!(sandbox.story_ok(&["summarize", "week", "2026-W02", "--json"]).contains("\"page\": \"unchanged\""));
    assert_eq!(summary(&sandbox, "week/2026-W02.md"), windows);
}

#[test]
fn a_damaged_page_is_left_as_it_is() {
    let sandbox = weeks();
    sandbox.story_ok(&["summarize", "week", "2026-W02"]);
    let whole = summary(&sandbox, "week/2026-W02.md");
    let newer = whole.replacen(" v1 ", " v9 ", 1);
    for damaged in [&whole[..whole.len() / 2], "notes of my own\n", "\u{0}\u{1}", newer.as_str()] {
        std::fs::write(place(&sandbox, "week/2026-W02.md"), damaged).unwrap();
        let output = sandbox.story(&["summarize", "week", "2026-W02"]);
        assert!(String::from_utf8(output.stderr).unwrap().contains("left as it is"));
        assert_eq!(summary(&sandbox, "week/2026-W02.md"), damaged);
    }
    std::fs::write(place(&sandbox, "week/2026-W02.md"), "\n").unwrap();
    sandbox.story_ok(&["summarize", "week", "2026-W02"]);
    assert!(summary(&sandbox, "week/2026-W02.md").contains("# Week 2 of 2026, 5 to 11 January"));
}

#[test]
fn reflections_stand_first_word_for_word() {
    let mut sandbox = begun();
    "2026-01-06T09:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.story_ok(&["reflect", TRAPS]);
    let id = commit(&mut sandbox, "2026-01-06T10:00:00+01:00", "uploads: [resume](x) `a]b`");
    for (level, name) in [("day", "day/2026-01-06.md"), ("year", "year/2026.md")] {
        sandbox.story_ok(&["summarize", level]);
        let text = summary(&sandbox, name);
        let quoted: String = TRAPS.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
        let first = text.split("## ").nth(1).unwrap();
        assert!(first.starts_with("Reflections\n\n**") && first.contains(&quoted), "{text}");
        assert!(
            text.contains("09:00**, with [uploads: \\[resume\\](x) `a]b`](../../entries/2026-01/2026-01-06.md#"),
            "{text}"
        );
        assert!(text.contains(&id[..8]));
        // Nothing in it ends the page, or makes it look changed.
        assert!(sandbox.story_ok(&["summarize", level, "--json"]).contains("\"page\": \"unchanged\""));
    }
}

#[test]
fn a_week_lies_across_new_year_and_a_commit_belongs_to_the_day_of_its_authors_clock() {
    let mut sandbox = begun();
    commit(&mut sandbox, "2027-01-01T00:30:00+13:00", "early in the far east");
    commit(&mut sandbox, "2026-12-31T23:30:00-08:00", "late in the far west");
    "2027-01-12T09:00:00+01:00".clone_into(&mut sandbox.now);
    let week = sandbox.story_ok(&["summarize", "week", "2026-W53", "--print", "--no-pager"]);
    assert!(week.contains("Week 53 of 2026, 28 December to 3 January"), "{week}");
    assert!(week.contains("2 commits on 2 days"), "{week}");
    let year = sandbox.story_ok(&["summarize", "year", "2027", "--print", "--no-pager"]);
    assert!(year.contains("1 commit on 1 day") && year.contains("early in the far east"), "{year}");
    assert!(!year.contains("far west"), "{year}");
    assert_eq!(all(&sandbox), BTreeMap::new());
}

#[test]
fn where_nothing_happened_nothing_is_made() {
    let mut sandbox = begun();
    commit(&mut sandbox, "2026-01-06T10:00:00+01:00", "uploads: resume");
    for arguments in [["summarize", "day", "2026-01-07"], ["summarize", "year", "2024"]] {
        let output = sandbox.story(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("there are no entries of 202"), "{said}");
    }
    let output = sandbox.story(&["summarize", "week", "someday"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(all(&sandbox), BTreeMap::new());
    // A week that is not over says so, and what is said of it then is not what is said when it is.
    sandbox.story_ok(&["summarize", "week"]);
    assert!(summary(&sandbox, "week/2026-W02.md").contains("*Up to Tuesday, 6 January: the week is not over.*"));
    "2026-01-12T10:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.story_ok(&["summarize", "week"]);
    assert!(!summary(&sandbox, "week/2026-W02.md").contains("not over"));
}

#[test]
fn decisions_roadblocks_requests_and_threads_are_told_with_where_they_come_from() {
    let mut sandbox = begun();
    for (nth, day) in ["2026-01-05", "2026-01-06", "2026-01-08"].into_iter().enumerate() {
        let mut talk = Transcript::new(&format!("488c529{nth}-fc78"), &sandbox.repo());
        talk.prompt(&format!("{day}T10:00:00+01:00"), "Make a broken upload go on where it stopped, please.")
            .ask(&format!("{day}T10:00:20+01:00"), "Where is the offset kept?", "In a file beside it")
            .run(&format!("{day}T10:00:30+01:00"), "cargo test resume", 101, "assertion failed: offset == 7")
            .run(&format!("{day}T10:01:00+01:00"), "cargo test resume", 0, "ok")
            .edit(&format!("{day}T10:02:00+01:00"), "src/upload/23.rs")
            .save(&sandbox);
        commit(&mut sandbox, &format!("{day}T10:05:00+01:00"), &format!("uploads: resume, part {nth}"));
    }
    "2026-01-12T10:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.story_ok(&["summarize", "week", "last week"]);
    let text = summary(&sandbox, "week/2026-W02.md");
    let has = |part: &str| assert!(text.contains(part), "{part}\n{text}");
    has(
        "- **Where is the offset kept?** In a file beside it ([5 January](../../entries/2026-01/2026-01-05.md#1005--uploads",
    );
    assert_eq!(text.matches("Where is the offset kept?").count(), 1, "{text}");
    has(
        "- `cargo test resume` failed 3 times before 3 commits on 3 days, and passed in the end: `assertion failed: offset == 7`",
    );
    has("- **uploads**, 3 commits on 3 days (5, 6 and 8 January): from [uploads: resume, part 0](");
    has("3 subjects name it before the colon");
    has("- “Make a broken upload go on where it stopped, please.” ([5 January](");
    has("- 3 conversations with 3 prompts; commits by assistant: Claude Code (3)");
}

#[test]
fn a_commit_of_summaries_alone_has_no_entry() {
    let sandbox = weeks();
    sandbox.write(".commit-story.yaml", "hook:\n  worker: false\njournal:\n  private: false\n");
    std::fs::write(sandbox.repo().join(".git/info/exclude"), "").unwrap();
    sandbox.commit("the journal's settings", &[]);
    sandbox.story_ok(&["summarize", "year", "2026"]);
    let id = sandbox.commit("journal", &[]);
    assert!(sandbox.git(&["show", "--stat", "HEAD"]).contains("summaries/year/2026.md"));
    assert!(!sandbox.page("2027-01-02").contains(&id));
}

#[test]
fn what_is_over_is_summarized_behind_the_first_commit_of_the_next_day() {
    let mut sandbox = Sandbox::ready();
    sandbox.commit("uploads: resume", &[("a.txt", "two\n")]);
    sandbox.commit("uploads: retry", &[("a.txt", "three\n")]);
    let marker = || std::fs::read_to_string(sandbox.state().join("summaries")).unwrap();
    assert_eq!((marker().trim(), all(&sandbox).len()), ("2026-01-06", 0));
    "2026-01-12T09:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.commit("tidy", &[("a.txt", "four\n")]);
    let marker = || std::fs::read_to_string(sandbox.state().join("summaries")).unwrap();
    wait_for("the summaries of what is over", || marker().trim() == "2026-01-12");
    let pages = all(&sandbox);
    assert_eq!(pages.keys().map(String::as_str).collect::<Vec<_>>(), ["day/2026-01-06.md", "week/2026-W02.md"]);
    assert!(pages["week/2026-W02.md"].contains("2 commits on 1 day"));
}

#[test]
fn a_journal_on_a_branch_has_its_summaries_there_and_they_move_along() {
    let sandbox = Sandbox::new();
    sandbox.write(".commit-story.yaml", "hook:\n  worker: false\n");
    sandbox.commit("first", &[("a.txt", "one\n")]);
    sandbox.story_ok(&["init", "--branch", "--yes"]);
    let mut sandbox = sandbox;
    commit(&mut sandbox, "2026-01-06T10:00:00+01:00", "uploads: resume");
    commit(&mut sandbox, "2026-01-07T10:00:00+01:00", "uploads: retry");
    "2026-01-12T10:00:00+01:00".clone_into(&mut sandbox.now);
    let tip = || sandbox.git(&["rev-parse", "commit-story/journal"]);
    let said = sandbox.story_ok(&["summarize", "week"]);
    assert_eq!(said.trim(), "commit-story/journal:summaries/week/2026-W02.md");
    let text = sandbox.git(&["show", said.trim()]);
    assert!(text.contains("2 commits on 2 days"), "{text}");
    let before = tip();
    sandbox.story_ok(&["summarize", "week"]);
    assert_eq!(tip(), before);
    sandbox.story_ok(&["move", "--to", "journal"]);
    assert_eq!(summary(&sandbox, "week/2026-W02.md"), text);
}

/// What a model may say of the two commits, and what it may not.
const PROSE: &str = "## Summary\n\nA broken upload goes on where it stopped. [P1] It broke `src/nowhere.rs`. [M1]\n\n\
     ## Decisions\n\n- **The offset in a file beside it**: it was asked where. [Q1]\n";

/// A week with two commits, and a model that says something; the user's settings name its server.
fn asked(does: Does) -> (Sandbox, ModelServer) {
    let mut sandbox = begun();
    let mut talk = Transcript::new("488c5290-fc78", &sandbox.repo());
    talk.prompt("2026-01-05T10:00:00+01:00", "Make a broken upload go on where it stopped, please.")
        .ask("2026-01-05T10:00:20+01:00", "Where is the offset kept?", "In a file beside it")
        .edit("2026-01-05T10:02:00+01:00", "src/upload/15.rs")
        .save(&sandbox);
    commit(&mut sandbox, "2026-01-05T10:05:00+01:00", "uploads: resume");
    commit(&mut sandbox, "2026-01-06T10:05:00+01:00", "uploads: retry!");
    "2026-01-12T10:00:00+01:00".clone_into(&mut sandbox.now);
    let server = ModelServer::start(Wire::Ollama);
    server.reply_with_each([does]);
    sandbox.narration_settings(&server.settings(""));
    (sandbox, server)
}

#[test]
fn prose_is_checked_linked_to_its_entries_and_kept() {
    let (mut sandbox, server) = asked(Does::Says(PROSE.to_owned()));
    sandbox.story_ok(&["summarize", "week", "--no-prose"]);
    assert_eq!(server.requests().len(), 0);
    sandbox.story_ok(&["summarize", "week"]);
    let text = summary(&sandbox, "week/2026-W02.md");
    let has = |part: &str| assert!(text.contains(part), "{part}\n{text}");
    has("## Summary\n\n<!-- commit-story:telling v1 2026-01-12T10:00:00+01:00 of ");
    has("A broken upload goes on where it stopped. ([");
    has("](../../entries/2026-01/2026-01-05.md#1005--uploads-resume--");
    has(
        "<sub>Prose by model-of-the-test, 12 January 2026; 3 claims checked, 1 dropped.</sub>\n<!-- commit-story:telling-end -->",
    );
    assert!(!text.contains("nowhere"), "{text}");
    // One question for the week, none for its days, and none once more.
    let number = server.requests().len();
    assert_eq!(number, 1);
    sandbox.story_ok(&["summarize", "week"]);
    assert_eq!((server.requests().len(), summary(&sandbox, "week/2026-W02.md")), (number, text.clone()));
    // When the entries have changed, and nobody is asked, the prose stays and says what it is of.
    commit(&mut sandbox, "2026-01-07T10:05:00+01:00", "tidy");
    "2026-01-12T11:00:00+01:00".clone_into(&mut sandbox.now);
    sandbox.story_ok(&["summarize", "week", "last week", "--no-prose"]);
    let later = summary(&sandbox, "week/2026-W02.md");
    assert!(later.contains("12 January 2026, of an earlier state of the journal; 3 claims"), "{later}");
    assert!(later.contains("A broken upload goes on") && later.contains("3 commits on 3 days"), "{later}");
}

#[test]
fn what_is_made_by_itself_has_prose_where_it_was_over_lately() {
    for (now, questions) in [("2026-01-12T10:00:00+01:00", 1), ("2026-02-20T10:00:00+01:00", 0)] {
        let (mut sandbox, server) = asked(Does::Says(PROSE.to_owned()));
        now.clone_into(&mut sandbox.now);
        sandbox.story_ok(&["hook", "worker", sandbox.state().to_str().unwrap()]);
        let week = summary(&sandbox, "week/2026-W02.md");
        assert!(week.contains("2 commits on 2 days"), "{week}");
        assert_eq!((server.requests().len(), week.matches("Prose by").count()), (questions, questions), "{week}");
    }
}

#[test]
fn whatever_keeps_a_model_from_answering_the_summary_is_made() {
    let (sandbox, server) = asked(Does::status(500, "oh"));
    let output = sandbox.story(&["summarize", "week"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("warning: no prose: "), "{said}");
    let text = summary(&sandbox, "week/2026-W02.md");
    assert!(text.contains("2 commits on 2 days") && !text.contains("Prose by"), "{text}");
    let before = server.requests().len();
    let limit = ["--set", "narration.day-tokens=10", "summarize", "week"];
    let said = String::from_utf8(sandbox.story(&limit).stderr).unwrap();
    assert!(said.contains("the day's budget is reached"), "{said}");
    assert_eq!((server.requests().len(), summary(&sandbox, "week/2026-W02.md")), (before, text));
}

#[test]
fn two_machines_that_make_the_same_summary_agree_after_a_sync() {
    let sandbox = Sandbox::new();
    let settings = "journal:\n  branch: commit-story/journal\nhook:\n  worker: false\n";
    sandbox.commit("first", &[("a.txt", "one\n"), (".commit-story.yaml", settings)]);
    checked(sandbox.command("git").args(["clone", "-q", "--bare", ".", "../remote.git"]));
    let dirs = ["one", "two"].map(|name| {
        checked(sandbox.command("git").args(["clone", "-q", "../remote.git", &format!("../{name}")]));
        sandbox.path(name)
    });
    let run = |dir: &PathBuf, now: &str, program: &std::path::Path, arguments: &[&str]| {
        let mut command = sandbox.command(program);
        command.current_dir(dir).args(arguments).env("COMMIT_STORY_NOW", now);
        checked(command.env("GIT_AUTHOR_DATE", now).env("GIT_COMMITTER_DATE", now))
    };
    let git = std::path::Path::new("git");
    for (nth, dir) in dirs.iter().enumerate() {
        let now = format!("2026-01-0{}T10:00:00+01:00", 5 + nth);
        run(dir, &now, binary(), &["init", "--yes"]);
        std::fs::write(dir.join("a.txt"), format!("{nth}\n")).unwrap();
        run(dir, &now, git, &["commit", "-qam", &format!("uploads: part {nth}")]);
    }
    let late = |hour: usize| format!("2026-01-12T{hour}:00:00+01:00");
    for (nth, dir) in dirs.iter().enumerate() {
        run(dir, &late(10 + nth), binary(), &["summarize", "week", "2026-W02"]);
    }
    for dir in [&dirs[0], &dirs[1], &dirs[0]] {
        run(dir, &late(12), binary(), &["sync"]);
    }
    let page = |dir: &PathBuf| run(dir, &late(12), git, &["show", "commit-story/journal:summaries/week/2026-W02.md"]);
    assert_eq!(page(&dirs[0]), page(&dirs[1]));
    // Each was made of one machine's commits; together they are made anew, once, and both agree again.
    run(&dirs[0], &late(13), binary(), &["summarize", "week", "2026-W02"]);
    assert!(page(&dirs[0]).contains("2 commits on 2 days"));
    for dir in [&dirs[0], &dirs[1]] {
        run(dir, &late(14), binary(), &["sync"]);
    }
    let tip = |dir: &PathBuf| run(dir, &late(14), git, &["rev-parse", "commit-story/journal"]);
    assert_eq!((page(&dirs[0]), tip(&dirs[0])), (page(&dirs[1]), tip(&dirs[1])));
    let said = run(&dirs[1], &late(15), binary(), &["summarize", "week", "2026-W02", "--json"]);
    assert!(said.contains("\"page\": \"unchanged\""), "{said}");
}
