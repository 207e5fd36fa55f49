//! What drafts take from entries: words that were said, what was settled, what failed.
//!
//! In: entries. Out: items, each with its source. Never here: which of them a draft has.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::outline::Item;
use super::subject;
use crate::config::load::REPOSITORY_FILE;
use crate::draft::cut;
use crate::git::CommitId;
use crate::journal::{ChangeGroup, Decision, Entry, Exchange, NoteKind, Quote, Speaker, Standing};

/// How something was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The developer answered a question.
    Answered,
    /// A question was put to the developer and has no answer.
    Unanswered,
    /// The developer approved a plan.
    Approved,
    /// The developer turned a plan down.
    Declined,
    /// A model tells that it was decided and done.
    Done,
    /// A model tells that it was talked about and not done.
    Discussed,
}

/// Something that was settled, or left open.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settled {
    pub(super) how: How,
    /// What; one line.
    pub(super) what: String,
    /// The answer, or why; one line, may be empty.
    pub(super) why: String,
    pub(super) source: CommitId,
}

impl Settled {
    /// As an item of a list.
    pub(super) fn item(&self) -> Item {
        let (lead, text) = match self.how {
            How::Approved => ("Plan approved:".to_owned(), self.what.clone()),
            How::Declined => ("Plan turned down:".to_owned(), self.what.clone()),
            How::Unanswered => (self.what.clone(), "(not answered)".to_owned()),
            How::Answered | How::Done => (self.what.clone(), self.why.clone()),
            How::Discussed => (
                self.what.clone(),
                format!("(talked about, not done){}{}", if self.why.is_empty() { "" } else { " " }, self.why),
            ),
        };
        let prose = matches!(self.how, How::Done | How::Discussed);
        Item::Point { lead, text, sources: vec![self.source.clone()], prose }
    }
}

/// What an entry says was settled, each once.
pub(super) fn settled(entry: &Entry) -> Vec<Settled> {
    let of = |how: How, what: String, why: String| Settled { how, what, why, source: entry.commit.clone() };
    let line = |text: &str, most: usize| cut::one_line(&cut::prose(text, most));
    let told = entry.decisions.iter().map(|decision| match decision {
        Decision::Answered { question, answer } if answer.trim().is_empty() => {
            of(How::Unanswered, line(question, 200), String::new())
        }
        Decision::Answered { question, answer } => of(How::Answered, line(question, 200), line(answer, 240)),
        Decision::Approved { plan } => of(How::Approved, gist(plan, 240), String::new()),
        Decision::Declined { plan } => of(How::Declined, gist(plan, 240), String::new()),
    });
    let prose = entry.narration.iter().flat_map(|prose| &prose.decisions).map(|weighed| {
        let how = if weighed.standing == Standing::Discussed { How::Discussed } else { How::Done };
        of(how, weighed.what.clone(), weighed.why.clone())
    });
    told.chain(prose).collect()
}

/// The first line of a plan that says something, and what follows, on one line.
fn gist(plan: &str, most: usize) -> String {
    let lines: Vec<&str> = plan.lines().map(|line| line.trim().trim_start_matches(['#', '*', '-', ' '])).collect();
    let text = lines.iter().filter(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(" ");
    cut::one_line(&cut::prose(&text, most))
}

/// A command that failed, over several entries.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) command: String,
    pub(super) times: u64,
    /// Whether it has passed since, in its entry or a later one.
    pub(super) passed: bool,
    pub(super) output: String,
    pub(super) sources: Vec<CommitId>,
}

impl Failure {
    /// As an item of a list.
    pub(super) fn item(&self) -> Item {
        let times = times(self.times);
        let end = if self.passed { "passed in the end" } else { "not seen to pass since" };
        let command = code(&cut::one_line(&cut::prose(&self.command, 120)));
        Item::point(format!("{command} failed {times}, {end}"), self.sources.clone())
    }

    /// The end of its last output.
    pub(super) fn output(&self) -> Option<Item> {
        let source = self.sources.last()?.clone();
        let lines: Vec<&str> = self.output.lines().take(6).collect();
        (!self.output.trim().is_empty()).then(|| Item::Output { text: lines.join("\n"), source })
    }
}

