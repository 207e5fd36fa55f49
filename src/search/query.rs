//! What somebody looks for.
//!
//! In: what was typed. Out: a [`Query`]: plain data, whatever was typed.
//! Never here: SQL, or the language of the index.
//!
//! Words must all occur. `"a phrase"`, `begin*`, `-without`, `this OR that`; and filters: `author:`, `file:`, `assistant:`,
//! `since:`, `until:`, `in:`, each also with quotes (`author:"Ada Example"`); the first three also with `-` before them.

use chrono::NaiveDate;

use super::passages::Field;
use super::words::{folded, words};
use crate::chat::Assistant;
use crate::journal::Days;

/// More is nothing that anybody typed.
const LONGEST: usize = 4 << 10;

/// The most words and phrases that are looked for at once.
const MOST: usize = 100;

/// A query that cannot be understood, and what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unclear {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: String,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// Of each of these groups, one must occur.
    pub all: Vec<Vec<Term>>,
    /// None of these may.
    pub none: Vec<Term>,
    /// Where they are looked for; everywhere if there is none.
    pub fields: Vec<Field>,
    /// On which days.
    pub days: Option<Days>,
    /// What else an entry must be like. Of those of one kind that are wanted, one must be so.
    pub only: Vec<Only>,
}

/// A word or a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Its words in their plainest form, one after the other; never empty.
    pub words: Vec<String>,
    /// The same as one word, where it was written as one.
    pub whole: Option<String>,
    /// Whether the last word may go on.
    pub prefix: bool,
}

/// A filter on whole entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Only {
    /// What it is about.
    pub kind: Kind,
    /// Whether the opposite is wanted.
    pub not: bool,
}

/// What a filter is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The author's name contains this (in its plainest form).
    Author(String),
    /// The path of a changed file contains this (in its plainest form).
    File(String),
    /// One of these took part.
    Assistant(Vec<Assistant>),
}

impl Query {
    /// Reads what was typed.
    ///
    /// # Errors
    /// A filter's value is none, or there is too much of it all. Nothing else is an error.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, Unclear> {
        if text.len() > LONGEST {
            return Err(unclear(
                format!("the query has {} bytes, more than the {LONGEST} allowed", text.len()),
                "look for fewer words",
            ));
        }
        let mut query = Self::default();
        let mut joins = false;
        let mut follows = false;
        for item in items(text) {
            if item.quoted.is_none() && !item.not && matches!(item.text, "OR" | "AND") {
                joins = item.text == "OR" && follows;
                continue;
            }
            if query.filter(&item, today)? {
                (joins, follows) = (false, false);
                continue;
            }
            let Some(term) = term(&item) else { continue };
            match query.all.last_mut() {
                _ if item.not => query.none.push(term),
                Some(group) if joins => group.push(term),
                _ => query.all.push(vec![term]),
            }
            (joins, follows) = (false, !item.not);
        }
        if query.all.iter().map(Vec::len).sum::<usize>() + query.none.len() + query.only.len() > MOST {
            return Err(unclear(format!("the query has more than {MOST} words"), "look for fewer words"));
        }
        Ok(query)
    }

    /// Whether it asks for nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a filter in, if the item is one.
    fn filter(&mut self, item: &Item<'_>, today: NaiveDate) -> Result<bool, Unclear> {
        let Some(key) = item.key else { return Ok(false) };
        let value = item.quoted.unwrap_or(item.text).trim();
        if value.is_empty() {
            let message = format!("`{key}:` has no value");
            return Err(unclear(message, "write it without a space: author:ada, or author:\"Ada Example\""));
        }
        let kind = match key {
            "author" => Kind::Author(lowered(value)),
            "file" => Kind::File(lowered(value)),
            "assistant" => Kind::Assistant(assistants(value)?),
            _ if item.not => {
                let message = format!("`-{key}:` says nothing");
                return Err(unclear(message, "only author:, file: and assistant: can have a - before them"));
            }
            "in" => {
                self.fields.extend(fields(value)?);
                return Ok(true);
            }
            _ => {
                self.within(key, value, today)?;
                return Ok(true);
            }
        };
        self.only.push(Only { kind, not: item.not });
        Ok(true)
    }

    /// Keeps to days since, or until, what a value names.
    fn within(&mut self, key: &str, value: &str, today: NaiveDate) -> Result<(), Unclear> {
        let named = Days::parse(value, today).ok_or_else(|| {
            let message = format!("`{key}:{value}` names no day");
            unclear(message, "write a day, a period or a span: 2026-01-06, yesterday, \"last week\", 2026-01, 30d")
        })?;
        let mut days = self.days.unwrap_or(Days { first: NaiveDate::MIN, last: NaiveDate::MAX });
        if key == "since" {
            days.first = days.first.max(named.first);
        } else {
            days.last = days.last.min(named.last);
        }
        self.days = Some(days);
        Ok(())
    }
}

