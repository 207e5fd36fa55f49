//! Git facts against git itself: every change of every commit is compared with `git show --numstat -M`.

#![expect(clippy::unwrap_used, reason = "a test may panic; clippy only knows the functions marked as tests")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use commit_story::env::{Deadline, Env};
use commit_story::git::{Change, ChangeKind, Commit, CommitId, Lines, OpenError, Repository};

use crate::support::{Sandbox, checked};

fn env(dir: &Path, variables: &[(&str, &Path)]) -> Env {
    let pair = |(name, value): &(&str, &Path)| (OsString::from(name), value.as_os_str().to_owned());
    Env::take_from(variables.iter().map(pair), dir.to_owned())
}

fn open(dir: &Path) -> Repository {
    Repository::open(&env(dir, &[])).unwrap()
}

fn read(repository: &Repository, revision: &str) -> Commit {
    let id = repository.resolve(revision).unwrap();
    repository.commit(&id, Deadline::NONE).unwrap()
}

/// A record of `git show --numstat -z`: counts, the old path of a move, the path.
type Record = (String, Option<Vec<u8>>, Vec<u8>);

/// What git says about each of the commits, asked once: a process per commit would take most of the tests' time.
fn git_says(sandbox: &Sandbox, dir: &Path, ids: &[&str]) -> Vec<Vec<Record>> {
    let mut command = sandbox.command("git");
    command.current_dir(dir).args(["show", "--numstat", "-z", "-M", "--format=%x01%H", "--diff-merges=first-parent"]);
    let output = command.args(ids).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let commits = output.stdout.split(|byte| *byte == 1).skip(1);
    let all: Vec<Vec<Record>> = commits.zip(ids).map(|(commit, id)| records(commit, id)).collect();
    assert_eq!(all.len(), ids.len());
    all
}

fn records(commit: &[u8], id: &str) -> Vec<Record> {
    let list = commit.strip_prefix(id.as_bytes()).expect("git answers in the order it was asked in");
    let mut fields = list.strip_prefix(b"\0\n").unwrap_or_default().split(|byte| *byte == 0);
    let mut records = Vec::new();
    while let Some(field) = fields.next().filter(|field| !field.is_empty()) {
        let tab = field.iter().enumerate().filter(|(_, byte)| **byte == b'\t').nth(1).unwrap().0;
        let counts = String::from_utf8(field[..tab].to_vec()).unwrap();
        let path = field[tab + 1..].to_vec();
        if path.is_empty() {
            records.push((counts, Some(fields.next().unwrap().to_vec()), fields.next().unwrap().to_vec()));
        } else {
            records.push((counts, None, path));
        }
    }
    records
}

fn we_say(commit: &Commit) -> Vec<Record> {
    let record = |change: &Change| {
        let counts = match change.lines {
            Lines::Counted { added, removed } => format!("{added}\t{removed}"),
            Lines::Binary => "-\t-".to_owned(),
            Lines::Uncounted => "uncounted".to_owned(),
        };
        let from = match &change.kind {
            ChangeKind::Renamed { from } | ChangeKind::Copied { from } => Some(from.clone()),
            _ => None,
        };
        (counts, from, change.path.clone())
    };
    commit.changes.iter().map(record).collect()
}

/// Compares every commit that any reference reaches, and returns how many there were.
fn check_all(sandbox: &Sandbox, dir: &Path) -> usize {
    let list = checked(sandbox.command("git").current_dir(dir).args(["rev-list", "--all", "HEAD"]));
    let repository = open(dir);
    let ids: Vec<&str> = list.lines().collect();
    for (id, gits) in ids.iter().zip(git_says(sandbox, dir, &ids)) {
        let commit = repository.commit(&CommitId::parse(id).unwrap(), Deadline::NONE).unwrap();
        let ours = we_say(&commit);
        let show = |records: &[Record]| {
            records
                .iter()
                .map(|(counts, from, path)| {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    format!("{counts} {:?} {}", from.as_deref().map(text), text(path))
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(show(&ours), show(&gits), "commit {id} ({})", commit.subject);
    }
    ids.len()
}

fn kinds(commit: &Commit) -> Vec<(String, ChangeKind)> {
    commit.changes.iter().map(|change| (change.path_text().into_owned(), change.kind.clone())).collect()
}

fn lines(count: usize, salt: &str) -> String {
    use std::fmt::Write;
    (0..count).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "line {n} of {salt}");
        text
    })
}

