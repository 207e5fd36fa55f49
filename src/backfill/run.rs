//! The plan carried out.
//!
//! In: a [`Plan`]. Out: pages, and what was [`Done`].
//! Never here: the journal locked for longer than some hundred entries take, a page half-written, or a conversation told by
//! two commits: those that something was said for are told one after the other, oldest first, and claim what they tell
//! before they are written.
//!
//! Two threads read commits ahead, and draft the entries for which nobody said anything.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use chrono::NaiveDate;

use super::ahead::ahead;
use super::plan::{Chosen, Plan};
use crate::chat::matching::Window;
use crate::env::Deadline;
use crate::git::{Commit, CommitId, Repository};
use crate::journal::Entry;
use crate::listen::{self, Conversation};
use crate::memory::{Memory, Times};
use crate::record::Recorder;
use crate::store::Transaction;
use crate::store::made::{self, Made};
use crate::store::notes::Notes;

/// Each thread has a cache of its own, and more than these find the entries faster than they can be put into their pages.
const THREADS: usize = 2;

/// How many entries are written together: at the end of a day after so many, or when they are so many more.
const BATCH: usize = 100;
const LARGEST_BATCH: usize = 1_000;

/// How long to wait for another writer of the journal.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Done {
    /// The entries that were written, or would be.
    pub entries: Vec<Written>,
    /// How many commits change only the journal.
    pub only_journal: usize,
    /// Commits that could not be read, and why.
    pub unread: Vec<(CommitId, String)>,
    /// Transcripts and places that could not be read.
    pub gaps: Vec<String>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// An entry that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Its commit.
    pub commit: CommitId,
    /// Its page.
    pub day: NaiveDate,
    /// The message's subject, redacted.
    pub subject: String,
    /// Whether it tells something that was said.
    pub told: bool,
}

/// How a plan is carried out.
pub struct Way<'a> {
    /// Whether nothing is written.
    pub dry: bool,
    /// Told after each commit how many are done; says whether to go on.
    pub progress: &'a mut dyn FnMut(usize) -> ControlFlow<()>,
}

/// Nobody wants the rest.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
struct Stopped;

/// What a thread makes of a commit.
enum Read {
    /// It needs no conversation: this is its entry.
    Entry(Box<Entry>),
    /// Something was said in its time.
    Commit(Box<Commit>),
    /// It changes only the journal.
    OnlyJournal,
    /// It cannot be read.
    Unread(CommitId, String),
}

/// Carries a plan out. Interrupted at any moment it can be planned and run again.
///
/// # Errors
/// A page or the state directory cannot be written.
pub fn run(recorder: &Recorder<'_>, plan: &Plan, way: Way<'_>) -> Result<Done> {
    let own = plan.commits.iter().filter(|chosen| chosen.own);
    let Some(first) = own.map(|chosen| chosen.commit.committed).min() else {
        return carry_out(recorder, plan, way, None);
    };
    let memory = Memory::of(recorder.listener(), listen::roots(recorder.repository), first);
    carry_out(recorder, plan, way, Some(&memory))
}

fn carry_out(recorder: &Recorder<'_>, plan: &Plan, way: Way<'_>, memory: Option<&Memory<'_>>) -> Result<Done> {
    let Way { dry, progress } = way;
    let known = made::all(&recorder.repository.state_dir());
    let times = memory.map(Memory::times).unwrap_or_default();
    let mut writer = Writer { recorder, dry, batch: Vec::new(), done: Done::default() };
    if let Some(memory) = memory {
        writer.done.gaps = memory.gaps().map(|gap| format!("{} {}", gap.source.display(), gap.reason)).collect();
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut taken = 0;
    let (env, config) = (recorder.env, recorder.config);
    let noted = Notes::at(&recorder.repository.state_dir()).exist();
    let reading = Reading { known: &known, times: &times, noted };
    let ended = ahead(
        &plan.commits,
        cores.min(THREADS),
        || Ok(Repository::open(env)?.for_many()),
        |repository, chosen| {
            let recorder = Recorder { env, config, repository, deadline: Deadline::NONE, thorough: true };
            reading.read(&recorder, chosen)
        },
        |read| {
            match read {
                Read::Entry(entry) => writer.write(*entry)?,
                Read::Commit(commit) => {
                    let heard = memory.map(|memory| memory.listen(&commit)).unwrap_or_default();
                    let made = reading.made(recorder, &commit.id, true);
                    writer.tell(*commit, &made, heard)?;
                }
                Read::OnlyJournal => writer.done.only_journal += 1,
                Read::Unread(commit, why) => writer.done.unread.push((commit, why)),
            }
            taken += 1;
            if progress(taken).is_break() && taken < plan.commits.len() {
                writer.done.stopped = true;
                return Err(Stopped.into());
            }
            Ok(())
        },
    );
    match ended {
        Err(error) if !error.is::<Stopped>() => Err(error),
        // What is made is kept.
        _ => writer.finish(),
    }
}

/// What the threads know.
struct Reading<'a> {
    known: &'a BTreeMap<CommitId, Made>,
    times: &'a Times,
    /// Whether there are notes, which are told once, too.
    noted: bool,
}

