//! `journal_read`: entries in full.
//!
//! In: days, a range of commits, or a commit. Out: their entries, as `commit-story show` gives them, so many that they fit.
//! Never here: more of the journal read than is given.

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tool::{Effect, Tool, gives, name, read, takes};
use crate::advice::Advice;
use crate::browse::{self, Filter, Order, What};
use crate::journal::{Days, Entry, EntryJson, Imported, ImportedJson};
use crate::markdown;
use crate::mcp::answer::Answer;
use crate::mcp::bounds;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;
use crate::store::{Store, joined};

/// Entries of one answer, if it is not said, and at most.
const USUAL: usize = 20;
const MOST: usize = 100;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_read",
    title: "Read the journal",
    description: "Gives journal entries in full: what was asked of assistants, decided, tried, what failed and what \
                  changed. Use it to catch up on days (today, yesterday, last week, 2026-01, 2026-W02, 7d, \
                  2026-01-05..2026-01-07), on a range of commits (main..feature) or on one commit; the newest day if \
                  nothing is said. Gives the entries oldest first, and `next_offset` where there are more.",
    effect: Effect::Reads,
    input: takes::<Input>,
    output: gives::<ReadJson<'static>>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Days, a range of commits, or a commit; the newest day if it is not said.
    what: Option<String>,
    /// How many entries (20 if it is not said, at most 100).
    limit: Option<usize>,
    /// How many of the oldest to leave out: the `next_offset` of the answer before.
    offset: Option<usize>,
    /// Leave out what a model wrote: what stays is what git and the conversations say.
    #[serde(default)]
    evidence_only: bool,
}

/// What was read.
#[derive(Debug, Serialize, JsonSchema)]
struct ReadJson<'a> {
    schema: u32,
    /// Oldest first.
    entries: Vec<EntryJson<'a>>,
    /// Texts of earlier programs that belong to the days.
    imported: Vec<ImportedJson<'a>>,
    /// The offset of what comes next; `null` where nothing does.
    next_offset: Option<usize>,
}

/// Entries until there are enough.
struct Reading {
    entries: Vec<Entry>,
    skip: usize,
    limit: usize,
    bytes: usize,
    evidence_only: bool,
    /// There is one more.
    more: bool,
}

impl Reading {
    fn add(&mut self, mut entry: Entry) -> Result<ControlFlow<()>> {
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(ControlFlow::Continue(()));
        }
        entry.narration.take_if(|_| self.evidence_only);
        let bytes = serde_json::to_string(&EntryJson::from(&entry)).context("cannot write an entry as JSON")?.len();
        let full = !self.entries.is_empty() && self.bytes + bytes > bounds::MOST;
        if full || self.entries.len() >= self.limit {
            self.more = true;
            return Ok(ControlFlow::Break(()));
        }
        self.bytes += bytes;
        self.entries.push(entry);
        Ok(ControlFlow::Continue(()))
    }
}

fn call(desk: &Desk, arguments: JsonObject, _: &Work) -> Result<Answer> {
    let input: Input = read(arguments)?;
    let (what, offset) = (input.what.unwrap_or_default(), input.offset.unwrap_or(0));
    name("what", &what)?;
    let parsed = What::parse(&what, desk.env.now.date_naive(), &desk.repository).map_err(|error| Advice {
        message: format!("{error:#}"),
        hint: "give days (2026-01-06, last week, 7d), a range of commits (main..feature) or a commit".to_owned(),
    })?;
    let store = desk.caught_up();
    let limit = input.limit.unwrap_or(USUAL).clamp(1, MOST);
    let evidence_only = input.evidence_only;
    let mut reading = Reading { entries: Vec::new(), skip: offset, limit, bytes: 0, evidence_only, more: false };
    let mut imported = Vec::new();
    match parsed {
        What::Newest => match store.days()?.last() {
            Some(day) => days(&store, Days { first: *day, last: *day }, &mut reading, &mut imported)?,
            None => return Err(empty().into()),
        },
        What::Days(span) => days(&store, span, &mut reading, &mut imported)?,
        What::Commits(commits) => {
            for entry in browse::entries_of(&store, &desk.repository, &commits)? {
                if reading.add(entry)?.is_break() {
                    break;
                }
            }
        }
        What::Revision(revision) => {
            let _ = reading.add(commit(desk, &store, &revision)?)?;
        }
    }
    if offset > 0 {
        imported.clear();
    }
    if reading.entries.is_empty() && imported.is_empty() {
        return Err(nothing(&store, &what, offset)?.into());
    }
    let next_offset = reading.more.then(|| offset + reading.entries.len());
    answer(&reading.entries, &imported, next_offset)
}

fn days(store: &Store, span: Days, reading: &mut Reading, imported: &mut Vec<Imported>) -> Result<()> {
    let filter = Filter { days: Some(span), ..Filter::default() };
    browse::visit(store, &filter, Order::OldestFirst, |entry| reading.add(entry))?;
    let last = if reading.more { reading.entries.last().map(|entry| entry.at.date_naive()) } else { Some(span.last) };
    for day in store.days()?.into_iter().filter(|day| span.contains(*day) && last.is_none_or(|last| *day <= last)) {
        imported.extend(joined::of_the_day(&store.bytes(day)?.unwrap_or_default()));
    }
    Ok(())
}

fn commit(desk: &Desk, store: &Store, revision: &str) -> Result<Entry> {
    let id = desk.repository.resolve(revision).map_err(|error| Advice {
        message: format!("{error:#}, and it names no days either"),
        hint: "find entries with journal_search, or name days: today, last week, 2026-01-06".to_owned(),
    })?;
    let found = browse::entry_of(store, &desk.repository, &id)?.ok_or_else(|| Advice {
        message: format!("there is no entry of {}", id.short()),
        hint: format!("write it: journal_record with commit {}", id.short()),
    })?;
    found.entry.with_context(|| format!("cannot understand the entry in {}", found.path.display()))
}

fn nothing(store: &Store, what: &str, offset: usize) -> Result<Advice> {
    if offset > 0 {
        let message = format!("there are no entries after the first {offset}");
        return Ok(Advice { message, hint: "begin again without `offset`".to_owned() });
    }
    Ok(match store.days()?.last() {
        Some(day) => Advice {
            message: format!("there is no entry of `{}`", bounds::cut(what, 200).0),
            hint: format!("the newest day with entries is {day}"),
        },
        None => empty(),
    })
}

fn empty() -> Advice {
    Advice {
        message: "the journal is empty".to_owned(),
        hint: "journal_record writes the entry of a commit, journal_backfill those of past ones".to_owned(),
    }
}

fn answer(entries: &[Entry], imported: &[Imported], next_offset: Option<usize>) -> Result<Answer> {
    let mut text: Vec<String> = imported.iter().map(|imported| imported.text.clone()).collect();
    text.extend(entries.iter().map(markdown::render_entry));
    text.extend(next_offset.map(|next| format!("(There are more: offset {next}.)")));
    let json = ReadJson {
        schema: 1,
        entries: entries.iter().map(EntryJson::from).collect(),
        imported: imported.iter().map(ImportedJson::from).collect(),
        next_offset,
    };
    Answer::new(&json, &text.join("\n\n"), "The resource journal://entry/COMMIT has the whole of an entry.")
}
