//! `journal_draft`: the outline of a text about what was done.
//!
//! In: which draft, and of what. Out: the outline with quotes and sources, as `commit-story draft --no-prose` makes it.
//! Never here: a model: whoever calls is one, and nothing leaves this machine.

use anyhow::Result;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::tool::{Effect, Tool, gives, name, read, takes};
use crate::advice::Usage;
use crate::compose::json::DraftJson;
use crate::compose::markdown::{self, Pages};
use crate::compose::{self, Kind, Wanted};
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_draft",
    title: "Draft a text from the journal",
    description: "Gathers what a stand-up, a pull request's description (of the current branch against its base), a \
                  changelog, a self-review, a blog post or a talk needs: an outline with quotes, each line with the \
                  commits that it is from. Use it before you write such a text, and keep to it: it has what was done and \
                  said, you bring the prose. No model is asked.",
    effect: Effect::Reads,
    input: takes::<Input>,
    output: gives::<DraftJson<'static>>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Which draft.
    kind: Which,
    /// Days (last week, 2026-Q1, 30d) or commits (main..feature); what suits the draft if it is not said.
    range: Option<String>,
    /// Of `pr`: what the branch goes into; found out if it is not said.
    base: Option<String>,
    /// Entries of authors whose name contains this.
    author: Option<String>,
}

/// The drafts.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Which {
    Standup,
    Pr,
    Changelog,
    Review,
    Blog,
    Talk,
}

fn call(desk: &Desk, arguments: JsonObject, _: &Work) -> Result<Answer> {
    let input: Input = read(arguments)?;
    let kind = match input.kind {
        Which::Standup => Kind::Standup,
        Which::Pr => Kind::PullRequest,
        Which::Changelog => Kind::Changelog,
        Which::Review => Kind::Review,
        Which::Blog => Kind::Blog,
        Which::Talk => Kind::Talk,
    };
    for (what, text) in [("range", &input.range), ("base", &input.base), ("author", &input.author)] {
        name(what, text.as_deref().unwrap_or_default())?;
    }
    if input.base.is_some() && kind != Kind::PullRequest {
        let message = "only a pull request has a `base`".to_owned();
        return Err(Usage { message, hint: "give a `range` instead: main..feature".to_owned() }.into());
    }
    let _ = desk.caught_up();
    let wanted = Wanted { kind, range: input.range, base: input.base, author: input.author };
    let matter = compose::gather(&desk.recorder(), &wanted)?;
    let outline = compose::compose(&matter);
    let address = |commit: &crate::git::CommitId| (commit.clone(), format!("journal://entry/{commit}"));
    let pages: Pages = matter.entries.iter().map(|entry| address(&entry.commit)).collect();
    let text = markdown::render(&outline, &pages, matter.today);
    Answer::new(&DraftJson::of(&outline, &pages), &text, "Ask for a shorter `range`.")
}
