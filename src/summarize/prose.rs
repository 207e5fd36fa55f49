//! A model's prose for a summary.
//!
//! In: what the prose is written with, and a period's entries. Out: [`Prose`] that has stood the check, or why there is
//! none. Never here: a sentence without the entries that it rests on, but for what was counted over all of them.

use std::collections::BTreeMap;

use anyhow::Result;

use super::material::Material;
use crate::git::CommitId;
use crate::journal::{Entry, EntryRef, Fingerprint, Prose, Section, Standing};
use crate::markdown::summary::telling;
use crate::narrate::several::{self, Purpose, Sentence, Told};
use crate::narrate::tell::Desk;

/// What came of the question: prose, or in one line why there is none.
pub(super) type Answer = Result<Prose, String>;

/// Asks for prose about the entries of a period; `None` where one entry says it all.
///
/// # Errors
/// The book of what is spent cannot be kept.
pub(super) fn ask(desk: &Desk<'_>, material: &Material, of: &Fingerprint) -> Result<Option<Answer>> {
    if material.entries.len() < 2 {
        return Ok(None);
    }
    let entries: Vec<Entry> = material.entries.iter().map(|told| told.entry.clone()).collect();
    Ok(match several::tell(desk, &entries, Purpose::Summary(material.period.unit))? {
        Told::Written { prose, .. } => Some(Ok(written(&prose, material, of))),
        Told::Nothing => None,
        Told::Refused(_) => {
            Some(Err("the model's reply was refused twice, as too little of it could be checked".to_owned()))
        }
        Told::TooDear(why) => Some(Err(why)),
        Told::Failed(failure) => Some(Err(failure.to_string())),
    })
}

fn written(prose: &several::Prose, material: &Material, of: &Fingerprint) -> Prose {
    let links: BTreeMap<&CommitId, EntryRef> =
        material.entries.iter().map(|told| (&told.entry.commit, told.link())).collect();
    let mut paragraphs = Vec::new();
    for of_section in prose.sentences.chunk_by(|one, next| one.section == next.section) {
        let section = of_section[0].section;
        if section != Section::Summary {
            paragraphs.push(format!("### {}", section.heading()));
        }
        if of_section.iter().any(|sentence| sentence.decision.is_some()) {
            let items: Vec<String> = of_section.iter().map(|one| format!("- {}", item(one, &links))).collect();
            paragraphs.push(items.join("\n"));
            continue;
        }
        for paragraph in of_section.chunk_by(|one, next| one.paragraph == next.paragraph) {
            let sentences: Vec<String> =
                paragraph.iter().map(|one| telling::sentence(&one.text, &sources(one, &links))).collect();
            paragraphs.push(sentences.join(" "));
        }
    }
    Prose {
        paragraphs,
        model: prose.model.clone(),
        at: prose.at,
        kept: prose.kept,
        dropped: prose.dropped,
        of: of.clone(),
    }
}

/// A decision, in the form in which entries have it.
fn item(sentence: &Sentence, links: &BTreeMap<&CommitId, EntryRef>) -> String {
    let of = sources(sentence, links);
    let Some(decided) = &sentence.decision else { return telling::sentence(&sentence.text, &of) };
    let put_off = decided.standing == Some(Standing::Discussed);
    telling::decision(&decided.what, put_off, &sentence.text, &of)
}

fn sources(sentence: &Sentence, links: &BTreeMap<&CommitId, EntryRef>) -> Vec<EntryRef> {
    sentence.sources.iter().filter_map(|commit| links.get(commit).cloned()).collect()
}
