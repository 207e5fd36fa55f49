//! install.sh over an earlier installation, and without one.

use std::path::PathBuf;
use std::process::Stdio;

use commit_story::update::names;

use crate::installing::{Ground, find, heard, only, says, sha256};
use crate::release_server::Mode;
use crate::support::{binary, wait_for};

#[test]
fn a_second_run_changes_nothing() {
    let ground = Ground::new();
    ground.installed(&["--modify-path"]);
    let before = ground.found();
    let said = ground.installed(&["--modify-path"]);
    assert!(said.stdout.contains("commit-story 1.0.0 is in"), "{said}");
    assert!(said.stdout.contains("already"), "{said}");
    assert_eq!(ground.found(), before);
    // The version is known before anything is fetched.
    let asked = ground.server.asked().len();
    assert_eq!(ground.installed(&["--version", "1.0.0"]).code, Some(0));
    assert_eq!(ground.server.asked().len(), asked);
    // One that does not run any more is replaced.
    std::fs::write(ground.binary(), "").unwrap();
    ground.installed(&[]);
    assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"));
}

#[test]
fn an_upgrade_keeps_what_was_there_for_a_rollback() {
    let ground = Ground::new();
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"] {
        if version != "1.0.0" {
            ground.publish(version);
        }
        let said = ground.installed(&[]);
        assert_eq!(ground.version().unwrap(), format!("commit-story {version}"), "{said}");
    }
    let mut kept: Vec<_> = std::fs::read_dir(ground.state().join("versions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["1.1.0", "1.2.0", "1.3.0"]);
    let program = ground.state().join("versions/1.3.0/commit-story");
    assert_eq!(says(&program).as_deref(), Some("commit-story 1.3.0"));
    let state: serde_json::Value =
        serde_json::from_slice(&std::fs::read(ground.state().join("state.json")).unwrap()).unwrap();
    let last = state["kept"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["version"], &last["sha256"]),
        (&"1.3.0".into(), &sha256(&std::fs::read(program).unwrap()).into())
    );
}

#[test]
fn update_returns_to_what_the_script_kept() {
    let ground = Ground::new();
    for version in ["0.0.9", names::VERSION] {
        ground.publish(version);
        let said = ground.installed(&["--version", version]);
        assert_eq!(said.code, Some(0), "{said}");
    }
    // The real program in the place of the one that only says its version.
    std::fs::remove_file(ground.binary()).unwrap();
    crate::installed::put(binary(), &ground.binary());
    let said = heard(ground.shell(&["env"]).arg(ground.binary()).args(["update", "--rollback"]));
    assert_eq!(said.code, Some(0), "{said}");
    assert_eq!(ground.version().as_deref(), Some("commit-story 0.0.9"), "{said}");
}

#[test]
fn what_update_remembers_stays() {
    let ground = Ground::new();
    ground.installed(&[]);
    let remembered = serde_json::json!({
        "schema": 1, "highest": "1.0.0", "sequence": 7, "skips": ["0.9.0"],
        "kept": [{"version": "0.8.0", "sha256": "00"}], "yanked": [{"version": "0.7.0", "reason": "it [lost] pages"}],
    });
    for text in [remembered.to_string(), serde_json::to_string_pretty(&remembered).unwrap()] {
        ground.installed(&["--version", "1.0.0"]);
        std::fs::write(ground.state().join("state.json"), text).unwrap();
        ground.publish("1.1.0");
        ground.installed(&[]);
        let state: serde_json::Value =
            serde_json::from_slice(&std::fs::read(ground.state().join("state.json")).unwrap()).unwrap();
        assert_eq!((&state["sequence"], &state["yanked"]), (&remembered["sequence"], &remembered["yanked"]));
        assert_eq!((&state["kept"][0], &state["kept"][1]["version"]), (&remembered["kept"][0], &"1.0.0".into()));
        assert_eq!(state["skips"], remembered["skips"]);
    }
}

