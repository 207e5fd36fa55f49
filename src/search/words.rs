//! A text as the words it is found by.
//!
//! In: any text. Out: its words in their plainest form (small letters, without accents), each with its place.
//! Never here: a language. Words are not reduced to stems: a journal holds several languages, and code.
//!
//! `retry_count` and `fooBar` are two words each and, besides, one whole: [`Words::wholes`]. `src/retry.rs` is three words.
//! Scripts that put no spaces between words (Han, kana, Hangul, Thai and their neighbours) are taken letter by letter, so
//! that any part of a text is found as a phrase.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Of a longer word, such as a picture in Base64, the beginning counts.
const LONGEST: usize = 64;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its plainest form: ASCII letters and digits, and characters beyond ASCII; never empty.
    pub text: String,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// The words of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// All, in order.
    pub parts: Vec<Word>,
    /// Those that several parts make up.
    pub wholes: Vec<Word>,
}

/// Takes a text apart.
#[must_use]
pub fn words(text: &str) -> Words {
    let mut words = Words::default();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(belongs).map(|at| rest + at) {
        let end = text[start..].find(|c| !belongs(c)).map_or(text.len(), |length| start + length);
        for run in runs(text, start..end) {
            identifier(text, run, &mut words);
        }
        rest = end;
    }
    words
}

/// Whether a character is a part of words, or joins them.
fn belongs(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || is_mark(c)
}

/// Whether a character changes the letter before it; those of half-width kana are letters by their category.
fn is_mark(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

/// Whether a letter stands for itself, because nothing says where a word ends.
fn stands_alone(c: char) -> bool {
    matches!(
        c,
        // Thai, Lao, Tibetan, Myanmar, Khmer
        '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Kana, Bopomofo, Hangul, Han
        | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{a4cf}'
        | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}'
        | '\u{20000}'..='\u{3ffff}'
    )
}

/// Parts a stretch where letters that stand alone meet others.
fn runs(text: &str, stretch: Range<usize>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (at, c) in text[stretch.clone()].char_indices() {
        let here = stretch.start + at..stretch.start + at + c.len_utf8();
        let alone = stands_alone(c);
        match runs.last_mut() {
            // A mark belongs to the letter before it.
            Some(run) if is_mark(c) || (open && !alone) => run.end = here.end,
            _ => runs.push(here),
        }
        open = !alone && (open || !is_mark(c));
    }
    runs
}

/// Adds the parts of an identifier, and the whole where there are several.
fn identifier(text: &str, run: Range<usize>, words: &mut Words) {
    let before = words.parts.len();
    let mut start = run.start;
    let mut last: Option<char> = None;
    let mut chars = text[run.clone()].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let at = run.start + at;
        let next = chars.peek().map(|(_, next)| *next);
        let bends = last.is_some_and(|last| {
            let begins = !last.is_uppercase() && c.is_uppercase();
            begins || (last.is_uppercase() && c.is_uppercase() && next.is_some_and(char::is_lowercase))
        });
        if c == '_' || bends {
            words.parts.extend(word(text, start..at));
            start = if c == '_' { at + 1 } else { at };
        }
        last = Some(c).filter(|c| *c != '_');
    }
    words.parts.extend(word(text, start..run.end));
    if let [first, .., last] = &words.parts[before..] {
        let range = first.range.start..last.range.end;
        let whole: String = words.parts[before..].iter().map(|part| part.text.as_str()).collect();
        words.wholes.push(Word { text: cut(whole), range });
    }
}

fn word(text: &str, range: Range<usize>) -> Option<Word> {
    let plain = cut(folded(&text[range.clone()]));
    (!plain.is_empty()).then_some(Word { text: plain, range })
}

/// The plainest form of a text: compatible letters made one, accents off, small.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // What a letter is taken apart into may hold spaces and signs: they would part the word where it is stored.
    let kept = |c: &char| if c.is_ascii() { c.is_ascii_alphanumeric() } else { !is_accent(*c) };
    text.nfkd().flat_map(char::to_lowercase).nfkd().filter(kept).collect()
}

/// Accents, and the points of Hebrew and Arabic, which are written or not as one likes. Other marks are vowels.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_taken_apart_where_people_and_programs_would() {
        let check = |text: &str, parts: &str, wholes: &str| {
            let words = words(text);
            let joined = |words: &[Word]| words.iter().map(|word| word.text.clone()).collect::<Vec<_>>().join(" ");
            assert_eq!((joined(&words.parts), joined(&words.wholes)), (parts.to_owned(), wholes.to_owned()), "{text}");
        };
        check("Uploads hammer, it's 40 tries!", "uploads hammer it s 40 tries", "");
        check("retry_count in src/retry.rs", "retry count in src retry rs", "retrycount");
        check("fooBar HTTPServer2 x509Cert", "foo bar http server2 x509 cert", "foobar httpserver2 x509cert");
        check("__init__ _ A4B", "init a4 b", "a4b");
        check("4a98f724 sha256 v1.2", "4a98f724 sha256 v1 2", "");
        check("Größe café cafe\u{301} ŁÓDŹ İ", "große cafe cafe łodz i", "");
        check("重试 retry次数", "重 试 retry 次 数", "");
        check("한 ｶﾞ ﬁne ①", "\u{1112}\u{1161}\u{11ab} カ\u{3099} fine 1", "");
        check("\u{fdfa} \u{0} -- …", "صلىاللهعليهوسلم", "");
    }

    proptest! {
        #[test]
        fn words_are_plain_lie_in_the_text_and_stay_themselves(text in "\\PC{0,40}|[a-zA-Z_0-9 äÉ重\u{301}]{0,40}") {
            let found = words(&text);
            for word in found.parts.iter().chain(&found.wholes) {
                prop_assert!(text.get(word.range.clone()).is_some());
                prop_assert!(!word.text.is_empty() && word.text.chars().count() <= LONGEST);
                prop_assert!(word.text.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric()), "{:?}", word.text);
            }
            prop_assert!(found.parts.is_sorted_by_key(|word| word.range.start));
        }
    }
}
