//! Speakers: a quotation was said by whom it is given to, and so was what is told without quotation marks.
//!
//! In: a [`Statement`]. Out: nothing, or who did not say it. Never here: whether it is true.

use super::figures::{Atom, number_word};
use super::ledger::{Ledger, Utterance, Voice, is_foreign};
use super::quotes::stands;
use super::roles::{ASSISTANT, DEVELOPER, FIRST, NAMES, TO, WANTING, verb};
use super::statement::Statement;
use super::words::{Kind, Token, is_plain, is_small};
use crate::chat::Assistant;

/// Somebody a claim speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Developer,
    /// The assistant, without a name.
    Assistant,
    Named(Assistant),
    Message,
}

/// Of the words that are told, so many of five at least are the speaker's own.
const OWN_OF_FIVE: usize = 3;

/// Checks who said what.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let mentions = mentions(said, ledger)?;
    for (at, token) in said.tokens.iter().enumerate() {
        if let Kind::Quote(number) = token.kind {
            let text = &said.quotes[number].text;
            quotation(text, speaker(said, at, &mentions), said, ledger)?;
        }
    }
    for (at, who) in &mentions {
        told(said, *at, *who, &mentions, ledger)?;
        according(said, *at, *who, ledger)?;
        did(said, *at, *who, ledger)?;
        judged(said, *at, *who, ledger)?;
    }
    Ok(())
}

/// A quotation stands in words of its speaker; or it is no speech but a name.
fn quotation(text: &str, who: Option<Who>, said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let spoken = ledger.utterances.iter().filter(|utterance| stands(text, &utterance.folded));
    let voices: Vec<&Utterance> = spoken.collect();
    let cut: String = text.chars().take(60).collect();
    if voices.is_empty() {
        let name = text.split_whitespace().count() == 1 && ledger.names(text.trim_end_matches(['.', ',']), true);
        return if name && who.is_none() { Ok(()) } else { Err(format!("nobody has said \"{cut}\" in these words")) };
    }
    let right = match who {
        Some(who) => voices.iter().any(|utterance| is_of(utterance.voice, who)),
        None => voices.iter().any(|utterance| utterance.voice != Voice::File),
    };
    let _ = said;
    if right { Ok(()) } else { Err(format!("\"{cut}\" was said by somebody else")) }
}

fn is_of(voice: Voice, who: Who) -> bool {
    match (voice, who) {
        (Voice::Developer | Voice::Message, Who::Developer)
        | (Voice::Assistant(_), Who::Assistant)
        | (Voice::Assistant(None), Who::Named(_))
        | (Voice::Message, Who::Message) => true,
        (Voice::Assistant(Some(one)), Who::Named(other)) => one == other,
        _ => false,
    }
}

/// Everybody who is mentioned, by token. An assistant that has no part in the evidence cannot be.
fn mentions(said: &Statement, ledger: &Ledger<'_>) -> Result<Vec<(usize, Who)>, String> {
    let facts = &ledger.exhibits.facts;
    let author: Vec<String> = facts.author.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut found = Vec::new();
    for (at, token) in said.tokens.iter().enumerate() {
        if !matches!(token.kind, Kind::Word | Kind::Name) {
            continue;
        }
        let next = said.tokens.get(at + 1);
        let lower = token.lower.as_str();
        let author = author.iter().any(|part| part == lower) && lower.len() > 2;
        let user = lower == "user" && next.is_some_and(|next| verb(next).is_some()) && !any_user(ledger);
        // An assistant is no "she".
        let pronoun = matches!(lower, "she" | "he") && next.is_some_and(|next| verb(next).is_some());
        if DEVELOPER.contains(&lower) || author || user || pronoun {
            found.push((at, Who::Developer));
        } else if ASSISTANT.contains(&lower) {
            found.push((at, Who::Assistant));
        } else if lower == "message" && at > 0 && said.tokens[at - 1].lower == "commit" {
            found.push((at, Who::Message));
        } else if token.text.chars().next().is_some_and(char::is_uppercase)
            && let Some(who) = assistant(lower, ledger)
        {
            found.push((at, who?));
        }
    }
    Ok(found)
}

/// Whether the evidence speaks of users of the program, so that "the user" is not the developer.
fn any_user(ledger: &Ledger<'_>) -> bool {
    ledger.utterances.iter().any(|utterance| utterance.voice == Voice::Developer && utterance.words.has("user"))
}

