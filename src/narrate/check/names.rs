//! Names: files, symbols, flags, URLs, commits, products. Each stands in the evidence as a whole.
//!
//! In: a [`Statement`]. Out: nothing, or which name nobody has mentioned. Never here: a guess at what was meant.

use super::figures::{self, number_word};
use super::ledger::{Ledger, Voice};
use super::statement::Statement;
use super::words::{Kind, Token, is_common, is_english, subwords};
use crate::journal::{ChangedFile, Mark, Section};

/// Words joined by a stroke that name nothing.
#[rustfmt::skip]
const PAIRS: &[&str] = &[
    "and/or", "read/write", "input/output", "client/server", "yes/no", "on/off", "his/her", "he/she", "i/o",
    "ci/cd", "either/or", "before/after", "start/stop", "key/value", "try/catch", "pass/fail", "true/false",
    "request/response",
];

/// Checks every name.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    for (at, token) in said.tokens.iter().enumerate() {
        let known = match token.kind {
            Kind::Code => code(&token.text, ledger),
            Kind::Name => name(&token.text, ledger),
            Kind::Number => figures::is_figure(&token.text) || ledger.names(token.text.trim_start_matches('~'), true),
            Kind::Word => word(said, at, token, ledger),
            Kind::Quote(_) | Kind::Stop => true,
        };
        if !known {
            return Err(format!("nobody has mentioned \"{}\"", token.text));
        }
        if matches!(token.kind, Kind::Code | Kind::Name) {
            status(said, at, token, ledger)?;
            issue(said, at, token, ledger)?;
        }
    }
    Ok(())
}

/// Text between backticks: a name, or a piece of code or of a command as it stands.
fn code(text: &str, ledger: &Ledger<'_>) -> bool {
    if ledger.names(text, true) || ledger.names(text.trim_end_matches("()"), true) {
        return true;
    }
    if figures::is_figure(text) {
        return ledger.names(text, true);
    }
    // White space in code may differ from the diff's, and the marks of the lines stand between.
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.contains(char::is_whitespace)
        && ledger.utterances.iter().any(|utterance| super::ledger::stands(&squeezed, &utterance.folded, true))
}

/// A name in prose. A product may be spelled with other capitals, a symbol may not.
fn name(text: &str, ledger: &Ledger<'_>) -> bool {
    if ledger.names(text, true) || PAIRS.contains(&text.to_lowercase().as_str()) {
        return true;
    }
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.len() >= 7 {
        return ledger.texts.iter().any(|evidence| {
            evidence
                .split(|char: char| !char.is_ascii_alphanumeric())
                .any(|id| id.len() >= text.len() && id.starts_with(text))
        });
    }
    let letters = text.chars().all(|char| char.is_alphanumeric() || char == '-');
    if !letters {
        // `and/or`-like pairs whose halves are both known words of the evidence.
        let halves: Vec<&str> = text.split('/').collect();
        return halves.len() == 2
            && !text.contains('.')
            && halves
                .iter()
                .all(|half| half.chars().all(char::is_lowercase) && is_common(half) && ledger.words.has(half));
    }
    // `GitHub` where the evidence has `github`; `JWTs` where it has `JWT`; `AI` needs no evidence.
    let lower = text.to_lowercase();
    let singular = text.strip_suffix('s').filter(|word| word.chars().all(char::is_uppercase));
    let inner = text.chars().skip(1).any(char::is_uppercase) && text.chars().any(char::is_lowercase);
    matches!(text, "AI" | "OK" | "ID" | "IDs")
        || singular.is_some_and(|word| ledger.names(word, true))
        || (inner && ledger.names(&lower, true))
        || (!inner && whole_word(&lower, ledger))
        || text
            .split('-')
            .all(|part| part.len() < text.len() && (ledger.names(part, false) || is_common(&part.to_lowercase())))
}

/// Whether the word stands somewhere, in an identifier too.
fn whole_word(lower: &str, ledger: &Ledger<'_>) -> bool {
    ledger.names(lower, false)
        || ledger.texts.iter().any(|text| {
            text.split(|char: char| char.is_whitespace()).any(|chunk| subwords(chunk).iter().any(|word| word == lower))
        })
}

