//! What is kept of a command's output.
//!
//! In: what a terminal showed. Out: its end, without colours.
//! Never here: whether the command failed.

/// How much of the end of a failed command's output is kept, in bytes. Far more than will be shown: a key that begins
/// above what is shown must still be known for one when secrets are taken out.
const LONGEST: usize = 16 << 10;

/// The end of a command's output, as it is kept of one that failed.
#[must_use]
pub fn end(text: &str) -> String {
    let text = without_escapes(text);
    let meaningful = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("Exit code ") && !line.starts_with("Error: Exit code ")
    };
    let output = text.lines().map(str::trim_end).filter(meaningful).collect::<Vec<_>>().join("\n");
    let surplus = output.len().saturating_sub(LONGEST);
    let start = (surplus..output.len()).find(|at| output.is_char_boundary(*at)).unwrap_or(0);
    output[start..].to_owned()
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
        assert!(kept.len() <= LONGEST && kept.len() > LONGEST - 4, "{}", kept.len());
        assert!(output.ends_with(&kept));
    }
}
