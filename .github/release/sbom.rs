//! The software bill of materials: what the shipped program is made of.
//!
//! In: what `cargo metadata` says of the targets that are shipped, and the hashes in `Cargo.lock`. Out: `CycloneDX` 1.5 JSON
//! (<https://cyclonedx.org/docs/1.5/json/>), the same bytes for the same commit.
//! Never here: what only tests, examples or build scripts need.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, SecondsFormat};
use commit_story::chat::fingerprint::hexadecimal;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use toml_edit::DocumentMut;

use crate::tree::Tree;

/// The bill for `targets`, dated `epoch` (seconds since 1970).
///
/// # Errors
/// Cargo fails, or speaks otherwise than expected.
pub fn of(tree: &Tree, targets: &[&str], epoch: i64) -> Result<String> {
    let mut packages = BTreeMap::new();
    let mut leads = BTreeMap::new();
    let mut root = String::new();
    for target in targets {
        let metadata = metadata(tree, target)?;
        root = text(&metadata["resolve"]["root"])?;
        let by_id: BTreeMap<&str, &Value> = list(&metadata["packages"])?
            .iter()
            .filter_map(|package| Some((package["id"].as_str()?, package)))
            .collect();
        for (id, needs) in shipped(&metadata, &root)? {
            let package = by_id.get(id.as_str()).with_context(|| format!("cargo names no package {id}"))?;
            packages.insert(id.clone(), (*package).clone());
            leads.entry(id).or_insert_with(BTreeSet::new).extend(needs);
        }
    }
    let hashes = hashes(&tree.text("Cargo.lock")?)?;
    let main = component(packages.get(&root).context("cargo names no package of ours")?, "application", &hashes)?;
    let others: Vec<Value> = packages
        .iter()
        .filter(|(id, _)| **id != root)
        .map(|(_, package)| component(package, "library", &hashes))
        .collect::<Result<_>>()?;
    let reference = |id: &String| packages.get(id).map(purl).transpose().map(Option::unwrap_or_default);
    let dependencies: Vec<Value> = leads
        .iter()
        .map(|(id, needs)| {
            let needs: Vec<String> = needs.iter().map(reference).collect::<Result<_>>()?;
            Ok(json!({ "ref": reference(id)?, "dependsOn": needs }))
        })
        .collect::<Result<_>>()?;
    let moment = DateTime::from_timestamp(epoch, 0).context("the release has no date")?;
    let mut bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": moment.to_rfc3339_opts(SecondsFormat::Secs, true),
            "component": main,
            "properties": targets.iter().map(|target| json!({ "name": "cdx:rustc:target", "value": target })).collect::<Vec<_>>(),
        },
        "components": others,
        "dependencies": dependencies,
    });
    bill["serialNumber"] = json!(serial(&bill.to_string()));
    Ok(format!("{bill:#}\n"))
}

fn metadata(tree: &Tree, target: &str) -> Result<Value> {
    let arguments = ["metadata", "--format-version=1", "--locked", "--filter-platform", target];
    let printed = tree.cargo(&arguments)?;
    serde_json::from_str(&printed).context("cannot understand cargo metadata")
}

/// The packages that the program is linked from, each with those that it needs itself.
fn shipped(metadata: &Value, root: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut nodes = BTreeMap::new();
    for node in list(&metadata["resolve"]["nodes"])? {
        let needs: BTreeSet<String> = list(&node["deps"])?
            .iter()
            .filter(|dep| normal(dep))
            .map(|dep| text(&dep["pkg"]))
            .collect::<Result<_>>()?;
        nodes.insert(text(&node["id"])?, needs);
    }
    let mut found = BTreeMap::new();
    let mut open = VecDeque::from([root.to_owned()]);
    while let Some(id) = open.pop_front() {
        let needs = nodes.remove(&id);
        if let Some(needs) = needs {
            open.extend(needs.iter().cloned());
            found.insert(id, needs);
        }
    }
    ensure!(found.len() > 1, "cargo names no dependencies of {root}");
    Ok(found)
}

/// Whether a dependency is linked into the program, not only used to build or test it.
fn normal(dep: &Value) -> bool {
    dep["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}

fn component(package: &Value, kind: &str, hashes: &BTreeMap<String, String>) -> Result<Value> {
    let (name, version, purl) = (text(&package["name"])?, text(&package["version"])?, purl(package)?);
    let mut component = Map::new();
    component.insert("type".into(), json!(kind));
    component.insert("bom-ref".into(), json!(purl));
    component.insert("name".into(), json!(name));
    component.insert("version".into(), json!(version));
    if let Some(hash) = hashes.get(&format!("{name} {version}")) {
        component.insert("hashes".into(), json!([{ "alg": "SHA-256", "content": hash }]));
    }
    if let Some(licence) = package["license"].as_str() {
        // An old way to write OR, which is no SPDX.
        component.insert("licenses".into(), json!([{ "expression": licence.replace('/', " OR ") }]));
    }
    component.insert("purl".into(), json!(purl));
    if let Some(address) = package["repository"].as_str() {
        component.insert("externalReferences".into(), json!([{ "type": "vcs", "url": address }]));
    }
    Ok(Value::Object(component))
}

/// A package's address in the form of <https://github.com/package-url/purl-spec>.
fn purl(package: &Value) -> Result<String> {
    let version = text(&package["version"])?.replace('+', "%2B");
    Ok(format!("pkg:cargo/{}@{version}", text(&package["name"])?))
}

/// SHA-256 of the packages' archives, by name and version.
fn hashes(lock: &str) -> Result<BTreeMap<String, String>> {
    let lock: DocumentMut = lock.parse().context("cannot understand Cargo.lock")?;
    let packages = lock["package"].as_array_of_tables().context("Cargo.lock names no packages")?;
    let hash = |package: &toml_edit::Table| {
        let field = |name| package.get(name)?.as_str();
        Some((format!("{} {}", field("name")?, field("version")?), field("checksum")?.to_owned()))
    };
    Ok(packages.iter().filter_map(hash).collect())
}

/// A number of the bill's own (RFC 9562, version 8) that follows from its content.
fn serial(text: &str) -> String {
    let mut bytes: Vec<u8> = Sha256::digest(text).as_slice()[..16].to_vec();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hexadecimal(&bytes);
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
    format!("urn:uuid:{}", groups.join("-"))
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("cargo metadata lacks a text where one is due")
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("cargo metadata lacks a list where one is due")
}
