//! `journal_why`: the story behind lines.
//!
//! In: a place in a file, a text that is gone from it, or a commit. Out: what was asked, decided and rejected when it was
//! written, as `commit-story why` tells it.
//! Never here: a path that leads out of the repository.

use std::collections::HashSet;

use anyhow::Result;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;

use super::tool::{Effect, Tool, gives, name, read, takes};
use crate::evidence::redact::Redactor;
use crate::mcp::answer::Answer;
use crate::mcp::desk::Desk;
use crate::mcp::work::Work;
use crate::why::{Asked, Asker, Brought, Chapter, How, Story, StoryJson, Told};

/// Commits that are told of, if it is not said, and at most.
const USUAL: usize = 5;
const MOST: usize = 20;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "journal_why",
    title: "Why is this line so?",
    description: "Tells the story behind lines of a file: which commits wrote them, what the developer asked for then, what \
                  was decided, rejected, and what went wrong. Use it before changing code whose reason is not plain, or \
                  when asked why something is as it is. `target` is PATH, PATH:LINE, PATH:FIRST-LAST (seen from the \
                  repository's top) or a commit. `grep` finds who added or removed lines with a text, gone ones, too.",
    effect: Effect::Reads,
    input: takes::<Input>,
    output: gives::<StoryJson<'static>>,
    call,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// PATH, PATH:LINE, PATH:FIRST-LAST, or a commit.
    target: String,
    /// A text of lines that commits added or took away; as it is, capital letters told apart.
    grep: Option<String>,
    /// The file as it was in this commit.
    rev: Option<String>,
    /// How many commits to tell of (5 if it is not said, at most 20).
    limit: Option<usize>,
}

fn call(desk: &Desk, arguments: JsonObject, _: &Work) -> Result<Answer> {
    let input: Input = read(arguments)?;
    name("target", &input.target)?;
    name("grep", input.grep.as_deref().unwrap_or_default())?;
    name("rev", input.rev.as_deref().unwrap_or_default())?;
    let store = desk.store();
    let most = input.limit.unwrap_or(USUAL).clamp(1, MOST);
    let asker = Asker { repository: &desk.repository, store: &store, most };
    let question = Asked { target: input.target, grep: input.grep, rev: input.rev, ignored: Vec::new() };
    let redactor = Redactor::new(&desk.loaded.config.redact);
    let told = redacted(question.answer(&asker, desk.repository.top())?, &redactor);
    Answer::new(&StoryJson::new(&told, false), &text(&told), "Ask about fewer lines, or with a smaller `limit`.")
}

/// The story without the secrets in what git says, whose words go to the assistant's provider: the lines, and the messages.
/// What the journal says has none.
fn redacted(mut story: Story, redactor: &Redactor) -> Story {
    let clean = |text: &mut String| *text = redactor.redact(text).into_owned();
    let whole: Vec<&str> = story.lines.iter().map(|line| line.text.as_str()).collect();
    let whole = redactor.redact(&whole.join("\n")).into_owned();
    let kept: HashSet<&str> = whole.lines().collect();
    for line in &mut story.lines {
        clean(&mut line.text);
        // A line of a key shows only beside its neighbours that it is one.
        if !line.text.is_empty() && !kept.contains(line.text.as_str()) && !line.text.contains("[redacted: ") {
            "[redacted: private key]".clone_into(&mut line.text);
        }
    }
    for chapter in &mut story.chapters {
        clean(&mut chapter.author);
        clean(&mut chapter.subject);
        // The entry knows more of what is secret than its subject says.
        if let Some(itself) = chapter.told.iter().find(|told| told.how == How::Itself) {
            chapter.subject.clone_from(&itself.entry.subject);
        }
        clean(&mut chapter.body);
        if let Brought::Touched(touched) = &mut chapter.brought {
            touched.removed.iter_mut().chain(&mut touched.added).for_each(clean);
        }
    }
    story
}

fn text(story: &Story) -> String {
    let uncommitted =
        (story.uncommitted > 0).then(|| format!("{} of the lines are not committed yet.\n", story.uncommitted));
    let more = (story.more > 0).then(|| format!("({} more commits wrote some of it: give a `limit`.)", story.more));
    let parts = uncommitted.into_iter().chain(story.chapters.iter().map(chapter)).chain(more);
    parts.collect::<Vec<_>>().join("\n")
}

fn chapter(chapter: &Chapter) -> String {
    let when = chapter.at.format("%Y-%m-%d %H:%M");
    let mut lines =
        vec![format!("## {} {}", chapter.commit.short(), chapter.subject), format!("{when}, {}", chapter.author)];
    if !chapter.body.is_empty() {
        lines.extend([String::new(), chapter.body.clone()]);
    }
    lines.push(String::new());
    if chapter.told.is_empty() {
        lines.push("The journal has no entry of it.".to_owned());
    }
    lines.extend(chapter.told.iter().flat_map(told));
    lines.join("\n") + "\n"
}

fn told(told: &Told) -> Vec<String> {
    let asked = told.asked.iter().map(|said| {
        let reply = said.reply.as_ref().map(|reply| format!("\n  Answer: {}", reply.text)).unwrap_or_default();
        format!("- Asked: {}{reply}", said.prompt.text)
    });
    let mut lines: Vec<String> = told.summary.iter().map(|paragraph| format!("- {paragraph}")).chain(asked).collect();
    for (label, list) in [("Decided", &told.decided), ("Rejected", &told.rejected), ("Trouble", &told.trouble)] {
        lines.extend(list.iter().map(|one| format!("- {label}: {one}")));
    }
    lines.extend(told.noted.iter().map(|note| format!("- Noted: {}", note.text)));
    if lines.is_empty() {
        lines.push(format!(
            "- The entry of {} has no conversation: read it with journal_read.",
            told.entry.commit.short()
        ));
    }
    lines
}
