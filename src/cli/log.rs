//! `commit-story log`: entries as a list.
//!
//! In: days, or a range of commits, and filters. Out: a few lines for each entry, newest first, or JSON.
//! Never here: an entry as a whole (that is `show`), or more of the journal read than is shown.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use clap::Args;

use super::failure::{Advice, Usage};
use super::paging::Paging;
use super::session::{Session, Workspace};
use crate::browse::{self, Filter, Order};
use crate::git::CommitId;
use crate::journal::{Days, Entry, EntryJson};
use crate::markdown::parts::counted;
use crate::safe::printable;
use crate::search::query;
use crate::store::Store;
use crate::ui::Paged;
use crate::ui::style::{Part, paint};

/// How much of what was asked for is shown, in characters.
const GIST: usize = 100;

/// What to list, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  commit-story log                       all entries, the newest first
  commit-story log last week
  commit-story log 7d --oneline
  commit-story log main..feature         the entries of these commits
  commit-story log -n 5 --assistant codex -- src/parser
  commit-story log --since 2026-01 --author ada --json")]
pub struct Options {
    /// Days (today, 2026-01, 2026-W02, last week, 7d, 2026-01-05..yesterday) or commits as git log takes them (main..feature)
    #[arg(value_name = "DAYS|RANGE")]
    pub what: Vec<String>,
    /// Show so many entries at most
    #[arg(short = 'n', long, value_name = "N")]
    pub max_count: Option<usize>,
    /// Days from this one, or this period, on
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Days up to this one, or the end of this period
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// The author's name contains this
    #[arg(long, value_name = "NAME")]
    pub author: Option<String>,
    /// A changed file has this in its path; may be repeated
    #[arg(long, value_name = "PATH")]
    pub file: Vec<String>,
    /// This assistant took part
    #[arg(long, value_name = "NAME")]
    pub assistant: Option<String>,
    /// One line for each
    #[arg(long, conflicts_with = "json")]
    pub oneline: bool,
    /// The oldest first
    #[arg(long)]
    pub reverse: bool,
    /// Print JSON, as show does
    #[arg(long)]
    pub json: bool,
    /// Whether there is a pager.
    #[command(flatten)]
    pub paging: Paging,
    /// The same as --file
    #[arg(last = true, value_name = "PATH")]
    pub paths: Vec<String>,
}

/// Which entries are listed.
struct Chosen {
    filter: Filter,
    commits: Option<BTreeSet<CommitId>>,
}

/// Runs the command.
///
/// # Errors
/// There are no such days, commits or assistants, or the journal cannot be read.
pub fn run(session: &Session, options: &Options) -> Result<()> {
    let workspace = session.workspace()?;
    let chosen = Chosen::by(session, &workspace, options)?;
    session.catch_up(&workspace);
    let store = workspace.recorder(session).store();
    let mut list = List {
        out: if options.json { Paged::new(None) } else { options.paging.output(session, &workspace) },
        form: match options {
            Options { json: true, .. } => Form::Json,
            Options { oneline: true, .. } => Form::Line,
            _ => Form::Block,
        },
        colour: session.printer.colour_out,
        listed: 0,
    };
    list.begin()?;
    let faulty = chosen.list(&store, options, &mut list)?;
    let listed = list.end()?;
    if listed == 0 && !options.json {
        let none =
            if store.days()?.is_empty() { Advice::empty_journal().to_string() } else { "no entry matches".to_owned() };
        session.printer.say(&none);
    }
    if faulty > 0 {
        session.printer.warn(&format!(
            "{} with lines that cannot be read; commit-story doctor names them",
            counted(faulty, "page")
        ));
    }
    Ok(())
}

impl Chosen {
    fn by(session: &Session, workspace: &Workspace, options: &Options) -> Result<Self> {
        let today = session.env.now.date_naive();
        let mut days = Days { first: NaiveDate::MIN, last: NaiveDate::MAX };
        let mut commits = None;
        let what = options.what.join(" ");
        if let Some(named) = Days::parse(&what, today) {
            days = named;
        } else if !what.is_empty() {
            let range = workspace.repository.range(&what).map_err(|_| Usage {
                message: format!("`{what}` is neither days nor a range of commits"),
                hint: "days: today, last week, 2026-01, 7d; commits: main..feature; a path: -- PATH".to_owned(),
            })?;
            // None of no commits: then no page is read.
            let span = workspace.repository.days(&range)?.unwrap_or((NaiveDate::MAX, NaiveDate::MIN));
            (days, commits) = (Days { first: span.0, last: span.1 }, Some(range));
        }
        if let Some(since) = &options.since {
            days.first = days.first.max(named(since, today)?.first);
        }
        if let Some(until) = &options.until {
            days.last = days.last.min(named(until, today)?.last);
        }
        let assistants = options.assistant.as_deref().map(query::assistants).transpose();
        let assistants = assistants.map_err(|unclear| Usage { message: unclear.message, hint: unclear.hint })?;
        let files = options.file.iter().chain(&options.paths);
        let files = files.map(|path| path.trim_end_matches('/').to_owned()).collect();
        let (author, assistants) = (options.author.clone(), assistants.unwrap_or_default());
        Ok(Self { filter: Filter { days: Some(days), author, files, assistants }, commits })
    }

