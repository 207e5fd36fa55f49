//! A model's prose in the journal: shown, left out, kept.

use serde_json::Value;

use crate::support::Sandbox;

const DAY: &str = "2026-01-06";

/// Prose as a page has it.
const PROSE: &str = "\
<!-- commit-story:prose v1 2026-01-06T09:00:30+01:00 kept 3 dropped 1 -->
### Summary

The **first** of two, in `a`.

### Decisions

- **One file** (implemented in `a`): it is enough.
- **Two files** (discussed, not done).

<sub>Prose by a-model, 6 January 2026; 4 claims checked, 1 dropped.</sub>
<!-- commit-story:prose-end -->

";

/// A repository with a commit whose entry has prose.
fn told() -> (Sandbox, String) {
    let sandbox = Sandbox::ready().at("2026-01-06T09:00:00+01:00");
    let id = sandbox.commit("first", &[("a", "1\n")]);
    sandbox.settle();
    let page = sandbox.page(DAY);
    let at = page.find("### ").expect("a section");
    let path = format!("journal/entries/2026-01/{DAY}.md");
    sandbox.write(&path, format!("{}{PROSE}{}", &page[..at], &page[at..]));
    (sandbox, id)
}

#[test]
fn show_prints_it_and_leaves_it_out_when_only_the_evidence_is_asked_for() {
    let (sandbox, id) = told();
    let page = sandbox.page(DAY);
    let shown = sandbox.story_ok(&["show", &id]);
    assert!(shown.contains("### Summary") && shown.contains("\nProse by a-model, 6 January 2026; 4 claims"), "{shown}");
    let evidence = page.replace(PROSE, "");
    assert_eq!(sandbox.story_ok(&["show", "--raw"]).trim_end(), page.trim_end());
    assert_eq!(sandbox.story_ok(&["show", "--raw", "--evidence"]).trim_end(), evidence.trim_end());
    let entry = sandbox.story_ok(&["show", &id, "--raw", "--evidence"]);
    assert!(evidence.contains(entry.trim_end()) && entry.contains("### Changes"), "{entry}");
    let json = |args: &[&str]| -> Value { serde_json::from_str(&sandbox.story_ok(args)).unwrap() };
    let narration = &json(&["show", "--json"])["entries"][0]["narration"];
    assert_eq!((&narration["model"], &narration["kept"]), (&"a-model".into(), &3.into()));
    assert_eq!(narration["decisions"][1]["standing"], "discussed");
    assert_eq!(json(&["show", &id, "--json"])["entries"][0]["narration"], *narration);
    assert!(json(&["show", "--json", "--evidence"])["entries"][0]["narration"].is_null());
    assert_eq!(json(&["export", "--format", "json"])["days"][0]["entries"][0]["narration"], *narration);
}

#[test]
fn an_entry_that_is_recorded_again_keeps_it() {
    let (sandbox, id) = told();
    let page = sandbox.page(DAY);
    sandbox.story_ok(&["record", &id]);
    assert_eq!(sandbox.page(DAY), page);
    sandbox.write(&format!("journal/entries/2026-01/{DAY}.md"), page.replace("### Changes", "### Commands"));
    sandbox.story_ok(&["record", &id]);
    assert_eq!(sandbox.page(DAY).replace(" w2026-01-06T08:00:00Z", ""), page);
}

#[test]
fn a_commit_that_takes_the_place_of_another_has_its_prose() {
    let (mut sandbox, _) = told();
    sandbox.now = "2026-01-06T09:10:00+01:00".to_owned();
    let check = |args: &[&str], of: Option<&str>| {
        sandbox.git(&[&["commit", "--quiet", "--amend"], args].concat());
        sandbox.story_ok(&["reconcile"]);
        sandbox.settle();
        let page = sandbox.page(DAY);
        assert_eq!(page.matches("commit-story:entry").count(), 1, "{page}");
        assert!(page.contains("The **first** of two") || page.contains(r"The \*\*first\*\* of two"), "{page}");
        assert_eq!(page.contains("dropped 1 -->"), of.is_none(), "{args:?}: {page}");
        assert!(of.is_none_or(|of| page.contains(&format!("kept 3 dropped 1 of {of} -->"))), "{args:?}: {page}");
        let says = of
            .map(|of| format!("6 January 2026, written of an earlier version of this commit, {}; 4 claims", &of[..8]));
        assert!(says.is_none_or(|says| page.contains(&says)), "{args:?}: {page}");
        sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned()
    };
    let same = check(&["--no-edit", "--reset-author"], None);
    check(&["-m", "another subject"], Some(&same));
    check(&["-m", "a third one"], Some(&same));
}

#[test]
fn broken_prose_is_named_and_stays() {
    let (sandbox, id) = told();
    let broken = sandbox.page(DAY).replace("prose v1 2026", "prose v1 in 2026");
    sandbox.write(&format!("journal/entries/2026-01/{DAY}.md"), &broken);
    sandbox.story_ok(&["record", &id]);
    assert_eq!(sandbox.page(DAY), broken);
    let json: Value = serde_json::from_str(&sandbox.story_ok(&["show", "--json"])).unwrap();
    assert!(json["problems"][0].as_str().unwrap().contains("when it was written"), "{json}");
    assert_eq!(json["entries"][0]["changes"]["files"], 2);
}
