//! The layers, one above the other.
//!
//! In: [`Sources`]: the environment, the tops of the work trees, the flags. Out: [`Loaded`]: the [`Config`], every value
//! with its origin, and warnings.
//! Never here: an error or a panic because of what somebody wrote; at worst the defaults hold and warnings say why.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;

use super::file::{self, Fault};
use super::keys::{self, KEYS};
use super::origin::{Origin, Warning};
use super::schema::Config;
use super::setting::{self, Setting};
use super::shipped;
use super::trust;
use crate::env::Env;
use crate::fs;

/// The user's file, in [`Env::config_dir`].
pub const USER_FILE: &str = "config.yaml";

/// The repository's file, at the top of a work tree.
pub const REPOSITORY_FILE: &str = ".commit-story.yaml";

/// Variables named like settings that are none.
pub const OTHER_VARIABLES: [&str; 15] = [
    "COMMIT_STORY_NOW",
    "COMMIT_STORY_HOOKS",
    "COMMIT_STORY_TRIAL",
    "COMMIT_STORY_PAGER",
    "COMMIT_STORY_MCP_TOKEN",
    "COMMIT_STORY_API_URL",
    "COMMIT_STORY_SELF_UPDATE",
    // Those of the install scripts; the first one is `update`'s, too.
    "COMMIT_STORY_BASE_URL",
    "COMMIT_STORY_VERSION",
    "COMMIT_STORY_INSTALL_DIR",
    "COMMIT_STORY_UNMANAGED",
    "COMMIT_STORY_MODIFY_PATH",
    "COMMIT_STORY_TARGET",
    "COMMIT_STORY_SKIP_CHECKSUM",
    "COMMIT_STORY_REQUIRE_SIGNATURE",
];

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
    /// Whether a whole file was left out. What it forbids is not known then, so no conversation is read and addresses
    /// are taken out until it is mended.
    pub careful: bool,
}

/// Loads the configuration.
#[must_use]
pub fn load(sources: &Sources<'_>) -> Loaded {
    let mut layers =
        Layers { at_home: sources.env.home.is_some(), values: defaults(), warnings: Vec::new(), careful: false };
    layers.user(sources);
    let by_user = layers.values.clone();
    layers.repository(sources, &by_user);
    layers.environment(sources.env);
    layers.flags(sources.flags);
    let mut config = layers.config(sources.env.home.as_deref());
    if layers.careful {
        config.assistants.by_name.values_mut().for_each(|assistant| assistant.read = false);
        config.redact.emails = true;
    }
    Loaded { config, values: layers.values, warnings: layers.warnings, careful: layers.careful }
}

/// The shipped values.
fn defaults() -> Vec<Value> {
    let value = |(key, setting): (&keys::Key, Setting)| Value { key: key.name, setting, origin: Origin::Default };
    KEYS.iter().zip(shipped::settings()).map(value).collect()
}

fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

