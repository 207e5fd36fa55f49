//! Stories: real repositories made with real git, a fake home with transcripts, and the built binary.

#![expect(unreachable_pub, reason = "a test binary has no callers")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test without its material says so")]

mod support;

mod transcript;

mod first_story;

mod entries;

mod git_facts;

#[cfg(unix)]
mod hook_files;

mod real_pairs;

mod real_transcripts;
