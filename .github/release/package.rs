//! A target's archive.
//!
//! In: the built program. Out: `commit-story-VERSION-TARGET.tar.gz`, unsigned.
//! Never here: a file that is not in the checkout, made from the command line, or the program itself.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use chrono::DateTime;
use commit_story::update::names;

use crate::archive::{self, Member};
use crate::assets::Assets;
use crate::pages;
use crate::tree::Tree;

/// What lies beside the program, from the top of the checkout.
pub const PAPERS: [&str; 4] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Packs `binary` for `target` into `assets`; the archive's name.
///
/// # Errors
/// The target is none of ours, or a file cannot be read or written.
pub fn package(tree: &Tree, binary: &Path, target: &str, assets: &Assets) -> Result<String> {
    ensure!(names::TARGETS.contains(&target), "{target} is no target that is released: {}", names::TARGETS.join(", "));
    let bytes = std::fs::read(binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let epoch = tree.epoch()?;
    let day = DateTime::from_timestamp(epoch, 0).context("the release has no date")?.format("%Y-%m-%d").to_string();
    let mut members = vec![Member::program(names::binary(target), bytes)];
    for paper in PAPERS {
        members.push(Member::file(paper, tree.text(paper)?.into_bytes()));
    }
    members.extend(pages::members(&day)?);
    let name = names::archive(&assets.version, target);
    assets.write(&name, &archive::pack(members, epoch)?)?;
    Ok(name)
}
