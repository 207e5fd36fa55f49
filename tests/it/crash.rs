//! A hook that is killed leaves the old page or the new one, and what it left undone is made good.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::support::{Sandbox, binary, entries_of};

/// How many hooks are killed, at moments spread over one and a half times their life.
const KILLS: u32 = 48;

fn page_names(sandbox: &Sandbox) -> Vec<String> {
    let dir = sandbox.repo().join("journal/entries/2026-01");
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn commit_without_hook(sandbox: &Sandbox, nth: u32) -> String {
    sandbox.write("a.txt", format!("{nth}\n"));
    sandbox.git(&["-c", "core.hooksPath=/dev/null", "commit", "-qam", &format!("number {nth}")]);
    sandbox.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

fn hook(sandbox: &Sandbox) -> Child {
    sandbox.command(binary()).args(["hook", "post-commit"]).spawn().unwrap()
}

#[test]
fn a_hook_killed_at_any_moment_leaves_the_old_page_or_the_new_and_is_made_good() {
    let sandbox = Sandbox::ready();
    sandbox.commit("second", &[("a.txt", "two\n")]);
    commit_without_hook(&sandbox, KILLS);
    let started = Instant::now();
    hook(&sandbox).wait().unwrap();
    let life = started.elapsed().max(Duration::from_millis(2));

    // A worker that an earlier hook left behind must not write between two looks at the page: it waits for this lock.
    let working = fs::File::create(sandbox.state().join("worker.lock")).unwrap();
    working.lock().unwrap();
    let mut promised = Vec::new();
    for nth in 0..KILLS {
        let id = commit_without_hook(&sandbox, nth);
        let old = sandbox.page("2026-01-06");
        let mut killed = hook(&sandbox);
        std::thread::sleep(life * nth * 3 / (KILLS * 2));
        let _ = killed.kill();
        killed.wait().unwrap();
        let new = sandbox.page("2026-01-06");
        assert!(
            new == old || (new.starts_with(&old) && entries_of(&new, &id) == 1 && new.trim_end().ends_with("-->")),
            "{new}"
        );
        if new != old || sandbox.queued().contains(&format!("{id}.json")) {
            promised.push(id);
        }
    }
    drop(working);
    // Later than any of them can still be at work.
    let sandbox = sandbox.at("2026-01-06T16:30:00+01:00");
    let last = sandbox.commit("last", &[("b.txt", "b\n")]);
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    for id in promised.iter().chain([&last]) {
        assert_eq!(entries_of(&page, id), 1, "{id}\n{page}\n{}", sandbox.log());
    }
    let shown: serde_json::Value = serde_json::from_str(&sandbox.story_ok(&["show", "2026-01-06", "--json"])).unwrap();
    assert_eq!(shown["problems"], serde_json::json!([]));
    assert_eq!(page_names(&sandbox), ["2026-01-06.md"], "what the killed ones left is swept away");
}

#[test]
fn what_was_begun_and_not_finished_is_taken_over_and_its_remains_are_removed() {
    let sandbox = Sandbox::ready();
    sandbox.commit("second", &[("a.txt", "two\n")]);
    let lost = commit_without_hook(&sandbox, 3);
    let job = serde_json::json!({
        "schema": 1, "commit": lost, "git_dir": sandbox.repo().join(".git"), "worktree": sandbox.repo(), "tries": 0,
        "due": "2026-01-06T15:05:05Z", "last_error": null,
    });
    fs::create_dir_all(sandbox.state().join("queue")).unwrap();
    fs::write(sandbox.state().join(format!("queue/{lost}.json")), job.to_string()).unwrap();
    fs::write(sandbox.repo().join("journal/entries/2026-01/.commit-story-aBcDeF"), "half a pa").unwrap();
    let sandbox = sandbox.at("2026-01-06T16:05:01+01:00");
    sandbox.commit("while it may still be at work", &[("b.txt", "b\n")]);
    assert_eq!(sandbox.queued(), [format!("{lost}.json")]);
    assert_eq!(page_names(&sandbox), ["2026-01-06.md"]);
    let sandbox = sandbox.at("2026-01-06T16:06:00+01:00");
    let empty = commit_without_hook(&sandbox, 4);
    // Killed between making the file and filling it.
    fs::write(sandbox.state().join(format!("queue/{empty}.json")), "").unwrap();
    sandbox.commit("when it cannot", &[("b.txt", "c\n")]);
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    assert_eq!((entries_of(&page, &lost), entries_of(&page, &empty)), (1, 1), "{}", sandbox.log());
}

#[test]
fn files_cut_off_by_a_crash_are_read_as_far_as_they_go() {
    let sandbox = Sandbox::ready();
    sandbox.story_ok(&["reflect", "before the crash"]);
    for file in ["notes.jsonl", "commits.jsonl"] {
        let path = sandbox.state().join(file);
        let bytes = [fs::read(&path).unwrap_or_default(), b"{\"note\":{\"kind\":\"ref".to_vec()].concat();
        fs::write(path, bytes).unwrap();
    }
    sandbox.story_ok(&["reflect", "after the crash"]);
    let id = sandbox.commit("second", &[("a.txt", "two\n")]);
    let page = sandbox.page("2026-01-06");
    assert!(page.contains("before the crash") && page.contains("after the crash"), "{page}");
    assert_eq!(entries_of(&page, &id), 1);
}
