//! The process's surroundings, taken once at start.
//!
//! In: environment variables, the home and working directories, the clock and the time zone.
//! Out: [`Env`], plain data that the rest of the program is handed.
//! Never here: files. No other module reads a variable, the clock or the working directory.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, Local};

/// Variables that are read besides `COMMIT_STORY_*`; each is described in `docs/configuration.md`.
///
/// `GIT_*`: what git tells a hook about the repository. Those of assistants: which session, if any, ran the command, and
/// where conversations lie. `WSL_DISTRO_NAME`: whether there is a Windows around this Linux. `*_PROXY`: how a model's
/// server, or the one that releases this program, is reached; `*_TOKEN`: who asks GitHub for the list of releases. `*PAGER`, `LESS`, `LV`: what shows long output, and how.
pub(crate) const VARIABLES: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG_PARAMETERS",
    "CLAUDECODE",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CONFIG_DIR",
    "GEMINI_CLI_HOME",
    "COPILOT_HOME",
    "AIDER_CHAT_HISTORY_FILE",
    "CLINE_DIR",
    "CLINE_DATA_DIR",
    "CLINE_SESSION_DATA_DIR",
    "COPILOT_AGENT_SESSION_ID",
    "CODEX_THREAD_ID",
    "CODEX_HOME",
    "QWEN_HOME",
    "QWEN_RUNTIME_DIR",
    "PI_CODING_AGENT_DIR",
    "PI_CODING_AGENT_SESSION_DIR",
    "CURSOR_CONVERSATION_ID",
    "WSL_DISTRO_NAME",
    "XDG_DATA_HOME",
    "GOOSE_PATH_ROOT",
    "OPENCODE_DB",
    "KILO_DB",
    "CONTINUE_GLOBAL_DIR",
    "AMP_CURRENT_THREAD_ID",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "NO_COLOR",
    "COLUMNS",
    "TERM",
    "GIT_PAGER",
    "PAGER",
    "LESS",
    "LV",
];

/// Whether a variable is read at all: ours, those listed, and those that hold the key of a model's provider.
fn is_read(name: &str) -> bool {
    name.starts_with("COMMIT_STORY_") || VARIABLES.contains(&name) || name.ends_with("_API_KEY")
}

/// Everything the process was handed when it started.
#[derive(Clone, PartialEq)]
pub struct Env {
    /// The working directory; in a hook, the top of the work tree.
    pub cwd: PathBuf,
    /// The user's home directory, when the system names one.
    pub home: Option<PathBuf>,
    /// Where the user's configuration lies: `$XDG_CONFIG_HOME/commit-story` and its equals on other systems.
    pub config_dir: Option<PathBuf>,
    /// Where what belongs to the user and to no repository is remembered: `$XDG_STATE_HOME/commit-story` and its equals on
    /// other systems.
    pub state_dir: Option<PathBuf>,
    /// The present, in the local time zone. `COMMIT_STORY_NOW` (RFC 3339) overrides it, for tests and demonstrations.
    pub now: DateTime<FixedOffset>,
    /// The running binary, for the hook's absolute path and the detached worker.
    pub executable: PathBuf,
    variables: BTreeMap<String, OsString>,
    /// When all this was taken, by a clock that nobody sets.
    taken: Instant,
}

impl Env {
    /// Takes the surroundings of this process.
    ///
    /// # Errors
    /// The working directory is gone.
    pub fn take() -> std::io::Result<Self> {
        Ok(Self::take_from(std::env::vars_os(), std::env::current_dir()?))
    }

