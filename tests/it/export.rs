//! The journal as one document.

use serde_json::Value;

use crate::support::Sandbox;

/// Three commits on three days, a hand-written note, an imported text, and an entry that nobody can read.
fn told() -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::ready();
    let mut ids = vec![sandbox.commit("one", &[("b.txt", "b\n")])];
    let mut sandbox = sandbox;
    for (day, message) in [("2026-01-07", "two"), ("2026-01-08", "three")] {
        sandbox = sandbox.at(&format!("{day}T10:00:00+01:00"));
        ids.push(sandbox.commit(message, &[("b.txt", message)]));
    }
    sandbox.settle();
    let page = sandbox.repo().join("journal/entries/2026-01/2026-01-07.md");
    let newer =
        format!("<!-- commit-story:entry {} v9 x -->\nof tomorrow\n<!-- commit-story:end -->\n", "a".repeat(40));
    let text = std::fs::read_to_string(&page).unwrap() + "\nby hand\n" + &newer;
    std::fs::write(&page, text.replacen('\n', "\n\nbefore all\n", 1)).unwrap();
    std::fs::create_dir_all(sandbox.path("old/reflections")).unwrap();
    std::fs::write(sandbox.path("old/reflections/2026-01-07.md"), "## 5:31:24 PM CET\n\na thought\n").unwrap();
    sandbox.story_ok(&["import", "../old"]);
    (sandbox, ids)
}

fn json(sandbox: &Sandbox, options: &[&str]) -> Value {
    let text = sandbox.story_ok(&[&["export", "--format", "json"], options].concat());
    let exported = serde_json::from_str(&text).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../docs/export.schema.json")).unwrap();
    check(&exported, &schema, &schema, "$");
    exported
}

/// Checks a value against a JSON schema, of the words that ours is written in. An unknown word fails: a rule that is
/// not checked is none.
fn check(value: &Value, schema: &Value, root: &Value, at: &str) {
    for (word, rule) in schema.as_object().unwrap() {
        match word.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
                check(value, target, root, at);
            }
            "type" => {
                let names: Vec<&str> = rule.as_array().map_or_else(
                    || vec![rule.as_str().unwrap()],
                    |names| names.iter().map(|name| name.as_str().unwrap()).collect(),
                );
                let is = |name: &&str| match *name {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("{at}: the type {other} is not known"),
                };
                assert!(names.iter().any(is), "{at}: {value} is not {names:?}");
            }
            "const" => assert_eq!(value, rule, "{at}"),
            "enum" => assert!(rule.as_array().unwrap().contains(value), "{at}: {value} is not one of {rule}"),
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                assert!(value.as_str().is_none_or(|text| pattern.is_match(text)), "{at}: {value} is not {rule}");
            }
            "minimum" => assert!(value.as_i64() >= rule.as_i64(), "{at}: {value} is less than {rule}"),
            // What is no object need not have keys: where one may be null, `type` says so.
            "required" => {
                for key in rule.as_array().filter(|_| value.is_object()).into_iter().flatten() {
                    assert!(value.get(key.as_str().unwrap()).is_some(), "{at}: there is no {key}");
                }
            }
            "properties" => {
                // More keys are no fault to a reader. That one of ours is not described is.
                for (key, value) in value.as_object().into_iter().flatten() {
                    let schema = rule.get(key).unwrap_or_else(|| panic!("{at}: {key} is not described"));
                    check(value, schema, root, &format!("{at}.{key}"));
                }
            }
            "items" => {
                for (nth, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(item, rule, root, &format!("{at}[{nth}]"));
                }
            }
            other => panic!("{at}: the word {other} is not known"),
        }
    }
}

fn days(exported: &Value) -> Vec<(&str, Vec<&str>)> {
    let day = |day: &'_ Value| day["day"].as_str().unwrap().len();
    let days = exported["days"].as_array().unwrap();
    assert!(days.iter().all(|value| day(value) == 10));
    days.iter()
        .map(|day| {
            let entries = day["entries"].as_array().unwrap();
            (day["day"].as_str().unwrap(), entries.iter().map(|entry| entry["subject"].as_str().unwrap()).collect())
        })
        .collect()
}

