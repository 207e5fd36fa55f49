//! The pieces of a reply that is read as it is written.
//!
//! In: bytes, as they come. Out: JSON values: the data of server-sent events, or the lines of JSON lines.
//! Never here: what a piece means, or a bound on the whole, which the reader below has.

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

/// Why there is no next piece.
#[derive(Debug)]
pub(super) enum Torn {
    /// It could not be read.
    Read(std::io::Error),
    /// It is no JSON.
    Nonsense,
}

/// A piece.
#[derive(Debug, PartialEq)]
pub(super) enum Frame {
    /// JSON.
    Value(Value),
    /// `[DONE]`, by which OpenAI's streams end.
    Done,
}

/// Reads pieces. A line that begins with `{` is a piece of JSON lines; all others are those of server-sent events
/// (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), of which only `data` matters to us.
pub(super) struct Frames<R> {
    lines: BufReader<R>,
    data: Vec<u8>,
}

impl<R: Read> Frames<R> {
    pub(super) fn of(reader: R) -> Self {
        Self { lines: BufReader::new(reader), data: Vec::new() }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, Torn> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let at_end = self.lines.read_until(b'\n', &mut line).map_err(Torn::Read)? == 0;
            let text = line.trim_ascii();
            if text.is_empty() {
                if !self.data.is_empty() {
                    return frame(&std::mem::take(&mut self.data)).map(Some);
                }
            } else if text.starts_with(b"{") {
                return frame(text).map(Some);
            } else if let Some(data) = text.strip_prefix(b"data:") {
                if !self.data.is_empty() {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(data.trim_ascii_start());
            } else if !(text.starts_with(b":") || FIELDS.iter().any(|field| text.starts_with(field))) {
                return Err(Torn::Nonsense);
            }
            if at_end {
                return Ok(None);
            }
        }
    }
}

/// The fields of an event that are passed over.
const FIELDS: [&[u8]; 3] = [b"event:", b"id:", b"retry:"];

fn frame(data: &[u8]) -> Result<Frame, Torn> {
    if data == b"[DONE]" {
        return Ok(Frame::Done);
    }
    serde_json::from_slice(data).map(Frame::Value).map_err(|_| Torn::Nonsense)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<Frame>, Torn> {
        let mut frames = Frames::of(bytes);
        let mut found = Vec::new();
        while let Some(frame) = frames.next()? {
            found.push(frame);
        }
        Ok(found)
    }

    #[test]
    fn events_and_lines_are_read_alike() {
        let one = || Frame::Value(json!({"a": 1}));
        for (bytes, expected) in [
            ("", vec![]),
            ("data: {\"a\":1}\n\n", vec![one()]),
            ("event: x\r\ndata: {\"a\":1}\r\n\r\n: keep\n\ndata: [DONE]\n\n", vec![one(), Frame::Done]),
            ("data: {\"a\":\ndata: 1}\n\n", vec![one()]),
            ("data:{\"a\":1}", vec![one()]),
            ("{\"a\":1}\n{\"a\":1}", vec![one(), one()]),
        ] {
            assert_eq!(all(bytes.as_bytes()).expect(bytes), expected, "{bytes:?}");
        }
        for bytes in ["data: {\"a\":1\n\n", "{\"a\":1", "<html>", "data: words\n\n"] {
            assert!(matches!(all(bytes.as_bytes()), Err(Torn::Nonsense)), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = all(&bytes);
        }
    }
}
