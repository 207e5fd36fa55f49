//! What a model is shown of several entries.
//!
//! In: [`Material`], and how many tokens there are. Out: the page, and what was left out of it.
//! Never here: an entry that is told at length while another has not even its message.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::super::exhibit::{Exhibit, Exhibits, Kind};
use super::super::fence::quoted;
use super::super::{fit, layout};
use super::material::{Material, TOTALS};
use crate::journal::NoteKind;
use crate::llm::tokens::count as tokens;

/// How long, in characters, a text may be; the first of these that lets all in is taken.
const LENGTHS: &[usize] = &[8_000, 3_000, 1_200, 500];

/// The tokens of an entry's heading, and of the end of the page.
const HEADING: u32 = 40;

/// The page within so many tokens, and what was left out of it, a sentence each.
pub(super) fn show(material: &Material, room: u32) -> (String, Vec<String>) {
    let totals = format!("PERIOD, counted by a program\n[{TOTALS}]\n{}\n", quoted(&material.totals.items[0].text));
    let mut left = room.saturating_sub(tokens(&totals) + HEADING);
    let headings = HEADING * u32::try_from(material.sources.len()).unwrap_or(u32::MAX);
    left = left.saturating_sub(headings.min(left / 2));
    let (shown, whole) = choose(material, left);
    let mut page = totals;
    for (at, source) in material.sources.iter().enumerate() {
        let blocks = shown.iter().filter(|(place, ..)| *place == at).map(|(_, _, block)| block.as_str());
        let blocks: String = blocks.collect();
        if !blocks.is_empty() {
            let _ = writeln!(page, "{}{blocks}", heading(source));
        }
    }
    let all: usize = material.sources.iter().map(|source| source.items.len()).sum();
    let mut omissions = Vec::new();
    if material.left_out > 0 {
        omissions.push(format!("{} entries of which less was said are left out", material.left_out));
    }
    if !whole {
        omissions.push("longer texts are shortened".to_owned());
    }
    if shown.len() < all {
        omissions.push(format!("{} of {all} exhibits are left out", all - shown.len()));
    }
    if !omissions.is_empty() {
        let _ = writeln!(page, "NOT SHOWN for want of room: {}.", omissions.join(", "));
    }
    (page, omissions)
}

/// The blocks that fit, by entry and place: all at the greatest length that lets all in, else turn by turn. And whether
/// no text was cut.
fn choose(material: &Material, room: u32) -> (BTreeSet<(usize, usize, String)>, bool) {
    let longest = material.sources.iter().flat_map(|source| &source.items).map(|item| item.text.chars().count()).max();
    let is_whole = |most: usize| longest.is_none_or(|longest| longest <= most);
    for most in LENGTHS {
        let mut spent = 0_u32;
        let mut all = BTreeSet::new();
        let fits = material.sources.iter().enumerate().all(|(at, source)| {
            source.items.iter().enumerate().all(|(place, item)| {
                let block = block(item, *most, source);
                spent = spent.saturating_add(tokens(&block));
                all.insert((at, place, block));
                spent <= room
            })
        });
        if fits {
            return (all, is_whole(*most));
        }
    }
    let most = LENGTHS.last().copied().unwrap_or_default();
    let queues: Vec<Vec<usize>> = material.sources.iter().map(by_rank).collect();
    let (mut shown, mut spent) = (BTreeSet::new(), 0_u32);
    for turn in 0..queues.iter().map(Vec::len).max().unwrap_or(0) {
        for (at, queue) in queues.iter().enumerate() {
            let Some(place) = queue.get(turn) else { continue };
            let block = block(&material.sources[at].items[*place], most, &material.sources[at]);
            let cost = tokens(&block);
            if spent.saturating_add(cost) <= room {
                spent += cost;
                shown.insert((at, *place, block));
            }
        }
    }
    (shown, is_whole(most))
}

/// The places of an entry's exhibits, the most telling first.
fn by_rank(source: &Exhibits) -> Vec<usize> {
    let first = source.items.iter().position(|item| item.kind == Kind::Prompt && !item.earlier);
    let rank = |at: usize| match &source.items[at].kind {
        Kind::Message => 0,
        Kind::Prompt if Some(at) == first => 1,
        Kind::Note(NoteKind::Reflection) => 2,
        Kind::Question { .. } | Kind::Plan { .. } => 3,
        Kind::Command { failures, .. } if *failures > 0 => 4,
        _ if source.items[at].earlier => 9,
        Kind::Prompt => 5,
        Kind::Reply(_) => 6,
        Kind::File(_) | Kind::Diff { .. } => 7,
        Kind::Command { .. } | Kind::Note(NoteKind::Capture) => 8,
    };
    let mut places: Vec<usize> = (0..source.items.len()).collect();
    places.sort_by_key(|at| (rank(*at), *at));
    places
}

/// What the entry is of, in our own words.
fn heading(source: &Exhibits) -> String {
    let facts = &source.facts;
    let files = if facts.files == 1 { "file" } else { "files" };
    format!(
        "ENTRY of {}, commit {}: {} {files} changed, +{} −{}\n",
        facts.at.format("%-d %B %Y, %H:%M"),
        facts.commit.short(),
        facts.files,
        facts.added,
        facts.removed
    )
}

fn block(item: &Exhibit, most: usize, source: &Exhibits) -> String {
    let text = fit::shortened(item, most);
    if let Kind::Command { failures, passed_in_the_end, exit, .. } = &item.kind
        && *failures > 0
    {
        let times = if *failures == 1 { "once".to_owned() } else { format!("{failures} times") };
        let status = exit.map(|exit| format!(", last with exit status {exit}")).unwrap_or_default();
        let end = if *passed_in_the_end { ", passed in the end" } else { ", not seen to pass after that" };
        return format!("[{}] command, failed {times}{status}{end}\n{}", item.id, quoted(&text));
    }
    layout::block(item, &text, &source.facts)
}
