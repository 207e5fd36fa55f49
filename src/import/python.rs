//! The daily files of the Python program: `daily/2025-07-21-journal.md`.
//!
//! In: such a file. Out: a part for each commit, reflection and working context.
//! Never here: its sections, whose names vary from month to month: they stay in the text.

use super::header;
use super::part::{Part, cut};

/// The parts of a file. Headers are `###`, in some months `##`; a date alone is somebody's own heading.
#[must_use]
pub fn parts(text: &str) -> Vec<Part> {
    cut(text, |line| {
        let heading = line.strip_prefix("### ").or_else(|| line.strip_prefix("## "))?;
        header::read(heading).filter(|header| header.labelled)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_commits_and_thoughts_is_cut_at_its_headers() {
        let text = "# Daily Journal Entries - July 21, 2025\n\n\
            ### 5:33 PM — Commit 68007b5fff5fe4df2933abc6e7cd3920571537ca\n\n#### Accomplishments\n\n- Completed: it\n\n\
            ## Commit Metadata\n\n- **files_changed:** 3\n\n---\n\n\
            ### 2025-07-21 — Commit\n\n```\n### 6:00 PM — Commit abcd1234\n```\n- **Commit hash:** `79a6c5af00`\n\n\
            ## 6:10 PM — Reflection\n\nslow down\n";
        let parts = parts(text);
        let told: Vec<_> = parts.iter().map(|part| (part.line, part.of_commit, part.commit.as_deref())).collect();
        let full = "68007b5fff5fe4df2933abc6e7cd3920571537ca";
        assert_eq!(told, [(3, true, Some(full)), (15, true, Some("79a6c5af00")), (22, false, None)]);
        assert!(parts[0].text.ends_with("- **files_changed:** 3"), "{}", parts[0].text);
        assert!(parts[1].text.contains("6:00 PM"), "what stands in a fence is no header");
        assert_eq!(parts[2].text, "## 6:10 PM — Reflection\n\nslow down");
    }

    #[test]
    fn words_before_the_first_header_are_kept() {
        let found = parts("# Daily Journal Entries - July 21, 2025\n\nmine\n\n### 5:33 PM — Commit abcd1234\n");
        assert_eq!(found[0].text, "# Daily Journal Entries - July 21, 2025\n\nmine");
        assert_eq!((found[0].line, found.len()), (1, 2));
    }
}
