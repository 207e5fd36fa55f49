//! `commit-story show`: prints entries.
//!
//! In: days, a commit, a range of commits, or nothing. Out: their entries, for the terminal, as they stand on the page, or as JSON.
//! Never here: a change to the journal, but for entries of commits whose hook never ran.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::failure::{Advice, Usage};
use super::paging::Paging;
use super::session::{Session, Workspace};
use crate::browse::{self, What};
use crate::git::CommitId;
use crate::journal::{Days, Entry, EntryJson, Imported, ImportedJson, Period};
use crate::markdown;
use crate::store::{Store, joined, prose};
use crate::ui::page;

/// What to show, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story show                     the newest day
  commit-story show yesterday
  commit-story show 2026-01-06
  commit-story show last week           also 2026-W02, 2026-01, 7d
  commit-story show HEAD~2              the entry of a commit
  commit-story show main..feature       the entries of these commits
  commit-story show v1.2 --json
  commit-story show --summary 2026-W02  what summarize has written of a week
  commit-story show --evidence          without what a model wrote")]
pub struct Options {
    /// Days (YYYY-MM-DD, today, last week, 2026-01, 7d), a commit, or a range of commits; the newest day if there is none
    #[arg(value_name = "DAYS|REV")]
    pub what: Vec<String>,
    /// Show the summary of a day, week, month, quarter or year instead of its entries
    #[arg(long, conflicts_with_all = ["json", "evidence"])]
    pub summary: bool,
    /// How it is shown.
    #[command(flatten)]
    pub form: Form,
}

/// How entries are shown.
#[derive(Debug, Args)]
pub struct Form {
    /// Leave out the prose of a model: what stays is what git and the conversations say
    #[arg(long)]
    pub evidence: bool,
    /// Print the Markdown as it is
    #[arg(long)]
    pub raw: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "raw")]
    pub json: bool,
    /// Whether there is a pager.
    #[command(flatten)]
    pub paging: Paging,
}

/// The JSON of `show --json`.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    schema: u32,
    /// Texts of earlier programs that belong to the day; none where a commit was asked for.
    imported: Vec<ImportedJson<'a>>,
    entries: Vec<EntryJson<'a>>,
    /// What could not be understood on the page.
    problems: Vec<String>,
}

/// Where and how entries are shown.
struct Shower<'a> {
    session: &'a Session,
    workspace: &'a Workspace,
    store: Store,
    form: &'a Form,
}

/// Runs the command.
///
/// # Errors
/// There is no such day, commit or entry, or the page cannot be read.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let text = options.what.join(" ");
    if options.summary { summary(session, &text, &options.form) } else { shown(session, &text, &options.form) }
}

/// Shows a day by its name: `commit-story today`.
///
/// # Errors
/// It has no entry, or its page cannot be read.
pub fn day(session: &Session, name: &str, form: &Form) -> Result<()> {
    shown(session, name, form)
}

/// Shows the summary of a period as it stands on its page.
fn summary(session: &Session, text: &str, form: &Form) -> Result<()> {
    let period = Period::parse(text, session.env.now.date_naive()).ok_or_else(|| Usage {
        message: format!("`{text}` names no day, week, month, quarter or year"),
        hint: "write 2026-01-06, 2026-W02, 2026-01, 2026-Q1, 2026, yesterday, or 'last week'".to_owned(),
    })?;
    let workspace = session.workspace()?;
    let store = workspace.recorder(session).store();
    let page = store.summary(period)?.ok_or_else(|| Advice {
        message: format!("there is no summary of {period}"),
        hint: format!("write it: commit-story summarize {} {period}", period.unit.name()),
    })?;
    let shower = Shower { session, workspace: &workspace, store, form };
    shower.print(std::iter::once(Ok(page.text)))
}

fn shown(session: &Session, text: &str, form: &Form) -> Result<()> {
    let workspace = session.workspace()?;
    let what = What::parse(text, session.env.now.date_naive(), &workspace.repository)?;
    session.catch_up(&workspace);
    let store = workspace.recorder(session).store();
    let shower = Shower { session, workspace: &workspace, store, form };
    match what {
        What::Days(days) => shower.days(days),
        What::Newest => match shower.store.days()?.last() {
            Some(day) => shower.days(Days { first: *day, last: *day }),
            None => Err(Advice::empty_journal().into()),
        },
        What::Commits(commits) => shower.commits(text, &commits),
        What::Revision(revision) => shower.commit(&revision),
    }
}

