//! The hook's shell text under every shell at hand, and hook files under real git.
//!
//! The binary is a shell script that notes how it was called, so that these stories are about the hook alone.

#![expect(clippy::unwrap_used, reason = "a story ends where a step fails")]

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use commit_story::hook::{Block, Configured, Event, join};
use commit_story::setup::{Also, Choices, Places, Way, apply, detect, plan, undo};

use crate::support::{Sandbox, executable};

/// A directory name with everything that a shell could stumble over.
const AWKWARD: &str = "it's \"a\" $HOME `id` \\ ü *";

/// Whether everything must be tried: `.ci/run` installs what that takes. Elsewhere the shells that are there do.
fn strict() -> bool {
    std::env::var_os("CI").is_some()
}

/// The shells that are tried. busybox is not to be had for every system.
fn shells() -> Vec<Vec<PathBuf>> {
    let linux = cfg!(target_os = "linux") && strict();
    let wanted = [("sh", None, true), ("bash", None, linux), ("dash", None, linux), ("busybox", Some("sh"), linux)];
    let mut shells = Vec::new();
    for (name, applet, required) in wanted {
        match on_path(name) {
            Some(program) => shells.push(std::iter::once(program).chain(applet.map(PathBuf::from)).collect()),
            None => assert!(!required, "this test needs {name}: install the package of that name, or run .ci/run"),
        }
    }
    shells
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").expect("PATH is set");
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// A binary that notes its arguments, directory and input, talks, and fails.
struct Binary {
    path: PathBuf,
    calls: PathBuf,
}

impl Binary {
    fn new(sandbox: &Sandbox, dir: &str) -> Self {
        let binary = Self { path: sandbox.path(dir).join("commit-story"), calls: sandbox.path("calls") };
        let script = format!(
            "#!/bin/sh\n{{ echo \"$*\"; pwd; if read -r line; then echo \"read: $line\"; fi; }} >>'{}'\necho noise\nexit 7\n",
            binary.calls.display()
        );
        executable(&binary.path, script);
        binary
    }

    /// How it was called since the last look: its arguments and its directory.
    fn calls(&self) -> String {
        let calls = std::fs::read_to_string(&self.calls).unwrap_or_default();
        let _ = std::fs::remove_file(&self.calls);
        calls
    }
}

/// What a hook file did.
#[derive(Debug, PartialEq)]
struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

/// What is called for an event, by [`run`], in [`Binary::calls`]'s words.
fn called(sandbox: &Sandbox, event: Event) -> String {
    let top = sandbox.repo();
    match event {
        Event::PostCommit => format!("hook post-commit\n{}\n", top.display()),
        Event::PostRewrite => {
            format!("hook post-rewrite first argument second\n{}\nread: a line of input\n", top.display())
        }
        Event::PostMerge => format!("hook post-merge first argument second\n{}\n", top.display()),
    }
}

/// Runs a hook file by a shell, options before it and arguments after it, with a line of input and only `path` on PATH.
fn run(sandbox: &Sandbox, shell: &[PathBuf], options: &[&str], (event, hook): (Event, &[u8]), path: &Path) -> Ran {
    fed(sandbox, shell, options, (event, hook), path, b"a line of input\n")
}

/// The same with any input.
fn fed(
    sandbox: &Sandbox,
    shell: &[PathBuf],
    options: &[&str],
    (event, hook): (Event, &[u8]),
    path: &Path,
    input: &'static [u8],
) -> Ran {
    let file = sandbox.path("hooks").join(event.name());
    executable(&file, hook);
    let mut child = sandbox
        .command(&shell[0])
        .args(&shell[1..])
        .args(options)
        .arg(&file)
        .args(["first argument", "second"])
        .env("PATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A hook that never reads has closed the pipe already; one that writes what it reads must not wait for us.
    let feeding = std::thread::spawn(move || drop(stdin.write_all(input)));
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    Ran {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn quiet(status: i32, stdout: &str) -> Ran {
    Ran { status: Some(status), stdout: stdout.to_owned(), stderr: String::new() }
}

#[test]
fn without_a_binary_the_hook_is_silent_and_succeeds() {
    let sandbox = Sandbox::new();
    let nowhere = sandbox.path("empty");
    for (shell, event) in shells().iter().flat_map(|shell| Event::ALL.map(|event| (shell, event))) {
        for block in [Block::new(event, Path::new("/nowhere/commit-story")), Block::on_path(event)] {
            for hook in [block.whole_file(), block.wrapper(), join(b"#!/bin/sh\n", &block)] {
                let ran = run(&sandbox, shell, &["-eu"], (event, &hook), &nowhere);
                assert_eq!(ran, quiet(0, ""), "{shell:?} {event:?}");
            }
        }
    }
}

#[test]
fn the_binary_is_found_by_its_path_and_else_on_path() {
    let sandbox = Sandbox::new();
    let binary = Binary::new(&sandbox, AWKWARD);
    let bin = binary.path.parent().unwrap();
    for (shell, event) in shells().iter().flat_map(|shell| Event::ALL.map(|event| (shell, event))) {
        let tried = [
            (Block::new(event, &binary.path), system()),
            (Block::new(event, Path::new("/nowhere/commit-story")), also(bin)),
            (Block::on_path(event), also(bin)),
        ];
        for (block, path) in &tried {
            // The file of our own hands the binary's status on, which is always 0; the others never let it through.
            let (file, joined) = (block.whole_file(), join(b"#!/bin/sh\n", block));
            for (hook, status) in [(file, 7), (joined, 0), (block.wrapper(), 0)] {
                let ran = run(&sandbox, shell, &["-eu"], (event, &hook), path);
                assert_eq!(ran, quiet(status, ""), "{shell:?} {}", String::from_utf8_lossy(&hook));
                assert_eq!(binary.calls(), called(&sandbox, event), "{shell:?} {}", String::from_utf8_lossy(&hook));
            }
        }
    }
}

/// The developer's `PATH`.
fn system() -> PathBuf {
    PathBuf::from(std::env::var_os("PATH").unwrap())
}

/// The same, behind this directory.
fn also(dir: &Path) -> PathBuf {
    let mut path = dir.as_os_str().to_owned();
    path.push(":");
    path.push(system());
    path.into()
}

#[test]
fn a_hook_that_we_join_keeps_its_status_input_arguments_and_options() {
    let sandbox = Sandbox::new();
    let binary = Binary::new(&sandbox, AWKWARD);
    let check = |options: &[&str], theirs: &str, expected: Ran| {
        for (shell, event) in shells().iter().flat_map(|shell| Event::ALL.map(|event| (shell, event))) {
            let alone = run(&sandbox, shell, options, (event, theirs.as_bytes()), &system());
            assert_eq!(alone, expected, "the hook alone under {shell:?}");
            let joined = join(theirs.as_bytes(), &Block::new(event, &binary.path));
            let ran = run(&sandbox, shell, options, (event, &joined), &system());
            assert_eq!(ran, expected, "{shell:?} {options:?} {event:?} {theirs}");
            assert_eq!(binary.calls(), called(&sandbox, event), "{shell:?} {options:?} {theirs}");
        }
    };
    check(&[], "#!/bin/sh\nexit 3\n", quiet(3, ""));
    check(&[], "#!/bin/sh\necho \"$?\"; exit\n", quiet(0, "0\n"));
    check(&[], "#!/bin/sh\nfalse\n", quiet(1, ""));
    check(&["-eu"], "#!/bin/sh -eu\nset -- \"$@\" third\necho \"$# $1\"\n", quiet(0, "3 first argument\n"));
    check(&["-e"], "#!/bin/sh\nfalse\necho not reached\n", quiet(1, ""));
    check(&[], "#!/bin/sh\nset -eu\nread -r line\necho \"$line\"\nfalse | cat\nexit 4", quiet(4, "a line of input\n"));
    check(&[], "#!/bin/sh\nexec cat\n", quiet(0, "a line of input\n"));
    check(&[], "#!/bin/sh\nread -r line; sh -c 'read -r more; echo \"$more\"'\n", quiet(0, "\n"));
    check(&[], "pwd >/dev/null; exit 5", quiet(5, ""));
}

#[test]
fn a_rewrite_of_any_size_reaches_both_to_the_byte() {
    let sandbox = Sandbox::new();
    let binary = Binary::new(&sandbox, AWKWARD);
    let line = format!("{} {} it's `a` $HOME\n", "0".repeat(64), "1".repeat(64));
    for lines in [0, 1, 3_000] {
        let input: &'static str = String::leak(line.repeat(lines));
        let first = input.lines().next().map(|line| format!("read: {line}\n")).unwrap_or_default();
        for shell in shells() {
            let joined = join(b"#!/bin/sh\ncat\n", &Block::new(Event::PostRewrite, &binary.path));
            let hook = (Event::PostRewrite, joined.as_slice());
            let ran = fed(&sandbox, &shell, &["-eu"], hook, &system(), input.as_bytes());
            assert_eq!(
                (ran.status, ran.stdout == input, ran.stderr.as_str()),
                (Some(0), true, ""),
                "{shell:?} {lines}"
            );
            // A binary that stops reading after a line, as this one does, must not break anything.
            assert!(binary.calls().ends_with(&first), "{shell:?} {lines}");
        }
    }
}

#[test]
fn a_hook_that_is_set_aside_gets_the_same_input_and_arguments_and_gives_the_status() {
    let sandbox = Sandbox::new();
    let binary = Binary::new(&sandbox, AWKWARD);
    for event in Event::ALL {
        let hook = Block::new(event, &binary.path).wrapper();
        let original = sandbox.path("hooks").join(event.original());
        for shebang in ["#!/bin/sh\n", ""] {
            executable(&original, format!("{shebang}read -r line\necho \"$# $1 $line\"\nexit 3\n"));
            for shell in shells() {
                let ran = run(&sandbox, &shell, &["-eu"], (event, &hook), &system());
                assert_eq!(ran, quiet(3, "2 first argument a line of input\n"), "{shell:?} {shebang:?}");
                assert_eq!(binary.calls(), called(&sandbox, event), "{shell:?} {shebang:?}");
            }
        }
        std::fs::set_permissions(&original, Permissions::from_mode(0o644)).unwrap();
        for shell in shells() {
            let ran = run(&sandbox, &shell, &[], (event, &hook), &system());
            assert_eq!(ran, quiet(0, ""), "switched off stays off: {shell:?}");
            assert_eq!(binary.calls(), called(&sandbox, event), "{shell:?}");
        }
    }
}

fn places(sandbox: &Sandbox) -> Places {
    let top = sandbox.repo();
    Places {
        common_dir: top.join(".git"),
        hooks_dir: top.join(".git/hooks"),
        configured: Configured::default(),
        repository_config: top.join(".commit-story.yaml"),
        user_config: None,
        user_state: None,
        assistants: Vec::new(),
        top,
    }
}

fn install(sandbox: &Sandbox, binary: &Binary) {
    let places = places(sandbox);
    let choices = Choices {
        folder: "journal".into(),
        private: true,
        binary: binary.path.clone(),
        way: Way::Files,
        shared_hooks: false,
        config_file: places.repository_config.clone(),
        config_text: "enabled: true\n".to_owned(),
    };
    apply(&plan(&detect(&places).unwrap(), &choices)).unwrap();
}

/// Commits, and returns what git and the hooks said. The binary is not on PATH.
fn commit(sandbox: &Sandbox) -> String {
    let output = sandbox.command("git").args(["commit", "-q", "--allow-empty", "-m", "x"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn under_real_git_our_hook_and_any_hook_from_before_run() {
    let check = |theirs: Option<(&str, u32)>, said: &str| {
        let sandbox = Sandbox::new();
        let binary = Binary::new(&sandbox, AWKWARD);
        let hook = sandbox.repo().join(".git/hooks/post-commit");
        if let Some((bytes, mode)) = theirs {
            executable(&hook, bytes);
            std::fs::set_permissions(&hook, Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(commit(&sandbox), said, "before us: {theirs:?}");
        install(&sandbox, &binary);
        assert_eq!(commit(&sandbox), said, "with us: {theirs:?}");
        assert_eq!(binary.calls(), format!("hook post-commit\n{}\n", sandbox.repo().display()), "{theirs:?}");
        apply(&undo(&detect(&places(&sandbox)).unwrap(), Also { config: true, state: true, hiding: true })).unwrap();
        assert_eq!(commit(&sandbox), said, "after us: {theirs:?}");
        assert_eq!(binary.calls(), "", "{theirs:?}");
        assert_eq!(hook.exists(), theirs.is_some());
    };
    check(None, "");
    check(Some(("#!/bin/sh\necho theirs\nexit 3\n", 0o755)), "theirs\n");
    check(Some(("#!/usr/bin/env bash\nset -euo pipefail\nexec echo theirs", 0o755)), "theirs\n");
    check(Some(("echo no shebang line\n", 0o755)), "no shebang line\n");
    // A language of its own: `cat` prints the script.
    check(Some(("#!/bin/cat\ntheirs\n", 0o755)), "#!/bin/cat\ntheirs\n");
}

#[test]
fn a_hook_that_was_switched_off_stays_off() {
    let sandbox = Sandbox::new();
    let binary = Binary::new(&sandbox, "bin");
    sandbox.git(&["config", "advice.ignoredHook", "false"]);
    let hook = sandbox.repo().join(".git/hooks/post-commit");
    executable(&hook, "#!/bin/sh\necho theirs\n");
    std::fs::set_permissions(&hook, Permissions::from_mode(0o644)).unwrap();
    install(&sandbox, &binary);
    assert_eq!(commit(&sandbox), "");
    assert!(binary.calls().starts_with("hook post-commit\n"));
}

#[test]
fn a_hook_behind_a_link_runs_and_the_file_behind_it_is_not_touched() {
    let sandbox = Sandbox::new();
    let binary = Binary::new(&sandbox, "bin");
    executable(&sandbox.path("repo/scripts/hook"), "#!/bin/sh\necho theirs\n");
    let hook = sandbox.repo().join(".git/hooks/post-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    symlink("../../scripts/hook", &hook).unwrap();
    install(&sandbox, &binary);
    assert_eq!(commit(&sandbox), "theirs\n");
    assert!(binary.calls().starts_with("hook post-commit\n"));
    assert_eq!(std::fs::read(sandbox.path("repo/scripts/hook")).unwrap(), b"#!/bin/sh\necho theirs\n");
}

#[test]
fn git_ignores_a_private_journal_and_sees_it_when_it_is_not() {
    let sandbox = Sandbox::new();
    let binary = Binary::new(&sandbox, "bin");
    sandbox.write("journal/entries/page.md", "x");
    sandbox.write("other/journal/kept.md", "x");
    install(&sandbox, &binary);
    let status = sandbox.git(&["status", "--porcelain", "-uall"]);
    assert_eq!(status, "?? .commit-story.yaml\n?? other/journal/kept.md\n");
    apply(&undo(&detect(&places(&sandbox)).unwrap(), Also { hiding: true, ..Also::default() })).unwrap();
    assert!(sandbox.git(&["status", "--porcelain", "-uall"]).contains("?? journal/entries/page.md\n"));
}

#[test]
fn shellcheck_has_nothing_to_say_about_any_form() {
    let Some(shellcheck) = on_path("shellcheck") else {
        assert!(!strict(), "this test needs shellcheck: install the package of that name, or run .ci/run");
        println!("skipped: there is no shellcheck here; .ci/run installs it");
        return;
    };
    let sandbox = Sandbox::new();
    let forms = Event::ALL.into_iter().flat_map(|event| {
        let block = Block::new(event, Path::new("/opt/it's here/commit-story"));
        let on_path = Block::on_path(event);
        let joined = [join(b"#!/bin/sh\n", &block), join(b"#!/bin/sh\n", &on_path)];
        [block.whole_file(), block.wrapper(), on_path.whole_file()].into_iter().chain(joined)
    });
    let files = forms.enumerate().map(|(number, hook)| {
        let file = sandbox.path(&format!("hook-{number}"));
        std::fs::write(&file, &hook).unwrap();
        file
    });
    let output = Command::new(&shellcheck).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
