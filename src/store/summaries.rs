//! The pages of summaries, edited as text and brought together.
//!
//! In: the bytes of a page, and what was made anew; or two versions of a page. Out: the bytes of a page.
//! Never here: a word lost that somebody wrote: not below the generated part, not above it, and not within.

use crate::journal::{Period, SummaryPage};
use crate::markdown::summary::{self, page::Span};

use super::splice::ends_lines_like_windows;
use super::union;

/// The page with `block` in the place of its generated part; what stands above and below stays. A page without one is
/// begun anew where it says nothing; `None` where it says something else.
#[must_use]
pub fn placed(old: &[u8], block: &str) -> Option<Vec<u8>> {
    let text = if ends_lines_like_windows(old) { block.replace('\n', "\r\n") } else { block.to_owned() };
    match summary::span(old) {
        Some(Span { generated, is_whole: true, .. }) => {
            Some([&old[..generated.start], text.as_bytes(), &old[generated.end..]].concat())
        }
        Some(_) => None,
        None => old.trim_ascii().is_empty().then(|| text.into_bytes()),
    }
}

/// Two versions of a page, and the one that both were made from, become one. Of two generated parts one is kept: the one
/// that somebody has changed, else the one with prose, else the newer one, for the rest can be made again. What both
/// have changed by hand stays, the one below the other.
#[must_use]
pub fn union(base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Vec<u8> {
    if ours == theirs || base == Some(theirs) {
        return ours.to_vec();
    }
    if base == Some(ours) {
        return theirs.to_vec();
    }
    // One side has removed what the other has changed since.
    if ours.is_empty() || theirs.is_empty() {
        return if theirs.is_empty() { ours } else { theirs }.to_vec();
    }
    let (Some(our), Some(their)) = (summary::span(ours), summary::span(theirs)) else {
        return union::text(base, ours, theirs);
    };
    let before = base.and_then(|base| Some((base, summary::span(base)?)));
    let part = |of: fn(&[u8], &Span) -> std::ops::Range<usize>| {
        let base = before.as_ref().map(|(base, span)| &base[of(base, span)]);
        union::text(base, &ours[of(ours, &our)], &theirs[of(theirs, &their)])
    };
    let above = part(|_, span| 0..span.generated.start);
    let below = part(|page, span| span.generated.end..page.len());
    let (first, second) = (&ours[our.generated.clone()], &theirs[their.generated.clone()]);
    let is_old = |text: &[u8]| before.as_ref().is_some_and(|(base, span)| &base[span.generated.clone()] == text);
    let (winner, loser) = match (is_old(first), is_old(second)) {
        (true, _) => (second, first),
        (_, true) => (first, second),
        _ if rank(first) >= rank(second) => (first, second),
        _ => (second, first),
    };
    let mut page = above;
    page.extend(winner);
    page.extend(&below);
    if rank(loser).0 && first != second && !is_old(loser) {
        rescue(&mut page, loser);
    }
    page
}

/// Whether somebody has changed it, whether it has prose, when it was made, and its bytes: both sides must come to the same.
fn rank(generated: &[u8]) -> (bool, bool, i64, &[u8]) {
    let page = parsed(generated);
    let at = page.made.as_ref().map_or(i64::MIN, |made| made.at.timestamp());
    (page.is_edited, page.prose.is_some(), at, generated)
}

fn parsed(generated: &[u8]) -> SummaryPage {
    let text = String::from_utf8_lossy(generated);
    // A part of a page names its period itself.
    let named = text.split_whitespace().nth(2).and_then(|name| Period::parse(name, chrono::NaiveDate::MIN));
    summary::parse(&text, named.unwrap_or_else(|| Period::of(crate::journal::Unit::Day, chrono::NaiveDate::MIN)))
}

/// Puts what somebody has written within a generated part below the page's end line, its structure lines apart.
fn rescue(page: &mut Vec<u8>, loser: &[u8]) {
    let Some(span) = summary::span(loser) else { return };
    let words = loser[span.inner].trim_ascii();
    if words.is_empty() || memchr::memmem::find(page, words).is_some() {
        return;
    }
    page.truncate(page.trim_ascii_end().len());
    page.extend(b"\n\n");
    page.extend(words);
    page.push(b'\n');
}
