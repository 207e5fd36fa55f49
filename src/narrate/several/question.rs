//! What a model is asked about several entries.
//!
//! In: [`Material`], what the prose is for, and how many tokens there are. Out: a [`Prompt`], from the texts in `prompts/`.
//! Never here: text of an entry outside the fence.

use anyhow::anyhow;

use super::super::fence;
use super::super::prompt::{Prompt, again, fill, fitted};
use super::material::Material;
use super::shown::show;
use super::told::Purpose;
use crate::chat::ours::MARKER;

const SYSTEM: &str = include_str!("../prompts/several.system.md");
const FRAME: &str = include_str!("../prompts/several.md");

/// Asks for prose about several entries. `most_tokens`: the most that are sent, all told. `rejected`: why claims of an
/// earlier reply were dropped, where it is asked again.
///
/// # Errors
/// There is no room for any evidence.
pub(super) fn question(
    material: &Material,
    purpose: Purpose,
    (most_tokens, reply_tokens): (u32, u32),
    rejected: &[String],
) -> anyhow::Result<Prompt> {
    let items = material.sources.iter().chain([&material.totals]).flat_map(|source| &source.items);
    let texts = items.map(|item| item.text.as_str()).chain(rejected.iter().map(String::as_str));
    let nonce = fence::nonce(texts);
    let again = again(rejected, &nonce);
    let system = format!("{MARKER}\n\n{SYSTEM}");
    let steps = fill(steps(purpose), &[("length", length(material))]);
    let user = |evidence: &str| {
        let values =
            [("nonce", nonce.as_str()), ("evidence", evidence), ("wanted", wanted(purpose)), ("steps", &steps)];
        format!("{MARKER}\n\n{}{again}", fill(FRAME, &values))
    };
    let fitted = fitted(&system, &user, &|room| show(material, room), (most_tokens, reply_tokens));
    fitted.map_err(|bare| anyhow!("cannot ask about entries in {most_tokens} tokens: the question alone takes {bare}"))
}

/// What is to be written, in the question's first sentence.
fn wanted(purpose: Purpose) -> &'static str {
    use crate::journal::Unit;
    match purpose {
        Purpose::Summary(Unit::Day) => "summary of the day",
        Purpose::Summary(Unit::Week) => "summary of the week",
        Purpose::Summary(Unit::Month) => "summary of the month",
        Purpose::Summary(Unit::Quarter) => "summary of the quarter",
        Purpose::Summary(Unit::Year) => "summary of the year",
        Purpose::Standup => "stand-up report",
        Purpose::PullRequest => "description of the pull request",
        Purpose::Blog => "draft of a blog post",
        Purpose::Talk => "draft of a talk",
        Purpose::Review => "self-review",
    }
}

fn steps(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Summary(_) => include_str!("../prompts/summary.md"),
        Purpose::Standup => include_str!("../prompts/standup.md"),
        Purpose::PullRequest => include_str!("../prompts/pr.md"),
        Purpose::Blog => include_str!("../prompts/blog.md"),
        Purpose::Talk => include_str!("../prompts/talk.md"),
        Purpose::Review => include_str!("../prompts/review.md"),
    }
}

/// How long it may be: it grows with how much there is.
fn length(material: &Material) -> &'static str {
    match material.sources.len() + material.left_out {
        0..=2 => "Two or three sentences.",
        3..=8 => "Three to five sentences.",
        9..=40 => "Five to eight sentences, in one or two paragraphs.",
        _ => "Eight to twelve sentences, in two or three paragraphs.",
    }
}
