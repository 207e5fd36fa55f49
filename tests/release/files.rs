//! The release program's files: the same from everywhere, whole, signed, and refused when anything about them is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use commit_story::update::names;

/// The release program, which cargo builds beside this test.
pub fn release() -> Command {
    let here = std::env::current_exe().unwrap();
    let program = here.ancestors().nth(2).unwrap().join("examples/release");
    assert!(program.exists(), "run cargo build --example release first; cargo test alone does");
    let mut command = Command::new(program);
    command
        .args(["--tree", env!("CARGO_MANIFEST_DIR")])
        .env("SOURCE_DATE_EPOCH", "1767625200")
        .env_remove("COMMIT_STORY_SIGNING_KEYS");
    command
}

/// The lines of a run that must succeed.
pub fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The words of a run that must fail.
pub fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{}", said(&output));
    said(&output)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Archives of a small program for `targets`, not signed.
pub fn packed(dir: &Path, targets: &[&str]) {
    let program = dir.parent().unwrap().join("program");
    std::fs::write(&program, "#!/bin/sh\necho small\n").unwrap();
    for target in targets {
        done(release().args(["package", "--target", target, "--binary"]).arg(&program).arg("--dir").arg(dir));
    }
}

/// A release of a small program for `targets`, signed with the test keys.
pub fn signed(dir: &Path, targets: &[&str]) {
    packed(dir, targets);
    done(release().args(["sign", "--test-keys", "--dir"]).arg(dir));
}

/// The version that is released.
pub fn version() -> &'static str {
    names::VERSION
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn the_same_release_made_in_two_places_has_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let targets = ["x86_64-unknown-linux-gnu", "aarch64-pc-windows-msvc"];
    let (first, second) = (one.path().join("dist"), two.path().join("a longer name/dist"));
    std::fs::create_dir_all(second.parent().unwrap()).unwrap();
    signed(&first, &targets);
    // Signing again changes nothing either: what has a signature loses it first.
    signed(&second, &targets);
    done(release().args(["sign", "--test-keys", "--dir"]).arg(&second));
    let (first, second) = (files(&first), files(&second));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{name} differs");
    }
    assert_eq!(first.len(), 2 * targets.len() + 8);
}

#[test]
fn whatever_is_changed_added_or_taken_away_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let dist = place.path().join("dist");
    signed(&dist, &["x86_64-unknown-linux-musl"]);
    let verify = || {
        let mut command = release();
        command.args(["verify", "--test-keys", "--dir"]).arg(&dist);
        command
    };
    done(&mut verify());
    let whole = files(&dist);
    for (name, bytes) in &whole {
        let path = dist.join(name);
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        assert!(!refused(&mut verify()).contains("panicked"), "{name} changed");
        std::fs::remove_file(&path).unwrap();
        refused(&mut verify());
        std::fs::write(&path, bytes).unwrap();
    }
    let more = dist.join("more.txt");
    std::fs::write(&more, "").unwrap();
    assert!(refused(&mut verify()).contains("do not belong to the release"));
    std::fs::remove_file(more).unwrap();
    done(&mut verify());
    // What everybody can sign is nothing that the public trusts.
    let ours = refused(release().args(["verify", "--dir"]).arg(&dist));
    assert!(ours.contains("is by no key we know"), "{ours}");
}

#[test]
fn programs_of_others_accept_what_is_signed() {
    let place = tempfile::tempdir().unwrap();
    let dist = place.path().join("dist");
    signed(&dist, &["x86_64-unknown-linux-gnu"]);
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/update/keys/test-online.pub");
    let archive = names::archive(version(), "x86_64-unknown-linux-gnu");
    done(Command::new("tar").arg("-tzf").arg(dist.join(&archive)));
    if Command::new("sha256sum").arg("--version").output().is_ok() {
        done(Command::new("sha256sum").args(["--check", "--quiet", names::SUMS]).current_dir(&dist));
    }
    if Command::new("minisign").arg("-v").output().is_err() {
        println!("skipped: there is no minisign");
        return;
    }
    for file in [names::SUMS, names::INDEX, &archive] {
        done(Command::new("minisign").arg("-V").arg("-p").arg(&keys).arg("-m").arg(dist.join(file)));
    }
}

