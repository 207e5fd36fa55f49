//! Updating on a machine that is not well: killed, full, locked, linked, behind a proxy.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use commit_story::env::Env;
use commit_story::update::remote::{Patience, Server};

use crate::installed::{Ended, Installed, Made, RUNNING, put, stripped, version};
use crate::release_server::Mode;
use crate::support::copy_program;

/// Puts the first version back where an update has succeeded.
fn again(installed: &Installed) {
    if installed.version() != RUNNING {
        std::fs::remove_file(installed.program()).unwrap();
        put(&stripped(), &installed.program());
    }
}

#[test]
fn a_process_that_is_killed_at_any_moment_leaves_a_program_that_works() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let began = Instant::now();
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
    let whole = began.elapsed();
    again(&installed);
    for nth in 0..60 {
        let mut child = installed.command(&["update"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // How long it takes differs; so many moments meet every step all the same.
        std::thread::sleep(whole * nth / 60);
        let _ = child.kill();
        child.wait().unwrap();
        let version = installed.version();
        assert!([RUNNING, "0.2.0"].contains(&&*version), "{version:?} after {nth}");
        again(&installed);
    }
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
    assert_eq!(installed.names(), ["lock", "receipt.json", "state.json", "versions"]);
    assert_eq!(installed.json("receipt.json")["version"], "0.2.0");
}

/// Whether a command is killed at its so many-th system call of this name, or ends before.
fn killed(installed: &Installed, call: &str, nth: usize) -> bool {
    let program = installed.command(&["update"]);
    let mut command = installed.sandbox.command("strace");
    command.args(["-qq", "-o", "/dev/null", "-e", &format!("trace=?{call}")]);
    command.args(["-e", &format!("inject=?{call}:signal=KILL:when={nth}")]).arg(program.get_program());
    command.args(program.get_args()).envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    !command.output().unwrap().status.success()
}

#[test]
fn a_process_that_is_killed_at_each_of_its_changes_leaves_a_program_that_works() {
    if !Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success()) {
        println!("not tested: strace is not there, or may not trace");
        return;
    }
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let mut points = 0;
    for call in ["rename", "link", "linkat", "mkdir", "unlink", "unlinkat", "rmdir", "fsync", "fdatasync"] {
        for nth in 1..40 {
            let was_killed = killed(&installed, call, nth);
            let version = installed.version();
            assert!([RUNNING, "0.2.0"].contains(&&*version), "{version:?} after {call} {nth}");
            again(&installed);
            if !was_killed {
                break;
            }
            points += 1;
        }
    }
    assert!(points >= 10, "only {points} changes were met");
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
    assert_eq!(installed.names(), ["lock", "receipt.json", "state.json", "versions"]);
}

#[test]
fn of_six_at_once_one_updates() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    installed.server.misbehave(".tar.gz", Mode::Slow(20, Duration::from_millis(50)));
    let spawn = |_| installed.command(&["update"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..6).map(spawn).collect();
    let ended: Vec<Ended> = children.into_iter().map(|child| Ended::of(&child.wait_with_output().unwrap())).collect();
    let count = |code: i32, said: &str| {
        ended.iter().filter(|ended| ended.code == code && format!("{}{}", ended.out, ended.err).contains(said)).count()
    };
    assert_eq!(count(0, "0.2.0 is installed"), 1, "{ended:?}");
    assert_eq!(count(60, "another update of") + count(0, "0.2.0 is the newest version"), 5, "{ended:?}");
    assert_eq!(installed.version(), "0.2.0");
    let archives = installed.server.asked().iter().filter(|asked| asked.path.ends_with(".tar.gz")).count();
    assert_eq!(archives, 1);
}

