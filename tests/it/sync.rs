//! A journal's branch shared between clones.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Barrier;

use crate::support::{Sandbox, binary, checked, entries_of};

const BRANCH: &str = "commit-story/journal";

/// Clones of one bare repository, each with its journal on a branch.
struct Clones {
    sandbox: Sandbox,
}

impl Clones {
    fn new(number: usize) -> Self {
        let sandbox = Sandbox::new();
        sandbox.commit(
            "first",
            &[("a.txt", "one\n"), (".commit-story.yaml", "journal:\n  branch: commit-story/journal\n")],
        );
        checked(sandbox.command("git").args(["clone", "-q", "--bare", ".", "../remote.git"]));
        let clones = Self { sandbox };
        for nth in 0..number {
            let name = format!("clone-{nth}");
            checked(clones.sandbox.command("git").args(["clone", "-q", "../remote.git", &format!("../{name}")]));
            clones.story(nth, &["init", "--yes"]);
        }
        clones
    }

    fn dir(&self, nth: usize) -> PathBuf {
        self.sandbox.path(&format!("clone-{nth}"))
    }

    fn command(&self, nth: usize, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.sandbox.command(program);
        command.current_dir(self.dir(nth));
        command
    }

    fn story(&self, nth: usize, args: &[&str]) -> String {
        let output = self.command(nth, binary()).args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {said}");
        said + &String::from_utf8_lossy(&output.stdout)
    }

    fn git(&self, nth: usize, args: &[&str]) -> String {
        checked(self.command(nth, "git").args(args))
    }

