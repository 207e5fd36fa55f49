//! Entries as HTML: by month, day and commit.
//!
//! In: entries with the anchors of their places on the page. Out: HTML in which all that is long is folded.
//! Never here: a word that is not the entry's, but for headings and counts.

use std::collections::HashSet;
use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::figures::{AuthorShare, decisions};
use super::html::{attribute, block, counted, each, escape, line, number};
use crate::journal::{
    ChangedFile, Decision, Entry, Exchange, Mark, Narration, NoteKind, Period, Quote, Roadblock, Speaker, Standing,
    Unit,
};
use crate::markdown::when;

/// How much of a commit's id stands in its anchor.
const ANCHOR: usize = 12;

/// The anchors of entries: no two are the same.
#[must_use]
pub fn anchors(entries: &[Entry]) -> Vec<String> {
    let mut taken = HashSet::new();
    let anchor = |entry: &Entry| {
        let id = entry.commit.as_str();
        let short = format!("e-{}", &id[..id.len().min(ANCHOR)]);
        let mut anchor = short.clone();
        for nth in 2.. {
            if taken.insert(anchor.clone()) {
                break;
            }
            anchor = format!("{short}-{nth}");
        }
        anchor
    };
    entries.iter().map(anchor).collect()
}

/// All entries, the newest month and in it the newest day first; the newest month lies open.
#[must_use]
pub fn entries(entries: &[(&Entry, &str)], authors: &[AuthorShare]) -> String {
    let mut out = String::with_capacity(entries.len() * 2_000);
    let month = |entry: &Entry| Period::of(Unit::Month, entry.at.date_naive());
    let months = entries.chunk_by(|(one, _), (other, _)| month(one) == month(other));
    for (nth, entries) in months.rev().enumerate() {
        let period = month(entries[0].0);
        let open = if nth == 0 { " open" } else { "" };
        let _ = write!(
            out,
            "<details class=month id=m-{period}{open}><summary><h3>{}</h3> <span class=n>{}</span></summary>",
            period.title(),
            counted(entries.len(), "commit", "commits")
        );
        let day = |entry: &Entry| entry.at.date_naive();
        for entries in entries.chunk_by(|(one, _), (other, _)| day(one) == day(other)).rev() {
            self::day(&mut out, day(entries[0].0), entries, authors);
        }
        out.push_str("</details>");
    }
    out
}

fn day(out: &mut String, day: NaiveDate, entries: &[(&Entry, &str)], authors: &[AuthorShare]) {
    let title = day.format("%A, %-d %B %Y");
    let _ = write!(out, "<section class=day id=d-{day} aria-label=\"{title}\"><h4>{title}</h4>");
    for (entry, anchor) in entries.iter().rev() {
        article(out, entry, anchor, authors);
    }
    out.push_str("</section>");
}

fn article(out: &mut String, entry: &Entry, anchor: &str, authors: &[AuthorShare]) {
    let slugs: Vec<&str> = entry.details.sessions.iter().map(|line| line.assistant.slug()).collect();
    let author = authors.iter().position(|share| share.author == entry.details.author).unwrap_or(authors.len());
    let has = [
        (entry.narration.is_some(), "p"),
        (decisions(entry) > 0, "d"),
        (!entry.roadblocks.is_empty(), "r"),
        (entry.notes.iter().any(|note| note.kind == NoteKind::Reflection), "t"),
    ];
    let has: String = has.into_iter().filter_map(|(has, sign)| has.then_some(sign)).collect();
    let subject = if entry.subject.is_empty() { "(no subject)".to_owned() } else { line(&entry.subject) };
    let _ = write!(
        out,
        "<article id={anchor} data-a=\"{}\" data-w=\"{author}\" data-h=\"{has}\"><h5><time datetime=\"{}\">{}</time> \
         <a href=\"#{anchor}\" dir=auto>{subject}</a></h5>{}",
        slugs.join(" "),
        entry.at.to_rfc3339(),
        entry.at.format("%H:%M"),
        about(entry, authors.len() > 1)
    );
    if !entry.body.is_empty() {
        out.push_str(&block(&entry.body));
    }
    if let Some(prose) = &entry.narration {
        narration(out, prose);
    }
    folded(out, entry);
    out.push_str("</article>");
}