/// What failed, what did most often first.
pub(super) fn failures<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Vec<Failure> {
    let mut order: Vec<Failure> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries {
        for roadblock in &entry.roadblocks {
            let at = *places.entry(roadblock.command.clone()).or_insert_with(|| {
                let (command, output) = (roadblock.command.clone(), String::new());
                order.push(Failure { command, times: 0, passed: false, output, sources: vec![] });
                order.len() - 1
            });
            let failure = &mut order[at];
            failure.times += u64::from(roadblock.failures);
            failure.passed = roadblock.passed_in_the_end;
            failure.sources.push(entry.commit.clone());
            if !roadblock.output.trim().is_empty() {
                failure.output.clone_from(&roadblock.output);
            }
        }
        for command in &entry.commands.listed {
            if let Some(at) = places.get(&command.line) {
                order[*at].passed = true;
            }
        }
    }
    order.sort_by_key(|failure| std::cmp::Reverse(failure.times));
    order
}

/// A file over several entries.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Touched<'e> {
    pub(super) path: &'e str,
    pub(super) group: ChangeGroup,
    /// Lines added and removed.
    pub(super) churn: u64,
    pub(super) sources: Vec<CommitId>,
}

/// The files that entries list, that with the most changed lines first.
pub(super) fn touched<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<Touched<'e>> {
    let mut files: BTreeMap<&str, Touched<'_>> = BTreeMap::new();
    for entry in entries {
        // What sets us up is no work of the developer's.
        for file in entry.changes.listed.iter().filter(|file| file.path != REPOSITORY_FILE) {
            let (path, group) = (file.path.as_str(), file.group);
            let one = files.entry(path).or_insert_with(|| Touched { path, group, churn: 0, sources: vec![] });
            let (added, removed) = file.lines.unwrap_or_default();
            one.churn += u64::from(added) + u64::from(removed);
            one.sources.push(entry.commit.clone());
        }
    }
    let mut files: Vec<Touched<'_>> = files.into_values().collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.churn));
    files
}

/// The developer's own words that led to an entry: those of its first prompt that is its own.
pub(super) fn asked(entry: &Entry, most: usize) -> Option<Item> {
    let own = entry.conversation.iter().find(|exchange| !exchange.carried_over);
    let prompt = &own.or_else(|| entry.conversation.first())?.prompt;
    Some(quote(entry, prompt, most))
}

/// Words as a quote of at most so many characters.
pub(super) fn quote(entry: &Entry, quote: &Quote, most: usize) -> Item {
    Item::Quote {
        speaker: quote.speaker,
        at: quote.at,
        words: cut::prose(&quote.text, most),
        source: entry.commit.clone(),
    }
}

/// The developer's own thoughts, word for word.
pub(super) fn reflections(entry: &Entry) -> impl Iterator<Item = Item> + '_ {
    entry.notes.iter().filter(|note| note.kind == NoteKind::Reflection).map(|note| Item::Quote {
        speaker: Speaker::Developer,
        at: note.at,
        words: note.text.clone(),
        source: entry.commit.clone(),
    })
}

/// Where an assistant gave a reason: what it was asked and what it said, of at most so many characters each.
pub(super) fn turns(entry: &Entry, most: usize) -> Vec<[Item; 2]> {
    const REASONS: &[&str] = &[
        "because",
        "root cause",
        "turned out",
        "the reason",
        "instead",
        "the problem",
        "found the",
        "actually",
        "options",
        "two ways",
    ];
    let gives = |reply: &&Quote| {
        let lower = reply.text.to_lowercase();
        REASONS.iter().any(|word| lower.contains(word))
    };
    let turn = |exchange: &Exchange| {
        let reply = exchange.reply.as_ref().filter(gives)?;
        Some([quote(entry, &exchange.prompt, most), quote(entry, reply, most)])
    };
    entry.conversation.iter().filter_map(turn).collect()
}

/// A commit's subject as an item.
pub(super) fn headline(entry: &Entry) -> Item {
    Item::point(subject::headline(&entry.subject), vec![entry.commit.clone()])
}

/// A text as code within a plain text; one that holds a backtick is left as it is.
pub(super) fn code(text: &str) -> String {
    if text.contains('`') { text.to_owned() } else { format!("`{text}`") }
}

/// How often.
pub(super) fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{number} times"),
    }
}

/// `6 January`, or with its year where that is another than `today`'s.
pub(super) fn day(day: NaiveDate, today: NaiveDate) -> String {
    use chrono::Datelike;
    day.format(if day.year() == today.year() { "%-d %B" } else { "%-d %B %Y" }).to_string()
}
