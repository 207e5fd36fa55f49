//! Several entries become one: the commit that has taken the place of others tells what they told.
//!
//! In: the entries of the commits that were, oldest first, and that of the commit that is. Out: one entry.
//! Never here: a word that none of them has, or the same words twice.

use super::entry::{Command, Commands, Entry, Exchange, Roadblock, SessionLine};
use super::narration::Narration;

/// What a command or a session was counted for.
#[derive(Clone, Copy)]
enum Counts {
    /// Different stretches of time: counts are added.
    Apart,
    /// The same stretch, told twice: the greater count holds.
    Twice,
}

/// The entry with what the earlier ones told besides.
///
/// The earlier ones tell of different stretches of time, as each turn of a conversation is told by one commit. The entry
/// itself, where it tells anything, tells of all of them again.
#[must_use]
pub fn unite(entry: Entry, earlier: &[Entry]) -> Entry {
    let Some((first, others)) = earlier.split_first() else { return entry };
    let before = others.iter().fold(first.clone(), |all, next| joined(all, next, Counts::Apart));
    let told = joined(before, &entry, Counts::Twice);
    let narration = narration(&entry, earlier);
    let mut details = entry.details;
    details.branch = details.branch.or(told.details.branch);
    details.sessions = told.details.sessions;
    append(&mut details.conflicts, &told.details.conflicts);
    append(&mut details.relations, &told.details.relations);
    append(&mut details.omissions, &told.details.omissions);
    Entry {
        narration,
        imported: told.imported,
        conversation: told.conversation,
        decisions: told.decisions,
        roadblocks: told.roadblocks,
        commands: told.commands,
        notes: told.notes,
        details,
        ..entry
    }
}

/// The prose of the commit itself, else the newest there is. Prose that was written of a commit that says or changes
/// something else names it.
fn narration(entry: &Entry, earlier: &[Entry]) -> Option<Narration> {
    let own = entry.narration.clone();
    if own.as_ref().is_some_and(|own| own.of.is_none()) {
        return own;
    }
    let same = |one: &Entry| one.changes == entry.changes && one.subject == entry.subject && one.body == entry.body;
    let carried = earlier.iter().filter_map(|one| {
        let mut narration = one.narration.clone()?;
        if earlier.len() > 1 || !same(one) {
            narration.of.get_or_insert_with(|| one.commit.clone());
        }
        Some(narration)
    });
    carried.chain(own).max_by_key(|narration| narration.at)
}

fn joined(mut all: Entry, next: &Entry, counts: Counts) -> Entry {
    all.conversation = conversation(all.conversation, &next.conversation);
    append(&mut all.decisions, &next.decisions);
    append(&mut all.notes, &next.notes);
    append(&mut all.imported, &next.imported);
    (all.roadblocks, all.commands) = commands(all.roadblocks, all.commands, (&next.roadblocks, &next.commands), counts);
    all.details.branch = next.details.branch.clone().or(all.details.branch);
    for session in &next.details.sessions {
        let is_it = |known: &&mut SessionLine| known.assistant == session.assistant && known.session == session.session;
        match all.details.sessions.iter_mut().find(is_it) {
            Some(known) => {
                known.prompts = counts.of(known.prompts, session.prompts);
                known.span = match counts {
                    Counts::Apart => (known.span.0.min(session.span.0), known.span.1.max(session.span.1)),
                    Counts::Twice => session.span,
                };
                known.model = session.model.clone().or(known.model.take());
            }
            None => all.details.sessions.push(session.clone()),
        }
    }
    append(&mut all.details.conflicts, &next.details.conflicts);
    append(&mut all.details.relations, &next.details.relations);
    append(&mut all.details.omissions, &next.details.omissions);
    all
}

/// Exchanges in the order in which they are met. Of one that stands in both, the longer telling: it may have been cut in
/// one of them, or its answer may have come later.
fn conversation(mut all: Vec<Exchange>, next: &[Exchange]) -> Vec<Exchange> {
    let length =
        |exchange: &Exchange| exchange.prompt.text.len() + exchange.reply.as_ref().map_or(0, |reply| reply.text.len());
    for exchange in next {
        // A prompt is known by its time and how it begins: where it is cut depends on how much room there was.
        let beginning = |exchange: &Exchange| exchange.prompt.text.chars().take(40).collect::<String>();
        let is_it =
            |known: &&mut Exchange| known.prompt.at == exchange.prompt.at && beginning(known) == beginning(exchange);
        match all.iter_mut().find(is_it) {
            Some(known) if length(known) < length(exchange) => *known = exchange.clone(),
            Some(known) => known.carried_over &= exchange.carried_over,
            None => all.push(exchange.clone()),
        }
    }
    all
}

fn commands(
    mut roadblocks: Vec<Roadblock>,
    mut commands: Commands,
    (failed, ran): (&[Roadblock], &Commands),
    counts: Counts,
) -> (Vec<Roadblock>, Commands) {
    for roadblock in failed {
        match roadblocks.iter_mut().find(|known| known.command == roadblock.command) {
            Some(known) => {
                *known = Roadblock { failures: counts.of(known.failures, roadblock.failures), ..roadblock.clone() };
            }
            None => roadblocks.push(roadblock.clone()),
        }
    }
    for command in &ran.listed {
        if let Some(failed) = roadblocks.iter_mut().find(|known| known.command == command.line) {
            failed.passed_in_the_end |= matches!(counts, Counts::Apart);
            continue;
        }
        match commands.listed.iter_mut().find(|known| known.line == command.line) {
            Some(known) => known.times = counts.of(known.times, command.times),
            None => commands.listed.push(command.clone()),
        }
    }
    commands.listed.retain(|command: &Command| roadblocks.iter().all(|failed| failed.command != command.line));
    commands.more = counts.of(commands.more, ran.more);
    (roadblocks, commands)
}

