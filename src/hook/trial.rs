//! A trial: git itself runs our lines, in a repository that is thrown away.
//!
//! In: the hook files and git's configuration as they are. Out: for each event, whether commit-story was reached.
//! Never here: a command of somebody else's, or the real repository: only lines of ours that nobody has changed are
//! copied, and our binary, told by a variable that this is a trial, answers and does nothing.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::configured::{Configured, name};
use super::event::Event;
use super::file::HookFile;
use super::interpreter::shebang;
use super::marked;
use crate::{fs, process};

/// The variable that tells our binary of a trial.
pub const VARIABLE: &str = "COMMIT_STORY_TRIAL";
/// What it then answers on standard error, before the event.
pub const ANSWER: &str = "commit-story was reached by ";
/// How long git may take for each step.
const LIMIT: Duration = Duration::from_secs(10);
/// The bits of a hook that git runs, and of one that it skips.
const MODES: (u32, u32) = (0o755, 0o644);

/// How a trial ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// So often was our binary reached.
    Reached(usize),
    /// It was not, and this is what git said.
    Missed(String),
    /// This git cannot run hooks on demand (before 2.36).
    Untried,
}

/// Tries the hook of an event: its file, if our lines are in it, and our configured hook.
///
/// # Errors
/// There is no place for temporary files, or git cannot be run.
pub fn trial(event: Event, file: Option<&HookFile>, configured: &Configured) -> Result<Outcome> {
    let scratch = tempfile::Builder::new().prefix("commit-story-trial-").tempdir();
    let scratch = scratch.context("cannot make a directory for a trial of the hook")?;
    let hooks = scratch.path().join("hooks");
    fs::create_dir(&hooks)?;
    let ours = file.filter(|file| file.is_known()).and_then(|file| Some((file, lines(file)?)));
    if let Some((file, lines)) = ours {
        fs::replace_with_mode(&hooks.join(event.name()), &lines, if file.executable { MODES.0 } else { MODES.1 })?;
    }
    let made = process::run(git(scratch.path()).args(["init", "--quiet", "--template=", "."]), LIMIT)?;
    if !made.success {
        bail!("cannot make a repository for a trial: {}", String::from_utf8_lossy(&made.stderr).trim());
    }
    let mut command = git(scratch.path());
    command.arg("-c").arg(setting("core.hooksPath", &hooks.display().to_string()));
    let ours = configured.settings.iter().filter(|setting| {
        let switch = setting.name == event.name() && setting.key == "enabled";
        switch || setting.name == name(event) && configured.is_known(event)
    });
    for found in ours {
        command.arg("-c").arg(setting(&format!("hook.{}.{}", found.name, found.key), &found.value));
    }
    command.args(["hook", "run", "--ignore-missing", event.name()]).env(VARIABLE, "1");
    let ran = process::run(&mut command, LIMIT)?;
    let said = String::from_utf8_lossy(&ran.stderr);
    let reached = said.lines().filter(|line| line.strip_prefix(ANSWER) == Some(event.name())).count();
    Ok(match reached {
        0 if said.contains("'hook' is not a git command") => Outcome::Untried,
        0 => Outcome::Missed(said.trim().to_owned()),
        times => Outcome::Reached(times),
    })
}

/// git in the scratch repository, with nobody's configuration.
fn git(scratch: &Path) -> process::Command {
    let mut command = process::command("git");
    command.current_dir(scratch).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", scratch.join("none"));
    command.env("GIT_CEILING_DIRECTORIES", scratch).env("LC_ALL", "C");
    command
}

fn setting(key: &str, value: &str) -> String {
    format!("{key}={value}")
}

/// Our lines in a hook file, and the line that says what runs them.
fn lines(file: &HookFile) -> Option<Vec<u8>> {
    let ours = marked::find(&file.bytes)?;
    let first = shebang(&file.bytes).map(|line| [b"#!", line, b"\n"].concat()).unwrap_or_default();
    Some([&first, &file.bytes[ours]].concat())
}
