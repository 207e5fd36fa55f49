//! Lines of an ignored commit that stand for lines of the version before.
//!
//! In: both versions, and where they differ. Out: for each changed line the older line that it was made from, if one is
//! like it. Never here: which commits are ignored.
//!
//! A commit that reformats is to be looked through (`git blame --ignore-rev`, whose answers these are). Lines are compared by
//! the pairs of neighbouring characters that they have in common, in any case and with all blanks alike. Within one change
//! the surest match is made first, and parts what is left into what stands before and behind it, so that lines keep their
//! order; what an older line has given to one new line it cannot give to another. A line without a match is looked for
//! in the whole of the older version.

use gix::diff::blob::Hunk as Change;

/// How far from its proportional place a line is looked for within a change.
const REACH: i64 = 10;

/// How many pairs a line must share with one elsewhere in the file.
const ENOUGH_ELSEWHERE: u32 = 10;

/// How much nearer lines are preferred: a pair in common weighs this much, less one for each line of distance.
const WEIGHT: i64 = 1000;

/// The pairs of neighbouring characters in a line, sorted, each with how often it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Pairs(Vec<(u16, u32)>);

impl Pairs {
    fn of(line: &[u8]) -> Self {
        let plain = |byte: u8| if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') { 0 } else { byte.to_ascii_lowercase() };
        let mut last = 0;
        let mut pairs: Vec<u16> = line
            .iter()
            .map(|byte| plain(*byte))
            .chain([0])
            .map(|byte| u16::from_le_bytes([std::mem::replace(&mut last, byte), byte]))
            .filter(|pair| *pair != 0)
            .collect();
        pairs.sort_unstable();
        Self(pairs.chunk_by(|one, other| one == other).map(|same| (same[0], count(same.len()))).collect())
    }

    /// How many pairs two lines have in common.
    fn shared(&self, other: &Self) -> u32 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut shared = 0;
        while let (Some((one, times)), Some((another, others))) = (left.peek(), right.peek()) {
            if one == another {
                shared += times.min(others);
            }
            if one <= another {
                left.next();
            }
            if one >= another {
                right.next();
            }
        }
        shared
    }

    /// Takes away what another line has got from this one.
    fn give(&mut self, other: &Self) {
        for (pair, times) in &other.0 {
            if let Ok(at) = self.0.binary_search_by_key(pair, |(pair, _)| *pair) {
                self.0[at].1 = self.0[at].1.saturating_sub(*times);
            }
        }
        self.0.retain(|(_, times)| *times > 0);
    }
}

/// For each line of the newer version that a change made, the older line that it stands for; in order.
pub(super) fn alike(old: &[u8], new: &[u8], changes: &[Change]) -> Vec<(u32, Option<u32>)> {
    let pairs = |text: &[u8]| text.split_inclusive(|byte| *byte == b'\n').map(Pairs::of).collect::<Vec<_>>();
    let (mut olds, news) = (pairs(old), pairs(new));
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| !change.after.is_empty()) {
        let (from, to) = (change.before.start as usize, change.before.end as usize);
        let made = &news[change.after.start as usize..change.after.end as usize];
        let near = Matching::new(&mut olds[from..to], made).solve();
        for (line, (near, pairs)) in change.after.clone().zip(near.into_iter().zip(made)) {
            let older = near.map(|near| change.before.start + count(near)).or_else(|| elsewhere(&olds, pairs, line));
            found.push((line, older));
        }
    }
    found
}

/// The line of the whole older version that is most like this one; among equals the nearest, and the later of two.
fn elsewhere(olds: &[Pairs], pairs: &Pairs, line: u32) -> Option<u32> {
    let mut best: Option<(u32, u32)> = None;
    for (at, old) in (0_u32..).zip(olds) {
        let shared = pairs.shared(old);
        let better = best
            .is_none_or(|(most, place)| shared > most || shared == most && place.abs_diff(line) >= at.abs_diff(line));
        if shared >= ENOUGH_ELSEWHERE && better {
            best = Some((shared, at));
        }
    }
    best.map(|(_, at)| at)
}

/// What is known of a new line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    /// Not looked for yet, or no longer what it was.
    Open,
    /// Nothing is like it.
    None,
    /// The best and the second best older line, and how sure that is.
    Found { best: i64, second: i64, sure: i64 },
}

/// The lines of one change being matched. Places are counted from the change's first line on either side.
struct Matching<'a> {
    olds: &'a mut [Pairs],
    news: &'a [Pairs],
    reach: i64,
    /// How far apart two new lines can be that are compared with the same older line.
    spread: i64,
    matches: Vec<Match>,
    /// Per new line, how like the older lines around its place are, as far as that was asked for.
    known: Vec<Vec<Option<i64>>>,
}

impl<'a> Matching<'a> {
    fn new(olds: &'a mut [Pairs], news: &'a [Pairs]) -> Self {
        let (old, new) = (signed(olds.len()), signed(news.len()));
        let reach = REACH.min((old - 1).max(0));
        let spread = if old == 0 { 0 } else { ((2 * reach + 1) * new - 1) / old };
        let window = usize::try_from(2 * reach + 1).unwrap_or(1);
        Self {
            reach,
            spread,
            matches: vec![Match::Open; news.len()],
            known: vec![vec![None; window]; news.len()],
            olds,
            news,
        }
    }