    fn commit(&self, nth: usize, message: &str) -> String {
        std::fs::write(self.dir(nth).join("a.txt"), format!("{nth} {message}\n")).unwrap();
        self.git(nth, &["commit", "-qam", message]);
        self.git(nth, &["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn page(&self, nth: usize) -> String {
        self.git(nth, &["show", &format!("{BRANCH}:entries/2026-01/2026-01-06.md")])
    }

    /// Changes the journal's page as somebody else's program would.
    fn edit(&self, nth: usize, from: &str, to: &str) {
        let tree = self.sandbox.path(&format!("book-{nth}"));
        let git = |args: &[&str]| checked(self.sandbox.command("git").args(args).current_dir(&tree));
        checked(self.command(nth, "git").args(["worktree", "add", "-q"]).arg(&tree).arg(BRANCH));
        let file = tree.join("entries/2026-01/2026-01-06.md");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
        git(&["commit", "-qam", "by hand"]);
        checked(self.command(nth, "git").args(["worktree", "remove", "--force"]).arg(&tree));
    }
}

#[test]
fn two_clones_come_to_the_same_journal_and_nothing_else_travels() {
    let clones = Clones::new(2);
    assert!(clones.story(0, &["sync"]).contains("there is no journal yet, neither here nor in origin"));
    let one = clones.commit(0, "of one");
    let other = clones.commit(1, "of the other");
    assert!(clones.story(0, &["sync"]).contains("0 pages came from origin, and 1 page went there"));
    assert!(
        clones.story(1, &["sync", "--dry-run"]).contains("1 page would come from origin, and 1 page would go there")
    );
    assert_eq!(entries_of(&clones.page(1), &one), 0);
    assert!(clones.story(1, &["sync"]).contains("1 page came from origin, and 1 page went there"));
    assert!(clones.story(0, &["sync"]).contains("1 page came from origin, and 0 pages went there"));
    assert!(clones.story(0, &["sync"]).contains("the journal here and in origin are the same"));
    for nth in [0, 1] {
        let page = clones.page(nth);
        assert_eq!((entries_of(&page, &one), entries_of(&page, &other)), (1, 1), "{page}");
        assert_eq!(clones.page(0), page);
        assert!(clones.git(nth, &["fsck", "--strict", "--no-dangling"]).is_empty());
        assert!(!clones.dir(nth).join(".git/FETCH_HEAD").exists());
    }
    let parents = clones.git(1, &["log", "--merges", "--format=%p", BRANCH]);
    assert_eq!(parents.split_whitespace().count(), 2, "{parents}");
    let remote =
        checked(clones.sandbox.command("git").args(["-C", "../remote.git", "for-each-ref", "--format=%(refname)"]));
    assert_eq!(remote, "refs/heads/commit-story/journal\nrefs/heads/main\n", "and main is as it was");
}

#[test]
fn what_both_wrote_by_hand_stays_and_what_one_removed_does_not_come_back() {
    let clones = Clones::new(2);
    let kept = clones.commit(0, "kept");
    let gone = clones.commit(0, "amended away");
    clones.story(0, &["sync"]);
    clones.story(1, &["sync"]);
    let end = "stays) -->\n";
    clones.edit(0, end, &format!("{end}\nfrom one\n"));
    clones.edit(1, end, &format!("{end}\nfrom the other\n"));
    let page = clones.page(1);
    let begin = page.find(&format!("<!-- commit-story:entry {gone}")).unwrap();
    clones.edit(1, &page[begin..], "");
    let late = clones.commit(1, "late");
    clones.story(0, &["sync"]);
    clones.story(1, &["sync"]);
    clones.story(0, &["sync"]);
    let page = clones.page(0);
    assert!(page.contains("from one") && page.contains("from the other"), "{page}");
    assert_eq!([&kept, &gone, &late].map(|id| entries_of(&page, id)), [1, 0, 1], "{page}");
    assert_eq!(clones.page(1), page);
}

#[test]
fn of_a_commit_that_both_have_told_the_last_written_counts() {
    let clones = Clones::new(2);
    let id = clones.commit(0, "told twice");
    clones.git(1, &["pull", "-q", "../clone-0", "main"]);
    clones.story(1, &["record", &id]);
    // Written again, and now with a note.
    checked(
        clones
            .command(0, binary())
            .args(["reflect", "a second look"])
            .env("COMMIT_STORY_NOW", "2026-01-06T16:02:06+01:00"),
    );
    checked(clones.command(0, binary()).args(["record", &id]).env("COMMIT_STORY_NOW", "2026-01-06T16:30:00+01:00"));
    let page = clones.page(0);
    clones.story(1, &["sync"]);
    clones.story(0, &["sync"]);
    clones.story(1, &["sync"]);
    for nth in [0, 1] {
        assert_eq!(entries_of(&clones.page(nth), &id), 1);
        assert_eq!(clones.page(nth), page);
    }
}

#[test]
fn prose_of_one_clone_joins_the_newer_text_of_the_other() {
    let clones = Clones::new(2);
    let id = clones.commit(0, "told twice");
    clones.git(1, &["pull", "-q", "../clone-0", "main"]);
    clones.story(1, &["record", &id]);
    clones.git(0, &["worktree", "add", "-q", "../pages", BRANCH]);
    let page = clones.page(0);
    let prose = "<!-- commit-story:prose v1 2026-01-06T16:05:00+01:00 kept 1 dropped 0 -->\n### Summary\n\nSo it was.\n\n\
                 <sub>Prose by m, 6 January 2026; 1 claim checked, 0 dropped.</sub>\n<!-- commit-story:prose-end -->\n\n";
    let at = page.find(&format!("entry {id}")).unwrap();
    let at = at + page[at..].find("### ").unwrap();
    let pages = clones.sandbox.path("pages");
    let tracked = clones.git(0, &["ls-tree", "-r", "--name-only", BRANCH]);
    let file = tracked.lines().find(|path| path.starts_with("entries/")).unwrap();
    std::fs::write(pages.join(file), format!("{}{prose}{}", &page[..at], &page[at..])).unwrap();
    checked(clones.sandbox.command("git").args(["commit", "-qam", "prose"]).current_dir(&pages));
    clones.git(0, &["worktree", "remove", "../pages"]);
    let later = |args: &[&str], now: &str| checked(clones.command(1, binary()).args(args).env("COMMIT_STORY_NOW", now));
    later(&["reflect", "a second look"], "2026-01-06T16:02:06+01:00");
    later(&["record", &id], "2026-01-06T16:30:00+01:00");
    for nth in [1, 0, 1] {
        clones.story(nth, &["sync"]);
    }
    for nth in [0, 1] {
        let page = clones.page(nth);
        assert!(page.contains(prose) && page.contains("a second look"), "{page}");
    }
    assert_eq!(clones.page(0), clones.page(1));
}

#[test]
fn from_a_linked_work_tree_and_in_a_partial_clone_it_is_the_same_journal() {
    let clones = Clones::new(1);
    let id = clones.commit(0, "second");
    clones.git(0, &["worktree", "add", "-q", "-b", "side", "../clone-0-side"]);
    let side = clones.sandbox.path("clone-0-side");
    checked(clones.sandbox.command(binary()).arg("sync").current_dir(&side));
    let git = |args: &[&str]| checked(clones.sandbox.command("git").args(args));
    git(&["-C", "../remote.git", "config", "uploadpack.allowFilter", "true"]);
    let remote = format!("file://{}", clones.sandbox.path("remote.git").display());
    git(&["clone", "-q", "--filter=blob:none", "--depth=1", &remote, "../clone-1"]);
    clones.story(1, &["sync"]);
    git(&["-C", "../clone-1", "config", "remote.origin.url", "/nowhere"]);
    assert_eq!(entries_of(&clones.page(1), &id), 1);
}

#[test]
fn ten_writers_at_once_lose_nothing() {
    const WRITERS: usize = 10;
    const ROUNDS: usize = 2;
    let clones = Clones::new(WRITERS);
    let barrier = Barrier::new(WRITERS);
    let work = |nth: usize| {
        let commit = |round: usize| {
            let id = clones.commit(nth, &format!("number {round}"));
            barrier.wait();
            // No panic before the next wait: the others would wait for ever.
            (id, clones.command(nth, binary()).args(["sync"]).output().unwrap())
        };
        (0..ROUNDS).map(commit).collect::<Vec<_>>()
    };
    let work = &work;
    let done: Vec<(String, Output)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..WRITERS).map(|nth| scope.spawn(move || work(nth))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for (_, output) in &done {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    clones.story(0, &["sync"]);
    let page = clones.page(0);
    for (id, _) in &done {
        assert_eq!(entries_of(&page, id), 1, "{id}");
    }
    let remote = checked(clones.sandbox.command("git").args(["-C", "../remote.git", "rev-parse", BRANCH]));
    assert_eq!(clones.git(0, &["rev-parse", BRANCH]), remote);
}

#[cfg(unix)]
#[test]
fn the_users_hooks_do_not_run_unless_asked_for_and_git_s_words_are_passed_on() {
    let clones = Clones::new(1);
    clones.commit(0, "second");
    let hook = clones.dir(0).join(".git/hooks/pre-push");
    crate::support::executable(&hook, "#!/bin/sh\necho 'no push on Tuesdays' >&2\nexit 1\n");
    let output = clones.command(0, binary()).args(["sync", "--verify"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("no push on Tuesdays"), "{said}");
    clones.story(0, &["sync"]);
    let output = clones.command(0, binary()).args(["sync", "nowhere"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot fetch the journal from nowhere: ") && said.contains("does not appear"), "{said}");
}

#[test]
fn a_remote_branch_that_is_no_journal_is_left_alone_and_so_is_a_journal_in_a_folder() {
    let clones = Clones::new(1);
    clones.commit(0, "second");
    clones.git(0, &["push", "-q", "origin", &format!("main:refs/heads/{BRANCH}")]);
    let output = clones.command(0, binary()).args(["sync"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("holds no journal"), "{said}");
    let output = clones.command(0, binary()).args(["--set", "journal.branch=null", "sync"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("it lives in the folder") && said.contains("commit-story move --to branch"), "{said}");
}
