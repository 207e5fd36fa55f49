//! Threads: entries that belong together, because they came of one conversation, one branch or the same few files.
//!
//! In: entries, oldest first. Out: [`Thread`]s. Never here: a thread through a gap of many days, through files that
//! everything touches, or through one file of many.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::subject;
use crate::git::CommitId;
use crate::journal::{ChangeGroup, Entry};
use crate::markdown::parts::counted;
use crate::narrate::several::weight;

/// Entries further apart than this are joined by nothing.
const GAP: TimeDelta = TimeDelta::days(4);

/// A file that more entries touch than this joins none.
const RARE: usize = 4;

/// Branches that everything goes through.
const TRUNKS: &[&str] = &["main", "master", "trunk", "develop", "dev"];

/// Entries that belong together.
#[derive(Debug, Clone)]
pub(super) struct Thread<'e> {
    /// Oldest first; never empty.
    pub(super) entries: Vec<&'e Entry>,
    /// How much there is to tell.
    pub(super) weight: u64,
}

impl<'e> Thread<'e> {
    /// The entry of which most is to tell; rather one that users notice than another.
    pub(super) fn heaviest(&self) -> Option<&'e Entry> {
        let seen = |entry: &Entry| !subject::is_inward(&entry.subject);
        self.entries.iter().copied().max_by_key(|entry| (seen(entry), weight(entry), std::cmp::Reverse(entry.at)))
    }

    /// Whether there is more to tell than a subject.
    pub(super) fn has_story(&self) -> bool {
        self.entries
            .iter()
            .any(|entry| !entry.conversation.is_empty() || !entry.roadblocks.is_empty() || !entry.notes.is_empty())
    }

    /// Its commits.
    pub(super) fn sources(&self) -> Vec<CommitId> {
        self.entries.iter().map(|entry| entry.commit.clone()).collect()
    }

    /// A line for it: the subject of its heaviest entry, and how many others there are.
    pub(super) fn line(&self) -> String {
        let subject = self.heaviest().map(|entry| subject::headline(&entry.subject)).unwrap_or_default();
        match self.entries.len() - 1 {
            0 => subject,
            others => format!("{subject} (and {})", counted(others, "more commit")),
        }
    }
}

/// The threads, in the order in which they begin.
pub(super) fn threads(entries: &[Entry]) -> Vec<Thread<'_>> {
    let mut parents: Vec<usize> = (0..entries.len()).collect();
    let mut marks: BTreeMap<(u8, &str), Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        for session in &entry.details.sessions {
            marks.entry((0, &session.session)).or_default().push(at);
        }
        let branch = entry.details.branch.as_deref().filter(|branch| !TRUNKS.contains(branch));
        if let Some(branch) = branch {
            marks.entry((1, branch)).or_default().push(at);
        }
        for path in files(entry) {
            marks.entry((2, path)).or_default().push(at);
        }
    }
    for ((sort, _), places) in &marks {
        if *sort == 2 && places.len() > RARE {
            continue;
        }
        for pair in places.windows(2) {
            let (before, after) = (&entries[pair[0]], &entries[pair[1]]);
            if after.at - before.at <= GAP && (*sort != 2 || are_alike(before, after)) {
                let (one, other) = (root(&parents, pair[0]), root(&parents, pair[1]));
                parents[one.max(other)] = one.min(other);
            }
        }
    }
    let mut threads: BTreeMap<usize, Thread<'_>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        let thread = threads.entry(root(&parents, at)).or_insert_with(|| Thread { entries: vec![], weight: 0 });
        thread.entries.push(entry);
        thread.weight += weight(entry) + 1;
    }
    threads.into_values().collect()
}

/// The files that an entry is about: its sources, else all that people change.
fn files(entry: &Entry) -> impl Iterator<Item = &str> + Clone {
    let listed = &entry.changes.listed;
    let sources = listed.iter().any(|file| file.group == ChangeGroup::Source);
    let counts = move |group| if sources { group == ChangeGroup::Source } else { group != ChangeGroup::Generated };
    listed.iter().filter(move |file| counts(file.group)).map(|file| file.path.as_str())
}

/// Whether at least half of what the smaller one changes is changed by the other, too: with less, commit after commit
/// would be joined by a file each, until a thread holds everything.
fn are_alike(one: &Entry, other: &Entry) -> bool {
    let shared = files(one).filter(|path| files(other).any(|file| file == *path)).count();
    shared * 2 >= files(one).count().min(files(other).count())
}

fn root(parents: &[usize], mut at: usize) -> usize {
    while parents[at] != at {
        at = parents[at];
    }
    at
}

/// The threads, the one of which most is to tell first.
pub(super) fn by_weight(entries: &[Entry]) -> Vec<Thread<'_>> {
    let mut threads = threads(entries);
    threads.sort_by_key(|thread| std::cmp::Reverse(thread.weight));
    threads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::parse_entries;

    #[test]
    fn a_file_of_many_joins_nothing() {
        let (mut entries, _) = parse_entries(include_str!("../../tests/bench/truth/several/01-uploader.md"));
        let file = entries[3].changes.listed[0].clone();
        let named = |names: &[&str]| {
            names.iter().map(|name| crate::journal::ChangedFile { path: (*name).to_owned(), ..file.clone() }).collect()
        };
        entries.truncate(2);
        for (first, second, expected) in
            [(&["a", "b", "c"][..], &["c", "d", "e"][..], 2), (&["a", "c"], &["c", "d", "e"], 1), (&["c"], &["c"], 1)]
        {
            for (entry, names) in entries.iter_mut().zip([first, second]) {
                entry.details.sessions.clear();
                entry.changes.listed = named(names);
            }
            assert_eq!(threads(&entries).len(), expected, "{first:?} {second:?}");
        }
    }

    #[test]
    fn one_conversation_or_a_few_files_join_entries_and_a_gap_does_not() {
        let (entries, _) = parse_entries(include_str!("../../tests/bench/truth/several/01-uploader.md"));
        let joined = |entries: &[Entry]| -> Vec<Vec<String>> {
            let short = |entry: &&Entry| entry.commit.short()[..1].to_owned();
            threads(entries).iter().map(|thread| thread.entries.iter().map(short).collect()).collect()
        };
        // 1 and 2 have a session in common, 1 and 3 a file, 5 and 6 a branch.
        assert_eq!(joined(&entries), [vec!["1", "2", "3"], vec!["4"], vec!["5", "6"]]);
        let mut apart = entries.clone();
        apart[2].at += TimeDelta::days(30);
        assert_eq!(joined(&apart)[0], ["1", "2"]);
        assert_eq!(by_weight(&entries)[0].line(), "Resume uploads that broke off (and 2 more commits)");
    }
}
