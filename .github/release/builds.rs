//! The program, built so that anybody can build the same bytes.
//!
//! In: a target. Out: where the built program lies. Never here: a path, a user or a time of this machine in the program.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use commit_story::update::names;

use crate::prepare;
use crate::tree::{self, Tree};

/// The oldest glibc that builds for it run with.
const GLIBC: &str = "2.17";

/// How the program is built.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Manner {
    /// By `cargo zigbuild`, for old glibc and for musl
    #[arg(long)]
    pub zig: bool,
    /// By `cargo auditable`, which puts the list of dependencies into the program
    #[arg(long)]
    pub auditable: bool,
}

/// Builds for `target`; through `cargo zigbuild` where that is wanted, which brings old glibc and musl with it.
///
/// # Errors
/// The target is none of ours, or the build fails.
pub fn build(tree: &Tree, target: &str, Manner { zig, auditable }: Manner) -> Result<PathBuf> {
    ensure!(names::TARGETS.contains(&target), "{target} is no target that is released");
    let floor = if zig && target.ends_with("-linux-gnu") { format!("{target}.{GLIBC}") } else { target.to_owned() };
    let mut command = Command::new(tree::cargo());
    command.current_dir(&tree.root);
    command.args(auditable.then_some("auditable")).arg(if zig { "zigbuild" } else { "build" });
    command.args(["--release", "--locked", "--bin", names::PROGRAM, "--target", &floor]);
    command.env("SOURCE_DATE_EPOCH", tree.epoch()?.to_string());
    let flags = remapped(tree)?;
    let mut rust: Vec<String> = flags.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect();
    if target.contains("-linux-") {
        // At a fixed address: then none has to be fitted in at each start, which is a third of what a start takes, and each
        // commit starts the program (docs/performance.md).
        rust.push("-Crelocation-model=static".to_owned());
    }
    if target.ends_with("-msvc") {
        // No runtime to be installed first; and the linker is not to write the time of day into the program.
        rust.extend(["-Ctarget-feature=+crt-static", "-Clink-arg=/Brepro"].map(str::to_owned));
    } else {
        let c: Vec<String> = flags.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}")).collect();
        command.env("CFLAGS", c.join(" "));
    }
    // The unit separator, since a path may hold spaces.
    command.env("CARGO_ENCODED_RUSTFLAGS", rust.join("\x1f"));
    let status = command.status().context("cannot start cargo")?;
    ensure!(status.success(), "cargo cannot build {target}: {status}");
    Ok(target_dir(tree).join(target).join("release").join(names::binary(target)))
}

/// A debug build of the same sources that calls itself `version`, for a rehearsal: it trusts the test keys. Its sources are
/// a copy, in the target directory.
///
/// # Errors
/// The sources cannot be copied, or the build fails.
pub fn older(tree: &Tree, version: &str) -> Result<PathBuf> {
    let dir = target_dir(tree).join("rehearsal");
    let copy = Tree { root: dir.join("sources") };
    // Untracked files are part of a build, too, and may be part of this one.
    for name in tree.git(&["ls-files", "--cached", "--others", "--exclude-standard"])?.lines() {
        let (from, to) = (tree.root.join(name), copy.root.join(name));
        if !from.is_file() {
            continue;
        }
        let bytes = fs::read(&from).with_context(|| format!("cannot read {name}"))?;
        // What has not changed keeps its time, and is not compiled again.
        if fs::read(&to).ok().as_ref() != Some(&bytes) {
            fs::create_dir_all(to.parent().unwrap_or(&copy.root))?;
            fs::write(&to, bytes).with_context(|| format!("cannot copy {name}"))?;
        }
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        prepare::bump(&copy, file, &version.parse()?)?;
    }
    copy.cargo(&["build", "--quiet", "--locked", "--bin", names::PROGRAM])?;
    let built = target_dir(&copy).join("debug").join(names::binary(names::target().unwrap_or_default()));
    let stripped = dir.join(names::binary(names::target().unwrap_or_default()));
    fs::copy(&built, &stripped).with_context(|| format!("cannot copy {}", built.display()))?;
    // Smaller by half, and so is the time to pack it. Where there is no `strip`, it is packed as it is.
    let _ = Command::new("strip").arg("-S").arg(&stripped).output();
    Ok(stripped)
}

fn target_dir(tree: &Tree) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| tree.root.join("target"), PathBuf::from)
}

/// The directories of this machine that would stand in the program, and what stands there instead.
fn remapped(tree: &Tree) -> Result<Vec<(String, &'static str)>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let home = home.context("there is no home directory")?;
    Ok(vec![(tree.root.display().to_string(), "commit-story"), (home.display().to_string(), "cargo")])
}
