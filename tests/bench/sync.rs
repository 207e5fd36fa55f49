//! What sharing a large journal costs: `cargo bench --bench sync -- [ENTRIES]`; see `docs/performance.md`.
//!
//! In: the built binary, git, and a journal of 50,000 entries that `git fast-import` writes below the target directory.
//! Out: how long the steps take, beside what git itself takes for a clone. Never here: this machine's own configuration,
//! or a network.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "its figures are printed")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const USAGE: &str = "\
cargo bench --bench sync -- [ENTRIES] [--binary PATH]
  ENTRIES          how large the journal is (default 50000)
  --binary PATH    measure this binary instead of the one just built";

const BRANCH: &str = "commit-story/journal";

/// Entries of one day: one page.
const DAILY: u32 = 7;

/// How many entries each side has that the other has not.
const NEW: u32 = 100;

/// The day of the newest shared page, at noon.
const NEWEST: i64 = 1_767_700_800;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let entries = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(50_000);
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-sync");
    let _ = std::fs::remove_dir_all(&top);
    std::fs::create_dir_all(&top).unwrap();
    let named = arguments.iter().position(|argument| argument == "--binary").and_then(|at| arguments.get(at + 1));
    let binary = named.map_or(env!("CARGO_BIN_EXE_commit-story"), String::as_str);
    let place = Place { top, binary: Path::new(binary).canonicalize().unwrap() };
    place.build(entries);
    println!("a journal of {entries} entries on {} pages", entries.div_ceil(DAILY));
    timed(
        "git clone of the journal alone",
        place.git(".", &["clone", "-q", "--bare", "--no-local", "remote.git", "copy.git"]),
    );
    timed("the first sync of a second machine", place.story("second", &["sync"]));
    timed("a sync with nothing to do", place.story("second", &["sync"]));
    place.import("first", "a", entries, entries + NEW);
    place.import("second", "b", entries, entries + NEW);
    timed("a sync that sends 100 entries", place.story("first", &["sync"]));
    timed("a sync that merges 100 and 100 entries on the same pages", place.story("second", &["sync"]));
    timed("a sync that takes 100 entries", place.story("first", &["sync"]));
    place.git(".", &["-C", "second", "branch", "-q", "-D", BRANCH]).status().unwrap();
    place.import("second", "c", 0, entries);
    timed(
        "a sync of two journals of as many entries each that share no commit and no entry",
        place.story("second", &["sync"]),
    );
    for kind in ["journal.branch=commit-story/journal", "journal.branch=null"] {
        let mut times: Vec<f64> = (0..20)
            .map(|nth| {
                place.commit("first", nth);
                let started = Instant::now();
                assert!(place.story("first", &["--set", kind, "record", "HEAD"]).status().unwrap().success());
                started.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("{:8.1} ms  one entry with {kind}, median of 20", times[10]);
    }
}

struct Place {
    top: PathBuf,
    binary: PathBuf,
}

impl Place {
    /// A remote with the journal, and two clones of it, of which one has the journal already.
    fn build(&self, entries: u32) {
        let config = "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n";
        std::fs::write(self.top.join("gitconfig"), config).unwrap();
        done(self.git(".", &["init", "-q", "--bare", "-b", "main", "remote.git"]));
        for clone in ["first", "second"] {
            done(self.git(".", &["clone", "-q", "remote.git", clone]));
            let settings = "journal:\n  branch: commit-story/journal\n";
            std::fs::write(self.top.join(clone).join(".commit-story.yaml"), settings).unwrap();
        }
        self.import("first", "d", 0, entries);
        done(self.git("first", &["push", "-q", "origin", BRANCH]));
        // The same journal in the folder, for comparison.
        std::fs::create_dir(self.top.join("first/journal-files")).unwrap();
        done(self.git("first", &["--work-tree=journal-files", "restore", "--source", BRANCH, "--", "."]));
        std::fs::rename(self.top.join("first/journal-files"), self.top.join("first/journal")).unwrap();
    }

    /// Entries from one to another number on the journal's branch, a commit for each, as the hook makes them.
    fn import(&self, clone: &str, side: &str, from: u32, to: u32) {
        let mut git = self.git(clone, &["fast-import", "--quiet", "--force"]).stdin(Stdio::piped()).spawn().unwrap();
        let mut pipe = git.stdin.take().unwrap();
        let mut look = self.git(clone, &["rev-parse", "-q", "--verify", BRANCH]);
        let mut onto = look.stdout(Stdio::null()).status().unwrap().success();
        let mut page = String::new();
        for nth in from / DAILY * DAILY..to.div_ceil(DAILY) * DAILY {
            let (day, hour) = (nth / DAILY, nth % DAILY);
            let at = NEWEST + (i64::from(day) - 7_143) * 86_400 + i64::from(hour) * 60;
            let date = chrono::DateTime::from_timestamp(at, 0).unwrap();
            if hour == 0 {
                page = format!("# {}\n", date.format("%A, %-d %B %Y"));
            }
            page.push_str(&entry(side, nth, &date.format("%Y-%m-%d").to_string()));
            let who = format!("Ada Example <ada@example.org> {at} +0000");
            let mut commit = format!("commit refs/heads/{BRANCH}\ncommitter {who}\ndata 9\njournal: \n");
            if std::mem::take(&mut onto) {
                writeln!(commit, "from refs/heads/{BRANCH}^0").unwrap();
            }
            let path = date.format("entries/%Y-%m/%Y-%m-%d.md");
            write!(commit, "M 100644 inline {path}\ndata {}\n{page}\n", page.len()).unwrap();
            pipe.write_all(commit.as_bytes()).unwrap();
        }
        drop(pipe);
        assert!(git.wait().unwrap().success());
    }

    fn commit(&self, clone: &str, nth: u32) {
        std::fs::write(self.top.join(clone).join("a.txt"), format!("{nth}\n")).unwrap();
        done(self.git(clone, &["add", "a.txt"]));
        done(self.git(clone, &["commit", "-q", "-m", "Keep the order of the keys"]));
    }

    fn git(&self, dir: &str, args: &[&str]) -> Command {
        let mut command = self.command(dir, Path::new("git"));
        command.args(args);
        command
    }

    fn story(&self, dir: &str, args: &[&str]) -> Command {
        let mut command = self.command(dir, &self.binary);
        command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn command(&self, dir: &str, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.top)
            .env("GIT_CONFIG_GLOBAL", self.top.join("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("LC_ALL", "C")
            .current_dir(self.top.join(dir));
        command
    }
}

fn timed(what: &str, command: Command) {
    let started = Instant::now();
    done(command);
    println!("{:8.2} s   {what}", started.elapsed().as_secs_f64());
}

fn done(mut command: Command) {
    assert!(command.status().unwrap().success(), "{command:?} failed");
}

/// An entry of some 800 bytes; no two sides have one in common.
fn entry(side: &str, nth: u32, date: &str) -> String {
    let (hour, id) = (nth % DAILY, format!("{side:0>8}{nth:032x}"));
    let words = "We should keep the order of the keys, because the reader compares them. ".repeat(8);
    format!(
        "\n<!-- commit-story:entry {id} v1 {date}T0{hour}:00:00+00:00 -->\n## 0{hour}:00 · change {nth} · {}\n\n\
         ### Conversation\n\n> **Developer**, 0{hour}:00: {id} {words}\n\
         <!-- commit-story:end (what you write below this line stays) -->\n",
        &id[..8]
    )
}
