//! A transcript's bytes, read backwards line by line; objects that stand glued together on a line.
#![no_main]

use std::collections::BTreeMap;
use std::io::Cursor;

use commit_story::chat::jsonl::{Backwards, Line, objects, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut lines = Backwards::new(Cursor::new(bytes)).expect("a slice has an end");
    let mut read = 0;
    while let Ok(Some(line)) = lines.line() {
        if let Line::Whole { bytes, .. } = line {
            read += bytes.len();
            let _: Vec<BTreeMap<String, String>> = objects(&text(bytes));
        }
    }
    assert!(read <= bytes.len(), "more was read than there is");
});
