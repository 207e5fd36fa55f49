//! References to exhibits: `[P1, F2]`, `(P1)`, `[P1][A2]`, `【P1】`, `P1, F2` at the end.
//!
//! In: a sentence. Out: the sentence without them, and their ids. Never here: whether there are such exhibits.

/// Takes the references out of a sentence.
pub(super) fn take(sentence: &str) -> (String, Vec<String>) {
    let mut kept = String::with_capacity(sentence.len());
    let mut cites = Vec::new();
    let mut rest = sentence;
    let mut in_code = false;
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '[' => Some(']'),
            '(' => Some(')'),
            '【' => Some('】'),
            '{' => Some('}'),
            _ => None,
        };
        in_code ^= first == '`';
        if let Some(close) = close.filter(|_| !in_code)
            && let Some(end) = rest.find(close)
            && let Some(found) = ids(&rest[first.len_utf8()..end])
        {
            cites.extend(found);
            rest = &rest[end + close.len_utf8()..];
            while kept.ends_with(' ') {
                kept.pop();
            }
            continue;
        }
        kept.push(first);
        rest = &rest[first.len_utf8()..];
    }
    let bare = bare_tail(&kept);
    if let Some(found) = ids(&kept[bare..]) {
        cites.extend(found);
        kept.truncate(bare);
    }
    let text = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    (tidy(&text), cites)
}

/// Where ids without brackets begin after the sentence's end; the text's length where there are none.
fn bare_tail(text: &str) -> usize {
    let end = text.trim_end();
    let mut start = text.len();
    for word in end.rsplit(' ') {
        let id = word.trim_matches([',', ';', '[', ']', '(', ')']);
        if id.is_empty() || !is_id(id) {
            break;
        }
        start = end.len().min(start) - word.len();
        if start == 0 {
            break;
        }
        start -= 1;
    }
    // `the case of P1` names it; only after a full stop does it stand beside the sentence.
    let before = text[..start.min(text.len())].trim_end();
    if before.is_empty() || before.ends_with(['.', '!', '?', '"', '”', ':', '*']) {
        start.min(text.len())
    } else {
        text.len()
    }
}

/// The ids of a bracket that holds nothing else.
fn ids(inner: &str) -> Option<Vec<String>> {
    if inner.len() > 200 {
        return None;
    }
    let lower = inner.trim().to_ascii_lowercase();
    let skip = ["evidence:", "exhibits:", "exhibit", "see", "ids:", "refs:", "ref:", "source:", "sources:", "cites:"];
    let start = skip.iter().find(|word| lower.starts_with(**word)).map_or(0, |word| word.len());
    let inner = inner.trim().get(start..)?;
    let mut found: Vec<String> = Vec::new();
    for part in inner.split([',', ';', '&', '/', '+', ' ', '\u{a0}', '|', '[', ']', '`', '*', '"']) {
        let part = part.trim().trim_start_matches('#').trim_end_matches('.');
        match part {
            "" | "and" | "or" => {}
            _ if is_id(part) => found.push(part.to_ascii_uppercase()),
            _ => found.extend(range(part)?),
        }
    }
    // `[1]` is a footnote of nothing.
    let footnote =
        !inner.trim().is_empty() && inner.trim().len() < 4 && inner.trim().bytes().all(|b| b.is_ascii_digit());
    (!found.is_empty() || (footnote && inner.len() < 4)).then_some(found)
}

/// `P1-P3` and `P1–3`.
fn range(part: &str) -> Option<Vec<String>> {
    let (first, last) = part.split_once(['-', '–', '—', '…']).or_else(|| part.split_once(".."))?;
    let last = last.trim_start_matches(|char: char| char.is_ascii_alphabetic());
    if !is_id(first) {
        return None;
    }
    let (letter, from) = first.split_at(1);
    let (from, to): (u32, u32) = (from.parse().ok()?, last.parse().ok()?);
    (from <= to && to - from < 50).then(|| (from..=to).map(|n| format!("{letter}{n}").to_ascii_uppercase()).collect())
}

/// A letter and a number.
fn is_id(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && (2..=5).contains(&text.len())
        && chars.all(|digit| digit.is_ascii_digit())
}

/// No blank before the punctuation that a reference stood in front of.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut in_code = false;
    for char in text.chars() {
        in_code ^= char == '`';
        if !in_code && matches!(char, '.' | ',' | ';') && tidy.ends_with(' ') && !tidy.ends_with("  ") {
            let before = tidy.trim_end().chars().next_back();
            // ` .goreleaser.yaml` keeps its blank: only what ends a word is moved up, and a dot before a letter begins one.
            if before.is_some_and(|char| char.is_alphanumeric() || matches!(char, '`' | '"' | '”' | ')')) {
                tidy.push('\u{0}');
            }
        }
        tidy.push(char);
    }
    // A dot that begins a word keeps its blank.
    let mut out = String::with_capacity(tidy.len());
    let mut chars = tidy.chars().peekable();
    while let Some(char) = chars.next() {
        if char == '\u{0}' {
            let mut ahead = chars.clone();
            ahead.next();
            if ahead.next().is_none_or(|after| !after.is_alphanumeric()) {
                out.pop();
            }
            continue;
        }
        out.push(char);
    }
    out.trim().to_owned()
}
