//! `journal_record`: the entry of a commit, written or written again.
//!
//! In: a commit. Out: what became of its entry, as `commit-story record` writes it.
//! Never here: words of the caller's: an entry is made from git and from conversations on this disk.

use anyhow::Result;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tool::{Effect, Tool, gives, name, read, takes};
use crate::advice::Advice;
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;
use crate::record::Recorded;
use crate::store;
use crate::worker;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_record",
    title: "Record a commit",
    description: "Writes the journal entry of a commit, or writes it again from all that is known by now; notes that a \
                  person added by hand stay. Commits made here are recorded by themselves: use this where an entry is \
                  missing or out of date. Gives the page it stands on, and whether anything changed.",
    effect: Effect::Writes,
    input: takes::<Input>,
    output: gives::<RecordedJson>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The commit, as git names it; HEAD if it is not said.
    commit: Option<String>,
}

/// What became of a commit.
#[derive(Debug, Serialize, JsonSchema)]
struct RecordedJson {
    schema: u32,
    /// The commit.
    commit: String,
    /// What was done.
    outcome: Outcome,
    /// The page that the entry stands on; `null` where there is none.
    page: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// The entry is new.
    Written,
    /// The entry has changed.
    WrittenAgain,
    /// There was nothing new.
    Unchanged,
    /// The commit changes only the journal: it gets no entry.
    OnlyJournal,
    /// Another commit has taken its place, and tells the story.
    Replaced,
}

fn call(desk: &Desk, arguments: JsonObject, _: &Work) -> Result<Answer> {
    let revision = read::<Input>(arguments)?.commit.unwrap_or_else(|| "HEAD".to_owned());
    name("commit", &revision)?;
    let id = desk.repository.resolve(&revision).map_err(|error| Advice {
        message: format!("{error:#}"),
        hint: "give a commit's id, a branch, a tag, or HEAD~3".to_owned(),
    })?;
    let (outcome, page) = match worker::record_at_once(&desk.recorder(), &id)? {
        Recorded::OnlyJournal => (Outcome::OnlyJournal, None),
        Recorded::Replaced => (Outcome::Replaced, None),
        Recorded::Entry { page, outcome, .. } => {
            let outcome = match outcome {
                store::Outcome::Written => Outcome::Written,
                store::Outcome::Replaced => Outcome::WrittenAgain,
                store::Outcome::Unchanged => Outcome::Unchanged,
            };
            (outcome, Some(page.display().to_string()))
        }
    };
    let says = match outcome {
        Outcome::Written => "Wrote the entry of",
        Outcome::WrittenAgain => "Wrote again the entry of",
        Outcome::Unchanged => "Nothing new in the entry of",
        Outcome::OnlyJournal => "Only the journal is changed, so that there is no entry, by",
        Outcome::Replaced => "Another commit has taken the place of",
    };
    let at = page.as_ref().map(|page| format!(" in {page}")).unwrap_or_default();
    let text = format!("{says} {}{at}.", id.short());
    Answer::new(&RecordedJson { schema: 1, commit: id.to_string(), outcome, page }, &text, "")
}
