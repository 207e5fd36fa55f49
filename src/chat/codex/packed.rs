//! Rollouts that Codex compressed (`.jsonl.zst`).
//!
//! In: a path. Out: the rollout's bytes, to be read from any place.
//! Never here: more than the end of a large one in memory.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use ruzstd::decoding::StreamingDecoder;

use crate::chat::transcript;
use crate::env::Deadline;

/// So much of the end is kept: more than is read of any session.
const KEPT: usize = 40 * 1024 * 1024;

/// The beginning is kept as well: it names the session.
const BEGINNING: usize = 1024 * 1024;

/// What a rollout is read from.
pub(super) trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// Opens a rollout, compressed or not. Of one that is too large to be held, what lies between its beginning and its end is
/// left out.
pub(super) fn open(path: &Path, deadline: Deadline) -> io::Result<Box<dyn Source>> {
    let file = transcript::open(path)?;
    if path.extension().is_none_or(|extension| extension != "zst") {
        return Ok(Box::new(file));
    }
    Ok(Box::new(Cursor::new(unpacked(file, deadline, KEPT)?)))
}

fn unpacked(file: File, deadline: Deadline, keep: usize) -> io::Result<Vec<u8>> {
    let mut decoder = StreamingDecoder::new(BufReader::new(file)).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    let mut block = vec![0; 256 * 1024];
    loop {
        if deadline.passed() {
            return Err(io::Error::other("it could not be unpacked in time"));
        }
        match decoder.read(&mut block) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&block[..count]),
            Err(error) if bytes.is_empty() => return Err(error),
            // What was whole before the damage stays true.
            Err(_) => break,
        }
        if bytes.len() > BEGINNING + 2 * keep {
            let end = bytes.len() - keep;
            bytes.drain(BEGINNING..end);
            // Where the two ends meet no line may seem to run on.
            bytes[BEGINNING - 1] = b'\n';
            bytes[BEGINNING] = b'\n';
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{SeekFrom, Write};

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn packed(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&compress_to_vec(bytes, CompressionLevel::Fastest)).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn a_rollout_comes_out_as_it_went_in() {
        let text = "{\"n\":1}\n".repeat(1000);
        assert_eq!(unpacked(packed(text.as_bytes()), Deadline::NONE, KEPT).unwrap(), text.as_bytes());
    }

    #[test]
    fn of_a_large_one_the_beginning_and_the_end_are_kept() {
        let lines: Vec<String> = (0..400_000).map(|n| format!("{n:07}\n")).collect();
        let text = lines.concat();
        let bytes = unpacked(packed(text.as_bytes()), Deadline::NONE, 100_000).unwrap();
        assert!(bytes.len() <= BEGINNING + 200_000 && bytes.starts_with(b"0000000\n") && bytes.ends_with(b"0399999\n"));
        assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 7));
    }

    #[test]
    fn damage_and_lateness_are_errors() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"no zstd at all").unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        assert!(unpacked(file, Deadline::NONE, KEPT).is_err());
        let late = Deadline::after(std::time::Duration::ZERO);
        assert!(unpacked(packed(b"x\n"), late, KEPT).is_err());
    }
}
