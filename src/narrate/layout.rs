//! How evidence looks in a prompt.
//!
//! In: exhibits with the texts to show. Out: blocks: a heading of our own words, and below it the text as data.
//! Never here: a foreign character in a heading.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::carried::{Carrier, Changed};
use super::exhibit::{Exhibit, Exhibits, Facts, Kind};
use super::fence::{BAR, quoted, visible};
use crate::draft::cut;
use crate::journal::NoteKind;

/// Headings between the exhibits; no line of data begins like them.
const FACTS: &str = "FACTS, counted by a program";
const CARRIED: &str = "WHAT OF THE TALK STANDS IN THE COMMIT, looked up by a program";
const ONE: &str = "PART ONE: git, the commands, the developer";
const TWO: &str = "PART TWO: the assistant";

/// The most exhibits of which is told what stands in the commit.
const LOOKED_UP: usize = 24;

/// What is shown, in the order: facts, what of the talk stands in the commit, part one, part two.
#[must_use]
pub fn evidence(
    exhibits: &Exhibits,
    facts: &[String],
    carried: &[(usize, String)],
    shown: &BTreeMap<usize, String>,
) -> String {
    let mut page = format!("{}\n", self::facts(facts));
    let carried: Vec<&str> =
        carried.iter().filter(|(at, _)| shown.contains_key(at)).map(|(_, line)| line.as_str()).collect();
    if !carried.is_empty() {
        let _ = writeln!(page, "{CARRIED}\n{}", carried.concat());
    }
    for (heading, second) in [(ONE, false), (TWO, true)] {
        let of = |at: usize| &exhibits.items[at];
        let blocks = shown.iter().filter(|(at, _)| is_second(of(**at)) == second);
        let blocks: Vec<String> = blocks.map(|(at, text)| block(of(*at), text, &exhibits.facts)).collect();
        if !blocks.is_empty() {
            let _ = writeln!(page, "{heading}\n{}", blocks.concat());
        }
    }
    page
}

/// The facts as data.
#[must_use]
pub fn facts(facts: &[String]) -> String {
    format!("{FACTS}\n{}", facts.iter().map(|fact| quoted(fact)).collect::<String>())
}

/// One exhibit.
#[must_use]
pub fn block(item: &Exhibit, text: &str, facts: &Facts) -> String {
    let head = head(item, facts);
    match &item.kind {
        Kind::File(_) => format!("[{}] {BAR}{}\n", item.id, visible(&cut::one_line(text))),
        Kind::Diff { path } => {
            let file = facts.changes.iter().position(|file| file.path == *path);
            let of = file.map_or_else(String::new, |at| format!(" of F{}", at + 1));
            format!("[{}] {head}{of} {BAR}{}\n{}", item.id, visible(&cut::one_line(path)), quoted(text))
        }
        _ => format!("[{}] {head}\n{}", item.id, quoted(text)),
    }
}

/// Whether it is the assistant's word, which a summary is not to rest on.
fn is_second(item: &Exhibit) -> bool {
    matches!(item.kind, Kind::Reply(_) | Kind::Plan { .. } | Kind::Note(NoteKind::Capture))
}

