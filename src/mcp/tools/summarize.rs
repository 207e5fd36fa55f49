//! `journal_summarize`: what happened in a day, a week, a month, a quarter or a year.
//!
//! In: a level, and when. Out: summaries, and their pages, as `commit-story summarize` writes them.
//! Never here: a model, or a page overwritten that somebody has changed.

use anyhow::Result;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::tool::{Effect, Tool, gives, name, read, takes};
use crate::journal::Unit;
use crate::markdown::summary;
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;
use crate::summarize::{SummarizedJson, Summarizer, asked};

/// Summaries of one answer at most.
const MOST: usize = 31;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_summarize",
    title: "Summarize a period",
    description: "Gives what happened in a day, week, month, quarter or year, made from the journal without a model: \
                  reflections word for word, decisions, roadblocks, threads that go on, numbers. Use it for an overview of \
                  more than a few days, before you read single entries. Writes the summary's page into the journal where it \
                  is missing or out of date; `dry_run` writes nothing.",
    effect: Effect::Writes,
    input: takes::<Input>,
    output: gives::<SummarizedJson>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// How long a time each summary tells of.
    level: Level,
    /// Which: 2026-01-06, 2026-W02, 2026-01, 2026-Q1, 2026, yesterday, last week; the newest with entries if it is not said.
    when: Option<String>,
    /// Write again what has not changed.
    #[serde(default)]
    force: bool,
    /// Write nothing.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Level {
    Day,
    Week,
    Month,
    Quarter,
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

fn call(desk: &Desk, arguments: JsonObject, work: &Work) -> Result<Answer> {
    let input: Input = read(arguments)?;
    let when = input.when.unwrap_or_default();
    name("when", &when)?;
    let store = desk.caught_up();
    let mut periods = asked::periods(&store, input.level.unit(), &when, desk.env.now.date_naive())?;
    let more = periods.len().saturating_sub(MOST);
    periods.truncate(MOST);
    let recorder = desk.recorder();
    let summarizer = Summarizer::new(&recorder);
    let (mut told, total) = (Vec::new(), periods.len());
    for (nth, period) in periods.into_iter().enumerate() {
        if work.tell(nth, total).is_break() {
            break;
        }
        let made = if input.dry_run { None } else { Some(summarizer.make(period, input.force, &|| work.stopped())?) };
        told.extend(summarizer.tell(period)?.map(|summary| (summary, made)));
    }
    let mut texts: Vec<String> = told.iter().map(|(summary, _)| summary::text(summary)).collect();
    texts.extend((more > 0).then(|| format!("({more} more were left out: ask for a shorter time.)")));
    let json = SummarizedJson::new(told.iter().map(|(summary, made)| (summary, made.as_ref())));
    Answer::new(&json, &texts.join("\n\n"), "Ask for a shorter time; journal://summary/PERIOD has one in full.")
}
