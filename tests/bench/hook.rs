//! What a commit pays for its journal entry: `cargo bench --bench hook -- [OPTIONS]`; see `docs/performance.md`.
//!
//! In: the built binary, git, and places that are generated once below the target directory. Out: tables of ratios.
//! Never here: a verdict by absolute times. Machines and minutes differ, so everything is compared with what ran beside
//! it in the same shuffled rounds: git itself, and a Rust program that does nothing (this one, called as a hook).

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]

mod conversations;

mod place;

mod rounds;

mod settings;

use std::path::{Path, PathBuf};
use std::process::Command;

use self::place::Place;
use self::rounds::{Figures, Run};
use self::settings::{Setting, Size};

const USAGE: &str = "\
cargo bench --bench hook -- [OPTIONS]
  --quick          smaller places, fewer rounds: under a minute
  --rounds N       how often each command runs (default 100; 60 with --quick)
  --only TEXT      only settings whose name contains TEXT
  --binary PATH    measure this binary instead of the one just built";

struct Options {
    size: Size,
    rounds: usize,
    only: String,
    binary: PathBuf,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The yardstick: what it costs to start and end a Rust program from the hook.
    if arguments.first().is_some_and(|first| first == "hook") {
        return;
    }
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let options = options(&arguments);
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-hook");
    println!("{} rounds, medians (quartiles) in ms; places lie in {}\n", options.rounds, data.display());
    let wanted = |name: &str| name.contains(&options.only);
    println!("the hook's own process against `git show --numstat HEAD` and a process that does nothing");
    println!(
        "{:<44} {:>18} {:>18} {:>18} {:>8} {:>8} {:>9} {:>9}",
        "", "hook", "git show", "nothing", "÷ show", "÷ tiny", "peak MB", "git's"
    );
    let mut tiny = None;
    for setting in settings::all(options.size).iter().filter(|setting| wanted(setting.name)) {
        let place = Place::make(&data, options.size, setting, &options.binary);
        let figures = processes(&place, setting, options.rounds);
        let first = *tiny.get_or_insert(figures[0].median);
        println!(
            "{:<44} {:>18} {:>18} {:>18} {:>8.2} {:>8.2} {:>9.1} {:>9.1}",
            setting.name,
            figures[0].to_string(),
            figures[1].to_string(),
            figures[2].to_string(),
            figures[0].median / figures[1].median,
            figures[0].median / first,
            rounds::peak_megabytes(|| place.hook_command(&options.binary), || place.reset()),
            rounds::peak_megabytes(|| place.git_show(), || {}),
        );
    }
    println!(
        "\n`git commit -a` of one file: with our hook, with the same script starting a program that does nothing, without"
    );
    println!(
        "{:<44} {:>18} {:>18} {:>18} {:>8} {:>10}",
        "", "our hook", "nothing's hook", "no hook", "ratio", "ms longer"
    );
    for setting in settings::all(options.size).iter().filter(|setting| setting.commit && wanted(setting.name)) {
        let place = Place::make(&data, options.size, setting, &options.binary);
        for piped in [false, true] {
            let [ours, nothing, none] = commits(&place, setting, piped, options.rounds);
            println!(
                "{:<44} {:>18} {:>18} {:>18} {:>8.2} {:>10.2}",
                format!("{}{}", setting.name, if piped { ", read through a pipe" } else { "" }),
                ours.to_string(),
                nothing.to_string(),
                none.to_string(),
                (ours.median - none.median) / (nothing.median - none.median),
                ours.median - nothing.median,
            );
        }
    }
}

fn options(arguments: &[String]) -> Options {
    let mut options = Options {
        size: Size::Full,
        rounds: 0,
        only: String::new(),
        binary: PathBuf::from(env!("CARGO_BIN_EXE_commit-story")),
    };
    let mut rest = arguments.iter().filter(|argument| *argument != "--bench");
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().unwrap_or_else(|| usage()).clone();
        match argument.as_str() {
            "--quick" => options.size = Size::Quick,
            "--rounds" => options.rounds = value().parse().unwrap_or_else(|_| usage()),
            "--only" => options.only = value(),
            "--binary" => options.binary = Path::new(&value()).canonicalize().unwrap(),
            _ => usage(),
        }
    }
    if options.rounds == 0 {
        options.rounds = if options.size == Size::Quick { 60 } else { 100 };
    }
    options
}

fn usage() -> ! {
    eprintln!("{USAGE}");
    std::process::exit(2)
}

/// The hook's process, `git show`, and nothing.
fn processes(place: &Place, setting: &Setting, rounds: usize) -> [Figures; 3] {
    let own = std::env::current_exe().unwrap();
    let written = || place.check_entry(setting);
    let figures = rounds::run(
        rounds,
        &[
            Run {
                prepare: &|| place.reset(),
                command: &|| place.hook_command(place.binary()),
                check: &written,
                piped: false,
            },
            Run { prepare: &|| {}, command: &|| place.git_show(), check: &|| {}, piped: false },
            Run { prepare: &|| {}, command: &|| place.hook_command(&own), check: &|| {}, piped: false },
        ],
    );
    place.wait_for_worker();
    figures.try_into().unwrap()
}

/// `git commit` with our hook, with nothing's, and without one.
fn commits(place: &Place, setting: &Setting, piped: bool, rounds: usize) -> [Figures; 3] {
    let own = std::env::current_exe().unwrap();
    let ours = || place.install_hook(Some(place.binary()));
    let nothing = || place.install_hook(Some(&own));
    let none = || place.install_hook(None);
    let written = || place.check_entry(setting);
    let command: &dyn Fn() -> Command = &|| place.git_commit();
    let figures = rounds::run(
        rounds,
        &[
            Run { prepare: &ours, command, check: &written, piped },
            Run { prepare: &nothing, command, check: &|| {}, piped },
            Run { prepare: &none, command, check: &|| {}, piped },
        ],
    );
    place.wait_for_worker();
    figures.try_into().unwrap()
}
