//! The licences of all dependencies are ones that a user of the program can live with.
//!
//! In: what `cargo metadata` says about the packages that this system builds. Out: every package with another licence.
//! Never here: a licence's text; what a package declares is taken for true.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use serde_json::Value;

/// SPDX names that are allowed.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
];

/// Exceptions that only allow more.
const EXCEPTIONS: &[&str] = &["LLVM-exception"];

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let refused: Vec<String> = packages()
        .iter()
        .map(|package| (package["name"].as_str().unwrap(), package["license"].as_str().unwrap_or("none declared")))
        .filter(|(_, licence)| !allowed(licence))
        .map(|(name, licence)| format!("{name}: {licence}"))
        .collect();
    assert_eq!(refused, Vec::<String>::new());
}

/// The packages that are built on this system; others may never have been downloaded to it.
fn packages() -> Vec<Value> {
    let rustc = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into())).arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 50, "{} packages: that is not all of them", packages.len());
    packages
}

/// Whether an SPDX expression leaves a choice in which everything is allowed. `/` is an old way to write `OR`.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    let verdict = any(&mut rest);
    verdict && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> bool {
    let mut verdict = all(rest);
    while take(rest, "OR") {
        verdict |= all(rest);
    }
    verdict
}

fn all(rest: &mut &[&str]) -> bool {
    let mut verdict = one(rest);
    while take(rest, "AND") {
        verdict &= one(rest);
    }
    verdict
}

fn one(rest: &mut &[&str]) -> bool {
    if take(rest, "(") {
        return any(rest) & take(rest, ")");
    }
    let Some((name, after)) = rest.split_first() else { return false };
    *rest = after;
    let mut verdict = ALLOWED.contains(name);
    while take(rest, "WITH") {
        let Some((exception, after)) = rest.split_first() else { return false };
        *rest = after;
        verdict &= EXCEPTIONS.contains(exception);
    }
    verdict
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    let there = rest.first() == Some(&word);
    if there {
        *rest = &rest[1..];
    }
    there
}

#[test]
fn an_expression_is_allowed_when_one_of_its_choices_is() {
    for (expression, expected) in [
        ("MIT", true),
        ("MIT OR Apache-2.0", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("Unlicense OR MIT", true),
        ("Unlicense", false),
        ("CC0-1.0", false),
        ("GPL-3.0-only", false),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND CC0-1.0", false),
        ("MIT OR GPL-3.0-only AND CC0-1.0", true),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0 WITH Other-exception", false),
        ("(MIT", false),
        ("MIT Apache-2.0", false),
        ("none declared", false),
        ("", false),
    ] {
        assert_eq!(allowed(expression), expected, "{expression}");
    }
}