/// The assistant of this name: `Some(Err)` for one that has no session here and that nobody mentions.
fn assistant(lower: &str, ledger: &Ledger<'_>) -> Option<Result<Who, String>> {
    if !NAMES.contains(&lower) {
        return None;
    }
    let sessions = &ledger.exhibits.facts.sessions;
    let named = |name: &str| name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| word == lower);
    if let Some(session) = sessions.iter().find(|session| named(session.assistant.name())) {
        return Some(Ok(Who::Named(session.assistant)));
    }
    if let Some(session) = sessions.iter().find(|session| session.model.as_deref().is_some_and(named)) {
        return Some(Ok(Who::Named(session.assistant)));
    }
    let spoken = ledger.utterances.iter().find_map(|utterance| match utterance.voice {
        Voice::Assistant(Some(assistant)) if named(assistant.name()) => Some(assistant),
        _ => None,
    });
    if let Some(assistant) = spoken {
        return Some(Ok(Who::Named(assistant)));
    }
    (!ledger.words.has(lower)).then(|| Err(format!("{lower} has no part in this commit")))
}

/// Whether a token means the developer or an assistant.
pub(super) fn is_mention(said: &Statement, at: usize, ledger: &Ledger<'_>) -> bool {
    mentions(said, ledger).is_ok_and(|mentions| mentions.iter().any(|(mention, _)| *mention == at))
}

/// Whose words the quotation at this token are given as.
fn speaker(said: &Statement, at: usize, mentions: &[(usize, Who)]) -> Option<Who> {
    let object = |mention: usize| {
        let mut before = mention;
        while before > 0 && said.tokens[before - 1].is(&["the", "a"]) {
            before -= 1;
        }
        // "asked by the developer" names the speaker; "told the developer" the one who is told.
        before > 0 && said.tokens[before - 1].is(TO) && !possessive(said, mention)
    };
    // `"…", the developer said`, `"…" was the developer's answer`
    let after = mentions.iter().find(|(mention, _)| {
        *mention > at
            && *mention <= at + 7
            && !said.tokens[at + 1..*mention]
                .iter()
                .any(|token| token.text == "." || matches!(token.kind, Kind::Quote(_)))
            && (said.tokens.get(mention + 1).and_then(verb).is_some()
                || said.tokens[at + 1..*mention].iter().any(|token| verb(token).is_some()))
            && !object(*mention)
            && !said.tokens[at + 1..*mention]
                .iter()
                .any(|token| token.is(&["and", "but", "while", "whereas", "after", "before"]))
    });
    let mut before = mentions.iter().rev().filter(|(mention, _)| *mention < at);
    let subject = before.clone().find(|(mention, _)| !object(*mention));
    if let Some((mention, who)) = subject {
        let between = &said.tokens[*mention..at];
        let far = between.iter().any(|token| token.kind == Kind::Stop && token.text == ".");
        if after.is_none() || (!far && between.iter().any(|token| verb(token).is_some())) {
            return Some(*who);
        }
    }
    if let Some((_, who)) = after {
        return Some(*who);
    }
    match before.next() {
        Some((_, Who::Developer)) => Some(Who::Assistant),
        Some((_, Who::Assistant | Who::Named(_))) => Some(Who::Developer),
        _ => None,
    }
}

fn possessive(said: &Statement, at: usize) -> bool {
    said.plain.contains(&format!("{}'s", said.tokens[at].text))
        || said.plain.contains(&format!("{}’s", said.tokens[at].text))
}

