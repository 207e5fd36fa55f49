//! `commit-story why`: the story behind a line.
//!
//! In: a place in a file, a text that is gone from it, or a commit. Out: what was asked, decided and rejected when it was
//! written, for the terminal or as JSON.
//! Never here: how it is found (that is `why`), or a change to the journal.

mod screen;

use anyhow::{Context, Error, Result};
use clap::Args;

use super::failure::Advice;
use super::paging::Paging;
use super::session::{Session, Workspace};
use crate::git::blame::{Question, Unblamed};
use crate::git::{CommitId, Repository};
use crate::why::target::{Target, readings};
use crate::why::{Asker, Story, StoryJson};

/// How many commits are told of.
const MOST: usize = 5;

/// What to ask.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story why src/retry.rs:42             the story behind a line
  commit-story why src/retry.rs:42-50          and behind several; src/retry.rs#L42-L50 means the same
  commit-story why src/retry.rs                the commits that most of a file comes from
  commit-story why src/retry.rs --grep sleep   who added or took away lines with this text
  commit-story why HEAD~3                      the story behind a commit

Lines are traced through renames, as git blame does it; blame.ignoreRevsFile is respected.")]
pub struct Options {
    /// A file with or without lines (PATH, PATH:LINE, PATH:LINE-LINE), or a commit
    #[arg(value_name = "PATH[:LINES]|REV")]
    pub target: String,
    /// Look for commits that added or took away lines of the file with this text
    #[arg(long, value_name = "TEXT")]
    pub grep: Option<String>,
    /// The file as it was in this commit
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// Look through this commit, as if it had not changed the file; may be repeated
    #[arg(long, value_name = "REV", conflicts_with = "grep")]
    pub ignore_rev: Vec<String>,
    /// How many commits to tell of
    #[arg(short = 'n', long, value_name = "N", default_value_t = MOST, value_parser = at_least_one)]
    pub most: usize,
    /// Tell everything: all lines, and what was said in full
    #[arg(long)]
    pub full: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Whether there is a pager.
    #[command(flatten)]
    pub paging: Paging,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "expected a number from 1".to_owned())
}

/// Runs the command.
///
/// # Errors
/// There is no such place or commit, or its history cannot be read.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let story = ask(session, &workspace, options).map_err(|error| advised(error, &workspace.repository))?;
    if options.json {
        let json = StoryJson::new(&story, options.full);
        let text = serde_json::to_string_pretty(&json).context("cannot write the story as JSON")?;
        return Ok(session.printer.result(&text)?);
    }
    let screen = screen::Screen { colour: session.printer.colour_out, full: options.full };
    let mut out = options.paging.output(session, &workspace);
    out.piece(&screen.story(&story))?;
    Ok(out.finish()?)
}

fn ask(session: &Session, workspace: &Workspace, options: &Options) -> Result<Story> {
    let store = workspace.recorder(session).store();
    let repository = &workspace.repository;
    let asker = Asker { repository, store: &store, most: options.most };
    let resolve = |revision: &String| repository.resolve(revision);
    let at = options.rev.as_ref().map(resolve).transpose()?;
    if let Some(text) = &options.grep {
        return lost(session, &asker, options, text, at.as_ref());
    }
    let ignored = options.ignore_rev.iter().map(resolve).collect::<Result<Vec<_>>>()?;
    let question = |path: Vec<u8>, target: &Target| Question {
        path,
        lines: target.lines.clone(),
        at: at.clone(),
        ignored: ignored.clone(),
    };
    let (found, refused) = find(session, repository, &options.target, at.as_ref());
    if let Some((path, target)) = found {
        return asker.lines(&question(path, &target));
    }
    if let Ok(commit) = repository.resolve(&options.target) {
        return asker.commit(&commit);
    }
    if let Some(error) = refused {
        return Err(error);
    }
    if !options.target.contains(['.', '/', '\\']) {
        let message = format!("there is neither a file nor a commit called `{}`", options.target);
        return Err(Advice { message, hint: "commit-story why PATH:LINE, or commit-story why REV".to_owned() }.into());
    }
    // Asked for all the same, so that the error names the files that are like it.
    let targets = readings(&options.target);
    let target = targets.last().context("a text has at least one reading")?;
    asker.lines(&question(repository.named_path(&session.env.cwd, &target.path)?, target))
}

/// The first reading of a text that names a file; else why the last of them names none, if that is an error.
fn find(
    session: &Session,
    repository: &Repository,
    text: &str,
    at: Option<&CommitId>,
) -> (Option<(Vec<u8>, Target)>, Option<Error>) {
    let mut refused = None;
    for target in readings(text) {
        match repository.named_file(&session.env.cwd, &target.path, at) {
            Ok(Some(path)) => return (Some((path, target)), None),
            Ok(None) => {}
            Err(error) => refused = Some(error),
        }
    }
    (None, refused)
}

fn lost(session: &Session, asker: &Asker<'_>, options: &Options, text: &str, at: Option<&CommitId>) -> Result<Story> {
    let path = match find(session, asker.repository, &options.target, at) {
        (Some((path, _)), _) => path,
        (None, Some(error)) => return Err(error),
        // It may be gone.
        (None, None) => asker.repository.named_path(&session.env.cwd, &options.target)?,
    };
    let story = asker.text(&path, text, at)?;
    if story.chapters.is_empty() {
        let message =
            format!("no commit has added or taken away a line with `{text}` in {}", story.path.unwrap_or_default());
        let hint = "the text is looked for as it is, small and capital letters told apart".to_owned();
        return Err(Advice { message, hint }.into());
    }
    Ok(story)
}

/// The error with what can be done about it.
fn advised(error: anyhow::Error, repository: &Repository) -> anyhow::Error {
    let Some(unblamed) = error.downcast_ref::<Unblamed>() else { return error };
    let hint = match unblamed {
        Unblamed::Missing { near, path, .. } if near.is_empty() => {
            format!("if it is gone, look for a text that it had: commit-story why {path} --grep TEXT")
        }
        Unblamed::Missing { near, .. } => format!("did you mean {}?", near.join(" or ")),
        Unblamed::Untracked(path) => format!("its story begins with its first commit: git add {path}"),
        Unblamed::NoFile { what: "a directory", .. } => "name a file in it".to_owned(),
        Unblamed::NoFile { path, .. } | Unblamed::Binary(path) => {
            format!("ask about a commit that changed it: git log --oneline -- {path}, then commit-story why REV")
        }
        Unblamed::Beyond { length: 0, .. } => "the file is empty".to_owned(),
        Unblamed::Beyond { path, length, .. } => format!("its last line: commit-story why {path}:{length}"),
        Unblamed::Outside(_) => format!("name a file below {}", repository.top().display()),
    };
    Advice { message: unblamed.to_string(), hint }.into()
}
