//! Paired rounds: every command once per round, in a new order each time, so that what disturbs the machine disturbs all.
//!
//! In: commands with what has to be done before each. Out: [`Figures`] of each. Never here: what the commands are for.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One command to be measured.
pub(crate) struct Run<'a> {
    /// Done before each run, untimed.
    pub(crate) prepare: &'a dyn Fn(),
    /// The command, made anew for each run, untimed.
    pub(crate) command: &'a dyn Fn() -> Command,
    /// Asked after each run, untimed: whether all its work was done in time. Panics when none was.
    pub(crate) complete: &'a dyn Fn() -> bool,
    /// Whether its output is read to the end through a pipe, as editors and agents do, or discarded.
    pub(crate) piped: bool,
}

/// The times of one command, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) median: f64,
    quartiles: [f64; 2],
    /// In how many rounds not all the work was done in time.
    pub(crate) cut_short: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = self.quartiles;
        f.pad(&format!("{:.2} ({low:.2}–{high:.2})", self.median))
    }
}

/// Runs all commands in each of so many rounds, after three that are not counted.
pub(crate) fn run(rounds: usize, runs: &[Run<'_>]) -> Vec<Figures> {
    const WARM_UP: usize = 3;
    let mut times = vec![Vec::with_capacity(rounds); runs.len()];
    let mut cut_short = vec![0; runs.len()];
    let mut order: Vec<usize> = (0..runs.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..rounds + WARM_UP {
        shuffle(&mut order, &mut random);
        for &nth in &order {
            let run = &runs[nth];
            (run.prepare)();
            let mut command = (run.command)();
            command.stdin(Stdio::null());
            let took = if run.piped { piped(&mut command) } else { discarded(&mut command) };
            let complete = (run.complete)();
            if round >= WARM_UP {
                times[nth].push(took.as_secs_f64() * 1e3);
                cut_short[nth] += usize::from(!complete);
            }
        }
    }
    times.iter_mut().zip(cut_short).map(|(times, cut_short)| figures(times, cut_short)).collect()
}

fn discarded(command: &mut Command) -> Duration {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().unwrap();
    let took = start.elapsed();
    assert!(status.success(), "{command:?} failed");
    took
}

fn piped(command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command.output().unwrap();
    let took = start.elapsed();
    assert!(output.status.success(), "{command:?} failed");
    took
}

/// Fisher and Yates, with xorshift for the dice: the same order in every run of the benchmark.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        order.swap(last, usize::try_from(*random % (last as u64 + 1)).unwrap());
    }
}

fn figures(times: &mut [f64], cut_short: usize) -> Figures {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() - 1) * part / 4];
    Figures { median: at(2), quartiles: [at(1), at(3)], cut_short }
}

/// The most memory that a process held in nine runs; 0 where the system does not tell.
///
/// Linux counts the peak, but forgets it with the process, and only `wait4` would keep it. So it is asked for as fast
/// as it answers while the process lives; what is claimed in the last moment of one run is seen in another.
pub(crate) fn peak_megabytes(command: impl Fn() -> Command, prepare: impl Fn()) -> f64 {
    let once = || {
        prepare();
        let mut command = command();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let path = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            let status = std::fs::read_to_string(&path).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u32>().ok());
            peak = peak.max(kilobytes.unwrap_or(0));
        }
        f64::from(peak) / 1024.0
    };
    (0..9).map(|_| once()).fold(0.0, f64::max)
}