impl Counts {
    fn of(self, one: u32, other: u32) -> u32 {
        match self {
            Self::Apart => one.saturating_add(other),
            Self::Twice => one.max(other),
        }
    }
}

fn append<T: PartialEq + Clone>(all: &mut Vec<T>, next: &[T]) {
    for one in next {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;
    use crate::git::CommitId;
    use crate::journal::any::entry;
    use crate::journal::{ChangeSet, Details, Quote, Speaker};

    fn said(minute: u32, text: &str) -> Exchange {
        let at = DateTime::from_timestamp(i64::from(minute) * 60, 0).unwrap().fixed_offset();
        let prompt = Quote { speaker: Speaker::Developer, at, text: text.to_owned() };
        Exchange { prompt, reply: None, carried_over: false }
    }

    #[test]
    fn a_prompt_that_is_told_twice_stands_once_with_the_longer_answer() {
        let long = "a request that is so long that it was cut in one of the two […]";
        let all = vec![said(1, "one"), Exchange { carried_over: true, ..said(2, long) }];
        let whole = said(2, &(long.to_owned() + " and here is all of it"));
        let told = conversation(all, &[whole.clone(), said(3, "three"), said(1, "one")]);
        assert_eq!(told, [said(1, "one"), whole, said(3, "three")]);
    }

    #[test]
    fn failures_of_two_stretches_are_added_and_those_told_again_are_not() {
        let failed = |failures| Roadblock {
            command: "make".to_owned(),
            failures,
            passed_in_the_end: false,
            exit: Some(2),
            output: String::new(),
        };
        let passed = Commands { listed: vec![Command { line: "make".to_owned(), times: 1 }], more: 1 };
        let check = |again: Option<u32>, ran: Commands, counts, expected: (u32, bool)| {
            let again: Vec<Roadblock> = again.map(failed).into_iter().collect();
            let (roadblocks, commands) = commands(vec![failed(2)], Commands::default(), (&again, &ran), counts);
            assert_eq!((roadblocks[0].failures, roadblocks[0].passed_in_the_end), expected);
            assert!(commands.listed.is_empty());
        };
        check(Some(3), Commands::default(), Counts::Apart, (5, false));
        check(Some(3), Commands::default(), Counts::Twice, (3, false));
        check(None, passed, Counts::Apart, (2, true));
    }

    #[test]
    fn prose_of_another_version_names_it() {
        let plain = entry_of(1, "subject");
        let told = |nth: u8, subject: &str, minute: i64| Entry {
            narration: Some(Narration::by(format!("at {minute}"), plain.at + TimeDelta::minutes(minute))),
            ..entry_of(nth, subject)
        };
        let check = |entry: &Entry, earlier: &[Entry], expected: Option<(&str, Option<u8>)>| {
            let narration = unite(entry.clone(), earlier).narration;
            let found = narration.map(|narration| (narration.model, narration.of));
            assert_eq!(found, expected.map(|(model, of)| (model.to_owned(), of.map(id))));
        };
        check(&plain, &[entry_of(2, "subject")], None);
        check(&plain, &[told(2, "subject", 5)], Some(("at 5", None)));
        check(&plain, &[told(2, "other", 5)], Some(("at 5", Some(2))));
        check(&plain, &[told(2, "subject", 5), told(3, "other", 4)], Some(("at 5", Some(2))));
        check(&told(1, "subject", 0), &[told(2, "other", 5)], Some(("at 0", None)));
        let carried = unite(plain.clone(), &[told(2, "other", 5)]);
        check(&carried, &[told(2, "other", 5)], Some(("at 5", Some(2))));
        check(&entry_of(4, "third"), &[carried], Some(("at 5", Some(2))));
    }

    fn id(nth: u8) -> CommitId {
        CommitId::parse(&format!("{nth:040x}")).unwrap()
    }

    fn entry_of(nth: u8, subject: &str) -> Entry {
        Entry {
            commit: id(nth),
            at: DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap(),
            subject: subject.to_owned(),
            body: String::new(),
            narration: None,
            conversation: vec![],
            decisions: vec![],
            roadblocks: vec![],
            commands: Commands::default(),
            changes: ChangeSet::default(),
            notes: vec![],
            details: Details::default(),
            imported: vec![],
            by_hand: String::new(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn nothing_is_lost_and_doing_it_again_changes_nothing(new in entry(), old in prop::collection::vec(entry(), 0..3)) {
            let once = unite(new.clone(), &old);
            prop_assert_eq!(&once.changes, &new.changes);
            prop_assert_eq!(&once.commit, &new.commit);
            for earlier in old.iter().chain([&new]) {
                prop_assert!(earlier.decisions.iter().all(|one| once.decisions.contains(one)));
                prop_assert!(earlier.notes.iter().all(|one| once.notes.contains(one)));
                let told = |said: &Exchange| once.conversation.iter().any(|known| known.prompt.at == said.prompt.at);
                prop_assert!(earlier.conversation.iter().all(told));
            }
            let again = unite(once.clone(), &old);
            prop_assert_eq!(again.conversation.len(), once.conversation.len());
            prop_assert_eq!(again.decisions, once.decisions);
        }
    }
}