/// A word with a capital inside a sentence is a name; so is one that is no English and nowhere in the evidence.
fn word(said: &Statement, at: usize, token: &Token, ledger: &Ledger<'_>) -> bool {
    if ledger.words.has(&token.lower) || is_common(&token.lower) || number_word(&token.lower).is_some() {
        let capital = token.text.chars().next().is_some_and(char::is_uppercase);
        let names = capital && !token.first && at > 0;
        return !names || ledger.words.has(&token.lower) || follows_stop(said, at) || date(&token.lower, ledger);
    }
    date(&token.lower, ledger)
        || (said.section == Section::Mood && super::tone::is_feeling(&token.lower))
        || is_english(&token.lower)
        || token.lower.split('-').all(|part| {
            part.len() < token.lower.len()
                && (ledger.words.has(part) || is_common(part) || number_word(part).is_some() || is_english(part))
        })
}

/// A heading-like beginning: after a colon or a comma a capital may stand for style.
fn follows_stop(said: &Statement, at: usize) -> bool {
    said.tokens.get(at.wrapping_sub(1)).is_some_and(|before| before.kind == Kind::Stop && before.text != ",")
}

/// The month and the weekday of the commit and of the sessions.
fn date(lower: &str, ledger: &Ledger<'_>) -> bool {
    let facts = &ledger.exhibits.facts;
    let spans = facts.sessions.iter().flat_map(|session| [session.span.0, session.span.1]);
    std::iter::once(facts.at)
        .chain(spans)
        .any(|at| ["%B", "%A"].iter().any(|form| at.format(form).to_string().to_lowercase() == lower))
}

/// What a word says of the file beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    New,
    Gone,
    Moved,
    Changed,
}

fn fate(lower: &str) -> Option<Fate> {
    Some(match lower {
        "new" | "added" | "adds" | "add" | "adding" | "created" | "creates" | "create" | "creating" | "introduced"
        | "introduces" => Fate::New,
        "deleted" | "deletes" | "delete" | "deleting" | "removed" | "removes" | "remove" | "removing" | "gone"
        | "dropped" | "drops" => Fate::Gone,
        "renamed" | "renames" | "rename" | "renaming" | "moved" | "moves" | "moving" | "became" | "becomes" => {
            Fate::Moved
        }
        "changed" | "changes" | "change" | "changing" | "modified" | "modifies" | "edited" | "edits" | "updated"
        | "updates" | "touched" | "touches" | "rewritten" | "rewrote" | "gained" | "gains" | "lost" | "loses" => {
            Fate::Changed
        }
        _ => return None,
    })
}

/// A file of which something is said to have happened, has that fate in the commit.
fn status(said: &Statement, at: usize, token: &Token, ledger: &Ledger<'_>) -> Result<(), String> {
    let text = token.text.as_str();
    let is_path = text.contains('.') || text.contains('/');
    let facts = &ledger.exhibits.facts;
    let here = |path: &str| path == text || path.ends_with(&format!("/{text}"));
    let file = facts.changes.iter().find(|file| here(&file.path));
    let source = facts.changes.iter().find(|file| match &file.mark {
        Mark::RenamedFrom(from) | Mark::CopiedFrom(from) => here(from),
        _ => false,
    });
    if !is_path || text.contains(' ') {
        return Ok(());
    }
    let known_file = file.is_some()
        || source.is_some()
        || text
            .rsplit('.')
            .next()
            .is_some_and(|end| (1..5).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_lowercase()));
    for said_fate in fates(said, at) {
        let right = match (file, source) {
            (Some(file), _) => agrees(file, said_fate),
            (None, Some(_)) => matches!(said_fate, Fate::Moved | Fate::Gone | Fate::Changed),
            // A symbol with a dot, or a file that the commit does not touch.
            (None, None) => !known_file || is_symbol(text, ledger),
        };
        if !right {
            return Err(format!("the commit has done something else with \"{text}\""));
        }
    }
    Ok(())
}

/// Whether changed lines have the name: then it is not the name of a file that the commit leaves alone.
fn is_symbol(text: &str, ledger: &Ledger<'_>) -> bool {
    !text.contains('/')
        && ledger
            .utterances
            .iter()
            .any(|utterance| utterance.voice == Voice::Code && super::ledger::stands(text, &utterance.folded, true))
}

