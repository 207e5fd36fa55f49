//! A commit message taken apart: subject, body, trailers.
//!
//! In: the message as text. Out: [`Message`]. Never here: bytes or encodings (that is `header`), or what a trailer means.

use super::commit::Trailer;

/// The parts of a message. Nothing of it is lost: a line of the trailers' paragraph that is no trailer stays in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The first paragraph on one line.
    pub subject: String,
    /// The rest without its trailers; no blank lines around it.
    pub body: String,
    /// The trailers in order.
    pub trailers: Vec<Trailer>,
}

/// Takes a message apart as `git log --format='%s%n%b%n%(trailers)'` does.
pub fn parse(message: &str) -> Message {
    let mut lines = message.lines().map(str::trim_end).skip_while(|line| line.is_empty());
    let title: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let mut rest: Vec<&str> = lines.skip_while(|line| line.is_empty()).collect();
    while rest.last().is_some_and(|line| line.is_empty()) {
        rest.pop();
    }
    let start = rest.iter().rposition(|line| line.is_empty()).map_or(0, |blank| blank + 1);
    let (mut trailers, mut others) = (Vec::new(), Vec::new());
    if are_trailers(&rest[start..]) {
        (trailers, others) = split(&rest[start..]);
        rest.truncate(start);
    }
    rest.extend(others);
    while rest.last().is_some_and(|line| line.is_empty()) {
        rest.pop();
    }
    Message { subject: title.join(" "), body: rest.join("\n"), trailers }
}

/// Whether git takes the last paragraph for trailers (`git help interpret-trailers`): every line is one, or at least
/// one is of git's own making and a quarter of the lines or more are trailers. Continuation lines do not count.
fn are_trailers(paragraph: &[&str]) -> bool {
    let (mut trailers, mut others, mut made_by_git, mut in_trailer) = (0_usize, 0_usize, false, false);
    for line in paragraph {
        let generated = line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ");
        if generated || separator(line).is_some() {
            trailers += 1;
            made_by_git |= generated;
            in_trailer = true;
        } else if !(line.starts_with([' ', '\t']) && in_trailer || line.starts_with('#')) {
            others += 1;
            in_trailer = false;
        }
    }
    trailers > 0 && (others == 0 || made_by_git && trailers * 3 >= others)
}

/// The trailers of the paragraph, continuation lines joined with a blank, and the lines that are none.
fn split<'a>(paragraph: &[&'a str]) -> (Vec<Trailer>, Vec<&'a str>) {
    let (mut trailers, mut others) = (Vec::<Trailer>::new(), Vec::new());
    let mut in_trailer = false;
    for line in paragraph {
        if let Some(at) = separator(line) {
            trailers.push(Trailer { key: line[..at].trim().to_owned(), value: line[at + 1..].trim().to_owned() });
            in_trailer = true;
        } else if let Some(last) = trailers.last_mut().filter(|_| in_trailer && line.starts_with([' ', '\t'])) {
            last.value.push(' ');
            last.value.push_str(line.trim());
        } else {
            others.push(*line);
            in_trailer = false;
        }
    }
    (trailers, others)
}

/// Where the colon stands behind a trailer's key: letters, digits and hyphens, then perhaps blanks. An address on a line
/// of its own looks like one to git, too; to a person it is none.
fn separator(line: &str) -> Option<usize> {
    let colon = line.find(':')?;
    let key = line[..colon].trim_end_matches([' ', '\t']);
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_key && !line[colon + 1..].starts_with("//")).then_some(colon)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, subject: &str, body: &str, trailers: &[(&str, &str)]) {
        let trailers =
            trailers.iter().map(|(key, value)| Trailer { key: (*key).into(), value: (*value).into() }).collect();
        assert_eq!(parse(message), Message { subject: subject.into(), body: body.into(), trailers }, "{message:?}");
    }

    #[test]
    fn the_subject_is_the_first_paragraph_on_one_line() {
        check("", "", "", &[]);
        check("\n\n  one\n two \n\n\nbody\n  more\n\n", "one two", "body\n  more", &[]);
        check("one\r\n\r\nbody\r\n", "one", "body", &[]);
        check("Fixes: all\n", "Fixes: all", "", &[]);
    }

    #[test]
    fn trailers_leave_the_body() {
        let co = ("Co-authored-by", "B <b@x>");
        check("s\n\nbody\n\nCo-authored-by: B <b@x>\n", "s", "body", &[co]);
        check("s\n\nCo-authored-by: B <b@x>\n", "s", "", &[co]);
        check("s\n\nb\n\nKey : a\n  b\nOther:\n", "s", "b", &[("Key", "a b"), ("Other", "")]);
        check("s\n\nb\nKey: a\n", "s", "b\nKey: a", &[]);
        check("s\n\nb\n\nnote: this is prose\nnot a trailer\n", "s", "b\n\nnote: this is prose\nnot a trailer", &[]);
        check("s\n\nhttps://x.org/\n", "s", "https://x.org/", &[]);
    }

    #[test]
    fn a_line_that_git_wrote_makes_a_mixed_paragraph_one_of_trailers_and_nothing_is_lost() {
        check("s\n\nb\n\nprose\nSigned-off-by: A <a@x>\n", "s", "b\n\nprose", &[("Signed-off-by", "A <a@x>")]);
        let picked = "(cherry picked from commit 1234567)";
        check(&format!("s\n\nb\n\nA: b\n{picked}\n"), "s", &format!("b\n\n{picked}"), &[("A", "b")]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_apart_without_panic(text in "\\PC{0,20}(\n[ \tA-Za-z:#-]{0,12}){0,8}") {
            let _ = parse(&text);
        }
    }
}