/// What somebody is said to have said, wanted or noticed, stands in words of their own.
fn told(said: &Statement, at: usize, who: Who, mentions: &[(usize, Who)], ledger: &Ledger<'_>) -> Result<(), String> {
    if matches!(who, Who::Message) {
        return Ok(());
    }
    let Some(start) = telling(said, at, who != Who::Developer) else { return Ok(()) };
    // Up to the next mention, but not into what stands before the verb.
    let next =
        mentions.iter().map(|(mention, _)| *mention).find(|mention| *mention > start).unwrap_or(said.tokens.len());
    let end = said.tokens[start..next]
        .iter()
        .position(|token| token.text == "." && token.kind == Kind::Stop)
        .map_or(next, |n| start + n);
    // "wanted it, although …": what is wanted stands elsewhere.
    let pronoun = said.tokens.get(start).is_some_and(|token| token.is(&["it", "this", "that", "them", "so"]));
    let alone = said.tokens.get(start + 1).is_none_or(|token| {
        token.kind == Kind::Stop || token.is(&["although", "because", "since", "and", "but", "though", "too", "for"])
    });
    if pronoun && alone {
        return Ok(());
    }
    let content = content(&said.tokens[start..end]);
    let own: Vec<&Utterance> = ledger.utterances.iter().filter(|utterance| is_of(utterance.voice, who)).collect();
    let own_has = |word: &String| own.iter().any(|utterance| utterance.words.has(word) || numbers(utterance, word));
    // Of a translation only names and numbers stand in what was said.
    let kept = |word: &&String| !ledger.foreign || !word.chars().all(char::is_alphabetic);
    let known: Vec<&String> = content.iter().filter(|word| ledger.words.has(word)).filter(kept).collect();
    let asks = said.tokens[at..start].iter().any(|token| token.is(&["asked", "asks", "wondered"]));
    let questions =
        || own.iter().any(|utterance| utterance.folded.contains(['?', '？']) || utterance.words.has("please"));
    if asks && !matches!(who, Who::Developer) && !questions() {
        return Err("an assistant that asked nothing is said to have asked".to_owned());
    }
    if ledger.foreign {
        // What is English there is no translation.
        let cover = |utterance: &&Utterance| content.iter().filter(|word| utterance.words.has(word)).count();
        let of = |own: bool| {
            let theirs = ledger.utterances.iter().filter(|utterance| {
                matches!(utterance.voice, Voice::Developer | Voice::Assistant(_))
                    && is_of(utterance.voice, who) == own
                    && !is_foreign(&utterance.folded)
            });
            theirs.map(|utterance| cover(&utterance)).max().unwrap_or(0)
        };
        if of(false) > of(true) && of(false) * 5 >= content.len() * OWN_OF_FIVE {
            return Err("somebody else has said that".to_owned());
        }
    }
    let stand = known.iter().filter(|word| own_has(word)).count();
    if known.is_empty() {
        return Ok(());
    }
    let name = match who {
        Who::Developer => "the developer".to_owned(),
        Who::Named(assistant) => assistant.name().to_owned(),
        _ => "the assistant".to_owned(),
    };
    if stand * 5 < known.len() * OWN_OF_FIVE {
        return Err(format!("{name} has not said that"));
    }
    // Somebody else said it in one sentence, of which this one has said a word here and there.
    let best = |of: &dyn Fn(Voice) -> bool| {
        ledger
            .utterances
            .iter()
            .filter(|utterance| of(utterance.voice))
            .map(|utterance| known.iter().filter(|word| utterance.words.has(word)).count())
            .max()
            .unwrap_or(0)
    };
    // What an assistant wants, the human has not wanted before.
    let wants = !matches!(who, Who::Developer) && said.tokens[at..start].iter().any(|token| token.is(WANTING));
    if wants || said.tokens[at..start].iter().any(|token| token.is(FIRST)) {
        first(&known, who, &name, ledger)?;
    }
    let others = best(&|voice| matches!(voice, Voice::Developer | Voice::Assistant(_)) && !is_of(voice, who));
    let mine = best(&|voice| is_of(voice, who));
    if others > mine && mine * 3 < known.len() * 2 {
        return Err(format!("somebody else has said that, not {name}"));
    }
    Ok(())
}

/// Whether somebody has the number, however it is written: `0,335` is 0.335.
fn numbers(utterance: &Utterance, word: &str) -> bool {
    let Ok(number) = word.parse::<f64>() else { return false };
    let has = |atom: &Atom| matches!(atom, Atom::Figure(figure) if (figure.raw - number).abs() < 1e-9);
    utterance.lines.iter().any(|line| line.atoms.iter().any(has))
}

fn first(known: &[&String], who: Who, name: &str, ledger: &Ledger<'_>) -> Result<(), String> {
    let cover = |utterance: &Utterance| known.iter().filter(|word| utterance.words.has(word)).count();
    let talk = || {
        ledger.utterances.iter().filter(|utterance| matches!(utterance.voice, Voice::Developer | Voice::Assistant(_)))
    };
    let most = talk().map(cover).max().unwrap_or(0);
    let earliest = talk()
        .filter(|utterance| cover(utterance) == most)
        .min_by_key(|utterance| ledger.exhibits.items[utterance.exhibit].at);
    match earliest {
        Some(utterance) if most > 0 && !is_of(utterance.voice, who) => {
            Err(format!("somebody else was first to say that, not {name}"))
        }
        _ => Ok(()),
    }
}

/// "According to somebody": nobody else has said more of it.
fn according(said: &Statement, at: usize, who: Who, ledger: &Ledger<'_>) -> Result<(), String> {
    let mut before = said.tokens[..at].iter().rev().skip_while(|token| token.is(&["the", "an", "a"]));
    let is_source = before.next().is_some_and(|token| token.is(&["to"]))
        && before.next().is_some_and(|token| token.is(&["according"]));
    if !is_source {
        return Ok(());
    }
    let content = content(&said.tokens[at + 1..]);
    let best = |own: bool| {
        let talk = ledger.utterances.iter().filter(|utterance| {
            matches!(utterance.voice, Voice::Developer | Voice::Assistant(_)) && is_of(utterance.voice, who) == own
        });
        let has = |utterance: &Utterance, word: &String| utterance.words.has(word) || numbers(utterance, word);
        talk.map(|utterance| content.iter().filter(|word| has(utterance, word)).count()).max().unwrap_or(0)
    };
    if best(false) > best(true) { Err("somebody else has said that".to_owned()) } else { Ok(()) }
}