    /// The older line of each new one.
    fn solve(mut self) -> Vec<Option<usize>> {
        if self.olds.is_empty() {
            return vec![None; self.news.len()];
        }
        // The part that is looked at next is the last of the list.
        let mut parts = vec![(0..signed(self.olds.len()), 0..signed(self.news.len()))];
        while let Some((olds, news)) = parts.pop() {
            let Some((line, best)) = self.surest(&olds, &news) else { continue };
            let (old, new) = (index(best), index(line));
            self.olds[old].give(&self.news[new]);
            self.forget(&news, line, best);
            // Both parts keep the older line: it may have been split in two.
            parts.push((best..olds.end, line + 1..news.end));
            parts.push((olds.start..best + 1, news.start..line));
        }
        let older = |found: &Match| match found {
            Match::Found { best, .. } => Some(index(*best)),
            Match::Open | Match::None => None,
        };
        self.matches.iter().map(older).collect()
    }

    /// The new line whose match is the surest, the first of several, with that.
    fn surest(&mut self, olds: &std::ops::Range<i64>, news: &std::ops::Range<i64>) -> Option<(i64, i64)> {
        let mut surest: Option<(i64, i64, i64)> = None;
        for line in news.clone() {
            if self.matches[index(line)] == Match::Open {
                self.matches[index(line)] = self.look(olds, line);
            }
            if let Match::Found { best, sure, .. } = self.matches[index(line)]
                && surest.is_none_or(|(_, _, most)| sure > most)
            {
                surest = Some((line, best, sure));
            }
        }
        surest.map(|(line, best, _)| (line, best))
    }

    /// Where a new line would stand among the older ones if all had been stretched alike.
    fn place(&self, line: i64) -> i64 {
        (line * 2 + 1) * signed(self.olds.len()) / (signed(self.news.len()) * 2)
    }

    fn look(&mut self, olds: &std::ops::Range<i64>, line: i64) -> Match {
        let place = self.place(line);
        // Without a second one, the part's first line stands for it.
        let (mut best, mut second) = ((0, olds.start), (0, olds.start));
        for old in (place - self.reach).max(olds.start)..(place + self.reach + 1).min(olds.end) {
            let known = self.known[index(line)][index(old - place + self.reach)];
            let weight = known.unwrap_or_else(|| {
                let shared = self.news[index(line)].shared(&self.olds[index(old)]);
                i64::from(shared) * (WEIGHT - (old - place).abs())
            });
            self.known[index(line)][index(old - place + self.reach)] = Some(weight);
            if weight > best.0 {
                second = std::mem::replace(&mut best, (weight, old));
            } else if weight > second.0 {
                second = (weight, old);
            }
        }
        match best {
            (0, _) => Match::None,
            // One good match among two is surer than a poor one alone.
            (weight, old) => Match::Found { best: old, second: second.1, sure: 2 * weight - second.0 },
        }
    }

    /// Forgets what the match of a line has made untrue of the lines of its part.
    fn forget(&mut self, news: &std::ops::Range<i64>, line: i64, best: i64) {
        let around = (line - self.spread).max(news.start)..(line + self.spread + 1).min(news.end);
        for other in around {
            let from_place = best - self.place(other);
            if from_place.abs() <= self.reach {
                self.known[index(other)][index(from_place + self.reach)] = None;
            }
            let Match::Found { best: its, second, .. } = self.matches[index(other)] else { continue };
            let crosses = |old: i64| if other < line { old >= best } else { old <= best };
            if other != line && (crosses(its) || crosses(second)) {
                self.matches[index(other)] = Match::Open;
            }
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Places are never below the change's first line.
fn index(place: i64) -> usize {
    usize::try_from(place).unwrap_or(0)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::git::blame::pass::changes;

    fn check(old: &str, new: &str, expected: &[(u32, Option<u32>)]) {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        assert_eq!(alike(old, new, &changes(old, new)), expected);
    }

    #[test]
    fn a_reformatted_line_stands_for_the_one_it_was() {
        check("call(a,b);\nother();\n", "call(a, b);\nother();\n", &[(0, Some(0))]);
        check(
            "call(first,second);\n",
            "call(\n    first,\n    second,\n);\n",
            &[(0, Some(0)), (1, Some(0)), (2, Some(0)), (3, Some(0))],
        );
    }

    #[test]
    fn a_line_that_nothing_is_like_stands_for_none() {
        check("aaaa\n", "zzzz\n", &[(0, None)]);
        check("", "zzzz\n", &[(0, None)]);
    }

    proptest! {
        #[test]
        fn any_two_texts_are_compared_without_panic_and_every_line_is_answered_within_them(
            old in prop::collection::vec("[ab(,) \u{e9}]{0,8}", 0..40), new in prop::collection::vec("[ab(,) \u{e9}]{0,8}", 0..40),
        ) {
            let (old, new) = (old.join("\n"), new.join("\n"));
            let found = changes(old.as_bytes(), new.as_bytes());
            let answered = alike(old.as_bytes(), new.as_bytes(), &found);
            let made: Vec<u32> = found.iter().flat_map(|change| change.after.clone()).collect();
            prop_assert_eq!(answered.iter().map(|(line, _)| *line).collect::<Vec<_>>(), made);
            let lines = u32::try_from(old.split_inclusive('\n').count()).unwrap();
            prop_assert!(answered.iter().all(|(_, older)| older.is_none_or(|older| older < lines)));
        }
    }
}