struct Layers {
    /// Whether `~/` means something.
    at_home: bool,
    values: Vec<Value>,
    warnings: Vec<Warning>,
    careful: bool,
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
            self.careful = true;
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
                None => self.warn(Origin::Flag, Some(name.clone()), keys::unknown(name)),
            }
        }
    }

    /// The good settings of a file; the bad ones become warnings.
    fn file(&mut self, path: &Path, origin: impl Fn(usize) -> Origin) -> Vec<file::Found> {
        match fs::read(path, file::LIMIT) {
            Ok(None) => Vec::new(),
            Ok(Some(bytes)) => {
                let (found, faults) = file::read(&bytes);
                self.careful |= found.is_empty() && faults.iter().any(|fault| fault.key.is_none());
                for Fault { key, line, message } in faults {
                    self.warn(origin(line), key, message);
                }
                found
            }
            Err(error) => {
                self.careful = true;
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
        if setting.needs_home() && !self.at_home {
            let message = "the home directory is not known, so ~/ leads nowhere".to_owned();
            return self.warn(origin, Some(KEYS[key].name.to_owned()), message);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A home with a configuration, and a repository with one.
    struct Place(tempfile::TempDir);

    impl Place {
        fn new(user: &str, repository: &str) -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            place.write("home/.config/commit-story/config.yaml", user);
            place.write("repo/.commit-story.yaml", repository);
            place
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
            std::fs::write(self.path(name), text).unwrap();
        }

        fn load(&self, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Loaded {
            let env = Env::of_test(&self.path("home"), variables);
            let flags: Vec<_> = flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            let repo = self.path("repo");
            load(&Sources { env: &env, worktree: Some(&repo), main_worktree: Some(&repo), flags: &flags })
        }
    }

    fn origin<'a>(loaded: &'a Loaded, key: &str) -> &'a Origin {
        &loaded.values[keys::position(key).unwrap()].origin
    }

    #[test]
    fn the_defaults_are_those_of_the_shipped_file_and_name_every_key() {
        let (found, faults) = file::read(keys::DEFAULT.as_bytes());
        let names: Vec<&str> = found.iter().map(|found| KEYS[found.key].name).collect();
        assert_eq!((names, faults), (KEYS.map(|key| key.name).to_vec(), Vec::new()));
        assert_eq!(found.into_iter().map(|found| found.setting).collect::<Vec<_>>(), shipped::settings());
        let loaded = Place::new("", "").load(&[], &[]);
        assert_eq!(loaded.warnings, []);
        assert!(loaded.values.iter().all(|value| value.origin == Origin::Default));
        assert_eq!(loaded.config.journal.folder, PathBuf::from("journal"));
        assert_eq!(loaded.config.assistants.of("claude-code").directory, None);
        assert_eq!((loaded.config.hook.deadline_ms, loaded.config.entry.conversation), (25, 4000));
    }

    #[test]
    fn each_layer_overrides_the_one_below() {
        let place = Place::new(
            "entry:\n  files: 1\n  commands: 1\n  conversation: 1\nhook:\n  deadline-ms: 1\n",
            "entry:\n  commands: 2\n  conversation: 2\nhook:\n  deadline-ms: 2\n",
        );
        let variables = [("COMMIT_STORY_ENTRY_CONVERSATION", "3"), ("COMMIT_STORY_HOOK_DEADLINE_MS", "3")];
        let loaded = place.load(&variables, &[("hook.deadline-ms", "4")]);
        assert_eq!(loaded.warnings, []);
        let entry = &loaded.config.entry;
        assert_eq!((entry.files, entry.commands, entry.conversation, loaded.config.hook.deadline_ms), (1, 2, 3, 4));
        let user = place.path("home/.config/commit-story/config.yaml");
        assert_eq!(*origin(&loaded, "entry.files"), Origin::User(user, 2));
        assert_eq!(*origin(&loaded, "entry.commands"), Origin::Repository(place.path("repo/.commit-story.yaml"), 2));
        assert_eq!(*origin(&loaded, "entry.conversation"), Origin::Environment(variables[0].0.to_owned()));
        assert_eq!(*origin(&loaded, "hook.deadline-ms"), Origin::Flag);
        assert_eq!(*origin(&loaded, "hook.worker"), Origin::Default);
    }

    #[test]
    fn what_is_wrong_is_told_and_the_value_below_holds() {
        let place = Place::new("hook:\n  deadline-ms: 9\n", "hook:\n  deadline-ms: soon\nentrys: 1\n");
        let variables = [("COMMIT_STORY_HOOK_WORKR", "1"), ("COMMIT_STORY_NOW", "x"), ("COMMIT_STORY_ENABLED", "1")];
        let loaded = place.load(&variables, &[("enbled", "false")]);
        assert_eq!(loaded.config.hook.deadline_ms, 9);
        let file = place.path("repo").join(".commit-story.yaml").display().to_string();
        let told: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        let expected = [
            format!("{file}:2: hook.deadline-ms: expected a whole number from 0 to 1000, found text"),
            format!("{file}:3: entrys: no such setting; did you mean entry?"),
            "COMMIT_STORY_ENABLED: enabled: expected true or false, found the number 1".to_owned(),
            "COMMIT_STORY_HOOK_WORKR: sets nothing; did you mean COMMIT_STORY_HOOK_WORKER?".to_owned(),
            "--set: enbled: no such setting; did you mean enabled?".to_owned(),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_repository_may_not_reach_out_or_loosen_what_the_user_said() {
        let check = |user: &str, repository: &str, refused: usize| {
            let loaded = Place::new(user, repository).load(&[], &[]);
            let clean = Place::new(user, "").load(&[], &[]);
            assert_eq!(loaded.warnings.len(), refused, "{repository:?}: {:?}", loaded.warnings);
            assert_eq!(loaded.config == clean.config, refused > 0, "{repository:?}");
        };
        check("", "journal:\n  folder: /tmp\n", 1);
        check("", "journal:\n  folder: ../x\n", 1);
        check("", "journal:\n  folder: .git/hooks\n", 1);
        check("", "journal:\n  folder: ''\n", 1);
        check("", "journal:\n  folder: docs/journal\n", 0);
        check("", "assistants:\n  claude-code:\n    directory: /home/other\n", 1);
        check("", "hook:\n  deadline-ms: 60000\n", 1);
        check("redact:\n  emails: true\n", "redact:\n  emails: false\n", 1);
        check("", "redact:\n  emails: true\n", 0);
        check("journal:\n  private: true\n", "journal:\n  private: false\n", 1);
        check("", "journal:\n  private: false\n", 0);
        check("enabled: false\n", "enabled: true\n", 1);
        check("assistants:\n  claude-code:\n    read: false\n", "assistants:\n  claude-code:\n    read: true\n", 1);
    }

    #[test]
    fn the_user_may_name_any_place_and_home_is_spelt_out() {
        let there = if cfg!(windows) { "C:/srv/x" } else { "/srv/x" };
        let text = format!("journal:\n  folder: ~/notes\nassistants:\n  claude-code:\n    directory: {there}\n");
        let place = Place::new(&text, "");
        let loaded = place.load(&[], &[]);
        assert_eq!(loaded.config.journal.folder, place.path("home/notes"));
        assert_eq!(loaded.config.assistants.of("claude-code").directory, Some(PathBuf::from(there)));
        assert_eq!(loaded.warnings, []);
    }

    #[test]
    fn words_of_all_layers_are_joined() {
        let place = Place::new("redact:\n  words: [a, b]\n", "redact:\n  words: []\n");
        let loaded = place.load(&[("COMMIT_STORY_REDACT_WORDS", "[b, c]")], &[("redact.words", "d")]);
        assert_eq!(loaded.config.redact.words, ["a", "b", "c", "d"]);
        assert_eq!(*origin(&place.load(&[], &[]), "redact.words").layer(), *"user");
    }

    #[test]
    fn a_linked_work_tree_has_its_own_file_or_the_main_one() {
        let place = Place::new("", "entry:\n  files: 1\n");
        std::fs::create_dir(place.path("linked")).unwrap();
        let env = Env::of_test(&place.path("home"), &[]);
        let (linked, main) = (place.path("linked"), place.path("repo"));
        let sources = Sources { env: &env, worktree: Some(&linked), main_worktree: Some(&main), flags: &[] };
        assert_eq!(load(&sources).config.entry.files, 1);
        place.write("linked/.commit-story.yaml", "entry:\n  files: 2\n");
        assert_eq!(load(&sources).config.entry.files, 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_repository_file_that_is_a_link_is_left_out() {
        let place = Place::new("enabled: false\n", "");
        std::fs::remove_file(place.path("repo/.commit-story.yaml")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", place.path("repo/.commit-story.yaml")).unwrap();
        let loaded = place.load(&[], &[]);
        assert!(!loaded.config.enabled && loaded.warnings[0].message.contains("no regular file"));
    }

    proptest::proptest! {
        #[test]
        fn variables_and_flags_of_any_text_never_panic(text in ".{0,40}", key in 0..KEYS.len()) {
            let place = Place::new("", "");
            let variable = KEYS[key].variable();
            let text = text.as_str();
            let loaded = place.load(&[(&variable, text)], &[(KEYS[key].name, text), (text, "1")]);
            proptest::prop_assert_eq!(loaded.values.len(), KEYS.len());
        }
    }
}
