//! The changes that add our server to a client's file, and those that take it out again.
//!
//! In: a file's place, and the entry. Out: steps of a plan; none where nothing is to be done.
//! Never here: an edit of an entry that starts somebody else's program, unless it is asked to be ours.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use super::entry::{Entry, SERVER, has_address};
use super::place::{Scope, Target};
use crate::fs;
use crate::setup::plan::{Action, Plan, Refusal};

/// More than any client's settings have; Claude Code keeps a history of projects in its file.
const LARGEST: u64 = 32 << 20;

/// What a client's file says of our server.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Nothing.
    Absent,
    /// That this program is started.
    Ours(Entry),
    /// That another one is, or that it is reached by address.
    Foreign(Option<Entry>),
}

/// What the file says of our server.
///
/// # Errors
/// It cannot be read, or is not what the client reads.
pub fn look(target: &Target) -> Result<Found> {
    let Some(bytes) = read(target)? else { return Ok(Found::Absent) };
    Ok(found(entry(target, &bytes)?.as_ref()))
}

/// Adds the steps after which the client starts our server as the entry says.
///
/// # Errors
/// As [`look`]; or the file is written in a way in which the entry cannot be added safely. It is left alone.
pub fn install(plan: &mut Plan, target: &Target, wanted: &Entry) -> Result<()> {
    let client = target.client;
    let old = read(target)?;
    let bytes = old.as_deref().unwrap_or_default();
    let before = entry(target, bytes)?;
    if before.as_ref().is_some_and(has_address) {
        plan.note(format!(
            "{} reaches a server {SERVER} by address already: {} is left alone",
            client.name,
            target.path.display()
        ));
        return Ok(());
    }
    let fields = client.shape.fields(wanted);
    let new = client.format.with(bytes, &client.path(), &fields).map_err(|error| refusal(target, &error))?;
    if old.as_ref() == Some(&new) {
        return Ok(());
    }
    let was = found(before.as_ref());
    if let Some(bytes) = old.as_ref().filter(|_| !matches!(was, Found::Ours(_))) {
        let keep = Action::Write { path: target.backup.clone(), bytes: bytes.clone(), mode: None };
        plan.step(format!("keep {} as it is", shown(target)), keep);
    }
    let purpose = match was {
        Found::Absent => format!("add {SERVER} to {}", client.name),
        Found::Ours(_) => format!("change how {} starts {SERVER}", client.name),
        Found::Foreign(Some(other)) => {
            format!("have {} start {SERVER} in the place of {}", client.name, other.command)
        }
        Found::Foreign(None) => format!("have {} start {SERVER}", client.name),
    };
    // What a project's members share is as open as its other files.
    let mode = (target.scope == Scope::Project && old.is_none()).then_some(0o644);
    plan.step(purpose, Action::Write { path: target.path.clone(), bytes: new, mode });
    Ok(())
}

/// Adds the steps after which the file says nothing of our server. Where nothing else was changed since, it is then what
/// it was before, to the byte.
///
/// # Errors
/// As [`install`].
pub fn uninstall(plan: &mut Plan, target: &Target) -> Result<()> {
    let client = target.client;
    let Some(bytes) = read(target)? else { return Ok(()) };
    let ours = match found(entry(target, &bytes)?.as_ref()) {
        Found::Ours(entry) => entry,
        Found::Foreign(_) => {
            plan.note(format!("{SERVER} in {} starts another program: it stays", target.path.display()));
            return Ok(());
        }
        Found::Absent => return Ok(()),
    };
    let kept = fs::read(&target.backup, LARGEST)?;
    let path = client.path();
    let fields = client.shape.fields(&ours);
    let purpose = format!("take {SERVER} out of {}", client.name);
    let as_written = client.format.with(kept.as_deref().unwrap_or_default(), &path, &fields);
    let restored = as_written.is_ok_and(|written| written == bytes);
    let left = if restored {
        kept.clone()
    } else {
        let had = |kept: &Vec<u8>| client.format.get(kept, &path[..1]).is_ok_and(|section| section.is_some());
        let prune = !kept.as_ref().is_some_and(had);
        let left = client.format.without(&bytes, &path, prune).map_err(|error| refusal(target, &error))?;
        Some(left).filter(|left| kept.is_some() || !client.format.is_blank(left))
    };
    if let Some(bytes) = left {
        plan.step(purpose, Action::Write { path: target.path.clone(), bytes, mode: None });
    } else {
        plan.step(purpose, Action::Remove(target.path.clone()));
        for dir in alone(target)? {
            plan.step("leave no empty one", Action::RemoveEmpty(dir));
        }
    }
    let Some(kept) = kept else { return Ok(()) };
    let other = !restored && client.format.get(&kept, &path).is_ok_and(|entry| entry.is_some());
    if other {
        plan.note(format!("the server of that name from before stands in {}", target.backup.display()));
    } else {
        plan.step("forget what was kept of it", Action::Remove(target.backup.clone()));
    }
    Ok(())
}

/// The directories that hold nothing but the file.
fn alone(target: &Target) -> Result<Vec<PathBuf>> {
    let mut dirs = Vec::new();
    for dir in &target.above {
        if fs::names(dir)?.len() > 1 {
            break;
        }
        dirs.push(dir.clone());
    }
    Ok(dirs)
}

fn read(target: &Target) -> Result<Option<Vec<u8>>> {
    fs::read(&target.path, LARGEST).with_context(|| format!("cannot read the servers of {}", target.client.name))
}

fn entry(target: &Target, bytes: &[u8]) -> Result<Option<Value>> {
    target.client.format.get(bytes, &target.client.path()).map_err(|error| refusal(target, &error).into())
}

fn found(entry: Option<&Value>) -> Found {
    match entry.map(Entry::read) {
        None => Found::Absent,
        Some(Some(entry)) if entry.is_ours() => Found::Ours(entry),
        Some(other) => Found::Foreign(other),
    }
}

fn refusal(target: &Target, error: &anyhow::Error) -> Refusal {
    Refusal {
        why: format!("cannot edit {}: {error:#}", target.path.display()),
        cure: format!(
            "mend the file, or add the entry by hand: commit-story mcp install --client {} --print",
            target.client.slug
        ),
    }
}

fn shown(target: &Target) -> String {
    target.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
