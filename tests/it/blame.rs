//! Where lines come from, against `git blame` itself.

#![expect(clippy::unwrap_used, reason = "a test may panic; clippy only knows the functions marked as tests")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use commit_story::env::Env;
use commit_story::git::blame::Question;
use commit_story::git::{CommitId, Repository};

use crate::support::Sandbox;

/// A line's commit (of an uncommitted one only zeros), its path there and its number there.
type Traced = (String, String, u32);

fn open(dir: &Path) -> Repository {
    Repository::open(&Env::take_from([], dir.to_owned())).unwrap()
}

fn question(path: &str) -> Question {
    Question { path: path.as_bytes().to_vec(), lines: None, at: None, ignored: vec![] }
}

fn we_say(dir: &Path, question: &Question) -> Vec<Traced> {
    let repository = open(dir);
    let blame = repository.blame(question).unwrap();
    let zero = "0".repeat(repository.resolve("HEAD").unwrap().as_str().len());
    let lines = blame.lines.into_iter().map(|line| match line.origin {
        Some(origin) => (origin.commit.to_string(), String::from_utf8(origin.path).unwrap(), origin.line),
        // Git has a number for these, too, which says nothing.
        None => (zero.clone(), String::new(), 0),
    });
    lines.collect()
}

fn git_says(sandbox: &Sandbox, dir: &Path, question: &Question) -> Vec<Traced> {
    let mut git = sandbox.command("git");
    git.current_dir(dir).args(["blame", "--line-porcelain"]);
    for ignored in &question.ignored {
        git.args(["--ignore-rev", ignored.as_str()]);
    }
    if let Some(lines) = &question.lines {
        git.arg(format!("-L{},{}", lines.start(), lines.end()));
    }
    git.args(question.at.iter().map(CommitId::as_str)).arg("--").arg(String::from_utf8(question.path.clone()).unwrap());
    let output = git.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (mut traced, mut head, mut path) = (Vec::new(), (String::new(), 0), String::new());
    for line in text.split('\n') {
        let words: Vec<&str> = line.split(' ').collect();
        if line.starts_with('\t') {
            let uncommitted = head.0.bytes().all(|byte| byte == b'0');
            traced.push(if uncommitted {
                (head.0.clone(), String::new(), 0)
            } else {
                (head.0.clone(), path.clone(), head.1)
            });
        } else if let Some(name) = line.strip_prefix("filename ") {
            name.clone_into(&mut path);
        } else if CommitId::parse(words[0]).is_some() {
            head = (words[0].to_owned(), words[1].parse().unwrap());
        }
    }
    traced
}

fn check(sandbox: &Sandbox, dir: &Path, question: &Question) -> Vec<Traced> {
    let (ours, gits) = (we_say(dir, question), git_says(sandbox, dir, question));
    for (number, (our, git)) in (1..).zip(ours.iter().zip(&gits)) {
        assert_eq!(our, git, "line {number} of {question:?}");
    }
    assert_eq!(ours.len(), gits.len());
    ours
}

/// The same order of dice in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

type Files = std::collections::BTreeMap<String, Vec<String>>;

/// A history that nobody would make by hand: edits, moves, copies of lines, reformatted files, and merges.
struct Zoo {
    dice: Dice,
    stream: String,
    /// The files of each commit; its mark is its place, counted from 1.
    commits: Vec<Files>,
    tips: Vec<usize>,
}

