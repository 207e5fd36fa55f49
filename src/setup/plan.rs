//! What will change on the disk, step by step, as plain data.
//!
//! In: steps. Out: sentences to show, and the changes made.
//! Never here: a decision. What is shown is what is applied; an effect that is there already is no step.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::hook::Scope;
use crate::{fs, process};

/// How long git may take to change a small file.
const LIMIT: Duration = Duration::from_secs(10);

/// Changes in the order in which they are made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// What will be changed.
    pub steps: Vec<Step>,
    /// What the user should know besides, a sentence each.
    pub notes: Vec<String>,
    /// Why nothing can be changed; the plan is then not applied.
    pub refusal: Option<Refusal>,
}

/// Why a plan is not applied, and what the user can do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// What is in the way.
    pub why: String,
    /// What to do about it; may have several lines.
    pub cure: String,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it is for, as a part of a sentence without the path: "install the hook".
    pub purpose: String,
    /// What is done.
    pub action: Action,
}

/// What is done to a file, by ourselves or by git.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The file gets this content in one move; the mode is set, or the old file's is kept.
    Write {
        /// The file. Missing directories above it are made.
        path: PathBuf,
        /// Its whole content.
        bytes: Vec<u8>,
        /// Unix permission bits; `None` keeps an old file's, and makes a new one its owner's alone.
        mode: Option<u32>,
    },
    /// The file, or the symbolic link as such, is moved within its directory.
    Move {
        /// The path it has.
        from: PathBuf,
        /// The path it gets; a file there is replaced.
        to: PathBuf,
    },
    /// The file is removed.
    Remove(PathBuf),
    /// The directory is removed with all that is in it.
    RemoveDir(PathBuf),
    /// The directory is removed if nothing is in it by then.
    RemoveEmpty(PathBuf),
    /// git sets values in its own configuration, one after the other.
    Configure {
        /// Which one.
        file: ConfigFile,
        /// The section with its name: `hook.NAME`.
        section: String,
        /// Keys of it with their values; each is then there once.
        values: Vec<(&'static str, String)>,
    },
    /// git takes a section out of its own configuration.
    Unconfigure {
        /// Which one.
        file: ConfigFile,
        /// The section with its name: `hook.NAME`.
        section: String,
    },
}

/// A configuration file of git's.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigFile {
    /// The repository's, by its git directory.
    Repository(PathBuf),
    /// The user's, wherever git finds it.
    User,
}

impl ConfigFile {
    /// Its name in a sentence.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Repository(git_dir) => git_dir.join("config").display().to_string(),
            Self::User => "your own git configuration".to_owned(),
        }
    }

    /// Has git change it.
    fn change(&self, arguments: &[&OsStr]) -> Result<()> {
        let mut command = process::command("git");
        match self {
            Self::Repository(git_dir) => command.arg("--git-dir").arg(git_dir).args(["config", "--local"]),
            Self::User => command.args(["config", "--global"]),
        };
        let done = process::run(command.args(arguments), LIMIT)?;
        if !done.success {
            bail!("git cannot change {}: {}", self.shown(), String::from_utf8_lossy(&done.stderr).trim());
        }
        Ok(())
    }
}

impl From<&ConfigFile> for Scope {
    fn from(file: &ConfigFile) -> Self {
        match file {
            ConfigFile::Repository(_) => Self::Local,
            ConfigFile::User => Self::Global,
        }
    }
}

impl Step {
    /// The step as a sentence for the user: what is done, to which path, and what for.
    #[must_use]
    pub fn describe(&self) -> String {
        let purpose = &self.purpose;
        match &self.action {
            Action::Write { path, .. } => format!("write {} to {purpose}", path.display()),
            Action::Move { from, to } => {
                format!("move {} to {} to {purpose}", from.display(), to.file_name().unwrap_or_default().display())
            }
            Action::Remove(path) => format!("remove {} to {purpose}", path.display()),
            Action::RemoveDir(path) | Action::RemoveEmpty(path) => {
                format!("remove the directory {} to {purpose}", path.display())
            }
            Action::Configure { file, section, .. } => format!("set {section} in {} to {purpose}", file.shown()),
            Action::Unconfigure { file, section } => format!("remove {section} from {} to {purpose}", file.shown()),
        }
    }
}

