//! What a model answered, taken apart.
//!
//! In: any text. Out: [`Claim`]s. Never here: a judgement, or a panic: a reply is as foreign as a transcript.
//!
//! Asked for is free Markdown: headings, sentences and items that end in the ids of what they rest on. Taken is whatever
//! comes: other headings, numbered lists, a fence around everything, thoughts before the answer, JSON.

mod claim;

mod cites;

mod sentences;

mod decision;

mod lines;

mod json;

use self::claim::Block;
pub use self::claim::Claim;
use crate::journal::Section;

/// The most that is read of a reply, in bytes: ten times the longest that is asked for.
const MOST: usize = 256 * 1024;

/// The most claims that are read.
const MOST_CLAIMS: usize = 400;

/// Takes a reply apart.
#[must_use]
pub fn parse(text: &str) -> Vec<Claim> {
    let text = without_thoughts(beginning(text));
    let blocks = json::blocks(&text).unwrap_or_else(|| lines::blocks(&text));
    let mut claims = Vec::new();
    let mut counts = [0_usize; Section::ALL.len()];
    for block in blocks {
        let count = &mut counts[block.section as usize];
        let found = claims_of(&block, *count);
        if !found.is_empty() {
            *count += 1;
        }
        claims.extend(found);
        if claims.len() >= MOST_CLAIMS {
            claims.truncate(MOST_CLAIMS);
            break;
        }
    }
    claims
}

fn claims_of(block: &Block, paragraph: usize) -> Vec<Claim> {
    if block.section == Section::Decisions {
        return decision::of(&block.text, &block.cites, paragraph).into_iter().collect();
    }
    let mut claims: Vec<Claim> = Vec::new();
    for sentence in sentences::split(&block.text) {
        let (text, mut cites) = cites::take(&sentence);
        if text.chars().any(char::is_alphanumeric) {
            cites.extend(block.cites.iter().cloned());
            claims.push(Claim { section: block.section, paragraph, text, cites, what: None, implemented: None });
        } else if let Some(last) = claims.last_mut() {
            // References that became a sentence of their own.
            last.cites.extend(cites);
        }
    }
    // References at the end of a paragraph are those of all its sentences.
    for at in (0..claims.len().saturating_sub(1)).rev() {
        if claims[at].cites.is_empty() {
            let cites = claims[at + 1].cites.clone();
            claims[at].cites.extend(cites);
        }
    }
    claims
}

/// The text without what a reasoning model thinks aloud.
fn without_thoughts(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    for tag in ["think", "thinking", "thought", "reasoning", "analysis"] {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        if let Some(end) = text.rfind(&close)
            && text.find(&open).is_none_or(|start| start > end)
        {
            // Some servers hand out the end mark only.
            text.drain(..end + close.len());
        }
        while let Some(start) = text.find(&open) {
            let end = text[start..].find(&close).map_or(text.len(), |end| start + end + close.len());
            text.drain(start..end);
        }
    }
    text
}

/// As much of the text as is read.
fn beginning(text: &str) -> &str {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests;
