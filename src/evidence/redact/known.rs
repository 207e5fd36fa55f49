//! Secrets that were found in one text and stand bare in another: a password given on a command line, and again as the answer
//! to a question.
//!
//! In: what was found, with its kind; then texts. Out: the texts without it. Never here: a word that could be anything else:
//! only what has letters and digits, and is no hash and no path.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::memmem;

use super::found::{Found, KEY, PASSWORD, SECRET, TOKEN, URL_CREDENTIALS, merge};
use super::marks;

/// How long a secret is that is remembered, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=200;

/// How many are remembered: each is looked for in every text, and nobody has more in one entry.
const MOST: usize = 256;

/// What is known to be secret.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The secrets, each with its kind.
    secrets: BTreeMap<String, &'static str>,
}

impl Known {
    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Remembers what was found, if it cannot be taken for something else.
    pub(super) fn learn(&mut self, secret: &str, kind: &'static str) {
        let (secret, kind) = match kind {
            PASSWORD | SECRET | TOKEN | KEY => (secret, kind),
            URL_CREDENTIALS => (secret.split_once(':').map_or("", |(_, password)| password), PASSWORD),
            _ => return,
        };
        let has = |sort: fn(&u8) -> bool| secret.bytes().any(|byte| sort(&byte));
        let plain = secret.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'[' | b'('));
        let hash = secret.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let telling = plain && !hash && has(u8::is_ascii_alphabetic) && has(u8::is_ascii_digit);
        if telling && LENGTHS.contains(&secret.len()) && self.secrets.len() < MOST {
            self.secrets.insert(secret.to_owned(), kind);
        }
    }

    /// The text without what is known, where it stands as a word of its own.
    #[must_use]
    pub fn take_out<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut found = Vec::new();
        for (secret, kind) in &self.secrets {
            for start in memmem::find_iter(text.as_bytes(), secret) {
                let end = start + secret.len();
                let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                if !joined(text[..start].chars().next_back()) && !joined(text[end..].chars().next()) {
                    found.push(Found { start, end, kind });
                }
            }
        }
        if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(marks::replace(text, &merge(found))) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Redactor;
    use super::*;
    use crate::config::RedactConfig;

    #[test]
    fn what_is_known_goes_wherever_it_stands_and_nothing_else_does() {
        let redactor = Redactor::new(&RedactConfig { emails: false, words: Vec::new() });
        let check = |told: &str, text: &str, expected: &str| {
            let mut known = Known::default();
            let _ = redactor.redact_and_learn(told, &mut known);
            assert_eq!(known.take_out(text), expected, "{told}");
        };
        check("password=s3cret99x", "it is s3cret99x.", "it is [redacted: password].");
        check("curl -u ada:s3cret99x x", "s3cret99x, s3cret99xy", "[redacted: password], s3cret99xy");
        check("password=hunter", "the hunter", "the hunter");
        check("secret=488c5296-1b2c-4d3e-8f90-a1b2c3d4e5f6", "488c5296-1b2c", "488c5296-1b2c");
    }
}
