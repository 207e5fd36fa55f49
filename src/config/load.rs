//! The layers, one above the other.
//!
//! In: [`Sources`]: the environment, the tops of the work trees, the flags. Out: [`Loaded`]: the [`Config`], every value
//! with its origin, and warnings.
//! Never here: an error or a panic because of what somebody wrote; at worst the defaults hold and warnings say why.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;

use super::file::{self, Fault};
use super::keys::{self, DEFAULT, KEYS};
use super::origin::{Origin, Warning};
use super::schema::Config;
use super::setting::{self, Setting};
use super::trust;
use crate::env::Env;
use crate::fs;

/// The user's file, in [`Env::config_dir`].
pub const USER_FILE: &str = "config.yaml";

/// The repository's file, at the top of a work tree.
pub const REPOSITORY_FILE: &str = ".commit-story.yaml";

/// Variables named like settings that are none.
pub const OTHER_VARIABLES: [&str; 1] = ["COMMIT_STORY_NOW"];

/// Where settings are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Home, configuration directory and variables.
    pub env: &'a Env,
    /// The top of the work tree we are in; `None` outside a repository.
    pub worktree: Option<&'a Path>,
    /// The top of the main work tree, asked when the one we are in has no file; its folder rules hold for both.
    pub main_worktree: Option<&'a Path>,
    /// `--set key=value`, in the order given.
    pub flags: &'a [(String, String)],
}

impl Sources<'_> {
    /// The user's file, whether it exists or not.
    #[must_use]
    pub fn user_file(&self) -> Option<PathBuf> {
        self.env.config_dir.as_ref().map(|dir| dir.join(USER_FILE))
    }

    /// The repository's file that is read, or would be made.
    #[must_use]
    pub fn repository_file(&self) -> Option<PathBuf> {
        let own = self.worktree.map(|top| top.join(REPOSITORY_FILE));
        let main = || self.main_worktree.map(|top| top.join(REPOSITORY_FILE)).filter(|path| exists(path));
        match own {
            Some(path) if exists(&path) => Some(path),
            own => main().or(own),
        }
    }

    /// The top that `journal.folder` is relative to.
    #[must_use]
    pub fn top(&self) -> Option<&Path> {
        self.main_worktree.or(self.worktree)
    }
}

/// One setting as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The dotted name.
    pub key: &'static str,
    /// The value, paths as they were written.
    pub setting: Setting,
    /// The highest layer that set it, or added to it.
    pub origin: Origin,
}

/// The outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The same with their origins, in the order of [`KEYS`].
    pub values: Vec<Value>,
    /// What was not taken, lowest layer first.
    pub warnings: Vec<Warning>,
}

/// Loads the configuration.
#[must_use]
pub fn load(sources: &Sources<'_>) -> Loaded {
    let mut layers = Layers { values: defaults(), warnings: Vec::new() };
    layers.user(sources);
    let by_user = layers.values.clone();
    layers.repository(sources, &by_user);
    layers.environment(sources.env);
    layers.flags(sources.flags);
    let config = layers.config(sources.env.home.as_deref());
    Loaded { config, values: layers.values, warnings: layers.warnings }
}

/// The shipped values.
fn defaults() -> Vec<Value> {
    let (mut found, _) = file::read(DEFAULT.as_bytes());
    found.sort_by_key(|found| found.key);
    found
        .into_iter()
        .map(|found| Value { key: KEYS[found.key].name, setting: found.setting, origin: Origin::Default })
        .collect()
}

fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

struct Layers {
    values: Vec<Value>,
    warnings: Vec<Warning>,
}

impl Layers {
    fn user(&mut self, sources: &Sources<'_>) {
        let Some(path) = sources.user_file() else { return };
        let origin = |line| Origin::User(path.clone(), line);
        for found in self.file(&path, origin) {
            self.put(found.key, found.setting, origin(found.line));
        }
    }

