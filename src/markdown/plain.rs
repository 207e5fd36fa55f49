//! Plain text with code spans, as Markdown that shows exactly that.
//!
//! In: one line of text, in which code between backticks is the only markup. Out: Markdown in which nothing else passes
//! for markup, and the way back, exactly.
//! Never here: text that may have markup of its own (that is `escape`).

use super::escape;

/// A text that begins a line or a list item.
#[must_use]
pub fn paragraph(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = digits > 0 && text[digits..].starts_with(['.', ')']);
    let at = match text.chars().next() {
        Some('#' | '>' | '-' | '+' | '=' | '|' | ':') => 0,
        _ if number && text[digits + 1..].chars().next().is_none_or(char::is_whitespace) => digits,
        _ => return within(text),
    };
    // Neither a digit nor one of these is changed by what follows.
    format!("{}\\{}{}", &text[..at], &text[at..=at], within(&text[at + 1..]))
}

/// A text within a line.
#[must_use]
pub fn within(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = escape::uncode(rest).map(|(_, after)| &rest[..rest.len() - after.len()]);
        let run = rest.len() - rest.trim_start_matches('`').len();
        let taken = match (c, code) {
            ('`', Some(code)) => {
                out.push_str(code);
                code.len()
            }
            ('`', None) => {
                out.push_str(&"\\`".repeat(run));
                run
            }
            (c, _) => {
                let after = &rest[c.len_utf8()..];
                if is_markup(c, before, after, text) {
                    out.push('\\');
                }
                out.push(c);
                c.len_utf8()
            }
        };
        before = rest[..taken].chars().next_back();
        rest = &rest[taken..];
    }
    out
}

/// Whether a viewer would not show the character, or might not.
fn is_markup(c: char, before: Option<char>, after: &str, text: &str) -> bool {
    let next = after.chars().next();
    match c {
        '\\' | '*' | '~' => true,
        // Within a word it is a letter like others.
        '_' => !(before.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric)),
        // The mark of a cut stays readable; without a bracket nothing is a link.
        '[' => !after.starts_with("…]"),
        '<' => next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
        '&' => {
            let name = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
            name.len() < after.len() && name.starts_with(';')
        }
        // Two of them are a formula for some viewers.
        '$' => text.matches('$').count() > 1,
        _ => false,
    }
}

/// Reads a text back.
#[must_use]
pub fn read(markdown: &str) -> String {
    split(markdown, None).map(|(text, _)| text).unwrap_or_default()
}

/// Reads a text up to `**`, and returns what follows that; `None` where none follows.
#[must_use]
pub fn read_bold(markdown: &str) -> Option<(String, &str)> {
    split(markdown, Some("**"))
}

/// Reads up to `end`, or to the end of the text where there is none to be found.
fn split<'a>(markdown: &'a str, end: Option<&str>) -> Option<(String, &'a str)> {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = end.and_then(|end| rest.strip_prefix(end)) {
            return Some((out, after));
        }
        let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next()).filter(char::is_ascii_punctuation);
        let code = escape::uncode(rest).map(|(_, after)| rest.len() - after.len());
        let taken = match (escaped, code) {
            (Some(escaped), _) => {
                out.push(escaped);
                2
            }
            (None, code) => {
                let run = rest.len() - rest.trim_start_matches('`').len();
                let taken = code.unwrap_or(run.max(c.len_utf8()));
                out.push_str(&rest[..taken]);
                taken
            }
        };
        rest = &rest[taken..];
    }
    end.is_none().then_some((out, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_pass_for_markup_gets_a_backslash() {
        let check = |text: &str, expected: &str| {
            assert_eq!(paragraph(text), expected);
            assert_eq!(read(expected), text);
        };
        check("plain words, 45 minutes (not 20): done!", "plain words, 45 minutes (not 20): done!");
        check("`a*b` and snake_case", "`a*b` and snake_case");
        check("an open ` and *stars* and _lines_", "an open \\` and \\*stars\\* and \\_lines\\_");
        check("``a` b", "\\`\\`a\\` b");
        check("# x", "\\# x");
        check("- x", "\\- x");
        check("---", "\\---");
        check("1. x", "1\\. x");
        check("1.5 x", "1.5 x");
        check("<!-- commit-story:end -->", "\\<!-- commit-story:end -->");
        check("2 < 3 <script>", "2 < 3 \\<script>");
        check("[…] and [link](x) ![y]", "[…] and \\[link](x) !\\[y]");
        check("AT&T &amp; &#60; x", "AT&T \\&amp; \\&#60; x");
        check("C:\\*", "C:\\\\\\*");
        check("$5", "$5");
        check("$a and $b", "\\$a and \\$b");
    }

    #[test]
    fn bold_ends_outside_code() {
        let text = "a `**` b*";
        assert_eq!(read_bold(&format!("{}** rest", within(text))), Some((text.to_owned(), " rest")));
        assert_eq!(read_bold("open"), None);
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in prop_oneof!["[-`\\\\*_<>&;$a1.#\\[\\](){} ~|:+=…]{0,24}", "\\PC{0,24}"]) {
            prop_assert_eq!(read(&paragraph(&text)), &*text);
            let bold = format!("{}**", within(&text));
            prop_assert_eq!(read_bold(&bold), Some((text, "")));
        }
    }
}
