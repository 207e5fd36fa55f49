//! Stories: real repositories made with real git, a fake home with transcripts, and the built binary.

#![expect(unreachable_pub, reason = "a test binary has no callers")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod transcript;

mod first_story;

mod git_facts;

mod hostile;

#[cfg(unix)]
mod hook_files;

mod real_transcripts;

mod secrets;