/// One line: which commit, where, by whom, with whom, how much.
fn about(entry: &Entry, with_author: bool) -> String {
    let details = &entry.details;
    let mut parts = vec![format!("<code>{}</code>", &entry.commit.as_str()[..8])];
    parts.extend(details.branch.iter().map(|branch| format!("<bdi>{}</bdi>", escape(branch))));
    if with_author {
        parts.push(format!("<bdi>{}</bdi>", escape(&details.author)));
    }
    parts.extend(details.sessions.iter().map(|session| {
        let prompts = counted(session.prompts, "prompt", "prompts");
        format!("{}, {prompts}", session.assistant.name())
    }));
    let changes = &entry.changes;
    parts.push(format!(
        "{} <span class=add>+{}</span> <span class=del>−{}</span>",
        counted(changes.files, "file", "files"),
        number(changes.added),
        number(changes.removed)
    ));
    if details.dropped {
        parts.push("no branch has this commit any more".to_owned());
    }
    format!("<p class=m>{}</p>", parts.join(" · "))
}

/// A model's prose: its summary at once, the rest folded.
fn narration(out: &mut String, prose: &Narration) {
    let by = format!(
        "Prose by {}; {} checked, {} dropped",
        escape(&prose.model),
        counted(prose.kept, "claim", "claims"),
        prose.dropped
    );
    out.push_str("<div class=prose>");
    for text in &prose.summary {
        let _ = write!(out, "<p dir=auto>{}</p>", line(text));
    }
    let lists = [
        ("Technical synopsis", &prose.synopsis),
        ("What fought back", &prose.roadblocks),
        ("Lessons", &prose.lessons),
        ("Mood", &prose.mood),
    ];
    let lists = lists.into_iter().filter(|(_, texts)| !texts.is_empty());
    let lists = each(lists, |(title, texts)| format!("<h6>{title}</h6>{}", list(texts.iter().map(|text| line(text)))));
    if !lists.is_empty() {
        fold(out, "More of the prose", None, &lists);
    }
    let _ = write!(out, "<p class=m><bdi>{by}</bdi></p></div>");
}

/// Everything that is long, each part by itself.
fn folded(out: &mut String, entry: &Entry) {
    let told = entry.decisions.iter().map(decision);
    let weighed = entry.narration.iter().flat_map(|prose| &prose.decisions).map(|decision| {
        let standing = match &decision.standing {
            Standing::Implemented(files) => format!("implemented in {}", line(&files.join(", "))),
            Standing::Discussed => "discussed, not done".to_owned(),
        };
        format!("<b>{}</b> <i>{standing}</i> {}", line(&decision.what), line(&decision.why))
    });
    fold_list(out, "Decisions", told.chain(weighed).collect());
    let talk = each(&entry.conversation, |said| exchange(said, entry.at));
    fold(out, "Conversation", Some(entry.conversation.len()), &talk);
    fold_list(out, "Roadblocks", entry.roadblocks.iter().map(roadblock).collect());
    fold_list(
        out,
        "Notes",
        entry
            .notes
            .iter()
            .map(|note| {
                let kind = match note.kind {
                    NoteKind::Reflection => "Reflection",
                    NoteKind::Capture => "Capture",
                };
                format!("<p class=m>{kind}, {}</p>{}", note.at.format("%-d %B %Y, %H:%M"), block(&note.text))
            })
            .collect(),
    );
    let commands = entry.commands.listed.iter().map(|command| {
        let times = if command.times > 1 { format!(" ×{}", command.times) } else { String::new() };
        format!("<code dir=auto>{}</code>{times}", escape(&command.line))
    });
    fold_list(out, "Commands", more(commands.collect(), entry.commands.more.into(), "command", "commands"));
    let listed = entry.changes.listed.len() as u64;
    let rest = u64::from(entry.changes.files).saturating_sub(listed);
    fold_list(out, "Files", more(entry.changes.listed.iter().map(file).collect(), rest, "file", "files"));
    let imported = entry
        .imported
        .iter()
        .map(|text| format!("<p class=m>from <bdi>{}</bdi></p>{}", escape(&text.source), block(&text.text)));
    fold_list(out, "Imported", imported.collect());
    fold_list(out, "Left out", entry.details.omissions.iter().map(|text| line(text)).collect());
    if !entry.by_hand.is_empty() {
        out.push_str(&block(&entry.by_hand));
    }
}

