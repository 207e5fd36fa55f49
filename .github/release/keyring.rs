//! Keys as they lie in files.
//!
//! In: files, and `COMMIT_STORY_SIGNING_KEYS`. Out: who signs, and who is trusted; new keys and how to rotate them.
//! Never here: a private key on a command line, where every user of a machine can read it, or in anything printed.
//!
//! A private key is a file of two lines: a comment, and base64 of its 32 bytes. The public half is minisign's file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::proof::{self, Trusted};
use crate::sign::{Signer, TEST_ONLINE, TEST_SPARE, TEST_STRANGER};
use crate::tree::Tree;

/// The variable with private keys, for machines that hand them out so: one file after the other.
const VARIABLE: &str = "COMMIT_STORY_SIGNING_KEYS";

/// Where the public halves are compiled in from.
const PUBLIC: &str = "src/update/keys";

/// The page that shows them.
const PAGE: &str = "docs/security.md";

/// Whose keys a release has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The maintainers': what the public trusts.
    Ours,
    /// The test keys, whose private halves everybody has: for rehearsals.
    Test,
}

/// Those who sign: of the test keys, else of `files`, else of the variable.
///
/// # Errors
/// There are none, one is no key, or a test key is to sign in earnest.
pub fn signers(whose: Whose, files: &[PathBuf]) -> Result<Vec<Signer>> {
    if whose == Whose::Test {
        return Ok(vec![Signer::of(&TEST_ONLINE)]);
    }
    let mut texts: Vec<String> = Vec::new();
    for file in files {
        texts.push(fs::read_to_string(file).with_context(|| format!("cannot read the key {}", file.display()))?);
    }
    if texts.is_empty() {
        let text = std::env::var(VARIABLE).unwrap_or_default();
        ensure!(
            !text.trim().is_empty(),
            "cannot sign without a key: name its file by --key, or put it into {VARIABLE}"
        );
        texts.push(text);
    }
    let mut signers = Vec::new();
    for line in texts.iter().flat_map(|text| text.lines()).map(str::trim) {
        if line.is_empty() || line.starts_with("untrusted comment:") {
            continue;
        }
        // Never the line itself in the message: it may be a key with a slip in it.
        let bytes = BASE64_STANDARD.decode(line).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let seed = bytes.context("a private key is 32 bytes in base64, and one of these is not")?;
        ensure!(![TEST_ONLINE, TEST_SPARE, TEST_STRANGER].contains(&seed), "a test key must not sign a release");
        signers.push(Signer::of(&seed));
    }
    Ok(signers)
}

/// Those who are trusted, by the files of the checkout.
///
/// # Errors
/// They cannot be read.
pub fn trusted(tree: &Tree, whose: Whose) -> Result<Trusted> {
    Trusted::of(&public(tree, whose)?)
}

/// The public keys, as minisign's files.
///
/// # Errors
/// They cannot be read.
pub fn public(tree: &Tree, whose: Whose) -> Result<Vec<String>> {
    let names = match whose {
        Whose::Ours => ["online.pub", "spare.pub"],
        Whose::Test => ["test-online.pub", "test-spare.pub"],
    };
    names.into_iter().map(|name| tree.text(&format!("{PUBLIC}/{name}"))).collect()
}

/// Makes the key `name` (`online` or `spare`) in `dir`: `NAME.key`, which only its owner can read, and `NAME.pub`.
///
/// # Errors
/// A key is there already, or the files cannot be written.
pub fn new(dir: &Path, name: &str) -> Result<()> {
    let mut seed = [0_u8; 32];
    let provider = rustls::crypto::ring::default_provider();
    provider.secure_random.fill(&mut seed).ok().context("the system has no random numbers")?;
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let private =
        format!("untrusted comment: commit-story PRIVATE release key ({name})\n{}\n", BASE64_STANDARD.encode(seed));
    let public = Signer::of(&seed).public_file(&format!("commit-story release key ({name})"));
    for (end, text, secret) in [("key", private, true), ("pub", public, false)] {
        let path = dir.join(format!("{name}.{end}"));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, if secret { 0o600 } else { 0o644 });
        #[cfg(not(unix))]
        let _ = secret;
        let file = options.open(&path).with_context(|| format!("cannot make {}", path.display()));
        file?.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Puts the public halves in `dir` into the checkout in place of those there. With `only`, that one alone.
///
/// # Errors
/// A file is missing, is no key, is a test key, or both keys would be one.
pub fn adopt(tree: &Tree, dir: &Path, only: Option<&str>) -> Result<Vec<String>> {
    let names: Vec<&str> =
        ["online", "spare"].into_iter().filter(|name| only.is_none_or(|only| only == *name)).collect();
    ensure!(!names.is_empty(), "a key is called online or spare");
    let mut changed = Vec::new();
    for name in names {
        let path = dir.join(format!("{name}.pub"));
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        proof::bare(&text).with_context(|| format!("cannot understand {}", path.display()))?;
        let place = format!("{PUBLIC}/{name}.pub");
        shown(tree, &tree.text(&place)?, &text)?;
        fs::write(tree.root.join(&place), text).with_context(|| format!("cannot write {place}"))?;
        changed.push(place);
    }
    check(tree)?;
    binstall(tree)?;
    changed.extend(["Cargo.toml", PAGE].map(str::to_owned));
    Ok(changed)
}

/// Puts a key in the place of another on the page by which users verify a download.
fn shown(tree: &Tree, old: &str, new: &str) -> Result<()> {
    let page = proof::written(old)?
        .iter()
        .zip(proof::written(new)?)
        .fold(tree.text(PAGE)?, |page, (old, new)| page.replace(old.as_str(), &new));
    fs::write(tree.root.join(PAGE), page).with_context(|| format!("cannot write {PAGE}"))
}

/// Has `cargo binstall` check the online key.
fn binstall(tree: &Tree) -> Result<()> {
    let text = tree.text(&format!("{PUBLIC}/online.pub"))?;
    let key = text.lines().nth(1).context("a public key has two lines")?;
    let mut manifest: toml_edit::DocumentMut =
        tree.text("Cargo.toml")?.parse().context("cannot understand Cargo.toml")?;
    manifest["package"]["metadata"]["binstall"]["signing"]["pubkey"] = toml_edit::value(key);
    fs::write(tree.root.join("Cargo.toml"), manifest.to_string()).context("cannot write Cargo.toml")
}

/// Checks the public keys of the checkout.
///
/// # Errors
/// One is no key, they are the same, or one is a test key.
pub fn check(tree: &Tree) -> Result<()> {
    let ours = public(tree, Whose::Ours)?.iter().map(|file| proof::bare(file)).collect::<Result<Vec<_>>>()?;
    ensure!(ours[0] != ours[1], "the online key and the spare are the same: the loss of one would be the loss of both");
    let tests = [TEST_ONLINE, TEST_SPARE, TEST_STRANGER].map(|seed| Signer::of(&seed).public());
    ensure!(!ours.iter().any(|key| tests.contains(key)), "a test key stands where a release key should");
    Ok(())
}

/// Checks that every signer's other half is in the checkout, so that what is signed now is trusted by what is built now.
///
/// # Errors
/// One is not.
pub fn fit(tree: &Tree, whose: Whose, signers: &[Signer]) -> Result<()> {
    let known = public(tree, whose)?.iter().map(|file| proof::bare(file)).collect::<Result<Vec<_>>>()?;
    if !signers.iter().all(|signer| known.contains(&signer.public())) {
        bail!("a key that signs is not among the public keys in {PUBLIC}: nobody would trust the release");
    }
    Ok(())
}
