//! An entry as Markdown.
//!
//! In: an [`Entry`]. Out: its text, from its first marker to its end line, then what was written by hand.
//! Never here: a heading over nothing, or a choice of what to say.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::imported::{self, IMPORTED};
use super::parts::{self, counted, items, paragraph, quoted};
use super::{escape, marker, prose};
use crate::git::CommitId;
use crate::journal::{
    ChangeGroup, ChangeSet, ChangedFile, Commands, Decision, Details, Entry, Exchange, Mark, Note, NoteKind, Page,
    Quote, Relation, Roadblock, SessionLine, Speaker,
};

/// What follows the time of a prompt that an earlier commit has told already.
pub const CARRIED_OVER: &str = ", from before the previous commit";

/// The page's first line, such as `# Tuesday, 6 January 2026`, without its line end.
#[must_use]
pub fn render_header(day: NaiveDate) -> String {
    format!("# {}", day.format("%A, %-d %B %Y"))
}

/// A whole page with the entries in their order.
#[must_use]
pub fn render_page(page: &Page) -> String {
    let mut text = render_header(page.day);
    text.push('\n');
    for entry in &page.entries {
        text.push('\n');
        text.push_str(&render_entry(entry));
    }
    text
}

/// One entry in its normal form; lines end with `\n`.
#[must_use]
pub fn render_entry(entry: &Entry) -> String {
    let entry = &entry.clone().normalised();
    let mut text = marker::begin(&entry.commit, entry.at);
    text.push('\n');
    text.push_str(&heading(entry));
    text.push('\n');
    if !entry.body.is_empty() {
        paragraph(&mut text, &escape::body(&entry.body));
    }
    if let Some(narration) = &entry.narration {
        text.push('\n');
        text.push_str(&prose::render(narration));
    }
    section(&mut text, "Conversation", entry.conversation.iter().map(|said| exchange(said, entry.at)));
    section(&mut text, "Decisions", items(entry.decisions.iter().map(decision)));
    section(&mut text, "Roadblocks", items(entry.roadblocks.iter().map(roadblock)));
    section(&mut text, "Commands", items(commands(&entry.commands)));
    section(&mut text, "Changes", changes(&entry.changes));
    section(&mut text, "Notes", entry.notes.iter().map(|note| quoted(&said(&note_head(note, entry.at), &note.text))));
    section(&mut text, "Details", items(details(entry).into_iter()));
    section(&mut text, IMPORTED, entry.imported.iter().map(imported::render));
    text.push_str(marker::END);
    text.push('\n');
    if !entry.by_hand.is_empty() {
        paragraph(&mut text, &entry.by_hand);
    }
    text
}

fn heading(entry: &Entry) -> String {
    let time = entry.at.format("%H:%M");
    let short = entry.commit.short();
    if entry.subject.is_empty() {
        return format!("## {time} · {short}");
    }
    format!("## {time} · {} · {short}", entry.subject)
}

/// A section of an entry.
fn section(out: &mut String, name: &str, parts: impl Iterator<Item = String>) {
    parts::section(out, &format!("### {name}"), parts);
}

/// A text behind its lead-in: on the same line, or below an empty line where it would not look right there.
fn led(head: &str, text: &str) -> String {
    match text {
        "" => head.to_owned(),
        text if escape::starts_block(text) => format!("{head}\n\n{text}"),
        text => format!("{head} {text}"),
    }
}

/// The words of a quote behind its head, so that no line of theirs passes for a head.
fn said(head: &str, words: &str) -> String {
    match words.split_once('\n') {
        _ if escape::starts_block(words) => led(head, &escape::words(words)),
        Some((first, rest)) => led(head, &format!("{first}\n{}", escape::words(rest))),
        None => led(head, words),
    }
}

fn exchange(exchange: &Exchange, entry: DateTime<FixedOffset>) -> String {
    let prompt = quoted(&quote(&exchange.prompt, exchange.carried_over, entry));
    let Some(reply) = &exchange.reply else { return prompt };
    let between = if escape::swallows(&exchange.prompt.text) { "\n\n" } else { "\n>\n" };
    prompt + between + &quoted(&quote(reply, false, entry))
}

fn quote(quote: &Quote, carried_over: bool, entry: DateTime<FixedOffset>) -> String {
    let carried_over = if carried_over { CARRIED_OVER } else { "" };
    said(&format!("**{}**, {}{carried_over}:", speaker(quote.speaker), when(quote.at, entry)), &quote.text)
}

/// The name that stands before a quote.
#[must_use]
pub fn speaker(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Developer => "Developer",
        Speaker::Assistant(assistant) => assistant.name(),
    }
}

