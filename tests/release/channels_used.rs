//! Other channels, with the programs that make and judge what they hand out. `tests/release/fetch` has them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{done, release, version};

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
