//! Everything said on this machine that led to a commit, whichever assistant it was said to.
//!
//! In: a commit, its window of time, the settings. Out: a [`Conversation`]: the matches, what could not be read, and
//! whether time ran out.
//! Never here: a format (that is `chat`), or a choice between sessions (that is `chat::matching`).

use std::cmp::Reverse;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use crate::chat::cursor::{self, Use};
use crate::chat::homes::Homes;
use crate::chat::matching::{self, Choice, Heard, Match, View, Window};
use crate::chat::readers::READERS;
use crate::chat::verdict::Considered;
use crate::chat::{Assistant, Candidate, Gap, Reader, Session, SessionId, Wanted, claude_code};
use crate::config::Assistants;
use crate::env::{Deadline, Env};
use crate::fs;
use crate::git::{Commit, CommitId, Repository};

/// How much the second look may have to read while the commit waits; a week's sessions that hold more are left to the
/// worker. Half a megabyte takes about as long to read as it takes to start one.
const READ_AT_ONCE: u64 = 512 << 10;

/// The newest transcripts come first. After so many in a row without a word in the span, which a copied history makes,
/// the others are left to the worker.
const SILENT_IN_A_ROW: usize = 64;

/// A younger commit's transcripts are still there, or only now being written: no history of prompts is asked for it.
const OLD: TimeDelta = TimeDelta::days(1);

/// What listening works with.
#[derive(Debug, Clone, Copy)]
pub struct Listener<'a> {
    /// The surroundings.
    pub env: &'a Env,
    /// Which assistants are read, and where else they lie.
    pub assistants: &'a Assistants,
    /// The repository.
    pub repository: &'a Repository,
    /// When to return with what there is.
    pub deadline: Deadline,
    /// Whether every transcript on the disk may be opened, and databases, too.
    pub thorough: bool,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conversation {
    /// The sessions that led to the commit, with the turns that belong to it.
    pub matches: Vec<Match>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Other homes that were not looked into, and why not.
    pub unreached: Vec<(PathBuf, String)>,
    /// Whether something was left unread, because time ran out or because it takes a worker.
    pub missed: bool,
    /// How the sessions were chosen.
    pub account: Account,
    /// Whether the matches come from a history of prompts, in which nobody answers.
    pub prompts_only: bool,
}

/// How the sessions were chosen, for whoever asks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// How far back was looked.
    pub since: DateTime<Utc>,
    /// The sessions that were looked at, named ones first, then the newest first.
    pub considered: Vec<Considered>,
    /// Transcripts that were found to be of another repository, or to have nothing of the span.
    pub strangers: usize,
    /// Transcripts that were not opened: time ran out, or, in the hook, too many before them had nothing of the span.
    pub unopened: usize,
}

/// A candidate with the reader that found it.
#[derive(Debug, Clone)]
pub struct Lead {
    /// Who can read it.
    pub reader: &'static Reader,
    /// What to read.
    pub candidate: Candidate,
}

/// How a session is read; as [`Reader::read`].
pub type Reading<'a> = &'a dyn Fn(&Lead, &Wanted) -> Result<Option<Session>, Gap>;

