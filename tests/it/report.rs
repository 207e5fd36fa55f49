//! The report: one file that asks for nothing, and shows foreign words as words.

use std::path::PathBuf;

use commit_story::journal::{Decision, Entry, Mark, Page};
use commit_story::markdown::{parse_page, render_page};
use serde_json::Value;

use crate::support::Sandbox;

/// What must not become a tag, an attribute, a script, or the end of one.
const HOSTILE: &str = "</script></style></title><script>globalThis.pwned = 1</script><img onerror=pwned() src=x> \
                       <!-- ]]> \" ' `<b>` **bold** [link](javascript:pwned()) \u{202e}desrever\u{202c} שלום עולם 🎉 {{entries}}";

/// The entry of the documents, each of its texts hostile.
fn hostile(entry: &mut Entry) {
    let put = |text: &mut String| text.extend([" ", HOSTILE]);
    let lines = format!("{HOSTILE}\n```\n{HOSTILE}\n```\n    {HOSTILE}");
    put(&mut entry.subject);
    entry.body.clone_from(&lines);
    for exchange in &mut entry.conversation {
        exchange.prompt.text.clone_from(&lines);
        exchange.reply.iter_mut().for_each(|reply| reply.text.clone_from(&lines));
    }
    entry.decisions.push(Decision::Approved { plan: lines.clone() });
    entry.decisions.push(Decision::Answered { question: HOSTILE.to_owned(), answer: lines.clone() });
    for roadblock in &mut entry.roadblocks {
        put(&mut roadblock.command);
        roadblock.output.clone_from(&lines);
    }
    entry.commands.listed.iter_mut().for_each(|command| put(&mut command.line));
    for file in &mut entry.changes.listed {
        file.path.push_str("/<img src=x onerror=pwned()>.rs");
        file.mark = Mark::RenamedFrom("\"><script>pwned()</script>".to_owned());
    }
    entry.notes.iter_mut().for_each(|note| note.text.clone_from(&lines));
    for text in entry.imported.iter_mut().flat_map(|text| [&mut text.source, &mut text.text]) {
        put(text);
    }
    put(&mut entry.by_hand);
    entry.details.branch = Some("<i>branch".to_owned());
    "\"><b onclick=pwned()>Ada".clone_into(&mut entry.details.author);
    entry.details.omissions = vec![HOSTILE.to_owned()];
    if let Some(prose) = &mut entry.narration {
        "<u>model".clone_into(&mut prose.model);
        let lists = [&mut prose.summary, &mut prose.synopsis, &mut prose.lessons, &mut prose.mood];
        for texts in lists {
            texts.push(HOSTILE.to_owned());
        }
        for decision in &mut prose.decisions {
            put(&mut decision.what);
            put(&mut decision.why);
        }
    }
}

/// A journal of two days: a commit of today, and a hostile entry of an earlier day.
fn told() -> Sandbox {
    let sandbox = Sandbox::ready();
    sandbox.story_ok(&["reflect", "Measure first."]);
    sandbox.commit("keep <b>this</b>", &[("src/b.txt", "b\n")]);
    sandbox.settle();
    let docs = include_str!("../../docs/format.md").replace("\r\n", "\n");
    let mut page: Page = parse_page(docs.split("````markdown\n").nth(1).unwrap().split("````\n").next().unwrap());
    page.day = page.day.checked_sub_days(chrono::Days::new(40)).unwrap();
    for entry in &mut page.entries {
        entry.at = entry.at.checked_sub_days(chrono::Days::new(40)).unwrap();
        hostile(entry);
    }
    let day = page.day.to_string();
    sandbox.write(&format!("journal/entries/{}/{day}.md", &day[..7]), render_page(&page));
    sandbox
}

fn made(sandbox: &Sandbox, options: &[&str]) -> (PathBuf, String) {
    let path = PathBuf::from(sandbox.story_ok(&[&["report"], options].concat()).trim_end());
    let page = std::fs::read_to_string(&path).unwrap();
    (path, page)
}