/// A small generator with a fixed seed (`SplitMix64`), so that a failure can be seen again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }
}

fn commit_all(sandbox: &Sandbox, message: &str) {
    sandbox.commit(message, &[]);
}

fn move_file(sandbox: &Sandbox, from: &str, to: &str) {
    let to = sandbox.repo().join(to);
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::rename(sandbox.repo().join(from), to).unwrap();
}

#[test]
fn roots_edits_deletions_and_empty_commits_are_counted_as_git_counts_them() {
    let sandbox = Sandbox::new();
    sandbox.commit("root", &[("a.txt", "one\ntwo\n"), ("dir/b.txt", "x"), ("empty", "")]);
    sandbox.commit("edit", &[("a.txt", "one\n2\nthree"), ("dir/b.txt", "x\n")]);
    sandbox.commit("line ends", &[("a.txt", "one\r\n2\r\nthree\r\n"), ("mixed", "a\r\nb\nc\rd")]);
    sandbox.commit("again", &[("mixed", "a\nb\nc\rd\n")]);
    commit_all(&sandbox, "nothing");
    std::fs::remove_file(sandbox.repo().join("dir/b.txt")).unwrap();
    sandbox.commit("a directory becomes a file", &[("a.txt", "")]);
    std::fs::remove_dir_all(sandbox.repo().join("dir")).ok();
    sandbox.commit("and a file", &[("dir", "file\n"), ("empty.d/x", "x\n")]);
    std::fs::remove_file(sandbox.repo().join("dir")).unwrap();
    sandbox.commit("becomes a directory", &[("dir/x", "file\nfile\n"), ("dir-x", "1\n"), ("dir.x", "2\n")]);
    assert_eq!(check_all(&sandbox, &sandbox.repo()), 8);
    assert_eq!(read(&open(&sandbox.repo()), "HEAD~3").changes, []);
}

#[test]
fn merges_are_compared_with_their_first_parent() {
    let sandbox = Sandbox::new();
    sandbox.commit("root", &[("a", "1\n2\n3\n4\n5\n"), ("b", "b\n")]);
    for branch in ["one", "two", "three"] {
        sandbox.git(&["checkout", "-q", "-b", branch, "main"]);
        sandbox.commit(branch, &[(branch, branch)]);
    }
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("main", &[("a", "1\n2\n3\n4\nfive\n")]);
    sandbox.git(&["merge", "-q", "--no-edit", "one"]);
    sandbox.git(&["merge", "-q", "--no-edit", "two", "three"]);
    check_all(&sandbox, &sandbox.repo());
    let octopus = read(&open(&sandbox.repo()), "HEAD");
    assert_eq!((octopus.parents.len(), octopus.changes.len()), (3, 2));
}

