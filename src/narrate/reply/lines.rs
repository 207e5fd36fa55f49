//! Markdown, or what a model takes for it, as blocks.
//!
//! In: a reply. Out: its paragraphs and items by section; what stands before the first heading that is known is left out.
//! Never here: what a block says.

use super::claim::Block;
use crate::journal::Section;

/// Takes a reply apart. Without any heading that is known, everything is *Summary*.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let lines = unfenced(text);
    let headed = lines.iter().any(|line| heading(line).is_some_and(|(section, _)| section.is_some()));
    let mut reading = Reading { section: (!headed).then_some(Section::Summary), ..Reading::default() };
    for line in &lines {
        reading.line(line);
    }
    reading.close();
    reading.blocks
}

#[derive(Default)]
struct Reading {
    blocks: Vec<Block>,
    section: Option<Section>,
    open: Option<String>,
}

impl Reading {
    fn close(&mut self) {
        let Some(text) = self.open.take() else { return };
        let none = text.trim_matches(|char: char| !char.is_alphanumeric()).to_lowercase();
        let nothing = ["none", "n/a", "na", "nothing", "none mentioned", "none noted", "no mood", "keine"];
        if let Some(section) = self.section
            && !none.is_empty()
            && !nothing.contains(&none.as_str())
        {
            self.blocks.push(Block { section, text, cites: Vec::new() });
        }
    }

    fn line(&mut self, line: &str) {
        if let Some((section, rest)) = heading(line) {
            self.close();
            // An unknown heading inside *Decisions* is the name of one.
            if section.is_none() && self.section == Some(Section::Decisions) && !rest.is_empty() {
                self.open = Some(format!("**{rest}**:"));
                return;
            }
            self.section = section;
            self.open = Some(rest).filter(|rest| section.is_some() && !rest.is_empty());
            return;
        }
        let text = line.trim();
        if text.is_empty() || is_rule(text) {
            // A decision's heading waits for its text.
            if self.open.as_ref().is_none_or(|open| !(open.starts_with("**") && open.ends_with("**:"))) {
                self.close();
            }
            return;
        }
        let indented = line.starts_with("  ") || line.starts_with('\t');
        if let Some(item) = bullet(text) {
            if indented && self.section == Some(Section::Decisions) && self.open.is_some() {
                self.append(item);
            } else {
                self.close();
                self.open = Some(item.to_owned());
            }
        } else if let Some(quoted) = text.strip_prefix('>') {
            self.append(&format!("\"{}\"", quoted.trim().trim_matches('"')));
        } else {
            self.append(text);
        }
    }

    fn append(&mut self, text: &str) {
        match &mut self.open {
            Some(open) => {
                open.push(' ');
                open.push_str(text);
            }
            None => self.open = Some(text.to_owned()),
        }
    }
}

/// The lines without a fence around headings or everything, and without the code in other fences.
fn unfenced(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        let fence = ["```", "~~~"].iter().find(|fence| line.starts_with(**fence));
        let Some(fence) = fence else {
            kept.push(lines[at]);
            at += 1;
            continue;
        };
        let end = lines[at + 1..].iter().position(|line| line.trim().starts_with(*fence)).map(|n| at + 1 + n);
        let inside = &lines[at + 1..end.unwrap_or(lines.len())];
        let prose = kept.iter().all(|line| heading(line).is_none())
            || inside.iter().any(|line| heading(line).is_some_and(|(section, _)| section.is_some()));
        match end {
            Some(end) if !prose => at = end + 1,
            Some(end) => {
                kept.extend(inside);
                at = end + 1;
            }
            None => at += 1,
        }
    }
    kept
}

/// The section that a heading opens (`None` for one that is not known) and what follows it on the line.
fn heading(line: &str) -> Option<(Option<Section>, String)> {
    let text = line.trim();
    let marked = text.trim_start_matches('#');
    let hashes = text.len() - marked.len();
    if (1..=6).contains(&hashes) && (marked.starts_with([' ', '*']) || marked.is_empty()) {
        let title = marked.trim().trim_end_matches('#').trim();
        return Some(named(title).map_or_else(
            || (None, title.trim_matches(['*', '_', ':']).to_owned()),
            |section| (Some(section), String::new()),
        ));
    }
    // `**Summary**`, `**Summary:** It …`, `Summary:`, `1. **Summary**`, `- **Summary:** …`
    let text = bullet(text).unwrap_or(text);
    for mark in ["**", "__"] {
        if let Some(rest) = text.strip_prefix(mark)
            && let Some((title, rest)) = rest.split_once(mark)
            && let Some(section) = named(title)
        {
            let rest = rest.trim().trim_start_matches([':', '-', '–', '—']).trim();
            return Some((Some(section), rest.to_owned()));
        }
    }
    let (title, rest) = text.split_once(':')?;
    let section = named(title).filter(|_| title.starts_with(char::is_uppercase) && title.split(' ').count() < 4)?;
    Some((Some(section), rest.trim().trim_start_matches("**").trim().to_owned()))
}

/// The section of a title.
pub(super) fn named(title: &str) -> Option<Section> {
    let lower = title.to_lowercase();
    let title: String = lower.chars().map(|char| if char.is_alphabetic() { char } else { ' ' }).collect();
    let words: Vec<&str> = title.split_whitespace().collect();
    let filler = ["the", "key", "main", "and", "learned", "learnt", "technical", "of", "a", "short", "made", "s"];
    let mut rest = words.iter().copied().filter(|word| !filler.contains(word));
    let section = match rest.next() {
        None if words.contains(&"technical") => Section::Synopsis,
        Some("summary" | "overview" | "tldr" | "zusammenfassung") if !words.contains(&"technical") => Section::Summary,
        Some("synopsis" | "details" | "implementation" | "summary") => Section::Synopsis,
        Some("decision" | "decisions" | "tradeoffs" | "entscheidungen") => Section::Decisions,
        Some("roadblock" | "roadblocks" | "challenges" | "obstacles" | "problems" | "blockers") => Section::Roadblocks,
        Some("lesson" | "lessons" | "takeaway" | "takeaways" | "learnings") => Section::Lessons,
        Some("mood" | "tone" | "feelings" | "stimmung") => Section::Mood,
        _ => return None,
    };
    (rest.count() <= 2).then_some(section)
}

/// The text of an item.
fn bullet(text: &str) -> Option<&str> {
    for mark in ["- ", "* ", "+ ", "• ", "– ", "· ", "‣ "] {
        if let Some(item) = text.strip_prefix(mark) {
            return Some(item.trim_start());
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..).filter(|_| (1..=2).contains(&digits))?;
    let item = rest.strip_prefix(['.', ')'])?;
    item.starts_with(' ').then(|| item.trim_start())
}

/// `---`, `***`, `| --- |` and the like.
fn is_rule(text: &str) -> bool {
    text.len() > 1 && text.chars().all(|char| matches!(char, '-' | '*' | '_' | '=' | '|' | ':' | ' '))
}
