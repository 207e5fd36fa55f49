//! A commit object, which a clone brings along from anywhere.
#![no_main]

use commit_story::git::{header, message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|object: &[u8]| {
    if let Ok(header) = header::parse(object) {
        let message = message::parse(&header.message);
        assert!(!message.subject.contains('\n'), "a subject is one line");
    }
});
