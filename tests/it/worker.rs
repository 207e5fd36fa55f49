//! What the hook leaves undone is done behind the commit's back.
//!
//! The worker waits for `worker.lock`: a story that holds it decides when the worker may go on, without a clock.

use std::fs::{self, File};
#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};

#[cfg(target_os = "linux")]
use crate::support::wait_for;
use crate::support::{Sandbox, checked, entries_of};
use crate::transcript::Transcript;

const PROMPT: &str = "Please put a second line into a.txt";

/// A repository whose hook has no time to read anything, and a conversation about the next commit.
fn hurried(worker: bool) -> (Sandbox, Transcript) {
    let mut sandbox = Sandbox::ready();
    sandbox.hook_deadline_ms = 0;
    sandbox.write(".commit-story.yaml", format!("hook:\n  worker: {worker}\n"));
    let mut talk = Transcript::new("488c5296-fc78", &sandbox.repo());
    talk.prompt("2026-01-06T16:03:00+01:00", PROMPT).edit("2026-01-06T16:03:10+01:00", "a.txt").save(&sandbox);
    (sandbox, talk)
}

fn hold(sandbox: &Sandbox) -> File {
    fs::create_dir_all(sandbox.state()).unwrap();
    let lock = File::create(sandbox.state().join("worker.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

/// The processes of the sandbox's worker.
#[cfg(target_os = "linux")]
fn workers(sandbox: &Sandbox) -> Vec<PathBuf> {
    let state = sandbox.state().into_os_string().into_encoded_bytes();
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let is_worker = |path: &PathBuf| {
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| word == state)
    };
    processes.filter(is_worker).collect()
}

/// The one worker there is. A process that has just been started has no command line for an instant.
#[cfg(target_os = "linux")]
fn the_worker(sandbox: &Sandbox) -> PathBuf {
    wait_for("a worker", || !workers(sandbox).is_empty());
    let all = workers(sandbox);
    assert_eq!(all.len(), 1);
    all[0].clone()
}

#[cfg(target_os = "linux")]
fn pid(process: &Path) -> String {
    process.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_hook_without_time_writes_what_it_has_and_the_worker_completes_it_in_place() {
    let (sandbox, _) = hurried(false);
    let id = sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    let page = sandbox.page("2026-01-06");
    assert!(entries_of(&page, &id) == 1 && page.contains("second") && !page.contains(PROMPT), "{page}");
    assert!(sandbox.queued().is_empty());

    let (sandbox, _) = hurried(true);
    let id = sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    assert!(entries_of(&page, &id) == 1 && page.contains(PROMPT) && page.contains("- `a.txt` +1 −0"), "{page}");
    assert!(page.contains("on `main`"), "{page}");
    sandbox.story_ok(&["record", "HEAD"]);
    assert_eq!(sandbox.page("2026-01-06"), page);
}

#[test]
fn the_commit_does_not_wait_and_what_comes_late_is_added_around_what_was_written_by_hand() {
    let (sandbox, mut talk) = hurried(true);
    let held = hold(&sandbox);
    sandbox.write("a.txt", "one\ntwo\n");
    // Reads both streams to their ends: a worker that kept one open would not let this return.
    let output = sandbox.command("git").args(["commit", "-qam", "second"]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    let id = sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned();
    assert_eq!(sandbox.queued(), [format!("{id}.json")]);

    talk.reply("2026-01-06T16:04:58+01:00", "Done. I put the line `two` into a.txt, because one line was not enough.")
        .save(&sandbox);
    let page = sandbox.page("2026-01-06");
    assert!(!page.contains("because one line was not enough"));
    sandbox.write("journal/entries/2026-01/2026-01-06.md", page + "\nMy own line.\n");
    sandbox.git(&["checkout", "-q", "-b", "elsewhere"]);
    held.unlock().unwrap();
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    assert!(page.contains("because one line was not enough") && page.ends_with("\nMy own line.\n"), "{page}");
    assert!(entries_of(&page, &id) == 1 && page.contains("on `main`"), "{page}");
    assert_eq!(sandbox.log(), "");
}

#[test]
fn a_directory_of_thousands_of_transcripts_is_left_to_the_worker_but_for_the_session_that_commits() {
    let crowded = |named: bool| {
        let (mut sandbox, talk) = hurried(true);
        sandbox.hook_deadline_ms = 1_000;
        let folder = talk.path(&sandbox).parent().unwrap().to_owned();
        for nth in 0..1_001 {
            fs::write(folder.join(format!("{nth:08}-0000.jsonl")), "").unwrap();
        }
        let held = hold(&sandbox);
        sandbox.write("a.txt", "one\ntwo\n");
        let mut commit = sandbox.command("git");
        if named {
            commit.env("CLAUDE_CODE_SESSION_ID", &talk.id);
        }
        checked(commit.args(["commit", "-qam", "second"]));
        let at_once = sandbox.page("2026-01-06").contains(PROMPT);
        held.unlock().unwrap();
        sandbox.settle();
        (at_once, sandbox.page("2026-01-06").contains(PROMPT))
    };
    assert_eq!(crowded(false), (false, true));
    assert_eq!(crowded(true), (true, true));
}

#[test]
fn the_worker_survives_the_removal_of_its_work_tree() {
    let (sandbox, _) = hurried(true);
    sandbox.git(&["worktree", "add", "-q", "-b", "side", "../linked"]);
    let linked = sandbox.path("linked");
    fs::copy(sandbox.repo().join(".commit-story.yaml"), linked.join(".commit-story.yaml")).unwrap();
    let held = hold(&sandbox);
    Transcript::new("5-linked", &linked)
        .prompt("2026-01-06T16:04:00+01:00", "Add b.txt beside")
        .edit("2026-01-06T16:04:10+01:00", "b.txt")
        .save(&sandbox);
    fs::write(linked.join("b.txt"), "b\n").unwrap();
    checked(sandbox.command("git").args(["add", "b.txt"]).current_dir(&linked));
    checked(sandbox.command("git").args(["commit", "-qm", "beside"]).current_dir(&linked));
    sandbox.git(&["worktree", "remove", "--force", "../linked"]);
    held.unlock().unwrap();
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    assert!(page.contains("- `b.txt` +1 −0") && page.contains("on `side`"), "{page}\n{}", sandbox.log());
    assert!(page.contains("Add b.txt beside"), "{page}");
}

#[cfg(target_os = "linux")]
#[test]
fn no_worker_is_started_when_nothing_is_unfinished() {
    let sandbox = Sandbox::ready();
    let id = sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    assert_eq!(entries_of(&sandbox.page("2026-01-06"), &id), 1);
    assert_eq!(workers(&sandbox), Vec::<PathBuf>::new());
    assert!(sandbox.queued().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn the_one_worker_outlives_the_shell_and_inherits_nothing_of_the_commit() {
    let (sandbox, _) = hurried(true);
    let held = hold(&sandbox);
    sandbox.write("a.txt", "one\ntwo\n");
    let mut shell = sandbox.command("sh");
    shell.args(["-c", "git commit -qam second; kill -9 $$"]);
    shell.env("GIT_SSH_COMMAND", "x").env("CLAUDE_CODE_SESSION_ID", "488c5296-fc78").env("CLAUDECODE", "1");
    let mut shell = shell.spawn().unwrap();
    shell.wait().unwrap();
    let worker = &the_worker(&sandbox);
    wait_for("a session of its own", || {
        let stat = fs::read_to_string(worker.join("stat")).unwrap();
        let after_name: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        after_name[3] == pid(worker)
    });
    let environment = fs::read(worker.join("environ")).unwrap();
    let names: Vec<_> = environment.split(|byte| *byte == 0).map(|line| String::from_utf8_lossy(line)).collect();
    let kept = |name: &str| name.starts_with("GIT_CONFIG_") || name.starts_with("GIT_EXEC_PATH");
    let leaked = names.iter().find(|name| name.starts_with("CLAUDE") || (name.starts_with("GIT_") && !kept(name)));
    assert_eq!(leaked, None);
    assert_eq!(fs::read_link(worker.join("cwd")).unwrap(), PathBuf::from("/"));
    for stream in ["fd/0", "fd/1", "fd/2"] {
        assert_eq!(fs::read_link(worker.join(stream)).unwrap(), PathBuf::from("/dev/null"));
    }
    held.unlock().unwrap();
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    assert!(page.contains(PROMPT) && page.contains("- `a.txt` +1 −0"), "{page}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_worker_left_is_done_at_the_next_commit() {
    let (sandbox, _) = hurried(true);
    let held = hold(&sandbox);
    let first = sandbox.commit("second", &[("a.txt", "one\ntwo\n")]);
    let number = Pid::from_raw(pid(&the_worker(&sandbox)).parse().unwrap()).unwrap();
    kill_process(number, Signal::KILL).unwrap();
    wait_for("the worker's end", || workers(&sandbox).is_empty());
    assert_eq!(sandbox.queued(), [format!("{first}.json")]);
    held.unlock().unwrap();
    let sandbox = sandbox.at("2026-01-06T16:20:00+01:00");
    sandbox.write(".commit-story.yaml", "{}\n");
    sandbox.commit("third", &[("c.txt", "c\n")]);
    sandbox.settle();
    assert!(sandbox.page("2026-01-06").contains(PROMPT));
}
