//! A file of an earlier program's journal: every word of it is in some part, and comes back from the page it joins.
#![no_main]

use commit_story::import::{Kind, part, parts};
use commit_story::journal::Imported;
use commit_story::store::{Place, joined};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in [Kind::Python, Kind::JavaScript, Kind::Summary, Kind::Unknown] {
        let parts = parts(kind, text);
        if parts.is_empty() {
            continue;
        }
        let words = |text: &str| -> Vec<String> {
            let kept = text.lines().filter(|line| !part::is_frame(line));
            kept.flat_map(|line| line.split_whitespace().map(str::to_owned)).collect()
        };
        let kept: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(words(&kept.join("\n")), words(text), "a word is lost");
        let texts: Vec<Imported> =
            kept.iter().map(|text| Imported { source: "a.md".to_owned(), text: (*text).to_owned() }).collect();
        let lacking = joined::lacking(b"", Place::Day, &texts).expect("a day can always be joined");
        let page = joined::joined(b"", Place::Day, &lacking, "# day");
        assert_eq!(joined::of_the_day(&page), lacking, "a text comes back as another");
    }
});
