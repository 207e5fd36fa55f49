//! What a long rebase pays for the journal: `cargo bench --bench rebase -- [COMMITS]`; see `docs/performance.md`.
//!
//! In: the built binary, git, and a branch that is made below the target directory, each commit with its entry.
//! Out: how long the rebase takes with our hooks and without, and when the journal has followed.
//! Never here: this machine's own configuration.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "its figures are printed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const USAGE: &str = "\
cargo bench --bench rebase -- [COMMITS] [--binary PATH]
  COMMITS          how many are rebased (default 1000)
  --binary PATH    measure this binary instead of the one just built";

/// When the first commit is made, in seconds since 1970; each of the others follows after ten minutes.
const FIRST: i64 = 1_767_700_800;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let commits: i64 = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    let named = arguments.iter().position(|argument| argument == "--binary").and_then(|at| arguments.get(at + 1));
    let binary = Path::new(named.map_or(env!("CARGO_BIN_EXE_commit-story"), String::as_str)).canonicalize().unwrap();
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-rebase");
    let _ = fs::remove_dir_all(&top);
    let place = Place { top, binary };
    place.build(commits);
    println!("a rebase of {commits} commits");
    let bare = place.rebase(false);
    println!("{:8.2} s  without hooks", bare.as_secs_f64());
    place.git(&["reset", "-q", "--hard", "before"]);
    let hooked = place.rebase(true);
    println!(
        "{:8.2} s  with ours: {:.2} times as long",
        hooked.as_secs_f64(),
        hooked.as_secs_f64() / bare.as_secs_f64()
    );
    let started = Instant::now();
    let ids = place.ids();
    while place.told(&ids) < ids.len() && started.elapsed() < Duration::from_secs(600) {
        std::thread::sleep(Duration::from_millis(10));
    }
    println!("{:8.2} s  until the journal has followed", started.elapsed().as_secs_f64());
    println!("{:8}    entries of {} have followed", place.told(&ids), ids.len());
}

struct Place {
    top: PathBuf,
    binary: PathBuf,
}

impl Place {
    fn build(&self, commits: i64) {
        fs::create_dir_all(self.repo()).unwrap();
        fs::create_dir_all(self.top.join("home")).unwrap();
        fs::write(
            self.top.join("gitconfig"),
            "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
        )
        .unwrap();
        self.git(&["init", "-q", "-b", "main"]);
        self.commit("base", FIRST - 600);
        self.git(&["branch", "base"]);
        let init = self.command(&self.binary).args(["init", "--yes", "--hooks", "files"]).output().unwrap();
        assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
        for nth in 0..commits {
            self.commit(&format!("file-{}", nth % 50), FIRST + nth * 600);
        }
        self.git(&["branch", "before"]);
        self.git(&["checkout", "-q", "base"]);
        self.commit("upstream", FIRST - 300);
        self.git(&["checkout", "-q", "main"]);
    }

    fn commit(&self, file: &str, at: i64) {
        let path = self.repo().join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, format!("{text}line {at}\n")).unwrap();
        self.git(&["add", file]);
        let date = format!("{at} +0000");
        let mut git = self.command(Path::new("git"));
        git.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        assert!(git.args(["commit", "-q", "-m", file]).status().unwrap().success());
    }

    /// Puts every commit upon another base.
    fn rebase(&self, hooks: bool) -> Duration {
        let mut git = self.command(Path::new("git"));
        if !hooks {
            git.args(["-c", "core.hooksPath=/dev/null"]);
        }
        let started = Instant::now();
        assert!(git.args(["rebase", "-q", "base"]).output().unwrap().status.success());
        started.elapsed()
    }

    /// The commits as they are now.
    fn ids(&self) -> Vec<String> {
        let output = self.command(Path::new("git")).args(["rev-list", "base..main"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// How many of the commits have their entry.
    fn told(&self, ids: &[String]) -> usize {
        let text: String = self.pages().into_iter().map(|page| fs::read_to_string(page).unwrap_or_default()).collect();
        ids.iter().filter(|id| text.contains(&format!("<!-- commit-story:entry {id} "))).count()
    }

    fn pages(&self) -> Vec<PathBuf> {
        let months = fs::read_dir(self.repo().join("journal/entries")).unwrap();
        let pages = months.flat_map(|month| fs::read_dir(month.unwrap().path()).unwrap());
        pages.map(|page| page.unwrap().path()).filter(|page| page.extension().is_some_and(|is| is == "md")).collect()
    }

    fn repo(&self) -> PathBuf {
        self.top.join("repo")
    }

    fn git(&self, arguments: &[&str]) {
        assert!(self.command(Path::new("git")).args(arguments).status().unwrap().success(), "git {arguments:?} failed");
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.top.join("home"))
            .env("GIT_CONFIG_GLOBAL", self.top.join("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("LC_ALL", "C")
            .current_dir(self.repo());
        command
    }
}
