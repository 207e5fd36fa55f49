//! `commit-story demo`: what an entry looks like, made before your eyes.
//!
//! In: nothing of yours. Out: the entry of one real commit in a throw-away repository with a throw-away home.
//! Never here: a trace left behind, or a shortcut: `init` and the hook run as they do for everybody.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta};
use clap::Args;

use super::failure::Advice;
use super::session::Session;
use crate::fs;
use crate::process;
use crate::ui::page;
use crate::ui::style::{Part, paint};

/// The conversation, a line each; `{cwd}` and `{-N}` (the time N seconds before the commit) are filled in.
const CONVERSATION: &str = include_str!("conversation.jsonl");

/// The id that the conversation has.
const SESSION: &str = "0d3f5b1e-6a52-4c8e-9d27-1c4a8e5b7f30";

const BEFORE: &str = include_str!("before.rs.txt");
const AFTER: &str = include_str!("after.rs.txt");

/// How long a child may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How the demonstration is shown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story demo
  commit-story demo --raw      the page as it lies on the disk

It needs git, and leaves nothing behind.")]
pub struct Options {
    /// Print the page as it is on the disk
    #[arg(long)]
    pub raw: bool,
}

/// Runs the demonstration.
///
/// # Errors
/// git is missing, or a step fails; what it said is in the error.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let mut stage = Stage::new(session)?;
    let say = |text: &str| session.printer.say(&paint(Part::Quiet, text, session.printer.colour_err));
    say("a throw-away repository, with a conversation in a throw-away home");
    // The conversation took place since the commit before.
    stage.now = session.env.now - TimeDelta::hours(1);
    stage.write("src/retry.rs", BEFORE)?;
    stage.git(&["init", "--quiet", "--initial-branch=main"])?;
    stage.git(&["add", "--all"])?;
    stage.git(&["commit", "--quiet", "--message=Upload files"])?;
    stage.now = session.env.now;
    stage.converse()?;
    say("$ commit-story init --yes");
    stage.child(session.env.executable.as_os_str(), &["init", "--yes"])?;
    stage.write("src/retry.rs", AFTER)?;
    stage.write("tests/retry.rs", TEST)?;
    stage.git(&["add", "src", "tests"])?;
    say("$ git commit --message='Back off between upload retries'");
    stage.git(&["commit", "--quiet", "--message=Back off between upload retries"])?;
    let (path, text) = stage.page()?;
    say(&format!("the hook wrote {}:\n", path.strip_prefix(stage.repo()).unwrap_or(&path).display()));
    let text = if options.raw { text } else { page::render(&text, session.printer.colour_out) };
    session.printer.result(&text)?;
    let here = stage.dir.path().to_owned();
    stage.dir.close().with_context(|| format!("cannot remove {}", here.display()))?;
    say(&format!("\n{} is gone again; for your own repository: commit-story init", here.display()));
    Ok(())
}

const TEST: &str = "#[test]\nfn the_pause_is_capped() {\n    assert_eq!(uploader::pause(40), 6_400);\n}\n";

/// The place of the demonstration.
struct Stage {
    dir: tempfile::TempDir,
    now: DateTime<FixedOffset>,
    /// Settings of the developer's environment, which are not part of the demonstration.
    foreign: Vec<String>,
}

impl Stage {
    fn new(session: &Session) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("commit-story-demo-").tempdir().context("cannot make a directory")?;
        let foreign = session.env.ours().map(|(name, _)| name.to_owned()).collect();
        let stage = Self { dir, now: session.env.now, foreign };
        fs::create_private_dir(&stage.repo())?;
        stage.write("../home/.gitconfig", "[user]\n\tname = Ada Example\n\temail = ada@example.org\n")?;
        Ok(stage)
    }

    fn repo(&self) -> PathBuf {
        fs::canonical(self.dir.path()).join("uploader")
    }

    fn home(&self) -> PathBuf {
        fs::canonical(self.dir.path()).join("home")
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.repo().join(path);
        if let Some(dir) = path.parent() {
            fs::create_private_dir(dir)?;
        }
        fs::replace(&path, text.as_bytes())
    }

    /// Puts the conversation where Claude Code keeps it.
    fn converse(&self) -> Result<()> {
        let cwd = self.repo().to_string_lossy().into_owned();
        let folder: String = cwd.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let cwd = serde_json::to_string(&cwd)?;
        let text = self.timed(&CONVERSATION.replace("{cwd}", cwd.trim_matches('"')));
        self.write(&format!("../home/.claude/projects/{folder}/{SESSION}.jsonl"), &text)
    }

    /// Fills in the times.
    fn timed(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, seconds, after)) = next_time(rest) {
            let at = self.now.to_utc() - TimeDelta::seconds(seconds);
            filled.push_str(before);
            filled.push_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true));
            rest = after;
        }
        filled + rest
    }

    fn git(&self, args: &[&str]) -> Result<()> {
        self.child(OsStr::new("git"), args)
    }

    /// Runs a child that sees the throw-away home and no other.
    fn child(&self, program: &OsStr, args: &[&str]) -> Result<()> {
        let mut clean = process::command(program);
        let home = self.home();
        for name in &self.foreign {
            clean.env_remove(name);
        }
        clean
            .args(args)
            .current_dir(self.repo())
            .env("HOME", &home)
            .env("USERPROFILE", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            // The worker, which finishes what the hook had no time for, would come when the place is gone; so the hook
            // gets the time.
            .env("COMMIT_STORY_HOOK_WORKER", "false")
            .env("COMMIT_STORY_HOOK_DEADLINE_MS", "1000")
            .env("COMMIT_STORY_NOW", self.now.to_rfc3339())
            .env("GIT_AUTHOR_DATE", self.now.to_rfc3339())
            .env("GIT_COMMITTER_DATE", self.now.to_rfc3339())
            .env_remove("CLAUDE_CONFIG_DIR");
        let finished = process::run(&mut clean, LIMIT).map_err(|error| missing(program, error))?;
        if !finished.success {
            bail!("{} failed: {}", program.display(), String::from_utf8_lossy(&finished.stderr).trim());
        }
        Ok(())
    }

    /// The page that the hook wrote.
    fn page(&self) -> Result<(PathBuf, String)> {
        let day = self.now.format("journal/entries/%Y-%m/%Y-%m-%d.md").to_string();
        let path = self.repo().join(day);
        let bytes = fs::read(&path, 1 << 20)?.with_context(|| format!("the hook wrote no {}", path.display()))?;
        Ok((path, String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// What to do about a program that is not there.
fn missing(program: &OsStr, error: anyhow::Error) -> anyhow::Error {
    let absent = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::NotFound)
    };
    if !error.chain().any(absent) {
        return error;
    }
    let message = format!("cannot find {}", program.display());
    Advice { message, hint: "install it, or put the directory that it lies in on PATH".to_owned() }.into()
}

/// The next `{-N}` of a text: what stands before it, N, and what stands after it.
fn next_time(text: &str) -> Option<(&str, i64, &str)> {
    let (before, rest) = text.split_once("{-")?;
    let (number, after) = rest.split_once('}')?;
    Some((before, number.parse().ok()?, after))
}