#[test]
fn moves_are_found_as_git_finds_them() {
    let sandbox = Sandbox::new();
    let (long, other) = (lines(40, "long"), lines(40, "other"));
    let root: &[(&str, &str)] = &[
        ("exact", &long),
        ("edited", &other),
        ("swap1", &lines(10, "1")),
        ("swap2", &lines(10, "2")),
        ("d1/mod.rs", &lines(20, "m1")),
        ("d2/mod.rs", &lines(20, "m2")),
        ("d3/lib.rs", &lines(20, "lib")),
        ("e1", ""),
        ("e2", ""),
        ("same1", "same\n"),
        ("same2", "same\n"),
        ("same3", "same\n"),
    ];
    sandbox.commit("root", root);
    move_file(&sandbox, "exact", "sub/exact");
    move_file(&sandbox, "edited", "renamed");
    sandbox.commit("moved", &[("renamed", &other.replace("line 3 ", "LINE 3 "))]);
    move_file(&sandbox, "swap1", "swap");
    move_file(&sandbox, "swap2", "swap1");
    move_file(&sandbox, "swap", "swap2");
    commit_all(&sandbox, "swapped");
    for dir in ["d1", "d2", "d3"] {
        move_file(&sandbox, dir, &format!("deep/{dir}"));
    }
    sandbox.commit(
        "directories",
        &[("deep/d1/mod.rs", &(lines(19, "m1") + "new\n")), ("deep/d2/mod.rs", &lines(17, "m2"))],
    );
    for (from, to) in [("e1", "f2"), ("e2", "x/e1"), ("same1", "x/same3"), ("same2", "y/same1"), ("same3", "z/other")] {
        move_file(&sandbox, from, to);
    }
    commit_all(&sandbox, "twins");
    sandbox.commit("copies", &[("copy1", &long), ("copy2", &long)]);
    std::fs::remove_file(sandbox.repo().join("copy1")).unwrap();
    sandbox.commit("one of two candidates", &[("c1", &lines(38, "long")), ("c2", &lines(39, "long"))]);
    std::fs::remove_file(sandbox.repo().join("c1")).unwrap();
    std::fs::remove_file(sandbox.repo().join("c2")).unwrap();
    sandbox.commit(
        "alike both ways",
        &[("n1", &lines(39, "long")), ("n2", &lines(37, "long")), ("n3", &lines(20, "long"))],
    );
    move_file(&sandbox, "n3", "below-half");
    sandbox.commit("too different", &[("below-half", &(lines(9, "long") + &lines(11, "fresh")))]);
    check_all(&sandbox, &sandbox.repo());
    let moved = read(&open(&sandbox.repo()), "HEAD~7");
    let from = |from: &str| ChangeKind::Renamed { from: from.into() };
    assert_eq!(kinds(&moved), [("renamed".into(), from("edited")), ("sub/exact".into(), from("exact"))]);
}

#[test]
fn many_moved_and_edited_files_are_paired_as_git_pairs_them() {
    let sandbox = Sandbox::new();
    for n in 0..150 {
        sandbox.write(&format!("old/file{n}.rs"), lines(30, &format!("{}", n % 40)));
        sandbox.write(&format!("old/{n}/mod.rs"), lines(30, &format!("{}", n / 3)));
    }
    commit_all(&sandbox, "root");
    sandbox.git(&["mv", "old", "new"]);
    for n in 0..150 {
        sandbox.write(&format!("new/file{n}.rs"), lines(30 - n % 17, &format!("{}", n % 40)));
        sandbox.write(&format!("new/{n}/mod.rs"), lines(20, &format!("{}", n / 3)) + &lines(n % 20, "x"));
        if n % 2 == 0 {
            move_file(&sandbox, &format!("new/file{n}.rs"), &format!("new/renamed{n}.rs"));
        }
    }
    commit_all(&sandbox, "move and edit");
    check_all(&sandbox, &sandbox.repo());
    sandbox.git(&["config", "diff.renameLimit", "10"]);
    check_all(&sandbox, &sandbox.repo());
    assert!(read(&open(&sandbox.repo()), "HEAD").changes.len() > 300, "the limit holds");
}

