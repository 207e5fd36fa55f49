//! Figures: numbers with their units, as digits and as words, in prose and in code.
//!
//! In: a text. Out: its [`Atom`]s: words and figures in order. Never here: whether a figure is right.

use super::words::{Kind, Token, spaced, stem, subwords};

/// What a figure counts or measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// Nothing by itself; the noun says what.
    None,
    /// Time; the value is in seconds.
    Seconds,
    /// Memory; the value is in bytes, with 1 KB = 1000.
    Bytes,
    /// Per cent.
    Percent,
    /// `15:58`; the value is in minutes since midnight.
    Clock,
}

/// A number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    /// The number in its unit's base.
    pub(super) value: f64,
    /// The number as written.
    pub(super) raw: f64,
    /// Its unit.
    pub(super) unit: Unit,
    /// `m`: minutes, or megabytes; the unit is only likely.
    pub(super) loose: bool,
    /// How it was written.
    pub(super) text: String,
}

/// A word or a figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Atom {
    /// A word: lower case, and its stem.
    Word(String, String),
    /// A number.
    Figure(Figure),
    /// The end of a clause.
    Stop,
}

#[rustfmt::skip]
const WORDS: &[(&str, f64)] = &[
    ("one", 1.0), ("two", 2.0), ("three", 3.0), ("four", 4.0), ("five", 5.0), ("six", 6.0), ("seven", 7.0),
    ("eight", 8.0), ("nine", 9.0), ("ten", 10.0), ("eleven", 11.0), ("twelve", 12.0), ("thirteen", 13.0),
    ("fourteen", 14.0), ("fifteen", 15.0), ("sixteen", 16.0), ("seventeen", 17.0), ("eighteen", 18.0),
    ("nineteen", 19.0), ("twenty", 20.0), ("thirty", 30.0), ("forty", 40.0), ("fifty", 50.0), ("sixty", 60.0),
    ("seventy", 70.0), ("eighty", 80.0), ("ninety", 90.0), ("hundred", 100.0), ("thousand", 1000.0),
    ("million", 1e6), ("dozen", 12.0), ("twice", 2.0), ("thrice", 3.0), ("third", 3.0), ("fourth", 4.0),
    ("fifth", 5.0), ("sixth", 6.0), ("seventh", 7.0), ("eighth", 8.0), ("ninth", 9.0), ("tenth", 10.0),
    ("eins", 1.0), ("zwei", 2.0), ("drei", 3.0), ("vier", 4.0), ("fünf", 5.0), ("sechs", 6.0), ("sieben", 7.0),
    ("acht", 8.0), ("neun", 9.0), ("zehn", 10.0), ("deux", 2.0), ("trois", 3.0), ("quatre", 4.0), ("cinq", 5.0),
    ("dos", 2.0), ("tres", 3.0), ("cuatro", 4.0), ("cinco", 5.0), ("zero", 0.0), ("erste", 1.0), ("ersten", 1.0),
    ("triple", 3.0), ("tripled", 3.0), ("triples", 3.0), ("quadrupled", 4.0), ("doubled", 2.0), ("doubles", 2.0),
    ("doubling", 2.0), ("halved", 0.5), ("halves", 0.5), ("thirds", 3.0), ("quarters", 4.0),
];

/// The number of a number word.
pub(super) fn number_word(lower: &str) -> Option<f64> {
    if let Some((tens, ones)) = lower.split_once('-')
        && let (Some(tens), Some(ones)) = (number_word(tens), number_word(ones))
    {
        return (tens >= 20.0 && ones < 10.0).then_some(tens + ones);
    }
    WORDS.iter().find(|(word, _)| *word == lower).map(|(_, value)| *value)
}

