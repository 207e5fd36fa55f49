//! What is worth reading by itself: decisions and reflections, the newest first.
//!
//! In: entries with the anchors of their places on the page. Out: HTML sections.
//! Never here: a decision's reasons at length; those stand in its entry.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::html::{block, counted, escape, first_line, line, number};
use crate::journal::{Decision, Entry, Imported, NoteKind, Standing};

/// So many of each are shown at once, and so many more when they are asked for; all others stand in their entries.
const SHOWN: usize = 8;
const MORE: usize = 200;

/// How much of a question, an answer or a plan is shown, in characters.
const LENGTH: usize = 160;

/// The decisions of entries, oldest first, each with its entry's anchor.
#[must_use]
pub fn decisions(entries: &[(&Entry, &str)]) -> String {
    let mut items = Vec::new();
    for (entry, anchor) in entries.iter().rev() {
        let at = format!("<a href=\"#{anchor}\">{}</a>", entry.at.format("%-d %B %Y"));
        items.extend(entry.decisions.iter().map(|decision| format!("<li>{} {at}</li>", told(decision))));
        let weighed = entry.narration.iter().flat_map(|prose| &prose.decisions);
        items.extend(weighed.map(|decision| {
            let done = match &decision.standing {
                Standing::Implemented(_) => "done",
                Standing::Discussed => "discussed, not done",
            };
            format!("<li><p dir=auto><b>{}</b> <i>{done}</i></p> {at}</li>", line(&decision.what))
        }));
    }
    section("decisions", "Decisions", "decision", "decisions", &items)
}

fn told(decision: &Decision) -> String {
    let cut = |text: &str| line(&first_line(text, LENGTH));
    match decision {
        Decision::Answered { question, answer } => {
            format!("<p dir=auto><b>{}</b></p><p dir=auto>{}</p>", cut(question), cut(answer))
        }
        Decision::Approved { plan } => format!("<p dir=auto><b>{}</b> <i>plan approved</i></p>", cut(plan)),
        Decision::Declined { plan } => format!("<p dir=auto><b>{}</b> <i>plan declined</i></p>", cut(plan)),
    }
}

/// The developer's own thoughts, word for word.
#[must_use]
pub fn reflections(entries: &[(&Entry, &str)]) -> String {
    let mut items = Vec::new();
    for (entry, anchor) in entries.iter().rev() {
        let notes = entry.notes.iter().rev().filter(|note| note.kind == NoteKind::Reflection);
        items.extend(notes.map(|note| {
            let at = note.at.format("%-d %B %Y, %H:%M");
            format!("<li>{} <a href=\"#{anchor}\">{at}</a></li>", block(&note.text))
        }));
    }
    section("reflections", "Reflections", "reflection", "reflections", &items)
}

/// What journals of earlier programs told of whole days, each folded.
#[must_use]
pub fn imported(texts: &[(NaiveDate, Imported)]) -> String {
    let item = |(day, text): &(NaiveDate, Imported)| {
        let (day, source) = (day.format("%-d %B %Y"), escape(&text.source));
        let summary = format!("{day}, from <bdi>{source}</bdi>");
        format!("<li><details><summary>{summary}</summary>{}</details></li>", block(&text.text))
    };
    let items: Vec<String> = texts.iter().rev().map(item).collect();
    section("imported", "From earlier journals", "text", "texts", &items)
}

fn section(id: &str, title: &str, one: &str, many: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let list = |items: &[String]| format!("<ul class=read>{}</ul>", items.concat());
    let (shown, others) = items.split_at(items.len().min(SHOWN));
    let (more, rest) = others.split_at(others.len().min(MORE));
    let mut html = format!(
        "<section id={id}><h2>{title}</h2><p class=legend>{}, the newest first</p>{}",
        counted(items.len(), one, many),
        list(shown)
    );
    if !more.is_empty() {
        let _ = write!(html, "<details><summary>{} more</summary>{}</details>", number(more.len()), list(more));
    }
    if !rest.is_empty() {
        let _ = write!(html, "<p class=legend>{} older stand in their entries.</p>", counted(rest.len(), one, many));
    }
    html + "</section>"
}
