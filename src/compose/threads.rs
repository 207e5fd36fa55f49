//! Threads: entries that belong together, because they came of one conversation, one branch or the same few files.
//!
//! In: entries, oldest first. Out: [`Thread`]s. Never here: a thread through a gap of many days, or through files that
//! everything touches.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{reading, subject};
use crate::git::CommitId;
use crate::journal::{ChangeGroup, Entry};
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
            others => format!("{subject} (and {})", reading::counted(others, "more commit")),
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
        for file in entry.changes.listed.iter().filter(|file| file.group != ChangeGroup::Generated) {
            marks.entry((2, &file.path)).or_default().push(at);
        }
    }
    for ((sort, _), places) in &marks {
        if *sort == 2 && places.len() > RARE {
            continue;
        }
        for pair in places.windows(2) {
            if entries[pair[1]].at - entries[pair[0]].at <= GAP {
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
