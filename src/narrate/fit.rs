//! Which evidence a model is shown where there is not room for all.
//!
//! In: [`Exhibits`], and how many tokens there are for them. Out: [`Fitted`]: the texts to show, and what was cut, told.
//! Never here: chance, or a text longer than its room. The human's words come first, then the message, files, failures,
//! decisions, replies near the change, changed lines of sources, and last of all the rest.

use std::collections::BTreeMap;

use super::carried::Changed;
use super::exhibit::{Exhibit, Exhibits, Kind};
use crate::draft::cut;
use crate::journal::ChangeGroup;

/// The sorts of exhibit, the most telling first, with the share of the room in hundredths that each is sure of. What one
/// does not need falls to those behind it, and then to all from the first on.
const SORTS: &[(Sort, u32)] = &[
    (Sort::Prompt, 30),
    (Sort::Message, 6),
    (Sort::File, 10),
    (Sort::Failure, 8),
    (Sort::Decision, 10),
    (Sort::Reply, 14),
    (Sort::Source, 18),
    (Sort::Other, 2),
    (Sort::Aside, 2),
];

/// How long, in characters, the texts of one sort may be; the first of these that fits is taken.
const LENGTHS: &[usize] = &[usize::MAX, 8_000, 4_000, 2_000, 1_200, 800, 500, 300, 150];

/// A diff shorter than this says nothing; it is shown whole or left out.
const LEAST_DIFF: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Prompt,
    Message,
    File,
    Failure,
    /// Questions, plans, notes.
    Decision,
    Reply,
    /// Changed lines of sources.
    Source,
    /// Changed lines of other files.
    Other,
    /// Commands that passed, and what was said before what belongs to the commit.
    Aside,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fitted {
    /// The text of each exhibit that is shown, by its place.
    pub shown: BTreeMap<usize, String>,
    /// What was cut or left out, a sentence each.
    pub omissions: Vec<String>,
}

/// Chooses and cuts until all costs together are at most `room`. `cost` is that of an exhibit with a text.
#[must_use]
pub fn fit(exhibits: &Exhibits, changed: &Changed, room: u32, cost: &dyn Fn(&Exhibit, &str) -> u32) -> Fitted {
    let mut sorted: BTreeMap<Sort, Vec<usize>> = BTreeMap::new();
    for (at, item) in exhibits.items.iter().enumerate() {
        sorted.entry(sort(item)).or_default().push(at);
    }
    for (sort, places) in &mut sorted {
        by_weight(*sort, places, exhibits, changed);
    }
    let table = Table { exhibits, cost };
    let mut chosen: BTreeMap<Sort, Fill> = BTreeMap::new();
    let mut left = 0;
    for (sort, share) in SORTS {
        let places = sorted.get(sort).map_or(&[][..], Vec::as_slice);
        let room = left + (u64::from(room) * u64::from(*share) / 100).try_into().unwrap_or(u32::MAX);
        let fill = table.fill(places, room);
        left = room - fill.cost;
        chosen.insert(*sort, fill);
    }
    // What is left over goes to those that had to be cut, from the first on.
    left = room - chosen.values().map(|fill| fill.cost).sum::<u32>();
    for (sort, _) in SORTS {
        let Some(fill) = chosen.get_mut(sort).filter(|fill| !fill.whole) else { continue };
        let places = sorted.get(sort).map_or(&[][..], Vec::as_slice);
        let again = table.fill(places, fill.cost + left);
        left = fill.cost + left - again.cost;
        *fill = again;
    }
    let shown: BTreeMap<usize, String> = chosen.into_values().flat_map(|fill| fill.texts).collect();
    Fitted { omissions: omissions(exhibits, &shown), shown }
}

fn sort(item: &Exhibit) -> Sort {
    match &item.kind {
        Kind::Message => Sort::Message,
        Kind::File(_) => Sort::File,
        Kind::Command { failures, .. } if *failures > 0 => Sort::Failure,
        Kind::Diff { path } if crate::draft::changes::group(path) == ChangeGroup::Source => Sort::Source,
        Kind::Diff { .. } => Sort::Other,
        Kind::Command { .. } => Sort::Aside,
        _ if item.earlier => Sort::Aside,
        Kind::Prompt => Sort::Prompt,
        Kind::Reply(_) => Sort::Reply,
        Kind::Question { .. } | Kind::Plan { .. } | Kind::Note(_) => Sort::Decision,
    }
}

