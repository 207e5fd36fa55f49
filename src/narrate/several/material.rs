//! Entries as numbered exhibits, each entry's for itself.
//!
//! In: entries of the journal. Out: [`Material`]. Never here: a text that has not passed the redactor once more (pages can
//! be edited by hand), or the prose of a model: what one has written proves nothing to another.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::super::check::Vocabulary;
use super::super::exhibit::{Exhibit, Exhibits, Facts, Kind, Session};
use super::super::marshal;
use crate::evidence::redact::Redactor;
use crate::git::CommitId;
use crate::journal::{
    ChangeGroup, ChangedFile, Decision, Entry, Mark, NoteKind, Quote, Relation, Roadblock, SessionLine, Speaker,
};
use crate::markdown::parts::counted;

/// The most entries that are told of; of more, those of which most was said and done.
const MOST: usize = 300;

/// The most commands of which is told how often they failed.
const FAILED: usize = 5;

/// The id of what was counted over all entries.
pub(super) const TOTALS: &str = "T1";

/// What is known of several entries.
#[derive(Debug)]
pub(super) struct Material {
    /// Each entry's evidence, oldest first; no id stands twice.
    pub(super) sources: Vec<Exhibits>,
    /// The words of each.
    pub(super) words: Vec<Vocabulary>,
    /// The words of all.
    pub(super) all: Vocabulary,
    /// What was counted over all entries, those too that are left out.
    pub(super) totals: Exhibits,
    /// How many entries are left out.
    pub(super) left_out: usize,
}

impl Material {
    /// The exhibits of entries, oldest first; `None` of none.
    pub(super) fn of(entries: &[Entry], redactor: &Redactor) -> Option<Self> {
        let last = entries.last()?;
        let mut chosen: Vec<&Entry> = entries.iter().collect();
        chosen.sort_by_key(|entry| std::cmp::Reverse(weight(entry)));
        chosen.truncate(MOST);
        chosen.sort_by_key(|entry| entry.at);
        let mut numbers = BTreeMap::new();
        let sources: Vec<Exhibits> = chosen.iter().map(|entry| exhibits(entry, redactor, &mut numbers)).collect();
        let words = sources.iter().map(|source| Vocabulary::of([source])).collect();
        let all = Vocabulary::of(&sources);
        let text = totals(entries).join("\n");
        let item = Exhibit {
            id: TOTALS.to_owned(),
            kind: Kind::Message,
            at: None,
            session: None,
            earlier: false,
            text: redactor.redact(&text).into_owned(),
        };
        let bare = |entry: &Entry| Exhibits { facts: facts(entry, redactor), items: vec![] };
        let facts: Vec<Exhibits> = entries.iter().map(bare).collect();
        let facts = joined(facts.first()?, facts.iter().skip(1)).facts;
        // Files by name and failures by their output are for who names an entry.
        let facts = Facts { changes: vec![], failures: vec![], commits: vec![], commit: last.commit.clone(), ..facts };
        let failed = failures(entries).into_iter().map(|failed| failed.exhibit(redactor));
        let items = std::iter::once(item).chain(failed).collect();
        Some(Self { sources, words, all, totals: Exhibits { facts, items }, left_out: entries.len() - chosen.len() })
    }

    /// The place of the entry that an id belongs to.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.sources.iter().position(|source| source.items.iter().any(|item| item.id.eq_ignore_ascii_case(id)))
    }
}

/// How much there is to tell of an entry.
#[must_use]
pub fn weight(entry: &Entry) -> u64 {
    let said = entry.conversation.len() * 4 + entry.decisions.len() * 6 + entry.notes.len() * 8;
    let failed: u32 = entry.roadblocks.iter().map(|roadblock| roadblock.failures.min(10)).sum();
    let of = |file: &ChangedFile| file.lines.map_or(0, |(added, removed)| u64::from(added) + u64::from(removed));
    let generated = entry.changes.listed.iter().filter(|file| file.group == ChangeGroup::Generated).map(of);
    let changed = entry.changes.added.saturating_add(entry.changes.removed);
    let churn = changed.saturating_sub(generated.sum()).min(2_000) / 50;
    said as u64 + u64::from(failed) * 2 + churn
}

