//! The whole pipeline: a commit becomes a journal entry.
//!
//! In: a commit's id and how long there is. Out: the entry on its page, and whether a second look is worth while.
//! Never here: a detail of any stage. Start reading here; each line below is one module.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::awaiting::{Awaiting, Job};
use crate::chat::SessionId;
use crate::chat::cursor::{self, Use};
use crate::chat::matching::{Match, Window};
use crate::chat::verdict::Verdict;
use crate::config::Config;
use crate::draft::{self, Limits};
use crate::env::{Deadline, Env};
use crate::evidence::{self, Evidence, Sources, redact::Redactor, stored::Stored};
use crate::fs;
use crate::git::rewrite;
use crate::git::{Commit, CommitId, Lines, Repository};
use crate::journal::{Entry, Relation};
use crate::listen::{Account, Conversation, Listener};
use crate::merge;
use crate::store::made::{self, Made};
use crate::store::vault::{self, Claim, Tenant};
use crate::store::{Outcome, Store, layout::Leaf, notes::Notes};

/// An assistant writes its transcript with a delay: what it did this short a time before the commit may be missing yet.
const FLUSH: TimeDelta = TimeDelta::seconds(5);

/// What an entry says that was made from such a history.
const PROMPTS_ONLY: &str = "the prompts are from Claude Code's history: the transcript with its answers is gone";

/// What recording works with.
#[derive(Debug)]
pub struct Recorder<'a> {
    /// The surroundings.
    pub env: &'a Env,
    /// The settings.
    pub config: &'a Config,
    /// The repository.
    pub repository: &'a Repository,
    /// When reading stops and the entry is written with what there is.
    pub deadline: Deadline,
    /// Whether every transcript on the disk may be opened, not only those that lie where they should.
    pub thorough: bool,
}

/// What is said of a commit, before it is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// What it is made from.
    pub evidence: Evidence,
    /// The entry.
    pub entry: Entry,
    /// Whether more may be found later: something was not read in time, or is only now being written.
    pub unfinished: bool,
    /// The span of time whose conversation counts.
    pub window: Window,
    /// How the sessions were chosen.
    pub account: Account,
    /// The notes it tells, as the store names them.
    taken: Vec<usize>,
}

/// Where a journal lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In a folder: relative to the top of the main work tree, or absolute.
    Folder(PathBuf),
    /// On a branch of the same repository.
    Branch(String),
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    /// Its entry stands on this page.
    Entry {
        /// The page.
        page: PathBuf,
        /// Whether the page was changed, and how.
        outcome: Outcome,
        /// See [`Story::unfinished`].
        unfinished: bool,
    },
    /// It changes nothing but the journal itself.
    OnlyJournal,
    /// Another commit has taken its place, and its entry.
    Replaced,
}

