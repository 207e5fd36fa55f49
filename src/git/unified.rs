//! Changed lines as a unified diff.
//!
//! In: both sides of a text. Out: hunks as `git diff` prints them, without the header that names the files and without the
//! name of the function behind `@@`. Never here: where the texts came from, or a cut.

use std::fmt::Write;
use std::ops::Range;

use gix::diff::blob::{Algorithm, Hunk, InternedInput, Token, diff_with_slider_heuristics};

/// How many unchanged lines stand around a change, as with git.
const AROUND: u32 = 3;

/// What git says of a last line without a line feed.
const OPEN: &str = "\\ No newline at end of file";

/// The hunks that lead from one text to the other; empty where they are equal.
#[must_use]
pub fn unified(old: &str, new: &str) -> String {
    let input = InternedInput::new(old.as_bytes(), new.as_bytes());
    let diff = diff_with_slider_heuristics(Algorithm::Myers, &input);
    let changes: Vec<Hunk> = diff.hunks().collect();
    let mut page = Page { input: &input, text: String::new() };
    // Changes whose surroundings meet are one hunk.
    for near in changes.chunk_by(|one, next| next.before.start - one.before.end <= 2 * AROUND) {
        page.hunk(near);
    }
    page.text
}

struct Page<'a> {
    input: &'a InternedInput<&'a [u8]>,
    text: String,
}

impl Page<'_> {
    /// One hunk of one or more changes; `near` is never empty.
    fn hunk(&mut self, near: &[Hunk]) {
        let (Some(first), Some(last)) = (near.first(), near.last()) else { return };
        let above = first.before.start.min(AROUND);
        let length = u32::try_from(self.input.before.len()).unwrap_or(u32::MAX);
        let below = (length - last.before.end).min(AROUND);
        let old = first.before.start - above..last.before.end + below;
        let new = first.after.start - above..last.after.end + below;
        let _ = writeln!(self.text, "@@ -{} +{} @@", place(&old), place(&new));
        let mut at = old.start;
        for change in near {
            self.lines(' ', &self.input.before, at..change.before.start);
            self.lines('-', &self.input.before, change.before.clone());
            self.lines('+', &self.input.after, change.after.clone());
            at = change.before.end;
        }
        self.lines(' ', &self.input.before, at..old.end);
    }

    fn lines(&mut self, sign: char, side: &[Token], range: Range<u32>) {
        for token in &side[range.start as usize..range.end as usize] {
            let line = String::from_utf8_lossy(self.input.interner[*token]);
            self.text.push(sign);
            self.text.push_str(&line);
            if !line.ends_with('\n') {
                self.text.push('\n');
                self.text.push_str(OPEN);
                self.text.push('\n');
            }
        }
    }
}

/// Lines as a hunk's head names them: the first and how many. Where there are none, the line before.
fn place(lines: &Range<u32>) -> String {
    match lines.end - lines.start {
        1 => format!("{}", lines.start + 1),
        0 => format!("{},0", lines.start),
        length => format!("{},{length}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(old: &str, new: &str, expected: &str) {
        assert_eq!(unified(old, new), expected);
    }

    #[test]
    fn hunks_are_those_of_git() {
        check("a\n", "a\n", "");
        check("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
        check("a\n", "", "@@ -1 +0,0 @@\n-a\n");
        check("a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
        check("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
        check("a\r\n", "a\n", "@@ -1 +1 @@\n-a\r\n+a\n");
    }

    #[test]
    fn changes_near_each_other_share_a_hunk_and_others_do_not() {
        let old = (0..20).map(|n| n.to_string()).collect::<Vec<_>>().join("\n") + "\n";
        let near = old.replace("5\n6\n", "5\nsix\n").replace("\n13\n", "\nthirteen\n");
        assert_eq!(unified(&old, &near).matches("@@ -").count(), 1);
        let far = old.replace("\n2\n", "\ntwo\n").replace("\n16\n", "\nsixteen\n");
        assert_eq!(unified(&old, &far).matches("@@ -").count(), 2);
    }

    /// Applies hunks, as `patch` would.
    fn apply(old: &str, hunks: &str) -> String {
        let lines: Vec<&str> = old.split_inclusive('\n').collect();
        let (mut text, mut at) = (String::new(), 0);
        let mut rest = hunks.lines().peekable();
        while let Some(line) = rest.next() {
            let open = rest.next_if(|next| *next == OPEN).is_some();
            let end = if open { "" } else { "\n" };
            if let Some(head) = line.strip_prefix("@@ -") {
                let (place, _) = head.split_once(' ').unwrap();
                let (start, length) = place.split_once(',').unwrap_or((place, "1"));
                let start: usize = start.parse().unwrap();
                let start = if length == "0" { start } else { start - 1 };
                text.extend(lines[at..start].iter().copied());
                at = start;
            } else if let Some(kept) = line.strip_prefix(' ') {
                assert_eq!(lines[at], format!("{kept}{end}"));
                text.push_str(lines[at]);
                at += 1;
            } else if let Some(gone) = line.strip_prefix('-') {
                assert_eq!(lines[at], format!("{gone}{end}"));
                at += 1;
            } else if let Some(new) = line.strip_prefix('+') {
                text.push_str(new);
                text.push_str(end);
            }
        }
        text.extend(lines[at..].iter().copied());
        text
    }

    proptest! {
        #[test]
        fn the_hunks_lead_from_one_text_to_the_other(old in "([a-c]{0,1}\n){0,30}[ab]?", new in "([a-c]{0,1}\n){0,30}[ab]?") {
            prop_assert_eq!(apply(&old, &unified(&old, &new)), new);
        }
    }
}
