//! Lines handed from a version of a file to the one before.
//!
//! In: both versions, and the lines that are being traced. Out: those that the older version has, where they stand there,
//! and those that it has not. Never here: which commits the versions are of.

use gix::diff::blob::{Algorithm, Hunk as Change, InternedInput, diff_with_slider_heuristics};

/// git compares the ends of two files in pieces of so many bytes before it compares lines. What is cut off so cannot take
/// part in the choice of where an ambiguous change begins, so the same is done here, to come to the same choice.
const TAIL: usize = 1024;

/// Lines that are being traced and follow each other both in the file that was asked about and in the version at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hunk {
    /// The first line's place in the file that was asked about, counted from 0.
    pub(super) asked: u32,
    /// Its place in the version at hand, counted from 0.
    pub(super) here: u32,
    /// How many lines.
    pub(super) length: u32,
}

/// What was handed over and what stayed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Passed {
    /// Lines that the older version has; their places are those there.
    pub(super) over: Vec<Hunk>,
    /// Lines that it has not.
    pub(super) kept: Vec<Hunk>,
}

/// Where two versions differ, in order.
pub(super) fn changes(old: &[u8], new: &[u8]) -> Vec<Change> {
    let tail = shared_tail(old, new);
    let input = InternedInput::new(&old[..old.len() - tail], &new[..new.len() - tail]);
    diff_with_slider_heuristics(Algorithm::Myers, &input).hunks().collect()
}

/// How many bytes at the end are left out: whole pieces that are equal, but for the line that the first of them begins in.
fn shared_tail(old: &[u8], new: &[u8]) -> usize {
    let mut equal = 0;
    let piece = |text: &'_ [u8], equal: usize| -> Option<std::ops::Range<usize>> {
        let end = text.len() - equal;
        Some(end.checked_sub(TAIL)?..end)
    };
    while let (Some(left), Some(right)) = (piece(old, equal), piece(new, equal))
        && old[left] == new[right]
    {
        equal += TAIL;
    }
    let begins = old.len() - equal;
    memchr::memchr(b'\n', &old[begins..]).map_or(0, |line| equal - line - 1)
}

/// Hands over what is unchanged; of a changed line `alike` says which line of the older version it stands for, if any.
pub(super) fn pass(hunks: &[Hunk], changes: &[Change], alike: &dyn Fn(u32) -> Option<u32>) -> Passed {
    let mut passed = Passed::default();
    for hunk in hunks {
        let mut at = hunk.here;
        let end = hunk.here + hunk.length;
        let mut next = changes.partition_point(|change| change.after.end <= at);
        while at < end {
            let change = changes.get(next);
            let asked = hunk.asked + (at - hunk.here);
            if let Some(change) = change.filter(|change| change.after.start <= at) {
                let until = change.after.end.min(end);
                changed(&mut passed, asked, at..until, alike);
                at = until;
                next += 1;
                continue;
            }
            // Between two changes both versions run in step, by as much as they differ behind the one before.
            let until = change.map_or(end, |change| change.after.start.min(end));
            let before = next.checked_sub(1).map(|last| &changes[last]);
            let here = before.map_or(at, |before| at - before.after.end + before.before.end);
            add(&mut passed.over, Hunk { asked, here, length: until - at });
            at = until;
            // Changes that only take lines away have no place of their own in the newer version.
            next += changes[next..].partition_point(|change| change.after.end <= at);
        }
    }
    passed
}

fn changed(passed: &mut Passed, asked: u32, lines: std::ops::Range<u32>, alike: &dyn Fn(u32) -> Option<u32>) {
    for (asked, line) in (asked..).zip(lines) {
        match alike(line) {
            Some(here) => add(&mut passed.over, Hunk { asked, here, length: 1 }),
            None => add(&mut passed.kept, Hunk { asked, here: line, length: 1 }),
        }
    }
}

/// Adds lines, to the last ones where they continue these.
fn add(hunks: &mut Vec<Hunk>, hunk: Hunk) {
    if let Some(last) = hunks.last_mut()
        && (last.asked + last.length, last.here + last.length) == (hunk.asked, hunk.here)
    {
        last.length += hunk.length;
    } else if hunk.length > 0 {
        hunks.push(hunk);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &[u8]) -> Vec<&[u8]> {
        text.split_inclusive(|byte| *byte == b'\n').collect()
    }

    fn whole(text: &[u8]) -> Hunk {
        Hunk { asked: 0, here: 0, length: u32::try_from(lines(text).len()).unwrap() }
    }

    #[test]
    fn what_is_unchanged_goes_over_and_the_rest_stays() {
        let (old, new) = (b"a\nb\nc\nd\n", b"a\nB\nd\ne\n");
        let passed = pass(&[whole(new)], &changes(old, new), &|_| None);
        let hunk = |asked, here, length| Hunk { asked, here, length };
        assert_eq!(passed.over, [hunk(0, 0, 1), hunk(2, 3, 1)]);
        assert_eq!(passed.kept, [hunk(1, 1, 1), hunk(3, 3, 1)]);
        let passed = pass(&[hunk(7, 1, 1)], &changes(old, new), &|line| Some(line + 1));
        assert_eq!((passed.over, passed.kept), (vec![hunk(7, 2, 1)], vec![]));
    }

    #[test]
    fn a_long_shared_end_is_left_out_but_for_its_first_line() {
        let end = "0123456789\n".repeat(300);
        let check = |old: &str, new: &str, left: usize| {
            assert_eq!(shared_tail(old.as_bytes(), new.as_bytes()), left, "{old:.20} {new:.20}");
        };
        check("a\n", "b\n", 0);
        check(&format!("a\n{end}"), &format!("b\n{end}"), 3 * 1024 - 3);
        check(&"x".repeat(3000), &format!("y{}", "x".repeat(3000)), 0);
    }

    proptest! {
        #[test]
        fn every_line_goes_over_to_its_equal_or_stays(
            old in "([abc]{1,2}\n){0,12}", new in "([abc]{1,2}\n){0,12}", end in "(z{200}\n){0,12}",
            from in 0_u32..12, length in 0_u32..12,
        ) {
            let (old, new) = (format!("{old}{end}").into_bytes(), format!("{new}{end}").into_bytes());
            let all = u32::try_from(lines(&new).len()).unwrap();
            let (from, length) = (from.min(all), length.min(all - from.min(all)));
            let asked = Hunk { asked: 100 + from, here: from, length };
            let passed = pass(&[asked], &changes(&old, &new), &|_| None);
            let mut told = vec![];
            for hunk in &passed.over {
                for nth in 0..hunk.length {
                    let (asked, here) = ((hunk.asked + nth - 100) as usize, (hunk.here + nth) as usize);
                    prop_assert_eq!(lines(&new)[asked], lines(&old)[here]);
                }
            }
            for hunk in passed.over.iter().chain(&passed.kept) {
                told.extend(hunk.asked..hunk.asked + hunk.length);
            }
            told.sort_unstable();
            prop_assert_eq!(told, (100 + from..100 + from + length).collect::<Vec<_>>());
        }
    }
}
