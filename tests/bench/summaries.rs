//! What the summaries of a year cost: `cargo bench --bench summaries -- [ENTRIES]`; see `docs/performance.md`.
//!
//! In: the built binary, and an invented journal of 5,000 entries below the target directory. Out: how long the year takes
//! with all that it is made of, how long when nothing has changed, and when one entry has. Never here: chance.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "its figures are printed")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use chrono::{Datelike, NaiveDate};

const USAGE: &str = "\
cargo bench --bench summaries -- [ENTRIES]
  ENTRIES          how large the journal of a year is (default 5000)";

const TOPICS: &[&str] = &["uploads", "queue", "cli", "store", "fix(uploads)", "docs"];

const PROMPT: &str = "The upload starts again at zero when the connection drops. Can it resume where it was?";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let entries: u32 = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(5_000);
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-summaries/uploader");
    let _ = std::fs::remove_dir_all(&top);
    std::fs::create_dir_all(top.join("home")).unwrap();
    assert!(Command::new("git").args(["init", "-q"]).current_dir(&top).status().unwrap().success());
    let (pages, bytes) = write(&top, entries);
    println!("a journal of {entries} entries on {pages} pages, {} KiB", bytes >> 10);
    println!(
        "{:8.1} ms  the year, its quarters, months and days, for the first time",
        summarize(&top, &["year", "2026"])
    );
    println!("{:8.1} ms  its weeks", summarize(&top, &["week", "2026"]));
    println!("{:8.1} ms  the year once more, nothing has changed", median(|| summarize(&top, &["year", "2026"])));
    println!("{:8.1} ms  one month of it", median(|| summarize(&top, &["month", "2026-06"])));
    let page = top.join("journal/entries/2026-06/2026-06-03.md");
    let text = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, text.replace("resume", "go on")).unwrap();
    println!("{:8.1} ms  the year after one day has changed", summarize(&top, &["year", "2026"]));
    let year = std::fs::read_to_string(top.join("journal/summaries/year/2026.md")).unwrap();
    let words = year.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
    println!("the year's page has {} lines and {words} words, links included", year.lines().count());
}

fn median(mut measure: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..5).map(|_| measure()).collect();
    times.sort_by(f64::total_cmp);
    times[2]
}

/// Makes summaries, and says how many milliseconds that took.
fn summarize(top: &Path, arguments: &[&str]) -> f64 {
    let mut program = Command::new(env!("CARGO_BIN_EXE_commit-story"));
    program.current_dir(top).env("HOME", top.join("home")).env("COMMIT_STORY_NOW", "2027-01-06T16:02:06+01:00");
    program.env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME").args(["summarize", "--quiet"]).args(arguments);
    let started = Instant::now();
    assert!(program.output().unwrap().status.success());
    started.elapsed().as_secs_f64() * 1e3
}

/// Writes the pages of the working days of a year, and says how many they are and how large.
fn write(top: &Path, entries: u32) -> (usize, usize) {
    let year = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().iter_days().take(365);
    let days: Vec<NaiveDate> = year.filter(|day| day.weekday().num_days_from_monday() < 5).collect();
    let daily = entries.div_ceil(u32::try_from(days.len()).unwrap());
    let mut bytes = 0;
    for (nth, day) in days.iter().enumerate() {
        let mut page = format!("# {}\n", day.format("%A, %-d %B %Y"));
        for number in 0..daily {
            page.push_str(&entry(*day, u32::try_from(nth).unwrap() * daily + number, number));
        }
        let dir = top.join("journal/entries").join(day.format("%Y-%m").to_string());
        std::fs::create_dir_all(&dir).unwrap();
        bytes += page.len();
        std::fs::write(dir.join(day.format("%Y-%m-%d.md").to_string()), page).unwrap();
    }
    (days.len(), bytes)
}

/// An entry as the program writes it.
fn entry(day: NaiveDate, nth: u32, number: u32) -> String {
    let id = format!("{:08x}", nth.wrapping_mul(2_654_435_761)).repeat(5);
    let time = format!("{:02}:{:02}", 7 + number * 12 / 20, number * 37 % 60);
    let topic = TOPICS[(nth / 7) as usize % TOPICS.len()];
    let mut text = format!(
        "\n<!-- commit-story:entry {id} v1 {day}T{time}:00+01:00 -->\n## {time} · {topic}: part {nth} (#{}) · {}\n",
        nth / 40,
        &id[..8]
    );
    let _ = write!(
        text,
        "\n### Conversation\n\n> **Developer**, {time}: {PROMPT} Part {nth}.\n>\n> **Claude Code**, {time}: Done.\n"
    );
    if nth.is_multiple_of(9) {
        let _ = write!(text, "\n### Decisions\n\n- **Where is offset {nth} kept?** In a file beside it\n");
    }
    if nth.is_multiple_of(6) {
        text.push_str("\n### Roadblocks\n\n- `cargo test resume` failed 2 times, passed in the end (exit 101)\n  ```text\n  error: offset == 7\n  ```\n");
    }
    let _ = write!(
        text,
        "\n### Changes\n\n2 files, +{} −4\n\n- `src/upload/{}.rs` +{} −4 (source)\n- `tests/resume.rs` +1 −0 (tests)\n",
        nth % 80 + 1,
        nth % 13,
        nth % 80
    );
    if nth.is_multiple_of(30) {
        let _ = write!(
            text,
            "\n### Notes\n\n> **Reflection**, {time}: Thought {nth}: a retry is a request that somebody answers.\n"
        );
    }
    let _ = write!(
        text,
        "\n### Details\n\n- Commit `{id}` on `main`\n- Author: Ada Example\n- Claude Code, one session (`{:08x}`), 1 prompt, {time} to {time}\n",
        nth / 4
    );
    text + "<!-- commit-story:end (what you write below this line stays) -->\n"
}
