//! `journal_status`: how things stand.
//!
//! In: nothing. Out: what is recorded, what waits and why, as `commit-story status` tells it.
//! Never here: a cure (that is `commit-story doctor`).

use anyhow::Result;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tool::{Effect, Tool, gives, read, takes};
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;
use crate::status::Status;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_status",
    title: "Status of the journal",
    description: "Tells whether commits are recorded here, where the journal is, its newest entry, what waits for a second \
                  look or for prose and why, and what prose has cost today. Use it first where entries seem to be missing.",
    effect: Effect::Reads,
    input: takes::<Input>,
    output: gives::<StatusJson>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {}

#[derive(Debug, Serialize, JsonSchema)]
struct StatusJson {
    schema: u32,
    /// The top of the work tree.
    repository: String,
    #[serde(flatten)]
    status: Status,
}

fn call(desk: &Desk, arguments: JsonObject, _: &Work) -> Result<Answer> {
    let Input {} = read(arguments)?;
    let _ = desk.caught_up();
    let status = Status::of(&desk.recorder(), desk.detected().as_ref())?;
    let text = text(&status);
    let repository = desk.repository.top().display().to_string();
    Answer::new(&StatusJson { schema: 1, repository, status }, &text, "commit-story status shows all of it.")
}

fn text(status: &Status) -> String {
    let hook = if status.hook { "Commits are recorded." } else { "Commits are not recorded: commit-story init." };
    let newest = status.newest.as_ref().map_or("There is no entry yet.".to_owned(), |newest| {
        let commit = newest.commit.get(..8).unwrap_or(&newest.commit);
        format!("The newest entry is of {commit}, {}: {}", newest.at.format("%Y-%m-%d %H:%M"), newest.subject)
    });
    let model =
        status.model.as_ref().map_or("Nobody writes prose.".to_owned(), |model| format!("Prose is by {model}."));
    let fault = status.fault.as_ref().map(|fault| format!(" It cannot be asked: {fault}.")).unwrap_or_default();
    format!(
        "{hook} The journal is at {}.\n{newest}\n{} of your commits have no entry; {} wait for a second look, {} for prose.\n{model}{fault}",
        status.journal,
        status.without_entry.len(),
        status.entries.len(),
        status.prose.len(),
    )
}
