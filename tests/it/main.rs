//! Stories: real repositories made with real git, a fake home with transcripts, and the built binary.

#![expect(missing_docs, unreachable_pub, reason = "a test binary has no callers")]

mod support;

#[cfg(unix)]
mod hook_files;
mod real_transcripts;

mod skeleton;

mod git_facts;
