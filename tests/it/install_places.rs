//! install.sh in homes and directories of every kind, and at the moments when it is killed.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::installing::{Ground, fake, find, heard, says, shells};
use crate::release_server::Mode;

/// How often an installation is killed.
const MOMENTS: u32 = 30;

/// Whether the tests run as root, who may mount and become another user.
fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("skipped: not root");
    }
    root
}

/// A file system in memory, taken away when dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(at: PathBuf, options: &str) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&at).status();
        if done.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        println!("skipped: cannot mount a tmpfs");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn names_with_spaces_quotes_and_letters_of_all_kinds_are_fine() {
    for shell in shells() {
        let ground = Ground::new();
        let home = ground.path("o'hara \"and\" søn $HOME");
        std::fs::create_dir(&home).unwrap();
        let said = heard(ground.shell(shell).env("HOME", &home).arg(ground.path("install.sh")).args([
            "--modify-path",
            "--version",
            "1.0.0",
        ]));
        let binary = home.join(".local/bin/commit-story");
        assert_eq!(says(&binary).as_deref(), Some("commit-story 1.0.0"), "{shell:?}: {said}");
        let receipt = std::fs::read(home.join(".local/bin/.commit-story/receipt.json")).unwrap();
        let receipt: serde_json::Value = serde_json::from_slice(&receipt).unwrap();
        assert_eq!(receipt["binary"], binary.to_str().unwrap());
        assert_eq!(receipt["modified_path"][0], home.join(".bashrc").to_str().unwrap());
        assert_eq!(receipt["base_url"], ground.server.base());
        assert_eq!(receipt["source"], "install.sh");
        // A shell that reads the file finds the program.
        let found =
            heard(Command::new("bash").env("HOME", &home).args(["-c", ". \"$HOME/.bashrc\"; command -v commit-story"]));
        assert_eq!(found.stdout.trim_end(), binary.to_str().unwrap());
        let gone = heard(ground.shell(shell).env("HOME", &home).arg(ground.path("install.sh")).arg("--uninstall"));
        assert_eq!(gone.code, Some(0), "{gone}");
        assert_eq!(std::fs::read_dir(&home).unwrap().count(), 0, "{shell:?}: {gone}");
    }
}

#[test]
fn the_directory_is_what_was_said_else_what_the_system_says() {
    let check = |set: &[(&str, &str)], args: &[&str], expected: &str| {
        let ground = Ground::new();
        let mut command = ground.install(args);
        for (name, value) in set {
            command.env(name, value.replace("DIR", ground.path("").to_str().unwrap().trim_end_matches('/')));
        }
        let said = heard(&mut command);
        assert!(ground.path(expected).is_file(), "{expected}: {said}");
    };
    check(&[], &[], "home/.local/bin/commit-story");
    check(&[("XDG_BIN_HOME", "DIR/programs")], &[], "programs/commit-story");
    check(&[("XDG_DATA_HOME", "DIR/own/share/")], &[], "own/bin/commit-story");
    check(&[("COMMIT_STORY_INSTALL_DIR", "DIR/here/"), ("XDG_BIN_HOME", "DIR/no")], &[], "here/commit-story");
    check(&[("COMMIT_STORY_INSTALL_DIR", "DIR/here")], &["--to", "relative/dir"], "relative/dir/commit-story");
    check(&[], &["--to=relative"], "relative/commit-story");
}

#[test]
fn without_a_home_it_asks_for_a_directory() {
    let ground = Ground::new();
    let said = heard(ground.install(&[]).env_remove("HOME"));
    assert!(said.stderr.contains("say where to install with --to DIR"), "{said}");
    let said = heard(ground.install(&["--to", "there"]).env_remove("HOME").env_remove("SHELL"));
    assert_eq!(said.code, Some(0), "{said}");
    assert!(ground.path("there/commit-story").is_file());
}

