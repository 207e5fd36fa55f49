//! What a tool has at hand: a repository with its settings and its journal, opened for one request.
//!
//! In: the surroundings, seen from the repository. Out: [`Desk`].
//! Never here: anything that outlives the request: the next one sees what has changed.

use std::path::Path;

use anyhow::Result;

use crate::config::{self, Loaded, Sources};
use crate::env::{Deadline, Env};
use crate::git::Repository;
use crate::record::Recorder;
use crate::setup::{self, Detected, Places};
use crate::store::Store;
use crate::store::log::Log;
use crate::worker;

/// A repository, opened.
#[derive(Debug)]
pub struct Desk {
    /// The surroundings.
    pub env: Env,
    /// The repository.
    pub repository: Repository,
    /// The settings that hold in it.
    pub loaded: Loaded,
    settings: Vec<(String, String)>,
}

impl Desk {
    /// Opens the repository that `env` is in. `settings`: those of the command line.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn open(env: Env, settings: &[(String, String)]) -> Result<Self> {
        let repository = Repository::open(&env)?;
        let main = repository.main_worktree();
        let loaded = config::load(&sources(&env, &repository, main.as_deref(), settings));
        Ok(Self { env, repository, loaded, settings: settings.to_vec() })
    }

    /// A recorder that takes all the time it needs.
    #[must_use]
    pub fn recorder(&self) -> Recorder<'_> {
        Recorder {
            env: &self.env,
            config: &self.loaded.config,
            repository: &self.repository,
            deadline: Deadline::NONE,
            thorough: true,
        }
    }

    /// The journal.
    #[must_use]
    pub fn store(&self) -> Store {
        self.recorder().store()
    }

    /// The journal, with entries for commits whose hook never ran, as many as a moment allows.
    #[must_use]
    pub fn caught_up(&self) -> Store {
        if let Err(error) = worker::catch_up(&self.env, &self.repository, self.loaded.config.enabled) {
            let message = format!("commits whose hook had not run were not looked for: {error:#}");
            Log::at(&self.repository.state_dir()).write(self.env.now, "mcp", &message);
        }
        self.store()
    }

    /// What set-up finds here; `None` in a bare repository.
    #[must_use]
    pub fn detected(&self) -> Option<Detected> {
        let main = self.repository.main_worktree();
        let sources = sources(&self.env, &self.repository, main.as_deref(), &self.settings);
        let places = Places::of(&self.env, &self.repository, self.repository.worktree()?, &sources);
        setup::detect(&places).ok()
    }
}

fn sources<'a>(
    env: &'a Env,
    repository: &'a Repository,
    main: Option<&'a Path>,
    flags: &'a [(String, String)],
) -> Sources<'a> {
    Sources { env, worktree: repository.worktree(), main_worktree: main, flags }
}
