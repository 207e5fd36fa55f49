//! Tone: praise, chat, feelings, the first person, orders.
//!
//! In: a [`Statement`]. Out: nothing, or why it cannot stand. Never here: a word that is cut out: a sentence that needs
//! praise is written anew, or not at all.

use super::ledger::{Ledger, Voice};
use super::statement::Statement;
use super::words::{Kind, stem};
use crate::journal::Section;

/// Praise and corporate words, as stems' beginnings.
#[rustfmt::skip]
const PRAISE: &[&str] = &[
    "robust", "seamless", "elegant", "comprehensive", "powerful", "crucial", "significant", "significantly",
    "vital", "pivotal", "innovative", "meticulous", "meticulously", "remarkable", "remarkably", "impressive",
    "cutting-edge", "state-of-the-art", "world-class", "best-in-class", "effortless", "effortlessly", "seamlessly",
    "elegantly", "robustly", "holistic", "synergy", "leverage", "leverages", "leveraging", "leveraged",
    "streamline", "streamlines", "streamlined", "streamlining", "delve", "delves", "empower", "empowers",
    "empowering", "delightful", "beautiful", "beautifully", "brilliant", "brilliantly", "amazing", "awesome",
    "fantastic", "excellent", "outstanding", "superb", "perfect", "perfectly", "flawless", "flawlessly",
    "masterful", "masterfully", "sophisticated", "scalable", "future-proof", "enterprise-grade", "production-ready",
    "battle-tested", "rock-solid", "bulletproof", "polished", "sleek", "intuitive", "user-friendly",
    "game-changing", "groundbreaking", "revolutionary", "transformative", "invaluable", "paramount", "utmost",
    "profound", "profoundly", "notably", "commendable", "exemplary", "thoughtful", "thoughtfully", "carefully",
    "crafted", "foster", "fosters", "fostering", "enhance", "enhances", "enhanced", "enhancing", "enhancement",
    "boost", "boosts", "boosted", "greatly", "vastly", "dramatically", "tremendously", "substantially",
    "professionalism", "maintainability", "readability", "scalability", "reliability", "well-crafted", "clean",
    "cleaner", "modern", "smart", "clever", "cleverly", "successful", "successfully", "smooth", "smoothly",
    "delights", "delight", "confidence", "journey", "showcase", "showcases", "underscores", "testament", "tapestry",
    "landscape", "ensuring", "great", "wonderful", "solid",
];

/// Phrases of a chat.
#[rustfmt::skip]
const CHAT: &[&str] = &[
    " would you like ", " let me know ", " i hope ", " as an ai ", " feel free ", " happy to help ",
    " hope this helps ", " here is the ", " here's the ", " sure here ", " of course ", " do you want me ",
    " shall i ", " should i ", " please let ", " as requested ", " based on the evidence ",
    " based on the provided ", " the provided evidence ", " i can also ", " if you want ", " if you need ",
    " if you'd like ", " language model ", " the exhibits ",
];

/// What an order that was smuggled in sounds like, and what is ours and stays with us.
#[rustfmt::skip]
const ORDERS: &[&str] = &[
    "ignore all previous", "ignore previous", "ignore the previous", "ignore your", "ignore all prior", "disregard",
    "previous instructions", "prior instructions", "your instructions", "my instructions", "system prompt",
    "jailbreak", "override instructions", "api key is", "the key is", "password is", "secret is", "as instructed",
    "was instructed to", "i was told", "new instructions", "developer mode", "commit-story",
];