#[test]
fn a_directory_that_will_not_do_is_refused_before_anything_is_fetched() {
    let check = |words: &str, spoil: &dyn Fn(&Path)| {
        let ground = Ground::new();
        spoil(&ground.home());
        let before = ground.found();
        let said = ground.installed(&[]);
        assert_eq!(said.code, Some(1), "{words}: {said}");
        assert!(said.stderr.contains(words) && said.stderr.contains("--to DIR"), "{words}: {said}");
        assert_eq!(ground.server.asked().len(), 0);
        assert_eq!(ground.found(), before, "{said}");
    };
    check("cannot write to", &|home| std::fs::write(home.join(".local"), "a file").unwrap());
    check("is not a file", &|home| std::fs::create_dir_all(home.join(".local/bin/commit-story")).unwrap());
    let ground = Ground::new();
    let said = ground.installed(&["--to", "two\nlines"]);
    assert!(said.stderr.contains("control characters"), "{said}");
}

#[test]
fn a_program_that_something_else_installed_is_left_alone() {
    let ground = Ground::new();
    let bin = ground.home().join(".local/bin");
    fake(&bin, "commit-story", "echo 'commit-story 0.9.0'");
    let said = ground.installed(&[]);
    assert!(said.stderr.contains("was not installed by this script"), "{said}");
    assert_eq!(ground.version().as_deref(), Some("commit-story 0.9.0"));
    let said = ground.installed(&["--uninstall"]);
    assert!(said.stderr.contains("was installed by this script"), "{said}");
    assert_eq!(ground.installed(&["--yes"]).code, Some(0));
    assert_eq!(ground.version().as_deref(), Some("commit-story 1.0.0"));
    assert_eq!(says(&ground.state().join("versions/0.9.0/commit-story")).as_deref(), Some("commit-story 0.9.0"));
}

#[test]
fn a_link_stays_a_link() {
    let ground = Ground::new();
    let said = ground.installed(&["--to", "opt"]);
    assert_eq!(said.code, Some(0), "{said}");
    std::fs::create_dir_all(ground.home().join(".local/bin")).unwrap();
    symlink("../../../opt/commit-story", ground.binary()).unwrap();
    ground.publish("1.1.0");
    let said = ground.installed(&[]);
    assert!(ground.binary().is_symlink(), "{said}");
    assert_eq!(says(&ground.path("opt/commit-story")).as_deref(), Some("commit-story 1.1.0"), "{said}");
    assert!(!ground.state().exists());
    // One that leads to another program's file is not followed.
    let other = Ground::new();
    let cellar = other.home().join("Cellar/commit-story/0.9.0/bin");
    fake(&cellar, "commit-story", "echo 'commit-story 0.9.0'");
    std::fs::create_dir_all(other.home().join(".local/bin")).unwrap();
    symlink(cellar.join("commit-story"), other.binary()).unwrap();
    let said = other.installed(&[]);
    assert!(said.stderr.contains("was not installed by this script"), "{said}");
    assert_eq!(other.version().as_deref(), Some("commit-story 0.9.0"));
}

#[test]
fn unmanaged_means_the_program_and_nothing_else() {
    let ground = Ground::new();
    let said = heard(ground.install(&["--to", "bare"]).env("COMMIT_STORY_UNMANAGED", "1"));
    assert_eq!(said.code, Some(0), "{said}");
    let files: Vec<_> =
        std::fs::read_dir(ground.path("bare")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["commit-story"]);
    assert_eq!(heard(ground.install(&["--to", "bare"]).env("COMMIT_STORY_UNMANAGED", "1")).code, Some(0));
}

