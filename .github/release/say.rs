//! What the release program prints.
//!
//! In: sentences. Out: lines on standard output, and failures on standard error. Never here: a decision; and nothing
//! else of the program prints.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the one place that prints")]

/// Prints a heading.
pub fn step(what: &str) {
    println!("\n== {what}");
}

/// Prints a line.
pub fn line(what: &str) {
    println!("{what}");
}

/// Prints what was expected and that it was seen, one line per fact.
pub fn seen(what: &str) {
    println!("  ok  {what}");
}

/// Says on standard error why the program fails.
pub fn failed(failure: &anyhow::Error) {
    eprintln!("release: {failure:#}");
}
