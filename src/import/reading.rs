//! One file, by the program that wrote it.
//!
//! In: a file's text and kind. Out: its [`Part`]s. Never here: what a program's headers look like.

use super::files::Kind;
use super::part::Part;
use super::{javascript, python, summary};

/// The texts of one file. Each is the whole of what stands below one header, the header's own line included.
#[must_use]
pub fn parts(kind: Kind, text: &str) -> Vec<Part> {
    match kind {
        Kind::Python => python::parts(text),
        Kind::JavaScript => javascript::parts(text),
        Kind::Summary => summary::parts(text),
        Kind::Unknown => {
            let commits = |parts: &[Part]| parts.iter().filter(|part| part.of_commit).count();
            let (python, javascript) = (python::parts(text), javascript::parts(text));
            let parts = if commits(&python) > commits(&javascript) { python } else { javascript };
            if commits(&parts) == 0 { vec![] } else { parts }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::part;
    use super::*;

    const KINDS: [Kind; 4] = [Kind::Python, Kind::JavaScript, Kind::Summary, Kind::Unknown];

    fn words(text: &str) -> Vec<&str> {
        // Titles and rules are the program's.
        let kept = |line: &&str| !part::is_frame(line);
        text.lines().filter(kept).flat_map(str::split_whitespace).collect()
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec![
                "## 5:51:49 PM CDT - Commit: 85935521 - docs: x",
                "### 5:33 PM — Commit 68007b5fff5fe4df2933abc6e7cd3920571537ca",
                "### 2025-07-21 — Commit",
                "## 5:31:24 PM CDT",
                "# Daily Journal Entries - July 21, 2025",
                "# Daily Journal Entries ",
                "═══════════════════════════════════════",
                "---",
                "```",
                "### Summary - 85935521",
                "- **Hash**: 79a6c5af",
                "<!-- commit-story:end -->",
                "",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
            "[ #:a-f0-9—-]{0,20}",
        ]
    }

    proptest! {
        #[test]
        fn no_word_is_lost_whatever_the_file_says(lines in prop::collection::vec(line(), 0..20)) {
            let text = lines.join("\n");
            for kind in KINDS {
                let parts = parts(kind, &text);
                if parts.is_empty() {
                    continue;
                }
                let kept = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n");
                prop_assert_eq!(words(&kept), words(&text), "{:?}", kind);
                for part in &parts {
                    let first = part.text.lines().next().unwrap_or_default();
                    prop_assert_eq!(text.split('\n').nth(part.line - 1).map(str::trim), Some(first.trim()));
                }
            }
        }
    }
}
