//! Many commits at once.

use std::sync::Barrier;

use crate::support::{Sandbox, binary, checked, entries_of};

const TREES: usize = 20;
const ROUNDS: usize = 3;

#[test]
fn twenty_commits_at_once_in_twenty_work_trees_lose_and_tear_nothing() {
    let sandbox = Sandbox::ready();
    for tree in 0..TREES {
        sandbox.git(&["worktree", "add", "-q", "-b", &format!("side-{tree}"), &format!("../tree-{tree}")]);
    }
    let barrier = Barrier::new(TREES);
    let work = &|tree: usize| {
        let dir = sandbox.path(&format!("tree-{tree}"));
        let mut ids = Vec::new();
        for round in 0..ROUNDS {
            std::fs::write(dir.join("a.txt"), format!("{tree} {round}\n")).unwrap();
            barrier.wait();
            let words = format!("thought {tree}/{round}.");
            checked(sandbox.command(binary()).args(["reflect", &words]).current_dir(&dir));
            let output = sandbox
                .command("git")
                .args(["commit", "-qam", &format!("{tree} {round}")])
                .current_dir(&dir)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            ids.push(checked(sandbox.command("git").args(["rev-parse", "HEAD"]).current_dir(&dir)).trim().to_owned());
        }
        ids
    };
    let ids: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..TREES).map(|tree| scope.spawn(move || work(tree))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    sandbox.settle();
    let page = sandbox.page("2026-01-06");
    for id in &ids {
        assert_eq!(entries_of(&page, id), 1, "{id}\n{}", sandbox.log());
    }
    for tree in 0..TREES {
        for round in 0..ROUNDS {
            assert_eq!(page.matches(&format!("thought {tree}/{round}.")).count(), 1, "{tree}/{round}");
        }
    }
    let shown: serde_json::Value = serde_json::from_str(&sandbox.story_ok(&["show", "2026-01-06", "--json"])).unwrap();
    assert_eq!(shown["problems"], serde_json::json!([]));
    assert_eq!(shown["entries"].as_array().unwrap().len(), TREES * ROUNDS);
    let names = std::fs::read_dir(sandbox.repo().join("journal/entries/2026-01")).unwrap().count();
    assert_eq!(names, 1);
}
