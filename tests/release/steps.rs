//! The release program's steps: a version is prepared and checked, keys are made and rotated, and publishing that was killed
//! anywhere goes on where it stopped.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use commit_story::update::names;

use crate::files::{done, fork, git, packed, refused, release, release_of, signed, version};
use crate::forge::{Forge, Stock};
use crate::proof::Trusted;

const TARGET: &str = "x86_64-unknown-linux-musl";

#[test]
fn a_version_is_prepared_on_a_branch_of_its_own_and_then_every_check_holds() {
    let place = tempfile::tempdir().unwrap();
    let tree = fork(place.path());
    let check = || {
        let mut command = release_of(&tree);
        command.args(["check", "--quick"]);
        command
    };
    // All that is missing is said at once.
    let missing = refused(&mut check());
    for words in
        ["NO  version: CHANGELOG.md has no heading", "NO  keys: nobody can sign for a key that the sources came with"]
    {
        assert!(missing.contains(words), "{words}: {missing}");
    }
    let keys = place.path().join("keys");
    done(release_of(&tree).args(["keys", "new"]).arg(&keys));
    done(release_of(&tree).args(["keys", "adopt"]).arg(&keys));
    git(&tree, &["commit", "--quiet", "--all", "--message", "keys of our own"]);
    assert!(!refused(&mut check()).contains("NO  keys"));
    done(release_of(&tree).args(["prepare", "1.2.0-rc.1", "--date", "2026-01-05"]));
    assert_eq!(git(&tree, &["branch", "--show-current"]).trim(), "release/v1.2.0-rc.1");
    assert_eq!(git(&tree, &["log", "-1", "--format=%s"]).trim(), "release: 1.2.0-rc.1");
    let text = |name: &str| std::fs::read_to_string(tree.join(name)).unwrap();
    assert!(text("Cargo.toml").contains("\nversion = \"1.2.0-rc.1\"\n"));
    assert!(text("Cargo.lock").contains("name = \"commit-story\"\nversion = \"1.2.0-rc.1\"\n"));
    assert!(text("CHANGELOG.md").contains("## [Unreleased]\n\n## [1.2.0-rc.1] - 2026-01-05\n"));
    assert!(text("docs/troubleshooting.md").contains("commit-story 1.2.0-rc.1; bugs:"));
    let seen = done(&mut check());
    assert!(seen.contains("ok  version: 1.2.0-rc.1 in Cargo.toml, Cargo.lock and CHANGELOG.md"), "{seen}");
    assert!(seen.contains("name https://github.com/ada/commit-story, and none another one"), "{seen}");

    let again = refused(release_of(&tree).args(["prepare", "1.2.0"]));
    assert!(again.contains("nothing is unreleased"), "{again}");
    std::fs::write(tree.join("docs/other.md"), "https://github.com/bob/commit-story\n").unwrap();
    assert!(refused(&mut check()).contains("docs/other.md"), "not committed");
    git(&tree, &["add", "--all"]);
    git(&tree, &["commit", "--quiet", "--message", "another repository"]);
    assert!(refused(&mut check()).contains("docs/other.md:1:https://github.com/bob/commit-story"));
    git(&tree, &["reset", "--quiet", "--hard", "HEAD~1"]);
    done(&mut check());
    git(&tree, &["tag", "v1.2.0-rc.1", "HEAD~1"]);
    assert!(refused(&mut check()).contains("v1.2.0-rc.1 is another commit"));
    git(&tree, &["switch", "--quiet", "--create", "elsewhere"]);
    assert!(refused(&mut check()).contains("releases are made from main or release/v1.2.0-rc.1"));
}

#[test]
fn the_runbook_names_commands_that_there_are() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/releasing.md")).unwrap();
    let commands: Vec<&str> =
        text.lines().filter_map(|line| line.trim().strip_prefix("cargo run --example release")).collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        // Flags and commands are looked at before the help is printed.
        let arguments = command.trim_start_matches(" --").split_whitespace();
        done(release().args(arguments).arg("--help"));
    }
}

