//! What a command has at hand: the surroundings, the printer, the repository and the settings.
//!
//! In: the global options. Out: [`Session`] and, on demand, [`Workspace`].
//! Never here: a command's own work. `--help` and `completions` need none of it, so nothing is opened before it is asked
//! for.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Result;
use chrono::NaiveDate;
use clap::Args;

use super::failure::{Advice, Usage};
use crate::config::{self, Loaded, Origin};
use crate::env::{Deadline, Env};
use crate::git::Repository;
use crate::record::Recorder;
use crate::setup::Places;
use crate::ui::Printer;
use crate::ui::style::Choice;
use crate::update::notice;
use crate::worker;

/// Above the options of every command, below its own.
const HEADING: &str = "Global options";

/// The options that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// Work in this directory instead of the current one
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = HEADING)]
    pub directory: Option<PathBuf>,
    /// Set a configuration key for this call only; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", global = true, value_parser = setting, help_heading = HEADING)]
    pub settings: Vec<(String, String)>,
    /// Print results and errors only
    #[arg(short, long, global = true, help_heading = HEADING)]
    pub quiet: bool,
    /// Say which repository and which settings are at work
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = HEADING)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", help_heading = HEADING)]
    pub color: Choice,
}

/// One run of the program.
#[derive(Debug)]
pub struct Session {
    /// The surroundings, seen from `-C DIR`.
    pub env: Env,
    /// The output.
    pub printer: Printer,
    settings: Vec<(String, String)>,
}

/// A repository with the settings that hold in it.
#[derive(Debug)]
pub struct Workspace {
    /// The repository.
    pub repository: Repository,
    /// The settings with their origins.
    pub loaded: Loaded,
}

impl Session {
    /// A session with the options given.
    #[must_use]
    pub fn new(env: Env, global: &Global) -> Self {
        let printer = Printer::new(&env, global.color, global.quiet, global.verbose);
        let env = match &global.directory {
            Some(dir) => env.at(dir),
            None => env,
        };
        Self { env, printer, settings: global.settings.clone() }
    }

    /// Whether the directory of `-C` is there.
    ///
    /// # Errors
    /// It is not.
    pub fn check(&self) -> Result<()> {
        if self.env.cwd.is_dir() {
            return Ok(());
        }
        let message = format!("cannot change to {}: there is no such directory", self.env.cwd.display());
        Err(Usage { message, hint: "look at the path behind -C".to_owned() }.into())
    }

    /// Opens the repository we are in and loads its settings; what is wrong with these is told.
    ///
    /// # Errors
    /// There is no repository here, or it is broken.
    pub fn workspace(&self) -> Result<Workspace> {
        let workspace = self.open()?;
        self.printer.detail(&format!("repository {}", workspace.repository.common_dir().display()));
        for value in workspace.loaded.values.iter().filter(|value| value.origin != Origin::Default) {
            self.printer.detail(&format!("{} = {} by {}", value.key, value.setting.text(), value.origin));
        }
        for warning in &workspace.loaded.warnings {
            self.printer.warn(&warning.to_string());
        }
        Ok(workspace)
    }

    /// The same without a word about the settings, for a command that reports on them itself.
    ///
    /// # Errors
    /// As [`Session::workspace`].
    pub fn open(&self) -> Result<Workspace> {
        let repository = Repository::open(&self.env)?;
        let loaded = self.load(Some(&repository));
        Ok(Workspace { repository, loaded })
    }

    /// Writes the entries of commits whose hook never ran, as many as a moment allows, and says so. That this cannot be
    /// done is no fault of the command that would have shown them.
    pub fn catch_up(&self, workspace: &Workspace) {
        match worker::catch_up(&self.env, &workspace.repository, workspace.loaded.config.enabled) {
            Ok(0) => {}
            Ok(1) => self.printer.say("wrote 1 entry of a commit whose hook had not run"),
            Ok(n) => self.printer.say(&format!("wrote {n} entries of commits whose hook had not run")),
            Err(error) => {
                self.printer.detail(&format!("commits whose hook had not run were not looked for: {error:#}"));
            }
        }
    }

    /// Says in one line to somebody at a terminal that this version was withdrawn, or, where they have switched that on, that
    /// there is a newer one. Nothing is asked of anybody for it.
    pub fn tell_of_updates(&self) {
        if self.printer.is_quiet() || !std::io::stdout().is_terminal() || !std::io::stderr().is_terminal() {
            return;
        }
        if let Some(line) = notice::line(&self.env, || self.load(None).config.update.notice) {
            self.printer.warn(&line);
        }
    }

    /// The day that a text names: `2026-01-06`, `today`, `yesterday`.
    #[must_use]
    pub fn day(&self, text: &str) -> Option<NaiveDate> {
        let today = self.env.now.date_naive();
        match text {
            "today" => Some(today),
            "yesterday" => today.pred_opt(),
            text => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
        }
    }

    /// The settings, outside a repository the user's alone.
    #[must_use]
    pub fn load(&self, repository: Option<&Repository>) -> Loaded {
        let main = repository.and_then(Repository::main_worktree);
        config::load(&self.sources(repository, main.as_deref()))
    }

    /// Where set-up looks, for the repository we are in.
    ///
    /// # Errors
    /// The repository has no work tree: nobody commits there.
    pub fn places(&self, repository: &Repository) -> Result<Places> {
        let top = repository.worktree().ok_or_else(|| Advice {
            message: format!("{} is a bare repository: nobody commits there", repository.common_dir().display()),
            hint: "run this in a work tree of it".to_owned(),
        })?;
        let main = repository.main_worktree();
        Ok(Places::of(&self.env, repository, top, &self.sources(Some(repository), main.as_deref())))
    }

    /// The settings of the command line.
    #[must_use]
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// Where the settings are looked for.
    #[must_use]
    pub fn sources<'a>(
        &'a self,
        repository: Option<&'a Repository>,
        main: Option<&'a std::path::Path>,
    ) -> config::Sources<'a> {
        config::Sources {
            env: &self.env,
            worktree: repository.and_then(Repository::worktree),
            main_worktree: main,
            flags: &self.settings,
        }
    }
}

impl Workspace {
    /// A recorder that takes all the time it needs.
    #[must_use]
    pub fn recorder<'a>(&'a self, session: &'a Session) -> Recorder<'a> {
        Recorder {
            env: &session.env,
            config: &self.loaded.config,
            repository: &self.repository,
            deadline: Deadline::NONE,
            thorough: true,
        }
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    config::edit::checked(key, value).map_err(|error| error.to_string())?;
    Ok((key.to_owned(), value.to_owned()))
}
