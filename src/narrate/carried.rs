//! Whether the commit carries what was talked about: computed from its files and changed lines, never left to a model.
//!
//! In: [`Exhibits`], and a text from the conversation. Out: the files that carry words of it.
//! Never here: ordinary words. `retry` proves nothing, `retry_limit` and `45m` do.

use std::collections::{BTreeMap, BTreeSet};

use super::exhibit::{Exhibits, Kind};
use crate::chat::files;

/// The most files that are looked for by name, the most words that are looked up, and how much of a text is read, in bytes.
const FILES: usize = 60;
const WORDS: usize = 400;
const READ: usize = 8 * 1024;

/// The most words that are told of one file.
const TOLD: usize = 4;

/// What the commit changed, by the words in it.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The path of each named file.
    paths: Vec<String>,
    /// Each word of a changed line, with the places in `paths` whose lines have it.
    words: BTreeMap<String, BTreeSet<usize>>,
}

/// A file that carries something of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// The file's path.
    pub path: String,
    /// Whether the text names the file.
    pub named: bool,
    /// The text's words that stand in changed lines of it, a few.
    pub words: Vec<String>,
}

impl Changed {
    /// The files and the added and removed lines of a commit.
    #[must_use]
    pub fn of(exhibits: &Exhibits) -> Self {
        let paths: Vec<String> = exhibits.facts.changes.iter().map(|file| file.path.clone()).collect();
        let mut words: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let places: BTreeMap<&str, usize> = paths.iter().enumerate().map(|(at, path)| (path.as_str(), at)).collect();
        for item in &exhibits.items {
            let Kind::Diff { path } = &item.kind else { continue };
            let Some(place) = places.get(path.as_str()) else { continue };
            for line in item.text.lines().filter_map(|line| line.strip_prefix(['+', '-'])) {
                for word in pieces(line).flat_map(|word| [word, number(word)]).filter(|word| !word.is_empty()) {
                    words.entry(word.to_owned()).or_default().insert(*place);
                }
            }
        }
        Self { paths, words }
    }

    /// Whether the changed lines are known at all.
    #[must_use]
    pub fn has_lines(&self) -> bool {
        !self.words.is_empty()
    }

    /// The files that carry something of a text: that it names, or in whose changed lines its identifiers stand.
    #[must_use]
    pub fn carriers(&self, text: &str) -> Vec<Carrier> {
        let end = (0..=READ.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let text = &text[..end];
        let mut found: BTreeMap<usize, Carrier> = BTreeMap::new();
        let carrier = |at: usize| Carrier { path: self.paths[at].clone(), named: false, words: Vec::new() };
        for (at, _) in self.paths.iter().enumerate().take(FILES).filter(|(_, path)| files::names(text, path)) {
            found.entry(at).or_insert_with(|| carrier(at)).named = true;
        }
        for word in telling(text).into_iter().take(WORDS) {
            for at in self.words.get(word).into_iter().flatten() {
                let carrier = found.entry(*at).or_insert_with(|| carrier(*at));
                if carrier.words.len() < TOLD {
                    carrier.words.push(word.to_owned());
                }
            }
        }
        found.into_values().collect()
    }
}

/// The words of a line of code: letters, digits and underscores.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.chars().count() > 1)
}

/// The words of a text that are no ordinary ones, in order and each once: identifiers, numbers with a word behind them
/// ("45 minutes"), and whatever stands between backticks.
fn telling(text: &str) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    let mut words = Vec::new();
    for (nth, part) in text.split('`').enumerate() {
        // Every second part stands between backticks, if it is short enough to have been meant so.
        let code = nth % 2 == 1 && part.chars().count() <= 80;
        let mut pieces = pieces(part).peekable();
        while let Some(word) = pieces.next() {
            let unit = pieces.peek().filter(|next| next.chars().all(char::is_alphabetic));
            let measured = number(word) == word && unit.is_some_and(|unit| part.contains(&format!(" {word} {unit}")));
            if (code || measured || is_identifier(word)) && seen.insert(word) {
                words.push(word);
            }
        }
    }
    words
}

/// The number of at least two digits that a word begins with, so that `45m` is found for "45 minutes"; else nothing.
fn number(word: &str) -> &str {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits < 2 { "" } else { &word[..digits] }
}

fn is_identifier(word: &str) -> bool {
    let (letters, digits) = (word.chars().any(char::is_alphabetic), word.chars().any(|c| c.is_ascii_digit()));
    let inner_capital = word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    word.trim_matches('_').contains('_') || letters && digits || inner_capital
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrate::any::Story;

    fn check(text: &str, expected: &[(&str, bool, &[&str])]) {
        let exhibits = Story::new("change")
            .diff(".goreleaser.yaml", "    timeout: 20m\n", "    timeout: 45m\n    retry: 1\n")
            .diff("src/limit.rs", "fn old_limit() {}\n", "fn retry_limit() {}\n")
            .exhibits();
        let found = Changed::of(&exhibits).carriers(text);
        let found: Vec<(&str, bool, Vec<&str>)> = found
            .iter()
            .map(|carrier| (carrier.path.as_str(), carrier.named, carrier.words.iter().map(String::as_str).collect()))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(path, named, words)| (*path, *named, words.to_vec())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn identifiers_and_names_of_files_are_found_and_ordinary_words_are_not() {
        check("raise it to 45m", &[(".goreleaser.yaml", false, &["45m"])]);
        check("I'd recommend 45 minutes", &[(".goreleaser.yaml", false, &["45"])]);
        check("at 20:45 it was in line 45", &[]);
        check("set `retry` in .goreleaser.yaml", &[(".goreleaser.yaml", true, &["retry"])]);
        check("add a retry after the timeout", &[]);
        check("use retry_limit here", &[("src/limit.rs", false, &["retry_limit"])]);
        check("or build both binaries in parallel with a matrixJob", &[]);
        check("", &[]);
    }
}
