//! What somebody asks about, in their own words.
//!
//! In: a text that names a place in a file or a commit, and perhaps a text that is gone. Out: the [`Story`].
//! Never here: a path that leads out of the repository.

use std::path::Path;

use anyhow::{Context, Error, Result};

use super::ask::Asker;
use super::story::Story;
use super::target::{Target, readings};
use crate::git::CommitId;
use crate::git::blame::Question;

/// A question as it was put.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// A file with or without lines (`PATH`, `PATH:LINE`, `PATH:LINE-LINE`), or a commit.
    pub target: String,
    /// A text that lines of the file have or had.
    pub grep: Option<String>,
    /// The file as it was in this commit.
    pub rev: Option<String>,
    /// Commits that are looked through.
    pub ignored: Vec<String>,
}

/// There is nothing like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No file and no commit has this name.
    #[error("there is neither a file nor a commit called `{0}`")]
    Target(String),
    /// No commit touched such a line.
    #[error("no commit has added or taken away a line with `{text}` in {path}")]
    Text {
        /// What was looked for.
        text: String,
        /// Where.
        path: String,
    },
}

impl Asked {
    /// Answers; paths are seen from `cwd`, then from the top.
    ///
    /// # Errors
    /// [`Unknown`], or `git::blame::Unblamed`; or the history cannot be read.
    pub fn answer(&self, asker: &Asker<'_>, cwd: &Path) -> Result<Story> {
        let repository = asker.repository;
        let resolve = |revision: &String| repository.resolve(revision);
        let at = self.rev.as_ref().map(resolve).transpose()?;
        if let Some(text) = &self.grep {
            return self.lost(asker, cwd, text, at.as_ref());
        }
        let ignored = self.ignored.iter().map(resolve).collect::<Result<Vec<_>>>()?;
        let question = |path: Vec<u8>, target: &Target| Question {
            path,
            lines: target.lines.clone(),
            at: at.clone(),
            ignored: ignored.clone(),
        };
        let (found, refused) = self.find(asker, cwd, at.as_ref());
        if let Some((path, target)) = found {
            return asker.lines(&question(path, &target));
        }
        if let Ok(commit) = repository.resolve(&self.target) {
            return asker.commit(&commit);
        }
        if let Some(error) = refused {
            return Err(error);
        }
        if !self.target.contains(['.', '/', '\\']) {
            return Err(Unknown::Target(self.target.clone()).into());
        }
        // Asked for all the same, so that the error names the files that are like it.
        let targets = readings(&self.target);
        let target = targets.last().context("a text has at least one reading")?;
        asker.lines(&question(repository.named_path(cwd, &target.path)?, target))
    }

    /// The first reading of the text that names a file; else why the last of them names none, if that is an error.
    fn find(&self, asker: &Asker<'_>, cwd: &Path, at: Option<&CommitId>) -> (Option<(Vec<u8>, Target)>, Option<Error>) {
        let mut refused = None;
        for target in readings(&self.target) {
            match asker.repository.named_file(cwd, &target.path, at) {
                Ok(Some(path)) => return (Some((path, target)), None),
                Ok(None) => {}
                Err(error) => refused = Some(error),
            }
        }
        (None, refused)
    }

    fn lost(&self, asker: &Asker<'_>, cwd: &Path, text: &str, at: Option<&CommitId>) -> Result<Story> {
        let path = match self.find(asker, cwd, at) {
            (Some((path, _)), _) => path,
            (None, Some(error)) => return Err(error),
            // It may be gone.
            (None, None) => asker.repository.named_path(cwd, &self.target)?,
        };
        let story = asker.text(&path, text, at)?;
        if story.chapters.is_empty() {
            return Err(Unknown::Text { text: text.to_owned(), path: story.path.unwrap_or_default() }.into());
        }
        Ok(story)
    }
}
