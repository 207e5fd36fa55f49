//! What a report of a large journal costs: `cargo bench --bench report -- [ENTRIES]`; see `docs/performance.md`.
//!
//! In: the built binary, and an invented journal of 10,000 entries below the target directory. Out: how long the report
//! takes and how large it is, beside the journal's own size, and the paths of both. Never here: a browser (that is
//! `tests/report/browser.py`), or chance: the same entries each time.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, reason = "its figures are printed")]

use std::path::Path;
use std::process::Command as Program;
use std::time::Instant;

use chrono::{DateTime, Duration, FixedOffset};
use commit_story::chat::Assistant;
use commit_story::git::CommitId;
use commit_story::journal::{
    ChangeGroup, ChangeSet, ChangedFile, Command, Commands, Decision, Details, Entry, Exchange, Mark, Narration, Note,
    NoteKind, Page, Quote, Roadblock, SessionLine, Speaker, Standing, Weighed,
};
use commit_story::markdown::render_page;

const USAGE: &str = "\
cargo bench --bench report -- [ENTRIES]
  ENTRIES          how large the journal is (default 10000)";

const NOW: &str = "2026-01-06T16:02:06+01:00";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let entries: u32 = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-report/uploader");
    let _ = std::fs::remove_dir_all(&top);
    std::fs::create_dir_all(top.join("home")).unwrap();
    assert!(Program::new("git").args(["init", "-q"]).current_dir(&top).status().unwrap().success());
    let (pages, bytes) = write(&top, entries);
    println!("a journal of {entries} entries on {pages} pages, {} KiB", bytes >> 10);
    for (what, range) in [("the usual 90 days", None), ("the whole journal", Some(".."))] {
        let file = top.join(if range.is_some() { "all.html" } else { "usual.html" });
        let mut times: Vec<f64> = (0..5).map(|_| report(&top, range, &file)).collect();
        times.sort_by(f64::total_cmp);
        let size = std::fs::metadata(&file).unwrap().len();
        println!("{:8.1} ms, {:6} KiB  {what}, median of 5: {}", times[2], size >> 10, file.display());
    }
}

/// Makes a report, and says how many milliseconds that took.
fn report(top: &Path, range: Option<&str>, file: &Path) -> f64 {
    let mut program = Program::new(env!("CARGO_BIN_EXE_commit-story"));
    program.current_dir(top).env("HOME", top.join("home")).env("COMMIT_STORY_NOW", NOW);
    program.env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME");
    program.args(["report", "--quiet"]).args(range).arg("--output").arg(file);
    let started = Instant::now();
    assert!(program.output().unwrap().status.success());
    started.elapsed().as_secs_f64() * 1e3
}

/// Writes the pages, and says how many they are and how large.
fn write(top: &Path, entries: u32) -> (usize, usize) {
    let mut dice = Dice(7);
    let mut left = entries;
    let (mut pages, mut bytes) = (0, 0);
    let mut day = DateTime::parse_from_rfc3339(NOW).unwrap();
    while left > 0 {
        // Quiet weekends, and a fortnight off now and then.
        let weekend = day.format("%u").to_string().parse::<u32>().unwrap() > 5;
        let daily = if weekend { dice.roll(3).saturating_sub(1) } else { 1 + dice.roll(12) };
        let entries: Vec<Entry> = (0..daily.min(left)).map(|nth| entry(&mut dice, day, nth)).collect();
        left -= daily.min(left);
        if !entries.is_empty() {
            let date = day.date_naive();
            let dir = top.join("journal/entries").join(date.format("%Y-%m").to_string());
            std::fs::create_dir_all(&dir).unwrap();
            let text = render_page(&Page { day: date, entries, problems: vec![] });
            bytes += text.len();
            pages += 1;
            std::fs::write(dir.join(date.format("%Y-%m-%d.md").to_string()), text).unwrap();
        }
        day -= Duration::days(if dice.roll(60) == 0 { 9 } else { 1 });
    }
    (pages, bytes)
}

