//! Which release `update` takes, which it refuses, and whom it asks for what.

use serde_json::Value;

use crate::installed::{Installed, Made, RUNNING, put};
use crate::release_server::{Mode, Server};
use crate::support::binary;

/// The JSON that `update --json` prints, and its exit code.
fn json(installed: &Installed, args: &[&str]) -> (i32, Value) {
    let ended = installed.update(&[args, &["--json"]].concat());
    assert_eq!(ended.err, "");
    (ended.code, serde_json::from_str(&ended.out).unwrap())
}

#[test]
fn an_old_release_under_a_new_name_is_refused() {
    let installed = Installed::new();
    // The genuine files of 0.0.9, signed, published as 9.9.9.
    let mut old = Made::of("0.0.9").made();
    old.tag = "v9.9.9".to_owned();
    installed.server.release(old);
    installed.update(&["--to", "9.9.9"]).is(40, "what lies there as 9.9.9 describes itself as 0.0.9");
    // As the newest it describes itself truly, and is only old; its signature lies under a name that is not there.
    installed.update(&[]).is(30, "has no release.json.minisig of a release 0.0.9");
    installed.server.change(|releases| releases[0].tag = "v0.0.9".to_owned());
    installed
        .update(&[])
        .is(20, "0.0.9 is offered as the newest release, but 0.1.0 runs: that was withdrawn, or old files are served");
    installed.is_untouched();
}

#[test]
fn what_was_seen_once_is_not_forgotten() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    installed.server.release(Made::of("0.3.0").made());
    installed.update(&["--check"]).is(10, "0.3.0");
    // From now on an older state of the server is shown.
    installed.server.change(|releases| drop(releases.remove(0)));
    let said =
        "0.2.0 is offered as the newest release, but 0.3.0 was seen before: it was withdrawn, or old files are served";
    installed.update(&["--check"]).is(20, said);
    installed.update(&[]).is(20, said);
    installed.update(&["--to", "0.2.0"]).is(20, "0.2.0 was released before 0.3.0, which was seen already");
    installed.is_untouched();
    installed.update(&["--to", "0.2.0", "--allow-downgrade"]).is(0, "commit-story 0.2.0 is installed");
    assert_eq!(installed.version(), "0.2.0");
}

#[test]
fn a_release_that_is_old_and_still_the_newest_is_worth_a_warning() {
    let installed = Installed::new();
    let made = Made { published: "2025-01-05T00:00:00Z".to_owned(), ..Made::of("0.2.0") };
    installed.server.release(made.made());
    let ended = installed.update(&["--check"]);
    ended.is(10, "0.2.0, is 366 days old: if newer ones are talked about, somebody keeps them from you");
    assert!(ended.err.starts_with("warning: "), "{ended:?}");
    let (_, json) = json(&installed, &["--check"]);
    assert_eq!(json["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_withdrawn_version_is_not_offered_and_tells_who_runs_it() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let withdrawn = |version: &str| vec![(version.to_owned(), "it lost pages".to_owned())];
    installed.server.release(Made { yanked: withdrawn("0.2.0"), ..Made::of("0.3.0") }.made());
    installed.update(&["--check"]).is(10, "0.3.0");
    installed.update(&["--to", "0.2.0", "--allow-downgrade"]).is(20, "0.2.0 was withdrawn: it lost pages");
    installed.server.change(|releases| drop(releases.remove(0)));
    installed.update(&["--allow-downgrade"]).is(20, "0.2.0 was withdrawn: it lost pages");
    installed.is_untouched();
    installed.server.release(Made { yanked: withdrawn(RUNNING), ..Made::of("0.4.0") }.made());
    installed.update(&["--check"]).is(10, "0.1.0, which runs, was withdrawn: it lost pages");
    let doctor = installed.command(&["doctor"]).output().unwrap();
    let doctor = String::from_utf8(doctor.stdout).unwrap();
    assert!(doctor.contains("✗ program        0.1.0 was withdrawn: it lost pages\n"), "{doctor}");
}

#[test]
fn a_pre_release_is_only_for_those_who_ask_for_it() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    installed.server.release(Made { prerelease: true, sequence: 3, ..Made::of("0.3.0-rc.1") }.made());
    // Published as one for trying, although its name does not say so: that is how a bad release is pulled.
    installed.server.release(Made { prerelease: true, sequence: 4, ..Made::of("0.4.0") }.made());
    installed.update(&["--check"]).is(10, "commit-story 0.2.0 is there");
    installed.update(&["--check", "--pre"]).is(10, "commit-story 0.3.0-rc.1 is there");
    installed.update(&["--pre"]).is(0, "commit-story 0.3.0-rc.1 is installed");
    // What is newest for everybody says that this one is withdrawn.
    let withdrawn = Installed::new();
    let yanked = vec![("0.3.0-rc.1".to_owned(), "it lost pages".to_owned())];
    withdrawn.server.release(Made { yanked, ..Made::of("0.2.0") }.made());
    withdrawn.server.release(Made { prerelease: true, sequence: 3, ..Made::of("0.3.0-rc.1") }.made());
    withdrawn.update(&["--pre"]).is(20, "0.3.0-rc.1 was withdrawn: it lost pages");
    withdrawn.is_untouched();
    // By mistake it is the newest for everybody.
    let other = Installed::new();
    other.server.release(Made { sequence: 3, ..Made::of("0.3.0-rc.1") }.made());
    other.update(&[]).is(20, "0.3.0-rc.1 is a pre-release");
    other.is_untouched();
}

#[test]
fn a_version_can_be_named_with_or_without_its_v() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    installed.server.release(Made::of("0.3.0").made());
    installed.update(&["--to", "v0.2.0", "--dry-run"]).is(0, "put 0.2.0 into the place of 0.1.0");
    installed.update(&["--to", "0.9.0"]).is(30, "127.0.0.1 has no release.json of a release 0.9.0");
    installed.update(&["--to", "newest"]).is(2, "expected a version such as 0.2.0");
    installed.update(&["--to", "0.2.0"]).is(0, "commit-story 0.2.0 is installed");
}

