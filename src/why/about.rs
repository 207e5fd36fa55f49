//! How much a text has to do with the lines that were asked about.
//!
//! In: the file's paths and the lines. Out: a number for any text. Never here: a judgement of meaning: what counts is whether
//! the words that stand in the lines, or the file's name, are said.

use std::collections::BTreeSet;

/// What a mention of the path, of the file's name, or of its name without the ending weighs.
const PATH: u32 = 100;
const NAME: u32 = 60;
const STEM: u32 = 20;

/// Shorter words say little.
const SHORTEST: usize = 4;

/// So many different words of the lines are looked for.
const MOST_WORDS: usize = 200;

/// What the lines are about.
#[derive(Debug, Default)]
pub(super) struct About {
    /// In lower case.
    paths: Vec<String>,
    words: BTreeSet<String>,
}

impl About {
    /// `paths`: the file's names over time.
    pub(super) fn new<'a>(paths: impl Iterator<Item = &'a str>, lines: impl Iterator<Item = &'a str>) -> Self {
        let mut about = Self::default();
        for path in paths.map(str::to_lowercase) {
            if !about.paths.contains(&path) {
                about.paths.push(path);
            }
        }
        for word in lines.flat_map(words) {
            if about.words.len() >= MOST_WORDS {
                break;
            }
            about.words.insert(word);
        }
        about
    }

    /// How much a text has to do with them; 0 for nothing.
    pub(super) fn weigh(&self, text: &str) -> u32 {
        if self.paths.is_empty() {
            return 0;
        }
        let text = text.to_lowercase();
        let named = self.paths.iter().map(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let stem = name.split('.').next().filter(|stem| stem.len() >= SHORTEST);
            if text.contains(path.as_str()) {
                PATH
            } else if text.contains(name) {
                NAME
            } else {
                stem.filter(|stem| text.contains(stem)).map_or(0, |_| STEM)
            }
        });
        let said: BTreeSet<String> = words(&text).collect();
        let shared = u32::try_from(said.intersection(&self.words).count()).unwrap_or(u32::MAX);
        named.max().unwrap_or(0) + 5 * shared.min(STEM)
    }

    /// The list with what has most to do with them first; the order stays among equals.
    pub(super) fn rank<T>(&self, mut list: Vec<T>, text: impl Fn(&T) -> String) -> Vec<T> {
        list.sort_by_cached_key(|one| std::cmp::Reverse(self.weigh(&text(one))));
        list
    }
}

/// The words of a text, in lower case, that are long enough to say something.
fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    parts.filter(|word| word.chars().count() >= SHORTEST).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_file_weighs_more_than_shared_words_and_these_more_than_nothing() {
        let about = About::new(["src/retry.rs"].into_iter(), ["const LONGEST_PAUSE: u64 = 6_400;"].into_iter());
        let weights = ["look at src/retry.rs", "look at retry.rs", "the longest_pause, please", "retry it", "thanks"];
        let weights = weights.map(|text| about.weigh(text));
        assert_eq!(weights, [100, 60, 5, 20, 0]);
        assert_eq!(
            about.rank(vec!["thanks", "in retry.rs", "also"], |text| (*text).to_owned()),
            ["in retry.rs", "thanks", "also"]
        );
        assert_eq!(About::default().weigh("src/retry.rs"), 0);
    }
}
