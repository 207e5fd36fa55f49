//! The program: parses, runs, and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    commit_story::cli::main()
}
