//! Going back, and what happens when a new version does not work in its place.

use crate::installed::{Installed, Made, RUNNING, shell};
use crate::support::executable;

/// Keeps a program beside the installed one, as an update does with the one it replaces.
fn keep(installed: &Installed, version: &str, bytes: &[u8]) {
    let dir = installed.beside().join("versions").join(version);
    executable(&dir.join("commit-story"), bytes);
    let path = installed.beside().join("state.json");
    let mut state: serde_json::Value = std::fs::read(&path)
        .map_or_else(|_| serde_json::json!({"schema": 1}), |bytes| serde_json::from_slice(&bytes).unwrap());
    let kept = serde_json::json!({"version": version, "sha256": crate::installed::sha256(bytes)});
    match state["kept"].as_array_mut() {
        Some(all) => all.push(kept),
        None => state["kept"] = serde_json::json!([kept]),
    }
    std::fs::write(path, state.to_string()).unwrap();
}

#[test]
fn the_version_before_comes_back_without_a_network_and_the_bad_one_is_skipped() {
    let installed = Installed::new();
    keep(&installed, "0.0.9", &shell("0.0.9"));
    installed.server.release(Made::of(RUNNING).made());
    let offline = |args: &[&str]| {
        let output = installed.command(args).env("COMMIT_STORY_BASE_URL", "http://127.0.0.1:1").output().unwrap();
        crate::installed::Ended::of(&output)
    };
    offline(&["update", "--rollback", "--dry-run"]).is(0, "would put 0.0.9 back into the place of 0.1.0");
    installed.is_untouched();
    offline(&["update", "--rollback"]).is(0, "commit-story 0.0.9 is back; 0.1.0 is not offered again");
    assert_eq!(installed.version(), "0.0.9");
    let state = installed.json("state.json");
    assert_eq!((&state["skips"][0], &state["kept"][1]["version"]), (&RUNNING.into(), &RUNNING.into()));
    assert_eq!(installed.json("receipt.json")["version"], "0.0.9");
    assert_eq!(installed.names(), ["lock", "receipt.json", "state.json", "versions"]);
    assert_eq!(installed.server.asked().len(), 0);
}

#[test]
fn what_was_returned_from_is_skipped_by_the_next_update() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
    // 0.2.0 is a few lines of shell, and knows no rollback; the version that was kept puts itself back.
    let kept = installed.beside().join("versions").join(RUNNING).join("commit-story");
    let ended = installed.sandbox.command(&kept).args(["update", "--rollback"]).output().unwrap();
    crate::installed::Ended::of(&ended).is(0, "commit-story 0.1.0 is back; 0.2.0 is not offered again");
    installed.update(&["--check"]).is(0, "commit-story 0.2.0 is there, but you went back from it");
    installed.update(&[]).is(0, "commit-story 0.2.0 is there, but you went back from it");
    assert_eq!(installed.version(), RUNNING);
    // The next one is none of those.
    installed.server.release(Made::of("0.3.0").made());
    installed.update(&["--check"]).is(10, "commit-story 0.3.0 is there");
    // Named, it is installed all the same.
    installed.update(&["--to", "0.2.0", "--allow-downgrade"]).is(0, "commit-story 0.2.0 is installed");
    assert_eq!(installed.json("state.json")["skips"], serde_json::json!([]));
}

#[test]
fn a_version_can_be_named_to_return_to() {
    let installed = Installed::new();
    keep(&installed, "0.0.8", &shell("0.0.8"));
    keep(&installed, "0.0.9", &shell("0.0.9"));
    installed.update(&["--rollback", "--to", "0.0.7"]).is(20, "0.0.7 is not kept here");
    installed.update(&["--rollback", "--to", RUNNING]).is(20, "0.1.0 runs already");
    installed.update(&["--rollback", "--to", "0.0.8"]).is(0, "commit-story 0.0.8 is back");
    assert_eq!(installed.version(), "0.0.8");
}

#[test]
fn nothing_that_was_changed_or_does_not_work_comes_back() {
    let installed = Installed::new();
    installed.update(&["--rollback"]).is(20, "no version from before 0.1.0 is kept here");
    keep(&installed, "0.0.9", &shell("0.0.9"));
    let file = installed.beside().join("versions/0.0.9/commit-story");
    std::fs::write(&file, shell("0.0.9 ")).unwrap();
    installed.update(&["--rollback"]).is(40, "is not the file that was kept any more");
    std::fs::remove_file(&file).unwrap();
    installed.update(&["--rollback"]).is(20, "no version from before 0.1.0 is kept here");
    installed.is_untouched();
    let other = Installed::new();
    keep(&other, "0.0.9", b"#!/bin/sh\nexit 1\n");
    other.update(&["--rollback"]).is(40, "0.0.9 does not run on this system");
    other.is_untouched();
}

#[test]
fn three_versions_are_kept() {
    let installed = Installed::new();
    for (version, bytes) in [("0.0.6", 6), ("0.0.7", 7), ("0.0.8", 8)] {
        keep(&installed, version, &[b'x'; 1].repeat(bytes));
    }
    installed.server.release(Made::of("0.2.0").made());
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
    let mut versions: Vec<_> = std::fs::read_dir(installed.beside().join("versions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    versions.sort();
    assert_eq!(versions, ["0.0.7", "0.0.8", RUNNING]);
}

/// A program that works where it was unpacked, and does this in its final place.
fn fails_in_place(then: &str) -> Vec<u8> {
    format!("#!/bin/sh\ncase $0 in */stage-*) echo 'commit-story 0.2.0'; exit 0;; esac\n{then}\nexit 1\n").into_bytes()
}

#[test]
fn a_program_that_does_not_work_in_its_place_is_replaced_by_the_old_one() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").with(&fails_in_place(":")).made());
    let ended = installed.update(&[]);
    ended.is(40, "0.2.0 does not run on this system: \"\"; 0.1.0 is back in its place, and nothing is lost");
    installed.is_untouched();
    assert_eq!(installed.json("receipt.json")["version"], RUNNING);
}

#[test]
fn what_cannot_be_brought_back_is_said_with_the_cure() {
    let installed = Installed::new();
    let program = fails_in_place("rm -r \"${0%/*}/.commit-story/versions\"");
    installed.server.release(Made::of("0.2.0").with(&program).made());
    let ended = installed.update(&[]);
    ended.is(40, "0.1.0 could not be brought back: ");
    ended.is(40, "hint: cp '");
}
