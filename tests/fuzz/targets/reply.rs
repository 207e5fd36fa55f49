//! A model's reply: it is taken apart whatever it is, and its claims are bounded.
#![no_main]

use commit_story::narrate::reply;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let claims = reply::parse(text);
    assert!(claims.len() <= 400, "too many claims");
    for claim in claims {
        assert!(!claim.text.contains('\n'), "a claim is one line");
        assert_eq!(claim.what.is_some(), claim.section == commit_story::journal::Section::Decisions);
    }
});
