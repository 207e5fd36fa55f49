//! The line that the check of a model's words holds: no falsehood of the seeds is accepted, and few truths are dropped.

use std::path::Path;

#[path = "../bench/truth/seeds.rs"]
mod seeds;

#[test]
fn no_falsehood_is_accepted_and_few_truths_are_dropped() {
    let seeds = seeds::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/truth")));
    let outcomes = seeds::outcomes(&seeds);
    let count = |truth: bool| outcomes.iter().filter(|outcome| outcome.claim.truth == truth).count();
    assert!(count(true) >= 200 && count(false) >= 200, "{} true, {} false", count(true), count(false));
    let wrong = |truth: bool| {
        // What is known to slip through is counted by the benchmark.
        let held = move |outcome: &&seeds::Outcome<'_>| outcome.claim.truth == truth && !outcome.claim.slips;
        let wrong = outcomes.iter().filter(held).filter(move |outcome| outcome.kept != truth);
        wrong
            .map(|outcome| format!("{}: {} ({})", outcome.seed.name, outcome.claim.text, outcome.reason))
            .collect::<Vec<_>>()
    };
    assert_eq!(wrong(false), Vec::<String>::new());
    let dropped = wrong(true);
    assert!(dropped.len() * 20 < count(true), "{} of {} truths dropped: {dropped:#?}", dropped.len(), count(true));
}
