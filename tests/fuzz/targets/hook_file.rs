//! A hook file of somebody else's: what we add comes out again to the byte.
#![no_main]

use std::path::Path;

use commit_story::hook::{Block, Event, join, leave, marked};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for block in Event::ALL.map(|event| Block::new(event, Path::new("/usr/bin/commit-story"))) {
        let joined = join(bytes, &block);
        assert_eq!(join(&joined, &block), joined, "joining twice changes more");
        // A file that has lines of ours already loses those, too.
        if marked::find(bytes).is_none() {
            assert_eq!(leave(&joined).as_deref(), Some(bytes), "uninstall leaves another file than it found");
        }
    }
});