/// Numbers that look like chance, and are the same each time (a linear congruential generator, Knuth's constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(sides)).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(u32::try_from(from.len()).unwrap()) as usize]
    }
}

const SUBJECTS: &[&str] = &[
    "increase timeout, add a single retry",
    "uploads: resume after a dropped connection",
    "parse dates with offsets",
    "queue: give up visibly after five attempts",
    "fix a typo in the help of `sync`",
    "rename Client to Session",
    "docs: say how the cache is invalidated",
    "ci: run the slow tests at night only",
];

const PROMPTS: &[&str] = &[
    "I just tried to make a release and did run into this issue:\n\n```\n⨯ release failed after 22m5s error=notarize: context deadline exceeded\n```\n\nwhat is going on?",
    "can you also add a single retry?",
    "The upload starts again at zero when the connection drops. Can it resume where it was? The server supports `Content-Range`.",
    "why does `parse_date` return None for \"2026-01-06T16:02+01:00\"?",
    "no, keep the name. But write down in the docs why it is called that",
];

const REPLIES: &[&str] = &[
    "Found the issue. The notarization timeout is set to `20m` on line 30, and it took 20m2s before timing out. Apple's service can take over 30 minutes under load, so I would set it to `45m`.",
    "Done. Added `retry: 1`, which will retry notarization once on failure, giving you 2 total attempts before the release fails.",
    "Yes. I'll ask the server with a `HEAD` request how much it has, and continue from there:\n\n- `src/upload/resume.rs` holds the new state\n- a checksum of the first part guards against a file that has changed meanwhile\n\nThe retry count stays as it is.",
    "The pattern has no offset. I'd switch to `DateTime::parse_from_rfc3339`, which accepts both forms.",
];

const FILES: &[&str] = &[
    "src/upload/resume.rs",
    "src/upload/mod.rs",
    "src/queue/retry.rs",
    "src/dates.rs",
    "tests/it/upload.rs",
    "docs/cache.md",
    ".goreleaser.yaml",
    "web/app/src/Upload.tsx",
    "web/app/src/queue.ts",
    "Cargo.toml",
];

const ASSISTANTS: &[Assistant] = &[
    Assistant::ClaudeCode,
    Assistant::ClaudeCode,
    Assistant::ClaudeCode,
    Assistant::Codex,
    Assistant::Cursor,
    Assistant::GeminiCli,
];

fn entry(dice: &mut Dice, day: DateTime<FixedOffset>, nth: u32) -> Entry {
    let at = day - Duration::hours(7) + Duration::minutes(i64::from((nth * 47 + dice.roll(40)) % 780));
    let id = format!("{:08x}", dice.roll(u32::MAX)).repeat(5);
    let assisted = dice.roll(5) > 0;
    let assistant = ASSISTANTS[dice.roll(6) as usize];
    let files: Vec<ChangedFile> = (0..=dice.roll(5)).map(|_| file(dice)).collect();
    let sum =
        |of: fn((u32, u32)) -> u32| files.iter().filter_map(|file| file.lines).map(|lines| u64::from(of(lines))).sum();
    Entry {
        commit: CommitId::parse(&id).unwrap(),
        at,
        subject: dice.pick(SUBJECTS).to_owned(),
        body: if dice.roll(4) == 0 { "The service is slow at the end of the month.".to_owned() } else { String::new() },
        narration: (assisted && dice.roll(3) == 0).then(|| narration(at)),
        conversation: if assisted {
            (0..=dice.roll(3)).map(|_| exchange(dice, at, assistant)).collect()
        } else {
            vec![]
        },
        decisions: if assisted && dice.roll(8) == 0 { vec![decision(dice)] } else { vec![] },
        roadblocks: if assisted && dice.roll(5) == 0 { vec![roadblock(dice)] } else { vec![] },
        commands: Commands {
            listed: vec![Command { line: "cargo test".to_owned(), times: 1 + dice.roll(4) }],
            more: 0,
        },
        changes: ChangeSet {
            files: u32::try_from(files.len()).unwrap(),
            added: sum(|l| l.0),
            removed: sum(|l| l.1),
            listed: files,
        },
        notes: if dice.roll(25) == 0 { vec![note(at)] } else { vec![] },
        details: Details {
            branch: Some("main".to_owned()),
            author: if dice.roll(4) == 0 { "Grace Example" } else { "Ada Example" }.to_owned(),
            sessions: if assisted { vec![session(dice, at, assistant)] } else { vec![] },
            ..Details::default()
        },
        imported: vec![],
        by_hand: String::new(),
    }
}

