//! Words: how a text is taken apart, and which words of English say nothing by themselves.
//!
//! In: plain text. Out: [`Token`]s, stems. Never here: what a word means.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that any honest sentence is made of: they need not stand in the evidence.
static PLAIN: LazyLock<HashSet<String>> = LazyLock::new(|| stems(include_str!("plain.txt")));

/// Other words of ordinary English, with which a paraphrase may be made. What is neither here nor in the evidence is a
/// name that nobody has mentioned.
static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| stems(include_str!("common.txt")));

/// More words of ordinary English: with these a conversation in another language may be translated.
static ORDINARY: LazyLock<HashSet<String>> = LazyLock::new(|| stems(include_str!("ordinary.txt")));

fn stems(list: &str) -> HashSet<String> {
    list.split_whitespace().flat_map(|word| [word.to_owned(), stem(word)]).collect()
}

/// Words that only tie others together.
#[rustfmt::skip]
const SMALL: &[&str] = &[
    "the", "a", "an", "it", "its", "that", "this", "these", "those", "to", "of", "in", "on", "at", "for", "by",
    "with", "as", "and", "or", "be", "is", "are", "was", "were", "been", "has", "have", "had", "will", "would",
    "should", "could", "can", "may", "might", "if", "whether", "when", "where", "how", "what", "which", "who",
    "there", "here", "they", "them", "he", "she", "him", "her", "his", "their", "do", "does", "did", "done", "not",
    "no", "so", "than", "then", "also", "too", "up", "out", "from", "into", "about", "after", "before", "now",
    "only", "just", "one", "more", "any", "some", "all", "each", "because", "since", "but", "while", "anything",
    "something", "same", "other", "get", "let", "make", "being", "own",
];

/// Whether a word only ties others together.
pub(super) fn is_small(lower: &str) -> bool {
    SMALL.contains(&lower)
}

/// Whether a word needs no evidence.
pub(super) fn is_plain(lower: &str) -> bool {
    PLAIN.contains(lower) || PLAIN.contains(&stem(lower))
}

/// Whether a word belongs to ordinary English.
pub(super) fn is_common(lower: &str) -> bool {
    is_plain(lower) || COMMON.contains(lower) || COMMON.contains(&stem(lower))
}

/// Whether a word belongs to the English into which another language is translated.
pub(super) fn is_ordinary(lower: &str) -> bool {
    ORDINARY.contains(lower) || ORDINARY.contains(&stem(lower))
}

/// Whether a word is made of an English word: `unclosed`, `readable`, `cleanliness`.
pub(super) fn is_english(lower: &str) -> bool {
    let known = |word: &str| {
        word.len() > 2 && (is_common(word) || is_common(&format!("{word}e")) || is_common(&format!("{word}y")))
    };
    let root = |word: &str| {
        known(word)
            || [
                "able", "ible", "ness", "ful", "less", "ity", "al", "ive", "ous", "ing", "ed", "er", "or", "ly",
                "ally", "ance", "ence", "ation", "ility", "ment", "ate",
            ]
            .iter()
            .any(|end| {
                word.strip_suffix(end)
                    .is_some_and(|base| known(base) || known(base.trim_end_matches(|c| base.ends_with(c))))
            })
    };
    root(lower)
        || root(&stem(lower))
        || ["un", "re", "non", "pre", "mis", "in", "dis", "over", "under", "de"]
            .iter()
            .any(|start| lower.strip_prefix(start).is_some_and(|rest| root(rest.trim_start_matches('-'))))
}

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, perhaps with a hyphen.
    Word,
    /// Something that is spelled one way only: a path, an identifier, a flag, a product.
    Name,
    /// Begins with a digit.
    Number,
    /// Between backticks.
    Code,
    /// A quotation, by its number.
    Quote(usize),
    /// The end of a clause.
    Stop,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) lower: String,
    /// Whether it begins a sentence, where a capital letter says nothing.
    pub(super) first: bool,
}

impl Token {
    pub(super) fn is(&self, words: &[&str]) -> bool {
        words.contains(&self.lower.as_str())
    }
}

/// Stands in a text for the quotation of this number.
pub(super) fn placeholder(number: usize) -> String {
    format!(" \u{1}{number}\u{2} ")
}

/// Takes a text apart.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    for (nth, piece) in text.split('`').enumerate() {
        if nth % 2 == 1 {
            push(&mut out, Kind::Code, piece.trim());
            continue;
        }
        for chunk in piece.split_whitespace() {
            // `a — b` and `a—b`: a clause ends. `3–4` does not.
            let mut rest = chunk;
            while let Some((before, after)) = rest.split_once('—') {
                word(&mut out, before);
                stop(&mut out);
                rest = after;
            }
            word(&mut out, rest);
        }
    }
    out
}

