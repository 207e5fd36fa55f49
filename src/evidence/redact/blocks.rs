//! Private keys in PEM: the whole block, and what is left of one that was cut.
//!
//! In: a text. Out: the blocks in it. Never here: public keys and certificates, which stay.
//!
//! Lines may end in a newline or in the escape `\n`, may be quoted, indented or commented, and either mark may be missing.

use memchr::memmem;

use super::found::{Found, PRIVATE_KEY};

/// The furthest that an END is looked for behind its BEGIN, and the most of a label that is read, in bytes.
const FAR: usize = 64 * 1024;
const LABEL: usize = 64;

/// How much of a line is looked at at once, in bytes.
const LINE: usize = 256;

/// Reports the private keys of a text.
pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut ends = memmem::find_iter(bytes, b"-----END ").peekable();
    let mut at = 0;
    for start in memmem::find_iter(bytes, b"-----BEGIN ") {
        let Some(body) = label_end(bytes, start + 11).filter(|_| start >= at) else { continue };
        while ends.next_if(|end| *end < body).is_some() {}
        at = match ends.peek().filter(|end| **end - body <= FAR) {
            Some(end) => label_end(bytes, end + 9).unwrap_or(end + 9),
            None => body + body_len(&text[body..]),
        };
        found.push(Found { start, end: at, kind: PRIVATE_KEY });
    }
    find_tails(text, found);
    for start in memmem::find_iter(bytes, b"Private-Lines: ") {
        let Some(line) = text[start..].find('\n').filter(|len| *len < LABEL) else { continue };
        let body = start + line + 1;
        found.push(Found { start: body, end: body + body_len(&text[body..]), kind: PRIVATE_KEY });
    }
    find_encoded(bytes, found);
}

/// Reports PEM that somebody encoded once more, as Kubernetes does: what begins with `-----BEGIN ` in base64 and says
/// PRIVATE soon after.
fn find_encoded(bytes: &[u8], found: &mut Vec<Found>) {
    /// `PRIVATE` at each of the three places where it can begin.
    const PRIVATE: [&[u8]; 3] = [b"UFJJVkFUR", b"BSSVZBVE", b"QUklWQVRF"];
    let mut floor = 0;
    for start in memmem::find_iter(bytes, b"LS0tLS1CRUdJTi") {
        let near = &bytes[start..bytes.len().min(start + LABEL)];
        if start >= floor && PRIVATE.iter().any(|word| memmem::find(near, word).is_some()) {
            floor = start + bytes[start..].iter().take_while(|b| is_base64(**b)).count();
            found.push(Found { start, end: floor, kind: PRIVATE_KEY });
        }
    }
}

/// Reports keys whose BEGIN is missing: the lines before an END that can be nothing but a key.
fn find_tails(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut floor = 0;
    for end in memmem::find_iter(bytes, b"-----END ") {
        let Some(close) = label_end(bytes, end + 9) else { continue };
        let mut start = end;
        while start > floor {
            let line = bytes[floor..start].trim_ascii_end();
            let line = line.strip_suffix(b"\\n").unwrap_or(line);
            let from = line.iter().rev().take_while(|b| is_base64(**b)).count();
            if from < 16 {
                break;
            }
            start = floor + line.len() - from;
            // The `n` of an escaped newline is no part of the line, but taking it does no harm.
        }
        if start < end {
            found.push(Found { start, end: close, kind: PRIVATE_KEY });
        }
        floor = close;
    }
}

/// The end of a label that names a private key, its closing dashes included.
fn label_end(bytes: &[u8], at: usize) -> Option<usize> {
    let label = &bytes[at..bytes.len().min(at + LABEL)];
    let len = memmem::find(label, b"-----")?;
    memmem::find(&label[..len], b"PRIVATE KEY").map(|_| at + len + 5)
}

/// How much of the text behind a BEGIN looks like the body of a key whose END is missing.
fn body_len(text: &str) -> usize {
    let mut len = 0;
    loop {
        // A line that goes on without end is looked at in pieces: whoever repeats BEGIN a thousand times gains nothing.
        let near = &text[len..super::found::floor(text, len + LINE)];
        let Some(line) = near.split_inclusive('\n').next().and_then(|line| line.split_inclusive("\\n").next()) else {
            break;
        };
        let core = line.trim_end().trim_end_matches("\\n");
        let core = core
            .trim_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '|' | '"' | '\'' | '`' | '#' | ',' | '\\'));
        let header = core.starts_with("Proc-Type:") || core.starts_with("DEK-Info:") || core.starts_with("Version:");
        let cut = matches!(core, "" | "…" | "[…]" | "..." | "[...]");
        let key = core.bytes().take_while(|b| is_base64(*b)).count();
        if header || cut || (key >= 8 && key == core.len()) {
            len += line.len();
        } else if key >= 16 {
            return len + line.find(core).unwrap_or(0) + key;
        } else {
            break;
        }
    }
    text[..len].trim_end().len()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::super::tests::{RANDOM, check_gone, check_kept};

    #[test]
    fn private_keys_go_whole_or_cut() {
        let (begin, end) =
            (["-----BEGIN RSA PRIV", "ATE KEY-----"].concat(), ["-----END RSA PRIV", "ATE KEY-----"].concat());
        let (one, two) = (&RANDOM[..40], "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v");
        for text in [
            format!("a\n{begin}\n{one}\n{two}\n{end}\nb"),
            format!("a\n{begin}\n{one}\n{two}"),
            format!("{{\"key\": \"{begin}\\n{one}\\n{two}\\n{end}\\n\"}}"),
            format!("{{\"key\": \"{begin}\\n{one}\\n{two}"),
            format!("> {begin}\n> {one}\n> {two}\n> {end}"),
            format!("    {begin}\n    {one}\n    […]\n    {two}\n"),
            format!("{one}\n{two}\n{end}\nb"),
        ] {
            check_gone(&text, one);
            check_gone(&text, two);
        }
        let encoded = format!("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0t{}", &RANDOM[..48]);
        check_gone(&format!("tls.key is {encoded} in base64"), &encoded[40..]);
        check_gone(&format!("Private-Lines: 1\n{one}{two}\nPrivate-MAC: x"), two);
        check_gone(&format!("\u{1b}[31mghp_{}\u{1b}[0m", &RANDOM[..36]), &RANDOM[..36]);
        check_kept("-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----");
    }
}
