//! Two versions of a page become one that holds what both hold.
//!
//! In: the bytes of two pages, and those of the one that both were made from, if there is one. Out: the bytes of a page.
//! Never here: a conflict to be resolved by hand, a word of the developer's lost, or an entry brought back that one side
//! has removed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, FixedOffset};

use super::prose;
use super::splice::{ends_lines_like_windows, unknown_sections};
use crate::git::CommitId;
use crate::markdown::marker::{self, Span, VERSION};

/// An author's instant, where it is known.
type At = Option<DateTime<FixedOffset>>;

/// What makes an entry the same on two pages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// Its commit.
    Commit(CommitId),
    /// Its words: of an entry that is damaged, or that stands there twice, nothing can be told apart.
    Words(Vec<u8>),
}

/// An entry on a page with what is below it, up to the next one.
#[derive(Debug, Clone)]
struct Piece<'a> {
    key: Key,
    span: Span,
    /// Up to the end line; everything, where there is none.
    generated: &'a [u8],
    /// Below the end line.
    by_hand: &'a [u8],
}

impl Piece<'_> {
    fn at(&self) -> At {
        self.span.begin.at
    }

    /// Whether it says the same, whatever empty lines follow.
    fn says(&self, other: &Self) -> bool {
        self.generated == other.generated && same(self.by_hand, other.by_hand)
    }

    fn bytes(&self) -> Vec<u8> {
        [self.generated, self.by_hand].concat()
    }
}

/// The union of two pages. With a `base`, what one side has removed since then and the other has left alone is gone;
/// without, nothing is. An entry that both have changed is taken from the side that wrote it last.
#[must_use]
pub fn union(base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Vec<u8> {
    if ours == theirs || base == Some(theirs) || base.is_none() && theirs.is_empty() {
        return ours.to_vec();
    }
    if base == Some(ours) || base.is_none() && ours.is_empty() {
        return theirs.to_vec();
    }
    let base = base.map(pieces);
    let base_head = base.as_ref().map(|(head, _)| *head);
    let ((our_head, ours), (their_head, theirs)) = (pieces(ours), pieces(theirs));
    let (before, of_ours, of_theirs) =
        (by_key(base.as_ref().map_or(&[], |(_, pieces)| pieces)), by_key(&ours), by_key(&theirs));
    let is_old = |piece: &Piece<'_>| before.get(&piece.key).is_some_and(|before| before.says(piece));
    let mut kept: Vec<(At, Vec<u8>)> = Vec::new();
    for piece in &ours {
        match of_theirs.get(&piece.key) {
            Some(other) => kept.push((piece.at(), both(before.get(&piece.key).copied(), piece, other))),
            None if is_old(piece) => {}
            None => kept.push((piece.at(), piece.bytes())),
        }
    }
    let new = theirs.iter().filter(|piece| !of_ours.contains_key(&piece.key) && !is_old(piece));
    let kept = inserted(kept, new.map(|piece| (piece.at(), piece.bytes())).collect());
    let mut page = text(base_head, our_head, their_head);
    if page.trim_ascii().is_empty() && !kept.is_empty() {
        page = if our_head.trim_ascii().is_empty() { their_head } else { our_head }.to_vec();
    }
    for bytes in kept {
        separate(&mut page, &bytes);
        page.extend(bytes);
    }
    page
}

/// Each new piece before the first of a later author's time, those without a time at the end. A page comes from outside
/// and may have any number of entries, so none is looked for by going through all.
fn inserted(kept: Vec<(At, Vec<u8>)>, new: Vec<(At, Vec<u8>)>) -> Vec<Vec<u8>> {
    let latest_so_far: Vec<At> = kept
        .iter()
        .scan(None, |latest: &mut At, (at, _)| {
            *latest = (*latest).max(*at);
            Some(*latest)
        })
        .collect();
    let place = |at: At| at.map_or(kept.len(), |_| latest_so_far.partition_point(|latest| *latest <= at));
    let mut new: Vec<(usize, At, Vec<u8>)> = new.into_iter().map(|(at, bytes)| (place(at), at, bytes)).collect();
    new.sort_by_key(|(place, at, _)| (*place, at.is_none(), *at));
    let mut new = new.into_iter().peekable();
    let mut all = Vec::new();
    for (nth, (_, bytes)) in kept.into_iter().enumerate() {
        while let Some((_, _, bytes)) = new.next_if(|(place, ..)| *place <= nth) {
            all.push(bytes);
        }
        all.push(bytes);
    }
    all.extend(new.map(|(_, _, bytes)| bytes));
    all
}

/// What stands before the first entry, and the entries.
fn pieces(page: &[u8]) -> (&[u8], Vec<Piece<'_>>) {
    let spans = marker::spans(page);
    let head = &page[..spans.first().map_or(page.len(), |span| span.all.start)];
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut met = HashSet::new();
    for span in spans {
        let end = span.below.unwrap_or(span.all.end);
        let (generated, by_hand) = (&page[span.all.start..end], &page[end..span.all.end]);
        let commit = span.begin.commit.clone().filter(|commit| span.below.is_some() && met.insert(commit.clone()));
        let words = || Key::Words(page[span.all.clone()].trim_ascii_end().to_vec());
        let key = commit.map_or_else(words, Key::Commit);
        pieces.push(Piece { key, span, generated, by_hand });
    }
    (head, pieces)
}

fn by_key<'p, 'a>(pieces: &'p [Piece<'a>]) -> HashMap<&'p Key, &'p Piece<'a>> {
    pieces.iter().map(|piece| (&piece.key, piece)).collect()
}