fn push(out: &mut Vec<Token>, kind: Kind, text: &str) {
    if text.is_empty() {
        return;
    }
    let first = out.last().is_none_or(|last| last.kind == Kind::Stop && matches!(last.text.as_str(), "." | ":"));
    out.push(Token { kind, text: text.to_owned(), lower: text.to_lowercase(), first });
}

fn stop(out: &mut Vec<Token>) {
    push(out, Kind::Stop, ",");
}

fn word(out: &mut Vec<Token>, chunk: &str) {
    if let Some(number) = chunk.strip_prefix('\u{1}').and_then(|rest| rest.split('\u{2}').next())
        && let Ok(number) = number.parse()
    {
        push(out, Kind::Quote(number), chunk);
        return;
    }
    // `25 * 1024` is one thing.
    if matches!(chunk, "*" | "×" | "/" | "+" | "=")
        && let Some(last) = out.last_mut().filter(|last| last.kind == Kind::Number)
    {
        last.text = format!("{} {chunk}", last.text);
        return;
    }
    if let Some(last) =
        out.last_mut().filter(|last| last.kind == Kind::Number && last.text.ends_with(['*', '×', '/', '+', '=']))
    {
        last.text = format!("{} {}", last.text, chunk.trim_end_matches([',', '.', ';']));
        return;
    }
    if chunk.starts_with('(') {
        stop(out);
    }
    let core = chunk.trim_start_matches(|char: char| "([{<\"'“‘„*_".contains(char));
    let core = if chunk.starts_with('_') && core.len() > 1 && core.contains('_') { chunk } else { core };
    let trimmed = core.trim_end_matches(|char: char| ".,;:!?…)]}>\"'”’*".contains(char));
    // `bump()` keeps its brackets off, `f(x)` keeps them.
    let trimmed = if core.starts_with("--") { core.trim_end_matches([',', '.', ';', ':', ')']) } else { trimmed };
    let text = ["'s", "’s"].iter().find_map(|end| trimmed.strip_suffix(end)).unwrap_or(trimmed);
    if !text.is_empty() {
        push(out, kind(text), text.trim_end_matches("()"));
    }
    let tail = &core[trimmed.len()..];
    if let Some(mark) = tail.chars().find(|char| ".,;:!?)".contains(*char)) {
        let mark = if ".!?".contains(mark) {
            "."
        } else if mark == ':' {
            ":"
        } else {
            ","
        };
        push(out, Kind::Stop, mark);
    }
}

fn kind(text: &str) -> Kind {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or(' ');
    let signed = matches!(first, '+' | '-' | '−' | '~' | '±' | '≈' | '<' | '>' | '≤' | '≥');
    if first.is_ascii_digit() || (signed && text.chars().nth(1).is_some_and(|char| char.is_ascii_digit())) {
        // A commit id and `5xx` are names.
        let hex = text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        return if hex && text.bytes().any(|byte| byte.is_ascii_alphabetic()) { Kind::Name } else { Kind::Number };
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Kind::Stop;
    }
    let special = |char: char| "/\\_.#@$=<>(){}[]|*+&%~^:".contains(char) || char.is_ascii_digit();
    let upper = text.chars().filter(|char| char.is_uppercase()).count();
    let capital = first.is_uppercase();
    let inner = upper > usize::from(capital);
    let parts = text.split('-').all(|part| {
        let mut chars = part.chars();
        chars.next();
        chars.all(|char| char.is_lowercase() || "'’".contains(char))
    });
    if text.starts_with('-') || text.chars().any(special) || (inner && !(parts && text.contains('-'))) {
        Kind::Name
    } else {
        Kind::Word
    }
}

