//! Other channels, with the programs that make and judge what they hand out. `tests/release/fetch` has them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{done, git, release, version};

/// The directory with the programs; `None`, with a word, where there is none.
fn tools() -> Option<PathBuf> {
    let tools = std::env::var_os("RELEASE_TOOLS").map(PathBuf::from);
    if tools.is_none() {
        println!("skipped: RELEASE_TOOLS names no directory that tests/release/fetch fills; .ci/run does");
    }
    tools
}

#[test]
fn a_wheel_is_installed_into_a_clean_environment_and_runs() {
    let Some(tools) = tools() else { return };
    let place = tempfile::tempdir().unwrap();
    let (wheels, venv) = (place.path().join("wheels"), place.path().join("venv"));
    // Unoptimized, since that is what these tests have built already.
    let mut maturin = Command::new(tools.join("maturin"));
    maturin.args([
        "build",
        "--quiet",
        "--locked",
        "--offline",
        "--profile",
        "dev",
        "--strip",
        "--compatibility",
        "linux",
    ]);
    done(maturin.arg("--out").arg(&wheels).current_dir(env!("CARGO_MANIFEST_DIR")));
    let wheel = std::fs::read_dir(&wheels).unwrap().next().unwrap().unwrap().path();
    let name = wheel.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with(&format!("commit_story-{}-py3-none-linux_", version())), "{name}");
    done(Command::new(tools.join("twine")).args(["check", "--strict"]).arg(&wheel));
    done(Command::new("python3").args(["-m", "venv"]).arg(&venv));
    let pip = ["install", "--quiet", "--no-index", "--disable-pip-version-check"];
    done(Command::new(venv.join("bin/pip")).args(pip).arg(&wheel));
    let said = done(Command::new(venv.join("bin/commit-story")).arg("--version"));
    assert_eq!(said.trim(), format!("commit-story {}", version()));
    let listed = done(Command::new("python3").args(["-m", "zipfile", "--list"]).arg(&wheel));
    for part in ["/scripts/commit-story ", "/licenses/LICENSE-MIT ", "/sboms/"] {
        assert!(listed.contains(part), "{part} is not in\n{listed}");
    }
}

#[test]
fn the_bill_of_materials_is_one_by_the_rules_of_cyclonedx() {
    let Some(tools) = tools() else { return };
    let place = tempfile::tempdir().unwrap();
    let bill = place.path().join("bill.json");
    std::fs::write(&bill, done(release().arg("sbom"))).unwrap();
    let judge = "import sys\n\
                 from cyclonedx.schema import SchemaVersion\n\
                 from cyclonedx.validation.json import JsonStrictValidator\n\
                 fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())\n\
                 sys.exit(str(fault) if fault else 0)\n";
    done(Command::new(tools.join("python3")).args(["-c", judge]).arg(&bill));
}

#[test]
fn the_image_is_written_as_its_judge_wants() {
    let Some(tools) = tools() else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/release/Dockerfile");
    done(Command::new(tools.join("hadolint")).arg(file));
}

/// A `gh` for two repositories that lie in a directory: it clones, lists what was asked for, and asks; `broken` fails at that.
const GH: &str = r#"#!/bin/sh
case "$1 $2" in
'auth setup-git') ;;
'repo clone') git clone --quiet "$FORGE/${3##*/}.git" "$4" ;;
'pr list') cat "$FORGE/asked-${PWD##*/}" 2>/dev/null || : ;;
'pr create') [ ! -e "$FORGE/broken" ] && echo 1 >>"$FORGE/asked-${PWD##*/}" ;;
*) exit 64 ;;
esac
"#;

#[test]
fn the_tap_and_the_bucket_are_asked_once_also_after_a_run_that_failed_and_not_at_all_without_a_token() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    std::fs::create_dir(path("bin")).unwrap();
    std::fs::write(path("bin/gh"), GH).unwrap();
    std::fs::set_permissions(path("bin/gh"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for (repository, file) in [
        ("homebrew-tap", "channels/homebrew/Formula/commit-story.rb"),
        ("scoop-bucket", "channels/scoop/bucket/commit-story.json"),
    ] {
        std::fs::create_dir_all(path(file).parent().unwrap()).unwrap();
        std::fs::write(path(file), "{\n  \"version\": \"1.2.3\",\n}\n").unwrap();
        let (bare, work) = (path(&format!("{repository}.git")), path("work"));
        git(place.path(), &["init", "--quiet", "--bare", "--initial-branch=main", bare.to_str().unwrap()]);
        git(place.path(), &["clone", "--quiet", bare.to_str().unwrap(), work.to_str().unwrap()]);
        git(&work, &["commit", "--quiet", "--allow-empty", "--message", "first"]);
        git(&work, &["push", "--quiet", "origin", "HEAD:main"]);
        std::fs::remove_dir_all(work).unwrap();
    }
    let run = |token: &str| {
        let mut search = path("bin").into_os_string();
        search.push(":");
        search.push(std::env::var_os("PATH").unwrap());
        Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.github/release/propose"))
            .arg(path("channels"))
            .env("PATH", search)
            .env("FORGE", place.path())
            .env("GITHUB_REPOSITORY_OWNER", "ada")
            .env("GH_TOKEN", token)
            .output()
            .unwrap()
    };
    let asked = || ["homebrew-tap", "scoop-bucket"].map(|name| path(&format!("asked-{name}")).exists());
    let said = run("");
    assert!(said.status.success() && String::from_utf8_lossy(&said.stdout).contains("::warning::"), "{said:?}");
    assert_eq!(asked(), [false, false]);
    // The branch is pushed, and nobody is asked.
    std::fs::write(path("broken"), "").unwrap();
    assert!(!run("token").status.success());
    std::fs::remove_file(path("broken")).unwrap();
    for _ in 0..2 {
        let said = run("token");
        assert!(said.status.success(), "{said:?}");
        assert_eq!(asked(), [true, true]);
    }
    assert_eq!(std::fs::read_to_string(path("asked-homebrew-tap")).unwrap(), "1\n");
}