impl Step {
    /// Whether the step changes this file.
    #[must_use]
    pub fn touches(&self, file: &Path) -> bool {
        match &self.action {
            Action::Write { path, .. } | Action::Remove(path) => path == file,
            Action::Move { from, to } => from == file || to == file,
            Action::RemoveDir(dir) => file.starts_with(dir),
            Action::RemoveEmpty(_) | Action::Configure { .. } | Action::Unconfigure { .. } => false,
        }
    }
}

impl Plan {
    /// Whether there is nothing to change and nothing in the way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.refusal.is_none()
    }

    /// Adds what another plan changes, after what this one does.
    pub fn append(&mut self, other: Self) {
        self.steps.extend(other.steps);
        self.notes.extend(other.notes);
        self.refusal = self.refusal.take().or(other.refusal);
    }

    pub(super) fn step(&mut self, purpose: impl Into<String>, action: Action) {
        self.steps.push(Step { purpose: purpose.into(), action });
    }

    pub(super) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    pub(super) fn refuse(&mut self, why: impl Into<String>, cure: impl Into<String>) {
        self.refusal.get_or_insert(Refusal { why: why.into(), cure: cure.into() });
    }
}

/// Makes the changes, each whole or not at all; after `Ok` every step of the plan is done.
///
/// The plan holds the files' new contents as they were detected: after a pause for questions, detect again first.
///
/// # Errors
/// The plan carries a [`Refusal`] (the error's source; nothing is changed), or a step cannot be done: those before it
/// are, and planning again leaves only the rest.
pub fn apply(plan: &Plan) -> Result<()> {
    if let Some(refusal) = &plan.refusal {
        bail!(refusal.clone());
    }
    for step in &plan.steps {
        perform(&step.action).with_context(|| format!("cannot {}", step.purpose))?;
    }
    Ok(())
}

fn perform(action: &Action) -> Result<()> {
    match action {
        Action::Write { path, bytes, mode } => {
            if let Some(dir) = path.parent().filter(|dir| !dir.exists()) {
                // Private only when the file is; hooks and exclude files are as open as the rest of `.git`.
                if mode.is_some() { fs::create_dir(dir)? } else { fs::create_private_dir(dir)? }
            }
            match mode {
                Some(mode) => fs::replace_with_mode(path, bytes, *mode),
                None => fs::replace(path, bytes),
            }
        }
        Action::Move { from, to } => fs::rename(from, to),
        Action::Remove(path) => fs::remove(path),
        Action::RemoveDir(path) => fs::remove_dir(path),
        Action::RemoveEmpty(path) => fs::remove_empty_dir(path).map(drop),
        Action::Configure { file, section, values } => values.iter().try_for_each(|(key, value)| {
            let key = format!("{section}.{key}");
            file.change(&["--replace-all", &key, value].map(OsStr::new))
        }),
        Action::Unconfigure { file, section } => file.change(&["--remove-section", section].map(OsStr::new)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_plan_changes_nothing_and_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut plan = Plan::default();
        plan.step("try", Action::Write { path: path.clone(), bytes: b"x".to_vec(), mode: None });
        plan.refuse("it is shared", "do it yourself");
        let error = apply(&plan).unwrap_err();
        assert_eq!(error.downcast_ref::<Refusal>(), plan.refusal.as_ref());
        assert!(!path.exists());
    }

    #[test]
    fn a_step_that_cannot_be_done_names_its_purpose_and_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let mut plan = Plan::default();
        plan.step("put it back", Action::Move { from: dir.path().join("absent"), to: dir.path().join("here") });
        let error = format!("{:#}", apply(&plan).unwrap_err());
        assert!(error.starts_with("cannot put it back: cannot move ") && error.contains("absent"), "{error}");
    }

    #[test]
    fn each_step_is_one_sentence() {
        let check = |action: Action, expected: &str| {
            assert_eq!(Step { purpose: "try".to_owned(), action }.describe(), expected);
        };
        check(Action::Write { path: "/a/b".into(), bytes: Vec::new(), mode: None }, "write /a/b to try");
        check(Action::Move { from: "/a/b".into(), to: "/a/c".into() }, "move /a/b to c to try");
        check(Action::Remove("/a/b".into()), "remove /a/b to try");
        check(Action::RemoveDir("/a".into()), "remove the directory /a to try");
    }
}
