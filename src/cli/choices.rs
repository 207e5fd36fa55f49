//! What `init` was told, as a configuration file and a place for the hook.
//!
//! In: the answers, and what holds already. Out: [`Choices`] for the plan.
//! Never here: a question; or an answer that would be written down and then outranked by another layer.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::failure::{Advice, Usage};
use super::session::{Session, Workspace};
use crate::chat::Assistant;
use crate::config::setting::Setting;
use crate::config::{self, Loaded, Origin, edit, file, journal_folder_allowed, keys, starter, trust};
use crate::fs;
use crate::hook::marked;
use crate::setup::{Choices, Detected, TextFile, Way};

/// The key of the journal's folder.
pub const FOLDER: &str = "journal.folder";

/// The key of the branch that holds it instead.
pub const BRANCH: &str = "journal.branch";

/// The branch that is meant where none is named.
pub const USUAL_BRANCH: &str = "commit-story/journal";

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// The journal's folder as it was typed.
    pub folder: String,
    /// The branch that holds it instead of the folder.
    pub branch: Option<String>,
    /// Whether git shall not see it.
    pub private: bool,
    /// Whose conversations are read, and whose are not; what is not mentioned stays as it is.
    pub read: Vec<(Assistant, bool)>,
    /// Whether the choices go into the user's own file.
    pub user: bool,
    /// How git is made to run us.
    pub way: Way,
    /// Whether hook files that are committed may get our lines.
    pub shared_hooks: bool,
    /// Whether the repository is left out of narration.
    pub unnarrated: bool,
}

/// Why the journal cannot live in this folder, if it cannot.
///
/// # Errors
/// The reason, as a sentence.
pub fn check_folder(workspace: &Workspace, top: &Path, folder: &str, user: bool) -> Result<(), String> {
    if folder.trim_matches(['.', '/', '\\', ' ']).is_empty() {
        return Err("name a folder of its own".to_owned());
    }
    let of_the_user = user && (Path::new(folder).is_absolute() || folder.starts_with("~/"));
    if of_the_user || held_by_user(&workspace.loaded, FOLDER).is_some_and(|held| held.text() == folder) {
        return Ok(());
    }
    if top.join(folder).is_file() {
        return Err("there is a file of that name".to_owned());
    }
    journal_folder_allowed(top, folder)
}

/// The value of a key, when it holds by the user's own file.
fn held_by_user<'a>(loaded: &'a Loaded, key: &str) -> Option<&'a Setting> {
    let value = loaded.values.iter().find(|value| value.key == key)?;
    matches!(value.origin, Origin::User(..)).then_some(&value.setting)
}

/// The answers as [`Choices`].
///
/// # Errors
/// The file to write is broken, an answer has not its key's type, or another layer outranks it.
pub fn choices(session: &Session, workspace: &Workspace, detected: &Detected, answers: &Answers) -> Result<Choices> {
    let target = if answers.user { detected.user_config.as_ref() } else { Some(&detected.repository_config) };
    let target = target.context("cannot find the user's configuration directory: HOME is not set")?;
    let own = session.load(None);
    let mut settings = Vec::new();
    let leaves_branch = answers.branch.is_none() && workspace.loaded.config.journal.branch.is_some();
    let settings_now = leaves_branch.then(|| (BRANCH, "null".to_owned()));
    for (key, value) in answers.settings().into_iter().chain(settings_now) {
        let (known, setting) = edit::checked(key, &value)?;
        outranked(workspace, answers, known, &setting)?;
        if !answers.user && held_by_user(&workspace.loaded, key) != Some(&setting) {
            trusted(&detected.top, known, &setting, held_by_user(&own, key))?;
        }
        // What the user's own file says already need not be pushed on everybody who clones the repository.
        if answers.user || held_by_user(&workspace.loaded, key) != Some(&setting) {
            settings.push((key, value, setting));
        }
    }
    Ok(Choices {
        folder: place(session, workspace, detected, &answers.folder),
        // What hides a folder that the journal has left, or may come back to, stays as it is.
        private: if answers.branch.is_some() { hides(detected) } else { answers.private },
        binary: session.env.executable.clone(),
        way: answers.way,
        shared_hooks: answers.shared_hooks,
        config_file: target.path.clone(),
        config_text: text(target, &settings)?,
    })
}