/// An entry that both pages have.
fn both(base: Option<&Piece<'_>>, ours: &Piece<'_>, theirs: &Piece<'_>) -> Vec<u8> {
    let mut entry = match base {
        _ if ours.generated == theirs.generated => ours.generated.to_vec(),
        Some(base) if base.generated == ours.generated => theirs.generated.to_vec(),
        Some(base) if base.generated == theirs.generated => ours.generated.to_vec(),
        _ => newest(base, ours, theirs),
    };
    let by_hand = text(base.map(|base| base.by_hand), ours.by_hand, theirs.by_hand);
    if !entry.ends_with(b"\n") && !by_hand.is_empty() {
        entry.push(b'\n');
    }
    [entry, by_hand].concat()
}

/// The text of the side that wrote it last, with the newer prose of both and with those sections of the other's that are
/// not of this program's making.
fn newest(base: Option<&Piece<'_>>, ours: &Piece<'_>, theirs: &Piece<'_>) -> Vec<u8> {
    // Where the instants are equal, both sides must come to the same: the longer one tells more.
    let rank = |piece: &Piece<'_>| {
        let (begin, own) = (&piece.span.begin, at_end_line(piece).0);
        // Prose goes its own way.
        let evidence = prose::without(own);
        (begin.version, begin.replaced, evidence.len(), evidence, prose::of(own).map(<[u8]>::to_vec))
    };
    let (winner, loser) = if rank(ours) >= rank(theirs) { (ours, theirs) } else { (theirs, ours) };
    let (above_end, end_line) = at_end_line(winner);
    let has = sections(winner);
    let gone = base.map(sections).unwrap_or_default();
    let more = sections(loser).into_iter().filter(|section| !has.contains(section) && !gone.contains(section));
    let above_end = with_newer_prose(base, above_end, at_end_line(loser).0);
    [above_end, more.collect::<Vec<_>>().concat(), end_line.to_vec()].concat()
}