#[test]
fn an_older_version_is_installed_only_when_it_is_named() {
    let ground = Ground::new();
    let own = ground.path("own.sh");
    std::fs::write(&own, crate::installing::filled(&crate::installing::template(), "1.0.0", "")).unwrap();
    ground.publish("1.10.0-rc.1");
    ground.publish("1.10.0");
    ground.installed(&[]);
    // A script of an older release, from a cache or a bookmark.
    let said = heard(ground.shell(&["sh"]).arg(&own));
    assert!(said.stderr.contains("1.10.0 is installed, which is newer"), "{said}");
    assert_eq!(ground.version().as_deref(), Some("commit-story 1.10.0"));
    for version in ["1.10.0-rc.1", "1.0.0", "v1.10.0"] {
        let said = ground.installed(&["--version", version]);
        assert_eq!(ground.version().unwrap(), format!("commit-story {}", version.trim_start_matches('v')), "{said}");
    }
    let said = heard(ground.install(&[]).env("COMMIT_STORY_VERSION", "1.0.0"));
    assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"), "{said}");
}

#[test]
fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    let ground = Ground::new();
    let check = |args: &[&str], words: &[&str]| {
        let before = ground.found();
        let said = ground.installed(args);
        assert_eq!(said.code, Some(0), "{said}");
        for words in words {
            assert!(said.stdout.contains(words), "{words}: {said}");
        }
        assert_eq!(ground.found(), before);
    };
    check(&["--dry-run", "--modify-path"], &["would install commit-story 1.0.0 for "]);
    ground.installed(&["--modify-path"]);
    check(&["--dry-run"], &["already"]);
    ground.publish("1.1.0");
    check(&["--dry-run"], &["would install commit-story 1.1.0", "in place of 1.0.0"]);
    check(&["--dry-run", "--uninstall"], &["removing ", ".bashrc", "commit-story uninstall"]);
    let staged = std::fs::read_dir(ground.path("")).unwrap().count();
    ground.installed(&["--dry-run"]);
    assert_eq!(std::fs::read_dir(ground.path("")).unwrap().count(), staged, "left in the temporary directory");
}

#[test]
fn two_at_once_do_not_meet() {
    let ground = Ground::new();
    let start = || ground.install(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..6).map(|_| start()).collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    assert!(outputs.iter().any(|output| output.status.success()));
    for output in outputs.iter().filter(|output| !output.status.success()) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("another installation or update is at work"), "{said}");
    }
    assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"));
}