/// Puts those first that are to be kept longest. Files and diffs stand in that order already, and of commands and
/// decisions the first ones say what it was about.
fn by_weight(sort: Sort, places: &mut [usize], exhibits: &Exhibits, changed: &Changed) {
    let Some((first, last)) = places.first().copied().zip(places.last().copied()) else { return };
    let near = |at: usize| {
        let carriers = changed.carriers(&exhibits.items[at].text);
        carriers.iter().map(|carrier| usize::from(carrier.named) * 3 + carrier.words.len()).sum::<usize>().min(20)
    };
    let length = |at: usize| exhibits.items[at].text.chars().count();
    match sort {
        // How it began and how it ended; then what is near the change, then what says more than "go on".
        Sort::Prompt => places.sort_by_cached_key(|at| {
            let place = if *at == first { 40 } else { usize::from(*at == last) * 20 };
            (std::cmp::Reverse(place + near(*at) + (length(*at) / 40).min(9)), *at)
        }),
        Sort::Reply => places.sort_by_cached_key(|at| {
            let place = if *at == last { 2 } else { 0 };
            (std::cmp::Reverse(near(*at) * 3 + place + reasons(&exhibits.items[*at].text)), *at)
        }),
        _ => {}
    }
}

/// How much a reply gives reasons.
fn reasons(text: &str) -> usize {
    const WORDS: &[&str] = &[
        "because",
        "instead",
        "so that",
        "root cause",
        "the reason",
        "rather than",
        "turned out",
        "otherwise",
        "trade-off",
        "recommend",
        "decided",
        "chose",
    ];
    let text = text.to_lowercase();
    WORDS.iter().filter(|word| text.contains(**word)).count() * 2
}

struct Table<'a> {
    exhibits: &'a Exhibits,
    cost: &'a dyn Fn(&Exhibit, &str) -> u32,
}

/// What fits of one sort.
#[derive(Default)]
struct Fill {
    texts: Vec<(usize, String)>,
    cost: u32,
    /// Whether nothing was cut.
    whole: bool,
}

impl Table<'_> {
    /// As much as fits: all at the greatest length that lets all in, else as many of the first as fit at the least.
    fn fill(&self, places: &[usize], room: u32) -> Fill {
        for most in LENGTHS {
            let fill = self.at_length(places, *most, room);
            if fill.whole {
                return Fill { whole: *most == usize::MAX, ..fill };
            }
        }
        self.at_length(places, LENGTHS[LENGTHS.len() - 1], room)
    }

    /// Those that fit when each is of at most `most` characters; whole if that is all of them.
    fn at_length(&self, places: &[usize], most: usize, room: u32) -> Fill {
        let mut fill = Fill { whole: true, ..Fill::default() };
        for at in places {
            let item = &self.exhibits.items[*at];
            let Some(text) = shortened(item, most) else { continue };
            let cost = (self.cost)(item, &text);
            if fill.cost.saturating_add(cost) > room {
                fill.whole = false;
                continue;
            }
            fill.cost += cost;
            fill.texts.push((*at, text));
        }
        fill
    }
}

/// A text of about `most` characters at most, cut where its kind bears it; `None` where nothing telling is left.
fn shortened(item: &Exhibit, most: usize) -> Option<String> {
    let text = item.text.trim_end();
    if matches!(item.kind, Kind::File(_)) || text.chars().nth(most.min(text.len())).is_none() {
        return Some(text.to_owned());
    }
    let cut = match item.kind {
        Kind::Diff { .. } => return (most >= LEAST_DIFF).then(|| first_lines(text, most)),
        Kind::Prompt => cut::middle(&cut::prompt(text, usize::MAX), most),
        Kind::Reply(_) => cut::reply(text, most),
        _ => cut::middle(text, most),
    };
    (!cut.is_empty()).then_some(cut)
}

/// Whole lines of at most `most` characters all told, and the mark.
fn first_lines(text: &str, most: usize) -> String {
    let mut left = most;
    let mut kept = String::new();
    for line in text.lines() {
        let length = line.chars().count() + 1;
        if length > left {
            break;
        }
        left -= length;
        kept.push_str(line);
        kept.push('\n');
    }
    kept.push_str(cut::MARK);
    kept
}

/// What is missing, by kind.
fn omissions(exhibits: &Exhibits, shown: &BTreeMap<usize, String>) -> Vec<String> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (at, item) in exhibits.items.iter().enumerate() {
        let (out, short) = counts.entry(name(&item.kind)).or_default();
        match shown.get(&at) {
            None => *out += 1,
            Some(text) if text.len() < item.text.trim_end().len() => *short += 1,
            Some(_) => {}
        }
    }
    let sentence = |number: usize, what: &str, how: &str| {
        let (ending, is) = if number == 1 { ("", "is") } else { ("s", "are") };
        let what = match what.strip_suffix('y').filter(|_| number != 1) {
            Some(stem) => format!("{stem}ie"),
            None => what.to_owned(),
        };
        format!("{number} {what}{ending} {is} {how}")
    };
    let mut sentences = Vec::new();
    for (what, (out, short)) in counts {
        sentences.extend((out > 0).then(|| sentence(out, what, "left out")));
        sentences.extend((short > 0).then(|| sentence(short, what, "shortened")));
    }
    sentences
}

fn name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Message => "message",
        Kind::Prompt => "prompt",
        Kind::Reply(_) => "reply",
        Kind::Question { .. } => "question",
        Kind::Plan { .. } => "plan",
        Kind::Command { .. } => "command",
        Kind::File(_) => "file",
        Kind::Diff { .. } => "diff",
        Kind::Note(_) => "note",
    }
}
