//! Links from a summary to what it was made from.
//!
//! In: an entry, or a period. Out: Markdown that leads there from `summaries/<unit>/`, in a folder as on a server.
//! Never here: an absolute path: the journal may be moved, and lie on a branch.

use chrono::NaiveDate;

use super::super::{escape, plain};
use crate::journal::{EntryRef, Period};

/// A link to an entry. Where the viewer gives headings names as GitHub does, it leads to the entry itself.
#[must_use]
pub fn entry(label: &str, of: &EntryRef) -> String {
    let short = of.commit.short();
    let time = of.at.format("%H:%M");
    let heading = if of.subject.is_empty() {
        format!("{time} · {short}")
    } else {
        format!("{time} · {} · {short}", of.subject)
    };
    format!("[{}]({}#{})", escaped(label), page(of.day), anchor(&heading))
}

/// A link to the page of a day.
#[must_use]
pub fn day(label: &str, day: NaiveDate) -> String {
    format!("[{}]({})", escaped(label), page(day))
}

/// A link to the summary of a period.
#[must_use]
pub fn summary(label: &str, period: Period) -> String {
    format!("[{}](../{}/{period}.md)", escaped(label), period.unit.name())
}

fn page(day: NaiveDate) -> String {
    day.format("../../entries/%Y-%m/%Y-%m-%d.md").to_string()
}

/// The name that GitHub gives to a heading: letters, digits, `-` and `_` of it in lower case, `-` for each blank.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// A text within the brackets of a link: one that closes them would end the link.
fn escaped(label: &str) -> String {
    let markdown = plain::within(label);
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown.as_str();
    while let Some(c) = rest.chars().next() {
        let taken = match escape::uncode(rest) {
            Some((_, after)) if !out.ends_with('\\') => rest.len() - after.len(),
            _ => c.len_utf8(),
        };
        if c == ']' {
            out.push('\\');
        }
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    // A cut mark is no link of its own, and would be one here.
    out.replace("[…\\]", "\\[…\\]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_the_names_that_github_gives_them() {
        let check = |heading: &str, expected: &str| assert_eq!(anchor(heading), expected);
        check(
            "16:02 · increase timeout, add a single retry · 4a98f724",
            "1602--increase-timeout-add-a-single-retry--4a98f724",
        );
        check("09:30 · fix(`sync`): a_b-c [x] · 527c9c20", "0930--fixsync-a_b-c-x--527c9c20");
        check("09:30 · Größe שלום 🦀 · 527c9c20", "0930--größe-שלום---527c9c20");
    }

    #[test]
    fn no_label_ends_its_link() {
        let check = |label: &str, expected: &str| assert_eq!(escaped(label), expected);
        check("fix a] b](x)", "fix a\\] b\\](x)");
        check("`a[0]` and [b]", "`a[0]` and \\[b\\]");
        check("cut […]", "cut \\[…\\]");
        check("an open ` and ]", "an open \\` and \\]");
    }
}
