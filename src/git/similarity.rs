//! How alike two files are, as git measures it when it looks for renames.
//!
//! In: the contents of two files. Out: a score. Never here: which files are compared, or the order of their lines: git
//! asks how many bytes of the old file are found anywhere in the new one.
//!
//! The measure is the one of git's `diffcore-delta.c`, so that the same pairs are found: a file is cut into chunks that
//! end at a line feed or after 64 bytes, each is reduced to one of 107,927 numbers, and the bytes are added up per number.

/// The score of equal content.
pub(super) const MAX_SCORE: u64 = 60_000;

/// The score from which git pairs two files: 50 %.
pub(super) const MIN_SCORE: u64 = MAX_SCORE / 2;

/// The score from which git pairs two files of the same name without looking at others: 75 %.
pub(super) const MIN_NAMESAKE_SCORE: u64 = MIN_SCORE + (MAX_SCORE - MIN_SCORE) / 2;

const CHUNK: u32 = 64;
const NUMBERS: u32 = 107_927;

/// The chunks of one file: each number with its bytes, in ascending order of the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    size: u64,
    chunks: Vec<(u32, u32)>,
}

impl Fingerprint {
    /// Of a file's content. In text the carriage return before a line feed does not count.
    pub(super) fn of(content: &[u8], text: bool) -> Self {
        let mut chunks = Vec::with_capacity(content.len() / 32 + 1);
        let (mut high, mut low, mut length) = (0_u32, 0_u32, 0_u32);
        let mut bytes = content.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            if text && byte == b'\r' && bytes.peek() == Some(&b'\n') {
                continue;
            }
            let before = high;
            high = ((high << 7) ^ (low >> 25)).wrapping_add(u32::from(byte));
            low = (low << 7) ^ (before >> 25);
            length += 1;
            if byte == b'\n' || length == CHUNK {
                chunks.push((number(high, low), length));
                (high, low, length) = (0, 0, 0);
            }
        }
        if length > 0 {
            chunks.push((number(high, low), length));
        }
        chunks.sort_unstable_by_key(|(number, _)| *number);
        chunks.dedup_by(|next, first| {
            let same = next.0 == first.0;
            if same {
                first.1 = first.1.saturating_add(next.1);
            }
            same
        });
        Self { size: content.len() as u64, chunks }
    }

    /// How much of `self` is found in the file it may have become, out of [`MAX_SCORE`].
    pub(super) fn score(&self, new: &Self) -> u64 {
        if new.size == 0 {
            return 0;
        }
        let (mut copied, mut rest) = (0_u64, new.chunks.as_slice());
        for (number, bytes) in &self.chunks {
            let skip = rest.iter().take_while(|(other, _)| other < number).count();
            rest = &rest[skip..];
            if let Some((_, there)) = rest.first().filter(|(other, _)| other == number) {
                copied += u64::from(*bytes.min(there));
            }
        }
        copied * MAX_SCORE / self.size.max(new.size)
    }
}

fn number(high: u32, low: u32) -> u32 {
    high.wrapping_add(low.wrapping_mul(0x61)) % NUMBERS
}

/// Whether two files of these sizes could score `least` at all: the larger one may not be too much larger.
pub(super) fn sizes_allow(one: u64, other: u64, least: u64) -> bool {
    let larger = one.max(other);
    larger.saturating_mul(MAX_SCORE - least) >= one.abs_diff(other).saturating_mul(MAX_SCORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &[u8], new: &[u8], score: u64) {
        assert_eq!(Fingerprint::of(old, true).score(&Fingerprint::of(new, true)), score);
    }

    #[test]
    fn the_score_is_the_share_of_the_old_files_bytes_found_in_the_new_one() {
        check(b"one\ntwo\n", b"one\ntwo\n", MAX_SCORE);
        check(b"one\ntwo\n", b"two\none\n", MAX_SCORE);
        check(b"one\ntwo\n", b"one\nelf\n", MAX_SCORE / 2);
        check(b"one\r\ntwo\r\n", b"one\ntwo\n", MAX_SCORE * 8 / 10);
        check(b"a\na\na\na\n", b"a\n", MAX_SCORE / 4);
        check(b"one\n", b"", 0);
    }

    #[test]
    fn a_file_that_shrinks_to_less_than_half_cannot_score_half() {
        assert!(sizes_allow(100, 50, MIN_SCORE));
        assert!(!sizes_allow(100, 49, MIN_SCORE));
        assert!(!sizes_allow(100, 74, MIN_NAMESAKE_SCORE));
    }
}
