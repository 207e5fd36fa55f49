//! Which records of a rollout are the thread's own and still hold.
//!
//! In: entries in the order of the file, and what its first record says. Out: which of them count.
//! Never here: what they say.
//!
//! A fork may begin with a copy of its parent's records, stamped with the time of the copying. The turns in it keep their
//! ids, which tell when they began: before the thread did. A fork may also refer to its parent instead; it has nothing to
//! be left out. What the human took back stays in the file, followed by a record of how many prompts were taken back.

use chrono::TimeDelta;

use super::record::{self, Head};
use crate::chat::transcript::{Entry, Part};

/// Where turns have no telling ids, a copy is known by being written at once with the fork's first record.
const AT_ONCE: TimeDelta = TimeDelta::milliseconds(250);

/// For each entry, whether it counts.
pub(super) fn kept(entries: &[Entry], head: &Head) -> Vec<bool> {
    let mut kept = own(entries, head);
    let is_prompt = |part: &Part| matches!(part, Part::Prompt(_));
    let sure = entries.iter().flat_map(|entry| &entry.parts).any(is_prompt);
    let mut prompts = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        for part in &entry.parts {
            match part {
                Part::Prompt(_) if kept[at] => prompts.push(at),
                Part::Unsure(_) if kept[at] && !sure => prompts.push(at),
                Part::Rollback(count) => {
                    let left = prompts.len().saturating_sub(*count);
                    if let Some(first) = prompts.get(left) {
                        kept[*first..at].fill(false);
                    }
                    prompts.truncate(left);
                }
                _ => {}
            }
        }
    }
    kept
}

/// For each entry, whether it is no copy.
fn own(entries: &[Entry], head: &Head) -> Vec<bool> {
    let began = |entry: &Entry| record::began(entry.turn.as_deref()?);
    let copied_turn = |entry: &Entry| Some(began(entry)? < head.began?);
    // What stands before the first turn that was read belongs to an earlier one.
    let mut copied = entries.iter().find_map(copied_turn);
    let written_at_once = |entry: &Entry| {
        let (Some(at), Some(first)) = (entry.at, head.entry.at) else { return false };
        head.forked && at <= first + AT_ONCE
    };
    entries
        .iter()
        .map(|entry| {
            copied = copied_turn(entry).or(copied);
            !copied.unwrap_or_else(|| written_at_once(entry))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `P` a prompt, `U` a text that may be one, `r` a reply, `<n` so many prompts taken back, `t:ID` a turn's begin.
    fn entries(text: &str) -> Vec<Entry> {
        let entry = |word: &str| {
            let mut entry = Entry { key: word.to_owned(), at: "2026-01-01T00:00:09Z".parse().ok(), ..Entry::default() };
            match word.split_at(1) {
                ("P", _) => entry.parts.push(Part::Prompt(word.to_owned())),
                ("U", _) => entry.parts.push(Part::Unsure(word.to_owned())),
                ("<", count) => entry.parts.push(Part::Rollback(count.parse().unwrap())),
                ("t", id) => entry.turn = Some(id[1..].to_owned()),
                _ => entry.parts.push(Part::Reply(word.to_owned())),
            }
            entry
        };
        text.split_whitespace().map(entry).collect()
    }

    #[track_caller]
    fn check(text: &str, head: &Head, expected: &str) {
        let entries = entries(text);
        let kept = kept(&entries, head);
        let found: Vec<&str> =
            entries.iter().zip(kept).filter(|(_, kept)| *kept).map(|(entry, _)| entry.key.as_str()).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn what_was_taken_back_is_out_with_all_that_came_of_it() {
        let head = Head::default();
        check("P1 r P2 r P3 r <2 P4", &head, "P1 r <2 P4");
        check("P1 r <1 P2 <5 P3", &head, "<1 <5 P3");
        check("U1 P1 r U2 P2 <1 r3", &head, "U1 P1 r U2 <1 r3");
        check("U1 r U2 <1 r3", &head, "U1 r <1 r3");
        check("r <3", &head, "r <3");
    }

    #[test]
    fn turns_that_are_older_than_the_thread_were_copied() {
        let old = "t:019c8bfe-ec25-79e0-97d7-bda6a9c575ff";
        let new = "t:01a20316-4e55-7651-b71a-3f178b2c67e0";
        let head = Head { began: record::began("01a20316-4dfa-72a0-9a78-6e6675bc62ed"), ..Head::default() };
        check(&format!("P0 {old} P1 r {new} P2 r"), &head, &format!("{new} P2 r"));
        check(&format!("P1 {new} P2"), &head, &format!("P1 {new} P2"));
        check(&format!("P1 {old} P2 <1 {new} P3 <1 r4"), &head, &format!("{new} <1 r4"));
    }

    #[test]
    fn without_telling_ids_a_forks_copy_is_what_was_written_at_once() {
        let at = |second: u32| format!("2026-01-01T00:00:{second:02}Z").parse().ok();
        let head =
            |second, forked| Head { entry: Entry { at: at(second), ..Entry::default() }, forked, ..Head::default() };
        check("P1 r", &head(9, true), "");
        check("P1 r", &head(8, true), "P1 r");
        check("P1 r", &head(9, false), "P1 r");
    }
}
