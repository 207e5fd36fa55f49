//! A journal page: whatever is understood of it can be written and read again.
#![no_main]

use commit_story::markdown::{parse_page, render_entry};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for entry in parse_page(text).entries {
        let again = parse_page(&render_entry(&entry));
        assert!(again.entries.len() == 1, "an entry is lost in writing it again");
    }
});
