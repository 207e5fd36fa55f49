//! What a commit pays for its journal entry: `cargo bench --bench hook -- [OPTIONS]`; see `docs/performance.md`.
//!
//! In: the built binary, git, and places that are generated once below the target directory. Out: tables of ratios.
//! Never here: a verdict by absolute times. Machines and minutes differ, so everything is compared with what ran beside
//! it in the same shuffled rounds: git itself, and a Rust program that does nothing (this one, called as a hook).

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot measure ends")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are printed")]

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
  --quick          smaller places, fewer rounds: about a minute
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
    println!("{} rounds; times are medians (quartiles) in ms; places lie in {}", options.rounds, data.display());
    let wanted = |setting: &Setting| setting.name.contains(&options.only);
    let settings: Vec<Setting> = settings::all(options.size).into_iter().filter(wanted).collect();
    let places: Vec<Place> =
        settings.iter().map(|setting| Place::make(&data, options.size, setting, &options.binary)).collect();
    processes(&settings, &places, options.rounds);
    commits(&settings, &places, options.rounds);
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

/// The hook's own process against `git show --numstat HEAD` and a process that does nothing.
fn processes(settings: &[Setting], places: &[Place], rounds: usize) {
    println!("\nthe hook's own process; ÷ first, ms more: against the first setting; MB: peak memory");
    println!(
        "{:<40}{:>20}{:>20}{:>20}{:>8}{:>9}{:>9}{:>6}{:>9}",
        "", "hook", "git show --numstat", "nothing", "÷ show", "÷ first", "ms more", "MB", "show's MB"
    );
    let own = std::env::current_exe().unwrap();
    let mut first = None;
    for (setting, place) in settings.iter().zip(places) {
        let hook = || place.hook_command(place.binary());
        let measured = rounds::run(
            rounds,
            &[
                Run {
                    prepare: &|| place.reset(),
                    command: &hook,
                    complete: &|| place.is_complete(setting),
                    piped: false,
                },
                Run { prepare: &|| {}, command: &|| place.git_show(), complete: &|| true, piped: false },
                Run { prepare: &|| {}, command: &|| place.hook_command(&own), complete: &|| true, piped: false },
            ],
        );
        let [ours, show, nothing] = [measured[0], measured[1], measured[2]];
        println!(
            "{:<40}{:>20}{:>20}{:>20}{:>8.2}{:>9.2}{:>9.2}{:>6.1}{:>9.1}{}",
            setting.name,
            ours.to_string(),
            show.to_string(),
            nothing.to_string(),
            ours.median / show.median,
            ours.median / *first.get_or_insert(ours.median),
            ours.median - first.unwrap_or(ours.median),
            rounds::peak_megabytes(hook, || place.reset()),
            rounds::peak_megabytes(|| place.git_show(), || {}),
            remark(ours),
        );
        place.wait_for_worker();
    }
}

/// `git commit` with our hook, with the same script starting a program that does nothing, and without one.
fn commits(settings: &[Setting], places: &[Place], rounds: usize) {
    println!(
        "\n`git commit -a` of one file; ratio: what our hook adds ÷ what the same script adds that starts nothing"
    );
    println!(
        "{:<40}{:>8}{:>20}{:>20}{:>20}{:>8}{:>11}",
        "", "output", "our hook", "nothing's hook", "no hook", "ratio", "ms longer"
    );
    let own = std::env::current_exe().unwrap();
    for (setting, place) in settings.iter().zip(places).filter(|(setting, _)| setting.commit) {
        for piped in [false, true] {
            let command: &dyn Fn() -> Command = &|| place.git_commit();
            let measured = rounds::run(
                rounds,
                &[
                    Run {
                        prepare: &|| place.install_hook(Some(place.binary())),
                        command,
                        complete: &|| place.is_complete(setting),
                        piped,
                    },
                    Run { prepare: &|| place.install_hook(Some(&own)), command, complete: &|| true, piped },
                    Run { prepare: &|| place.install_hook(None), command, complete: &|| true, piped },
                ],
            );
            let [ours, nothing, none] = [measured[0], measured[1], measured[2]];
            println!(
                "{:<40}{:>8}{:>20}{:>20}{:>20}{:>8.2}{:>11.2}{}",
                setting.name,
                if piped { "piped" } else { "none" },
                ours.to_string(),
                nothing.to_string(),
                none.to_string(),
                (ours.median - none.median) / (nothing.median - none.median),
                ours.median - nothing.median,
                remark(ours),
            );
            place.wait_for_worker();
        }
    }
}

/// Says when the deadline came before the conversation was read: such a run shows the deadline, not the work.
fn remark(figures: Figures) -> String {
    match figures.cut_short {
        0 => String::new(),
        rounds => format!("  cut short by the deadline in {rounds} rounds"),
    }
}