/// A unit by its word or letters, and the factor to its base.
pub(super) fn unit(word: &str) -> Option<(Unit, f64)> {
    Some(match word.to_lowercase().trim_end_matches('.') {
        "ns" | "nanosecond" | "nanoseconds" => (Unit::Seconds, 1e-9),
        "us" | "µs" | "microsecond" | "microseconds" => (Unit::Seconds, 1e-6),
        "ms" | "msec" | "millisecond" | "milliseconds" => (Unit::Seconds, 1e-3),
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunde" | "sekunden" | "segundo" | "segundos" | "seconde"
        | "secondes" | "秒" => (Unit::Seconds, 1.0),
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "minuto" | "minutos" | "分" => (Unit::Seconds, 60.0),
        "h" | "hr" | "hrs" | "hour" | "hours" | "stunde" | "stunden" | "hora" | "horas" | "heure" | "heures"
        | "時間" => (Unit::Seconds, 3600.0),
        "d" | "day" | "days" | "tag" | "tage" | "tagen" | "día" | "días" | "jour" | "jours" => {
            (Unit::Seconds, 86_400.0)
        }
        "week" | "weeks" | "woche" | "wochen" => (Unit::Seconds, 604_800.0),
        "byte" | "bytes" => (Unit::Bytes, 1.0),
        "kb" | "kilobyte" | "kilobytes" => (Unit::Bytes, 1e3),
        "mb" | "megabyte" | "megabytes" => (Unit::Bytes, 1e6),
        "gb" | "gigabyte" | "gigabytes" => (Unit::Bytes, 1e9),
        "tb" => (Unit::Bytes, 1e12),
        "kib" => (Unit::Bytes, 1024.0),
        "mib" => (Unit::Bytes, 1024.0 * 1024.0),
        "gib" => (Unit::Bytes, 1024.0 * 1024.0 * 1024.0),
        "%" | "percent" | "prozent" => (Unit::Percent, 1.0),
        _ => return None,
    })
}

/// The atoms of a piece of evidence: everything, code too.
pub(super) fn scan(text: &str) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for chunk in spaced(text).split(|char: char| char.is_whitespace() || "()[]{}<>\"'`“”„|=*;".contains(char)) {
        let core = chunk.trim_matches([',', '.', ':', '!', '?', '…', '/']);
        // `10_000` and `1.9` are one; `v0.8`, `sha256` and `src/a1.rs` are no figures.
        let trimmed = core.trim_start_matches(['+', '-', '−', '~', '≈', '$', '#', '>', '<']);
        if let Some(found) = figures(trimmed) {
            atoms.extend(found);
        } else {
            for part in core.split(['/', ':', ',', '-']) {
                match figures(part) {
                    Some(found) => atoms.extend(found),
                    None if unit(part).is_some() => atoms.push(word(part.to_lowercase())),
                    None => atoms.extend(subwords(part).into_iter().map(word)),
                }
            }
        }
    }
    joined(&atoms)
}

/// The atoms of a claim: figures that stand by themselves.
pub(super) fn of_tokens(tokens: &[Token]) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Stop => atoms.push(Atom::Stop),
            Kind::Quote(_) => {}
            Kind::Number => {
                let core = token.text.trim_start_matches(['+', '-', '−', '~', '≈', '±', '<', '>', '≤', '≥']);
                match figures(core) {
                    Some(found) => atoms.extend(found),
                    // Not a number that we know how to read: a name, which the names' rule looks for.
                    None => atoms.extend(subwords(&token.text).into_iter().map(word)),
                }
            }
            Kind::Word => match number_word(&token.lower) {
                Some(_) => atoms.push(word(token.lower.clone())),
                None => atoms.extend(token.lower.split('-').map(|part| word(part.to_owned()))),
            },
            Kind::Name if unit(&token.text).is_some() => atoms.push(word(token.lower.clone())),
            Kind::Name | Kind::Code => atoms.extend(subwords(&token.text).into_iter().map(word)),
        }
    }
    joined(&atoms)
}

/// Whether the number's rule can read a token that begins with a digit.
pub(super) fn is_figure(text: &str) -> bool {
    figures(text.trim_start_matches(['+', '-', '−', '~', '≈', '±', '<', '>', '≤', '≥'])).is_some()
}

fn word(text: String) -> Atom {
    let stem = stem(&text);
    Atom::Word(text, stem)
}

