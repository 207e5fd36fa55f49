//! The evidence, made ready for looking things up in it.
//!
//! In: [`Exhibits`]. Out: a [`Ledger`]: who said what, which words and figures stand where. Never here: a claim.

use std::collections::HashSet;

use super::super::exhibit::{Exhibits, Kind};
use super::figures::{Atom, scan};
use super::quotes::folded;
use super::words::{is_script, sentences, spaced, stem, subwords};
use crate::chat::Assistant;
use crate::journal::{ChangedFile, NoteKind};

/// Whose words something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// The human's: prompts, answers, reflections.
    Developer,
    /// An assistant's; `None` where it is not known whose.
    Assistant(Option<Assistant>),
    /// The commit message's.
    Message,
    /// A command and its output.
    Output,
    /// Changed lines.
    Code,
    /// A path.
    File,
}

/// Words of one voice, said together.
#[derive(Debug)]
pub(super) struct Utterance {
    /// Which exhibit it is of.
    pub(super) exhibit: usize,
    pub(super) voice: Voice,
    /// As quotations are compared.
    pub(super) folded: String,
    pub(super) words: Words,
    pub(super) lines: Vec<Line>,
}

/// A sentence or line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) words: Words,
    pub(super) atoms: Vec<Atom>,
}

/// A set of words that forgives endings.
#[derive(Debug, Default)]
pub(super) struct Words {
    stems: HashSet<String>,
    beginnings: HashSet<String>,
}

/// How much of a word must be equal for it to be the same in another form.
const BEGINNING: usize = 6;

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self::default();
        words.add(text);
        words
    }

    pub(super) fn add(&mut self, text: &str) {
        for chunk in spaced(text).split(|char: char| char.is_whitespace() || "()[]{}<>\"`“”„|=*;,:/".contains(char))
        {
            let chunk = chunk.trim_matches(|char: char| !char.is_alphanumeric());
            if chunk.is_empty() {
                continue;
            }
            self.insert(&chunk.to_lowercase());
            let parts = subwords(chunk);
            if parts.len() > 1 {
                for part in &parts {
                    self.insert(part);
                }
            }
        }
    }

    fn insert(&mut self, lower: &str) {
        let stem = stem(lower);
        if !stem.chars().all(char::is_alphabetic) {
            self.stems.insert(stem);
            return;
        }
        if let Some((end, _)) = stem.char_indices().nth(BEGINNING) {
            self.beginnings.insert(stem[..end].to_owned());
        } else if stem.chars().count() == BEGINNING {
            self.beginnings.insert(stem.clone());
        }
        self.stems.insert(stem);
    }

    /// Whether the word stands here in some form.
    pub(super) fn has(&self, lower: &str) -> bool {
        let stem = stem(lower);
        if self.stems.contains(&stem) {
            return true;
        }
        // `round_half_even` is no other form of `round_half_up`.
        if !stem.chars().all(char::is_alphabetic) {
            return false;
        }
        match stem.char_indices().nth(BEGINNING) {
            Some((end, _)) => self.beginnings.contains(&stem[..end]),
            None => stem.chars().count() == BEGINNING && self.beginnings.contains(&stem),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stems.is_empty()
    }
}

/// The evidence.
#[derive(Debug)]
pub(super) struct Ledger<'e> {
    pub(super) exhibits: &'e Exhibits,
    pub(super) utterances: Vec<Utterance>,
    /// All words, those of the facts too.
    pub(super) words: Words,
    /// Texts in which a name may stand, those of the facts too.
    pub(super) texts: Vec<String>,
    /// Whether they talked in another language than English: then a claim's words are a translation of theirs.
    pub(super) foreign: bool,
}

impl<'e> Ledger<'e> {
    pub(super) fn of(exhibits: &'e Exhibits) -> Self {
        let mut utterances = Vec::new();
        for (nth, exhibit) in exhibits.items.iter().enumerate() {
            for (voice, text) in voices(&exhibit.kind, &exhibit.text) {
                utterances.push(utterance(nth, voice, text));
            }
        }
        let mut texts: Vec<String> = exhibits.items.iter().map(|exhibit| exhibit.text.clone()).collect();
        texts.extend(facts(exhibits));
        let mut words = Words::default();
        for text in &texts {
            words.add(text);
        }
        let foreign = utterances.iter().any(|utterance| {
            matches!(utterance.voice, Voice::Developer | Voice::Assistant(_)) && is_foreign(&utterance.folded)
        });
        Self { exhibits, utterances, words, texts, foreign }
    }

    /// The place of the exhibit of this id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.exhibits.items.iter().position(|exhibit| exhibit.id.eq_ignore_ascii_case(id))
    }

    /// All lines, with the utterance they are of.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&Utterance, &Line)> {
        self.utterances.iter().flat_map(|utterance| utterance.lines.iter().map(move |line| (utterance, line)))
    }

    /// Whether the name stands somewhere as a whole; with or without regard to capitals.
    pub(super) fn names(&self, name: &str, exact: bool) -> bool {
        self.texts.iter().any(|text| stands(name, text, exact))
    }
}

