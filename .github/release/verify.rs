//! Whether a directory is a release: every name, hash and signature in it.
//!
//! In: a directory, as it was made or as it was downloaded, and who is trusted. Out: what was checked, or the first fault.
//! Never here: a file that is in the directory and not checked.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use commit_story::update::names;

use crate::archive;
use crate::assets::{Assets, written};
use crate::index::Index;
use crate::package::PAPERS;
use crate::proof::Trusted;
use crate::say;

/// Checks the release in `assets`.
///
/// # Errors
/// Something is missing, too much, changed, or signed by nobody who is trusted.
pub fn verify(assets: &Assets, trusted: &Trusted) -> Result<()> {
    let archives = assets.archives()?;
    ensure!(!archives.is_empty(), "there is no archive of {} in {}", assets.version, assets.dir.display());
    contract(assets, &archives)?;
    say::seen(&format!("{} files, each with a name of the contract", assets.names()?.len()));
    let sums = assets.text(names::SUMS)?;
    let hashes = assets.hashes()?;
    let due = written(&hashes);
    ensure!(sums == due, "{} does not say what the files are:\n{}", names::SUMS, difference(&sums, &due));
    say::seen(&format!("{} has the hash of all but itself and its signatures", names::SUMS));
    trusted.minisig(sums.as_bytes(), &assets.text(names::SUMS_MINISIG)?, false, names::SUMS)?;
    trusted.sshsig(sums.as_bytes(), &assets.text(names::SUMS_SSHSIG)?, names::SUMS)?;
    say::seen(&format!("{} is signed by minisign and by OpenSSH", names::SUMS));
    let index = assets.read(names::INDEX)?;
    trusted.minisig(&index, &assets.text(names::INDEX_MINISIG)?, false, names::INDEX)?;
    let index: Index = serde_json::from_slice(&index).context("cannot understand release.json")?;
    described(assets, &archives, &hashes, &index)?;
    say::seen(&format!("{} is signed, and names these archives", names::INDEX));
    for ((target, name), asset) in archives.iter().zip(&index.assets) {
        let bytes = assets.read(name)?;
        ensure!(asset.size == bytes.len(), "release.json gives {name} another size");
        trusted.archive(&bytes, name)?;
        trusted.minisig(&bytes, &assets.text(&names::minisig(name))?, true, name)?;
        inside(target, &bytes).with_context(|| format!("cannot accept {name}"))?;
        say::seen(&format!("{name} is signed twice, and holds what it should ({} bytes)", bytes.len()));
    }
    Ok(())
}

/// The names are exactly those of the contract.
fn contract(assets: &Assets, archives: &[(&str, String)]) -> Result<()> {
    let mut due: BTreeSet<String> =
        [names::SUMS, names::SUMS_MINISIG, names::SUMS_SSHSIG, names::INDEX, names::INDEX_MINISIG]
            .map(str::to_owned)
            .into();
    due.extend(names::INSTALLERS.map(str::to_owned));
    due.insert(names::sbom(&assets.version));
    due.extend(archives.iter().flat_map(|(_, name)| [name.clone(), names::minisig(name)]));
    let there: BTreeSet<String> = assets.names()?.into_iter().collect();
    let missing: Vec<&String> = due.difference(&there).collect();
    ensure!(missing.is_empty(), "missing from the release: {missing:?}");
    let more: Vec<&String> = there.difference(&due).collect();
    ensure!(more.is_empty(), "these do not belong to the release: {more:?}");
    Ok(())
}

/// The index describes this version and these archives, by their hashes.
fn described(
    assets: &Assets,
    archives: &[(&str, String)],
    hashes: &BTreeMap<String, String>,
    index: &Index,
) -> Result<()> {
    ensure!(index.schema == 1, "release.json has schema {}, not 1", index.schema);
    ensure!(index.version == assets.version, "release.json is of version {}, not {}", index.version, assets.version);
    ensure!(index.sequence > 0, "release.json has no sequence");
    ensure!(
        index.assets.len() == archives.len(),
        "release.json names {} archives of {}",
        index.assets.len(),
        archives.len()
    );
    for ((target, name), asset) in archives.iter().zip(&index.assets) {
        let same = asset.target == *target && asset.name == *name;
        ensure!(same && hashes.get(name) == Some(&asset.sha256), "release.json describes another {name}");
    }
    Ok(())
}

/// An archive holds the program, and nothing that could land elsewhere.
fn inside(target: &str, bytes: &[u8]) -> Result<()> {
    let members = archive::unpack(bytes)?;
    let program = names::binary(target);
    let runs: Vec<&str> = members.iter().filter(|member| member.runs).map(|member| member.name.as_str()).collect();
    ensure!(runs == [program], "the files that can be run are {runs:?}, not {program} alone");
    for paper in PAPERS {
        ensure!(members.iter().any(|member| member.name == paper), "{paper} is missing");
    }
    for (folder, least) in [("completions/", 5), ("man/", 10)] {
        let count = members.iter().filter(|member| member.name.starts_with(folder)).count();
        ensure!(count >= least, "{folder} holds {count} files");
    }
    let known = |name: &str| {
        name == program || PAPERS.contains(&name) || name.starts_with("completions/") || name.starts_with("man/")
    };
    let strange = members.iter().find(|member| !known(&member.name) || member.name.contains(".."));
    ensure!(strange.is_none(), "{} does not belong there", strange.map_or("", |member| &member.name));
    Ok(())
}

/// The lines that two lists of hashes do not share.
fn difference(one: &str, other: &str) -> String {
    let only = |a: &str, b: &str| -> Vec<String> {
        a.lines().filter(|line| !b.lines().any(|other| other == *line)).map(str::to_owned).collect()
    };
    format!("it has {:?}, and the files are {:?}", only(one, other), only(other, one))
}
