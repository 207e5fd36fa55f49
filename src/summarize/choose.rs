//! What of many things said is told.
//!
//! In: a period's entries. Out: reflections, decisions, roadblocks and requests, at most so many of each.
//! Never here: a changed word. What is cut is marked, and reflections are not cut.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::material::{Material, Told};
use crate::draft::cut;
use crate::journal::{
    Asked, Decided, Decision, EntryRef, Listed, NoteKind, Obstacle, Period, Reflection, Roadblock, Speaker, Standing,
    Verdict, Weighed,
};

/// The most characters of a request or of a decision.
const GIST: usize = 200;

/// The most characters of what a command printed.
const OUTPUT: usize = 120;

/// From so many words on a request tells something by itself.
const FEW_WORDS: usize = 5;

/// The developer's thoughts. Of more than can be told, the longest of each part of the period, turn by turn.
pub(super) fn reflections(material: &Material, most: usize) -> Listed<Reflection> {
    let mut all = Vec::new();
    for told in &material.entries {
        for note in told.entry.notes.iter().filter(|note| note.kind == NoteKind::Reflection) {
            all.push(Reflection { at: note.at, text: note.text.clone(), of: told.link() });
        }
    }
    all.sort_by_key(|reflection| reflection.at);
    spread(material.period, all, most, |reflection| &reflection.of, |reflection| reflection.text.len())
}

/// The best of each part of a period, turn by turn, until there are so many; in their order.
fn spread<T>(
    period: Period,
    all: Vec<T>,
    most: usize,
    of: impl Fn(&T) -> &EntryRef,
    worth: impl Fn(&T) -> usize,
) -> Listed<T> {
    let more = all.len().saturating_sub(most);
    if more == 0 {
        return Listed { listed: all, more };
    }
    let part = |one: &T| period.unit.below().map(|unit| Period::of(unit, of(one).day));
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| (Reverse(worth(&all[*at])), *at));
    let mut turns = BTreeMap::new();
    let mut ranked: Vec<(usize, usize)> = Vec::new();
    for (place, at) in order.into_iter().enumerate() {
        let turn: &mut usize = turns.entry(part(&all[at])).or_default();
        ranked.push((*turn * all.len() + place, at));
        *turn += 1;
    }
    ranked.sort_unstable();
    let kept: BTreeSet<usize> = ranked.into_iter().take(most).map(|(_, at)| at).collect();
    let listed = all.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, one)| one).collect();
    Listed { listed, more }
}

/// What was settled in so many words; and what a model has weighed, where nobody had said so much.
pub(super) fn decisions(material: &Material, most: usize) -> Listed<Decided> {
    let mut all: Vec<(usize, Decided)> = Vec::new();
    let mut met = BTreeSet::new();
    for told in &material.entries {
        let entry = &told.entry;
        let said = entry.decisions.iter().map(|decision| Verdict::Said(shortened(decision)));
        let weighed = entry.narration.iter().flat_map(|narration| &narration.decisions);
        let weighed = weighed.filter(|weighed| entry.decisions.is_empty() || weighed.standing == Standing::Discussed);
        for what in said.chain(weighed.cloned().map(Verdict::Weighed)) {
            // One conversation leads to several commits, and each of their entries tells it.
            if met.insert(format!("{what:?}")) {
                all.push((worth(&what, told), Decided { what, of: told.link() }));
            }
        }
    }
    let listed = spread(material.period, all, most, |(_, one)| &one.of, |(worth, _)| *worth);
    Listed { listed: listed.listed.into_iter().map(|(_, one)| one).collect(), more: listed.more }
}

fn worth(what: &Verdict, told: &Told) -> usize {
    let said = match what {
        Verdict::Said(Decision::Approved { .. } | Decision::Declined { .. }) => 4,
        Verdict::Said(Decision::Answered { .. }) => 3,
        Verdict::Weighed(Weighed { standing: Standing::Implemented(_), .. }) => 2,
        Verdict::Weighed(_) => 1,
    };
    said * 1_000 + usize::try_from(told.churn().min(999)).unwrap_or(999)
}

fn shortened(decision: &Decision) -> Decision {
    match decision {
        Decision::Answered { question, answer } => {
            Decision::Answered { question: gist(question), answer: gist(answer) }
        }
        Decision::Approved { plan } => Decision::Approved { plan: gist(plan) },
        Decision::Declined { plan } => Decision::Declined { plan: gist(plan) },
    }
}

