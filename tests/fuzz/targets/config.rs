//! A configuration file, and a change to it.
#![no_main]

use commit_story::config::{edit, file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = file::read(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = edit::set(text, "journal.folder", "notes");
    }
});