/// The words of a name, in lower case: `deliverWebhook`, `src/a-b.rs`.
pub(super) fn subwords(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous = ' ';
    for char in name.chars() {
        if !char.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
        } else if (char.is_uppercase() && previous.is_lowercase())
            || (char.is_ascii_digit() != previous.is_ascii_digit() && previous.is_alphanumeric())
        {
            words.push(std::mem::take(&mut word));
            word.extend(char.to_lowercase());
        } else {
            word.extend(char.to_lowercase());
        }
        previous = char;
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Forms that no ending tells.
#[rustfmt::skip]
const IRREGULAR: &[(&str, &str)] = &[
    ("built", "build"), ("sent", "send"), ("ran", "run"), ("took", "take"), ("taken", "take"), ("wrote", "write"),
    ("written", "write"), ("kept", "keep"), ("made", "make"), ("broke", "break"), ("broken", "break"),
    ("chose", "choose"), ("chosen", "choose"), ("gave", "give"), ("given", "give"), ("held", "hold"),
    ("knew", "know"), ("known", "know"), ("lost", "lose"), ("seen", "see"), ("saw", "see"), ("shown", "show"),
    ("thought", "think"), ("threw", "throw"), ("thrown", "throw"), ("grew", "grow"), ("grown", "grow"),
    ("fell", "fall"), ("fallen", "fall"), ("hid", "hide"), ("hidden", "hide"), ("slept", "sleep"),
    ("spent", "spend"), ("split", "split"), ("understood", "understand"), ("went", "go"), ("gone", "go"),
    ("came", "come"), ("began", "begin"), ("begun", "begin"), ("caught", "catch"), ("brought", "bring"),
    ("bought", "buy"), ("froze", "freeze"), ("frozen", "freeze"), ("hung", "hang"), ("led", "lead"),
    ("meant", "mean"), ("met", "meet"), ("paid", "pay"), ("stood", "stand"), ("stuck", "stick"),
    ("swapped", "swap"), ("told", "tell"), ("said", "say"), ("asked", "ask"), ("left", "leave"),
    ("rewrote", "rewrite"), ("rewritten", "rewrite"), ("rebuilt", "rebuild"), ("drew", "draw"), ("drawn", "draw"),
    ("ate", "eat"), ("spoke", "speak"), ("spoken", "speak"),
];

/// A word without its ending, for comparing. Not a word of any language.
pub(super) fn stem(lower: &str) -> String {
    let word = lower.trim_end_matches("'s").trim_end_matches("’s");
    let mut word = IRREGULAR.iter().find(|(form, _)| *form == word).map_or(word, |(_, base)| base).to_owned();
    let cut = |word: &mut String, end: &str, least: usize, with: &str| {
        let long = word.chars().count() >= least + end.len();
        let found = long && word.ends_with(end);
        if found {
            word.truncate(word.len() - end.len());
            word.push_str(with);
        }
        found
    };
    if !cut(&mut word, "ies", 2, "y")
        && !cut(&mut word, "sses", 1, "ss")
        && !word.ends_with("ss")
        && !word.ends_with("us")
    {
        cut(&mut word, "s", 3, "");
    }
    let verb = cut(&mut word, "ing", 3, "") || cut(&mut word, "ed", 3, "");
    if !verb {
        let _ = cut(&mut word, "ization", 3, "iz")
            || cut(&mut word, "isation", 3, "iz")
            || cut(&mut word, "ation", 4, "at")
            || cut(&mut word, "ment", 4, "")
            || cut(&mut word, "ly", 3, "")
            || cut(&mut word, "er", 4, "")
            || cut(&mut word, "ion", 3, "");
    }
    let mut end = word.chars().rev();
    if let (Some(last), Some(before)) = (end.next(), end.next())
        && last == before
        && !"aeiouls".contains(last)
        && word.len() > 3
    {
        word.pop();
    }
    if word.chars().count() > 3 && word.ends_with('e') {
        word.pop();
    }
    if word.chars().count() > 3 && word.ends_with('y') {
        word.pop();
        word.push('i');
    }
    word
}

/// Whether a character is of a script that puts no blanks between words.
pub(super) fn is_script(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// A text with blanks between such a script and others, so that `テストは0.4秒` has its number.
pub(super) fn spaced(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.chars().any(is_script) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut before = ' ';
    for char in text.chars() {
        let edge = before.is_alphanumeric() && char.is_alphanumeric() && is_script(before) != is_script(char);
        if edge || matches!(before, '秒' | '分' | '日' | '時' | '件') || matches!(char, '、' | '。' | '「' | '」')
        {
            out.push(' ');
        }
        out.push(char);
        before = char;
    }
    out.into()
}

/// The sentences of a text, for finding what was said together: lines, and what ends in `.`, `!`, `?` or `;`.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        for (at, char) in line.char_indices() {
            let after = line[at + char.len_utf8()..].chars().next();
            let dots = line[..at].ends_with('.') && char == '.';
            let full = matches!(char, '。' | '！' | '？');
            if full || matches!(char, '.' | '!' | '?' | ';') && !dots && after.is_none_or(char::is_whitespace) {
                out.push(&line[start..at + char.len_utf8()]);
                start = at + char.len_utf8();
            }
        }
        out.push(&line[start..]);
    }
    out.retain(|sentence| !sentence.trim().is_empty());
    out
}