/// The evidence of one entry, by ids that go on from those before it.
fn exhibits(entry: &Entry, redactor: &Redactor, numbers: &mut BTreeMap<char, usize>) -> Exhibits {
    let facts = facts(entry, redactor);
    let mut items = Vec::new();
    let mut push =
        |kind: Kind, at: Option<DateTime<FixedOffset>>, session: Option<usize>, earlier: bool, text: &str| {
            let text = redactor.redact(text.trim()).into_owned();
            if text.is_empty() {
                return;
            }
            let letter = kind.letter();
            let number = numbers.entry(letter).or_default();
            *number += 1;
            items.push(Exhibit { id: format!("{letter}{number}"), kind, at, session, earlier, text });
        };
    let message = [entry.subject.as_str(), &entry.body].into_iter().filter(|part| !part.is_empty());
    push(Kind::Message, Some(entry.at), None, false, &message.collect::<Vec<_>>().join("\n\n"));
    for exchange in &entry.conversation {
        let quotes = std::iter::once(&exchange.prompt).chain(&exchange.reply);
        for quote in quotes {
            let kind = match quote.speaker {
                Speaker::Developer => Kind::Prompt,
                Speaker::Assistant(assistant) => Kind::Reply(assistant),
            };
            let session = session_of(entry, quote);
            push(kind, Some(quote.at), session, exchange.carried_over, &quote.text);
        }
    }
    for decision in &entry.decisions {
        match decision {
            Decision::Answered { question, answer } => {
                let answer = redactor.redact(answer).into_owned();
                let text = format!("{question}\n{answer}");
                push(
                    Kind::Question { answer: Some(answer).filter(|answer| !answer.is_empty()) },
                    None,
                    None,
                    false,
                    &text,
                );
            }
            Decision::Approved { plan } => push(Kind::Plan { approved: Some(true) }, None, None, false, plan),
            Decision::Declined { plan } => push(Kind::Plan { approved: Some(false) }, None, None, false, plan),
        }
    }
    for Roadblock { command, failures, passed_in_the_end, exit, output } in &entry.roadblocks {
        // How often it was run besides, the journal does not say.
        let (failures, passed_in_the_end, exit) = (*failures, *passed_in_the_end, *exit);
        let kind = Kind::Command { runs: failures, failures, passed_in_the_end, exit };
        push(kind, None, None, false, &format!("{command}\n{output}"));
    }
    for command in &entry.commands.listed {
        let kind = Kind::Command { runs: command.times, failures: 0, passed_in_the_end: true, exit: None };
        push(kind, None, None, false, &command.line);
    }
    for note in &entry.notes {
        push(Kind::Note(note.kind), Some(note.at), None, false, &note.text);
    }
    for file in &facts.changes {
        push(Kind::File(file.clone()), None, None, false, &marshal::line(file));
    }
    Exhibits { facts, items }
}

/// The session that something was said in, where the page leaves no doubt.
fn session_of(entry: &Entry, quote: &Quote) -> Option<usize> {
    let is_of = |session: &SessionLine| match quote.speaker {
        Speaker::Developer => true,
        Speaker::Assistant(assistant) => session.assistant == assistant,
    };
    let of: Vec<usize> = (0..entry.details.sessions.len()).filter(|at| is_of(&entry.details.sessions[*at])).collect();
    let within = |at: &&usize| {
        let (first, last) = entry.details.sessions[**at].span;
        (first..=last).contains(&quote.at)
    };
    match of.as_slice() {
        [only] => Some(*only),
        several => {
            let mut found = several.iter().filter(within);
            found.next().copied().filter(|_| found.next().is_none())
        }
    }
}

