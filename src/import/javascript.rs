//! The files of the JavaScript program, versions 1 and 2: `entries/`, `reflections/` and `context/`, one for each day.
//!
//! In: such a file. Out: a part for each commit, reflection and working context.
//! Never here: its sections, of which some repeat the commit's id and others do not: they stay in the text.

use super::header;
use super::part::{Part, cut};

/// The parts of a file. Headers are `##`, and a time alone is the header of a reflection.
#[must_use]
pub fn parts(text: &str) -> Vec<Part> {
    cut(text, |line| header::read(line.strip_prefix("## ")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(usize, Option<String>, String)> {
        parts(text).into_iter().map(|part| (part.line, part.commit, part.text)).collect()
    }

    #[test]
    fn entries_end_at_their_rule_and_words_below_it_stay_with_them() {
        let rule = "═══════════════════════════════════════";
        let first = "## 5:51:49 PM CDT - Commit: 85935521 - docs: add\n\n### Summary - 85935521\n\nIt was added.";
        let second = "## 10:15:32 AM CDT - Commit: 79a6c5a\n\n- **Hash**: 79a6c5af01234567";
        let text =
            format!("{first}\n\n{rule}\n\n{second}\n{rule}\nby hand\n\n## 5:31:24 PM CDT\n\na thought\n\n{rule}\n");
        assert_eq!(
            told(&text),
            [
                (1, Some("85935521".to_owned()), first.to_owned()),
                (9, Some("79a6c5af01234567".to_owned()), format!("{second}\n{rule}\nby hand")),
                (15, None, "## 5:31:24 PM CDT\n\na thought".to_owned()),
            ]
        );
    }

    #[test]
    fn a_fence_that_never_closes_does_not_swallow_the_next_entry() {
        let text = "## 1:00:00 PM CDT - Commit: aaaaaaaa\n```\n## 2:00:00 PM CDT - Commit: bbbbbbbb\r\nx\r\n";
        assert_eq!(told(text).len(), 2);
        assert_eq!(told(text)[1].2, "## 2:00:00 PM CDT - Commit: bbbbbbbb\nx");
    }
}
