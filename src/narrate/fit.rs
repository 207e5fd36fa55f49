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

/// How long, in characters, the texts of one sort may be; the first of these that lets all in is taken.
const LENGTHS: &[usize] = &[usize::MAX, 8_000, 4_000, 2_000, 1_200, 800, 400, 200];

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

impl Sort {
    /// What is cut shorter than this says nothing any more: some are left out instead.
    fn least(self) -> usize {
        match self {
            Self::Source | Self::Other => 1_200,
            Self::Reply => 400,
            _ => 200,
        }
    }
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
        let fill = table.fill(*sort, places, room);
        left = room - fill.cost;
        chosen.insert(*sort, fill);
    }
    // What is left over goes to those that had to be cut, from the first on.
    left = room - chosen.values().map(|fill| fill.cost).sum::<u32>();
    for (sort, _) in SORTS {
        let Some(fill) = chosen.get_mut(sort).filter(|fill| !fill.whole) else { continue };
        let places = sorted.get(sort).map_or(&[][..], Vec::as_slice);
        let again = table.fill(*sort, places, fill.cost + left);
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
    fn fill(&self, sort: Sort, places: &[usize], room: u32) -> Fill {
        let lengths = LENGTHS.iter().copied().filter(|most| *most >= sort.least());
        let mut all = lengths.filter_map(|most| Some((most, self.all(places, most, room)?)));
        let (most, fill) = all.next().unwrap_or_else(|| (0, self.some(places, sort.least(), room)));
        Fill { whole: most == usize::MAX, ..fill }
    }

    /// All of them, each of at most `most` characters; `None` where they do not fit.
    fn all(&self, places: &[usize], most: usize, room: u32) -> Option<Fill> {
        let mut fill = Fill::default();
        places.iter().all(|at| fill.take(*at, self.shortened(*at, most), room)).then_some(fill)
    }

    /// Those that fit, each of at most `most` characters.
    fn some(&self, places: &[usize], most: usize, room: u32) -> Fill {
        let mut fill = Fill::default();
        for at in places {
            fill.take(*at, self.shortened(*at, most), room);
        }
        fill
    }

    /// A text cut to about `most` characters, with its cost.
    fn shortened(&self, at: usize, most: usize) -> (String, u32) {
        let item = &self.exhibits.items[at];
        let text = shortened(item, most);
        let cost = (self.cost)(item, &text);
        (text, cost)
    }
}

impl Fill {
    /// Takes a text if there is room for it, and says whether there was. An empty one needs none, and is not shown.
    fn take(&mut self, at: usize, (text, cost): (String, u32), room: u32) -> bool {
        if text.is_empty() {
            return true;
        }
        let fits = self.cost.saturating_add(cost) <= room;
        if fits {
            self.cost += cost;
            self.texts.push((at, text));
        }
        fits
    }
}

/// A text of about `most` characters at most, cut where its kind bears it; empty where nothing telling is left.
pub(super) fn shortened(item: &Exhibit, most: usize) -> String {
    let text = item.text.trim_end();
    if matches!(item.kind, Kind::File(_)) || text.len() <= most || text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    match item.kind {
        Kind::Diff { .. } => first_lines(text, most),
        Kind::Prompt => cut::middle(&cut::prompt(text, usize::MAX), most),
        Kind::Reply(_) => cut::reply(text, most),
        _ => cut::middle(text, most),
    }
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
    for (at, item) in exhibits.items.iter().enumerate().filter(|(_, item)| !item.text.trim().is_empty()) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrate::any::{Story, prompt, reply};

    /// The ids that are shown in so much room, a token for each character.
    fn shown(story: &Story, room: u32) -> Vec<String> {
        let exhibits = story.exhibits();
        let cost = |_: &Exhibit, text: &str| u32::try_from(text.chars().count()).unwrap();
        let fitted = fit(&exhibits, &Changed::of(&exhibits), room, &cost);
        assert!(fitted.shown.values().map(|text| text.chars().count()).sum::<usize>() <= room as usize);
        fitted.shown.keys().map(|at| exhibits.items[*at].id.clone()).collect()
    }

    #[test]
    fn what_there_is_room_for_is_shown_and_the_most_telling_first() {
        let story = Story::new("the message")
            .session(vec![
                (1, prompt("why does it fail?")),
                (2, reply(&"Let me look at it. ".repeat(30))),
                (3, reply("Because `retry_limit` is 0 in src/a.rs.")),
            ])
            .diff("docs/a.md", "", &"words of a document\n".repeat(100))
            .diff("src/a.rs", "", "let retry_limit = 3;\n");
        assert_eq!(shown(&story, 100_000), ["M1", "P1", "A1", "A2", "F1", "F2", "D1", "D2"]);
        assert_eq!(shown(&story, 1_000), ["M1", "P1", "A1", "A2", "F1", "F2", "D2"], "sources before documents");
        assert_eq!(shown(&story, 400), ["M1", "P1", "A2", "F1", "F2", "D2"], "the reply that is near the change");
        assert_eq!(shown(&story, 40), ["M1", "P1"]);
        assert_eq!(shown(&story, 0), Vec::<String>::new());
    }

    #[test]
    fn what_is_missing_is_counted_by_kind() {
        let reply = |minute| (minute, reply(&"Words that go on and on. ".repeat(100)));
        let story = Story::new("m").session(vec![(0, prompt("go")), reply(1), reply(2), reply(3)]);
        let exhibits = story.exhibits();
        let cost = |_: &Exhibit, text: &str| u32::try_from(text.chars().count()).unwrap();
        let told = |room| fit(&exhibits, &Changed::of(&exhibits), room, &cost).omissions;
        assert_eq!(told(10_000), Vec::<String>::new());
        assert_eq!(told(4_000), ["3 replies are shortened"]);
        assert_eq!(told(600), ["2 replies are left out", "1 reply is shortened"]);
    }
}
