//! The numbers behind a report's charts.
//!
//! In: entries, and the days they are of. Out: [`Figures`], which is also the JSON of `report --json`.
//! Never here: HTML, or a number that no entry has.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use serde::Serialize;

use crate::chat::Assistant;
use crate::journal::{Area, Days, Entry, NoteKind, Period, Unit, areas};

/// At most so many periods stand side by side in a chart.
const PERIODS: usize = 60;

/// What can be counted in entries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The first and the last day of the charts.
    pub first: NaiveDate,
    /// See [`Figures::first`].
    pub last: NaiveDate,
    /// How many entries there are.
    pub entries: usize,
    /// How many of them have the prose of a model.
    pub narrated: usize,
    /// Conversations that entries drew on, each counted once.
    pub sessions: usize,
    /// Prompts of the human.
    pub prompts: u64,
    /// Questions answered, plans judged, and what a model calls a decision.
    pub decisions: usize,
    /// The developer's own thoughts.
    pub reflections: usize,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
    /// The days that have entries, in order.
    pub days: Vec<DayFigures>,
    /// Assistants, the one with the most entries first.
    pub assistants: Vec<Share>,
    /// Entries that no conversation led to.
    pub unassisted: usize,
    /// Authors, the one with the most entries first.
    pub authors: Vec<AuthorShare>,
    /// Directories, the one with the most changed lines first, of the files that entries list and nothing generated.
    pub areas: Vec<Area>,
    /// How long the periods of [`Figures::roadblocks`] are: `week`, `month`, `quarter` or `year`.
    pub period: &'static str,
    /// Commands that failed, over time, without gaps.
    pub roadblocks: Vec<Failures>,
    /// Commands that failed, the one that did most often first.
    pub commands: Vec<FailedCommand>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayFigures {
    /// The day, by the authors' own clocks.
    pub day: NaiveDate,
    /// When its commits were made, `16:02`.
    #[serde(serialize_with = "times")]
    pub commits: Vec<NaiveTime>,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
    /// The parts of conversations that belong to its entries.
    pub sessions: Vec<SessionSpan>,
}

/// A part of a conversation that belongs to one entry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionSpan {
    /// The assistant's slug.
    #[serde(serialize_with = "slug")]
    pub assistant: Assistant,
    /// The short id of the session.
    pub session: String,
    /// When it begins, by the author's clock; on another day than the entry, where the work took long.
    #[serde(serialize_with = "instant")]
    pub first: DateTime<FixedOffset>,
    /// When it ends.
    #[serde(serialize_with = "instant")]
    pub last: DateTime<FixedOffset>,
}

/// What an assistant took part in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// The assistant's slug.
    #[serde(serialize_with = "slug")]
    pub assistant: Assistant,
    /// Entries that it led to.
    pub entries: usize,
    /// Conversations with it.
    pub sessions: usize,
    /// Prompts to it.
    pub prompts: u64,
}

/// What an author has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuthorShare {
    /// The name.
    pub author: String,
    /// How many entries.
    pub entries: usize,
}

/// How often commands failed in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failures {
    /// The period's name: `2026-W02`.
    pub period: String,
    /// Of commands that passed in the end.
    pub overcome: u64,
    /// Of commands that did not.
    pub open: u64,
}

/// A command that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedCommand {
    /// The command line.
    pub command: String,
    /// How often it failed.
    pub failures: u64,
    /// In how many entries.
    pub entries: usize,
    /// In how many of these it passed in the end.
    pub overcome: usize,
}

impl Figures {
    /// Counts what entries have, oldest first.
    #[must_use]
    pub fn of(entries: &[Entry], span: Days) -> Self {
        let notes = entries.iter().flat_map(|entry| &entry.notes);
        let sessions: BTreeSet<_> = entries.iter().flat_map(sessions).collect();
        let (period, roadblocks) = roadblocks(entries, span);
        Self {
            first: span.first,
            last: span.last,
            entries: entries.len(),
            narrated: entries.iter().filter(|entry| entry.narration.is_some()).count(),
            sessions: sessions.len(),
            prompts: entries.iter().flat_map(|entry| &entry.details.sessions).map(|line| u64::from(line.prompts)).sum(),
            decisions: entries.iter().map(decisions).sum(),
            reflections: notes.filter(|note| note.kind == NoteKind::Reflection).count(),
            added: total(entries.iter().map(|entry| entry.changes.added)),
            removed: total(entries.iter().map(|entry| entry.changes.removed)),
            days: days(entries),
            assistants: assistants(entries),
            unassisted: entries.iter().filter(|entry| entry.details.sessions.is_empty()).count(),
            authors: authors(entries),
            areas: areas(entries),
            period,
            roadblocks,
            commands: commands(entries),
        }
    }
}

