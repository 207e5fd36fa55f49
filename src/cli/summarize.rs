//! `commit-story summarize`: what happened in a day, a week, a month, a quarter or a year.
//!
//! In: a level, and when. Out: pages of the journal, and where they are; or what they would say.
//! Never here: what is told (that is `summarize`).

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::failure::{Advice, Usage};
use super::paging::Paging;
use super::session::{Session, Workspace};
use crate::interrupt;
use crate::journal::{Days, Period, Unit};
use crate::markdown::summary;
use crate::store::Store;
use crate::summarize::{Made, Summarizer, SummaryJson};
use crate::ui::page;

/// The version of the JSON's shape.
const SCHEMA: u32 = 1;

/// What is summarized, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story summarize day                  the newest day with entries
  commit-story summarize day yesterday
  commit-story summarize week 2026-W02        Monday to Sunday; weeks are those of ISO 8601
  commit-story summarize month 'last month'
  commit-story summarize week 2026-Q1         every week of the quarter that has entries
  commit-story summarize quarter 2026-Q1
  commit-story summarize year 2026 --print    print it, and write nothing

A commit belongs to the day that its author's clock showed. What is over is summarized by itself,
behind the first commit of a new day.")]
pub struct Options {
    /// How long a time is told of
    #[arg(value_name = "LEVEL")]
    pub level: Level,
    /// A day, week, month, quarter or year (2026-01-06, 2026-W02, 2026-01, 2026-Q1, 2026, yesterday, 'last week'), or days
    /// from one to another (7d, 2026-01..2026-03); the newest that has entries if there is none
    #[arg(value_name = "WHEN|RANGE")]
    pub when: Vec<String>,
    /// Write again what has not changed
    #[arg(short, long)]
    pub force: bool,
    /// Print what there is to say, and write nothing
    #[arg(short, long, conflicts_with = "force")]
    pub print: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Whether there is a pager.
    #[command(flatten)]
    pub paging: Paging,
}

/// The levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// One day
    Day,
    /// Monday to Sunday
    Week,
    /// A month of the calendar
    Month,
    /// Three months
    Quarter,
    /// A year of the calendar
    Year,
}

impl Level {
    fn unit(self) -> Unit {
        match self {
            Self::Day => Unit::Day,
            Self::Week => Unit::Week,
            Self::Month => Unit::Month,
            Self::Quarter => Unit::Quarter,
            Self::Year => Unit::Year,
        }
    }
}

/// The JSON of `summarize --json`.
#[derive(Debug, Serialize)]
struct Summarized {
    schema: u32,
    summaries: Vec<OneJson>,
}

/// A summary with what became of its page.
#[derive(Debug, Serialize)]
struct OneJson {
    /// What happened to the page; null where nothing was to be written.
    page: Option<&'static str>,
    path: Option<String>,
    summary: SummaryJson,
}

/// Runs the command.
///
/// # Errors
/// The time is none, it has no entries, or a page cannot be read or written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    session.catch_up(&workspace);
    let recorder = workspace.recorder(session);
    let summarizer = Summarizer { recorder: &recorder };
    let store = recorder.store();
    let periods = periods(session, &store, options)?;
    let command = Summarize { session, workspace: &workspace, summarizer, options };
    match options {
        Options { json: true, .. } => command.json(&periods),
        Options { print: true, .. } => command.print(&periods),
        _ => command.write(&periods),
    }
}

/// The periods that are meant, those alone that have entries.
fn periods(session: &Session, store: &Store, options: &Options) -> Result<Vec<Period>> {
    let unit = options.level.unit();
    let (text, there) = (options.when.join(" "), store.days()?);
    let Some(newest) = there.last() else {
        let message = "the journal is empty".to_owned();
        return Err(Advice { message, hint: "commit something, or: commit-story record HEAD".to_owned() }.into());
    };
    if text.is_empty() {
        return Ok(vec![Period::of(unit, *newest)]);
    }
    let days = Days::parse(&text, session.env.now.date_naive()).ok_or_else(|| Usage {
        message: format!("`{text}` names no time"),
        hint: "write 2026-01-06, 2026-W02, 2026-01, 2026-Q1, 2026, yesterday, 'last week', 7d, or A..B".to_owned(),
    })?;
    let mut periods: Vec<Period> =
        there.iter().filter(|day| days.contains(**day)).map(|day| Period::of(unit, *day)).collect();
    periods.dedup();
    if periods.is_empty() {
        let message = format!("there are no entries of {text}");
        return Err(Advice { message, hint: format!("the newest day is {newest}") }.into());
    }
    Ok(periods)
}

struct Summarize<'a> {
    session: &'a Session,
    workspace: &'a Workspace,
    summarizer: Summarizer<'a>,
    options: &'a Options,
}

impl Summarize<'_> {
    fn made(&self, period: Period) -> Result<Made> {
        // A page is written as a whole or not at all: who stops this loses none.
        let held = interrupt::hold().ok();
        self.summarizer.make(period, self.options.force, &|| held.as_ref().is_some_and(interrupt::Held::came))
    }

    fn write(&self, periods: &[Period]) -> Result<()> {
        for period in periods {
            let made = self.made(*period)?;
            let (Some((path, word)), printer) = (told(&made), &self.session.printer) else { continue };
            printer.result(&path)?;
            if let Made::Edited(_) = made {
                printer.say(&format!(
                    "{period} was left as it is: somebody has changed what commit-story wrote there; move the page away \
                     for a new one"
                ));
            } else {
                printer.say(&format!("{}: {word}", period.title()));
            }
        }
        Ok(())
    }

    fn print(&self, periods: &[Period]) -> Result<()> {
        let mut out = self.options.paging.output(self.session, self.workspace);
        for (nth, period) in periods.iter().enumerate() {
            let Some(summary) = self.summarizer.tell(*period)? else { continue };
            let text = page::render(&summary::text(&summary), self.session.printer.colour_out);
            out.piece(&if nth > 0 { format!("\n{text}") } else { text })?;
        }
        out.finish()?;
        Ok(())
    }

    fn json(&self, periods: &[Period]) -> Result<()> {
        let mut summaries = Vec::new();
        for period in periods {
            let made = if self.options.print { None } else { Some(self.made(*period)?) };
            let Some(summary) = self.summarizer.tell(*period)? else { continue };
            let (path, word) = made.as_ref().and_then(told).unzip();
            summaries.push(OneJson { page: word, path, summary: SummaryJson::from(&summary) });
        }
        let json = Summarized { schema: SCHEMA, summaries };
        let text = serde_json::to_string_pretty(&json).context("cannot write the summaries as JSON")?;
        Ok(self.session.printer.result(&text)?)
    }
}

/// Where a page is, and what became of it.
fn told(made: &Made) -> Option<(String, &'static str)> {
    let (path, word) = match made {
        Made::Written(path) => (path, "written"),
        Made::Rewritten(path) => (path, "rewritten"),
        Made::Unchanged(path) => (path, "unchanged"),
        Made::Edited(path) => (path, "edited"),
        Made::Empty => return None,
    };
    Some((path.display().to_string(), word))
}
