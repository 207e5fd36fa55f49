//! The program, built so that anybody can build the same bytes.
//!
//! In: a target. Out: where the built program lies. Never here: a path, a user or a time of this machine in the program.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use commit_story::update::names;

use crate::tree::{self, Tree};

/// The oldest glibc that builds for it run with.
const GLIBC: &str = "2.17";

/// Builds for `target`; through `cargo zigbuild` if `zig`, which brings old glibc and musl with it.
///
/// # Errors
/// The target is none of ours, or the build fails.
pub fn build(tree: &Tree, target: &str, zig: bool) -> Result<PathBuf> {
    ensure!(names::TARGETS.contains(&target), "{target} is no target that is released");
    let floor = if zig && target.ends_with("-linux-gnu") { format!("{target}.{GLIBC}") } else { target.to_owned() };
    let mut command = Command::new(tree::cargo());
    command.current_dir(&tree.root).arg(if zig { "zigbuild" } else { "build" });
    command.args(["--release", "--locked", "--bin", names::PROGRAM, "--target", &floor]);
    command.env("SOURCE_DATE_EPOCH", tree.epoch()?.to_string());
    let flags = remapped(tree)?;
    let mut rust: Vec<String> = flags.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect();
    if target.ends_with("-msvc") {
        // No runtime to be installed first.
        rust.push("-Ctarget-feature=+crt-static".to_owned());
    } else {
        let c: Vec<String> = flags.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}")).collect();
        command.env("CFLAGS", c.join(" "));
    }
    // The unit separator, since a path may hold spaces.
    command.env("CARGO_ENCODED_RUSTFLAGS", rust.join("\x1f"));
    let status = command.status().context("cannot start cargo")?;
    ensure!(status.success(), "cargo cannot build {target}: {status}");
    let dir = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| tree.root.join("target"), PathBuf::from);
    Ok(dir.join(target).join("release").join(names::binary(target)))
}

/// The directories of this machine that would stand in the program, and what stands there instead.
fn remapped(tree: &Tree) -> Result<Vec<(String, &'static str)>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let home = home.context("there is no home directory")?;
    Ok(vec![(tree.root.display().to_string(), "commit-story"), (home.display().to_string(), "cargo")])
}