/// How many decisions an entry has, told and weighed.
#[must_use]
pub fn decisions(entry: &Entry) -> usize {
    entry.decisions.len() + entry.narration.as_ref().map_or(0, |prose| prose.decisions.len())
}

fn sessions(entry: &Entry) -> impl Iterator<Item = (&'static str, &str)> {
    entry.details.sessions.iter().map(|line| (line.assistant.slug(), line.session.as_str()))
}

/// Numbers on a page may be anybody's: they are added up to the largest there is.
fn total(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

fn days(entries: &[Entry]) -> Vec<DayFigures> {
    let mut days: BTreeMap<NaiveDate, DayFigures> = BTreeMap::new();
    for entry in entries {
        let day = entry.at.date_naive();
        let empty = || DayFigures { day, commits: vec![], added: 0, removed: 0, sessions: vec![] };
        let figures = days.entry(day).or_insert_with(empty);
        figures.commits.push(entry.at.time());
        figures.added = figures.added.saturating_add(entry.changes.added);
        figures.removed = figures.removed.saturating_add(entry.changes.removed);
        figures.sessions.extend(entry.details.sessions.iter().map(|line| SessionSpan {
            assistant: line.assistant,
            session: line.session.clone(),
            first: line.span.0,
            last: line.span.1,
        }));
    }
    days.into_values().collect()
}

fn assistants(entries: &[Entry]) -> Vec<Share> {
    let mut shares: BTreeMap<&str, (Share, BTreeSet<&str>)> = BTreeMap::new();
    for entry in entries {
        let mut counted = BTreeSet::new();
        for line in &entry.details.sessions {
            let empty = Share { assistant: line.assistant, entries: 0, sessions: 0, prompts: 0 };
            let (share, seen) = shares.entry(line.assistant.slug()).or_insert((empty, BTreeSet::new()));
            share.entries += usize::from(counted.insert(line.assistant.slug()));
            share.sessions += usize::from(seen.insert(&line.session));
            share.prompts += u64::from(line.prompts);
        }
    }
    let mut shares: Vec<Share> = shares.into_values().map(|(share, _)| share).collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.entries));
    shares
}

fn authors(entries: &[Entry]) -> Vec<AuthorShare> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        *counts.entry(&entry.details.author).or_default() += 1;
    }
    let share = |(author, entries): (&str, usize)| AuthorShare { author: author.to_owned(), entries };
    let mut shares: Vec<AuthorShare> = counts.into_iter().map(share).collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.entries));
    shares
}

/// Failures by the shortest unit of which not too many stand side by side.
fn roadblocks(entries: &[Entry], span: Days) -> (&'static str, Vec<Failures>) {
    let periods = |unit: Unit| -> Vec<Period> {
        let last = Some(Period::of(unit, span.last));
        let mut periods: Vec<Period> = std::iter::successors(last, Period::previous)
            .take_while(|period| period.last() >= span.first)
            .take(PERIODS + 1)
            .collect();
        periods.reverse();
        periods
    };
    let units = [Unit::Week, Unit::Month, Unit::Quarter].into_iter();
    let unit = units.into_iter().find(|unit| periods(*unit).len() <= PERIODS).unwrap_or(Unit::Year);
    let mut counts: BTreeMap<Period, (u64, u64)> = BTreeMap::new();
    for entry in entries {
        let count = counts.entry(Period::of(unit, entry.at.date_naive())).or_default();
        for roadblock in &entry.roadblocks {
            let side = if roadblock.passed_in_the_end { &mut count.0 } else { &mut count.1 };
            *side += u64::from(roadblock.failures);
        }
    }
    let failures = |period: Period| {
        let (overcome, open) = counts.get(&period).copied().unwrap_or_default();
        Failures { period: period.to_string(), overcome, open }
    };
    (unit.name(), periods(unit).into_iter().map(failures).collect())
}

fn commands(entries: &[Entry]) -> Vec<FailedCommand> {
    let mut commands: BTreeMap<&str, FailedCommand> = BTreeMap::new();
    for roadblock in entries.iter().flat_map(|entry| &entry.roadblocks) {
        let line = roadblock.command.as_str();
        let empty = || FailedCommand { command: line.to_owned(), failures: 0, entries: 0, overcome: 0 };
        let command = commands.entry(line).or_insert_with(empty);
        command.failures += u64::from(roadblock.failures);
        command.entries += 1;
        command.overcome += usize::from(roadblock.passed_in_the_end);
    }
    let mut commands: Vec<FailedCommand> = commands.into_values().collect();
    commands.sort_by_key(|command| std::cmp::Reverse(command.failures));
    commands
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn slug<S: serde::Serializer>(assistant: &Assistant, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(assistant.slug())
}

fn instant<S: serde::Serializer>(at: &DateTime<FixedOffset>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&at.to_rfc3339())
}

fn times<S: serde::Serializer>(times: &[NaiveTime], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(times.iter().map(|time| time.format("%H:%M").to_string()))
}
