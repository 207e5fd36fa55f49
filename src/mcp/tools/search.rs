//! `journal_search`: entries by their words.
//!
//! In: a query. Out: the entries that match, best first, as `commit-story search` finds them.
//! Never here: whole entries (that is `journal_read`).

use anyhow::{Result, bail};
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::tool::{Effect, Tool, gives, read, takes};
use crate::advice::Usage;
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;
use crate::search::json::FoundJson;
use crate::search::{self, Found, Query};

/// Hits of one answer, if it is not said, and at most.
const USUAL: usize = 10;
const MOST: usize = 50;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_search",
    title: "Search the journal",
    description: "Finds journal entries by words: what was asked, decided, tried and changed, over all time. Use it for \
                  questions such as \"when did we…\" or \"why is there…\" without a file at hand. All words must occur; \
                  also \"a phrase\", begin*, -without, this OR that, author:ada, file:src/retry.rs, assistant:claude, \
                  since:2026-01, until:\"last week\", in:decisions. Gives commit, day, subject and a snippet of each hit; \
                  read one with journal_read.",
    effect: Effect::Reads,
    input: takes::<Input>,
    output: gives::<FoundJson<'static>>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// What to look for.
    query: String,
    /// How many hits (10 if it is not said, at most 50).
    limit: Option<usize>,
    /// How many of the best hits to leave out, to see the ones after them.
    offset: Option<usize>,
}

fn call(desk: &Desk, arguments: JsonObject, work: &Work) -> Result<Answer> {
    let input: Input = read(arguments)?;
    let query = Query::parse(&input.query, desk.env.now.date_naive())?;
    if query.is_empty() {
        let message = "the query has no word to look for".to_owned();
        return Err(Usage { message, hint: "words are made of letters and digits".to_owned() }.into());
    }
    let (limit, offset) = (input.limit.unwrap_or(USUAL).clamp(1, MOST), input.offset.unwrap_or(0));
    let store = desk.caught_up();
    if work.stopped() {
        bail!("cancelled");
    }
    let mut progress = |done, total| work.tell(done, total);
    let state = desk.repository.state_dir();
    let found = search::search_showing(&store, &state, &query, (limit, offset), &mut progress)?;
    let unread = if found.unread > 0 { "\nNot every page could be read: `unread` says how many." } else { "" };
    Answer::new(&FoundJson::from(&found), &(text(&found, offset) + unread), "Ask for fewer hits with `limit`.")
}

fn text(found: &Found, offset: usize) -> String {
    if found.total == 0 {
        let near = found.unknown.iter().map(|unknown| match &unknown.nearest[..] {
            [] => format!("\nNo entry has `{}`.", unknown.word),
            near => format!("\nNo entry has `{}`; some have {}.", unknown.word, near.join(", ")),
        });
        return format!("Nothing was found.{}", near.collect::<String>());
    }
    let hits = found.hits.iter().map(|hit| {
        let id = match &hit.commit {
            Some(commit) => commit.get(..8).unwrap_or(commit),
            None if hit.is_summary() => hit.at.as_str(),
            None => "imported",
        };
        let snippet = hit.snippet.as_ref().map(|snippet| format!("\n  {}: {}", snippet.field.name(), snippet.text));
        format!("- {id} · {} · {}{}\n", hit.day, hit.subject, snippet.unwrap_or_default())
    });
    let seen = offset.saturating_add(found.hits.len());
    let more = if seen < found.total { format!("More with offset {seen}. ") } else { String::new() };
    format!(
        "{} of {} hits:\n{}\n{more}Read one with journal_read.",
        found.hits.len(),
        found.total,
        hits.collect::<String>()
    )
}