impl Shower<'_> {
    /// The pages of days, one after the other.
    fn days(&self, days: Days) -> Result<()> {
        let mut there = self.store.days()?;
        let Some(newest) = there.last().copied() else { return Err(Advice::empty_journal().into()) };
        there.retain(|day| days.contains(*day));
        if there.is_empty() {
            let message = if days.first == days.last {
                format!("there is no entry of {}", days.first)
            } else {
                format!("there is no entry of {} to {}", days.first, days.last)
            };
            return Err(Advice { message, hint: format!("the newest day is {newest}") }.into());
        }
        let pages = there.into_iter().filter_map(|day| {
            let text = self.store.raw(day).transpose()?;
            Some(text.map(|text| if self.form.evidence { prose::evidence_only(&text) } else { text }))
        });
        if !self.form.json {
            return self.print(pages);
        }
        let (mut imported, mut entries, mut problems) = (vec![], vec![], vec![]);
        for text in pages {
            let text = text?;
            let page = markdown::parse_page(&text);
            let told = page.problems.iter().map(|problem| format!("line {}: {}", problem.line, problem.what));
            problems.extend(told);
            imported.extend(joined::of_the_day(text.as_bytes()));
            entries.extend(page.entries);
        }
        self.json(&imported, &entries, problems)
    }

    /// The entries of a range of commits, the oldest first.
    fn commits(&self, range: &str, commits: &BTreeSet<CommitId>) -> Result<()> {
        let mut entries = browse::entries_of(&self.store, &self.workspace.repository, commits)?;
        if entries.is_empty() {
            let message = format!("there is no entry of the {} commits of {range}", commits.len());
            return Err(Advice { message, hint: format!("write them: commit-story backfill {range}") }.into());
        }
        for entry in &mut entries {
            entry.narration.take_if(|_| self.form.evidence);
        }
        if self.form.json {
            return self.json(&[], &entries, vec![]);
        }
        self.print(entries.iter().map(|entry| Ok(markdown::render_entry(entry))))
    }

    fn commit(&self, revision: &str) -> Result<()> {
        let repository = &self.workspace.repository;
        let id = repository.resolve(revision).map_err(|_| self.neither(revision))?;
        let Some(found) = browse::entry_of(&self.store, repository, &id)? else {
            let message = format!("there is no entry of {}", id.short());
            return Err(Advice { message, hint: format!("write it: commit-story record {revision}") }.into());
        };
        let mut entry =
            found.entry.with_context(|| format!("cannot understand the entry in {}", found.path.display()))?;
        entry.narration.take_if(|_| self.form.evidence);
        if self.form.json {
            let problems = found.problems.iter().map(|problem| problem.what.clone()).collect();
            return self.json(&[], &[entry], problems);
        }
        self.print(std::iter::once(Ok(markdown::render_entry(&entry))))
    }

    /// What was typed is no day, and git knows no such commit.
    fn neither(&self, text: &str) -> Advice {
        let message = format!("`{text}` is neither a day nor a commit");
        let hint = if self.session.env.cwd.join(text).exists() {
            format!("of a file: commit-story why {text}, or commit-story log -- {text}")
        } else {
            "days: today, yesterday, 2026-01-06, 2026-01, 'last week'; commits: HEAD~2, 4a98f724, main..feature"
                .to_owned()
        };
        Advice { message, hint }
    }

    /// Texts, one after the other.
    fn print(&self, texts: impl Iterator<Item = Result<String>>) -> Result<()> {
        let mut out = self.form.paging.output(self.session, self.workspace);
        for (nth, text) in texts.enumerate() {
            let text = text?;
            let mut text = if self.form.raw { text } else { page::render(&text, self.session.printer.colour_out) };
            if !text.ends_with('\n') {
                text.push('\n');
            }
            out.piece(&if nth > 0 { format!("\n{text}") } else { text })?;
        }
        out.finish()?;
        Ok(())
    }

    fn json(&self, imported: &[Imported], entries: &[Entry], problems: Vec<String>) -> Result<()> {
        let imported = imported.iter().map(ImportedJson::from).collect();
        let shown = Shown { schema: 1, imported, entries: entries.iter().map(EntryJson::from).collect(), problems };
        let text = serde_json::to_string_pretty(&shown).context("cannot write the entries as JSON")?;
        self.session.printer.result(&text)?;
        Ok(())
    }
}