/// The winner's text, with the loser's prose where that is newer or the only one.
fn with_newer_prose(base: Option<&Piece<'_>>, winner: &[u8], loser: &[u8]) -> Vec<u8> {
    let Some(other) = prose::of(loser) else { return winner.to_vec() };
    let wins = match prose::of(winner) {
        Some(own) => (prose::age(other), other) > (prose::age(own), own),
        // Somebody may have taken it out.
        None => base.and_then(|base| prose::of(at_end_line(base).0)) != Some(other),
    };
    if wins { prose::with(winner, other) } else { winner.to_vec() }
}

/// The generated part, cut before its end line.
fn at_end_line<'a>(piece: &Piece<'a>) -> (&'a [u8], &'a [u8]) {
    let end =
        if piece.span.below.is_some() { piece.span.inner.end - piece.span.all.start } else { piece.generated.len() };
    piece.generated.split_at(end)
}

/// The sections that are not of this program's making; those of another version of the format cannot be told.
fn sections(piece: &Piece<'_>) -> Vec<Vec<u8>> {
    if piece.span.begin.version == Some(VERSION) { unknown_sections(at_end_line(piece).0) } else { Vec::new() }
}

/// Free text that both pages have in the same place.
pub(super) fn text(base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Vec<u8> {
    let (our_words, their_words) = (words(ours), words(theirs));
    let is_base = |side: &[u8]| base.is_some_and(|base| words(base) == side);
    if our_words == their_words || is_base(their_words) {
        return ours.to_vec();
    }
    if is_base(our_words) {
        return theirs.to_vec();
    }
    // With a base, what one holds and the other does not may have been removed; within fences that cannot be told.
    let whole = base.is_none() || has_fence(our_words) || has_fence(their_words);
    if whole && contains(our_words, their_words) {
        return ours.to_vec();
    }
    if whole && contains(their_words, our_words) {
        return theirs.to_vec();
    }
    let of_base: HashSet<&[u8]> = paragraphs(base.map(words).unwrap_or_default()).into_iter().collect();
    let (of_ours, of_theirs) = (paragraphs(our_words), paragraphs(their_words));
    let mut has: HashSet<&[u8]> = of_ours.iter().chain(&of_base).copied().collect();
    let theirs_has: HashSet<&[u8]> = of_theirs.iter().copied().collect();
    let stays = |paragraph: &&[u8]| !of_base.contains(paragraph) || theirs_has.contains(paragraph);
    let new: Vec<&[u8]> = of_theirs.into_iter().filter(|paragraph| has.insert(paragraph)).collect();
    let line_end: &[u8] = if ends_lines_like_windows(ours) { b"\r\n" } else { b"\n" };
    let mut all = if of_ours.iter().all(&stays) {
        ours.trim_ascii_end().to_vec()
    } else {
        let above = ours.len() - ours[marker::text_start(ours)..].trim_ascii_start().len();
        let kept: Vec<&[u8]> = of_ours.into_iter().filter(stays).collect();
        [&ours[..above], &kept.join(&[line_end, line_end].concat()[..])].concat()
    };
    for paragraph in new {
        all.extend([line_end, line_end, paragraph].concat());
    }
    all.extend_from_slice(line_end);
    all
}

fn has_fence(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"```").is_some() || memchr::memmem::find(text, b"~~~").is_some()
}

fn same(one: &[u8], other: &[u8]) -> bool {
    words(one) == words(other)
}

/// The text without empty lines around it and without a byte order mark.
fn words(text: &[u8]) -> &[u8] {
    text[marker::text_start(text)..].trim_ascii()
}

/// Whether a text has these words, with nothing or empty lines around them.
fn contains(all: &[u8], part: &[u8]) -> bool {
    let stands_alone = |at: usize| {
        let (above, below) = (&all[..at], &all[at + part.len()..]);
        (above.is_empty() || above.ends_with(b"\n\n") || above.ends_with(b"\n\r\n"))
            && (below.is_empty() || below.starts_with(b"\n\n") || below.starts_with(b"\r\n\r\n"))
    };
    part.is_empty() || memchr::memmem::find_iter(all, part).any(stands_alone)
}

