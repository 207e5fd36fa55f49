//! The prose of one commit, from its stored evidence to its entry.
//!
//! In: a [`Job`]. Out: an entry with a narration, and what was [`Told`].
//! Never here: a reply that is lost or paid for twice. Every step is on the disk before the next is taken, so after a kill
//! at any moment the job is taken up where it was left.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, FixedOffset, NaiveDate};

use super::check::{self, Checked, Dropped};
use super::diff;
use super::exhibit::Exhibits;
use super::ledger::{Ledger, Spent};
use super::prompt::{self, Prompt};
use super::reply::{self, Claim};
use crate::awaiting::{Awaiting, Job, SavedReply};
use crate::draft::cut;
use crate::evidence::Evidence;
use crate::evidence::redact::Redactor;
use crate::git::CommitId;
use crate::journal::{Entry, Narration, Section};
use crate::llm::price::Price;
use crate::llm::{Failure, Reply, Request, tokens};
use crate::record::Recorder;

/// The most characters of the reason that is told in a line, of several.
const SHORT: usize = 200;

/// What prose is made with.
pub struct Desk<'a> {
    /// The repository, its settings and its journal.
    pub recorder: &'a Recorder<'a>,
    /// What asks the model.
    pub ask: &'a dyn Fn(&Request) -> Result<Reply, Failure>,
    /// What the model costs, where that is known.
    pub price: Option<Price>,
    /// Where what is spent is written down.
    pub ledger: &'a Ledger,
    /// Whether prose that stands already is replaced.
    pub again: bool,
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// The prose stands on this page.
    Written {
        /// The page.
        page: PathBuf,
        /// What was checked.
        account: Account,
    },
    /// Nothing was to be done, and the job is gone: why.
    Needless(&'static str),
    /// The reply was refused, twice; the job is given up.
    Refused(Account),
    /// The day's budget says that it waits until tomorrow.
    TooDear(String),
    /// The model was not asked, or did not answer.
    Failed(Failure),
}

/// What a reply said, claim by claim.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// What stood the check.
    pub kept: Vec<String>,
    /// What did not.
    pub dropped: Vec<Dropped>,
}

/// What would be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The question.
    pub prompt: Prompt,
    /// What it costs at most.
    pub estimate: Spent,
}

/// A commit with what is known about it.
struct Case {
    exhibits: Exhibits,
    day: NaiveDate,
}

