//! Names: files, symbols, flags, URLs, commits, products. Each stands in the evidence as a whole.
//!
//! In: a [`Statement`]. Out: nothing, or which name nobody has mentioned. Never here: a guess at what was meant.

use super::figures::{self, number_word};
use super::files::status;
use super::ledger::Ledger;
use super::statement::Statement;
use super::words::{Kind, Token, is_common, is_english, is_ordinary, is_small, subwords};
use crate::journal::Section;

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
            Kind::Number => figures::is_figure(&token.text) || version(said, at, token, ledger),
            Kind::Word => word(said, at, token, ledger),
            Kind::Quote(_) | Kind::Stop => true,
        };
        if !known {
            return Err(format!("nobody has mentioned \"{}\"", token.text));
        }
        if token.kind == Kind::Number {
            beside(said, at, token, ledger)?;
        }
        if matches!(token.kind, Kind::Code | Kind::Name) {
            status(said, at, token, ledger)?;
            issue(said, at, token, ledger)?;
        }
    }
    Ok(())
}

/// A version stands in a sentence that has something else of the claim.
fn version(said: &Statement, at: usize, token: &Token, ledger: &Ledger<'_>) -> bool {
    let text = token.text.trim_start_matches('~');
    let others: Vec<&Token> = said
        .tokens
        .iter()
        .enumerate()
        .filter(|(other, token)| {
            *other != at
                && match token.kind {
                    Kind::Word => !is_small(&token.lower),
                    Kind::Name | Kind::Code | Kind::Number => true,
                    _ => false,
                }
        })
        .map(|(_, token)| token)
        .collect();
    let beside = |line: &super::ledger::Line| {
        others.iter().any(|other| line.words.has(&other.lower) || super::ledger::stands(&other.text, &line.text, false))
    };
    ledger.names(text, true)
        && (others.is_empty()
            || ledger.foreign
            || !ledger.lines().any(|(_, line)| super::ledger::stands(text, &line.text, true))
            || ledger.lines().any(|(_, line)| super::ledger::stands(text, &line.text, true) && beside(line)))
}

/// `9am UTC`: a number and the name behind it stand together where a sentence has both.
fn beside(said: &Statement, at: usize, token: &Token, ledger: &Ledger<'_>) -> Result<(), String> {
    let name = |at: usize| said.tokens.get(at).filter(|next| next.kind == Kind::Name);
    // `0.05 for CHF`, where a sentence gives CHF another number in the same words.
    if let (Some(link), Some(next)) = (said.tokens.get(at + 1), name(at + 2))
        && link.is(&["for", "on", "in", "per"])
    {
        let tail = format!(" {} {}", link.lower, next.text);
        let given = || ledger.lines().filter(|(_, line)| line.text.contains(&tail));
        let digit = |line: &str| {
            let before = line.split(&tail).next().unwrap_or_default();
            before.rsplit(' ').next().is_some_and(|word| word.starts_with(|char: char| char.is_ascii_digit()))
        };
        let mine = format!("{}{tail}", token.text);
        if given().any(|(_, line)| digit(&line.text)) && !given().any(|(_, line)| line.text.contains(&mine)) {
            return Err(format!("the evidence does not have \"{mine}\""));
        }
    }
    let Some(next) = name(at + 1) else { return Ok(()) };
    let pair = format!("{} {}", token.text, next.text);
    let has = |text: &str, line: &str| super::ledger::stands(text, line, true);
    let both = || ledger.lines().filter(|(_, line)| has(&token.text, &line.text) && has(&next.text, &line.text));
    if both().next().is_some() && !both().any(|(_, line)| line.text.contains(&pair)) {
        return Err(format!("the evidence does not have \"{pair}\""));
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
    // "in May" is no "may".
    if token.text == "May" && !token.first {
        return date(said, &token.lower, ledger) || ledger.names("May", true);
    }
    if ledger.words.has(&token.lower) || is_common(&token.lower) || number_word(&token.lower).is_some() {
        let capital = token.text.chars().next().is_some_and(char::is_uppercase);
        let names = capital && !token.first && at > 0;
        return !names || ledger.words.has(&token.lower) || follows_stop(said, at) || date(said, &token.lower, ledger);
    }
    date(said, &token.lower, ledger)
        || translated(&token.lower, ledger)
        || (ledger.foreign && !token.text.starts_with(char::is_uppercase) && is_ordinary(&token.lower))
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

/// A month in the language of the conversation: "seit Dezember".
fn translated(lower: &str, ledger: &Ledger<'_>) -> bool {
    #[rustfmt::skip]
    const MONTHS: &[(&str, &[&str])] = &[
        ("january", &["januar", "enero", "janvier", "1月"]), ("february", &["februar", "febrero", "février", "2月"]),
        ("april", &["abril", "avril", "4月"]), ("june", &["juni", "junio", "juin", "6月"]),
        ("july", &["juli", "julio", "juillet", "7月"]), ("august", &["agosto", "août", "8月"]),
        ("september", &["septiembre", "septembre", "9月"]), ("october", &["oktober", "octubre", "octobre", "10月"]),
        ("november", &["noviembre", "novembre", "11月"]), ("december", &["dezember", "diciembre", "décembre", "12月"]),
    ];
    let words = MONTHS.iter().find(|(month, _)| *month == lower).map(|(_, words)| *words);
    words.is_some_and(|words| words.iter().any(|word| ledger.names(word, false)))
}

/// The month and the weekday of the commit and of the sessions.
fn date(said: &Statement, lower: &str, ledger: &Ledger<'_>) -> bool {
    // Of what else a month is told, the evidence says.
    const WORK: &[&str] =
        &["commit", "session", "sessions", "work", "conversation", "prompt", "began", "started", "written"];
    if !said.words().any(|token| token.is(WORK)) {
        return false;
    }
    let facts = &ledger.exhibits.facts;
    let spans = facts.sessions.iter().flat_map(|session| [session.span.0, session.span.1]);
    std::iter::once(facts.at)
        .chain(spans)
        .any(|at| ["%B", "%A"].iter().any(|form| at.format(form).to_string().to_lowercase() == lower))
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
