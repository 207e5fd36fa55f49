//! From a question to its story.
//!
//! In: lines of a file, a text that is gone from it, or a commit. Out: a [`Story`]. Never here: how it is shown.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use anyhow::{Context, Result};

use super::about::About;
use super::lookup::Lookup;
use super::story::{Brought, Change, Chapter, ShownLine, Story, Touched};
use crate::git::blame::{Blame, Line, Question};
use crate::git::change::path_text;
use crate::git::{CommitId, Repository};
use crate::store::Store;

/// Answers questions.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// Its journal.
    pub store: &'a Store,
    /// How many commits are told of.
    pub most: usize,
}

/// What the blamed lines say of one commit.
#[derive(Default)]
struct Share {
    lines: Vec<RangeInclusive<u32>>,
    count: usize,
    path: Vec<u8>,
}

impl Asker<'_> {
    /// The story behind lines: the commits they come from, that with the most of them first.
    ///
    /// # Errors
    /// As [`Repository::blame`].
    pub fn lines(&self, question: &Question) -> Result<Story> {
        let blame = self.repository.blame(question)?;
        let mut shares = shares(&blame);
        let about = |share: &Share, commit: &CommitId| {
            let own = |line: &&Line| line.origin.as_ref().is_some_and(|origin| origin.commit == *commit);
            let texts = blame.lines.iter().filter(own).map(|line| line.text.as_str());
            About::new([path_text(&blame.path), path_text(&share.path)].iter().map(|path| &**path), texts)
        };
        // Of commits with as many lines the newest matters most; one day's page is read for each that is told.
        shares.sort_by_key(|(commit, share)| {
            (std::cmp::Reverse(share.count), std::cmp::Reverse(self.repository.committed(commit)))
        });
        let more = shares.len().saturating_sub(self.most);
        shares.truncate(self.most);
        let chapters = shares.into_iter().map(|(commit, share)| {
            let about = about(&share, &commit);
            self.chapter(&commit, Brought::Lines(share.lines), Some(&share.path), &about)
        });
        let chapters = chapters.collect::<Result<_>>()?;
        let uncommitted = blame.lines.iter().filter(|line| line.origin.is_none()).count();
        Ok(Story {
            path: Some(path_text(&blame.path).into_owned()),
            length: Some(blame.length),
            uncommitted: u32::try_from(uncommitted)?,
            lines: blame.lines.into_iter().map(shown).collect(),
            chapters,
            more,
        })
    }

    /// The story of a text in a file: the commits that added or took away lines with it, newest first.
    ///
    /// # Errors
    /// As [`Repository::touches`].
    pub fn text(&self, path: &[u8], text: &str, at: Option<&CommitId>) -> Result<Story> {
        let mut touches = self.repository.touches(path, text, at, self.most + 1)?;
        let more = touches.len().saturating_sub(self.most);
        touches.truncate(self.most);
        let chapters = touches.into_iter().map(|touch| {
            let about = About::new(
                [path_text(path), path_text(&touch.path)].iter().map(|path| &**path),
                touch.removed.iter().chain(&touch.added).map(String::as_str),
            );
            let brought = Brought::Touched(Touched { removed: touch.removed, added: touch.added });
            self.chapter(&touch.commit, brought, Some(&touch.path), &about)
        });
        let chapters = chapters.collect::<Result<_>>()?;
        Ok(Story { path: Some(path_text(path).into_owned()), chapters, more, ..Story::default() })
    }

    /// The story of a commit.
    ///
    /// # Errors
    /// The commit is missing.
    pub fn commit(&self, commit: &CommitId) -> Result<Story> {
        let chapter = self.chapter(commit, Brought::Itself, None, &About::default())?;
        Ok(Story { chapters: vec![chapter], ..Story::default() })
    }

    fn chapter(&self, commit: &CommitId, brought: Brought, path: Option<&[u8]>, about: &About) -> Result<Chapter> {
        let (author, subject) =
            self.repository.authorship(commit).with_context(|| format!("cannot read the commit {commit}"))?;
        let lookup = Lookup { repository: self.repository, store: self.store };
        let change = path.map(|path| self.repository.file_change(commit, path)).transpose()?.flatten();
        let text = |path: &[u8]| path_text(path).into_owned();
        Ok(Chapter {
            commit: commit.clone(),
            told: lookup.of(commit, author.when.date_naive(), about)?,
            author: author.name,
            at: author.when,
            subject,
            body: self.repository.body(commit),
            brought,
            change: change.map(|change| Change {
                path: path.map(text).unwrap_or_default(),
                new: change.new,
                from: change.from.as_deref().map(text),
                added: change.added,
                removed: change.removed,
            }),
        })
    }
}

/// The commits of lines, each with those that are its own.
fn shares(blame: &Blame) -> Vec<(CommitId, Share)> {
    let mut shares: BTreeMap<&CommitId, Share> = BTreeMap::new();
    for line in &blame.lines {
        let Some(origin) = &line.origin else { continue };
        let share = shares.entry(&origin.commit).or_default();
        match share.lines.last_mut() {
            Some(last) if *last.end() + 1 == line.number => *last = *last.start()..=line.number,
            _ => share.lines.push(line.number..=line.number),
        }
        share.count += 1;
        share.path.clone_from(&origin.path);
    }
    shares.into_iter().map(|(commit, share)| (commit.clone(), share)).collect()
}

fn shown(line: Line) -> ShownLine {
    ShownLine { number: line.number, text: line.text, commit: line.origin.map(|origin| origin.commit) }
}
