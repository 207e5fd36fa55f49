//! How well the check tells truth from falsehood: `cargo bench --bench truth -- [--seeds DIR] [--explain]`.
//!
//! In: seeds, those beside this file or somebody's own, in the format of `truth/README.md`. Out: which falsehoods were
//! accepted and which truths were dropped, by kind, and what a check costs. Never here: a model.

#![expect(clippy::print_stdout, reason = "its figures are printed")]

use std::path::PathBuf;
use std::time::Instant;

#[path = "truth/seeds.rs"]
mod seeds;

const USAGE: &str = "\
cargo bench --bench truth -- [--seeds DIR] [--explain]
  --seeds DIR   check these seeds instead of those of commit-story
  --explain     say of each claim that was dropped why";

/// Of the truths, fewer than one in this many may be dropped. No falsehood may be accepted.
const ONE_IN: usize = 20;

fn kept(outcomes: &[&seeds::Outcome<'_>]) -> usize {
    outcomes.iter().filter(|outcome| outcome.kept).count()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benchmarks without this flag; nothing is measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{USAGE}");
        return;
    }
    let explain = arguments.iter().any(|argument| argument == "--explain");
    let own = arguments.iter().position(|argument| argument == "--seeds").and_then(|at| arguments.get(at + 1));
    let directory =
        own.map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/truth")), PathBuf::from);
    let seeds = seeds::read(&directory);
    let outcomes = seeds::outcomes(&seeds);
    for outcome in &outcomes {
        let wrong = outcome.kept != outcome.claim.truth;
        if wrong || (explain && !outcome.kept) {
            let verdict = if outcome.kept { "ACCEPTED" } else { "dropped" };
            let truth = if outcome.claim.truth { "true" } else { outcome.claim.kind.as_str() };
            println!("{verdict} {truth} [{}]: {}", outcome.seed.name, outcome.claim.text);
            if !outcome.reason.is_empty() {
                println!("    {}", outcome.reason);
            }
        }
    }
    println!("{:<16} {:>6} {:>6}", "kind", "wrong", "all");
    for (kind, (wrong, all)) in seeds::by_kind(&outcomes) {
        println!("{kind:<16} {wrong:>6} {all:>6}");
    }
    let (truths, lies): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| outcome.claim.truth);
    let dropped = truths.iter().filter(|outcome| !outcome.kept).count();
    let (known, lies): (Vec<_>, Vec<_>) = lies.into_iter().partition(|outcome| outcome.claim.slips);
    let (accepted, slipped) = (kept(&lies), kept(&known));
    println!("{accepted} of {} falsehoods accepted, {dropped} of {} truths dropped", lies.len(), truths.len());
    println!("besides, {slipped} of {} falsehoods that are known to slip through were accepted", known.len());
    for seed in &seeds {
        let started = Instant::now();
        let (reply, kept) = seeds::whole(seed);
        let time = started.elapsed().as_secs_f64() * 1e3;
        println!("{time:8.2} ms  {} ({} bytes, {} claims kept)", seed.name, reply.len(), kept);
    }
    if accepted > 0 || dropped * ONE_IN >= truths.len() {
        std::process::exit(1);
    }
}