/// Units that follow as words, number words, `two and a half hours`, `an hour`.
fn joined(atoms: &[Atom]) -> Vec<Atom> {
    let lower = |at: usize| match atoms.get(at) {
        Some(Atom::Word(lower, _)) => lower.as_str(),
        _ => "",
    };
    let mut out: Vec<Atom> = Vec::with_capacity(atoms.len());
    let mut at = 0;
    while at < atoms.len() {
        let (mut figure, mut used) = match &atoms[at] {
            Atom::Figure(figure) => (figure.clone(), 1),
            Atom::Word(text, _) => {
                let spelled = number_word(text).map(|value| (value, 1)).or_else(|| match text.as_str() {
                    "half" if matches!(lower(at + 1), "a" | "an") && unit(lower(at + 2)).is_some() => Some((0.5, 2)),
                    "a" | "an"
                        if unit(lower(at + 1)).is_some_and(|(_, factor)| factor >= 1.0) && lower(at + 1).len() > 3 =>
                    {
                        // "a second attempt" counts, "a second" lasts.
                        (lower(at + 1) != "second").then_some((1.0, 1))
                    }
                    _ => None,
                });
                let Some((value, used)) = spelled else {
                    out.push(atoms[at].clone());
                    at += 1;
                    continue;
                };
                (Figure { value, raw: value, unit: Unit::None, loose: false, text: text.clone() }, used)
            }
            Atom::Stop => {
                out.push(Atom::Stop);
                at += 1;
                continue;
            }
        };
        if lower(at + used) == "and" && lower(at + used + 1) == "a" && lower(at + used + 2) == "half" {
            figure.raw += 0.5;
            figure.value += 0.5;
            used += 3;
        }
        if matches!(figure.unit, Unit::None)
            && let Some((unit, factor)) = unit(lower(at + used))
            && (lower(at + used).len() > 1 || figure.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
        {
            figure.unit = unit;
            figure.value = figure.raw * factor;
            figure.text = format!("{} {}", figure.text, lower(at + used));
            used += 1;
        }
        out.push(Atom::Figure(figure));
        at += used;
    }
    out
}

/// The figures of a chunk that begins with a digit: `45m`, `20m2s`, `1,140`, `3–5`, `15:58`, `3rd`, `10-second`.
fn figures(chunk: &str) -> Option<Vec<Atom>> {
    if !chunk.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    if let Some(minutes) = clock(chunk) {
        let value = f64::from(minutes);
        let figure = Figure { value, raw: value, unit: Unit::Clock, loose: false, text: chunk.to_owned() };
        return Some(vec![Atom::Figure(figure)]);
    }
    if let Some((one, two)) = chunk.split_once(':')
        && let (Ok(one), Ok(two)) = (one.parse::<f64>(), two.parse::<f64>())
    {
        let figure = Figure { value: one / two, raw: one, unit: Unit::None, loose: false, text: chunk.to_owned() };
        return Some(vec![Atom::Figure(figure)]);
    }
    if let Some((from, to)) = chunk.split_once(['–', '-', '/'])
        && let (Some(mut one), Some(two)) = (figures(from), figures(to).or_else(|| Some(vec![word(to.to_lowercase())])))
        && (to.starts_with(|char: char| char.is_ascii_digit()) || to.chars().all(char::is_alphabetic))
        && chunk.matches(['–', '-', '/']).count() == 1
    {
        one.extend(two);
        return Some(one);
    }
    let mut rest = chunk;
    let (mut total, mut raw, mut kind, mut loose, mut parts) = (0.0, 0.0, Unit::None, false, 0);
    while !rest.is_empty() {
        let (number, length) = number(rest)?;
        let tail = &rest[length..];
        let letters = tail.find(|char: char| char.is_ascii_digit()).unwrap_or(tail.len());
        let suffix = &tail[..letters];
        parts += 1;
        let (unit, factor) = match suffix {
            "" | "+" | "x" | "×" | "th" | "st" | "nd" | "rd" | "." => (Unit::None, 1.0),
            "k" | "K" => (Unit::None, 1000.0),
            _ => unit(suffix)?,
        };
        loose |= matches!(suffix, "m" | "M" | "d" | "s" | "h");
        raw = if parts == 1 { number } else { f64::NAN };
        total += number * factor;
        kind = unit;
        rest = &tail[letters..];
    }
    if parts > 1 && kind != Unit::Seconds {
        return None;
    }
    Some(vec![Atom::Figure(Figure {
        value: total,
        raw,
        unit: kind,
        loose: loose && parts == 1,
        text: chunk.to_owned(),
    })])
}

/// The number at the beginning, and its length in bytes. `1,140` and `10_000` are one number.
fn number(text: &str) -> Option<(f64, usize)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut digits, mut dots) = (0, String::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            byte if byte.is_ascii_digit() => digits.push(char::from(byte)),
            b',' | b'_' if digits != "0" && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4) => {}
            // `0,8` is how others write 0.8.
            b'.' | b',' if digit(at + 1) => {
                dots += 1;
                digits.push('.');
            }
            _ => break,
        }
        at += 1;
    }
    // 1.2.3 is a version.
    (dots < 2).then(|| digits.parse().ok().map(|value| (value, at)))?
}

/// Minutes since midnight.
fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let minutes = minutes.split(':').next()?;
    let (h, m): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (h < 24 && m < 60 && minutes.len() == 2 && hours.len() <= 2).then_some(h * 60 + m)
}