impl Listener<'_> {
    /// The conversations that led to the commit.
    ///
    /// The first look goes back to the previous commit. Only when that explains nothing, a second one goes further: a
    /// long gap must not lose the session that edited these very files.
    #[must_use]
    pub fn listen(&self, commit: &Commit, window: Window, named: &[SessionId]) -> Conversation {
        let wanted = self.wanted(commit, window, named);
        // Directories are listed once for both looks.
        let (leads, found) = self.find(&wanted);
        self.hear_out(commit, &wanted, &leads, &found, &|lead, wanted| {
            (lead.reader.read)(&lead.candidate, wanted, self.deadline)
        })
    }

    /// What may have led to a commit, as far back as is ever looked.
    #[must_use]
    pub fn wanted(&self, commit: &Commit, window: Window, named: &[SessionId]) -> Wanted {
        let mut roots = roots(self.repository);
        // Its work tree may have been removed since.
        roots.extend(commit.worktree.clone().filter(|top| !roots.contains(top)));
        Wanted { roots, named: named.to_vec(), since: window.far(), until: window.until, thorough: self.thorough }
    }

    /// The conversations among these that led to the commit. `found`: what could not be looked at.
    #[must_use]
    pub fn hear_out(
        &self,
        commit: &Commit,
        far: &Wanted,
        leads: &[Lead],
        found: &Conversation,
        read: Reading<'_>,
    ) -> Conversation {
        let window = Window::of(commit);
        let look = |since: DateTime<Utc>| {
            let wanted = Wanted { since, ..far.clone() };
            let (heard, mut heard_of) = self.hear(commit, leads, &wanted, since < window.since, read);
            let Choice { matches, considered } = self.choose(commit, &far.roots, since, &heard);
            heard_of.matches = matches;
            heard_of.account = Account { since, considered, ..heard_of.account };
            heard_of.gaps.extend(found.gaps.iter().cloned());
            heard_of.unreached.clone_from(&found.unreached);
            heard_of.missed |= found.missed;
            heard_of
        };
        let first = look(window.since);
        let explained = first.matches.iter().any(|found| found.edited);
        if explained || commit.changes.is_empty() || window.far() == window.since {
            return first;
        }
        let bytes: u64 = leads.iter().map(|lead| lead.candidate.size).sum();
        if !self.thorough && bytes > READ_AT_ONCE || self.deadline.passed() {
            return Conversation { missed: true, ..first };
        }
        let second = look(window.far());
        // What was cut short there has been looked for in vain, or not at all.
        let missed = first.missed || second.missed || self.deadline.passed();
        // The account is that of the look whose matches count; where there are none, of the one that went further.
        match (first.matches.is_empty(), second.matches.is_empty()) {
            (_, false) => Conversation { missed, ..second },
            (true, true) => Conversation { missed, account: second.account, ..first },
            (false, true) => Conversation { missed, ..first },
        }
    }

    /// Chooses among sessions, back to an instant.
    fn choose(&self, commit: &Commit, roots: &[PathBuf], floor: DateTime<Utc>, heard: &[Heard]) -> Choice {
        let window = Window::of(commit);
        let elsewhere = self.elsewhere(commit);
        let settled = || self.repository.settled(commit, window.far(), self.deadline);
        let view = View { roots, elsewhere: &elsewhere, floor, settled: &settled };
        matching::choose(commit, window, view, heard)
    }

    /// Whether a commit is so old that the prompts may have outlived their transcript.
    #[must_use]
    pub fn may_recall(&self, window: Window) -> bool {
        self.env.now.to_utc() - window.until >= OLD
    }

    /// What the prompts that outlive their transcripts tell of a commit: those since the previous one that no other has
    /// told.
    #[must_use]
    pub fn recall(&self, commit: &Commit, roots: &[PathBuf], prompts: &[Session]) -> Conversation {
        let window = Window::of(commit);
        let heard = prompts.iter().map(|session| session.between(window.since, window.until));
        let heard = heard.filter(|session| !session.events.is_empty()).map(|session| {
            let (uses, replaced) = self.uses(commit, session.assistant, &session.id);
            Heard { session, named: false, uses, replaced }
        });
        let heard: Vec<Heard> = heard.collect();
        let Choice { matches, considered } = self.choose(commit, roots, window.since, &heard);
        let account = Account { since: window.since, considered, ..Account::default() };
        Conversation { prompts_only: !matches.is_empty(), matches, account, ..Conversation::default() }
    }

    /// The prompts in this repository, a session each, that Claude Code still has where their transcripts are gone.
    #[must_use]
    pub fn prompts(&self, wanted: &Wanted) -> (Vec<Session>, Vec<Gap>) {
        let reader = &claude_code::READER;
        let settings = self.assistants.of(reader.assistant.slug());
        if !settings.read {
            return (Vec::new(), Vec::new());
        }
        let homes = Homes::reach(self.env, &self.assistants.other_homes, self.deadline);
        let places = homes.places(reader, self.env, settings.directory.as_deref());
        claude_code::history::read(&places, wanted, self.deadline)
    }

    /// The sessions that may belong to the repository, named ones first, then the newest first; and, in a
    /// [`Conversation`] without matches, what could not be looked at.
    #[must_use]
    pub fn find(&self, wanted: &Wanted) -> (Vec<Lead>, Conversation) {
        let (mut leads, mut heard_of) = (Vec::new(), Conversation::default());
        let mut homes = Homes::default();
        if self.thorough {
            homes = Homes::reach(self.env, &self.assistants.other_homes, self.deadline);
            heard_of.unreached = std::mem::take(&mut homes.unreached);
        } else {
            // Their disks may be slow, or asleep.
            heard_of.missed |= !self.assistants.other_homes.is_empty();
        }
        for reader in READERS {
            let settings = self.assistants.of(reader.assistant.slug());
            if !settings.read {
                continue;
            }
            // Without a place of its own an assistant may still keep its history in the work tree.
            let places = homes.places(reader, self.env, settings.directory.as_deref());
            let found = (reader.find)(&places, wanted, self.deadline);
            heard_of.gaps.extend(found.gaps);
            heard_of.missed |= !found.complete;
            leads.extend(found.candidates.into_iter().map(|candidate| Lead { reader, candidate }));
        }
        leads.sort_by_key(|lead| (!lead.candidate.named, Reverse(lead.candidate.modified)));
        (leads, heard_of)
    }

    /// What was said since then. `again`: whether to read what other commits have told, too, for what they left to this
    /// one.
    fn hear(
        &self,
        commit: &Commit,
        leads: &[Lead],
        wanted: &Wanted,
        again: bool,
        read: Reading<'_>,
    ) -> (Vec<Heard>, Conversation) {
        let (mut heard, mut heard_of) = (Vec::new(), Conversation::default());
        let mut silent = 0;
        let recent = |lead: &&Lead| lead.candidate.named || lead.candidate.modified >= wanted.since;
        let mut left = leads.iter().filter(recent);
        while let Some(lead) = left.next() {
            if self.deadline.passed() || silent >= SILENT_IN_A_ROW && !self.thorough {
                heard_of.missed = true;
                heard_of.account.unopened = 1 + left.count();
                break;
            }
            silent += 1;
            match self.hear_one(commit, lead, wanted, again, read) {
                Ok(Some(one)) => {
                    silent = 0;
                    heard_of.missed |= !one.session.complete;
                    heard.push(one);
                }
                Ok(None) => heard_of.account.strangers += 1,
                Err(gap) => heard_of.gaps.push(gap),
            }
        }
        (heard, heard_of)
    }

    fn hear_one(
        &self,
        commit: &Commit,
        lead: &Lead,
        wanted: &Wanted,
        again: bool,
        read: Reading<'_>,
    ) -> Result<Option<Heard>, Gap> {
        let candidate = &lead.candidate;
        let (uses, replaced) = self.uses(commit, lead.reader.assistant, &candidate.id);
        // What an earlier commit has told need not be read again; what it left untold may lie before the window.
        let told = cursor::lower_bound(&uses, &commit.id, wanted.until).filter(|_| !again);
        let since = told.map_or(wanted.since, |told| told.max(wanted.until - matching::LONGEST_GAP));
        let Some(session) = read(lead, &Wanted { since, ..wanted.clone() })? else { return Ok(None) };
        let mut heard = Heard { session, named: candidate.named, uses, replaced };
        // A transcript may say itself which session it is, and by that it is remembered.
        if heard.session.id != candidate.id {
            (heard.uses, heard.replaced) = self.uses(commit, lead.reader.assistant, &heard.session.id);
        }
        Ok(Some(heard))
    }

    /// What other commits have told of a session, and those of them that this one takes the place of: what they have
    /// told, it tells again.
    fn uses(&self, commit: &Commit, assistant: Assistant, session: &SessionId) -> (Vec<Use>, Vec<CommitId>) {
        let window = Window::of(commit);
        let uses = cursor::uses(&self.repository.state_dir(), assistant, session);
        let amended = |claim: &Use| claim.through > window.since && self.repository.replaces(commit, &claim.commit);
        let (replaced, uses): (Vec<Use>, Vec<Use>) = uses.into_iter().partition(amended);
        (uses, replaced.into_iter().map(|claim| claim.commit).collect())
    }

    /// Those of the roots that are not the work tree the commit was made in.
    fn elsewhere(&self, commit: &Commit) -> Vec<PathBuf> {
        let Some(here) = commit.worktree.as_deref() else { return Vec::new() };
        let tops = self.repository.worktrees().into_iter();
        let others = tops.map(|top| (fs::canonical(&top), top)).filter(|(path, _)| path != here);
        others.flat_map(|(path, top)| [path, top]).collect()
    }
}

/// The tops of all work trees, as recorded and with links resolved.
#[must_use]
pub fn roots(repository: &Repository) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = repository.worktree().map(ToOwned::to_owned).into_iter().collect();
    for top in repository.worktrees() {
        for path in [fs::canonical(&top), top] {
            if !roots.contains(&path) {
                roots.push(path);
            }
        }
    }
    roots
}

/// The sessions that the environment names.
#[must_use]
pub fn named(env: &Env) -> Vec<SessionId> {
    let variables = READERS.iter().filter_map(|reader| reader.session_variable);
    variables.filter_map(|name| env.text(name)).map(|id| SessionId(id.to_owned())).collect()
}
