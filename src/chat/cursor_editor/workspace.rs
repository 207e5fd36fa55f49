//! Which conversations belong to which of Cursor's workspaces.
//!
//! In: a `User` directory. Out: the workspaces that may lie in the repository, with the conversations they know.
//! Never here: what was said.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::chat::document::{self, list, text, time};
use crate::chat::message::{Assistant, Gap, Wanted};
use crate::chat::place;
use crate::chat::sqlite::{Database, bounded};
use crate::env::Deadline;

/// A window's own directory: `workspaceStorage/<id>`.
pub(super) struct Workspace {
    /// Its database.
    pub(super) database: PathBuf,
    /// The folder that is open in it.
    pub(super) folder: PathBuf,
}

/// A conversation that a workspace knows.
pub(super) struct Known {
    pub(super) id: String,
    pub(super) at: Option<DateTime<Utc>>,
    /// Whether all of it lies there, as it did until 2024.
    pub(super) inline: bool,
}

/// The workspaces whose folder lies in a root or above one.
pub(super) fn of_roots(user: &Path, wanted: &Wanted, deadline: Deadline) -> Vec<Workspace> {
    let entries = std::fs::read_dir(user.join("workspaceStorage")).into_iter().flatten().flatten();
    let workspaces = entries.take_while(|_| !deadline.passed()).filter_map(|entry| {
        let folder = folder(&entry.path())?;
        let fits = place::related(&folder, &wanted.roots);
        let database = entry.path().join("state.vscdb");
        (fits && database.is_file()).then_some(Workspace { database, folder })
    });
    workspaces.collect()
}

/// The folder of a workspace; of one with several, where their list lies.
pub(super) fn folder(directory: &Path) -> Option<PathBuf> {
    let about = document::small(&directory.join("workspace.json"))?;
    let listed = || place::of_uri(text(&about, "/workspace")?)?.parent().map(Path::to_owned);
    text(&about, "/folder").and_then(place::of_uri).or_else(listed)
}

/// The conversations that a workspace knows, of Cursor 2 or 3.
pub(super) fn known(workspace: &Workspace, deadline: Deadline) -> Result<Vec<Known>, Gap> {
    let database = Database::open(Assistant::Cursor, &workspace.database, deadline)?;
    let mut known = Vec::new();
    let data = item(&database, "composer.composerData")?.unwrap_or_default();
    for composer in list(&data, "/allComposers") {
        let Some(id) = text(composer, "/composerId") else { continue };
        let at = time(composer, "/lastUpdatedAt").or_else(|| time(composer, "/createdAt"));
        known.push(Known { id: id.to_owned(), at, inline: !list(composer, "/conversation").is_empty() });
    }
    let mut add = |id: &str| {
        if !known.iter().any(|one| one.id == id) {
            known.push(Known { id: id.to_owned(), at: None, inline: false });
        }
    };
    list(&data, "/selectedComposerIds").iter().filter_map(Value::as_str).for_each(&mut add);
    let panes = format!(
        "SELECT {} FROM ItemTable WHERE key >= 'workbench.panel.composerChatViewPane' \
         AND key < 'workbench.panel.composerChatViewPanf'",
        bounded("value")
    );
    for pane in database.all(&panes, &[], |row| document::value(row.bytes(0)?))? {
        let names = pane.as_object().into_iter().flat_map(|views| views.keys());
        names.filter_map(|name| name.strip_prefix("workbench.panel.aichat.view.")).for_each(&mut add);
    }
    Ok(known)
}

/// A value of the table in which the editor keeps its state; nothing without such a table.
pub(super) fn item(database: &Database, key: &str) -> Result<Option<Value>, Gap> {
    if database.columns("ItemTable")?.is_empty() {
        return Ok(None);
    }
    let question = format!("SELECT {} FROM ItemTable WHERE key = ?1", bounded("value"));
    Ok(database.all(&question, &[key], |row| document::value(row.bytes(0)?))?.pop())
}