#[test]
fn a_version_that_is_too_old_is_told_how_to_go_on() {
    let installed = Installed::new();
    installed.server.release(Made { minimum: Some("0.5.0".to_owned()), ..Made::of("0.9.0") }.made());
    installed.update(&[]).is(20, "0.9.0 can take the place of 0.5.0 or newer, and 0.1.0 runs");
    installed.update(&[]).is(20, "hint: curl -fsSL https://");
}

#[test]
fn all_versions_are_listed_with_what_is_known_of_them() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let yanked = vec![("0.2.0".to_owned(), "it lost pages".to_owned())];
    installed.server.release(Made { yanked, ..Made::of("0.3.0") }.made());
    installed.server.release(Made { prerelease: true, ..Made::of("0.4.0-rc.1") }.made());
    let ended = installed.update(&["--list"]);
    let expected = "0.4.0-rc.1   pre-release\n0.3.0\n0.2.0        withdrawn: it lost pages\n0.1.0        runs\n";
    assert_eq!((ended.code, &*ended.out), (0, expected));
    let (code, json) = json(&installed, &["--list"]);
    assert_eq!((code, &json["outcome"], &json["versions"][3]["runs"]), (0, &"listed".into(), &true.into()));
}

#[test]
fn json_tells_everything_also_of_a_failure() {
    let installed = Installed::new();
    let (code, failed) = json(&installed, &[]);
    assert_eq!((code, &failed["outcome"]), (30, &"unreachable".into()));
    assert_eq!(failed["error"], "127.0.0.1 has no release yet");
    installed.server.release(Made::of("0.2.0").made());
    let (code, newer) = json(&installed, &["--check"]);
    assert_eq!(
        (code, &newer["outcome"], &newer["running"], &newer["version"]),
        (10, &"newer".into(), &RUNNING.into(), &"0.2.0".into())
    );
    assert_eq!((&newer["schema"], &newer["published"]), (&1.into(), &"2026-01-05T00:00:00Z".into()));
    assert_eq!(newer["archive"]["name"], Made::of("0.2.0").archive_name());
    assert_eq!(json(&installed, &["--dry-run"]).1["outcome"], "would-update");
    assert_eq!(json(&installed, &[]).1["outcome"], "updated");
}