    /// Takes the surroundings of this process, except that variables and working directory are those given.
    #[must_use]
    pub fn take_from(variables: impl IntoIterator<Item = (OsString, OsString)>, cwd: PathBuf) -> Self {
        let variables: BTreeMap<String, OsString> = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| is_read(name))
            .collect();
        let base = directories::BaseDirs::new();
        let now = variables
            .get("COMMIT_STORY_NOW")
            .and_then(|value| DateTime::parse_from_rfc3339(value.to_str()?).ok())
            .unwrap_or_else(|| Local::now().fixed_offset());
        Self {
            cwd,
            home: base.as_ref().map(|dirs| dirs.home_dir().to_owned()),
            config_dir: base.as_ref().map(|dirs| dirs.config_dir().join("commit-story")),
            state_dir: base.as_ref().map(|dirs| match dirs.state_dir() {
                Some(dir) => dir.join("commit-story"),
                // Where there is none, this may be the directory of the configuration.
                None => dirs.data_local_dir().join("commit-story").join("state"),
            }),
            now,
            executable: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("commit-story")),
            variables,
            taken: Instant::now(),
        }
    }

    /// Surroundings of a test: its own home and variables, and nothing of this machine.
    #[cfg(test)]
    pub(crate) fn of_test(home: &Path, variables: &[(&str, &str)]) -> Self {
        Self {
            cwd: home.to_owned(),
            home: Some(home.to_owned()),
            config_dir: Some(home.join(".config/commit-story")),
            state_dir: Some(home.join(".local/state/commit-story")),
            now: DateTime::UNIX_EPOCH.fixed_offset(),
            taken: Instant::now(),
            executable: PathBuf::from("commit-story"),
            variables: variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect(),
        }
    }

    /// The value of one of the variables we read; `None` when unset or empty.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.given(name).filter(|value| !value.is_empty())
    }

    /// The same where an empty value says something, too: for git, an empty `GIT_PAGER` means none.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&OsStr> {
        debug_assert!(is_read(name), "{name} is not listed in VARIABLES");
        self.variables.get(name).map(OsString::as_os_str)
    }

    /// The same as text; `None` also when the value is not UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.var(name)?.to_str()
    }

    /// Our own variables (`COMMIT_STORY_*`) with their values, in alphabetical order.
    pub fn ours(&self) -> impl Iterator<Item = (&str, &OsStr)> {
        self.variables
            .iter()
            .filter(|(name, _)| name.starts_with("COMMIT_STORY_"))
            .map(|(name, value)| (name.as_str(), value.as_os_str()))
    }

    /// The present for who has worked or waited since: the clock is read anew, or where it is pretended, goes on.
    #[must_use]
    pub fn later(&self) -> DateTime<FixedOffset> {
        if self.var("COMMIT_STORY_NOW").is_none() {
            return Local::now().fixed_offset();
        }
        self.now + self.taken.elapsed()
    }

    /// The same surroundings at this moment, for a process that lives on.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { now: self.later(), taken: Instant::now(), ..self.clone() }
    }

    /// The same surroundings seen from another directory, whose repository is the one that lies around it, whatever
    /// `GIT_DIR` says of the directory that the process was started in.
    #[must_use]
    pub fn elsewhere(&self, dir: &Path) -> Self {
        let mut env = self.clone().at(dir);
        env.variables.retain(|name, _| !name.starts_with("GIT_") || name == "GIT_PAGER");
        env
    }

    /// The same surroundings seen from another directory (`-C DIR`).
    #[must_use]
    pub fn at(mut self, dir: &Path) -> Self {
        self.cwd = self.cwd.join(dir);
        self
    }

    /// The same surroundings with another home. What the variables say is true of the own one only.
    #[must_use]
    pub fn of_home(&self, home: &Path) -> Self {
        let home = home.to_owned();
        Self { cwd: home.clone(), home: Some(home), variables: BTreeMap::new(), ..self.clone() }
    }

    /// The same surroundings as a hook of this repository and work tree would find them.
    #[must_use]
    pub fn in_repository(self, git_dir: &Path, worktree: &Path) -> Self {
        let mut env = self.at(worktree);
        for (name, path) in [("GIT_DIR", git_dir), ("GIT_WORK_TREE", worktree)] {
            env.variables.insert(name.to_owned(), path.into());
        }
        env
    }
}

/// Without the values of variables: keys are among them.
impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env")
            .field("cwd", &self.cwd)
            .field("home", &self.home)
            .field("config_dir", &self.config_dir)
            .field("state_dir", &self.state_dir)
            .field("now", &self.now)
            .field("executable", &self.executable)
            .field("variables", &self.variables.keys())
            .finish_non_exhaustive()
    }
}

/// A moment after which a stage returns with what it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No limit: for commands that the developer waits for knowingly, and for the worker.
    pub const NONE: Self = Self(None);

    /// A deadline `span` from now.
    #[must_use]
    pub fn after(span: Duration) -> Self {
        Self(Instant::now().checked_add(span))
    }

    /// Whether the moment has come.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.0.is_some_and(|at| Instant::now() >= at)
    }

    /// How long is left; `None` without a limit.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }
}
