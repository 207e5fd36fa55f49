//! Who adds prose to entries, as settings and steps.
//!
//! In: an answer. Out: changes of the user's own file, perhaps a private file with a key, and sentences that say what is
//! sent where.
//! Never here: a question (that is `narrator_questions`), a request to anybody, or a setting in a repository's file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::choices;
use super::session::Session;
use crate::config::{Loaded, NarrationConfig, edit};
use crate::llm;
use crate::setup::{Action, Detected, Plan, Step, TextFile};

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Narrator {
    /// Everything stays as it is set.
    AsItIs,
    /// Not in this repository.
    LeftOut,
    /// This one is asked.
    Asked(Asked),
}

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asked {
    /// `narration.provider`.
    pub provider: String,
    /// `narration.command`; empty for a server.
    pub command: Vec<String>,
    /// `narration.model`.
    pub model: Option<String>,
    /// `narration.base-url`.
    pub base_url: Option<String>,
    /// `narration.diffs`; `None` leaves it as it is.
    pub diffs: Option<bool>,
    /// A key that was typed.
    pub key: Option<TypedKey>,
}

/// A key that was typed, and the file it goes to.
#[derive(Clone, PartialEq)]
pub struct TypedKey {
    /// The file.
    pub file: PathBuf,
    /// The key.
    pub key: String,
}

impl std::fmt::Debug for TypedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypedKey").field("file", &self.file).finish_non_exhaustive()
    }
}

/// The providers that are proposed where their key is found, each with a small model of theirs, which is enough.
pub const OFFERS: [(&str, &str); 4] = [
    ("anthropic", "claude-haiku-4-5"),
    ("openai", "gpt-5-mini"),
    ("gemini", "gemini-2.5-flash"),
    ("ollama", "qwen3:8b"),
];

/// The model that is proposed of a provider.
#[must_use]
pub fn offered_model(provider: &str) -> Option<&'static str> {
    OFFERS.iter().find(|(name, _)| *name == provider).map(|(_, model)| *model)
}

/// The variables that usually hold a provider's key; none where it needs none, or is not known.
#[must_use]
pub fn key_variables(provider: &str) -> &'static [&'static str] {
    llm::known(provider).map_or(&[], |known| known.keys)
}

/// Whether somebody is asked already, were it not for this repository.
#[must_use]
pub fn named(config: &NarrationConfig) -> bool {
    NarrationConfig { enabled: true, ..config.clone() }.is_on()
}

/// The file that keys go to which were typed here.
#[must_use]
pub fn key_file(config_dir: &Path) -> PathBuf {
    config_dir.join("narration.key")
}

impl Asked {
    /// The settings, for the user's own file.
    #[must_use]
    pub fn settings(&self, session: &Session) -> Vec<(&'static str, String)> {
        let held = &session.load(None).config.narration;
        // What is not set need not be unset.
        let text = |key, new: &Option<String>, held: &Option<String>| {
            let unset = held.as_ref().map(|_| "null".to_owned());
            new.clone().or(unset).map(|text| (key, text))
        };
        let mut settings = vec![("narration.provider", self.provider.clone())];
        if self.command.is_empty() {
            settings.extend(text("narration.base-url", &self.base_url, &held.base_url));
        } else {
            settings.push(("narration.command", serde_json::Value::from(self.command.as_slice()).to_string()));
        }
        settings.extend(text("narration.model", &self.model, &held.model));
        if let Some(TypedKey { file, .. }) = &self.key {
            settings.push(("narration.key-file", file.display().to_string()));
        }
        let diffs = self.diffs.filter(|diffs| *diffs != held.diffs);
        settings.extend(diffs.map(|diffs| ("narration.diffs", diffs.to_string())));
        settings
    }

    /// Who is asked, for people.
    fn shown(&self) -> String {
        if !self.command.is_empty() {
            return format!("`{}`", self.command.join(" ").trim_end());
        }
        let usual = llm::known(&self.provider).map_or("its usual address", |known| known.url);
        let (at, model) = (self.base_url.as_deref().unwrap_or(usual), self.model.as_deref().unwrap_or_default());
        format!("{} at {at} (model {model})", self.provider)
    }

