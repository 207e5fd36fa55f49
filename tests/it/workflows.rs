//! The workflows build what the program's table names, with the compiler that `Cargo.toml` names.

use std::path::Path;

use commit_story::update::names;

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The values of `key` in a workflow, in its order.
fn values<'a>(workflow: &'a str, key: &str) -> Vec<&'a str> {
    let prefix = format!("{key}: ");
    let lines = workflow.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(&prefix)).map(|value| value.trim_matches('\'')).collect()
}

#[test]
fn a_release_is_built_for_every_target_of_the_table_and_for_no_other() {
    assert_eq!(values(&text(".github/workflows/build.yml"), "target"), names::TARGETS);
}

#[test]
fn the_oldest_compiler_that_is_tried_is_the_one_that_is_promised() {
    let manifest = text("Cargo.toml");
    let promised = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    let tried = text(".github/workflows/ci.yml");
    assert_eq!(values(&tried, "rust"), [format!("[stable, '{promised}']")]);
}

#[test]
fn actions_are_named_by_a_commit_and_say_which_version_that_is() {
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|end| end != "yml") {
            continue;
        }
        let workflow = std::fs::read_to_string(&path).unwrap();
        for action in values(&workflow, "uses").into_iter().filter(|action| !action.starts_with("$/")) {
            let (_, commit) = action.split_once('@').unwrap_or_default();
            let (commit, version) = commit.split_once(" # v").unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit());
            assert!(is_commit && !version.is_empty(), "{}: {action}", path.display());
        }
    }
}