#[test]
fn binary_files_are_told_by_content_and_attributes() {
    let sandbox = Sandbox::new();
    let late = [b"x\n".repeat(4500), b"\0".to_vec()].concat();
    sandbox.write("nul", b"a\0b\n");
    sandbox.write("late-nul", &late);
    sandbox.write("pic.lock", "1\n2\n");
    sandbox.write("forced.bin", b"a\0b\nc\n");
    sandbox.write("sub/pic.lock", "1\n");
    sandbox.write("sub/driver.x", "1\n");
    sandbox.write("sub/auto.y", "1\n");
    commit_all(&sandbox, "without attributes");
    sandbox.write(".gitattributes", "*.lock binary\nforced.bin diff\n*.x diff=mine\n*.y diff=rust\nmoved -diff\n");
    sandbox.write("sub/.gitattributes", "pic.lock diff\n");
    sandbox.git(&["config", "diff.mine.binary", "true"]);
    sandbox.write("nul", b"a\0c\n");
    sandbox.write("late-nul", &late[2..]);
    for path in ["pic.lock", "forced.bin", "sub/pic.lock", "sub/driver.x", "sub/auto.y"] {
        sandbox.write(path, "1\n3\n4\n");
    }
    commit_all(&sandbox, "with attributes");
    move_file(&sandbox, "nul", "dir/nul");
    move_file(&sandbox, "sub/auto.y", "moved");
    commit_all(&sandbox, "moved");
    std::fs::remove_file(sandbox.repo().join("late-nul")).unwrap();
    std::fs::remove_file(sandbox.repo().join("pic.lock")).unwrap();
    commit_all(&sandbox, "gone");
    check_all(&sandbox, &sandbox.repo());
    let gone = read(&open(&sandbox.repo()), "HEAD");
    assert_eq!((gone.changes[0].lines == Lines::Binary, gone.changes[1].lines), (false, Lines::Binary));
}

#[cfg(unix)]
#[test]
fn links_modes_types_and_submodules_are_named_for_what_they_are() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::new();
    let executable = |path: &str| {
        std::fs::set_permissions(sandbox.repo().join(path), std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    sandbox.commit("root", &[("script", "a\nb\n"), ("both", "a\n"), ("file", "x\ny\n"), ("moved", &lines(9, "m"))]);
    symlink("file", sandbox.repo().join("link")).unwrap();
    executable("script");
    executable("both");
    sandbox.commit("modes", &[("both", "b\n")]);
    assert_eq!(
        kinds(&read(&open(&sandbox.repo()), "HEAD")),
        [
            ("both".into(), ChangeKind::Modified),
            ("link".into(), ChangeKind::Added),
            ("script".into(), ChangeKind::ModeChanged)
        ]
    );
    std::fs::remove_file(sandbox.repo().join("link")).unwrap();
    std::fs::remove_file(sandbox.repo().join("file")).unwrap();
    symlink("script", sandbox.repo().join("file")).unwrap();
    move_file(&sandbox, "moved", "moved.sh");
    executable("moved.sh");
    sandbox.commit("types", &[("link", "script")]);
    assert_eq!(
        kinds(&read(&open(&sandbox.repo()), "HEAD")),
        [
            ("file".into(), ChangeKind::TypeChanged),
            ("link".into(), ChangeKind::TypeChanged),
            ("moved.sh".into(), ChangeKind::Renamed { from: b"moved".to_vec() })
        ]
    );
    move_file(&sandbox, "file", "other/link");
    let [one, two] = ["1", "2"].map(|digit| digit.repeat(40));
    for (message, info) in [
        ("submodule comes", format!("160000,{one},mod")),
        ("submodule moves", format!("160000,{two},mod")),
        ("submodule becomes a file", format!("100644,{},mod", sandbox.git(&["rev-parse", "HEAD:both"]).trim())),
        ("and a submodule again", format!("160000,{one},mod")),
    ] {
        sandbox.git(&["update-index", "--add", "--cacheinfo", &info]);
        sandbox.git(&["commit", "-q", "-m", message]);
    }
    sandbox.git(&["update-index", "--force-remove", "mod"]);
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{one},vendor/mod")]);
    sandbox.git(&["commit", "-q", "-m", "submodule is moved"]);
    sandbox.git(&["update-index", "--force-remove", "vendor/mod"]);
    sandbox.git(&["commit", "-q", "-m", "submodule goes"]);
    check_all(&sandbox, &sandbox.repo());
    assert_eq!(kinds(&read(&open(&sandbox.repo()), "HEAD")), [("vendor/mod".into(), ChangeKind::Submodule)]);
    assert_eq!(kinds(&read(&open(&sandbox.repo()), "HEAD~4")), [("mod".into(), ChangeKind::Submodule)]);
}

#[cfg(target_os = "linux")]
#[test]
fn paths_of_any_bytes_are_kept() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let write = |path: &[u8], content: &str| {
        std::fs::write(sandbox.repo().join(std::ffi::OsStr::from_bytes(path)), content).unwrap();
    };
    write(b"caf\xe9", "1\n");
    write(b"new\nline\ttab", "1\n");
    write("schön \"quoted\"".as_bytes(), &lines(9, "s"));
    commit_all(&sandbox, "root");
    write(b"caf\xe9", "2\n");
    move_file(&sandbox, "schön \"quoted\"", "häßlich");
    commit_all(&sandbox, "edit");
    check_all(&sandbox, &sandbox.repo());
    assert_eq!(read(&open(&sandbox.repo()), "HEAD").changes[0].path, b"caf\xe9");
}