#[test]
fn what_is_not_ours_is_refused_before_anybody_is_asked() {
    let check = |change: &dyn Fn(&Installed), said: &str| {
        let installed = Installed::new();
        installed.server.release(Made::of("0.2.0").made());
        change(&installed);
        for args in [&[][..], &["--check"], &["--list"], &["--rollback"], &["--to", "0.2.0"], &["--pre"]] {
            installed.update(args).is(20, said);
        }
        assert_eq!(installed.server.asked().len(), 0);
    };
    let without = |installed: &Installed| std::fs::remove_file(installed.beside().join("receipt.json")).unwrap();
    check(&without, "has no receipt of an install script");
    check(&|installed| installed.receipt(&installed.sandbox.path("elsewhere/commit-story")), "is that of a program at");
    check(
        &|installed| {
            without(installed);
            std::fs::write(installed.sandbox.path("prefix/pyvenv.cfg"), "").unwrap();
        },
        "/prefix/bin/python' -m pip install --upgrade commit-story",
    );
    check(
        &|installed| {
            without(installed);
            std::fs::write(
                installed.sandbox.path("prefix/.crates2.json"),
                r#"{"installs":{"commit-story 0.1.0 (x)":{}}}"#,
            )
            .unwrap();
        },
        "hint: cargo install --locked commit-story",
    );
}

#[test]
fn whoever_packages_the_program_can_switch_updates_off() {
    let installed = Installed::new();
    let output = installed.command(&["update"]).env("COMMIT_STORY_SELF_UPDATE", "off").output().unwrap();
    crate::installed::Ended::of(&output).is(20, "updates are switched off here");
    assert_eq!(installed.server.asked().len(), 0);
}

#[test]
fn homebrew_is_named_by_the_place_it_keeps_programs_in() {
    let installed = Installed::new();
    let cellar = installed.sandbox.path("Cellar/commit-story/0.1.0/bin");
    std::fs::create_dir_all(&cellar).unwrap();
    put(binary(), &cellar.join("commit-story"));
    // As Homebrew does: by a relative link.
    std::os::unix::fs::symlink(
        "../Cellar/commit-story/0.1.0/bin/commit-story",
        installed.sandbox.path("prefix/brewed"),
    )
    .unwrap();
    let output = installed.sandbox.command(installed.sandbox.path("prefix/brewed")).arg("update").output().unwrap();
    crate::installed::Ended::of(&output).is(20, "hint: brew upgrade commit-story");
}

#[test]
fn a_token_goes_to_the_api_alone() {
    let installed = Installed::new();
    let elsewhere = Server::start().unwrap();
    for server in [&installed.server, &elsewhere] {
        server.release(Made::of("0.2.0").made());
    }
    let run = |args: &[&str]| {
        let output = installed.command(args).env("GITHUB_TOKEN", "secret").output().unwrap();
        assert!(output.status.code() == Some(0), "{output:?}");
    };
    let carried = |server: &Server| -> Vec<String> {
        let asked = server.asked().into_iter().filter(|asked| asked.headers.contains_key("authorization"));
        asked.map(|asked| asked.path).collect()
    };
    run(&["update", "--list"]);
    assert!(
        carried(&installed.server).iter().all(|path| path.starts_with("/repos/")),
        "{:?}",
        carried(&installed.server)
    );
    assert_eq!(carried(&installed.server).len(), 1);
    // The API sends us to another host: without the token.
    installed.server.misbehave("/releases", Mode::Elsewhere(elsewhere.root()));
    run(&["update", "--list"]);
    assert!(!elsewhere.asked().is_empty());
    assert_eq!(carried(&elsewhere), Vec::<String>::new());
    // So do the downloads, which never had it.
    installed.server.misbehave(".tar.gz", Mode::Elsewhere(elsewhere.root()));
    run(&["update"]);
    assert_eq!(carried(&elsewhere), Vec::<String>::new());
    assert_eq!(carried(&installed.server).len(), 2);
}

#[test]
fn a_spent_quota_says_when_it_is_filled_again_and_does_not_matter_for_the_newest() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    installed.server.misbehave("/releases", Mode::Limited(now + 1_800));
    installed.update(&["--list"]).is(30, "127.0.0.1 answers no more questions until ");
    installed.update(&["--list"]).is(30, "set GITHUB_TOKEN to be counted by yourself");
    installed.update(&["--check"]).is(10, "0.2.0");
}

#[test]
fn a_server_that_is_not_there_is_one_sentence() {
    let installed = Installed::new();
    let at = |base: &str| {
        let output = installed.command(&["update"]).env("COMMIT_STORY_BASE_URL", base).output().unwrap();
        crate::installed::Ended::of(&output)
    };
    at("http://127.0.0.1:1/releases").is(30, "cannot reach 127.0.0.1: ");
    at("https://no-such-host.invalid/releases").is(30, "cannot reach no-such-host.invalid: ");
    at("http://example.com/releases").is(20, "its address must begin with https://");
    installed.is_untouched();
}