/// The beginning of a text on one line, without the marks of headings, which mean nothing there.
fn gist(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_start_matches('#').trim()).collect();
    cut::one_line(&cut::prose(&cut::one_line(&lines.join("\n")), GIST))
}

/// Commands that failed, those first that failed most.
pub(super) fn roadblocks(material: &Material, most: usize) -> Listed<Obstacle> {
    let mut by_command: BTreeMap<&str, Vec<(&Told, &Roadblock)>> = BTreeMap::new();
    for told in &material.entries {
        for roadblock in &told.entry.roadblocks {
            by_command.entry(&roadblock.command).or_default().push((told, roadblock));
        }
    }
    let mut all: Vec<Obstacle> = by_command.into_iter().filter_map(|(command, met)| obstacle(command, &met)).collect();
    all.sort_by_key(|one| (Reverse(one.days), Reverse(one.failures), one.of.at, one.command.clone()));
    let more = all.len().saturating_sub(most);
    all.truncate(most);
    Listed { listed: all, more }
}

fn obstacle(command: &str, met: &[(&Told, &Roadblock)]) -> Option<Obstacle> {
    let (last, _) = met.last()?;
    let entries: BTreeSet<_> = met.iter().map(|(told, _)| &told.entry.commit).collect();
    let days: BTreeSet<_> = met.iter().map(|(told, _)| told.day).collect();
    let output = met.iter().rev().map(|(_, roadblock)| telling(&roadblock.output)).find(|line| !line.is_empty());
    Some(Obstacle {
        command: cut::one_line(&cut::prose(command, GIST)),
        failures: met.iter().map(|(_, roadblock)| u64::from(roadblock.failures)).sum(),
        entries: entries.len(),
        days: days.len(),
        overcome: met.iter().filter(|(_, roadblock)| roadblock.passed_in_the_end).count().min(entries.len()),
        output: output.unwrap_or_default(),
        of: last.link(),
    })
}

/// The line that says what went wrong, or else the last one.
fn telling(output: &str) -> String {
    let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty() && *line != cut::MARK);
    let says = |line: &&str| {
        let line = line.to_lowercase();
        ["error", "panicked", "failed", "fatal", "cannot", "not found"].iter().any(|word| line.contains(word))
    };
    let line = lines().find(says).or_else(|| lines().next_back()).unwrap_or_default();
    cut::one_line(&cut::prose(line, OUTPUT))
}

/// The requests that tell most: in whole sentences, and with much that came of them; at most one of each entry.
pub(super) fn asked(material: &Material, most: usize) -> Listed<Asked> {
    let mut all = Vec::new();
    let mut met = BTreeSet::new();
    for told in &material.entries {
        let prompts = told.entry.conversation.iter().filter(|one| !one.carried_over).map(|one| &one.prompt);
        let prompts = prompts.filter(|prompt| prompt.speaker == Speaker::Developer);
        let best =
            prompts.filter_map(|prompt| Some((telling_words(&prompt.text)?, prompt))).max_by_key(|(worth, _)| *worth);
        let Some((worth, prompt)) = best.filter(|(_, prompt)| met.insert(prompt.text.as_str())) else { continue };
        let weight = worth * 10 + usize::try_from(told.churn().min(500)).unwrap_or(500);
        all.push((weight, Asked { at: prompt.at, text: gist(&prompt.text), of: told.link() }));
    }
    let listed = spread(material.period, all, most, |(_, one)| &one.of, |(worth, _)| *worth);
    // That there were other requests says nothing: they are in their entries.
    Listed { listed: listed.listed.into_iter().map(|(_, one)| one).collect(), more: 0 }
}

/// How much a request tells; `None` of one that is a word of assent, or mostly pasted.
fn telling_words(text: &str) -> Option<usize> {
    const ENOUGH: usize = 30;
    let words =
        text.split_whitespace().filter(|word| word.chars().all(|c| c.is_alphabetic() || ".,;:!?'\"-()".contains(c)));
    let (number, all) = (words.count(), text.split_whitespace().count());
    let is_prose = number * 10 >= all * 6 && !text.contains("```") && text.lines().count() <= 12;
    (number >= FEW_WORDS && is_prose).then_some(number.min(ENOUGH))
}