/// Writes `content` with some lines taken out, put in, changed, doubled or moved.
fn shake(dice: &mut Dice, content: &str, words: usize) -> String {
    let mut lines: Vec<String> = content.lines().map(str::to_owned).collect();
    for _ in 0..=dice.roll(12) {
        let at = dice.roll(lines.len() + 1);
        let word = format!("{}{}", "  ".repeat(dice.roll(3)), dice.roll(words));
        match dice.roll(5) {
            0 => lines.insert(at, word),
            1 if at < lines.len() => lines[at] = word,
            2 if at < lines.len() => drop(lines.remove(at)),
            3 if at < lines.len() => lines.insert(at, lines[at].clone()),
            _ => {
                let half = lines.len() / 2;
                lines.rotate_left(at.min(half));
            }
        }
    }
    let end = if dice.roll(6) == 0 { "" } else { "\n" };
    lines.join(["\n", "\n", "\n", "\r\n"][dice.roll(4)]) + end
}

#[test]
fn a_hundred_random_commits_are_counted_as_git_counts_them() {
    let sandbox = Sandbox::new();
    let mut dice = Dice(42);
    let mut files = BTreeSet::new();
    for n in 0..100 {
        for _ in 0..=dice.roll(6) {
            let list: Vec<String> = files.iter().cloned().collect();
            let name = |dice: &mut Dice| format!("d{}/{}/f{}", dice.roll(3), dice.roll(3), dice.roll(8));
            let fresh = name(&mut dice);
            let old = (!list.is_empty()).then(|| list[dice.roll(list.len())].clone());
            let read = |path: &str| std::fs::read_to_string(sandbox.repo().join(path)).unwrap();
            match (dice.roll(5), old) {
                (0, Some(old)) => {
                    std::fs::remove_file(sandbox.repo().join(&old)).unwrap();
                    files.remove(&old);
                }
                (1, Some(old)) => {
                    let content = read(&old);
                    std::fs::remove_file(sandbox.repo().join(&old)).unwrap();
                    files.remove(&old);
                    let edited = if dice.roll(2) == 0 { content } else { shake(&mut dice, &content, 300) };
                    sandbox.write(&fresh, edited);
                    files.insert(fresh);
                }
                (2 | 3, Some(old)) => {
                    let words = [8, 60, 100_000][dice.roll(3)];
                    let edited = shake(&mut dice, &read(&old), words);
                    sandbox.write(&old, edited);
                }
                _ => {
                    let size = dice.roll(400);
                    let content: Vec<String> = (0..size).map(|_| dice.roll(500).to_string() + "\n").collect();
                    let content = content.concat();
                    sandbox.write(&fresh, content);
                    files.insert(fresh);
                }
            }
        }
        commit_all(&sandbox, &format!("random {n}"));
    }
    assert_eq!(check_all(&sandbox, &sandbox.repo()), 100);
}