impl Recorder<'_> {
    /// Writes the entry of a commit. `made`: how it was made, where that is known of itself and need not be remembered.
    ///
    /// # Errors
    /// The commit cannot be read, or the page or the state directory cannot be written.
    pub fn record(&self, id: &CommitId, made: Option<Made>) -> Result<Recorded> {
        let state = self.repository.state_dir();
        let known = made.or_else(|| made::of(&state, id));
        let made = if let Some(made) = known {
            made
        } else {
            let made = self.made_here(id, Vec::new());
            made::remember(&state, &made)?;
            made
        };
        let Some(story) = self.tell(id, Some(made))? else { return Ok(Recorded::OnlyJournal) };
        self.claim(&story)?;
        let journal = self.store();
        let mut journal = journal.begin(self.patience())?;
        // While it was being told, another commit may have taken this one's place, and its entry with it.
        if self.thorough && self.repository.successors().of(id).is_some() && !self.repository.holds(id) {
            return Ok(Recorded::Replaced);
        }
        let put = journal.put(&story.entry)?;
        journal.finish()?;
        self.await_prose(&story.evidence)?;
        Ok(Recorded::Entry { page: put.path, outcome: put.outcome, unfinished: story.unfinished })
    }

    /// Leaves an entry to whoever asks a model for its prose, where that is wanted. Nobody is asked here.
    fn await_prose(&self, evidence: &Evidence) -> Result<()> {
        if !self.config.narration.is_on() {
            return Ok(());
        }
        Awaiting::at(&self.repository.state_dir()).put(self.prose_job(&evidence.commit().id), evidence)
    }

    /// A job for the prose of a commit.
    #[must_use]
    pub fn prose_job(&self, id: &CommitId) -> Job {
        let (git_dir, top) = (self.repository.git_dir().to_owned(), self.repository.top().to_owned());
        Job::new(id.clone(), git_dir, top, self.env.later().to_utc(), self.config.narration.wait_seconds)
    }

    /// The evidence that was stored for a commit, or gathered anew where it was not; `None` when it changes only the
    /// journal.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn evidence(&self, id: &CommitId, stored: Option<Stored>) -> Result<Option<Evidence>> {
        let Some(stored) = stored else { return Ok(self.tell(id, None)?.map(|story| story.evidence)) };
        let made = made::of(&self.repository.state_dir(), id).unwrap_or_else(|| self.made_here(id, Vec::new()));
        let Some(commit) = self.read(id, &made)? else { return Ok(None) };
        let sources = stored.sources(commit, self.journal_prefix());
        Ok(Some(evidence::gather(sources, &Redactor::new(&self.config.redact))))
    }

    /// How a commit is made when that happens here and now.
    #[must_use]
    pub fn made_here(&self, id: &CommitId, sessions: Vec<SessionId>) -> Made {
        Made {
            commit: id.clone(),
            worktree: self.repository.worktree().map(Path::to_owned),
            branch: self.repository.branch(id),
            sessions,
            picked: None,
            squashes: Vec::new(),
        }
    }

    /// Finds out what there is to say of a commit, and writes nothing; `None` when it changes only the journal.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn tell(&self, id: &CommitId, made: Option<Made>) -> Result<Option<Story>> {
        let made = made.or_else(|| made::of(&self.repository.state_dir(), id));
        let made = made.unwrap_or_else(|| self.made_here(id, Vec::new()));
        let Some(commit) = self.read(id, &made)? else { return Ok(None) };
        let heard = self.listen(&commit, &made.sessions);
        Ok(Some(self.story(commit, &made, heard)))
    }

    /// What was said that led to a commit. The prompts of an old one may have outlived their transcript.
    fn listen(&self, commit: &Commit, named: &[SessionId]) -> Conversation {
        let (window, told) = (Window::of(commit), commit.told_here());
        let heard = self.listener().listen(&told, window, named);
        if !heard.matches.is_empty() || !self.thorough || !self.listener().may_recall(window) {
            return heard;
        }
        let wanted = self.listener().wanted(&told, window, named);
        let (prompts, _) = self.listener().prompts(&wanted);
        let recalled = self.listener().recall(&told, &wanted.roots, &prompts);
        if recalled.matches.is_empty() { heard } else { Conversation { gaps: heard.gaps, ..recalled } }
    }

    /// What there is to say of a commit that has been read and listened for.
    #[must_use]
    pub fn story(&self, commit: Commit, made: &Made, heard: Conversation) -> Story {
        let window = Window::of(&commit);
        let Conversation { matches, gaps, unreached, missed, account, prompts_only } = heard;
        let uncounted = commit.changes.iter().any(|change| change.lines == Lines::Uncounted);
        let unheard = made.sessions.iter().any(|id| !matches.iter().any(|found| found.session.id == *id));
        let unmerged = commit.is_merge() && !self.thorough;
        let unfinished =
            missed || uncounted || unheard || unmerged || matches.iter().any(|found| is_live(found, window));
        let top = commit.worktree.clone().unwrap_or_default();
        // Notes that cannot be read are no reason to leave the commit without an entry.
        let replaced = |taker: &CommitId| self.repository.replaces(&commit, taker);
        let notes = Notes::at(&self.repository.state_dir()).of(&commit.id, &top, window.until.into(), replaced);
        let unread = notes.as_ref().err().map(|_| "your notes were not read: commit-story doctor says more".to_owned());
        let (taken, notes) = notes.unwrap_or_default().into_iter().map(|found| (found.line, found.note)).unzip();
        let conflicts = if unmerged { Vec::new() } else { merge::conflicts(self.repository, &commit) };
        let relations = relations(&commit, made);
        let sources = Sources { commit, journal: self.journal_prefix(), matches, notes, gaps, conflicts, relations };
        let evidence = evidence::gather(sources, &Redactor::new(&self.config.redact));
        let mut entry = draft::draft(&evidence, self.limits());
        entry.details.omissions.extend(unread);
        entry.details.omissions.extend(silent(unreached));
        entry.details.omissions.extend(prompts_only.then(|| PROMPTS_ONLY.to_owned()));
        Story { evidence, entry, unfinished, window, account, taken }
    }

    /// What git alone says of a commit, as an entry; `None` when it changes only the journal.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn outline(&self, id: &CommitId) -> Result<Option<Entry>> {
        let made = made::of(&self.repository.state_dir(), id).unwrap_or_else(|| self.made_here(id, Vec::new()));
        let Some(commit) = self.read(id, &made)? else { return Ok(None) };
        let (journal, relations) = (self.journal_prefix(), relations(&commit, &made));
        let sources = Sources { journal, relations, ..Sources::of(commit) };
        let evidence = evidence::gather(sources, &Redactor::new(&self.config.redact));
        Ok(Some(draft::draft(&evidence, self.limits())))
    }

    /// Reads a commit; `None` when it changes only the journal.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn read(&self, id: &CommitId, made: &Made) -> Result<Option<Commit>> {
        let commit = self.repository.commit(id, self.deadline)?;
        let commit = Commit { branch: made.branch.clone(), worktree: made.worktree.clone(), ..commit };
        let journal = self.journal_prefix();
        let is_journal = |path: &[u8]| evidence::is_journal(path, journal.as_deref());
        let only_journal = !commit.changes.is_empty() && commit.changes.iter().all(|change| is_journal(&change.path));
        Ok((!only_journal && !self.is_on_journal_branch(&commit)).then_some(commit))
    }

    /// Remembers what the commit has told, before it is told: a kill in between loses nothing, because a commit that is
    /// written again sees what it saw the first time.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn claim(&self, story: &Story) -> Result<()> {
        let state = self.repository.state_dir();
        let commit = story.evidence.commit();
        let claim = Use { commit: commit.id.clone(), through: story.window.until };
        for one in &story.account.considered {
            match one.verdict {
                Verdict::Taken { .. } => cursor::remember(&state, one.assistant, &one.session, &claim)?,
                // What the first, hasty look took for this commit's may be another's.
                Verdict::Left(_) if self.thorough => {
                    cursor::withdraw(&state, one.assistant, &one.session, &commit.id)?;
                }
                Verdict::Left(_) => {}
            }
        }
        if !story.taken.is_empty() {
            Notes::at(&state).take(&commit.id, &story.taken)?;
        }
        Ok(())
    }

    /// The journal.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store_at(&self.place())
    }

    /// Where the journal lives, as configured.
    #[must_use]
    pub fn place(&self) -> Place {
        let journal = &self.config.journal;
        journal.branch.clone().map_or_else(|| Place::Folder(journal.folder.clone()), Place::Branch)
    }

    /// The journal that would live at a place.
    #[must_use]
    pub fn store_at(&self, place: &Place) -> Store {
        let state = self.repository.state_dir();
        let lock = state.join("journal.lock");
        let store = match place {
            Place::Branch(name) => Store::on_branch(self.repository.own_branch(name), lock, self.env.now),
            Place::Folder(folder) => match self.vault(folder) {
                // Several repositories may write there, so the lock lies where all of them find it.
                Some((own, claim)) => Store::in_vault(own, folder.join(".commit-story.lock"), claim),
                // A folder named relative to the repository stays in it, whatever links a clone brings along.
                None if folder.is_relative() => Store::new(self.folder_at(folder), lock, self.top().as_deref()),
                None => Store::new(folder.clone(), lock, None),
            },
        };
        store.at(self.env.now)
    }

    /// The journal's folder: in the main work tree, so that removing a linked one loses nothing, or outside. `None` where
    /// the journal lives on a branch.
    #[must_use]
    pub fn journal_folder(&self) -> Option<PathBuf> {
        match self.place() {
            Place::Folder(folder) => Some(self.folder_at(&folder)),
            Place::Branch(_) => None,
        }
    }

    /// Where a journal with this folder would lie.
    #[must_use]
    pub fn folder_at(&self, folder: &Path) -> PathBuf {
        if let Some((own, _)) = self.vault(folder) {
            return own;
        }
        self.top().unwrap_or_else(|| self.repository.common_dir().to_owned()).join(folder)
    }

    /// This repository's part of a folder outside of it.
    fn vault(&self, folder: &Path) -> Option<(PathBuf, Option<Claim>)> {
        let top = self.top().unwrap_or_else(|| self.repository.common_dir().to_owned());
        if folder.is_relative() || fs::canonical(folder).starts_with(&top) || folder.starts_with(&top) {
            return None;
        }
        let named = top.file_name().unwrap_or_default().to_string_lossy();
        let name = named.strip_suffix(".git").filter(|name| !name.is_empty()).unwrap_or(&named);
        let state = self.repository.state_dir();
        Some(vault::find(folder, Tenant { name, common_dir: self.repository.common_dir(), state: &state }))
    }

    /// The top of the main work tree, or of the one we are in where the repository itself is bare.
    fn top(&self) -> Option<PathBuf> {
        self.repository.main_worktree().or_else(|| self.repository.worktree().map(Path::to_owned))
    }

    /// The journal's folder as paths in commits begin with it. Where the journal lives on a branch, its former pages in
    /// the folder are still no work to be told of.
    fn journal_prefix(&self) -> Option<String> {
        let folder = self.folder_at(&self.config.journal.folder);
        let inside = folder.strip_prefix(self.top()?).ok()?;
        Some(inside.to_string_lossy().replace('\\', "/").trim_end_matches('/').to_owned())
    }

    /// What finds and reads conversations.
    #[must_use]
    pub fn listener(&self) -> Listener<'_> {
        Listener {
            env: self.env,
            assistants: &self.config.assistants,
            repository: self.repository,
            deadline: self.deadline,
            thorough: self.thorough,
        }
    }

    /// Whether somebody has checked the journal's own branch out and committed there.
    fn is_on_journal_branch(&self, commit: &Commit) -> bool {
        let is_page = |path: &[u8]| std::str::from_utf8(path).is_ok_and(|path| Leaf::parse(path).is_some());
        self.config.journal.branch.as_ref().is_some_and(|name| {
            let pages_only = !commit.changes.is_empty() && commit.changes.iter().all(|change| is_page(&change.path));
            commit.branch.as_ref() == Some(name) || pages_only
        })
    }

    /// How long to wait for another writer of the journal: a commit waits with us, the worker waits alone.
    #[must_use]
    pub fn patience(&self) -> Deadline {
        Deadline::after(if self.thorough { Duration::from_secs(60) } else { Duration::from_millis(500) })
    }

    fn limits(&self) -> Limits {
        let entry = &self.config.entry;
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Limits { conversation: size(entry.conversation), commands: size(entry.commands), files: size(entry.files) }
    }
}

