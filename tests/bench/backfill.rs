//! What a journal of the past takes: `cargo bench --bench backfill -- [OPTIONS]`; see `docs/performance.md`.
//!
//! In: the built binary, git, and a repository that is generated once below the target directory. Out: a table of ratios.
//! Never here: a verdict by absolute times: `git log --numstat` over the same commits runs in the same shuffled rounds.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are printed")]

mod rounds;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use self::rounds::Run;

const USAGE: &str = "\
cargo bench --bench backfill -- [OPTIONS]
  --quick          1,000 commits instead of 10,000
  --rounds N       how often each command runs (default 9)
  --binary PATH    measure this binary instead of the one just built";

/// Places made by another version of this benchmark are not used.
const VERSION: u32 = 2;

/// The files of the repository, and how many lines each has.
const FILES: u32 = 3_000;
const LINES: u32 = 150;

/// How many files a commit changes.
const TOUCHED: u32 = 3;

/// When the first commit is made, in seconds since 1970 (2024-01-01), and how long until the next one.
const FIRST: i64 = 1_704_067_200;
const PAUSE: i64 = 5_400;

/// Every so many-th commit was made with an assistant.
const WITH_SESSION: u32 = 20;

struct Options {
    commits: u32,
    rounds: usize,
    binary: PathBuf,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let options = options(&arguments);
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-backfill");
    let place = Place::make(data.join(format!("v{VERSION}-{}", options.commits)), options.commits);
    println!("{} commits, {} rounds; medians (quartiles) in ms; {}", options.commits, options.rounds, data.display());
    println!("{:<32}{:>30}{:>30}{:>8}{:>8}{:>10}", "", "backfill", "git log --numstat", "ratio", "MB", "git's MB");
    for (name, home) in [("no conversations", "empty-home"), ("every 20th commit has a session", "home")] {
        let backfill = || {
            let mut command = place.command(&options.binary, home);
            command.args(["backfill", "--all", "--quiet"]);
            command
        };
        let log = || {
            let mut command = place.command("git".as_ref(), home);
            command.args(["log", "--numstat", "-M", "--branches"]);
            command
        };
        let complete = || place.is_complete(options.commits, home == "home");
        let measured = rounds::run(
            options.rounds,
            &[
                Run { prepare: &|| place.reset(), command: &backfill, complete: &complete, piped: false },
                Run { prepare: &|| {}, command: &log, complete: &|| true, piped: false },
            ],
        );
        println!(
            "{name:<32}{:>30}{:>30}{:>8.2}{:>8.1}{:>10.1}",
            measured[0].to_string(),
            measured[1].to_string(),
            measured[0].median / measured[1].median,
            rounds::peak_megabytes(backfill, || place.reset()),
            rounds::peak_megabytes(log, || {}),
        );
        assert_eq!(measured[0].cut_short, 0);
    }
}

fn options(arguments: &[String]) -> Options {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_commit-story"));
    let mut options = Options { commits: 10_000, rounds: 9, binary };
    let mut rest = arguments.iter().filter(|argument| *argument != "--bench");
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().unwrap_or_else(|| usage()).clone();
        match argument.as_str() {
            "--quick" => options.commits = 1_000,
            "--rounds" => options.rounds = value().parse().unwrap_or_else(|_| usage()),
            "--binary" => options.binary = Path::new(&value()).canonicalize().unwrap(),
            _ => usage(),
        }
    }
    options
}

fn usage() -> ! {
    eprintln!("{USAGE}");
    std::process::exit(2)
}

/// A repository with its history, a home with conversations, and one without.
struct Place {
    top: PathBuf,
}

impl Place {
    fn make(top: PathBuf, commits: u32) -> Self {
        let place = Self { top };
        let done = place.top.join("complete");
        if !done.exists() {
            let _ = fs::remove_dir_all(&place.top);
            eprintln!("(making a repository of {commits} commits)");
            fs::create_dir_all(place.repo()).unwrap();
            fs::create_dir_all(place.top.join("empty-home")).unwrap();
            let config = "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[gc]\n\tauto = 0\n";
            fs::write(place.top.join("gitconfig"), config).unwrap();
            place.git(&["init", "-q", "-b", "main"]);
            place.import(commits);
            place.git(&["repack", "-adq", "--window=50", "--depth=50"]);
            place.converse(commits);
            fs::write(done, "").unwrap();
        }
        place
    }

    fn repo(&self) -> PathBuf {
        self.top.join("repo")
    }

    /// A history of commits that each change some lines of some files.
    fn import(&self, commits: u32) {
        let mut git = self.command("git".as_ref(), "empty-home");
        let mut git = git.args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        // The last commit that changed each line of each file.
        let mut lines = vec![0; (FILES * LINES) as usize];
        let mut stream = String::new();
        for nth in 0..commits {
            let who = format!("Ada Example <ada@example.org> {} +0000", committed(nth));
            let message = format!("Change {nth}\n\nBecause the one before was not enough.\n");
            write!(stream, "commit refs/heads/main\ncommitter {who}\ndata {}\n{message}", message.len()).unwrap();
            let touched: Vec<u32> = if nth == 0 { (0..FILES).collect() } else { self::touched(nth).collect() };
            for file in touched {
                let own = &mut lines[(file * LINES) as usize..((file + 1) * LINES) as usize];
                for step in 0..8 {
                    own[((nth * 31 + step * 7) % LINES) as usize] = nth;
                }
                let mut text = String::new();
                for (number, changed) in own.iter().enumerate() {
                    line(&mut text, file * LINES + u32::try_from(number).unwrap(), *changed);
                }
                write!(stream, "M 100644 inline {}\ndata {}\n{text}\n", path(file), text.len()).unwrap();
            }
            git.stdin.as_mut().unwrap().write_all(stream.as_bytes()).unwrap();
            stream.clear();
        }
        drop(git.stdin.take());
        assert!(git.wait().unwrap().success());
    }