/// Whether our lines keep git from seeing a journal.
fn hides(detected: &Detected) -> bool {
    detected.exclude.bytes.as_deref().is_some_and(|bytes| marked::find(bytes).is_some())
}

impl Answers {
    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = match &self.branch {
            Some(branch) => vec![(BRANCH, branch.clone())],
            None => vec![(FOLDER, self.folder.clone()), ("journal.private", self.private.to_string())],
        };
        for (assistant, read) in &self.read {
            let name = format!("assistants.{}.read", assistant.slug());
            settings.extend(keys::position(&name).map(|at| (keys::KEYS[at].name, read.to_string())));
        }
        settings.extend(self.unnarrated.then(|| ("narration.enabled", "false".to_owned())));
        settings
    }
}

/// Refuses an answer that would not hold once it is written: the journal would lie elsewhere, or be seen by others.
fn outranked(workspace: &Workspace, answers: &Answers, key: &keys::Key, setting: &Setting) -> Result<()> {
    let value = config::command::get(&workspace.loaded, key.name)?;
    let above = match value.origin {
        Origin::Environment(_) | Origin::Flag => true,
        Origin::Repository(..) => answers.user,
        Origin::Default | Origin::User(..) => false,
    };
    if above && value.setting != *setting {
        let (held, from) = (value.setting.text(), &value.origin);
        return Err(Usage {
            message: format!(
                "cannot set {} to {}: {from} sets it to {held}, and outranks it",
                key.name,
                setting.text()
            ),
            hint: "change it there first".to_owned(),
        }
        .into());
    }
    Ok(())
}

/// Refuses what a repository's file may not say.
fn trusted(top: &Path, key: &keys::Key, setting: &Setting, by_user: Option<&Setting>) -> Result<()> {
    let Some(reason) = trust::refusal(key, setting, top, by_user) else { return Ok(()) };
    let message = format!("cannot set {} to {} in {}", key.name, setting.text(), config::load::REPOSITORY_FILE);
    Err(Advice { message, hint: reason }.into())
}

/// The folder as the plan wants it: relative to the top of the work tree where it lies below it.
fn place(session: &Session, workspace: &Workspace, detected: &Detected, folder: &str) -> PathBuf {
    let path = match (folder.strip_prefix("~/"), &session.env.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(folder),
    };
    let main = workspace.repository.main_worktree();
    let top = fs::canonical(main.as_deref().unwrap_or(&detected.top));
    path.strip_prefix(&top).map(Path::to_owned).unwrap_or(path)
}

/// The file's new text: only what it does not say by itself is changed.
///
/// # Errors
/// The file is written in a form that only a person should edit.
pub fn text(target: &TextFile, settings: &[(&'static str, String, Setting)]) -> Result<String> {
    let Some(bytes) = &target.bytes else {
        let pairs: Vec<(&str, &str)> = settings.iter().map(|(key, value, _)| (*key, value.as_str())).collect();
        return starter::starter(&pairs);
    };
    let cannot = || format!("cannot edit {}", target.path.display());
    let said: Vec<file::Found> =
        [file::read(bytes).0, file::read(keys::DEFAULT.as_bytes()).0].into_iter().flatten().collect();
    let mut text = String::from_utf8(bytes.clone()).with_context(cannot)?;
    for (key, value, setting) in settings {
        if said.iter().find(|found| keys::KEYS[found.key].name == *key).map(|found| &found.setting) != Some(setting) {
            text = edit::set(&text, key, value).with_context(cannot)?;
        }
    }
    Ok(text)
}
