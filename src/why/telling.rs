//! What an entry tells of the lines that were asked about.
//!
//! In: an entry, and what the lines are about. Out: [`Told`]. Never here: a word that the entry does not say.

use super::about::About;
use super::story::{How, Said, Told};
use crate::journal::{Decision, Entry, Roadblock, Standing, Weighed};

/// Takes out of an entry what explains the lines, the part about their file first.
pub(super) fn told(entry: Entry, how: How, about: &About) -> Told {
    let asked = entry.conversation.iter().map(|exchange| Said {
        prompt: exchange.prompt.clone(),
        reply: exchange.reply.clone(),
        carried_over: exchange.carried_over,
        near: false,
    });
    let mut asked = about.rank(asked.collect(), words);
    for said in &mut asked {
        said.near = about.weigh(&words(said)) > 0;
    }
    let (mut decided, mut rejected) = (Vec::new(), Vec::new());
    let narration = entry.narration.as_ref();
    for weighed in narration.iter().flat_map(|narration| &narration.decisions) {
        match &weighed.standing {
            // The files are said, so that the part about this one is found.
            Standing::Implemented(_) => decided.push(text_of(weighed)),
            Standing::Discussed => rejected.push(format!("{} (talked about, not done)", text_of(weighed))),
        }
    }
    for decision in &entry.decisions {
        match decision {
            Decision::Answered { question, answer } => decided.push(format!("{question} {answer}")),
            Decision::Approved { plan } => decided.push(format!("plan approved: {plan}")),
            Decision::Declined { plan } => rejected.push(format!("plan declined: {plan}")),
        }
    }
    let roadblocks = entry.roadblocks.iter().map(failed);
    let trouble = narration.iter().flat_map(|narration| narration.roadblocks.clone()).chain(roadblocks);
    let itself = |text: &String| text.clone();
    Told {
        how,
        asked,
        decided: about.rank(decided, itself),
        rejected: about.rank(rejected, itself),
        trouble: about.rank(trouble.collect(), itself),
        summary: narration.map(|narration| narration.summary.clone()).unwrap_or_default(),
        noted: entry.notes.clone(),
        entry,
    }
}

fn words(said: &Said) -> String {
    format!("{}\n{}", said.prompt.text, said.reply.as_ref().map_or("", |reply| reply.text.as_str()))
}

fn text_of(weighed: &Weighed) -> String {
    let files = match &weighed.standing {
        Standing::Implemented(files) => format!(" (in {})", files.join(", ")),
        Standing::Discussed => String::new(),
    };
    let why = if weighed.why.is_empty() { String::new() } else { format!(": {}", weighed.why) };
    format!("{}{files}{why}", weighed.what)
}

fn failed(roadblock: &Roadblock) -> String {
    let times = match roadblock.failures {
        1 => "failed once".to_owned(),
        2 => "failed twice".to_owned(),
        many => format!("failed {many} times"),
    };
    let end = if roadblock.passed_in_the_end { ", and passed in the end" } else { "" };
    let output = if roadblock.output.is_empty() { String::new() } else { format!("\n{}", roadblock.output) };
    format!("`{}` {times}{end}{output}", roadblock.command)
}
