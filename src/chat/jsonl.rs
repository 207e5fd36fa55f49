//! Lines of JSON, read from the end of a file backwards.
//!
//! In: bytes that another program writes, perhaps at this moment. Out: lines, newest first, and the objects in a line.
//! Never here: what an object means, a whole file in memory, or a panic on any bytes.

use std::borrow::Cow;
use std::io::{Read, Result, Seek, SeekFrom};
use std::ops::Range;

use memchr::{memchr, memrchr};
use serde::Deserialize;

/// How much is read at once: a few hundred records, about what one turn of a conversation takes.
pub const BLOCK: usize = 128 * 1024;

/// Longer lines are stepped over. What people and assistants write is far shorter; pictures in base64 are not.
pub const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// Lines are split at `\n` only, since U+2028 and its like are text in JSON; empty ones are left out.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line without its end.
    Whole {
        /// Where it starts in the file, in bytes.
        offset: u64,
        /// Its bytes, without `\r`, and without a byte order mark in the file's first line.
        bytes: &'a [u8],
    },
    /// A line longer than the limit.
    TooLong,
}

/// Reads lines from the end backwards; never holds more than the longest line and a block.
#[derive(Debug)]
pub struct Backwards<R> {
    source: R,
    /// Where the buffer starts in the file.
    start: u64,
    buffer: Vec<u8>,
    /// What is not yet handed out is `buffer[..end]`.
    end: usize,
    block: usize,
    longest: usize,
}

impl<R: Read + Seek> Backwards<R> {
    /// Starts at the present end of `source`; what is appended later is not seen.
    ///
    /// # Errors
    /// The end cannot be found.
    pub fn new(source: R) -> Result<Self> {
        Self::with_sizes(source, BLOCK, LONGEST_LINE)
    }

    fn with_sizes(mut source: R, block: usize, longest: usize) -> Result<Self> {
        let start = source.seek(SeekFrom::End(0))?;
        Ok(Self { source, start, buffer: Vec::new(), end: 0, block: block.max(1), longest })
    }

    /// Where in the file everything after has been read, in bytes from the start.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.start
    }

    /// The line before the last one handed out; `None` at the start of the file.
    ///
    /// # Errors
    /// The file cannot be read, or has become shorter meanwhile.
    pub fn line(&mut self) -> Result<Option<Line<'_>>> {
        while self.start > 0 || self.end > 0 {
            let Some(range) = self.take()? else { return Ok(Some(Line::TooLong)) };
            if range.len() > self.longest {
                return Ok(Some(Line::TooLong));
            }
            let range = trimmed(&self.buffer, range, self.start == 0);
            if !range.is_empty() {
                let offset = self.start + range.start as u64;
                return Ok(Some(Line::Whole { offset, bytes: &self.buffer[range] }));
            }
        }
        Ok(None)
    }

    /// The next line's place in the buffer; `None` when it was too long to be held and has been stepped over.
    fn take(&mut self) -> Result<Option<Range<usize>>> {
        let mut unsearched = self.end;
        loop {
            if let Some(at) = memrchr(b'\n', &self.buffer[..unsearched]) {
                let line = at + 1..self.end;
                self.end = at;
                return Ok(Some(line));
            }
            if self.start == 0 {
                let line = 0..self.end;
                self.end = 0;
                return Ok(Some(line));
            }
            if self.end > self.longest {
                self.step_over()?;
                return Ok(None);
            }
            // Doubling keeps the cost of a long line linear.
            unsearched = self.extend(self.block.max(self.end))?;
        }
    }

    /// Puts the bytes before the buffer in front of it; returns how many.
    fn extend(&mut self, wanted: usize) -> Result<usize> {
        let count = usize::try_from(self.start).map_or(wanted, |start| start.min(wanted));
        let mut longer = vec![0; count + self.end];
        self.source.seek(SeekFrom::Start(self.start - count as u64))?;
        self.source.read_exact(&mut longer[..count])?;
        longer[count..].copy_from_slice(&self.buffer[..self.end]);
        self.start -= count as u64;
        self.end += count;
        self.buffer = longer;
        Ok(count)
    }

    /// Forgets the line in hand and everything of it that is still unread.
    fn step_over(&mut self) -> Result<()> {
        loop {
            self.end = 0;
            if self.start == 0 {
                return Ok(());
            }
            self.extend(self.block)?;
            if let Some(at) = memrchr(b'\n', &self.buffer[..self.end]) {
                self.end = at;
                return Ok(());
            }
        }
    }
}

fn trimmed(buffer: &[u8], mut range: Range<usize>, whole_file: bool) -> Range<usize> {
    if whole_file && range.start == 0 && buffer[range.clone()].starts_with(b"\xef\xbb\xbf") {
        range.start += 3;
    }
    while range.end > range.start && buffer[range.end - 1] == b'\r' {
        range.end -= 1;
    }
    range
}