fn more(mut items: Vec<String>, rest: u64, one: &str, many: &str) -> Vec<String> {
    if rest > 0 && !items.is_empty() {
        items.push(format!("and {} more", counted(rest, one, many)));
    }
    items
}

fn fold_list(out: &mut String, title: &str, items: Vec<String>) {
    let count = items.len();
    fold(out, title, Some(count), &if items.is_empty() { String::new() } else { list(items.into_iter()) });
}

fn fold(out: &mut String, title: &str, count: Option<usize>, content: &str) {
    if content.is_empty() {
        return;
    }
    let count = count.map(|count| format!(" · {count}")).unwrap_or_default();
    let _ = write!(out, "<details><summary>{title}{count}</summary>{content}</details>");
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("<ul>{}</ul>", each(items, |item| format!("<li dir=auto>{item}</li>")))
}

fn exchange(exchange: &Exchange, entry: DateTime<FixedOffset>) -> String {
    let before = if exchange.carried_over { ", from before the previous commit" } else { "" };
    let prompt = quote(&exchange.prompt, entry, before);
    prompt + &exchange.reply.as_ref().map(|reply| quote(reply, entry, "")).unwrap_or_default()
}

fn quote(quote: &Quote, entry: DateTime<FixedOffset>, remark: &str) -> String {
    let (class, who) = match quote.speaker {
        Speaker::Developer => ("you", "Developer"),
        Speaker::Assistant(assistant) => ("it", assistant.name()),
    };
    let time = when(quote.at, entry);
    format!("<blockquote class={class}><p class=m><b>{who}</b>, {time}{remark}</p>{}</blockquote>", block(&quote.text))
}

fn decision(decision: &Decision) -> String {
    match decision {
        Decision::Answered { question, answer } => format!("<b>{}</b>{}", line(question), block(answer)),
        Decision::Approved { plan } => format!("<i>Plan approved</i>{}", block(plan)),
        Decision::Declined { plan } => format!("<i>Plan declined</i>{}", block(plan)),
    }
}

fn roadblock(roadblock: &Roadblock) -> String {
    let times = if roadblock.failures == 1 { "once".to_owned() } else { counted(roadblock.failures, "time", "times") };
    let exit = roadblock.exit.map(|exit| format!(" (exit {exit})")).unwrap_or_default();
    let end = if roadblock.passed_in_the_end { ", then passed" } else { "" };
    let output = match roadblock.output.as_str() {
        "" => String::new(),
        output => format!("<pre dir=auto><code>{}</code></pre>", escape(output)),
    };
    format!("<code dir=auto>{}</code> failed {times}{exit}{end}{output}", escape(&roadblock.command))
}

fn file(file: &ChangedFile) -> String {
    let from = |from: &String| format!(" ← <code dir=auto>{}</code>", escape(from));
    let mark = match &file.mark {
        Mark::Modified => String::new(),
        Mark::RenamedFrom(old) => from(old),
        Mark::CopiedFrom(old) => from(old) + " (copy)",
        Mark::Added => " new".to_owned(),
        Mark::Deleted => " deleted".to_owned(),
        Mark::TypeChanged => " type changed".to_owned(),
        Mark::ModeChanged => " mode changed".to_owned(),
        Mark::Submodule => " submodule".to_owned(),
    };
    let lines = file.lines.map(|(added, removed)| format!(" +{} −{}", number(added), number(removed)));
    format!("<code dir=auto>{}</code>{mark}{}", escape(&file.path), lines.unwrap_or_default())
}

/// The choices of authors: by their place among the figures, as [`entries`] marks them.
#[must_use]
pub fn author_choices(authors: &[AuthorShare]) -> String {
    let choice = |(nth, share): (usize, &AuthorShare)| {
        let name = if share.author.is_empty() { "(nobody)" } else { &share.author };
        format!("<option value=\"{nth}\" dir=auto>{} ({})</option>", attribute(name), share.entries)
    };
    each(authors.iter().enumerate(), choice)
}
