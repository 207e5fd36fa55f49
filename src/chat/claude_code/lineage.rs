//! The branch of a conversation that the human kept.
//!
//! In: records in the order of the file. Out: which of them are on the kept branch.
//! Never here: what a record says, beyond whether a human's prompt opens a turn in it.
//!
//! Records name the one they follow. A human who goes back and types anew makes a fork at a prompt, and what hung on
//! the old prompt was taken back. Tool calls that run in parallel fork too, but between prompts. So a record is left
//! out only if the prompt that it hangs on is none of those that the newest record hangs on.

use std::collections::HashMap;

use super::record::Record;

/// For each record, whether it is kept.
pub(super) fn kept(records: &[Record]) -> Vec<bool> {
    let parents = parents(records);
    let prompts = nearest_prompts(records, &parents);
    let mut kept_prompts = vec![false; records.len()];
    let mut at = leaf(records).and_then(|leaf| prompts[leaf]);
    // A prompt already seen ends the walk: the records of a broken file may follow each other in a circle.
    while let Some(prompt) = at.filter(|prompt| !kept_prompts[*prompt]) {
        kept_prompts[prompt] = true;
        at = parents[prompt].and_then(|parent| prompts[parent]);
    }
    prompts.iter().map(|prompt| prompt.is_none_or(|prompt| kept_prompts[prompt])).collect()
}

/// The newest record of the main conversation. Signs of life of a tool may come after the branch was left.
fn leaf(records: &[Record]) -> Option<usize> {
    let linked = |record: &Record| record.uuid.is_some() && !record.sidechain;
    records.iter().rposition(|record| linked(record) && !record.progress).or_else(|| records.iter().rposition(linked))
}

/// For each record the one it follows.
///
/// Where that one was not read, or is not named though the conversation goes on (after a compaction), it is the one
/// before in the file. A prompt that follows none is different: there the human went back to the very start.
fn parents(records: &[Record]) -> Vec<Option<usize>> {
    let by_uuid: HashMap<&str, usize> =
        records.iter().enumerate().filter_map(|(at, record)| Some((record.uuid.as_deref()?, at))).collect();
    let mut before = None;
    let mut parents = Vec::with_capacity(records.len());
    for (at, record) in records.iter().enumerate() {
        if record.uuid.is_none() {
            parents.push(None);
            continue;
        }
        let named = record.parent.as_deref().map(|parent| by_uuid.get(parent).copied());
        parents.push(match named {
            Some(Some(parent)) => Some(parent),
            _ if record.sidechain => None,
            None if record.opens_turn() => None,
            _ => before,
        });
        if !record.sidechain {
            before = Some(at);
        }
    }
    parents
}

/// For each record the prompt that it hangs on: itself, or the nearest one it follows.
fn nearest_prompts(records: &[Record], parents: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut known: Vec<Option<Option<usize>>> = vec![None; records.len()];
    for start in 0..records.len() {
        let mut path = Vec::new();
        let mut at = Some(start);
        let found = loop {
            let Some(here) = at else { break None };
            if let Some(found) = known[here] {
                break found;
            }
            if records[here].opens_turn() && records[here].uuid.is_some() {
                known[here] = Some(Some(here));
                break Some(here);
            }
            // Known to hang on nothing until the walk is done, which ends a circle.
            known[here] = Some(None);
            path.push(here);
            at = parents[here];
        };
        for here in path {
            known[here] = Some(found);
        }
    }
    known.into_iter().map(Option::flatten).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::chat::claude_code::record::records;

    /// `P` a prompt, `a` an assistant's record, `s` one of the program's, `x` a sub-agent's; each `kind id parent`, a
    /// parent of `-` is none.
    fn chain(text: &str) -> Vec<Record> {
        let line = |record: &str| {
            let words: Vec<&str> = record.split_whitespace().collect();
            let parent = if words[2] == "-" { "null".to_owned() } else { format!("\"{}\"", words[2]) };
            let (kind, rest) = match words[0] {
                "P" => ("user", r#","message":{"content":"go"}"#),
                "a" => ("assistant", ""),
                "x" => ("assistant", r#","isSidechain":true"#),
                _ => ("system", ""),
            };
            format!(r#"{{"type":"{kind}","uuid":"{}","parentUuid":{parent}{rest}}}"#, words[1])
        };
        text.split(',').flat_map(|record| records(0, line(record).as_bytes())).collect()
    }

    #[track_caller]
    fn check(text: &str, dropped: &[&str]) {
        let records = chain(text);
        let kept = kept(&records);
        let found: Vec<&str> = records
            .iter()
            .zip(kept)
            .filter(|(_, kept)| !kept)
            .filter_map(|(record, _)| record.uuid.as_deref())
            .collect();
        assert_eq!(found, dropped, "{text}");
    }

    #[test]
    fn a_straight_conversation_is_kept_whole() {
        check("P 1 -,a 2 1,P 3 2,a 4 3", &[]);
    }

    #[test]
    fn what_the_human_went_back_over_is_dropped() {
        check("P 1 -,a 2 1,P 3 2,a 4 3,P 5 2,a 6 5", &["3", "4"]);
        check("P 1 -,a 2 1,P 3 -,a 4 3", &["1", "2"]);
        check("s 0 -,P 1 0,a 2 1,P 3 0,a 4 3", &["1", "2"]);
    }

    #[test]
    fn tools_that_ran_in_parallel_are_kept() {
        check("P 1 -,a 2 1,a 3 2,s r2 2,s r3 3,a 4 r3,P 5 4", &[]);
    }

    #[test]
    fn a_parent_that_was_not_read_breaks_nothing() {
        check("a 2 1,P 3 2,a 5 lost,P 6 5", &[]);
        check("P 1 -,a 2 1,s c -,P 3 c", &[]);
    }

    #[test]
    fn sub_agents_are_no_part_of_the_line() {
        check("P 1 -,a 2 1,x 8 -,x 9 8,P 3 2", &[]);
    }

    #[test]
    fn a_circle_ends() {
        check("a 1 2,a 2 1,P 3 2", &[]);
        check("P 1 2,P 2 1", &[]);
    }

    proptest! {
        #[test]
        fn any_links_end_and_the_newest_record_is_kept(
            links in proptest::collection::vec((prop_oneof!["P", "a", "s", "x"], 0usize..12, 0usize..14), 1..12)
        ) {
            let text: Vec<String> = links.iter().map(|(kind, id, parent)| format!("{kind} {id} {parent}")).collect();
            let records = chain(&text.join(","));
            let kept = kept(&records);
            if let Some(leaf) = leaf(&records) {
                prop_assert!(kept[leaf]);
            }
        }
    }
}