impl Term {
    /// Whether its last word may go on: because of a `*`, or because it looks like the beginning of a commit's id.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        let [word] = &self.words[..] else { return self.prefix };
        let hex = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        self.prefix || (hex && word.len() >= 7 && word.bytes().any(|byte| byte.is_ascii_digit()))
    }
}

fn unclear(message: String, hint: &str) -> Unclear {
    Unclear { message, hint: hint.to_owned() }
}

/// A piece of what was typed.
#[derive(Debug)]
struct Item<'a> {
    not: bool,
    /// The name of a filter.
    key: Option<&'static str>,
    /// What stood between quotes.
    quoted: Option<&'a str>,
    /// What stood without.
    text: &'a str,
    /// A `*` behind it.
    prefix: bool,
}

const KEYS: &[&str] = &["author", "file", "assistant", "since", "until", "in"];

/// Parts what was typed at blanks, those within quotes apart. A quote that is never closed ends with the text.
fn items(text: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let not = rest.starts_with('-') && rest[1..].starts_with(|c: char| !c.is_whitespace() && c != '-');
        rest = &rest[usize::from(not)..];
        let key = KEYS.iter().copied().find(|key| rest.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
        rest = &rest[key.map_or(0, |key| key.len() + 1)..];
        let (quoted, text);
        if let Some(inner) = rest.strip_prefix('"') {
            let end = inner.find('"').unwrap_or(inner.len());
            (quoted, text) = (Some(&inner[..end]), "");
            rest = inner[end..].strip_prefix('"').unwrap_or_default();
        } else {
            // A quote in the midst of a word begins another item, so that none is lost.
            let end = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
            (quoted, text) = (None, &rest[..end]);
            rest = &rest[end..];
        }
        let star = rest.starts_with('*') && quoted.is_some();
        rest = rest[usize::from(star)..].trim_start();
        let prefix = star || text.ends_with('*');
        items.push(Item { not, key, quoted, text, prefix });
    }
    items
}

/// What an item looks for: one phrase, or nothing when it is made of signs alone.
fn term(item: &Item<'_>) -> Option<Term> {
    let found = words(item.quoted.unwrap_or(item.text));
    let whole = match (&found.wholes[..], &found.parts[..]) {
        // The parts are all of the one whole.
        ([whole], [first, .., last]) if whole.range == (first.range.start..last.range.end) => Some(whole.text.clone()),
        _ => None,
    };
    let words: Vec<String> = found.parts.into_iter().map(|word| word.text).collect();
    (!words.is_empty()).then_some(Term { words, whole, prefix: item.prefix })
}

/// The form in which names and paths are compared.
#[must_use]
pub fn lowered(text: &str) -> String {
    text.split_inclusive(|c: char| !c.is_alphanumeric())
        .map(|piece| {
            let sign = piece.chars().next_back().filter(|c| !c.is_alphanumeric());
            let letters = sign.map_or(piece, |sign| &piece[..piece.len() - sign.len_utf8()]);
            folded(letters) + &sign.map(String::from).unwrap_or_default()
        })
        .collect()
}

/// The assistants whose names contain this.
///
/// # Errors
/// There is none.
pub fn assistants(value: &str) -> Result<Vec<Assistant>, Unclear> {
    let wanted = value.to_lowercase();
    let matching: Vec<Assistant> = Assistant::ALL
        .iter()
        .copied()
        .filter(|one| one.slug().contains(&wanted) || one.name().to_lowercase().contains(&wanted))
        .collect();
    if matching.is_empty() {
        let names: Vec<&str> = Assistant::ALL.iter().map(|one| one.slug()).collect();
        let message = format!("`{value}` is no assistant that is known");
        return Err(unclear(message, &format!("these are: {}", names.join(", "))));
    }
    Ok(matching)
}