#[test]
fn keys_are_made_adopted_rotated_and_nothing_else_signs() {
    let place = tempfile::tempdir().unwrap();
    let (tree, dist) = (fork(place.path()), place.path().join("dist"));
    let keys = place.path().join("keys");
    packed(&dist, &[TARGET]);
    let sign = |tree: &Path, names: &[&str]| {
        let mut command = release_of(tree);
        command.arg("sign").arg("--dir").arg(&dist);
        for name in names {
            command.arg("--key").arg(keys.join(name));
        }
        command
    };
    let verify = |tree: &Path| {
        let mut command = release_of(tree);
        command.arg("verify").arg("--dir").arg(&dist);
        command
    };
    assert!(refused(release_of(&tree).args(["keys", "new"]).arg(tree.join("keys"))).contains("is in the checkout"));
    done(release_of(&tree).args(["keys", "new"]).arg(&keys));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(keys.join("online.key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(refused(release_of(&tree).args(["keys", "new"]).arg(&keys)).contains("cannot make"), "never written over");
    let strange = refused(&mut sign(&tree, &["online.key"]));
    assert!(strange.contains("nobody would trust the release"), "{strange}");
    done(release_of(&tree).args(["keys", "adopt"]).arg(&keys));
    done(release_of(&tree).args(["keys", "check"]));
    let key = std::fs::read_to_string(keys.join("online.pub")).unwrap();
    let key = key.lines().nth(1).unwrap();
    for name in ["Cargo.toml", "install.sh", "docs/security.md"] {
        assert!(std::fs::read_to_string(tree.join(name)).unwrap().contains(key), "{name} has the new key");
    }
    let key = crate::proof::allowed(&format!("\n{key}")).unwrap();
    for name in ["install.sh", "install.ps1"] {
        assert!(std::fs::read_to_string(tree.join(name)).unwrap().contains(&key), "{name} has the new key");
    }
    done(&mut sign(&tree, &["online.key"]));
    // The secret of a machine: the file's text in a variable.
    let secret = std::fs::read_to_string(keys.join("spare.key")).unwrap();
    done(sign(&tree, &[]).env("COMMIT_STORY_SIGNING_KEYS", &secret));
    assert!(refused(&mut sign(&tree, &[])).contains("cannot sign without a key"));
    let test = refused(sign(&tree, &[]).env("COMMIT_STORY_SIGNING_KEYS", test_key()));
    assert!(test.contains("a test key must not sign a release"), "{test}");
    assert!(!test.contains(&test_key()), "no private key is printed");

    // The online key is lost: those who installed before know it and the spare, those who install now the new one, too.
    let installed = ["online.pub", "spare.pub"].map(|name| std::fs::read_to_string(keys.join(name)).unwrap());
    let installed = Trusted::of(&installed).unwrap();
    let new = place.path().join("new");
    done(release_of(&tree).args(["keys", "rotate", "online"]).arg(&new));
    std::fs::copy(new.join("online.key"), keys.join("new.key")).unwrap();
    assert!(refused(&mut sign(&tree, &["online.key"])).contains("nobody would trust"), "the old one is out");
    done(&mut sign(&tree, &["spare.key", "new.key"]));
    done(&mut verify(&tree));
    assert_eq!(taken(&installed, &dist), [true, true, true]);
    done(&mut sign(&tree, &["new.key"]));
    done(&mut verify(&tree));
    assert_eq!(taken(&installed, &dist), [false, false, false]);
}

/// Whether an installed program, and an install script, take the archive, the index and the hashes.
fn taken(trusted: &Trusted, dist: &Path) -> [bool; 3] {
    let read = |name: &str| std::fs::read(dist.join(name)).unwrap();
    let text = |name: &str| String::from_utf8(read(name)).unwrap();
    let archive = names::archive(version(), TARGET);
    [
        trusted.archive(&read(&archive), &archive).is_ok(),
        trusted.minisig(&read(names::INDEX), &text(names::INDEX_MINISIG), false, "").is_ok(),
        trusted.sshsig(&read(names::SUMS), &text(names::SUMS_SSHSIG), "").is_ok(),
    ]
}

/// A private key that everybody has, as a file would have it.
fn test_key() -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(crate::sign::TEST_ONLINE)
}

#[test]
fn publishing_that_was_killed_after_any_change_goes_on_and_nothing_is_sent_twice() {
    let place = tempfile::tempdir().unwrap();
    let dist = place.path().join("dist");
    signed(&dist, &[TARGET]);
    let whole = Forge::start().unwrap();
    done(&mut publish(&whole, &dist));
    let expected = whole.stock();
    complete(&expected, &dist);
    // Once more: everything is there.
    let again = done(&mut publish(&whole, &dist));
    assert!(again.contains("is published already"), "{again}");
    assert_eq!(whole.stock().changes, expected.changes);

    for kill in 1..=expected.changes {
        let forge = Forge::start().unwrap();
        let child: Arc<Mutex<Option<Child>>> = Arc::default();
        let victim = Arc::clone(&child);
        forge.watch(move |change| {
            if change == kill {
                victim.lock().unwrap().as_mut().unwrap().kill().unwrap();
            }
        });
        let mut held = child.lock().unwrap();
        *held = Some(publish(&forge, &dist).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        drop(held);
        while child.lock().unwrap().as_mut().unwrap().try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        assert_eq!(forge.stock().changes, kill, "killed after change {kill}");
        forge.watch(|_| {});
        done(&mut publish(&forge, &dist));
        let stock = forge.stock();
        complete(&stock, &dist);
        assert_eq!(stock.changes, expected.changes, "killed after change {kill}: nothing was sent twice");
    }
}

#[test]
fn the_source_goes_to_the_registry_once_also_when_publishing_was_killed_there() {
    let place = tempfile::tempdir().unwrap();
    let (tree, dist) = (fork(place.path()), place.path().join("dist"));
    signed(&dist, &[TARGET]);
    let forge = Forge::start().unwrap();
    let publish = || {
        let mut command = release_of(&tree);
        command.args([
            "publish",
            "--test-keys",
            "--step",
            "crates",
            "--crates",
            "--crates-registry",
            "loopback",
            "--dir",
        ]);
        command.arg(&dist).arg("--crates-index").arg(format!("{}/index", forge.root())).env("GH_TOKEN", "a-token");
        command.env("CARGO_REGISTRIES_LOOPBACK_INDEX", format!("sparse+{}/index/", forge.root()));
        command.env("CARGO_REGISTRIES_LOOPBACK_TOKEN", "another-token");
        command
    };
    let child: Arc<Mutex<Option<Child>>> = Arc::default();
    let victim = Arc::clone(&child);
    forge.watch(move |_| victim.lock().unwrap().as_mut().unwrap().kill().unwrap());
    let mut held = child.lock().unwrap();
    *held = Some(publish().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    drop(held);
    while child.lock().unwrap().as_mut().unwrap().try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    if forge.stock().changes == 0 {
        println!("skipped: cargo cannot pack the source without the index of crates.io");
        return;
    }
    forge.watch(|_| {});
    assert!(done(&mut publish()).contains("ok  crates: was there"));
    let stock = forge.stock();
    assert_eq!((stock.crates.len(), stock.changes, stock.refused.len()), (1, 1, 0));
    assert!(stock.crates[0].contains(&format!("\"vers\":\"{}\"", version())));
}

/// The release is there once, published, with these files and no others, and nothing had to be refused.
fn complete(stock: &Stock, dist: &Path) {
    assert_eq!(stock.releases.len(), 1);
    let release = &stock.releases[0];
    assert_eq!((release.tag.as_str(), release.draft), (names::tag(version()).as_str(), false));
    let mut sent: Vec<&String> = release.files.iter().map(|(name, _, _)| name).collect();
    sent.sort();
    let mut due: Vec<String> =
        std::fs::read_dir(dist).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    due.sort();
    assert_eq!(sent, due.iter().collect::<Vec<_>>());
    for (name, bytes, _) in &release.files {
        assert!(std::fs::read(dist.join(name)).unwrap() == *bytes, "{name}");
    }
    assert_eq!(stock.refused, Vec::<String>::new());
}

fn publish(forge: &Forge, dist: &Path) -> Command {
    let mut command = release();
    command.args(["publish", "--test-keys", "--api", &forge.root(), "--dir"]).arg(dist);
    command.env("GH_TOKEN", "a-token").env_remove("HTTP_PROXY").env_remove("http_proxy");
    command
}

#[test]
fn what_was_begun_with_other_files_is_not_gone_on_with_and_what_is_published_is_never_changed() {
    let place = tempfile::tempdir().unwrap();
    let dist = place.path().join("dist");
    signed(&dist, &[TARGET]);
    let forge = Forge::start().unwrap();
    done(publish(&forge, &dist).args(["--step", "draft"]));
    done(publish(&forge, &dist).args(["--step", "upload"]));
    // Made again, a second later: other bytes.
    std::fs::remove_dir_all(&dist).unwrap();
    packed(&dist, &[TARGET, "aarch64-unknown-linux-musl"]);
    done(release().args(["sign", "--test-keys", "--dir"]).arg(&dist));
    let other = refused(&mut publish(&forge, &dist));
    assert!(other.contains("was begun with other files"), "{other}");
    // On another machine there is no journal; a draft takes the new files, all of them.
    std::fs::remove_file(place.path().join("dist.journal")).unwrap();
    done(&mut publish(&forge, &dist));
    complete(&forge.stock(), &dist);
    std::fs::remove_dir_all(&dist).unwrap();
    std::fs::remove_file(place.path().join("dist.journal")).unwrap();
    signed(&dist, &[TARGET]);
    let changes = forge.stock().changes;
    let late = refused(&mut publish(&forge, &dist));
    assert!(late.contains("a published file is never replaced"), "{late}");
    assert_eq!(forge.stock().changes, changes);
}

#[test]
fn the_highest_version_is_the_newest_and_a_mended_old_one_is_not() {
    let place = tempfile::tempdir().unwrap();
    let dist = place.path().join("dist");
    signed(&dist, &[TARGET]);
    for (there, newest) in [("v0.0.9", names::tag(version())), ("v999.0.0", "v999.0.0".to_owned())] {
        let forge = Forge::start().unwrap();
        forge.holds(there);
        done(&mut publish(&forge, &dist));
        let stock = forge.stock();
        assert!(stock.releases.iter().all(|release| !release.draft), "{there}");
        assert_eq!(stock.latest, Some(newest));
    }
}

#[test]
fn a_release_that_is_withdrawn_is_a_pre_release_and_the_next_index_says_why() {
    let place = tempfile::tempdir().unwrap();
    let dist = place.path().join("dist");
    signed(&dist, &[TARGET]);
    let forge = Forge::start().unwrap();
    done(&mut publish(&forge, &dist));
    let withdraw = || {
        let mut command = release();
        command.args(["withdraw", version(), "--api", &forge.root()]).env("GH_TOKEN", "a-token");
        command
    };
    done(&mut withdraw());
    assert!(forge.stock().releases[0].prerelease);
    let changes = forge.stock().changes;
    done(&mut withdraw());
    assert_eq!(forge.stock().changes, changes);

    let tree = fork(place.path());
    done(release_of(&tree).args(["prepare", "1.0.0", "--date", "2026-01-05"]));
    let path = tree.join("CHANGELOG.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let heading = "## [1.0.0] - 2026-01-05";
    let mended = text.replace(heading, &format!("- Mended.\n\n{heading} [YANKED]\n\nIt forgot a Tuesday."));
    std::fs::write(&path, mended).unwrap();
    git(&tree, &["commit", "--quiet", "--all", "--message", "withdrawn"]);
    done(release_of(&tree).args(["prepare", "1.0.1", "--date", "2026-01-06"]));
    let next = place.path().join("next");
    let program = place.path().join("program");
    done(release_of(&tree).args(["package", "--target", TARGET, "--binary"]).arg(program).arg("--dir").arg(&next));
    let index = done(release_of(&tree).args(["index", "--dir"]).arg(&next));
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    assert_eq!(index["version"], "1.0.1");
    assert_eq!(index["sequence"], 2);
    assert_eq!(index["yanked"], serde_json::json!([{ "version": "1.0.0", "reason": "It forgot a Tuesday." }]));
}