#[test]
fn what_the_script_let_go_is_not_offered_and_what_it_kept_twice_counts_once() {
    let ground = Ground::new();
    let versions = ["0.0.1", "0.0.2", "0.0.3", "0.0.2", "0.0.4", names::VERSION];
    for version in versions {
        ground.publish(version);
        assert_eq!(ground.installed(&["--version", version]).code, Some(0));
    }
    // The real program in the place of the one that only says its version.
    std::fs::remove_file(ground.binary()).unwrap();
    crate::installed::put(binary(), &ground.binary());
    let update = |args: &[&str]| heard(ground.shell(&["env"]).arg(ground.binary()).arg("update").args(args));
    let said = update(&["--rollback", "--to", "0.0.1"]);
    assert!(said.code == Some(20) && said.stderr.contains("0.0.1 is not kept here"), "{said}");
    // Whoever counted the second entry of 0.0.2 for itself would let its file go with the next one that is kept.
    for back in ["0.0.4", "0.0.3"] {
        let said = update(&["--rollback", "--to", back, "--dry-run"]);
        assert_eq!(said.code, Some(0), "{back}: {said}");
    }
    assert_eq!(update(&["--rollback", "--to", "0.0.2"]).code, Some(0));
    assert_eq!(ground.version().as_deref(), Some("commit-story 0.0.2"));
    let state = std::fs::read_to_string(ground.state().join("state.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&state).unwrap();
    let kept: Vec<_> = kept["kept"].as_array().unwrap().iter().map(|kept| kept["version"].as_str().unwrap()).collect();
    assert_eq!(kept, ["0.0.2", "0.0.4", names::VERSION]);
}

/// `PATH` with what install.sh needs, and with this to lock a file.
fn locking_by(ground: &Ground, locker: &str) -> PathBuf {
    let needed = "sh uname tr cut sed head tail mkdir rm mv ln cp ls cat chmod tar gzip mktemp readlink rmdir awk grep \
                  getconf sync sha256sum curl find";
    let programs: Vec<_> = needed.split_whitespace().chain((locker != "nothing").then_some(locker)).collect();
    only(&ground.path(format!("locking-by-{locker}")), &programs)
}

#[test]
fn whatever_there_is_to_lock_by_the_second_waits_for_nobody_and_a_dead_first_is_no_hindrance() {
    // A Mac has perl and no flock, and a small image may have neither.
    for locker in ["flock", "perl", "nothing"] {
        if locker != "nothing" && find(locker).is_none() {
            println!("skipped: no {locker}");
            continue;
        }
        let ground = Ground::new();
        let path = locking_by(&ground, locker);
        ground.server.misbehave(".tar.gz", Mode::Silent);
        let mut first = ground.install(&[]).env("PATH", &path).stderr(Stdio::null()).spawn().unwrap();
        wait_for("the first run to download", || {
            ground.server.asked().iter().any(|asked| asked.path.ends_with(".tar.gz"))
        });
        let before = ground.found();
        let said = heard(ground.install(&[]).env("PATH", &path));
        assert!(said.stderr.contains("another installation or update is at work"), "{locker}: {said}");
        assert_eq!(ground.found(), before, "{locker}: the second run touched what the first is making");
        // The kernel's lock is the one that `commit-story update` takes.
        let lock = std::fs::File::open(ground.state().join("lock")).unwrap();
        assert_eq!(lock.try_lock().is_err(), locker != "nothing", "{locker}");
        drop(lock);
        // What it had started may go on for a while, and is in nobody's way.
        first.kill().unwrap();
        first.wait().unwrap();
        ground.server.behave();
        let said = heard(ground.install(&[]).env("PATH", &path));
        assert_eq!(said.code, Some(0), "{locker}: {said}");
        let mut left: Vec<_> =
            std::fs::read_dir(ground.state()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["directories", "lock", "receipt.json"], "{locker}");
    }
}

#[test]
fn without_a_lock_a_number_that_is_in_use_again_is_no_run() {
    let ground = Ground::new();
    let path = locking_by(&ground, "nothing");
    // The first process of a container has the same number each time. Of other numbers only the time tells.
    let old = ground.state().join(format!("stage-{}", std::process::id()));
    std::fs::create_dir_all(&old).unwrap();
    let script = format!("mkdir '{}'/stage-$$; . '{}'", ground.state().display(), ground.path("install.sh").display());
    let run = || heard(ground.shell(&["sh"]).env("PATH", &path).args(["-c", &script]));
    let said = run();
    assert!(said.stderr.contains("another installation or update is at work"), "{said}");
    let before = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 60 * 60);
    std::fs::File::open(&old).unwrap().set_modified(before).unwrap();
    let said = run();
    assert_eq!(said.code, Some(0), "{said}");
    assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"));
}

#[test]
fn what_is_asked_for_wrongly_is_explained() {
    let ground = Ground::new();
    for (args, words) in [
        (vec!["--prefix"], "there is no option --prefix"),
        (vec!["--version"], "--version needs a value"),
        (vec!["--version", "../../1.0.0"], "is no version"),
        (vec!["--version", "newest"], "is no version"),
        (vec!["--version", "9.9.9"], "404"),
    ] {
        let said = ground.installed(&args);
        assert_eq!(said.code, Some(1), "{said}");
        assert!(said.stderr.contains(words), "{words}: {said}");
    }
    assert!(ground.installed(&["--help"]).stdout.contains("COMMIT_STORY_BASE_URL"));
    assert!(ground.found().is_empty());
}
