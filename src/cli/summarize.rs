//! `commit-story summarize`: what happened in a day, a week, a month, a quarter or a year.
//!
//! In: a level, and when. Out: pages of the journal, and where they are; or what they would say.
//! Never here: what is told (that is `summarize`).

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use super::paging::Paging;
use super::session::{Session, Workspace};
use crate::interrupt;
use crate::journal::{Period, Unit};
use crate::llm::Request;
use crate::markdown::summary;
use crate::narrate::ledger::Ledger;
use crate::narrate::provider::Asker;
use crate::narrate::tell::Desk;
use crate::safe::printable;
use crate::summarize::{Made, SummarizedJson, Summarizer, asked};
use crate::ui::page;

/// What is summarized, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story summarize day                the newest day with entries
  commit-story summarize day yesterday
  commit-story summarize week 2026-W02      Monday to Sunday
  commit-story summarize month 'last month'
  commit-story summarize week 2026-Q1       every week of the quarter
  commit-story summarize quarter 2026-Q1
  commit-story summarize year 2026 --print  print it, and write nothing

A commit belongs to the day that its author's clock showed. What is over is summarized by itself, \
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
    /// Ask no model, also where one is set
    #[arg(long)]
    pub no_prose: bool,
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

/// Runs the command.
///
/// # Errors
/// The time is none, it has no entries, or a page cannot be read or written.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    session.catch_up(&workspace);
    let recorder = workspace.recorder(session);
    let store = recorder.store();
    let (unit, when) = (options.level.unit(), options.when.join(" "));
    let periods = asked::periods(&store, unit, &when, session.env.now.date_naive())?;
    let narration = &workspace.loaded.config.narration;
    let asker = (narration.is_on() && !options.no_prose && !options.print).then(|| Asker::of(narration, &session.env));
    let remark = |why: &str| session.printer.warn(&format!("no prose: {}", printable(why)));
    let asker = asker.transpose().inspect_err(|failure| remark(&failure.to_string())).ok().flatten();
    let Some(asker) = asker else {
        let summarizer = Summarizer::new(&recorder);
        return Summarize { session, workspace: &workspace, summarizer, options }.run(&periods);
    };
    session.printer.say(&format!("asking {} for prose; --no-prose asks nobody", printable(&asker.shown())));
    let (ask, ledger) = (|request: &Request| asker.ask(request), Ledger::of(&session.env)?);
    let desk = Desk { recorder: &recorder, ask: &ask, price: asker.price(), ledger: &ledger, again: false };
    let summarizer = Summarizer::new(&recorder).with_prose(&desk, &remark);
    Summarize { session, workspace: &workspace, summarizer, options }.run(&periods)
}

struct Summarize<'a> {
    session: &'a Session,
    workspace: &'a Workspace,
    summarizer: Summarizer<'a>,
    options: &'a Options,
}

impl Summarize<'_> {
    fn run(&self, periods: &[Period]) -> Result<()> {
        match self.options {
            Options { json: true, .. } => self.json(periods),
            Options { print: true, .. } => self.print(periods),
            _ => self.write(periods),
        }
    }

    fn made(&self, period: Period) -> Result<Made> {
        // A page is written as a whole or not at all: who stops this loses none.
        let held = interrupt::hold().ok();
        self.summarizer.make(period, self.options.force, &|| held.as_ref().is_some_and(interrupt::Held::came))
    }

    fn write(&self, periods: &[Period]) -> Result<()> {
        for period in periods {
            let made = self.made(*period)?;
            let (Some((path, word)), printer) = (made.page(), &self.session.printer) else { continue };
            printer.result(&path.display().to_string())?;
            if let Made::Edited(_) = made {
                printer.say(&format!(
                    "{period} was left as it is: somebody has changed what commit-story wrote there; move the page away \
                     for a new one"
                ));
            } else {
                let read = match periods {
                    [only] => format!("; read it with: commit-story show --summary {only}"),
                    _ => String::new(),
                };
                printer.say(&format!("{}: {word}{read}", period.title()));
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
            summaries.extend(self.summarizer.tell(*period)?.map(|summary| (summary, made)));
        }
        let json = SummarizedJson::new(summaries.iter().map(|(summary, made)| (summary, made.as_ref())));
        let text = serde_json::to_string_pretty(&json).context("cannot write the summaries as JSON")?;
        Ok(self.session.printer.result(&text)?)
    }
}