fn file(dice: &mut Dice) -> ChangedFile {
    let lines = Some((dice.roll(80), dice.roll(30)));
    ChangedFile { path: dice.pick(FILES).to_owned(), mark: Mark::Modified, group: ChangeGroup::Source, lines }
}

fn exchange(dice: &mut Dice, at: DateTime<FixedOffset>, assistant: Assistant) -> Exchange {
    let quote = |speaker, text: &str| Quote { speaker, at, text: text.to_owned() };
    Exchange {
        prompt: quote(Speaker::Developer, dice.pick(PROMPTS)),
        reply: Some(quote(Speaker::Assistant(assistant), dice.pick(REPLIES))),
        carried_over: false,
    }
}

fn session(dice: &mut Dice, at: DateTime<FixedOffset>, assistant: Assistant) -> SessionLine {
    let begun = at - Duration::minutes(i64::from(5 + dice.roll(90)));
    let session = format!("{:08x}", dice.roll(u32::MAX));
    SessionLine { assistant, session, model: None, prompts: 1 + dice.roll(6), span: (begun, at) }
}

fn decision(dice: &mut Dice) -> Decision {
    match dice.roll(3) {
        0 => Decision::Answered {
            question: "Should a file that has changed meanwhile be sent again from its beginning?".to_owned(),
            answer: "Yes, and say so".to_owned(),
        },
        1 => Decision::Approved {
            plan: "Resume uploads: ask the server how much it has, check the first part, go on […]".to_owned(),
        },
        _ => Decision::Declined { plan: "Rewrite the queue around channels […]".to_owned() },
    }
}

fn roadblock(dice: &mut Dice) -> Roadblock {
    Roadblock {
        command: dice
            .pick(&["cargo test --test it upload", "cargo clippy --all-targets", "npm run build", "git push"])
            .to_owned(),
        failures: 1 + dice.roll(5),
        passed_in_the_end: dice.roll(4) > 0,
        exit: Some(101),
        output: "error[E0308]: mismatched types\n  --> src/upload/resume.rs:30:9".to_owned(),
    }
}

fn narration(at: DateTime<FixedOffset>) -> Narration {
    let mut prose = Narration::by("claude-haiku-4-5".to_owned(), at);
    prose.summary.push(
        "A macOS release had failed after 22 minutes: notarizing took 20m2s, two seconds over its limit. The limit is now 45 minutes, and a failed notarization is tried once more.".to_owned(),
    );
    prose.decisions.push(Weighed {
        what: "45 minutes instead of 20".to_owned(),
        standing: Standing::Implemented(vec!["`.goreleaser.yaml`".to_owned()]),
        why: "Apple's service can take over 30 minutes under load.".to_owned(),
    });
    prose.lessons.push("A limit that is close to the usual time fails at the worst moment.".to_owned());
    prose.kept = 9;
    prose
}

fn note(at: DateTime<FixedOffset>) -> Note {
    let text = "I keep guessing at limits. Next time I measure for a week first, and then I set the limit to twice the slowest.";
    Note { kind: NoteKind::Reflection, at, text: text.to_owned() }
}