    fn passes(&self, entry: &Entry) -> bool {
        self.commits.as_ref().is_none_or(|commits| commits.contains(&entry.commit))
    }

    /// Lists what is chosen; returns how many pages hold something that cannot be read.
    fn list(&self, store: &Store, options: &Options, list: &mut List) -> Result<usize> {
        let most = options.max_count.unwrap_or(usize::MAX);
        // The oldest of all come first; but of the newest few, as with git, the newest have to be known.
        let turned = options.reverse && options.max_count.is_some();
        let order = if options.reverse && !turned { Order::OldestFirst } else { Order::NewestFirst };
        let mut kept = Vec::new();
        let mut seen = 0;
        let faulty = if most == 0 {
            0
        } else {
            browse::visit(store, &self.filter, order, |entry| {
                if self.passes(&entry) {
                    seen += 1;
                    if turned {
                        kept.push(entry);
                    } else {
                        list.add(&entry)?;
                    }
                }
                Ok(if seen < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?
        };
        kept.iter().rev().try_for_each(|entry| list.add(entry))?;
        Ok(faulty)
    }
}

fn named(text: &str, today: NaiveDate) -> Result<Days, Usage> {
    Days::parse(text, today).ok_or_else(|| Usage {
        message: format!("`{text}` names no day"),
        hint: "write a day or a period: 2026-01-06, yesterday, \"last week\", 2026-01, 30d".to_owned(),
    })
}

/// How an entry looks in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Block,
    Line,
    Json,
}

/// A list that is printed while it is made.
struct List {
    out: Paged,
    form: Form,
    colour: bool,
    listed: usize,
}

impl List {
    fn begin(&mut self) -> Result<()> {
        if self.form == Form::Json {
            self.out.piece("{\"schema\":1,\"entries\":[\n")?;
        }
        Ok(())
    }

    fn add(&mut self, entry: &Entry) -> Result<()> {
        let text = match self.form {
            Form::Json => {
                let comma = if self.listed > 0 { "," } else { "" };
                let entry = serde_json::to_string(&EntryJson::from(entry)).context("cannot write an entry as JSON")?;
                format!("{comma}{entry}\n")
            }
            Form::Line => format!("{}\n", heading(entry, self.colour)),
            Form::Block => {
                let apart = if self.listed > 0 { "\n" } else { "" };
                format!("{apart}{}", block(entry, self.colour))
            }
        };
        self.listed += 1;
        self.out.piece(&text)?;
        Ok(())
    }

    fn end(mut self) -> Result<usize> {
        if self.form == Form::Json {
            self.out.piece("]}\n")?;
        }
        self.out.finish()?;
        Ok(self.listed)
    }
}

fn heading(entry: &Entry, colour: bool) -> String {
    let id = paint(Part::Code, entry.commit.short(), colour);
    format!("{id}  {}  {}", entry.at.format("%Y-%m-%d %H:%M"), paint(Part::Strong, printable(&entry.subject), colour))
}

/// What it is, how large, with whose help, and what was asked for first.
fn block(entry: &Entry, colour: bool) -> String {
    let changes = &entry.changes;
    let files = if changes.files == 1 { "file" } else { "files" };
    let mut facts = vec![format!("{} {files}, +{} −{}", changes.files, changes.added, changes.removed)];
    facts.extend(entry.details.sessions.iter().map(|session| {
        let prompts = if session.prompts == 1 { "prompt" } else { "prompts" };
        format!("{}, {} {prompts}", session.assistant.name(), session.prompts)
    }));
    facts.extend(entry.details.branch.iter().map(|branch| printable(branch)));
    facts.push(printable(&entry.details.author));
    facts.retain(|fact| !fact.is_empty());
    let mut block = format!("{}\n    {}\n", heading(entry, colour), paint(Part::Quiet, facts.join(" · "), colour));
    if let Some(gist) = gist(entry) {
        block.extend(["    ", &printable(&gist), "\n"]);
    }
    block
}

/// The beginning of the prose, or of what was asked for.
fn gist(entry: &Entry) -> Option<String> {
    let prose = entry.narration.iter().flat_map(|prose| &prose.summary).next();
    let asked = entry.conversation.first().map(|turn| &turn.prompt.text);
    let said = prose.or(asked)?.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = said.char_indices().nth(GIST).map(|(at, _)| format!("{}…", &said[..at]));
    Some(cut.unwrap_or(said)).filter(|gist| !gist.is_empty())
}
