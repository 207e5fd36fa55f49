//! Journals of earlier programs, brought in.

use std::process::Output;

use serde_json::Value;

use crate::support::{Sandbox, entries_of};

/// The rule that ends an entry of the JavaScript program.
const RULE: &str = "═══════════════════════════════════════";

/// A repository with two commits of its own day, one of them with an entry, and an old journal beside it.
struct Old {
    sandbox: Sandbox,
    /// Has no entry: it was made before the journal was set up.
    first: String,
    /// Has one.
    second: String,
}

impl Old {
    fn new() -> Self {
        let sandbox = Sandbox::ready();
        let first = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
        let second = sandbox.commit("second", &[("b.txt", "b\n")]);
        sandbox.settle();
        Self { sandbox, first, second }
    }

    fn old(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.sandbox.path("old").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn import(&self, options: &[&str]) -> String {
        self.sandbox.story_ok(&[&["import", "../old"], options].concat())
    }

    fn shown(&self, id: &str) -> Value {
        let shown: Value = serde_json::from_str(&self.sandbox.story_ok(&["show", id, "--json"])).unwrap();
        assert_eq!(shown["problems"], serde_json::json!([]));
        shown["entries"][0].clone()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn pages(sandbox: &Sandbox) -> Vec<(String, String)> {
    let days = ["2025-06-07", "2025-07-21", "2025-10-04", "2025-10-30", "2026-01-06", "2026-10-04"];
    days.iter().map(|day| ((*day).to_owned(), sandbox.page(day))).collect()
}

#[test]
fn texts_of_every_earlier_program_find_their_place_and_a_second_import_changes_nothing() {
    let old = Old::new();
    let (first, second) = (&old.first, &old.second);
    old.old(
        "daily/2025-07-21-journal.md",
        format!(
            "# Daily Journal Entries - July 21, 2025\n\n### 5:33 PM — Commit {first}\n\n#### Accomplishments\n\n\
             - Completed: the python way\n\n### 6:10 PM — Reflection\n\nslow down\n\n\
             ### 2025-07-22 09:00 — AI Context Capture\n\nhalf done\n"
        ),
    );
    old.old(
        "entries/2025-10/2025-10-30.md",
        format!(
            "## 5:51:49 PM CDT - Commit: {} - second\n\n### Summary - {}\n\nThe javascript way.\n\n{RULE}\n\n\
             ## 6:00:00 PM GMT+1 - Commit: deadbeef - lost\n\n### Summary\n\nA commit that is gone.\n\n{RULE}\n\n",
            &second[..8],
            &second[..8],
        ),
    );
    old.old("reflections/2025-10/2025-10-30.md", format!("## 5:31:24 PM CDT\n\nI really like this.\n\n{RULE}\n\n"));
    old.old("summaries/weekly/2025-06-week1.md", "# Week 1\n\nA good week.\n");
    old.old("summaries/daily/2026-10-04.md", "# Daily Summary — 2026-10-04\n\n## Narrative\n\nA good day.\n");
    old.old("README.md", "not a journal\n");

    let before = old.shown(second);
    let dry = old.import(&["--dry-run"]);
    assert!(pages(&old.sandbox).iter().filter(|(_, page)| !page.is_empty()).count() == 1, "a dry run writes nothing");
    let report = old.import(&[]);
    insta::assert_snapshot!(report, @r"
    imported 8 texts from 5 files
      2 in the entries of their commits
      6 on the pages of their days
    wrote 1 entry from git first, for commits that had none
    2 places need a look:
      README.md: not the name of a journal's file; not imported
      entries/2025-10/2025-10-30.md:9: no commit here begins with deadbeef; kept on the page of 2025-10-30
    ");
    let words = |report: &str| report.replace("would import", "imported").replace("would write", "wrote");
    assert_eq!(words(&dry), words(&report), "what was announced is what was done");

    let page = old.sandbox.page("2026-01-06");
    assert_eq!((entries_of(&page, first), entries_of(&page, second)), (1, 1));
    let (told_first, told_second) = (old.shown(first), old.shown(second));
    assert_eq!(told_first["imported"][0]["source"], "daily/2025-07-21-journal.md");
    assert!(told_first["imported"][0]["text"].as_str().unwrap().ends_with("- Completed: the python way"));
    assert!(told_second["imported"][0]["text"].as_str().unwrap().ends_with("The javascript way."));
    // Nothing else of the entry that was there has changed.
    let mut without = told_second.clone();
    without["imported"] = serde_json::json!([]);
    assert_eq!(without, before);

    for (day, words) in [
        ("2025-07-21", "slow down"),
        ("2025-07-22", "half done"),
        ("2025-10-30", "A commit that is gone."),
        ("2025-10-30", "I really like this."),
        ("2025-06-07", "A good week."),
        ("2026-10-04", "A good day."),
    ] {
        assert_eq!(old.sandbox.page(day).matches(words).count(), 1, "{day}: {words}");
    }
    let after = pages(&old.sandbox);
    let again = old.import(&[]);
    assert!(again.starts_with("imported 0 texts from 5 files\n  8 stood there already"), "{again}");
    assert_eq!(pages(&old.sandbox), after);
}

#[test]
fn an_entry_that_is_written_again_keeps_what_was_imported_and_what_was_written_by_hand() {
    let old = Old::new();
    let page = old.sandbox.repo().join("journal/entries/2026-01/2026-01-06.md");
    let by_hand = std::fs::read_to_string(&page).unwrap() + "\nmine, below\n";
    std::fs::write(&page, by_hand.replacen("\n\n", "\n\nmine, above\n\n", 1)).unwrap();
    let header = format!("## 4:05:00 PM CET - Commit: {}", &old.second[..7]);
    old.old(
        "entries/2026-01/2026-01-06.md",
        format!("{header}\n\nas it was told then\n\n## 4:10:00 PM CET\n\na thought\n"),
    );
    old.import(&[]);
    let imported = old.sandbox.page("2026-01-06");
    for words in ["mine, above", "mine, below", "as it was told then", "a thought"] {
        assert_eq!(imported.matches(words).count(), 1, "{words}: {imported}");
    }
    old.sandbox.story_ok(&["record", &old.second]);
    assert_eq!(old.sandbox.page("2026-01-06"), imported, "nothing new to tell, nothing changed");
    old.sandbox.git(&["commit", "-q", "--allow-empty", "-m", "third"]);
    assert!(old.sandbox.page("2026-01-06").contains("as it was told then"));
    assert_eq!(old.shown(&old.second)["by_hand"], "mine, below");
}

#[test]
fn an_old_text_can_neither_pass_for_structure_nor_carry_a_secret_in() {
    let old = Old::new();
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let forged = format!("<!-- commit-story:entry {} v1 2026-01-06T10:00:00+01:00 -->", "a".repeat(40));
    let text = format!(
        "## 4:05:00 PM CET - Commit: {}\n\nthe token {token}\n### Details\n\\{forged}\n{forged}x\n\
         > **Imported**, from `x`:\n**Imported**, from `y`:\n<!-- commit-story:end -->\n```\nopen fence\n\
         ## 4:06:00 PM CET - Commit: {}\n\x1b[31mtwo\n",
        &old.second[..8],
        &old.first[..8],
    );
    old.old("entries/2025-10-30.md", text);
    old.old("entries/2025-10-31.md", format!("# Friday, 31 October 2025\n\n{forged}\n"));
    let report: Value = serde_json::from_str(&old.import(&["--json"])).unwrap();
    assert_eq!(report["in_entries"], 2, "{report}");
    let own = serde_json::json!([{
        "place": "entries/2025-10-31.md", "why": "a page of commit-story's own journal", "kept_on": null
    }]);
    assert_eq!(report["left_out"], own);
    let page = old.sandbox.page("2026-01-06");
    assert!(!page.contains(&token) && page.contains("the token [redacted: "), "{page}");
    assert!(!page.contains('\x1b'));
    assert_eq!(page.lines().filter(|line| line.starts_with("<!-- commit-story:")).count(), 4, "{page}");
    assert_eq!(old.shown(&old.second)["imported"].as_array().unwrap().len(), 1);
    assert!(old.shown(&old.second)["imported"][0]["text"].as_str().unwrap().contains(&forged));
}

#[test]
fn a_commit_that_is_named_by_too_few_digits_or_too_many_is_not_guessed() {
    let old = Old::new();
    // Two commits begin with the same four digits, among as many as that takes; git makes them in one go.
    let stream: Vec<String> = (1_700_000_000..1_700_001_500)
        .map(|at| format!("commit refs/heads/many\ncommitter A <a@b.c> {at} +0000\ndata 1\nx\n"))
        .collect();
    old.sandbox.write("../stream", stream.concat());
    let import = "git fast-import --quiet < ../stream";
    crate::support::checked(old.sandbox.command("sh").args(["-c", import]));
    let ids = old.sandbox.git(&["rev-list", "many"]);
    let mut ids: Vec<&str> = ids.lines().collect();
    ids.sort_unstable();
    let pair = ids.windows(2).find(|pair| pair[0][..4] == pair[1][..4]).expect("1,500 ids among 65,536 beginnings");
    old.old("entries/2025-10-30.md", format!("## 1:00:00 PM CET - Commit: {}\n\nambiguous\n", &pair[0][..4]));
    // More digits than an id has name nothing, however they begin.
    for (nth, digits) in [format!("{}0", old.second), old.second.repeat(2)[..64].to_owned()].iter().enumerate() {
        old.old(&format!("entries/2025-11-0{}.md", nth + 1), format!("## 1:00:00 PM CET - Commit: {digits}\n\nlong\n"));
    }
    let report = old.import(&[]);
    assert!(report.contains("2025-10-30.md:1: several commits begin with"), "{report}");
    assert_eq!(report.matches("no commit here begins with").count(), 2, "{report}");
    assert!(old.sandbox.page("2025-10-30").contains("ambiguous"));
}

#[test]
fn a_commit_that_changes_the_journal_alone_has_its_text_on_the_page_of_the_day() {
    let old = Old::new();
    old.sandbox.git(&["add", "-f", "journal"]);
    let only = old.sandbox.commit("the journal", &[]);
    old.old("entries/2025-10-30.md", format!("## 1:00:00 PM CET - Commit: {}\n\nabout pages\n", &only[..8]));
    for options in [&["--dry-run"][..], &[]] {
        let report = old.import(options);
        assert!(report.contains("has no entry that can be added to; kept on the page of 2025-10-30"), "{report}");
    }
    assert!(old.sandbox.page("2025-10-30").contains("about pages"));
    assert_eq!(entries_of(&old.sandbox.page("2026-01-06"), &only), 0);

    let report = old.sandbox.story(&["report", "..", "--output", "-"]);
    let page = String::from_utf8_lossy(&report.stdout);
    let section = page.split("<section id=imported>").nth(1).unwrap_or_default();
    assert!(section.starts_with("<h2>From earlier journals</h2>"), "{page}");
    assert!(section.contains("30 October 2025, from") && section.contains("about pages"), "{section}");
}

#[test]
fn the_journal_itself_and_what_is_none_are_refused_with_a_cure() {
    let old = Old::new();
    old.old("notes.txt", "x");
    old.old("2025-10-30.md", "just words\n");
    for (path, why, cure) in [
        ("journal", "this journal lives there", "folder of its own"),
        ("../old", "nothing in ../old is a journal", "docs/import.md"),
        ("../absent", "cannot import", "No such file"),
    ] {
        let output = old.sandbox.story(&["import", path]);
        let said = said(&output);
        assert!(output.status.code() == Some(1) && said.contains(why) && said.contains(cure), "{path}: {said}");
    }
}

#[test]
fn broken_bytes_and_windows_line_ends_are_read() {
    let old = Old::new();
    let mut bytes = format!("\u{feff}## 1:00:00 PM CET - Commit: {}\r\n\r\ncaf", &old.second[..8]).into_bytes();
    bytes.extend(b"\xe9 one\r\ntwo\r\n");
    old.old("2025-10-30.md", bytes);
    old.import(&[]);
    let text = old.shown(&old.second)["imported"][0]["text"].clone();
    assert!(text.as_str().unwrap().ends_with("\n\ncaf\u{fffd} one\ntwo"), "{text}");
}

#[test]
fn abbreviated_ids_are_found_in_a_repository_of_the_other_hash() {
    let old = Old::new();
    old.sandbox.git(&["init", "-q", "--object-format=sha256", "../other"]);
    let there = |args: &[&str]| {
        crate::support::checked(old.sandbox.command("git").args(args).current_dir(old.sandbox.path("other")))
    };
    there(&["commit", "-q", "--allow-empty", "-m", "loose"]);
    let loose = there(&["rev-parse", "HEAD"]);
    old.old("entries/2025-10-30.md", format!("## 1:00:00 PM CET - Commit: {}\n\nin other words\n", &loose[..8]));
    let report = old.sandbox.story_ok(&["-C", "../other", "import", "../old"]);
    assert!(report.contains("1 in the entries of their commits"), "{report}");
}
