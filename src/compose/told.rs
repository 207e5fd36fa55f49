//! A draft with the prose of a model in it.
//!
//! In: an [`Outline`], and prose that stood the check. Out: the outline with the prose above what it is made from.
//! Never here: a sentence without its sources.

use super::outline::{Item, Kind, Outline, Part};
use crate::journal::{Section, Standing};
use crate::narrate::several::{Decided, Prose, Purpose, Sentence};

/// What a model is asked for; `None` for a draft that is better without.
#[must_use]
pub fn purpose(kind: Kind) -> Option<Purpose> {
    match kind {
        Kind::Standup => Some(Purpose::Standup),
        Kind::PullRequest => Some(Purpose::PullRequest),
        Kind::Review => Some(Purpose::Review),
        Kind::Blog => Some(Purpose::Blog),
        Kind::Talk => Some(Purpose::Talk),
        // Its words are those of the commits.
        Kind::Changelog => None,
    }
}

/// The outline with prose.
#[must_use]
pub fn with_prose(mut outline: Outline, prose: &Prose) -> Outline {
    // Where the next part goes that the outline does not have.
    let mut top = 0;
    for section in Section::ALL {
        let items = items(prose, *section);
        if items.is_empty() {
            continue;
        }
        let heading = heading(outline.kind, *section);
        let found = outline.parts.iter().position(|part| part.heading == heading);
        if let Some(at) = found {
            let part = &mut outline.parts[at];
            if outline.kind == Kind::PullRequest && *section == Section::Summary {
                // Who reviews it reads the prose, and one voice.
                part.items = first_quote(std::mem::take(&mut part.items));
            }
            part.items.splice(..0, items);
            top = top.max(at + 1);
        } else {
            let part = Part { heading: heading.to_owned(), level: 2, items };
            match section {
                Section::Lessons | Section::Mood => outline.parts.push(part),
                _ => {
                    outline.parts.insert(top, part);
                    top += 1;
                }
            }
        }
    }
    let checked = prose.kept + prose.dropped;
    outline.remarks.push(format!(
        "Prose by {}, {}; {checked} claims checked, {} dropped",
        prose.model,
        prose.at.format("%-d %B %Y"),
        prose.dropped
    ));
    outline
}

/// The items with the first of their quotes alone.
fn first_quote(items: Vec<Item>) -> Vec<Item> {
    let mut met = false;
    let keeps = |item: &Item| !matches!(item, Item::Quote { .. }) || !std::mem::replace(&mut met, true);
    items.into_iter().filter(keeps).collect()
}

/// The heading that a section has in a draft: where there is such a part already, its own.
fn heading(kind: Kind, section: Section) -> &'static str {
    match (kind, section) {
        (Kind::PullRequest, Section::Summary) => "Why",
        (Kind::Blog, Section::Summary) => "The story in short",
        (Kind::Talk, Section::Summary) => "The talk in short",
        (_, Section::Summary) => "In short",
        (Kind::PullRequest | Kind::Review, Section::Decisions) => "Decisions",
        (_, Section::Decisions) => "What was decided, and why",
        (Kind::Review, Section::Roadblocks) => "Hard problems",
        (Kind::Blog, Section::Roadblocks) => "What was tried",
        (_, Section::Roadblocks) => "What fought back",
        (_, Section::Synopsis) => "How it works",
        (_, Section::Lessons) => "Lessons",
        (_, Section::Mood) => "Mood",
    }
}

/// The paragraphs and decisions of a section.
fn items(prose: &Prose, section: Section) -> Vec<Item> {
    let mut items: Vec<(usize, Item)> = Vec::new();
    for sentence in prose.sentences.iter().filter(|sentence| sentence.section == section) {
        let Sentence { paragraph, decision, text, sources, .. } = sentence;
        match (decision, items.last_mut()) {
            (Some(Decided { what, standing }), _) => {
                let done = if *standing == Some(Standing::Discussed) { "(talked about, not done) " } else { "" };
                let text = format!("{done}{text}").trim_end().to_owned();
                items.push((
                    *paragraph,
                    Item::Point { lead: what.clone(), text, sources: sources.clone(), prose: true },
                ));
            }
            (None, Some((open, Item::Paragraph { sentences }))) if *open == *paragraph => {
                sentences.push((text.clone(), sources.clone()));
            }
            (None, _) => items.push((*paragraph, Item::Paragraph { sentences: vec![(text.clone(), sources.clone())] })),
        }
    }
    items.into_iter().map(|(_, item)| item).collect()
}
