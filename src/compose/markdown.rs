//! A draft as Markdown.
//!
//! In: an [`Outline`], the day, and where the pages of entries lie. Out: text to paste. Never here: a foreign character that
//! passes for markup: quotes are shown as they were typed, and references are links by their commit's short id.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use chrono::NaiveDate;

use super::outline::{Item, Kind, Outline};
use super::reading;
use crate::draft::cut;
use crate::git::CommitId;
use crate::markdown::escape::{self, Fences};
use crate::markdown::{parts, plain, render};

/// The most sources that are named at the end of a line.
const SOURCES: usize = 6;

/// Where the page of an entry lies, relative to who reads the draft.
pub type Pages = BTreeMap<CommitId, String>;

/// The draft as Markdown.
#[must_use]
pub fn render(outline: &Outline, pages: &Pages, today: NaiveDate) -> String {
    let writer = Writer { pages, today };
    let mut text = match outline.kind {
        // A section of a file that has its own title.
        Kind::Changelog => format!("## {}\n", outline.title),
        _ => format!("# {}\n", plain::within(&cut::one_line(&outline.title))),
    };
    for part in &outline.parts {
        let marks = "#".repeat(usize::from(part.level));
        let _ = write!(text, "\n{marks} {}\n\n", plain::within(&cut::one_line(&part.heading)));
        let mut before: Option<&Item> = None;
        for item in &part.items {
            let lists = |item: &Item| matches!(item, Item::Point { .. });
            if before.is_some_and(|before| !(lists(before) && (lists(item) || matches!(item, Item::Output { .. })))) {
                text.push('\n');
            }
            text.push_str(&writer.item(item));
            text.push('\n');
            before = Some(item);
        }
    }
    for remark in &outline.remarks {
        let _ = write!(text, "\n<sub>{}.</sub>\n", plain::within(&cut::one_line(remark)));
    }
    let mut linked = BTreeSet::new();
    for item in outline.parts.iter().flat_map(|part| &part.items) {
        let most = if matches!(item, Item::Point { .. }) { SOURCES } else { usize::MAX };
        linked.extend(item.sources().into_iter().take(most));
    }
    // In the order in which they are named.
    let named = outline.sources().into_iter().filter(|id| linked.contains(id));
    let links = named.filter_map(|id| Some((id.short(), pages.get(id)?)));
    for (nth, (short, page)) in links.enumerate() {
        if nth == 0 {
            text.push('\n');
        }
        let _ = writeln!(text, "[{short}]: <{page}>");
    }
    text
}

/// The words in bold before a text, with a colon where they need one.
fn lead_of(lead: &str, text: &str) -> String {
    let lead = cut::one_line(lead);
    let ends = lead.ends_with([':', '?', '!', '.', ';']);
    match lead.as_str() {
        "" => String::new(),
        lead if ends || text.is_empty() || text.starts_with('(') => format!("**{}**", plain::within(lead)),
        lead => format!("**{}:**", plain::within(lead)),
    }
}

struct Writer<'a> {
    pages: &'a Pages,
    today: NaiveDate,
}

impl Writer<'_> {
    fn item(&self, item: &Item) -> String {
        match item {
            Item::Point { lead, text, sources, prose } => {
                let lead = lead_of(lead, text);
                let text = cut::one_line(text);
                let text = if lead.is_empty() { plain::paragraph(&text) } else { plain::within(&text) };
                let prose = if *prose { " (prose)" } else { "" };
                let words = [lead, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
                format!("- {words}{}{prose}", self.named(sources))
            }
            Item::Quote { speaker, at, words, source } => {
                let when = format!("{}, {}", reading::day(at.date_naive(), self.today), at.format("%H:%M"));
                let head = format!("**{}**, {when}:", render::speaker(*speaker));
                let words = verbatim(words);
                let gap = if words.contains('\n') || escape::starts_block(&words) { "\n\n" } else { " " };
                let end = if words.contains('\n') { "\n\n—" } else { "" };
                parts::quoted(&format!("{head}{gap}{words}{end}{}", self.named(std::slice::from_ref(source))))
            }
            Item::Output { text, .. } => {
                let fence = escape::fence_for(text);
                let lines = format!("{fence}text\n{text}\n{fence}");
                lines.lines().map(|line| format!("  {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
            }
            Item::Paragraph { sentences } => {
                let one = |(nth, (text, sources)): (usize, &(String, Vec<CommitId>))| {
                    let text = if nth == 0 { plain::paragraph(text) } else { plain::within(text) };
                    // Of sentences from the same entries the last one names them.
                    let goes_on = sentences.get(nth + 1).is_some_and(|(_, next)| next == sources);
                    if goes_on { text } else { format!("{text}{}", self.named(sources)) }
                };
                sentences.iter().enumerate().map(one).collect::<Vec<_>>().join(" ")
            }
            Item::Advice { text } => format!("- *{}*", plain::within(text)),
        }
    }

    /// The sources behind a line: links where there is a page.
    fn named(&self, sources: &[CommitId]) -> String {
        let one = |id: &CommitId| {
            if self.pages.contains_key(id) { format!("[{}]", id.short()) } else { id.short().to_owned() }
        };
        let mut named: Vec<String> = sources.iter().take(SOURCES).map(one).collect();
        named.dedup();
        if named.is_empty() {
            return String::new();
        }
        if sources.len() > SOURCES {
            named.push(format!("and {} more", sources.len() - SOURCES));
        }
        format!(" ({})", named.join(", "))
    }
}

/// Words as they were typed: what would be markup is shown, but for lists, and for code in fences that are closed.
fn verbatim(words: &str) -> String {
    let keep = Fences::balanced(words) && !words.contains("<!--");
    let mut fences = Fences::default();
    let line = |line: &str| {
        let is_fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        if keep && (fences.inside(line) || is_fence) {
            return line.to_owned();
        }
        let line = line.trim();
        match line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            Some(item) => format!("- {}", plain::paragraph(item)),
            None => plain::paragraph(line),
        }
    };
    words.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_show_as_they_were_typed_but_for_lists_and_closed_fences() {
        for (words, expected) in [
            ("plain words", "plain words"),
            ("# no heading", "\\# no heading"),
            ("- a list\n* another", "- a list\n- another"),
            ("<b>bold</b> **too**", "\\<b>bold\\</b> \\*\\*too\\*\\*"),
            ("```\n# code\n```", "```\n# code\n```"),
            ("```\n# never closed", "\\`\\`\\`\n\\# never closed"),
            ("> quoted\n    indented", "\\> quoted\nindented"),
            ("---", "\\---"),
            ("[a]: https://example.org", "\\[a]: https://example.org"),
        ] {
            assert_eq!(verbatim(words), expected, "{words}");
        }
    }

    #[test]
    fn a_lead_gets_a_colon_where_it_needs_one() {
        assert_eq!(lead_of("One lock", "two could wait"), "**One lock:**");
        assert_eq!(lead_of("Who?", "nobody"), "**Who?**");
        assert_eq!(lead_of("A bell", "(talked about, not done)"), "**A bell**");
        assert_eq!(lead_of("", "text"), "");
    }
}