/// An instant beside another one, as a rule the entry's: `15:55`, or `2026-01-05 15:55` where it is of another day.
#[must_use]
pub fn when(at: DateTime<FixedOffset>, beside: DateTime<FixedOffset>) -> String {
    let at = at.with_timezone(beside.offset());
    let same_day = at.date_naive() == beside.date_naive();
    at.format(if same_day { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

fn decision(decision: &Decision) -> String {
    match decision {
        Decision::Answered { question, answer } => {
            let question = format!("**{}**", question.replace('\\', "\\\\").replace('*', "\\*"));
            // Within a line nothing passes for a block.
            if answer.is_empty() || answer.contains('\n') {
                led(&question, answer)
            } else {
                format!("{question} {answer}")
            }
        }
        Decision::Approved { plan } => led("Plan approved:", plan),
        Decision::Declined { plan } => led("Plan declined:", plan),
    }
}

fn roadblock(roadblock: &Roadblock) -> String {
    let command = escape::code(&roadblock.command);
    let times = match roadblock.failures {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    let exit = roadblock.exit.map(|exit| format!(" (exit {exit})")).unwrap_or_default();
    let ended = if roadblock.passed_in_the_end { ", passed in the end" } else { "" };
    let line = format!("{command} failed {times}{exit}{ended}");
    if roadblock.output.is_empty() {
        return line;
    }
    let fence = escape::fence_for(&roadblock.output);
    format!("{line}\n{fence}text\n{}\n{fence}", roadblock.output)
}

fn commands(commands: &Commands) -> impl Iterator<Item = String> {
    let listed = commands.listed.iter().map(|command| match command.times {
        1 => escape::code(&command.line),
        times => format!("{} ×{times}", escape::code(&command.line)),
    });
    listed.chain((commands.more > 0).then(|| format!("and {} more", commands.more)))
}

fn changes(changes: &ChangeSet) -> impl Iterator<Item = String> {
    let total = (*changes != ChangeSet::default())
        .then(|| format!("{}, +{} −{}", counted(changes.files, "file"), changes.added, changes.removed));
    let rest = changes.files.saturating_sub(u32::try_from(changes.listed.len()).unwrap_or(u32::MAX));
    let more = (rest > 0 && !changes.listed.is_empty()).then(|| format!("and {}", counted(rest, "more file")));
    total.into_iter().chain(items(changes.listed.iter().map(changed_file).chain(more)))
}

fn changed_file(file: &ChangedFile) -> String {
    let path = escape::code(&file.path);
    let origin = match &file.mark {
        Mark::RenamedFrom(old) => format!(" ← {}", escape::code(old)),
        Mark::CopiedFrom(old) => format!(" copied from {}", escape::code(old)),
        _ => String::new(),
    };
    let lines = file.lines.map(|(added, removed)| format!(" +{added} −{removed}")).unwrap_or_default();
    let mark = mark_word(&file.mark).map(|word| format!(", {word}")).unwrap_or_default();
    format!("{path}{origin}{lines} ({}{mark})", group_word(file.group))
}

/// The word for what happened to a file; `None` where nothing need be said.
#[must_use]
pub fn mark_word(mark: &Mark) -> Option<&'static str> {
    match mark {
        Mark::Added => Some("new"),
        Mark::Deleted => Some("deleted"),
        Mark::TypeChanged => Some("type changed"),
        Mark::ModeChanged => Some("mode changed"),
        Mark::Submodule => Some("submodule"),
        Mark::Modified | Mark::RenamedFrom(_) | Mark::CopiedFrom(_) => None,
    }
}

/// The word for a sort of file.
#[must_use]
pub fn group_word(group: ChangeGroup) -> &'static str {
    match group {
        ChangeGroup::Source => "source",
        ChangeGroup::Tests => "tests",
        ChangeGroup::Docs => "docs",
        ChangeGroup::Config => "config",
        ChangeGroup::Generated => "generated",
    }
}

fn note_head(note: &Note, entry: DateTime<FixedOffset>) -> String {
    format!("**{}**, {}:", note_word(note.kind), when(note.at, entry))
}

/// The name of a kind of note.
#[must_use]
pub fn note_word(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Reflection => "Reflection",
        NoteKind::Capture => "Capture",
    }
}

/// What is said of a commit that no branch has any more.
pub const DROPPED: &str = "No longer in the history";

fn details(entry: &Entry) -> Vec<String> {
    let details: &Details = &entry.details;
    let branch = details.branch.as_ref().map(|branch| format!(" on {}", escape::code(branch))).unwrap_or_default();
    let mut lines = vec![format!("Commit `{}`{branch}", entry.commit)];
    if !details.author.is_empty() {
        lines.push(format!("Author: {}", details.author));
    }
    if !details.merged.is_empty() {
        lines.push(format!("Merges {}", ids(&details.merged)));
    }
    if !details.conflicts.is_empty() {
        let files: Vec<String> = details.conflicts.iter().map(|path| escape::code(path)).collect();
        lines.push(format!("Conflicts resolved in {}", files.join(", ")));
    }
    lines.extend(details.relations.iter().map(relation));
    if details.dropped {
        lines.push(DROPPED.to_owned());
    }
    lines.extend(details.sessions.iter().map(|line| session(line, entry.at)));
    lines.extend(details.omissions.iter().map(|omission| format!("Left out: {omission}")));
    lines
}

fn relation(relation: &Relation) -> String {
    match relation {
        Relation::PickedFrom(id) => format!("Cherry-picked from `{id}`"),
        Relation::Reverts(id) => format!("Reverts `{id}`"),
        Relation::Squashes(squashed) => format!("Squashes {}", ids(squashed)),
    }
}

fn ids(ids: &[CommitId]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

fn session(session: &SessionLine, entry: DateTime<FixedOffset>) -> String {
    let model = session.model.as_ref().map(|model| format!(", model {}", escape::code(model))).unwrap_or_default();
    let (first, last) = session.span;
    format!(
        "{}, session {}, {}, {} to {}{model}",
        session.assistant.name(),
        escape::code(&session.session),
        counted(session.prompts, "prompt"),
        when(first, entry),
        when(last, first)
    )
}