/// A line as text; what is not UTF-8 in it is replaced.
#[must_use]
pub fn text(line: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(line)
}

/// The objects in a line: normally one.
///
/// A program that was killed leaves a line without an end, and the next one glues its first object on. Whole objects
/// one after another are all found; after a torn object, those that follow are found by their opening brace.
#[must_use]
pub fn objects<'a, T: Deserialize<'a>>(line: &'a str) -> Vec<T> {
    let mut found = Vec::new();
    let mut from = 0;
    // Each try after a torn object costs the bytes up to its error: bounded, so that no line costs quadratic time.
    let mut budget = line.len().saturating_mul(8);
    while let Some(open) = memchr(b'{', &line.as_bytes()[from..]).map(|at| from + at) {
        let mut stream = serde_json::Deserializer::from_str(&line[open..]).into_iter::<T>();
        match stream.next() {
            Some(Ok(object)) => {
                found.push(object);
                from = open + stream.byte_offset().max(1);
            }
            Some(Err(error)) => {
                let Some(left) = budget.checked_sub(error.column()) else { break };
                budget = left;
                from = open + 1;
            }
            None => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn backwards(bytes: &[u8], block: usize, longest: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = Backwards::with_sizes(Cursor::new(bytes), block, longest).unwrap();
        let mut found = Vec::new();
        while let Some(line) = lines.line().unwrap() {
            found.push(match line {
                Line::Whole { offset, bytes: line } => {
                    let offset = usize::try_from(offset).unwrap();
                    assert_eq!(&bytes[offset..offset + line.len()], line);
                    Some(line.to_vec())
                }
                Line::TooLong => None,
            });
        }
        found.reverse();
        found
    }

    fn forwards(bytes: &[u8], longest: usize) -> Vec<Option<Vec<u8>>> {
        let mut found = Vec::new();
        for (nth, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let bare = if nth == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
            let end = bare.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
            if line.len() > longest {
                found.push(None);
            } else if end > 0 {
                found.push(Some(bare[..end].to_vec()));
            }
        }
        found
    }

    #[test]
    fn lines_come_newest_first_without_their_ends() {
        let bytes = b"\xef\xbb\xbfone\r\n\ntwo\nthree";
        for block in [1, 2, 3, 5, 100] {
            let lines: Vec<_> = backwards(bytes, block, 100).into_iter().map(Option::unwrap).collect();
            assert_eq!(lines, [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
        }
    }

    #[test]
    fn a_line_over_the_limit_is_stepped_over_and_its_neighbours_are_not() {
        let bytes = b"before\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nafter\n";
        for block in [1, 4, 16, 1000] {
            assert_eq!(backwards(bytes, block, 10), [Some(b"before".to_vec()), None, Some(b"after".to_vec())]);
        }
    }

    #[test]
    fn a_file_that_becomes_shorter_is_an_error_and_not_a_panic() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one\ntwo\nthree\n").unwrap();
        let mut lines = Backwards::with_sizes(file.reopen().unwrap(), 4, 100).unwrap();
        assert!(matches!(lines.line(), Ok(Some(Line::Whole { bytes: b"three", .. }))));
        file.as_file().set_len(1).unwrap();
        assert!(lines.line().is_err());
    }

    #[derive(Deserialize)]
    struct Numbered {
        n: Option<u32>,
    }

    #[track_caller]
    fn check_objects(line: &str, expected: &[u32]) {
        let found: Vec<u32> = objects::<Numbered>(line).into_iter().filter_map(|object| object.n).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn every_whole_object_of_a_line_is_found() {
        check_objects(r#"{"n":1}"#, &[1]);
        check_objects(r#"  { "n" : 1 }  "#, &[1]);
        check_objects(r#"{"n":1}{"n":2} {"n":3}"#, &[1, 2, 3]);
        check_objects(r#"{"text":"torn in a str{"n":2}"#, &[2]);
        check_objects(r#"{"a":{"b":[1,2{"n":2}{"n":3}"#, &[2, 3]);
        check_objects(r#"{"a":{"n":2}"#, &[2]);
        check_objects(r#"{"n":1}{"n":"#, &[1]);
        check_objects("no object", &[]);
        check_objects("", &[]);
    }

    #[test]
    fn a_line_of_nothing_but_braces_does_not_cost_quadratic_time() {
        check_objects(&r#"{"a":"#.repeat(100_000), &[]);
    }

    proptest! {
        #[test]
        fn from_the_end_and_from_the_start_are_the_same_lines(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..300),
            block in 1usize..40,
            longest in 0usize..60,
        ) {
            prop_assert_eq!(backwards(&bytes, block, longest), forwards(&bytes, longest));
        }

        #[test]
        fn no_line_makes_the_search_for_objects_panic(line in r#"[{}\[\]",:a\\ ü]{0,60}"#) {
            let found = objects::<Numbered>(&line);
            prop_assert!(found.len() <= line.len() / 2);
        }
    }
}
