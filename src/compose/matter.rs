//! What a draft is made of: entries of the journal, and what git knows besides.
//!
//! In: what is wanted, a repository with its journal. Out: [`Matter`]. Never here: an entry that was not asked for, or a
//! write: git is asked for the state of the work tree without its optional locks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, FixedOffset, NaiveDate};

use super::outline::Kind;
use crate::advice::Advice;
use crate::browse::{self, Filter};
use crate::git::{CommitId, Named, Selection};
use crate::journal::{Days, Entry};
use crate::process;
use crate::record::Recorder;

/// How long git may look at the work tree.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far a stand-up looks back for the last day with entries, in days.
const LOOK_BACK: u64 = 30;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which draft.
    pub kind: Kind,
    /// Days or commits, as `log` takes them; what suits the draft where there is none.
    pub range: Option<String>,
    /// What the branch goes into, of [`Kind::PullRequest`].
    pub base: Option<String>,
    /// Entries of authors whose name contains this. Where there is none, a stand-up and a review are of who is here.
    pub author: Option<String>,
}

/// What a draft is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// Which draft.
    pub kind: Kind,
    /// The entries, oldest first.
    pub entries: Vec<Entry>,
    /// The commits of the range, oldest first, those without an entry too; of days, those of the entries.
    pub commits: Vec<Change>,
    /// What was asked for, for people.
    pub span: String,
    /// The day on which it is asked.
    pub today: NaiveDate,
    /// The branch that `HEAD` is on.
    pub branch: Option<String>,
    /// What the commits are compared with: the base of a branch, or the last tag.
    pub base: Option<Named>,
    /// Files that are changed and not committed, as far as git tells them.
    pub uncommitted: Vec<String>,
}

/// A commit, as git has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The commit.
    pub id: CommitId,
    /// When it was written.
    pub at: DateTime<FixedOffset>,
    /// Its message's subject.
    pub subject: String,
    /// Its message's body.
    pub body: String,
    /// Whether it brings branches together.
    pub merge: bool,
}

impl Matter {
    /// The entry of a commit.
    #[must_use]
    pub fn entry(&self, id: &CommitId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.commit == *id)
    }
}

/// Collects what a draft is made of.
///
/// # Errors
/// [`Advice`] where there is no such range or nothing in it; else the journal or the repository cannot be read.
pub fn gather(recorder: &Recorder<'_>, wanted: &Wanted) -> Result<Matter> {
    let gatherer = Gatherer { recorder, wanted, today: recorder.env.now.date_naive() };
    let mut matter = gatherer.range()?;
    if matter.entries.is_empty() && matter.commits.is_empty() {
        return Err(gatherer.nothing(&matter)?.into());
    }
    // That branches came together is work only where somebody said something about it.
    if !matches!(wanted.kind, Kind::PullRequest | Kind::Changelog) {
        matter.entries.retain(|entry| entry.details.merged.is_empty() || !entry.conversation.is_empty());
    }
    if wanted.kind == Kind::Standup {
        matter.uncommitted = uncommitted(recorder).unwrap_or_default();
    }
    Ok(matter)
}

struct Gatherer<'a> {
    recorder: &'a Recorder<'a>,
    wanted: &'a Wanted,
    today: NaiveDate,
}

