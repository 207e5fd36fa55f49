//! The program: parses, runs, and returns the exit code.

fn main() {}