/// What empty lines separate; a text with code fences is one, because they may stand within a fence.
fn paragraphs(text: &[u8]) -> Vec<&[u8]> {
    if text.is_empty() {
        return Vec::new();
    }
    if has_fence(text) {
        return vec![text];
    }
    let mut paragraphs = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii().is_empty() {
            paragraphs.push(text[start..at].trim_ascii_end());
            start = at + line.len();
        }
        at += line.len();
    }
    paragraphs.push(text[start..].trim_ascii_end());
    paragraphs.retain(|paragraph| !paragraph.trim_ascii().is_empty());
    paragraphs
}

/// Puts an empty line before what comes next.
fn separate(page: &mut Vec<u8>, next: &[u8]) {
    if words(page).is_empty() {
        return;
    }
    let line_end: &[u8] =
        if ends_lines_like_windows(if page.contains(&b'\n') { page } else { next }) { b"\r\n" } else { b"\n" };
    if !page.ends_with(b"\n") {
        page.extend_from_slice(line_end);
    }
    if !page.ends_with(b"\n\n") && !page.ends_with(b"\n\r\n") {
        page.extend_from_slice(line_end);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(nth: u64, replaced: Option<u64>, words: &str, by_hand: &str) -> String {
        let replaced = replaced.map(|minute| format!(" w2026-01-07T10:{minute:02}:00Z")).unwrap_or_default();
        format!(
            "<!-- commit-story:entry {nth:040x} v1 2026-01-06T{:02}:00:00+01:00{replaced} -->\n## {nth}\n\n{words}\n{}\n\n{by_hand}",
            nth % 24,
            marker::END
        )
    }

    fn page(entries: &[String]) -> String {
        format!("# Tuesday, 6 January 2026\n\n{}", entries.concat())
    }

    fn check(base: Option<&str>, ours: &str, theirs: &str, expected: &str) {
        let merged = union(base.map(str::as_bytes), ours.as_bytes(), theirs.as_bytes());
        assert_eq!(String::from_utf8(merged).unwrap().trim_end(), expected.trim_end());
    }

    #[test]
    fn entries_of_both_sides_stand_in_the_order_of_their_instants() {
        let of = |nths: &[u64]| page(&nths.iter().map(|nth| entry(*nth, None, "x", "")).collect::<Vec<_>>());
        check(None, &of(&[1, 4]), &of(&[2, 5]), &of(&[1, 2, 4, 5]));
        check(Some(&of(&[1])), &of(&[1, 4]), &of(&[1, 2]), &of(&[1, 2, 4]));
        check(None, "", &of(&[1]), &of(&[1]));
    }

    #[test]
    fn what_one_side_removed_stays_removed_unless_the_other_changed_it() {
        let (one, two) = (entry(1, None, "x", ""), entry(2, None, "x", ""));
        let all = page(&[one.clone(), two.clone()]);
        check(
            Some(&all),
            &page(std::slice::from_ref(&two)),
            &page(&[one.clone(), two.clone(), entry(3, None, "x", "")]),
            &page(&[two.clone(), entry(3, None, "x", "")]),
        );
        let changed = entry(1, None, "x", "mine\n\n");
        check(
            Some(&all),
            &page(std::slice::from_ref(&two)),
            &page(&[changed.clone(), two.clone()]),
            &page(&[changed, two]),
        );
    }

    #[test]
    fn of_two_texts_of_one_commit_the_last_written_counts_and_both_hands_stay() {
        let first = page(&[entry(1, None, "a much longer first text", "")]);
        let again = page(&[entry(1, Some(5), "second", "")]);
        let last = page(&[entry(1, Some(6), "third", "")]);
        check(None, &first, &again, &again);
        check(None, &last, &again, &last);
        check(Some(&first), &again, &last, &last);
        let (ours, theirs) = (page(&[entry(1, None, "x", "mine\n")]), page(&[entry(1, None, "x", "theirs\n")]));
        check(None, &ours, &theirs, &page(&[entry(1, None, "x", "mine\n\ntheirs\n")]));
        check(
            Some(&ours),
            &ours.replace("mine", "mine, changed"),
            &theirs,
            &page(&[entry(1, None, "x", "mine, changed\n\ntheirs\n")]),
        );
    }

    #[test]
    fn a_paragraph_that_one_side_removed_stays_removed_beside_new_ones() {
        let by_hand = |text: &str| page(&[entry(1, None, "x", text)]);
        let (base, ours, theirs) = ("one\n\ntwo\n", "one\n\ntwo\n\nours\n", "two\n\ntheirs\n");
        check(Some(&by_hand(base)), &by_hand(ours), &by_hand(theirs), &by_hand("two\n\nours\n\ntheirs\n"));
        check(Some(&by_hand(base)), &by_hand(theirs), &by_hand(ours), &by_hand("two\n\ntheirs\n\nours\n"));
        let fenced = "```\na\n\nb\n```\n";
        check(None, &by_hand(fenced), &by_hand("b\n"), &by_hand(&format!("{fenced}\nb\n")));
    }

    #[test]
    fn a_section_of_the_developers_own_survives_in_the_text_that_lost() {
        let ours = page(&[entry(1, None, "### Mine\n\nkept", "")]);
        let theirs = page(&[entry(1, Some(1), "new text", "")]);
        check(None, &ours, &theirs, &page(&[entry(1, Some(1), "new text\n\n### Mine\n\nkept", "")]));
    }

    /// A line of prose that was written in this minute.
    fn told(minute: u64) -> String {
        format!(
            "<!-- commit-story:prose v1 2026-01-06T10:{minute:02}:00+01:00 kept 1 dropped 0 -->\ntold at {minute}\n\
             <!-- commit-story:prose-end -->\n\n"
        )
    }

    #[test]
    fn the_newer_prose_counts_whichever_text_does() {
        let side =
            |replaced, told: &str, words: &str| page(&[entry(1, replaced, &format!("{told}### Notes\n\n{words}"), "")]);
        check(None, &side(None, &told(1), "old"), &side(Some(1), "", "new"), &side(Some(1), &told(1), "new"));
        check(None, &side(None, &told(2), "old"), &side(Some(1), &told(1), "new"), &side(Some(1), &told(2), "new"));
        check(None, &side(None, &told(1), "old"), &side(Some(1), &told(2), "new"), &side(Some(1), &told(2), "new"));
        let removed = side(Some(1), "", "new");
        check(Some(&side(None, &told(1), "base")), &side(None, &told(1), "old"), &removed, &removed);
    }

    #[test]
    fn a_page_of_a_hundred_thousand_entries_is_merged_in_no_time() {
        let side = |odd: u64| {
            let marker = |nth: u64| format!("<!-- commit-story:entry {:040x} v1\na\n\n", nth * 2 + odd);
            (0..50_000).map(marker).collect::<String>() + &"a\n\n".repeat(100_000)
        };
        let started = std::time::Instant::now();
        let merged = union(Some(b"x"), side(0).as_bytes(), side(1).as_bytes());
        assert_eq!(pieces(&merged).1.len(), 100_000);
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
    }

    #[test]
    fn text_before_the_first_entry_is_joined_and_a_damaged_entry_is_kept_whole() {
        let damaged = "<!-- commit-story:entry nonsense\nwords\n";
        let ours = format!("# Tuesday, 6 January 2026\n\nours\n\n{damaged}");
        let theirs = format!("# Tuesday, 6 January 2026\n\ntheirs\n\n{}", entry(1, None, "x", ""));
        let expected = format!("# Tuesday, 6 January 2026\n\nours\n\ntheirs\n\n{damaged}\n{}", entry(1, None, "x", ""));
        check(None, &ours, &theirs, &expected);
    }

    prop_compose! {
        fn any_page()(
            head in "(free\n\n)?(other\n\n)?",
            entries in proptest::collection::btree_map(0_u64..9, (proptest::option::of(0_u64..4), (proptest::option::of(0_u64..3), "[ab]{1,3}"), "(mine\n\n)?(yours\n\n)?(more\n)?"), 0..6),
        ) -> String {
            let entries: Vec<String> = entries.into_iter().map(|(nth, (w, (prose, words), hand))| entry(nth, w, &(prose.map(told).unwrap_or_default() + &words), &hand)).collect();
            format!("# Tuesday, 6 January 2026\n\n{head}{}", entries.concat())
        }
    }

    /// What stands on a page, whatever its order.
    fn said(page: &[u8]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let (head, pieces) = pieces(page);
        let sorted = |text: &[u8]| -> Vec<Vec<u8>> {
            let mut all: Vec<Vec<u8>> = paragraphs(words(text)).into_iter().map(<[u8]>::to_vec).collect();
            all.sort();
            all
        };
        let mut entries: Vec<Vec<u8>> =
            pieces.iter().map(|piece| [piece.generated.to_vec(), sorted(piece.by_hand).concat()].concat()).collect();
        entries.sort();
        (sorted(head), entries)
    }

    proptest! {
        #[test]
        fn the_order_of_merging_does_not_matter_and_nothing_is_lost(ours in any_page(), theirs in any_page()) {
            let (one, other) = (union(None, ours.as_bytes(), theirs.as_bytes()), union(None, theirs.as_bytes(), ours.as_bytes()));
            prop_assert_eq!(said(&one), said(&other));
            for side in [&ours, &theirs] {
                let again = union(None, &one, side.as_bytes());
                prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&one), "merged again");
                for piece in pieces(side.as_bytes()).1 {
                    let pieces = pieces(&one).1;
                    let kept = by_key(&pieces)[&piece.key];
                    prop_assert!(kept.span.begin.replaced >= piece.span.begin.replaced);
                    let age = |piece: &Piece<'_>| prose::of(at_end_line(piece).0).map(prose::age);
                    prop_assert!(age(kept) >= age(&piece));
                    let all = paragraphs(words(kept.by_hand));
                    prop_assert!(paragraphs(words(piece.by_hand)).iter().all(|paragraph| all.contains(paragraph)));
                }
            }
            prop_assert!(pieces(&one).1.is_sorted_by_key(Piece::at));
        }

        #[test]
        fn with_a_base_the_order_does_not_matter_either(base in any_page(), ours in any_page(), theirs in any_page()) {
            let one = union(Some(base.as_bytes()), ours.as_bytes(), theirs.as_bytes());
            let other = union(Some(base.as_bytes()), theirs.as_bytes(), ours.as_bytes());
            prop_assert_eq!(said(&one), said(&other));
            let (_, base) = pieces(base.as_bytes());
            let merged = pieces(&one).1;
            for side in [&ours, &theirs] {
                for piece in pieces(side.as_bytes()).1 {
                    let is_new = by_key(&base).get(&piece.key).is_none_or(|before| !before.says(&piece));
                    prop_assert!(!is_new || by_key(&merged).contains_key(&piece.key));
                }
            }
        }

        #[test]
        fn any_bytes_are_merged_without_a_panic(
            base in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..80)),
            ours in "(<!-- commit-story:(entry|end)[ a-f0-9]{0,50}\n|[a\n`#]){0,12}",
            theirs in "(<!-- commit-story:(entry|end)[ a-f0-9]{0,50}\r\n|[a\n~#]){0,12}",
        ) {
            let merged = union(base.as_deref(), ours.as_bytes(), theirs.as_bytes());
            prop_assert!(base.is_some() || merged.len() >= ours.trim().len());
        }
    }
}