/// Feelings, by whether they are good. Only the human's own words can show one.
#[rustfmt::skip]
const GOOD: &[&str] = &[
    "happy", "glad", "pleased", "delighted", "relieved", "excited", "satisfied", "content", "thrilled",
    "enthusiastic", "confident", "amused", "proud", "grateful", "thankful", "joy", "joyful", "cheerful", "relief",
    "satisfaction", "excitement", "enthusiasm", "optimistic", "hopeful", "delight", "liked", "loved", "enjoyed",
    "appreciative", "celebrated", "happiness", "gratitude", "pride", "amusement", "impressed", "reassured",
    "comfortable", "pleasure", "upbeat", "elated", "appreciated", "thanked", "praised", "relaxed", "calm", "eager",
    "joked", "playful",
];
#[rustfmt::skip]
const BAD: &[&str] = &[
    "frustrated", "frustrating", "frustration", "annoyed", "annoying", "annoyance", "angry", "anger", "furious",
    "upset", "worried", "worry", "anxious", "anxiety", "nervous", "disappointed", "disappointment", "irritated",
    "irritation", "impatient", "impatience", "embarrassed", "embarrassment", "unhappy", "sad", "stressed", "tired",
    "exhausted", "weary", "confused", "confusion", "puzzled", "baffled", "skeptical", "sceptical", "doubtful",
    "fed", "exasperated", "exasperation", "concerned", "afraid", "scared", "fearful", "bored", "overwhelmed",
    "desperate", "despair", "dismayed", "resigned", "hesitant", "reluctant", "displeased", "disgusted", "hated",
    "disliked", "complained", "cursed", "swore", "uneasy", "dissatisfied", "discouraged", "shocked", "horrified",
    "alarmed", "agitated", "grumpy", "sarcastic", "wary", "suspicious",
];
/// Feelings of neither kind.
#[rustfmt::skip]
const OTHER: &[&str] = &[
    "surprised", "surprise", "surprising", "curious", "curiosity", "astonished", "feeling", "feelings", "felt",
    "emotion", "emotional", "mood", "amazed",
];

/// Signs of a feeling in somebody's own words.
#[rustfmt::skip]
const GOOD_SIGNS: &[&str] = &[
    "thank", "thanks", "thx", "great", "good", "nice", "perfect", "awesome", "love", "cool", "yes!", "yess", "yay",
    "super", "finally", "excellent", "wonderful", "brilliant", "happy", "glad", "amazing", "sweet", "woohoo",
    "hurra", "hooray", "danke", "prima", "klasse", "toll", "endlich", "merci", "génial", "gracias", "genial", "wow",
    "beautiful", "neat", "lol", "haha", ":)", ":-)", "😀", "🎉", "❤", "👍", "🙏", "phew", "relieved", "convinced",
    "well done", "fantastic", "enjoy", "like it", "!!", "works!", "lovely", "fine!", "relief", "proud",
];
#[rustfmt::skip]
const BAD_SIGNS: &[&str] = &[
    "argh", "ugh", "damn", "wtf", "hell", "hate", "annoy", "nuts", "crazy", "mad", "frustrat", "stupid", "terrible",
    "awful", "horrible", "forever", "again", "still", "sick of", "tired", "fed up", "worried", "worry", "afraid",
    "scared", "sorry", "angry", "wrong", "broken", "mess", "shit", "fuck", "crap", "sigh", "nervt", "mist",
    "verdammt", "putain", "merde", "joder", "why", "not again", "bad", "ridiculous", "unacceptable", "painful",
    "pain", "confus", "don't get", "no idea", "weird", "strange", "hmm", "impossible", "surprises", ":(", ":-(",
    "😡", "😞", "grr", "meh", "nightmare", "lost", "stuck", "disappoint", "boring", "can't", "panic", "ashamed",
    "embarrass", "slow", "hurry", "asap", "now!", "waste", "never", "don't trust",
];

/// Feelings that a mild word does not show.
#[rustfmt::skip]
const STRONG: &[&str] = &[
    "delighted", "thrilled", "ecstatic", "elated", "excited", "overjoyed", "furious", "angry", "desperate",
    "horrified", "exasperated", "enthusiastic", "grateful", "shocked", "outraged", "joy",
];

/// Whether a word names a feeling.
pub(super) fn is_feeling(lower: &str) -> bool {
    [GOOD, BAD, OTHER, STRONG].iter().any(|list| list.contains(&lower))
}

/// Checks the tone.
pub(super) fn check(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let prose = said.prose();
    if let Some(phrase) = CHAT.iter().find(|phrase| prose.contains(**phrase)) {
        return Err(format!("\"{}\" is a phrase of a chat", phrase.trim()));
    }
    let lower = said.plain.to_lowercase();
    if let Some(order) = ORDERS.iter().find(|order| lower.contains(**order) && !ledger_says(ledger, order)) {
        return Err(format!("\"{order}\" has no place in a journal"));
    }
    for token in said.words() {
        if token
            .is(&["i", "i'm", "i've", "i'd", "i'll", "we", "we've", "we're", "our", "ours", "us", "my", "mine", "me"])
        {
            return Err("it speaks in the first person".to_owned());
        }
        let verdict = token.lower == "clean" && ledger.words.has("clean");
        if PRAISE.contains(&token.lower.as_str()) && !verdict && !in_own_words(ledger, &token.lower) {
            return Err(format!("\"{}\" is praise", token.text));
        }
    }
    feelings(said, ledger)
}