    /// What is sent, to whom, and with which key.
    fn notes(&self, session: &Session) -> Vec<String> {
        let shown = self.shown();
        let mut notes = vec![format!("after each commit, in all your repositories, {shown} is asked for prose")];
        if self.command.is_empty() {
            notes.extend(match (&self.key, key_variables(&self.provider)) {
                (Some(TypedKey { file, .. }), _) => Some(format!("its key is read from {}", file.display())),
                (None, []) => None,
                (None, variables) => Some(format!("its key is read from the variable {}", variables.join(" or "))),
            });
        } else {
            notes.push(
                "where that program sends what it reads, and what it keeps of it, is up to the program".to_owned(),
            );
        }
        let diffs = self.diffs.unwrap_or(session.load(None).config.narration.diffs);
        notes.push(format!(
            "what is sent, secrets taken out: the commit's message, what was said that led to it, commands and whether \
             they failed, notes, the names of changed files{}",
            if diffs { ", and changed lines" } else { "; no changed lines" }
        ));
        notes
    }
}

/// Adds to a plan what the answer asks for.
///
/// # Errors
/// There is no directory for the user's own configuration, or its file cannot be edited.
pub fn add(plan: &mut Plan, session: &Session, loaded: &Loaded, detected: &Detected, answer: &Narrator) -> Result<()> {
    let asked = match answer {
        Narrator::LeftOut => return Ok(()),
        Narrator::AsItIs => {
            plan.notes.extend(already(&loaded.config.narration));
            return Ok(());
        }
        Narrator::Asked(asked) => asked,
    };
    write(plan, detected, &asked.settings(session), "have entries narrated")?;
    if let Some(TypedKey { file, key }) = &asked.key {
        let action = Action::Write { path: file.clone(), bytes: format!("{key}\n").into_bytes(), mode: Some(0o600) };
        plan.steps.push(Step { purpose: "keep the key, which only you can read".to_owned(), action });
    }
    plan.notes.extend(asked.notes(session));
    Ok(())
}

/// What there is to know in a further repository.
fn already(config: &NarrationConfig) -> Option<String> {
    let asked = Asked {
        provider: config.provider.clone().unwrap_or_default(),
        command: if config.provider.as_deref() == Some("command") { config.command.clone() } else { vec![] },
        model: config.model.clone(),
        base_url: config.base_url.clone(),
        ..Asked::default()
    };
    config.is_on().then(|| {
        format!(
            "entries here are narrated by {}, as your own configuration says; `narration.enabled: false` in \
             .commit-story.yaml leaves this repository out",
            asked.shown()
        )
    })
}

/// Changes settings in the user's own file, also where the plan writes it already.
fn write(plan: &mut Plan, detected: &Detected, settings: &[(&'static str, String)], purpose: &str) -> Result<()> {
    let target = detected.user_config.as_ref();
    let target = target.context("cannot find the user's configuration directory: HOME is not set")?;
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| Ok((*key, value.clone(), edit::checked(key, value)?.1)))
        .collect::<Result<_>>()?;
    let planned = plan.steps.iter_mut().find_map(|step| match &mut step.action {
        Action::Write { path, bytes, .. } if *path == target.path => Some(bytes),
        _ => None,
    });
    let old = planned.as_deref().cloned().or_else(|| target.bytes.clone());
    let new = choices::text(&TextFile { bytes: old.clone(), ..target.clone() }, &settings)?.into_bytes();
    match planned {
        Some(bytes) => *bytes = new,
        None if old.as_ref() == Some(&new) => {}
        None => {
            let action = Action::Write { path: target.path.clone(), bytes: new, mode: None };
            plan.steps.push(Step { purpose: purpose.to_owned(), action });
        }
    }
    Ok(())
}

/// Takes back, for all repositories, what was answered here: nobody is asked, and a key that was typed here goes.
///
/// # Errors
/// As for [`add`].
pub fn forget(plan: &mut Plan, session: &Session, detected: &Detected) -> Result<()> {
    let held = session.load(None).config.narration;
    let ours = session.env.config_dir.as_deref().map(key_file).filter(|file| file.is_file());
    let mut settings = Vec::new();
    if named(&held) {
        settings.push(("narration.provider", "none".to_owned()));
    }
    if held.key_file.is_some() && held.key_file == ours {
        settings.push(("narration.key-file", "null".to_owned()));
    }
    if !settings.is_empty() {
        write(plan, detected, &settings, "have entries narrated no longer")?;
    }
    if let Some(file) = ours {
        plan.steps.push(Step { purpose: "forget the key".to_owned(), action: Action::Remove(file) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_key_is_never_printed() {
        let key = TypedKey { file: "key".into(), key: "hunter2".to_owned() };
        assert!(!format!("{:?}", Asked { key: Some(key), ..Asked::default() }).contains("hunter2"));
    }
}
