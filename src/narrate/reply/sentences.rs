//! Where a sentence ends.
//!
//! In: a paragraph. Out: its sentences, each with the references behind it. Never here: a cut inside code, a quotation, a
//! version number or an abbreviation.

/// Words after whose dot a sentence goes on.
const ABBREVIATIONS: &[&str] = &[
    "e.g", "i.e", "etc", "vs", "cf", "approx", "dr", "mr", "mrs", "ms", "no", "nr", "fig", "incl", "resp", "ca", "al",
    "z.b", "bzw", "usw", "d.h", "u.a", "p.s", "st", "inc", "ltd", "min", "max", "sec", "ver", "ex",
];

/// Splits a paragraph.
pub(super) fn split(paragraph: &str) -> Vec<String> {
    let chars: Vec<(usize, char)> = paragraph.char_indices().collect();
    let (mut sentences, mut start) = (Vec::new(), 0);
    let mut depth = Depth::default();
    let mut at = 0;
    while at < chars.len() {
        let (_, char) = chars[at];
        let inside = depth.step(&chars, at);
        let ends = match char {
            '.' | '!' | '?' => !inside && !is_abbreviation(paragraph, chars[at].0, char),
            '。' | '！' | '？' => !inside,
            // `He said "Done." Then …`
            '"' | '”' | '»' => {
                !inside && at > 0 && matches!(chars[at - 1].1, '.' | '!' | '?') && begins(&chars, at + 1)
            }
            _ => false,
        };
        if ends {
            let end = tail(&chars, at + 1);
            let wide = matches!(char, '。' | '！' | '？');
            if end >= chars.len() || wide || begins(&chars, end) {
                let stop = chars.get(end).map_or(paragraph.len(), |(offset, _)| *offset);
                sentences.push(paragraph[start..stop].trim().to_owned());
                start = stop;
                at = end;
                continue;
            }
        }
        at += 1;
    }
    sentences.push(paragraph[start..].trim().to_owned());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Inside what no sentence ends.
#[derive(Default)]
struct Depth {
    code: bool,
    straight: bool,
    curly: usize,
    brackets: usize,
}

impl Depth {
    /// Takes one character; whether what follows it is inside something.
    fn step(&mut self, chars: &[(usize, char)], at: usize) -> bool {
        let later = |mark: char| chars[at + 1..].iter().any(|(_, char)| *char == mark);
        match chars[at].1 {
            '`' => self.code = !self.code && later('`'),
            _ if self.code => {}
            '"' => self.straight = !self.straight && later('"'),
            '“' | '„' | '«' if later('”') || later('“') || later('»') => self.curly = 1,
            '”' | '»' => self.curly = 0,
            '(' if later(')') => self.brackets += 1,
            ')' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        self.code || self.straight || self.curly > 0 || self.brackets > 0
    }
}

fn is_abbreviation(paragraph: &str, dot: usize, char: char) -> bool {
    if char != '.' {
        return false;
    }
    let word = paragraph[..dot].rsplit(|c: char| c.is_whitespace() || "([\"“*".contains(c)).next().unwrap_or_default();
    let lower = word.to_lowercase();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    initial || ABBREVIATIONS.contains(&lower.as_str())
}

/// Past closing marks and references: `." [P1, F2] (A1)`.
fn tail(chars: &[(usize, char)], mut at: usize) -> usize {
    while let Some((_, char)) = chars.get(at) {
        match char {
            '.' | '!' | '?' | '*' | '_' | ')' | ']' | '’' => at += 1,
            ' ' | '[' | '(' | '【' => match reference(chars, at) {
                Some(end) => at = end,
                None => break,
            },
            _ => break,
        }
    }
    at
}

/// The end of a bracket of references that begins here, after blanks.
fn reference(chars: &[(usize, char)], mut at: usize) -> Option<usize> {
    while chars.get(at)?.1 == ' ' {
        at += 1;
    }
    let close = match chars.get(at)?.1 {
        '[' => ']',
        '(' => ')',
        '【' => '】',
        _ => return None,
    };
    let end = at + chars[at..].iter().take(120).position(|(_, char)| *char == close)?;
    let inner: String = chars[at..=end].iter().map(|(_, char)| *char).collect();
    super::cites::take(&inner).0.is_empty().then_some(end + 1)
}

/// Whether a sentence may begin here.
fn begins(chars: &[(usize, char)], at: usize) -> bool {
    let Some((_, first)) = chars.get(at) else { return true };
    if !first.is_whitespace() {
        return false;
    }
    let next = chars[at..].iter().map(|(_, char)| *char).find(|char| !char.is_whitespace());
    next.is_none_or(|char| !char.is_lowercase())
}
