//! The line above an entry, a reflection or a working context of an earlier program.
//!
//! In: a line. Out: the day and the commit it names, or that it is no header at all.
//! Never here: the level of the heading that a program uses for them (that is the program's file).

use chrono::NaiveDate;

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Whether it is about a commit; else it stands above a thought or a context.
    pub of_commit: bool,
    /// The digits that name the commit.
    pub commit: Option<String>,
    /// The day, where it is named.
    pub day: Option<NaiveDate>,
    /// Whether anything follows the time.
    pub labelled: bool,
}

/// Reads the words of a heading (without its `#`): a time, a date or both, then perhaps a dash and what it is about, as
/// `5:33 PM — Commit 68007b5f`, `2025-07-21 17:33:10 -0400 — Commit`, `5:51:49 PM GMT+1 - Commit: 85935521 - docs: add`,
/// `2025-08-26 18:35:54 - Commit abc123d`, `5:31:24 PM CDT`, `9:15 AM — AI Context Capture`.
#[must_use]
pub fn read(heading: &str) -> Option<Header> {
    let (day, label) = when(heading)?;
    if label.is_empty() {
        return Some(Header { of_commit: false, commit: None, day, labelled: false });
    }
    let label = label.strip_prefix(['—', '–', '-', ':'])?.trim_start();
    let Some(rest) = commit_word(label) else {
        return Some(Header { of_commit: false, commit: None, day, labelled: true });
    };
    Some(Header { of_commit: true, commit: hexadecimal(rest), day, labelled: true })
}

/// What follows `Commit`, `Git Commit` or `Commit Hash`, and a colon.
fn commit_word(label: &str) -> Option<&str> {
    let label = word(label, "git").unwrap_or(label);
    let rest = word(label, "commit")?;
    let rest = word(rest, "hash").unwrap_or(rest);
    Some(rest.trim_start_matches(':').trim_start())
}

/// What follows a word, whatever its case.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    (start.eq_ignore_ascii_case(word) && !rest.starts_with(char::is_alphanumeric)).then(|| rest.trim_start())
}

/// The digits of an id at the start of a text: 4 to 64 of them, perhaps in a code span or in brackets.
#[must_use]
pub fn hexadecimal(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['`', '(', '[']);
    let digits: String = text.chars().take_while(char::is_ascii_hexdigit).collect();
    let rest = &text[digits.len()..];
    let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    ((4..=64).contains(&digits.len()) && ends).then(|| digits.to_ascii_lowercase())
}

/// A date, a time or both at the start of a heading, and what follows them. The time itself stays in the text.
fn when(text: &str) -> Option<(Option<NaiveDate>, &str)> {
    let (mut day, mut timed) = (None, false);
    let mut rest = text.trim();
    loop {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let token = &rest[..end];
        if let Some(date) = date(token).filter(|_| day.is_none()) {
            day = Some(date);
            timed |= token.len() > 10;
        } else if is_clock(token) && !timed {
            timed = true;
        } else if !(timed && is_zone(token)) {
            break;
        }
        rest = rest[end..].trim_start();
    }
    (timed || day.is_some()).then_some((day, rest))
}

/// `2025-07-21`, alone or before the `T` of ISO 8601.
fn date(token: &str) -> Option<NaiveDate> {
    let (date, rest) = token.split_at_checked(10)?;
    let ends = rest.is_empty() || rest == "," || rest.strip_prefix('T').is_some_and(|rest| rest.starts_with(digit));
    NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|_| ends)
}

/// `5:33`, `17:51:49`, `5:33PM`
fn is_clock(token: &str) -> bool {
    let digits = token.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let half = &token[digits.len()..];
    let fields: Vec<&str> = digits.split(':').collect();
    let whole = |field: &&str| (1..=2).contains(&field.len()) && field.chars().all(digit);
    (half.is_empty() || is_half(half)) && (2..=3).contains(&fields.len()) && fields.iter().all(whole)
}

/// Half of the day, or a zone: `PM`, `CDT`, `GMT+1`, `-0400`, `+02:00`
fn is_zone(token: &str) -> bool {
    let name = token.trim_end_matches(|c: char| matches!(c, '+' | '-' | ':') || digit(c));
    let offset = &token[name.len()..];
    let plain = offset.strip_prefix(['+', '-']).is_some_and(|rest| !rest.is_empty() && rest.starts_with(digit));
    let named = name.is_empty() || (name.len() <= 5 && name.chars().all(|c| c.is_ascii_uppercase()));
    is_half(token) || (named && if offset.is_empty() { !name.is_empty() } else { plain })
}

fn is_half(token: &str) -> bool {
    ["am", "pm", "a.m.", "p.m."].iter().any(|half| token.eq_ignore_ascii_case(half))
}

fn digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_that_was_seen_is_read() {
        let check = |heading: &str, day: Option<&str>, commit: Option<Option<&str>>| {
            let header = read(heading).unwrap_or_else(|| panic!("{heading}"));
            assert_eq!(header.day.map(|day| day.to_string()).as_deref(), day, "{heading}");
            let found = header.of_commit.then_some(header.commit.as_deref());
            assert_eq!(found, commit, "{heading}");
        };
        let full = "68007b5fff5fe4df2933abc6e7cd3920571537ca";
        check(&format!("5:33 PM — Commit {full}"), None, Some(Some(full)));
        check(&format!("2025-07-21 17:33 — Commit {full}"), Some("2025-07-21"), Some(Some(full)));
        check("2025-07-21T17:33:10-04:00 — Commit abcd1234", Some("2025-07-21"), Some(Some("abcd1234")));
        check("2025-07-21T17:33:10Z — Commit", Some("2025-07-21"), Some(None));
        check("2025-07-21 17:33:10 -0400 — Commit ABCD1234", Some("2025-07-21"), Some(Some("abcd1234")));
        check("2025-07-21 17:33:10 — Commit", Some("2025-07-21"), Some(None));
        check("2025-07-21 — Commit: `abcd1234`", Some("2025-07-21"), Some(Some("abcd1234")));
        check("5:33 PM — Git Commit: abcd1234", None, Some(Some("abcd1234")));
        check("5:33 PM — Reflection", None, None);
        check("5:33 pm – AI Context Capture", None, None);
        check("2025-07-21 17:33 — Reflection", Some("2025-07-21"), None);
        for zone in ["CDT", "EDT", "PDT", "MDT", "CST", "EST", "GMT+1", "GMT+2", "UTC", "GMT+5:30", "+02:00"] {
            check(&format!("5:51:49 PM {zone} - Commit: 85935521"), None, Some(Some("85935521")));
            check(&format!("5:51:49\u{202f}PM {zone} - Commit: 85935521 - docs: Commit"), None, Some(Some("85935521")));
        }
        check("2025-08-26 18:35:54 - Commit abc123d", Some("2025-08-26"), Some(Some("abc123d")));
        check("5:31:24 PM CDT", None, None);
        check("11:28:50 AM GMT+1 - Session: 684b2290-a432-4089-85e7-6b803dc11338", None, None);
        check("10:15 — Commit message conventions", None, Some(None));
        check("10:15 — Commitment", None, None);
    }

    #[test]
    fn other_headings_are_no_headers() {
        for heading in [
            "Summary - 85935521",
            "Commit 85935521",
            "5 things",
            "2025",
            "10:15 standup",
            "Version 1:2 - Commit",
            "",
            "— Commit",
            "5:33:10:12",
        ] {
            assert_eq!(read(heading), None, "{heading}");
        }
    }
}
