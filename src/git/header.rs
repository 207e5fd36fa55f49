//! The bytes of a commit object taken apart.
//!
//! In: a commit object as git stores it, also one that git itself would call malformed. Out: its header fields and the
//! message, decoded. Never here: an error because of an odd date, offset, name or encoding; those fall back.

use anyhow::{Context, Result};
use chrono::{DateTime, Datelike, FixedOffset, Offset, Utc};
use gix::ObjectId;

use super::commit::Signature;

/// What the header and the message of a commit say.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The tree.
    pub tree: ObjectId,
    /// The parents, in order.
    pub parents: Vec<ObjectId>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The message as text.
    pub message: String,
}

/// Takes a commit object apart (`git help cat-file`, `gitformat-commit`): lines of `key value` up to an empty line,
/// those that begin with a blank continue the one before (signatures, merged tags), then the message.
///
/// # Errors
/// It names no tree, or a parent's id is malformed.
pub fn parse(object: &[u8]) -> Result<Header> {
    let end = object.windows(2).position(|pair| pair == b"\n\n");
    let (lines, message) = end.map_or((object, &b""[..]), |at| (&object[..at], &object[at + 2..]));
    let (mut tree, mut parents, mut author, mut committer, mut encoding) = (None, Vec::new(), None, None, None);
    for line in lines.split(|byte| *byte == b'\n') {
        let Some(space) = line.iter().position(|byte| *byte == b' ') else { continue };
        let value = &line[space + 1..];
        match &line[..space] {
            b"tree" if tree.is_none() => tree = ObjectId::from_hex(value).ok(),
            b"parent" => parents.push(ObjectId::from_hex(value).ok().context("a parent's id is malformed")?),
            b"author" if author.is_none() => author = Some(value),
            b"committer" if committer.is_none() => committer = Some(value),
            b"encoding" if encoding.is_none() => encoding = Some(value),
            _ => {}
        }
    }
    Ok(Header {
        tree: tree.context("it names no tree")?,
        parents,
        author: signature(author.unwrap_or_default(), encoding),
        committer: signature(committer.unwrap_or_default(), encoding),
        message: decode(message, encoding),
    })
}

/// Text in the encoding that the header names: UTF-8 unless it says otherwise. What cannot be decoded is replaced.
fn decode(bytes: &[u8], encoding: Option<&[u8]>) -> String {
    let named = encoding.and_then(encoding_rs::Encoding::for_label);
    named.unwrap_or(encoding_rs::UTF_8).decode_without_bom_handling(bytes).0.into_owned()
}

/// `Name <address> seconds offset`. Name and address may contain anything, so the last `>` ends the address.
fn signature(line: &[u8], encoding: Option<&[u8]>) -> Signature {
    let close = line.iter().rposition(|byte| *byte == b'>').unwrap_or(line.len());
    let open = line[..close].iter().position(|byte| *byte == b'<').unwrap_or(close);
    let text = |part: &[u8]| decode(part, encoding).trim().to_owned();
    let mut date = line.get(close + 1..).unwrap_or_default().split(u8::is_ascii_whitespace).filter(|s| !s.is_empty());
    let mut number = || std::str::from_utf8(date.next()?).ok();
    let seconds = number().and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let offset = number().and_then(offset).unwrap_or(Utc.fix());
    Signature {
        name: text(&line[..open]),
        email: text(line.get(open + 1..close).unwrap_or_default()),
        when: instant(seconds, offset),
    }
}

/// `+hhmm` or `-hhmm`; `None` for anything that no clock on earth shows.
fn offset(text: &str) -> Option<FixedOffset> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => return None,
    };
    let number: i32 = digits.parse().ok().filter(|number| *number >= 0)?;
    FixedOffset::east_opt(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// An instant with its offset; the epoch where the year is not one that four digits write.
fn instant(seconds: i64, offset: FixedOffset) -> DateTime<FixedOffset> {
    let written = DateTime::from_timestamp(seconds, 0).filter(|date| (1..=9998).contains(&date.year()));
    written.unwrap_or(DateTime::UNIX_EPOCH).with_timezone(&offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_signature(line: &[u8], name: &str, email: &str, when: &str) {
        let got = signature(line, None);
        assert_eq!((got.name.as_str(), got.email.as_str(), got.when.to_rfc3339().as_str()), (name, email, when));
    }

    #[test]
    fn a_signature_keeps_its_own_offset() {
        check_signature(b"A U Thor <a@x> 1700000000 +0100", "A U Thor", "a@x", "2023-11-14T23:13:20+01:00");
        check_signature(b"A <a@x> 1700000000 -0930", "A", "a@x", "2023-11-14T12:43:20-09:30");
        check_signature(b"A <a@x> -1 +0000", "A", "a@x", "1969-12-31T23:59:59+00:00");
    }

    #[test]
    fn odd_signatures_fall_back_instead_of_failing() {
        check_signature(b"A <a@x> 1700000000 +051800", "A", "a@x", "2023-11-14T22:13:20+00:00");
        check_signature(b"A <a@x> 1700000000 nonsense", "A", "a@x", "2023-11-14T22:13:20+00:00");
        check_signature(b"A <a@x> 99999999999999999999 +0200", "A", "a@x", "1970-01-01T02:00:00+02:00");
        check_signature(b"A <a@x> 9223372036854775807", "A", "a@x", "1970-01-01T00:00:00+00:00");
        check_signature(b"A <a <b>@x> 0 +0000", "A", "a <b>@x", "1970-01-01T00:00:00+00:00");
        check_signature(b"no address", "no address", "", "1970-01-01T00:00:00+00:00");
        check_signature(b"", "", "", "1970-01-01T00:00:00+00:00");
        check_signature("é <> 0 +é00".as_bytes(), "é", "", "1970-01-01T00:00:00+00:00");
    }

    #[test]
    fn the_encoding_header_is_obeyed_for_names_and_message() {
        let object = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor Ren\xe9 <r@x> 0 +0000\n\
                       committer Ren\xe9 <r@x> 0 +0000\nencoding ISO-8859-1\n\ncaf\xe9\n";
        let header = parse(object).unwrap();
        assert_eq!((header.author.name.as_str(), header.message.as_str()), ("René", "café\n"));
    }

    #[test]
    fn lines_inside_signatures_are_not_headers() {
        let object = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@x> 0 +0000\ncommitter A <a@x> 0 +0000\n\
                       mergetag object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n parent garbage\n author B <b@x> 1 +0000\n\nm\n";
        let header = parse(object).unwrap();
        assert_eq!((header.author.name.as_str(), header.parents.len()), ("A", 0));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused_without_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let mut object = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor ".to_vec();
            object.extend(&bytes);
            let _ = parse(&object);
            let _ = parse(&bytes);
        }
    }
}