#[test]
fn the_page_lies_in_gits_directory_for_its_owner_alone() {
    let sandbox = told();
    let output = sandbox.story(&["report"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("2 entries, 2025-11-27 to 2026-01-06") && said.contains("keep it as private"), "{said}");
    let path = sandbox.state().join("report.html");
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), path.to_str().unwrap());
    assert_eq!(sandbox.git(&["status", "--short"]).trim(), "", "nothing is there to be committed");
    let given = sandbox.repo().join("mine.html");
    std::fs::write(&given, "old, and for everybody").unwrap();
    let (_, page) = made(&sandbox, &["--output", "mine.html"]);
    assert_eq!(page, sandbox.story_ok(&["report", "--output", "-"]));
    #[cfg(unix)]
    for path in [path, given] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn the_page_asks_for_nothing_and_every_tag_is_ours() {
    let (_, page) = made(&told(), &[]);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"), "there is a policy");
    for needle in ["href=\"#", "Measure first.", "keep &lt;b&gt;this", "U+202E", "שלום עולם 🎉", "{{entries}}"]
    {
        assert!(page.contains(needle), "{needle}");
    }
    let tags = tags(&page);
    balanced(&tags);
    for tag in tags {
        let name = tag.split_whitespace().next().unwrap();
        assert!(!["img", "iframe", "link", "object", "embed", "base"].contains(&name), "<{tag}>");
        for word in ["src=", "onerror", "onclick", "style=", "javascript:", "xlink"] {
            assert!(!unquoted(tag).contains(word), "<{tag}>");
        }
        assert!(!tag.contains("href=") || tag.contains("href=\"#"), "<{tag}>");
    }
    let ours = page.split("<body>").next().unwrap().replace("http-equiv", "");
    for word in ["http", "@import", "url("] {
        assert!(!ours.contains(word), "{word}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains('\u{202e}'));
}

/// What stands between `<` and `>`; style and script are empty.
fn tags(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let end = at + rest[at..].find('>').expect("a tag ends");
        let tag = &rest[at + 1..end];
        found.push(tag);
        rest = &rest[end + 1..];
        if tag == "style" || tag == "script" {
            rest = &rest[rest.find("</").expect("it ends")..];
        }
    }
    found
}

/// A tag without the values between quotation marks.
fn unquoted(tag: &str) -> String {
    tag.split('"').step_by(2).collect()
}

/// Whether elements end in the order in which they begin, those aside that need no end.
fn balanced(tags: &[&str]) {
    const NO_END: &[&str] =
        &["!doctype", "meta", "input", "li", "td", "th", "tr", "thead", "tbody", "rect", "circle", "path"];
    let mut open: Vec<&str> = Vec::new();
    for tag in tags {
        let name = tag.split_whitespace().next().unwrap();
        match name.strip_prefix('/') {
            Some(name) if NO_END.contains(&name) => {}
            Some(name) => assert_eq!(open.pop(), Some(name), "after {open:?}"),
            None if NO_END.contains(&name) || tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn days_can_be_chosen_and_numbers_had_alone() {
    let sandbox = told();
    let figures = |options: &[&str]| -> Value {
        serde_json::from_str(&sandbox.story_ok(&[&["report", "--json"], options].concat())).unwrap()
    };
    let today = figures(&["today"]);
    assert_eq!((&today["schema"], &today["entries"], &today["reflections"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(today["first"], "2026-01-06");
    assert!(today["areas"].as_array().unwrap().iter().any(|area| area["path"] == "src"), "{today}");
    assert_eq!(figures(&[".."])["first"], "2025-11-27");
    let usual = figures(&[]);
    assert_eq!((&usual["entries"], &usual["first"]), (&2.into(), &"2025-11-27".into()));
    assert_eq!((&usual["sessions"], &usual["assistants"][0]["assistant"]), (&1.into(), &"claude-code".into()));
    let failures: u64 = usual["commands"].as_array().unwrap().iter().map(|one| one["failures"].as_u64().unwrap()).sum();
    let weeks = usual["roadblocks"].as_array().unwrap();
    let told: u64 = weeks.iter().map(|week| week["overcome"].as_u64().unwrap() + week["open"].as_u64().unwrap()).sum();
    assert!(failures > 0 && failures == told && weeks.len() == 7, "{failures} {weeks:?}");
    assert!(!sandbox.state().join("report.html").exists(), "no page is made for numbers");
    for (options, code, why) in [
        (&["someday"][..], 2, "names no days"),
        (&["2024"], 1, "it has entries from 2025-11-27 to 2026-01-06"),
        (&["--output", "-", "--open"], 2, "cannot be opened"),
    ] {
        let output = sandbox.story(&[&["report"], options].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(code) && said.contains(why) && output.stdout.is_empty(), "{said}");
    }
    // Half a year later the usual days are those of today, where there are any, and else the journal's last.
    let sandbox = sandbox.at("2026-07-01T10:00:00+01:00");
    let rested: Value = serde_json::from_str(&sandbox.story_ok(&["report", "--json"])).unwrap();
    assert_eq!((&rested["entries"], &rested["last"]), (&2.into(), &"2026-01-06".into()));
    sandbox.commit("again", &[("src/c.txt", "c\n")]);
    sandbox.settle();
    let resumed: Value = serde_json::from_str(&sandbox.story_ok(&["report", "--json"])).unwrap();
    assert_eq!((&resumed["entries"], &resumed["first"]), (&1.into(), &"2026-04-03".into()));
}

#[cfg(target_os = "linux")]
#[test]
fn it_is_opened_when_asked_and_only_then() {
    let mut sandbox = told();
    let bin = sandbox.path("bin");
    let seen = sandbox.path("seen");
    crate::support::executable(
        &bin.join("xdg-open"),
        format!("#!/bin/sh\necho \"$1\" > '{0}.new'; mv '{0}.new' '{0}'\n", seen.display()),
    );
    sandbox.before_path.push(bin);
    made(&sandbox, &[]);
    let (path, _) = made(&sandbox, &["--open"]);
    crate::support::wait_for("the opener", || seen.exists());
    assert_eq!(std::fs::read_to_string(seen).unwrap().trim_end(), path.to_str().unwrap());
}

/// `tests/report/browser.py` opens, searches, filters, toggles and prints it, and looks for complaints and requests.
#[cfg(target_os = "linux")]
#[test]
fn it_works_in_a_browser() {
    let sandbox = told();
    let (path, _) = made(&sandbox, &[]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/browser.py");
    let Ok(output) = sandbox.command("python3").arg(script).arg(path).output() else {
        println!("skipped: there is no python3 here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(77) {
        println!("{said}");
        return;
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