#[test]
fn who_meets_another_update_can_tell_that_from_a_rule() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let lock = std::fs::File::create(installed.beside().join("lock")).unwrap();
    lock.lock().unwrap();
    for args in [&["update"][..], &["update", "--rollback"]] {
        let ended = Ended::of(&installed.command(args).output().unwrap());
        ended.is(60, "another update of");
    }
    let ended = installed.update(&["--json"]);
    assert_eq!((ended.code, ended.out.contains(r#""outcome": "busy""#)), (60, true), "{ended:?}");
    // A look changes nothing that the other one needs.
    installed.update(&["--check"]).is(10, "0.2.0");
    drop(lock);
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_directory_that_may_not_be_written_is_told_before_anything_is_fetched() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let mut command = installed.command(&["update"]);
    if is_root() {
        std::fs::set_permissions(installed.sandbox.path(""), PermissionsExt::from_mode(0o755)).unwrap();
        command.uid(65_534).gid(65_534);
    } else {
        std::fs::set_permissions(installed.dir(), PermissionsExt::from_mode(0o555)).unwrap();
    }
    let ended = Ended::of(&command.output().unwrap());
    std::fs::set_permissions(installed.dir(), PermissionsExt::from_mode(0o755)).unwrap();
    ended.is(50, &format!("cannot write to {}", installed.dir().display()));
    ended.is(50, "hint: run it as the user who installed the program");
    assert_eq!(installed.server.asked().len(), 0);
    installed.is_untouched();
}

#[test]
fn links_permissions_and_group_stay() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    // A file of its own: the mode is the file's, and hard links share it.
    std::fs::remove_file(installed.program()).unwrap();
    copy_program(&stripped(), &installed.program());
    std::fs::set_permissions(installed.program(), PermissionsExt::from_mode(0o750)).unwrap();
    if is_root() {
        chown(installed.program(), None, Some(4)).unwrap();
    }
    let group = std::fs::metadata(installed.program()).unwrap().gid();
    let links = installed.sandbox.path("links");
    std::fs::create_dir(&links).unwrap();
    symlink("../prefix/bin/commit-story", links.join("first")).unwrap();
    symlink("first", links.join("commit-story")).unwrap();
    let program = installed.command(&["update"]);
    let mut command = installed.sandbox.command(links.join("commit-story"));
    command.args(program.get_args()).envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ended::of(&command.output().unwrap()).is(0, "commit-story 0.2.0 is installed");
    assert_eq!(std::fs::read_link(links.join("commit-story")).unwrap(), Path::new("first"));
    let meta = std::fs::symlink_metadata(installed.program()).unwrap();
    assert!(meta.is_file());
    assert_eq!((meta.mode() & 0o7777, meta.gid()), (0o750, group));
    assert_eq!(version(&links.join("commit-story")), "0.2.0");
}

/// A small file system of its own; gone when dropped.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn at(dir: &Path, options: &str) -> Option<Self> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(dir).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self(dir.to_owned()));
        }
        println!("not tested: only root may mount a file system");
        None
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_changes_nothing() {
    let installed = Installed::new();
    let mut made = Made::of("0.2.0");
    made.file("padding", &vec![b'x'; 3 << 20]);
    installed.server.release(made.made());
    let size = std::fs::metadata(stripped()).unwrap().len() + (2 << 20);
    std::fs::remove_file(installed.program()).unwrap();
    let Some(_mounted) = Mounted::at(&installed.dir(), &format!("size={size}")) else { return };
    std::fs::create_dir_all(installed.beside()).unwrap();
    put(&stripped(), &installed.program());
    installed.receipt(&installed.program());
    installed.update(&[]).is(1, "cannot write the archive");
    installed.update(&[]).is(1, "No space left on device");
    installed.is_untouched();
    // Room for the archive, and none for a copy: the old program is kept by a second name.
    installed.server.change(|releases| releases[0] = Made::of("0.2.0").made());
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
}

#[test]
fn where_temporary_files_lie_nothing_is_run() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let temporary = installed.sandbox.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let Some(_mounted) = Mounted::at(&temporary, "noexec,size=64k") else { return };
    let output = installed.command(&["update"]).env("TMPDIR", &temporary).output().unwrap();
    Ended::of(&output).is(0, "commit-story 0.2.0 is installed");
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn a_proxy_is_asked_for_what_is_elsewhere() {
    let installed = Installed::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // All of the request: a connection closed with something unread is a broken one.
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").unwrap();
        lines[0].clone()
    });
    let run = |no_proxy: &str| {
        let output = installed
            .command(&["update"])
            .env("COMMIT_STORY_BASE_URL", "https://releases.invalid/r")
            .env("HTTPS_PROXY", &proxy)
            .env("NO_PROXY", no_proxy)
            .output()
            .unwrap();
        Ended::of(&output).is(30, "cannot reach releases.invalid: ");
    };
    run("releases.invalid");
    assert!(!asked.is_finished());
    run("");
    assert_eq!(asked.join().unwrap(), "CONNECT releases.invalid:443 HTTP/1.1");
    installed.is_untouched();
}

#[test]
fn a_slow_server_is_waited_for_and_a_silent_one_is_not() {
    let installed = Installed::new();
    installed.server.release(Made::of("0.2.0").made());
    let env = Env::take_from([], installed.sandbox.home());
    let patience = Patience { silence: Duration::from_secs(1), whole: Duration::from_secs(60) };
    let fetched = |mode: Mode| {
        installed.server.behave();
        installed.server.misbehave("release.json", mode);
        let began = Instant::now();
        let server = Server::of(&installed.server.base(), &env, patience).unwrap();
        let fetched = server.release(None).map(|release| release.version.to_string());
        (fetched.map_err(|error| error.to_string()), began.elapsed())
    };
    let (slow, took) = fetched(Mode::Slow(10, Duration::from_millis(120)));
    assert_eq!(slow, Ok("0.2.0".to_owned()));
    assert!(took > patience.silence, "{took:?}");
    for mode in [Mode::Stalled, Mode::Silent] {
        let (silent, took) = fetched(mode);
        assert_eq!(silent, Err("127.0.0.1 fell silent".to_owned()));
        assert!(took < patience.whole, "{took:?}");
    }
}

#[test]
fn only_the_files_of_the_contract_are_asked_for() {
    let installed = Installed::new();
    let mut release = Made::of("0.2.0").made();
    let archive = Made::of("0.2.0").archive_name();
    // Side files whose names hold the archive's.
    for name in [format!("a-{archive}.minisig"), format!("{archive}.minisig"), format!("{archive}.zip")] {
        release.files.insert(0, (name, b"x".to_vec()));
    }
    installed.server.release(release);
    installed.update(&[]).is(0, "commit-story 0.2.0 is installed");
    let base = format!("/{}/releases", crate::release_server::repository());
    let asked: Vec<String> = installed.server.asked().into_iter().map(|asked| asked.path).collect();
    let expected = [
        format!("{base}/latest/download/release.json"),
        format!("{base}/download/v0.2.0/release.json"),
        format!("{base}/download/v0.2.0/release.json.minisig"),
        format!("{base}/download/v0.2.0/{archive}"),
    ];
    assert_eq!(asked, expected);
}
