//! Conversations whose messages have no times.
//!
//! In: what their records say, in order, and when the whole was last written. Out: the last turn, at that time.
//! Never here: a guess at when something earlier was said: what it led to may long be committed.

use chrono::{DateTime, Utc};

use super::entry::{Entry, Part};

/// The entries of the last turn, at the time when the conversation was last written.
#[must_use]
pub fn last_turn(mut entries: Vec<Entry>, written: DateTime<Utc>) -> Vec<Entry> {
    let start = entries.iter().rposition(|entry| entry.has(Part::is_prompt)).unwrap_or(0);
    entries.drain(..start);
    for entry in &mut entries {
        entry.at = Some(written);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_conversation_without_times_the_last_turn_is_told() {
        let written = DateTime::from_timestamp(9, 0).unwrap();
        let entry = |part: Part| Entry { parts: vec![part], ..Entry::default() };
        let said = |text: &str| entry(Part::Reply(text.to_owned()));
        let asked = |text: &str| entry(Part::Prompt(text.to_owned()));
        let told = last_turn(vec![asked("one"), said("a"), asked("two"), said("b")], written);
        let at = |entry: Entry| Entry { at: Some(written), ..entry };
        assert_eq!(told, [at(asked("two")), at(said("b"))]);
        assert_eq!(last_turn(vec![said("a")], written), [at(said("a"))]);
        assert!(last_turn(Vec::new(), written).is_empty());
    }
}
