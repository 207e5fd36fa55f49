//! `commit-story why`: the story behind a line.
//!
//! In: a place in a file, a text that is gone from it, or a commit. Out: what was asked, decided and rejected when it was
//! written, for the terminal or as JSON.
//! Never here: how it is found (that is `why`), or a change to the journal.

mod screen;

use anyhow::{Context, Result};
use clap::Args;

use super::failure::Advice;
use super::paging::Paging;
use super::session::{Session, Workspace};
use crate::git::Repository;
use crate::git::blame::Unblamed;
use crate::why::{Asked, Asker, Story, StoryJson, Unknown};

/// How many commits are told of.
const MOST: usize = 5;

/// What to ask.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story why src/retry.rs:42            the story behind a line
  commit-story why src/retry.rs:42-50         and behind several
  commit-story why src/retry.rs               where most of a file is from
  commit-story why src/retry.rs --grep sleep  who added or removed it
  commit-story why HEAD~3                     the story behind a commit

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
    let asker = Asker { repository: &workspace.repository, store: &store, most: options.most };
    let question = Asked {
        target: options.target.clone(),
        grep: options.grep.clone(),
        rev: options.rev.clone(),
        ignored: options.ignore_rev.clone(),
    };
    question.answer(&asker, &session.env.cwd)
}

/// The error with what can be done about it.
fn advised(error: anyhow::Error, repository: &Repository) -> anyhow::Error {
    if let Some(unknown) = error.downcast_ref::<Unknown>() {
        let hint = match unknown {
            Unknown::Target(_) => "commit-story why PATH:LINE, or commit-story why REV",
            Unknown::Text { .. } => "the text is looked for as it is, small and capital letters told apart",
        };
        return Advice { message: unknown.to_string(), hint: hint.to_owned() }.into();
    }
    let Some(unblamed) = error.downcast_ref::<Unblamed>() else { return error };
    let hint = match unblamed {
        Unblamed::Missing { near, path, .. } if near.is_empty() => {
            format!("if it is gone, look for a text that it had: commit-story why {path} --grep TEXT")
        }
        Unblamed::Missing { near, path, .. } => match path.rsplit_once(':') {
            Some((file, _)) if near.iter().any(|near| near == file) => {
                format!("lines are numbers from 1 on: commit-story why {file}:1")
            }
            _ => format!("did you mean {}?", near.join(" or ")),
        },
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