/// What an exhibit is, in our own words.
fn head(item: &Exhibit, facts: &Facts) -> String {
    let mut head = item.at.map(|at| {
        let same = at.date_naive() == facts.at.date_naive();
        at.format(if same { "%H:%M " } else { "%-d %B %H:%M " }).to_string()
    });
    let head = head.get_or_insert_default();
    let session = item.session.and_then(|nth| facts.sessions.get(nth));
    let assistant = session.map_or("the assistant", |session| session.assistant.name());
    let _ = match &item.kind {
        Kind::Message => write!(head, "the commit's message"),
        Kind::Prompt => write!(head, "the developer to {assistant}"),
        Kind::Reply(assistant) => write!(head, "{}", assistant.name()),
        Kind::Question { answer: Some(_) } => {
            write!(head, "{assistant} asks (first line), the developer answers (below)")
        }
        Kind::Question { answer: None } => write!(head, "{assistant} asks, unanswered"),
        Kind::Plan { approved: Some(true) } => write!(head, "plan by {assistant}, approved by the developer"),
        Kind::Plan { approved: Some(false) } => write!(head, "plan by {assistant}, turned down by the developer"),
        Kind::Plan { approved: None } => write!(head, "plan by {assistant}, left open"),
        Kind::Command { runs, failures, passed_in_the_end, exit } => {
            let status = exit.map(|exit| format!(", last with exit status {exit}")).unwrap_or_default();
            let end = if *passed_in_the_end { ", passed in the end" } else { ", not seen to pass after that" };
            match failures {
                0 => write!(head, "command, run {}, never failed", times(*runs)),
                _ => write!(head, "command, run {}, failed {}{status}{end}", times(*runs), times(*failures)),
            }
        }
        Kind::File(_) => Ok(()),
        Kind::Diff { .. } => write!(head, "changed lines"),
        Kind::Note(NoteKind::Reflection) => write!(head, "note of the developer"),
        Kind::Note(NoteKind::Capture) => write!(head, "working note of an assistant"),
    };
    if facts.sessions.len() > 1
        && let Some(nth) = item.session
    {
        let _ = write!(head, ", session {}", nth + 1);
    }
    if item.earlier {
        head.push_str(", before the work on this commit");
    }
    std::mem::take(head)
}

fn times(number: u32) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

/// For what was said, by its place: which changed files carry words of it, as a line of data. That nothing carries it is
/// told where something may have been decided.
#[must_use]
pub fn carried(exhibits: &Exhibits, changed: &Changed) -> Vec<(usize, String)> {
    let said = exhibits.items.iter().enumerate().filter(|(_, item)| item.session.is_some() && !item.earlier);
    let line = |(at, item): (usize, &Exhibit)| {
        let carriers = changed.carriers(&item.text);
        let tells = !carriers.is_empty() || may_decide(item);
        tells.then(|| (at, quoted(&format!("{}: {}", item.id, told(&carriers, changed.has_lines())))))
    };
    said.filter_map(line).take(LOOKED_UP).collect()
}

fn told(carriers: &[Carrier], has_lines: bool) -> String {
    if carriers.is_empty() {
        let without = if has_lines { "" } else { " (the changed lines are not known)" };
        return format!("names no changed file, and no name or value of it stands in changed lines{without}");
    }
    let one = |carrier: &Carrier| {
        let words: Vec<String> = carrier.words.iter().map(|word| cut::prose(word, 40)).collect();
        let (path, words) = (cut::prose(&carrier.path, 120), words.join(", "));
        match (carrier.named, words.is_empty()) {
            (_, true) => format!("names {path}"),
            (true, false) => format!("names {path}, in whose changed lines stands {words}"),
            (false, false) => format!("in changed lines of {path} stands {words}"),
        }
    };
    let mut parts: Vec<String> = carriers.iter().take(4).map(one).collect();
    parts.extend((carriers.len() > 4).then(|| format!("and {} more", carriers.len() - 4)));
    parts.join("; ")
}

/// Whether something may have been decided there.
fn may_decide(item: &Exhibit) -> bool {
    const WORDS: &[&str] = &[
        "instead",
        "rather than",
        "option",
        "alternative",
        "decide",
        "chose",
        "recommend",
        "let's",
        "should we",
        "better to",
        "trade-off",
        "or we could",
        "prefer",
        "keep ",
        "go with",
        "don't ",
    ];
    match &item.kind {
        Kind::Question { .. } | Kind::Plan { .. } => true,
        // A request is carried out in other words than its own: that these are missing would say nothing.
        Kind::Reply(_) => {
            let text = item.text.to_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        }
        _ => false,
    }
}
