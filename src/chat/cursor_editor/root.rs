//! The root of a conversation in the command line's store: a message of protocol buffers.
//!
//! In: its bytes. Out: which messages the conversation has, and where it took place.
//! Never here: the other fields, which count tokens and refer to what was condensed, or a panic on any bytes.
//!
//! The wire format is that of <https://protobuf.dev/programming-guides/encoding/>: a key, which is a field's number and
//! its kind, before each value.

use crate::chat::fingerprint::hexadecimal;

/// The ids of the messages, in order: raw SHA-256 hashes.
const MESSAGES: u64 = 1;

/// The `file:` address of the directory.
const WORKSPACE: u64 = 9;

/// What the root says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Root {
    /// The ids of the messages as the table of them spells them, oldest first.
    pub(super) messages: Vec<String>,
    /// The address of the directory in which the conversation took place last.
    pub(super) workspace: Option<String>,
}

/// Reads the root; `None` where the bytes are no such message.
pub(super) fn read(bytes: &[u8]) -> Option<Root> {
    let (mut root, mut rest) = (Root::default(), bytes);
    while !rest.is_empty() {
        let key = number(&mut rest)?;
        let value = match key & 7 {
            0 => {
                number(&mut rest)?;
                continue;
            }
            1 => take(&mut rest, 8)?,
            2 => {
                let length = usize::try_from(number(&mut rest)?).ok()?;
                take(&mut rest, length)?
            }
            5 => take(&mut rest, 4)?,
            _ => return None,
        };
        match (key >> 3, key & 7) {
            (MESSAGES, 2) if value.len() == 32 => root.messages.push(hexadecimal(value)),
            (WORKSPACE, 2) => root.workspace = Some(String::from_utf8_lossy(value).into_owned()),
            _ => {}
        }
    }
    Some(root)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (value, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(value)
}

/// A number in seven bits to a byte, the least first.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The root of a conversation with these messages.
    pub(in super::super) fn written(messages: &[[u8; 32]], workspace: &str) -> Vec<u8> {
        let mut root: Vec<u8> = messages.iter().flat_map(|id| [&[0x0a, 32], id.as_slice()].concat()).collect();
        // What else there is: counts of tokens, the mode, a summary, a fixed number.
        root.extend([0x2a, 5, 0x08, 0xac, 0x94, 0x01, 0x10, 0x50, 0x01, 0x6a, 1, b'x', 0x09, 1, 2, 3, 4, 5, 6, 7, 8]);
        root.extend([0x4a, u8::try_from(workspace.len()).unwrap()]);
        root.extend(workspace.bytes());
        root
    }

    #[test]
    fn the_messages_and_the_directory_are_found_among_the_rest() {
        let bytes = written(&[[1; 32], [0xab; 32]], "file:///repo");
        let expected =
            Root { messages: vec!["01".repeat(32), "ab".repeat(32)], workspace: Some("file:///repo".into()) };
        assert_eq!(read(&bytes), Some(expected));
        assert_eq!(read(b""), Some(Root::default()));
    }

    #[test]
    fn what_is_no_such_message_is_none() {
        for bytes in [&b"\x0a\x20abc"[..], b"\x08", b"\x0b", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\xff"] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            read(&bytes);
        }
    }
}
