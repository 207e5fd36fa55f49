//! Foreign words as HTML that shows exactly these words.
//!
//! In: any text. Out: HTML without a single tag of the text's own.
//! Never here: Markdown beyond code: fences and backticks are shown as code, all else as it was written.

use std::fmt::Write as _;

/// How far the end of a code span may lie from its beginning, in bytes.
const SPAN: usize = 300;

/// A text as the content of an element. Characters that cannot be seen but steer (controls, and marks that turn the
/// direction of writing for what follows) are shown by their numbers.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        if steers(c) {
            let _ = write!(out, "<span class=u>U+{:04X}</span>", u32::from(c));
        } else {
            push(&mut out, c);
        }
    }
    out
}

/// A text as the value of an attribute between quotation marks, or as the page's title.
#[must_use]
pub fn attribute(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            let _ = write!(out, "U+{:04X}", u32::from(c));
        } else {
            push(&mut out, c);
        }
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        c => out.push(c),
    }
}

fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\t' | '\n'))
}

/// One line of text, code between backticks as code.
#[must_use]
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        out.push_str(&escape(&rest[..at]));
        let run = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
        let inner = &rest[at + run..];
        if let Some(end) = span_end(inner, run) {
            let _ = write!(out, "<code>{}</code>", escape(&inner[..end]));
            rest = &inner[end + run..];
        } else {
            out.push_str(&rest[at..at + run]);
            rest = inner;
        }
    }
    out.push_str(&escape(rest));
    out
}

/// Where a run of as many backticks follows on the same line, not too far away.
fn span_end(inner: &str, run: usize) -> Option<usize> {
    let bytes = &inner.as_bytes()[..inner.len().min(SPAN)];
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => return None,
            b'`' => {
                let found = inner.as_bytes()[at..].iter().take_while(|byte| **byte == b'`').count();
                if found == run {
                    return (at > 0).then_some(at);
                }
                at += found;
            }
            _ => at += 1,
        }
    }
    None
}

/// A text of many lines: as it was written, its fenced code as code.
#[must_use]
pub fn block(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut words = String::new();
    let mut lines = text.trim_end().lines();
    while let Some(text) = lines.next() {
        let Some(fence) = fence(text) else {
            words.push_str(text);
            words.push('\n');
            continue;
        };
        said(&mut out, &words);
        words.clear();
        let is_end = |text: &&str| {
            let text = text.trim();
            text.len() >= fence.len() && text.bytes().all(|byte| byte == fence.as_bytes()[0])
        };
        let code: Vec<&str> = lines.by_ref().take_while(|text| !is_end(text)).collect();
        let _ = write!(out, "<pre dir=auto><code>{}</code></pre>", escape(&code.join("\n")));
    }
    said(&mut out, &words);
    out
}

/// The fence that a line opens code with.
fn fence(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let sign = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let run = text.len() - text.trim_start_matches(sign).len();
    (run >= 3 && !text[run..].contains(sign)).then(|| &text[..run])
}

fn said(out: &mut String, words: &str) {
    let words = words.trim_matches('\n');
    if !words.is_empty() {
        let _ = write!(out, "<p class=t dir=auto>{}</p>", line(words));
    }
}

/// Text for a line of its own: no more than `most` characters of its first line.
#[must_use]
pub fn first_line(text: &str, most: usize) -> String {
    let first = text.trim_start().lines().next().unwrap_or_default().trim_end();
    let is_cut = first.chars().count() > most || text.trim().lines().count() > 1;
    let cut: String = first.chars().take(most).collect();
    if is_cut { format!("{} …", cut.trim_end()) } else { cut }
}

/// A piece of HTML for each of some things.
#[must_use]
pub fn each<T>(things: impl IntoIterator<Item = T>, mut piece: impl FnMut(T) -> String) -> String {
    let mut out = String::new();
    for thing in things {
        out.push_str(&piece(thing));
    }
    out
}

/// `1,234`.
#[must_use]
pub fn number(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 entry`, `2 entries`.
#[must_use]
pub fn counted(count: impl TryInto<u64>, one: &str, many: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_a_tag_or_steer_is_text() {
        let check = |text: &str, expected: &str| assert_eq!(escape(text), expected);
        check("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
        check("<!-- \" & -->", "&lt;!-- &quot; &amp; --&gt;");
        check(
            "a\u{202e}b\u{1b}[31m\r",
            "a<span class=u>U+202E</span>b<span class=u>U+001B</span>[31m<span class=u>U+000D</span>",
        );
        check("שלום 🎉 e\u{301}\tx\n", "שלום 🎉 e\u{301}\tx\n");
        assert_eq!(attribute("a\u{202e}\"<"), "aU+202E&quot;&lt;");
    }

    #[test]
    fn code_is_shown_as_code_and_all_else_as_written() {
        let check = |text: &str, expected: &str| assert_eq!(block(text), expected);
        check("**bold** `a<b` ``c`d``", "<p class=t dir=auto>**bold** <code>a&lt;b</code> <code>c`d</code></p>");
        check("an open ` tick\nand ` another", "<p class=t dir=auto>an open ` tick\nand ` another</p>");
        check(
            "see:\n```rust\nlet x = 1;\n\n```\nand on",
            "<p class=t dir=auto>see:</p><pre dir=auto><code>let x = 1;\n</code></pre><p class=t dir=auto>and on</p>",
        );
        check("~~~~\n~~~\n</pre>", "<pre dir=auto><code>~~~\n&lt;/pre&gt;</code></pre>");
        check("```not``` a fence", "<p class=t dir=auto><code>not</code> a fence</p>");
    }

    #[test]
    fn numbers_are_for_people() {
        assert_eq!([number(0_u64), number(1_234_567_u64), number(999_u64)], ["0", "1,234,567", "999"]);
        assert_eq!([counted(1_u64, "day", "days"), counted(2_u64, "day", "days")], ["1 day", "2 days"]);
        assert_eq!(
            [first_line("one\ntwo", 9), first_line("abcdef", 3), first_line("abc", 3)],
            ["one …", "abc …", "abc"]
        );
    }

    proptest! {
        #[test]
        fn no_text_brings_a_tag_of_its_own(text in "[<>&\"'`~a\\n/!-]{0,40}|\\PC{0,40}") {
            let plain = block(&text)
                .replace("<p class=t dir=auto>", "").replace("</p>", "")
                .replace("<pre dir=auto>", "").replace("</pre>", "")
                .replace("<code>", "").replace("</code>", "");
            prop_assert!(!plain.replace("<span class=u>", "").replace("</span>", "").contains(['<', '>', '"']), "{}", plain);
        }
    }
}