#[test]
fn manifests_of_other_channels_have_the_sums_of_the_release() {
    let place = tempfile::tempdir().unwrap();
    let (dist, out) = (place.path().join("dist"), place.path().join("channels"));
    signed(&dist, &names::TARGETS);
    done(release().arg("channels").arg("--dir").arg(&dist).arg("--out").arg(&out));
    let sums = std::fs::read_to_string(dist.join(names::SUMS)).unwrap();
    let hash = |target: &str| {
        let archive = names::archive(version(), target);
        sums.lines().find_map(|line| line.strip_suffix(&format!("  {archive}"))).unwrap().to_owned()
    };
    let text = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let formula = text("homebrew/Formula/commit-story.rb");
    for target in
        ["aarch64-apple-darwin", "x86_64-apple-darwin", "aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl"]
    {
        assert!(formula.contains(&hash(target)), "{target}");
    }
    let scoop: serde_json::Value = serde_json::from_str(&text("scoop/bucket/commit-story.json")).unwrap();
    assert_eq!(scoop["architecture"]["64bit"]["hash"], hash("x86_64-pc-windows-msvc"));
    assert_eq!(scoop["version"], version());
    let owner = names::REPOSITORY.rsplit('/').nth(1).unwrap();
    let winget: serde_json::Value = yaml_serde(&text(&format!("winget/{owner}.commit-story.installer.yaml")));
    assert_eq!(winget["Installers"][1]["InstallerSha256"], hash("aarch64-pc-windows-msvc"));
    if Command::new("ruby").arg("--version").output().is_err() {
        println!("skipped: there is no ruby to read the formula");
        return;
    }
    done(Command::new("ruby").arg("-c").arg(out.join("homebrew/Formula/commit-story.rb")));
}

fn yaml_serde(text: &str) -> serde_json::Value {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn the_bill_of_materials_names_what_is_linked_and_nothing_that_only_tests_need() {
    let text = done(release().args(["sbom", "--target", names::target().unwrap()]));
    let bill: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bill["specVersion"], "1.5");
    assert_eq!(bill["metadata"]["component"]["version"], version());
    assert_eq!(bill["metadata"]["timestamp"], "2026-01-05T15:00:00Z");
    let components = bill["components"].as_array().unwrap();
    let names: Vec<&str> = components.iter().map(|component| component["name"].as_str().unwrap()).collect();
    for (name, there) in [("gix", true), ("rusqlite", true), ("proptest", false), ("trycmd", false), ("cc", false)] {
        assert_eq!(names.contains(&name), there, "{name}");
    }
    for component in components {
        assert!(component["hashes"][0]["content"].as_str().is_some_and(|hash| hash.len() == 64), "{component}");
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
    }
    let references: Vec<&str> = components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
    for needs in bill["dependencies"].as_array().unwrap() {
        for need in needs["dependsOn"].as_array().unwrap() {
            assert!(references.contains(&need.as_str().unwrap()), "{need}");
        }
    }
}

/// A copy of the checkout with a repository of its own, released by somebody called Ada.
pub fn fork(place: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tree = place.join("fork");
    let listed =
        done(Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root));
    for name in listed.lines() {
        let Ok(bytes) = std::fs::read(root.join(name)) else { continue };
        let to = tree.join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let text =
            String::from_utf8(bytes).map(|text| text.replace("/OWNER/commit-story", "/ada/commit-story").into_bytes());
        std::fs::write(to, text.unwrap_or_else(std::string::FromUtf8Error::into_bytes)).unwrap();
    }
    git(&tree, &["init", "--quiet", "--initial-branch=main"]);
    git(&tree, &["add", "--all"]);
    git(&tree, &["commit", "--quiet", "--message", "everything"]);
    tree
}

/// Runs git in `tree` with an identity of its own.
pub fn git(tree: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"])
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(arguments)
        .current_dir(tree)
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    done(&mut command)
}

/// The release program for another checkout.
pub fn release_of(tree: &Path) -> Command {
    let mut command = Command::new(release().get_program());
    command.arg("--tree").arg(tree).env("SOURCE_DATE_EPOCH", "1767625200").env_remove("COMMIT_STORY_SIGNING_KEYS");
    for name in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{name}_NAME"), "Ada").env(format!("GIT_{name}_EMAIL"), "ada@example.org");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("RUSTFLAGS");
    command
}