fn agrees(file: &ChangedFile, fate: Fate) -> bool {
    match (&file.mark, fate) {
        (Mark::Added | Mark::CopiedFrom(_), Fate::New | Fate::Changed)
        | (Mark::Deleted, Fate::Gone)
        | (Mark::RenamedFrom(_), Fate::Moved | Fate::Changed | Fate::New) => true,
        (Mark::Added | Mark::Deleted | Mark::RenamedFrom(_) | Mark::CopiedFrom(_), _) => false,
        (_, fate) => fate == Fate::Changed,
    }
}

/// What the sentence says of the file that this token names: `x is new`, `x and y were deleted`, `deletes x`.
fn fates(said: &Statement, at: usize) -> Vec<Fate> {
    let tokens = &said.tokens;
    let before = |at: usize| at.checked_sub(1).map(|at| &tokens[at]);
    let nameish = |token: &Token| matches!(token.kind, Kind::Code | Kind::Name);
    // Back over `a, b and` to what stands before the row of names.
    let mut start = at;
    while let Some(token) = before(start)
        && (nameish(token)
            || token.is(&["and", "the", "a", "both", "file", "files", "old"])
            || (token.text == "," && !tokens[start].is(&["and"])))
    {
        start -= 1;
    }
    let mut found = Vec::new();
    if let Some(token) = before(start)
        && token.kind == Kind::Word
    {
        // `in x`, `to x`: the verb has another object.
        found.extend(fate(&token.lower));
    }
    let placed = before(start).is_some_and(|token| {
        token.is(&[
            "in", "to", "of", "from", "at", "into", "by", "within", "via", "under", "through", "with", "for", "on",
        ])
    });
    if placed {
        // "the fix is in x", "in x, which was changed"
        let changes = said.words().any(|token| token.is(&["fix", "fixed", "change", "changes", "correction"]));
        let relative = tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Stop)
            && tokens.get(at + 2).is_some_and(|token| token.is(&["which"]));
        if relative {
            found.extend(tokens[at + 2..].iter().take(5).find_map(|token| fate(&token.lower)));
        } else if changes
            && tokens[..start].iter().rev().take(3).any(|token| token.is(&["is", "are", "was", "lies", "sits"]))
        {
            found.push(Fate::Changed);
        }
        return found;
    }
    // Forward over the rest of the row, then `was also renamed`.
    let mut end = at + 1;
    while tokens
        .get(end)
        .is_some_and(|token| nameish(token) || token.is(&["and", "both", "its", "test"]) || token.text == ",")
    {
        end += 1;
    }
    let mut passive = false;
    for token in tokens[end.min(tokens.len())..].iter().take(6) {
        if token.kind == Kind::Stop {
            break;
        }
        if token.is(&["was", "were", "is", "are", "been", "has", "have", "which", "that", "got", "gets", "now", "also"])
        {
            passive = true;
        } else if let Some(found_fate) = fate(&token.lower) {
            let active =
                token.is(&["changed", "changes", "gained", "lost", "gains", "loses", "change", "became", "becomes"]);
            if passive || active {
                found.push(found_fate);
            }
            if !token.is(&["rewritten"]) {
                break;
            }
        } else if !passive || token.kind != Kind::Word {
            break;
        }
    }
    found
}

/// `closes #12` closes it only if somebody says so.
fn issue(said: &Statement, at: usize, token: &Token, ledger: &Ledger<'_>) -> Result<(), String> {
    const CLOSES: &[&str] = &["closes", "closed", "close", "fixes", "fixed", "resolves", "resolved"];
    let Some(number) = token.text.strip_prefix('#').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit())) else {
        return Ok(());
    };
    let closing = said.tokens[..at].iter().rev().take(4).find(|token| token.is(CLOSES));
    let wanted = format!("#{number}");
    let said_so = ledger.lines().any(|(_, line)| {
        super::ledger::stands(&wanted, &line.text, true) && CLOSES.iter().any(|word| line.words.has(word))
            || (super::ledger::stands(&wanted, &line.text, true) && line.words.has("fix"))
    });
    match closing {
        Some(_) if !said_so => Err(format!("nobody says that {wanted} is closed")),
        _ => Ok(()),
    }
}