impl Zoo {
    fn new(seed: u64, commits: usize) -> Self {
        let mut zoo = Self { dice: Dice(seed), stream: String::new(), commits: vec![], tips: vec![] };
        let mut files = Files::new();
        for name in ["a.rs", "src/b.rs", "src/deep/c.rs"] {
            files.insert(name.to_owned(), (0..30).map(|_| zoo.line()).collect());
        }
        zoo.commit(files, &[]);
        zoo.tips = vec![1, 1];
        for nth in 0..commits {
            let branch = zoo.dice.roll(2);
            let tip = zoo.tips[branch];
            let other = zoo.tips[1 - branch];
            let mark = if nth % 9 == 8 && tip != other {
                let merged = zoo.merged(tip, other);
                zoo.commit(merged, &[tip, other])
            } else {
                let mut files = zoo.commits[tip - 1].clone();
                zoo.change(&mut files);
                zoo.commit(files, &[tip])
            };
            zoo.tips[branch] = mark;
        }
        let (tip, other) = (zoo.tips[0], zoo.tips[1]);
        let merged = zoo.merged(tip, other);
        zoo.commit(merged, &[tip, other]);
        zoo
    }

    fn line(&mut self) -> String {
        const WORDS: [&str; 12] =
            ["let", "name", "=", "call(", "first,", "second)", "if", "{", "}", "return", "value", "  "];
        let count = self.dice.roll(5);
        (0..=count).map(|_| WORDS[self.dice.roll(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    fn change(&mut self, files: &mut Files) {
        let names: Vec<String> = files.keys().cloned().collect();
        let name = names[self.dice.roll(names.len())].clone();
        let kind = self.dice.roll(12);
        if kind == 0 {
            let to = format!("{}/moved{}.rs", ["src", "lib", "lib/deep"][self.dice.roll(3)], self.commits.len());
            let lines = files.remove(&name).unwrap();
            files.insert(to.clone(), lines);
            return self.edit(files.get_mut(&to).unwrap());
        }
        let lines = files.get_mut(&name).unwrap();
        match kind {
            1 => lines.iter_mut().for_each(|line| *line = format!("  {}", line.replace(' ', "  "))),
            2 => *lines = lines.iter().flat_map(|line| line.split_inclusive(',').map(str::to_owned)).collect(),
            _ => (0..3).for_each(|_| self.edit(lines)),
        }
    }

    fn edit(&mut self, lines: &mut Vec<String>) {
        let at = self.dice.roll(lines.len() + 1);
        match self.dice.roll(5) {
            0 | 1 => lines.insert(at, self.line()),
            2 if lines.len() > 8 => drop(lines.drain(at.min(lines.len() - 3)..at.min(lines.len() - 3) + 2)),
            3 if !lines.is_empty() => lines.insert(at, lines[self.dice.roll(lines.len())].clone()),
            _ => {
                if let Some(line) = lines.get_mut(at) {
                    line.push_str(" changed");
                }
            }
        }
    }

    /// Files of either side, some with the lines of both.
    fn merged(&mut self, one: usize, other: usize) -> Files {
        let (one, other) = (self.commits[one - 1].clone(), self.commits[other - 1].clone());
        let mut files = other.clone();
        for (name, lines) in one {
            let theirs = other.get(&name).filter(|theirs| **theirs != lines);
            let half = self.dice.roll(lines.len() + 1);
            let both = theirs.map(|theirs| [&lines[..half], &theirs[half.min(theirs.len())..]].concat());
            files.insert(name, both.filter(|_| self.dice.roll(3) > 0).unwrap_or(lines));
        }
        files
    }

    fn commit(&mut self, files: Files, parents: &[usize]) -> usize {
        let mark = self.commits.len() + 1;
        let date = 1_767_700_000 + mark * 60;
        let _ = write!(
            self.stream,
            "commit refs/heads/main\nmark :{mark}\nauthor A <a@x> {date} +0000\ncommitter A <a@x> {date} +0000\ndata 1\nx\n"
        );
        for (nth, parent) in parents.iter().enumerate() {
            let _ = writeln!(self.stream, "{} :{parent}", if nth == 0 { "from" } else { "merge" });
        }
        self.stream.push_str("deleteall\n");
        for (name, lines) in &files {
            // Every fifth version ends without a line feed, every seventh has the line ends of Windows.
            let end = if mark.is_multiple_of(7) { "\r\n" } else { "\n" };
            let text = lines.join(end) + if mark.is_multiple_of(5) { "" } else { end };
            let _ = write!(self.stream, "M 100644 inline {name}\ndata {}\n{text}\n", text.len());
        }
        self.commits.push(files);
        mark
    }

    /// Makes the repository, and says where it is.
    fn build(&self, sandbox: &Sandbox, format: &str) -> PathBuf {
        let dir = sandbox.path(&format!("zoo-{format}-{}", self.dice.0));
        sandbox.git(&["init", "-q", &format!("--object-format={format}"), dir.to_str().unwrap()]);
        let mut import = sandbox.command("git");
        let import = import.current_dir(&dir).args(["fast-import", "--quiet"]).stdin(Stdio::piped());
        let mut import = import.spawn().unwrap();
        import.stdin.take().unwrap().write_all(self.stream.as_bytes()).unwrap();
        assert!(import.wait().unwrap().success());
        assert!(sandbox.command("git").current_dir(&dir).args(["checkout", "-qf", "main"]).status().unwrap().success());
        dir
    }
}

fn commits_of(sandbox: &Sandbox, dir: &Path) -> Vec<CommitId> {
    let output = sandbox.command("git").current_dir(dir).args(["rev-list", "main"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|id| CommitId::parse(id).unwrap()).collect()
}

#[test]
fn every_line_of_a_wild_history_comes_from_where_git_says() {
    let sandbox = Sandbox::new();
    for (seed, commits, format) in [(1, 150, "sha1"), (7, 60, "sha256"), (99, 90, "sha1")] {
        let zoo = Zoo::new(seed, commits);
        let dir = zoo.build(&sandbox, format);
        let mut origins = std::collections::BTreeSet::new();
        for path in zoo.commits.last().unwrap().keys() {
            let traced = check(&sandbox, &dir, &question(path));
            origins.extend(traced.into_iter().map(|(commit, path, _)| (commit, path)));
            let lines: Option<RangeInclusive<u32>> = Some(3..=7);
            check(&sandbox, &dir, &Question { lines, ..question(path) });
        }
        assert!(origins.len() > 10, "the history is wild indeed: {origins:?}");
    }
}

#[test]
fn ignored_commits_are_looked_through_as_git_does() {
    let sandbox = Sandbox::new();
    for seed in [3, 5, 11] {
        let zoo = Zoo::new(seed, 80);
        let dir = zoo.build(&sandbox, "sha1");
        let ids = commits_of(&sandbox, &dir);
        let mut differences = 0;
        for (nth, path) in zoo.commits.last().unwrap().keys().enumerate() {
            let usual = we_say(&dir, &question(path));
            for step in [2, 5] {
                let ignored = ids.iter().skip(nth).step_by(step).cloned().collect();
                let traced = check(&sandbox, &dir, &Question { ignored, ..question(path) });
                differences += usize::from(traced != usual);
            }
        }
        assert!(differences > 0, "it makes a difference");
    }
}

#[test]
fn what_is_not_committed_is_told_apart_as_git_does() {
    let sandbox = Sandbox::new();
    let dir = sandbox.repo();
    let lines = (0..20).map(|nth| format!("line {nth}\n")).collect::<Vec<_>>().concat();
    sandbox.commit("first", &[("a.rs", &lines), ("b.rs", &lines.replace("line", "other"))]);
    sandbox.write("a.rs", lines.replace("line 7\n", "line seven\nline and a half\n"));
    let traced = check(&sandbox, &dir, &question("a.rs"));
    assert_eq!(traced.iter().filter(|(_, path, _)| path.is_empty()).count(), 2);
    let at = Some(open(&dir).resolve("HEAD").unwrap());
    check(&sandbox, &dir, &Question { at, lines: Some(7..=9), ..question("a.rs") });
    // Moved, and added, but not committed.
    sandbox.git(&["mv", "b.rs", "moved.rs"]);
    sandbox.write("new.rs", "x\n");
    sandbox.git(&["add", "new.rs"]);
    let traced = check(&sandbox, &dir, &question("moved.rs"));
    assert!(traced.iter().all(|(_, path, _)| path == "b.rs"), "{traced:?}");
    check(&sandbox, &dir, &question("new.rs"));
    // Gone from the work tree: where git gives up, the committed file is told.
    std::fs::remove_file(dir.join("a.rs")).unwrap();
    assert_eq!(we_say(&dir, &question("a.rs")).len(), 20);
}

#[test]
fn a_merge_that_is_not_committed_stands_upon_both_sides() {
    let sandbox = Sandbox::new();
    let dir = sandbox.repo();
    sandbox.commit("base", &[("a.rs", "1\n2\n3\n4\n5\n6\n7\n8\n9\n")]);
    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    let topic = sandbox.commit("theirs", &[("a.rs", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("ours", &[("a.rs", "one\n2\n3\n4\n5\n6\n7\n8\n9\n")]);
    sandbox.git(&["merge", "-q", "--no-commit", "--no-ff", "topic"]);
    let traced = check(&sandbox, &dir, &question("a.rs"));
    assert_eq!(traced[8].0, topic);
}

#[test]
fn line_ends_that_git_converts_make_no_line_new() {
    let sandbox = Sandbox::new();
    let dir = sandbox.repo();
    sandbox.commit("first", &[("a.txt", "1\n2\n"), ("b.txt", "1\n2\n"), (".gitattributes", "b.txt text eol=crlf\n")]);
    sandbox.git(&["config", "core.autocrlf", "true"]);
    for path in ["a.txt", "b.txt"] {
        sandbox.write(path, "1\r\n2\r\n3\r\n");
        let traced = check(&sandbox, &dir, &question(path));
        assert_eq!(traced.iter().filter(|(_, path, _)| path.is_empty()).count(), 1, "{path}");
    }
    sandbox.git(&["config", "core.autocrlf", "false"]);
    check(&sandbox, &dir, &question("a.txt"));
}

#[test]
fn the_configured_list_of_ignored_commits_is_respected() {
    let sandbox = Sandbox::new();
    let dir = sandbox.repo();
    let first = sandbox.commit("first", &[("a.rs", "fn main() { call(first, second); }\n")]);
    let second = sandbox.commit("reformat", &[("a.rs", "fn main() {\n    call(first, second);\n}\n")]);
    sandbox.commit("list", &[(".git-blame-ignore-revs", &format!("# formatting\n{second}\n"))]);
    assert_eq!(we_say(&dir, &question("a.rs"))[1].0, second);
    sandbox.git(&["config", "--add", "blame.ignoreRevsFile", ".git-blame-ignore-revs"]);
    let traced = check(&sandbox, &dir, &question("a.rs"));
    assert_eq!(traced[1].0, first);
    // An empty name takes nothing back, whatever git's manual says: git sorts the names first.
    sandbox.git(&["config", "--add", "blame.ignoreRevsFile", ""]);
    check(&sandbox, &dir, &question("a.rs"));
    // One that is not there, as many name for all their repositories, is no reason to say nothing.
    sandbox.git(&["config", "--add", "blame.ignoreRevsFile", "nowhere"]);
    assert_eq!(we_say(&dir, &question("a.rs"))[1].0, first);
}

#[test]
fn where_a_shallow_clone_ends_its_last_commit_has_the_rest() {
    let sandbox = Sandbox::new();
    sandbox.commit("first", &[("a.rs", "1\n2\n")]);
    sandbox.commit("second", &[("a.rs", "1\n2\n3\n")]);
    sandbox.commit("third", &[("a.rs", "1\n2\n3\n4\n")]);
    let dir = sandbox.path("shallow");
    let from = format!("file://{}", sandbox.repo().display());
    sandbox.git(&["clone", "-q", "--depth", "2", &from, dir.to_str().unwrap()]);
    check(&sandbox, &dir, &question("a.rs"));
}