impl Gatherer<'_> {
    fn range(&self) -> Result<Matter> {
        let kind = self.wanted.kind;
        match self.wanted.range.as_deref().map(str::trim).filter(|range| !range.is_empty()) {
            Some(range) => match Days::parse(range, self.today) {
                Some(days) => self.days(days, range),
                None => self.commits(range, None),
            },
            None => match kind {
                Kind::Standup => self.standup(),
                Kind::PullRequest => self.branch(),
                Kind::Changelog => self.since_tag(),
                Kind::Review => self.named_days("this quarter"),
                Kind::Blog | Kind::Talk => self.named_days("30d"),
            },
        }
    }

    fn named_days(&self, name: &str) -> Result<Matter> {
        let days = Days::parse(name, self.today).with_context(|| format!("`{name}` names no days"))?;
        self.days(days, name)
    }

    fn matter(&self, span: String) -> Matter {
        Matter {
            kind: self.wanted.kind,
            entries: Vec::new(),
            commits: Vec::new(),
            span,
            today: self.today,
            branch: self.recorder.repository.current_branch(),
            base: None,
            uncommitted: Vec::new(),
        }
    }

    fn days(&self, days: Days, span: &str) -> Result<Matter> {
        let mut entries = self.entries(Some(days))?;
        entries.retain(|entry| !entry.details.dropped);
        let change = |entry: &Entry| Change {
            id: entry.commit.clone(),
            at: entry.at,
            subject: entry.subject.clone(),
            body: entry.body.clone(),
            merge: !entry.details.merged.is_empty(),
        };
        let commits = entries.iter().map(change).collect();
        Ok(Matter { entries, commits, ..self.matter(span.to_owned()) })
    }

    /// Today, and the last day before it that has entries.
    fn standup(&self) -> Result<Matter> {
        let first = self.today.checked_sub_days(chrono::Days::new(LOOK_BACK)).unwrap_or(self.today);
        let mut matter = self.days(Days { first, last: self.today }, "today")?;
        let day = |entry: &Entry| entry.at.date_naive();
        let before = matter.entries.iter().map(day).filter(|day| *day < self.today).max();
        let counts = |day: NaiveDate| day >= before.unwrap_or(self.today);
        matter.entries.retain(|entry| counts(day(entry)));
        matter.commits.retain(|commit| counts(commit.at.date_naive()));
        Ok(matter)
    }

    /// What the current branch has and its base has not.
    fn branch(&self) -> Result<Matter> {
        let repository = self.recorder.repository;
        let base = match &self.wanted.base {
            Some(base) => Named { name: base.clone(), commit: repository.resolve(base)? },
            None => repository.base().ok_or_else(|| Advice {
                message: "cannot tell which branch this one is to go into".to_owned(),
                hint: "name it: commit-story draft pr --base BRANCH".to_owned(),
            })?,
        };
        self.commits(&format!("{}..HEAD", base.commit), Some(base))
    }

    fn since_tag(&self) -> Result<Matter> {
        let repository = self.recorder.repository;
        match repository.last_tag(&repository.resolve("HEAD")?)? {
            Some(tag) => self.commits(&format!("{}..HEAD", tag.commit), Some(tag)),
            None => self.commits("HEAD", None),
        }
    }

    fn commits(&self, range: &str, base: Option<Named>) -> Result<Matter> {
        let repository = self.recorder.repository;
        let listed = repository.select(&Selection::Range(range.to_owned()), None).map_err(|_| Advice {
            message: format!("`{range}` is neither days nor a range of commits"),
            hint: "days: today, last week, 2026-01, 7d; commits: main..feature, v1.2..HEAD".to_owned(),
        })?;
        let change = |id: &CommitId| {
            let (author, subject) = repository.authorship(id)?;
            let (body, merge) = (repository.body(id), repository.parents(id).len() > 1);
            Some(Change { id: id.clone(), at: author.when, subject, body, merge })
        };
        let commits: Vec<Change> = listed.iter().filter_map(|commit| change(&commit.id)).collect();
        let ids: BTreeSet<&CommitId> = commits.iter().map(|commit| &commit.id).collect();
        let days = commits.iter().map(|commit| commit.at.date_naive());
        let span = days.clone().min().zip(days.max()).map(|(first, last)| Days { first, last });
        let mut entries = if span.is_some() { self.entries(span)? } else { Vec::new() };
        entries.retain(|entry| ids.contains(&entry.commit));
        // As the history has them, not as their clocks say.
        let places: BTreeMap<&CommitId, usize> =
            commits.iter().enumerate().map(|(at, commit)| (&commit.id, at)).collect();
        entries.sort_by_key(|entry| places.get(&entry.commit).copied());
        let shown = base.as_ref().map_or_else(|| range.to_owned(), |base| format!("{}..HEAD", base.name));
        Ok(Matter { entries, commits, base, ..self.matter(shown) })
    }

    fn entries(&self, days: Option<Days>) -> Result<Vec<Entry>> {
        let author = self.wanted.author.clone();
        let mut entries = browse::entries(&self.recorder.store(), &Filter { days, author, ..Filter::default() })?;
        if self.wanted.author.is_none() && matches!(self.wanted.kind, Kind::Standup | Kind::Review) {
            // One's own, where that can be told.
            let me = self.recorder.repository.config_string("user.name").unwrap_or_default();
            if entries.iter().any(|entry| entry.details.author == me) {
                entries.retain(|entry| entry.details.author == me);
            }
        }
        Ok(entries)
    }

    fn nothing(&self, matter: &Matter) -> Result<Advice> {
        let days = self.recorder.store().days()?;
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Ok(Advice::empty_journal());
        };
        if let Some(base) = &matter.base {
            return Ok(Advice {
                message: format!("there is nothing to draft of: HEAD has no commit that {} has not", base.name),
                hint: "change to the branch, or name what to compare it with: a RANGE, or --base".to_owned(),
            });
        }
        let kind = self.wanted.kind.name();
        Ok(Advice {
            message: format!("there is nothing to draft of: no entry of {}", matter.span),
            hint: format!("the journal has entries from {first} to {last}: commit-story draft {kind} {first}..{last}"),
        })
    }
}

/// The paths of files that are changed and not committed; `None` where git cannot tell.
fn uncommitted(recorder: &Recorder<'_>) -> Option<Vec<String>> {
    let top = recorder.repository.worktree()?;
    let mut git = process::command("git");
    git.args(["--no-optional-locks", "status", "--porcelain=v1", "-z"]).current_dir(top);
    let finished = process::run(&mut git, PATIENCE).ok().filter(|finished| finished.success)?;
    let journal =
        recorder.store().folder().and_then(|folder| folder.strip_prefix(top).ok().map(std::path::Path::to_owned));
    let text = String::from_utf8_lossy(&finished.stdout).into_owned();
    let mut paths = Vec::new();
    let mut fields = text.split('\0').filter(|field| !field.is_empty());
    while let Some(field) = fields.next() {
        let (state, path) = (field.get(..2).unwrap_or_default(), field.get(3..).unwrap_or_default());
        // Behind a renamed file stands where it was.
        if state.contains(['R', 'C']) {
            fields.next();
        }
        let ours = journal.as_ref().is_some_and(|journal| std::path::Path::new(path).starts_with(journal));
        if !ours && !path.is_empty() {
            paths.push(path.to_owned());
        }
    }
    Some(paths)
}
