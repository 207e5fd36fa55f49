//! The release program: its parts by their own tests, and the program itself as a maintainer runs it.
//!
//! In: the sources in `.github/release`, and the program that `cargo test` builds from them (`cargo build --example release`
//! where only these tests are run). Never here: another machine, a key that matters, or a change to this checkout.

#![cfg(unix)]
#![expect(unreachable_pub, reason = "a test binary has no callers")]
#![expect(dead_code, reason = "the program uses all of it; its own tests do not")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test without its material says so")]

#[path = "../../.github/release/tree.rs"]
mod tree;

#[path = "../../.github/release/changelog.rs"]
mod changelog;

#[path = "../../.github/release/archive.rs"]
mod archive;

#[path = "../../.github/release/sbom.rs"]
mod sbom;

#[path = "../../.github/release/assets.rs"]
mod assets;

#[path = "../../.github/release/index.rs"]
mod index;

#[path = "../../.github/release/sign.rs"]
mod sign;

#[path = "../../.github/release/proof.rs"]
mod proof;

#[path = "../../.github/release/keyring.rs"]
mod keyring;

#[path = "../../.github/release/installer.rs"]
mod installer;

#[path = "../../.github/release/channels.rs"]
mod channels;

#[path = "../../.github/release/prepare.rs"]
mod prepare;

mod forge;

mod files;

mod steps;

mod channels_used;