fn facts(entry: &Entry, redactor: &Redactor) -> Facts {
    let clean = |text: &str| redactor.redact(text).into_owned();
    let details = &entry.details;
    let file = |file: &ChangedFile| {
        let mark = match &file.mark {
            Mark::RenamedFrom(from) => Mark::RenamedFrom(clean(from)),
            Mark::CopiedFrom(from) => Mark::CopiedFrom(clean(from)),
            mark => mark.clone(),
        };
        ChangedFile { path: clean(&file.path), mark, ..file.clone() }
    };
    let mut commits = details.merged.clone();
    for relation in &details.relations {
        match relation {
            Relation::PickedFrom(id) | Relation::Reverts(id) => commits.push(id.clone()),
            Relation::Squashes(ids) => commits.extend(ids.iter().cloned()),
        }
    }
    let session = |line: &SessionLine| Session {
        assistant: line.assistant,
        id: clean(&line.session),
        model: line.model.as_deref().map(clean),
        prompts: line.prompts,
        span: line.span,
    };
    let failure =
        |one: &Roadblock| Roadblock { command: clean(&one.command), output: clean(&one.output), ..one.clone() };
    Facts {
        commit: entry.commit.clone(),
        at: entry.at,
        author: clean(&details.author),
        branch: details.branch.as_deref().map(clean),
        files: entry.changes.files,
        added: entry.changes.added,
        removed: entry.changes.removed,
        changes: entry.changes.listed.iter().map(file).collect(),
        commits,
        prompts: details.sessions.iter().map(|line| line.prompts).fold(0, u32::saturating_add),
        sessions: details.sessions.iter().map(session).collect(),
        failures: entry.roadblocks.iter().map(failure).collect(),
        remarks: Vec::new(),
    }
}

/// The evidence of several entries in one.
pub(super) fn joined<'e>(first: &Exhibits, rest: impl Iterator<Item = &'e Exhibits>) -> Exhibits {
    let mut all = first.clone();
    let mut commits: BTreeSet<CommitId> = all.facts.commits.iter().cloned().collect();
    commits.insert(all.facts.commit.clone());
    let (mut whole, mut several) = (is_whole(&all.facts), false);
    for part in rest {
        several = true;
        whole &= is_whole(&part.facts);
        let places: Vec<usize> =
            part.facts.sessions.iter().map(|session| merged(&mut all.facts.sessions, session)).collect();
        let moved =
            |item: &Exhibit| Exhibit { session: item.session.and_then(|at| places.get(at).copied()), ..item.clone() };
        all.items.extend(part.items.iter().map(moved));
        commits.extend(part.facts.commits.iter().chain([&part.facts.commit]).cloned());
        let Facts { added, removed, prompts, changes, failures, author, .. } = &part.facts;
        all.facts.added = all.facts.added.saturating_add(*added);
        all.facts.removed = all.facts.removed.saturating_add(*removed);
        all.facts.prompts = all.facts.prompts.saturating_add(*prompts);
        all.facts.changes.extend(changes.iter().cloned());
        all.facts.failures.extend(failures.iter().cloned());
        if !all.facts.author.contains(author.as_str()) {
            all.facts.author = format!("{} {author}", all.facts.author);
        }
        all.facts.at = part.facts.at;
    }
    if several {
        let paths: BTreeSet<&str> = all.facts.changes.iter().map(|file| file.path.as_str()).collect();
        // Where an entry does not list all of its files, nobody knows how many different ones there are.
        all.facts.files = if whole { u32::try_from(paths.len()).unwrap_or(u32::MAX) } else { u32::MAX };
    }
    all.facts.commits = commits.into_iter().collect();
    all
}

fn is_whole(facts: &Facts) -> bool {
    usize::try_from(facts.files).is_ok_and(|files| files == facts.changes.len())
}

/// Puts a session among others, or into the one that it is; its place.
fn merged(sessions: &mut Vec<Session>, session: &Session) -> usize {
    let known = sessions.iter().position(|one| one.assistant == session.assistant && one.id == session.id);
    let Some(at) = known else {
        sessions.push(session.clone());
        return sessions.len() - 1;
    };
    let one = &mut sessions[at];
    one.prompts = one.prompts.saturating_add(session.prompts);
    one.span = (one.span.0.min(session.span.0), one.span.1.max(session.span.1));
    at
}

