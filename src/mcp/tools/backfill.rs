//! `journal_backfill`: entries for past commits.
//!
//! In: which commits. Out: which got an entry, as `commit-story backfill` writes them; progress while it works.
//! Never here: a commit that has an entry, or the loss of what was written when it is cancelled.

use anyhow::Result;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::tool::{Effect, Tool, gives, name, read, takes};
use crate::advice::{Advice, Usage};
use crate::backfill::run::{Way, Written};
use crate::backfill::{self, Asked, Done, DoneJson, asked};
use crate::git::Selection;
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;
use crate::worker::CAREFUL;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_backfill",
    title: "Write entries for past commits",
    description: "Writes journal entries for past commits that have none, from git and the conversations that are still \
                  on this disk. Use it for a repository whose journal is young, with `dry_run` first: it gives the list \
                  and writes nothing. Commits that have an entry are passed over, so it may be repeated. Takes a while \
                  for thousands of commits; reports progress, and can be cancelled without loss.",
    effect: Effect::Writes,
    input: takes::<Input>,
    output: gives::<DoneJson<'static>>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The commits of a range (FROM..TO), or all that a revision has; those of HEAD if only `since` is given.
    range: Option<String>,
    /// Only commits since then: YYYY-MM-DD, today, yesterday, or as git takes it: 2 weeks ago.
    since: Option<String>,
    /// The commits of all local branches.
    #[serde(default)]
    all: bool,
    /// Others' commits, too.
    #[serde(default)]
    everyone: bool,
    /// Only say which commits would get an entry.
    #[serde(default)]
    dry_run: bool,
}

fn call(desk: &Desk, arguments: JsonObject, work: &Work) -> Result<Answer> {
    let input: Input = read(arguments)?;
    name("range", input.range.as_deref().unwrap_or_default())?;
    name("since", input.since.as_deref().unwrap_or_default())?;
    let among = among(&input)?;
    let since = input.since.as_deref().map(|text| asked::instant(text, desk.env.now)).transpose()?;
    let own = asked::own(&desk.repository, input.everyone)?;
    if desk.loaded.careful && !input.dry_run {
        let hint = "commit-story doctor says which, and what is wrong with it".to_owned();
        return Err(Advice { message: CAREFUL.to_owned(), hint }.into());
    }
    let recorder = desk.recorder();
    let plan = backfill::plan(&recorder, &Asked { among, since, own, everyone: input.everyone })?;
    let total = plan.commits.len();
    let mut progress = |done| work.tell(done, total);
    let done = backfill::run(&recorder, &plan, Way { dry: input.dry_run, progress: &mut progress })?;
    let json = DoneJson::new(&plan, &done, input.dry_run);
    Answer::new(&json, &text(&done, input.dry_run), "journal_read and journal_search find what was written.")
}

fn among(input: &Input) -> Result<Selection> {
    match &input.range {
        Some(_) if input.all => {
            let message = "both a `range` and `all` are given".to_owned();
            Err(Usage { message, hint: "give one of them".to_owned() }.into())
        }
        Some(range) => Ok(Selection::Range(range.clone())),
        None if input.all => Ok(Selection::Branches),
        None if input.since.is_some() => Ok(Selection::Range("HEAD".to_owned())),
        None => {
            let message = "it is not said which commits shall get entries".to_owned();
            Err(Usage { message, hint: "give `since` (30 days ago), `range` (v1.0..HEAD), or `all`".to_owned() }.into())
        }
    }
}

fn text(done: &Done, dry: bool) -> String {
    let line = |entry: &Written| format!("- {} · {} · {}\n", entry.commit.short(), entry.day, entry.subject);
    let says = if dry { "Would write" } else { "Wrote" };
    let mut text = format!("{says} {} entries.\n", done.entries.len());
    text.extend(done.entries.iter().map(line));
    if done.stopped {
        text.push_str("It was stopped before its end; what is written stays.\n");
    }
    text.extend(done.unread.iter().map(|(commit, why)| format!("{} has no entry: {why}\n", commit.short())));
    text
}
