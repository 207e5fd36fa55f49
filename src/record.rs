//! The whole pipeline: a commit becomes a journal entry.
//!
//! In: a commit's id and how long there is. Out: the entry on its page, and whether a second look is worth while.
//! Never here: a detail of any stage. Start reading here; each line below is one module.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};

use crate::chat::claude_code::{self, Candidate, Places};
use crate::chat::cursor::{self, Use};
use crate::chat::matching::{self, Heard, Match, View, Window};
use crate::chat::{Assistant, Gap, SessionId, Wanted};
use crate::config::Config;
use crate::draft::{self, Limits};
use crate::env::{Deadline, Env};
use crate::evidence::{self, Evidence, Sources, redact::Redactor};
use crate::git::{Commit, CommitId, Lines, Repository};
use crate::journal::Entry;
use crate::store::made::{self, Made};
use crate::store::{Outcome, Store, notes::Notes};

/// An assistant writes its transcript with a delay: what it did this short a time before the commit may be missing yet.
const FLUSH: TimeDelta = TimeDelta::seconds(5);

/// How much the second look may have to read while the commit waits; a week's sessions that hold more are left to the
/// worker. Half a megabyte takes about as long to read as it takes to start one.
const READ_AT_ONCE: u64 = 512 << 10;

/// The newest transcripts come first. After so many in a row without a word in the span, which a copied history makes,
/// the others are left to the worker.
const SILENT_IN_A_ROW: usize = 64;

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
    window: Window,
    /// The notes it tells, as the store names them.
    taken: Vec<usize>,
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
            let made = self.made_here(id, None);
            made::remember(&state, &made)?;
            made
        };
        let Some(story) = self.tell(id, Some(made))? else { return Ok(Recorded::OnlyJournal) };
        self.claim(&story)?;
        let put = self.store().put(&story.entry, self.patience())?;
        Ok(Recorded::Entry { page: put.path, outcome: put.outcome, unfinished: story.unfinished })
    }

    /// How a commit is made when that happens here and now.
    #[must_use]
    pub fn made_here(&self, id: &CommitId, session: Option<SessionId>) -> Made {
        Made {
            commit: id.clone(),
            worktree: self.repository.worktree().map(Path::to_owned),
            branch: self.repository.branch(id),
            session,
        }
    }

    /// Finds out what there is to say of a commit, and writes nothing; `None` when it changes only the journal.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn tell(&self, id: &CommitId, made: Option<Made>) -> Result<Option<Story>> {
        let made = made.or_else(|| made::of(&self.repository.state_dir(), id));
        let Made { worktree, branch, session: named, .. } = made.unwrap_or_else(|| self.made_here(id, None));
        let commit = Commit { branch, worktree, ..self.repository.commit(id, self.deadline)? };
        let journal = self.journal_prefix();
        let is_journal = |path: &[u8]| evidence::is_journal(path, journal.as_deref());
        if !commit.changes.is_empty() && commit.changes.iter().all(|change| is_journal(&change.path)) {
            return Ok(None);
        }
        let window = Window::of(&commit);
        let (matches, gaps, missed) = self.listen(&commit, window, named.as_ref());
        let uncounted = commit.changes.iter().any(|change| change.lines == Lines::Uncounted);
        let unheard = named.is_some_and(|id| !matches.iter().any(|found| found.session.id == id));
        let unfinished = missed || uncounted || unheard || matches.iter().any(|found| is_live(found, window));
        let top = commit.worktree.clone().unwrap_or_default();
        let notes = Notes::at(&self.repository.state_dir()).of(id, &top, window.until.into())?;
        let redactor = Redactor::new(&self.config.redact);
        let (taken, notes) = notes.into_iter().map(|found| (found.line, found.note)).unzip();
        let evidence = evidence::gather(Sources { commit, journal, matches, notes, gaps }, &redactor);
        let entry = draft::draft(&evidence, self.limits());
        Ok(Some(Story { evidence, entry, unfinished, window, taken }))
    }

    /// The conversations that led to the commit, what could not be read, and whether time ran out.
    ///
    /// The first look goes back to the previous commit. Only when that explains nothing, a second one goes further: a
    /// long gap must not lose the session that edited these very files.
    fn listen(&self, commit: &Commit, window: Window, named: Option<&SessionId>) -> (Vec<Match>, Vec<Gap>, bool) {
        let claude = &self.config.assistants.claude_code;
        if !claude.read {
            return (Vec::new(), Vec::new(), false);
        }
        let places = Places::of(self.env, claude.directory.as_deref());
        let mut roots = self.roots();
        // Its work tree may have been removed since.
        roots.extend(commit.worktree.clone().filter(|top| !roots.contains(top)));
        let elsewhere = self.elsewhere(commit);
        let far = Wanted {
            roots: roots.clone(),
            named: named.cloned().into_iter().collect(),
            since: window.far(),
            until: window.until,
        };
        // Directories are listed once for both looks.
        let find = if self.thorough { claude_code::find_anywhere } else { claude_code::find };
        let found = find(&places, &far, self.deadline);
        let look = |since: DateTime<Utc>| {
            let wanted = Wanted { since, ..far.clone() };
            let (heard, mut gaps, missed) = self.hear(commit, &found.candidates, &wanted, since < window.since);
            gaps.extend(found.gaps.iter().cloned());
            let settled = || self.repository.settled(commit, window.far(), self.deadline);
            let view = View { roots: &roots, elsewhere: &elsewhere, floor: since, settled: &settled };
            (matching::choose(commit, window, view, &heard), gaps, missed || !found.complete)
        };
        let mut first = look(window.since);
        let explained = first.0.iter().any(|found| found.edited);
        if explained || commit.changes.is_empty() || window.far() == window.since {
            return first;
        }
        let bytes: u64 = found.candidates.iter().map(|candidate| candidate.size).sum();
        let too_much = !self.thorough && bytes > READ_AT_ONCE;
        let second =
            if too_much || self.deadline.passed() { (Vec::new(), Vec::new(), true) } else { look(window.far()) };
        // What was cut short there has been looked for in vain, or not at all.
        first.2 |= second.2 || self.deadline.passed();
        if second.0.is_empty() { first } else { (second.0, second.1, first.2) }
    }

    /// What was said since then, and whether something may have been missed. `again`: whether to read what other commits
    /// have told, too, for what they left to this one.
    fn hear(
        &self,
        commit: &Commit,
        candidates: &[Candidate],
        wanted: &Wanted,
        again: bool,
    ) -> (Vec<Heard>, Vec<Gap>, bool) {
        let (mut heard, mut gaps, mut missed) = (Vec::new(), Vec::new(), false);
        let mut silent = 0;
        for candidate in candidates.iter().filter(|one| one.named || one.modified >= wanted.since) {
            if self.deadline.passed() || silent >= SILENT_IN_A_ROW && !self.thorough {
                missed = true;
                break;
            }
            silent += 1;
            match self.hear_one(commit, candidate, wanted, again) {
                Ok(Some(one)) => {
                    silent = 0;
                    missed |= !one.session.complete;
                    heard.push(one);
                }
                Ok(None) => {}
                Err(gap) => gaps.push(gap),
            }
        }
        (heard, gaps, missed)
    }

    fn hear_one(
        &self,
        commit: &Commit,
        candidate: &Candidate,
        wanted: &Wanted,
        again: bool,
    ) -> Result<Option<Heard>, Gap> {
        let window = Window::of(commit);
        let mut uses = cursor::uses(&self.repository.state_dir(), Assistant::ClaudeCode, &candidate.id);
        // What a commit has told that this one takes the place of, this one tells again.
        let amended = |claim: &Use| claim.through > window.since && self.repository.amends(commit, &claim.commit);
        uses.retain(|claim| !amended(claim));
        // What an earlier commit has told need not be read again; what it left untold may lie before the window.
        let told = cursor::lower_bound(&uses, &commit.id, wanted.until).filter(|_| !again);
        let since = told.map_or(wanted.since, |told| told.max(wanted.until - matching::LONGEST_GAP));
        let wanted = Wanted { since, ..wanted.clone() };
        let session = claude_code::read(candidate, &wanted, self.deadline)?;
        Ok(session.map(|session| Heard { session, named: candidate.named, uses }))
    }

    /// Remembers what the commit has told, before it is told: a kill in between loses nothing, because a commit that is
    /// written again sees what it saw the first time.
    fn claim(&self, story: &Story) -> Result<()> {
        let state = self.repository.state_dir();
        let commit = story.evidence.commit();
        let claim = Use { commit: commit.id.clone(), through: story.window.until };
        for session in story.evidence.sessions() {
            cursor::remember(&state, session.assistant, &session.id, &claim)?;
        }
        if !story.taken.is_empty() {
            Notes::at(&state).take(&commit.id, &story.taken)?;
        }
        Ok(())
    }

    /// The journal.
    #[must_use]
    pub fn store(&self) -> Store {
        let folder = self.journal_folder();
        if self.config.journal.folder.is_absolute() {
            // Several repositories may write there, so the lock lies where all of them find it.
            let lock = folder.join(".commit-story.lock");
            return Store::new(folder, lock, None);
        }
        // A folder named relative to the repository stays in it, whatever links a clone brings along.
        Store::new(folder, self.repository.state_dir().join("journal.lock"), self.top().as_deref())
    }

    /// Where the journal lies: in the main work tree, so that removing a linked one loses nothing.
    #[must_use]
    pub fn journal_folder(&self) -> PathBuf {
        self.folder_at(&self.config.journal.folder)
    }

    /// Where a journal with this folder would lie.
    #[must_use]
    pub fn folder_at(&self, folder: &Path) -> PathBuf {
        self.top().unwrap_or_else(|| self.repository.common_dir().to_owned()).join(folder)
    }

    /// The top of the main work tree, or of the one we are in where the repository itself is bare.
    fn top(&self) -> Option<PathBuf> {
        self.repository.main_worktree().or_else(|| self.repository.worktree().map(Path::to_owned))
    }

    /// The journal's folder as paths in commits begin with it.
    fn journal_prefix(&self) -> Option<String> {
        let folder = self.journal_folder();
        let inside = folder.strip_prefix(self.top()?).ok()?;
        Some(inside.to_string_lossy().replace('\\', "/").trim_end_matches('/').to_owned())
    }

    /// The tops of all work trees, as recorded and with links resolved.
    #[must_use]
    pub fn roots(&self) -> Vec<PathBuf> {
        let mut roots: Vec<PathBuf> = self.repository.worktree().map(Path::to_owned).into_iter().collect();
        for top in self.repository.worktrees() {
            for path in [crate::fs::canonical(&top), top] {
                if !roots.contains(&path) {
                    roots.push(path);
                }
            }
        }
        roots
    }

    /// Those of [`Recorder::roots`] that are not the work tree the commit was made in.
    fn elsewhere(&self, commit: &Commit) -> Vec<PathBuf> {
        let Some(here) = commit.worktree.as_deref() else { return Vec::new() };
        let tops = self.repository.worktrees().into_iter();
        let others = tops.map(|top| (crate::fs::canonical(&top), top)).filter(|(path, _)| path != here);
        others.flat_map(|(path, top)| [path, top]).collect()
    }

    /// How long to wait for another writer of the journal: a commit waits with us, the worker waits alone.
    fn patience(&self) -> Deadline {
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