/// What was counted over all entries, a sentence each.
fn totals(entries: &[Entry]) -> Vec<String> {
    let mut days: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for entry in entries {
        *days.entry(entry.at.date_naive()).or_default() += 1;
    }
    let day = |day: &NaiveDate| day.format("%-d %B %Y").to_string();
    let span = match (days.keys().next(), days.keys().next_back()) {
        (Some(first), Some(last)) if first != last => format!(", from {} to {}", day(first), day(last)),
        (Some(first), _) => format!(": {}", day(first)),
        _ => String::new(),
    };
    let sum = |of: &dyn Fn(&Entry) -> u64| entries.iter().map(of).fold(0, u64::saturating_add);
    let mut said = vec![
        format!("{}.", counted(entries.len(), "commit")),
        format!("Made on {}{span}.", counted(days.len(), "day")),
        format!("{} added.", counted(sum(&|entry| entry.changes.added), "line")),
        format!("{} removed.", counted(sum(&|entry| entry.changes.removed), "line")),
    ];
    let prompts = sum(&|entry| entry.details.sessions.iter().map(|line| u64::from(line.prompts)).sum());
    let sessions: BTreeSet<_> = entries
        .iter()
        .flat_map(|entry| &entry.details.sessions)
        .map(|line| (line.assistant.slug(), &line.session))
        .collect();
    if prompts > 0 {
        said.push(format!("{} in {}.", counted(prompts, "prompt"), counted(sessions.len(), "session")));
    }
    let reflections = sum(&|entry| entry.notes.iter().filter(|note| note.kind == NoteKind::Reflection).count() as u64);
    if reflections > 0 {
        said.push(format!("{} of the developer.", counted(reflections, "reflection")));
    }
    let busiest = days.iter().max_by_key(|(day, commits)| (**commits, std::cmp::Reverse(**day)));
    if let Some((busiest, commits)) = busiest.filter(|(_, commits)| days.len() > 1 && **commits > 1) {
        said.push(format!("Most commits, {commits}, were made on {}.", day(busiest)));
    }
    said.extend(failures(entries).iter().map(|failed| {
        let end = if failed.passed { "passed in the end" } else { "was not seen to pass after that" };
        format!("`{}` failed {} and {end}.", failed.command, counted(failed.times, "time"))
    }));
    said
}

/// A command that failed, over all entries.
struct Failed<'e> {
    command: &'e str,
    times: u32,
    passed: bool,
}

impl Failed<'_> {
    /// By what a count of its failures is checked.
    fn exhibit(&self, redactor: &Redactor) -> Exhibit {
        let kind = Kind::Command { runs: self.times, failures: self.times, passed_in_the_end: self.passed, exit: None };
        let text = redactor.redact(self.command).into_owned();
        Exhibit { id: String::new(), kind, at: None, session: None, earlier: false, text }
    }
}

/// The commands that failed most often.
fn failures(entries: &[Entry]) -> Vec<Failed<'_>> {
    let mut failed: BTreeMap<&str, Failed<'_>> = BTreeMap::new();
    for entry in entries {
        for roadblock in &entry.roadblocks {
            let command = roadblock.command.as_str();
            let one = failed.entry(command).or_insert(Failed { command, times: 0, passed: false });
            one.times = one.times.saturating_add(roadblock.failures);
            one.passed = roadblock.passed_in_the_end;
        }
        for command in &entry.commands.listed {
            if let Some(one) = failed.get_mut(command.line.as_str()) {
                one.passed = true;
            }
        }
    }
    let mut failed: Vec<Failed<'_>> = failed.into_values().collect();
    failed.sort_by_key(|failed| (std::cmp::Reverse(failed.times), failed.command));
    failed.truncate(FAILED);
    failed
}