#[test]
fn another_user_may_not_write_and_learns_what_to_do() {
    if !is_root() || find("setpriv").is_none() {
        return;
    }
    let ground = Ground::new();
    std::fs::set_permissions(ground.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::create_dir_all(ground.home().join(".local/bin")).unwrap();
    let run = |args: &[&str]| {
        let mut command = ground.shell(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh"]);
        command.arg(ground.path("install.sh")).args(args);
        heard(&mut command)
    };
    let said = run(&[]);
    assert!(said.stderr.contains("cannot write to") && said.stderr.contains("--to DIR"), "{said}");
    assert_eq!(ground.server.asked().len(), 0);
    assert_eq!(run(&["--dry-run"]).code, Some(1));
}

#[test]
fn where_nothing_may_be_run_or_nothing_more_fits_nothing_is_left() {
    if !is_root() {
        return;
    }
    let ground = Ground::new();
    let Some(mount) = Mount::new(ground.path("noexec"), "noexec,size=1m") else { return };
    let said = ground.installed(&["--to", "noexec/bin"]);
    assert!(said.stderr.contains("noexec"), "{said}");
    assert_eq!(ground.server.asked().len(), 0);
    assert_eq!(std::fs::read_dir(&mount.0).unwrap().count(), 0);

    let Some(mount) = Mount::new(ground.path("full"), "size=64k") else { return };
    let noise: String = (0..200_000_u64).map(|n| char::from(b'!' + (n.wrapping_mul(n) / 7 % 90) as u8)).collect();
    ground.publish_program("1.1.0", &format!("#!/bin/sh\necho 'commit-story 1.1.0'\nexit\n{noise}"));
    let said = ground.installed(&["--to", "full/bin"]);
    assert_eq!(said.code, Some(1), "{said}");
    assert_eq!(std::fs::read_dir(&mount.0).unwrap().count(), 0, "{said}");
    // One that is there goes on working.
    assert_eq!(ground.installed(&["--to", "full/bin", "--version", "1.0.0"]).code, Some(0));
    let said = ground.installed(&["--to", "full/bin"]);
    assert_eq!(said.code, Some(1), "{said}");
    assert_eq!(says(&mount.0.join("bin/commit-story")).as_deref(), Some("commit-story 1.0.0"));
    // /tmp may be as it likes: nothing is staged there.
    let said = heard(ground.install(&["--version", "1.0.0"]).env("TMPDIR", ground.path("noexec")));
    assert_eq!(said.code, Some(0), "{said}");
}

#[test]
fn killed_at_any_moment_the_program_works_or_is_not_there_and_the_next_run_is_well() {
    let ground = Ground::new();
    // Slow enough for a kill to hit every step.
    ground.server.misbehave(".tar.gz", Mode::Slow(4, Duration::from_millis(15)));
    ground.publish("1.1.0");
    let began = Instant::now();
    assert_eq!(ground.installed(&["--version", "1.1.0"]).code, Some(0));
    let whole = began.elapsed();
    assert_eq!(ground.installed(&["--uninstall"]).code, Some(0));
    for moment in 0..MOMENTS {
        let version = if moment % 2 == 0 { "1.1.0" } else { "1.0.0" };
        let mut child =
            ground.install(&["--version", version]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * moment / MOMENTS);
        child.kill().unwrap();
        child.wait().unwrap();
        if ground.binary().exists() {
            let says = ground.version().unwrap();
            assert!(["commit-story 1.0.0", "commit-story 1.1.0"].contains(&&*says), "{moment}: {says}");
        }
    }
    ground.server.behave();
    // What a killed run had started may still be at work for a moment, and holds no lock.
    let said = ground.installed(&["--version", "1.0.0"]);
    assert_eq!(said.code, Some(0), "{said}");
    let stages = std::fs::read_dir(ground.state())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("stage-"));
    assert_eq!(stages.count(), 0);
    assert_eq!(ground.installed(&["--uninstall"]).code, Some(0));
    // At most directories that were made a moment before the kill, and could not be noted.
    assert!(ground.found().iter().all(|(path, _)| path.is_dir()), "{:?}", ground.found());
    assert!(!ground.state().exists());
}

#[test]
fn a_program_that_runs_keeps_its_file() {
    let ground = Ground::new();
    ground.installed(&[]);
    let before = std::fs::metadata(ground.binary()).unwrap().ino();
    ground.publish("1.1.0");
    ground.installed(&[]);
    assert_ne!(std::fs::metadata(ground.binary()).unwrap().ino(), before);
    let kept = std::fs::metadata(ground.state().join("versions/1.0.0/commit-story")).unwrap();
    assert_eq!((kept.ino(), kept.nlink()), (before, 1));
    assert_eq!(std::fs::metadata(ground.binary()).unwrap().permissions().mode() & 0o777, 0o755);
}
