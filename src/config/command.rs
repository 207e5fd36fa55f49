//! What `config get`, `config list` and `config set` do.
//!
//! In: the loaded configuration, or the sources and a new value. Out: text to print, or a file changed.
//! Never here: printing.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;

use super::keys;
use super::load::{Loaded, Sources, Value, load};
use super::origin::Origin;
use super::{edit, file, starter, trust};
use crate::fs;

/// Which file `config set` changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `config.yaml` in the user's configuration directory: all repositories.
    User,
    /// `.commit-story.yaml` at the top of the work tree.
    Repository,
}

/// The value of a key as it holds.
///
/// # Errors
/// There is no such key; the error names the nearest.
pub fn get<'a>(loaded: &'a Loaded, key: &str) -> Result<&'a Value> {
    loaded
        .values
        .iter()
        .find(|value| value.key == key)
        .ok_or_else(|| anyhow!("cannot get {key}: {}", keys::unknown(key)))
}

/// One line per key: `key = value`, with the origin in a column of its own if asked.
#[must_use]
pub fn list(loaded: &Loaded, origin: bool) -> String {
    let rows: Vec<(String, &Origin)> = loaded
        .values
        .iter()
        .map(|value| (format!("{} = {}", value.key, value.setting.text()), &value.origin))
        .collect();
    let width = rows.iter().map(|(row, _)| row.chars().count()).max().unwrap_or(0);
    rows.iter().map(|(row, from)| if origin { format!("{row:width$}  {from}\n") } else { format!("{row}\n") }).collect()
}

/// `config list --json`, schema 1.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    schema: u32,
    values: Vec<ListedValue<'a>>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ListedValue<'a> {
    key: &'a str,
    value: serde_json::Value,
    /// `default`, `user`, `repository`, `environment` or `flag`.
    layer: &'static str,
    /// `file:line`, the variable, or `--set`; the layer's name for a default.
    origin: String,
}

/// All values with their origins, and the warnings, as JSON.
///
/// # Errors
/// None that can be met: text, numbers and lists are always JSON.
pub fn list_json(loaded: &Loaded) -> Result<String> {
    let values = loaded.values.iter().map(|value| ListedValue {
        key: value.key,
        value: value.setting.json(),
        layer: value.origin.layer(),
        origin: value.origin.to_string(),
    });
    let listing = Listing {
        schema: 1,
        values: values.collect(),
        warnings: loaded.warnings.iter().map(ToString::to_string).collect(),
    };
    serde_json::to_string_pretty(&listing).context("cannot write the configuration as JSON")
}

/// Sets a key in a file, which is made with a comment on its first lines if there is none, and returns its path.
///
/// # Errors
/// The key or the value is wrong, a repository's file may not set it, the file cannot be edited safely, or it cannot be
/// read or written.
pub fn set(sources: &Sources<'_>, target: Target, key: &str, value: &str) -> Result<PathBuf> {
    let path = match target {
        Target::User => sources.user_file().context("cannot find the user's configuration directory")?,
        Target::Repository => sources.repository_file().context("cannot set it for a repository outside of one")?,
    };
    let (known, setting) = edit::checked(key, value)?;
    if let (Target::Repository, Some(top)) = (target, sources.top()) {
        let without = load(&Sources { worktree: None, main_worktree: None, flags: &[], ..*sources });
        let user = get(&without, key)?;
        let user = matches!(user.origin, Origin::User(..)).then_some(&user.setting);
        if let Some(reason) = trust::refusal(known, &setting, top, user) {
            bail!("cannot set {key}: {reason}");
        }
    }
    // Somebody else's link would have us write into another file of the user's.
    if target == Target::Repository && std::fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
        bail!("cannot edit {}: it is no regular file", path.display());
    }
    let text = match fs::read(&path, file::LIMIT)? {
        Some(bytes) => {
            let text = String::from_utf8(bytes).with_context(|| format!("cannot edit {}", path.display()))?;
            edit::set(&text, key, value).with_context(|| format!("cannot edit {}", path.display()))?
        }
        None => starter::starter(&[(key, value)])?,
    };
    if let (Target::User, Some(dir)) = (target, path.parent()) {
        fs::create_private_dir(dir)?;
    }
    fs::replace(&path, text.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;

    #[test]
    fn a_value_that_is_set_is_got_and_listed_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::of_test(dir.path(), &[("COMMIT_STORY_ENABLED", "false")]);
        let sources = Sources { env: &env, worktree: Some(dir.path()), main_worktree: None, flags: &[] };
        let file = set(&sources, Target::Repository, "journal.folder", "my notes").unwrap();
        set(&sources, Target::Repository, "hook.worker", "false").unwrap();
        let user = set(&sources, Target::User, "entry.files", "7").unwrap();
        let loaded = load(&sources);
        assert_eq!(get(&loaded, "journal.folder").unwrap().setting.text(), "my notes");
        let listed = list(&loaded, true);
        let has = |key: &str, origin: &str| {
            let row = listed.lines().find(|row| row.starts_with(&format!("{key} = "))).unwrap();
            assert!(row.ends_with(origin), "{row} / {origin}");
        };
        has("enabled", "  COMMIT_STORY_ENABLED");
        has("journal.folder", &format!("  {}:6", file.display()));
        has("entry.files", &format!("  {}:6", user.display()));
        has("entry.commands", "  default");
        let json: serde_json::Value = serde_json::from_str(&list_json(&loaded).unwrap()).unwrap();
        assert_eq!((&json["schema"], &json["values"][0]["layer"]), (&1.into(), &"environment".into()));
        assert_eq!(list(&loaded, false).lines().next(), Some("enabled = false"));
        let error = get(&loaded, "journal.foldr").unwrap_err().to_string();
        assert_eq!(error, "cannot get journal.foldr: no such setting; did you mean journal.folder?");
    }

    #[test]
    fn what_a_repository_may_not_say_is_not_written_into_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::of_test(&dir.path().join("home"), &[]);
        let sources = Sources { env: &env, worktree: Some(dir.path()), main_worktree: None, flags: &[] };
        set(&sources, Target::User, "redact.emails", "true").unwrap();
        for (key, value) in [("journal.folder", "/tmp/x"), ("redact.emails", "false"), ("hook.worker", "maybe")] {
            assert!(set(&sources, Target::Repository, key, value).is_err(), "{key}");
        }
        assert!(!dir.path().join(".commit-story.yaml").exists());
        let nowhere = Sources { worktree: None, ..sources };
        assert!(set(&nowhere, Target::Repository, "enabled", "true").is_err());
    }
}
