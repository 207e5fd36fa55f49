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

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;

    use super::*;
    use crate::journal::{Fingerprint, Listed, Numbers, Prose, Summary, Unit};

    fn period() -> Period {
        Period::of(Unit::Week, NaiveDate::from_ymd_opt(2026, 1, 6).unwrap())
    }

    /// The generated part of a page that was made at an hour, of so many commits, perhaps with prose.
    fn block(hour: u32, commits: usize, prose: Option<&str>) -> String {
        let at = DateTime::parse_from_rfc3339(&format!("2026-01-12T{hour:02}:00:00+01:00")).unwrap();
        let fingerprint = Fingerprint::of([&commits.to_le_bytes()[..]]);
        let prose = prose.map(|text| Prose {
            paragraphs: vec![text.to_owned()],
            model: "small".to_owned(),
            at,
            kept: 1,
            dropped: 0,
            of: fingerprint.clone(),
        });
        let summary = Summary {
            period: period(),
            until: None,
            sources: vec![],
            fingerprint,
            reflections: Listed::default(),
            prose,
            decisions: Listed::default(),
            roadblocks: Listed::default(),
            threads: Listed::default(),
            asked: Listed::default(),
            numbers: Numbers { commits, ..Numbers::default() },
            areas: Listed::default(),
            files: Listed::default(),
            commits: vec![],
        };
        summary::block(&summary, at)
    }

    fn read(page: &[u8]) -> SummaryPage {
        summary::parse(std::str::from_utf8(page).unwrap(), period())
    }

    /// The union from both sides, which must be the same but for the order of what was written by hand.
    fn union_of(base: Option<&str>, ours: &str, theirs: &str) -> SummaryPage {
        let bytes = |text: &str| text.as_bytes().to_vec();
        let base = base.map(bytes);
        let one = union(base.as_deref(), ours.as_bytes(), theirs.as_bytes());
        let other = union(base.as_deref(), theirs.as_bytes(), ours.as_bytes());
        assert_eq!(
            summary::span(&one).map(|span| one[span.generated].to_vec()),
            summary::span(&other).map(|span| other[span.generated].to_vec())
        );
        assert_eq!(union(base.as_deref(), &one, theirs.as_bytes()), one, "once more");
        read(&one)
    }

    #[test]
    fn what_is_written_is_read_back_and_a_change_is_noticed() {
        let page = block(9, 3, Some("Work ([4a98f724](x))."));
        let read = super::tests::read(page.as_bytes());
        assert_eq!((read.is_edited, read.problems, read.by_hand.as_str()), (false, vec![], ""));
        assert_eq!(read.prose.unwrap().paragraphs, ["Work ([4a98f724](x))."]);
        let made = read.made.unwrap();
        assert_eq!(made.of, Fingerprint::of([&3_usize.to_le_bytes()[..]]));
        assert!(super::tests::read(page.replace("3 commits", "4 commits").as_bytes()).is_edited);
        assert!(super::tests::read(page.replace("2026-W02", "2026-W03").as_bytes()).is_edited);
        assert!(!super::tests::read(page.replace('\n', " \r\n").as_bytes()).is_edited);
        assert!(super::tests::read(b"").made.is_none());
    }

    #[test]
    fn a_new_text_takes_the_place_of_the_old_one_and_nothing_else_changes() {
        let check = |old: &str, expected: Option<String>| {
            let new = placed(old.as_bytes(), &block(10, 4, None));
            assert_eq!(new.map(|page| String::from_utf8(page).unwrap()), expected);
        };
        let (old, new) = (block(9, 3, None), block(10, 4, None));
        check("", Some(new.clone()));
        check(" \r\n", Some(new.replace('\n', "\r\n")));
        check(&format!("---\ntags: x\n---\n{old}\nmine\n"), Some(format!("---\ntags: x\n---\n{new}\nmine\n")));
        check("mine", None);
        check(&old[..old.len() - 70], None);
    }

    #[test]
    fn of_two_texts_one_is_kept_and_what_was_written_by_hand_of_both() {
        let (early, late) = (block(9, 3, None), block(10, 4, None));
        assert_eq!(union_of(None, &early, &late).text, late);
        let told = block(8, 3, Some("Work."));
        assert_eq!(union_of(None, &told, &late).text, told);
        let (ours, theirs) = (format!("{early}\nmine\n"), format!("{late}\nyours\n"));
        let both = union_of(None, &ours, &theirs);
        assert!(both.text.starts_with(&late) && both.by_hand.contains("mine") && both.by_hand.contains("yours"));
        // Changed on one side alone, or removed where the other has left it alone.
        assert_eq!(union_of(Some(&late), &late, &early).text, early);
        assert_eq!(union(Some(late.as_bytes()), b"", late.as_bytes()), b"");
        assert_eq!(union(Some(late.as_bytes()), b"", early.as_bytes()), early.as_bytes());
    }

    #[test]
    fn what_somebody_has_changed_is_never_lost() {
        let (old, late) = (block(9, 3, None), block(10, 4, Some("Work.")));
        let (mine, yours) = (old.replace("- 3 commits", "- three"), old.replace("- 3 commits", "- III"));
        assert_eq!(union_of(Some(&old), &mine, &late).text, mine);
        let both = union_of(Some(&old), &mine, &yours);
        assert!(both.is_edited && both.text.contains("- three") && both.text.contains("- III"), "{}", both.text);
    }

    proptest! {
        #[test]
        fn any_page_can_be_read_and_united(ours in "(\\PC|\n|<!-- commit-story:(summary 2026-W02 v1 |end |telling v1 )){0,12}", hour in 8..12_u32) {
            let whole = block(hour, 3, Some("Work."));
            for text in [ours.clone(), format!("{whole}{ours}"), format!("{ours}\n{whole}")] {
                let page = summary::parse(&text, period());
                let lines = text.split('\n').count() + 1;
                prop_assert!(page.problems.iter().all(|problem| (1..=lines).contains(&problem.line)), "{:?}", page.problems);
                let united = union(None, text.as_bytes(), whole.as_bytes());
                let said = |words: &[u8]| memchr::memmem::find(&united, words).is_some();
                prop_assert!(ours.split('\n').filter(|line| !line.contains("<!--")).all(|line| said(line.trim_end().as_bytes())));
            }
        }
    }
}
