//! What the story behind a line costs beside `git blame`: `cargo bench --bench why -- [OPTIONS]`; see `docs/performance.md`.
//!
//! In: the built binary, git, and a repository that is generated once below the target directory, or one of yours. Out: for
//! each range both times in paired rounds, and their ratio. Never here: this machine's own configuration.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "its figures are printed")]

#[expect(dead_code, reason = "shared with a benchmark that measures more")]
mod rounds;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use self::rounds::Run;

const USAGE: &str = "\
cargo bench --bench why -- [OPTIONS]
  --commits N            the generated repository's commits (default 5000)
  --rounds N             how often each command runs (default 40)
  --repository DIR FILE  measure this file of this repository, whole and its middle line
  --binary PATH          measure this binary instead of the one just built";

/// How many files the generated repository has; each commit changes three of them.
const FILES: usize = 400;

struct Options {
    commits: usize,
    rounds: usize,
    repository: Option<(PathBuf, String)>,
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
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-why");
    fs::create_dir_all(top.join("home")).unwrap();
    fs::write(top.join("gitconfig"), "[user]\n\tname = Ada Example\n\temail = ada@example.org\n").unwrap();
    let (repo, files) = if let Some((repo, file)) = &options.repository {
        (repo.clone(), vec![file.clone()])
    } else {
        let repo = top.join(format!("repo-{}", options.commits));
        if !repo.join(".git/made").exists() {
            let _ = fs::remove_dir_all(&repo);
            generate(&top, &repo, options.commits);
        }
        let mut listed = command(&top, &repo, Path::new("git"));
        let listed = listed.args(["ls-files", "*/hot.rs", "*/file23.rs"]).output().unwrap();
        (repo, String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect())
    };
    println!("{} rounds; medians (quartiles) in ms", options.rounds);
    for file in &files {
        let length = fs::read_to_string(repo.join(file)).unwrap().lines().count();
        let middle = length / 2;
        for (first, last) in [(middle, middle), (middle, (middle + 9).min(length)), (1, length)] {
            measure(&options, &top, &repo, file, first, last);
        }
    }
}

fn measure(options: &Options, top: &Path, repo: &Path, file: &str, first: usize, last: usize) {
    let git = || {
        let mut git = command(top, repo, Path::new("git"));
        git.args(["blame", "--porcelain", &format!("-L{first},{last}"), "--", file]);
        git
    };
    let ours = || {
        let mut ours = command(top, repo, &options.binary);
        ours.args(["why", &format!("{file}:{first}-{last}")]);
        ours
    };
    let run = |command| Run { prepare: &|| {}, command, complete: &|| true, piped: true };
    let figures = rounds::run(options.rounds, &[run(&git), run(&ours)]);
    println!("\n{file}, lines {first} to {last}");
    println!("  git blame         {}", figures[0]);
    println!("  commit-story why  {}: {:.2} times", figures[1], figures[1].median / figures[0].median);
}

/// A history whose every commit edits a file that all of them edit, and two others; files move now and then.
fn generate(top: &Path, repo: &Path, commits: usize) {
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = move |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice % sides as u64).unwrap()
    };
    let mut files: Vec<(String, Vec<String>)> = (0..FILES)
        .map(|nth| {
            (
                format!("src/part{}/file{nth}.rs", nth % 20),
                (0..100).map(|line| format!("line {line} of {nth}")).collect(),
            )
        })
        .collect();
    files[0] =
        ("src/core/hot.rs".to_owned(), (0..1_500).map(|line| format!("    let name{line} = call({line});")).collect());
    let mut stream = String::new();
    for nth in 0..=commits {
        let date = 1_700_000_000 + nth * 600;
        let who = format!("Ada Example <ada@example.org> {date} +0000");
        let _ = write!(stream, "commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata 1\nx\n");
        let edited: Vec<usize> =
            if nth == 0 { (0..FILES).collect() } else { vec![0, 1 + roll(FILES - 1), 1 + roll(FILES - 1)] };
        for at in edited {
            let (path, lines) = &mut files[at];
            if nth > 0 {
                let place = roll(lines.len());
                match roll(3) {
                    0 => lines.insert(place, format!("added by {nth}")),
                    _ => lines[place] = format!("changed by {nth}"),
                }
            }
            let moves = nth > 0 && (at == 0 && nth % (commits / 3).max(1) == 0 || at > 0 && roll(40) == 0);
            if moves {
                let _ = writeln!(stream, "D {path}");
                *path = if at == 0 {
                    if path.starts_with("src") {
                        path.replacen("src", "lib", 1)
                    } else {
                        path.replacen("lib", "src", 1)
                    }
                } else {
                    format!("src/part{}/file{at}.rs", roll(20))
                };
            }
            let text = lines.join("\n");
            let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n\n", text.len() + 1);
        }
    }
    fs::create_dir_all(repo).unwrap();
    let git =
        |arguments: &[&str]| assert!(command(top, repo, Path::new("git")).args(arguments).status().unwrap().success());
    git(&["init", "-q", "-b", "main"]);
    let mut import = command(top, repo, Path::new("git"));
    let mut import = import.args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    // As `git gc` leaves a repository.
    git(&["repack", "-adfq"]);
    git(&["checkout", "-qf", "main"]);
    fs::write(repo.join(".git/made"), "").unwrap();
}

fn command(top: &Path, repo: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", top.join("home"))
        .env("GIT_CONFIG_GLOBAL", top.join("gitconfig"))
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("LC_ALL", "C")
        .current_dir(repo);
    command
}

fn options(arguments: &[String]) -> Options {
    let mut options = Options {
        commits: 5_000,
        rounds: 40,
        repository: None,
        binary: PathBuf::from(env!("CARGO_BIN_EXE_commit-story")),
    };
    let mut rest = arguments.iter().filter(|argument| *argument != "--bench");
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().unwrap_or_else(|| panic!("{USAGE}")).clone();
        match argument.as_str() {
            "--commits" => options.commits = value().parse().unwrap(),
            "--rounds" => options.rounds = value().parse().unwrap(),
            "--repository" => options.repository = Some((PathBuf::from(value()).canonicalize().unwrap(), value())),
            "--binary" => options.binary = Path::new(&value()).canonicalize().unwrap(),
            _ => panic!("{USAGE}"),
        }
    }
    options
}