#[test]
fn sha256_repositories_are_read() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("sha256");
    sandbox.git(&["init", "-q", "--object-format=sha256", dir.to_str().unwrap()]);
    let git = |args: &[&str]| checked(sandbox.command("git").current_dir(&dir).args(args));
    for (content, path) in [("1\n2\n", "a"), ("1\n3\n", "b")] {
        std::fs::write(dir.join("a"), content).unwrap();
        std::fs::create_dir_all(dir.join("sub")).unwrap();
        std::fs::write(dir.join("sub").join(path), lines(20, "x")).unwrap();
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", path]);
    }
    assert_eq!(check_all(&sandbox, &dir), 2);
    assert_eq!(read(&open(&dir), "HEAD").id.as_str().len(), 64);
}

#[test]
fn a_shallow_clone_ends_in_a_root() {
    let sandbox = Sandbox::new();
    for content in ["1\n", "1\n2\n", "1\n2\n3\n"] {
        sandbox.commit(content, &[("a", content), ("b", "b\n")]);
    }
    let from = format!("file://{}", sandbox.repo().display());
    let to = sandbox.path("shallow");
    sandbox.git(&["clone", "-q", "--depth", "2", &from, to.to_str().unwrap()]);
    assert_eq!(check_all(&sandbox, &to), 2);
    let root = read(&open(&to), "HEAD~1");
    assert_eq!((root.parents.len(), root.parent_committed, root.changes.len()), (0, None, 2));
}

#[test]
fn the_facts_of_a_commit_are_those_that_git_prints() {
    let sandbox = Sandbox::new();
    sandbox.commit("root", &[]);
    let message = "first line\nsecond line\n\nbody\n\n  more\n\nCo-authored-by: Bo <bo@x>\nRefs: #1\n  #2\n";
    sandbox.commit(message, &[("a", "a\n")]);
    let repository = open(&sandbox.repo());
    let commit = read(&repository, "HEAD");
    let git = |format: &str| sandbox.git(&["show", "-s", &format!("--format={format}")]).trim_end().to_owned();
    assert_eq!(commit.subject, git("%s"));
    assert_eq!(commit.author.when.to_rfc3339(), git("%aI"));
    assert_eq!(commit.body, "body\n\n  more");
    let trailers: Vec<String> = commit.trailers.iter().map(|t| format!("{}: {}", t.key, t.value)).collect();
    assert_eq!(trailers.join("\n"), git("%(trailers:only,unfold)"));
    assert_eq!((commit.branch.as_deref(), commit.worktree), (Some("main"), Some(sandbox.repo())));
    assert_eq!(commit.parent_committed, Some(commit.committer.when));
    assert_eq!((commit.author.name.as_str(), commit.author.email.as_str()), ("Ada Example", "ada@example.org"));
    assert_eq!(read(&repository, "HEAD~1").branch, None);
    sandbox.git(&["checkout", "-q", "--detach"]);
    assert_eq!(read(&repository, "HEAD").branch, None);
}

#[test]
fn after_the_deadline_the_files_are_still_named() {
    let sandbox = Sandbox::new();
    sandbox.commit("root", &[("a", "a\n"), ("b", &lines(9, "b"))]);
    let repository = open(&sandbox.repo());
    let id = repository.resolve("HEAD").unwrap();
    let commit = repository.commit(&id, Deadline::after(Duration::ZERO)).unwrap();
    assert_eq!(we_say(&commit), [("uncounted".into(), None, b"a".to_vec()), ("uncounted".into(), None, b"b".to_vec())]);
}

