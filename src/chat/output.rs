//! What is kept of a command's output.
//!
//! In: what a terminal showed. Out: its end, a few lines without colours.
//! Never here: whether the command failed.

/// How much of a failed command's output is kept: enough for the error, which stands at the end.
const LINES: usize = 6;
const CHARS: usize = 600;

/// The end of a command's output, as it is kept of one that failed.
#[must_use]
pub fn end(text: &str) -> String {
    let text = without_escapes(text);
    let meaningful = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("Exit code ") && !line.starts_with("Error: Exit code ")
    };
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).filter(meaningful).rev().take(LINES).collect();
    lines.reverse();
    let output = lines.join("\n");
    let surplus = output.chars().count().saturating_sub(CHARS);
    output.chars().skip(surplus).collect()
}

/// Without colours and cursor movements (ECMA-48: ESC `[`, parameters, one final byte from `@` to `~`).
fn without_escapes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            if chars.next() == Some('[') {
                chars.find(|c| ('@'..='~').contains(c));
            }
        } else if c == '\n' || c == '\t' || !c.is_control() {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_output_the_end_is_kept() {
        let output = (0..100).map(|n| format!("{n} {}", "é".repeat(200))).collect::<Vec<_>>().join("\n");
        let kept = end(&output);
        assert_eq!(kept.chars().count(), CHARS);
        assert!(output.ends_with(&kept));
        assert_eq!(end("1\n2\n3\n4\n5\n6\n7\n8"), "3\n4\n5\n6\n7\n8");
    }
}