impl Desk<'_> {
    /// Gives a commit its prose.
    ///
    /// # Errors
    /// The commit, the journal, the queue or the book cannot be read or written.
    pub fn tell(&self, queue: &Awaiting, job: Job) -> Result<Told> {
        let Some(standing) = self.standing(&job.commit)? else {
            queue.finish(&job)?;
            return Ok(Told::Needless("it has no entry"));
        };
        let has_prose = standing.narration.is_some_and(|prose| prose.of.is_none());
        if has_prose && !self.again && queue.has_told(&job) {
            queue.finish(&job)?;
            return Ok(Told::Needless("it has its prose"));
        }
        let Some((mut job, case)) = self.case(queue, job)? else {
            return Ok(Told::Needless("it changes only the journal"));
        };
        let redactor = Redactor::new(&self.recorder.config.redact);
        loop {
            let reply = match queue.reply(&job) {
                Some(reply) => reply,
                None => match self.ask(queue, &mut job, &case)? {
                    Asked::Reply(reply) => reply,
                    Asked::Not(told) => return Ok(told),
                },
            };
            let claims = reply::parse(&reply.text);
            let checked = check::check(&claims, &case.exhibits, &redactor);
            let account = Account::of(&claims, &checked.dropped, &redactor);
            if !checked.refused {
                return self.write(queue, &job, &case, (&reply, checked, account));
            }
            let reasons = reasons(&account, reply.cut);
            if job.refused.is_some() {
                let why = format!("the model's reply was refused twice: {}", in_short(&reasons));
                if queue.update(&job.clone().given_up(why))? {
                    queue.forget_reply(&job.commit)?;
                }
                return Ok(Told::Refused(account));
            }
            job.refused = Some(reasons);
            if !queue.update(&job)? {
                return Ok(Told::Needless("its job has changed meanwhile"));
            }
            // Whoever asks afresh some day wants another.
            queue.forget_reply(&job.commit)?;
        }
    }

    /// What would be asked about a commit; `None` when it changes only the journal. Nothing is asked or written.
    ///
    /// # Errors
    /// The commit cannot be read.
    pub fn draft(&self, queue: &Awaiting, job: &Job) -> Result<Option<Draft>> {
        let stored = queue.evidence(job).unwrap_or_default();
        let Some(evidence) = self.recorder.evidence(&job.commit, stored)? else { return Ok(None) };
        let exhibits = self.exhibits(&evidence)?;
        self.compose(&exhibits, job).map(Some)
    }

    fn compose(&self, exhibits: &Exhibits, job: &Job) -> Result<Draft> {
        let config = &self.recorder.config.narration;
        let rejected = job.refused.as_deref().unwrap_or_default();
        let prompt = prompt::compose(exhibits, config.prompt_tokens, config.reply_tokens, rejected)?;
        let estimate = Spent::of(prompt.tokens, config.reply_tokens, self.price);
        Ok(Draft { prompt, estimate })
    }

    /// The entry of a commit, as it stands.
    fn standing(&self, commit: &CommitId) -> Result<Option<Entry>> {
        let found = self.recorder.store().find(Some(self.day(commit)?), commit.as_str())?;
        Ok(found.and_then(|found| found.entry))
    }

    fn day(&self, commit: &CommitId) -> Result<NaiveDate> {
        Ok(self.recorder.repository.authored(commit)?.date_naive())
    }

    /// The evidence of a job, which is stored if it was not; `None` when there is nothing to tell.
    fn case(&self, queue: &Awaiting, job: Job) -> Result<Option<(Job, Case)>> {
        // What is broken or another version's is gathered again.
        let stored = queue.evidence(&job).unwrap_or_default();
        let is_stored = stored.is_some();
        let Some(evidence) = self.recorder.evidence(&job.commit, stored)? else {
            queue.finish(&job)?;
            return Ok(None);
        };
        let job = if is_stored { job } else { queue.store(job, &evidence)? };
        let case = Case { exhibits: self.exhibits(&evidence)?, day: self.day(&job.commit)? };
        Ok(Some((job, case)))
    }

    /// Asks the model, and keeps what it says before anything else is done with it.
    fn ask(&self, queue: &Awaiting, job: &mut Job, case: &Case) -> Result<Asked> {
        let draft = match self.compose(&case.exhibits, job) {
            Ok(draft) => draft,
            Err(error) => {
                let why = format!("{error:#}");
                queue.update(&job.clone().given_up(why.clone()))?;
                return Ok(Asked::Not(Told::Failed(Failure::Declined { why })));
            }
        };
        let config = &self.recorder.config.narration;
        let now = self.recorder.env.later();
        let today = now.date_naive();
        if let Some(why) = self.ledger.charge(today, draft.estimate, config)? {
            return Ok(Asked::Not(Told::TooDear(why)));
        }
        job.tries += 1;
        job.asked = Some(now.to_utc());
        if !queue.update(job)? {
            self.ledger.settle(today, draft.estimate, Spent::default())?;
            return Ok(Asked::Not(Told::Needless("its job has changed meanwhile")));
        }
        match (self.ask)(&draft.prompt.request) {
            Ok(reply) => {
                let at = self.recorder.env.later();
                let saved = SavedReply::to(job, (reply.text.clone(), reply.model.clone(), reply.cut), at);
                // Full disks are often full for a moment only, and this was paid for.
                self.keep(queue, job, &saved).or_else(|_| {
                    std::thread::sleep(Duration::from_secs(1));
                    self.keep(queue, job, &saved)
                })?;
                self.settle(today, &draft, Ok(&reply))?;
                Ok(Asked::Reply(saved))
            }
            Err(failure) => {
                self.settle(today, &draft, Err(&failure))?;
                Ok(Asked::Not(Told::Failed(failure)))
            }
        }
    }

    /// Puts what a question has really cost in the place of what was charged for it.
    pub(super) fn settle(&self, day: NaiveDate, draft: &Draft, answer: Result<&Reply, &Failure>) -> Result<()> {
        let real = match answer {
            Ok(reply) => {
                let received = reply.received.unwrap_or_else(|| tokens::count(&reply.text));
                Spent::of(reply.sent.unwrap_or(draft.prompt.tokens), received, self.price)
            }
            // What was asked in vain has most likely been counted, and how much of the answer nobody says.
            Err(Failure::Unanswered { .. }) => return Ok(()),
            Err(_) => Spent::default(),
        };
        self.ledger.settle(day, draft.estimate, real)
    }

    /// Keeps a reply with its job, or with that of the commit that has taken the commit's place meanwhile.
    fn keep(&self, queue: &Awaiting, job: &Job, reply: &SavedReply) -> Result<()> {
        let commit = &job.commit;
        let successor = || self.recorder.repository.successors().of(commit);
        match queue.job(commit) {
            None => match successor().and_then(|new| queue.job(&new)).filter(|moved| reply.answers(moved)) {
                Some(moved) => queue.keep_reply(&moved.commit, reply),
                None => queue.keep_reply(commit, reply),
            },
            Some(_) => queue.keep_reply(commit, reply),
        }
    }

    /// Puts the prose into the entry as it stands now.
    fn write(
        &self,
        queue: &Awaiting,
        job: &Job,
        case: &Case,
        (reply, checked, account): (&SavedReply, Checked, Account),
    ) -> Result<Told> {
        let store = self.recorder.store();
        let mut journal = store.begin(self.recorder.patience())?;
        let Some((mut entry, _)) = journal.entry(case.day, &job.commit)? else {
            drop(journal);
            // Another commit has taken this one's place, and the job has gone with it.
            queue.finish(job)?;
            return Ok(Told::Needless("it has no entry any more"));
        };
        entry.narration = Some(narration(checked, reply.model.clone(), reply.at));
        let put = journal.put(&entry)?;
        journal.finish()?;
        queue.told(job)?;
        queue.unexpire(&job.commit)?;
        queue.finish(job)?;
        Ok(Told::Written { page: put.path, account })
    }

    fn exhibits(&self, evidence: &Evidence) -> Result<Exhibits> {
        let Recorder { config, repository, deadline, .. } = *self.recorder;
        let patches = if config.narration.diffs {
            diff::read(repository, evidence, &Redactor::new(&config.redact), deadline)?
        } else {
            Vec::new()
        };
        Ok(Exhibits::of(evidence, &patches))
    }
}

