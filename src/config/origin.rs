//! Where a value came from, and what was wrong with one.
//!
//! In: places. Out: [`Origin`] and [`Warning`], which display as one line each.
//! Never here: a decision.

use std::fmt;
use std::path::PathBuf;

/// The layer that a value came from, the later ones overriding the earlier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The shipped `default.yaml`.
    Default,
    /// The user's own file, and the line, counted from 1.
    User(PathBuf, usize),
    /// The repository's `.commit-story.yaml`, and the line, counted from 1.
    Repository(PathBuf, usize),
    /// A variable of the environment, by name.
    Environment(String),
    /// `--set key=value` on the command line.
    Flag,
}

impl Origin {
    /// The layer in one word, as `config list --json` names it.
    #[must_use]
    pub fn layer(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::User(..) => "user",
            Self::Repository(..) => "repository",
            Self::Environment(_) => "environment",
            Self::Flag => "flag",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::User(path, line) | Self::Repository(path, line) => write!(formatter, "{}:{line}", path.display()),
            Self::Environment(name) => formatter.write_str(name),
            Self::Flag => formatter.write_str("--set"),
        }
    }
}

/// Something in the configuration that was not taken; the value of the layer below holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it stands; of a file that was left out as a whole, the line at which reading ended.
    pub origin: Origin,
    /// The key as it was written; `None` when it is about a whole file.
    pub key: Option<String>,
    /// What is wrong and what was expected, as a sentence that follows the key.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.origin)?;
        if let Some(key) = &self.key {
            write!(formatter, "{key}: ")?;
        }
        formatter.write_str(&self.message)
    }
}