impl Reading<'_> {
    fn read(&self, recorder: &Recorder<'_>, chosen: &Chosen) -> Read {
        let id = &chosen.commit.id;
        let made = self.made(recorder, id, chosen.own);
        match recorder.read(id, &made) {
            Err(error) => Read::Unread(id.clone(), format!("{error:#}")),
            Ok(None) => Read::OnlyJournal,
            Ok(Some(commit)) if chosen.own && (self.noted || self.times.touch(Window::of(&commit))) => {
                Read::Commit(Box::new(commit))
            }
            Ok(Some(commit)) => Read::Entry(Box::new(recorder.story(commit, &made, Conversation::default()).entry)),
        }
    }

    /// How a commit was made. Of one that was not recorded then, the branch is not known any more; another's was made
    /// somewhere else.
    fn made(&self, recorder: &Recorder<'_>, id: &CommitId, own: bool) -> Made {
        let unknown = || {
            let worktree = recorder.repository.worktree().filter(|_| own).map(Path::to_owned);
            Made {
                commit: id.clone(),
                worktree,
                branch: None,
                sessions: Vec::new(),
                picked: None,
                squashes: Vec::new(),
            }
        };
        self.known.get(id).cloned().unwrap_or_else(unknown)
    }
}

/// Writes entries, some hundred at a time.
struct Writer<'a> {
    recorder: &'a Recorder<'a>,
    dry: bool,
    batch: Vec<Entry>,
    done: Done,
}

impl Writer<'_> {
    fn tell(&mut self, commit: Commit, made: &Made, heard: Conversation) -> Result<()> {
        let story = self.recorder.story(commit, made, heard);
        if !self.dry {
            self.recorder.claim(&story)?;
        }
        self.write(story.entry)
    }

    fn write(&mut self, entry: Entry) -> Result<()> {
        let day = entry.at.date_naive();
        let ended = self.batch.last().is_some_and(|last| last.at.date_naive() != day);
        if self.batch.len() >= LARGEST_BATCH || self.batch.len() >= BATCH && ended {
            self.flush()?;
        }
        self.batch.push(entry);
        Ok(())
    }

    /// Puts the batch into its pages. What has got an entry meanwhile keeps it.
    fn flush(&mut self) -> Result<()> {
        let store = self.recorder.store();
        let mut journal = if self.dry { None } else { Some(store.begin(Deadline::after(PATIENCE))?) };
        let mut days: BTreeMap<NaiveDate, Vec<Entry>> = BTreeMap::new();
        for entry in self.batch.drain(..).map(Entry::normalised) {
            days.entry(entry.at.date_naive()).or_default().push(entry);
        }
        for (day, mut entries) in days {
            if let Some(journal) = &mut journal {
                entries = journal.add(day, entries)?;
            }
            self.done.entries.extend(entries.into_iter().map(|entry| {
                let told = !entry.conversation.is_empty();
                Written { commit: entry.commit, day, subject: entry.subject, told }
            }));
        }
        journal.map_or(Ok(()), Transaction::finish)
    }

    fn finish(mut self) -> Result<Done> {
        self.flush()?;
        Ok(self.done)
    }
}