#[test]
fn a_file_that_would_take_longer_than_there_is_time_is_left_for_later() {
    let sandbox = Sandbox::new();
    let large = |first: &str| first.to_owned() + &"some words on a line\n".repeat(100_000);
    sandbox.commit("root", &[("b", "b\n"), ("large", &large("one"))]);
    sandbox.commit("next", &[("b", "bb\n"), ("large", &large("two"))]);
    let repository = open(&sandbox.repo());
    let id = repository.resolve("HEAD").unwrap();
    let counted = |deadline| we_say(&repository.commit(&id, deadline).unwrap());
    assert_eq!(counted(Deadline::after(Duration::from_millis(20)))[1].0, "uncounted");
    assert_eq!(counted(Deadline::after(Duration::from_secs(60))), counted(Deadline::NONE));
}

#[test]
fn a_missing_file_leaves_its_lines_uncounted_and_a_missing_commit_is_an_error_with_its_name() {
    let sandbox = Sandbox::new();
    let id = sandbox.commit("root", &[("a", "a\n"), ("b", "b\n")]);
    let remove = |id: &str| std::fs::remove_file(sandbox.repo().join(".git/objects").join(&id[..2]).join(&id[2..]));
    remove(sandbox.git(&["rev-parse", "HEAD:a"]).trim()).unwrap();
    let repository = open(&sandbox.repo());
    let changes = read(&repository, "HEAD").changes;
    assert_eq!(changes[0].lines, Lines::Uncounted);
    assert_eq!(changes[1].lines, Lines::Counted { added: 1, removed: 0 });
    remove(&id).unwrap();
    let id = CommitId::parse(&id).unwrap();
    let error = open(&sandbox.repo()).commit(&id, Deadline::NONE).unwrap_err();
    assert!(error.to_string().contains(id.as_str()), "{error}");
}

#[test]
fn directories_nested_without_end_are_refused_and_not_descended_into() {
    let sandbox = Sandbox::new();
    let import = |depth: usize| {
        let (branch, path) = (format!("deep{depth}"), "d/".repeat(depth) + "f");
        let commit = format!("commit refs/heads/{branch}\ncommitter A <a@x> 0 +0000\ndata 0\nM 644 inline {path}\n");
        let stream = sandbox.path("stream");
        std::fs::write(&stream, commit + "data 2\nx\n\n").unwrap();
        let mut command = sandbox.command("git");
        checked(command.args(["fast-import", "--quiet"]).stdin(std::fs::File::open(stream).unwrap()));
        let repository = open(&sandbox.repo());
        repository.commit(&repository.resolve(&branch).unwrap(), Deadline::NONE)
    };
    assert_eq!(import(2000).unwrap().changes[0].lines, Lines::Counted { added: 1, removed: 0 });
    assert!(format!("{:#}", import(2100).unwrap_err()).contains("nested"));
}

