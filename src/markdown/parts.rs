//! What sections are made of: lists, quotes, numbers with their nouns.
//!
//! In: texts that are Markdown already. Out: the same with what stands before their lines.
//! Never here: what a section says.

/// An empty line, then the text.
pub fn paragraph(out: &mut String, text: &str) {
    out.push('\n');
    out.push_str(text);
    out.push('\n');
}

/// A heading and its parts with an empty line between them; nothing when there are no parts.
pub fn section(out: &mut String, heading: &str, parts: impl Iterator<Item = String>) {
    let mut parts = parts.peekable();
    if parts.peek().is_some() {
        paragraph(out, heading);
        parts.for_each(|part| paragraph(out, &part));
    }
}

/// A list as one part, items without an empty line between them.
pub fn items(items: impl Iterator<Item = String>) -> std::option::IntoIter<String> {
    let items: Vec<String> = items.map(|item| prefixed(&item, "- ", "  ")).collect();
    (!items.is_empty()).then(|| items.join("\n")).into_iter()
}

/// A text as a blockquote.
#[must_use]
pub fn quoted(text: &str) -> String {
    prefixed(text, "> ", "> ")
}

/// Every line behind a prefix, without blanks at the end of empty ones.
fn prefixed(text: &str, first: &str, next: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2 * next.len());
    for (nth, line) in text.split('\n').enumerate() {
        if nth > 0 {
            out.push('\n');
        }
        out.push_str(if nth == 0 { first } else { next });
        out.push_str(line);
        out.truncate(out.trim_end_matches(' ').len());
    }
    out
}

/// A number with its noun: `1 file`, `2 files`.
#[must_use]
pub fn counted(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
