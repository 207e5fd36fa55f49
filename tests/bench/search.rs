//! What a search of a large journal costs: `cargo bench --bench search -- [ENTRIES]`; see `docs/performance.md`.
//!
//! In: a journal of 50,000 entries that is made below the target directory. Out: how long the index takes to build, to be
//! brought after one commit, and to answer.
//! Never here: this machine's own configuration or journals.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "its figures are printed")]

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use commit_story::search::{self, Query};
use commit_story::store::Store;

const USAGE: &str = "\
cargo bench --bench search -- [ENTRIES]
  ENTRIES          how large the journal is (default 50000)";

/// Entries of one day: one page.
const DAILY: u32 = 7;

/// So often each query is put.
const ROUNDS: usize = 21;

/// What is looked for, and how common it is.
const QUERIES: &[(&str, &str)] = &[
    ("uploader", "a word of one entry in 100"),
    ("cache timeout", "two words of one entry in 20 each"),
    ("the", "a word of every entry"),
    ("the developer asked for it", "five words of every entry"),
    ("\"keep the order\"", "a phrase"),
    ("pars*", "a beginning"),
    ("time* -cache", "a beginning, without a word"),
    ("retry_count OR fooBar", "identifiers, one or the other"),
    ("试次", "two signs of Chinese"),
    ("timeout since:2025-06-01", "a word, in some months"),
    ("timeout author:grace file:parser", "a word, with two filters"),
    ("author:grace", "a filter alone"),
    ("cahce", "nothing, with the nearest words"),
];

/// Words of which entries are made; the n-th stands in one entry of n + 20.
const WORDS: &[&str] = &[
    "cache", "timeout", "parser", "retry", "upload", "socket", "schema", "index", "branch", "token", "release",
    "signal", "thread", "buffer", "worker", "layout", "session", "summary", "budget", "journal",
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let entries = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(50_000);
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-search");
    let _ = std::fs::remove_dir_all(&top);
    let bytes = write(&top, entries);
    println!("a journal of {entries} entries on {} pages, {} MB", entries.div_ceil(DAILY), bytes >> 20);
    let state = top.join(".git/commit-story");
    let store = Store::new(top.join("journal"), state.join("journal.lock"), Some(&top));
    let ((), built) = timed(|| search::rebuild(&store, &state, |_, _| ControlFlow::Continue(())).unwrap());
    let size = std::fs::metadata(state.join("search.sqlite")).unwrap().len();
    println!("{:8.2} s   the index is built; it has {} MB", built.as_secs_f64(), size >> 20);
    for (text, what) in QUERIES {
        let query = Query::parse(text, NaiveDate::from_ymd_opt(2026, 1, 6).unwrap()).unwrap();
        let mut found = 0;
        let median = median(|| found = search::search(&store, &state, &query, 10, 0).unwrap().total);
        println!("{:8.1} ms  {text} ({what}): {found} entries", median.as_secs_f64() * 1e3);
    }
    let query = Query::parse("uploader", NaiveDate::MIN).unwrap();
    let mut nth = entries;
    let after = median(|| {
        nth += 1;
        let (path, day) = page(&top, entries - 1);
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + &entry(nth, &day)).unwrap();
        search::search(&store, &state, &query, 10, 0).unwrap();
    });
    println!("{:8.1} ms  a search after one more entry", after.as_secs_f64() * 1e3);
    program(&top);
}

/// The whole program, as a person starts it.
fn program(top: &Path) {
    let command = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(top).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", top).env("GIT_CONFIG_SYSTEM", "/dev/null").stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{command:?} failed");
    };
    command("git", &["init", "-q"]);
    let median = median(|| command(env!("CARGO_BIN_EXE_commit-story"), &["search", "cache timeout"]));
    println!("{:8.1} ms  commit-story search \"cache timeout\", the whole program", median.as_secs_f64() * 1e3);
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| timed(&mut work).1).collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

/// Writes the journal, and says how many bytes it has.
fn write(top: &Path, entries: u32) -> usize {
    let mut bytes = 0;
    for first in (0..entries).step_by(DAILY as usize) {
        let (path, day) = page(top, first);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text =
            (first..entries.min(first + DAILY)).fold(format!("# {day}\n\n"), |text, nth| text + &entry(nth, &day));
        bytes += text.len();
        std::fs::write(path, text).unwrap();
    }
    bytes
}

fn page(top: &Path, nth: u32) -> (PathBuf, String) {
    let day = NaiveDate::from_ymd_opt(2007, 1, 1).unwrap() + chrono::TimeDelta::days(i64::from(nth / DAILY));
    let path = day.format("journal/entries/%Y-%m/%Y-%m-%d.md").to_string();
    (top.join(path), day.to_string())
}

/// An entry of the usual size, with words as common as they are in such texts.
fn entry(nth: u32, day: &str) -> String {
    let minute = nth % DAILY * 60 + nth % 60;
    let time = format!("{:02}:{:02}", 9 + minute / 60, minute % 60);
    let mut said: Vec<String> = Vec::new();
    for (rank, word) in (20..).zip(WORDS) {
        if nth.is_multiple_of(rank) {
            said.push(format!("the {word} of part {} must keep the order", nth % 997));
        }
    }
    // A long tail: names that few entries have.
    said.push(format!("look at part{}_name and node{} in step {}", nth % 4_999, nth % 9_973, nth));
    if nth.is_multiple_of(100) {
        said.push("set retry_count of the uploader, then fooBar; 重试次数".to_owned());
    }
    let said = said.join(", ");
    let author = ["Ada Example", "Grace Muster", "Ida Prøve"][nth as usize % 3];
    let file = ["src/parser/read.rs", "src/retry.rs", "docs/guide.md"][nth as usize % 5 % 3];
    let reply = "I have looked at how the pieces fit, changed the function and its tests, and run them. ".repeat(4);
    let mut text = String::new();
    write!(
        text,
        "<!-- commit-story:entry {nth:040x} v1 {day}T{time}:00+00:00 -->
## {time} · Change part {} of the whole · {}

### Conversation

> **Developer**, {time}: The developer asked for it: {said}.
>
> **Claude Code**, {time}: {reply}

### Decisions

- **Which way for part {}?** The {} one

### Changes

1 file, +{} −3

- `{file}` +{} −3 (source)

### Details

- Commit `{nth:040x}` on `main`
- Author: {author}
- Claude Code, session `{:08x}`, 1 prompt, {time} to {time}, model `claude-opus-5-5`
<!-- commit-story:end (what you write below this line stays) -->

",
        nth % 997,
        &format!("{nth:040x}")[..8],
        nth % 89,
        ["shorter", "safer", "plainer"][nth as usize % 3],
        nth % 50,
        nth % 50,
        nth / 3,
    )
    .unwrap();
    text
}
