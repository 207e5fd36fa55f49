//! Redaction: never a panic, and a second time changes nothing more.
#![no_main]

use commit_story::config::RedactConfig;
use commit_story::evidence::redact::Redactor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let redactor = Redactor::new(&RedactConfig { emails: true, words: vec!["Acme".to_owned()] });
    let once = redactor.redact(text);
    assert_eq!(redactor.redact(&once), once, "redacting twice changes more");
});
