//! Redaction: secrets out, everything else untouched.
//!
//! In: any text, of any size, in any state of repair. Out: the same text with `[redacted: kind]` where a secret stood;
//! borrowed when there was none. Never here: a panic, a regular expression compiled for nothing (only configured words
//! use them), or more than a few linear passes. Redact before cutting: half a key is no longer recognised as one.
//!
//! Why rules of our own: `rtb-redact` takes commit hashes for secrets, `velociredactor` and `leakguard` are young and
//! heavier or less exact, `rig-core`'s come with a model client; none names the kind in its replacement as we promise to.
//!
//! Each finder looks for one sort of evidence and reports spans; spans that overlap are taken out together.

mod found;

mod names;

mod placeholders;

mod values;

mod tokens;

mod marks;

mod blocks;

mod urls;

mod assignments;

mod commands;

mod spoken;

mod cookies;

mod personal;

mod known;

use std::borrow::Cow;

use self::found::Found;
use self::marks::Pieces;
use crate::config::RedactConfig;

pub use self::known::Known;

/// How often a text is looked through at most. A redaction makes a new boundary, which can lay open a neighbour that was
/// glued to it; two passes are usual, and every pass but the last takes something out.
const PASSES: usize = 8;

/// Takes secrets out of texts.
#[derive(Debug)]
pub struct Redactor {
    /// Email addresses, too.
    emails: bool,
    /// The configured words.
    words: personal::Words,
}

impl Redactor {
    /// A redactor for these settings. Cheap: nothing is compiled before it is needed.
    #[must_use]
    pub fn new(config: &RedactConfig) -> Self {
        Self { emails: config.emails, words: personal::Words::new(&config.words) }
    }

    /// The text with every secret replaced by `[redacted: kind]`; redacting twice changes nothing more.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.redact_and_learn(text, &mut Known::default())
    }

    /// The same, and remembers what stands out enough to be known again where nothing says that it is secret.
    #[must_use]
    pub fn redact_and_learn<'t>(&self, text: &'t str, known: &mut Known) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for _ in 0..PASSES {
            let found = self.find(&clean);
            if found.is_empty() {
                break;
            }
            for one in &found {
                known.learn(&clean[one.start..one.end], one.kind);
            }
            clean = Cow::Owned(marks::replace(&clean, &found));
        }
        clean
    }

    /// Every secret of the text, in order, none overlapping another.
    fn find(&self, text: &str) -> Vec<Found> {
        let mut all = Vec::new();
        for (start, piece) in Pieces::of(text) {
            let from = all.len();
            blocks::find(piece, &mut all);
            tokens::find(piece, &mut all);
            urls::find(piece, &mut all);
            assignments::find(piece, &mut all);
            commands::find(piece, &mut all);
            spoken::find(piece, &mut all);
            cookies::find(piece, &mut all);
            self.words.find(piece, &mut all);
            if self.emails {
                personal::find_emails(piece, &mut all);
            }
            for found in &mut all[from..] {
                found.start += start;
                found.end += start;
            }
        }
        found::merge(all)
    }
}

/// The kinds that can stand in `[redacted: kind]`, in the order of their rules.
#[must_use]
pub fn kinds() -> Vec<&'static str> {
    marks::kinds()
}

#[cfg(test)]
mod tests;