#[test]
fn json_holds_the_whole_journal_and_keeps_to_its_schema() {
    let (sandbox, _) = told();
    let exported = json(&sandbox, &[]);
    assert_eq!(exported["schema"], 1);
    let all = vec![("2026-01-06", vec!["one"]), ("2026-01-07", vec!["two"]), ("2026-01-08", vec!["three"])];
    assert_eq!(days(&exported), all);
    let day = &exported["days"][1];
    assert!(day["before"].as_str().unwrap().contains("before all"), "{day}");
    assert_eq!(day["imported"][0]["source"], "reflections/2026-01-07.md");
    assert!(day["unread"][0].as_str().unwrap().contains("of tomorrow"), "{day}");
    assert!(day["problems"][0].as_str().unwrap().contains("version 9"), "{day}");
    assert_eq!(day["entries"][0]["by_hand"], "by hand");
    let shown: Value = serde_json::from_str(&sandbox.story_ok(&["show", "2026-01-07", "--json"])).unwrap();
    assert_eq!(shown["entries"], day["entries"], "an entry has one shape");
    assert_eq!(shown["imported"], day["imported"]);
}

#[test]
fn days_and_commits_can_be_chosen() {
    let (sandbox, ids) = told();
    let chosen = |options: &[&str]| -> Vec<String> {
        let exported = json(&sandbox, options);
        days(&exported).into_iter().map(|(day, _)| day[8..].to_owned()).collect()
    };
    let range = format!("{}..{}", &ids[0][..8], &ids[1][..8]);
    for (options, expected) in [
        (&["--since", "2026-01-07"][..], &["07", "08"][..]),
        (&["--until", "yesterday"], &["06", "07"]),
        (&["--since", "today", "--until", "today"], &["08"]),
        (&["HEAD~1.."], &["08"]),
        (&["main"], &["06", "07", "08"]),
        (&[&range], &["07"]),
        (&["HEAD^!"], &["08"]),
        (&["HEAD~2...HEAD"], &["07", "08"]),
        (&["HEAD", "--until", "2026-01-06"], &["06"]),
        (&["HEAD..HEAD"], &[]),
    ] {
        assert_eq!(chosen(options), expected, "{options:?}");
    }
    let one = json(&sandbox, &[&range]);
    assert_eq!(one["days"][0]["before"], "", "what belongs to the day is no commit's");
    for (options, code, why) in [(&["nothing.."][..], 1, "nothing.."), (&["--since", "someday"], 2, "not a day")] {
        let output = sandbox.story(&[&["export", "--format", "json"], options].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(code) && said.contains(why) && output.stdout.is_empty(), "{said}");
    }
}

#[test]
fn markdown_is_the_pages_in_their_order() {
    let (sandbox, _) = told();
    let text = sandbox.story_ok(&["export", "--format", "markdown"]);
    let pages = ["06", "07", "08"].map(|day| sandbox.page(&format!("2026-01-{day}")));
    assert_eq!(text, pages.map(|page| page.trim_end().to_owned() + "\n").join("\n"));
    let last = sandbox.story_ok(&["export", "HEAD~1..", "--format", "markdown"]);
    assert_eq!(last.trim_end(), sandbox.page("2026-01-08").trim_end());
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let (sandbox, _) = told();
    let output = sandbox.story(&["export", "--format", "json", "--output", "all.json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && said.contains("wrote 3 days to all.json"), "{said}");
    let file = std::fs::read_to_string(sandbox.repo().join("all.json")).unwrap();
    assert_eq!(file, sandbox.story_ok(&["export", "--format", "json"]));
    // A page that cannot be read: the old file stays.
    let page = sandbox.repo().join("journal/entries/2026-01/2026-01-08.md");
    std::fs::remove_file(&page).unwrap();
    std::fs::create_dir(&page).unwrap();
    assert!(!sandbox.story(&["export", "--format", "json", "--output", "all.json"]).status.success());
    assert_eq!(std::fs::read_to_string(sandbox.repo().join("all.json")).unwrap(), file);
}
