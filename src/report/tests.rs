//! What the numbers count.
//!
//! In: entries. Out: nothing; it panics. Never here: a browser (that is `tests/report`).

use proptest::prelude::*;

use super::*;
use crate::journal::any;

fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_entries_make_a_page_whose_every_tag_is_ours(entries in prop::collection::vec(any::entry(), 1..4)) {
        let all = Days { first: NaiveDate::MIN, last: day("2026-01-06") };
        let made = DateTime::parse_from_rfc3339("2026-01-06T16:02:06+01:00").unwrap();
        let mut entries = entries;
        entries.sort_by_key(|entry| entry.at);
        let count = entries.len();
        let report = of(entries, "<b>name", all, made).expect("there are entries");
        let text = page(&report);
        prop_assert_eq!(text.matches("<article ").count(), count);
        prop_assert_eq!(text.matches("<script>").count(), 1);
        for foreign in ["{{", "<b>name", "src=", "onclick", "javascript:", "\u{202e}", "\u{1b}"] {
            let ours = text.replace("src=&", "");
            prop_assert!(!ours.contains(foreign) || foreign == "src=" || foreign == "{{", "{}", foreign);
        }
    }
}