    fn repository(&mut self, sources: &Sources<'_>, by_user: &[Value]) {
        let (Some(path), Some(top)) = (sources.repository_file(), sources.top()) else { return };
        let origin = |line| Origin::Repository(path.clone(), line);
        // Somebody else's link could lead to a device or a pipe, and a commit would wait for it.
        if std::fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
            return self.warn(origin(1), None, "the file is left out: it is no regular file".to_owned());
        }
        for found in self.file(&path, origin) {
            let key = &KEYS[found.key];
            let user = &by_user[found.key];
            let user = matches!(user.origin, Origin::User(..)).then_some(&user.setting);
            match trust::refusal(key, &found.setting, top, user) {
                Some(reason) => self.warn(origin(found.line), Some(key.name.to_owned()), reason),
                None => self.put(found.key, found.setting, origin(found.line)),
            }
        }
    }

    fn environment(&mut self, env: &Env) {
        for (name, text) in env.ours() {
            if text.is_empty() || OTHER_VARIABLES.contains(&name) {
                continue;
            }
            let origin = Origin::Environment(name.to_owned());
            match (KEYS.iter().position(|key| key.variable() == name), text.to_str()) {
                (Some(key), Some(text)) => self.parse(key, text, origin),
                (Some(_), None) => self.warn(origin, None, "the value is not UTF-8".to_owned()),
                (None, _) => {
                    let message = similar_variable(name).map_or_else(
                        || "sets nothing".to_owned(),
                        |known| format!("sets nothing; did you mean {known}?"),
                    );
                    self.warn(origin, None, message);
                }
            }
        }
    }

    fn flags(&mut self, flags: &[(String, String)]) {
        for (name, text) in flags {
            match keys::position(name) {
                Some(key) => self.parse(key, text, Origin::Flag),
                None => self.warn(Origin::Flag, None, keys::unknown(name)),
            }
        }
    }

    /// The good settings of a file; the bad ones become warnings.
    fn file(&mut self, path: &Path, origin: impl Fn(usize) -> Origin) -> Vec<file::Found> {
        match fs::read(path, file::LIMIT) {
            Ok(None) => Vec::new(),
            Ok(Some(bytes)) => {
                let (found, faults) = file::read(&bytes);
                for Fault { key, line, message } in faults {
                    self.warn(origin(line), key, message);
                }
                found
            }
            Err(error) => {
                self.warn(origin(1), None, format!("the file is left out: {error:#}"));
                Vec::new()
            }
        }
    }

    fn parse(&mut self, key: usize, text: &str, origin: Origin) {
        match setting::parse(KEYS[key].kind, text) {
            Ok(setting) => self.put(key, setting, origin),
            Err(message) => self.warn(origin, Some(KEYS[key].name.to_owned()), message),
        }
    }

    /// Sets a value; of words, adds those that are new.
    fn put(&mut self, key: usize, setting: Setting, origin: Origin) {
        let value = &mut self.values[key];
        if let (Setting::Words(all), Setting::Words(more)) = (&mut value.setting, &setting) {
            let before = all.len();
            for word in more {
                if !all.contains(word) {
                    all.push(word.clone());
                }
            }
            if all.len() > before {
                value.origin = origin;
            }
            return;
        }
        value.setting = setting;
        value.origin = origin;
    }

    fn warn(&mut self, origin: Origin, key: Option<String>, message: String) {
        self.warnings.push(Warning { origin, key, message });
    }

    /// The values as the schema's structs.
    fn config(&self, home: Option<&Path>) -> Config {
        let mut tree = serde_json::Map::new();
        for value in &self.values {
            let json = value.setting.clone().at_home(home).json();
            let mut section = &mut tree;
            let (sections, last) = value.key.rsplit_once('.').map_or((None, value.key), |(s, l)| (Some(s), l));
            for name in sections.into_iter().flat_map(|sections| sections.split('.')) {
                let next = section.entry(name).or_insert_with(|| serde_json::Map::new().into());
                section = next.as_object_mut().expect("no key is the section of another");
            }
            section.insert(last.to_owned(), json);
        }
        Config::deserialize(serde_json::Value::Object(tree))
            .expect("default.yaml holds every key of the schema, and every value was checked against its kind")
    }
}

/// The variable that was probably meant.
fn similar_variable(name: &str) -> Option<String> {
    let distance = |known: &String| strsim::damerau_levenshtein(&name.chars().take(80).collect::<String>(), known);
    KEYS.iter().map(keys::Key::variable).filter(|known| distance(known) <= 3).min_by_key(distance)
}