    /// A transcript in the form of Claude Code's for every so many-th commit.
    fn converse(&self, commits: u32) {
        let top = self.repo().canonicalize().unwrap();
        let name = top.to_str().unwrap().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let project = self.top.join("home/.claude/projects").join(name);
        fs::create_dir_all(&project).unwrap();
        let output = "warning: unused variable: `left`\\n  --> src/other.rs:12:9\\n".repeat(20);
        for nth in (WITH_SESSION..commits).step_by(WITH_SESSION as usize) {
            let id = format!("{nth:08x}-0000-4000-8000-000000000000");
            let (mut text, mut number) = (String::new(), 0);
            let mut record = |role: &str, content: &str| {
                number += 1;
                let at = committed(nth) - 3_600 + number * 40;
                let at = chrono::DateTime::from_timestamp(at, 0).unwrap().format("%Y-%m-%dT%H:%M:%S.000Z");
                let parent = if number == 1 { "null".to_owned() } else { format!("\"{id}-{}\"", number - 1) };
                writeln!(
                    text,
                    r#"{{"parentUuid":{parent},"isSidechain":false,"userType":"external","cwd":"{}","sessionId":"{id}","version":"2.1.0","type":"{role}","message":{{"role":"{role}","model":"claude-opus-5-5","content":{content}}},"uuid":"{id}-{number}","timestamp":"{at}"}}"#,
                    top.display(),
                )
                .unwrap();
            };
            record("user", &format!("\"Please make change {nth}, and keep the order of the lines.\""));
            for file in touched(nth) {
                for step in 0..12 {
                    let call = format!("toolu_{file}_{step}");
                    let used = format!(
                        r#"[{{"type":"tool_use","id":"{call}","name":"Edit","input":{{"file_path":"{}","old_string":"a","new_string":"b"}}}}]"#,
                        top.join(path(file)).display()
                    );
                    record("assistant", &used);
                    let result = format!(r#"[{{"type":"tool_result","tool_use_id":"{call}","content":"{output}"}}]"#);
                    record("user", &result);
                }
            }
            record(
                "assistant",
                r#"[{"type":"text","text":"Done: the lines keep their order, because others count on it."}]"#,
            );
            fs::write(project.join(format!("{id}.jsonl")), text).unwrap();
        }
    }

    /// Back to a repository without a journal.
    fn reset(&self) {
        let _ = fs::remove_dir_all(self.repo().join("journal"));
        let _ = fs::remove_dir_all(self.repo().join(".git/commit-story"));
    }

    /// Whether every commit has its entry, and those with a session its words. Panics when one has not.
    fn is_complete(&self, commits: u32, told: bool) -> bool {
        let (mut entries, mut prompts) = (0, 0);
        for month in fs::read_dir(self.repo().join("journal/entries")).unwrap() {
            for page in fs::read_dir(month.unwrap().path()).unwrap() {
                let page = fs::read_to_string(page.unwrap().path()).unwrap();
                entries += page.matches("<!-- commit-story:entry ").count();
                prompts += page.matches("Please make change").count();
            }
        }
        let expected = if told { (commits - 1) / WITH_SESSION } else { 0 };
        assert_eq!((entries, prompts), (commits as usize, expected as usize));
        true
    }

    fn git(&self, arguments: &[&str]) {
        assert!(self.command("git".as_ref(), "empty-home").args(arguments).status().unwrap().success());
    }

    fn command(&self, program: &Path, home: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.top.join(home))
            .env("GIT_CONFIG_GLOBAL", self.top.join("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("LC_ALL", "C")
            .current_dir(self.repo());
        command
    }
}

/// A line of a file, as a commit left it: like no other, as in real files, so that packs keep a file as the difference to
/// its own next version and not to some other file.
fn line(text: &mut String, place: u32, changed: u32) {
    let mut random = (u64::from(place) << 32 | u64::from(changed)).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    text.push_str("    ");
    for _ in 0..6 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        write!(text, "{}{} ", ["get", "put", "old", "new", "set", "is"][(random % 6) as usize], random % 997).unwrap();
    }
    text.push('\n');
}

fn committed(nth: u32) -> i64 {
    FIRST + i64::from(nth) * PAUSE
}

fn touched(nth: u32) -> impl Iterator<Item = u32> {
    (0..TOUCHED).map(move |step| (nth * 17 + step * 411) % FILES)
}

fn path(file: u32) -> String {
    format!("area-{}/part-{}/file-{file}.txt", file / 500, file / 25)
}