/// Whether a session was at work when the commit was made, so that its last words may not be on the disk yet.
fn is_live(found: &Match, window: Window) -> bool {
    let last = found.turns.last().map(|turn| (turn.closed, turn.span.1));
    last.is_some_and(|(closed, at)| !closed || window.until - at < FLUSH)
}

/// How a commit stands to others, by what was known when it was made and by what its message says.
fn relations(commit: &Commit, made: &Made) -> Vec<Relation> {
    let picked = made.picked.clone().or_else(|| rewrite::picked_in(&commit.body)).map(Relation::PickedFrom);
    let reverted = rewrite::reverted_in(&commit.body).map(Relation::Reverts);
    let squashed = if made.squashes.is_empty() { rewrite::squashed_in(&commit.body) } else { made.squashes.clone() };
    let squashed = (!squashed.is_empty()).then_some(Relation::Squashes(squashed));
    picked.into_iter().chain(reverted).chain(squashed).collect()
}

/// What is said of other homes that did not answer: without their names, which are the user's business.
fn silent(unreached: Vec<(PathBuf, String)>) -> impl Iterator<Item = String> {
    let reasons: BTreeSet<String> = unreached.into_iter().map(|(_, reason)| reason).collect();
    reasons.into_iter().map(|reason| format!("a directory of assistants.other-homes was not looked into: {reason}"))
}