/// The parts of an entry that a name stands for.
fn fields(value: &str) -> Result<Vec<Field>, Unclear> {
    let found = match value.to_lowercase().as_str() {
        "conversation" => vec![Field::Prompts, Field::Replies],
        "message" | "commit" => vec![Field::Subject, Field::Message],
        "files" => vec![Field::Changes],
        "reflections" => vec![Field::Notes],
        "summary" => vec![Field::Prose],
        name => Field::ALL.iter().copied().filter(|field| field.name() == name).collect(),
    };
    if found.is_empty() {
        let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
        let message = format!("`in:{value}` is no part of an entry");
        return Err(unclear(message, &format!("these are: conversation, {}", names.join(", "))));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Query, Unclear> {
        Query::parse(text, "2026-01-06".parse().unwrap())
    }

    #[test]
    fn words_phrases_and_their_opposites_are_told_apart() {
        let check = |text: &str, expected: &str| {
            let query = parse(text).unwrap();
            let term = |term: &Term| {
                let whole = term.whole.as_ref().map(|whole| format!("={whole}")).unwrap_or_default();
                format!("{}{whole}{}", term.words.join("+"), if term.prefix { "*" } else { "" })
            };
            let all = query.all.iter().map(|group| group.iter().map(term).collect::<Vec<_>>().join("|"));
            let none = query.none.iter().map(|one| format!("-{}", term(one)));
            assert_eq!(all.chain(none).collect::<Vec<_>>().join(" "), expected, "{text}");
        };
        check("Retry budget", "retry budget");
        check("\"pause doubles\" -flaky", "pause+doubles -flaky");
        check("retr* \"the pau\"*", "retr* the+pau*");
        check("fooBar retry_count src/retry.rs", "foo+bar=foobar retry+count=retrycount src+retry+rs");
        check("\"the fooBar\"", "the+foo+bar");
        check("a OR b c OR d OR e", "a|b c|d|e");
        check("OR a AND b OR", "a b");
        check("a OR -b c", "a c -b");
        check("or and not", "or and not");
        check("NEAR(a b) {x} : ^y \\ ' ; --", "near+a b x y");
        check("\"open phrase", "open+phrase");
        check("say\"this thing\"now", "say this+thing now");
        check("std::vec http://x.org foo:bar", "std+vec http+x+org foo+bar");
        check("- -- \"\" *", "");
        check("重试 次*", "重+试 次*");
    }

    #[test]
    fn filters_are_read_and_what_they_cannot_be_is_told() {
        let query =
            parse("author:\"Ada É\" -file:Cargo.lock assistant:copilot in:conversation since:2026 until:yesterday x")
                .unwrap();
        assert_eq!(query.fields, [Field::Prompts, Field::Replies]);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(query.days, Some(Days { first: day("2026-01-01"), last: day("2026-01-05") }));
        let expected = [
            Only { kind: Kind::Author("ada e".to_owned()), not: false },
            Only { kind: Kind::File("cargo.lock".to_owned()), not: true },
            Only { kind: Kind::Assistant(vec![Assistant::CopilotVsCode, Assistant::CopilotCli]), not: false },
        ];
        assert_eq!((&query.only[..], query.all.len()), (&expected[..], 1));
        for (text, expected) in [
            ("since:soon", "names no day"),
            ("in:attic", "no part of an entry"),
            ("assistant:hal", "no assistant"),
            ("author: ada", "has no value"),
            ("-since:2026", "says nothing"),
            (&"x ".repeat(101), "more than 100 words"),
            (&"x".repeat(5000), "more than the 4096"),
        ] {
            assert!(parse(text).unwrap_err().message.contains(expected), "{text}");
        }
        assert!(parse(" \"\" - ").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|[\"*:() -]|OR|in:|author:|-){0,30}") {
            let _ = parse(&text);
        }
    }
}
