//! What makes, signs, rehearses and publishes a release of commit-story: `cargo run --example release`.
//!
//! In: this checkout. Out: a release's files, checked. Never here: a part of the program that users install.

#![expect(clippy::print_stdout, reason = "a program for maintainers at a terminal")]
#![expect(unreachable_pub, reason = "a program has no callers")]
#![expect(dead_code, reason = "shared with the tests")]

mod server;
mod sign;

fn main() {
    println!("{}", commit_story::update::names::releases());
}
