//! Lines of ours between two marker lines in a file that is not ours.
//!
//! In: the bytes of any file whose comments begin with `#`, and the lines to put in.
//! Out: the bytes with them, or exactly the bytes from before.
//! Never here: what the lines mean. Markers that do not form a pair are foreign text and stay.

use std::ops::Range;

/// The line that opens our lines.
pub const BEGIN: &str = "# >>> commit-story >>>";
/// The line that closes them.
pub const END: &str = "# <<< commit-story <<<";

/// The first of our blocks: from the start of its opening line to the end of its closing line, newline included.
#[must_use]
pub fn find(bytes: &[u8]) -> Option<Range<usize>> {
    let (mut at, mut opened) = (0, None);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        // An editor may have changed the line ends.
        let text = line.trim_ascii_end();
        if text == BEGIN.as_bytes() {
            opened = Some(at);
        }
        at += line.len();
        if text == END.as_bytes()
            && let Some(start) = opened.take()
        {
            return Some(start..at);
        }
    }
    None
}

/// The bytes with `block` (whole lines, markers included) at `at`, the start of a line or the end of the file.
///
/// Where the file ends without a newline, so does the block: that is how [`without`] knows to take the newline that
/// had to be put before it out again.
#[must_use]
pub fn with(bytes: &[u8], at: usize, block: &[u8]) -> Vec<u8> {
    let (before, after) = bytes.split_at(at);
    if before.is_empty() || before.ends_with(b"\n") {
        return [before, block, after].concat();
    }
    [before, b"\n", block.strip_suffix(b"\n").unwrap_or(block), after].concat()
}

/// The bytes without any of our blocks.
#[must_use]
pub fn without(bytes: &[u8]) -> Vec<u8> {
    let mut rest = bytes.to_vec();
    while let Some(mut range) = find(&rest) {
        let ends_the_file = range.end == rest.len() && !rest.ends_with(b"\n");
        if ends_the_file && range.start > 0 {
            range.start -= 1;
        }
        rest.drain(range);
    }
    rest
}

/// The bytes with the first of our blocks replaced by `block` and any further one taken out; `None` if there is none.
#[must_use]
pub fn replaced(bytes: &[u8], block: &[u8]) -> Option<Vec<u8>> {
    let range = find(bytes)?;
    let block = if bytes[range.clone()].ends_with(b"\n") { block } else { block.strip_suffix(b"\n").unwrap_or(block) };
    Some([&bytes[..range.start], block, &without(&bytes[range.end..])].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BLOCK: &[u8] = b"# >>> commit-story >>>\nours\n# <<< commit-story <<<\n";

    /// Bytes made of the pieces that matter here, and of any others.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(BEGIN.as_bytes().to_vec()),
            Just(END.as_bytes().to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\r\n".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..6),
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn lines_put_at_the_end_come_out_to_the_byte(bytes in bytes()) {
            prop_assume!(find(&bytes).is_none());
            prop_assert_eq!(without(&with(&bytes, bytes.len(), BLOCK)), bytes);
        }

        #[test]
        fn replacing_with_the_same_lines_changes_nothing(bytes in bytes()) {
            let joined = with(&without(&bytes), 0, BLOCK);
            prop_assert_eq!(replaced(&joined, BLOCK), Some(joined));
        }
    }

    #[test]
    fn an_unpaired_marker_is_foreign_text() {
        let stray = b"# >>> commit-story >>>\ntheirs\n";
        assert_eq!(without(&with(stray, stray.len(), BLOCK)), stray);
        assert_eq!(find(b"# >>> commit-story >>>\nx\n"), None);
        assert_eq!(find(b"# <<< commit-story <<<\n# >>> commit-story >>>\n"), None);
    }

    #[test]
    fn changed_line_ends_do_not_hide_our_lines() {
        assert_eq!(without(b"a\r\n# >>> commit-story >>>\r\nx\r\n# <<< commit-story <<<\r\nb\r\n"), b"a\r\nb\r\n");
    }
}