#[test]
fn the_repository_is_found_from_wherever_git_runs_us() {
    let sandbox = Sandbox::new();
    let unborn = open(&sandbox.repo());
    assert!(unborn.resolve("HEAD").is_err());
    assert_eq!(unborn.worktree(), Some(sandbox.repo().as_path()));
    let id = sandbox.commit("root", &[("sub/a", "a\n")]);
    let (linked, bare) = (sandbox.path("linked tree"), sandbox.path("bare.git"));
    sandbox.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()]);
    sandbox.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let (top, dot_git) = (sandbox.repo(), sandbox.repo().join(".git"));
    let check = |dir: &Path, variables: &[(&str, &Path)], worktree: Option<&PathBuf>, git_dir: &Path, common: &Path| {
        let repository = Repository::open(&env(dir, variables)).unwrap();
        assert_eq!(repository.worktree(), worktree.map(PathBuf::as_path), "{dir:?} {variables:?}");
        assert_eq!((repository.git_dir(), repository.common_dir()), (git_dir, common), "{dir:?} {variables:?}");
        assert_eq!(repository.resolve("HEAD").unwrap().as_str(), id);
        assert_eq!(repository.state_dir(), common.join("commit-story"));
        repository
    };
    let dot = Path::new(".git");
    let private = dot_git.join("worktrees/linked-tree");
    check(&top, &[], Some(&top), &dot_git, &dot_git);
    check(&top.join("sub"), &[], Some(&top), &dot_git, &dot_git);
    check(&top, &[("GIT_DIR", dot), ("GIT_INDEX_FILE", dot)], Some(&top), &dot_git, &dot_git);
    check(&sandbox.home(), &[("GIT_DIR", &dot_git)], Some(&sandbox.home()), &dot_git, &dot_git);
    check(&bare, &[("GIT_DIR", &dot_git), ("GIT_WORK_TREE", &top)], Some(&top), &dot_git, &dot_git);
    check(&bare, &[], None, &bare, &bare);
    check(&top, &[("GIT_DIR", &bare)], None, &bare, &bare);
    check(&bare, &[("GIT_DIR", Path::new("."))], None, &bare, &bare);
    check(&top, &[("GIT_DIR", &bare), ("GIT_WORK_TREE", &top)], Some(&top), &bare, &bare);
    check(&linked, &[], Some(&linked), &private, &dot_git);
    let repository = check(&linked, &[("GIT_DIR", &private)], Some(&linked), &private, &dot_git);
    check(&linked, &[("GIT_DIR", dot)], Some(&linked), &private, &dot_git);
    assert_eq!(repository.worktrees(), [top.clone(), linked.clone()]);
    assert_eq!(repository.main_worktree(), Some(top));
    assert_eq!(read(&repository, "HEAD").branch.as_deref(), Some("side"));
    assert_eq!(check_all(&sandbox, &linked), 1);
    assert_eq!(check_all(&sandbox, &bare), 1);
    assert_eq!(open(&bare).main_worktree(), None);
    let nowhere = Repository::open(&env(&sandbox.home(), &[])).unwrap_err();
    assert!(matches!(nowhere, OpenError::NotFound(_)), "{nowhere:?}");
    let missing = sandbox.path("missing");
    assert!(Repository::open(&env(&linked, &[("GIT_DIR", &missing)])).is_err());
    assert!(repository.resolve("HEAD:").is_err(), "a tree is no commit");
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let sandbox = Sandbox::new();
    let id = sandbox.commit("root", &[("a", "a\n")]);
    let top = sandbox.path("top");
    sandbox.git(&["init", "-q", top.to_str().unwrap()]);
    let mut add = sandbox.command("git");
    let from = sandbox.repo();
    add.current_dir(&top).args(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add"]);
    checked(add.arg(from).arg("sub"));
    let repository = open(&top.join("sub"));
    assert_eq!(repository.worktree(), Some(top.join("sub").as_path()));
    assert_eq!(repository.common_dir(), top.join(".git/modules/sub"));
    assert_eq!(repository.resolve("HEAD").unwrap().as_str(), id);
    let hook = env(&top.join("sub"), &[("GIT_DIR", &top.join(".git/modules/sub"))]);
    assert_eq!(Repository::open(&hook).unwrap().worktree(), Some(top.join("sub").as_path()));
}

#[test]
fn the_hooks_directory_is_the_one_git_uses() {
    let sandbox = Sandbox::new();
    let linked = sandbox.path("linked");
    sandbox.commit("root", &[]);
    sandbox.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let check = |dir: &Path, hooks: PathBuf| assert_eq!(open(dir).hooks_dir(), hooks);
    check(&linked, sandbox.repo().join(".git/hooks"));
    sandbox.git(&["config", "core.hooksPath", ".husky/_"]);
    check(&sandbox.repo(), sandbox.repo().join(".husky/_"));
    check(&linked, linked.join(".husky/_"));
    sandbox.git(&["config", "core.hooksPath", "/opt/hooks"]);
    check(&linked, "/opt/hooks".into());
    assert_eq!(open(&linked).config_string("core.hooksPath").as_deref(), Some("/opt/hooks"));
}