/// Whether the human, the commit message or the code has the word itself.
fn in_own_words(ledger: &Ledger<'_>, word: &str) -> bool {
    ledger.utterances.iter().any(|utterance| {
        matches!(utterance.voice, Voice::Developer | Voice::Message | Voice::Code | Voice::File)
            && utterance
                .folded
                .to_lowercase()
                .split(|char: char| !char.is_alphanumeric() && char != '-')
                .any(|w| w == word)
    })
}

/// Whether changed lines or the commit message have the phrase, so that the commit is about it.
fn ledger_says(ledger: &Ledger<'_>, phrase: &str) -> bool {
    ledger.utterances.iter().any(|utterance| {
        matches!(utterance.voice, Voice::Message | Voice::Code) && utterance.folded.to_lowercase().contains(phrase)
    })
}

/// A feeling stands in *Mood* only, beside words of the human that show it.
fn feelings(said: &Statement, ledger: &Ledger<'_>) -> Result<(), String> {
    let has =
        |list: &[&str]| said.words().find(|token| list.contains(&token.lower.as_str())).map(|token| token.text.clone());
    let (good, bad, other) = (has(GOOD), has(BAD), has(OTHER));
    if said.section == Section::Mood {
        let own = said.quotes.iter().filter(|quote| {
            ledger.utterances.iter().any(|utterance| {
                utterance.voice == Voice::Developer && super::quotes::stands(&quote.text, &utterance.folded)
            })
        });
        let own = own.map(|quote| format!(" {} ", quote.text.to_lowercase())).collect::<Vec<_>>().join(" ");
        if own.is_empty() {
            return Err("a mood needs the human's own words, quoted".to_owned());
        }
        let shows = |signs: &[&str]| signs.iter().any(|sign| own.contains(*sign));
        let seen = match (&good, &bad) {
            (Some(_), None) => shows(GOOD_SIGNS) && (!shows(BAD_SIGNS) || strong(&own)),
            (None, Some(_)) => shows(BAD_SIGNS) && !strong(&own),
            (Some(_), Some(_)) => shows(GOOD_SIGNS) && shows(BAD_SIGNS),
            (None, None) => true,
        };
        let seen = seen && (has(STRONG).is_none() || strong(&own) || own.contains('!') || shows(&BAD_SIGNS[..8]));
        return if seen { Ok(()) } else { Err("the quoted words do not show that feeling".to_owned()) };
    }
    // "complained" and "thanked" are what somebody did; the rest is what somebody felt.
    let deeds = [
        "complained",
        "liked",
        "thanked",
        "praised",
        "content",
        "fed",
        "concerned",
        "worry",
        "appreciated",
        "mood",
        "confusion",
        "surprise",
        "relief",
        "curious",
        "joked",
        "calm",
        "annoying",
        "surprising",
        "comfortable",
        "tired",
    ];
    for word in [good, bad, other].into_iter().flatten() {
        let lower = word.to_lowercase();
        let spoken = ledger.utterances.iter().any(|utterance| {
            utterance.voice == Voice::Developer && utterance.words.has(&stem(&lower)) && lower.len() > 4
        });
        if !deeds.contains(&lower.as_str()) && !spoken {
            return Err(format!("\"{word}\" is a feeling, which belongs into Mood, with a quotation that shows it"));
        }
        if deeds.contains(&lower.as_str()) && matches!(lower.as_str(), "liked" | "thanked" | "praised" | "appreciated")
        {
            let quoted = said.tokens.iter().any(|token| matches!(token.kind, Kind::Quote(_)));
            if !quoted {
                return Err(format!(
                    "\"{word}\" is a feeling, which belongs into Mood, with a quotation that shows it"
                ));
            }
        }
    }
    Ok(())
}

/// Words that are glad whatever stands beside them.
fn strong(own: &str) -> bool {
    [
        "thank",
        "super",
        "great",
        "perfect",
        "yess",
        "awesome",
        "love",
        "danke",
        "excellent",
        "nice",
        "good catch",
        "finally",
    ]
    .iter()
    .any(|sign| own.contains(*sign))
}