fn utterance(exhibit: usize, voice: Voice, text: &str) -> Utterance {
    let lines = sentences(text)
        .into_iter()
        .map(|line| Line { text: line.trim().to_owned(), words: Words::of(line), atoms: scan(line) })
        .collect();
    Utterance { exhibit, voice, folded: folded(text), words: Words::of(text), lines }
}

/// Whether a text is in another language than English, by the small words that it is made of.
pub(super) fn is_foreign(text: &str) -> bool {
    #[rustfmt::skip]
    const OTHER: &[&str] = &[
        "der", "die", "das", "und", "nicht", "ist", "ein", "eine", "mit", "auf", "für", "wir", "ich", "que", "el", "la",
        "los", "las", "de", "en", "y", "una", "por", "para", "con", "les", "des", "est", "une", "et", "pas", "le", "il",
        "dans", "pour", "che", "di", "non", "per", "é", "um", "uma", "com", "não", "het", "een", "van", "niet",
    ];
    if text.chars().any(is_script) {
        return true;
    }
    let lower = text.to_lowercase();
    let words = || lower.split(|char: char| !char.is_alphanumeric());
    let foreign = words().filter(|word| OTHER.contains(word)).count();
    foreign >= 2 && foreign > words().filter(|word| super::words::is_small(word)).count()
}

/// Whose words an exhibit is; of a question also those of the answer.
fn voices<'t>(kind: &'t Kind, text: &'t str) -> Vec<(Voice, &'t str)> {
    match kind {
        Kind::Message => vec![(Voice::Message, text)],
        Kind::Prompt | Kind::Note(NoteKind::Reflection) => vec![(Voice::Developer, text)],
        Kind::Reply(assistant) => vec![(Voice::Assistant(Some(*assistant)), text)],
        Kind::Plan { .. } | Kind::Note(NoteKind::Capture) => vec![(Voice::Assistant(None), text)],
        Kind::Question { answer } => match answer {
            Some(answer) => {
                let question = text.trim_end().strip_suffix(answer.trim()).unwrap_or(text);
                vec![(Voice::Assistant(None), question), (Voice::Developer, answer)]
            }
            None => vec![(Voice::Assistant(None), text)],
        },
        Kind::Command { .. } => vec![(Voice::Output, text)],
        Kind::File(_) => vec![(Voice::File, text)],
        Kind::Diff { .. } => vec![(Voice::Code, text)],
    }
}

/// What the facts say in words.
fn facts(exhibits: &Exhibits) -> Vec<String> {
    let facts = &exhibits.facts;
    let mut texts = vec![facts.author.clone(), facts.commit.to_string()];
    texts.extend(facts.branch.clone());
    texts.extend(facts.commits.iter().map(ToString::to_string));
    texts.extend(facts.changes.iter().flat_map(ChangedFile::paths).map(str::to_owned));
    for session in &facts.sessions {
        texts.push(session.assistant.name().to_owned());
        texts.push(session.id.clone());
        texts.extend(session.model.clone());
    }
    texts.extend(facts.failures.iter().flat_map(|failure| [failure.command.clone(), failure.output.clone()]));
    let diffs = exhibits.items.iter().filter_map(|exhibit| match &exhibit.kind {
        Kind::Diff { path } => Some(path.clone()),
        Kind::File(file) => Some(file.path.clone()),
        _ => None,
    });
    texts.extend(diffs);
    texts
}

/// Whether a name stands in a text as a whole: `retry.rs` in `src/retry.rs`, but not in `auto-retry.rs` or `retry.rs.bak`.
pub(super) fn stands(name: &str, text: &str, exact: bool) -> bool {
    let (lower_name, lower_text);
    let (name, text) = if exact {
        (name, text)
    } else {
        (lower_name, lower_text) = (name.to_lowercase(), text.to_lowercase());
        (lower_name.as_str(), lower_text.as_str())
    };
    let pathlike = name.contains(['/', '.']);
    let starts_word = name.starts_with(|char: char| char.is_alphanumeric() || char == '_');
    let ends_word = name.ends_with(|char: char| char.is_alphanumeric() || char == '_');
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(name)).map(|at| from + at) {
        let end = at + name.len();
        let mut before = text[..at].chars().rev();
        let mut after = text[end..].chars();
        let (previous, next, beyond) = (before.next(), after.next(), after.next());
        let word = |char: char| (char.is_alphanumeric() || char == '_') && !is_script(char);
        let joined = |char: char| char == '-' || char == '.';
        let begins = !starts_word
            || previous.is_none_or(|char| !(word(char) || pathlike && joined(char) && before.next().is_some_and(word)));
        let more = beyond.is_some_and(word);
        let ends =
            !ends_word || next.is_none_or(|char| !(word(char) || more && (char == '-' || char == '.' && pathlike)));
        if begins && ends {
            return true;
        }
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    false
}