/// Of two assistants, each did what is spoken of in its own session.
fn did(said: &Statement, at: usize, who: Who, ledger: &Ledger<'_>) -> Result<(), String> {
    let Who::Named(assistant) = who else { return Ok(()) };
    let others = ledger.exhibits.facts.sessions.iter().any(|session| session.assistant != assistant);
    if !others {
        return Ok(());
    }
    let name = said.tokens[at].lower.clone();
    let clause = &said.tokens[said.clause(at)];
    let words: Vec<String> =
        content(clause).into_iter().filter(|word| *word != name && ledger.words.has(word)).collect();
    let covers = |own: bool| {
        let of = ledger
            .utterances
            .iter()
            .filter(|utterance| matches!(utterance.voice, Voice::Assistant(Some(one)) if (one == assistant) == own));
        let words_of: Vec<&Utterance> = of.collect();
        words.iter().filter(|word| words_of.iter().any(|utterance| utterance.words.has(word))).count()
    };
    // "the frontend I'll do with codex" gives it to one of them, too.
    let given = ledger.lines().filter(|(_, line)| line.words.has(&name));
    let given = given.map(|(_, line)| words.iter().filter(|word| line.words.has(word)).count()).max().unwrap_or(0);
    if covers(false) > covers(true).max(given) {
        return Err(format!("that was not {}", assistant.name()));
    }
    Ok(())
}

/// What the human turned down, the human has spoken against; an approved plan was not.
fn judged(said: &Statement, at: usize, who: Who, ledger: &Ledger<'_>) -> Result<(), String> {
    const AGAINST: &[&str] = &["rejected", "rejects", "declined", "declines", "refused", "refuses", "dismissed"];
    if who != Who::Developer || !said.tokens[at..].iter().take(5).any(|token| token.is(AGAINST)) {
        return Ok(());
    }
    let clause = content(&said.tokens[said.clause(at)]);
    let against = ledger.lines().any(|(utterance, line)| {
        let lower = format!(" {} ", line.text.to_lowercase());
        let denies =
            ["n't ", " no ", " no, ", " not ", " nein", " never ", " leave "].iter().any(|word| lower.contains(word));
        utterance.voice == Voice::Developer
            && denies
            && (clause.iter().any(|word| line.words.has(word)) || lower.trim().starts_with("no"))
    });
    let declined = ledger
        .exhibits
        .items
        .iter()
        .any(|item| matches!(item.kind, super::super::exhibit::Kind::Plan { approved: Some(false) }));
    if against || declined { Ok(()) } else { Err("the developer has not turned that down".to_owned()) }
}

/// Where that begins which the one at this token is said to have said.
/// `assistant`: of an assistant also what it is said to have decided.
fn telling(said: &Statement, at: usize, assistant: bool) -> Option<usize> {
    let tokens = &said.tokens;
    for (nth, token) in tokens.iter().enumerate().skip(at + 1).take(4) {
        if token.kind == Kind::Stop || matches!(token.kind, Kind::Quote(_)) {
            break;
        }
        // "the answer" is no verb.
        let noun = tokens[nth - 1].is(&["the", "a", "an", "this", "his", "her", "their", "its"]);
        let decides = assistant && token.is(WANTING);
        match verb(token).filter(|_| !noun).map(|tells| tells || decides) {
            Some(true) => return Some(nth + 1),
            Some(false) => return None,
            None if token.kind == Kind::Word => {}
            None => break,
        }
    }
    None
}

/// Words that are said, without those that any sentence has.
fn content(tokens: &[Token]) -> Vec<String> {
    let mut words = Vec::new();
    for token in tokens {
        match token.kind {
            // What is told in other words counts when the evidence has it, so words that are plain count, too.
            Kind::Word if number_word(&token.lower).is_some_and(|number| number > 1.0) => {
                words.push(token.lower.clone());
            }
            Kind::Word if !(is_small(&token.lower) || is_plain(&token.lower) && token.lower.len() < 4) => {
                words.push(token.lower.clone());
            }
            Kind::Name | Kind::Code | Kind::Number => words.push(token.text.trim_end_matches("()").to_lowercase()),
            _ => {}
        }
    }
    words
}