/// What came of a question.
enum Asked {
    /// An answer, which is on the disk.
    Reply(SavedReply),
    /// None.
    Not(Told),
}

impl Account {
    /// What was dropped may hold anything, secrets too, and is shown, kept and sent once more: they are taken out.
    pub(super) fn of(claims: &[Claim], dropped: &[Dropped], redactor: &Redactor) -> Self {
        let is_kept = |text: &String| !dropped.iter().any(|dropped| dropped.claim == *text);
        let kept = claims.iter().map(Claim::whole).filter(is_kept).collect();
        let clean = |text: &str| redactor.redact(text).into_owned();
        let dropped =
            dropped.iter().map(|one| Dropped { claim: clean(&one.claim), reason: clean(&one.reason) }).collect();
        Self { kept, dropped }
    }
}

/// Why a reply was refused, for the model and for people.
pub(super) fn reasons(account: &Account, cut: bool) -> Vec<String> {
    let mut reasons: Vec<String> =
        account.dropped.iter().map(|dropped| format!("\"{}\": {}", dropped.claim, dropped.reason)).collect();
    if cut {
        reasons.push("the reply was cut off at its greatest length".to_owned());
    }
    if reasons.is_empty() {
        reasons.push("too little of it could be checked".to_owned());
    }
    reasons
}

/// The first of the reasons, for a line.
fn in_short(reasons: &[String]) -> String {
    let first = cut::prose(reasons.first().map_or("", String::as_str), SHORT);
    match reasons.len() {
        0 | 1 => first,
        number => format!("{first}, and {} more", number - 1),
    }
}

fn narration(checked: Checked, model: String, at: DateTime<FixedOffset>) -> Narration {
    let dropped = u32::try_from(checked.dropped.len()).unwrap_or(u32::MAX);
    let of = |wanted: Section| {
        let prose = checked.prose.iter().filter(move |(section, _)| *section == wanted);
        prose.map(|(_, text)| text.clone()).collect::<Vec<_>>()
    };
    Narration {
        summary: of(Section::Summary),
        synopsis: of(Section::Synopsis),
        roadblocks: of(Section::Roadblocks),
        lessons: of(Section::Lessons),
        mood: of(Section::Mood),
        decisions: checked.decisions,
        model,
        at,
        kept: checked.kept,
        dropped,
        of: None,
    }
}
